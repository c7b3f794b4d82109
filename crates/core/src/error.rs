//! What crosses a border when something is wrong: a code to act on, the parts of a sentence, and the
//! sentence itself in English for logs and the API. Nothing ever matches on the sentence.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A problem that is shown, stored or sent over a wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Fault {
    /// What the interface words the problem by, `snake_case` with the subject first:
    /// `nvd_key_refused`, `smtp_auth_failed`.
    pub code: String,
    /// The parts that the wording needs, by name.
    #[serde(default)]
    pub params: BTreeMap<String, String>,
    /// What happened, to what, and what the user can do, in English. Never holds a secret.
    pub message: String,
}

impl Fault {
    /// A fault without parts.
    #[must_use]
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            params: BTreeMap::new(),
            message: message.into(),
        }
    }

    /// Adds a part of the sentence.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.params.insert(name.to_owned(), value.to_string());
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}
