//! Terms, regexes and products, alone and together.

use super::*;
use crate::{ProductRanges, Subject, VersionRange};

fn own(list: &[&str]) -> Vec<String> {
    list.iter().map(ToString::to_string).collect()
}

fn watch(term: &str, aliases: &[&str], exceptions: &[&str]) -> Watch {
    Watch {
        term: term.into(),
        aliases: own(aliases),
        exceptions: own(exceptions),
        ..Watch::default()
    }
}

fn regex(pattern: &str) -> Watch {
    Watch {
        kind: WatchKind::Regex,
        ..watch(pattern, &[], &[])
    }
}

fn product(vendor: Option<&str>, name: &str, versions: &[&str]) -> Watch {
    Watch {
        kind: WatchKind::Product,
        product: Some(WatchedProduct {
            vendor: vendor.map(Into::into),
            product: name.into(),
            versions: own(versions),
        }),
        ..watch("ours", &[], &[])
    }
}

fn set(term: &str, aliases: &[&str], exceptions: &[&str]) -> WatchSet {
    WatchSet::new(vec![watch(term, aliases, exceptions)])
}

fn find(set: &WatchSet, title: &str, text: &str) -> Vec<WatchMatch> {
    set.find(&Subject {
        title,
        text,
        ..Subject::default()
    })
}

fn hits(term: &str, text: &str) -> usize {
    find(&set(term, &[], &[]), "", text).len()
}

fn slice(text: &str, found: &WatchMatch) -> String {
    let count = (found.end - found.start) as usize;
    text.chars()
        .skip(found.start as usize)
        .take(count)
        .collect()
}

#[test]
fn terms_match_whole_words_without_regard_to_case() {
    for (term, text, expect) in [
        ("nginx", "A flaw in NGINX 1.2", 1),
        ("java", "a JavaScript engine", 0),
        ("java", "Java, and java.", 2),
        ("c", "written in C++ and C#", 0),
        ("c++", "written in C++ and C#", 1),
        (".net", "the .NET runtime", 1),
        ("http server", "Apache HTTP_Server and http\nserver", 2),
        ("remote code", "remote-code execution", 1),
        (
            "Palo Alto - GlobalProtect",
            "a flaw in Palo Alto - GlobalProtect",
            1,
        ),
        ("foo bar", "foo\n\nbar", 1),
        ("straße", "In der STRASSE, der Straße", 1),
        ("кибератака", "Кибератака на банк", 1),
        ("log4j", "log4j2", 0),
    ] {
        assert_eq!(hits(term, text), expect, "{term} in {text}");
    }
}

#[test]
fn an_empty_keyword_matches_nothing() {
    for term in ["", " ", "\t", "--", "++", "…"] {
        assert!(check_term(term).is_err(), "{term:?}");
        assert_eq!(hits(term, "anything at all -- ++ …"), 0, "{term:?}");
    }
}

#[test]
fn exceptions_take_back_only_the_matches_inside_them() {
    let watches = set("apache", &[], &["apache license"]);
    assert!(find(&watches, "", "under the Apache License 2.0").is_empty());
    let found = find(&watches, "", "Apache httpd is under the Apache License");
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].start, found[0].end), (0, 6));
}

#[test]
fn exceptions_hold_however_far_into_a_text() {
    let watches = set("apache", &[], &["the apache license"]);
    let mut text = "the Apache License, ".repeat(3_000);
    assert_eq!(find(&watches, "", &text), []);
    text.push_str("Apache");
    assert_eq!(find(&watches, "", &text).len(), 1);
}

#[test]
fn places_are_counted_in_characters_of_the_original() {
    let text = "İstanbul’da NGINX açığı";
    let found = find(&set("nginx", &[], &[]), "", text);
    assert_eq!(slice(text, &found[0]), "NGINX");
}

#[test]
fn an_alias_names_its_watch_and_the_longer_spelling_wins() {
    let watches = set("kubernetes", &["k8s", "kubernetes api server"], &[]);
    let found = find(&watches, "K8s", "the Kubernetes API server");
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].watch, "kubernetes");
    assert_eq!(found[0].term, "k8s");
    assert_eq!(found[1].term, "kubernetes api server");
}

