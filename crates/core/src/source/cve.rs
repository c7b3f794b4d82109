//! How a file that speaks of CVEs names them.

/// A CVE id in upper case (cve.org: four to nineteen digits after the year).
pub(super) fn cve_id(text: &str) -> Option<String> {
    let id = text.trim().to_ascii_uppercase();
    let (year, number) = id.strip_prefix("CVE-")?.split_once('-')?;
    let is_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let is_one =
        year.len() == 4 && (4..=19).contains(&number.len()) && is_digits(year) && is_digits(number);
    is_one.then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_whole_or_none() {
        assert_eq!(cve_id(" cve-2026-0001 ").as_deref(), Some("CVE-2026-0001"));
        for bad in [
            "",
            "CVE-2026-1",
            "CVE-26-1234",
            "CVE-2026-1234x",
            "CVE-2026-12345678901234567890",
            "é",
        ] {
            assert_eq!(cve_id(bad), None, "{bad}");
        }
    }
}
