//! The full-text index: which alerts have which words, how well they match, and where.

use rusqlite::params;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::index::Words;
use super::row::Columns;
use super::{Read, StoreError};
use crate::model::AlertId;
use crate::query::node::{Column, Text};

/// What bm25 gives for a word in the title, the text, a product.
const WEIGHTS: &str = "10.0, 1.0, 4.0";
/// Words around a hit in a snippet.
const SNIPPET_WORDS: u32 = 18;

/// A part of a text that the query's words hit, or what is between them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Piece {
    /// Plain text.
    pub text: String,
    /// Whether it is a hit.
    pub hit: bool,
}

/// Where the words of a query are in an alert.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// Hits in the title, as first and one past the last character (Unicode scalar values).
    pub title: Vec<(u32, u32)>,
    /// The part of the text with most hits; `None` where it has none.
    pub snippet: Option<Vec<Piece>>,
}

/// Where these words are in an alert.
///
/// # Errors
/// Where the database fails.
pub fn marks(r: &Read<'_>, texts: &[Text], id: AlertId) -> Result<Marks, StoreError> {
    if texts.is_empty() {
        return Ok(Marks::default());
    }
    let found = r.first(
        &format!(
            "SELECT highlight(search, 0, char(1), char(2)) AS title, snippet(search, 1, char(1), char(2), '…', {SNIPPET_WORDS}) AS snippet FROM search WHERE search MATCH ?1 AND rowid = ?2"
        ),
        params![any_of(texts), id.0],
        |row| Ok((row.col::<String>("title")?, row.col::<String>("snippet")?)),
    )?;
    Ok(found.map_or_else(Marks::default, |(title, snippet)| Marks {
        title: places(&title),
        snippet: snippet.contains('\u{1}').then(|| pieces(&snippet)),
    }))
}

/// The hits between the marks, by their places in the text without marks.
fn places(marked: &str) -> Vec<(u32, u32)> {
    let (mut all, mut start, mut at) = (Vec::new(), 0, 0);
    for c in marked.chars() {
        match c {
            '\u{1}' => start = at,
            '\u{2}' => all.push((start, at)),
            _ => at += 1,
        }
    }
    all
}

fn pieces(marked: &str) -> Vec<Piece> {
    let mut all = Vec::new();
    for (i, part) in marked.split(['\u{1}', '\u{2}']).enumerate() {
        if !part.is_empty() {
            all.push(Piece {
                text: part.to_owned(),
                hit: i % 2 == 1,
            });
        }
    }
    all
}

/// How well alerts match some of these words, from an alert on: the best first.
///
/// # Errors
/// Where the database fails.
pub(super) fn ranked(
    r: &Read<'_>,
    texts: &[Text],
    from: AlertId,
) -> Result<Vec<AlertId>, StoreError> {
    r.rows(
        &format!(
            "SELECT rowid AS id FROM search WHERE search MATCH ?1 AND rowid >= ?2 ORDER BY bm25(search, {WEIGHTS}), rowid DESC"
        ),
        params![any_of(texts), from.0],
        |row| row.col("id").map(AlertId),
    )
}

/// Alerts with all of these words below an id, newest first, as long as `more` wants them.
///
/// # Errors
/// Where the database fails.
pub(super) fn newest(
    r: &Read<'_>,
    texts: &[&Text],
    below: AlertId,
    mut more: impl FnMut(AlertId) -> bool,
) -> Result<(), StoreError> {
    let expression: Vec<String> = texts.iter().map(|text| expression(text)).collect();
    let mut statement = r.prepare(
        "SELECT rowid AS id FROM search WHERE search MATCH ?1 AND rowid < ?2 ORDER BY rowid DESC",
    )?;
    let mut rows = statement.query(params![expression.join(" AND "), below.0])?;
    while let Some(row) = rows.next()? {
        if !more(AlertId(row.get(0)?)) {
            return Ok(());
        }
    }
    Ok(())
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
        .map(|s| phrase(s))
        .collect::<Vec<_>>()
        .join(" OR ");
    if expression.is_empty() {
        return Ok(Vec::new());
    }
    r.rows(
        "SELECT rowid AS id FROM search WHERE search MATCH ?1 AND rowid < ?2 ORDER BY rowid DESC LIMIT ?3",
        params![expression, below.0, limit],
        |row| row.col("id").map(AlertId),
    )
}

impl Words for Read<'_> {
    fn text(&self, text: &Text, found: &mut dyn FnMut(AlertId)) -> Result<(), StoreError> {
        let mut statement =
            self.prepare("SELECT rowid FROM search WHERE search MATCH ?1 ORDER BY rowid")?;
        let mut rows = statement.query([expression(text)])?;
        while let Some(row) = rows.next()? {
            found(AlertId(row.get(0)?));
        }
        Ok(())
    }

    fn uid(&self, uid: &str, prefix: bool) -> Result<Vec<AlertId>, StoreError> {
        // Upper and lower case are written as they are in CVE ids and in the ids of feeds.
        let end = if prefix { "\u{10FFFF}" } else { "" };
        let spellings = [uid.to_uppercase(), uid.to_lowercase(), uid.to_owned()];
        let mut all = Vec::new();
        for spelling in spellings {
            all.extend(self.rows(
                "SELECT id FROM alerts WHERE uid >= ?1 AND uid <= ?1 || ?2",
                params![spelling, end],
                |row| row.col("id").map(AlertId),
            )?);
        }
        Ok(all)
    }

    fn cve(&self, cve: &str) -> Result<Vec<AlertId>, StoreError> {
        self.rows(
            "SELECT id FROM alerts WHERE uid = ?1 UNION SELECT alert FROM mentions WHERE cve = ?1",
            [cve],
            |row| row.col("id").map(AlertId),
        )
    }
}

fn any_of(texts: &[Text]) -> String {
    let all: Vec<String> = texts.iter().map(expression).collect();
    all.join(" OR ")
}

/// FTS5's syntax for words in a row: quoted, so nothing in them is an operator.
fn expression(text: &Text) -> String {
    let column = match text.column {
        None => "",
        Some(Column::Title) => "title : ",
        Some(Column::Body) => "body : ",
        Some(Column::Products) => "products : ",
    };
    let star = if text.prefix { " *" } else { "" };
    format!("{column}{}{star}", phrase(&text.words.join(" ")))
}

fn phrase(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\"").replace('\0', " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_become_places_and_pieces() {
        assert_eq!(places("\u{1}né\u{2} in \u{1}x\u{2}"), [(0, 2), (6, 7)]);
        assert_eq!(places("none"), []);
        let piece = |text: &str, hit| Piece {
            text: text.into(),
            hit,
        };
        assert_eq!(
            pieces("…a \u{1}b\u{2} c"),
            [piece("…a ", false), piece("b", true), piece(" c", false)]
        );
    }

    #[test]
    fn nothing_in_a_word_is_an_operator() {
        let text = Text {
            column: Some(Column::Title),
            words: vec!["a\" OR b".into(), "near".into()],
            prefix: true,
        };
        assert_eq!(expression(&text), "title : \"a\"\" OR b near\" *");
    }
}
