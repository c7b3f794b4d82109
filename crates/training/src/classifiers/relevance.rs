//! Relevance: is it about security at all?
//!
//! The labelled texts are few kinds: descriptions of vulnerabilities and of attackers' tools against headlines and
//! short news. So that a model learns the subject and not the kind, texts are cut to titles and joined to
//! paragraphs on both sides, and words count by their pieces too.

use std::collections::HashMap;

use tocsin_analysis::classify::Calibration;
use tocsin_analysis::eval::RelText;
use tocsin_analysis::text::Document;

use super::Texts;
use super::shape::{Dice, Knobs, SHORT_WORDS, cut_title, first_sentence, joined, paragraphs};
use super::vulnerability::balanced;
use crate::calibrate::Raw;
use crate::corpus::Failure;
use crate::pieces::PieceVocabulary;
use crate::regression::{Learnt, Lesson};
use crate::sparse::Rows;
use crate::vocabulary::Vocabulary;

/// A text with its class (1 for security) and how much it counts.
pub struct Story {
    pub text: String,
    pub class: u32,
    pub count: f32,
}

/// The model: weights of the vocabulary's features, then of the pieces.
pub struct Fit {
    pub learnt: Learnt,
}

/// What is learnt from. Without reports of attacks (TRAM, CyNER) these are left for calibration: texts of a kind
/// that the model did not meet, as news will be.
pub fn stories(texts: &Texts, with_dev: bool, with_reports: bool, knobs: &Knobs) -> Vec<Story> {
    let mut dice = Dice::new(7);
    let mut stories = Vec::new();
    let mut add = |text: String, class: u32, count: f32| stories.push(Story { text, class, count });
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
        add((*text).to_string(), 0, 1.0);
    }
    for text in &huffpost {
        add(first_sentence(text).to_string(), 0, 1.0);
    }
    for text in &alerts {
        add((*text).to_string(), 1, 3.0);
    }
    for _ in 0..5_000 {
        add(cut_title(dice.pick::<&str>(&tools), &mut dice), 1, 1.0);
    }
    for _ in 0..2_500 {
        add(
            cut_title(&dice.pick(&texts.vuln_train).desc, &mut dice),
            1,
            1.0,
        );
    }
    for name in &texts.names {
        if name.kind == "malware" || name.kind == "threat_actor" {
            add(name.name.clone(), 1, knobs.name_count);
        }
    }
    // Paragraphs.
    for text in tools.iter().chain(&flaws) {
        add((*text).to_string(), 1, 1.0);
    }
    for text in &huffpost {
        add((*text).to_string(), 0, 1.0);
    }
    for (titles, low, high) in [(&hn, 4, 9), (&hn, 2, 4), (&chatter, 4, 8)] {
        for text in joined(titles, low, high, &mut dice) {
            add(text, 0, 1.0);
        }
    }
    if with_reports {
        for _ in 0..3_000 {
            add(
                cut_title(dice.pick::<String>(&texts.reports), &mut dice),
                1,
                1.0,
            );
        }
        for sentence in &texts.reports {
            add(sentence.clone(), 1, 1.0);
        }
        for text in paragraphs(texts.reports.iter().map(String::as_str), &mut dice) {
            add(text, 1, 1.0);
        }
        for (title, sentences) in reports(texts) {
            add(title.to_string(), 1, 3.0);
            for text in paragraphs(sentences.iter().copied(), &mut dice) {
                add(text, 1, 1.0);
            }
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

/// Learns.
pub fn fit(
    vocabulary: &Vocabulary,
    pieces: &PieceVocabulary,
    stories: &[Story],
    knobs: &Knobs,
) -> Result<Fit, Failure> {
    let mut rows = Rows::new(vocabulary.len() + pieces.len());
    for story in stories {
        rows.push(row(vocabulary, pieces, &story.text));
    }
    let truths: Vec<u32> = stories.iter().map(|s| s.class).collect();
    let mut counts: Vec<f32> = stories.iter().map(|s| s.count).collect();
    balanced(&truths, &mut counts, 2, 1.0);
    let learnt = Lesson {
        rows: &rows,
        truths: &truths,
        counts: &counts,
        classes: 2,
        c: knobs.relevance_c,
        rounds: 60,
    }
    .learn()?;
    Ok(Fit { learnt })
}

fn row(vocabulary: &Vocabulary, pieces: &PieceVocabulary, text: &str) -> Vec<(u32, f32)> {
    let document = Document::new("", text);
    let mut row = vocabulary.row(&document);
    let first = vocabulary.len() as u32;
    row.extend(
        pieces
            .row(&document)
            .into_iter()
            .map(|(piece, v)| (first + piece, v)),
    );
    row
}

/// Calibrates, apart for titles and for longer texts, on reports and on the news of dev, security and the rest
/// counting alike: how much of a team's feeds is about security is not known here.
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
        let odds: f32 = row(vocabulary, pieces, &text)
            .into_iter()
            .map(|(feature, value)| value * fit.learnt.weights[feature as usize])
            .sum();
        let words = Document::new("", &text).tokens().len();
        let raw = if words <= SHORT_WORDS as usize {
            &mut short
        } else {
            &mut long
        };
        raw.push(vec![0.0, odds + fit.learnt.bias[0]], class, 1.0);
    }
    for raw in [&mut short, &mut long] {
        balanced(&raw.truths, &mut raw.counts, 2, 1.0);
    }
    Ok(Calibration {
        short_words: SHORT_WORDS,
        short: short.scaling(1.0)?,
        long: long.scaling(1.0)?,
    })
}
