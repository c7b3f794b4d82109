//! CSV for spreadsheets: RFC 4180 with a header row, lines end with CRLF.
//!
//! It begins with a byte order mark: without one Excel reads UTF-8 as the code page of the machine and
//! garbles every umlaut; LibreOffice, Numbers, pandas and PowerQuery take it or leave it. A cell that a
//! spreadsheet could take for a formula gets an apostrophe in front, as OWASP advises ("CSV injection").
//! A cell holds at most what Excel reads of one, because a longer one spills over the rows below; the
//! JSON export has the whole text. Several values in a cell are parted by ` | `, because `;` parts
//! cells in many countries. Times are RFC 3339 in UTC. Columns are added at the end, never changed.

use std::borrow::Cow;
use std::io::{self, Write};

use csv::{Terminator, WriterBuilder};

use super::{Writer, basis, product};
use crate::model::Time;
use crate::store::records::Record;

const COLUMNS: [&str; 28] = [
    "id",
    "kind",
    "source",
    "title",
    "severity",
    "severity_basis",
    "estimated",
    "cvss",
    "cvss_version",
    "epss",
    "exploited",
    "kev",
    "category",
    "products",
    "cwes",
    "cves",
    "state",
    "reason",
    "tags",
    "notes",
    "watches",
    "published",
    "updated",
    "added",
    "changed",
    "until",
    "url",
    "text",
];

/// What Excel reads of a cell, in UTF-16 units.
const LONGEST_CELL: usize = 32_767;
/// What some program or setting parts cells or rows at, within quotes too.
const SEPARATORS: [char; 6] = [';', '\t', '\r', '\n', '\u{ff1b}', '\u{2028}'];
const BETWEEN: &str = " | ";

#[derive(Default)]
pub(super) struct Csv {}

impl Writer for Csv {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all("\u{feff}".as_bytes())?;
        rows(out, |csv| Ok(csv.write_record(COLUMNS)?))
    }

    fn records(&mut self, records: &[Record], out: &mut dyn Write) -> io::Result<()> {
        rows(out, |csv| {
            for record in records {
                csv.write_record(cells(record).iter().map(|cell| cell.as_bytes()))?;
            }
            Ok(())
        })
    }

    fn end(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

fn rows(
    out: &mut dyn Write,
    write: impl FnOnce(&mut csv::Writer<&mut dyn Write>) -> io::Result<()>,
) -> io::Result<()> {
    let mut csv = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .from_writer(out);
    write(&mut csv)?;
    csv.flush()
}

/// The cells of a row, in the order of [`COLUMNS`].
fn cells(record: &Record) -> [String; COLUMNS.len()] {
    let stored = &record.stored;
    let (row, facts) = (&stored.summary, &stored.facts);
    let number = |value: Option<f64>| value.map(|v| v.to_string()).unwrap_or_default();
    let time = |at: Option<Time>| at.map(Time::to_rfc3339).unwrap_or_default();
    let words = |all: &[String]| safe(&all.join(BETWEEN));
    let severity = row.severity.map(|s| format!("{s:?}").to_lowercase());
    let products: Vec<String> = facts.products.iter().map(product).collect();
    let notes: Vec<String> = record
        .notes
        .iter()
        .map(|note| format!("{}: {}", note.at, note.text))
        .collect();
    [
        safe(&row.uid),
        row.kind.as_str().to_owned(),
        safe(row.source.as_str()),
        safe(&row.title),
        severity.unwrap_or_default(),
        basis(&stored.finding.severity_basis).to_owned(),
        row.estimated.to_string(),
        number(row.score.map(|(score, ..)| score)),
        row.score
            .map(|(_, version, _)| version.as_str().to_owned())
            .unwrap_or_default(),
        number(row.epss),
        row.exploited.to_string(),
        row.kev.to_string(),
        safe(row.category.as_deref().unwrap_or_default()),
        words(&products),
        words(&facts.cwes),
        words(&facts.cves),
        row.state.as_str().to_owned(),
        safe(row.reason.as_deref().unwrap_or_default()),
        words(&row.tags),
        words(&notes),
        words(&row.matched),
        time(Some(row.published)),
        time(row.updated),
        time(Some(row.added)),
        time(row.changed),
        time(row.until),
        safe(row.url.as_deref().unwrap_or_default()),
        safe(&stored.text),
    ]
}

/// Text that no spreadsheet takes for a formula, also where it parts cells at `;` or a tab or does not
/// keep the lines of a cell together; no longer than a cell, without control characters.
fn safe(text: &str) -> String {
    let text: Cow<'_, str> = if text.chars().any(is_unwanted) {
        text.chars().filter(|c| !is_unwanted(*c)).collect()
    } else {
        text.into()
    };
    if !is_formula(&text) && !text.contains(SEPARATORS) {
        return cut(text.into_owned());
    }
    let mut defused = String::with_capacity(text.len() + 2);
    if is_formula(&text) {
        defused.push('\'');
    }
    for part in text.split_inclusive(SEPARATORS) {
        // The first one is what the whole text begins with.
        if part.as_ptr() != text.as_ptr() && begins_formula(part) {
            defused.push('\'');
        }
        defused.push_str(part);
    }
    cut(defused)
}

