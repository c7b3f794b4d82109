//! Reading the index from the table `alerts`, whole at a start and by rows after a commit.

use std::collections::HashMap;
use std::mem;
use std::sync::{PoisonError, RwLock};

use roaring::RoaringBitmap;
use rusqlite::{Connection, Row as SqlRow};

use super::{Index, NONE, Row, SINGLES};
use crate::model::{AlertId, Facet, Flag, Flags, normal_value};
use crate::store::StoreError;
use crate::store::row::{level_word, severity};
use crate::store::terms::decode;

/// Read by place and not by name: 400,000 rows are read while somebody waits for the window.
const COLUMNS: &str = "id, kind, source, state, category, severity, estimated, score, epss, relevance, exploited, kev, ransomware, relevant, unread, published, updated, added, facets";

/// The place of the last of them.
const FACETS: usize = 18;

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
    let mut bulk = Bulk::default();
    let mut statement =
        conn.prepare_cached(&format!("SELECT {COLUMNS} FROM alerts ORDER BY id"))?;
    let mut words = SingleWords::default();
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        bulk.add(&mut index, &mut words, row)?;
    }
    bulk.finish(&mut index);
    Ok(index)
}

/// What is gathered while all rows are read: bitmaps are made at the end, each at once and in order.
#[derive(Default)]
struct Bulk {
    /// Term and doc, in the order of docs.
    pairs: Vec<(u32, u32)>,
    flagged: [Vec<u32>; Flag::ALL.len()],
}

impl Bulk {
    fn add(
        &mut self,
        index: &mut Index,
        words: &mut SingleWords,
        row: &SqlRow<'_>,
    ) -> Result<(), StoreError> {
        let mut read = numbers(row)?;
        for (place, word) in single_words(row)?.into_iter().enumerate() {
            read.singles[place] = words.term(index, place, word);
        }
        read.listed = decode(row.get_ref(FACETS)?.as_blob()?)
            .map(|number| index.terms.by_number(number))
            .collect();
        let doc = index.columns.push(&read);
        index.order.push(doc);
        index.last_added = index.last_added.max(read.added);
        let terms = read.listed.iter().chain(&read.singles);
        let known = terms.filter(|term| **term != NONE);
        self.pairs.extend(known.map(|term| (*term, doc)));
        for flag in Flag::ALL {
            if read.flags.has(flag) {
                self.flagged[flag as usize].push(doc);
            }
        }
        Ok(())
    }

    fn finish(self, index: &mut Index) {
        let docs = u32::try_from(index.columns.len()).unwrap_or(u32::MAX);
        index.live.insert_range(0..docs);
        for (flagged, docs) in index.flagged.iter_mut().zip(&self.flagged) {
            *flagged = sorted(docs);
        }
        // Docs of each term side by side, still in order.
        let mut starts = vec![0_usize; index.terms.len() + 1];
        for (term, _) in &self.pairs {
            starts[*term as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut next = starts.clone();
        let mut docs = vec![0_u32; self.pairs.len()];
        for (term, doc) in &self.pairs {
            let at = &mut next[*term as usize];
            docs[*at] = *doc;
            *at += 1;
        }
        for (term, range) in starts.windows(2).enumerate() {
            index.terms.set(term, sorted(&docs[range[0]..range[1]]));
        }
    }
}

fn sorted(docs: &[u32]) -> RoaringBitmap {
    // An alert may have a value twice.
    let mut last = None;
    let each = docs
        .iter()
        .copied()
        .filter(|doc| last.replace(*doc) != Some(*doc));
    RoaringBitmap::from_sorted_iter(each).unwrap_or_else(|_| docs.iter().copied().collect())
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
        replace(shared, load(conn)?);
    }
    Ok(())
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

/// A row as SQLite gives it.
struct RawRow {
    words: [Option<String>; SINGLES.len()],
    facets: Vec<u8>,
    row: Row,
}

impl RawRow {
    fn read(row: &SqlRow<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            words: single_words(row)?.map(|word| word.map(str::to_owned)),
            facets: row.get(FACETS)?,
            row: numbers(row)?,
        })
    }

    fn row(self, index: &mut Index, words: &mut SingleWords) -> Row {
        let mut row = self.row;
        for (place, word) in self.words.iter().enumerate() {
            row.singles[place] = words.term(index, place, word.as_deref());
        }
        row.listed = decode(&self.facets)
            .map(|number| index.terms.by_number(number))
            .collect();
        row
    }
}

/// The words of the facets that have one value, in the order of [`SINGLES`].
fn single_words<'a>(row: &'a SqlRow<'_>) -> Result<[Option<&'a str>; SINGLES.len()], StoreError> {
    Ok([
        severity(row.get(5)?).map(level_word),
        Some(row.get_ref(1)?.as_str()?),
        Some(row.get_ref(2)?.as_str()?),
        Some(row.get_ref(3)?.as_str()?),
        row.get_ref(4)?.as_str_or_null()?,
    ])
}

/// Everything of a row but its words.
fn numbers(row: &SqlRow<'_>) -> Result<Row, StoreError> {
    let cvss: Option<f64> = row.get(7)?;
    let is_unscored = row.get_ref(1)?.as_str()? == "vulnerability" && cvss.is_none();
    let flags = Flags::default()
        .with(Flag::Estimated, row.get(6)?)
        .with(Flag::Exploited, row.get(10)?)
        .with(Flag::Kev, row.get(11)?)
        .with(Flag::Ransomware, row.get(12)?)
        .with(Flag::Relevant, row.get(13)?)
        .with(Flag::Unread, row.get(14)?)
        .with(Flag::Unscored, is_unscored);
    Ok(Row {
        id: row.get(0)?,
        singles: [NONE; SINGLES.len()],
        flags,
        cvss,
        epss: row.get(8)?,
        relevance: row.get(9)?,
        published: row.get(15)?,
        updated: row.get(16)?,
        added: row.get(17)?,
        listed: Vec::new(),
    })
}
