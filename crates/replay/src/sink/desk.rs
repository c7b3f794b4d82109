//! The part of a chat service that is no format: how it behaves now, what it counted, what arrived.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use super::counts::Counts;
use super::dice::Dice;
use super::inbox::{Arrival, Inbox};
use super::trouble::{ChatBehaviour, ChatLimits, RandomTrouble, Trouble};
use crate::http::reply::Reply;
use crate::times::format_rfc3339;

/// A request, as far as a chat service looks at it.
pub(crate) struct Asked<'a> {
    pub(crate) method: &'a axum::http::Method,
    /// The path behind `/slack` or `/telegram`.
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) headers: &'a axum::http::HeaderMap,
    pub(crate) body: &'a [u8],
}

impl Asked<'_> {
    /// A header's value, empty where there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
}

/// An answer, and what becomes of its connection.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) reply: Reply,
    pub(crate) end: End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// It is sent as it is.
    Whole,
    /// It ends after so many bytes of the body.
    Cut(usize),
    /// Nothing is sent.
    Closed,
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        let end = End::Whole;
        Self { reply, end }
    }
}

impl Answer {
    /// The connection is closed without an answer.
    pub(crate) fn closed() -> Self {
        Self {
            reply: Reply::status(axum::http::StatusCode::OK),
            end: End::Closed,
        }
    }

    /// The answer of a message that was taken, spoilt if that is asked for.
    pub(crate) fn of_taken(reply: Reply, trouble: Option<&Trouble>) -> Self {
        let end = match trouble {
            Some(Trouble::CloseTaken) => End::Closed,
            Some(Trouble::CutTaken) => End::Cut(reply.body.len() / 2),
            _ => End::Whole,
        };
        Self { reply, end }
    }
}

#[derive(Debug)]
pub(crate) struct Desk<M> {
    state: Mutex<State>,
    pub(crate) counts: Counts,
    pub(crate) inbox: Inbox<M>,
}

#[derive(Debug)]
struct State {
    behaviour: ChatBehaviour,
    limits: ChatLimits,
    dice: Dice,
    /// The last number that was handed out.
    last: i64,
}

impl<M: Arrival> Desk<M> {
    pub(crate) fn new(behaviour: ChatBehaviour, limits: ChatLimits) -> Self {
        let dice = RandomTrouble::dice(behaviour.random.as_ref());
        Self {
            state: Mutex::new(State {
                behaviour,
                limits,
                dice,
                last: 0,
            }),
            counts: Counts::default(),
            inbox: Inbox::new(),
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn behaviour(&self) -> ChatBehaviour {
        self.state().behaviour.clone()
    }

    pub(crate) fn set_behaviour(&self, behaviour: ChatBehaviour) {
        let mut state = self.state();
        state.dice = RandomTrouble::dice(behaviour.random.as_ref());
        state.behaviour = behaviour;
    }

    pub(crate) fn limits(&self) -> ChatLimits {
        self.state().limits
    }

    pub(crate) fn set_limits(&self, limits: ChatLimits) {
        self.state().limits = limits;
    }

    /// What goes wrong with this request, counted as used. The dice are thrown for messages alone.
    pub(crate) fn trouble(&self, method: &str, is_message: bool) -> Option<Trouble> {
        let mut state = self.state();
        let State {
            behaviour, dice, ..
        } = &mut *state;
        let is_meant = behaviour.only.as_deref().is_none_or(|only| only == method);
        if is_meant && behaviour.times != Some(0) && behaviour.trouble.is_some() {
            if let Some(times) = &mut behaviour.times {
                *times -= 1;
            }
            return behaviour.trouble.clone();
        }
        let random = behaviour.random.as_ref().filter(|_| is_message)?;
        random.throw(dice).cloned()
    }

    /// A number that was not handed out yet: the one that is asked for, or the next free one.
    pub(crate) fn number(&self, wanted: i64) -> i64 {
        let mut state = self.state();
        state.last = wanted.max(state.last + 1);
        state.last
    }

    /// Forgets what arrived and what was counted; numbers go on.
    pub(crate) fn clear(&self) {
        self.inbox.clear();
        self.counts.clear();
    }
}

/// Whole seconds to wait, one at least: what the services say.
pub(crate) fn whole_seconds(wait: TimeDelta) -> u64 {
    let ms = u64::try_from(wait.num_milliseconds()).unwrap_or(0);
    ms.max(1).div_ceil(1000)
}

/// When something arrived: as text, and as milliseconds since 1970.
pub(crate) fn moment(now: DateTime<Utc>) -> (String, i64) {
    (format_rfc3339(now), now.timestamp_millis())
}
