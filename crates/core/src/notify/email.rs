//! E-mail: one message to all recipients, text and HTML, over SMTP.
//!
//! The server answers for each recipient. The delivery counts as sent once it took the message for at
//! least one; whom it refused meanwhile is reported and not tried again, since another attempt would
//! reach the others twice. Where it refused all, one passing refusal is enough to try again.

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, Mailboxes, MultiPart};
use lettre::{Address, message::header};
use sha2::{Digest, Sha256};

use super::smtp::Server;
use super::{Channel, Message, Pace, Receipt, Rendered, SendError, TestStep, render};
use crate::error::Fault;
use crate::secrets::Secret;
use crate::settings::EmailSettings;

/// A configured e-mail channel.
pub struct Email {
    server: Server,
    from: Mailbox,
    to: Vec<Mailbox>,
}

impl Email {
    /// Takes settings and password.
    ///
    /// # Errors
    /// What is missing: `email_no_recipients`, `email_no_sender`, `email_no_password`,
    /// `email_address_invalid`.
    pub fn new(settings: &EmailSettings, password: Option<Secret<String>>) -> Result<Self, Fault> {
        if settings.recipients.is_empty() {
            return Err(Fault::new(
                "email_no_recipients",
                "E-mail has no recipients. Name at least one.",
            ));
        }
        let Some(sender) = settings.sender.as_ref().or(settings.user.as_ref()) else {
            return Err(Fault::new(
                "email_no_sender",
                "E-mail has no sender. Name a user or a sender's address.",
            ));
        };
        let to = settings.recipients.iter().map(|r| mailbox(r));
        let to = to.collect::<Result<Vec<_>, _>>()?;
        let mut from = mailbox(sender)?;
        if from.name.is_none() {
            let name = render::line(&settings.sender_name, 100);
            from.name = Some(name).filter(|n| !n.is_empty());
        }
        let login = match (&settings.user, password) {
            (Some(user), Some(password)) => Some((user.clone(), password)),
            (None, Some(password)) => Some((from.email.to_string(), password)),
            (Some(user), None) => {
                return Err(Fault::new(
                    "email_no_password",
                    format!("The password of {user} is not set."),
                )
                .with("user", user));
            }
            (None, None) => None,
        };
        Ok(Self {
            server: Server {
                host: settings.smtp_host.clone(),
                port: settings.smtp_port,
                tls: settings.smtp_tls,
                ca_file: settings.ca_file.clone(),
                login,
                allow_plain_auth: settings.allow_plain_auth,
            },
            from,
            to,
        })
    }

    fn build(&self, message: &Message, rendered: &Rendered) -> Result<lettre::Message, Fault> {
        let mail = match rendered {
            Rendered::Email {
                subject,
                text,
                html,
            } => render::Mail {
                subject: subject.clone(),
                text: text.clone(),
                html: html.clone(),
            },
            _ => render::mail(message),
        };
        let recipients: Mailboxes = self.to.iter().cloned().collect();
        let mut builder = lettre::Message::builder()
            .from(self.from.clone())
            .mailbox(header::To::from(recipients))
            .subject(mail.subject)
            .message_id(Some(self.message_id(message)))
            .raw_header(raw("List-Id", "Tocsin alerts <alerts.tocsin.localhost>"))
            .raw_header(raw("Auto-Submitted", "auto-generated"));
        if let Some(alert) = message
            .alerts()
            .next()
            .filter(|_| render::is_single(message))
        {
            // Everything about one alert hangs on one thread.
            builder =
                builder.references(format!("<alert.{}@tocsin.localhost>", digest([&alert.uid])));
        }
        builder
            .multipart(MultiPart::alternative_plain_html(mail.text, mail.html))
            .map_err(|e| {
                Fault::new(
                    "email_not_built",
                    format!("The e-mail could not be put together: {e}."),
                )
            })
    }

    /// The same for every attempt of a delivery, so that a receiver can tell a repetition.
    fn message_id(&self, message: &Message) -> String {
        let domain = self.from.email.domain();
        match message.delivery {
            Some(delivery) => {
                let content = digest(message.alerts().map(|a| &a.uid));
                format!("<tocsin.{}.{content}@{domain}>", delivery.0)
            }
            None => format!("<tocsin.test.{:016x}@{domain}>", rand::random::<u64>()),
        }
    }
}

#[async_trait::async_trait]
impl Channel for Email {
    fn render(&self, message: &Message) -> Rendered {
        let mail = render::mail(message);
        Rendered::Email {
            subject: mail.subject,
            text: mail.text,
            html: mail.html,
        }
    }

    async fn send(&self, message: &Message, rendered: &Rendered) -> Result<Receipt, SendError> {
        let mail = self
            .build(message, rendered)
            .map_err(|fault| SendError::Stop { fault })?;
        let to: Vec<Address> = self.to.iter().map(|m| m.email.clone()).collect();
        let mut connection = self.server.open().await?;
        let refused = self
            .server
            .hand_over(&mut connection, &self.from.email, &to, &mail.formatted())
            .await?;
        Ok(Receipt {
            refused,
            ..Receipt::default()
        })
    }

    async fn check(&self) -> Vec<TestStep> {
        let message = Message::test();
        let sent = self.send(&message, &self.render(&message)).await;
        vec![super::message_step(sent)]
    }

    fn paces(&self) -> Vec<Pace> {
        Vec::new()
    }
}

fn mailbox(text: &str) -> Result<Mailbox, Fault> {
    text.parse().map_err(|_| {
        Fault::new(
            "email_address_invalid",
            format!("{text:?} is not an e-mail address."),
        )
        .with("address", text)
    })
}

fn raw(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

/// A short name for texts that may be long or hostile.
fn digest<'a>(texts: impl IntoIterator<Item = &'a String>) -> String {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update(text.as_bytes());
        hash.update([0]);
    }
    hash.finalize()[..10]
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect()
}

#[cfg(test)]
#[path = "email_tests.rs"]
mod tests;
