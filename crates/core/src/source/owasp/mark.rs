//! How an entry of a list is marked: `A01:2025 - Broken Access Control`, `A1:2017-Injection`,
//! `A01_2025-Broken_Access_Control`, `API1:2023 Broken ...`, `0xa1-broken-object-level-authorization`.

use crate::settings::OwaspList;

/// A mark that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// 1 ... 10.
    pub rank: u32,
    /// `2025`, where it is said.
    pub year: Option<String>,
    /// What follows: the name.
    pub rest: String,
}

/// What stands between the parts of a mark.
const JOINTS: &[char] = &[
    ':', '_', '-', ' ', '\u{a0}', '\u{2013}', '\u{2014}', '.', '|', '(', '[',
];

/// The mark that a text begins with.
pub(super) fn in_text(text: &str, list: OwaspList) -> Option<Mark> {
    let text = text.trim();
    let head = match list {
        OwaspList::Top10 => "A",
        OwaspList::Api => "API",
    };
    let begins = text.get(..head.len())?.eq_ignore_ascii_case(head);
    let after = begins.then(|| &text[head.len()..])?;
    let digits = after.bytes().take_while(u8::is_ascii_digit).count();
    if !(1..=2).contains(&digits) {
        return None;
    }
    let rank: u32 = after[..digits].parse().ok()?;
    let after = &after[digits..];
    if !(1..=10).contains(&rank) || after.starts_with(|c: char| c.is_alphanumeric()) {
        return None;
    }
    let rest = after.trim_start_matches(JOINTS);
    let year = rest.get(..4).filter(|y| is_year(y)).map(ToOwned::to_owned);
    let rest = match &year {
        Some(_) => rest[4..]
            .trim_start_matches([')', ']'])
            .trim_start_matches(JOINTS),
        None => rest,
    };
    Some(Mark {
        rank,
        year,
        rest: rest.trim_end_matches(['¶', '#', ' ']).trim().to_owned(),
    })
}

/// The mark that the last part of an address is.
pub(super) fn in_segment(segment: &str, list: OwaspList) -> Option<Mark> {
    if let Some(rest) = segment.strip_prefix("0xa") {
        let (digit, name) = (rest.chars().next()?, rest.get(1..)?);
        let rank = digit.to_digit(16).filter(|r| (1..=10).contains(r))?;
        return name.strip_prefix('-').map(|name| Mark {
            rank,
            year: None,
            rest: name.to_owned(),
        });
    }
    in_text(segment, list)
}

/// The last year in a path.
pub(super) fn year_in(path: &str) -> Option<String> {
    path.split(|c: char| !c.is_ascii_digit())
        .rfind(|s| is_year(s))
        .map(ToOwned::to_owned)
}

fn is_year(text: &str) -> bool {
    text.len() == 4 && text.starts_with("20") && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_read_in_all_their_forms() {
        let check = |mark: Option<Mark>, expect: Option<(u32, Option<&str>, &str)>| {
            let mark = mark.map(|m| (m.rank, m.year, m.rest));
            let expect = expect.map(|(r, y, n)| (r, y.map(str::to_owned), n.to_owned()));
            assert_eq!(mark, expect);
        };
        use OwaspList::{Api, Top10};
        for (text, expect) in [
            (
                "A01:2025 - Broken Access Control",
                Some((1, Some("2025"), "Broken Access Control")),
            ),
            ("a1:2017-Injection", Some((1, Some("2017"), "Injection"))),
            ("A10 Flaw ¶", Some((10, None, "Flaw"))),
            (
                "A03 (2021) | Injection",
                Some((3, Some("2021"), "Injection")),
            ),
            ("A00:2021 Introduction", None),
            ("A11:2021 Next Steps", None),
            ("X01:2025 Next Steps", None),
            ("A1B", None),
            ("API1:2023 x", None),
            ("é", None),
        ] {
            check(in_text(text, Top10), expect);
        }
        check(in_text("API10:2019 x", Api), Some((10, Some("2019"), "x")));
        check(in_text("A1:2019 x", Api), None);
        check(in_segment("0xaa-unsafe", Api), Some((10, None, "unsafe")));
        check(in_segment("0xa0-header", Api), None);
        check(in_segment("0xb0-next-devs", Top10), None);
        check(
            in_segment("A05_2025-Injection", Top10),
            Some((5, Some("2025"), "Injection")),
        );
    }
}
