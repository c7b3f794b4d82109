//! Alerts for other tools: the shape that `GET /alerts` and `tocsind alerts --json` give. It is stable;
//! fields are added, never changed.

use serde::{Deserialize, Serialize};

use crate::app::{App, read_query};
use crate::error::Fault;
use crate::model::{
    Facet, Flag, Kind, Moment, Severity, Sort, SourceId, State, Time, normal_value,
};
use crate::query::node::{Leaf, Node, Value};
use crate::store::alerts::Stored;
use crate::store::list::Cursor;
use crate::store::{alerts, list};

/// Alerts of a page where nothing is said.
const USUAL_LIMIT: u32 = 100;
/// The most alerts of a page.
const MOST: u32 = 1_000;

/// Which alerts are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AlertsRequest {
    /// `low`, `medium` or `high`.
    pub severity: Option<Severity>,
    /// A source's id.
    pub source: Option<String>,
    /// Stored at or after this moment (RFC 3339).
    pub since: Option<Time>,
    /// A query as in the search box.
    pub q: Option<String>,
    /// `any` for all alerts; otherwise relevant ones.
    pub relevant: Option<Relevant>,
    /// 1 to 1,000; 100 where nothing is said.
    pub limit: Option<u32>,
    /// Where the page before ended, as it said.
    pub cursor: Option<String>,
}

/// Whether relevance is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Relevant {
    /// All alerts.
    Any,
    /// Relevant ones.
    True,
    /// The others.
    False,
}

/// One alert as other tools get it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PublicAlert {
    /// Unique and stable: `CVE-2026-21413`.
    pub id: String,
    /// The source's id.
    pub source: String,
    /// Plain text, one line.
    pub title: String,
    /// Plain text.
    pub content: String,
    /// Whether it matters to this team.
    pub is_relevant: bool,
    /// Whether a mute silences it.
    pub is_muted: bool,
    /// The level; `null` = nobody scored it.
    pub severity: Option<Severity>,
    /// Affected products by name.
    pub technologies: Vec<String>,
    /// First stored.
    pub date_added: Time,
    /// http(s) address.
    pub url: Option<String>,
    /// What it is.
    pub kind: Kind,
    /// When the source published it, or first seen where that was earlier.
    pub published_at: Time,
    /// The CVSS score that is shown.
    pub cvss: Option<f64>,
    /// The probability of exploitation; `null` = unknown.
    pub epss: Option<f64>,
    /// Whether it is in CISA's catalogue of known exploited vulnerabilities.
    pub kev: bool,
    /// The threat category; `null` = unknown.
    pub category: Option<String>,
    /// Its state of triage.
    pub state: State,
}

/// A page of alerts, newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct AlertsPage {
    /// The alerts.
    pub alerts: Vec<PublicAlert>,
    /// Alerts in all that are wanted.
    pub total: u32,
    /// Where the next page begins; `None` = this was the last.
    pub next: Option<String>,
}

/// A page of alerts.
///
/// # Errors
/// `bad_limit`, `bad_cursor`, `query_invalid`, or that the database fails.
pub async fn alerts_page(app: &App, request: AlertsRequest) -> Result<AlertsPage, Fault> {
    let limit = request.limit.unwrap_or(USUAL_LIMIT);
    if !(1..=MOST).contains(&limit) {
        return Err(Fault::new(
            "bad_limit",
            format!("limit must be from 1 to {MOST}."),
        ));
    }
    let node = wanted(app, &request)?;
    let after = match request.cursor.as_deref() {
        None => None,
        Some(text) => Some(Cursor::parse(text).ok_or_else(|| {
            Fault::new(
                "bad_cursor",
                "cursor is not one that an earlier page gave as its next.",
            )
        })?),
    };
    let (total, page, stored) = app
        .db()
        .read(move |r| {
            let page = list::page(r, &node, Sort::Newest, after, limit)?;
            let mut stored = Vec::with_capacity(page.len());
            for place in &page {
                stored.extend(alerts::get(r, place.id())?);
            }
            Ok((list::count(r, &node)?, page, stored))
        })
        .await?;
    let is_full = page.len() == limit as usize;
    Ok(AlertsPage {
        next: page.last().filter(|_| is_full).map(|last| last.to_text()),
        alerts: stored.into_iter().map(public).collect(),
        total,
    })
}

