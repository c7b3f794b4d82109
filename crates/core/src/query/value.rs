//! Words and values, as typed, into terms.

use std::ops::Range as Place;

use super::ast::{FacetValue, Id, Phrase, Range, Term};
use super::date::{self, Span};
use super::error::{QueryError, Reason};
use super::field::{Field, Operator, SEVERITIES, choices, has_names, nearest};
use super::lex::Raw;
use super::parse::excerpt;
use super::tokens;
use crate::model::{Facet, Flag, Measure, Moment, normal_value};

/// A bare word or a phrase. `being_typed`: nothing follows it, so it may be a beginning.
pub fn word(raw: &Raw, being_typed: bool) -> Result<Term, QueryError> {
    if !raw.quoted
        && let Some(id) = bare_cve(&raw.text, raw.star)
    {
        return Ok(Term::Cve(vec![id]));
    }
    let is_open = raw.place.end == raw.inner + raw.text.chars().count();
    let unfinished = being_typed && is_open && !raw.text.ends_with(char::is_whitespace);
    let mut phrase = phrase(raw)?;
    phrase.prefix |= unfinished;
    Ok(Term::Text {
        column: None,
        phrases: vec![phrase],
    })
}

/// A field with its values, and whether it is negated (`!=`).
pub fn field(
    field: Field,
    name: &Place<usize>,
    operator: Operator,
    operator_place: &Place<usize>,
    values: &[Raw],
) -> Result<(Term, bool), QueryError> {
    if !field.operators().contains(&operator) {
        return Err(not_taken(field, operator, operator_place));
    }
    if operator.compares()
        && let [first, .., last] = values
    {
        let message = format!(
            "{} compares with one value, not with a list",
            operator.as_str()
        );
        let place = first.place.start..last.place.end;
        return Err(QueryError::new(place, Reason::OperatorNotTaken, message));
    }
    let term = match field {
        Field::Column(column) => Term::Text {
            column: Some(column),
            phrases: each(values, phrase)?,
        },
        Field::Id => Term::Id(each(values, uid)?),
        Field::Cve => Term::Cve(each(values, cve)?),
        Field::Flag(flag) => yes_or_no(flag, values)?,
        Field::Measure(measure) => Term::Measure {
            field: measure,
            ranges: each(values, |raw| range(measure, raw, operator))?,
        },
        Field::Moment(moment) => Term::Moment {
            field: moment,
            spans: each(values, |raw| span(moment, raw, operator))?,
        },
        Field::Facet(Facet::Severity) if operator.compares() => severities(name, operator, values)?,
        Field::Facet(facet) => {
            let exactly = operator != Operator::Has && has_names(facet);
            Term::Facet {
                field: facet,
                exactly,
                values: each(values, |raw| facet_value(facet, raw, exactly))?,
            }
        }
    };
    Ok((term, operator == Operator::IsNot))
}

fn each<T>(
    values: &[Raw],
    read: impl Fn(&Raw) -> Result<T, QueryError>,
) -> Result<Vec<T>, QueryError> {
    values.iter().map(read).collect()
}

fn not_taken(field: Field, operator: Operator, place: &Place<usize>) -> QueryError {
    let takes: Vec<&str> = field.operators().iter().map(|o| o.as_str()).collect();
    let message = format!(
        "\"{}\" does not take {}; write {}",
        field.as_str(),
        operator.as_str(),
        takes
            .iter()
            .map(|operator| format!("{}{operator}", field.as_str()))
            .collect::<Vec<_>>()
            .join(" or "),
    );
    QueryError::new(place.clone(), Reason::OperatorNotTaken, message).expecting(takes)
}

fn phrase(raw: &Raw) -> Result<Phrase, QueryError> {
    if tokens::words(&raw.text).is_empty() {
        let message = match raw.text.as_str() {
            "&&" | "&" => "to ask for both, write AND or nothing between them".to_owned(),
            "||" | "|" => "to ask for one of them, write OR".to_owned(),
            "" if raw.star => {
                "a * alone finds nothing in particular; the empty query is everything".to_owned()
            }
            text if text.starts_with(['<', '>', '=', '!', ':']) => {
                format!(
                    "\"{}\" stands alone; write cvss>7 without spaces",
                    excerpt(text)
                )
            }
            text => format!("\"{}\" has no letter or digit to search for", excerpt(text)),
        };
        return Err(QueryError::new(
            raw.place.clone(),
            Reason::NothingToSearch,
            message,
        ));
    }
    Ok(Phrase {
        text: raw.text.clone(),
        prefix: raw.star,
    })
}

