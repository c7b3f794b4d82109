//! Relevance: is it about security at all?
//!
//! The labelled texts are few kinds: descriptions of attackers and their tools against headlines and short news. So
//! that a model learns the subject and not the kind, titles are cut out of long texts and paragraphs are joined out of
//! short ones, and words count by their pieces too. A short text about security counts as far as a model of labelled
//! texts hears it say so: else every technical word of a description, and every name that is a word, would speak for
//! security.

use std::collections::HashMap;

use tocsin_analysis::classify::Calibration;
use tocsin_analysis::eval::RelText;
use tocsin_analysis::text::{Document, hash_word};

use super::Texts;
use super::shape::{Dice, Knobs, SHORT_WORDS, cut_title, first_sentence, joined, paragraphs};
use super::vulnerability::balanced;
use crate::calibrate::Raw;
use crate::corpus::Failure;
use crate::pieces::{PieceVocabulary, each_word};
use crate::regression::{Learnt, Lesson};
use crate::sparse::Rows;
use crate::vocabulary::Vocabulary;

/// The field's own words, one a line: what a security team calls the things that it reads about. Written for Tocsin.
const GLOSSARY: &str = include_str!("glossary.txt");
/// How many titles are cut out of descriptions of tools and actors.
const CUT_TITLES: usize = 5_000;
/// What counts less is left out.
const LEAST_COUNT: f32 = 0.02;

/// A text with its class (1 for security) and how much it counts.
pub struct Story {
    pub text: String,
    pub class: u32,
    pub count: f32,
    kind: Kind,
}

/// How far a text's class can be trusted.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// Labelled as it is.
    Labelled,
    /// Labelled, but a short text of the class security: it may say nothing of it.
    Short,
    /// Cut or joined out of labelled ones, on the side of all else.
    Made,
    /// A name, or cut out of a text about security: it may say nothing of it.
    Cut,
}

/// The model: weights of the vocabulary's features, then of the pieces.
pub struct Fit {
    pub learnt: Learnt,
    pub shares: Shares,
}

/// How much each word's pieces count in a text: rare words more than common ones.
///
/// The table carries it within what a known word's pieces say; a word that is not in the table counts whole.
#[derive(Default)]
pub struct Shares(HashMap<u64, f32>);

impl Shares {
    /// What a word that no text has counts; of the size of what the words themselves count.
    pub const WHOLE: f32 = 2.0;

    fn count(vocabulary: &Vocabulary, stories: &[Story]) -> Self {
        let mut texts: HashMap<u64, u32> = HashMap::new();
        for story in stories {
            let mut words = Vec::new();
            each_word(&Document::new("", &story.text), |word| {
                words.push(hash_word(word))
            });
            words.sort_unstable();
            words.dedup();
            for word in words
                .into_iter()
                .filter(|w| vocabulary.number(*w).is_some())
            {
                *texts.entry(word).or_default() += 1;
            }
        }
        let all = stories.len() as f32;
        let idf = |texts: f32| ((1.0 + all) / (1.0 + texts)).ln() + 1.0;
        let share = |texts: u32| (idf(texts as f32) / idf(0.0)).powi(2) * Self::WHOLE;
        Self(
            texts
                .into_iter()
                .map(|(word, texts)| (word, share(texts)))
                .collect(),
        )
    }

    /// How much a word's pieces count, up to [`Self::WHOLE`].
    pub fn of(&self, word: &str) -> f32 {
        self.0.get(&hash_word(word)).copied().unwrap_or(Self::WHOLE)
    }
}

