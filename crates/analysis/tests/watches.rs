//! Watches over any text: one scan finds what each watch finds alone, places are whole characters, nothing
//! panics, and hostile texts take linear time.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use tocsin_analysis::{
    Field, ProductRanges, Scope, Subject, VersionRange, Watch, WatchKind, WatchMatch, WatchSet,
    WatchedProduct, check_watch,
};

/// Pieces that texts and watches are made of.
const PIECES: &[&str] = &[
    "apache",
    "http",
    "server",
    "Apache License",
    "nginx",
    "NGINX",
    "java",
    "javascript",
    "c++",
    "c",
    ".net",
    "log4j",
    "2.4.1",
    "1.0",
    "before",
    "through",
    "and earlier",
    "-",
    "_",
    "--",
    " ",
    "  ",
    "\n",
    "\t",
    ".",
    ",",
    "(",
    "#",
    "++",
    "é",
    "e\u{301}",
    "İ",
    "ı",
    "ſ",
    "\u{212a}",
    "ß",
    "STRASSE",
    "Straße",
    "日本語",
    "кибер",
    "\u{1F600}",
    "\u{0}",
    "\u{200d}",
    "\u{feff}",
    "ﬁ",
    "Σ",
    "ς",
    "\u{10FFFF}",
    "a",
    "b",
    "\u{2011}",
    "\u{a0}",
];

const REGEXES: &[&str] = &[
    r"apache\s+\w+",
    r"\d+\.\d+",
    r"(nginx|java)\b",
    r"[a-z]{4,}",
    r"(?-i)NGINX",
    r"\bc\+\+",
    r"log4[a-z]?",
    r"http[-_ ]server",
    r"stra(ß|ss)e",
    r"(a|b)+c?",
    r"кибер\w*",
    r"\p{Han}+",
    r".",
    r"(?s)apache.*server",
];

fn pieces(rng: &mut StdRng, most: usize) -> String {
    let count = rng.random_range(1..=most);
    (0..count)
        .map(|_| *PIECES.choose(rng).unwrap())
        .collect::<Vec<_>>()
        .join(if rng.random() { " " } else { "" })
}

fn watch(rng: &mut StdRng, number: usize) -> Watch {
    let mut some = |most: usize, pieces_each: usize| -> Vec<String> {
        let count = rng.random_range(0..=most);
        (0..count).map(|_| pieces(rng, pieces_each)).collect()
    };
    let (aliases, exceptions) = (some(2, 2), some(2, 4));
    let term = pieces(rng, 2);
    let fields = Field::ALL
        .into_iter()
        .filter(|_| rng.random_bool(0.1))
        .collect();
    let scope = Scope {
        fields,
        ..Scope::default()
    };
    let watch = Watch {
        term: format!("{term} {number}"),
        aliases,
        exceptions,
        scope,
        ..Watch::default()
    };
    match rng.random_range(0..10) {
        0..6 => Watch { term, ..watch },
        6..8 => Watch {
            term: (*REGEXES.choose(rng).unwrap()).to_owned(),
            aliases: Vec::new(),
            kind: WatchKind::Regex,
            ..watch
        },
        _ => Watch {
            kind: WatchKind::Product,
            product: Some(WatchedProduct {
                vendor: rng.random_bool(0.5).then(|| "apache".to_owned()),
                product: (*["http_server", "nginx", "log4j", "java"]
                    .choose(rng)
                    .unwrap())
                .to_owned(),
                versions: if rng.random() {
                    vec!["2.4.1".into(), ">=1 <2".into()]
                } else {
                    Vec::new()
                },
            }),
            ..watch
        },
    }
}

