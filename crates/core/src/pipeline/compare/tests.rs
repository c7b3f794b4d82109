//! A history is complete: what was stored first and every change since give what is stored now.

use std::collections::BTreeMap;
use std::sync::Arc;

use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{Rng, SeedableRng};

use super::*;
use crate::analyse::{Analyser, Current, analyse};
use crate::model::{
    AlertId, Body, CvssVersion, Draft, Identity, Issuer, Kev, Memory, RunCounts, Score, SourceId,
    Watch, WatchSet,
};
use crate::normalise::normalise;
use crate::pipeline::storing::{Analysed, Batch, store_page};
use crate::store::alerts::{self, Form, Summary};
use crate::store::{Db, Open, changes, sources};

const START: Time = Time(1_790_000_000_000);

/// Everything of an alert that a change can tell.
#[derive(Clone, Debug, PartialEq)]
struct Meaning {
    severity: Option<Severity>,
    rating: Option<Rating>,
    exploited: Option<ExploitedBy>,
    products: Vec<Product>,
    /// A CVE's title is made from the rest.
    title: Option<String>,
    text: String,
    rejected: bool,
}

impl Meaning {
    fn of(kind: Kind, title: &str, text: &str, facts: &Facts, finding: &Finding) -> Self {
        Self {
            severity: finding.severity,
            rating: best_score(&facts.scores).map(Rating::from),
            exploited: facts.exploited(),
            products: facts.products.clone(),
            title: (kind != Kind::Vulnerability).then(|| title.to_owned()),
            text: text.to_owned(),
            rejected: facts.is_rejected(),
        }
    }

    fn of_stored(stored: &Stored) -> Self {
        let Summary { kind, title, .. } = &stored.summary;
        Self::of(*kind, title, &stored.text, &stored.facts, &stored.finding)
    }

    fn of_alert(alert: &Alert, finding: &Finding) -> Self {
        Self::of(alert.kind, &alert.title, &alert.text, &alert.facts, finding)
    }

    /// Replays one entry; what it says of before must be so.
    fn apply(&mut self, what: &Happened) {
        match what {
            Happened::New | Happened::EpssJump { .. } => {}
            Happened::Scored { before, after } => step(&mut self.rating, before, after),
            Happened::SeverityRaised { before, after } => {
                assert!(after > before);
                step(&mut self.severity, before, after);
            }
            Happened::SeverityLowered { before, after } => {
                assert!(after < before);
                step(&mut self.severity, before, after);
            }
            Happened::Exploited { before, after } => step(&mut self.exploited, before, after),
            Happened::ProductsChanged { added, removed } => {
                for product in removed {
                    let at = self.products.binary_search(product).unwrap();
                    self.products.remove(at);
                }
                for product in added {
                    let at = self.products.binary_search(product).unwrap_err();
                    self.products.insert(at, product.clone());
                }
            }
            Happened::TextChanged { before, after } => {
                assert_eq!(before.title.is_some(), after.title.is_some());
                assert_eq!(before.text.is_some(), after.text.is_some());
                if after.title.is_some() {
                    step(&mut self.title, &before.title, &after.title);
                }
                if let Some((before, after)) = before.text.as_ref().zip(after.text.as_ref()) {
                    step(&mut self.text, before, after);
                }
            }
            // It came so: that it is closed is what is told.
            Happened::Rejected { before: None, .. } if self.rejected => {}
            Happened::Rejected { .. } => step(&mut self.rejected, &false, &true),
            Happened::Reopened { before: None } => step(&mut self.rejected, &true, &false),
            Happened::Reopened { before: Some(_) } => {}
        }
    }
}

fn step<T: Clone + PartialEq + std::fmt::Debug>(value: &mut T, before: &T, after: &T) {
    assert_eq!(value, before);
    assert_ne!(before, after, "a change that changes nothing");
    value.clone_from(after);
}

fn some<T: Clone>(rng: &mut StdRng, of: &[T]) -> Vec<T> {
    let amount = rng.random_range(0..=of.len());
    let mut these: Vec<T> = of.choose_multiple(rng, amount).cloned().collect();
    these.shuffle(rng);
    these
}

