//! What arrived at a sink, in order, and a way to wait for it.

use std::collections::HashSet;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

/// A message that arrived, whether it was taken or refused.
pub(crate) trait Arrival: Clone {
    /// Whether the service took it, so that people see it.
    fn is_taken(&self) -> bool;

    /// What two copies of one message have in common.
    fn identity(&self) -> String;
}

#[derive(Debug)]
pub(crate) struct Inbox<M> {
    all: Mutex<Vec<M>>,
    arrived: Condvar,
    taken: watch::Sender<usize>,
}

impl<M: Arrival> Inbox<M> {
    pub(crate) fn new() -> Self {
        Self {
            all: Mutex::default(),
            arrived: Condvar::new(),
            taken: watch::Sender::new(0),
        }
    }

    pub(crate) fn push(&self, message: M) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let is_taken = message.is_taken();
        all.push(message);
        self.taken
            .send_modify(|taken| *taken += usize::from(is_taken));
        self.arrived.notify_all();
    }

    /// Everything that arrived, refused or not.
    pub(crate) fn all(&self) -> Vec<M> {
        let all = self.all.lock();
        all.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How much arrived.
    pub(crate) fn count(&self) -> usize {
        self.all
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .len()
    }

    /// What was taken.
    pub(crate) fn taken(&self) -> Vec<M> {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().filter(|m| m.is_taken()).cloned().collect()
    }

    /// How many of those that were taken had been taken before.
    pub(crate) fn duplicates(&self) -> usize {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let mut seen = HashSet::new();
        let taken = all.iter().filter(|m| m.is_taken());
        taken.filter(|m| !seen.insert(m.identity())).count()
    }

    pub(crate) fn clear(&self) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.clear();
        self.taken.send_replace(0);
    }

    /// Waits until `count` messages in all were taken, or for `timeout`; returns those. Blocks the thread.
    pub(crate) fn wait(&self, count: usize, timeout: Duration) -> Vec<M> {
        let end = Instant::now() + timeout;
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        while *self.taken.borrow() < count {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let woken = self.arrived.wait_timeout(all, left);
            all = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
        all.iter().filter(|m| m.is_taken()).cloned().collect()
    }

    /// The same without blocking the thread.
    pub(crate) async fn reach(&self, count: usize, timeout: Duration) -> Vec<M> {
        let mut taken = self.taken.subscribe();
        let reached = taken.wait_for(|have| *have >= count);
        // Too late or not, the caller gets what there is.
        let _ = tokio::time::timeout(timeout, reached).await;
        self.taken()
    }
}
