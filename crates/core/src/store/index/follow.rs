//! The index follows each commit: the rows of `alerts` that a transaction touched are read again.

use std::mem;
use std::sync::{PoisonError, RwLock};

use rusqlite::Connection;

use super::load::load;
use super::rows::{COLUMNS, RawRow, SingleWords};
use super::{Index, Row};
use crate::model::{AlertId, Facet};
use crate::store::StoreError;

/// What a transaction touched, as SQLite tells it.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    /// Rows of `alerts`, with repeats.
    pub alerts: Vec<i64>,
    /// Whether a text came, changed or went.
    pub texts: bool,
}

impl Touched {
    /// Notes a row that was inserted, updated or deleted.
    pub fn note(&mut self, table: &str, row: i64) {
        match table {
            "alerts" => self.alerts.push(row),
            "contents" => self.texts = true,
            _ => {}
        }
    }

    pub fn take(&mut self) -> Self {
        mem::take(self)
    }
}

/// Puts another index in the place of one.
pub(crate) fn replace(shared: &RwLock<Index>, mut fresh: Index) {
    let mut index = shared.write().unwrap_or_else(PoisonError::into_inner);
    fresh.generation = index.generation + 1;
    *index = fresh;
}

/// Takes over what a transaction did. Rows are read before the index is locked: lists are read
/// meanwhile. Only the writer changes the index, so nothing else comes between.
pub(crate) fn follow(
    shared: &RwLock<Index>,
    conn: &Connection,
    mut touched: Touched,
) -> Result<(), StoreError> {
    touched.alerts.sort_unstable();
    touched.alerts.dedup();
    if touched.alerts.is_empty() && !touched.texts {
        return Ok(());
    }
    // One snapshot: each read by itself would lock the file and let it go.
    let conn = &*conn.unchecked_transaction()?;
    let mut statement =
        conn.prepare_cached(&format!("SELECT {COLUMNS} FROM alerts WHERE id = ?1"))?;
    let (mut found, mut gone) = (Vec::with_capacity(touched.alerts.len()), Vec::new());
    for id in touched.alerts {
        match statement.query([id])?.next()? {
            Some(row) => found.push(RawRow::read(row)?),
            None => gone.push(AlertId(id)),
        }
    }
    let is_worn = {
        let mut index = shared.write().unwrap_or_else(PoisonError::into_inner);
        read_terms(&mut index, conn)?;
        let mut words = SingleWords::default();
        let rows: Vec<Row> = found
            .into_iter()
            .map(|raw| raw.row(&mut index, &mut words))
            .collect();
        index.change(&rows, &gone);
        if touched.texts {
            index.forget_words();
        }
        index.is_worn()
    };
    if is_worn {
        replace(shared, load(conn, Vec::new())?);
    }
    Ok(())
}

/// Reads the terms that are not known yet.
pub(super) fn read_terms(index: &mut Index, conn: &Connection) -> Result<(), StoreError> {
    let last = i64::try_from(index.terms.last_number()).unwrap_or(i64::MAX);
    let mut statement =
        conn.prepare_cached("SELECT id, facet, value FROM terms WHERE id > ?1 ORDER BY id")?;
    let mut rows = statement.query([last])?;
    while let Some(row) = rows.next()? {
        let (number, facet): (u32, u8) = (row.get(0)?, row.get(1)?);
        let facet = Facet::ALL.into_iter().find(|f| f.number() == facet);
        if let Some(facet) = facet {
            let term = index.terms.make(facet, row.get_ref(2)?.as_str()?);
            index.terms.number(number, term);
        }
    }
    Ok(())
}
