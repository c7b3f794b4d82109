//! A mail server on loopback that records what reaches it: STARTTLS on one port, implicit TLS (as on 465) on another,
//! AUTH PLAIN and LOGIN, and the refusals and breaks that real servers show. It delivers nothing.

mod session;
mod tls;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::Utc;
use serde::{Deserialize, Serialize, Serializer};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::clock::Clock;
use crate::sink::counts::Counts;
use crate::sink::desk::moment;
use crate::sink::dice::Dice;
use crate::sink::inbox::{Arrival, Inbox};
use crate::times::millis;
use crate::worker::Worker;
use crate::{Error, RandomTrouble, RateLimit};

/// What a sink is started with. The default: free ports, user `tocsin`, password `tocsin-test-secret-mail`.
#[derive(Debug, Clone)]
pub struct SmtpOptions {
    /// The port with STARTTLS on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// The port with implicit TLS on 127.0.0.1; 0 takes a free one.
    pub tls_port: u16,
    /// The one user that is accepted.
    pub user: String,
    /// That user's password.
    pub password: String,
    /// How the sink behaves at first.
    pub behaviour: SmtpBehaviour,
}

impl Default for SmtpOptions {
    fn default() -> Self {
        Self {
            port: 0,
            tls_port: 0,
            user: "tocsin".to_owned(),
            password: "tocsin-test-secret-mail".to_owned(),
            behaviour: SmtpBehaviour::default(),
        }
    }
}

/// How the sink answers. Replies are whole lines such as `550 5.1.1 No such user`, without the line's end.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SmtpBehaviour {
    /// Do not offer STARTTLS, as a server without TLS.
    pub hide_starttls: bool,
    /// Offer STARTTLS and answer it with this, such as `454 4.7.0 TLS not available`.
    pub starttls_reply: Option<String>,
    /// Offer and accept AUTH without TLS, as a loopback relay does.
    pub allow_plain_auth: bool,
    /// Accept mail without AUTH.
    pub allow_anonymous: bool,
    /// Answer AUTH with this, such as `550 5.7.30 Basic authentication is not supported`.
    pub auth_reply: Option<String>,
    /// Answer RCPT with this, by address; `*` is any other address.
    pub rcpt_replies: BTreeMap<String, String>,
    /// Answer the end of DATA with this; the message is not taken.
    pub data_reply: Option<String>,
    /// Wait so long before the greeting.
    #[serde(rename = "delay_ms", with = "millis")]
    pub delay: Duration,
    /// Wait so long between taking a message and saying so.
    #[serde(rename = "answer_delay_ms", with = "millis")]
    pub answer_delay: Duration,
    /// Take the message, then close the connection without a reply: the client cannot know that it arrived.
    pub drop_after_data: bool,
    /// How many messages are taken, counted at MAIL by the replay's clock; what is beyond is answered with 421.
    pub limit: Option<RateLimit>,
    /// What goes wrong with messages at random.
    pub random: Option<RandomTrouble<MailTrouble>>,
}

/// What goes wrong with one message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum MailTrouble {
    /// RCPT is answered with this.
    Recipient {
        /// `450 4.2.0 Later`.
        reply: String,
    },
    /// The end of DATA is answered with this; the message is not taken.
    Data {
        /// `451 4.3.0 Later`.
        reply: String,
    },
    /// The connection is closed at the end of DATA; the message is not taken.
    CloseUntaken,
    /// The message is taken, and the connection closed without a reply.
    CloseTaken,
}

/// A message that reached the sink with all its data, taken or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Message {
    /// The envelope's sender, empty for `<>`.
    pub from: String,
    /// The envelope's accepted recipients.
    pub to: Vec<String>,
    /// Header and body as sent, with CRLF line ends and without the protocol's dots.
    #[serde(serialize_with = "as_text")]
    pub raw: Vec<u8>,
    /// Who was logged in.
    pub user: Option<String>,
    /// Whether it came over TLS.
    pub over_tls: bool,
    /// Whether it was taken, so that it would be delivered.
    pub is_taken: bool,
    /// The reply, or what went wrong.
    pub answer: String,
    /// When, by the replay's clock; RFC 3339 with `Z`.
    pub at: String,
    /// The same in milliseconds since 1970.
    pub at_ms: i64,
}

