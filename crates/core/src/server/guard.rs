//! Who may ask: own names only, the token for what is not public, CORS for the origins that are set.

use axum::extract::{Request, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, HOST, ORIGIN, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::Shared;
use super::alerts::failure;
use crate::error::Fault;

/// The header that carries the token.
pub(super) const TOKEN_HEADER: &str = "x-tocsin-token";

/// Refuses requests that were not made to this machine by one of its own names.
pub(super) async fn require_own_host(
    State(shared): State<Shared>,
    request: Request,
    next: Next,
) -> Response {
    if is_own_host(request.headers(), request.uri(), shared.port) {
        let mut response = next.run(request).await;
        let headers = response.headers_mut();
        headers.insert(
            "x-content-type-options",
            HeaderValue::from_static("nosniff"),
        );
        headers.insert("referrer-policy", HeaderValue::from_static("no-referrer"));
        headers.insert(
            "cross-origin-resource-policy",
            HeaderValue::from_static("same-origin"),
        );
        headers
            .entry("cache-control")
            .or_insert(HeaderValue::from_static("no-store"));
        return response;
    }
    failure(
        StatusCode::FORBIDDEN,
        &Fault::new(
            "foreign_host",
            "This server answers only to localhost, 127.0.0.1 and [::1].",
        ),
    )
}

fn is_own_host(headers: &HeaderMap, uri: &Uri, port: u16) -> bool {
    let named = headers
        .get(HOST)
        .and_then(|h| h.to_str().ok())
        .or_else(|| uri.authority().map(axum::http::uri::Authority::as_str));
    let Some(named) = named else { return false };
    ["localhost", "127.0.0.1", "[::1]"].iter().any(|own| {
        named.eq_ignore_ascii_case(&format!("{own}:{port}"))
            || (port == 80 && named.eq_ignore_ascii_case(own))
    })
}

/// Refuses requests without the token, and requests that a foreign page makes.
pub(super) async fn require_token(
    State(shared): State<Shared>,
    request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    let given = headers
        .get(TOKEN_HEADER)
        .map(HeaderValue::as_bytes)
        .unwrap_or_default();
    let own_page = headers.get(ORIGIN).is_none_or(|origin| {
        origin.to_str().is_ok_and(|o| {
            ["localhost", "127.0.0.1", "[::1]"]
                .iter()
                .any(|own| o == format!("http://{own}:{}", shared.port))
        })
    });
    if own_page && same(given, shared.token.as_bytes()) {
        return next.run(request).await;
    }
    failure(
        StatusCode::UNAUTHORIZED,
        &Fault::new(
            "token_needed",
            "This address needs the token that Tocsin printed when it started. Open the whole address from there.",
        ),
    )
}

/// Compares in a time that does not depend on where the first difference is.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |all, (x, y)| all | (x ^ y)) == 0
}

/// Lets the pages of the origins in the settings read.
pub(super) async fn cors(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let origin = request.headers().get(ORIGIN).cloned();
    let mut response = next.run(request).await.into_response();
    let headers = response.headers_mut();
    headers.append(VARY, HeaderValue::from_static("Origin"));
    let Some(origin) = origin else {
        return response;
    };
    let in_force = shared.app.in_force();
    let allowed = origin
        .to_str()
        .is_ok_and(|o| in_force.settings.api.origins.iter().any(|own| own == o));
    if allowed {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(
            ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static("Link, X-Total-Count"),
        );
        headers.insert(
            ACCESS_CONTROL_ALLOW_METHODS,
            HeaderValue::from_static("GET"),
        );
        headers.insert(
            ACCESS_CONTROL_ALLOW_HEADERS,
            HeaderValue::from_static("Content-Type"),
        );
        headers.insert(
            "cross-origin-resource-policy",
            HeaderValue::from_static("cross-origin"),
        );
    }
    response
}
