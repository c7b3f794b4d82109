//! The JSON export, which can be imported again. Its form is stable: fields are added, never changed or
//! taken away; where that cannot be, `format` is raised and older versions refuse the file.
//!
//! ```text
//! {"tocsin":{"version":"0.1.0","format":1,"exported_at":"2026-11-22T06:00:00.000Z"},"alerts":[
//! {"uid":"CVE-2026-21413","source":"nvd","kind":"vulnerability","title":"...", ...},
//! ...
//! ]}
//! ```
//!
//! One alert a line, the oldest first. Times are RFC 3339 with `Z`; what is unknown is `null`. Of an
//! alert: `uid`, `source`, `kind`, `title`, `text`, `url`, `published` (or first seen, where that was
//! earlier), `updated` (by the source), `added` (first stored), `changed` (the last change of meaning),
//! `looked` (when somebody last did), `facts` (structured fields as collected), `epss`, `finding` (what
//! analysis said; an import analyses anew), `state`, `reason`, `until`, `unread`, `tags`, `notes`
//! (`at`, `edited`, `text`; oldest first), `changes` (newest first).

use std::io::{self, Write};

use serde::{Deserialize, Serialize};

use super::{Header, Writer};
use crate::model::{Change, Facts, Finding, Kind, Note, SourceId, State, Time};
use crate::store::records::Record;

/// The form that this version writes, and the newest one that it reads.
pub const FORMAT: u32 = 1;

/// What a file says of itself, under the name `tocsin`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The version of Tocsin that wrote it.
    pub version: String,
    /// The form of what follows.
    pub format: u32,
    /// When.
    pub exported_at: Time,
}

#[derive(Serialize)]
struct Line<'a> {
    uid: &'a str,
    source: &'a SourceId,
    kind: Kind,
    title: &'a str,
    text: &'a str,
    url: Option<&'a str>,
    published: Time,
    updated: Option<Time>,
    added: Time,
    changed: Option<Time>,
    looked: Option<Time>,
    facts: &'a Facts,
    epss: Option<f64>,
    finding: &'a Finding,
    state: State,
    reason: Option<&'a str>,
    until: Option<Time>,
    unread: bool,
    tags: &'a [String],
    notes: Vec<NoteLine<'a>>,
    changes: &'a [Change],
}

#[derive(Serialize)]
struct NoteLine<'a> {
    at: Time,
    edited: Option<Time>,
    text: &'a str,
}

impl<'a> Line<'a> {
    fn of(record: &'a Record) -> Self {
        let stored = &record.stored;
        let row = &stored.summary;
        let note = |note: &'a Note| NoteLine {
            at: note.at,
            edited: note.edited,
            text: &note.text,
        };
        Self {
            uid: &row.uid,
            source: &row.source,
            kind: row.kind,
            title: &row.title,
            text: &stored.text,
            url: row.url.as_deref(),
            published: row.published,
            updated: row.updated,
            added: row.added,
            changed: row.changed,
            looked: row.looked,
            facts: &stored.facts,
            epss: row.epss,
            finding: &stored.finding,
            state: row.state,
            reason: row.reason.as_deref(),
            until: row.until,
            unread: row.unread,
            tags: &row.tags,
            notes: record.notes.iter().map(note).collect(),
            changes: &record.changes,
        }
    }
}

pub(super) struct Json {
    origin: Origin,
    is_first: bool,
}

impl Json {
    pub fn new(header: Header) -> Self {
        Self {
            origin: Origin {
                version: header.version,
                format: FORMAT,
                exported_at: header.now,
            },
            is_first: true,
        }
    }
}

impl Writer for Json {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"{\"tocsin\":")?;
        serde_json::to_writer(&mut *out, &self.origin)?;
        out.write_all(b",\"alerts\":[")
    }

    fn records(&mut self, records: &[Record], out: &mut dyn Write) -> io::Result<()> {
        for record in records {
            out.write_all(if self.is_first { b"\n" } else { b",\n" })?;
            self.is_first = false;
            serde_json::to_writer(&mut *out, &Line::of(record))?;
        }
        Ok(())
    }

    fn end(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"\n]}\n")
    }
}
