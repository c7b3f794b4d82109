//! The replay as a whole: what may be set, and the handle by which a test reads and steers it.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::clock::Clock;
use crate::corpus::Corpus;
use crate::corpus::documents::Kind;
use crate::corpus::nvd::Version;
use crate::http::faults::Faults;
use crate::http::nvd::Nvd;
use crate::http::requests::Requests;
use crate::http::tls::{Certificates, TlsListener};
use crate::http::{PutPage, Site, serve};
use crate::slack::{SlackOptions, SlackSink};
use crate::telegram::{TelegramOptions, TelegramSink};
use crate::worker::Worker;
use crate::{Error, Fault, Problems, RateLimit, Request, SmtpOptions, SmtpSink, TooMany};

/// What a replay is started with. The default: the built-in fixtures, free ports, no limits.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// A folder in the corpus' layout (`nvd/`, `kev/`, `epss/`, `owasp/`, `feeds/`); the built-in fixtures without it.
    pub corpus: Option<PathBuf>,
    /// The HTTP port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// The HTTPS port on 127.0.0.1; 0 takes a free one.
    pub tls_port: u16,
    /// Where the clock starts, instead of the newest time in the material. Records modified later are not there yet.
    pub start: Option<DateTime<Utc>>,
    /// Keys and rate limits of the NVD API.
    pub nvd: NvdRules,
    /// The mail sink, which is always started.
    pub smtp: SmtpOptions,
    /// Slack.
    pub slack: SlackOptions,
    /// Telegram.
    pub telegram: TelegramOptions,
    /// Tell each request to stderr.
    pub log: bool,
}

/// Keys and rate limits of the NVD API.
#[derive(Debug, Clone, Default)]
pub struct NvdRules {
    /// The keys that are valid; with an empty list every key is.
    pub keys: Vec<String>,
    /// The limit for requests without a key; none if not set.
    pub limit: Option<RateLimit>,
    /// The limit for each key; none if not set.
    pub limit_with_key: Option<RateLimit>,
    /// How a request beyond its limit is answered.
    pub too_many: TooMany,
}

/// How much there is to serve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// CVEs that exist at the clock's time.
    pub cves: usize,
    /// Those of them that were modified in the last seven days.
    pub cves_of_last_week: usize,
    /// Paths below `/feeds/`, and The Hacker News'.
    pub feeds: usize,
    /// Files of OWASP's sites.
    pub owasp_pages: usize,
    /// What was skipped while loading.
    pub problems: Problems,
}

/// A running replay: the web server with the chat services, the mail sink and the clock. Dropping it stops all of them.
#[derive(Debug)]
pub struct Replay {
    address: SocketAddr,
    tls_address: SocketAddr,
    ca_pem: String,
    site: Arc<Site>,
    _worker: Worker,
}

impl Replay {
    /// Loads the material and starts the servers; returns when they listen. Blocks: seconds for a large corpus, so call
    /// it through `spawn_blocking` where an async runtime must not wait. It needs no runtime of the caller's.
    pub fn start(options: Options) -> Result<Self, Error> {
        let corpus = Corpus::open(options.corpus.as_deref())?;
        let clock = Clock::starting_at(options.start.unwrap_or(corpus.newest));
        let failed = |source| Error::Start {
            what: "replay",
            source,
        };
        let listen = |port| {
            let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
            listener.set_nonblocking(true)?;
            let address = listener.local_addr()?;
            Ok((listener, address))
        };
        let (listener, address) = listen(options.port).map_err(failed)?;
        let (tls_listener, tls_address) = listen(options.tls_port).map_err(failed)?;
        let certificates = Certificates::make()?;
        let acceptor = certificates.acceptor()?;
        let smtp = Arc::new(SmtpSink::start_with_clock(options.smtp, clock.clone())?);
        let site = Arc::new(Site {
            nvd: Nvd::new(Arc::clone(&corpus), options.nvd),
            corpus,
            slack: SlackSink::new(options.slack, clock.clone()),
            telegram: TelegramSink::new(options.telegram, clock.clone()),
            clock,
            faults: Faults::default(),
            requests: Requests::default(),
            put_pages: Mutex::new(HashMap::new()),
            scores: OnceLock::new(),
            smtp,
            log: options.log,
        });
        let served = Arc::clone(&site);
        let worker = Worker::start("replay", move || async move {
            let listener = tokio::net::TcpListener::from_std(listener);
            let tls = tokio::net::TcpListener::from_std(tls_listener);
            let tls = tls.and_then(|tls| TlsListener::new(tls, acceptor));
            match listener.and_then(|listener| Ok((listener, tls?))) {
                Ok((listener, tls)) => serve(listener, tls, served).await,
                Err(error) => eprintln!("tocsin-replay: cannot serve: {error}"),
            }
        })?;
        Ok(Self {
            address,
            tls_address,
            ca_pem: certificates.ca_pem,
            site,
            _worker: worker,
        })
    }

