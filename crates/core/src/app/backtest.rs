//! What a rule would have sent in the last 30 days: the stored history goes through the same routing that
//! what is collected goes through. Alerts are asked as they are now; what they were then is not stored.
//! Nothing is written. What it costs is that of the changes of these days, whatever else is stored; alerts that the
//! rule's query does not find are not even read.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::App;
use super::views::read_query;
use crate::commands::rules::{AskBacktest, Backtest, BacktestChannel, BacktestDay, BacktestHit};
use crate::error::Fault;
use crate::model::{AlertId, ChangeKind, RuleId, Sort, Time};
use crate::pipeline::news::told;
use crate::route::{Fresh, Past, Routing, Told};
use crate::store::alerts::{self, Stored};
use crate::store::{Read, StoreError, list, news};

/// How far back it looks, today among them.
const DAYS: u32 = 30;
const DAY_MS: i64 = 86_400_000;
/// Alerts that are read together.
const TOGETHER: usize = 2_000;
/// Examples that are shown.
const MOST_EXAMPLES: usize = 10;

impl App {
    /// What a rule would have sent.
    ///
    /// # Errors
    /// Where its query cannot be read, or the database fails.
    pub(crate) async fn backtest(&self, ask: AskBacktest) -> Result<Backtest, Fault> {
        read_query(&ask.rule.query)?;
        let is_desktop = self.host().is_desktop();
        let mut settings = self.in_force().settings.clone();
        let id = ask.instead_of.unwrap_or_else(|| RuleId(String::new()));
        settings.rules.remove(&id);
        let alone = Routing::of_rule(&settings, &id, &ask.rule, is_desktop);
        let others = Routing::on_host(&settings, is_desktop);
        let now = self.now();
        let latest = Arc::clone(&self.0.backtests);
        let turn = latest.fetch_add(1, Ordering::Relaxed) + 1;
        let tested = self
            .db()
            .read(move |r| {
                let mut test = Test::new(alone, others, now);
                test.play(r, &|| is_latest(&latest, turn))?;
                Ok(test)
            })
            .await?;
        let Test {
            past,
            alerts,
            changes,
            alone,
            days,
            examples,
            since,
            ..
        } = tested;
        let named = past.end().into_iter().map(|(id, seen)| BacktestChannel {
            name: settings
                .channels
                .get(&id)
                .map_or_else(|| id.to_string(), |set| set.name.clone()),
            messages: seen.messages,
            digests: seen.digests,
            capped: seen.capped,
            quiet: seen.quiet,
        });
        Ok(Backtest {
            days: DAYS,
            alerts: small(alerts.len()),
            changes,
            alone: small(alone.len()),
            channels: named.collect(),
            per_day: days
                .into_iter()
                .map(|(day, alerts)| BacktestDay {
                    day,
                    alerts: small(alerts.len()),
                })
                .collect(),
            examples: examples.into_iter().rev().collect(),
            since,
        })
    }
}

/// A backtest reads for a while: whoever asks another question has no use for the answer to the last one.
fn is_latest(latest: &AtomicU64, turn: u64) -> Result<(), StoreError> {
    if latest.load(Ordering::Relaxed) == turn {
        return Ok(());
    }
    let fault = Fault::new(
        "backtest_superseded",
        "Another rule was tried meanwhile; this look back was given up. Change something to look again.",
    );
    Err(fault.into())
}

/// A rule on its way through the days.
struct Test {
    past: Past,
    others: Routing,
    now: Time,
    alerts: BTreeSet<AlertId>,
    changes: u32,
    alone: BTreeSet<AlertId>,
    days: Vec<(Time, BTreeSet<AlertId>)>,
    /// The newest, the oldest of them first.
    examples: VecDeque<BacktestHit>,
    since: Time,
}

impl Test {
    fn new(rule: Routing, others: Routing, now: Time) -> Self {
        let today = now.ms().div_euclid(DAY_MS) * DAY_MS;
        let days = (0..i64::from(DAYS)).rev();
        let days: Vec<_> = days
            .map(|back| (Time(today - back * DAY_MS), BTreeSet::new()))
            .collect();
        Self {
            past: Past::new(rule),
            others,
            now,
            alerts: BTreeSet::new(),
            changes: 0,
            alone: BTreeSet::new(),
            since: days.first().map_or(now, |(day, _)| *day),
            days,
            examples: VecDeque::new(),
        }
    }

