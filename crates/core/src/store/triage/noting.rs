//! Notes: an entry keeps the note before and after; an act on notes is over one alert.

use rusqlite::params;
use serde::{Deserialize, Serialize};

use crate::error::Fault;
use crate::model::{Act, AlertId, Note, NoteId, Time, TriageId};
use crate::store::row::{Columns, to_json};
use crate::store::{StoreError, Write, notes};

/// The note as it was or became; `None` where there was or is none.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    note: Option<Note>,
}

/// Adds, rewrites or removes a note: how many alerts it changed.
///
/// # Errors
/// `unknown_note`, `unknown_alert`, `note_needs_one_alert`, or where the database fails.
pub(super) fn apply(
    w: &Write<'_>,
    triage: TriageId,
    ids: &[AlertId],
    act: &Act,
    at: Time,
) -> Result<u32, StoreError> {
    let &[alert] = ids else {
        return Err(needs_one_alert().into());
    };
    let (before, after) = match act {
        Act::AddNote { text } => (None, Some(added(w, alert, text, at)?)),
        Act::EditNote { note, text } => {
            let before = existing(w, alert, *note)?;
            if before.text == *text {
                return Ok(0);
            }
            let after = Note {
                edited: Some(at),
                text: text.clone(),
                ..before.clone()
            };
            notes::put(w, alert, &after)?;
            (Some(before), Some(after))
        }
        Act::RemoveNote { note } => {
            let before = existing(w, alert, *note)?;
            notes::remove(w, *note)?;
            (Some(before), None)
        }
        _ => return Ok(0),
    };
    w.insert(
        "INSERT INTO triage_entries (triage, alert, before, after) VALUES (?1, ?2, ?3, ?4)",
        params![
            triage.0,
            alert.0,
            to_json("note", &Kept { note: before })?,
            to_json("note", &Kept { note: after })?,
        ],
    )?;
    Ok(1)
}

/// Brings a note back where it is as the act left it: which alerts.
pub(super) fn put_back(
    w: &Write<'_>,
    triage: TriageId,
    ids: &[AlertId],
) -> Result<Vec<AlertId>, StoreError> {
    let mut back = Vec::new();
    for alert in ids {
        let kept = w.first(
            "SELECT before, after FROM triage_entries WHERE triage = ?1 AND alert = ?2",
            params![triage.0, alert.0],
            |row| Ok((row.json::<Kept>("before")?, row.json::<Kept>("after")?)),
        )?;
        let Some((before, after)) = kept else {
            continue;
        };
        let Some(id) = before.note.as_ref().or(after.note.as_ref()).map(|n| n.id) else {
            continue;
        };
        if notes::get(w, *alert, id)? != after.note {
            continue;
        }
        match &before.note {
            Some(note) => notes::put(w, *alert, note)?,
            None => notes::remove(w, id)?,
        }
        back.push(*alert);
    }
    Ok(back)
}

fn added(w: &Write<'_>, alert: AlertId, text: &str, at: Time) -> Result<Note, StoreError> {
    let known = w.first("SELECT id FROM alerts WHERE id = ?1", [alert.0], |row| {
        row.col::<i64>("id")
    })?;
    if known.is_none() {
        let fault = "There is no such alert; it may have been removed.";
        return Err(Fault::new("unknown_alert", fault).into());
    }
    notes::add(w, alert, text, at)
}

fn existing(w: &Write<'_>, alert: AlertId, id: NoteId) -> Result<Note, StoreError> {
    notes::get(w, alert, id)?.ok_or_else(|| {
        let fault = "There is no such note; it may have been removed.";
        Fault::new("unknown_note", fault).into()
    })
}

fn needs_one_alert() -> Fault {
    Fault::new(
        "note_needs_one_alert",
        "A note is written about one alert at a time.",
    )
}
