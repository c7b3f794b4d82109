//! Watches over what is stored: after a watch was added, changed or removed, the alerts that may hold it
//! are looked at again, in the background and in batches. Nobody is notified of old alerts.
//!
//! The search index proposes candidates, analysis decides, so the cost is that of the matches and not
//! of the database.

use std::collections::BTreeMap;

use tokio::sync::Notify;

use super::App;
use crate::events::Event;
use crate::model::{AlertId, Watch};
use crate::store::{StoreError, alerts, search, watches};

/// Alerts looked at in one transaction.
const BATCH: u32 = 200;

#[derive(Default)]
pub(super) struct Recount {
    wake: Notify,
}

impl Recount {
    pub fn ask(&self) {
        self.wake.notify_one();
    }
}

impl App {
    pub(super) fn start_recount(&self) {
        let app = self.clone();
        let cancel = self.token();
        self.track(async move {
            loop {
                let hold = app.hold().await;
                let result = tokio::select! {
                    () = cancel.cancelled() => return,
                    // Another file takes the place of this one: it is counted anew then.
                    () = hold.leave.cancelled() => Ok(()),
                    result = app.recount() => result,
                };
                drop(hold);
                if let Err(error) = result {
                    tracing::error!("watches could not be counted: {error}");
                }
                tokio::select! {
                    () = cancel.cancelled() => return,
                    () = app.0.recount.wake.notified() => {}
                }
            }
        });
    }

    /// Looks through the stored alerts for every watch that is not what it was.
    async fn recount(&self) -> Result<(), StoreError> {
        if self.in_force().is_paused {
            return Ok(());
        }
        let wanted: BTreeMap<String, Watch> = self
            .in_force()
            .settings
            .watch_list()
            .into_iter()
            .map(|w| (w.term.clone(), w))
            .collect();
        let known: BTreeMap<String, String> = self
            .db()
            .read(watches::complete)
            .await?
            .into_iter()
            .collect();
        let gone = known.keys().filter(|term| !wanted.contains_key(*term));
        for term in gone {
            self.look_at_hits(term).await?;
            let term = term.clone();
            self.db().write(move |w| watches::forget(w, &term)).await?;
            self.told_of_work();
        }
        for (term, watch) in &wanted {
            let definition = definition(watch);
            if known.get(term) == Some(&definition) {
                continue;
            }
            self.look_at_hits(term).await?;
            self.look_at_candidates(watch).await?;
            let term = term.clone();
            self.db()
                .write(move |w| watches::set_complete(w, &term, &definition))
                .await?;
            self.told_of_work();
        }
        Ok(())
    }

    /// Looks again at what a watch matched until now.
    async fn look_at_hits(&self, term: &str) -> Result<(), StoreError> {
        let mut above = AlertId(-1);
        loop {
            let term = term.to_owned();
            let ids = self
                .db()
                .read(move |r| watches::alerts_of(r, &term, above, BATCH))
                .await?;
            let Some(last) = ids.last() else {
                return Ok(());
            };
            above = *last;
            self.look_again(ids).await?;
        }
    }

    /// Looks at everything that may hold a watch, newest first.
    async fn look_at_candidates(&self, watch: &Watch) -> Result<(), StoreError> {
        let mut below = AlertId(i64::MAX);
        loop {
            let watch = watch.clone();
            let ids = self
                .db()
                .read(move |r| {
                    let spellings: Vec<&str> = spellings(&watch).collect();
                    search::candidates(r, &spellings, below, BATCH)
                })
                .await?;
            let Some(last) = ids.last() else {
                return Ok(());
            };
            below = *last;
            self.look_again(ids).await?;
        }
    }

    async fn look_again(&self, ids: Vec<AlertId>) -> Result<(), StoreError> {
        let current = std::sync::Arc::clone(&self.0.pipeline.analyser);
        let changed = self
            .db()
            .write(move |w| {
                let analyser = current.get();
                let mut changed = false;
                for id in ids {
                    let Some(stored) = alerts::get(w, id)? else {
                        continue;
                    };
                    let relevance = analyser.relevance(&stored.parts().subject());
                    if relevance != stored.finding.relevance {
                        let mut finding = stored.finding;
                        finding.relevance = relevance;
                        alerts::set_finding(w, id, &finding, None)?;
                        changed = true;
                    }
                }
                Ok(changed)
            })
            .await?;
        if changed {
            self.events().send(Event::AlertsChanged { added: 0 });
        }
        Ok(())
    }

    fn told_of_work(&self) {
        self.events().send(Event::WorkChanged);
    }

    /// Whether the stored alerts were all looked through for this watch.
    pub(crate) fn is_counted(watch: &Watch, complete: &BTreeMap<String, String>) -> bool {
        complete.get(&watch.term) == Some(&definition(watch))
    }
}

/// The spellings that a watch is found by.
pub(crate) fn spellings(watch: &Watch) -> impl Iterator<Item = &str> {
    std::iter::once(&watch.term)
        .chain(&watch.aliases)
        .map(String::as_str)
}

fn definition(watch: &Watch) -> String {
    serde_json::to_string(watch).unwrap_or_default()
}