fn random_facts(rng: &mut StdRng) -> Facts {
    let score = |primary, issuer, version, score| Score {
        version,
        issuer,
        source: "cna@example.org".into(),
        primary,
        score,
        vector: String::new(),
    };
    let product = |vendor: &str, product: &str, versions: &str| Product {
        vendor: vendor.into(),
        product: product.into(),
        versions: versions.into(),
    };
    let word = |rng: &mut StdRng, of: &[&str]| of.choose(rng).map(|w| (*w).to_owned());
    let scores = [
        score(true, Issuer::Nvd, CvssVersion::V31, 9.8),
        score(true, Issuer::Nvd, CvssVersion::V31, 5.0),
        score(false, Issuer::Cna, CvssVersion::V40, 9.8),
        score(false, Issuer::CisaAdp, CvssVersion::V2, 0.0),
    ];
    let products = [
        product("apache", "http_server", "2.4"),
        product("apache", "http_server", "before 2.5"),
        product("f5", "nginx", ""),
        product("", "größe", "1"),
    ];
    Facts {
        status: word(rng, &["Received", "Analyzed", "Rejected", "REJECTED", ""]),
        scores: some(rng, &scores),
        products: some(rng, &products),
        kev: rng.random_bool(0.2).then(|| Kev {
            added: None,
            due: None,
            name: word(rng, &["a", "b"]),
            action: None,
            ransomware: false,
        }),
        ssvc_exploitation: word(rng, &["none", "poc", "active"]),
        ..Facts::default()
    }
}

/// A version of the `number`th record: CVEs, and articles that name them.
fn random_draft(rng: &mut StdRng, number: usize) -> Draft {
    let is_article = number.is_multiple_of(3);
    let words = [
        "",
        "one flaw",
        "two flaws",
        "CVE-2026-10001 and CVE-2026-10002",
        "x",
    ];
    let text = some(rng, &words).join(" ");
    let kind = if is_article {
        Kind::Article
    } else {
        Kind::Vulnerability
    };
    Draft {
        source: SourceId::new("test"),
        kind,
        identity: if is_article {
            Identity::Feed {
                guid: Some(format!("guid {number}")),
                guid_repeats: false,
            }
        } else {
            Identity::Cve(format!("CVE-2026-1000{number}"))
        },
        title: is_article.then(|| format!("Title {}", rng.random_range(0..3))),
        body: Body::Text(text),
        link: None,
        base: None,
        published: Some(START),
        updated: None,
        facts: if is_article {
            Facts::default()
        } else {
            random_facts(rng)
        },
    }
}

fn analyser() -> Analyser {
    Analyser::new(WatchSet::new(vec![Watch {
        term: "flaw".into(),
        ..Watch::default()
    }]))
}

/// What is stored of an alert.
fn stored(alert: &Alert, finding: &Finding) -> Stored {
    Stored {
        summary: Summary {
            id: AlertId(1),
            uid: alert.uid.clone(),
            source: alert.source.clone(),
            kind: alert.kind,
            title: alert.title.clone(),
            url: None,
            published: START,
            updated: None,
            added: START,
            changed: None,
            looked: None,
            severity: finding.severity,
            estimated: false,
            score: None,
            epss: None,
            exploited: false,
            kev: false,
            ransomware: false,
            is_relevant: false,
            is_muted: false,
            relevance: None,
            category: None,
            state: State::New,
            reason: None,
            until: None,
            unread: false,
            matched: Vec::new(),
            tags: Vec::new(),
            feedback: None,
        },
        text: alert.text.clone(),
        products: alert.facts.product_lines(),
        facts: alert.facts.clone(),
        finding: finding.clone(),
        risks: Vec::new(),
    }
}

fn check_pair(analyser: &Analyser, before: &Alert, after: &Alert) {
    let after = &Alert {
        kind: before.kind,
        ..after.clone()
    };
    let (old, new) = (analyse(analyser, before), analyse(analyser, after));
    let found = compare(&stored(before, &old), after, &new, START);
    let mut meaning = Meaning::of_alert(before, &old);
    let expect = Meaning::of_alert(after, &new);
    assert_eq!(found.is_empty(), meaning == expect);
    for change in &found {
        meaning.apply(&change.what);
    }
    assert_eq!(meaning, expect);
}

#[test]
fn changes_from_one_record_to_any_other_replayed_give_the_other() {
    let mut rng = StdRng::seed_from_u64(1);
    let analyser = analyser();
    for _ in 0..2_000 {
        let number = rng.random_range(1..9);
        let before = normalise(random_draft(&mut rng, number)).unwrap();
        let after = normalise(random_draft(&mut rng, number)).unwrap();
        check_pair(&analyser, &before, &after);
        check_pair(&analyser, &before, &before);
    }
}

