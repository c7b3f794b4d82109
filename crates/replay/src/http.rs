//! Answers requests: records them, applies faults, finds what lies at a path, and adds what every good server adds
//! (validators, compression). Nothing here knows who asks.

pub(crate) mod bombs;
mod chat;
mod control;
mod door;
mod epss;
pub(crate) mod faults;
pub(crate) mod limit;
pub(crate) mod nvd;
mod nvd_files;
mod pages;
pub(crate) mod query;
pub(crate) mod reply;
pub(crate) mod requests;
pub(crate) mod tls;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request as HttpRequest, State};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use tokio::net::TcpListener;

use crate::clock::Clock;
use crate::corpus::Corpus;
use crate::corpus::epss::Scores;
use crate::http::door::{Door, Doors};
use crate::http::faults::Faults;
use crate::http::nvd::Nvd;
use crate::http::reply::Reply;
use crate::http::requests::Requests;
use crate::http::tls::TlsListener;
use crate::sink::desk::End;
use crate::slack::SlackSink;
use crate::smtp::SmtpSink;
use crate::telegram::TelegramSink;

/// The largest body that a control request may have.
const MAX_CONTROL_BODY: usize = 4 * 1024 * 1024;

/// A document that a test has put at a path.
#[derive(Debug, Clone)]
pub(crate) struct PutPage {
    pub(crate) content_type: String,
    pub(crate) bytes: Bytes,
    pub(crate) since: DateTime<Utc>,
}

/// All that requests share.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) corpus: Arc<Corpus>,
    pub(crate) clock: Clock,
    pub(crate) nvd: Nvd,
    pub(crate) faults: Faults,
    pub(crate) requests: Requests,
    pub(crate) put_pages: Mutex<HashMap<String, PutPage>>,
    pub(crate) scores: OnceLock<Mutex<HashMap<String, Arc<Scores>>>>,
    pub(crate) smtp: Arc<SmtpSink>,
    pub(crate) slack: SlackSink,
    pub(crate) telegram: TelegramSink,
    /// Whether each request is told to stderr.
    pub(crate) log: bool,
}

/// Serves until the future is dropped.
pub(crate) async fn serve(listener: TcpListener, tls: TlsListener, site: Arc<Site>) {
    let app = Router::new().fallback(answer).with_state(site);
    let app = app.into_make_service_with_connect_info::<Door>();
    // An accept error is retried by axum itself; it returns only when it is dropped.
    let (_, _) = tokio::join!(
        async { axum::serve(Doors(listener), app.clone()).await },
        async { axum::serve(Doors(tls), app.clone()).await },
    );
}

async fn answer(
    State(site): State<Arc<Site>>,
    ConnectInfo(door): ConnectInfo<Door>,
    request: HttpRequest,
) -> Response {
    let (head, body) = request.into_parts();
    let path = head.uri.path().to_owned();
    if path.starts_with("/_replay/") {
        return match to_bytes(body, MAX_CONTROL_BODY).await {
            Ok(body) => control::answer(&site, &head.method, &path, &body).into_response(),
            Err(_) => Reply::status(StatusCode::PAYLOAD_TOO_LARGE).into_response(),
        };
    }
    site.requests.record(&head, site.clock.now());

    let fault = site.faults.take(&path);
    if let Some(delay) = fault.as_ref().and_then(faults::Fault::delay) {
        tokio::time::sleep(delay).await;
    }
    let (mut reply, end) = match &fault {
        Some(fault) if fault.has_own_reply() => (own_reply(fault.clone()).await, End::Whole),
        _ if chat::is_chat(&path) => chat::answer(&site, &head, body).await,
        _ => (blocking_reply(&site, &head).await, End::Whole),
    };
    if let Some(fault) = &fault {
        fault.add_headers(&mut reply);
    }
    reply.date(site.clock.now());
    if site.log {
        let query = head.uri.query().map(|query| format!("?{query}"));
        let asked = chat::shown(&path) + &query.unwrap_or_default();
        eprintln!("{} {asked} -> {}", head.method, reply.status.as_u16());
    }
    match (fault, end) {
        (_, End::Closed) => {
            door.close();
            reply.into_response()
        }
        (_, End::Cut(after)) => faults::Fault::at("/").cut_after_bytes(after).spoil(reply),
        (Some(fault), End::Whole) => fault.spoil(reply),
        (None, End::Whole) => reply.into_response(),
    }
}

/// Packing a bomb takes the processor too.
async fn own_reply(fault: faults::Fault) -> Reply {
    let done = tokio::task::spawn_blocking(move || fault.own_reply()).await;
    done.unwrap_or_else(|_| Reply::status(StatusCode::INTERNAL_SERVER_ERROR))
}

/// Reading and compressing a document takes the disk and the processor: it is done off the server's own threads.
async fn blocking_reply(site: &Arc<Site>, head: &axum::http::request::Parts) -> Reply {
    let site = Arc::clone(site);
    let head = head.clone();
    let done = tokio::task::spawn_blocking(move || {
        if !matches!(head.method, Method::GET | Method::HEAD) {
            let mut reply = Reply::status(StatusCode::METHOD_NOT_ALLOWED);
            reply.header("allow", "GET, HEAD");
            return reply;
        }
        let reply = route(&site, &head);
        reply.compressed_for(&head.headers)
    });
    done.await
        .unwrap_or_else(|_| Reply::status(StatusCode::INTERNAL_SERVER_ERROR))
}

fn route(site: &Site, head: &axum::http::request::Parts) -> Reply {
    let query = head.uri.query().unwrap_or_default();
    let put = site.put_pages.lock();
    let put = put.unwrap_or_else(PoisonError::into_inner);
    if let Some(page) = put.get(&query::decode_path(head.uri.path())).cloned() {
        drop(put);
        return pages::put_page(&page, &head.headers);
    }
    drop(put);
    match head.uri.path().trim_end_matches('/') {
        "/rest/json/cves/2.0" => site.nvd.answer(query, &head.headers, site.clock.now()),
        "/data/v1/epss" => epss::answer(site, query),
        path => nvd_files::answer(site, path, &head.headers)
            .unwrap_or_else(|| pages::answer(site, head.uri.path(), &head.headers)),
    }
}

impl Reply {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}