#[test]
fn every_watch_keeps_its_first_match_however_often_another_matches() {
    let watches = WatchSet::new(vec![watch("a", &[], &[]), watch("rare", &[], &[])]);
    let text = format!("{} rare", "a ".repeat(50_000));
    let found = find(&watches, "", &text);
    assert_eq!(found.len(), WatchSet::MOST_MATCHES + 1);
    assert!(found.iter().any(|m| m.watch == "rare"));
}

#[test]
fn a_regex_reads_the_text_as_it_is_written() {
    for (pattern, text, expect) in [
        (r"struts[0-9]+", "in Struts2 and struts 3", &["Struts2"][..]),
        (r"(?-i)IOS XE", "ios xe and IOS XE", &["IOS XE"]),
        (
            r"\bCVE-2026-\d{4,}\b",
            "CVE-2026-12345, CVE-2025-1",
            &["CVE-2026-12345"],
        ),
        (
            r"remote[- ]code",
            "remote-code, remote code, remote_code",
            &["remote-code", "remote code"],
        ),
        (r"[a-z]+soft", "Micro\u{17f}oft", &["Micro\u{17f}oft"]),
        (r"kelvin", "\u{212a}elvin", &["\u{212a}elvin"]),
        (r"\d+\.\d+", "naïve 1.2 é 3.4", &["1.2", "3.4"]),
        (
            r"größe\s+\w+",
            "die GRÖSSE, die Größe  des",
            &["Größe  des"],
        ),
        (r"a--?b", "a--b a-b a b", &["a--b", "a-b"]),
    ] {
        let found = find(&WatchSet::new(vec![regex(pattern)]), "", text);
        let texts: Vec<String> = found.iter().map(|m| slice(text, m)).collect();
        assert_eq!(texts, expect, "{pattern}");
        assert!(
            found
                .iter()
                .all(|m| m.watch == pattern && m.term == pattern)
        );
    }
}

#[test]
fn a_regex_has_exceptions_and_further_regexes() {
    let watches = WatchSet::new(vec![Watch {
        aliases: own(&[r"log4\w+"]),
        exceptions: own(&["apache license", "log4shell scanner"]),
        ..regex(r"apache\s\w+")
    }]);
    let text = "Apache License, Apache Tomcat, log4shell scanner, log4j";
    let found = find(&watches, "", text);
    let texts: Vec<String> = found.iter().map(|m| slice(text, m)).collect();
    assert_eq!(texts, ["Apache Tomcat", "log4j"]);
    assert_eq!(found[1].term, r"log4\w+");
}

#[test]
fn a_watch_that_cannot_be_taken_says_which_part() {
    let check = |watch: &Watch, expect| assert_eq!(check_watch(watch), expect, "{watch:?}");
    check(&watch("nginx", &["ngx"], &["nginx unit"]), Ok(()));
    check(
        &watch("", &[], &[]),
        Err((WatchPart::Term, WatchProblem::Empty)),
    );
    check(
        &watch("a", &["b", "-"], &[]),
        Err((WatchPart::Alias(1), WatchProblem::Empty)),
    );
    check(
        &watch("a", &[], &[&"x".repeat(201)]),
        Err((WatchPart::Exception(0), WatchProblem::TooLong)),
    );
    check(
        &regex("a*"),
        Err((WatchPart::Term, WatchProblem::MatchesNothing)),
    );
    check(&product(Some("apache"), "http_server", &["2.4.1"]), Ok(()));
    check(
        &product(Some(""), "http_server", &[]),
        Err((WatchPart::Product, WatchProblem::Empty)),
    );
    check(
        &product(None, "x", &["1", "new"]),
        Err((WatchPart::Version(1), WatchProblem::BadVersion)),
    );
    let none = Watch {
        product: None,
        ..product(None, "x", &[])
    };
    check(&none, Err((WatchPart::Product, WatchProblem::NoProduct)));
}

