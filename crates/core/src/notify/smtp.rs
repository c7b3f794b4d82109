//! One SMTP conversation, step by step, so that every failure is known by the step it came at: before
//! the message was handed over it is a retry or a stop, after that and before the answer it is unknown.
//!
//! Written on lettre's connection rather than on its transport, which gives up on all recipients when
//! the server refuses one. Never logs in over an unencrypted connection unless that was allowed.

mod failure;

use std::future::Future;
use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, Certificate, TlsParameters, TlsParametersBuilder,
};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};

use self::failure::{Failure, Hidden, Refusal, certificate_words, timed};
use super::SendError;
use crate::error::Fault;
use crate::secrets::Secret;
use crate::settings::SmtpTls;

const STEP_TIMEOUT: Duration = Duration::from_secs(20);
/// A server may check a message for a while before it answers.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a farewell may take.
const FAREWELL: Duration = Duration::from_millis(500);

/// A server and how to talk to it.
pub(super) struct Server {
    pub host: String,
    pub port: u16,
    pub tls: SmtpTls,
    pub ca_file: Option<String>,
    /// Name and password; without, nothing is logged in.
    pub login: Option<(String, Secret<String>)>,
    pub allow_plain_auth: bool,
}

impl Server {
    /// Connects and encrypts.
    pub async fn connect(&self) -> Result<AsyncSmtpConnection, SendError> {
        let tls = match self.tls {
            SmtpTls::None => None,
            SmtpTls::Implicit | SmtpTls::Starttls => Some(self.tls_parameters().await?),
        };
        let hello = ClientId::default();
        let implicit = tls.clone().filter(|_| self.tls == SmtpTls::Implicit);
        let address = (self.bare_host(), self.port);
        let connecting = AsyncSmtpConnection::connect_tokio1(
            address,
            Some(STEP_TIMEOUT),
            &hello,
            implicit,
            None,
        );
        let mut connection = self.step(About::Server, connecting).await?;
        if self.tls == SmtpTls::Starttls
            && let Some(tls) = tls
        {
            if !connection.can_starttls() {
                give_up(&mut connection).await;
                return Err(self.stop(
                    "smtp_no_starttls",
                    format!(
                        "{} does not offer STARTTLS on port {}, so nothing was sent. If it encrypts from the start (port 465), choose that.",
                        self.host, self.port
                    ),
                ));
            }
            self.step(About::Server, connection.starttls(tls, &hello))
                .await?;
        }
        Ok(connection)
    }

    /// Says goodbye, and waits for no answer for long.
    pub async fn leave(&self, connection: &mut AsyncSmtpConnection) {
        let _ = timed(FAREWELL, connection.quit()).await;
    }

    /// Logs in, where there is a login. Ends the connection where that fails.
    pub async fn log_in(&self, connection: &mut AsyncSmtpConnection) -> Result<(), SendError> {
        let Some((user, password)) = &self.login else {
            return Ok(());
        };
        if !connection.is_encrypted() && !self.allow_plain_auth {
            give_up(connection).await;
            return Err(self.stop(
                "smtp_plain_auth_refused",
                format!(
                    "The connection to {} is not encrypted, so the password was not sent. Choose STARTTLS, or allow it for this server.",
                    self.host
                ),
            ));
        }
        let mechanisms = [Mechanism::Plain, Mechanism::Login];
        if connection
            .server_info()
            .get_auth_mechanism(&mechanisms)
            .is_none()
        {
            give_up(connection).await;
            return Err(self.stop(
                "smtp_no_auth",
                format!(
                    "{} offers no way to log in with a password on port {}.",
                    self.host, self.port
                ),
            ));
        }
        let credentials = Credentials::new(user.clone(), password.expose().clone());
        let result = timed(STEP_TIMEOUT, connection.auth(&mechanisms, &credentials)).await;
        let Err(failure) = result else {
            return Ok(());
        };
        give_up(connection).await;
        Err(match self.refusal(&failure) {
            Some(refusal) if refusal.code >= 500 => SendError::Stop {
                fault: self.log_in_fault(user, &refusal),
            },
            _ => self.before_hand_over(&failure, About::Server),
        })
    }

    fn log_in_fault(&self, user: &str, refusal: &Refusal) -> Fault {
        let host = &self.host;
        let is_google = ["gmail.com", "googlemail.com", "google.com"]
            .iter()
            .any(|d| host == d || host.ends_with(&format!(".{d}")));
        // Exchange Online says "basic authentication is off" with one of these two.
        let fault = if matches!(refusal.enhanced.as_str(), "5.7.30" | "5.7.139") {
            return basic_auth_off(host, refusal);
        } else if is_google || (refusal.code == 534 && refusal.enhanced == "5.7.9") {
            Fault::new(
                "smtp_app_password",
                format!(
                    "{host} refused the password of {user}. Google wants an app password here (Google account, Security, App passwords). It said: {}",
                    refusal.reply
                ),
            )
        } else {
            Fault::new(
                "smtp_auth_failed",
                format!(
                    "{host} refused the user name or password of {user}. It said: {}",
                    refusal.reply
                ),
            )
        };
        fault
            .with("host", host)
            .with("user", user)
            .with("reply", &refusal.reply)
    }

