//! What every reader of names must hold to, with and without models.

use super::versions::{self, VersionSpan};
use super::words::{Cut, Gap, words};
use super::*;
use crate::Subject;
use crate::text::{Document, Span};

mod made;

use made::names;

fn find(text: &str) -> Vec<Entity> {
    names().find(&Document::new("", text), &Subject::default(), &[])
}

fn of(text: &str, kind: EntityKind) -> Vec<String> {
    let found = find(text).into_iter();
    found.filter(|e| e.kind == kind).map(|e| e.name).collect()
}

#[test]
fn words_end_at_marks_and_keep_single_dots() {
    let check = |text: &str, cut: Cut, expect: &[&str]| {
        let found = words(text, cut, usize::MAX);
        let found: Vec<&str> = found.iter().map(|w| w.of(text)).collect();
        assert_eq!(found, expect, "{text}");
    };
    check(
        "Log4j 2.17.1, node.js.",
        Cut::Fine,
        &["Log4j", "2.17.1", ",", "node.js", "."],
    );
    check(
        "D-Link `a_b`",
        Cut::Fine,
        &["D", "-", "Link", "`", "a_b", "`"],
    );
    check(
        "D-Link x- -y",
        Cut::Hyphens,
        &["D-Link", "x", "-", "-", "y"],
    );
    check(
        "e\u{301}t Größe 漢字。",
        Cut::Fine,
        &["e\u{301}t", "Größe", "漢字", "。"],
    );
    check("...", Cut::Fine, &[".", ".", "."]);
    check("", Cut::Fine, &[]);
    let gaps: Vec<Gap> = words("a b,\n c", Cut::Fine, 9)
        .iter()
        .map(|w| w.gap)
        .collect();
    assert_eq!(gaps, [Gap::Line, Gap::Blank, Gap::None, Gap::Line]);
}

/// Ranges as `from..to` with `[` for what is meant too and `(` for what is not.
fn ranges(text: &str) -> Vec<String> {
    let cut = words(text, Cut::Fine, usize::MAX);
    let found = versions::find(text, &cut, &[]);
    let spell = |range: &VersionSpan| {
        format!(
            "{}{}..{}{}",
            if range.from_included { "[" } else { "(" },
            range.from.as_deref().unwrap_or(""),
            range.to.as_deref().unwrap_or(""),
            if range.to_included { "]" } else { ")" }
        )
    };
    let mut out: Vec<String> = Vec::new();
    for version in found.iter().filter(|v| v.is_sure) {
        let spelt = version.range.as_ref().map_or("none".to_string(), spell);
        if out.last() != Some(&spelt) {
            out.push(spelt);
        }
    }
    out
}

#[test]
fn version_ranges_are_read_as_they_are_written() {
    let check = |text: &str, expect: &[&str]| assert_eq!(ranges(text), expect, "{text}");
    check("before 2.17.1", &["(..2.17.1)"]);
    check("before version 2.17.1 allows", &["(..2.17.1)"]);
    check("prior to 5.0.0", &["(..5.0.0)"]);
    check("versions prior to v5.0.0", &["(..5.0.0)"]);
    check("earlier than 3.1", &["(..3.1)"]);
    check("< 5.0.0", &["(..5.0.0)"]);
    check("<5.0.0", &["(..5.0.0)"]);
    check("<= 5.0.0", &["(..5.0.0]"]);
    check(">= 1.0", &["[1.0..)"]);
    check("> 1.0", &["(1.0..)"]);
    check("2.0 through 2.3", &["[2.0..2.3]"]);
    check("versions 1.0 - 1.3", &["[1.0..1.3]"]);
    check("versions 1.0-1.3", &["[1.0..1.3]"]);
    check("from 1.2 to 1.4.5", &["[1.2..1.4.5]"]);
    check("from 2.0.0 before 2.0.7", &["[2.0.0..2.0.7)"]);
    check("5.x before 5.4.2", &["[5..5.4.2)"]);
    check("up to and including 1.4", &["(..1.4]"]);
    check("up to, and including, 1.4.2", &["(..1.4.2]"]);
    check("up to 1.4", &["(..1.4]"]);
    check("through 3.0", &["(..3.0]"]);
    check("from n/a through 3.0.", &["(..3.0]"]);
    check("up to (excluding) 4.4.1", &["(..4.4.1)"]);
    check(">= 1.0, < 2.0", &["[1.0..2.0)"]);
    check(">= 1.0.0, <= 2.0.0", &["[1.0.0..2.0.0]"]);
    check("> 1.0.0 and < 2.0.0", &["(1.0.0..2.0.0)"]);
    check("between 1.1 and 1.9", &["[1.1..1.9]"]);
    check("version 1.4 and earlier", &["(..1.4]"]);
    check("1.4.2 and below", &["(..1.4.2]"]);
    check("version 1.4 or later", &["[1.4..)"]);
    check("in version 1.0", &["[1.0..1.0]"]);
    check("versions 17 through 21", &["[17..21]"]);
    check("version 130", &["[130..130]"]);
    check("before 6.0.0-rc.1", &["(..6.0.0-rc.1)"]);
    // What fixes is no range of what is affected.
    check("fixed in 2.17.1", &["none"]);
    check("upgrade to version 2.17.1 or later", &["none"]);
    check("has been patched in version 1.2.3", &["none"]);
    // Numbers that are no versions.
    check("within 30 days before 2024", &[]);
    check("CVE-2024-3094 and port 8080", &[]);
    check("more than 200 users", &[]);
}