    /// `http://127.0.0.1:<port>`, without a slash at its end.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The address of a path, which begins with `/`.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Where the web server listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where the same is served over TLS. The name that a client asks for says which certificate it gets: one whose
    /// first label is `expired`, `future`, `wrong-host`, `self-signed` or `unknown` gets such a one, any other name a good
    /// one.
    pub fn tls_address(&self) -> SocketAddr {
        self.tls_address
    }

    /// The authority that signed the good certificates, which is made at each start.
    pub fn tls_ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// What time it is in the replay.
    pub fn now(&self) -> DateTime<Utc> {
        self.site.clock.now()
    }

    /// Moves the replay's clock forward.
    pub fn advance(&self, by: Duration) {
        self.site.clock.advance(by);
    }

    /// What clients asked so far, in order, without `/_replay/`; the oldest of more than 50,000 are forgotten.
    pub fn requests(&self) -> Vec<Request> {
        self.site.requests.all()
    }

    /// Forgets what clients asked so far.
    pub fn clear_requests(&self) {
        self.site.requests.clear();
    }

    /// Sets a fault; one that was set for the same path is replaced.
    pub fn set_fault(&self, fault: Fault) {
        self.site.faults.set(fault);
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        self.site.faults.clear();
    }

    /// The mail sink.
    pub fn smtp(&self) -> &SmtpSink {
        &self.site.smtp
    }

    /// Slack, below `/slack/`.
    pub fn slack(&self) -> &SlackSink {
        &self.site.slack
    }

    /// Telegram, below `/telegram/`.
    pub fn telegram(&self) -> &TelegramSink {
        &self.site.telegram
    }

    /// Adds a state of a CVE: a record of NVD's (`{"id": ...}` or `{"cve": {...}}`). It is served from its
    /// `lastModified` on, unless a newer state is known; a state with the same `lastModified` is replaced.
    pub fn put_nvd(&self, record: &serde_json::Value) -> Result<(), Error> {
        let version = Version::from_json(&record.to_string())?;
        self.site.nvd.add(version);
        Ok(())
    }

    /// Serves these bytes at a path (decoded, beginning with `/`), instead of what was there. Its `Last-Modified` is the
    /// replay's present.
    pub fn put_page(&self, path: &str, content_type: &str, bytes: impl Into<Bytes>) {
        let page = PutPage {
            content_type: content_type.to_owned(),
            bytes: bytes.into(),
            since: self.now(),
        };
        let pages = self.site.put_pages.lock();
        let mut pages = pages.unwrap_or_else(PoisonError::into_inner);
        pages.insert(path.to_owned(), page);
    }

    /// The served paths that begin with `prefix`, in order: what a test picks its documents from.
    pub fn paths(&self, prefix: &str) -> Vec<String> {
        let documents = &self.site.corpus.documents;
        let mut paths: Vec<String> = documents.paths(prefix).map(str::to_owned).collect();
        let put = self.site.put_pages.lock();
        let put = put.unwrap_or_else(PoisonError::into_inner);
        paths.extend(put.keys().filter(|path| path.starts_with(prefix)).cloned());
        paths.sort();
        paths.dedup();
        paths
    }

    /// How much there is to serve at the clock's time.
    pub fn summary(&self) -> Summary {
        let now = self.now();
        let documents = &self.site.corpus.documents;
        let week_ago = now - chrono::TimeDelta::days(7);
        Summary {
            cves: self.site.nvd.count(now),
            cves_of_last_week: self.site.nvd.count_modified(week_ago, now),
            feeds: documents.count(Kind::Feed),
            owasp_pages: documents.count(Kind::Owasp),
            problems: self.site.corpus.problems,
        }
    }
}
