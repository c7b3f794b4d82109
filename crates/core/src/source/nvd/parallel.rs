//! A page on all cores. Records are found without parsing: `{"cve":` begins one, because within a string
//! its quotes would be escaped. That is only a guess, so everything is checked: what stands before, between
//! and after the records must be a page with its records taken out, and every record must be sound JSON of
//! the expected shape by itself. Where anything is otherwise, nothing is said and the page is read slowly.

use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};

use super::adapter::draft;
use super::wire::{self, PageWire, RecordWire};
use crate::model::{Draft, Problem, SourceId, Time};

/// From here on it pays to share the work out.
const MIN_RECORDS: usize = 8;
/// Records that a core takes at once.
const SHARE: usize = 16;

type Records = Vec<(Draft, Vec<Problem>)>;

/// The records of a page, its `totalResults` and its time; `None` where it has to be read slowly.
pub(super) fn read(
    source: &SourceId,
    bytes: &[u8],
) -> Option<(Records, Option<u32>, Option<Time>)> {
    let text = std::str::from_utf8(bytes).ok()?;
    let starts = record_starts(text);
    if starts.len() < MIN_RECORDS {
        return None;
    }
    let (first, last) = (*starts.first()?, *starts.last()?);
    // The last record says itself where it ends.
    let mut tail = serde_json::Deserializer::from_str(&text[last..]).into_iter::<RecordWire<'_>>();
    let last_record = tail.next()?.ok()?;
    let end = last + tail.byte_offset();
    let frame = [&text[..first], &text[end..]].concat();
    let frame: PageWire<serde::de::IgnoredAny> = serde_json::from_str(&frame).ok()?;
    if !frame.vulnerabilities.is_empty() || !is_list_of_records(&text[..first]) {
        return None;
    }
    let adapted = |record: &RecordWire<'_>| {
        let mut problems = Vec::new();
        let draft = draft(source, &record.cve, &mut problems);
        (draft, problems)
    };
    let pieces: Vec<&str> = starts.windows(2).map(|w| &text[w[0]..w[1]]).collect();
    let mut records: Records = pieces
        .par_iter()
        .with_min_len(SHARE)
        .map(|piece| {
            let record = piece.trim_ascii_end().strip_suffix(',')?;
            let record: RecordWire<'_> = serde_json::from_str(record).ok()?;
            Some(adapted(&record))
        })
        .collect::<Option<_>>()?;
    records.push(adapted(&last_record));
    let as_of = frame.timestamp.as_deref().and_then(wire::time);
    Some((records, frame.total_results, as_of))
}

/// Where `{ "cve" :` stands.
fn record_starts(text: &str) -> Vec<usize> {
    const KEY: &[u8] = b"\"cve\"";
    let bytes = text.as_bytes();
    memchr::memmem::find_iter(bytes, KEY)
        .filter_map(|at| {
            let is_key = bytes[at + KEY.len()..].trim_ascii_start().first() == Some(&b':');
            let before = bytes[..at].trim_ascii_end();
            (is_key && before.last() == Some(&b'{')).then(|| before.len() - 1)
        })
        .collect()
}

/// Whether what stands before the first record ends with the beginning of the list. (That the frame without
/// the records is a page with an empty list does not say that they stood in that list.)
fn is_list_of_records(before: &str) -> bool {
    before
        .trim_ascii_end()
        .strip_suffix('[')
        .and_then(|rest| rest.trim_ascii_end().strip_suffix(':'))
        .is_some_and(|rest| rest.trim_ascii_end().ends_with("\"vulnerabilities\""))
}