#[test]
fn ids_are_known_by_their_form() {
    let check = |text: &str, kind: EntityKind, expect: &[&str]| {
        let found = find(text).into_iter().filter(|e| e.kind == kind);
        let ids: Vec<String> = found.filter_map(|e| e.id).collect();
        assert_eq!(ids, expect, "{text}");
    };
    check(
        "see cve-2024-3094, CVE-2021-44228.",
        EntityKind::Cve,
        &["CVE-2024-3094", "CVE-2021-44228"],
    );
    check("CVE‑2024‑12345678", EntityKind::Cve, &["CVE-2024-12345678"]);
    check("CVE-24-1 CVE-2024-123 XCVE-2024-1234", EntityKind::Cve, &[]);
    check(
        "(CWE-79) and cwe-502",
        EntityKind::Cwe,
        &["CWE-79", "CWE-502"],
    );
    check(
        "GHSA-jfh8-c2jp-5v3q",
        EntityKind::Ghsa,
        &["GHSA-jfh8-c2jp-5v3q"],
    );
    check(
        "GHSA-JFH8-C2JP-5V3Q!",
        EntityKind::Ghsa,
        &["GHSA-jfh8-c2jp-5v3q"],
    );
    check(
        "T1059.001 and T1566",
        EntityKind::Technique,
        &["T1059.001", "T1566"],
    );
    check("T9999 T1059x AT1059.001", EntityKind::Technique, &[]);
}

#[test]
fn ordinary_words_are_no_names() {
    for text in [
        "The children Play near the Hive while a snake sleeps.",
        "Play is what they do. Hive minds think alike.",
        "Download it from Google Play today.",
        "Go to the hill: Tor is a word for it.",
        "She will play, go and see the hive of a sandworm.",
        "A Royal visit to Cuba was long planned.",
    ] {
        let found: Vec<_> = find(text)
            .into_iter()
            .filter(|e| e.by == FoundBy::Gazetteer)
            .map(|e| e.name)
            .collect();
        assert!(found.is_empty(), "{text}: {found:?}");
    }
}

#[test]
fn ordinary_words_are_names_where_the_text_says_so() {
    assert_eq!(
        of(
            "The Play ransomware encrypts files.",
            EntityKind::Ransomware
        ),
        ["Play"]
    );
    assert_eq!(of("a gang called Hive", EntityKind::Ransomware), ["Hive"]);
    // Said once, it holds for the text.
    let text = "The Hive ransomware is back. Victims paid Hive in coins.";
    assert_eq!(of(text, EntityKind::Ransomware), ["Hive", "Hive"]);
    assert_eq!(
        of("The Snake malware spied.", EntityKind::Malware),
        ["Snake"]
    );
}

#[test]
fn aliases_have_one_id() {
    for name in ["APT28", "Fancy Bear", "fancy bear", "Sofacy"] {
        let text = format!("This was done by {name} again.");
        let found = find(&text);
        let expect = if name == "fancy bear" {
            None
        } else {
            Some("APT28")
        };
        let id = found
            .iter()
            .find(|e| e.kind == EntityKind::Actor)
            .and_then(|e| e.id.as_deref());
        assert_eq!(id, expect, "{name}");
    }
}

