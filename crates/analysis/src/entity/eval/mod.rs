//! How good the names are: exact matches on labelled texts, per label and together, and words a second.
//!
//! A name counts where its label and both its ends are right. What a scheme has no label for is not
//! counted against us, and labels of a scheme that we have no kind for are left out on both sides; the
//! table is [`Scheme::label`]. Pure: the caller reads the file and brings a stopwatch.

mod format;
mod report;
mod scheme;

use std::collections::BTreeMap;

pub use format::{Labelled, read_labelled};
pub use report::{report, to_report};
pub use scheme::Scheme;

use super::Names;
use crate::Subject;
use crate::text::{Document, Span};

/// One label's counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Found and right.
    pub hits: u32,
    /// Found.
    pub found: u32,
    /// In the truth.
    pub gold: u32,
}

impl Counts {
    /// The share of what was found that is right.
    #[must_use]
    pub fn precision(&self) -> f64 {
        ratio(self.hits, self.found)
    }

    /// The share of the truth that was found.
    #[must_use]
    pub fn recall(&self) -> f64 {
        ratio(self.hits, self.gold)
    }

    /// Their harmonic mean.
    #[must_use]
    pub fn f1(&self) -> f64 {
        ratio(2 * self.hits, self.found + self.gold)
    }
}

fn ratio(part: u32, whole: u32) -> f64 {
    if whole == 0 {
        0.0
    } else {
        f64::from(part) / f64::from(whole)
    }
}

/// A name that is wrong: found and not there, or there and not found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Whether it was found (and should not have been).
    pub was_found: bool,
    /// Its label.
    pub label: String,
    /// The name with what stands around it, marked by `⟦⟧`.
    pub context: String,
}

/// What was measured.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scores {
    /// Labelled texts.
    pub texts: u32,
    /// Words between blanks.
    pub words: u32,
    /// Seconds that reading and finding took.
    pub seconds: f64,
    /// Each label's counts.
    pub labels: BTreeMap<String, Counts>,
    /// What was wrong, in the order of the file.
    pub mistakes: Vec<Mistake>,
}

impl Scores {
    /// All labels together.
    #[must_use]
    pub fn micro(&self) -> Counts {
        self.labels.values().fold(Counts::default(), |sum, c| Counts {
            hits: sum.hits + c.hits,
            found: sum.found + c.found,
            gold: sum.gold + c.gold,
        })
    }

    /// The mean of the labels' F1.
    #[must_use]
    pub fn macro_f1(&self) -> f64 {
        let sum: f64 = self.labels.values().map(Counts::f1).sum();
        sum / self.labels.len().max(1) as f64
    }

    /// Words a second on one core.
    #[must_use]
    pub fn words_per_second(&self) -> f64 {
        f64::from(self.words) / self.seconds.max(1e-9)
    }
}

/// Measures on texts that were read. `stopwatch` gives seconds on a monotonic clock.
#[must_use]
pub fn measure(
    names: &Names,
    texts: &[Labelled],
    scheme: Scheme,
    stopwatch: &dyn Fn() -> f64,
) -> Scores {
    let mut scores = Scores::default();
    for label in scheme.labels() {
        scores.labels.insert((*label).to_string(), Counts::default());
    }
    for text in texts {
        measure_one(names, text, scheme, stopwatch, &mut scores);
    }
    scores
}

fn measure_one(
    names: &Names,
    text: &Labelled,
    scheme: Scheme,
    stopwatch: &dyn Fn() -> f64,
    scores: &mut Scores,
) {
    // What the report tagger calls an indicator is what the room of indicators would have taken.
    let indicators: Vec<Span> = if scheme == Scheme::Cyner {
        names.indicators(&text.text)
    } else {
        Vec::new()
    };
    let begin = stopwatch();
    let document = Document::new("", &text.text);
    let entities = names.find_as(scheme.style(), &document, &Subject::default(), &indicators);
    scores.seconds += stopwatch() - begin;
    scores.texts += 1;
    scores.words += u32::try_from(text.text.split_whitespace().count()).unwrap_or(0);
    let mut found: Vec<(u32, u32, &str)> = entities
        .iter()
        .filter_map(|e| Some((e.start, e.end, scheme.label(e.kind)?)))
        .chain(
            indicators
                .iter()
                .map(|s| (s.start, s.end, scheme::INDICATOR)),
        )
        .map(|(start, end, label)| text.snap(start, end, label))
        .collect();
    found.sort_unstable();
    found.dedup();
    let labels = scheme.labels();
    let gold: Vec<(u32, u32, &str)> = text
        .spans
        .iter()
        .map(|(start, end, label)| (*start, *end, label.as_str()))
        .filter(|g| labels.contains(&g.2))
        .collect();
    for one in &found {
        let is_hit = gold.contains(one);
        if let Some(counts) = scores.labels.get_mut(one.2) {
            counts.found += 1;
            counts.hits += u32::from(is_hit);
        }
        if !is_hit {
            scores.mistakes.push(text.mistake(true, one));
        }
    }
    for one in &gold {
        if let Some(counts) = scores.labels.get_mut(one.2) {
            counts.gold += 1;
        }
        if !found.contains(one) {
            scores.mistakes.push(text.mistake(false, one));
        }
    }
}