impl Message {
    /// The raw message as text; bytes that are no UTF-8 are replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.raw).into_owned()
    }

    /// The value of its first header of this name, folded lines joined.
    pub fn header(&self, name: &str) -> Option<String> {
        let text = self.text();
        let (head, _) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
        let mut lines = unfolded.lines().filter_map(|line| line.split_once(':'));
        let found = lines.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim().to_owned())
    }
}

impl Arrival for Message {
    fn is_taken(&self) -> bool {
        self.is_taken
    }

    /// Servers and readers tell copies by the `Message-ID`.
    fn identity(&self) -> String {
        self.header("message-id").unwrap_or_else(|| self.text())
    }
}

fn as_text<S: Serializer>(raw: &[u8], to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&String::from_utf8_lossy(raw))
}

/// A running sink. Dropping it stops it.
#[derive(Debug)]
pub struct SmtpSink {
    address: SocketAddr,
    tls_address: SocketAddr,
    ca_pem: String,
    shared: Arc<Shared>,
    _worker: Worker,
}

/// What the connections and the handle share.
pub(crate) struct Shared {
    pub(crate) user: String,
    pub(crate) password: String,
    pub(crate) behaviour: Mutex<SmtpBehaviour>,
    dice: Mutex<Dice>,
    inbox: Inbox<Message>,
    counts: Counts,
    clock: Clock,
    pub(crate) acceptor: TlsAcceptor,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.debug_struct("Shared").finish_non_exhaustive()
    }
}

impl SmtpSink {
    /// Starts a sink by itself, with the system's time. A [`crate::Replay`] brings its own.
    pub fn start(options: SmtpOptions) -> Result<Self, Error> {
        Self::start_with_clock(options, Clock::starting_at(Utc::now()))
    }

    pub(crate) fn start_with_clock(options: SmtpOptions, clock: Clock) -> Result<Self, Error> {
        let identity = tls::Identity::make()?;
        let plain = listen(options.port)?;
        let encrypted = listen(options.tls_port)?;
        let shared = Arc::new(Shared {
            user: options.user,
            password: options.password,
            dice: Mutex::new(RandomTrouble::dice(options.behaviour.random.as_ref())),
            behaviour: Mutex::new(options.behaviour),
            inbox: Inbox::new(),
            counts: Counts::default(),
            clock,
            acceptor: identity.acceptor,
        });
        let served = Arc::clone(&shared);
        let address = plain.local_addr().map_err(failed)?;
        let tls_address = encrypted.local_addr().map_err(failed)?;
        let worker = Worker::start("replay-smtp", move || async move {
            match (
                TcpListener::from_std(plain),
                TcpListener::from_std(encrypted),
            ) {
                (Ok(plain), Ok(encrypted)) => serve(plain, encrypted, served).await,
                (Err(error), _) | (_, Err(error)) => {
                    eprintln!("tocsin-replay: cannot receive mail: {error}");
                }
            }
        })?;
        Ok(Self {
            address,
            tls_address,
            ca_pem: identity.ca_pem,
            shared,
            _worker: worker,
        })
    }

    /// Where it listens for plain connections and STARTTLS.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it listens for implicit TLS.
    pub fn tls_address(&self) -> SocketAddr {
        self.tls_address
    }

    /// The certificate of the authority that a client must trust. The server's own is for `localhost`, `127.0.0.1`
    /// and `::1`.
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// Writes the authority's certificate to a file.
    pub fn write_ca_pem(&self, path: &Path) -> std::io::Result<()> {
        std::fs::write(path, &self.ca_pem)
    }

    /// The one user that is accepted.
    pub fn user(&self) -> &str {
        &self.shared.user
    }

    /// That user's password.
    pub fn password(&self) -> &str {
        &self.shared.password
    }

