//! The inbox: views, the list as a count and pages, one alert in full.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::app::{App, Snapshot};
use crate::error::Fault;
use crate::model::{
    Act, AlertId, Change, Column, Delivery, EpssScore, Facts, Finding, Issuer, Kind, Note,
    OwaspRisk, Severity, Sort, SourceId, State, Time,
};
use crate::store::search::Piece;
use crate::store::{alerts, changes, deliveries, enrich, list, notes, search, triage};

/// A view of the rail with how many alerts it has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ViewRow {
    /// Names it: `high`, or `view:` and the name of one of the user's.
    pub id: String,
    /// For people; `None` for a built-in one, which the interface words.
    pub name: Option<String>,
    /// What it shows, in the query language.
    pub query: String,
    /// Its order.
    pub sort: Sort,
    /// Columns of the compact list; empty = the usual ones.
    pub columns: Vec<Column>,
    /// Whether it is part of Tocsin.
    pub built_in: bool,
    /// Alerts in it.
    pub count: u32,
    /// Of these, the ones that came after their source's first collection and were not opened yet.
    pub unread: u32,
}

/// Asks for a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OpenList {
    /// The view's id.
    pub view: String,
    /// What is in the search box; empty for everything. `query_invalid` says what is wrong with it and
    /// at which characters.
    #[serde(default)]
    pub query: String,
    /// The order; the view's where nothing is said.
    #[serde(default)]
    #[ts(optional)]
    pub sort: Option<Sort>,
    /// An alert whose place is wanted, so that a list opened again stays where it was.
    #[serde(default)]
    #[ts(optional)]
    pub anchor: Option<AlertId>,
}

/// A list, frozen in order: collecting does not move its rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ListOpened {
    /// Names the list in later calls. The newest few lists of a window stay open.
    pub list: u32,
    /// Its rows.
    pub count: u32,
    /// The place of the anchor, or in a list by time of where it would stand if it left the list.
    pub anchor_index: Option<u32>,
    /// Its order.
    pub sort: Sort,
    /// Where only the newest so many matches were ranked by text; the rest follows, newest first.
    pub ranked: Option<u32>,
}

/// Asks for rows of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ListRows {
    /// The list. A list that is no longer known is the fault `list_closed`: open it again.
    pub list: u32,
    /// The first row, from 0.
    pub offset: u32,
    /// At most 500.
    pub limit: u32,
}

/// Asks how many alerts a list would have on top if it were opened now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ListFresh {
    /// The list.
    pub list: u32,
}

/// How many alerts came since a list was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FreshCount {
    /// Alerts that belong in the list and are not in it.
    pub count: u32,
}

/// The score that a row shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ShownScore {
    /// 0.0 to 10.0.
    pub score: f64,
    /// `3.1`.
    pub version: String,
    /// Who gave it.
    pub issuer: Issuer,
}

/// One row of the list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Row {
    /// Which.
    pub id: AlertId,
    /// Its stable name: `CVE-2026-21413`.
    pub uid: String,
    /// What it is.
    pub kind: Kind,
    /// The source that brought it.
    pub source: SourceId,
    /// That source for people.
    pub source_name: String,
    /// Plain text, one line.
    pub title: String,
    /// Publication, or first seen if that was earlier or nothing is stated.
    pub published: Time,
    /// First stored here.
    pub added: Time,
    /// The last change of meaning, if any came after it was added.
    pub changed: Option<Time>,
    /// Whether that was after the user last looked at it.
    pub changed_since: bool,
    /// The level; `None` = unscored.
    pub severity: Option<Severity>,
    /// Whether the level is an estimate.
    pub estimated: bool,
    /// The score that is shown.
    pub score: Option<ShownScore>,
    /// The probability of exploitation, 0.0 to 1.0.
    pub epss: Option<f64>,
    /// Whether it is known to be exploited.
    pub exploited: bool,
    /// The threat category.
    pub category: Option<String>,
    /// The watches that matched, each once.
    pub matched: Vec<String>,
    /// Whether it matters to this team.
    pub is_relevant: bool,
    /// Whether a mute silences it; the finding says which.
    pub is_muted: bool,
    /// Its state.
    pub state: State,
    /// Why it was closed.
    pub reason: Option<String>,
    /// Until when it is snoozed.
    pub until: Option<Time>,
    /// The user's tags.
    pub tags: Vec<String>,
    /// Whether it is new to the user: not opened yet, and not part of a first collection.
    pub unread: bool,
    /// Characters of the title that the words of the query hit: first, one past the last.
    pub title_marks: Vec<(u32, u32)>,
    /// The part of the text that they hit most; `None` where they hit none.
    pub snippet: Option<Vec<Piece>>,
}

