//! A loopback server that answers as the real sites and services do, from recorded material.
//!
//! It knows wire formats only and depends on nothing of Tocsin's own, so that a mistake in the product cannot be
//! repeated here. Tests, the demo, the benchmarks and `cargo xtask replay` use it. It never leaves the loopback
//! interface and never writes into the corpus.
//!
//! The map: [`Replay`] is the whole, started from [`Options`]. `corpus` reads the recorded material (or the small
//! built-in fixtures), `http` answers from it, [`smtp`], `slack` and `telegram` receive messages, `clock` says what time
//! it is. Where real paths are served:
//!
//! | path | what |
//! |---|---|
//! | `/rest/json/cves/2.0` | NVD CVE API 2.0 |
//! | `/sites/default/files/feeds/known_exploited_vulnerabilities.json` | KEV (mirror: `/cisagov/kev-data/develop/...`) |
//! | `/epss_scores-current.csv.gz`, `/data/v1/epss` | EPSS file and API |
//! | `/Top10/...`, `/API-Security/...` | OWASP pages: every folder under `owasp/` |
//! | `/feeds/...`, `/feeds/<folder>/current.xml`, `/TheHackersNews`, `/cybersecurity-advisories/all.xml` | feeds |
//! | `/feeds/json/cve/<2.0 or 1.1>/nvdcve-<form>-<year, recent or modified>.json[.gz]`, `.meta` | NVD's data files, in the form of today and the one before |
//! | `/slack/api/{chat.postMessage, auth.test, conversations.list}`, `/slack/services/T/B/X` | Slack's Web API, an incoming webhook |
//! | `/telegram/bot<token>/{getMe, getUpdates, getChat, sendMessage}` | Telegram's Bot API |
//! | `/_replay/...` | clock, faults, requests, mail and chat, for tests in other processes |
//!
//! What can go wrong is a [`Fault`], by path and count: a status with headers and a body (403, 404 with `message`, 429 with
//! `retry-after` 0 or a date, 503, 520), a redirect (to itself, to another host), garbage, latency, a body that is cut or
//! drips, a wrong `content-encoding`, a bomb ([`Packing`]). Over TLS the asked name says what is wrong with the
//! certificate: see [`Replay::tls_address`]. What goes wrong at a service that takes messages is its own behaviour, on
//! demand or at random by a seed: [`ChatBehaviour`], [`SmtpBehaviour`].

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod clock;
mod corpus;
mod error;
mod http;
mod replay;
mod secrets;
mod sink;
mod slack;
pub mod smtp;
mod telegram;
mod times;
mod worker;

pub use crate::corpus::Problems;
pub use crate::error::Error;
pub use crate::http::bombs::Packing;
pub use crate::http::faults::Fault;
pub use crate::http::limit::{RateLimit, TooMany};
pub use crate::http::requests::Request;
pub use crate::replay::{NvdRules, Options, Replay, Summary};
pub use crate::secrets::{SECRET_MARK, files_with_secrets, holds_secret};
pub use crate::sink::trouble::{ChatBehaviour, ChatLimits, RandomTrouble, Trouble};
pub use crate::slack::{SlackChannel, SlackMessage, SlackOptions, SlackSink};
pub use crate::smtp::{MailTrouble, Message, SmtpBehaviour, SmtpOptions, SmtpSink};
pub use crate::telegram::{
    ChatState, Entity, TelegramChat, TelegramMessage, TelegramOptions, TelegramSink,
};
