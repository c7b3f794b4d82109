//! What a rule would have sent in the last 30 days: the stored history goes through the same routing that
//! what is collected goes through. Alerts are asked as they are now; what they were then is not stored.
//! Nothing is written. What it costs is that of the changes of these days, whatever else is stored.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use super::App;
use super::views::read_query;
use crate::commands::rules::{AskBacktest, Backtest, BacktestChannel, BacktestDay, BacktestHit};
use crate::error::Fault;
use crate::model::{AlertId, ChangeKind, RuleId, Time};
use crate::pipeline::news::told;
use crate::route::{Fresh, Past, Routing};
use crate::store::{Read, StoreError, alerts, news};

/// How far back it looks, today among them.
const DAYS: u32 = 30;
const DAY_MS: i64 = 86_400_000;
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
        let tested = self
            .db()
            .read(move |r| {
                let mut test = Test::new(alone, others, now);
                test.play(r)?;
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

    fn play(&mut self, r: &Read<'_>) -> Result<(), StoreError> {
        let history = news::since(r, self.since, self.now)?;
        let pages = history.chunk_by(|a, b| a.subject.at == b.subject.at);
        for page in pages {
            let fresh = self.fresh(r, page)?;
            self.hear(&fresh);
        }
        let first = news::first_run(r)?;
        self.since = first.map_or(self.since, |first| self.since.max(first.min(self.now)));
        Ok(())
    }

    /// What the rule may wait for of what one page stored, with the alerts as they are now.
    fn fresh(&self, r: &Read<'_>, page: &[news::Past]) -> Result<Vec<Fresh>, StoreError> {
        let mut all: Vec<Fresh> = Vec::new();
        for past in page {
            let routing = self.past.routing();
            if !routing.hears(past.subject.change, past.level) {
                continue;
            }
            let id = past.subject.alert;
            let alert = match all.last() {
                Some(last) if last.subject.alert == id => Arc::clone(&last.alert),
                _ => {
                    let Some(stored) = alerts::get(r, id)? else {
                        continue;
                    };
                    let mut told = told(stored);
                    // What was withdrawn later was news then.
                    told.is_rejected = page.iter().any(|other| {
                        other.subject.alert == id && other.subject.change == ChangeKind::Rejected
                    });
                    Arc::new(told)
                }
            };
            all.push(Fresh {
                subject: past.subject,
                severity: past.level.or(alert.severity),
                alert,
            });
        }
        Ok(all)
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
            if let Some(fresh) = fresh.iter().find(|f| f.subject == one.subject) {
                self.examples.push_back(BacktestHit {
                    id,
                    uid: fresh.alert.uid.clone(),
                    title: fresh.alert.title.clone(),
                    severity: fresh.severity,
                    change,
                    at,
                });
            }
            if self.examples.len() > MOST_EXAMPLES {
                self.examples.pop_front();
            }
        }
    }
}

fn small(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
