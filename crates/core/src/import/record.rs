//! One record of a file: read, held to sizes and ranges, made uniform.

use serde::Deserialize;

use crate::error::Fault;
use crate::model::{
    Alert, Change, Facts, Kind, MOST_NOTE, MOST_TAG, Problem, SourceId, State, Time,
};
use crate::normalise::restore;
use crate::store::records::Carried;

/// Years 1 to 9999: what RFC 3339 can say.
const FIRST_MS: i64 = -62_135_596_800_000;
const LAST_MS: i64 = 253_402_300_799_999;
const MOST_TAGS: usize = 200;
const MOST_NOTES: usize = 10_000;
const MOST_NOTE_BYTES: usize = 1 << 20;
const MOST_CHANGES: usize = 10_000;

/// What is read of a record (the JSON export's docs say what each is); anything else is passed over,
/// what analysis said too.
#[derive(Deserialize)]
struct Line {
    uid: String,
    source: SourceId,
    kind: Kind,
    title: String,
    text: String,
    url: Option<String>,
    published: Option<Time>,
    updated: Option<Time>,
    added: Time,
    changed: Option<Time>,
    looked: Option<Time>,
    #[serde(default)]
    facts: Facts,
    epss: Option<f64>,
    state: State,
    reason: Option<String>,
    until: Option<Time>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    notes: Vec<NoteLine>,
    #[serde(default)]
    changes: Vec<Change>,
}

#[derive(Deserialize)]
struct NoteLine {
    at: Time,
    edited: Option<Time>,
    text: String,
}

#[derive(Deserialize)]
struct Named {
    uid: String,
}

/// Reads one record. `place` counts from 1, for one that says no name. A problem beside it is what it
/// lost.
pub(super) fn read(
    bytes: &[u8],
    place: u32,
    now: Time,
) -> Result<(Alert, Carried, Option<Problem>), Problem> {
    let problem = |fault| Problem {
        subject: subject(bytes, place),
        fault,
    };
    let line: Line = serde_json::from_slice(bytes)
        .map_err(|error| problem(bad(format!("The record is not of its form: {error}"))))?;
    let is_cut = line.notes.iter().any(|n| is_long(plain(&n.text).trim()));
    let lost = is_cut.then(|| {
        let message = format!("A note of it is longer than {MOST_NOTE} characters and was cut.");
        problem(Fault::new("import_note_cut", message).with("most", MOST_NOTE))
    });
    let (alert, carried) = parts(line, now).map_err(problem)?;
    Ok((restore(alert).map_err(problem)?, carried, lost))
}

/// Which record a problem is about.
pub(super) fn subject(bytes: &[u8], place: u32) -> String {
    match serde_json::from_slice::<Named>(bytes) {
        Ok(named) => named
            .uid
            .chars()
            .filter(|c| !c.is_control())
            .take(100)
            .collect(),
        Err(_) => format!("record {place}"),
    }
}

fn parts(line: Line, now: Time) -> Result<(Alert, Carried), Fault> {
    let kev = line.facts.kev.iter().flat_map(|kev| [kev.added, kev.due]);
    let ssvc = line.facts.ssvc.iter().map(|decision| decision.at);
    let times = [
        line.published,
        line.updated,
        Some(line.added),
        line.changed,
        line.looked,
        line.until,
    ];
    let of_notes = line.notes.iter().flat_map(|n| [Some(n.at), n.edited]);
    let of_changes = line.changes.iter().map(|c| Some(c.at));
    let mut all = times
        .into_iter()
        .chain(kev)
        .chain(ssvc)
        .chain(of_notes)
        .chain(of_changes);
    if all.any(|at| at.is_some_and(|at| !(FIRST_MS..=LAST_MS).contains(&at.ms()))) {
        return Err(bad("A time of it is outside the years 1 to 9999.".into()));
    }
    if line.epss.is_some_and(|p| !(0.0..=1.0).contains(&p)) {
        return Err(bad("A probability is from 0 to 1.".into()));
    }
    let is_too_much = line.tags.len() > MOST_TAGS
        || line.notes.len() > MOST_NOTES
        || line.notes.iter().any(|n| n.text.len() > MOST_NOTE_BYTES)
        || line
            .reason
            .as_ref()
            .is_some_and(|r| r.len() > MOST_NOTE_BYTES)
        || line.changes.len() > MOST_CHANGES;
    if is_too_much {
        return Err(bad(
            "Its tags, notes or history are larger than any of Tocsin's.".into(),
        ));
    }
    // A clock that runs ahead elsewhere: nothing has happened after now.
    let past = |at: Time| at.min(now);
    let is_asleep = line.until.is_some_and(|until| until > now);
    let state = match line.state {
        State::Snoozed if !is_asleep => State::New,
        state => state,
    };
    let carried = Carried {
        added: past(line.added),
        changed: line.changed.map(past),
        looked: line.looked.map(past),
        epss: line.epss,
        state,
        reason: line.reason.map(|r| plain(&r)).filter(|r| !r.is_empty()),
        until: line.until.filter(|_| state == State::Snoozed),
        tags: line.tags.iter().filter_map(|t| tag(t)).collect(),
        notes: line
            .notes
            .into_iter()
            .map(|n| (past(n.at), n.edited.map(past), note(&n.text)))
            .filter(|(_, _, text)| !text.is_empty())
            .collect(),
        changes: line
            .changes
            .into_iter()
            .filter(|c| c.what != crate::model::Happened::New)
            .map(|c| Change {
                at: past(c.at),
                ..c
            })
            .collect(),
    };
    let alert = Alert {
        uid: line.uid,
        source: line.source,
        kind: line.kind,
        title: line.title,
        text: line.text,
        url: line.url,
        published: line.published,
        updated: line.updated,
        facts: line.facts,
        hash: [0; 32],
    };
    Ok((alert, carried))
}

/// A tag by the rules of triage: one line, blanks evened; a longer one is cut.
fn tag(text: &str) -> Option<String> {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let tag: String = words.join(" ").chars().take(MOST_TAG).collect();
    let tag = tag.trim_end();
    (!tag.is_empty()).then(|| tag.to_owned())
}

/// A note by the rules of triage; a longer one is cut.
fn note(text: &str) -> String {
    let text = plain(text);
    let text = text.trim();
    if !is_long(text) {
        return text.to_owned();
    }
    text.chars().take(MOST_NOTE - 1).chain(['…']).collect()
}

fn is_long(note: &str) -> bool {
    note.chars().count() > MOST_NOTE
}

/// Text of people's without control characters.
fn plain(text: &str) -> String {
    let is_plain = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
    text.chars().filter(is_plain).collect()
}

pub(super) fn bad(what: String) -> Fault {
    Fault::new("import_bad_record", what)
}