/// What is learnt from. Without the titles of reports (TRAM) these are left for calibration.
pub fn stories(texts: &Texts, with_dev: bool, with_titles: bool, knobs: &Knobs) -> Vec<Story> {
    let mut dice = Dice::new(7);
    let mut stories = Vec::new();
    let mut add = |text: String, class: u32, count: f32, kind: Kind| {
        stories.push(Story {
            text,
            class,
            count,
            kind,
        });
    };
    let dev = texts.rel_dev.iter().filter(|_| with_dev);
    let labelled: Vec<&RelText> = texts.rel_train.iter().chain(dev).collect();
    let of = |src: &str, y: u8| -> Vec<&str> {
        let of = labelled.iter().filter(|t| t.src == src && t.y == y);
        of.map(|t| t.text.as_str()).collect()
    };
    let (hn, huffpost, chatter) = (of("hn", 0), of("huffpost", 0), of("ctiann", 0));
    let (alerts, tools, flaws) = (of("ctiann", 1), of("misp", 1), of("nvd", 1));

    // Titles.
    for text in hn.iter().chain(&chatter) {
        add((*text).to_string(), 0, 1.0, Kind::Labelled);
    }
    for text in &huffpost {
        add(first_sentence(text).to_string(), 0, 1.0, Kind::Made);
    }
    for text in &alerts {
        add((*text).to_string(), 1, 3.0, Kind::Short);
    }
    if with_titles {
        for (title, _) in reports(texts) {
            add(title.to_string(), 1, 3.0, Kind::Short);
        }
    }
    for term in GLOSSARY.lines() {
        add(term.to_string(), 1, 3.0, Kind::Labelled);
    }
    for name in &texts.names {
        if name.kind == "malware" || name.kind == "threat_actor" {
            add(name.name.clone(), 1, knobs.name_count, Kind::Cut);
        }
    }
    for _ in 0..CUT_TITLES {
        let title = cut_title(dice.pick::<&str>(&tools), &mut dice);
        add(title, 1, 1.0, Kind::Cut);
    }
    // Paragraphs.
    for text in &tools {
        add((*text).to_string(), 1, 1.0, Kind::Labelled);
    }
    for text in &flaws {
        add((*text).to_string(), 1, knobs.flaw_count, Kind::Labelled);
    }
    for text in &huffpost {
        add((*text).to_string(), 0, 1.0, Kind::Labelled);
    }
    for (titles, low, high) in [(&hn, 4, 9), (&hn, 2, 4), (&chatter, 4, 8)] {
        for text in joined(titles, low, high, &mut dice) {
            add(text, 0, 1.0, Kind::Made);
        }
    }
    stories
}

/// TRAM's reports: each one's title with its sentences.
fn reports(texts: &Texts) -> Vec<(&str, Vec<&str>)> {
    let mut reports: Vec<(&str, Vec<&str>)> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for text in &texts.tram {
        let place = *places.entry(&text.doc_title).or_insert_with(|| {
            reports.push((text.doc_title.trim(), Vec::new()));
            reports.len() - 1
        });
        reports[place].1.push(&text.text);
    }
    reports
}

/// Learns: first from labelled texts, which says how much each short text about security counts, then from all.
pub fn fit(
    vocabulary: &Vocabulary,
    pieces: &PieceVocabulary,
    stories: &[Story],
    knobs: &Knobs,
) -> Result<Fit, Failure> {
    let shares = Shares::count(vocabulary, stories);
    let mut rows = Rows::new(vocabulary.len() + pieces.len());
    for story in stories {
        rows.push(row(vocabulary, pieces, &shares, &story.text));
    }
    let labelled = |story: &Story| match story.kind {
        Kind::Labelled | Kind::Short => story.count,
        Kind::Made | Kind::Cut => 0.0,
    };
    let counts: Vec<f32> = stories.iter().map(labelled).collect();
    let first = learn(&rows, stories, &counts, knobs)?;
    let counts: Vec<f32> = stories
        .iter()
        .enumerate()
        .map(|(at, story)| match story.kind {
            Kind::Labelled | Kind::Made => story.count,
            Kind::Short | Kind::Cut => story.count / (1.0 + (-odds(&first, rows.row(at))).exp()),
        })
        .collect();
    let learnt = learn(&rows, stories, &counts, knobs)?;
    Ok(Fit { learnt, shares })
}