fn ranges(rng: &mut StdRng) -> Vec<ProductRanges> {
    let mut all = Vec::new();
    for (vendor, product) in [
        ("apache", "http_server"),
        ("", "nginx"),
        ("Apache Software Foundation", "Apache Log4j"),
    ] {
        if rng.random_bool(0.3) {
            let range = VersionRange {
                before: Some("2.4".into()),
                ..VersionRange::default()
            };
            all.push(ProductRanges {
                vendor: vendor.into(),
                product: product.into(),
                source: None,
                ranges: if rng.random() {
                    vec![range]
                } else {
                    Vec::new()
                },
            });
        }
    }
    all
}

fn check_places(subject: &Subject<'_>, found: &[WatchMatch]) {
    for one in found {
        let text = subject.field(one.field);
        let chars: Vec<char> = text.chars().collect();
        assert!(
            one.start <= one.end && one.end as usize <= chars.len(),
            "{one:?} in {text:?}"
        );
        if one.start == one.end {
            assert_eq!((one.field, one.start), (Field::Products, 0), "{one:?}");
        }
    }
}

#[test]
fn one_scan_of_many_watches_finds_what_each_finds_alone() {
    let rng = &mut StdRng::seed_from_u64(7);
    let rounds = if std::env::var_os("TOCSIN_FULL").is_some() {
        20_000
    } else {
        1_500
    };
    for _ in 0..rounds {
        let count = rng.random_range(1..12);
        let watches: Vec<Watch> = (0..count).map(|n| watch(rng, n)).collect();
        let (title, text, products) = (pieces(rng, 6), pieces(rng, 25), pieces(rng, 4));
        let ranges = ranges(rng);
        let subject = Subject {
            title: &title,
            text: &text,
            products: &products,
            ranges: &ranges,
            ..Subject::default()
        };
        let together = WatchSet::new(watches.clone()).find(&subject);
        check_places(&subject, &together);
        let mut alone: Vec<WatchMatch> = Vec::new();
        for watch in &watches {
            let mut found = WatchSet::new(vec![watch.clone()]).find(&subject);
            // What is kept of one alert is bounded: the first of each watch always is.
            if let Some(first) = found.first() {
                assert!(
                    together.contains(first),
                    "{first:?} of {watch:?} in {subject:?}"
                );
            }
            alone.append(&mut found);
        }
        let words = |all: &[WatchMatch]| -> BTreeSet<String> {
            all.iter().map(|m| format!("{m:?}")).collect()
        };
        let (together_words, alone_words) = (words(&together), words(&alone));
        if alone.len() <= WatchSet::MOST_MATCHES {
            assert_eq!(together_words, alone_words, "{watches:?} in {subject:?}");
        } else {
            assert!(together_words.is_subset(&alone_words));
        }
    }
}

#[test]
fn any_characters_are_survived() {
    let rng = &mut StdRng::seed_from_u64(8);
    for _ in 0..2_000 {
        let mut text = |most: usize| -> String {
            let count = rng.random_range(0..most);
            (0..count).map(|_| rng.random::<char>()).collect()
        };
        let (term, alias, exception, title, body) = (text(4), text(3), text(5), text(20), text(60));
        for kind in WatchKind::ALL {
            let watch = Watch {
                term: term.clone(),
                aliases: vec![alias.clone()],
                exceptions: vec![exception.clone()],
                kind,
                product: Some(WatchedProduct {
                    vendor: Some(alias.clone()),
                    product: term.clone(),
                    versions: vec![exception.clone()],
                }),
                ..Watch::default()
            };
            let _ = check_watch(&watch);
            let whole = format!("{body}{term} {alias}{exception}");
            let subject = Subject {
                title: &title,
                text: &whole,
                products: &term,
                ..Subject::default()
            };
            let found = WatchSet::new(vec![watch]).find(&subject);
            check_places(&subject, &found);
        }
    }
}

fn took(watches: Vec<Watch>, text: &str) -> Duration {
    let set = WatchSet::new(watches);
    let begun = Instant::now();
    let found = set.find(&Subject {
        text,
        ..Subject::default()
    });
    std::hint::black_box(found);
    begun.elapsed()
}

