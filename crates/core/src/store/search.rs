//! The full-text index: which alerts have which words, how well they match, and where.

use rusqlite::params;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::index::Words;
use super::row::Columns;
use super::{Read, StoreError, alerts};
use crate::model::AlertId;
use crate::query::hits;
use crate::query::node::{Column, Text};

/// What bm25 gives for a word in the title, the text, a product.
const WEIGHTS: &str = "10.0, 1.0, 4.0";
/// Characters of a snippet, and of these before its first hit.
const SNIPPET_CHARS: usize = 180;
const SNIPPET_BEFORE: usize = 50;
/// Characters of a text in which a hit is looked for.
const MOST_LOOKED_AT: usize = 4_000;

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

/// Where these words are in an alert with this title.
///
/// # Errors
/// Where the database fails.
pub fn marks(r: &Read<'_>, texts: &[Text], id: AlertId, title: &str) -> Result<Marks, StoreError> {
    if texts.is_empty() {
        return Ok(Marks::default());
    }
    let texts: Vec<&Text> = texts.iter().collect();
    let small = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let title = hits(&texts, Column::Title, title)
        .into_iter()
        .map(|hit| (small(hit.start), small(hit.end)))
        .collect();
    let body = alerts::body(r, id)?.unwrap_or_default();
    Ok(Marks {
        title,
        snippet: snippet(&texts, &body),
    })
}

/// The first stretch of a text that has a hit, with the hits in it.
fn snippet(texts: &[&Text], body: &str) -> Option<Vec<Piece>> {
    // What stands far behind is not looked for: a row shows a line.
    let chars: Vec<char> = body.chars().take(MOST_LOOKED_AT).collect();
    let looked_at: String = chars.iter().collect();
    let hits = hits(texts, Column::Body, &looked_at);
    let first = hits.first()?;
    let is_blank = |at: &usize| chars[*at].is_whitespace();
    let start = (first.start.saturating_sub(SNIPPET_BEFORE)..first.start)
        .find(is_blank)
        .map_or(first.start, |blank| blank + 1);
    let start = if first.start <= SNIPPET_BEFORE {
        0
    } else {
        start
    };
    let most = (start + SNIPPET_CHARS).max(first.end).min(chars.len());
    let end = if most == chars.len() {
        most
    } else {
        (first.end..most).rev().find(is_blank).unwrap_or(most)
    };
    let text = |from: usize, to: usize| chars[from..to].iter().collect::<String>();
    let mut pieces = Vec::new();
    let mut add = |text: String, hit| {
        if !text.is_empty() {
            pieces.push(Piece { text, hit });
        }
    };
    let mut at = start;
    let lead = if start > 0 { "\u{2026}" } else { "" };
    for (i, hit) in hits.iter().take_while(|hit| hit.end <= end).enumerate() {
        let between = text(at, hit.start);
        add(
            if i == 0 {
                format!("{lead}{between}")
            } else {
                between
            },
            false,
        );
        add(text(hit.start, hit.end), true);
        at = hit.end;
    }
    let tail = if end < chars.len() { "\u{2026}" } else { "" };
    add(format!("{}{tail}", text(at, end)), false);
    Some(pieces)
}

/// How well alerts match some words, from an alert on: the best first. The words in FTS5's syntax.
///
/// # Errors
/// Where the database fails.
pub(super) fn ranked(r: &Read<'_>, words: &str, from: AlertId) -> Result<Vec<AlertId>, StoreError> {
    r.rows(
        &format!(
            "SELECT rowid AS id FROM search WHERE search MATCH ?1 AND rowid >= ?2 ORDER BY bm25(search, {WEIGHTS}), rowid DESC"
        ),
        params![words, from.0],
        |row| row.col("id").map(AlertId),
    )
}

