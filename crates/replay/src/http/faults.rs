//! Faults by path: a status, a redirect, garbage, a bomb, a delay, a body that is cut or that drips. They replace or spoil
//! what would have been served and never touch the material itself.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::http::StatusCode;
use axum::response::Response;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use crate::http::bombs::{Packing, garbage};
use crate::http::reply::Reply;

/// How much of a dripping body is sent at once, if nothing else is said.
const DRIP_CHUNK_BYTES: usize = 1024;

/// How long a cut connection stays open after the last byte, so that the byte arrives before the end does.
const BEFORE_CUT: Duration = Duration::from_millis(5);

/// What goes wrong below a path. The longest matching path wins; setting one again replaces it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Fault {
    /// The beginning of the paths that are affected, as the client sends them: `/rest/json`, `/feeds/`, `/`.
    pub path: String,
    /// Answer with this status and [`Fault::body`], without looking at the material.
    pub status: Option<u16>,
    /// Headers to add, or to set instead of the usual ones.
    pub headers: BTreeMap<String, String>,
    /// The body; without a status it replaces the usual one of a 200.
    pub body: Option<String>,
    /// Answer with so many bytes that mean nothing.
    pub garbage_bytes: Option<usize>,
    /// Answer with a body that unpacks to so many zero bytes.
    pub bomb_bytes: Option<u64>,
    /// How the bomb is packed; gzip if it is not set.
    pub bomb_packing: Option<Packing>,
    /// Wait so long before answering.
    pub delay_ms: Option<u64>,
    /// Close the connection after so many bytes of a body that was announced to be longer.
    pub cut_after_bytes: Option<usize>,
    /// Send the body in chunks with this pause before each.
    pub drip_ms_per_chunk: Option<u64>,
    /// The size of these chunks; 1,024 bytes if it is not set.
    pub drip_chunk_bytes: Option<usize>,
    /// Apply the fault only so many times; always if it is not set.
    pub times: Option<u32>,
}

