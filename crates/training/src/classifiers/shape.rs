//! What the knobs are, and how texts are cut and joined so that models see the shapes that they will meet: titles,
//! paragraphs, names. Everything that looks random is drawn from a fixed seed.

use serde::Deserialize;
use tocsin_analysis::eval::read_lines;

use super::Named;
use crate::corpus::Failure;

/// Texts of at most so many words are calibrated as titles.
pub const SHORT_WORDS: u32 = 20;

/// What was chosen by experiment (docs/analysis.md says how).
#[derive(Clone, Debug)]
pub struct Knobs {
    /// Every so-manieth text is learnt from, for learning curves.
    pub part: usize,
    /// A word is in at least so many texts.
    pub least_texts: u32,
    /// A pair of words is in at least so many.
    pub least_pair: u32,
    /// C of the severity's own classes.
    pub level_c: f64,
    /// C of the vector's parts.
    pub vector_c: f64,
    /// The share of the opinion by vector.
    pub vector_share: f32,
    /// C of category.
    pub category_c: f64,
    /// How far classes are balanced: 0 not at all, 1 wholly.
    pub category_balance: f64,
    /// How much a text of `vuln_old` counts.
    pub old_count: f32,
    /// The same for severity.
    pub level_balance: f64,
    /// C of relevance.
    pub relevance_c: f64,
    /// How much a bare name counts.
    pub name_count: f32,
    /// How much a description of a vulnerability counts for relevance: alerts of that kind need no model.
    pub flaw_count: f32,
    /// How much all security counts beside all else when relevance is calibrated.
    pub security_count: f32,
    /// The most rounds of a fit.
    pub rounds: u64,
    /// The most rounds of the fit of techniques, each of which is dear.
    pub technique_rounds: u64,
    /// C of technique.
    pub technique_c: f64,
    /// How much words and pairs count beside the pieces of words.
    pub technique_words: f32,
    /// Words of a higher inverse document frequency have no row of their own for techniques.
    pub rare_idf: f32,
    /// A piece of words is in at least so many texts.
    pub least_piece: u32,
    /// How far techniques are balanced.
    pub technique_balance: f64,
}

impl Default for Knobs {
    fn default() -> Self {
        Self {
            part: 1,
            least_texts: 3,
            least_pair: 6,
            level_c: 2.0,
            vector_c: 2.0,
            vector_share: 0.5,
            category_c: 8.0,
            category_balance: 0.3,
            old_count: 0.3,
            level_balance: 0.0,
            relevance_c: 8.0,
            name_count: 0.1,
            flaw_count: 0.3,
            security_count: 0.5,
            rounds: 100,
            technique_rounds: 100,
            technique_c: 10.0,
            technique_words: 0.02,
            rare_idf: 8.8,
            least_piece: 6,
            technique_balance: 1.0,
        }
    }
}

impl Knobs {
    /// The chosen ones, changed by TOCSIN_TRAIN_KNOBS (`category_c=4 old_count=0`) for experiments.
    pub fn from_words() -> Result<Self, Failure> {
        let mut knobs = Self::default();
        let words = std::env::var("TOCSIN_TRAIN_KNOBS").unwrap_or_default();
        for word in words.split_whitespace() {
            let (name, value) = word
                .split_once('=')
                .ok_or_else(|| format!("`{word}` is no name=value"))?;
            let value: f64 = value
                .parse()
                .map_err(|_| format!("`{value}` is no number"))?;
            knobs.set(name, value)?;
        }
        Ok(knobs)
    }

    fn set(&mut self, name: &str, value: f64) -> Result<(), Failure> {
        match name {
            "part" => self.part = value as usize,
            "least_pair" => self.least_pair = value as u32,
            "least_texts" => self.least_texts = value as u32,
            "least_piece" => self.least_piece = value as u32,
            "level_c" => self.level_c = value,
            "level_balance" => self.level_balance = value,
            "vector_c" => self.vector_c = value,
            "vector_share" => self.vector_share = value as f32,
            "category_c" => self.category_c = value,
            "category_balance" => self.category_balance = value,
            "old_count" => self.old_count = value as f32,
            "relevance_c" => self.relevance_c = value,
            "name_count" => self.name_count = value as f32,
            "flaw_count" => self.flaw_count = value as f32,
            "security_count" => self.security_count = value as f32,
            "rounds" => self.rounds = value as u64,
            "technique_rounds" => self.technique_rounds = value as u64,
            "technique_c" => self.technique_c = value,
            "technique_words" => self.technique_words = value as f32,
            "technique_balance" => self.technique_balance = value,
            "rare_idf" => self.rare_idf = value as f32,
            _ => return Err(format!("there is no knob `{name}`")),
        }
        Ok(())
    }
}

/// A generator of numbers that look random (splitmix64).
pub struct Dice(u64);

