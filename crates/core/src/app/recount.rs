//! Watches and mutes over what is stored: after some were added, changed or removed, or a mute ended, the
//! alerts that may hold them are looked at again, all of them in one pass, in the background and in
//! batches. Nobody is notified of old alerts, and nothing that people did is touched.
//!
//! The search index proposes candidates for words, so their cost is that of the matches and not of the
//! database. Regexes and products are looked for in everything that is stored.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tokio::sync::Notify;

use super::App;
use super::work::{WorkKind, Working};
use crate::analyse;
use crate::events::Event;
use crate::model::{AlertId, Time, Watch, WatchSet};
use crate::schedule;
use crate::store::watches::{self, Which};
use crate::store::{StoreError, alerts, list, search};

/// Alerts looked at again in one transaction.
const BATCH: usize = 200;
/// Alerts read at once to see whether a watch is in them.
const READ: u32 = 500;
/// From so many on, looking through them is work that is shown.
const SHOWN_FROM: usize = 1_000;

#[derive(Default)]
pub(super) struct Recount {
    wake: Notify,
}

impl Recount {
    pub fn ask(&self) {
        self.wake.notify_one();
    }
}

/// What is not as it was when the stored alerts were looked through.
#[derive(Default)]
struct Changed {
    /// What was looked for and is no more, or not so.
    before: Vec<(Which, String)>,
    /// What is looked for now, with its definition.
    now: Vec<(Which, Watch, String)>,
}

impl App {
    pub(super) fn start_recount(&self) {
        let app = self.clone();
        let cancel = self.token();
        let mut moved = self.clock().watch();
        self.track(async move {
            loop {
                app.put_mutes_in_force();
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
                loop {
                    let sleep = schedule::sleep_until(app.next_end_of_a_mute(), app.now());
                    tokio::select! {
                        () = cancel.cancelled() => return,
                        () = app.0.recount.wake.notified() => break,
                        _ = moved.changed() => {}
                        () = tokio::time::sleep(sleep) => {}
                    }
                    if app.put_mutes_in_force() {
                        break;
                    }
                }
            }
        });
    }

    /// When the next of the mutes in force ends.
    fn next_end_of_a_mute(&self) -> Option<Time> {
        let now = self.now();
        let in_force = self.in_force();
        let ends = in_force.settings.mutes.iter().filter_map(|mute| mute.until);
        ends.filter(|until| *until > now).min()
    }

    /// Lets mutes end whose time has come, and those be in force again that the clock went back before.
    /// Says whether any did.
    fn put_mutes_in_force(&self) -> bool {
        let mut has_changed = false;
        self.0.state.settle(|in_force| {
            let mutes = in_force.settings.mutes_in_force(self.now());
            let analyser = self.0.pipeline.analyser.get();
            has_changed = analyser.mutes().watches() != mutes;
            if has_changed {
                let watches = in_force.settings.watch_list();
                self.0.pipeline.analyser.set(watches, mutes);
            }
        });
        if has_changed {
            tracing::info!("the mutes in force are others now");
            self.events().send(Event::SettingsChanged);
        }
        has_changed
    }

    /// Looks through the stored alerts for every watch and mute that is not what it was.
    async fn recount(&self) -> Result<(), StoreError> {
        if self.in_force().is_paused {
            return Ok(());
        }
        let changed = self.changed().await?;
        if changed.before.is_empty() && changed.now.is_empty() {
            return Ok(());
        }
        if self.look_through(&changed).await? {
            self.db()
                .write(move |w| {
                    for (which, term) in &changed.before {
                        watches::forget(w, *which, term)?;
                    }
                    for (which, watch, definition) in &changed.now {
                        watches::set_complete(w, *which, &watch.term, definition)?;
                    }
                    Ok(())
                })
                .await?;
        }
        self.events().send(Event::WorkChanged);
        Ok(())
    }

    async fn changed(&self) -> Result<Changed, StoreError> {
        let analyser = self.0.pipeline.analyser.get();
        let mut changed = Changed::default();
        for which in Which::ALL {
            let wanted = match which {
                Which::Watches => analyser.watches(),
                Which::Mutes => analyser.mutes(),
            };
            let known = self.db().read(move |r| watches::complete(r, which)).await?;
            let mut known: BTreeMap<String, String> = known.into_iter().collect();
            for watch in wanted.watches() {
                let definition = definition(watch);
                let before = known.remove(&watch.term);
                if before.as_ref() == Some(&definition) {
                    continue;
                }
                changed.before.push((which, watch.term.clone()));
                changed.now.push((which, watch.clone(), definition));
            }
            let gone = known.into_keys().map(|term| (which, term));
            changed.before.extend(gone);
        }
        Ok(changed)
    }