/// Names an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AlertRef {
    /// Which.
    pub id: AlertId,
}

/// One alert in full.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Detail {
    /// What the list shows of it.
    pub row: Row,
    /// Plain text; paragraphs are separated by an empty line.
    pub text: String,
    /// http(s) address.
    pub url: Option<String>,
    /// When the source last changed it.
    pub updated: Option<Time>,
    /// Structured fields.
    pub facts: Facts,
    /// What analysis says and why.
    pub finding: Finding,
    /// Its history, newest first.
    pub changes: Vec<Change>,
    /// When somebody last looked at it, before now: changes after that are new.
    pub looked: Option<Time>,
    /// The user's tags.
    pub tags: Vec<String>,
    /// What people wrote about it, newest first.
    pub notes: Vec<Note>,
    /// What people did with it, newest first.
    pub triage: Vec<TriageEntry>,
    /// Messages that spoke of it, newest first.
    pub deliveries: Vec<Delivery>,
    /// EPSS' newest score of it, with percentile and day.
    pub epss: Option<EpssScore>,
    /// The entries of OWASP's lists that it belongs to, the newest edition first.
    pub owasp: Vec<OwaspRisk>,
}

/// One act of triage as an alert's history shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TriageEntry {
    /// When.
    pub at: Time,
    /// What was done.
    pub act: Act,
    /// The state before, where the act set the state.
    pub before: Option<State>,
    /// Whether it was taken back.
    pub undone: bool,
    /// The alerts of the act.
    pub alerts: u32,
}

/// The most rows of one answer.
const MOST_ROWS: u32 = 500;

pub(super) async fn list_open(app: &App, request: OpenList) -> Result<ListOpened, Fault> {
    let view = app.view(&request.view)?;
    let node = app.asked(&view, &request.query)?;
    let sort = request.sort.unwrap_or(view.sort);
    let wanted = node.clone();
    let (found, until) = app
        .db()
        .read(move |r| {
            // What is stored meanwhile is fresh: asked for first.
            let until = list::last_added(r);
            Ok((list::ids(r, &wanted, sort)?, until))
        })
        .await?;
    let (list, snapshot) = app.lists().open(Snapshot {
        texts: node.texts().into_iter().cloned().collect(),
        node,
        sort,
        ids: found.ids,
        until,
    });
    Ok(ListOpened {
        list,
        count: small(snapshot.ids.len()),
        anchor_index: request.anchor.and_then(|id| snapshot.place(id)).map(small),
        sort,
        ranked: found.ranked,
    })
}

pub(super) async fn list_rows(app: &App, request: ListRows) -> Result<Vec<Row>, Fault> {
    let snapshot = open_list(app, request.list)?;
    let from = (request.offset as usize).min(snapshot.ids.len());
    let to = from
        .saturating_add(request.limit.min(MOST_ROWS) as usize)
        .min(snapshot.ids.len());
    let ids = snapshot.ids[from..to].to_vec();
    let found = app
        .db()
        .read(move |r| {
            let found = alerts::summaries(r, &ids)?;
            if found.len() < ids.len() {
                // Some were removed: the places of the others are no longer those of the list.
                return Ok(None);
            }
            let marks = found
                .iter()
                .map(|row| search::marks(r, &snapshot.texts, row.id, &row.title))
                .collect::<Result<Vec<_>, _>>()?;
            Ok(Some((found, marks)))
        })
        .await?;
    let Some((found, marks)) = found else {
        app.lists().close(request.list);
        return Err(list_closed());
    };
    let mut rows = rows(app, found);
    for (row, marks) in rows.iter_mut().zip(marks) {
        row.title_marks = marks.title;
        row.snippet = marks.snippet;
    }
    Ok(rows)
}

