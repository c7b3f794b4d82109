//! Why a step of an SMTP conversation did not work out.

use std::error::Error as _;
use std::future::Future;
use std::io;
use std::time::Duration;

use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::commands::Auth;
use rustls::CertificateError;

use crate::notify::render;
use crate::secrets::Secret;

/// So much of a password's encoded form is as good as the whole: servers repeat commands cut off.
const TELLING: usize = 8;

/// A step that did not work out.
pub(super) enum Failure {
    Smtp(Error),
    TimedOut(Duration),
}

/// A negative answer of the server.
pub(super) struct Refusal {
    pub code: u16,
    /// RFC 3463: `5.7.8`; empty where the server sent none.
    pub enhanced: String,
    /// The answer for people.
    pub reply: String,
}

/// A password that no server is quoted with: as it is, and in the forms in which it went over the wire.
#[derive(Default)]
pub(super) struct Hidden {
    password: Secret<String>,
    encoded: Vec<Secret<String>>,
}

impl Hidden {
    /// The password of a log-in.
    pub fn of(user: &str, password: &Secret<String>) -> Self {
        let credentials = Credentials::new(user.to_owned(), password.expose().clone());
        let encoded = [
            (Mechanism::Plain, None),
            (Mechanism::Login, Some("Password".to_owned())),
        ]
        .into_iter()
        .filter_map(|(mechanism, challenge)| {
            let command = Auth::new(mechanism, credentials.clone(), challenge).ok()?;
            let line = Secret::new(command.to_string());
            let form = line.expose().split_whitespace().last()?;
            Some(Secret::new(form.to_owned()))
        })
        .collect();
        Self {
            password: password.clone(),
            encoded,
        }
    }

    /// What a server said, as one line of at most `most` characters.
    fn quoted(&self, text: &str, most: usize) -> String {
        if self.is_in(text) {
            return "(its answer repeats the password and is not shown)".to_owned();
        }
        render::line(text, most)
    }

    fn is_in(&self, text: &str) -> bool {
        let password = self.password.expose();
        let is_base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
        !password.is_empty() && text.contains(password.as_str())
            || text
                .split(|c| !is_base64(c))
                .filter(|word| word.len() >= TELLING)
                .any(|word| self.encoded.iter().any(|f| f.expose().starts_with(word)))
    }
}

impl Failure {
    /// What the server said, without what is hidden; `None` where it said nothing.
    pub fn refusal(&self, hidden: &Hidden) -> Option<Refusal> {
        let Self::Smtp(e) = self else { return None };
        let code = u16::from(e.status()?);
        let text = e.source().map(ToString::to_string).unwrap_or_default();
        let enhanced = text.split_whitespace().next().unwrap_or_default();
        let is_enhanced = enhanced.split('.').count() == 3
            && enhanced.chars().all(|c| c.is_ascii_digit() || c == '.');
        let shown = hidden.quoted(&text, 300);
        Some(Refusal {
            code,
            enhanced: if is_enhanced {
                enhanced.to_owned()
            } else {
                String::new()
            },
            reply: format!("{code} {shown}").trim_end().to_owned(),
        })
    }

    /// What TLS has to say.
    pub fn tls(&self) -> Option<&rustls::Error> {
        let Self::Smtp(e) = self else { return None };
        let mut cause = e.source();
        while let Some(e) = cause {
            // An I/O error hides what it wraps from `source`.
            let inner = e.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
            let found = inner.map_or_else(
                || e.downcast_ref::<rustls::Error>(),
                |inner| inner.downcast_ref::<rustls::Error>(),
            );
            if found.is_some() {
                return found;
            }
            cause = e.source();
        }
        None
    }

    /// The cause, where it is no answer.
    pub fn words(&self, hidden: &Hidden) -> String {
        match self {
            Self::TimedOut(after) => format!("no answer within {} s", after.as_secs()),
            Self::Smtp(e) => {
                let cause = e
                    .source()
                    .map_or_else(|| e.to_string(), ToString::to_string);
                hidden.quoted(&cause, 200)
            }
        }
    }
}

/// A step within its time.
pub(super) async fn timed<T>(
    limit: Duration,
    step: impl Future<Output = Result<T, Error>>,
) -> Result<T, Failure> {
    match tokio::time::timeout(limit, step).await {
        Ok(result) => result.map_err(Failure::Smtp),
        Err(_) => Err(Failure::TimedOut(limit)),
    }
}

/// What is wrong with a certificate.
pub(super) fn certificate_words(why: &CertificateError) -> String {
    match why {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "it has expired".to_owned()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "it was made for another name".to_owned()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "it is not valid yet".to_owned()
        }
        CertificateError::UnknownIssuer => "nobody known issued it".to_owned(),
        CertificateError::BadSignature => "its signature is wrong".to_owned(),
        CertificateError::Revoked => "it was revoked".to_owned(),
        other => other.to_string(),
    }
}
