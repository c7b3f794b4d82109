//! E-mail: one message to all recipients, text and HTML, over SMTP.
//!
//! The server answers for each recipient. The delivery counts as sent once it took the message for at
//! least one; whom it refused meanwhile is reported and not tried again, since another attempt would
//! reach the others twice. Where it refused all, one passing refusal is enough to try again, and without any
//! the channel stops.

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, Mailboxes, MultiPart};
use lettre::{Address, message::header};

use super::smtp::Server;
use super::{
    Channel, Message, Pace, Receipt, Rendered, SendError, TestStep, digest, failed_step,
    message_step, paces, render, step,
};
use crate::error::Fault;
use crate::secrets::Secret;
use crate::settings::{EmailSettings, Limits};

/// A message a second and server: no provider takes offence at that.
const USUAL: Limits = Limits {
    gap_ms: 1000,
    per_minute: 0,
    per_second: 0,
};

/// A configured e-mail channel.
pub struct Email {
    server: Server,
    from: Mailbox,
    to: Vec<Mailbox>,
    limits: Limits,
}

impl Email {
    /// Takes settings and password.
    ///
    /// # Errors
    /// What is missing: `email_no_recipients`, `email_no_sender`, `email_no_password`,
    /// `email_address_invalid`.
    pub fn new(
        settings: &EmailSettings,
        password: Option<Secret<String>>,
        limits: Option<Limits>,
    ) -> Result<Self, Fault> {
        if settings.recipients.is_empty() {
            return Err(Fault::new(
                "email_no_recipients",
                "E-mail has no recipients. Name at least one.",
            ));
        }
        // A user's name is often an address, and then the sender's.
        let user = settings.user.as_ref().filter(|u| mailbox(u).is_ok());
        let Some(sender) = settings.sender.as_ref().or(user) else {
            return Err(Fault::new(
                "email_no_sender",
                "E-mail has no sender. Name the sender's address; where the user is an address, that is taken.",
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
            limits: limits.unwrap_or(USUAL),
        })
    }

    fn build(
        &self,
        message: &Message,
        rendered: &Rendered,
        id: &str,
    ) -> Result<lettre::Message, Fault> {
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
            .message_id(Some(id.to_owned()))
            .raw_header(raw("List-Id", "Tocsin alerts <alerts.tocsin.localhost>"))
            .raw_header(raw("Auto-Submitted", "auto-generated"));
        if let Some(alert) = render::single(message) {
            // Everything about one alert hangs on one thread.
            let thread = digest([alert.uid.as_str()]);
            builder = builder.references(format!("<alert.{thread}@tocsin.localhost>"));
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

    #[cfg(test)]
    pub(super) fn formatted(&self, message: &Message) -> Vec<u8> {
        let id = self.message_id(message);
        let built = self.build(message, &self.render(message), &id);
        built.unwrap_or_else(|fault| panic!("{fault}")).formatted()
    }

    /// The same for every attempt of a delivery, so that a receiver can tell a repetition.
    fn message_id(&self, message: &Message) -> String {
        let domain = self.from.email.domain();
        match message.delivery {
            Some(delivery) => {
                let content = digest(message.alerts().map(|a| a.uid.as_str()));
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
        let id = self.message_id(message);
        // Settings were checked: what cannot be built is this message.
        let mail = self
            .build(message, rendered, &id)
            .map_err(|fault| SendError::Refused { fault })?;
        let to: Vec<Address> = self.to.iter().map(|m| m.email.clone()).collect();
        let mut connection = self.server.connect().await?;
        self.server.log_in(&mut connection).await?;
        let refused = self
            .server
            .hand_over(&mut connection, &self.from.email, &to, &mail.formatted())
            .await?;
        Ok(Receipt {
            reference: Some(id),
            refused,
            moved_to: None,
        })
    }

    async fn check(&self) -> Vec<TestStep> {
        let server = &self.server;
        let mut connection = match server.connect().await {
            Ok(connection) => connection,
            Err(error) => return vec![failed_step("connect", error.into_fault())],
        };
        let how = match connection.is_encrypted() {
            true => "encrypted",
            false => "not encrypted",
        };
        let place = format!("{}:{}, {how}", server.host, server.port);
        let mut steps = vec![step("connect", place)];
        if let Err(error) = server.log_in(&mut connection).await {
            steps.push(failed_step("log_in", error.into_fault()));
            return steps;
        }
        if let Some((user, _)) = &server.login {
            steps.push(step("log_in", user));
        }
        server.leave(&mut connection).await;
        // Some servers take one connection at a time.
        drop(connection);
        let to: Vec<String> = self.to.iter().map(|m| m.email.to_string()).collect();
        steps.push(message_step(self, &to.join(", ")).await);
        steps
    }

    fn paces(&self) -> Vec<Pace> {
        let server = format!("smtp:{}:{}", self.server.host, self.server.port);
        paces(self.limits, &server, &server)
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

#[cfg(test)]
mod table_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tls_tests;
