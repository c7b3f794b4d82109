//! A delivery becomes a message: what it speaks of is read when it goes out, so it is as true as it can be.

use std::collections::BTreeMap;

use super::alert::message_alert;
use crate::model::{
    AlertId, ChangeKind, ChannelId, Delivery, DeliveryForm, MessageAlert, SourceId, Time,
};
use crate::notify::{Content, Digest, DigestGroup, DigestWhy, Message};
use crate::store::deliveries::{self, Spoken};
use crate::store::{Read, StoreError};

/// Alerts that a message lists; the rest is a number.
const MOST_LISTED: usize = 20;
/// Alerts that a digest lists.
const MOST_IN_DIGEST: usize = 50;

/// What a delivery says now; `None` where it has nothing to say any more: its alerts were removed or taken
/// back.
///
/// # Errors
/// Where the database fails.
pub fn message(
    r: &Read<'_>,
    delivery: &Delivery,
    sources: &BTreeMap<SourceId, String>,
    now: Time,
) -> Result<Option<Message>, StoreError> {
    let content = match delivery.form {
        DeliveryForm::SelfTest => Some(Content::SelfTest),
        DeliveryForm::Notice => {
            let (about, _) = deliveries::about(r, delivery.id)?;
            about.map(|about| Content::Notice {
                channel: about.channel,
                fault: about.fault,
            })
        }
        DeliveryForm::Alerts => alerts(r, delivery, sources)?,
        DeliveryForm::Digest | DeliveryForm::Quiet => digest(r, delivery, sources, now)?,
    };
    let Some(content) = content else {
        return Ok(None);
    };
    let thread = match &content {
        Content::Alerts { alerts, more: 0 } if alerts.len() == 1 => {
            thread(r, &delivery.channel, alerts[0].id)?
        }
        _ => None,
    };
    Ok(Some(Message {
        delivery: Some(delivery.id),
        content,
        thread,
    }))
}

fn thread(r: &Read<'_>, channel: &ChannelId, alert: AlertId) -> Result<Option<String>, StoreError> {
    deliveries::reference_of(r, channel, alert)
}

fn alerts(
    r: &Read<'_>,
    delivery: &Delivery,
    sources: &BTreeMap<SourceId, String>,
) -> Result<Option<Content>, StoreError> {
    let all = each_once(deliveries::spoken(r, delivery.id)?);
    let mut listed = Vec::new();
    for spoken in all.iter().take(MOST_LISTED) {
        listed.extend(message_alert(r, spoken, sources)?);
    }
    if listed.is_empty() {
        return Ok(None);
    }
    Ok(Some(Content::Alerts {
        more: small(all.len().saturating_sub(MOST_LISTED)),
        alerts: listed,
    }))
}

fn digest(
    r: &Read<'_>,
    delivery: &Delivery,
    sources: &BTreeMap<SourceId, String>,
    now: Time,
) -> Result<Option<Content>, StoreError> {
    let all = each_once(deliveries::spoken(r, delivery.id)?);
    let (_, is_resumed) = deliveries::about(r, delivery.id)?;
    let why = match delivery.form {
        DeliveryForm::Quiet => DigestWhy::QuietHoursEnded,
        _ if is_resumed => DigestWhy::Resumed,
        _ => DigestWhy::Time,
    };
    Ok(put_together(r, &all, why, delivery.created, sources, now)?.map(Content::Digest))
}

/// A digest of these; `None` where they are none.
///
/// # Errors
/// Where the database fails.
pub fn put_together(
    r: &Read<'_>,
    all: &[Spoken],
    why: DigestWhy,
    created: Time,
    sources: &BTreeMap<SourceId, String>,
    now: Time,
) -> Result<Option<Digest>, StoreError> {
    let Some(first) = all.iter().map(|spoken| spoken.subject.at).min() else {
        return Ok(None);
    };
    let mut listed: BTreeMap<AlertId, MessageAlert> = BTreeMap::new();
    for spoken in all.iter().take(MOST_IN_DIGEST) {
        if let Some(alert) = message_alert(r, spoken, sources)? {
            listed.insert(spoken.subject.alert, alert);
        }
    }
    Ok(Some(Digest {
        why,
        groups: groups(all, listed),
        total: small(all.len()),
        from: first.min(created),
        to: now,
    }))
}

/// Groups by level, the highest first, and within it by watch, the one with the best ranked alert first.
fn groups(all: &[Spoken], mut listed: BTreeMap<AlertId, MessageAlert>) -> Vec<DigestGroup> {
    let mut groups: Vec<DigestGroup> = Vec::new();
    for spoken in all {
        let place = groups
            .iter()
            .position(|g| g.severity == spoken.severity && g.watch == spoken.watch);
        let place = place.unwrap_or_else(|| {
            groups.push(DigestGroup {
                severity: spoken.severity,
                watch: spoken.watch.clone(),
                alerts: Vec::new(),
                more: 0,
            });
            groups.len() - 1
        });
        match listed.remove(&spoken.subject.alert) {
            Some(alert) => groups[place].alerts.push(alert),
            None => groups[place].more += 1,
        }
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.severity));
    groups
}

/// Each alert once, in its best place, with the most telling of what happened to it and all rules.
pub fn each_once(all: Vec<Spoken>) -> Vec<Spoken> {
    let mut places: BTreeMap<AlertId, usize> = BTreeMap::new();
    let mut once: Vec<Spoken> = Vec::new();
    for spoken in all {
        let Some(place) = places.get(&spoken.subject.alert) else {
            places.insert(spoken.subject.alert, once.len());
            once.push(spoken);
            continue;
        };
        let known = &mut once[*place];
        for rule in &spoken.rules {
            if !known.rules.contains(rule) {
                known.rules.push(rule.clone());
            }
        }
        if tells(spoken.subject.change) < tells(known.subject.change) {
            known.subject = spoken.subject;
        }
    }
    once
}

/// What happened, the most telling first.
fn tells(change: ChangeKind) -> u8 {
    match change {
        ChangeKind::Rejected => 0,
        ChangeKind::New => 1,
        ChangeKind::Exploited => 2,
        ChangeKind::SeverityRaised => 3,
        ChangeKind::Reopened => 4,
        ChangeKind::EpssJump => 5,
        ChangeKind::Scored => 6,
        ChangeKind::SeverityLowered => 7,
        ChangeKind::ProductsChanged => 8,
        ChangeKind::TextChanged => 9,
    }
}

fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
