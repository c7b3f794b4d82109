//! A database with alerts in it, and channels that do what a test says.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use tocsin_core::clock::Clock;
use tocsin_core::error::Fault;
use tocsin_core::model::{
    Alert, AlertId, ChangeKind, ChannelId, DeliveryForm, DeliveryState, Facts, Finding, Kind,
    Severity, SourceId, Subject, Time,
};
use tocsin_core::notify::{
    Channel, Content, Message, Pace, Receipt, Rendered, SendError, TestStep, Urgency,
};
use tocsin_core::outbox::{Known, Next, Outbox, Setup, Tried};
use tocsin_core::store::deliveries::{self, Entry, Folder, Wanted};
use tocsin_core::store::{Db, Open, alerts};

/// What a test begins at.
pub const START: Time = Time(1_800_000_000_000);

/// A service: what it was handed, and what it answers, in turn; else it takes everything.
#[derive(Default)]
pub struct Service {
    pub got: Mutex<Vec<Message>>,
    pub answers: Mutex<VecDeque<Result<Receipt, SendError>>>,
    pub paces: Mutex<Vec<Pace>>,
    pub breaks: Mutex<bool>,
}

impl Service {
    pub fn will(&self, answer: Result<Receipt, SendError>) {
        self.answers.lock().unwrap().push_back(answer);
    }

    pub fn count(&self) -> usize {
        self.got.lock().unwrap().len()
    }

    pub fn last(&self) -> Message {
        self.got.lock().unwrap().last().unwrap().clone()
    }

    /// The alerts of each message that it was handed.
    pub fn uids(&self) -> Vec<Vec<String>> {
        let got = self.got.lock().unwrap();
        got.iter()
            .map(|m| m.alerts().map(|a| a.uid.clone()).collect())
            .collect()
    }
}

#[async_trait]
impl Channel for Service {
    fn render(&self, message: &Message) -> Rendered {
        assert!(!*self.breaks.lock().unwrap(), "told to break");
        Rendered::Desktop {
            summary: format!("{} alerts", message.alerts().count()),
            body: String::new(),
            urgency: Urgency::Normal,
        }
    }

    async fn send(&self, message: &Message, _: &Rendered) -> Result<Receipt, SendError> {
        self.got.lock().unwrap().push(message.clone());
        let answer = self.answers.lock().unwrap().pop_front();
        answer.unwrap_or_else(|| {
            Ok(Receipt {
                reference: Some(format!("reference {}", self.count())),
                ..Receipt::default()
            })
        })
    }

    async fn check(&self) -> Vec<TestStep> {
        Vec::new()
    }

    fn paces(&self) -> Vec<Pace> {
        self.paces.lock().unwrap().clone()
    }
}

pub struct World {
    pub dir: tempfile::TempDir,
    pub db: Db,
    pub clock: Clock,
    pub outbox: Outbox,
    pub setup: Arc<Setup>,
    pub alerts: Vec<AlertId>,
    pub services: BTreeMap<String, Arc<Service>>,
}

pub fn id(channel: &str) -> ChannelId {
    ChannelId(channel.to_owned())
}

pub fn fault(code: &str) -> Fault {
    Fault::new(code, format!("It is {code}."))
}

pub fn retry(after: Option<std::time::Duration>) -> Result<Receipt, SendError> {
    Err(SendError::Retry {
        fault: fault("busy"),
        after,
    })
}

pub fn stop() -> Result<Receipt, SendError> {
    Err(SendError::Stop {
        fault: fault("not_in_channel"),
    })
}

/// An alert whose place in the ranking follows from its number.
fn alert(n: usize) -> (Alert, Finding) {
    let alert = Alert {
        uid: format!("CVE-2026-{}", 10_000 + n),
        source: SourceId::new("nvd"),
        kind: Kind::Vulnerability,
        title: format!("Flaw {n}"),
        text: "A flaw.".into(),
        url: None,
        published: Some(Time(
            START.ms() - 1_000_000 + i64::try_from(n).unwrap() * 1000,
        )),
        updated: None,
        facts: Facts::default(),
        hash: [0; 32],
    };
    let severity = [
        Some(Severity::High),
        Some(Severity::Medium),
        Some(Severity::Low),
        None,
    ];
    let finding = Finding {
        severity: severity[n % 4],
        ..Finding::default()
    };
    (alert, finding)
}

