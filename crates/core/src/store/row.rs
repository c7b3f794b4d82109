//! Reading columns by name into the domain's types.

use rusqlite::Row;
use rusqlite::types::FromSql;
use serde::de::DeserializeOwned;

use super::StoreError;
use crate::model::{Severity, Time};

/// Column access that names what could not be read.
pub(super) trait Columns {
    fn col<T: FromSql>(&self, name: &str) -> Result<T, StoreError>;

    fn time(&self, name: &str) -> Result<Time, StoreError> {
        self.col(name).map(Time)
    }

    fn opt_time(&self, name: &str) -> Result<Option<Time>, StoreError> {
        Ok(self.col::<Option<i64>>(name)?.map(Time))
    }

    fn count(&self, name: &str) -> Result<u32, StoreError> {
        Ok(u32::try_from(self.col::<i64>(name)?).unwrap_or(u32::MAX))
    }

    /// A stored word, by its `parse`.
    fn word<T>(
        &self,
        name: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<T, StoreError> {
        let text: String = self.col(name)?;
        parse(&text).ok_or_else(|| StoreError::Unreadable {
            what: name,
            reason: format!("unknown word {text:?}"),
        })
    }

    fn json<T: DeserializeOwned>(&self, name: &'static str) -> Result<T, StoreError> {
        let text: String = self.col(name)?;
        from_json(name, &text)
    }

    fn opt_json<T: DeserializeOwned>(&self, name: &'static str) -> Result<Option<T>, StoreError> {
        let text: Option<String> = self.col(name)?;
        text.map(|t| from_json(name, &t)).transpose()
    }
}

impl Columns for Row<'_> {
    fn col<T: FromSql>(&self, name: &str) -> Result<T, StoreError> {
        Ok(self.get(name)?)
    }
}

pub(super) fn from_json<T: DeserializeOwned>(
    what: &'static str,
    text: &str,
) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Unreadable {
        what,
        reason: error.to_string(),
    })
}

pub(super) fn to_json<T: serde::Serialize>(
    what: &'static str,
    value: &T,
) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Unreadable {
        what,
        reason: error.to_string(),
    })
}

/// Low 1, Medium 2, High 3: SQL compares them.
pub(super) fn level(severity: Severity) -> i64 {
    match severity {
        Severity::Low => 1,
        Severity::Medium => 2,
        Severity::High => 3,
    }
}

/// The word of a level.
pub(super) fn level_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "low",
        Severity::Medium => "medium",
        Severity::High => "high",
    }
}

pub(super) fn severity(level: Option<i64>) -> Option<Severity> {
    match level {
        Some(1) => Some(Severity::Low),
        Some(2) => Some(Severity::Medium),
        Some(3) => Some(Severity::High),
        _ => None,
    }
}

impl super::Read<'_> {
    /// All rows of a query, read by `from_row`.
    pub(super) fn rows<T>(
        &self,
        sql: &str,
        params: impl rusqlite::Params,
        from_row: impl Fn(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut statement = self.prepare(sql)?;
        let mut rows = statement.query(params)?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            all.push(from_row(row)?);
        }
        Ok(all)
    }

    /// The first row of a query, if there is one.
    pub(super) fn first<T>(
        &self,
        sql: &str,
        params: impl rusqlite::Params,
        from_row: impl Fn(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let mut statement = self.prepare(sql)?;
        let mut rows = statement.query(params)?;
        rows.next()?.map(from_row).transpose()
    }

    /// A query that yields one number.
    pub(super) fn number(
        &self,
        sql: &str,
        params: impl rusqlite::Params,
    ) -> Result<i64, StoreError> {
        Ok(self.prepare(sql)?.query_row(params, |row| row.get(0))?)
    }
}