    /// Changes how the sink behaves, from the next command on; the dice begin anew.
    pub fn set_behaviour(&self, behaviour: SmtpBehaviour) {
        let dice = self.shared.dice.lock();
        *dice.unwrap_or_else(PoisonError::into_inner) =
            RandomTrouble::dice(behaviour.random.as_ref());
        let current = self.shared.behaviour.lock();
        *current.unwrap_or_else(PoisonError::into_inner) = behaviour;
    }

    /// How it behaves.
    pub fn behaviour(&self) -> SmtpBehaviour {
        self.shared.behaviour()
    }

    /// The messages that were taken, in order.
    pub fn messages(&self) -> Vec<Message> {
        self.shared.inbox.taken()
    }

    /// Every message that arrived with all its data, in order, taken or not.
    pub fn arrivals(&self) -> Vec<Message> {
        self.shared.inbox.all()
    }

    /// How many messages arrived.
    pub fn arrived(&self) -> usize {
        self.shared.inbox.count()
    }

    /// How often a message came beyond the limit.
    pub fn exceeded(&self) -> usize {
        self.shared.counts.exceeded()
    }

    /// How many of the messages that were taken had been taken before, by their `Message-ID`.
    pub fn duplicates(&self) -> usize {
        self.shared.inbox.duplicates()
    }

    /// Forgets what arrived and what was counted.
    pub fn clear(&self) {
        self.shared.inbox.clear();
        self.shared.counts.clear();
    }

    /// Waits until `count` messages in all were taken, or for `timeout`; returns those. Blocks the thread: in an
    /// async test use [`SmtpSink::messages_reach`].
    pub fn wait_for_messages(&self, count: usize, timeout: Duration) -> Vec<Message> {
        self.shared.inbox.wait(count, timeout)
    }

    /// As [`SmtpSink::wait_for_messages`], without blocking the thread.
    pub async fn messages_reach(&self, count: usize, timeout: Duration) -> Vec<Message> {
        self.shared.inbox.reach(count, timeout).await
    }
}

impl Shared {
    pub(crate) fn behaviour(&self) -> SmtpBehaviour {
        let behaviour = self.behaviour.lock();
        behaviour.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Records a message, with the time that it is now.
    pub(crate) fn record(&self, mut message: Message) {
        (message.at, message.at_ms) = moment(self.clock.now());
        self.inbox.push(message);
    }

    /// Whether one more message is within the limit.
    pub(crate) fn admits(&self) -> bool {
        let limit = self.behaviour().limit;
        let limits: Vec<_> = limit.into_iter().map(|l| ("mail".to_owned(), l)).collect();
        self.counts.admit(&limits, self.clock.now()).is_ok()
    }

    /// What goes wrong with the next message.
    pub(crate) fn trouble(&self) -> Option<MailTrouble> {
        let random = self.behaviour().random?;
        let mut dice = self.dice.lock().unwrap_or_else(PoisonError::into_inner);
        random.throw(&mut dice).cloned()
    }
}

fn failed(source: std::io::Error) -> Error {
    Error::Start {
        what: "mail sink",
        source,
    }
}

fn listen(port: u16) -> Result<std::net::TcpListener, Error> {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    Ok(listener)
}

/// Accepts on both ports until it is dropped, and with it every connection.
async fn serve(plain: TcpListener, encrypted: TcpListener, shared: Arc<Shared>) {
    let mut sessions = JoinSet::new();
    loop {
        let (accepted, is_tls) = tokio::select! {
            accepted = plain.accept() => (accepted, false),
            accepted = encrypted.accept() => (accepted, true),
            Some(_) = sessions.join_next() => continue,
        };
        match accepted {
            Ok((stream, _)) => {
                let shared = Arc::clone(&shared);
                // A client that goes away in the middle is no fault of the sink's.
                sessions.spawn(async move {
                    let _ = session::run(stream, is_tls, &shared).await;
                });
            }
            // Out of file handles, or a connection that was gone before it was accepted: try again shortly.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}
