//! Drains the stored deliveries through notify.
//!
//! A delivery is marked "sending" before it is handed over and gets its end afterwards. Where the app
//! dies in between, nobody can know whether the service took it (none of them has an idempotency key):
//! the next start marks it "unknown", shows it, and never sends it again by itself.

mod alert;
mod compose;
mod decide;
mod pacer;
mod sending;
mod upkeep;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use crate::clock::Clock;
use crate::error::Fault;
use crate::model::{ChannelId, SourceId, Time};
use crate::notify::{Channel, Pace};

pub use alert::message_alert;
pub use compose::{each_once, message, put_together};
pub use decide::{Decision, LONGEST_HOLD_MS, MOST_ATTEMPTS, decide};
pub use pacer::{Pacer, Wait};
pub use sending::{Next, Tried, due, held, tested};
pub use upkeep::{Known, clock_went_back, keep, resume, start_again};

/// The channels that are configured, by id. A channel that cannot be built says why.
pub type Channels = BTreeMap<ChannelId, Result<Arc<dyn Channel>, Fault>>;

/// What sending needs to know of the settings in force.
#[derive(Clone, Default)]
pub struct Setup {
    /// The channels that are on.
    pub channels: Channels,
    /// All channels that there are, on or off.
    pub known: BTreeMap<ChannelId, Known>,
    /// The sources' names for people.
    pub sources: BTreeMap<SourceId, String>,
}

impl Setup {
    /// A channel's name for people.
    #[must_use]
    pub fn name_of<'a>(&'a self, channel: &'a ChannelId) -> &'a str {
        self.known.get(channel).map_or(&channel.0, |c| &c.name)
    }

    /// The other channels whose messages go to a destination of this one's, by what limits count together.
    fn sharing(&self, channel: &ChannelId) -> Vec<&ChannelId> {
        let keys = |id: &ChannelId| -> BTreeSet<String> {
            let door = self.channels.get(id).and_then(|door| door.as_ref().ok());
            let paces = door.map(|door| door.paces()).unwrap_or_default();
            paces.into_iter().map(|pace| pace.key).collect()
        };
        let own = keys(channel);
        let others = self.channels.keys().filter(|other| *other != channel);
        others
            .filter(|other| !own.is_disjoint(&keys(other)))
            .collect()
    }
}

/// What runs over messages of all channels: the counts of the limits. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Outbox(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    pacer: Mutex<Pacer>,
    ended: Notify,
}

impl Outbox {
    fn pacer<T>(&self, work: impl FnOnce(&mut Pacer) -> T) -> T {
        work(&mut self.0.pacer.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Lets an attempt begin within the limits.
    ///
    /// # Errors
    /// What to wait for.
    pub fn begin(&self, paces: Vec<Pace>, clock: &Clock) -> Result<Turn, Wait> {
        self.pacer(|pacer| pacer.begin(&paces, clock.now()))?;
        Ok(Turn {
            outbox: self.clone(),
            paces,
            clock: clock.clone(),
            is_used: false,
        })
    }

    /// Counts an attempt of an earlier session.
    pub fn seed(&self, paces: &[Pace], ended: Time) {
        self.pacer(|pacer| pacer.seed(paces, ended));
    }

    /// Returns when an attempt has ended, of whatever channel. Take it before [`Outbox::begin`] is asked.
    pub fn another_ended(&self) -> impl Future<Output = ()> + '_ {
        self.0.ended.notified()
    }
}

/// An attempt that may be made. It is over when this is dropped.
#[derive(Debug)]
pub struct Turn {
    outbox: Outbox,
    paces: Vec<Pace>,
    clock: Clock,
    is_used: bool,
}

impl Turn {
    /// It is made: it counts.
    pub fn is_used(&mut self) {
        self.is_used = true;
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let now = self.clock.now();
        self.outbox.pacer(|pacer| {
            if self.is_used {
                pacer.end(&self.paces, now);
            } else {
                pacer.take_back(&self.paces);
            }
        });
        self.outbox.0.ended.notify_waiters();
    }
}

/// The fault of a delivery whose fate is unknown after a crash.
#[must_use]
pub fn interrupted() -> Fault {
    Fault::new(
        "delivery_interrupted",
        "Tocsin ended while this message was being sent, so it may or may not have arrived. Look there, then resend it or give it up.",
    )
}
