use super::field::{Field, Operator};
use super::*;
use crate::model::Moment;

/// `|` is the cursor; what would be replaced, and what is wanted.
fn wanted(marked: &str) -> (String, Want) {
    let cursor = marked.chars().position(|c| c == '|').unwrap();
    let text: String = marked.chars().filter(|c| *c != '|').collect();
    let wanted = complete(&text, cursor);
    let replaced: String = text
        .chars()
        .skip(wanted.start)
        .take(wanted.end - wanted.start)
        .collect();
    (replaced, wanted.what)
}

fn offers(marked: &str) -> Vec<String> {
    let cursor = marked.chars().position(|c| c == '|').unwrap();
    let text: String = marked.chars().filter(|c| *c != '|').collect();
    let all = complete(&text, cursor).suggestions();
    all.into_iter().map(|s| s.insert).collect()
}

#[test]
fn what_is_wanted_depends_on_the_place() {
    let field = |typed: &str| Want::Field {
        typed: typed.into(),
    };
    let value = |facet, typed: &str| Want::Value {
        facet,
        typed: typed.into(),
    };
    let choice = |field, operator, typed: &str| Want::Choice {
        field,
        operator,
        typed: typed.into(),
    };
    let severity = Field::Facet(Facet::Severity);
    for (marked, replaced, what) in [
        ("|", "", field("")),
        ("foo |", "", field("")),
        ("sev|", "sev", field("sev")),
        ("é (-sev|) x", "sev", field("sev")),
        ("-|", "", field("")),
        ("a O|", "O", field("O")),
        ("a OR|", "OR", field("OR")),
        ("a NO|T b", "NOT", field("NO")),
        ("sev|erity:high", "severity:", field("sev")),
        ("severity|:high", "severity:", field("severity")),
        ("severity:|", "", choice(severity, Operator::Has, "")),
        (
            "severity:|high",
            "high",
            choice(severity, Operator::Has, ""),
        ),
        (
            "severity:high,m| x",
            "m",
            choice(severity, Operator::Has, "m"),
        ),
        ("severity:high,| x", "", choice(severity, Operator::Has, "")),
        (
            "severity>=m|",
            "m",
            choice(severity, Operator::AtLeast, "m"),
        ),
        ("(product:|", "", value(Facet::Product, "")),
        ("product:ng|inx b", "nginx", value(Facet::Product, "ng")),
        (
            "product:\"http s|",
            "\"http s",
            value(Facet::Product, "http s"),
        ),
        (
            "product:\"http s|erver\" b",
            "\"http server\"",
            value(Facet::Product, "http s"),
        ),
        (
            "kev:|",
            "",
            choice(Field::Flag(Flag::Kev), Operator::Has, ""),
        ),
        (
            "published:<|",
            "",
            choice(Field::Moment(Moment::Published), Operator::Less, ""),
        ),
        ("title:fo|", "fo", Want::Words),
        ("\"fo|", "\"fo", Want::Words),
        ("foo:ba|", "foo:ba", field("foo:ba")),
        ("a*b|", "a*b", field("a*b")),
    ] {
        assert_eq!(wanted(marked), (replaced.into(), what), "{marked:?}");
    }
    assert_eq!(complete("abc", 99).end, 3);
}

#[test]
fn the_language_offers_its_own_words() {
    for (marked, expect) in [
        ("sev|", &["severity:"][..]),
        ("ow|", &["owasp:"]),
        ("cvs|", &["cvss:"]),
        ("kev|", &["kev:", "kev=", "kev!="]),
        ("A|", &["actor:", "added:", "AND"]),
        ("O|", &["owasp:", "OR"]),
        ("severity:|", &["low", "medium", "high", "none"]),
        ("severity>|", &["low", "medium"]),
        ("state:a|", &["action_needed", "accepted_risk"]),
        ("state:action-|", &["action_needed"]),
        ("kind:g|", &["guidance"]),
        ("kev:t|", &["true"]),
        ("cvss>|", &["9.8"]),
        (
            "published:<|",
            &[
                "today",
                "yesterday",
                "24h",
                "7d",
                "30d",
                "2026",
                "2026-11-01",
            ],
        ),
        ("published:<7|", &["7d"]),
        ("product:|", &["*"]),
        ("product:n|", &[]),
        ("source:|", &[]),
        ("\"foo|", &[]),
    ] {
        assert_eq!(offers(marked), expect, "{marked:?}");
    }
    assert!(offers("|").len() > Field::all().count());
    assert!(offers("|").contains(&"cvss:".to_owned()));
}

#[test]
fn what_is_offered_can_be_read() {
    for field in Field::all() {
        for operator in field.operators() {
            let text = format!("{}{}", field.as_str(), operator.as_str());
            let wanted = complete(&text, text.chars().count());
            for offer in wanted.suggestions() {
                let query = format!("{text}{}", offer.insert);
                assert!(parse(&query).is_ok(), "{query}");
            }
        }
    }
    let wanted = complete("product:ht", 10);
    let query = format!("product:{}", wanted.insert("http server"));
    assert!(parse(&query).is_ok());
}
