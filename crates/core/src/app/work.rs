//! Long work that somebody asked for: one place that says how far each piece is, and that stops it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;
use ts_rs::TS;

use super::App;
use super::keep::Hold;
use crate::error::Fault;
use crate::events::{Event, Events};

/// Between two events about the same piece of work.
const PAUSE: Duration = Duration::from_millis(100);

/// A piece of long work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Work {
    /// Names it.
    pub id: u32,
    /// What it is.
    pub kind: WorkKind,
    /// Steps done.
    pub done: u32,
    /// Steps in all, where known.
    pub total: Option<u32>,
    /// Whether it can be stopped.
    pub can_cancel: bool,
}

/// What a piece of work is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // Each is what the command of its name does.
pub enum WorkKind {
    Backup,
    Restore,
    Export,
    Import,
    Optimise,
    Retention,
    Triage,
    Recount,
}

#[derive(Debug, Default)]
pub(super) struct Works(Arc<Mutex<Running>>);

#[derive(Debug, Default)]
struct Running {
    last: u32,
    all: BTreeMap<u32, (Work, CancellationToken)>,
}

/// A piece of work while it is done; it is over when this is dropped.
#[derive(Debug)]
pub struct Working {
    id: u32,
    running: Arc<Mutex<Running>>,
    events: Events,
    token: CancellationToken,
    told: Mutex<Instant>,
    /// The database stays the same file meanwhile.
    _hold: Option<Hold>,
}

impl Working {
    /// Says how far it is. Cheap; listeners hear of it ten times a second at most.
    pub fn progress(&self, done: u32, total: Option<u32>) {
        if let Some((work, _)) = lock(&self.running).all.get_mut(&self.id) {
            work.done = done;
            work.total = total;
        }
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.elapsed() >= PAUSE {
            *told = Instant::now();
            self.events.send(Event::WorkChanged);
        }
    }

    /// What tells it to stop.
    #[must_use]
    pub fn token(&self) -> &CancellationToken {
        &self.token
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        lock(&self.running).all.remove(&self.id);
        self.events.send(Event::WorkChanged);
    }
}

impl App {
    /// Begins a piece of work.
    ///
    /// # Errors
    /// `database_busy` while another file is taking the database's place.
    pub fn begin_work(&self, kind: WorkKind, can_cancel: bool) -> Result<Working, Fault> {
        let hold = match kind {
            // It is what puts another file in its place.
            WorkKind::Restore => None,
            _ => Some(self.0.whole.try_hold().ok_or_else(busy)?),
        };
        let token = self.token();
        let running = Arc::clone(&self.0.works.0);
        let id = {
            let mut running = lock(&running);
            running.last = running.last.wrapping_add(1);
            let id = running.last;
            let work = Work {
                id,
                kind,
                done: 0,
                total: None,
                can_cancel,
            };
            running.all.insert(id, (work, token.clone()));
            id
        };
        self.events().send(Event::WorkChanged);
        Ok(Working {
            id,
            running,
            events: self.events().clone(),
            token,
            told: Mutex::new(Instant::now()),
            _hold: hold,
        })
    }

    /// What is being done.
    #[must_use]
    pub fn work(&self) -> Vec<Work> {
        let running = lock(&self.0.works.0);
        running.all.values().map(|(work, _)| *work).collect()
    }

    /// Stops all work that can be stopped.
    pub(super) fn cancel_all_work(&self) {
        for (work, token) in lock(&self.0.works.0).all.values() {
            if work.can_cancel {
                token.cancel();
            }
        }
    }

    /// Stops a piece of work; one that is over or cannot be stopped goes on.
    pub fn cancel_work(&self, id: u32) {
        if let Some((work, token)) = lock(&self.0.works.0).all.get(&id)
            && work.can_cancel
        {
            token.cancel();
        }
    }
}

fn busy() -> Fault {
    Fault::new(
        "database_busy",
        "Another file is being put in the place of the database; try again in a moment.",
    )
}

fn lock(running: &Mutex<Running>) -> std::sync::MutexGuard<'_, Running> {
    running.lock().unwrap_or_else(PoisonError::into_inner)
}
