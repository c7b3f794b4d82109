//! The names that the shipped model file finds: what must hold with its lists and taggers.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::Instant;

use tocsin_analysis::Subject;
use tocsin_analysis::entity::{Entity, EntityKind, Names, Style};
use tocsin_analysis::text::Document;

/// Whether the built-in file was trained: a checkout without one still builds.
fn is_trained() -> bool {
    let is_whole = Names::embedded().unwrap().is_whole();
    if !is_whole {
        eprintln!("skipped: the built-in model file has no names; run `cargo xtask train`");
    }
    is_whole
}

fn find(style: Style, text: &str) -> Vec<Entity> {
    let names = Names::embedded().unwrap();
    names.find_as(style, &Document::new("", text), &Subject::default(), &[])
}

fn pairs(found: &[Entity]) -> Vec<(EntityKind, &str)> {
    found.iter().map(|e| (e.kind, e.name.as_str())).collect()
}

#[test]
fn an_advisory_names_vendor_product_and_range() {
    if !is_trained() {
        return;
    }
    let text = "Heap buffer overflow in PDF in Google Chrome prior to 124.0.6367.78 allowed a remote \
                attacker to potentially exploit heap corruption via a crafted PDF file.";
    let found = find(Style::Advisory, text);
    assert_eq!(
        pairs(&found),
        [
            (EntityKind::Vendor, "Google"),
            (EntityKind::Product, "Chrome"),
            (EntityKind::Version, "124.0.6367.78"),
        ]
    );
    assert_eq!(found[1].id.as_deref(), Some("google/chrome"));
    let range = found[2].range.as_ref().unwrap();
    assert_eq!(
        (range.to.as_deref(), range.to_included),
        (Some("124.0.6367.78"), false)
    );
}

#[test]
fn a_report_names_malware_actors_and_techniques_with_their_ids() {
    if !is_trained() {
        return;
    }
    let text = "Fancy Bear sent mails with a link to X-Agent. The loader then started Cobalt Strike and used \
                T1059.001. In March the LockBit ransomware followed.";
    let found = find(Style::Report, text);
    let id = |name: &str| {
        let entity = found.iter().find(|e| e.name == name);
        entity.and_then(|e| e.id.as_deref()).map(str::to_string)
    };
    assert_eq!(id("Fancy Bear").as_deref(), Some("APT28"));
    assert_eq!(id("T1059.001").as_deref(), Some("T1059.001"));
    assert_eq!(id("Cobalt Strike").as_deref(), Some("Cobalt Strike"));
    let lockbit = found
        .iter()
        .find(|e| e.name.starts_with("LockBit"))
        .unwrap();
    assert_eq!(lockbit.kind, EntityKind::Ransomware);
}

#[test]
fn ordinary_sentences_have_no_malware_and_no_actors() {
    if !is_trained() {
        return;
    }
    use EntityKind as K;
    for text in [
        "The children play near the hive while a snake sleeps in the sun.",
        "Play fair. Hive minds think alike. Snake oil was sold for years.",
        "Download it from Google Play today and go home.",
        "Tor is a rocky hill in Devon.",
        "A sandworm lives in the sand of the beach.",
        "He will go to Cuba with the royal family in May.",
        "The agent took the train from Anna to the dark river and met the rogue.",
        "Black cats and basta pasta are on the menu.",
    ] {
        let found = find(Style::Report, text);
        let wrong: Vec<_> = found
            .iter()
            .filter(|e| matches!(e.kind, K::Malware | K::Ransomware | K::Actor | K::Tool))
            .map(|e| (e.kind, e.name.as_str()))
            .collect();
        assert!(wrong.is_empty(), "{text}: {wrong:?}");
    }
}

#[test]
fn the_same_text_has_the_same_names_in_any_thread() {
    if !is_trained() {
        return;
    }
    let text =
        "The Play ransomware group exploited CVE-2023-36884 in Microsoft Windows 10 before 22H2. "
            .repeat(40);
    let first = find(Style::Advisory, &text);
    assert!(!first.is_empty());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(find(Style::Advisory, &text), first));
        }
    });
}

#[test]
fn hostile_texts_take_linear_time() {
    if !is_trained() {
        return;
    }
    for (unit, count) in [
        ("[", 200_000),
        ("Word ", 200_000),
        ("Fancy Bear, ", 60_000),
        ("1.0-", 100_000),
    ] {
        for style in [Style::Advisory, Style::Report] {
            let seconds = |count: usize| {
                let text = unit.repeat(count);
                let begin = Instant::now();
                assert!(find(style, &text).len() <= Entity::MOST);
                begin.elapsed().as_secs_f64()
            };
            seconds(count / 16);
            let (short, long) = (seconds(count / 4), seconds(count));
            // Four times the text; quadratic would be sixteen times.
            assert!(
                long < short * 10.0 + 0.5,
                "{unit:?}: {short} s, then {long} s"
            );
        }
    }
    let line = "a".repeat(15_000_000);
    assert!(find(Style::Report, &line).len() <= Entity::MOST);
}
