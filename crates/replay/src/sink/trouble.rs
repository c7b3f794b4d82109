//! What goes wrong at a chat service, on demand or by dice, as a test or the command line says it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::dice::Dice;
use crate::RateLimit;
use crate::times::millis;

/// What goes wrong with one request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Trouble {
    /// The service's own error. Slack's is a word, `not_in_channel`, in a 200 (at a webhook: the body, with the status
    /// that belongs to it). Telegram's is the description, `Forbidden: bot was kicked from the group chat`, whose
    /// beginning says the status.
    Error {
        /// The word, or the description.
        error: String,
    },
    /// A bare HTTP status with a page of a proxy's.
    Status {
        /// 500, 502, 503 ...
        status: u16,
    },
    /// 429, as beyond a limit.
    TooMany {
        /// How long to wait, seconds.
        retry_after_s: u64,
    },
    /// A 200 with a page of somebody else's, such as a network's log-in; the message is not taken.
    Garbage,
    /// The request is read and the connection closed without an answer; the message is not taken.
    CloseUntaken,
    /// The message is taken and the connection closed without an answer: the client cannot know.
    CloseTaken,
    /// The message is taken and the answer ends in its middle.
    CutTaken,
}

impl Trouble {
    /// The service's own error.
    pub fn error(error: &str) -> Self {
        Self::Error {
            error: error.to_owned(),
        }
    }
}

/// Messages that fail at random: the same for the same seed and order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RandomTrouble<T = Trouble> {
    /// Where the dice begin.
    pub seed: u64,
    /// So many messages of a hundred fail.
    pub percent: u8,
    /// How: one of these each time, all alike often; one that stands here twice is twice as frequent.
    pub troubles: Vec<T>,
}

impl<T> RandomTrouble<T> {
    pub(crate) fn dice(this: Option<&Self>) -> Dice {
        this.map_or_else(Dice::default, |random| Dice::new(random.seed))
    }

    pub(crate) fn throw(&self, dice: &mut Dice) -> Option<&T> {
        dice.pick(self.percent, &self.troubles)
    }
}

/// How a chat service behaves. The default: as it does on a good day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ChatBehaviour {
    /// What goes wrong with each request.
    pub trouble: Option<Trouble>,
    /// Only with this method: `chat.postMessage`, `auth.test`, `webhook`, `sendMessage` ...
    pub only: Option<String>,
    /// Only so many times.
    pub times: Option<u32>,
    /// What goes wrong with messages at random.
    pub random: Option<RandomTrouble>,
    /// Wait so long before a request is looked at.
    #[serde(rename = "delay_ms", with = "millis")]
    pub delay: Duration,
    /// Wait so long between taking a message and saying so.
    #[serde(rename = "answer_delay_ms", with = "millis")]
    pub answer_delay: Duration,
}

impl ChatBehaviour {
    /// This goes wrong with each request.
    pub fn failing(trouble: Trouble) -> Self {
        Self {
            trouble: Some(trouble),
            ..Self::default()
        }
    }

    /// Only with this method.
    pub fn only(mut self, method: &str) -> Self {
        self.only = Some(method.to_owned());
        self
    }

    /// Only so many times.
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }
}

/// How many messages a chat service takes, counted by the replay's clock. What is beyond is answered with 429.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ChatLimits {
    /// In one channel or chat.
    pub per_destination: Option<RateLimit>,
    /// In one group (Telegram: what has a negative number or a name).
    pub per_group: Option<RateLimit>,
    /// Of one bot, whereto it may be.
    pub per_bot: Option<RateLimit>,
}

impl ChatLimits {
    /// Slack's: 1 a second and channel.
    pub const SLACK: Self = Self {
        per_destination: Some(RateLimit {
            requests: 1,
            window: Duration::from_secs(1),
        }),
        per_group: None,
        per_bot: None,
    };

    /// Telegram's: 1 a second and chat, 20 a minute and group, 30 a second and bot.
    pub const TELEGRAM: Self = Self {
        per_destination: Some(RateLimit {
            requests: 1,
            window: Duration::from_secs(1),
        }),
        per_group: Some(RateLimit {
            requests: 20,
            window: Duration::from_secs(60),
        }),
        per_bot: Some(RateLimit {
            requests: 30,
            window: Duration::from_secs(1),
        }),
    };

    /// None.
    pub const NONE: Self = Self {
        per_destination: None,
        per_group: None,
        per_bot: None,
    };

    /// The same in windows so many times shorter.
    #[must_use]
    pub fn faster(self, times: u32) -> Self {
        let faster = |limit: Option<RateLimit>| {
            limit.map(|limit| RateLimit {
                window: limit.window.checked_div(times).unwrap_or(limit.window),
                ..limit
            })
        };
        Self {
            per_destination: faster(self.per_destination),
            per_group: faster(self.per_group),
            per_bot: faster(self.per_bot),
        }
    }
}
