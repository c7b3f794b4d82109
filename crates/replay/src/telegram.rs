//! Telegram's Bot API as a sink: `getMe`, `getUpdates`, `getChat` and `sendMessage` below `/telegram/bot<token>/`. It
//! parses what arrives as strictly as Telegram does, and shows nothing to anybody.

mod html;
mod methods;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Clock;
use crate::sink::desk::{Answer, Asked, Desk};
use crate::sink::inbox::Arrival;
use crate::{ChatBehaviour, ChatLimits};

pub use html::Entity;

/// What the sink is started with. The default: the bot `@tocsin_bot` with the chats of [`TelegramChat::usual`].
#[derive(Debug, Clone)]
pub struct TelegramOptions {
    /// The one token that is accepted.
    pub token: String,
    /// The chats that there are.
    pub chats: Vec<TelegramChat>,
    /// How many messages are taken.
    pub limits: ChatLimits,
    /// How the sink behaves at first.
    pub behaviour: ChatBehaviour,
}

impl Default for TelegramOptions {
    fn default() -> Self {
        Self {
            token: "123456789:AAAtocsin-test-secret-telegram-bot1".to_owned(),
            chats: TelegramChat::usual(),
            limits: ChatLimits::TELEGRAM,
            behaviour: ChatBehaviour::default(),
        }
    }
}

/// A chat that the bot knows of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TelegramChat {
    /// Its number; negative for groups and channels.
    pub id: i64,
    /// `private`, `group`, `supergroup` or `channel`.
    pub kind: String,
    /// Its title, or the first name of a person.
    pub title: String,
    /// Its name without `@`, where it is public.
    pub username: Option<String>,
    /// Whether the bot may write.
    pub state: ChatState,
}

/// Whether a bot may write to a chat.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ChatState {
    /// It may.
    #[default]
    Open,
    /// Nobody started the bot there: the chat is not found.
    Unknown,
    /// It was removed from the group or channel.
    Kicked,
    /// The person blocked it.
    Blocked,
    /// It may read and not write.
    NoRights,
    /// The group became a supergroup with this number.
    MovedTo {
        /// The number.
        id: i64,
    },
}

impl TelegramChat {
    /// A chat that the bot may write to.
    pub fn new(id: i64, kind: &str, title: &str) -> Self {
        Self {
            id,
            kind: kind.to_owned(),
            title: title.to_owned(),
            username: None,
            state: ChatState::Open,
        }
    }

    /// The same in another state.
    #[must_use]
    pub fn state(mut self, state: ChatState) -> Self {
        self.state = state;
        self
    }

    /// Ana (10001), the supergroup "SOC team" (-1001000000001), the group "Night shift" (-4001) and the public channel
    /// `@acme_alerts` (-1001000000002).
    pub fn usual() -> Vec<Self> {
        let alerts = Self {
            username: Some("acme_alerts".to_owned()),
            ..Self::new(-1_001_000_000_002, "channel", "Acme alerts")
        };
        vec![
            Self::new(10_001, "private", "Ana"),
            Self::new(-1_001_000_000_001, "supergroup", "SOC team"),
            Self::new(-4_001, "group", "Night shift"),
            alerts,
        ]
    }
}

/// A message that reached the sink, taken or not.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TelegramMessage {
    /// The chat as it was asked for: its number, or `@name`.
    pub chat_id: String,
    /// The text as it was sent.
    pub sent: String,
    /// `HTML`, or nothing for plain text.
    pub parse_mode: Option<String>,
    /// The text as people see it, if it could be parsed.
    pub text: String,
    /// What is marked in it.
    pub entities: Vec<Entity>,
    /// Whether it came without a sound.
    pub is_silent: bool,
    /// Everything that was sent. The token is no part of it.
    pub payload: Value,
    /// Its number in the chat, if it was taken.
    pub message_id: Option<i64>,
    /// `ok`, or why it was refused, or what went wrong.
    pub answer: String,
    /// When, by the replay's clock; RFC 3339 with `Z`.
    pub at: String,
    /// The same in milliseconds since 1970.
    pub at_ms: i64,
}

impl Arrival for TelegramMessage {
    fn is_taken(&self) -> bool {
        self.message_id.is_some()
    }

    fn identity(&self) -> String {
        format!("{}\0{}", self.chat_id, self.sent)
    }
}

/// The running sink, a part of a [`crate::Replay`].
#[derive(Debug)]
pub struct TelegramSink {
    token: String,
    chats: Mutex<Vec<TelegramChat>>,
    updates: Mutex<Vec<Value>>,
    pub(crate) desk: Desk<TelegramMessage>,
    clock: Clock,
}