impl World {
    /// With so many alerts, and these channels, which are on.
    pub async fn with(count: usize, channels: &[&str]) -> Self {
        let dir = crate::common::folder();
        let db = Db::open(&dir.path().join("tocsin.db"), Open::Write).unwrap();
        let alerts = db
            .write(move |w| {
                let all = (0..count).map(|n| {
                    let (alert, finding) = alert(n);
                    alerts::insert(w, &alert, &finding, START, true)
                });
                all.collect()
            })
            .await
            .unwrap();
        let services: BTreeMap<String, Arc<Service>> = channels
            .iter()
            .map(|name| ((*name).to_owned(), Arc::default()))
            .collect();
        let mut setup = Setup::default();
        for (name, service) in &services {
            let door: Arc<dyn Channel> = Arc::<Service>::clone(service);
            setup.channels.insert(id(name), Ok(door));
            let known = Known {
                name: name.to_uppercase(),
                is_desktop: name == "desktop",
                weekly_test: false,
            };
            setup.known.insert(id(name), known);
        }
        Self {
            dir,
            db,
            clock: Clock::starting_at(START),
            outbox: Outbox::default(),
            setup: Arc::new(setup),
            alerts,
            services,
        }
    }

    pub fn service(&self, channel: &str) -> &Service {
        &self.services[channel]
    }

    pub fn now(&self) -> Time {
        self.clock.now()
    }

    pub fn passes_s(&self, seconds: i64) {
        self.clock.advance_ms(seconds * 1000);
    }

    pub fn subject(&self, n: usize) -> Subject {
        Subject {
            alert: self.alerts[n],
            change: ChangeKind::New,
            at: START,
        }
    }

    /// Puts an alert into the outbox. Says how many were new.
    pub async fn put(
        &self,
        channel: &str,
        n: usize,
        form: DeliveryForm,
        due: Time,
        slot: Option<&str>,
    ) -> u32 {
        let (channel, subject, now) = (id(channel), self.subject(n), self.now());
        let slot = slot.map(str::to_owned);
        self.db
            .write(move |w| {
                let entry = Entry {
                    channel: &channel,
                    subject,
                    rules: &["a rule".to_owned()],
                    form,
                    due,
                    slot: slot.as_deref(),
                };
                deliveries::enqueue(w, &[entry], now)
            })
            .await
            .unwrap()
    }

    /// An alert that goes out at once, alone.
    pub async fn put_now(&self, channel: &str, n: usize) {
        let new = self
            .put(channel, n, DeliveryForm::Alerts, self.now(), None)
            .await;
        assert_eq!(new, 1);
    }

    pub async fn next(&self, channel: &str) -> Next {
        self.outbox
            .send_next(&self.db, &self.clock, &id(channel), &self.setup, 1.0)
            .await
            .unwrap()
    }

    /// Sends the next message, of which there must be one.
    pub async fn send(&self, channel: &str) -> Tried {
        match self.next(channel).await {
            Next::Tried(tried) => tried,
            other => panic!("nothing was sent: {other:?}"),
        }
    }

    /// All messages of a channel, the oldest first: form, state, alerts.
    pub async fn all(&self, channel: &str) -> Vec<(DeliveryForm, DeliveryState, u32)> {
        let wanted = Wanted {
            folder: Folder::All,
            channel: Some(id(channel)),
            alert: None,
            before: None,
            limit: 10_000,
        };
        let all = self.db.read(move |r| deliveries::list(r, &wanted)).await;
        let all = all.unwrap().into_iter().rev();
        all.map(|l| (l.delivery.form, l.delivery.state, l.alerts))
            .collect()
    }

    pub async fn keep(&self) -> bool {
        tocsin_core::outbox::keep(&self.db, &self.setup, self.now())
            .await
            .unwrap()
    }

    /// A start of the app.
    pub async fn start_again(&self) {
        let now = self.now();
        self.db
            .write(move |w| tocsin_core::outbox::start_again(w, now))
            .await
            .unwrap();
    }

    /// The clock went back since it was looked at last.
    pub async fn clock_went_back(&self) {
        let (setup, now) = (Arc::clone(&self.setup), self.now());
        self.db
            .write(move |w| tocsin_core::outbox::clock_went_back(w, &setup, now))
            .await
            .unwrap();
    }

    pub async fn resume(&self, channel: &str) -> bool {
        let (which, now) = ([id(channel)], self.now());
        self.db
            .write(move |w| tocsin_core::outbox::resume(w, &which, now))
            .await
            .unwrap()
    }
}

/// How a digest groups what it lists: level, listed, left out.
pub fn groups(message: &Message) -> Vec<(Option<Severity>, usize, u32)> {
    let Content::Digest(digest) = &message.content else {
        panic!("no digest: {message:?}");
    };
    let groups = digest.groups.iter();
    groups
        .map(|g| (g.severity, g.alerts.len(), g.more))
        .collect()
}