fn learn(rows: &Rows, stories: &[Story], counts: &[f32], knobs: &Knobs) -> Result<Learnt, Failure> {
    let picked: Vec<usize> = (0..stories.len())
        .filter(|at| counts[*at] >= LEAST_COUNT)
        .collect();
    let truths: Vec<u32> = picked.iter().map(|at| stories[*at].class).collect();
    let mut counts: Vec<f32> = picked.iter().map(|at| counts[*at]).collect();
    balanced(&truths, &mut counts, 2, 1.0);
    Lesson {
        rows: &rows.pick(&picked),
        truths: &truths,
        counts: &counts,
        classes: 2,
        c: knobs.relevance_c,
        rounds: knobs.rounds,
    }
    .learn()
}

/// The log-odds of security.
fn odds(learnt: &Learnt, row: impl Iterator<Item = (usize, f32)>) -> f32 {
    let sum: f32 = row.map(|(at, value)| value * learnt.weights[at]).sum();
    sum + learnt.bias[0]
}

fn row(
    vocabulary: &Vocabulary,
    pieces: &PieceVocabulary,
    shares: &Shares,
    text: &str,
) -> Vec<(u32, f32)> {
    let document = Document::new("", text);
    let mut row = vocabulary.row(&document);
    let first = vocabulary.len() as u32;
    let pieces = pieces.row(&document, |word| shares.of(word));
    row.extend(pieces.into_iter().map(|(piece, v)| (first + piece, v)));
    row
}

/// Calibrates, apart for titles and for longer texts, on reports and on the news of dev. All security
/// counts `security_count` of all else: how much of a team's feeds is about it is not known here.
pub fn calibrate(
    vocabulary: &Vocabulary,
    pieces: &PieceVocabulary,
    texts: &Texts,
    knobs: &Knobs,
) -> Result<Calibration, Failure> {
    let fit = fit(
        vocabulary,
        pieces,
        &stories(texts, false, false, knobs),
        knobs,
    )?;
    let mut dice = Dice::new(13);
    let mut held: Vec<(String, u32)> = Vec::new();
    for (title, sentences) in reports(texts) {
        held.push((title.to_string(), 1));
        let paragraphs = paragraphs(sentences.into_iter(), &mut dice);
        held.extend(paragraphs.into_iter().map(|text| (text, 1)));
    }
    let paragraphs = paragraphs(texts.reports.iter().map(String::as_str), &mut dice);
    held.extend(paragraphs.into_iter().map(|text| (text, 1)));
    for text in &texts.rel_dev {
        held.push((text.text.clone(), u32::from(text.y)));
        if text.src == "huffpost" {
            held.push((first_sentence(&text.text).to_string(), 0));
        }
    }
    let titles = texts.rel_dev.iter().filter(|t| t.src == "hn" && t.y == 0);
    let titles: Vec<&str> = titles.map(|t| t.text.as_str()).collect();
    held.extend(
        joined(&titles, 4, 9, &mut dice)
            .into_iter()
            .map(|text| (text, 0)),
    );

    let (mut short, mut long) = (Raw::default(), Raw::default());
    for (text, class) in held {
        let row = row(vocabulary, pieces, &fit.shares, &text);
        let odds = odds(
            &fit.learnt,
            row.into_iter().map(|(at, value)| (at as usize, value)),
        );
        let words = Document::new("", &text).tokens().len();
        let raw = if words <= SHORT_WORDS as usize {
            &mut short
        } else {
            &mut long
        };
        raw.push(vec![0.0, odds], class, 1.0);
    }
    for raw in [&mut short, &mut long] {
        balanced(&raw.truths, &mut raw.counts, 2, 1.0);
        for (truth, count) in raw.truths.iter().zip(&mut raw.counts) {
            *count *= if *truth == 1 {
                knobs.security_count
            } else {
                1.0
            };
        }
    }
    Ok(Calibration {
        short_words: SHORT_WORDS,
        short: short.scaling(1.0)?,
        long: long.scaling(1.0)?,
    })
}