fn uid(raw: &Raw) -> Result<Id, QueryError> {
    let text = raw.text.trim();
    if text.is_empty() {
        return Err(bad_star(raw, "an id needs its beginning before the *"));
    }
    Ok(Id {
        id: text.to_owned(),
        prefix: raw.star,
    })
}

fn cve(raw: &Raw) -> Result<Id, QueryError> {
    let text = plain_hyphens(raw.text.trim());
    let text = text.strip_prefix("CVE-").unwrap_or(&text);
    let Some(is_whole) = cve_number(text).filter(|_| !text.is_empty()) else {
        let message = format!(
            "\"{}\" is no CVE id; write CVE-2026-12345, or its beginning: CVE-2026*",
            excerpt(&raw.text)
        );
        return Err(
            QueryError::new(raw.place.clone(), Reason::BadValue, message)
                .expecting(["CVE-2026-12345", "CVE-2026*"]),
        );
    };
    Ok(Id {
        id: format!("CVE-{text}"),
        prefix: raw.star || is_whole.is_none(),
    })
}

/// A CVE id, or the beginning of one, that stands without a field.
pub fn bare_cve(text: &str, star: bool) -> Option<Id> {
    let id = plain_hyphens(text.trim_end_matches([',', ';', '.', ':']));
    let digits = cve_number(id.strip_prefix("CVE-")?)?;
    let is_whole = digits.is_some_and(|digits| digits >= 4);
    Some(Id {
        prefix: star || !is_whole,
        id,
    })
}

/// Whether what follows `CVE-` is a year and a number, or the beginning of that: `None` = neither,
/// `Some(None)` = no digit of the number yet, else how many.
#[expect(clippy::option_option, reason = "three answers, named above")]
fn cve_number(text: &str) -> Option<Option<usize>> {
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    match text.split_once('-') {
        None => (digits(text) && text.len() <= 4).then_some(None),
        Some((year, number)) => (year.len() == 4 && digits(year) && digits(number))
            .then_some(Some(number.len()).filter(|digits| *digits > 0)),
    }
}

/// In upper case, and with the hyphen of the keyboard: ids are pasted from typeset pages.
fn plain_hyphens(text: &str) -> String {
    text.to_ascii_uppercase()
        .replace(|c| matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}'), "-")
}

fn yes_or_no(flag: Flag, values: &[Raw]) -> Result<Term, QueryError> {
    let bad = |raw: &Raw, found: &str| {
        let message = format!("\"{}\" is true or false{found}", flag.as_str());
        QueryError::new(raw.place.clone(), Reason::BadValue, message).expecting(["true", "false"])
    };
    let [raw] = values else {
        let last = values.last().ok_or_else(|| {
            QueryError::new(0..0, Reason::EmptyValue, "a value is missing".to_owned())
        })?;
        return Err(bad(last, ", not a list"));
    };
    let is = match raw.text.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "1" if !raw.star => true,
        "false" | "no" | "0" if !raw.star => false,
        _ => return Err(bad(raw, &format!(", not \"{}\"", excerpt(&raw.text)))),
    };
    Ok(Term::Flag { field: flag, is })
}

fn range(measure: Measure, raw: &Raw, operator: Operator) -> Result<Range, QueryError> {
    if is_any(raw) && !operator.compares() {
        return Ok(Range::ANY);
    }
    no_star(raw)?;
    Range::parse(measure, &raw.text, operator, raw.inner)
}

fn span(_: Moment, raw: &Raw, operator: Operator) -> Result<Span, QueryError> {
    if is_any(raw) && !operator.compares() {
        return Ok(Span::Any);
    }
    if raw.star {
        let message = "a date takes no *; 2026 is that year, 2026-11 that month".to_owned();
        return Err(
            QueryError::new(raw.place.clone(), Reason::BadStar, message).expecting(date::SAMPLES)
        );
    }
    Span::parse(&raw.text, operator, raw.inner)
}

fn severities(name: &Place<usize>, operator: Operator, values: &[Raw]) -> Result<Term, QueryError> {
    let mut levels = Vec::new();
    for raw in values {
        let FacetValue::Named { text, .. } = facet_value(Facet::Severity, raw, false)? else {
            let message = "severity compares with low, medium or high".to_owned();
            return Err(
                QueryError::new(raw.place.clone(), Reason::BadValue, message).expecting(SEVERITIES),
            );
        };
        let at = SEVERITIES.iter().position(|level| *level == text);
        for (i, level) in SEVERITIES.into_iter().enumerate() {
            let fits = match operator {
                Operator::Less => Some(i) < at,
                Operator::AtMost => Some(i) <= at,
                Operator::More => Some(i) > at,
                _ => Some(i) >= at,
            };
            if fits {
                levels.push(FacetValue::Named {
                    text: level.to_owned(),
                    prefix: false,
                });
            }
        }
    }
    if levels.is_empty() {
        let place = name.start..values.last().map_or(name.end, |raw| raw.place.end);
        let message =
            "no level of severity is beyond that; they are low, medium and high".to_owned();
        return Err(QueryError::new(place, Reason::BadRange, message));
    }
    Ok(Term::Facet {
        field: Facet::Severity,
        exactly: false,
        values: levels,
    })
}