fn is_unwanted(c: char) -> bool {
    c.is_control() && !matches!(c, '\t' | '\n' | '\r')
}

/// Whether a program could read it as a formula: by its first character, or by the first one after
/// white space, quotes or what shows nothing, which some programs strip.
fn is_formula(text: &str) -> bool {
    if text.starts_with(['\t', '\r', '\n']) {
        return true;
    }
    begins_formula(text)
}

fn begins_formula(text: &str) -> bool {
    let shown = text.trim_start_matches(|c: char| {
        c.is_whitespace()
            || matches!(c, '"' | '\'' | '`' | '\u{2018}'..='\u{201f}' | '\u{ff02}' | '\u{ff07}')
            || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    });
    shown.starts_with([
        '=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}', '\u{fe62}', '\u{fe63}',
        '\u{fe66}', '\u{fe6b}', '\u{2212}',
    ])
}

fn cut(mut text: String) -> String {
    // A UTF-16 unit is at least one byte of UTF-8.
    if text.len() <= LONGEST_CELL || text.encode_utf16().count() <= LONGEST_CELL {
        return text;
    }
    let mut units = 1; // of the mark at the end
    let end = text.char_indices().find_map(|(at, c)| {
        units += c.len_utf16();
        (units > LONGEST_CELL).then_some(at)
    });
    text.truncate(end.unwrap_or(text.len()));
    text.push('…');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_could_run_is_defused() {
        for text in [
            "=1+1",
            "=cmd|' /C calc'!A0",
            "+1",
            "-2+3",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "\n=1",
            "\tplain",
            "  =1",
            "\u{a0}=1",
            "\u{3000}=1",
            "\"=1\"",
            "'=1",
            " \"  =1",
            "\u{201c}=1",
            "\u{feff}=1",
            "\u{200b}=1",
            "＝1",
            "＋1",
            "－1",
            "＠SUM",
            "\u{2212}1",
            "\u{0}=1",
            "\u{7}=1",
        ] {
            let cell = safe(text);
            assert!(cell.starts_with('\''), "{text:?} became {cell:?}");
        }
        for text in [
            "",
            "a=1",
            "CVE-2026-1",
            "https://a.org/=1",
            "(=1)",
            "10",
            "a; b\n(c)\td",
            "a;\r\n",
        ] {
            assert_eq!(safe(text), text);
        }
    }

    #[test]
    fn what_follows_a_separator_is_defused_too() {
        for (text, expect) in [
            ("a;=1", "a;'=1"),
            ("a\n=1", "a\n'=1"),
            ("a\r\n+1;-1", "a\r\n'+1;'-1"),
            ("a\t \"@SUM", "a\t' \"@SUM"),
            ("a;\u{ff1d}1", "a;'\u{ff1d}1"),
            ("=1;=2", "'=1;'=2"),
            ("a; ; =1", "a; ;' =1"),
        ] {
            assert_eq!(safe(text), expect);
        }
    }

    #[test]
    fn a_cell_holds_what_excel_reads_of_one() {
        let full = "x".repeat(LONGEST_CELL);
        assert_eq!(safe(&full), full);
        let long = safe(&"x".repeat(LONGEST_CELL + 1));
        assert_eq!(long.encode_utf16().count(), LONGEST_CELL);
        assert!(long.ends_with('…'));
        let wide = safe(&"😀".repeat(LONGEST_CELL));
        assert!(wide.encode_utf16().count() <= LONGEST_CELL);
    }
}