pub(super) async fn list_fresh(app: &App, request: ListFresh) -> Result<FreshCount, Fault> {
    let snapshot = open_list(app, request.list)?;
    let count = app
        .db()
        .read(move |r| list::added_after(r, &snapshot.node, snapshot.until))
        .await?;
    Ok(FreshCount { count })
}

pub(super) async fn alert_get(app: &App, request: AlertRef) -> Result<Detail, Fault> {
    let id = request.id;
    let found = app
        .db()
        .read(move |r| {
            let Some(stored) = alerts::get(r, id)? else {
                return Ok(None);
            };
            let epss = enrich::epss::of(r, &stored.summary.uid)?;
            let owasp = enrich::owasp::shown(r, &stored.facts)?;
            Ok(Some((
                (stored, epss, owasp),
                changes::of(r, id)?,
                notes::of(r, id)?,
                triage::of(r, id)?,
                deliveries::of(r, id)?,
            )))
        })
        .await?;
    let Some(((stored, epss, owasp), changes, notes, triage, deliveries)) = found else {
        return Err(Fault::new(
            "unknown_alert",
            "There is no such alert; it may have been removed.",
        ));
    };
    Ok(Detail {
        text: stored.text,
        url: stored.summary.url.clone(),
        updated: stored.summary.updated,
        facts: stored.facts,
        finding: stored.finding,
        changes,
        looked: stored.summary.looked,
        tags: stored.summary.tags.clone(),
        notes,
        triage: triage
            .into_iter()
            .map(|entry| TriageEntry {
                at: entry.at,
                act: entry.act,
                before: entry.before,
                undone: entry.undone,
                alerts: entry.alerts,
            })
            .collect(),
        deliveries,
        epss,
        owasp,
        row: row(&app.in_force().source_names(), stored.summary),
    })
}

/// An open list.
///
/// # Errors
/// `list_closed`.
pub(crate) fn open_list(app: &App, list: u32) -> Result<std::sync::Arc<Snapshot>, Fault> {
    app.lists().get(list).ok_or_else(list_closed)
}

fn list_closed() -> Fault {
    Fault::new(
        "list_closed",
        "This list was closed because newer ones were opened or some of its alerts were removed; open it again.",
    )
}

/// Rows with their sources' names.
pub(crate) fn rows(app: &App, found: Vec<alerts::Summary>) -> Vec<Row> {
    let names = app.in_force().source_names();
    found.into_iter().map(|s| row(&names, s)).collect()
}

fn row(names: &BTreeMap<SourceId, String>, summary: alerts::Summary) -> Row {
    let changed_since = summary.changed_since();
    Row {
        source_name: names
            .get(&summary.source)
            .cloned()
            .unwrap_or_else(|| summary.source.to_string()),
        id: summary.id,
        uid: summary.uid,
        kind: summary.kind,
        source: summary.source,
        title: summary.title,
        published: summary.published,
        added: summary.added,
        changed: summary.changed,
        changed_since,
        severity: summary.severity,
        estimated: summary.estimated,
        score: summary.score.map(|(score, version, issuer)| ShownScore {
            score,
            version: version.as_str().to_owned(),
            issuer,
        }),
        epss: summary.epss,
        exploited: summary.exploited,
        category: summary.category,
        matched: summary.matched,
        is_relevant: summary.is_relevant,
        is_muted: summary.is_muted,
        state: summary.state,
        reason: summary.reason,
        until: summary.until,
        tags: summary.tags,
        unread: summary.unread,
        title_marks: Vec::new(),
        snippet: None,
    }
}

fn small(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
