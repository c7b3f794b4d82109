use std::ops::Bound;

use super::node::{Column, Leaf, Node, Text, Value};
use super::*;
use crate::model::{Measure, Moment};

fn lower(text: &str) -> Node {
    parse(text).unwrap().lower(now())
}

fn leaf(text: &str) -> Leaf {
    match lower(text) {
        Node::Leaf(leaf) => leaf,
        node => panic!("{text:?}: {node:?}"),
    }
}

fn is(field: Facet, value: &str) -> Node {
    Node::Leaf(Leaf::Facet {
        field,
        value: Value::Is(value.into()),
    })
}

fn not(node: Node) -> Node {
    Node::Not(Box::new(node))
}

#[test]
fn leaves_are_in_stored_form() {
    assert!(lower("").is_everything());
    assert_eq!(
        leaf("Log4J-Core*"),
        Leaf::Text(Text {
            column: None,
            words: vec!["log4j".into(), "core".into()],
            prefix: true,
        })
    );
    assert_eq!(
        leaf("title:Été"),
        Leaf::Text(Text {
            column: Some(Column::Title),
            words: vec!["ete".into()],
            prefix: false,
        })
    );
    assert_eq!(leaf("cve-2026-1234"), Leaf::Cve("CVE-2026-1234".into()));
    assert_eq!(leaf("cve:CVE-2026-1"), Leaf::Cve("CVE-2026-1".into()));
    for (text, uid) in [
        ("cve:CVE-2026*", "CVE-2026"),
        ("cve-2026-12", "CVE-2026-12"),
        ("id:CVE-2026*", "CVE-2026"),
    ] {
        let uid = uid.to_owned();
        assert_eq!(leaf(text), Leaf::Id { uid, prefix: true });
    }
    assert_eq!(lower("cwe:79"), is(Facet::Cwe, "cwe 79"));
    assert_eq!(lower("owasp:a1"), is(Facet::Owasp, "a01"));
    assert_eq!(lower("owasp:a3:2021"), is(Facet::Owasp, "a03 2021"));
    assert_eq!(lower("owasp:API01"), is(Facet::Owasp, "api1"));
    assert_eq!(
        lower("owasp:\"api10 2023\""),
        is(Facet::Owasp, "api10 2023")
    );
    assert_eq!(
        lower("state:action_needed"),
        is(Facet::State, "action needed")
    );
    assert_eq!(
        lower("product=http_server"),
        is(Facet::Product, "http server")
    );
    assert_eq!(
        leaf("product:HTTP-serv*"),
        Leaf::Facet {
            field: Facet::Product,
            value: Value::Has {
                words: vec!["http".into(), "serv".into()],
                prefix: true,
            },
        }
    );
    let any = Node::Leaf(Leaf::Facet {
        field: Facet::Severity,
        value: Value::Any,
    });
    assert_eq!(lower("severity:none"), not(any));
    let closed = Node::Or(
        ["done", "not applicable", "accepted risk"]
            .map(|state| is(Facet::State, state))
            .into(),
    );
    assert_eq!(lower("state:closed"), closed);
    assert_eq!(lower("state:open"), not(closed));
    assert_eq!(
        lower("severity>=medium"),
        Node::Or(vec![
            is(Facet::Severity, "medium"),
            is(Facet::Severity, "high")
        ])
    );
    assert_eq!(lower("kev:false"), not(Node::Leaf(Leaf::Flag(Flag::Kev))));
    assert_eq!(
        leaf("epss>50%"),
        Leaf::Measure {
            field: Measure::Epss,
            low: Bound::Excluded(0.5),
            high: Bound::Unbounded,
        }
    );
}

