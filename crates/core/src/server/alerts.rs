//! `GET /alerts`, `/alerts/{id}`, `/health`: reading, without a token (the original's contract).

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::header::{CONTENT_TYPE, LINK};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use super::Shared;
use crate::commands::api::{self, AlertsRequest};
use crate::error::Fault;

static TOTAL: HeaderName = HeaderName::from_static("x-total-count");

pub(super) async fn list(State(shared): State<Shared>, RawQuery(raw): RawQuery) -> Response {
    let raw = raw.unwrap_or_default();
    let request: AlertsRequest = match read_query(&raw) {
        Ok(request) => request,
        Err(fault) => return failure(StatusCode::BAD_REQUEST, &fault),
    };
    let page = match api::alerts_page(&shared.app, request).await {
        Ok(page) => page,
        Err(fault) => return failure(status_of(&fault), &fault),
    };
    let mut response = Json(&page.alerts).into_response();
    let headers = response.headers_mut();
    headers.insert(TOTAL.clone(), HeaderValue::from(page.total));
    if let Some(cursor) = page.next {
        let kept = url::form_urlencoded::parse(raw.as_bytes()).filter(|(name, _)| name != "cursor");
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(kept)
            .append_pair("cursor", &cursor)
            .finish();
        if let Ok(link) = HeaderValue::from_str(&format!("</alerts?{query}>; rel=\"next\"")) {
            headers.insert(LINK, link);
        }
    }
    response
}

/// Reads the parameters of a request. An unknown one is an error that names it, so that a misspelt
/// filter never answers with everything.
fn read_query(raw: &str) -> Result<AlertsRequest, Fault> {
    let mut object = serde_json::Map::new();
    for (name, value) in url::form_urlencoded::parse(raw.as_bytes()) {
        let value = match (&*name, value.parse::<i64>()) {
            ("limit", Ok(number)) => number.into(),
            _ => value.into_owned().into(),
        };
        object.insert(name.into_owned(), value);
    }
    serde_json::from_value(object.into()).map_err(|error| {
        Fault::new(
            "bad_parameter",
            format!("A parameter cannot be used: {error}. Known are severity (low, medium, high), source, since (RFC 3339), q, relevant (any, true, false), limit and cursor."),
        )
    })
}

pub(super) async fn one(State(shared): State<Shared>, Path(id): Path<String>) -> Response {
    match api::alert(&shared.app, &id).await {
        Ok(alert) => Json(alert).into_response(),
        Err(fault) => failure(status_of(&fault), &fault),
    }
}

pub(super) async fn health(State(shared): State<Shared>) -> Response {
    match api::health(&shared.app).await {
        Ok(health) => Json(health).into_response(),
        Err(fault) => failure(StatusCode::SERVICE_UNAVAILABLE, &fault),
    }
}

/// CORS asks before it reads; the answer's headers are the guard's.
pub(super) async fn preflight() -> StatusCode {
    StatusCode::NO_CONTENT
}

fn status_of(fault: &Fault) -> StatusCode {
    match fault.code.as_str() {
        "unknown_alert" => StatusCode::NOT_FOUND,
        "bad_limit" | "bad_cursor" | "query_invalid" => StatusCode::BAD_REQUEST,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// A fault as JSON.
pub(super) fn failure(status: StatusCode, fault: &Fault) -> Response {
    let body = serde_json::to_string(fault).unwrap_or_default();
    (status, [(CONTENT_TYPE, "application/json")], body).into_response()
}
