//! Records of the labelled files, a JSON object a line.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::EvalError;

/// One line of `vuln_*.jsonl`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct VulnText {
    /// The CVE's id.
    #[serde(default)]
    pub id: String,
    /// `2024-08-15`; empty where it is not known.
    #[serde(default)]
    pub published: String,
    /// The description.
    pub desc: String,
    /// `Low`, `Medium`, `High`.
    #[serde(default)]
    pub severity: Option<String>,
    /// One of 13 categories.
    #[serde(default)]
    pub category: Option<String>,
    /// Weaknesses, `CWE-79`.
    #[serde(default)]
    pub cwes: Vec<String>,
    /// The CVSS vector that the severity is from.
    #[serde(default)]
    pub vector: Option<String>,
}

/// One line of `rel_*.jsonl`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct RelText {
    /// The title, where the file keeps it apart.
    #[serde(default)]
    pub title: String,
    /// Title and text, or the text alone where there is a title.
    pub text: String,
    /// 1 for security, 0 for anything else.
    pub y: u8,
    /// Where it is from.
    #[serde(default)]
    pub src: String,
}

impl RelText {
    /// What the text's title is: the one it has, else its first sentence.
    #[must_use]
    pub fn title(&self) -> &str {
        if self.title.is_empty() {
            first_sentence(&self.text)
        } else {
            &self.title
        }
    }
}

/// One line of `tram_*.jsonl`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct TramText {
    /// The sentence.
    pub text: String,
    /// ATT&CK's id.
    pub label: String,
    /// The report that it is from.
    #[serde(default)]
    pub doc_title: String,
}

/// Up to the first full stop, question or exclamation mark with a blank behind it, or the first line.
#[must_use]
pub(crate) fn first_sentence(text: &str) -> &str {
    let text = text.trim();
    let bytes = text.as_bytes();
    let ends = |at: &usize| match bytes[*at] {
        b'\n' => true,
        b'.' | b'!' | b'?' => *at > 15 && bytes.get(at + 1).is_some_and(u8::is_ascii_whitespace),
        _ => false,
    };
    match (0..bytes.len()).find(ends) {
        // An ASCII byte is always a character of its own.
        Some(at) => text[..at].trim_end(),
        None => text,
    }
}

/// The records of a file; blank lines are skipped.
///
/// # Errors
/// [`EvalError::Malformed`] with the first line that is no such record.
pub fn read_lines<T: DeserializeOwned>(lines: &str) -> Result<Vec<T>, EvalError> {
    lines
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(at, line)| {
            serde_json::from_str(line).map_err(|e| EvalError::Malformed {
                line: at + 1,
                what: e.to_string(),
            })
        })
        .collect()
}
