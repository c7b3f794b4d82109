//! Rows of the table `alerts` as the index reads them: by place and not by name, because 400,000 of them are
//! read while somebody waits for the window.

use std::collections::HashMap;

use rusqlite::Row as SqlRow;

use super::columns::hash;
use super::{Index, NONE, Row, SINGLES};
use crate::model::{Flag, Flags, normal_value};
use crate::store::StoreError;
use crate::store::row::{level_word, severity};
use crate::store::terms::decode;

/// What is read of a row, in this order.
pub(super) const COLUMNS: &str = "id, kind, source, state, category, severity, estimated, score, epss, relevance, exploited, kev, ransomware, relevant, unread, published, updated, added, muted, facets";

/// The place of the last of them.
pub(super) const FACETS: usize = 19;

/// Terms of the words in the columns of facets with one value: few, each in thousands of rows.
#[derive(Default)]
pub(super) struct SingleWords([HashMap<String, u32>; SINGLES.len()]);

impl SingleWords {
    pub fn term(&mut self, index: &mut Index, place: usize, word: Option<&str>) -> u32 {
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
pub(super) struct RawRow {
    words: [Option<String>; SINGLES.len()],
    facets: Vec<u8>,
    row: Row,
}

impl RawRow {
    pub fn read(row: &SqlRow<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            words: single_words(row)?.map(|word| word.map(str::to_owned)),
            facets: row.get(FACETS)?,
            row: numbers(row)?,
        })
    }

    pub fn row(self, index: &mut Index, words: &mut SingleWords) -> Row {
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
pub(super) fn single_words<'a>(
    row: &'a SqlRow<'_>,
) -> Result<[Option<&'a str>; SINGLES.len()], StoreError> {
    Ok([
        severity(row.get(5)?).map(level_word),
        Some(row.get_ref(1)?.as_str()?),
        Some(row.get_ref(2)?.as_str()?),
        Some(row.get_ref(3)?.as_str()?),
        row.get_ref(4)?.as_str_or_null()?,
    ])
}

/// Everything of a row but its words.
pub(super) fn numbers(row: &SqlRow<'_>) -> Result<Row, StoreError> {
    let cvss: Option<f64> = row.get(7)?;
    let is_unscored = row.get_ref(1)?.as_str()? == "vulnerability" && cvss.is_none();
    let flags = Flags::default()
        .with(Flag::Estimated, row.get(6)?)
        .with(Flag::Exploited, row.get(10)?)
        .with(Flag::Kev, row.get(11)?)
        .with(Flag::Ransomware, row.get(12)?)
        .with(Flag::Relevant, row.get(13)?)
        .with(Flag::Unread, row.get(14)?)
        .with(Flag::Muted, row.get(18)?)
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
        listed_hash: hash(row.get_ref(FACETS)?.as_blob()?),
    })
}
