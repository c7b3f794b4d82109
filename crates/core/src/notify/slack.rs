//! Slack: as a bot by its Web API, or by an incoming webhook.
//!
//! Slack answers HTTP 200 to almost everything and says what is wrong by a word in the answer, so each word is
//! a decision here: somebody must act and the channel stops, this message is never taken, or it is tried again.
//! Nothing matches on sentences. Token and webhook never stand in a fault.
//! <https://docs.slack.dev/reference/methods/chat.postMessage>

mod answer;

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use super::service::Service;
use super::{
    Channel, Message, Pace, Place, Receipt, Rendered, SendError, TestStep, digest, failed_step,
    message_step, paces, render, step,
};
use crate::error::Fault;
use crate::http::{Http, Post, Response};
use crate::model::{ChangeKind, Severity};
use crate::secrets::Secret;
use crate::settings::{Limits, SlackSettings};

/// What Slack allows: a message a second and channel.
const USUAL: Limits = Limits {
    gap_ms: 1000,
    per_minute: 0,
    per_second: 0,
};
/// Pages of places that are asked for, of 200 each.
const MOST_PAGES: usize = 5;

/// A configured channel of Slack.
pub struct Slack {
    service: Service,
    door: Door,
    limits: Limits,
}

/// How messages go in.
enum Door {
    Bot {
        base_url: String,
        /// `#alerts`, or an id.
        channel: Option<String>,
        /// The bot's name, once a test asked for it.
        name: Mutex<Option<String>>,
    },
    Webhook,
}

impl Slack {
    /// Takes settings and secrets; the token wins over the webhook.
    ///
    /// # Errors
    /// `slack_no_token`, `slack_webhook_invalid`, `channel_bad_url`. A bot without a channel is made, and its
    /// messages fail with `slack_no_channel`.
    pub fn new(
        settings: &SlackSettings,
        token: Option<Secret<String>>,
        webhook: Option<Secret<String>>,
        limits: Option<Limits>,
        http: &Arc<Http>,
    ) -> Result<Self, Fault> {
        let make = |url: &str, secret| Service::new("Slack", "slack", url, secret, http);
        let (service, door) = match (token, webhook) {
            (Some(token), _) => {
                let base_url = format!("{}/", settings.base_url.trim_end_matches('/'));
                let channel = settings.channel.as_deref().map(str::trim);
                let door = Door::Bot {
                    channel: channel.filter(|c| !c.is_empty()).map(str::to_owned),
                    name: Mutex::default(),
                    base_url,
                };
                let token = Secret::new(token.expose().trim().to_owned());
                (make(&settings.base_url, token)?, door)
            }
            (None, Some(webhook)) => {
                let webhook = Secret::new(webhook.expose().trim().to_owned());
                let url = Secret::new(webhook.expose().clone());
                let service = make(url.expose(), webhook).map_err(|_| {
                    Fault::new(
                        "slack_webhook_invalid",
                        "The Slack webhook is no https address. Copy it again from your app's page, Incoming Webhooks.",
                    )
                })?;
                (service, Door::Webhook)
            }
            (None, None) => {
                return Err(Fault::new(
                    "slack_no_token",
                    "Slack has neither a bot token nor a webhook. Set one in Settings, Channels.",
                ));
            }
        };
        Ok(Self {
            service,
            door,
            limits: limits.unwrap_or(USUAL),
        })
    }

    fn request(&self, method: &str, post: impl FnOnce(&str) -> Post) -> Post {
        match &self.door {
            Door::Webhook => post(self.service.secret()),
            Door::Bot { base_url, .. } => {
                let mut post = post(&format!("{base_url}{method}"));
                let bearer = format!("Bearer {}", self.service.secret());
                post.headers.push(("authorization", bearer));
                post
            }
        }
    }

    async fn post_message(&self, body: &Value) -> Result<Value, (String, SendError)> {
        let post = self.request("chat.postMessage", |url| Post::json(url, body));
        let response = self.service.call(post).await;
        self.read(&response.map_err(|e| (String::new(), e))?)
    }

