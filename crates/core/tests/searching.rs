//! The query language over a real database: what the store finds is what `matches` says of each alert,
//! whatever was stored, changed and triaged; pages, orders and counts agree with it.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use tocsin_core::model::{
    Act, Alert, AlertId, Category, CategoryBy, CvssVersion, Facts, Finding, Issuer, Kev, Kind,
    Named, Product, Reason, Relevance, Score, Severity, SeverityBasis, Sort, SourceId, State, Time,
};
use tocsin_core::query::{self, Subject};
use tocsin_core::store::alerts::Stored;
use tocsin_core::store::{Db, Open, StoreError, Write, alerts, list, triage};

const WORDS: [&str; 14] = [
    "nginx",
    "remote",
    "code",
    "execution",
    "Überlauf",
    "buffer",
    "heap",
    "log4j-core",
    "SQL",
    "injection",
    "CVE-2026-1000",
    "kernel",
    "Naïve",
    "10.0.1",
];
const VENDORS: [&str; 4] = ["apache", "microsoft", "f5", "linux"];
const PRODUCTS: [&str; 5] = [
    "http_server",
    "windows_10",
    "nginx",
    "linux_kernel",
    "windows_11",
];
const NOW: Time = Time(1_795_000_000_000);
const DAY: i64 = 86_400;

fn text(rng: &mut StdRng, most: usize) -> String {
    let words: Vec<&str> = (0..rng.random_range(1..=most))
        .map(|_| *WORDS.choose(rng).unwrap())
        .collect();
    words.join(" ")
}

fn facts(rng: &mut StdRng) -> Facts {
    let mut facts = Facts::default();
    if rng.random_bool(0.6) {
        facts.scores.push(Score {
            version: CvssVersion::V31,
            issuer: Issuer::Nvd,
            source: "nvd@nist.gov".into(),
            primary: true,
            score: f64::from(rng.random_range(0..=100)) / 10.0,
            vector: String::new(),
        });
    }
    facts.cwes = if rng.random() {
        vec!["CWE-79".into()]
    } else {
        Vec::new()
    };
    facts.products = (0..rng.random_range(0..3))
        .map(|_| Product {
            vendor: (*VENDORS.choose(rng).unwrap()).into(),
            product: (*PRODUCTS.choose(rng).unwrap()).into(),
            versions: String::new(),
        })
        .collect();
    facts.products.sort();
    facts.products.dedup();
    if rng.random_bool(0.2) {
        facts.kev = Some(Kev {
            added: None,
            due: None,
            name: None,
            action: None,
            ransomware: rng.random(),
        });
    }
    if rng.random_bool(0.3) {
        facts.cves = vec![format!("CVE-2026-{}", rng.random_range(1000..1010))];
    }
    facts
}

fn finding(rng: &mut StdRng, facts: &Facts) -> Finding {
    let severity = [
        None,
        Some(Severity::Low),
        Some(Severity::Medium),
        Some(Severity::High),
    ];
    let is_relevant = rng.random();
    Finding {
        severity: *severity.choose(rng).unwrap(),
        severity_basis: if facts.scores.is_empty() && rng.random() {
            SeverityBasis::Estimated { probability: 0.7 }
        } else {
            SeverityBasis::Unscored
        },
        relevance: Relevance {
            is_relevant,
            reason: if is_relevant {
                Reason::Watch
            } else {
                Reason::NoWatch
            },
            ..Relevance::default()
        },
        category: rng.random::<bool>().then(|| Category {
            name: "memory_corruption".into(),
            probability: Some(0.9),
            by: CategoryBy::Model,
        }),
        named: rng
            .random_bool(0.3)
            .then(|| Named("malware".into(), "Dark Gate".into()))
            .into_iter()
            .collect(),
        ..Finding::default()
    }
}

fn alert(rng: &mut StdRng, number: u32) -> (Alert, Finding) {
    let kind = *[Kind::Vulnerability, Kind::Article, Kind::Guidance]
        .choose(rng)
        .unwrap();
    let facts = facts(rng);
    let finding = finding(rng, &facts);
    let alert = Alert {
        uid: match kind {
            Kind::Vulnerability => format!("CVE-2026-{}", 1000 + number),
            _ => format!("feed:thn:{number}"),
        },
        source: SourceId::new(if kind == Kind::Article { "thn" } else { "nvd" }),
        kind,
        title: text(rng, 4),
        text: text(rng, 12),
        url: None,
        published: rng
            .random_bool(0.9)
            .then(|| NOW.plus_s(-rng.random_range(0..40 * DAY))),
        updated: rng
            .random::<bool>()
            .then(|| NOW.plus_s(-rng.random_range(0..20 * DAY))),
        facts,
        hash: [0; 32],
    };
    (alert, finding)
}

