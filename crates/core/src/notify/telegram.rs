//! A bot of Telegram.
//!
//! The token is part of every address: errors name the host alone, and what Telegram describes is shown only
//! where it does not repeat the token. A message whose tags are refused goes once more as plain text; a group
//! that became a supergroup is followed at once. In both cases Telegram took nothing the first time.
//! <https://core.telegram.org/bots/api>

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::service::{Service, wait};
use super::{
    Channel, Message, Pace, Place, Receipt, Rendered, SendError, TestStep, failed_step,
    message_step, paces, render, step,
};
use crate::error::Fault;
use crate::http::{Http, Post, Response};
use crate::secrets::Secret;
use crate::settings::{Limits, TelegramSettings};

/// What Telegram allows: a message a second and chat, thirty a second and bot; twenty a minute and group.
const USUAL: Limits = Limits {
    gap_ms: 1000,
    per_minute: 0,
    per_second: 30,
};
const PER_MINUTE_IN_GROUPS: u32 = 20;

/// A configured bot of Telegram.
pub struct Telegram {
    service: Service,
    base_url: String,
    /// Its number, or `@name`.
    chat: Option<String>,
    limits: Limits,
}

/// Why a call brought nothing.
struct Refusal {
    /// The new number of a group that became a supergroup.
    moved_to: Option<String>,
    /// Whether the tags of the text were refused.
    is_markup: bool,
    error: SendError,
}

impl From<SendError> for Refusal {
    fn from(error: SendError) -> Self {
        Self {
            moved_to: None,
            is_markup: false,
            error,
        }
    }
}

impl Telegram {
    /// Takes settings and token.
    ///
    /// # Errors
    /// `telegram_no_token`, `telegram_token_invalid`, `channel_bad_url`. A bot without a chat is made, and its
    /// messages fail with `telegram_no_chat`.
    pub fn new(
        settings: &TelegramSettings,
        token: Option<Secret<String>>,
        limits: Option<Limits>,
        http: &Arc<Http>,
    ) -> Result<Self, Fault> {
        let Some(token) = token else {
            return Err(Fault::new(
                "telegram_no_token",
                "Telegram has no bot token. Get one from @BotFather and set it in Settings, Channels.",
            ));
        };
        let token = Secret::new(token.expose().trim().to_owned());
        if !is_token(token.expose()) {
            return Err(Fault::new(
                "telegram_token_invalid",
                "The token is not one of a Telegram bot: it looks like 123456:ABC-DEF. Copy it again from @BotFather.",
            ));
        }
        let chat = settings.chat_id.as_deref().map(str::trim);
        let chat = chat.filter(|c| !c.is_empty()).map(str::to_owned);
        let is_group = chat.as_ref().is_some_and(|c| c.starts_with(['-', '@']));
        let usual = Limits {
            per_minute: if is_group { PER_MINUTE_IN_GROUPS } else { 0 },
            ..USUAL
        };
        Ok(Self {
            service: Service::new("Telegram", "telegram", &settings.base_url, token, http)?,
            base_url: format!("{}/", settings.base_url.trim_end_matches('/')),
            chat,
            limits: limits.unwrap_or(usual),
        })
    }

    fn request(&self, method: &str, body: &Value) -> Post {
        let token = self.service.secret();
        Post::json(&format!("{}bot{token}/{method}", self.base_url), body)
    }

    async fn ask(&self, method: &str, body: &Value) -> Result<Value, Refusal> {
        let response = self.service.call(self.request(method, body)).await?;
        self.read(&response)
    }

    /// The result where the answer is good, else the decision.
    fn read(&self, response: &Response) -> Result<Value, Refusal> {
        let answer: Option<Value> = serde_json::from_slice(&response.body).ok();
        let Some(mut answer) = answer.filter(|a| a["ok"].is_boolean()) else {
            let by_status = self.service.by_status(response);
            return Err(by_status
                .unwrap_or_else(|| self.service.strange_answer(response))
                .into());
        };
        if answer["ok"] == json!(true) && (200..300).contains(&response.status) {
            return Ok(answer["result"].take());
        }
        Err(self.judge(&answer, response))
    }

