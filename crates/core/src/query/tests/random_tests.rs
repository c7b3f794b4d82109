//! Random queries, random garbage, random alerts: what must hold for all of them.

use std::ops::Bound;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

use super::ast::{Expr, FacetValue, Id, Phrase, Query, Range, Term};
use super::date::{Date, Span, Unit};
use super::field::{KINDS, Operator, SEVERITIES, STATES, has_names};
use super::node::Column;
use super::*;
use crate::model::{Measure, Moment};

const WORDS: &[&str] = &[
    "nginx",
    "remote",
    "code",
    "log4j-core",
    "C++",
    ".NET",
    "OR",
    "NOT",
    "-x",
    "--x",
    "a b",
    "é",
    "É",
    "http://x",
    "foo:bar",
    "kev:true",
    "kev",
    "x,y",
    "f()",
    "a(b",
    "a)b",
    "a*b",
    "a*",
    "CVE-2026-1234",
    "CVE-2026",
    "cve-",
    "CVE-",
    " lead",
    "trail ",
    "“q”",
    "日本",
    "<x>",
    ">x",
    "=x",
    "!x",
    ":x",
    "x:",
    "10:30",
    "C:\\x",
    "::",
    "7d",
    "1..2",
    "cvs>1",
    "a,",
    "ß",
    "İ",
    "\u{301}x",
    "x\u{301}",
    "a\u{0}b",
    "🤖",
];

