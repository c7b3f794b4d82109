//! Mutates queries and looks for what must never be: a panic, an error outside of the text, a query that
//! is printed and read as another. The same texts every time, as many as fit into two seconds, or into a
//! minute where `TOCSIN_FULL` is set.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use tocsin_core::model::{Facet, Flag, Flags, Keys, Time};
use tocsin_core::query::{
    Subject, complete, hits, matches, node::Column, parse, parse_typing, quoted_value,
};

/// What mutation starts from: one of everything.
const CORPUS: &[&str] = &[
    "",
    "severity:high kev:true epss>0.5 product:nginx \"remote code\" -dos published:<7d",
    "nginx OR (apache -\"http server\") NOT foo*",
    "cve-2026-21413 CVE-2026 cve:CVE-2026* id:feed:thn:abc",
    "severity>=medium,low severity:none severity!=high",
    "state:open OR state:closed,snoozed",
    "cwe:79 cwe:CWE-79 owasp:A01 kind:article source:nvd",
    "product:\"http server\",win* product=\"windows 10\" vendor:* -tag:👍",
    "cvss:7..9 cvss:7.. cvss:..9 cvss!=9.8 cvss>=9.80,1",
    "epss:>50% epss:0.1..12.3% relevance<=.5 epss>50",
    "kev:yes unread:0 -exploited:1",
    "published:today..yesterday added:2w updated>=2026-11 published:2026-11-01T06:00:00+02:00..",
    "published:99999y updated:30d..7d added:0001..9999 added:2024-02-29",
    "title:\"remote code\",exec* text:<script>",
    "https://x/y?z=1 std::vector C:\\x 10:30 fe80::1 dead:beef:1 user@mail.example strcpy() f(g(x))",
    "“smart quotes” „x“ \"open",
    "((((a OR b)))) NOT NOT -(-c) --x - -",
    "severty:high cvs>7 a:b title> kev>1",
    "İstanbul e\u{301}te\u{301} \u{301}x ß 日本語 🤖x \u{200b} \u{0}",
];

/// What mutation puts in.
const PIECES: &[&str] = &[
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
    "<=",
    ">",
    ">=",
    "..",
    " ",
    "\t",
    " OR ",
    " AND ",
    "NOT ",
    "\\",
    "/",
    "//",
    "%",
    ".",
    "“",
    "\u{301}",
    "\u{200b}",
    "é",
    "😀",
    "0",
    "9",
    "99999999999",
    "7d",
    "today",
    "2026-13",
    "T06:00:00Z",
    "CVE-2026-1234",
    "title:",
    "severity:",
    "cvss",
    "published:",
    "product=",
    "none",
    "open",
];

#[test]
fn no_text_breaks_the_query_language() {
    let full = std::env::var_os("TOCSIN_FULL").is_some();
    let time = Duration::from_secs(if full { 60 } else { 2 });
    let begun = Instant::now();
    let mut rng = StdRng::seed_from_u64(20_261_122);
    let mut corpus: Vec<String> = CORPUS.iter().map(|text| (*text).to_owned()).collect();
    for text in &corpus {
        check(text, true);
    }
    let mut count = 0u32;
    while begun.elapsed() < time {
        let text = mutated(&mut rng, &corpus);
        // Every cursor of a text costs far more than the rest.
        let is_query = check(&text, count.is_multiple_of(10));
        // What is a query leads to others.
        if is_query && text.len() < 300 && rng.random_bool(0.05) {
            if corpus.len() < 500 {
                corpus.push(text);
            } else {
                let at = rng.random_range(CORPUS.len()..corpus.len());
                corpus[at] = text;
            }
        }
        count += 1;
    }
    println!("{count} texts");
    assert!(count > 50, "{count} texts");
}