    /// The answer where it is good; else the word that says why not, and the decision.
    fn read(&self, response: &Response) -> Result<Value, (String, SendError)> {
        let body = response.body.trim_ascii();
        let answer = serde_json::from_slice::<Value>(body).ok();
        let is_good = match (&self.door, &answer) {
            (Door::Bot { .. }, Some(answer)) => answer["ok"] == json!(true),
            (Door::Bot { .. }, None) => false,
            (Door::Webhook, _) => body == b"ok",
        };
        if is_good && (200..300).contains(&response.status) {
            return Ok(answer.unwrap_or_default());
        }
        let word = match (&self.door, &answer) {
            (_, Some(answer)) => answer["error"].as_str(),
            (Door::Webhook, None) => std::str::from_utf8(body).ok(),
            (Door::Bot { .. }, None) => None,
        };
        let is_word = |w: &&str| {
            let is_plain = |b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b':' | b'.');
            let is_short = !w.is_empty() && w.len() <= 80 && w.bytes().all(is_plain);
            is_short && !w.contains(self.service.secret())
        };
        let said_no = answer.as_ref().is_some_and(|a| a["ok"] == json!(false));
        let word = match word.filter(is_word) {
            Some(word) => word.to_owned(),
            None if said_no => "unknown_error".to_owned(),
            None => String::new(),
        };
        let error = if response.status == 429 || word.is_empty() {
            self.service
                .by_status(response)
                .unwrap_or_else(|| self.service.strange_answer(response))
        } else {
            self.judge(&word, answer.as_ref().unwrap_or(&Value::Null), response)
        };
        Err((word, error))
    }

    /// Where messages go, for people.
    fn place(&self) -> String {
        match &self.door {
            Door::Bot {
                channel: Some(channel),
                ..
            } => render::line(channel, 80),
            _ => "its channel".to_owned(),
        }
    }

    /// The bot's name, as far as is known.
    fn bot(&self) -> String {
        let known = match &self.door {
            Door::Bot { name, .. } => name.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            Door::Webhook => None,
        };
        known.unwrap_or_else(|| "Tocsin".to_owned())
    }

    fn body(&self, message: &Message, rendered: &Rendered) -> Result<Value, SendError> {
        let (text, blocks) = match rendered {
            Rendered::Slack { text, blocks } => (text.clone(), blocks.clone()),
            _ => {
                let made = render::slack(message);
                (made.text, made.blocks)
            }
        };
        let mut body = json!({
            "text": text,
            // What others wrote is no markup.
            "mrkdwn": false,
            "unfurl_links": false,
            "unfurl_media": false,
        });
        if let Ok(blocks) = serde_json::from_str::<Value>(&blocks) {
            body["blocks"] = blocks;
        }
        if let Door::Bot { channel, .. } = &self.door {
            let Some(channel) = channel else {
                return Err(SendError::Stop {
                    fault: no_channel(),
                });
            };
            body["channel"] = json!(channel);
        }
        if let Some(thread) = message.thread.as_deref().filter(|t| is_ts(t)) {
            body["thread_ts"] = json!(thread);
            if matters_to_all(message) {
                body["reply_broadcast"] = json!(true);
            }
        }
        Ok(body)
    }

    async fn ask(&self, method: &str, fields: &[(&str, &str)]) -> Result<Value, SendError> {
        let post = self.request(method, |url| Post::form(url, fields));
        let response = self.service.call(post).await?;
        self.read(&response).map_err(|(_, error)| error)
    }

    async fn places_of(&self, types: &str) -> Result<Vec<Place>, SendError> {
        let mut places = Vec::new();
        let mut cursor = String::new();
        for _ in 0..MOST_PAGES {
            let fields = [
                ("types", types),
                ("exclude_archived", "true"),
                ("limit", "200"),
                ("cursor", cursor.as_str()),
            ];
            let fields = if cursor.is_empty() {
                &fields[..3]
            } else {
                &fields[..]
            };
            let answer = self.ask("conversations.list", fields).await?;
            let listed = answer["channels"].as_array().map_or(&[][..], Vec::as_slice);
            places.extend(listed.iter().filter_map(place));
            cursor = answer["response_metadata"]["next_cursor"]
                .as_str()
                .unwrap_or_default()
                .to_owned();
            if cursor.is_empty() {
                break;
            }
        }
        Ok(places)
    }
}

#[async_trait::async_trait]
impl Channel for Slack {
    fn render(&self, message: &Message) -> Rendered {
        let made = render::slack(message);
        Rendered::Slack {
            text: made.text,
            blocks: made.blocks,
        }
    }

