//! Versions as spans: what the team runs (`2.4.1`, `2.4.x`, `>=2.0 <2.4`), what sources and texts state,
//! and whether two of them meet.

use std::cmp::Ordering;

use crate::{VersionRange, compare_versions};

/// The longest version, in characters.
const LONGEST_VERSION: usize = 64;

/// A span of versions; an end that is `None` is open, the flag says whether the end belongs to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Span {
    pub low: Option<(String, bool)>,
    pub high: Option<(String, bool)>,
}

impl Span {
    pub fn one(version: &str) -> Self {
        let end = Some((version.to_owned(), true));
        Self {
            low: end.clone(),
            high: end,
        }
    }

    pub fn between(low: &str, high: &str, is_high_in: bool) -> Self {
        Self {
            low: Some((low.to_owned(), true)),
            high: Some((high.to_owned(), is_high_in)),
        }
    }

    pub fn from(low: &str, is_in: bool) -> Self {
        Self {
            low: Some((low.to_owned(), is_in)),
            high: None,
        }
    }

    pub fn until(high: &str, is_in: bool) -> Self {
        Self {
            low: None,
            high: Some((high.to_owned(), is_in)),
        }
    }

    /// All versions that begin with these numbers: `2.4` of `2.4.x`.
    pub fn series(beginning: &str) -> Option<Self> {
        let (head, last) = match beginning.rsplit_once('.') {
            Some((head, last)) => (Some(head), last),
            None => (None, beginning),
        };
        let next = last.parse::<u64>().ok()?.checked_add(1)?;
        let end = head.map_or_else(|| next.to_string(), |head| format!("{head}.{next}"));
        Some(Self::between(beginning, &end, false))
    }

    /// Reads what the team wrote; `None` where it is no version.
    pub fn of_team(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.chars().count() > LONGEST_VERSION {
            return None;
        }
        if !text.starts_with(['<', '>', '=']) {
            return of_one(text);
        }
        let mut span = Self::default();
        let mut rest = text;
        while !rest.is_empty() {
            let (operator, behind) = [">=", "<=", "==", ">", "<", "="]
                .into_iter()
                .find_map(|operator| Some((operator, rest.strip_prefix(operator)?.trim_start())))?;
            let end = behind
                .find(|c: char| c.is_whitespace() || matches!(c, ',' | '<' | '>' | '='))
                .unwrap_or(behind.len());
            let (version, behind) = behind.split_at(end);
            if !is_version(version) {
                return None;
            }
            match operator {
                ">=" | ">" if span.low.is_none() => {
                    span.low = Some((version.to_owned(), operator == ">="));
                }
                "<=" | "<" if span.high.is_none() => {
                    span.high = Some((version.to_owned(), operator == "<="));
                }
                "=" | "==" if span == Self::default() && behind.trim().is_empty() => {
                    span = Self::one(version);
                }
                _ => return None,
            }
            rest = behind.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
        }
        span.is_possible().then_some(span)
    }

    /// Reads what a source states.
    pub fn of_range(range: &VersionRange) -> Self {
        if let Some(version) = &range.exactly {
            return Self::one(version);
        }
        let end = |closed: &Option<String>, open: &Option<String>| {
            let of = |end: &Option<String>, is_in| end.clone().map(|version| (version, is_in));
            of(closed, true).or_else(|| of(open, false))
        };
        let high = match &range.through {
            // `through 6.1.*`: the whole series.
            Some(through) => match of_one(through) {
                Some(series) => series.high,
                None => end(&range.through, &range.before),
            },
            None => end(&range.through, &range.before),
        };
        Self {
            low: end(&range.from, &range.after),
            high,
        }
    }

    /// Whether there are versions in both.
    pub fn meets(&self, other: &Self) -> bool {
        let low = tighter(&self.low, &other.low, Ordering::Greater);
        let high = tighter(&self.high, &other.high, Ordering::Less);
        is_possible(low, high)
    }

    fn is_possible(&self) -> bool {
        is_possible(self.low.as_ref(), self.high.as_ref())
    }
}

type End = Option<(String, bool)>;

/// Of two lower ends the greater, of two upper ends the less; of equal ones that which leaves it out.
fn tighter<'a>(one: &'a End, other: &'a End, wanted: Ordering) -> Option<&'a (String, bool)> {
    let (Some(a), Some(b)) = (one, other) else {
        return one.as_ref().or(other.as_ref());
    };
    let order = compare_versions(&a.0, &b.0);
    Some(if order == wanted || (order == Ordering::Equal && !a.1) {
        a
    } else {
        b
    })
}

fn is_possible(low: Option<&(String, bool)>, high: Option<&(String, bool)>) -> bool {
    let (Some((low, is_low_in)), Some((high, is_high_in))) = (low, high) else {
        return true;
    };
    match compare_versions(low, high) {
        Ordering::Less => true,
        Ordering::Equal => *is_low_in && *is_high_in,
        Ordering::Greater => false,
    }
}

/// One version, or a series: `2.4.x`, `2.*`.
fn of_one(text: &str) -> Option<Span> {
    for end in [".x", ".X", ".*"] {
        if let Some(beginning) = text.strip_suffix(end) {
            return Span::series(beginning.trim_start_matches(['v', 'V']));
        }
    }
    is_version(text).then(|| Span::one(text.trim_start_matches(['v', 'V'])))
}

fn is_version(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_digit()) && !text.contains(['<', '>', '=', '*'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meets(team: &str, other: &str) -> bool {
        Span::of_team(team)
            .unwrap()
            .meets(&Span::of_team(other).unwrap())
    }

    #[test]
    fn what_the_team_runs_is_read() {
        for (text, expect) in [
            ("2.4.1", Some(Span::one("2.4.1"))),
            (" v2.4.1 ", Some(Span::one("2.4.1"))),
            ("1.0 rc1", Some(Span::one("1.0 rc1"))),
            ("2024-01", Some(Span::one("2024-01"))),
            ("2.4.x", Some(Span::between("2.4", "2.5", false))),
            ("9.*", Some(Span::between("9", "10", false))),
            (">=2.0 <2.4", Some(Span::between("2.0", "2.4", false))),
            (">= 2.0, <= 2.4", Some(Span::between("2.0", "2.4", true))),
            (">3", Some(Span::from("3", false))),
            ("<=3", Some(Span::until("3", true))),
            ("= 3.1", Some(Span::one("3.1"))),
            ("", None),
            ("any", None),
            (">=", None),
            (">=2 >=3", None),
            (">=3 <2", None),
            ("=1 =2", None),
            (">2 <2", None),
            ("*", None),
            (".x", None),
        ] {
            assert_eq!(Span::of_team(text), expect, "{text:?}");
        }
        assert_eq!(Span::of_team(&"1".repeat(65)), None);
    }

    #[test]
    fn spans_meet_where_a_version_is_in_both() {
        for (one, other, expect) in [
            ("2.4.1", "<2.4.0", false),
            ("2.4.1", "<2.4.1", false),
            ("2.4.1", "<=2.4.1", true),
            ("2.4.1", ">=2.4 <2.5", true),
            ("2.4.x", "2.4.57", true),
            ("2.4.x", "2.5", false),
            (">=2.0 <2.4", ">=2.4", false),
            (">=2.0 <=2.4", ">=2.4", true),
            (">=2.0 <2.4", "<1", false),
            (">2", "<=2", false),
            (">=2", "<=2", true),
        ] {
            assert_eq!(meets(one, other), expect, "{one} {other}");
            assert_eq!(meets(other, one), expect, "{other} {one}");
        }
    }
}