    async fn tls_parameters(&self) -> Result<TlsParameters, SendError> {
        let mut builder = TlsParametersBuilder::new(self.bare_host().to_owned());
        if let Some(path) = &self.ca_file {
            let unusable = |reason: String| {
                let fault = Fault::new(
                    "smtp_ca_file",
                    format!("The certificate file {path} cannot be used: {reason}."),
                );
                SendError::Stop {
                    fault: fault.with("file", path).with("reason", reason),
                }
            };
            let pem = tokio::fs::read(path).await;
            let pem = pem.map_err(|e| unusable(e.to_string()))?;
            let is_pem = pem.windows(27).any(|w| w == b"-----BEGIN CERTIFICATE-----");
            if !is_pem {
                return Err(unusable("it holds no certificate in PEM form".to_owned()));
            }
            let certificate = Certificate::from_pem(&pem);
            builder =
                builder.add_root_certificate(certificate.map_err(|e| unusable(e.to_string()))?);
        }
        // Reads the system's certificates.
        let built = tokio::task::spawn_blocking(move || builder.build()).await;
        let reason = match built {
            Ok(Ok(parameters)) => return Ok(parameters),
            Ok(Err(e)) => e.to_string(),
            Err(e) => e.to_string(),
        };
        Err(self.stop(
            "smtp_tls_failed",
            format!(
                "No encrypted connection to {} can be made: {reason}.",
                self.host
            ),
        ))
    }

    /// Hands one message over to all recipients. Returns who did not get it although others did.
    pub async fn hand_over(
        &self,
        connection: &mut AsyncSmtpConnection,
        from: &Address,
        to: &[Address],
        message: &[u8],
    ) -> Result<Vec<Fault>, SendError> {
        let outcome = self.transaction(connection, from, to, message).await;
        match &outcome {
            Ok(_) => {
                // The message was taken; a slow farewell must not keep that from being recorded.
                self.leave(connection).await;
            }
            Err(_) => give_up(connection).await,
        }
        outcome
    }

    async fn transaction(
        &self,
        connection: &mut AsyncSmtpConnection,
        from: &Address,
        to: &[Address],
        message: &[u8],
    ) -> Result<Vec<Fault>, SendError> {
        let mut parameters = Vec::new();
        let is_utf8 = |a: &Address| !AsRef::<str>::as_ref(a).is_ascii();
        let takes_utf8 = connection
            .server_info()
            .supports_feature(Extension::SmtpUtfEight);
        if takes_utf8 && to.iter().chain([from]).any(is_utf8) {
            parameters.push(MailParameter::SmtpUtfEight);
        }
        let mail = Mail::new(Some(from.clone()), parameters);
        self.step(About::Sender, connection.command(mail)).await?;

        let mut refused = Vec::new();
        let mut is_passing = false;
        for recipient in to {
            if is_utf8(recipient) && !takes_utf8 {
                let why = "it takes no addresses with letters outside ASCII";
                refused.push(self.recipient_fault(recipient, why));
                continue;
            }
            let command = Rcpt::new(recipient.clone(), Vec::new());
            let result = timed(STEP_TIMEOUT, connection.command(command)).await;
            let Err(failure) = result else { continue };
            match self.refusal(&failure) {
                // 421: the server closes the connection.
                Some(refusal) if refusal.code != 421 => {
                    is_passing |= refusal.code < 500;
                    if refusal.enhanced == "5.7.30" || refusal.code == 530 {
                        return Err(self.before_hand_over(&failure, About::Server));
                    }
                    refused.push(self.recipient_fault(recipient, &refusal.reply));
                }
                _ => return Err(self.before_hand_over(&failure, About::Server)),
            }
        }
        if refused.len() == to.len() {
            let fault = refused.swap_remove(0);
            // It is said before the server saw anything of the message, so the next one would meet it, too.
            return Err(if is_passing {
                SendError::Retry { fault, after: None }
            } else {
                SendError::Stop { fault }
            });
        }
        self.step(About::Message, connection.command(Data)).await?;
        match timed(ANSWER_TIMEOUT, connection.message(message)).await {
            Ok(_) => Ok(refused),
            Err(failure) if self.refusal(&failure).is_some() => {
                Err(self.before_hand_over(&failure, About::Message))
            }
            Err(failure) => Err(SendError::Unknown {
                fault: self.fault(
                    "smtp_unknown",
                    format!(
                        "The connection to {} ended after the message was handed over and before the answer, so nobody knows whether it was taken ({}).",
                        self.host,
                        failure.words(&self.hidden())
                    ),
                ),
            }),
        }
    }

