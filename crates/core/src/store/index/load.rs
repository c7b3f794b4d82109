//! Making the index of everything that is stored, on several threads: alerts are cut into spans of ids, each
//! thread reads the next span with a connection of its own, and the parts are put together in order.

use std::collections::HashMap;
use std::panic;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use roaring::RoaringBitmap;
use rusqlite::Connection;

use super::columns::Columns;
use super::follow::read_terms;
use super::rows::{COLUMNS, FACETS, numbers, single_words};
use super::{Index, NONE, SINGLES};
use crate::model::{Flag, normal_value};
use crate::store::StoreError;
use crate::store::terms::decode;

/// Spans of ids. Ids are moments of publication, and there are years with hardly an alert: there are far
/// more spans than threads, so that all threads are done at about the same time.
const SPANS: usize = 512;

/// Makes the index. The others read the same state of the database, each on a thread of its own.
pub(crate) fn load(conn: &Connection, others: Vec<Connection>) -> Result<Index, StoreError> {
    let spans = &Spans::of(conn)?;
    let mut index = Index::default();
    let mut parts = thread::scope(|scope| {
        let others: Vec<_> = others
            .into_iter()
            .map(|conn| scope.spawn(move || read_parts(&conn, spans)))
            .collect();
        read_terms(&mut index, conn)?;
        let mut parts = read_parts(conn, spans)?;
        for other in others {
            parts.extend(other.join().unwrap_or_else(|e| panic::resume_unwind(e))?);
        }
        Ok::<_, StoreError>(parts)
    })?;
    parts.sort_unstable_by_key(|part| part.span);
    let mut docs = 0;
    for part in &mut parts {
        part.first = docs;
        docs += u32::try_from(part.columns.len()).unwrap_or(u32::MAX);
    }
    let terms: Vec<[Vec<u32>; SINGLES.len()]> =
        parts.iter().map(|part| part.terms(&mut index)).collect();
    thread::scope(|scope| {
        let parts = &parts;
        // Even and odd numbers of terms, side by side.
        let listed = [0, 1].map(|which| scope.spawn(move || listed_docs(parts, which)));
        for (term, docs) in single_docs(parts, &terms) {
            index.terms.set(term as usize, sorted(docs.into_iter()));
        }
        for (which, flagged) in index.flagged.iter_mut().enumerate() {
            let docs = parts
                .iter()
                .flat_map(|part| part.flagged[which].iter().map(|doc| part.first + doc));
            *flagged = sorted(docs);
        }
        for listed in listed {
            for (number, docs) in listed.join().unwrap_or_else(|e| panic::resume_unwind(e)) {
                let term = index.terms.by_number(number);
                index.terms.set(term as usize, docs);
            }
        }
    });
    index.live.insert_range(0..docs);
    index.order = (0..docs).collect();
    for (part, terms) in parts.into_iter().zip(&terms) {
        index.last_added = index.last_added.max(part.last_added);
        index.columns.append(part.columns, terms);
    }
    Ok(index)
}

/// The docs of the terms of facets that have one value, in order.
fn single_docs(parts: &[Part], terms: &[[Vec<u32>; SINGLES.len()]]) -> HashMap<u32, Vec<u32>> {
    let mut all: HashMap<u32, Vec<u32>> = HashMap::new();
    for (part, terms) in parts.iter().zip(terms) {
        for (place, terms) in terms.iter().enumerate() {
            let mut docs = vec![Vec::new(); terms.len()];
            for (doc, word) in (part.first..).zip(part.columns.single(place)) {
                if let Some(docs) = docs.get_mut(word as usize) {
                    docs.push(doc);
                }
            }
            for (term, docs) in terms.iter().zip(docs) {
                all.entry(*term).or_default().extend(docs);
            }
        }
    }
    all
}

/// The docs of terms by the terms' numbers, for every second number.
fn listed_docs(parts: &[Part], which: u32) -> Vec<(u32, RoaringBitmap)> {
    let pairs = || {
        parts
            .iter()
            .flat_map(|part| {
                let listed = part.listed.iter();
                listed.map(|(number, doc)| (*number, part.first + doc))
            })
            .filter(|(number, _)| number % 2 == which)
            .map(|(number, doc)| (number as usize / 2, doc))
    };
    let terms = pairs().map(|(place, _)| place + 1).max().unwrap_or(0);
    // Docs of each term side by side, still in order.
    let mut starts = vec![0_usize; terms + 1];
    for (place, _) in pairs() {
        starts[place + 1] += 1;
    }
    for at in 1..starts.len() {
        starts[at] += starts[at - 1];
    }
    let mut next = starts.clone();
    let mut docs = vec![0_u32; starts[terms]];
    for (place, doc) in pairs() {
        docs[next[place]] = doc;
        next[place] += 1;
    }
    (0..)
        .map(|place: u32| place * 2 + which)
        .zip(starts.windows(2))
        .filter(|(_, range)| range[0] < range[1])
        .map(|(number, range)| (number, sorted(docs[range[0]..range[1]].iter().copied())))
        .collect()
}

