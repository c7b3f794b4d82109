//! Whole drafts through normalise: identity, hash, hostile and random input.

use super::*;
use crate::model::{CvssVersion, Issuer, Product, Reference, Score, SourceId, Time};

fn article(title: &str, html: &str) -> Draft {
    Draft {
        source: SourceId::new("thehackernews"),
        kind: Kind::Article,
        identity: Identity::Feed {
            guid: None,
            guid_repeats: false,
        },
        title: Some(title.into()),
        body: Body::Html(html.into()),
        link: None,
        base: None,
        published: None,
        updated: None,
        facts: Facts::default(),
    }
}

fn cve() -> Draft {
    let score = |source: &str, score| Score {
        version: CvssVersion::V31,
        issuer: Issuer::Cna,
        source: source.into(),
        primary: false,
        score,
        vector: String::new(),
    };
    let product = |product: &str| Product {
        vendor: "acme".into(),
        product: product.into(),
        versions: String::new(),
    };
    Draft {
        kind: Kind::Vulnerability,
        identity: Identity::Cve("cve-2026-1000".into()),
        title: None,
        body: Body::Text(
            "Thing before 1.2 allows remote attackers to execute arbitrary code.".into(),
        ),
        facts: Facts {
            scores: vec![score("a", 9.8), score("b", 5.0)],
            products: vec![product("thing"), product("other")],
            references: ["https://a.org/1", "https://b.org/2", "javascript:x"]
                .map(|url| Reference {
                    url: url.into(),
                    tags: vec!["Patch".into()],
                })
                .into(),
            ..Facts::default()
        },
        ..article("", "")
    }
}

#[test]
fn alerts_without_an_id_get_a_stable_identity() {
    let linked = |link: &str| Draft {
        link: Some(link.into()),
        ..article("T", "<p>x</p>")
    };
    let one = normalise(linked("https://a.org/1?utm_source=rss")).unwrap();
    let two = normalise(linked("https://A.org/1")).unwrap();
    assert_eq!(one.uid, two.uid);
    assert!(one.uid.starts_with("feed:thehackernews:") && one.uid.len() == 19 + 16);

    let bare = normalise(article("T", "<p>x</p>")).unwrap();
    assert_eq!(bare.uid, normalise(article("T", "<p>x</p>")).unwrap().uid);
    assert_ne!(bare.uid, one.uid);
    assert_ne!(bare.uid, normalise(article("T", "<p>y</p>")).unwrap().uid);
}

#[test]
fn an_entry_is_known_by_its_guid_and_a_repeated_guid_by_its_link_too() {
    let with = |guid: &str, guid_repeats, link: &str, title: &str| {
        let draft = Draft {
            identity: Identity::Feed {
                guid: Some(guid.into()),
                guid_repeats,
            },
            link: Some(link.into()),
            ..article(title, "x")
        };
        normalise(draft).unwrap().uid
    };
    assert_eq!(
        with("g", false, "https://a.org/1", "T"),
        with("g", false, "https://a.org/2", "edited")
    );
    assert_ne!(
        with("g", true, "https://a.org/1", "T"),
        with("g", true, "https://a.org/2", "T")
    );
}

#[test]
fn order_and_dates_are_no_part_of_the_meaning() {
    let one = normalise(cve()).unwrap();
    assert_eq!(one.uid, "CVE-2026-1000");
    let mut turned = cve();
    turned.facts.scores.reverse();
    turned.facts.products.reverse();
    turned.facts.references.reverse();
    turned.updated = Some(Time(5));
    assert_eq!(normalise(turned).unwrap().hash, one.hash);
}

#[test]
fn every_change_of_meaning_changes_the_hash() {
    let base = normalise(cve()).unwrap().hash;
    let changes: [fn(&mut Draft); 8] = [
        |d| d.facts.scores[0].score = 9.9,
        |d| d.facts.status = Some("Rejected".into()),
        |d| d.facts.ssvc_exploitation = Some("active".into()),
        |d| d.facts.cwes.push("CWE-79".into()),
        |d| d.facts.products[0].versions = "before 2".into(),
        |d| d.facts.references.truncate(1),
        |d| d.facts.tags.push("disputed".into()),
        |d| d.body = Body::Text("Something else.".into()),
    ];
    for (i, change) in changes.iter().enumerate() {
        let mut draft = cve();
        change(&mut draft);
        assert_ne!(normalise(draft).unwrap().hash, base, "{i}");
    }
}