    async fn step<T>(
        &self,
        about: About,
        step: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, SendError> {
        timed(STEP_TIMEOUT, step)
            .await
            .map_err(|failure| self.before_hand_over(&failure, about))
    }

    /// What a failure means while nothing was handed over, or where the server answered.
    fn before_hand_over(&self, failure: &Failure, about: About) -> SendError {
        if let Some(refusal) = self.refusal(failure) {
            let reply = &refusal.reply;
            let host = &self.host;
            let (code, message) = match refusal.code {
                ..500 => {
                    let message = format!("{host} cannot take the message now. It said: {reply}");
                    let fault = self.fault("smtp_busy", message).with("reply", reply);
                    return SendError::Retry { fault, after: None };
                }
                _ if refusal.enhanced == "5.7.30" => {
                    return SendError::Stop {
                        fault: basic_auth_off(host, &refusal),
                    };
                }
                530 => ("smtp_auth_required", self.log_in_wanted(reply)),
                _ if about == About::Sender => (
                    "smtp_sender_refused",
                    format!(
                        "{host} refused the sender's address. Choose one that belongs to this account. It said: {reply}"
                    ),
                ),
                _ => {
                    let what = match about {
                        About::Message => "the message",
                        About::Server | About::Sender => "to talk to Tocsin",
                    };
                    (
                        "smtp_refused",
                        format!("{host} refused {what}. It said: {reply}"),
                    )
                }
            };
            let fault = self.fault(code, message).with("reply", reply);
            return match code {
                // What is wrong is this message: the next one may be taken.
                "smtp_refused" if about == About::Message => SendError::Refused { fault },
                _ => SendError::Stop { fault },
            };
        }
        match failure.tls() {
            Some(rustls::Error::InvalidCertificate(why)) => {
                let reason = certificate_words(why);
                let message = format!(
                    "The certificate of {} is not trusted: {reason}. Nothing was sent. If the server is yours, name its CA file.",
                    self.host
                );
                SendError::Stop {
                    fault: self.fault("smtp_certificate", message).with("reason", reason),
                }
            }
            Some(e) => self.stop(
                "smtp_tls_failed",
                format!(
                    "No encrypted connection to {} on port {} came about: {e}. Check port and encryption.",
                    self.host, self.port
                ),
            ),
            None => {
                let reason = failure.words(&self.hidden());
                let message = format!(
                    "{} cannot be reached on port {}: {reason}.",
                    self.host, self.port
                );
                SendError::Retry {
                    fault: self.fault("smtp_unreachable", message).with("reason", reason),
                    after: None,
                }
            }
        }
    }

    /// What the server said, where it said something.
    fn refusal(&self, failure: &Failure) -> Option<Refusal> {
        failure.refusal(&self.hidden())
    }

    fn hidden(&self) -> Hidden {
        let login = self.login.as_ref();
        login.map_or_else(Hidden::default, |(user, password)| {
            Hidden::of(user, password)
        })
    }

    fn log_in_wanted(&self, reply: &str) -> String {
        format!(
            "{} takes mail only after log-in. Set user and password. It said: {reply}",
            self.host
        )
    }

    fn recipient_fault(&self, recipient: &Address, reply: &str) -> Fault {
        let message = format!("{} refused {recipient}. It said: {reply}", self.host);
        self.fault("smtp_recipient_refused", message)
            .with("recipient", recipient)
            .with("reply", reply)
    }

    fn stop(&self, code: &str, message: String) -> SendError {
        SendError::Stop {
            fault: self.fault(code, message),
        }
    }

    fn fault(&self, code: &str, message: String) -> Fault {
        Fault::new(code, message)
            .with("host", &self.host)
            .with("port", self.port)
    }

    fn bare_host(&self) -> &str {
        self.host.trim_start_matches('[').trim_end_matches(']')
    }
}

/// Ends a connection. lettre says goodbye first, and would wait for the answer however long it takes.
async fn give_up(connection: &mut AsyncSmtpConnection) {
    let _ = tokio::time::timeout(FAREWELL, connection.abort()).await;
}

fn basic_auth_off(host: &str, refusal: &Refusal) -> Fault {
    Fault::new(
        "smtp_basic_auth_off",
        format!(
            "{host} has switched log-in with a password off (basic authentication). Ask its administrator for an SMTP relay or another account. It said: {}",
            refusal.reply
        ),
    )
    .with("host", host)
    .with("reply", &refusal.reply)
}

/// What a refusal at a step is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum About {
    /// The server itself: every message would meet it.
    Server,
    /// The sender, as it is set.
    Sender,
    /// This one message.
    Message,
}
