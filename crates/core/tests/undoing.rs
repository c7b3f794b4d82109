//! Undo is exact: whatever was done, taking it back act by act gives every earlier state again, also
//! from a database that was closed in between.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use tocsin_core::error::Fault;
use tocsin_core::model::{
    Act, Alert, AlertId, Facts, Finding, Kind, NoteId, Reason, Relevance, SeverityBasis, SourceId,
    State, Time, TriageId,
};
use tocsin_core::store::triage::{self, unheard};
use tocsin_core::store::{Db, Open, StoreError, Write, alerts, notes, tags};

const START: Time = Time(1_790_000_000_000);

fn alert(number: usize) -> Alert {
    let source_tags = [&["disputed"][..], &[], &["Malware", "prod"]][number % 3];
    Alert {
        uid: format!("CVE-2026-{:05}", 10_000 + number),
        source: SourceId::new("nvd"),
        kind: Kind::Vulnerability,
        title: format!("Flaw {number}"),
        text: format!("Acme Router {number} has a flaw."),
        url: None,
        published: Some(START.plus_s(-60)),
        updated: None,
        facts: Facts {
            tags: source_tags.iter().map(|t| (*t).to_owned()).collect(),
            cwes: vec!["CWE-79".into()],
            ..Facts::default()
        },
        hash: [0; 32],
    }
}

fn finding() -> Finding {
    Finding {
        severity: None,
        severity_basis: SeverityBasis::Unscored,
        relevance: Relevance {
            is_relevant: true,
            reason: Reason::NoWatch,
            matches: Vec::new(),
            muted_by: Vec::new(),
        },
        category: None,
        entities: Vec::new(),
        estimate: None,
    }
}

/// A database of so many alerts.
struct Store {
    _dir: tempfile::TempDir,
    path: PathBuf,
    db: Option<Db>,
    ids: Vec<AlertId>,
}

impl Store {
    async fn with(alerts: usize) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("tocsin.db");
        let db = Db::open(&path, Open::Write).unwrap();
        let ids = db
            .write(move |w| {
                (0..alerts)
                    .map(|n| alerts::insert(w, &alert(n), &finding(), START, n % 2 == 0))
                    .collect()
            })
            .await
            .unwrap();
        Self {
            _dir: dir,
            path,
            db: Some(db),
            ids,
        }
    }

    fn db(&self) -> &Db {
        self.db.as_ref().unwrap()
    }

    async fn reopen(&mut self) {
        self.db().close().await;
        self.db = None;
        self.db = Some(Db::open(&self.path, Open::Write).unwrap());
    }

    async fn act(&self, act: Act, ids: &[AlertId], at: Time) -> Option<triage::Done> {
        let ids = ids.to_vec();
        let act = move |w: &Write<'_>| triage::apply(w, &act, ids, at, &unheard);
        self.db().write(act).await.unwrap()
    }

    async fn undo(&self, id: Option<TriageId>) -> Option<triage::Undone> {
        let undo = move |w: &Write<'_>| triage::undo(w, id, START, &unheard);
        self.db().write(undo).await.unwrap()
    }

    fn dump(&self) -> String {
        dump(&self.path)
    }
}

/// Everything that triage changes, as text.
fn dump(path: &Path) -> String {
    let conn = rusqlite::Connection::open(path).unwrap();
    let mut text = String::new();
    for sql in [
        "SELECT json_array(id, state, reason, until, unread, looked, changed, hex(facets)) FROM alerts ORDER BY id",
        "SELECT json_array(alert, folded, tag) FROM tags ORDER BY alert, folded",
        "SELECT json_array(id, alert, at, edited, text) FROM notes ORDER BY id",
    ] {
        let mut statement = conn.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get::<_, String>(0));
        for row in rows.unwrap() {
            text.push_str(&row.unwrap());
            text.push('\n');
        }
    }
    text
}

