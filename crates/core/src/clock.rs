//! The one clock. Everything that needs the time is given it from here; a replay and the tests set it.

use std::sync::Arc;

use tokio::sync::watch;

use crate::model::Time;

/// Says what time it is. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    /// Milliseconds between this clock and the system's.
    offset_ms: Arc<watch::Sender<i64>>,
}

impl Clock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that shows `start` now and runs on.
    #[must_use]
    pub fn starting_at(start: Time) -> Self {
        let clock = Self::default();
        clock.advance_ms(start.ms() - system_ms());
        clock
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Time {
        Time(system_ms() + *self.offset_ms.borrow())
    }

    /// Moves the clock, in a test or a replay.
    pub fn advance_ms(&self, ms: i64) {
        self.offset_ms.send_modify(|offset| *offset += ms);
    }

    /// Says when somebody moves the clock, so that whoever waits for a moment looks again.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<i64> {
        self.offset_ms.subscribe()
    }
}

/// The only place that reads the system's clock.
fn system_ms() -> i64 {
    chrono::Utc::now().timestamp_millis()
}
