//! What a source says of alerts that others bring: it is kept, given to the alerts that are stored, a
//! bounded number in a transaction, and taken by those that come later.
//!
//! What memory the source keeps is stored behind the last of these transactions, with its page: a crash
//! between two of them has the source say everything again, and whatever was given already stays as it is.

use std::collections::HashSet;
use std::sync::Arc;

use super::named::pass_severity_on;
use super::news::News;
use super::noting::note_changes;
use super::{Pipeline, compare};
use crate::model::{Alert, Enrichment, Finding, Kev, Kind, Time};
use crate::route::Routing;
use crate::store::alerts::Stored;
use crate::store::enrich::{epss, kev, owasp};
use crate::store::{StoreError, Write, alerts};

/// Entries of the catalogue in one transaction: each may rewrite an alert with its history.
const KEV_AT_ONCE: usize = 250;
/// Scores in one transaction.
const EPSS_AT_ONCE: usize = 2000;
/// Alerts whose keys are made anew in one transaction.
const KEYS_AT_ONCE: u32 = 2000;

/// What became of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Enriched {
    /// Alerts that have something else now.
    pub changed: u32,
    /// Entries that changed no stored alert.
    pub unchanged: u32,
    /// Whether anything of it goes to a channel.
    pub routed: bool,
}

impl Enriched {
    fn count(&mut self, said: usize, changed: u32) {
        self.changed += changed;
        self.unchanged += super::count(said).saturating_sub(changed);
    }
}

/// How many records these are.
#[must_use]
pub(super) fn read(enrichments: &[Enrichment]) -> u32 {
    let each = enrichments.iter().map(|said| match said {
        Enrichment::Kev { entries, .. } => entries.len(),
        Enrichment::Epss { scores, .. } => scores.len(),
        // Its entries are drafts and counted as such.
        Enrichment::OwaspMap { .. } => 0,
    });
    super::count(each.sum())
}

/// Keeps all of it and gives it to the stored alerts; what is news of it is routed with it. `quiet`: a first
/// collection; what it says is old, so histories tell it and nothing is opened again, marked as changed or
/// routed.
pub(super) async fn apply(
    pipeline: &Pipeline,
    enrichments: Vec<Enrichment>,
    routing: &Arc<Routing>,
    quiet: bool,
    now: Time,
) -> Result<Enriched, StoreError> {
    let mut done = Enriched::default();
    let how = How {
        pipeline,
        routing,
        quiet,
        now,
    };
    for said in enrichments {
        match said {
            Enrichment::Kev {
                entries,
                is_complete,
            } => give_kev(&how, entries, is_complete, &mut done).await?,
            Enrichment::Epss {
                day,
                scores,
                is_complete,
            } => give_epss(&how, day, scores, is_complete, &mut done).await?,
            Enrichment::OwaspMap {
                list,
                edition,
                cwes,
                editions,
            } => {
                pipeline
                    .db
                    .write(move |w| owasp::put(w, &list, &edition, &cwes, &editions))
                    .await?;
                rekey(pipeline, &mut done).await?;
            }
        }
    }
    Ok(done)
}

/// What all of it is given with.
struct How<'a> {
    pipeline: &'a Pipeline,
    routing: &'a Arc<Routing>,
    quiet: bool,
    now: Time,
}

async fn give_kev(
    how: &How<'_>,
    entries: Vec<(String, Kev)>,
    is_complete: bool,
    done: &mut Enriched,
) -> Result<(), StoreError> {
    let (pipeline, quiet, now) = (how.pipeline, how.quiet, how.now);
    let mut said: Vec<(String, Option<Kev>)> = Vec::with_capacity(entries.len());
    if is_complete {
        let listed = pipeline.db.read(kev::listed).await?;
        let kept: HashSet<&String> = entries.iter().map(|(cve, _)| cve).collect();
        let gone = listed.into_iter().filter(|cve| !kept.contains(cve));
        said.extend(gone.map(|cve| (cve, None)));
    }
    said.extend(entries.into_iter().map(|(cve, kev)| (cve, Some(kev))));
    for part in said.chunks(KEV_AT_ONCE) {
        let part = part.to_vec();
        let (many, routing) = (part.len(), Arc::clone(how.routing));
        let (changed, routed) = pipeline
            .db
            .write(move |w| {
                let mut news = News::new(&routing, quiet, now);
                let mut changed = 0;
                for (cve, entry) in &part {
                    changed += u32::from(set_kev(w, cve, entry.as_ref(), now, &mut news)?);
                }
                Ok((changed, news.send(w)?))
            })
            .await?;
        done.count(many, changed);
        done.routed |= routed;
    }
    Ok(())
}