fn term(text: &str) -> Watch {
    Watch {
        term: text.into(),
        ..Watch::default()
    }
}

fn regex(text: &str) -> Watch {
    Watch {
        kind: WatchKind::Regex,
        ..term(text)
    }
}

/// Anything quadratic would take hours here; what is linear takes a second or two on a slow machine.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn hostile_texts_take_linear_time() {
    const SIZE: usize = 15_000_000;
    let nested: Vec<Watch> = (1..=10).map(|n| term(&"a ".repeat(n))).collect();
    let excepted = vec![Watch {
        exceptions: vec!["a a".into(), "a a a".into()],
        ..term("a")
    }];
    let product = vec![Watch {
        kind: WatchKind::Product,
        product: Some(WatchedProduct {
            vendor: None,
            product: "a".into(),
            versions: vec!["1.0".into()],
        }),
        ..term("a")
    }];
    for (name, watches, text) in [
        ("one letter", nested.clone(), "a".repeat(SIZE)),
        ("one word", nested, "a ".repeat(SIZE / 2)),
        ("all excepted", excepted, "a ".repeat(SIZE / 2)),
        ("all mentions", product, "a before ".repeat(SIZE / 9)),
        (
            "brackets",
            vec![term("a"), regex(r"\(+x")],
            "(".repeat(1_000_000),
        ),
        ("not ASCII", vec![term("é")], "é ".repeat(SIZE / 3)),
    ] {
        let time = took(watches, &text);
        println!("{name}: {time:?}");
        assert!(time < PATIENCE, "{name} took {time:?}");
    }
}

#[test]
fn a_regex_of_a_catastrophic_shape_stays_linear() {
    for pattern in [
        r"(a+)+b",
        r"(a|a)*b",
        r"(a|aa)+$",
        r"(.*a){20}",
        r"(x+x+)+y",
        r"([a-z]+)*\d",
        r"^(([a-z])+.)+[A-Z]([a-z])+$",
        r".*[^A-Z]|[a-z]",
    ] {
        let watch = regex(pattern);
        assert_eq!(check_watch(&watch), Ok(()), "{pattern}");
        let text = format!("{}!", "a".repeat(900_000));
        let time = took(vec![watch], &text);
        println!("{pattern}: {time:?}");
        assert!(time < PATIENCE, "{pattern} took {time:?}");
    }
}

#[test]
fn what_a_text_costs_does_not_depend_on_how_many_watches_there_are() {
    let text =
        "A flaw in the parser of Acme Router 3.1 lets a remote attacker run commands. ".repeat(20);
    let many = |count: usize| -> Vec<Watch> {
        (0..count)
            .map(|n| match n % 10 {
                0 => regex(&format!(r"gadget{n}[a-z]+\d")),
                1 => Watch {
                    kind: WatchKind::Product,
                    product: Some(WatchedProduct {
                        vendor: Some(format!("maker{n}")),
                        product: format!("thing_{n}"),
                        versions: vec!["1.0".into()],
                    }),
                    ..term(&format!("thing {n}"))
                },
                _ => term(&format!("appliance {n}")),
            })
            .collect()
    };
    let measure = |count: usize| {
        let set = WatchSet::new(many(count));
        let subject = Subject {
            text: &text,
            ..Subject::default()
        };
        (0..20)
            .map(|_| {
                let begun = Instant::now();
                for _ in 0..50 {
                    assert_eq!(std::hint::black_box(set.find(&subject)), []);
                }
                begun.elapsed()
            })
            .min()
            .unwrap()
    };
    let (few, thousands) = (measure(10), measure(10_000));
    println!("10 watches: {few:?}, 10,000 watches: {thousands:?}");
    // A thousand times the watches; the automaton no longer fits the fastest cache.
    assert!(
        thousands < few * 20 + Duration::from_millis(5),
        "{few:?} {thousands:?}"
    );
}