fn pick<'a>(rng: &mut StdRng, from: &'a [&'a str]) -> &'a str {
    from.choose(rng).unwrap()
}

fn expr(rng: &mut StdRng, depth: u32) -> Expr {
    let some = |rng: &mut StdRng| {
        let count = rng.random_range(2..4);
        (0..count).map(|_| expr(rng, depth - 1)).collect::<Vec<_>>()
    };
    match if depth == 0 {
        9
    } else {
        rng.random_range(0..10)
    } {
        0..3 => Expr::and(some(rng)).unwrap(),
        3..5 => Expr::or(some(rng)).unwrap(),
        5..7 => Expr::Not(Box::new(expr(rng, depth - 1))),
        _ => Expr::Term(term(rng)),
    }
}

fn several<T>(rng: &mut StdRng, one: impl Fn(&mut StdRng) -> T) -> Vec<T> {
    let count = if rng.random_bool(0.6) {
        1
    } else {
        rng.random_range(2..4)
    };
    (0..count).map(|_| one(rng)).collect()
}

fn term(rng: &mut StdRng) -> Term {
    match rng.random_range(0..8) {
        0 | 1 => Term::Text {
            column: None,
            phrases: vec![phrase(rng)],
        },
        2 => Term::Text {
            column: Some(*[Column::Title, Column::Body].choose(rng).unwrap()),
            phrases: several(rng, phrase),
        },
        3 => Term::Id(several(rng, |rng| Id {
            id: pick(
                rng,
                &[
                    "CVE-2026-1234",
                    "CVE-2026",
                    "feed:a b:c",
                    "(x)",
                    "owasp:top10",
                    "x,y",
                ],
            )
            .into(),
            prefix: rng.random(),
        })),
        4 => Term::Cve(several(rng, |rng| {
            let id = pick(
                rng,
                &[
                    "CVE-2026-1234",
                    "CVE-2026-1",
                    "CVE-2026-",
                    "CVE-2026",
                    "CVE-20",
                ],
            );
            let prefix = rng.random();
            Id {
                id: id.into(),
                prefix: prefix || !id.ends_with(['1', '4']),
            }
        })),
        5 => facet(rng),
        6 => match rng.random_range(0..2) {
            0 => Term::Flag {
                field: *Flag::ALL.choose(rng).unwrap(),
                is: rng.random(),
            },
            _ => measure(rng),
        },
        _ => moment(rng),
    }
}

fn phrase(rng: &mut StdRng) -> Phrase {
    loop {
        let text = pick(rng, WORDS);
        if !tokens::words(text).is_empty() {
            return Phrase {
                text: text.into(),
                prefix: rng.random_bool(0.3),
            };
        }
    }
}

fn facet(rng: &mut StdRng) -> Term {
    let field = *Facet::ALL.choose(rng).unwrap();
    let exactly = has_names(field) && rng.random();
    let values = several(rng, |rng| {
        let text = match field {
            Facet::Severity => pick(rng, &SEVERITIES),
            Facet::Kind => pick(rng, &KINDS),
            Facet::State => pick(rng, &STATES),
            Facet::Cwe => pick(rng, &["CWE-79", "CWE-1"]),
            Facet::Owasp => pick(rng, &["A01", "A10"]),
            _ => pick(rng, WORDS).trim(),
        };
        match rng.random_range(0..8) {
            0 => FacetValue::Any,
            1 if field == Facet::Severity => FacetValue::Missing,
            _ => FacetValue::Named {
                text: text.into(),
                prefix: has_names(field) && !exactly && rng.random(),
            },
        }
    });
    Term::Facet {
        field,
        exactly,
        values,
    }
}

fn measure(rng: &mut StdRng) -> Term {
    let field = *Measure::ALL.choose(rng).unwrap();
    let number = |rng: &mut StdRng| {
        let number: f64 = rng.random();
        let number = if rng.random() {
            number
        } else {
            (number * 10.0).round() / 10.0
        };
        if field == Measure::Cvss {
            number * 10.0
        } else {
            number
        }
    };
    if rng.random() {
        let bound = if rng.random() {
            Bound::Excluded
        } else {
            Bound::Included
        };
        let number = bound(number(rng));
        let (low, high) = if rng.random() {
            (number, Bound::Unbounded)
        } else {
            (Bound::Unbounded, number)
        };
        let ranges = vec![Range { low, high }];
        return Term::Measure { field, ranges };
    }
    let ranges = several(rng, |rng| {
        let (a, b) = (number(rng), number(rng));
        let (low, high) = match rng.random_range(0..5) {
            0 => (Bound::Unbounded, Bound::Unbounded),
            1 => (Bound::Included(a), Bound::Unbounded),
            2 => (Bound::Unbounded, Bound::Included(a)),
            3 => (Bound::Included(a), Bound::Included(a)),
            _ => (Bound::Included(a.min(b)), Bound::Included(a.max(b))),
        };
        Range { low, high }
    });
    Term::Measure { field, ranges }
}

fn moment(rng: &mut StdRng) -> Term {
    let field = *Moment::ALL.choose(rng).unwrap();
    if rng.random() {
        let operators = [
            Operator::Less,
            Operator::AtMost,
            Operator::More,
            Operator::AtLeast,
        ];
        let operator = *operators.choose(rng).unwrap();
        let spans = vec![Span::Compare(operator, date(rng))];
        return Term::Moment { field, spans };
    }
    let spans = several(rng, |rng| match rng.random_range(0..5) {
        0 => Span::Any,
        1 => Span::Between(Some(date(rng)), None),
        2 => Span::Between(None, Some(date(rng))),
        3 => {
            let date = date(rng);
            Span::Between(Some(date), Some(date))
        }
        _ => Span::In(date(rng)),
    });
    Term::Moment { field, spans }
}

fn date(rng: &mut StdRng) -> Date {
    let units = [
        Unit::Hours,
        Unit::Days,
        Unit::Weeks,
        Unit::Months,
        Unit::Years,
    ];
    let day = chrono::NaiveDate::from_ymd_opt(
        rng.random_range(1..=9999),
        rng.random_range(1..=12),
        rng.random_range(1..=28),
    )
    .unwrap();
    match rng.random_range(0..7) {
        0 => Date::Today,
        1 => Date::Yesterday,
        2 => Date::Year(rng.random_range(1..=9999)),
        3 => Date::Month(chrono::Datelike::with_day(&day, 1).unwrap()),
        4 => Date::Day(day),
        5 => Date::At(Time(
            rng.random_range(-60_000_000_000_000..250_000_000_000_000),
        )),
        _ => Date::Ago {
            count: rng.random_range(0..=99_999),
            unit: *units.choose(rng).unwrap(),
        },
    }
}

#[test]
fn what_is_printed_is_read_as_the_same() {
    let mut rng = StdRng::seed_from_u64(1);
    for case in 0..25_000 {
        let depth = rng.random_range(0..4);
        let query = Query {
            expr: Some(expr(&mut rng, depth)),
        };
        let text = query.to_string();
        let read = parse(&text).unwrap_or_else(|e| panic!("{case}: {text}\n{e:?}\n{query:?}"));
        assert_eq!(read, query, "{case}: {text}");
        assert_eq!(read.to_string(), text);
        let both = and(&query, &read);
        assert_eq!(parse(&both.to_string()), Ok(both), "{case}: {text}");
    }
}

#[test]
fn nothing_that_can_be_typed_makes_it_fall_over() {
    let pieces = [
        "(",
        ")",
        "\"",
        "-",
        "*",
        ",",
        ":",
        "=",
        "!=",
        "<",
        ">",
        "<=",
        "..",
        " ",
        " OR ",
        " AND ",
        "NOT ",
        "severity",
        "cvss",
        "published",
        "title",
        "product",
        "cve",
        "id",
        "kev",
        "7",
        "7d",
        "2026-11",
        "%",
        "foo",
        "é",
        "😀",
        "\u{301}",
        "“",
        "”",
        "CVE-2026-1234",
        "high",
        "true",
        "/",
        "\\",
        "::",
        "\0",
        "..9",
    ];
    let mut rng = StdRng::seed_from_u64(2);
    let (mut good, mut bad) = (0, 0);
    for _ in 0..8_000 {
        let count = rng.random_range(0..9);
        let text: String = (0..count)
            .map(|_| *pieces.choose(&mut rng).unwrap())
            .collect();
        let length = text.chars().count();
        for result in [parse(&text), parse_typing(&text)] {
            match result {
                Ok(query) => {
                    good += 1;
                    assert_eq!(parse(&query.to_string()), Ok(query), "{text:?}");
                }
                Err(error) => {
                    bad += 1;
                    assert!(
                        error.start <= error.end && error.end <= length,
                        "{text:?}: {error:?}"
                    );
                }
            }
        }
        for cursor in 0..=length {
            let wanted = complete(&text, cursor);
            assert!(
                wanted.start <= wanted.end && wanted.end <= length,
                "{text:?} {cursor}"
            );
            assert!(
                wanted.start <= cursor && cursor <= wanted.end,
                "{text:?} {cursor}"
            );
            let _ = wanted.suggestions();
        }
    }
    assert!(good > 2_000 && bad > 2_000, "{good} {bad}");
}

#[test]
fn an_alert_is_found_as_a_second_reading_says() {
    let mut rng = StdRng::seed_from_u64(3);
    let mut found = 0;
    for case in 0..20_000 {
        let alert = alert(&mut rng);
        let depth = rng.random_range(0..4);
        let expr = expr_about(&mut rng, depth);
        let expect = holds(&expr, &alert);
        let query = Query { expr: Some(expr) };
        let subject = Subject {
            uid: &alert.uid,
            cves: &alert.cves,
            title: &alert.title,
            body: &alert.body,
            products: "",
            keys: &alert.keys,
        };
        let is = matches(&query.lower(now()), &subject);
        assert_eq!(is, expect, "{case}: {query}\n{alert:?}");
        found += u32::from(is);
    }
    assert!((4_000..16_000).contains(&found), "{found}");
}

#[derive(Debug)]
struct Alert {
    uid: String,
    cves: Vec<String>,
    title: String,
    body: String,
    keys: Keys,
}

const SMALL: &[&str] = &["aa", "ab", "b", "bb"];
const CVES: &[&str] = &["CVE-2026-1111", "CVE-2026-1112", "CVE-2025-2222"];

fn alert(rng: &mut StdRng) -> Alert {
    let row = |rng: &mut StdRng| {
        let count = rng.random_range(0..4);
        let words: Vec<&str> = (0..count).map(|_| pick(rng, SMALL)).collect();
        words.join(" ")
    };
    let mut all = Vec::new();
    for level in SEVERITIES {
        if rng.random_bool(0.3) {
            all.push((Facet::Severity, level.to_owned()));
            break;
        }
    }
    all.push((Facet::State, pick(rng, &STATES[2..]).to_owned()));
    for _ in 0..rng.random_range(0..3) {
        let value = row(rng);
        if !value.is_empty() {
            all.push((Facet::Product, value));
        }
    }
    let all: Vec<(Facet, &str)> = all.iter().map(|(f, v)| (*f, v.as_str())).collect();
    let some = |rng: &mut StdRng, most: u32| {
        rng.random_bool(0.7)
            .then(|| f64::from(rng.random_range(0..=most)) / 10.0)
    };
    let hours = |rng: &mut StdRng| now().plus_s(-3600 * rng.random_range(0..100));
    let keys = Keys {
        facets: facets(&all),
        flags: Flags::default()
            .with(Flag::Kev, rng.random())
            .with(Flag::Unread, rng.random()),
        cvss: some(rng, 100),
        epss: some(rng, 10),
        relevance: None,
        published: hours(rng),
        updated: rng.random::<bool>().then(|| hours(rng)),
        added: hours(rng),
    };
    Alert {
        uid: pick(rng, CVES).to_lowercase(),
        cves: several(rng, |rng| pick(rng, CVES).to_owned()),
        title: row(rng),
        body: row(rng),
        keys,
    }
}

/// A query of what these alerts can have.
fn expr_about(rng: &mut StdRng, depth: u32) -> Expr {
    if depth > 0 {
        let (a, b) = (expr_about(rng, depth - 1), expr_about(rng, depth - 1));
        return match rng.random_range(0..3) {
            0 => Expr::and(vec![a, b]).unwrap(),
            1 => Expr::or(vec![a, b]).unwrap(),
            _ => Expr::Not(Box::new(a)),
        };
    }
    let words = |rng: &mut StdRng| several(rng, |rng| pick(rng, &["a", "aa", "b", "bb"])).join(" ");
    let text = match rng.random_range(0..12) {
        0 => format!("\"{}\"", words(rng)),
        1 => format!("\"{}\"*", words(rng)),
        2 => format!("title:\"{}\"", words(rng)),
        3 => format!("text:\"{}\"*", words(rng)),
        4 => format!(
            "severity{}{}",
            pick(rng, &[":", ">=", "<="]),
            pick(rng, &SEVERITIES)
        ),
        5 => format!("state:{}", pick(rng, &STATES)),
        6 => format!("product{}\"{}\"", pick(rng, &[":", "=", "!="]), words(rng)),
        7 => format!(
            "{}:{}",
            pick(rng, &["kev", "unread", "exploited"]),
            rng.random::<bool>()
        ),
        8 => {
            let number = f64::from(rng.random_range(0..=100)) / 10.0;
            format!(
                "cvss{}{number}",
                pick(rng, &["=", "<", "<=", ">", ">=", "!="])
            )
        }
        9 => {
            let field = pick(rng, &["published", "updated", "added"]);
            let hours = rng.random_range(0..100);
            format!("{field}{}{hours}h", pick(rng, &["<", "<=", ">", ">="]))
        }
        10 => pick(rng, CVES).to_owned(),
        _ => pick(
            rng,
            &[
                "CVE-2026",
                "CVE-2026-111*",
                "id:CVE-2025-2222",
                "severity:none",
                "updated:*",
            ],
        )
        .to_owned(),
    };
    parse(&text).unwrap().expr().unwrap().clone()
}

/// What a query means, written a second time and without thought for speed: from the printed term.
fn holds(expr: &Expr, alert: &Alert) -> bool {
    match expr {
        Expr::And(all) => !all.iter().any(|expr| !holds(expr, alert)),
        Expr::Or(all) => all.iter().filter(|expr| holds(expr, alert)).count() > 0,
        Expr::Not(expr) => !holds(expr, alert),
        Expr::Term(term) => holds_term(term, &term.to_string(), alert),
    }
}

fn holds_term(term: &Term, text: &str, alert: &Alert) -> bool {
    // Words in a row: a piece of the text that begins at a word, and ends at one unless it is a beginning.
    let row = |have: &str, want: &str, prefix: bool| {
        let end = if prefix { "" } else { " " };
        format!(" {have} ").contains(&format!(" {want}{end}"))
    };
    let values = |facet: Facet| {
        let all = alert.keys.facets.iter().filter(move |(f, _)| *f == facet);
        all.map(|(_, value)| value.as_str()).collect::<Vec<_>>()
    };
    match term {
        Term::Text { column, phrases } => phrases.iter().any(|p| {
            let title = row(&alert.title, &p.text, p.prefix);
            let body = row(&alert.body, &p.text, p.prefix);
            match column {
                None => title || body,
                Some(Column::Title) => title,
                _ => body,
            }
        }),
        Term::Id(ids) => ids.iter().any(|id| alert.uid == id.id.to_lowercase()),
        Term::Cve(ids) if ids[0].prefix => alert.uid.to_uppercase().starts_with(&ids[0].id),
        Term::Cve(ids) => alert.uid.to_uppercase() == ids[0].id || alert.cves.contains(&ids[0].id),
        Term::Facet {
            field: Facet::Severity,
            ..
        } => match values(Facet::Severity).first() {
            None => text == "severity:none",
            Some(level) => text.contains(level),
        },
        Term::Facet {
            field: Facet::State,
            ..
        } => {
            let state = values(Facet::State)[0].replace(' ', "_");
            let closed = ["done", "not_applicable", "accepted_risk"].contains(&state.as_str());
            match text {
                "state:open" => !closed,
                "state:closed" => closed,
                _ => text == format!("state:{state}"),
            }
        }
        Term::Facet {
            field,
            exactly,
            values: wanted,
        } => wanted.iter().any(|wanted| {
            let FacetValue::Named { text, .. } = wanted else {
                panic!("{wanted:?}")
            };
            let mut have = values(*field).into_iter();
            have.any(|have| {
                if *exactly {
                    have == text
                } else {
                    row(have, text, false)
                }
            })
        }),
        Term::Flag { field, is } => alert.keys.flags.has(*field) == *is,
        Term::Measure { .. } => {
            // In tenths, without fractions.
            let Some(have) = alert.keys.cvss.map(|score| (score * 10.0).round() as i64) else {
                return false;
            };
            let at = text.find(|c: char| c.is_ascii_digit()).unwrap();
            let want = (text[at..].parse::<f64>().unwrap() * 10.0).round() as i64;
            match &text["cvss".len()..at] {
                "<" => have < want,
                "<=" => have <= want,
                ">" => have > want,
                ">=" => have >= want,
                _ => have == want,
            }
        }
        Term::Moment { field, .. } => {
            let Some(time) = alert.keys.moment(*field) else {
                return false;
            };
            if text == "updated:*" {
                return true;
            }
            let age = (now().0 - time.0) / 3_600_000;
            let rest = text.trim_start_matches(field.as_str());
            let operator: String = rest.chars().take_while(|c| "<>=".contains(*c)).collect();
            let hours: i64 = rest[operator.len()..]
                .trim_end_matches('h')
                .parse()
                .unwrap();
            match operator.as_str() {
                "<" => age < hours,
                "<=" => age <= hours,
                ">" => age > hours,
                _ => age >= hours,
            }
        }
    }
}