/// Alerts with words (in FTS5's syntax) below an id, newest first, as long as `more` wants them.
///
/// # Errors
/// Where the database fails.
pub(super) fn newest(
    r: &Read<'_>,
    words: &str,
    below: AlertId,
    mut more: impl FnMut(AlertId) -> bool,
) -> Result<(), StoreError> {
    let mut statement = r.prepare(
        "SELECT rowid AS id FROM search WHERE search MATCH ?1 AND rowid < ?2 ORDER BY rowid DESC",
    )?;
    let mut rows = statement.query(params![words, below.0])?;
    while let Some(row) = rows.next()? {
        if !more(AlertId(row.get(0)?)) {
            return Ok(());
        }
    }
    Ok(())
}

/// Alerts from an id on that may hold one of these spellings, newest first: a superset of what a watch
/// matches, because both split words at anything that is not a letter or digit.
///
/// # Errors
/// Where the database fails.
pub fn candidates(
    r: &Read<'_>,
    spellings: &[&str],
    from: AlertId,
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
        "SELECT rowid AS id FROM search WHERE search MATCH ?1 AND rowid >= ?2 ORDER BY rowid DESC LIMIT ?3",
        params![expression, from.0, limit],
        |row| row.col("id").map(AlertId),
    )
}

impl Words for Read<'_> {
    fn is_current(&self, generation: u64) -> bool {
        self.generation == generation
    }

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
        // As ids are written: CVEs in capitals, feeds' small, OWASP's small with a capital code.
        let small = uid.to_lowercase();
        let coded = small.rsplit_once(':').map_or_else(
            || small.clone(),
            |(list, code)| format!("{list}:{}", code.to_uppercase()),
        );
        let mut spellings = vec![uid.to_owned(), uid.to_uppercase(), small, coded];
        spellings.sort_unstable();
        spellings.dedup();
        let end = if prefix { "\u{10FFFF}" } else { "" };
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

/// Some of these words.
pub(super) fn any_of(texts: &[&Text]) -> String {
    let all: Vec<String> = texts.iter().map(|text| expression(text)).collect();
    all.join(" OR ")
}

/// FTS5's syntax for words in a row: quoted, so nothing in them is an operator.
pub(super) fn expression(text: &Text) -> String {
    let column = match text.column {
        None => "",
        Some(Column::Title) => "title : ",
        Some(Column::Body) => "body : ",
        Some(Column::Products) => "products : ",
    };
    let star = if text.prefix { " *" } else { "" };
    format!("{column}{}{star}", phrase(&text.words.join(" ")))
}

/// Words that begin so, all of them among an alert's products.
pub(super) fn beginnings_in_products(beginnings: &[String]) -> String {
    let all = beginnings
        .iter()
        .map(|word| format!("products : {} *", phrase(word)));
    all.collect::<Vec<_>>().join(" AND ")
}

fn phrase(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\"").replace('\0', " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snippet_is_a_stretch_with_hits_cut_at_blanks() {
        let text = |word: &str| Text {
            column: None,
            words: vec![word.into()],
            prefix: false,
        };
        let shown = |words: &[&str], body: &str| {
            let texts: Vec<Text> = words.iter().map(|w| text(w)).collect();
            let texts: Vec<&Text> = texts.iter().collect();
            snippet(&texts, body).map(|pieces| {
                pieces
                    .iter()
                    .map(|p| {
                        if p.hit {
                            format!("[{}]", p.text)
                        } else {
                            p.text.clone()
                        }
                    })
                    .collect::<String>()
            })
        };
        assert_eq!(shown(&["b"], "a B, c").as_deref(), Some("a [B], c"));
        assert_eq!(shown(&["x"], "a b c"), None);
        let long = format!("{}née b {}", "word ".repeat(40), "more ".repeat(60));
        let found = shown(&["nee", "b"], &long).unwrap();
        assert!(found.starts_with("\u{2026}word ") && found.contains("word [née] [b] more"));
        assert!(found.ends_with("more\u{2026}"), "{found}");
        assert!(found.chars().count() < SNIPPET_CHARS + 10, "{found}");
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