/// One term that the language has, with values that alerts have.
fn term(rng: &mut StdRng) -> String {
    let word = WORDS.choose(rng).unwrap();
    let number = rng.random_range(0..=10);
    let days = rng.random_range(1..30);
    let all = [
        (*word).to_owned(),
        format!("\"{} {word}\"", WORDS.choose(rng).unwrap()),
        format!("{}*", word.chars().take(2).collect::<String>()),
        format!("title:{word}"),
        format!("text:{word}"),
        format!("CVE-2026-{}", 1000 + number),
        format!("id:CVE-2026-10{number}*"),
        "id:feed:thn:1*".to_owned(),
        format!(
            "severity:{}",
            ["low", "high,medium", "none"].choose(rng).unwrap()
        ),
        "severity>=medium".to_owned(),
        format!("kind:{}", ["article", "vulnerability"].choose(rng).unwrap()),
        "source:thn".to_owned(),
        format!(
            "state:{}",
            ["new", "open", "closed", "snoozed"].choose(rng).unwrap()
        ),
        "cwe:79".to_owned(),
        format!("vendor:{}", VENDORS.choose(rng).unwrap()),
        format!(
            "product:{}",
            ["windows", "win*", "\"linux kernel\"", "*"]
                .choose(rng)
                .unwrap()
        ),
        "product=nginx".to_owned(),
        "category:memory".to_owned(),
        "malware:gate".to_owned(),
        "entity:\"dark gate\"".to_owned(),
        "tag:urgent".to_owned(),
        "tag:*".to_owned(),
        format!("cvss>{number}"),
        format!("cvss:{number}..10"),
        format!("cvss<={number}"),
        "epss>0.5".to_owned(),
        "epss<20%".to_owned(),
        format!("published:<{days}d"),
        format!("published:>{days}d"),
        format!("updated:<{days}d"),
        "added:today".to_owned(),
        "added<2026-11-10".to_owned(),
        format!(
            "{}:true",
            ["kev", "exploited", "ransomware", "estimated"]
                .choose(rng)
                .unwrap()
        ),
        format!(
            "{}:false",
            ["unscored", "relevant", "unread"].choose(rng).unwrap()
        ),
    ];
    all.choose(rng).unwrap().clone()
}

fn typed(rng: &mut StdRng, depth: u32) -> String {
    match rng.random_range(0..6) {
        0 | 1 if depth > 0 => format!("{} {}", typed(rng, depth - 1), typed(rng, depth - 1)),
        2 if depth > 0 => format!("({} OR {})", typed(rng, depth - 1), typed(rng, depth - 1)),
        3 if depth > 0 => format!("-({})", typed(rng, depth - 1)),
        _ => term(rng),
    }
}

fn is_found(stored: &Stored, node: &query::Node) -> bool {
    let keys = stored.keys();
    query::matches(
        node,
        &Subject {
            uid: &stored.summary.uid,
            cves: &stored.facts.cves,
            title: &stored.summary.title,
            body: &stored.text,
            products: &stored.products,
            keys: &keys,
        },
    )
}

/// Changes some alerts in every way in which alerts change.
fn shake(w: &Write<'_>, rng: &mut StdRng, ids: &[AlertId]) -> Result<(), StoreError> {
    for _ in 0..60 {
        let id = *ids.choose(rng).unwrap();
        let Some(old) = alerts::get(w, id)? else {
            continue;
        };
        match rng.random_range(0..5) {
            0 => {
                let (mut fresh, finding) = alert(rng, 0);
                fresh.uid.clone_from(&old.summary.uid);
                alerts::update(w, id, &old, &fresh, &finding, Some(NOW))?;
            }
            1 => {
                let finding = finding(rng, &old.facts);
                alerts::set_finding(w, id, &finding, None)?;
            }
            2 => {
                alerts::set_epss(w, id, rng.random_range(0.0..1.0), NOW, false)?;
            }
            3 => {
                let state = *[State::Done, State::Reviewing, State::Snoozed]
                    .choose(rng)
                    .unwrap();
                let act = Act::SetState {
                    state,
                    reason: None,
                    until: (state == State::Snoozed).then_some(NOW.plus_s(DAY)),
                };
                triage::apply(w, &act, vec![id], NOW, &triage::unheard)?;
            }
            _ => {
                let act = Act::AddTag {
                    tag: "Urgent".into(),
                };
                triage::apply(w, &act, vec![id], NOW, &triage::unheard)?;
            }
        }
    }
    Ok(())
}

