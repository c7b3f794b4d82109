//! Why a request brought no answer. Each kind has a stable code and a sentence that says what happened,
//! to what, and what the user can do. Addresses are shown redacted; nothing else of a request is kept.

use std::error::Error;
use std::io;
use std::net::UdpSocket;
use std::time::Duration;

use super::address::ResolveError;
use super::redact::{host, redacted};
use crate::error::Fault;

/// Why a request brought no answer. `url` is always redacted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// This machine has no network.
    #[error("This machine has no network connection. Tocsin goes on when it is back.")]
    Offline,
    /// The host's name has no address.
    #[error(
        "The name {host} was not found. Check the address, or the DNS settings of this machine."
    )]
    DnsFailed {
        /// The name.
        host: String,
    },
    /// Nobody took the connection.
    #[error(
        "{host} did not take the connection. It may be down, or a firewall or proxy is in the way."
    )]
    ConnectFailed {
        /// Who.
        host: String,
    },
    /// The connection could not be made safe.
    #[error(
        "The connection to {host} is not safe: its certificate or TLS was refused. Check this machine's clock and any intercepting proxy."
    )]
    TlsFailed {
        /// Who.
        host: String,
    },
    /// It took too long.
    #[error("{url} took too long to answer. It is tried again later.")]
    TimedOut {
        /// What.
        url: String,
    },
    /// The body is larger than its cap.
    #[error("{url} is larger than {limit} bytes and was not read.")]
    TooLarge {
        /// What.
        url: String,
        /// The cap, in bytes after decompression.
        limit: usize,
    },
    /// The address is private, loopback or link-local and the source may not go there.
    #[error(
        "{url} leads into a private network and was refused. If that is meant, set allow_private = true for this source in settings.toml."
    )]
    AddressRefused {
        /// What.
        url: String,
    },
    /// A chain of redirects.
    #[error("{url} redirects more than {limit} times. Check the address.")]
    TooManyRedirects {
        /// Where it began.
        url: String,
        /// The cap.
        limit: usize,
    },
    /// The body ended early or could not be decompressed.
    #[error("The answer of {url} broke off or is damaged. It is tried again later.")]
    BodyCut {
        /// What.
        url: String,
    },
    /// A status that is no success.
    #[error("{url} answered with HTTP status {status}.{}", advice(*.status))]
    Status {
        /// What.
        url: String,
        /// The HTTP status.
        status: u16,
        /// How long the server asks to be left alone.
        retry_after: Option<Duration>,
    },
    /// Not an http or https address.
    #[error("{url} is not an http or https address. Check it in Settings, Sources.")]
    BadUrl {
        /// What.
        url: String,
    },
    /// The run was stopped.
    #[error("The request was stopped.")]
    Cancelled,
    /// TLS could not be set up at all.
    #[error(
        "Secure connections could not be set up. Check that this system has root certificates (package ca-certificates)."
    )]
    Setup,
}

impl HttpError {
    /// The stable code of this kind.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Offline => "offline",
            Self::DnsFailed { .. } => "dns_failed",
            Self::ConnectFailed { .. } => "connect_failed",
            Self::TlsFailed { .. } => "tls_failed",
            Self::TimedOut { .. } => "timed_out",
            Self::TooLarge { .. } => "body_too_large",
            Self::AddressRefused { .. } => "address_refused",
            Self::TooManyRedirects { .. } => "too_many_redirects",
            Self::BodyCut { .. } => "body_cut",
            Self::Status { .. } => "http_status",
            Self::BadUrl { .. } => "bad_url",
            Self::Cancelled => "cancelled",
            Self::Setup => "tls_setup_failed",
        }
    }

    /// Whether the same request may succeed soon.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::ConnectFailed { .. } | Self::TimedOut { .. } | Self::BodyCut { .. } => true,
            Self::Status { status, .. } => *status == 429 || *status >= 500,
            _ => false,
        }
    }

    /// Reads the client's error of a call that brought no answer.
    pub(super) fn of_call(e: &reqwest::Error, url: &str) -> Self {
        let causes = Causes::of(e);
        let host = host(url);
        if causes.refused {
            return Self::AddressRefused { url: redacted(url) };
        }
        if causes.tls {
            return Self::TlsFailed { host };
        }
        if causes.unreachable {
            return Self::Offline;
        }
        if causes.not_found {
            return if has_route() {
                Self::DnsFailed { host }
            } else {
                Self::Offline
            };
        }
        if e.is_timeout() {
            return Self::TimedOut { url: redacted(url) };
        }
        if e.is_builder() {
            return Self::BadUrl { url: redacted(url) };
        }
        if e.is_connect() {
            return Self::ConnectFailed { host };
        }
        Self::BodyCut { url: redacted(url) }
    }

    /// Reads the client's error of a body.
    pub(super) fn of_body(e: &reqwest::Error, url: &str) -> Self {
        let url = redacted(url);
        if e.is_timeout() {
            Self::TimedOut { url }
        } else {
            Self::BodyCut { url }
        }
    }
}

