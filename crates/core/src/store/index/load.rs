//! Reading the index from the table `alerts`, whole at a start and by rows after a commit.

use std::collections::HashMap;
use std::mem;

use rusqlite::{Connection, Row as SqlRow, Statement};

use super::{Index, NONE, Row, SINGLES};
use crate::model::{AlertId, Facet, Flag, Flags, normal_value};
use crate::store::StoreError;
use crate::store::row::{level_word, severity};
use crate::store::terms::decode;

/// Read by place and not by name: 400,000 rows are read while somebody waits for the window.
const COLUMNS: &str = "id, kind, source, state, category, severity, estimated, score, epss, relevance, exploited, kev, ransomware, relevant, unread, published, updated, added, facets";

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

/// Makes the index of everything that is stored.
pub(crate) fn load(conn: &Connection) -> Result<Index, StoreError> {
    let mut index = Index::default();
    read_terms(&mut index, conn)?;
    let count: i64 = conn.query_row("SELECT count(*) FROM alerts", [], |row| row.get(0))?;
    index
        .columns
        .reserve(usize::try_from(count).unwrap_or_default());
    let mut statement =
        conn.prepare_cached(&format!("SELECT {COLUMNS} FROM alerts ORDER BY id"))?;
    let mut words = SingleWords::default();
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let row = read(&mut index, &mut words, row)?;
        let doc = index.add(&row);
        index.order.push(doc);
    }
    Ok(index)
}

/// Takes over what a transaction did.
pub(crate) fn apply(
    index: &mut Index,
    conn: &Connection,
    mut touched: Touched,
) -> Result<(), StoreError> {
    if touched.texts {
        index.forget_words();
    }
    touched.alerts.sort_unstable();
    touched.alerts.dedup();
    if touched.alerts.is_empty() {
        return Ok(());
    }
    read_terms(index, conn)?;
    let mut statement =
        conn.prepare_cached(&format!("SELECT {COLUMNS} FROM alerts WHERE id = ?1"))?;
    let (mut fresh, mut gone) = (Vec::with_capacity(touched.alerts.len()), Vec::new());
    let mut words = SingleWords::default();
    for id in touched.alerts {
        match read_one(index, &mut words, &mut statement, id)? {
            Some(row) => fresh.push(row),
            None => gone.push(AlertId(id)),
        }
    }
    index.change(&fresh, &gone);
    if index.is_worn() {
        *index = load(conn)?;
    }
    Ok(())
}

fn read_one(
    index: &mut Index,
    words: &mut SingleWords,
    statement: &mut Statement<'_>,
    id: i64,
) -> Result<Option<Row>, StoreError> {
    let mut rows = statement.query([id])?;
    rows.next()?.map(|row| read(index, words, row)).transpose()
}

/// Reads the terms that are not known yet.
fn read_terms(index: &mut Index, conn: &Connection) -> Result<(), StoreError> {
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

/// Terms of the words in the columns of facets with one value: few, each in thousands of rows.
#[derive(Default)]
struct SingleWords([HashMap<String, u32>; SINGLES.len()]);

impl SingleWords {
    fn term(&mut self, index: &mut Index, place: usize, word: Option<&str>) -> u32 {
        let Some(word) = word else { return NONE };
        if let Some(term) = self.0[place].get(word) {
            return *term;
        }
        let term = index.terms.make(SINGLES[place], &normal_value(word));
        self.0[place].insert(word.to_owned(), term);
        term
    }
}

fn read(index: &mut Index, words: &mut SingleWords, row: &SqlRow<'_>) -> Result<Row, StoreError> {
    let kind = row.get_ref(1)?.as_str()?;
    let score: Option<f64> = row.get(7)?;
    let level: Option<&str> = severity(row.get(5)?).map(level_word);
    let is_unscored = kind == "vulnerability" && score.is_none();
    let singles = [
        words.term(index, 0, level),
        words.term(index, 1, Some(kind)),
        words.term(index, 2, Some(row.get_ref(2)?.as_str()?)),
        words.term(index, 3, Some(row.get_ref(3)?.as_str()?)),
        words.term(index, 4, row.get_ref(4)?.as_str_or_null()?),
    ];
    let flags = Flags::default()
        .with(Flag::Estimated, row.get(6)?)
        .with(Flag::Exploited, row.get(10)?)
        .with(Flag::Kev, row.get(11)?)
        .with(Flag::Ransomware, row.get(12)?)
        .with(Flag::Relevant, row.get(13)?)
        .with(Flag::Unread, row.get(14)?)
        .with(Flag::Unscored, is_unscored);
    let listed = decode(row.get_ref(18)?.as_blob()?)
        .map(|number| index.terms.by_number(number))
        .collect();
    Ok(Row {
        id: row.get(0)?,
        singles,
        flags,
        cvss: score,
        epss: row.get(8)?,
        relevance: row.get(9)?,
        published: row.get(15)?,
        updated: row.get(16)?,
        added: row.get(17)?,
        listed,
    })
}
