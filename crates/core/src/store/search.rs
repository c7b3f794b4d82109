//! The full-text index, and the compilation of a query into a condition with bound values.

use rusqlite::types::Value;

use super::row::Columns;
use super::{Read, StoreError};
use crate::model::AlertId;
use crate::query::old::{Query, Term, is_complete_cve};

/// A condition over `alerts a`, and the values it binds with `?`.
#[derive(Debug, Default)]
pub(super) struct Condition {
    /// SQL, joined by AND; empty = everything.
    pub sql: Vec<String>,
    /// Values in the order of their places.
    pub values: Vec<Value>,
}

impl Condition {
    pub fn of(query: &Query) -> Self {
        let mut condition = Self::default();
        let mut matches = Vec::new();
        for term in &query.terms {
            match term {
                Term::Text { text, prefix } => matches.push(phrase(text, *prefix)),
                Term::Cve(id) => condition.cve(id),
            }
        }
        if !matches.is_empty() {
            condition
                .sql
                .push("a.id IN (SELECT rowid FROM search WHERE search MATCH ?)".into());
            condition.values.push(Value::Text(matches.join(" AND ")));
        }
        condition
    }

    fn cve(&mut self, id: &str) {
        if is_complete_cve(id) {
            self.sql
                .push("(a.uid = ? OR a.id IN (SELECT alert FROM mentions WHERE cve = ?))".into());
            self.values.push(Value::Text(id.to_owned()));
            self.values.push(Value::Text(id.to_owned()));
        } else {
            self.sql.push("a.uid >= ? AND a.uid < ?".into());
            self.values.push(Value::Text(id.to_owned()));
            self.values.push(Value::Text(format!("{id}\u{10FFFF}")));
        }
    }
}

/// A string of FTS5's query syntax: quoted, so nothing in it is an operator.
fn phrase(text: &str, prefix: bool) -> String {
    let quoted = text.replace('"', "\"\"").replace('\0', " ");
    format!("\"{quoted}\"{}", if prefix { "*" } else { "" })
}

/// Alerts that may hold one of these spellings, newest first: a superset of what a watch matches,
/// because both split words at anything that is not a letter or digit.
///
/// # Errors
/// Where the database fails.
pub fn candidates(
    r: &Read<'_>,
    spellings: &[&str],
    below: AlertId,
    limit: u32,
) -> Result<Vec<AlertId>, StoreError> {
    let expression = spellings
        .iter()
        .filter(|s| s.chars().any(char::is_alphanumeric))
        .map(|s| phrase(s, false))
        .collect::<Vec<_>>()
        .join(" OR ");
    if expression.is_empty() {
        return Ok(Vec::new());
    }
    r.rows(
        "SELECT rowid AS id FROM search WHERE search MATCH ?1 AND rowid < ?2 ORDER BY rowid DESC LIMIT ?3",
        rusqlite::params![expression, below.0, limit],
        |row| row.col("id").map(AlertId),
    )
}
