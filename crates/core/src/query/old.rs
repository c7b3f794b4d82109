//! What a person types into the search box, read into terms. Pure; the store compiles it to SQL.
//!
//! For now: words, `"quoted phrases"`, and CVE ids. All terms must be found. The last word counts as a
//! beginning while it is being typed. Any text is a valid query.

/// A parsed query: all of its terms must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// The terms in the order in which they were typed.
    pub terms: Vec<Term>,
}

/// One condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Term {
    /// A word or phrase in title, text or products.
    Text {
        /// As typed, without quotes; has a letter or digit.
        text: String,
        /// Whether it is only the beginning of a word.
        prefix: bool,
    },
    /// A CVE id: exact where it is complete, else all that begin with it. Upper case.
    Cve(String),
}

/// Reads what was typed.
#[must_use]
pub fn parse(input: &str) -> Query {
    let mut terms = Vec::new();
    let mut rest = input;
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return Query { terms };
        }
        let (text, quoted, after) = next_token(rest);
        let is_last = after.is_empty();
        rest = after;
        if !text.chars().any(char::is_alphanumeric) {
            continue;
        }
        let upper = text.to_ascii_uppercase();
        terms.push(if !quoted && is_cve_start(&upper) {
            Term::Cve(upper)
        } else {
            Term::Text {
                text: text.to_owned(),
                prefix: !quoted && is_last,
            }
        });
    }
}

/// Whether a CVE id has its number: `CVE-2026-1234`.
#[must_use]
pub fn is_complete_cve(id: &str) -> bool {
    id.strip_prefix("CVE-")
        .and_then(|rest| rest.split_once('-'))
        .is_some_and(|(year, number)| {
            year.len() == 4 && number.len() >= 4 && [year, number].iter().all(|p| is_digits(p))
        })
}

fn next_token(rest: &str) -> (&str, bool, &str) {
    if let Some(inner) = rest.strip_prefix('"') {
        return match inner.split_once('"') {
            Some((text, after)) => (text, true, after),
            None => (inner, true, ""),
        };
    }
    let end = rest
        .find(|c: char| c.is_whitespace() || c == '"')
        .unwrap_or(rest.len());
    (&rest[..end], false, &rest[end..])
}

fn is_cve_start(upper: &str) -> bool {
    let Some(rest) = upper.strip_prefix("CVE-") else {
        return false;
    };
    match rest.split_once('-') {
        None => is_digits(rest) && rest.len() <= 4,
        Some((year, number)) => year.len() == 4 && is_digits(year) && is_digits(number),
    }
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str, prefix: bool) -> Term {
        Term::Text {
            text: text.into(),
            prefix,
        }
    }

    #[test]
    fn any_text_is_a_query_of_words_phrases_and_cve_ids() {
        for (input, expect) in [
            ("", vec![]),
            ("   ", vec![]),
            ("\"", vec![]),
            ("-- * ()", vec![]),
            ("nginx", vec![text("nginx", true)]),
            ("nginx ", vec![text("nginx", false)]),
            ("http ser", vec![text("http", false), text("ser", true)]),
            (
                "\"remote code\" apa",
                vec![text("remote code", false), text("apa", true)],
            ),
            ("\"open", vec![text("open", false)]),
            ("cve-2026-21413", vec![Term::Cve("CVE-2026-21413".into())]),
            ("CVE-20", vec![Term::Cve("CVE-20".into())]),
            ("cve-2026-x", vec![text("cve-2026-x", true)]),
            (
                "x' OR 1=1 --",
                vec![text("x'", false), text("OR", false), text("1=1", false)],
            ),
        ] {
            assert_eq!(parse(input).terms, expect, "{input:?}");
        }
    }

    #[test]
    fn a_cve_id_is_complete_with_four_digits_of_number() {
        assert!(is_complete_cve("CVE-2026-0001"));
        assert!(!is_complete_cve("CVE-2026-001"));
        assert!(!is_complete_cve("CVE-2026"));
    }
}