async fn check_queries(db: &Db, seed: u64, queries: u32) {
    db.read(move |r| {
        let mut rng = StdRng::seed_from_u64(seed);
        let everything = query::Node::everything();
        let all = list::ids(r, &everything, Sort::Newest)?.ids;
        let mut stored = Vec::new();
        for id in &all {
            stored.push(alerts::get(r, *id)?.unwrap());
        }
        for _ in 0..queries {
            let text = typed(&mut rng, 3);
            let node = query::parse(&text)
                .unwrap_or_else(|e| panic!("{text}: {e}"))
                .lower(NOW);
            let expect: Vec<AlertId> = stored
                .iter()
                .filter(|s| is_found(s, &node))
                .map(|s| s.summary.id)
                .collect();
            assert_eq!(list::ids(r, &node, Sort::Newest)?.ids, expect, "{text}");
            assert_eq!(list::count(r, &node)? as usize, expect.len(), "{text}");
            for sort in Sort::ALL {
                let whole = list::ids(r, &node, sort)?.ids;
                let (mut paged, mut after) = (Vec::new(), None);
                loop {
                    let page = list::page(r, &node, sort, after, 50)?;
                    let Some(last) = page.last() else { break };
                    after = Some(*last);
                    paged.extend(page.into_iter().map(list::Cursor::id));
                }
                assert_eq!(paged, whole, "{text} by {sort:?}");
                let mut sorted = whole;
                sorted.sort_by(|a, b| b.cmp(a));
                assert_eq!(sorted, expect, "{text} by {sort:?}");
            }
        }
        Ok(())
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_found_is_what_matches_whatever_changed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("tocsin.db");
    let rounds = if std::env::var_os("TOCSIN_FULL").is_some() {
        12
    } else {
        2
    };
    let mut db = Db::open(&path, Open::Write).unwrap();
    let mut ids: Vec<AlertId> = Vec::new();
    for round in 0..rounds {
        let known = ids.clone();
        ids = db
            .write(move |w| {
                let mut rng = StdRng::seed_from_u64(round);
                let mut ids = known;
                for i in 0..80 {
                    let number = u32::try_from(round).unwrap() * 80 + i;
                    let (alert, finding) = alert(&mut rng, number);
                    ids.push(alerts::insert(w, &alert, &finding, NOW, rng.random())?);
                }
                shake(w, &mut rng, &ids)?;
                Ok(ids)
            })
            .await
            .unwrap();
        check_queries(&db, round, 250).await;
        // A refused write leaves the index as it was.
        let some = ids.clone();
        let refused: Result<(), _> = db
            .write(move |w| {
                shake(w, &mut StdRng::seed_from_u64(99), &some)?;
                Err(StoreError::Closed)
            })
            .await;
        assert!(refused.is_err());
        check_queries(&db, 1000 + round, 40).await;
        if round % 2 == 1 {
            // Read anew, the index is the same.
            db.close().await;
            drop(db);
            db = Db::open(&path, Open::Write).unwrap();
            check_queries(&db, 2000 + round, 40).await;
            let beside = Db::open(&path, Open::ReadOnly).unwrap();
            check_queries(&beside, 3000 + round, 40).await;
        }
    }
    // One who reads beside the writer sees what is written meanwhile.
    let beside = Db::open(&path, Open::ReadOnly).unwrap();
    let some = ids.clone();
    db.write(move |w| shake(w, &mut StdRng::seed_from_u64(7), &some))
        .await
        .unwrap();
    check_queries(&beside, 4000, 100).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn words_that_were_looked_for_find_an_alert_after_it_was_tagged() {
    let dir = tempfile::tempdir().unwrap();
    let db = Db::open(&dir.path().join("tocsin.db"), Open::Write).unwrap();
    let found = async |text: &str| {
        let node = query::parse(text).unwrap().lower(NOW);
        db.read(move |r| list::ids(r, &node, Sort::Newest))
            .await
            .unwrap()
            .ids
    };
    let id = db
        .write(|w| {
            let mut rng = StdRng::seed_from_u64(1);
            let (mut alert, finding) = alert(&mut rng, 1);
            alert.title = "nginx".into();
            alerts::insert(w, &alert, &finding, NOW, true)
        })
        .await
        .unwrap();
    assert_eq!(found("nginx").await, [id]);
    let act = Act::AddTag { tag: "edge".into() };
    db.write(move |w| triage::apply(w, &act, vec![id], NOW, &triage::unheard))
        .await
        .unwrap();
    assert_eq!(found("nginx tag:edge").await, [id]);
    assert_eq!(found("-nginx").await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_was_forgotten_is_found_again_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("tocsin.db");
    let db = Db::open(&path, Open::Write).unwrap();
    let id = db
        .write(|w| {
            let mut rng = StdRng::seed_from_u64(1);
            let (alert, finding) = alert(&mut rng, 1);
            alerts::insert(w, &alert, &finding, NOW, true)
        })
        .await
        .unwrap();
    let tag = async |tag: &str, is_given: bool| {
        let tag = tag.to_owned();
        let act = match is_given {
            true => Act::AddTag { tag },
            false => Act::RemoveTag { tag },
        };
        db.write(move |w| triage::apply(w, &act, vec![id], NOW, &triage::unheard))
            .await
            .unwrap();
    };
    tag("edge", true).await;
    tag("newest", true).await;
    tag("edge", false).await;
    assert_eq!(db.prune_terms().await.unwrap(), 1);
    tag("edge", true).await;
    db.close().await;
    let db = Db::open(&path, Open::Write).unwrap();
    let node = query::parse("tag:edge tag:newest").unwrap().lower(NOW);
    let found = db.read(move |r| list::ids(r, &node, Sort::Newest)).await;
    assert_eq!(found.unwrap().ids, [id]);
}