impl Dice {
    /// A generator that always begins the same.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from `low` to `high`, both possible.
    pub fn between(&mut self, low: usize, high: usize) -> usize {
        low + (self.next() % (high - low + 1) as u64) as usize
    }

    /// One of them.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.between(0, from.len() - 1)]
    }

    /// Another order.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.between(0, at));
        }
    }
}

/// A row of words out of a text's first sentence, as long as a title; more often its beginning.
pub fn cut_title(text: &str, dice: &mut Dice) -> String {
    let words: Vec<&str> = first_sentence(text).split_whitespace().collect();
    let length = dice.between(5, 14).min(words.len());
    let first = if dice.between(0, 9) < 6 {
        0
    } else {
        dice.between(0, words.len() - length)
    };
    words[first..first + length].join(" ")
}

/// Neighbouring sentences joined to paragraphs of some 250 to 650 characters.
pub fn paragraphs<'a>(sentences: impl Iterator<Item = &'a str>, dice: &mut Dice) -> Vec<String> {
    let mut found = Vec::new();
    let mut paragraph = String::new();
    let mut wanted = dice.between(250, 650);
    for sentence in sentences {
        if !paragraph.is_empty() {
            paragraph.push(' ');
        }
        paragraph.push_str(sentence);
        if paragraph.len() >= wanted {
            found.push(std::mem::take(&mut paragraph));
            wanted = dice.between(250, 650);
        }
    }
    found
}

/// Titles joined to texts of several sentences: there are few long texts that are not about security.
pub fn joined(titles: &[&str], low: usize, high: usize, dice: &mut Dice) -> Vec<String> {
    let mut titles = titles.to_vec();
    dice.shuffle(&mut titles);
    let mut found = Vec::new();
    let mut rest = titles.as_slice();
    while !rest.is_empty() {
        let count = dice.between(low, high).min(rest.len());
        found.push(rest[..count].join(". "));
        rest = &rest[count..];
    }
    found
}

/// Up to the first full stop, question or exclamation mark with a blank behind it, or the first line.
pub fn first_sentence(text: &str) -> &str {
    let text = text.trim();
    let bytes = text.as_bytes();
    let ends = |at: &usize| match bytes[*at] {
        b'\n' => true,
        b'.' | b'!' | b'?' => *at > 15 && bytes.get(at + 1).is_some_and(u8::is_ascii_whitespace),
        _ => false,
    };
    (0..bytes.len())
        .find(ends)
        .map_or(text, |at| text[..at].trim_end())
}

/// The sentences of a file with a token a line and a blank line between sentences, as they read.
pub fn sentences_of_tokens(lines: &str) -> Vec<String> {
    let mut sentences = Vec::new();
    let mut sentence = String::new();
    for line in lines.lines().chain([""]) {
        let token = line.split('\t').next().unwrap_or_default().trim();
        if line.trim().is_empty() {
            if !sentence.is_empty() {
                sentences.push(std::mem::take(&mut sentence));
            }
            continue;
        }
        let closes = token.len() == 1 && ".,;:!?%)]".contains(token);
        let opened = sentence.ends_with(['(', '[']);
        if !sentence.is_empty() && !closes && !opened {
            sentence.push(' ');
        }
        sentence.push_str(token);
    }
    sentences
}

/// The gazetteer's names.
pub fn names(lines: &str) -> Result<Vec<Named>, Failure> {
    #[derive(Deserialize)]
    struct Line {
        name: String,
        r#type: String,
        #[serde(default)]
        external_id: Option<String>,
        #[serde(default)]
        desc: Option<String>,
    }
    let lines: Vec<Line> = read_lines(lines).map_err(|e| format!("gazetteer_misp: {e}"))?;
    Ok(lines
        .into_iter()
        .map(|line| Named {
            name: line.name,
            kind: line.r#type,
            id: line.external_id.unwrap_or_default(),
            about: line.desc.unwrap_or_default(),
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_read_as_sentences() {
        let lines = "A\tO\nRAT\tB-Malware\n(\tO\nnew\tO\n)\tO\n.\tO\n\nNext\tO\n";
        assert_eq!(sentences_of_tokens(lines), ["A RAT (new).", "Next"]);
    }

    #[test]
    fn dice_fall_the_same_each_time() {
        let mut list: Vec<u32> = (0..10).collect();
        Dice::new(1).shuffle(&mut list);
        let mut again: Vec<u32> = (0..10).collect();
        Dice::new(1).shuffle(&mut again);
        assert_eq!(list, again);
        assert_ne!(list, (0..10).collect::<Vec<_>>());
    }

    #[test]
    fn a_cut_title_is_of_the_first_sentence() {
        let mut dice = Dice::new(3);
        for _ in 0..50 {
            let title = cut_title("one two three four five six seven. eight", &mut dice);
            assert!(!title.contains("eight") && title.split(' ').count() >= 5);
        }
        assert_eq!(cut_title("short", &mut dice), "short");
    }
}
