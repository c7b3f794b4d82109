//! What one transaction stores that somebody may want to hear of, and its way through the rules into the
//! outbox, in that same transaction.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::{
    Alert, AlertId, Change, ChangeKind, ChannelId, DeliveryForm, Facts, Finding, Happened,
    Severity, Subject, Time,
};
use crate::route::{Again, Counts, Fresh, Place, Routing, Told, route};
use crate::store::alerts::{Form, Stored};
use crate::store::{Read, StoreError, Write, alerts, changes, deliveries, news};

const HOUR_S: i64 = 3_600;
const DAY_S: i64 = 24 * HOUR_S;

/// The news of a transaction.
pub struct News<'a> {
    routing: &'a Routing,
    quiet: bool,
    at: Time,
    fresh: Vec<Fresh>,
    /// Changes whose alerts are read when everything is stored, with the level that they say.
    changed: Vec<(Subject, Option<Severity>)>,
}

impl<'a> News<'a> {
    /// None yet. With `quiet` there will be none: what is stored is no news.
    #[must_use]
    pub fn new(routing: &'a Routing, quiet: bool, at: Time) -> Self {
        Self {
            routing,
            quiet,
            at,
            fresh: Vec::new(),
            changed: Vec::new(),
        }
    }

    /// Whether nobody is to hear of anything.
    pub(super) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Adds an entry to an alert's history.
    ///
    /// # Errors
    /// Where the database fails.
    pub(super) fn store(
        &mut self,
        w: &Write<'_>,
        alert: AlertId,
        change: &Change,
    ) -> Result<(), StoreError> {
        if self.quiet {
            return changes::insert_quiet(w, alert, change);
        }
        changes::insert(w, alert, change)?;
        self.heard(alert, change);
        Ok(())
    }

    /// The same of an entry that is stored already.
    pub fn heard(&mut self, alert: AlertId, change: &Change) {
        let level = match change.what {
            Happened::SeverityRaised { after, .. } | Happened::SeverityLowered { after, .. } => {
                after
            }
            _ => None,
        };
        let kind = change.what.kind();
        if self.quiet || !change.what.is_news() || !self.routing.hears(kind, level) {
            return;
        }
        let subject = Subject {
            alert,
            change: kind,
            at: change.at,
        };
        self.changed.push((subject, level));
    }

    /// That an alert was stored for the first time.
    ///
    /// # Errors
    /// Where the database fails.
    pub(super) fn added(
        &mut self,
        r: &Read<'_>,
        id: AlertId,
        alert: &Alert,
        finding: &Finding,
        form: &Form,
    ) -> Result<(), StoreError> {
        let severity = finding.severity;
        // What its source withdrew is no news.
        let is_heard = !self.quiet && !alert.facts.is_rejected();
        if !is_heard || !self.routing.hears(ChangeKind::New, severity) {
            return Ok(());
        }
        let stored = alerts::as_new(r, id, alert, finding, form, self.at)?;
        self.fresh.push(Fresh {
            subject: Subject {
                alert: id,
                change: ChangeKind::New,
                at: self.at,
            },
            severity,
            alert: Arc::new(told(stored)),
        });
        Ok(())
    }

    /// Puts what the rules ask for into the outbox. Whether there was anything.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn send(mut self, w: &Write<'_>) -> Result<bool, StoreError> {
        self.read_changed(w)?;
        if self.fresh.is_empty() {
            return Ok(false);
        }
        let counts = counts(w, self.routing, self.at)?;
        let routed = route(&self.fresh, self.routing, self.at, &counts);
        let entries: Vec<deliveries::Entry<'_>> = routed
            .iter()
            .map(|one| {
                let (form, due, slot) = match &one.place {
                    Place::Now { due } => (DeliveryForm::Alerts, *due, None),
                    Place::Digest(slot) => (DeliveryForm::Digest, slot.due, Some(&*slot.name)),
                    Place::Quiet(slot) => (DeliveryForm::Quiet, slot.due, Some(&*slot.name)),
                };
                deliveries::Entry {
                    channel: &one.channel,
                    subject: one.subject,
                    rules: &one.rules,
                    form,
                    due,
                    slot,
                }
            })
            .collect();
        Ok(deliveries::enqueue(w, &entries, self.at)? > 0)
    }

    /// Reads the changed alerts, as they are now that everything is stored.
    fn read_changed(&mut self, r: &Read<'_>) -> Result<(), StoreError> {
        let mut known: BTreeMap<AlertId, Arc<Told>> = BTreeMap::new();
        for (subject, level) in std::mem::take(&mut self.changed) {
            let alert = match known.get(&subject.alert) {
                Some(alert) => Arc::clone(alert),
                None => {
                    let Some(stored) = alerts::get(r, subject.alert)? else {
                        continue;
                    };
                    let alert = Arc::new(told(stored));
                    known.insert(subject.alert, Arc::clone(&alert));
                    alert
                }
            };
            self.fresh.push(Fresh {
                subject,
                severity: level.or(alert.severity),
                alert,
            });
        }
        Ok(())
    }
}

/// A clock that went back left digests whose time lies far ahead: each goes to the next one of its channel.
///
/// # Errors
/// Where the database fails.
pub fn place_again(w: &Write<'_>, routing: &Routing, now: Time) -> Result<(), StoreError> {
    for channel in routing.channels() {
        for one in deliveries::placed_ahead(w, channel, now)? {
            let counts = Counts {
                over: over(w, now)?,
                ..Counts::default()
            };
            match routing.again(channel, one.form, &one.slot, now, &counts) {
                Again::Stays => {}
                Again::Now => deliveries::set_due_now(w, one.id, now)?,
                Again::To(slot) => {
                    deliveries::move_to_slot(w, channel, one.id, &slot.name, slot.due, now)?;
                }
            }
        }
    }
    Ok(())
}

fn over(r: &Read<'_>, now: Time) -> Result<BTreeSet<(ChannelId, String)>, StoreError> {
    Ok(deliveries::slots_that_are_over(r, now)?
        .into_iter()
        .collect())
}

/// What of the outbox routing has to know.
fn counts(r: &Read<'_>, routing: &Routing, now: Time) -> Result<Counts, StoreError> {
    let mut counts = Counts {
        over: over(r, now)?,
        ..Counts::default()
    };
    for (rule, channel) in routing.capped() {
        let since = |seconds: i64| news::at_once(r, channel, rule, now.plus_s(-seconds), now);
        let key: (String, ChannelId) = (rule.to_owned(), channel.clone());
        counts.at_once.insert(key, (since(HOUR_S)?, since(DAY_S)?));
    }
    Ok(counts)
}

/// A stored alert as rules see it.
#[must_use]
pub fn told(stored: Stored) -> Told {
    let keys = stored.keys();
    let severity = stored.summary.severity;
    let is_rejected = stored.facts.is_rejected();
    let Stored {
        summary,
        text,
        products,
        facts: Facts { cves, .. },
        ..
    } = stored;
    Told {
        uid: summary.uid,
        cves,
        title: summary.title,
        text,
        products,
        keys,
        severity,
        matched: summary.matched,
        is_rejected,
    }
}