#[test]
fn nothing_can_be_shifted_between_fields() {
    let hash = |vendor: &str, product: &str| {
        let mut draft = cve();
        draft.title = Some("T".into());
        draft.facts.products = vec![Product {
            vendor: vendor.into(),
            product: product.into(),
            versions: String::new(),
        }];
        normalise(draft).unwrap().hash
    };
    assert_ne!(hash("ab", "c"), hash("a", "bc"));
}

#[test]
fn an_article_names_its_cves_and_keeps_no_markup() {
    let alert = normalise(article(
        "Patch <b>now</b> &amp; again: cve\u{2011}2026\u{2011}21413",
        "<p onclick=x>See CVE-2025-<b>0001</b></p><script>CVE-2020-9999</script>",
    ))
    .unwrap();
    assert_eq!(alert.facts.cves, ["CVE-2025-0001", "CVE-2026-21413"]);
    assert_eq!(
        alert.title,
        "Patch now & again: cve\u{2011}2026\u{2011}21413"
    );
    assert_eq!(alert.text, "See CVE-2025-0001");
}

#[test]
fn what_cannot_be_recognised_again_is_a_problem() {
    let nothing = Draft {
        title: None,
        ..article("", "<script>x</script>")
    };
    assert_eq!(
        normalise(nothing).unwrap_err().fault.code,
        "nothing_to_show"
    );
    let no_id = Draft {
        identity: Identity::Cve("CVE-1".into()),
        ..cve()
    };
    let problem = normalise(no_id).unwrap_err();
    assert_eq!(
        (problem.subject.as_str(), problem.fault.code.as_str()),
        ("CVE-1", "bad_cve_id")
    );
}

#[test]
fn dangerous_links_are_dropped_and_long_texts_cut() {
    let alert = normalise(cve()).unwrap();
    assert_eq!(alert.facts.references.len(), 2);
    let draft = Draft {
        link: Some("javascript:alert(1)".into()),
        ..article("T", &"é".repeat(300_000))
    };
    let alert = normalise(draft).unwrap();
    assert_eq!(alert.url, None);
    assert!(alert.text.len() <= MAX_TEXT_BYTES && alert.text.ends_with('…'));
}

#[test]
fn random_input_never_panics() {
    const PIECES: &[&str] = &[
        "A vulnerability was found in ",
        " in ",
        ". ",
        "The manipulation of the argument ",
        " leads to ",
        " allows ",
        " to ",
        "é",
        "\u{202e}",
        "<script>",
        "</",
        "&#x",
        "&amp;",
        "** REJECT **",
        "\n\n",
        "CVE-",
        "2026-",
        "1234",
        "In the Linux kernel, the following vulnerability has been resolved:",
        " before ",
        "1.2",
        " is a ",
        "Prior to ",
        ", ",
        "('",
        "')",
        "(component: ",
        " of the file ",
        "\u{0}",
        "ß",
        "İ",
        "日本",
        "This issue affects ",
        ":",
        "Due to ",
        " plugin for WordPress",
        " contains ",
        "Vulnerability in the ",
        " product of ",
        "http://",
        "%",
        "[",
        "…",
        " Vulnerability",
        "Spoofing",
        " vulnerability in ",
    ];
    let mut x = 7_u64;
    let mut next = move || {
        x = x
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(x >> 33).unwrap()
    };
    for round in 0..5_000 {
        let mut text = String::new();
        for _ in 0..next() % 14 {
            text.push_str(PIECES[next() % PIECES.len()]);
        }
        let mut draft = if round % 2 == 0 {
            cve()
        } else {
            article(&text, &text)
        };
        draft.link = Some(text.clone());
        draft.base = Some(text.clone());
        draft.facts.products[..]
            .iter_mut()
            .for_each(|p| p.product.clone_from(&text));
        if round % 2 == 0 {
            draft.body = Body::Text(text);
        }
        if let Ok(alert) = normalise(draft) {
            assert!(!alert.title.is_empty() && alert.title.chars().count() <= MAX_TITLE_CHARS);
            assert!(
                round % 2 == 1 || alert.title.chars().count() <= 100,
                "{}",
                alert.title
            );
        }
    }
}
