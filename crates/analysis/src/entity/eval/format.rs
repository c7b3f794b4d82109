//! The two formats of labelled texts: JSON lines with character offsets, and columns of tokens with BIO
//! labels.

use serde::Deserialize;

use super::Mistake;

/// A labelled text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labelled {
    /// The text. Tokens of columns are parted by blanks, sentences by lines.
    pub text: String,
    /// Its names: characters, half open, and the label.
    pub spans: Vec<(u32, u32, String)>,
    /// Where the file cuts tokens, in characters; empty where it has offsets of its own.
    pub tokens: Vec<(u32, u32)>,
}

/// How many sentences of columns are one text: about an article.
const ARTICLE: usize = 40;

#[derive(Deserialize)]
struct Offsets {
    text: String,
    #[serde(default)]
    entities: Vec<(u32, u32, String)>,
}

/// Reads either format; which one is told by the first character.
///
/// # Errors
/// The number of the first line (from 1) that is neither, and what is wrong with it.
pub fn read_labelled(lines: &str) -> Result<Vec<Labelled>, (usize, String)> {
    if lines.trim_start().starts_with('{') {
        return lines
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty())
            .map(|(at, line)| {
                let read: Offsets =
                    serde_json::from_str(line).map_err(|e| (at + 1, e.to_string()))?;
                Ok(Labelled {
                    text: read.text,
                    spans: read.entities,
                    tokens: Vec::new(),
                })
            })
            .collect();
    }
    columns(lines)
}

fn columns(lines: &str) -> Result<Vec<Labelled>, (usize, String)> {
    let mut out = Vec::new();
    let mut article = Labelled::default();
    let (mut sentences, mut chars) = (0, 0u32);
    let mut goes_on = false;
    for (at, line) in lines.lines().chain([""]).enumerate() {
        if line.trim().is_empty() {
            if article.text.ends_with(' ') {
                article.text.push('\n');
                chars += 1;
                sentences += 1;
            }
            if sentences == ARTICLE {
                out.push(std::mem::take(&mut article));
                (sentences, chars) = (0, 0);
            }
            goes_on = false;
            continue;
        }
        let (token, label) = line
            .split_once('\t')
            .ok_or_else(|| (at + 1, "it is no token and label parted by a tab".to_string()))?;
        let label = label.trim();
        let start = chars;
        article.text.push_str(token);
        chars += u32::try_from(token.chars().count()).unwrap_or(0);
        article.tokens.push((start, chars));
        match (label.split_once('-'), article.spans.last_mut()) {
            (Some(("I", kind)), Some(last)) if goes_on && last.2 == kind => last.1 = chars,
            (Some(("B" | "I", kind)), _) => article.spans.push((start, chars, kind.to_string())),
            _ if label == "O" => {}
            _ => return Err((at + 1, format!("`{label}` is no BIO label"))),
        }
        goes_on = label != "O";
        article.text.push(' ');
        chars += 1;
    }
    if !article.tokens.is_empty() {
        out.push(article);
    }
    Ok(out)
}

impl Labelled {
    /// A name widened to the file's tokens: what cuts words finer must not lose by it.
    pub(super) fn snap<'a>(&self, start: u32, end: u32, label: &'a str) -> (u32, u32, &'a str) {
        if self.tokens.is_empty() {
            return (start, end, label);
        }
        let first = self.tokens.partition_point(|t| t.1 <= start);
        let last = self.tokens.partition_point(|t| t.0 < end);
        match (self.tokens.get(first), last.checked_sub(1).and_then(|l| self.tokens.get(l))) {
            (Some(first), Some(last)) => (first.0.min(start), last.1.max(end), label),
            _ => (start, end, label),
        }
    }

    pub(super) fn mistake(&self, was_found: bool, one: &(u32, u32, &str)) -> Mistake {
        const AROUND: usize = 45;
        let (start, end) = (one.0 as usize, one.1 as usize);
        let mut context = String::new();
        let from = start.saturating_sub(AROUND);
        for (at, c) in self.text.chars().enumerate().skip(from).take(end + AROUND - from) {
            if at == start {
                context.push('⟦');
            }
            context.push(if c.is_control() { ' ' } else { c });
            if at + 1 == end {
                context.push('⟧');
            }
        }
        Mistake {
            was_found,
            label: one.2.to_string(),
            context,
        }
    }
}