#[test]
fn what_is_off_or_out_of_scope_is_not_found() {
    let scoped = |scope: Scope| {
        WatchSet::new(vec![Watch {
            scope,
            ..watch("nginx", &[], &[])
        }])
    };
    let subject = Subject {
        title: "nginx",
        text: "about nginx",
        products: "f5 nginx",
        kind: "article",
        source: "thehackernews",
        ..Subject::default()
    };
    let count = |scope: Scope| scoped(scope).find(&subject).len();
    assert_eq!(count(Scope::default()), 3);
    let kinds = |kinds: &[&str]| Scope {
        kinds: own(kinds),
        ..Scope::default()
    };
    assert_eq!(count(kinds(&["vulnerability", "article"])), 3);
    assert_eq!(count(kinds(&["vulnerability"])), 0);
    let sources = |sources: &[&str]| Scope {
        sources: own(sources),
        ..Scope::default()
    };
    assert_eq!(count(sources(&["thehackernews"])), 3);
    assert_eq!(count(sources(&["nvd"])), 0);
    let fields = |fields: &[Field]| Scope {
        fields: fields.to_vec(),
        ..Scope::default()
    };
    assert_eq!(count(fields(&[Field::Title, Field::Products])), 2);
    let off = WatchSet::new(vec![Watch {
        enabled: false,
        ..watch("nginx", &[], &[])
    }]);
    assert!(off.is_empty() && off.find(&subject).is_empty());
}

fn span(from: Option<&str>, before: Option<&str>) -> VersionRange {
    VersionRange {
        from: from.map(Into::into),
        before: before.map(Into::into),
        ..VersionRange::default()
    }
}

fn stated(vendor: &str, product: &str, ranges: Vec<VersionRange>) -> ProductRanges {
    ProductRanges {
        vendor: vendor.into(),
        product: product.into(),
        source: None,
        ranges,
    }
}

/// What a product watch says of an alert: not matched, or the affected versions.
fn verdict(watch: &Watch, products: &str, ranges: &[ProductRanges], text: &str) -> Option<String> {
    let subject = Subject {
        text,
        products,
        ranges,
        ..Subject::default()
    };
    let found = WatchSet::new(vec![watch.clone()]).find(&subject);
    for one in &found {
        let whole = subject.field(one.field);
        assert!(one.end as usize <= whole.chars().count());
    }
    let first = found.first()?;
    Some(first.version.clone().unwrap_or_else(|| "unknown".into()))
}

#[test]
fn a_product_is_matched_by_what_sources_state_of_its_versions() {
    let httpd = |versions: &[&str]| product(Some("apache"), "http_server", versions);
    let before_240 = [stated(
        "apache",
        "http_server",
        vec![span(None, Some("2.4.0"))],
    )];
    let line = "apache http_server";
    let check = |watch: &Watch, ranges: &[ProductRanges], expect: Option<&str>| {
        let found = verdict(watch, line, ranges, "A flaw in Apache HTTP Server 2.4.1.");
        assert_eq!(found.as_deref(), expect, "{watch:?}");
    };
    check(&httpd(&[]), &before_240, Some("unknown"));
    // 2.4.1 is outside of < 2.4.0, whatever the text says.
    check(&httpd(&["2.4.1"]), &before_240, None);
    check(&httpd(&["2.3.9"]), &before_240, Some("2.3.9"));
    check(
        &httpd(&["2.4.1", "2.2.x", ">=1.3 <2"]),
        &before_240,
        Some("2.2.x, >=1.3 <2"),
    );
    // Another vendor's.
    check(&product(Some("f5"), "http_server", &[]), &before_240, None);
    check(
        &product(None, "HTTP Server", &["2.3"]),
        &before_240,
        Some("2.3"),
    );
    // The CNA's words for the same.
    let cna = [stated(
        "Apache Software Foundation",
        "Apache HTTP Server",
        vec![span(Some("2.4.17"), Some("2.4.59"))],
    )];
    check(&httpd(&["2.4.58"]), &cna, Some("2.4.58"));
    check(&httpd(&["2.4.60"]), &cna, None);
    // Any source that says so is enough; one that states no versions says nothing.
    let both = [before_240[0].clone(), cna[0].clone()];
    check(&httpd(&["2.4.58"]), &both, Some("2.4.58"));
    let silent = [stated("apache", "http_server", Vec::new())];
    check(&httpd(&["2.4.1"]), &silent, Some("2.4.1"));
    check(&httpd(&["2.4.2"]), &silent, None);
    let with_silent = [silent[0].clone(), before_240[0].clone()];
    check(&httpd(&["2.4.1"]), &with_silent, None);
    // Commits are no versions.
    let commits = VersionRange {
        before: Some("9ab177e4c3f41524e886b7f1b8a0c1fc7321cac2".into()),
        ..VersionRange::default()
    };
    let kernel = [stated("Linux", "Linux", vec![commits])];
    let linux = product(Some("linux"), "linux", &["6.1.5"]);
    assert_eq!(verdict(&linux, "", &kernel, "").as_deref(), Some("unknown"));
}