async fn give_epss(
    how: &How<'_>,
    day: Time,
    scores: Vec<(String, f32, f32)>,
    is_complete: bool,
    done: &mut Enriched,
) -> Result<(), StoreError> {
    let (pipeline, quiet, now) = (how.pipeline, how.quiet, how.now);
    let mut rest = scores;
    while !rest.is_empty() {
        let next = rest.split_off(rest.len().min(EPSS_AT_ONCE));
        let part = std::mem::replace(&mut rest, next);
        let (many, routing) = (part.len(), Arc::clone(how.routing));
        let (changed, routed) = pipeline
            .db
            .write(move |w| {
                let given = epss::put(w, day, &part, now, quiet)?;
                let mut news = News::new(&routing, quiet, now);
                for (alert, change) in &given.jumps {
                    news.heard(*alert, change);
                }
                Ok((given.changed, news.send(w)?))
            })
            .await?;
        done.count(many, changed);
        done.routed |= routed;
    }
    if is_complete {
        forget_others(pipeline, day, done).await?;
    }
    Ok(())
}

/// Takes back the scores of CVEs that a whole day no longer has.
async fn forget_others(
    pipeline: &Pipeline,
    day: Time,
    done: &mut Enriched,
) -> Result<(), StoreError> {
    let most = super::count(EPSS_AT_ONCE);
    loop {
        let (forgotten, lost) = pipeline
            .db
            .write(move |w| epss::forget_others(w, day, most))
            .await?;
        done.changed += lost;
        if forgotten < most {
            return Ok(());
        }
    }
}

async fn rekey(pipeline: &Pipeline, done: &mut Enriched) -> Result<(), StoreError> {
    while let Some(changed) = pipeline.db.write(|w| owasp::rekey(w, KEYS_AT_ONCE)).await? {
        done.changed += changed;
    }
    Ok(())
}

/// Lets a vulnerability that is about to be stored say what CISA's catalogue says of it. What its own
/// source says instead is handed back, to be kept. Its hash stays that of its own source.
///
/// # Errors
/// Where the database fails.
pub fn take_kev(
    w: &Write<'_>,
    alert: &mut Alert,
    finding: &mut Finding,
) -> Result<Option<Kev>, StoreError> {
    if alert.kind != Kind::Vulnerability {
        return Ok(None);
    }
    let Some(entry) = kev::entry(w, &alert.uid)? else {
        return Ok(None);
    };
    let own = alert.facts.kev.replace(entry);
    finding.take_exploited(&alert.facts.scores, alert.facts.exploited());
    Ok(own)
}

/// Keeps what the catalogue says of a CVE (`None`: it no longer lists it) and gives it to the alert, where
/// that is stored; what its own source says where there is nothing else. Whether the alert changed.
fn set_kev(
    w: &Write<'_>,
    cve: &str,
    entry: Option<&Kev>,
    now: Time,
    news: &mut News<'_>,
) -> Result<bool, StoreError> {
    let listed = kev::entry(w, cve)?;
    if listed.as_ref() != entry {
        kev::put(w, cve, entry)?;
    }
    let Some(known) = alerts::known(w, cve)? else {
        return Ok(false);
    };
    let (id, hash) = (known.id, known.hash);
    let Some(before) = alerts::get(w, id)? else {
        return Ok(false);
    };
    let shown = before.facts.kev.as_ref();
    let kept = kev::own(w, id)?;
    // What is shown and is not the catalogue's is its own.
    let own = match &kept {
        Some(own) => Some(own),
        None => shown.filter(|shown| Some(*shown) != listed.as_ref()),
    };
    let keep = own.filter(|_| entry.is_some());
    if keep != kept.as_ref() {
        kev::set_own(w, id, keep)?;
    }
    let fresh = entry.or(own);
    if fresh == shown {
        return Ok(false);
    }
    let mut alert = as_collected(&before, hash);
    alert.facts.kev = fresh.cloned();
    let mut finding = before.finding.clone();
    finding.take_exploited(&alert.facts.scores, alert.facts.exploited());
    let found = compare::compare(&before, &alert, &finding, now);
    let quiet = news.is_quiet();
    let changed = (!quiet && !found.is_empty()).then_some(now);
    alerts::update(w, id, &before, &alert, &finding, changed)?;
    note_changes(w, &before, &found, now, quiet, news)?;
    if before.finding.stated_severity() != finding.stated_severity() {
        pass_severity_on(w, &alert, now, quiet, news)?;
    }
    Ok(true)
}

/// A stored alert as its source brought it.
fn as_collected(stored: &Stored, hash: [u8; 32]) -> Alert {
    let row = &stored.summary;
    Alert {
        uid: row.uid.clone(),
        source: row.source.clone(),
        kind: row.kind,
        title: row.title.clone(),
        text: stored.text.clone(),
        url: row.url.clone(),
        published: Some(row.published),
        updated: row.updated,
        facts: stored.facts.clone(),
        hash,
    }
}
