//! Views of the inbox: their ids in order, their counts.

use rusqlite::params_from_iter;
use rusqlite::types::Value;

use super::row::{Columns, level};
use super::search::Condition;
use super::{Read, StoreError};
use crate::model::{AlertId, Severity, Time, View};
use crate::query::old::Query;

const OPEN: &str = "a.state IN ('new', 'reviewing', 'action_needed')";

/// What a list shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// The view.
    pub view: View,
    /// The search box.
    pub query: Query,
    /// Whether anything is watched: until then High, Exploited and Unscored show everything.
    pub has_watches: bool,
}

/// The ids of a list, newest first.
///
/// # Errors
/// Where the database fails.
pub fn ids(r: &Read<'_>, filter: &Filter) -> Result<Vec<AlertId>, StoreError> {
    let (conditions, values) = compile(filter);
    r.rows(
        &format!("SELECT a.id FROM alerts a{conditions} ORDER BY a.id DESC"),
        params_from_iter(values),
        |row| row.col("id").map(AlertId),
    )
}

/// How many alerts of a list were stored after a moment.
///
/// # Errors
/// Where the database fails.
pub fn added_after(r: &Read<'_>, filter: &Filter, after: Time) -> Result<u32, StoreError> {
    let (conditions, mut values) = compile(filter);
    let joined = if conditions.is_empty() {
        " WHERE a.added > ?".to_owned()
    } else {
        format!("{conditions} AND a.added > ?")
    };
    values.push(Value::Integer(after.ms()));
    let count = r.number(
        &format!("SELECT count(*) FROM alerts a{joined}"),
        params_from_iter(values),
    )?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// When the newest alert was stored.
///
/// # Errors
/// Where the database fails.
pub fn last_added(r: &Read<'_>) -> Result<Time, StoreError> {
    r.number("SELECT coalesce(max(added), 0) FROM alerts", [])
        .map(Time)
}

/// Every view with its alerts and, of these, the unread ones.
///
/// # Errors
/// Where the database fails.
pub fn counts(r: &Read<'_>, has_watches: bool) -> Result<Vec<(View, u32, u32)>, StoreError> {
    View::ALL
        .into_iter()
        .map(|view| {
            let filter = Filter {
                view,
                query: Query::default(),
                has_watches,
            };
            let (conditions, _) = compile(&filter);
            let counted = r.first(
                &format!("SELECT count(*) AS alerts, coalesce(sum(a.unread), 0) AS unread FROM alerts a{conditions}"),
                [],
                |row| Ok((row.count("alerts")?, row.count("unread")?)),
            )?;
            let (alerts, unread) = counted.unwrap_or_default();
            Ok((view, alerts, unread))
        })
        .collect()
}

/// ` WHERE ...` with the values it binds; empty for everything.
fn compile(filter: &Filter) -> (String, Vec<Value>) {
    let mut condition = Condition::of(&filter.query);
    if let Some(view) = view_condition(filter.view, filter.has_watches) {
        condition.sql.push(view);
    }
    (where_clause(&condition), condition.values)
}

fn view_condition(view: View, has_watches: bool) -> Option<String> {
    let open = if has_watches {
        format!("a.relevant = 1 AND {OPEN}")
    } else {
        OPEN.to_owned()
    };
    Some(match view {
        View::All => return None,
        View::New => "a.relevant = 1 AND a.state = 'new'".into(),
        View::High => format!("{open} AND a.severity = 3"),
        View::Exploited => format!("{open} AND a.exploited = 1"),
        View::Unscored => format!("{open} AND a.kind = 'vulnerability' AND a.score IS NULL"),
        View::Watching => format!("a.id IN (SELECT alert FROM watch_hits) AND {OPEN}"),
        View::InProgress => "a.state IN ('reviewing', 'action_needed')".into(),
        View::Snoozed => "a.state = 'snoozed'".into(),
        View::Closed => "a.state IN ('done', 'not_applicable', 'accepted_risk')".into(),
    })
}

/// Which alerts other tools want.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// A query.
    pub query: Query,
    /// Relevant ones, the others, or all.
    pub relevant: Option<bool>,
    /// Of this level.
    pub severity: Option<Severity>,
    /// Of this source.
    pub source: Option<String>,
    /// Stored at or after.
    pub since: Option<Time>,
}

/// A page of ids below a cursor, newest first.
///
/// # Errors
/// Where the database fails.
pub fn page(
    r: &Read<'_>,
    wanted: &Wanted,
    below: Option<AlertId>,
    limit: u32,
) -> Result<Vec<AlertId>, StoreError> {
    let mut condition = wanted_condition(wanted);
    if let Some(below) = below {
        condition.sql.push("a.id < ?".into());
        condition.values.push(Value::Integer(below.0));
    }
    condition.values.push(Value::Integer(i64::from(limit)));
    r.rows(
        &format!(
            "SELECT a.id FROM alerts a{} ORDER BY a.id DESC LIMIT ?",
            where_clause(&condition)
        ),
        params_from_iter(condition.values),
        |row| row.col("id").map(AlertId),
    )
}

/// How many alerts are wanted in all.
///
/// # Errors
/// Where the database fails.
pub fn count(r: &Read<'_>, wanted: &Wanted) -> Result<u32, StoreError> {
    let condition = wanted_condition(wanted);
    let count = r.number(
        &format!("SELECT count(*) FROM alerts a{}", where_clause(&condition)),
        params_from_iter(condition.values),
    )?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

fn wanted_condition(wanted: &Wanted) -> Condition {
    let mut condition = Condition::of(&wanted.query);
    let mut add = |sql: &str, value: Option<Value>| {
        if let Some(value) = value {
            condition.sql.push(sql.to_owned());
            condition.values.push(value);
        }
    };
    add(
        "a.relevant = ?",
        wanted.relevant.map(|r| Value::Integer(r.into())),
    );
    add(
        "a.severity = ?",
        wanted.severity.map(|s| Value::Integer(level(s))),
    );
    add("a.source = ?", wanted.source.clone().map(Value::Text));
    add("a.added >= ?", wanted.since.map(|t| Value::Integer(t.ms())));
    condition
}

fn where_clause(condition: &Condition) -> String {
    if condition.sql.is_empty() {
        String::new()
    } else {
        format!(" WHERE {}", condition.sql.join(" AND "))
    }
}