fn mutated(rng: &mut StdRng, corpus: &[String]) -> String {
    let mut chars: Vec<char> = corpus.choose(rng).unwrap().chars().collect();
    for _ in 0..rng.random_range(1..5) {
        let at = rng.random_range(0..=chars.len());
        let to = rng.random_range(at..=chars.len()).min(at + 8);
        match rng.random_range(0..8) {
            0 => drop(chars.drain(at..to)),
            1 | 2 => drop(chars.splice(at..at, PIECES.choose(rng).unwrap().chars())),
            3 => drop(chars.splice(at..to, PIECES.choose(rng).unwrap().chars())),
            4 => chars.truncate(at),
            5 => {
                let again = chars[at..to].to_vec();
                drop(chars.splice(at..at, again));
            }
            6 => {
                let other: Vec<char> = corpus.choose(rng).unwrap().chars().collect();
                let from = rng.random_range(0..=other.len());
                drop(chars.splice(at.., other[from..].iter().copied()));
            }
            _ => chars.insert(at, rng.random()),
        }
    }
    // Now and then very long or very deep.
    if rng.random_bool(0.002) {
        chars = chars.repeat(rng.random_range(2..400));
    }
    chars.into_iter().collect()
}

/// Whether the text is a query.
fn check(text: &str, every_cursor: bool) -> bool {
    let length = text.chars().count();
    let mut is_query = false;
    for result in [parse(text), parse_typing(text)] {
        match result {
            Ok(query) => {
                is_query = true;
                let printed = query.to_string();
                let again = parse(&printed);
                assert_eq!(
                    again.as_ref(),
                    Ok(&query),
                    "{text:?} is printed as {printed:?}"
                );
                assert_eq!(again.unwrap().to_string(), printed, "{text:?}");
                ask(&query.lower(Time(1_795_348_800_000)));
            }
            Err(error) => {
                let good = error.start <= error.end && error.end <= length;
                assert!(good && !error.message.is_empty(), "{text:?}: {error:?}");
            }
        }
    }
    let most = if every_cursor { 200 } else { 2 };
    for cursor in (0..=length + 1).step_by(1 + length / most) {
        let wanted = complete(text, cursor);
        let at = cursor.min(length);
        let good = wanted.start <= at && at <= wanted.end && wanted.end <= length;
        assert!(good, "{text:?} at {cursor}: {wanted:?}");
        for offer in wanted.suggestions() {
            assert!(!offer.insert.is_empty(), "{text:?} at {cursor}");
        }
    }
    let value = quoted_value(text);
    if !text.trim().is_empty() && length < 4_000 {
        let query = parse(&format!("tag:{value}"));
        assert!(
            query.is_ok() || text.replace('"', " ").trim().is_empty(),
            "{text:?}: {query:?}"
        );
    }
    is_query
}

/// Alerts with much and with nothing.
fn ask(node: &tocsin_core::query::Node) {
    let nothing = Keys {
        facets: Vec::new(),
        flags: Flags::default(),
        cvss: None,
        epss: None,
        relevance: None,
        published: Time(i64::MIN),
        updated: None,
        added: Time(i64::MAX),
    };
    let much = Keys {
        facets: vec![
            (Facet::Severity, "high".into()),
            (Facet::Product, "http server".into()),
            (Facet::Tag, String::new()),
        ],
        flags: Flags::default().with(Flag::Kev, true),
        cvss: Some(9.8),
        epss: Some(f64::NAN),
        updated: Some(Time(0)),
        ..nothing.clone()
    };
    let title = "Remote code exécution in nginx 🤖";
    for (keys, uid, title) in [(&nothing, "", ""), (&much, "é-2026-1", title)] {
        let subject = Subject {
            uid,
            cves: &["CVE-2026-1234".to_owned()],
            title,
            body: title,
            products: "nginx",
            keys,
        };
        let _ = matches(node, &subject);
        let length = title.chars().count();
        for hit in hits(&node.texts(), Column::Title, title) {
            assert!(hit.start < hit.end && hit.end <= length);
        }
    }
}