fn facet_value(facet: Facet, raw: &Raw, exactly: bool) -> Result<FacetValue, QueryError> {
    if is_any(raw) {
        return Ok(FacetValue::Any);
    }
    if !has_names(facet) {
        no_star(raw)?;
    }
    if exactly && raw.star {
        let hint = format!("= asks for the whole value; write {}:", facet.as_str());
        return Err(bad_star(raw, &hint));
    }
    let normal = normal_value(&raw.text);
    let text = match facet {
        Facet::Severity | Facet::Kind | Facet::State => choice(facet, raw, &normal)?,
        Facet::Cwe => weakness(raw, &normal)?,
        Facet::Owasp => risk(raw, &normal)?,
        _ => raw.text.trim().to_owned(),
    };
    if facet == Facet::Severity && text == "none" {
        return Ok(FacetValue::Missing);
    }
    Ok(FacetValue::Named {
        text,
        prefix: raw.star,
    })
}

/// One of the words that a facet can have.
fn choice(facet: Facet, raw: &Raw, normal: &str) -> Result<String, QueryError> {
    let all = choices(facet).unwrap_or_default();
    let word = normal.replace(' ', "_");
    if all.contains(&word.as_str()) {
        return Ok(word);
    }
    let hint = match nearest(&word, all.iter().copied()) {
        Some(near) => format!(" Did you mean \"{near}\"?"),
        None if facet == Facet::Severity && word == "critical" => {
            " Did you mean \"high\", or cvss>=9?".to_owned()
        }
        None => String::new(),
    };
    let message = format!(
        "\"{}\" is no {}; it is one of {}.{hint}",
        excerpt(&raw.text),
        facet.as_str(),
        all.join(", ")
    );
    Err(
        QueryError::new(raw.place.clone(), Reason::BadValue, message)
            .expecting(all.iter().copied()),
    )
}

fn weakness(raw: &Raw, normal: &str) -> Result<String, QueryError> {
    let number = normal.strip_prefix("cwe").unwrap_or(normal).trim_start();
    if number.len() <= 6
        && number.bytes().all(|b| b.is_ascii_digit())
        && let Ok(number) = number.parse::<u32>()
    {
        return Ok(format!("CWE-{number}"));
    }
    let message = format!("\"{}\" is no CWE; write 79 or CWE-79", excerpt(&raw.text));
    Err(QueryError::new(raw.place.clone(), Reason::BadValue, message).expecting(["79", "CWE-79"]))
}

/// `a3`, `A03:2021`, `api1:2023`: without a year of the newest edition that is collected.
fn risk(raw: &Raw, normal: &str) -> Result<String, QueryError> {
    let (code, edition) = match normal.split_once(' ') {
        Some((code, edition)) => (code, Some(edition)),
        None => (normal, None),
    };
    let rank = |digits: &str| match digits.parse::<u32>() {
        Ok(rank @ 1..=10) if digits.len() <= 2 && !digits.starts_with('+') => Some(rank),
        _ => None,
    };
    let code = match code.strip_prefix("api") {
        Some(digits) => rank(digits).map(|rank| format!("API{rank}")),
        None => code
            .strip_prefix('a')
            .and_then(rank)
            .map(|rank| format!("A{rank:02}")),
    };
    let is_year = |e: &str| e.len() == 4 && e.bytes().all(|b| b.is_ascii_digit());
    match (code, edition) {
        (Some(code), None) => Ok(code),
        (Some(code), Some(edition)) if is_year(edition) => Ok(format!("{code}:{edition}")),
        _ => {
            let message = format!(
                "\"{}\" is not of an OWASP Top 10; write A01 to A10, A03:2021 or API1",
                excerpt(&raw.text)
            );
            Err(
                QueryError::new(raw.place.clone(), Reason::BadValue, message)
                    .expecting(["A01", "A10"]),
            )
        }
    }
}

fn is_any(raw: &Raw) -> bool {
    raw.star && raw.text.trim().is_empty()
}

fn no_star(raw: &Raw) -> Result<(), QueryError> {
    if raw.star {
        return Err(bad_star(
            raw,
            "a * cannot stand behind this value; alone it means any",
        ));
    }
    Ok(())
}

fn bad_star(raw: &Raw, message: &str) -> QueryError {
    QueryError::new(raw.place.clone(), Reason::BadStar, message.to_owned())
}