#[test]
fn dates_are_moments() {
    let ms = |text: &str, more: i64| Some(Time(time(text).0 + more));
    let week = "2026-11-15T12:00:00Z";
    let (nov, dec) = ("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z");
    let day = "2026-11-02T00:00:00Z";
    for (text, from, before) in [
        ("<7d", ms(week, 1), None),
        ("<=7d", ms(week, 0), None),
        (":7d", ms(week, 0), None),
        (":1w", ms(week, 0), None),
        (":168h", ms(week, 0), None),
        (">7d", None, ms(week, 0)),
        (">=7d", None, ms(week, 1)),
        (":1m", ms("2026-10-22T12:00:00Z", 0), None),
        (":2y", ms("2024-11-22T12:00:00Z", 0), None),
        (
            ":today",
            ms("2026-11-22T00:00:00Z", 0),
            ms("2026-11-23T00:00:00Z", 0),
        ),
        (
            ":yesterday",
            ms("2026-11-21T00:00:00Z", 0),
            ms("2026-11-22T00:00:00Z", 0),
        ),
        ("<today", None, ms("2026-11-22T00:00:00Z", 0)),
        (">=yesterday", ms("2026-11-21T00:00:00Z", 0), None),
        (
            ":2026",
            ms("2026-01-01T00:00:00Z", 0),
            ms("2027-01-01T00:00:00Z", 0),
        ),
        (":2026-11", ms(nov, 0), ms(dec, 0)),
        (":2026-11-01", ms(nov, 0), ms(day, 0)),
        ("<2026-11-01", None, ms(nov, 0)),
        ("<=2026-11-01", None, ms(day, 0)),
        (">2026-11-01", ms(day, 0), None),
        (">=2026-11-01", ms(nov, 0), None),
        (":2026-11-01..", ms(nov, 0), None),
        (":..2026-11-01", None, ms(day, 0)),
        (":2026-11-01..2026-11", ms(nov, 0), ms(dec, 0)),
        (":7d..yesterday", ms(week, 0), ms("2026-11-22T00:00:00Z", 0)),
        (":30d..7d", ms("2026-10-23T12:00:00Z", 0), ms(week, 1)),
        (">2026-11-01T00:00:00Z", ms(nov, 1), None),
        (
            ":2026-11-01T00:00:00Z..2026-11-02T00:00:00Z",
            ms(nov, 0),
            ms(day, 1),
        ),
        (
            ":9999",
            ms("9999-01-01T00:00:00Z", 0),
            Some(Time(253_402_300_800_000)),
        ),
        (":*", None, None),
    ] {
        let expect = Leaf::Moment {
            field: Moment::Published,
            from,
            before,
        };
        assert_eq!(leaf(&format!("published{text}")), expect, "{text}");
    }
    // The last day of a shorter month.
    let march = time("2026-03-31T00:00:00Z");
    let Node::Leaf(Leaf::Moment { from, .. }) = parse("added:1m").unwrap().lower(march) else {
        panic!("no moment");
    };
    assert_eq!(from, Some(time("2026-02-28T00:00:00Z")));
    for text in ["added:99999y", "added>99999m", "added:99999h..0h"] {
        lower(text);
    }
}

#[test]
fn an_alert_is_found_by_what_it_has() {
    let keys = keys();
    let cves = vec!["CVE-2026-1111".to_owned()];
    let subject = Subject {
        uid: "CVE-2026-21413",
        cves: &cves,
        title: "Remote Code Execution in Café-Server",
        body: "A flaw in the log4j-core parser lets attackers run code. See CVE-2026-1111.",
        products: "apache http_server",
        keys: &keys,
    };
    for text in [
        "",
        "remote",
        "remo*",
        "\"remote code\"",
        "cafe",
        "CAFÉ-server",
        "log4j-core",
        "apache",
        "\"http server\"",
        "title:execution",
        "text:log4j",
        "text:foo,log4j",
        "-title:log4j",
        "-\"execution flaw\"",
        "-\"café server a\"",
        "foo OR remote",
        "-(foo bar)",
        "CVE-2026-21413",
        "CVE-2026-1111",
        "cve-2026",
        "CVE-2026-21",
        "-CVE-2026-11",
        "id:cve-2026-21413",
        "-id:CVE-2026-1111",
        "severity:high",
        "severity>=medium",
        "-severity:none",
        "severity!=low",
        "state:open",
        "-state:closed",
        "cwe:79",
        "cwe:*",
        "-owasp:*",
        "vendor:apache",
        "product:windows",
        "product:\"windows 10\"",
        "product:21*",
        "-product=windows",
        "product=http_server",
        "product!=windows",
        "-product:indows",
        "tag:tuesday",
        "kev:true",
        "kev:1",
        "exploited:false",
        "cvss:9.8",
        "cvss>=9.8",
        "-cvss>9.8",
        "cvss:9..10",
        "epss:50%",
        "epss>=0.5",
        "-relevance>0",
        "-relevance:*",
        "relevance!=0.5",
        "published:2026-11-20",
        "published:<7d",
        "-published:today",
        "added:yesterday",
        "added:..2026-11-21",
        "-updated:*",
        "-updated<7d",
        "updated!=2026",
    ] {
        assert!(matches(&lower(text), &subject), "{text:?}");
        let other = not(lower(text));
        assert!(!matches(&other, &subject), "{text:?}");
    }
}

#[test]
fn wanted_words_are_those_under_no_negation() {
    let node = lower("a (b OR -c) -(d -e) NOT NOT f title:g kev:true");
    let words: Vec<&str> = node.texts().iter().map(|t| t.words[0].as_str()).collect();
    assert_eq!(words, ["a", "b", "e", "f", "g"]);
}

#[test]
fn hits_are_characters_in_order() {
    let node = lower("\"remote code\" code exec* title:é text:cve");
    let hits = |column, text| hits(&node.texts(), column, text);
    assert_eq!(
        hits(Column::Title, "É: Remote-Code Executed, code"),
        [0..1, 3..14, 15..23, 25..29]
    );
    assert_eq!(hits(Column::Body, "é cve"), vec![2_usize..5; 1]);
    assert_eq!(
        hits(Column::Title, ""),
        Vec::<std::ops::Range<usize>>::new()
    );
}