    /// What a refusal means. Telegram says the kind by a number and the rest by a description, whose
    /// beginnings are as stable as its documentation.
    fn judge(&self, answer: &Value, response: &Response) -> Refusal {
        let service = &self.service;
        let said = service.quoted(answer["description"].as_str().unwrap_or_default());
        let lower = said.to_ascii_lowercase();
        let says = |words: &[&str]| words.iter().any(|w| lower.contains(w));
        let chat = render::line(self.chat.as_deref().unwrap_or_default(), 80);
        let fault = |code: &str, message: String| {
            let fault = service.fault(code, message).with("reply", &said);
            fault.with("chat", &chat)
        };
        let stop = |code: &str, message: String| SendError::Stop {
            fault: fault(code, message),
        };
        let code = answer["error_code"].as_u64();
        let code = code.unwrap_or_else(|| u64::from(response.status));
        let moved_to = number_text(&answer["parameters"]["migrate_to_chat_id"]);
        let not_found = [
            "chat not found",
            "chat_id is empty",
            "peer_id_invalid",
            "user not found",
            "upgraded to a supergroup",
            "group chat was deactivated",
        ];
        let no_rights = [
            "not enough rights",
            "have no rights",
            "need administrator rights",
            "chat_write_forbidden",
            "topic_closed",
        ];
        let error = match code {
            429 => {
                let asked = answer["parameters"]["retry_after"].as_u64();
                service.rate_limited(asked.map(wait).or_else(|| service.asked_wait(response)))
            }
            401 | 404 => stop(
                "bad_token",
                "Telegram does not know the bot's token. Copy it again from @BotFather, or ask it for a new one (/revoke).".to_owned(),
            ),
            403 if says(&["blocked by the user", "user is deactivated"]) => stop(
                "blocked",
                "The bot was blocked in this chat. Open the chat with it in Telegram and press Start or Unblock.".to_owned(),
            ),
            403 if says(&["can't initiate conversation"]) => stop(
                "not_started",
                "A bot may not write first. Open the chat with it in Telegram and press Start.".to_owned(),
            ),
            403 if says(&["kicked", "not a member"]) => stop(
                "kicked",
                format!("The bot was removed from the chat {chat}. Add it there again."),
            ),
            403 => stop(
                "forbidden",
                format!("Telegram does not let the bot write to the chat {chat}. It said: {said}"),
            ),
            409 if says(&["terminated by other"]) => SendError::Retry {
                fault: fault(
                    "asked_elsewhere",
                    "Another program asks Telegram for this bot's chats at the same moment. Stop it for a minute, or enter the chat's number by hand.".to_owned(),
                ),
                after: None,
            },
            409 => stop(
                "webhook_set",
                "The bot has a webhook of another program, so it cannot be asked for its chats. Enter the chat's number by hand.".to_owned(),
            ),
            400 if says(&not_found) || moved_to.is_some() => stop(
                "chat_not_found",
                format!(
                    "The bot finds no chat {chat}. Open the chat with the bot and press Start, or add it to the group, and check the number in Settings, Channels."
                ),
            ),
            400 if says(&no_rights) => stop(
                "no_rights",
                format!(
                    "The bot may not write in the chat {chat}. Allow it to post there, in a channel as an administrator."
                ),
            ),
            500.. => match service.by_status(response) {
                Some(error) => error,
                None => SendError::Retry {
                    fault: fault(
                        "server_error",
                        "Telegram has a fault of its own. The message is sent again later.".to_owned(),
                    ),
                    after: None,
                },
            },
            _ => SendError::Refused {
                fault: fault(
                    "message_refused",
                    format!(
                        "Telegram refused this message. That is a fault of Tocsin's; the alerts are in its window. It said: {said}"
                    ),
                ),
            },
        };
        Refusal {
            moved_to,
            is_markup: code == 400 && says(&["can't parse", "unsupported start tag"]),
            error,
        }
    }

    async fn send_to(&self, chat: &str, text: &Text<'_>) -> Result<Receipt, Refusal> {
        let mut body = json!({
            "chat_id": chat_value(chat),
            "text": text.html,
            "parse_mode": "HTML",
            "link_preview_options": {"is_disabled": true},
            "disable_notification": text.silent,
        });
        let sent = match self.ask("sendMessage", &body).await {
            Err(refusal) if refusal.is_markup => {
                body["text"] = json!(text.plain);
                if let Some(body) = body.as_object_mut() {
                    body.remove("parse_mode");
                }
                self.ask("sendMessage", &body).await?
            }
            other => other?,
        };
        Ok(Receipt {
            reference: number_text(&sent["message_id"]),
            ..Receipt::default()
        })
    }
}

/// A text as it is sent.
struct Text<'a> {
    html: &'a str,
    plain: &'a str,
    silent: bool,
}

#[async_trait::async_trait]
impl Channel for Telegram {
    fn render(&self, message: &Message) -> Rendered {
        let made = render::telegram(message);
        Rendered::Telegram {
            html: made.html,
            plain: made.plain,
            silent: made.silent,
        }
    }

