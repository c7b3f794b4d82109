//! Open lists: the order of a list is frozen when it is opened, so collecting never moves its rows. A
//! list is its ids, eight bytes each; the rows are read when they are asked for.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use crate::model::{AlertId, Sort, Time};
use crate::query::node::{Node, Text};

/// Lists that stay open; older ones are closed.
const MOST_OPEN: usize = 16;

/// A list as it was when it was opened.
#[derive(Debug)]
pub(crate) struct Snapshot {
    /// What it shows.
    pub node: Node,
    /// The words of it that are marked in its rows.
    pub texts: Vec<Text>,
    /// Its order.
    pub sort: Sort,
    /// Its alerts, in order.
    pub ids: Vec<AlertId>,
    /// When the newest alert that was stored then had come.
    pub until: Time,
}

impl Snapshot {
    /// The place of an alert; in a list by time also of where it would stand.
    pub fn place(&self, id: AlertId) -> Option<usize> {
        match self.sort {
            Sort::Newest => Some(self.ids.partition_point(|other| *other > id)),
            _ => self.ids.iter().position(|other| *other == id),
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Lists(Mutex<Open>);

#[derive(Debug, Default)]
struct Open {
    last: u32,
    lists: VecDeque<(u32, Arc<Snapshot>)>,
}

impl Lists {
    pub fn open(&self, snapshot: Snapshot) -> (u32, Arc<Snapshot>) {
        let snapshot = Arc::new(snapshot);
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.last = open.last.wrapping_add(1);
        let name = open.last;
        open.lists.push_back((name, Arc::clone(&snapshot)));
        if open.lists.len() > MOST_OPEN {
            open.lists.pop_front();
        }
        (name, snapshot)
    }

    pub fn get(&self, name: u32) -> Option<Arc<Snapshot>> {
        let open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.lists
            .iter()
            .find(|(n, _)| *n == name)
            .map(|(_, list)| Arc::clone(list))
    }

    /// Closes a list.
    pub fn close(&self, name: u32) {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.lists.retain(|(n, _)| *n != name);
    }

    /// Closes all lists: another file took the database's place, and their ids are not its.
    pub fn close_all(&self) {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.lists.clear();
    }
}
