//! Why a step of an SMTP conversation did not work out.

use std::error::Error as _;
use std::future::Future;
use std::io;
use std::time::Duration;

use lettre::transport::smtp::Error;
use rustls::CertificateError;

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

impl Failure {
    /// What the server said, without `secret`; `None` where it said nothing.
    pub fn refusal(&self, secret: &str) -> Option<Refusal> {
        let Self::Smtp(e) = self else { return None };
        let code = u16::from(e.status()?);
        let text = e.source().map(ToString::to_string).unwrap_or_default();
        let enhanced = text.split_whitespace().next().unwrap_or_default();
        let is_enhanced = enhanced.split('.').count() == 3
            && enhanced.chars().all(|c| c.is_ascii_digit() || c == '.');
        let shown = if !secret.is_empty() && text.contains(secret) {
            "(its answer repeats the password and is not shown)".to_owned()
        } else {
            super::super::render::line(&text, 300)
        };
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
    pub fn words(&self) -> String {
        match self {
            Self::TimedOut(after) => format!("no answer within {} s", after.as_secs()),
            Self::Smtp(e) => {
                let cause = e
                    .source()
                    .map_or_else(|| e.to_string(), ToString::to_string);
                super::super::render::line(&cause, 200)
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