    async fn send(&self, message: &Message, rendered: &Rendered) -> Result<Receipt, SendError> {
        let mut body = self.body(message, rendered)?;
        let answer = match self.post_message(&body).await {
            // Nothing was posted; the thread is gone or closed, the message is not.
            Err((word, _)) if body.get("thread_ts").is_some() && is_about_thread(&word) => {
                if let Some(body) = body.as_object_mut() {
                    body.remove("thread_ts");
                    body.remove("reply_broadcast");
                }
                self.post_message(&body).await
            }
            other => other,
        };
        let answer = answer.map_err(|(_, error)| error)?;
        let ts = answer["ts"].as_str().filter(|ts| is_ts(ts));
        Ok(Receipt {
            reference: ts.map(str::to_owned),
            ..Receipt::default()
        })
    }

    async fn check(&self) -> Vec<TestStep> {
        let Door::Bot { name, channel, .. } = &self.door else {
            return vec![message_step(self, "the webhook's own channel").await];
        };
        let service = &self.service;
        let post = self.request("auth.test", |url| Post::form(url, &[]));
        let response = match service.call(post).await {
            Ok(response) => response,
            Err(error) => return vec![failed_step("connect", service.of_question(error))],
        };
        let mut steps = vec![step("connect", &service.host)];
        let who = match self.read(&response) {
            Ok(who) => who,
            Err((_, error)) => {
                steps.push(failed_step("log_in", service.of_question(error)));
                return steps;
            }
        };
        let word = |key: &str| service.quoted(who[key].as_str().unwrap_or_default());
        let user = word("user");
        steps.push(step(
            "log_in",
            format!("{user} in {} ({})", word("team"), word("team_id")),
        ));
        if !user.is_empty() {
            *name.lock().unwrap_or_else(PoisonError::into_inner) = Some(user);
        }
        if channel.is_none() {
            steps.push(failed_step("destination", no_channel()));
            return steps;
        }
        steps.push(message_step(self, &self.place()).await);
        steps
    }

    fn paces(&self) -> Vec<Pace> {
        let account = format!("slack:{}", digest([self.service.secret()]));
        let destination = match &self.door {
            Door::Bot { channel, .. } => {
                format!("{account}:{}", channel.as_deref().unwrap_or_default())
            }
            Door::Webhook => account.clone(),
        };
        paces(self.limits, &destination, &account)
    }

    async fn places(&self) -> Result<Vec<Place>, Fault> {
        if matches!(self.door, Door::Webhook) {
            return Err(Fault::new(
                "places_unsupported",
                "A webhook has its own channel and cannot be asked for others.",
            ));
        }
        let mut places = self.places_of("public_channel,private_channel").await;
        // Without the scope for private channels, the public ones at least.
        if matches!(&places, Err(SendError::Stop { fault }) if fault.code == "slack_missing_scope")
        {
            places = self.places_of("public_channel").await;
        }
        let mut places = places.map_err(|error| self.service.of_question(error))?;
        places.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(places)
    }
}

/// What is said where the token is there and the channel is not.
pub(super) fn no_channel() -> Fault {
    Fault::new(
        "slack_no_channel",
        "Slack has no channel to post to. Name one in Settings, Channels: #alerts, or its id.",
    )
}

/// A message's time stamp is its name: `1503435956.000247`.
fn is_ts(text: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    text.len() <= 40
        && text
            .split_once('.')
            .is_some_and(|(a, b)| is_number(a) && is_number(b))
}

fn is_about_thread(word: &str) -> bool {
    matches!(
        word,
        "thread_not_found"
            | "invalid_thread_ts"
            | "message_not_found"
            | "cannot_reply_to_message"
            | "restricted_action_thread_locked"
            | "restricted_action_non_threadable_channel"
    )
}

/// Whether a change is to be seen by those who do not follow the thread.
fn matters_to_all(message: &Message) -> bool {
    message.alerts().any(|alert| match alert.change {
        ChangeKind::Exploited => true,
        ChangeKind::SeverityRaised => alert.severity == Some(Severity::High),
        _ => false,
    })
}

fn place(listed: &Value) -> Option<Place> {
    let is_private = listed["is_private"] == json!(true);
    Some(Place {
        id: render::line(listed["id"].as_str()?, 40),
        name: format!("#{}", render::line(listed["name"].as_str()?, 80)),
        what: if is_private { "private" } else { "channel" }.to_owned(),
    })
}

#[cfg(test)]
mod table_tests;
#[cfg(test)]
mod tests;
