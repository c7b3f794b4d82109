//! Why a request brought no answer. Each kind has a stable code and a sentence that says what happened,
//! to what, and what the user can do. Addresses are shown redacted; nothing else of a request is kept.

use std::error::Error;
use std::io;
use std::net::UdpSocket;
use std::time::Duration;

use super::address::{ResolveError, is_below};
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
    /// The host's certificate proves nothing.
    #[error("{} {}", problem.what(host), problem.advice())]
    Certificate {
        /// Who.
        host: String,
        /// What is wrong with it.
        problem: CertificateFault,
    },
    /// The connection could not be made safe.
    #[error(
        "No safe connection to {host} could be agreed on: it speaks no TLS there, or only a version that is no longer safe. Check the address; Tocsin asks for TLS 1.2 or newer."
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
    /// The body is packed otherwise than was asked for, or more than once.
    #[error(
        "{url} answered in an encoding that was not asked for, or that is packed more than once. It was not read; if it lasts, tell whoever runs the site."
    )]
    BadEncoding {
        /// What.
        url: String,
    },
    /// A header holds what no header can.
    #[error(
        "The value for the header {name} holds a line break or another character that cannot be sent. Nothing was sent; set it again."
    )]
    BadHeader {
        /// Its name. The value may be a secret.
        name: &'static str,
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

/// What is wrong with a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateFault {
    /// Its time is over.
    Expired,
    /// Its time has not come.
    NotYetValid,
    /// It is another host's.
    WrongHost,
    /// It is self-signed, or nobody that this machine trusts signed it.
    UnknownIssuer,
    /// It was taken back.
    Revoked,
    /// Anything else.
    Other,
}

impl CertificateFault {
    /// Of the TLS library's error.
    fn of(e: &rustls::Error) -> Option<Self> {
        use rustls::CertificateError as C;
        let rustls::Error::InvalidCertificate(e) = e else {
            return None;
        };
        Some(match e {
            C::Expired | C::ExpiredContext { .. } => Self::Expired,
            C::NotValidYet | C::NotValidYetContext { .. } => Self::NotYetValid,
            C::NotValidForName | C::NotValidForNameContext { .. } => Self::WrongHost,
            C::UnknownIssuer => Self::UnknownIssuer,
            C::Revoked => Self::Revoked,
            // A certificate that is its own authority: webpki's word for most self-signed ones.
            C::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => {
                Self::UnknownIssuer
            }
            _ => Self::Other,
        })
    }

    fn code(self) -> &'static str {
        match self {
            Self::Expired => "certificate_expired",
            Self::NotYetValid => "certificate_not_yet_valid",
            Self::WrongHost => "certificate_wrong_host",
            Self::UnknownIssuer => "certificate_unknown_issuer",
            Self::Revoked => "certificate_revoked",
            Self::Other => "certificate_bad",
        }
    }

    fn what(self, host: &str) -> String {
        match self {
            Self::Expired => format!("The certificate of {host} has expired."),
            Self::NotYetValid => format!("The certificate of {host} is not valid yet."),
            Self::WrongHost => format!("{host} shows the certificate of another site."),
            Self::UnknownIssuer => format!(
                "The certificate of {host} is self-signed, or from an authority that this machine does not trust."
            ),
            Self::Revoked => format!("The certificate of {host} was revoked."),
            Self::Other => format!("The certificate of {host} is not acceptable."),
        }
    }

    fn advice(self) -> &'static str {
        match self {
            Self::Expired => {
                "Nothing was read. Usually the site renews it within a day; if other sites say the same, check this machine's clock."
            }
            Self::NotYetValid => "Nothing was read. Check this machine's clock.",
            Self::WrongHost => {
                "Nothing was read. Check the address; a captive portal or a wrong DNS answer looks the same."
            }
            Self::UnknownIssuer => {
                "Nothing was read. If your network inspects connections, install its root certificate in this system; otherwise do not trust the site."
            }
            Self::Revoked => "Nothing was read. Do not trust the site until it has a new one.",
            Self::Other => "Nothing was read. Tell whoever runs the site.",
        }
    }
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
            Self::Certificate { problem, .. } => problem.code(),
            Self::BadEncoding { .. } => "encoding_refused",
            Self::BadHeader { .. } => "bad_header",
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
        if let Some(problem) = causes.certificate {
            return Self::Certificate { host, problem };
        }
        if causes.tls {
            return Self::TlsFailed { host };
        }
        if causes.not_found {
            return if is_below(&host, "invalid") || has_route() {
                Self::DnsFailed { host }
            } else {
                Self::Offline
            };
        }
        if causes.unreachable && !has_route() {
            return Self::Offline;
        }
        if e.is_connect() {
            return Self::ConnectFailed { host };
        }
        if e.is_timeout() {
            return Self::TimedOut { url: redacted(url) };
        }
        if e.is_builder() {
            return Self::BadUrl { url: redacted(url) };
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
            | HttpError::Certificate { host, .. }
            | HttpError::TlsFailed { host } => fault.with("host", host),
            HttpError::BadHeader { name } => fault.with("header", name),
            HttpError::TimedOut { url }
            | HttpError::AddressRefused { url }
            | HttpError::BodyCut { url }
            | HttpError::BadEncoding { url }
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
            " It refuses this client; open the address in a browser to see whether it still works, and give another one in Sources if it does not. It is tried again later."
        }
        404 | 410 => " The document is gone; check the address in Sources.",
        408 | 425 => " It is tried again later.",
        429 => " It asks for fewer requests; Tocsin waits before it tries again.",
        451 => {
            " It may not show this document for legal reasons; remove the source, or give another address."
        }
        520..=527 => {
            " The network in front of the site (Cloudflare) cannot reach it; it is tried again later."
        }
        500.. => " The server has a fault; it is tried again later.",
        _ => " Check the address in Sources.",
    }
}

/// What the chain of causes of a client's error holds, by type and never by text.
#[derive(Default)]
struct Causes {
    refused: bool,
    not_found: bool,
    tls: bool,
    certificate: Option<CertificateFault>,
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
        if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
            self.tls = true;
            self.certificate = CertificateFault::of(tls).or(self.certificate);
        }
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