#[test]
fn nothing_is_taken_from_inside_an_indicator() {
    let text = "see https://evil.example/CVE-2024-3094 and CVE-2024-3094";
    let taken = Span {
        field: crate::Field::Text,
        start: 4,
        end: 38,
    };
    let found = names().find(&Document::new("", text), &Subject::default(), &[taken]);
    let starts: Vec<u32> = found.iter().map(|e| e.start).collect();
    assert_eq!(starts, [43]);
}

#[test]
fn products_of_fields_are_found_where_they_stand() {
    let subject = Subject {
        title: "Flaw in Widget Server",
        text: "An issue in ACME Widget Server before 2.0. The server crashes.",
        products: "acme widget_server\nacme gadget",
        ..Subject::default()
    };
    let document = Document::new(subject.title, subject.text);
    let found = names().find(&document, &subject, &[]);
    let by_field: Vec<_> = found
        .iter()
        .filter(|e| e.by == FoundBy::Field)
        .map(|e| (e.field, e.name.as_str(), e.id.as_deref().unwrap()))
        .collect();
    assert_eq!(
        by_field,
        [
            (crate::Field::Title, "Widget Server", "acme/widget_server"),
            (
                crate::Field::Text,
                "ACME Widget Server",
                "acme/widget_server"
            ),
            (
                crate::Field::Products,
                "acme widget_server",
                "acme/widget_server"
            ),
            (crate::Field::Products, "acme gadget", "acme/gadget"),
        ]
    );
}

#[test]
fn places_are_characters_and_the_slices_are_equal() {
    let mut dice = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = |n: usize| {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        (dice % n as u64) as usize
    };
    let pieces = [
        "CVE-2024-3094",
        "Ünïcode",
        " ",
        "\n",
        "漢字",
        "🦀",
        "before 2.0",
        "e\u{301}",
        "Fancy Bear",
        "T1059.001",
        "-",
        ".",
        "Play ransomware",
        "\u{200b}",
        "\u{202e}",
        "ﬁ",
        "İ",
        "ß",
        "\0",
        "<= 5.x",
        "v1.2.3-rc.1",
        "Hive",
        "/",
        "%",
        "٣.٤",
        "“",
        "x",
    ];
    for _ in 0..400 {
        let text: String = (0..next(30)).map(|_| pieces[next(pieces.len())]).collect();
        let title: String = (0..next(6)).map(|_| pieces[next(pieces.len())]).collect();
        let subject = Subject {
            title: &title,
            text: &text,
            products: "fancy bear\nünïcode 漢字",
            ..Subject::default()
        };
        let document = Document::new(&title, &text);
        let found = names().find(&document, &subject, &[]);
        assert_eq!(found, names().find(&document, &subject, &[]));
        let mut last = (crate::Field::Title, 0);
        for entity in &found {
            let whole = match entity.field {
                crate::Field::Title => &title,
                crate::Field::Text => &text,
                crate::Field::Products => subject.products,
            };
            let slice: String = whole
                .chars()
                .skip(entity.start as usize)
                .take((entity.end - entity.start) as usize)
                .collect();
            assert_eq!(slice, entity.name, "{text:?}");
            assert!(!entity.name.is_empty());
            // In order, and none over another.
            assert!((entity.field, entity.start) >= last, "{text:?}");
            last = (entity.field, entity.end);
        }
    }
}

#[test]
fn hostile_texts_take_linear_time_and_stay_small() {
    let hostile = [
        "[".repeat(1_000_000),
        "Word ".repeat(1_000_000),
        "a".repeat(15_000_000),
        "1.".repeat(500_000),
        "CVE-".repeat(300_000),
        "Fancy ".repeat(300_000),
        "before 1.0 ".repeat(200_000),
        "-".repeat(1_000_000),
        "Play ransomware ".repeat(100_000),
        "1.0-".repeat(200_000),
    ];
    for text in hostile {
        let document = Document::new("", &text);
        let found = names().find(&document, &Subject::default(), &[]);
        assert!(found.len() <= Entity::MOST);
    }
}

#[test]
fn a_tagger_that_is_malformed_is_refused() {
    for bytes in [
        &b""[..],
        &[0],
        &[17],
        &[1, 1, b'O'],
        &[
            1, 1, b'O', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255,
        ],
    ] {
        assert!(tag::Tagger::read("crf.report", bytes).is_err(), "{bytes:?}");
    }
    for bytes in [&b""[..], &[1, 0, 0, 0, b'z', 0], &[255; 40]] {
        assert!(gazetteer::Gazetteer::read(bytes).is_err(), "{bytes:?}");
    }
}