fn sorted(docs: impl Iterator<Item = u32>) -> RoaringBitmap {
    // An alert may have a value twice.
    let mut last = None;
    let each = docs.filter(|doc| last.replace(*doc) != Some(*doc));
    // Docs come in order, which is all that can go wrong.
    RoaringBitmap::from_sorted_iter(each).unwrap_or_default()
}

/// The spans that are still to be read.
struct Spans {
    first: i64,
    last: i64,
    next: AtomicUsize,
}

impl Spans {
    fn of(conn: &Connection) -> Result<Self, StoreError> {
        let edge = |order: &str| {
            let sql = format!("SELECT id FROM alerts ORDER BY id {order} LIMIT 1");
            let mut statement = conn.prepare(&sql)?;
            let mut rows = statement.query([])?;
            Ok::<Option<i64>, StoreError>(rows.next()?.map(|row| row.get(0)).transpose()?)
        };
        Ok(Self {
            first: edge("ASC")?.unwrap_or(0),
            last: edge("DESC")?.unwrap_or(-1),
            next: AtomicUsize::new(0),
        })
    }

    /// The next span: its place, its first and its last id.
    fn take(&self) -> Option<(usize, i64, i64)> {
        let place = self.next.fetch_add(1, Ordering::Relaxed);
        let width = self.last.checked_sub(self.first)? / i64::try_from(SPANS).ok()? + 1;
        let step = i64::try_from(place).ok()?.checked_mul(width)?;
        let first = self
            .first
            .checked_add(step)
            .filter(|first| *first <= self.last)?;
        Some((place, first, first.saturating_add(width - 1).min(self.last)))
    }
}

/// The alerts of a span. Docs are counted from the span's own beginning.
struct Part {
    span: usize,
    /// The doc of its first alert.
    first: u32,
    columns: Columns,
    /// The words that the places of `columns.singles` stand for, in this part.
    words: [Vec<String>; SINGLES.len()],
    flagged: [Vec<u32>; Flag::ALL.len()],
    /// Numbers of terms of the other facets, each with a doc, in the order of docs.
    listed: Vec<(u32, u32)>,
    last_added: i64,
}

impl Part {
    /// The terms of its words.
    fn terms(&self, index: &mut Index) -> [Vec<u32>; SINGLES.len()] {
        std::array::from_fn(|place| {
            let words = self.words[place].iter();
            words
                .map(|word| index.terms.make(SINGLES[place], &normal_value(word)))
                .collect()
        })
    }
}

fn read_parts(conn: &Connection, spans: &Spans) -> Result<Vec<Part>, StoreError> {
    let mut statement = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM alerts WHERE id BETWEEN ?1 AND ?2 ORDER BY id"
    ))?;
    let mut parts = Vec::new();
    while let Some((span, first, last)) = spans.take() {
        let mut part = Part {
            span,
            first: 0,
            columns: Columns::default(),
            words: Default::default(),
            flagged: Default::default(),
            listed: Vec::new(),
            last_added: 0,
        };
        let mut rows = statement.query([first, last])?;
        while let Some(row) = rows.next()? {
            let mut read = numbers(row)?;
            for (place, word) in single_words(row)?.into_iter().enumerate() {
                let Some(word) = word else { continue };
                let words = &mut part.words[place];
                let known = words.iter().position(|known| known == word);
                let known = known.unwrap_or_else(|| {
                    words.push(word.to_owned());
                    words.len() - 1
                });
                read.singles[place] = u32::try_from(known).unwrap_or(NONE);
            }
            let doc = part.columns.push(&read);
            let listed = decode(row.get_ref(FACETS)?.as_blob()?);
            part.listed.extend(listed.map(|number| (number, doc)));
            for flag in Flag::ALL {
                if read.flags.has(flag) {
                    part.flagged[flag as usize].push(doc);
                }
            }
            part.last_added = part.last_added.max(read.added);
        }
        if part.columns.len() > 0 {
            parts.push(part);
        }
    }
    Ok(parts)
}
