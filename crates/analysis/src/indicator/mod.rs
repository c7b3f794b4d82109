//! Indicators of compromise in text: addresses, names, hashes, paths and the like, defanged or not, with their places.
//!
//! The text is read twice from left to right: once to take the marks out that defang it (`refang`), once to find (`scan`).
//!
//! One rule decides what is found: **an indicator begins where nothing found before it reaches, is read as far as its form
//! goes, and reading goes on behind it.** So nothing is found inside an indicator: the host belongs to its URL, the address to its
//! network, the digits of a SHA-256 are no MD5. [`within`] says what an indicator holds.
//!
//! CVE, CWE and technique ids are entities, not indicators.

mod address;
mod agent;
mod coin;
mod defang;
mod domain;
mod encoded;
pub mod eval;
mod hash;
mod kind;
mod network;
mod path;
mod refang;
mod scan;
mod text;
mod url;
mod within;

use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::ops::Range;
use ts_rs::TS;

pub use address::is_private;
pub use defang::defang;
pub use kind::IndicatorKind;
pub use refang::refang;
pub use within::within;

use crate::Field;

/// The most of one alert that are kept.
pub const MOST: usize = 500;

/// An indicator in an alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Indicator {
    /// What it is.
    pub kind: IndicatorKind,
    /// Without marks; names, schemes and hashes in lower case, an autonomous system as `AS1234`, all else as written.
    pub value: String,
    /// Where it stands.
    pub field: Field,
    /// First character in the field, counted in Unicode scalar values.
    pub start: u32,
    /// One past the last character.
    pub end: u32,
    /// Whether the text has it defanged.
    pub is_defanged: bool,
    /// Whether it is an address or network that nobody outside can reach: private, loopback, documentation and the like.
    pub is_private: bool,
}

/// An indicator in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What it is.
    pub kind: IndicatorKind,
    /// As in [`Indicator`].
    pub value: String,
    /// Its bytes in the text.
    pub bytes: Range<usize>,
    /// Its characters in the text.
    pub chars: Range<u32>,
    /// Whether the text has it defanged.
    pub is_defanged: bool,
}

/// All indicators of a text, in order, none within another.
pub fn find(text: &str) -> Vec<Found> {
    let whole = refang::Whole::new(text);
    let hits = scan::scan(&whole);
    let is_ascii = text.is_ascii();
    let mut counted = (0, 0);
    let mut found = Vec::with_capacity(hits.len());
    for mut hit in hits {
        let (start, end, has_marks) = whole.original(hit.start, hit.end);
        let chars = if is_ascii {
            number(start)..number(end)
        } else {
            let first = counted.1 + text[counted.0..start].chars().count();
            let last = first + text[start..end].chars().count();
            counted = (end, last);
            number(first)..number(last)
        };
        let scheme = match hit.kind {
            IndicatorKind::Url => within::scheme(&hit.value).0.unwrap_or_default(),
            _ => "",
        };
        let written = whole.text[hit.start..hit.end].get(..scheme.len());
        let is_encoded = hit.kind == IndicatorKind::Url
            && !whole.text[hit.start..hit.end].contains("://")
            && !scheme.is_empty();
        let is_disguised = !written.is_some_and(|w| w.eq_ignore_ascii_case(scheme));
        if hit.kind == IndicatorKind::Url {
            hit.value = settled(hit.value);
        }
        found.push(Found {
            kind: hit.kind,
            value: hit.value,
            bytes: start..end,
            chars,
            is_defanged: has_marks || is_disguised || is_encoded,
        });
    }
    found
}

/// The indicators of an alert: at most [`MOST`], and every value once before any twice.
pub fn indicators(title: &str, text: &str) -> Vec<Indicator> {
    let mut all: Vec<Indicator> = [(Field::Title, title), (Field::Text, text)]
        .into_iter()
        .flat_map(|(field, text)| {
            find(text).into_iter().map(move |f| Indicator {
                kind: f.kind,
                is_private: is_private(&f.value),
                value: f.value,
                field,
                start: f.chars.start,
                end: f.chars.end,
                is_defanged: f.is_defanged,
            })
        })
        .collect();
    if all.len() > MOST {
        let mut seen = HashSet::new();
        let is_first: Vec<bool> = all
            .iter()
            .map(|i| seen.insert((i.kind, i.value.clone())))
            .collect();
        let distinct = is_first.iter().filter(|f| **f).count();
        let mut again = MOST.saturating_sub(distinct);
        let mut first = MOST;
        let mut flags = is_first.into_iter();
        all.retain(|_| {
            let left = if flags.next() == Some(true) {
                &mut first
            } else {
                &mut again
            };
            let is_kept = *left > 0;
            *left = left.saturating_sub(1);
            is_kept
        });
    }
    all
}

/// What a mark was taken out of may read as another one: as often as it does, so that a value stays what it is.
fn settled(mut value: String) -> String {
    for _ in 0..4 {
        let again = refang(&value);
        if again == value {
            break;
        }
        value = again;
    }
    value
}

fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
