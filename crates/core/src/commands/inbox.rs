//! The inbox: views, the list as a count and pages, one alert in full.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::model::{
    AlertId, Change, Delivery, Facts, Finding, Issuer, Kind, Severity, SourceId, State, Time, View,
};

/// How many alerts a view has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ViewCount {
    /// Which.
    pub view: View,
    /// Alerts in it.
    pub count: u32,
    /// Of these, the ones that came after their source's first collection and were not opened yet.
    pub unread: u32,
}

/// Asks for a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OpenList {
    /// The view.
    pub view: View,
    /// What is in the search box; empty for everything.
    #[serde(default)]
    pub query: String,
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
    /// The place of the anchor, or of where it would stand if it left the list.
    pub anchor_index: Option<u32>,
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
    /// The level; `None` = unscored.
    pub severity: Option<Severity>,
    /// Whether the level is an estimate.
    pub estimated: bool,
    /// The score that is shown.
    pub score: Option<ShownScore>,
    /// Whether it is known to be exploited.
    pub exploited: bool,
    /// The watches that matched, each once.
    pub matched: Vec<String>,
    /// Whether it matters to this team.
    pub is_relevant: bool,
    /// Its state.
    pub state: State,
    /// Whether it is new to the user: not opened yet, and not part of a first collection.
    pub unread: bool,
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
    /// What people did with it, newest first.
    pub triage: Vec<TriageEntry>,
    /// Messages that spoke of it, newest first.
    pub deliveries: Vec<Delivery>,
}

/// One act of triage as an alert's history shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TriageEntry {
    /// When.
    pub at: Time,
    /// The state before.
    pub before: State,
    /// The state after.
    pub after: State,
    /// Whether it was taken back.
    pub undone: bool,
}