/// An act as a person may do it, and over which alerts.
async fn random_act(rng: &mut StdRng, store: &Store, at: Time) -> (Act, Vec<AlertId>) {
    let amount = *[1, 1, 2, store.ids.len()].choose(rng).unwrap();
    let ids: Vec<AlertId> = store.ids.choose_multiple(rng, amount).copied().collect();
    let one = vec![ids[0]];
    let alert = ids[0];
    let known = store.db().read(move |r| notes::of(r, alert)).await.unwrap();
    let note = known.choose(rng).map_or(NoteId(1), |note| note.id);
    let text = format!("note {}", rng.random_range(0..3));
    let tag = *["prod", "Prod", "PROD", "web", "Größe", "c++"]
        .choose(rng)
        .unwrap();
    let tag = tag.to_owned();
    match rng.random_range(0..10) {
        0..3 => {
            let state = *State::ALL.choose(rng).unwrap();
            let reason = (state.is_closed() && rng.random()).then(|| format!("\"{text}\""));
            let until = (state == State::Snoozed).then(|| at.plus_s(3_600));
            let act = Act::SetState {
                state,
                reason,
                until,
            };
            (act, ids)
        }
        3 => (Act::SetRead { read: true }, ids),
        4 => (Act::SetRead { read: false }, ids),
        5 => (Act::AddTag { tag }, ids),
        6 => (Act::RemoveTag { tag }, ids),
        7 if !known.is_empty() => (Act::EditNote { note, text }, one),
        8 if !known.is_empty() => (Act::RemoveNote { note }, one),
        _ => (Act::AddNote { text }, one),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn acts_undone_one_by_one_give_every_earlier_state_again() {
    for seed in 0..20 {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut store = Store::with(7).await;
        let mut done = Vec::new();
        for step in 0..40 {
            let at = START.plus_s(step);
            let before = store.dump();
            let (act, ids) = random_act(&mut rng, &store, at).await;
            match store.act(act.clone(), &ids, at).await {
                Some(made) => done.push((made, act, before)),
                None => assert_eq!(store.dump(), before, "{act:?}"),
            }
        }
        store.reopen().await;
        let middle = done.len() / 2;
        while let Some((made, act, before)) = done.pop() {
            // Reading is undone by its number only.
            let named = matches!(act, Act::SetRead { read: true }).then_some(made.id);
            let undone = store.undo(named).await.unwrap();
            assert_eq!(undone.act, act, "seed {seed}");
            assert_eq!(
                undone.ids.len() as u32,
                made.changed,
                "seed {seed}: {act:?}"
            );
            assert_eq!(store.dump(), before, "seed {seed}: {act:?}");
            if done.len() == middle {
                store.reopen().await;
            }
        }
        assert_eq!(store.undo(None).await, None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn facets_are_those_that_would_be_made_anew() {
    let mut rng = StdRng::seed_from_u64(7);
    let store = Store::with(9).await;
    for step in 0..80 {
        let at = START.plus_s(step);
        let (act, ids) = random_act(&mut rng, &store, at).await;
        store.act(act, &ids, at).await;
        if step % 5 == 4 {
            store.undo(None).await;
        }
    }
    let before = store.dump();
    let ids = store.ids.clone();
    let anew = move |w: &Write<'_>| {
        for id in ids {
            alerts::set_finding(w, id, &finding(), None)?;
        }
        Ok(())
    };
    store.db().write(anew).await.unwrap();
    assert_eq!(store.dump(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undo_does_not_trample_a_later_act() {
    let store = Store::with(3).await;
    let close = Act::SetState {
        state: State::Done,
        reason: None,
        until: None,
    };
    let first = store.act(close, &store.ids, START).await.unwrap();
    let review = Act::SetState {
        state: State::Reviewing,
        reason: None,
        until: None,
    };
    store.act(review, &store.ids[..1], START).await.unwrap();
    let undone = store.undo(Some(first.id)).await.unwrap();
    assert_eq!(undone.ids, store.ids[1..]);
    assert!(store.dump().lines().next().unwrap().contains("reviewing"));
    assert_eq!(store.undo(Some(first.id)).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_act_that_is_stopped_in_the_middle_changed_nothing() {
    let store = Store::with(5_000).await;
    let before = store.dump();
    let ids = store.ids.clone();
    let stopped = move |w: &Write<'_>| {
        let tag = Act::AddTag { tag: "prod".into() };
        triage::apply(w, &tag, ids, START, &|seen| match seen {
            4_000.. => Err(Fault::new("work_cancelled", "stopped").into()),
            _ => Ok(()),
        })
    };
    let refused = store.db().write(stopped).await.unwrap_err();
    assert!(matches!(refused, StoreError::Refused(_)), "{refused}");
    assert_eq!(store.dump(), before);
    assert_eq!(store.undo(None).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_number_of_a_removed_note_is_not_given_again() {
    let store = Store::with(1).await;
    let one = &store.ids[..];
    let add = |text: &str| Act::AddNote { text: text.into() };
    store.act(add("first"), one, START).await.unwrap();
    let before = store.dump();
    let note = NoteId(1);
    let removed = store
        .act(Act::RemoveNote { note }, one, START)
        .await
        .unwrap();
    let added = store.act(add("second"), one, START).await.unwrap();
    assert_eq!(store.undo(Some(removed.id)).await.unwrap().ids.len(), 1);
    assert_eq!(store.undo(Some(added.id)).await.unwrap().ids.len(), 1);
    assert_eq!(store.dump(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_keep_their_first_spelling_and_are_counted_together() {
    let store = Store::with(4).await;
    let tag = |tag: &str| Act::AddTag { tag: tag.into() };
    let ids = &store.ids;
    assert_eq!(
        store
            .act(tag("Prod"), &ids[..3], START)
            .await
            .unwrap()
            .changed,
        3
    );
    assert_eq!(store.act(tag("prod"), ids, START).await.unwrap().changed, 1);
    store.act(tag("GRÖSSE"), &ids[..1], START).await.unwrap();
    assert_eq!(store.act(tag("grösse"), &ids[..1], START).await, None);
    let counts = store.db().read(tags::counts).await.unwrap();
    assert_eq!(counts, [("GRÖSSE".into(), 1), ("Prod".into(), 4)]);
}
