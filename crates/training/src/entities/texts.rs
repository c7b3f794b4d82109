//! The labelled texts for taggers, and the plain texts that classes of words are learnt of.

use serde::Deserialize;
use tocsin_analysis::entity::Style;

use crate::corpus::{Corpus, Failure, NEWEST};

/// A labelled text: bytes, half open, and the label's name.
#[derive(Clone, Debug, Default)]
pub struct Labelled {
    /// The text.
    pub text: String,
    /// Its names, in order.
    pub spans: Vec<(usize, usize, String)>,
}

/// How many sentences of a report are taken together: about an article. The files keep the order of
/// sentences, but not where an article ends.
pub const ARTICLE: usize = 40;

#[derive(Deserialize)]
struct Offsets {
    text: String,
    entities: Vec<(usize, usize, String)>,
}

/// The texts of a file in either format, by the style that it is for.
pub fn labelled(corpus: &Corpus, name: &str, style: Style) -> Result<Vec<Labelled>, Failure> {
    let lines = corpus.lines(name)?;
    match style {
        Style::Advisory => lines
            .lines()
            .map(|line| {
                let read: Offsets =
                    serde_json::from_str(line).map_err(|e| format!("{name}: {e}"))?;
                Ok(from_offsets(read))
            })
            .collect(),
        Style::Report => Ok(from_columns(&lines)),
    }
}

fn from_offsets(read: Offsets) -> Labelled {
    let places: Vec<usize> = read
        .text
        .char_indices()
        .map(|(at, _)| at)
        .chain([read.text.len()])
        .collect();
    let byte = |at: usize| places.get(at).copied().unwrap_or(read.text.len());
    let mut spans: Vec<_> = read
        .entities
        .into_iter()
        .map(|(start, end, label)| (byte(start), byte(end), label))
        .collect();
    spans.sort();
    Labelled {
        text: read.text,
        spans,
    }
}

/// Sentences of tokens with BIO labels, tokens parted by blanks and sentences by lines.
fn from_columns(lines: &str) -> Vec<Labelled> {
    let mut out = Vec::new();
    let mut article = Labelled::default();
    let mut sentences = 0;
    for sentence in lines.split("\n\n") {
        let mut goes_on = false;
        for (token, label) in sentence.lines().filter_map(|line| line.split_once('\t')) {
            let start = article.text.len();
            article.text.push_str(token);
            let end = article.text.len();
            match (label.split_once('-'), article.spans.last_mut()) {
                (Some(("I", kind)), Some(last)) if goes_on && last.2 == kind => last.1 = end,
                (Some((_, kind)), _) => article.spans.push((start, end, kind.to_string())),
                (None, _) => {}
            }
            goes_on = label != "O";
            article.text.push(' ');
        }
        article.text.push('\n');
        sentences += 1;
        if sentences == ARTICLE {
            out.push(std::mem::take(&mut article));
            sentences = 0;
        }
    }
    if !article.text.trim().is_empty() {
        out.push(article);
    }
    out
}

#[derive(Deserialize)]
struct Plain {
    #[serde(default)]
    published: String,
    #[serde(default)]
    desc: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    y: Option<u8>,
}

/// The texts of the training files without labels; nothing that was published too late.
pub fn plain(corpus: &Corpus) -> Result<Vec<String>, Failure> {
    let mut out = Vec::new();
    for name in [
        "vuln_train.jsonl",
        "vuln_old.jsonl",
        "rel_train.jsonl",
        "tram_train.jsonl",
        "gazetteer_misp.jsonl",
        "ner_nvd_silver_train.jsonl",
    ] {
        for record in records(corpus, name)? {
            if record.published.as_str() < NEWEST {
                out.push(if record.text.is_empty() { record.desc } else { record.text });
            }
        }
    }
    let reports = labelled(corpus, "ner_cyner_train.tsv", Style::Report)?;
    out.extend(reports.into_iter().map(|r| r.text));
    Ok(out)
}

/// Texts that are not about security, and the prose of security: what ordinary words are counted in.
pub fn ordinary(corpus: &Corpus) -> Result<(Vec<String>, Vec<String>), Failure> {
    let news = records(corpus, "rel_train.jsonl")?
        .into_iter()
        .filter(|r| r.y == Some(0))
        .map(|r| r.text)
        .collect();
    let mut prose = Vec::new();
    for name in [
        "vuln_train.jsonl",
        "tram_train.jsonl",
        "gazetteer_misp.jsonl",
    ] {
        let texts = records(corpus, name)?.into_iter();
        prose.extend(
            texts
                .filter(|r| r.published.as_str() < NEWEST)
                .map(|r| if r.text.is_empty() { r.desc } else { r.text }),
        );
    }
    Ok((news, prose))
}

fn records(corpus: &Corpus, name: &str) -> Result<Vec<Plain>, Failure> {
    corpus
        .lines(name)?
        .lines()
        .map(|line| serde_json::from_str(line).map_err(|e| format!("{name}: {e}")))
        .collect()
}
