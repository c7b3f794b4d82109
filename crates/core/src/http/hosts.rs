//! One request at a time for each host, with a pause between two. Who waits is served in the order of
//! arrival, and whoever stops waiting leaves the queue.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OwnedMutexGuard;
use tokio::time::Instant;
use url::Url;

/// Hosts that are remembered; beyond this those that nobody waits for are forgotten.
const MOST_HOSTS: usize = 256;

/// When the last request of a host ended.
type Slot = Arc<tokio::sync::Mutex<Option<Instant>>>;

/// All hosts that are talked to.
#[derive(Debug, Default)]
pub(super) struct Hosts(Mutex<HashMap<String, Slot>>);

/// The leave to talk to a host; the next one's turn is when this is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    host: String,
    slot: OwnedMutexGuard<Option<Instant>>,
}

impl Turn {
    /// Whether it is this host's.
    pub fn is_for(&self, host: &str) -> bool {
        self.host == host
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        *self.slot = Some(Instant::now());
    }
}

impl Hosts {
    /// Waits for the host's turn, and for `gap` after the request before it.
    pub async fn turn(&self, host: &str, gap: Duration) -> Turn {
        let slot = self.slot(host).lock_owned().await;
        if let Some(ended) = *slot {
            tokio::time::sleep_until(ended + gap).await;
        }
        Turn {
            host: host.to_owned(),
            slot,
        }
    }

    fn slot(&self, host: &str) -> Slot {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST_HOSTS {
            all.retain(|_, slot| Arc::strong_count(slot) > 1);
        }
        Arc::clone(all.entry(host.to_owned()).or_default())
    }
}

/// What is one host: its name, and the port where that is unusual. `None` for what is no web address.
#[must_use]
pub fn host_of(url: &str) -> Option<String> {
    host_key(&Url::parse(url).ok()?)
}

pub(super) fn host_key(url: &Url) -> Option<String> {
    let host = url.host_str()?.trim_end_matches('.').to_ascii_lowercase();
    Some(match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GAP: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn a_host_is_asked_by_one_at_a_time_and_with_a_pause() {
        let hosts = Arc::new(Hosts::default());
        let begun = Instant::now();
        let mut ends = Vec::new();
        for _ in 0..3 {
            let hosts = Arc::clone(&hosts);
            ends.push(tokio::spawn(async move {
                let turn = hosts.turn("a", GAP).await;
                let at = begun.elapsed();
                tokio::time::sleep(Duration::from_secs(5)).await;
                drop(turn);
                at.as_secs()
            }));
        }
        let other = hosts.turn("b", GAP).await;
        assert_eq!(begun.elapsed(), Duration::ZERO);
        drop(other);
        let mut starts = Vec::new();
        for end in ends {
            starts.push(end.await.unwrap());
        }
        assert_eq!(starts, [0, 6, 12]);
    }

    #[tokio::test(start_paused = true)]
    async fn who_stops_waiting_leaves_the_queue() {
        let hosts = Hosts::default();
        let first = hosts.turn("a", GAP).await;
        let waited = tokio::time::timeout(Duration::from_secs(9), hosts.turn("a", GAP)).await;
        assert!(waited.is_err());
        drop(first);
        let begun = Instant::now();
        hosts.turn("a", GAP).await;
        assert_eq!(begun.elapsed(), GAP);
    }

    #[tokio::test]
    async fn hosts_that_nobody_asks_are_forgotten() {
        let hosts = Hosts::default();
        let kept = hosts.turn("kept", GAP).await;
        for n in 0..2 * MOST_HOSTS {
            hosts.turn(&format!("h{n}"), GAP).await;
        }
        let all = hosts.0.lock().unwrap();
        assert!(all.len() <= MOST_HOSTS && all.contains_key("kept"));
        assert!(kept.is_for("kept") && !kept.is_for("h1"));
    }

    #[test]
    fn a_host_is_its_name_and_an_unusual_port() {
        for (url, expect) in [
            ("https://User:p@Feeds.Example.:443/x", Some("feeds.example")),
            ("http://feeds.example:8080/", Some("feeds.example:8080")),
            ("http://[::1]/", Some("[::1]")),
            ("nothing", None),
        ] {
            assert_eq!(host_of(url).as_deref(), expect, "{url}");
        }
    }
}