    fn play(
        &mut self,
        r: &Read<'_>,
        goes_on: &dyn Fn() -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut history = news::since(r, self.since, self.now)?;
        goes_on()?;
        // What the rule does not wait for, or not of such alerts; a withdrawal says what was withdrawn later.
        let found: Option<HashSet<AlertId>> = match self.past.routing().narrowed() {
            Some(node) => {
                let found = list::ids(r, &node, Sort::Newest)?.ids;
                Some(found.into_iter().collect())
            }
            None => None,
        };
        let is_found = |id| found.as_ref().is_none_or(|found| found.contains(&id));
        history.retain(|past| is_found(past.subject.alert));
        let pages: Vec<&[news::Past]> = history
            .chunk_by(|a, b| a.subject.at == b.subject.at)
            .collect();
        let mut rest = pages.as_slice();
        while !rest.is_empty() {
            goes_on()?;
            let mut ids = BTreeSet::new();
            let many = rest.iter().take_while(|page| {
                let is_begun = !ids.is_empty();
                ids.extend(self.heard(page).map(|past| past.subject.alert));
                !is_begun || ids.len() <= TOGETHER
            });
            let (together, later) = rest.split_at(many.count().max(1));
            rest = later;
            let ids: Vec<AlertId> = ids.into_iter().collect();
            let read: HashMap<AlertId, Arc<Told>> = alerts::all(r, &ids)?
                .into_iter()
                .map(|stored| (stored.summary.id, Arc::new(as_then(stored))))
                .collect();
            for page in together {
                let fresh = self.fresh(page, &read);
                self.hear(&fresh);
            }
        }
        let first = news::first_run(r)?;
        self.since = first.map_or(self.since, |first| self.since.max(first.min(self.now)));
        Ok(())
    }

    /// What the rule may wait for of what one page stored.
    fn heard<'p>(&self, page: &'p [news::Past]) -> impl Iterator<Item = &'p news::Past> {
        let routing = self.past.routing();
        page.iter()
            .filter(|past| routing.hears(past.subject.change, past.level))
    }

    /// The same, with the alerts as they are now.
    fn fresh(&self, page: &[news::Past], read: &HashMap<AlertId, Arc<Told>>) -> Vec<Fresh> {
        let rejected: HashSet<AlertId> = page
            .iter()
            .filter(|past| past.subject.change == ChangeKind::Rejected)
            .map(|past| past.subject.alert)
            .collect();
        let all = self.heard(page).filter_map(|past| {
            let id = past.subject.alert;
            let mut alert = Arc::clone(read.get(&id)?);
            if rejected.contains(&id) {
                Arc::make_mut(&mut alert).is_rejected = true;
            }
            Some(Fresh {
                subject: past.subject,
                severity: past.level.or(alert.severity),
                alert,
            })
        });
        all.collect()
    }

    fn hear(&mut self, fresh: &[Fresh]) {
        let Some(at) = fresh.first().map(|fresh| fresh.subject.at) else {
            return;
        };
        let told = self.past.hear(fresh, at);
        if told.is_empty() {
            return;
        }
        let elsewhere: BTreeSet<_> = self
            .others
            .channels_of(fresh, at)
            .into_iter()
            .flat_map(|(subject, channels)| {
                let of = move |channel| (subject.alert, subject.change.as_str(), channel);
                channels.into_iter().map(of)
            })
            .collect();
        let mut subjects = BTreeSet::new();
        let mut shown = VecDeque::new();
        for one in &told {
            let (id, change) = (one.subject.alert, one.subject.change);
            self.alerts.insert(id);
            if !elsewhere.contains(&(id, change.as_str(), one.channel.clone())) {
                self.alone.insert(id);
            }
            if let Some((_, alerts)) = self.days.iter_mut().rev().find(|(day, _)| *day <= at) {
                alerts.insert(id);
            }
            if !subjects.insert((id, change.as_str())) {
                continue;
            }
            self.changes += 1;
            shown.push_back(one.subject);
            if shown.len() > MOST_EXAMPLES {
                shown.pop_front();
            }
        }
        for subject in shown {
            if let Some(fresh) = fresh.iter().find(|f| f.subject == subject) {
                self.examples.push_back(BacktestHit {
                    id: subject.alert,
                    uid: fresh.alert.uid.clone(),
                    title: fresh.alert.title.clone(),
                    severity: fresh.severity,
                    change: subject.change,
                    at,
                });
            }
            if self.examples.len() > MOST_EXAMPLES {
                self.examples.pop_front();
            }
        }
    }
}

/// What was withdrawn later was news then.
fn as_then(stored: Stored) -> Told {
    let mut told = told(stored);
    told.is_rejected = false;
    told
}

fn small(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
