//! Slack as a sink: `chat.postMessage`, `auth.test`, `conversations.list` and an incoming webhook, below `/slack/`. It
//! checks what arrives as Slack does, and shows nothing to anybody.

mod blocks;
mod methods;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Clock;
use crate::sink::desk::{Answer, Asked, Desk};
use crate::sink::inbox::Arrival;
use crate::{ChatBehaviour, ChatLimits};

/// What the sink is started with. The default: a workspace "Acme" with the channels of [`SlackChannel::usual`].
#[derive(Debug, Clone)]
pub struct SlackOptions {
    /// The one token that is accepted.
    pub token: String,
    /// The last part of the webhook's path, which is its secret.
    pub webhook_secret: String,
    /// The channel that the webhook posts to, by id.
    pub webhook_channel: String,
    /// What the token may do.
    pub scopes: Vec<String>,
    /// The channels that there are.
    pub channels: Vec<SlackChannel>,
    /// How many messages are taken.
    pub limits: ChatLimits,
    /// How the sink behaves at first.
    pub behaviour: ChatBehaviour,
}

impl Default for SlackOptions {
    fn default() -> Self {
        let scopes = [
            "chat:write",
            "chat:write.public",
            "chat:write.customize",
            "channels:read",
            "groups:read",
        ];
        Self {
            token: "xoxb-tocsin-test-secret-slack".to_owned(),
            webhook_secret: "tocsin-test-secret-webhook".to_owned(),
            webhook_channel: "C0ALERTS".to_owned(),
            scopes: scopes.map(str::to_owned).to_vec(),
            channels: SlackChannel::usual(),
            limits: ChatLimits::SLACK,
            behaviour: ChatBehaviour::default(),
        }
    }
}

/// A channel of the workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlackChannel {
    /// `C0ALERTS`.
    pub id: String,
    /// `alerts`.
    pub name: String,
    /// Whether only members see it.
    pub is_private: bool,
    /// Whether nobody can write to it any more.
    pub is_archived: bool,
    /// Whether the app was invited.
    pub is_member: bool,
}

impl SlackChannel {
    /// A public channel that the app is a member of.
    pub fn new(id: &str, name: &str) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            is_private: false,
            is_archived: false,
            is_member: true,
        }
    }

    /// `#alerts` (the app is in it), `#general` (public, the app is not), `#old` (archived), `#soc` (private, the app is
    /// in it) and `#board` (private, the app is not).
    pub fn usual() -> Vec<Self> {
        let general = Self {
            is_member: false,
            ..Self::new("C0GENERAL", "general")
        };
        let old = Self {
            is_archived: true,
            ..Self::new("C0OLD", "old")
        };
        let soc = Self {
            is_private: true,
            ..Self::new("G0SOC", "soc")
        };
        let board = Self {
            is_private: true,
            is_member: false,
            ..Self::new("G0BOARD", "board")
        };
        vec![Self::new("C0ALERTS", "alerts"), general, old, soc, board]
    }
}

/// A message that reached the sink, taken or not.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SlackMessage {
    /// The channel's id; what was asked for where there is no such channel.
    pub channel: String,
    /// The fallback text as it was sent.
    pub text: String,
    /// The blocks as they were sent; `null` without any.
    pub blocks: Value,
    /// The message that it answers to.
    pub thread_ts: Option<String>,
    /// Everything that was sent. The token is no part of it.
    pub payload: Value,
    /// Its name, if it was taken.
    pub ts: Option<String>,
    /// Whether it came by the webhook.
    pub by_webhook: bool,
    /// `ok`, or why it was refused, or what went wrong.
    pub answer: String,
    /// When, by the replay's clock; RFC 3339 with `Z`.
    pub at: String,
    /// The same in milliseconds since 1970.
    pub at_ms: i64,
}

impl Arrival for SlackMessage {
    fn is_taken(&self) -> bool {
        self.ts.is_some()
    }

    fn identity(&self) -> String {
        let thread = self.thread_ts.as_deref().unwrap_or_default();
        format!("{}\0{thread}\0{}\0{}", self.channel, self.text, self.blocks)
    }
}

/// The running sink, a part of a [`crate::Replay`].
#[derive(Debug)]
pub struct SlackSink {
    token: String,
    webhook_secret: String,
    webhook_channel: String,
    scopes: Mutex<Vec<String>>,
    channels: Mutex<Vec<SlackChannel>>,
    pub(crate) desk: Desk<SlackMessage>,
    clock: Clock,
}

impl SlackSink {
    pub(crate) fn new(options: SlackOptions, clock: Clock) -> Self {
        Self {
            token: options.token,
            webhook_secret: options.webhook_secret,
            webhook_channel: options.webhook_channel,
            scopes: Mutex::new(options.scopes),
            channels: Mutex::new(options.channels),
            desk: Desk::new(options.behaviour, options.limits),
            clock,
        }
    }

    /// The one token that is accepted.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The path of the webhook: `replay.url(&replay.slack().webhook_path())` is its address, and a secret.
    pub fn webhook_path(&self) -> String {
        format!("/slack/services/T0ACME/B0TOCSIN/{}", self.webhook_secret)
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

    /// Changes what the token may do.
    pub fn set_scopes(&self, scopes: &[&str]) {
        let mut known = self.scopes.lock().unwrap_or_else(PoisonError::into_inner);
        *known = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    }

    /// Adds a channel, or replaces the one with the same id.
    pub fn set_channel(&self, channel: SlackChannel) {
        let mut channels = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
        channels.retain(|known| known.id != channel.id);
        channels.push(channel);
    }

    /// The messages that were taken, in order.
    pub fn messages(&self) -> Vec<SlackMessage> {
        self.desk.inbox.taken()
    }

    /// Every message that arrived with a good token, in order, taken or not.
    pub fn arrivals(&self) -> Vec<SlackMessage> {
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
    pub fn wait_for_messages(&self, count: usize, timeout: Duration) -> Vec<SlackMessage> {
        self.desk.inbox.wait(count, timeout)
    }

    /// The same without blocking the thread.
    pub async fn messages_reach(&self, count: usize, timeout: Duration) -> Vec<SlackMessage> {
        self.desk.inbox.reach(count, timeout).await
    }

    pub(crate) fn answer(&self, asked: &Asked<'_>) -> Answer {
        methods::answer(self, asked, self.clock.now())
    }

    /// A channel by `#name`, `name` or id.
    fn channel(&self, wanted: &str) -> Option<SlackChannel> {
        let channels = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
        let name = wanted.strip_prefix('#').unwrap_or(wanted);
        let found = channels.iter().find(|c| c.id == wanted || c.name == name);
        found.cloned()
    }

    fn channels(&self) -> Vec<SlackChannel> {
        let channels = self.channels.lock();
        channels.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn scopes(&self) -> Vec<String> {
        let scopes = self.scopes.lock();
        scopes.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A name that no message has: seconds and millionths, as Slack's.
    fn next_ts(&self, now: DateTime<Utc>) -> String {
        let ts = self.desk.number(now.timestamp_micros());
        format!("{}.{:06}", ts / 1_000_000, ts % 1_000_000)
    }
}