    /// Looks at all alerts that the change may concern. False where somebody stopped it.
    async fn look_through(&self, changed: &Changed) -> Result<bool, StoreError> {
        let before = changed.before.clone();
        let spellings: Vec<String> = changed
            .now
            .iter()
            .flat_map(|(_, watch, _)| watch.spellings())
            .map(str::to_owned)
            .collect();
        let (matched, mut may_match) = self
            .db()
            .read(move |r| {
                let mut matched = BTreeSet::new();
                for (which, term) in &before {
                    matched.extend(watches::alerts_of(r, *which, term)?);
                }
                let mut may_match = BTreeSet::new();
                for spelling in &spellings {
                    let found = search::candidates(r, &[spelling], AlertId(0), u32::MAX)?;
                    may_match.extend(found);
                }
                Ok((matched, may_match))
            })
            .await?;
        may_match.retain(|id| !matched.contains(id));
        let everywhere: Vec<Watch> = changed
            .now
            .iter()
            .filter(|(_, watch, _)| !watch.is_found_by_words())
            .map(|(_, watch, _)| watch.clone())
            .collect();
        let mut steps = matched.len() + may_match.len();
        if !everywhere.is_empty() {
            steps += self.db().read(|r| Ok(list::total(r))).await? as usize;
        }
        let work = if steps >= SHOWN_FROM {
            match self.begin_work(WorkKind::Recount, true) {
                Ok(work) => Some(work),
                // Another file takes the place of this one: it is counted anew then.
                Err(_) => return Ok(false),
            }
        } else {
            None
        };
        let mut pass = Pass {
            app: self,
            work,
            done: 0,
            steps,
            looked_at: BTreeSet::new(),
        };
        for ids in newest_first(matched) {
            if !pass.look_again(ids, true).await? {
                return Ok(false);
            }
        }
        let all = WatchSet::new(changed.now.iter().map(|(_, w, _)| w.clone()).collect());
        let all = Arc::new(all);
        for ids in newest_first(may_match) {
            let count = ids.len();
            let found = pass.matching(&all, Some(ids), AlertId(i64::MAX)).await?;
            if !pass.look_again(found.matching, false).await? {
                return Ok(false);
            }
            pass.step(count);
        }
        if everywhere.is_empty() {
            return Ok(true);
        }
        let everywhere = Arc::new(WatchSet::new(everywhere));
        let mut below = AlertId(i64::MAX);
        loop {
            let found = pass.matching(&everywhere, None, below).await?;
            let Some(last) = found.last else {
                return Ok(true);
            };
            below = last;
            if !pass.look_again(found.matching, false).await? {
                return Ok(false);
            }
            pass.step(found.count);
        }
    }

    /// Looks at alerts again with the analyser that is in force.
    pub(super) async fn look_again(&self, ids: Vec<AlertId>) -> Result<(), StoreError> {
        let current = Arc::clone(&self.0.pipeline.analyser);
        let changed = self
            .db()
            .write(move |w| {
                let analyser = current.get();
                let mut changed = false;
                for id in ids {
                    let Some(stored) = alerts::get(w, id)? else {
                        continue;
                    };
                    let row = &stored.summary;
                    let texts = (&*row.title, &*stored.text, &*stored.products);
                    let subject =
                        analyse::of_texts(row.kind, &row.source, texts, &stored.facts.ranges);
                    let relevance = analyser.relevance(&subject);
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

    /// Whether the stored alerts were all looked through for this watch or mute.
    pub(crate) fn is_counted(watch: &Watch, complete: &BTreeMap<String, String>) -> bool {
        complete.get(&watch.term) == Some(&definition(watch))
    }
}

/// One pass through what is stored.
struct Pass<'a> {
    app: &'a App,
    work: Option<Working>,
    done: usize,
    steps: usize,
    looked_at: BTreeSet<AlertId>,
}

/// What some alerts said.
struct Looked {
    matching: Vec<AlertId>,
    count: usize,
    last: Option<AlertId>,
}

impl Pass<'_> {
    /// Of some alerts, or of the newest ones below an id, those that a watch matches.
    async fn matching(
        &self,
        set: &Arc<WatchSet>,
        ids: Option<Vec<AlertId>>,
        below: AlertId,
    ) -> Result<Looked, StoreError> {
        let set = Arc::clone(set);
        let read = self.app.db().read(move |r| {
            let all = match ids {
                Some(ids) => watches::told(r, &ids)?,
                None => watches::told_between(r, AlertId(0), below, READ)?,
            };
            let is_in = |told: &&watches::Told| !set.find(&told_subject(told)).is_empty();
            Ok(Looked {
                matching: all.iter().filter(is_in).map(|told| told.id).collect(),
                count: all.len(),
                last: all.last().map(|told| told.id),
            })
        });
        read.await
    }

    /// Looks at alerts again, each once. False where somebody stopped it.
    async fn look_again(
        &mut self,
        mut ids: Vec<AlertId>,
        is_step: bool,
    ) -> Result<bool, StoreError> {
        let count = ids.len();
        ids.retain(|id| self.looked_at.insert(*id));
        for batch in ids.chunks(BATCH) {
            if self.is_stopped() {
                return Ok(false);
            }
            self.app.look_again(batch.to_vec()).await?;
        }
        if is_step {
            self.step(count);
        }
        Ok(!self.is_stopped())
    }

    fn is_stopped(&self) -> bool {
        self.work
            .as_ref()
            .is_some_and(|work| work.token().is_cancelled())
    }

    fn step(&mut self, count: usize) {
        self.done += count;
        if let Some(work) = &self.work {
            let small = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
            work.progress(small(self.done), Some(small(self.steps.max(self.done))));
        }
    }
}

fn newest_first(ids: BTreeSet<AlertId>) -> Vec<Vec<AlertId>> {
    let ids: Vec<AlertId> = ids.into_iter().rev().collect();
    ids.chunks(READ as usize).map(<[AlertId]>::to_vec).collect()
}

/// What analysis reads of a stored alert.
pub(crate) fn told_subject(told: &watches::Told) -> analyse::Subject<'_> {
    let (title, text, products) = &told.texts;
    analyse::of_texts(
        told.kind,
        &told.source,
        (title, text, products),
        &told.ranges,
    )
}

fn definition(watch: &Watch) -> String {
    serde_json::to_string(watch).unwrap_or_default()
}
