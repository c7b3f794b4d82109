//! What the frame of the window shows: counts, what runs, what needs attention; opening links.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::inbox::ViewRow;
use crate::app::{App, VERSION, Work};
use crate::error::Fault;
use crate::model::{Act, SourceId, Time, TriageId};
use crate::schedule::rhythm;
use crate::store::{StoreError, deliveries, list, sources, triage};

/// No parameters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Nothing {}

/// The state of the whole app.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Status {
    /// The version of Tocsin.
    pub version: String,
    /// The backend's now: the interface never asks the browser's clock.
    pub now: Time,
    /// How the interface is shown.
    pub host: HostKind,
    /// Alerts stored.
    pub total: u32,
    /// The views with their counts.
    pub views: Vec<ViewRow>,
    /// Whether anything is watched; until then the window opens on All.
    pub has_watches: bool,
    /// Sources that are being collected right now.
    pub collecting: Vec<SourceId>,
    /// When a source was last collected well.
    pub last_collected: Option<Time>,
    /// Sources whose last run failed.
    pub failing: Vec<SourceId>,
    /// Messages that failed or whose fate is unknown; 1000 = 1000 or more.
    pub undelivered: u32,
    /// The last act of triage that can be undone.
    pub undo: Option<LastAct>,
    /// Long work that is being done.
    pub work: Vec<Work>,
    /// What the user must know: one banner each.
    pub notices: Vec<Fault>,
}

/// How the interface is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum HostKind {
    /// In the desktop window.
    Desktop,
    /// In a browser against the local server.
    Browser,
}

/// The last act that can be undone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LastAct {
    /// Its number.
    pub id: TriageId,
    /// What was done.
    pub act: Act,
    /// How many.
    pub alerts: u32,
    /// One of them, for people: its CVE id or title.
    pub label: String,
}

/// Opens an address in the system's browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OpenUrl {
    /// http or https.
    pub url: String,
}

pub(super) async fn status(app: &App, _: Nothing) -> Result<Status, Fault> {
    let in_force = app.in_force();
    let has_watches = in_force.has_watches();
    let ids: Vec<SourceId> = in_force.settings.sources.keys().cloned().collect();
    let views = app.views();
    let nodes = app.view_nodes(&views);
    let (total, counts, healths, undelivered, last) = app
        .db()
        .read(move |r| {
            let healths = ids
                .into_iter()
                .map(|id| {
                    let health = sources::health(r, &id)?;
                    let usual_days = rhythm::usual_days(&sources::rhythm(r, &id)?);
                    Ok((id, health, usual_days))
                })
                .collect::<Result<Vec<_>, StoreError>>()?;
            Ok((
                list::total(r),
                list::counts(r, &nodes)?,
                healths,
                deliveries::undelivered(r)?,
                triage::last(r)?,
            ))
        })
        .await?;
    let now = app.now();
    let mut notices = app.notices();
    notices.extend(super::sources::warnings(&in_force, &healths, now));
    Ok(Status {
        version: VERSION.to_owned(),
        now,
        host: if app.host().is_desktop() {
            HostKind::Desktop
        } else {
            HostKind::Browser
        },
        total,
        views: views
            .into_iter()
            .zip(counts)
            .map(|(view, (count, unread))| ViewRow {
                built_in: view.is_built_in(),
                id: view.id,
                name: view.name,
                query: view.query,
                sort: view.sort,
                columns: view.columns,
                count,
                unread,
            })
            .collect(),
        has_watches,
        collecting: app.running().into_keys().collect(),
        last_collected: healths.iter().filter_map(|(_, h, _)| h.last_success).max(),
        failing: healths
            .iter()
            .filter(|(_, h, _)| h.fault.is_some())
            .map(|(id, _, _)| id.clone())
            .collect(),
        undelivered,
        undo: last.map(|last| LastAct {
            id: last.id,
            act: last.act,
            alerts: last.alerts,
            label: last.label,
        }),
        work: app.work(),
        notices,
    })
}

/// Names a piece of long work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WorkRef {
    /// Which.
    pub id: u32,
}

pub(super) async fn work_cancel(app: &App, request: WorkRef) -> Result<Nothing, Fault> {
    app.cancel_work(request.id);
    Ok(Nothing {})
}

pub(super) async fn open_url(app: &App, request: OpenUrl) -> Result<Nothing, Fault> {
    let allowed = url::Url::parse(&request.url)
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if !allowed {
        return Err(Fault::new(
            "link_refused",
            "Only http and https addresses are opened.",
        ));
    }
    app.host().open_url(&request.url)?;
    Ok(Nothing {})
}