/// The request as one condition.
fn wanted(app: &App, request: &AlertsRequest) -> Result<Node, Fault> {
    let typed = request.q.as_deref().unwrap_or_default();
    let mut all = vec![read_query(typed)?.lower(app.now())];
    let mut add = |leaf| all.push(Node::Leaf(leaf));
    if let Some(severity) = request.severity {
        let value = match severity {
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
        };
        add(is(Facet::Severity, value));
    }
    if let Some(source) = &request.source {
        add(is(Facet::Source, source));
    }
    if request.since.is_some() {
        add(Leaf::Moment {
            field: Moment::Added,
            from: request.since,
            before: None,
        });
    }
    let relevant = Node::Leaf(Leaf::Flag(Flag::Relevant));
    match request.relevant {
        Some(Relevant::Any) => {}
        Some(Relevant::False) => all.push(Node::Not(Box::new(relevant))),
        Some(Relevant::True) | None => all.push(relevant),
    }
    Ok(Node::And(all))
}

fn is(field: Facet, value: &str) -> Leaf {
    Leaf::Facet {
        field,
        value: Value::Is(normal_value(value)),
    }
}

/// One alert by its public id.
///
/// # Errors
/// `unknown_alert`, or that the database fails.
pub async fn alert(app: &App, uid: &str) -> Result<PublicAlert, Fault> {
    let wanted = uid.to_owned();
    let found = app
        .db()
        .read(move |r| match alerts::id_of(r, &wanted)? {
            Some(id) => alerts::get(r, id),
            None => Ok(None),
        })
        .await?;
    found.map(public).ok_or_else(|| {
        Fault::new("unknown_alert", format!("There is no alert {uid}.")).with("id", uid)
    })
}

/// Whether the app runs, and how its sources do: the shape of `GET /health`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Health {
    /// `ok`, or `degraded` where a source fails or a message was not delivered.
    pub status: &'static str,
    /// The version of Tocsin.
    pub version: String,
    /// What time it is there.
    pub now: Time,
    /// Alerts stored.
    pub alerts: u32,
    /// Sources that are being collected.
    pub collecting: Vec<SourceId>,
    /// Sources whose last run failed.
    pub failing: Vec<SourceId>,
    /// Messages that failed or whose fate is unknown.
    pub undelivered: u32,
}

/// How the app does.
///
/// # Errors
/// Where the database fails.
pub async fn health(app: &App) -> Result<Health, Fault> {
    let status = super::status::status(app, super::status::Nothing {}).await?;
    let is_well = status.failing.is_empty() && status.undelivered == 0;
    Ok(Health {
        status: if is_well { "ok" } else { "degraded" },
        version: status.version,
        now: status.now,
        alerts: status.total,
        collecting: status.collecting,
        failing: status.failing,
        undelivered: status.undelivered,
    })
}

fn public(stored: Stored) -> PublicAlert {
    let mut technologies: Vec<String> = stored
        .facts
        .products
        .iter()
        .map(|p| p.product.replace('_', " "))
        .collect();
    technologies.dedup();
    let summary = stored.summary;
    PublicAlert {
        id: summary.uid,
        source: summary.source.0,
        title: summary.title,
        content: stored.text,
        is_relevant: summary.is_relevant,
        is_muted: summary.is_muted,
        severity: summary.severity,
        technologies,
        date_added: summary.added,
        url: summary.url,
        kind: summary.kind,
        published_at: summary.published,
        cvss: summary.score.map(|(score, ..)| score),
        epss: summary.epss,
        kev: stored.facts.kev.is_some(),
        category: summary.category,
        state: summary.state,
    }
}