impl From<HttpError> for Fault {
    fn from(e: HttpError) -> Self {
        let fault = Self::new(e.code(), e.to_string());
        match e {
            HttpError::DnsFailed { host }
            | HttpError::ConnectFailed { host }
            | HttpError::TlsFailed { host } => fault.with("host", host),
            HttpError::TimedOut { url }
            | HttpError::AddressRefused { url }
            | HttpError::BodyCut { url }
            | HttpError::BadUrl { url } => fault.with("host", host(&url)).with("url", url),
            HttpError::TooLarge { url, limit } | HttpError::TooManyRedirects { url, limit } => {
                fault
                    .with("host", host(&url))
                    .with("url", url)
                    .with("limit", limit)
            }
            HttpError::Status {
                url,
                status,
                retry_after,
            } => {
                let fault = fault
                    .with("host", host(&url))
                    .with("url", url)
                    .with("status", status);
                match retry_after {
                    Some(wait) => fault.with("retry_after_s", wait.as_secs()),
                    None => fault,
                }
            }
            HttpError::Offline | HttpError::Cancelled | HttpError::Setup => fault,
        }
    }
}

fn advice(status: u16) -> &'static str {
    match status {
        401 | 403 => {
            " It refuses this client; open the address in a browser to see whether it still works."
        }
        404 | 410 => " The document is gone; check the address in Settings, Sources.",
        429 => " It asks for fewer requests; Tocsin waits before it tries again.",
        500.. => " The server has a fault; it is tried again later.",
        _ => " Check the address in Settings, Sources.",
    }
}

/// What the chain of causes of a client's error holds, by type and never by text.
#[derive(Default)]
struct Causes {
    refused: bool,
    not_found: bool,
    tls: bool,
    unreachable: bool,
}

impl Causes {
    fn of(e: &(dyn Error + 'static)) -> Self {
        let mut found = Self::default();
        let mut next = Some(e);
        while let Some(cause) = next {
            found.look(cause);
            next = match cause.downcast_ref::<io::Error>() {
                // An io::Error's source() skips the error that it wraps.
                Some(io) => match io.get_ref() {
                    Some(inner) => Some(inner),
                    None => cause.source(),
                },
                None => cause.source(),
            };
        }
        found
    }

    fn look(&mut self, cause: &(dyn Error + 'static)) {
        match cause.downcast_ref::<ResolveError>() {
            Some(ResolveError::Refused) => self.refused = true,
            Some(ResolveError::NotFound) => self.not_found = true,
            None => {}
        }
        self.tls |= cause.is::<rustls::Error>();
        if let Some(io) = cause.downcast_ref::<io::Error>() {
            self.unreachable |= matches!(
                io.kind(),
                io::ErrorKind::NetworkUnreachable | io::ErrorKind::NetworkDown
            );
        }
    }
}

/// Whether this machine has a way out. Connecting a UDP socket asks the routing table and sends
/// nothing; the addresses are the documentation ones of RFC 5737 and RFC 3849.
fn has_route() -> bool {
    let way = |from: &str, to: &str| UdpSocket::bind(from).is_ok_and(|s| s.connect(to).is_ok());
    way("0.0.0.0:0", "192.0.2.1:9") || way("[::]:0", "[2001:db8::1]:9")
}