impl TelegramSink {
    pub(crate) fn new(options: TelegramOptions, clock: Clock) -> Self {
        let sink = Self {
            token: options.token,
            chats: Mutex::new(options.chats),
            updates: Mutex::default(),
            desk: Desk::new(options.behaviour, options.limits),
            clock,
        };
        for chat in sink.chats() {
            sink.hear(&chat, "/start");
        }
        sink
    }

    /// The one token that is accepted. It is a part of every path.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Changes how the sink behaves, from the next request on; the dice begin anew.
    pub fn set_behaviour(&self, behaviour: ChatBehaviour) {
        self.desk.set_behaviour(behaviour);
    }

    /// How it behaves; `times` is what is left of them.
    pub fn behaviour(&self) -> ChatBehaviour {
        self.desk.behaviour()
    }

    /// Changes how many messages are taken.
    pub fn set_limits(&self, limits: ChatLimits) {
        self.desk.set_limits(limits);
    }

    /// Adds a chat, or replaces the one with the same number.
    pub fn set_chat(&self, chat: TelegramChat) {
        let mut chats = self.chats.lock().unwrap_or_else(PoisonError::into_inner);
        chats.retain(|known| known.id != chat.id);
        chats.push(chat);
    }

    /// Somebody writes in a chat: `getUpdates` tells it.
    pub fn hear(&self, chat: &TelegramChat, text: &str) {
        let mut updates = self.updates.lock().unwrap_or_else(PoisonError::into_inner);
        let last = updates
            .last()
            .and_then(|update| update["update_id"].as_i64());
        let id = last.map_or(1, |last| last + 1);
        updates.push(methods::update(id, chat, text, self.clock.now()));
    }

    /// Forgets what was not fetched by `getUpdates` yet.
    pub fn clear_updates(&self) {
        let mut updates = self.updates.lock().unwrap_or_else(PoisonError::into_inner);
        updates.clear();
    }

    /// The messages that were taken, in order.
    pub fn messages(&self) -> Vec<TelegramMessage> {
        self.desk.inbox.taken()
    }

    /// Every message that arrived with a good token, in order, taken or not.
    pub fn arrivals(&self) -> Vec<TelegramMessage> {
        self.desk.inbox.all()
    }

    /// How many messages arrived.
    pub fn arrived(&self) -> usize {
        self.desk.inbox.count()
    }

    /// How often a message came beyond a limit.
    pub fn exceeded(&self) -> usize {
        self.desk.counts.exceeded()
    }

    /// How many of the messages that were taken had been taken before, word for word.
    pub fn duplicates(&self) -> usize {
        self.desk.inbox.duplicates()
    }

    /// Forgets what arrived and what was counted.
    pub fn clear(&self) {
        self.desk.clear();
    }

    /// Waits until `count` messages in all were taken, or for `timeout`; returns those. Blocks the thread.
    pub fn wait_for_messages(&self, count: usize, timeout: Duration) -> Vec<TelegramMessage> {
        self.desk.inbox.wait(count, timeout)
    }

    /// The same without blocking the thread.
    pub async fn messages_reach(&self, count: usize, timeout: Duration) -> Vec<TelegramMessage> {
        self.desk.inbox.reach(count, timeout).await
    }

    pub(crate) fn answer(&self, asked: &Asked<'_>) -> Answer {
        methods::answer(self, asked, self.clock.now())
    }

    /// A chat by its number or `@name`.
    fn chat(&self, wanted: &str) -> Option<TelegramChat> {
        let chats = self.chats.lock().unwrap_or_else(PoisonError::into_inner);
        let name = wanted.strip_prefix('@');
        let found = chats.iter().find(|chat| match name {
            Some(name) => {
                let known = chat.username.as_deref();
                known.is_some_and(|known| known.eq_ignore_ascii_case(name))
            }
            None => wanted.parse() == Ok(chat.id),
        });
        found.cloned()
    }

    fn chats(&self) -> Vec<TelegramChat> {
        let chats = self.chats.lock();
        chats.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What was heard from number `offset` on; what is before it is forgotten. A negative one counts from the end.
    fn updates(&self, offset: i64, limit: usize) -> Vec<Value> {
        let mut updates = self.updates.lock().unwrap_or_else(PoisonError::into_inner);
        let skipped = match usize::try_from(offset.unsigned_abs()) {
            Ok(from_end) if offset < 0 => updates.len().saturating_sub(from_end),
            _ => updates
                .iter()
                .take_while(|update| update["update_id"].as_i64() < Some(offset))
                .count(),
        };
        updates.drain(..skipped);
        updates.iter().take(limit).cloned().collect()
    }
}
