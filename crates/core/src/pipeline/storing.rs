//! The one transaction of a page: its alerts, their changes, the deliveries that they are routed to and what
//! the source wants to remember.

use std::sync::Arc;

use super::compare;
use super::named::pass_severity_on;
use super::news::News;
use super::noting::{is_older, note_change, note_changes};
use super::said::Said;
use crate::analyse::{self, Analyser, Current};
use crate::model::{
    Alert, BackfillStep, Change, Finding, Memory, Problem, RunCounts, SourceId, State, Time,
};
use crate::route::Routing;
use crate::store::alerts::Form;
use crate::store::enrich::kev;
use crate::store::{StoreError, Write, alerts, backfills, retention, sources};

/// An alert on its way to the store.
pub(super) struct Analysed {
    pub alert: Alert,
    pub finding: Finding,
    pub form: Form,
}

/// What a page is stored with.
pub(super) struct Batch {
    pub source: SourceId,
    pub run: Option<i64>,
    pub now: Time,
    /// A first collection, a backfill, an import: stored as seen, nobody is told.
    pub quiet: bool,
    pub routing: Arc<Routing>,
    pub counts: RunCounts,
    pub problems: Vec<Problem>,
    pub memory: Memory,
    /// When the source made this answer.
    pub as_of: Option<Time>,
    pub backfill: Option<BackfillStep>,
    pub used: Arc<Analyser>,
    pub current: Arc<Current>,
}

pub(super) struct StoredPage {
    pub counts: RunCounts,
    /// Alerts that are new to the user.
    pub announced: u32,
    pub touched: bool,
    pub routed: bool,
}

/// Stores a page.
///
/// # Errors
/// Where the database fails; nothing of the page is stored then.
pub(super) fn store_page(
    w: &Write<'_>,
    analysed: Vec<Analysed>,
    batch: &Batch,
) -> Result<StoredPage, StoreError> {
    let current = batch.current.get();
    let is_analysed_anew = !Arc::ptr_eq(&current, &batch.used);
    let mut counts = batch.counts;
    let mut news = News::new(&batch.routing, batch.quiet, batch.now);
    let said = Said::read(w)?;
    let before = (counts.new, counts.changed);
    for mut one in analysed {
        if is_analysed_anew {
            one.finding = analyse::analyse(&current, &one.alert);
            one.form = Form::of(&one.alert, &one.finding)?;
        }
        match store_alert(w, one, batch, &said, &mut news)? {
            Outcome::New => counts.new += 1,
            Outcome::Changed => counts.changed += 1,
            Outcome::Unchanged => counts.unchanged += 1,
        }
    }
    let routed = news.send(w)?;
    if let Some(run) = batch.run {
        sources::set_memory(w, &batch.source, &batch.memory)?;
        sources::update_run(w, run, counts, &batch.problems, None)?;
    }
    if let Some(step) = &batch.backfill {
        backfills::set_step(w, &batch.source, step)?;
    }
    Ok(StoredPage {
        counts,
        announced: if batch.quiet {
            0
        } else {
            counts.new - before.0
        },
        touched: (counts.new, counts.changed) != before,
        routed,
    })
}

enum Outcome {
    New,
    Changed,
    Unchanged,
}

fn store_alert(
    w: &Write<'_>,
    one: Analysed,
    batch: &Batch,
    said: &Said,
    news: &mut News<'_>,
) -> Result<Outcome, StoreError> {
    let Analysed {
        mut alert,
        mut finding,
        mut form,
    } = one;
    let known = alerts::known(w, &alert.uid)?;
    if let Some(known) = &known {
        if is_older(&alert, batch.as_of, known) {
            return Ok(Outcome::Unchanged);
        }
        if known.hash == alert.hash {
            alerts::touch(w, known.id, alert.updated, batch.as_of)?;
            return Ok(Outcome::Unchanged);
        }
    }
    let before = alert.facts.kev.clone();
    let own_kev = said.take_kev(w, &mut alert, &mut finding)?;
    if alert.facts.kev != before {
        form = Form::of(&alert, &finding)?;
    }
    let alert = &alert;
    if analyse::takes_named_severity(alert.kind) && !alert.facts.cves.is_empty() {
        finding.take_named(alerts::highest_named(w, &alert.facts.cves)?);
        form = Form::of(alert, &finding)?;
    }
    let Some(known) = known else {
        if let Some(was_exploited) = said.removed(w, &alert.uid)? {
            // What retention removed stays away, unless it matters now and did not then. (What a watch
            // matches is never removed, so a match is new.)
            let is_newly_exploited = alert.facts.exploited().is_some() && !was_exploited;
            if !finding.relevance.is_relevant && !is_newly_exploited {
                return Ok(Outcome::Unchanged);
            }
            retention::forget(w, &alert.uid)?;
        }
        form.as_of = batch.as_of;
        form.risks = said.risks(w, &alert.facts)?;
        let id = alerts::insert_as(w, alert, &finding, &form, batch.now, !batch.quiet)?;
        if own_kev.is_some() {
            kev::set_own(w, id, own_kev.as_ref())?;
        }
        if alert.facts.is_rejected() {
            let what = compare::rejected(alert, None, State::New);
            let at = batch.now;
            note_change(w, id, State::New, None, &Change { at, what }, news)?;
        }
        news.added(w, id, alert, &finding, &form)?;
        pass_severity_on(w, alert, batch.now, false, news)?;
        return Ok(Outcome::New);
    };
    let id = known.id;
    let Some(before) = alerts::get(w, id)? else {
        return Ok(Outcome::Unchanged);
    };
    let found = compare::compare(&before, alert, &finding, batch.now);
    let changed = (!found.is_empty()).then_some(batch.now);
    alerts::update(w, id, &before, alert, &finding, changed)?;
    kev::set_own(w, id, own_kev.as_ref())?;
    alerts::set_as_of(w, id, batch.as_of)?;
    note_changes(w, &before, &found, batch.now, false, news)?;
    if before.finding.stated_severity() != finding.stated_severity() {
        pass_severity_on(w, alert, batch.now, false, news)?;
    }
    Ok(if found.is_empty() {
        Outcome::Unchanged
    } else {
        Outcome::Changed
    })
}