/// The same over recorded CVEs (files up to 500 KB), where there are any.
#[test]
fn changes_between_recorded_records_replayed_give_the_other() {
    let Some(root) = std::env::var_os("TOCSIN_CORPUS") else {
        eprintln!("skipped: TOCSIN_CORPUS is not set");
        return;
    };
    let mut records = Vec::new();
    for folder in ["api-2.0-pages", "odd-records", "sync-sequence"] {
        let folder = std::path::Path::new(&root).join("nvd").join(folder);
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let bytes = std::fs::read(entry.path()).unwrap_or_default();
            if bytes.len() > 500_000 {
                continue;
            }
            if let Ok(page) = crate::source::nvd::read_page(&SourceId::new("nvd"), &bytes) {
                let alerts = page
                    .drafts
                    .into_iter()
                    .map(|draft| normalise(draft).unwrap());
                records.extend(alerts);
            }
        }
    }
    assert!(records.len() > 20, "{}", records.len());
    let (mut rng, analyser) = (StdRng::seed_from_u64(2), analyser());
    for _ in 0..2_000 {
        let pair: Vec<&Alert> = records.choose_multiple(&mut rng, 2).collect();
        check_pair(&analyser, pair[0], pair[1]);
    }
}

#[tokio::test]
async fn a_history_from_the_database_replayed_gives_what_is_stored() {
    for seed in 0..8 {
        let dir = tempfile::tempdir().unwrap();
        let db = Db::open(&dir.path().join("tocsin.db"), Open::Write).unwrap();
        let mut rng = StdRng::seed_from_u64(seed);
        let mut first: BTreeMap<AlertId, Meaning> = BTreeMap::new();
        for round in 0..120 {
            let number = rng.random_range(1..9);
            let alert = normalise(random_draft(&mut rng, number)).unwrap();
            let uid = alert.uid.clone();
            put(&db, alert, START.plus_s(round)).await;
            let (id, now) = db
                .read(move |r| {
                    let id = alerts::id_of(r, &uid)?.unwrap();
                    Ok((id, alerts::get(r, id)?.unwrap()))
                })
                .await
                .unwrap();
            first.entry(id).or_insert_with(|| Meaning::of_stored(&now));
        }
        let mut replayed = 0;
        for (id, mut meaning) in first {
            let (now, history) = db
                .read(move |r| Ok((alerts::get(r, id)?.unwrap(), changes::of(r, id)?)))
                .await
                .unwrap();
            assert_eq!(history.last().map(|c| &c.what), Some(&Happened::New));
            for change in history.iter().rev() {
                meaning.apply(&change.what);
                replayed += 1;
            }
            assert_eq!(meaning, Meaning::of_stored(&now), "seed {seed}");
            let last = history.iter().map(|c| c.at).max();
            assert_eq!(now.summary.changed.or(Some(now.summary.added)), last);
        }
        assert!(replayed > 200, "{replayed}");
    }
}

/// One record through analysis and the store, as a page of its own.
async fn put(db: &Db, alert: Alert, now: Time) {
    let used = Arc::new(analyser());
    let finding = analyse(&used, &alert);
    let source = SourceId::new("test");
    let write = db.write(move |w| {
        let current = Arc::new(Current::default());
        let batch = Batch {
            run: Some(sources::begin_run(
                w,
                &source,
                now,
                crate::model::RunTrigger::Schedule,
            )?),
            as_of: None,
            backfill: None,
            source,
            now,
            quiet: false,
            routing: Arc::default(),
            counts: RunCounts::default(),
            problems: Vec::new(),
            memory: Memory::default(),
            used: current.get(),
            current,
        };
        let form = Form::of(&alert, &finding)?;
        let analysed = Analysed {
            alert,
            finding,
            form,
        };
        store_page(w, vec![analysed], &batch)
    });
    write.await.unwrap();
}

#[test]
fn what_was_put_away_is_open_again_where_it_got_worse() {
    let at = START;
    let exploited = |before| Happened::Exploited {
        before,
        after: Some(ExploitedBy::Kev),
    };
    let raised = |after| Happened::SeverityRaised {
        before: None,
        after: Some(after),
    };
    let gone = Happened::Exploited {
        before: Some(ExploitedBy::Kev),
        after: None,
    };
    for (what, is_worse) in [
        (exploited(None), true),
        (exploited(Some(ExploitedBy::Ssvc)), false),
        (gone, false),
        (raised(Severity::High), true),
        (raised(Severity::Medium), false),
        (Happened::Reopened { before: None }, false),
    ] {
        let found = [Change { at, what }];
        for state in State::ALL {
            let is_away = state.is_closed() || state == State::Snoozed;
            let before = Some(state);
            let expect = (is_worse && is_away).then_some(Happened::Reopened { before });
            assert_eq!(reopened(state, &found), expect, "{found:?} {state:?}");
        }
    }
}
