//! What the pages of a run say besides their items: notes for people, and when to come again.

use crate::model::{Draft, RhythmHint, RunNote};

/// Times of publication that a run tells of: the newest ones. A page of NVD's has thousands.
const MOST_TIMES: usize = 256;

/// What was heard so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Heard {
    /// Of all notes the one that matters most.
    pub note: Option<RunNote>,
    /// What the documents say about how often to come.
    pub rhythm: RhythmHint,
}

impl Heard {
    /// Adds what a page says. Where it does not say when its entries were published, its drafts do.
    pub fn hear(&mut self, notes: Vec<RunNote>, rhythm: Option<RhythmHint>, drafts: &[Draft]) {
        let all = self.note.take().into_iter().chain(notes);
        self.note = all.max_by_key(RunNote::rank);
        let hint = rhythm.unwrap_or_default();
        self.rhythm.ttl_min = hint.ttl_min.or(self.rhythm.ttl_min);
        self.rhythm.cache_max_age_s = hint.cache_max_age_s.or(self.rhythm.cache_max_age_s);
        let times = &mut self.rhythm.entry_times;
        if hint.entry_times.is_empty() {
            times.extend(drafts.iter().filter_map(|draft| draft.published));
        } else {
            times.extend(hint.entry_times);
        }
        times.sort_unstable_by(|a, b| b.cmp(a));
        times.truncate(MOST_TIMES);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Time;

    #[test]
    fn the_note_that_matters_most_and_the_newest_times_are_kept() {
        let mut heard = Heard::default();
        let hint = |from: i64| RhythmHint {
            ttl_min: Some(30),
            entry_times: (from..from + 200).map(Time).collect(),
            ..RhythmHint::default()
        };
        heard.hear(vec![RunNote::Salvaged], Some(hint(1_000)), &[]);
        heard.hear(
            vec![RunNote::FewEntries, RunNote::Empty],
            Some(hint(0)),
            &[],
        );
        heard.hear(Vec::new(), None, &[]);
        assert_eq!(heard.note, Some(RunNote::FewEntries));
        assert_eq!(heard.rhythm.ttl_min, Some(30));
        let times = heard.rhythm.entry_times;
        assert_eq!(
            (times.len(), times[0], times[255]),
            (256, Time(1_199), Time(144))
        );
    }
}
