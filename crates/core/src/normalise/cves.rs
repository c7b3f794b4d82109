//! CVE ids in text.

use std::collections::BTreeSet;

/// The CVE ids that texts name: upper case, sorted, each once. Any dash is taken for a hyphen, because
/// publishing systems replace it.
#[must_use]
pub fn named_cves<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut found = BTreeSet::new();
    for text in texts {
        let bytes = text.as_bytes();
        for (at, _) in bytes
            .windows(3)
            .enumerate()
            .filter(|(_, w)| w.eq_ignore_ascii_case(b"CVE"))
        {
            let starts_word = at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
            if starts_word && let Some(id) = id_after(&text[at + 3..]) {
                found.insert(id);
            }
        }
    }
    found.into_iter().collect()
}

/// Reads `-2024-1234` at the start of a text.
fn id_after(text: &str) -> Option<String> {
    let year_on = text.strip_prefix(is_hyphen)?;
    let year = year_on.get(..4).filter(|y| is_digits(y))?;
    let number_on = year_on[4..].strip_prefix(is_hyphen)?;
    let digits = number_on.bytes().take_while(u8::is_ascii_digit).count();
    let number = &number_on[..digits];
    let ends_word = !number_on[digits..].starts_with(|c: char| c.is_ascii_alphabetic());
    ((4..=19).contains(&digits) && ends_word).then(|| format!("CVE-{year}-{number}"))
}

fn is_hyphen(c: char) -> bool {
    matches!(
        c,
        '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe63}' | '\u{ff0d}'
    )
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

/// The canonical form of a CVE id (cve.org: four to nineteen digits after the year).
pub(super) fn cve_id(text: &str) -> Option<String> {
    let text = text.trim();
    let head = text.get(..3).filter(|h| h.eq_ignore_ascii_case("CVE"))?;
    let id = id_after(&text[head.len()..])?;
    (id.chars().count() == text.chars().count()).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_in_any_writing() {
        let text = "cve-2024-1234, (CVE\u{2011}2024\u{2011}99999) CVE-2024-1234/CVE-2023-0001. \
                    xCVE-2020-1111 CVE-2020-111 CVE-20-1111 CVE-2020-1111x CVE- CVE-2021-12345678901234567890";
        assert_eq!(
            named_cves([text]),
            ["CVE-2023-0001", "CVE-2024-1234", "CVE-2024-99999"]
        );
        assert_eq!(
            cve_id(" cve-2026-21413 ").as_deref(),
            Some("CVE-2026-21413")
        );
        for bad in ["CVE-2026-1", "CVE-2026-21413 x", "GHSA-1", "", "é", "CVE"] {
            assert_eq!(cve_id(bad), None, "{bad}");
        }
    }
}