#[test]
fn a_product_without_data_is_matched_by_its_text() {
    let httpd = product(Some("apache"), "http server", &["2.4.1"]);
    let alias = Watch {
        aliases: own(&["httpd"]),
        ..httpd.clone()
    };
    for (watch, text, expect) in [
        (
            &httpd,
            "Apache HTTP Server before 2.4.58 allows",
            Some("2.4.1"),
        ),
        (&httpd, "Apache HTTP Server 2.4.49 and 2.4.50 allow", None),
        (&httpd, "Apache HTTP Server has a flaw", Some("unknown")),
        (&httpd, "The HTTP server of Acme Router before 3.0", None),
        (&httpd, "nginx before 3.0", None),
        (&httpd, "A flaw in httpd 2.4.1", None),
        (&alias, "A flaw in httpd 2.4.1", Some("2.4.1")),
        (&alias, "A flaw in httpd 2.4.2", None),
    ] {
        assert_eq!(verdict(watch, "", &[], text).as_deref(), expect, "{text}");
    }
    // Products as they were stored before ranges were.
    assert_eq!(
        verdict(&httpd, "apache http_server", &[], "A flaw.").as_deref(),
        Some("unknown")
    );
}

#[test]
fn a_product_is_shown_where_it_stands() {
    let ranges = [
        stated("acme", "route\u{0301}r", vec![]),
        stated("apache", "http_server", vec![span(None, Some("3"))]),
    ];
    let subject = Subject {
        title: "Apache HTTP Server: größer",
        text: "The http server of Apache.",
        products: "acme route\u{0301}r\napache http_server",
        ranges: &ranges,
        ..Subject::default()
    };
    let watch = product(Some("apache"), "http_server", &["2.4.1"]);
    let places = |watch: &Watch| -> Vec<(Field, String)> {
        let found = WatchSet::new(vec![watch.clone()]).find(&subject);
        assert!(
            found
                .iter()
                .all(|m| m.watch == "ours" && m.version.as_deref() == Some("2.4.1"))
        );
        found
            .iter()
            .map(|m| (m.field, slice(subject.field(m.field), m)))
            .collect()
    };
    assert_eq!(
        places(&watch),
        [
            (Field::Title, "Apache HTTP Server".to_owned()),
            (Field::Text, "http server".to_owned()),
            (Field::Products, "apache http_server".to_owned()),
        ]
    );
    let scoped = Watch {
        scope: Scope {
            fields: vec![Field::Text],
            ..Scope::default()
        },
        ..watch.clone()
    };
    assert_eq!(places(&scoped).len(), 1);
    // In the data alone.
    let bare = Subject {
        ranges: &ranges,
        ..Subject::default()
    };
    let found = WatchSet::new(vec![watch]).find(&bare);
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].field, found[0].start, found[0].end),
        (Field::Products, 0, 0)
    );
}

#[test]
fn a_mute_wins_over_a_watch() {
    let analyser =
        crate::Analyser::new(set("apache", &[], &[])).with_mutes(set("tomcat", &[], &[]));
    let relevance = |title| {
        analyser.relevance(&Subject {
            title,
            ..Subject::default()
        })
    };
    let muted = relevance("Apache Tomcat");
    assert_eq!(
        (muted.is_relevant, muted.reason),
        (false, crate::Reason::Mute)
    );
    assert_eq!((muted.matches.len(), muted.muted_by.len()), (1, 1));
    assert!(relevance("Apache httpd").is_relevant);
    assert_eq!(relevance("nginx").reason, crate::Reason::NoWatch);
}

#[test]
fn an_older_watch_is_read_as_it_was_meant() {
    let old = r#"{"term":"nginx","aliases":["ngx"],"exceptions":[]}"#;
    let read: Watch = serde_json::from_str(old).unwrap();
    assert_eq!(read, watch("nginx", &["ngx"], &[]));
    let found = r#"{"watch":"a","term":"a","field":"title","start":0,"end":1}"#;
    let read: WatchMatch = serde_json::from_str(found).unwrap();
    assert_eq!(read.version, None);
}
