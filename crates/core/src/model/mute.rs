//! Mutes: what is to be silent, for ever or until a moment.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Time, Watch};

/// What is to be silent. It is looked for as a watch is; an alert that it matches does not matter, and
/// stays stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Mute {
    /// What is looked for; its term names the mute.
    #[serde(flatten)]
    pub watch: Watch,
    /// When it ends; `None` = never.
    #[serde(default)]
    pub until: Option<Time>,
}

impl Mute {
    /// Whether it is over.
    #[must_use]
    pub fn has_ended(&self, now: Time) -> bool {
        self.until.is_some_and(|until| until <= now)
    }
}