    async fn send(&self, message: &Message, rendered: &Rendered) -> Result<Receipt, SendError> {
        let Some(chat) = &self.chat else {
            return Err(SendError::Stop { fault: no_chat() });
        };
        let made;
        let text = match rendered {
            Rendered::Telegram {
                html,
                plain,
                silent,
            } => Text {
                html,
                plain,
                silent: *silent,
            },
            _ => {
                made = render::telegram(message);
                Text {
                    html: &made.html,
                    plain: &made.plain,
                    silent: made.silent,
                }
            }
        };
        match self.send_to(chat, &text).await {
            Ok(receipt) => Ok(receipt),
            Err(Refusal {
                moved_to: Some(moved_to),
                ..
            }) if moved_to != *chat => {
                let receipt = self.send_to(&moved_to, &text).await.map_err(|r| r.error)?;
                Ok(Receipt {
                    moved_to: Some(moved_to),
                    ..receipt
                })
            }
            Err(refusal) => Err(refusal.error),
        }
    }

    async fn check(&self) -> Vec<TestStep> {
        let service = &self.service;
        let response = match service.call(self.request("getMe", &json!({}))).await {
            Ok(response) => response,
            Err(error) => return vec![failed_step("connect", service.of_question(error))],
        };
        let mut steps = vec![step("connect", &service.host)];
        match self.read(&response) {
            Ok(me) => {
                let name = me["username"].as_str().unwrap_or_default();
                steps.push(step("log_in", format!("@{}", service.quoted(name))));
            }
            Err(refusal) => {
                steps.push(failed_step("log_in", service.of_question(refusal.error)));
                return steps;
            }
        }
        let Some(chat) = &self.chat else {
            steps.push(failed_step("destination", no_chat()));
            return steps;
        };
        let asked = self
            .ask("getChat", &json!({"chat_id": chat_value(chat)}))
            .await;
        let name = match asked {
            Ok(found) => {
                let named = place(&found);
                let name =
                    named.map_or_else(|| chat.clone(), |p| format!("{} ({})", p.name, p.what));
                steps.push(step("destination", &name));
                name
            }
            // The message finds it under its new number.
            Err(Refusal {
                moved_to: Some(moved_to),
                ..
            }) => {
                steps.push(step("destination", &moved_to));
                moved_to
            }
            Err(refusal) => {
                steps.push(failed_step(
                    "destination",
                    service.of_question(refusal.error),
                ));
                return steps;
            }
        };
        steps.push(message_step(self, &name).await);
        steps
    }

    fn paces(&self) -> Vec<Pace> {
        // The part of a token before the colon is the bot's number, which everybody may see.
        let bot = self.service.secret().split(':').next().unwrap_or_default();
        let account = format!("telegram:{bot}");
        let chat = self.chat.as_deref().unwrap_or_default();
        paces(self.limits, &format!("{account}:{chat}"), &account)
    }

    async fn places(&self) -> Result<Vec<Place>, Fault> {
        // Without an offset nothing is taken out of the bot's queue.
        let asked = self
            .ask("getUpdates", &json!({"timeout": 0, "limit": 100}))
            .await;
        let updates = asked.map_err(|refusal| self.service.of_question(refusal.error))?;
        let mut places = BTreeMap::new();
        for update in updates.as_array().map_or(&[][..], Vec::as_slice) {
            for part in update.as_object().into_iter().flat_map(|u| u.values()) {
                let chats = [&part["chat"], &part["message"]["chat"]];
                for found in chats.into_iter().filter_map(place) {
                    places.insert(found.id.clone(), found);
                }
            }
        }
        let mut places: Vec<Place> = places.into_values().collect();
        places.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(places)
    }
}

/// What is said where the token is there and the chat is not.
pub(super) fn no_chat() -> Fault {
    Fault::new(
        "telegram_no_chat",
        "Telegram has no chat to write to. Write to the bot, or add it to a group, then find the chat in Settings, Channels.",
    )
}

/// `123456:ABC-DEF_g`: nothing that could lead an address elsewhere, and what `redacted` knows.
fn is_token(text: &str) -> bool {
    let is_key = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    text.split_once(':').is_some_and(|(bot, key)| {
        !bot.is_empty()
            && bot.bytes().all(|b| b.is_ascii_digit())
            && !key.is_empty()
            && key.bytes().all(is_key)
    })
}

/// A chat as Telegram wants it: a number, or a name.
fn chat_value(chat: &str) -> Value {
    chat.parse::<i64>()
        .map_or_else(|_| json!(chat), |n| json!(n))
}

fn number_text(value: &Value) -> Option<String> {
    value.as_i64().map(|n| n.to_string())
}

fn place(chat: &Value) -> Option<Place> {
    let word = |key: &str| render::line(chat[key].as_str().unwrap_or_default(), 80);
    let person = format!("{} {}", word("first_name"), word("last_name"));
    let names = [word("title"), person.trim().to_owned(), word("username")];
    Some(Place {
        id: number_text(&chat["id"])?,
        name: names.into_iter().find(|n| !n.is_empty())?,
        what: word("type"),
    })
}

#[cfg(test)]
mod table_tests;
#[cfg(test)]
mod tests;