impl Fault {
    /// A fault at the paths that begin with `path`; it does nothing until something is set.
    pub fn at(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            ..Self::default()
        }
    }

    /// Answer with this status.
    pub fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// Add this header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Answer with this body.
    pub fn body(mut self, body: &str) -> Self {
        self.body = Some(body.to_owned());
        self
    }

    /// Redirect to this address, with this status.
    pub fn redirect(self, status: u16, to: &str) -> Self {
        self.status(status).header("location", to)
    }

    /// Answer with bytes that mean nothing.
    pub fn garbage(mut self, size_bytes: usize) -> Self {
        self.garbage_bytes = Some(size_bytes);
        self
    }

    /// Answer with a body that unpacks to so many bytes.
    pub fn bomb(mut self, packing: Packing, size_bytes: u64) -> Self {
        self.bomb_packing = Some(packing);
        self.bomb_bytes = Some(size_bytes);
        self
    }

    /// Wait before answering.
    pub fn delay_ms(mut self, delay_ms: u64) -> Self {
        self.delay_ms = Some(delay_ms);
        self
    }

    /// Close the connection after so many bytes of the body.
    pub fn cut_after_bytes(mut self, size_bytes: usize) -> Self {
        self.cut_after_bytes = Some(size_bytes);
        self
    }

    /// Pause before every chunk of the body.
    pub fn drip_ms_per_chunk(mut self, pause_ms: u64) -> Self {
        self.drip_ms_per_chunk = Some(pause_ms);
        self
    }

    /// Apply only so many times.
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    pub(crate) fn delay(&self) -> Option<Duration> {
        self.delay_ms.map(Duration::from_millis)
    }

    /// Whether it answers itself, without looking at the material.
    pub(crate) fn has_own_reply(&self) -> bool {
        self.status.is_some()
            || self.body.is_some()
            || self.garbage_bytes.is_some()
            || self.bomb_bytes.is_some()
    }

    /// The reply that the fault gives instead of the material's.
    pub(crate) fn own_reply(&self) -> Reply {
        let status = self.status.map_or(StatusCode::OK, |status| {
            StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
        });
        if let Some(size) = self.bomb_bytes {
            let packing = self.bomb_packing.unwrap_or_default();
            return match packing.bomb(size) {
                Ok(bomb) => {
                    let mut reply = Reply::new(status, "application/xml", bomb);
                    reply.header("content-encoding", packing.header());
                    reply
                }
                Err(_) => Reply::status(StatusCode::INTERNAL_SERVER_ERROR),
            };
        }
        if let Some(size) = self.garbage_bytes {
            return Reply::new(status, "application/octet-stream", garbage(size));
        }
        let body = self.body.clone().unwrap_or_default();
        Reply::new(status, "text/plain; charset=utf-8", body)
    }

    pub(crate) fn add_headers(&self, reply: &mut Reply) {
        for (name, value) in &self.headers {
            reply.header(name, value);
        }
    }

    /// Sends the reply cut or dripping, if that is asked for.
    pub(crate) fn spoil(&self, mut reply: Reply) -> Response {
        if self.cut_after_bytes.is_none() && self.drip_ms_per_chunk.is_none() {
            return reply.into_response();
        }
        let body = std::mem::take(&mut reply.body);
        let sent = self
            .cut_after_bytes
            .map_or(body.len(), |cut| cut.min(body.len()));
        let announced = match self.cut_after_bytes {
            Some(cut) => body.len().max(cut.saturating_add(1)),
            None => body.len(),
        };
        reply.header("content-length", &announced.to_string());
        let chunk = self.drip_chunk_bytes.unwrap_or(DRIP_CHUNK_BYTES).max(1);
        let (chunk, pause) = match self.drip_ms_per_chunk {
            Some(pause_ms) => (chunk, Duration::from_millis(pause_ms)),
            None => (sent.max(1), Duration::ZERO),
        };
        let is_cut = self.cut_after_bytes.is_some();
        let (sender, receiver) = mpsc::channel(1);
        // Ends with the body or with the connection, whose receiver is then gone.
        tokio::spawn(send(body.slice(..sent), chunk, pause, is_cut, sender));

        let mut response = reply.into_response();
        *response.body_mut() = Body::from_stream(ReceiverStream::new(receiver));
        response
    }
}

async fn send(
    body: Bytes,
    chunk: usize,
    pause: Duration,
    is_cut: bool,
    sender: mpsc::Sender<io::Result<Bytes>>,
) {
    let mut rest = body;
    while !rest.is_empty() {
        tokio::time::sleep(pause).await;
        let part = rest.split_to(chunk.min(rest.len()));
        if sender.send(Ok(part)).await.is_err() {
            return;
        }
    }
    if is_cut {
        tokio::time::sleep(BEFORE_CUT).await;
        // Nobody is left to be told where this fails.
        let _ = sender
            .send(Err(io::ErrorKind::ConnectionAborted.into()))
            .await;
    }
}

#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    pub(crate) fn set(&self, fault: Fault) {
        let mut faults = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        faults.retain(|known| known.path != fault.path);
        faults.push(fault);
    }

    pub(crate) fn clear(&self) {
        let mut faults = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        faults.clear();
    }

    /// The fault that applies to a request, counted as used.
    pub(crate) fn take(&self, path: &str) -> Option<Fault> {
        let mut faults = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let matching = faults.iter_mut().filter(|f| path.starts_with(&f.path));
        let fault = matching
            .filter(|fault| fault.times != Some(0))
            .max_by_key(|fault| fault.path.len())?;
        if let Some(times) = &mut fault.times {
            *times -= 1;
        }
        Some(fault.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_path_wins_and_is_used_up() {
        let faults = Faults::default();
        faults.set(Fault::at("/").status(500));
        faults.set(Fault::at("/feeds/").status(400));
        faults.set(Fault::at("/feeds/").status(503).times(1));
        let status = |path| faults.take(path).and_then(|fault| fault.status);
        assert_eq!(status("/feeds/a.xml"), Some(503));
        assert_eq!(status("/feeds/a.xml"), Some(500));
        faults.clear();
        assert_eq!(status("/feeds/a.xml"), None);
    }
}
