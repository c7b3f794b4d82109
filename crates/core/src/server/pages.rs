//! The interface's files for a browser, with the window's content policy.

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_FRAME_OPTIONS};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use super::Shared;
use super::alerts::failure;
use crate::error::Fault;

/// Nothing from elsewhere, nothing inline, no frames.
const POLICY: &str = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(super) async fn page(State(shared): State<Shared>, uri: Uri) -> Response {
    let path = match uri.path().trim_start_matches('/') {
        "" => "index.html",
        path => path,
    };
    let found = shared.assets.and_then(|assets| assets(path));
    let Some((kind, bytes)) = found else {
        return failure(
            StatusCode::NOT_FOUND,
            &Fault::new("not_found", format!("There is nothing at /{path}.")),
        );
    };
    // Vite names a file in assets/ by its content.
    let caching = if path.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    (
        [
            (CONTENT_TYPE, kind.as_str()),
            (CONTENT_SECURITY_POLICY, POLICY),
            (X_FRAME_OPTIONS, "DENY"),
            (CACHE_CONTROL, caching),
        ],
        bytes.into_owned(),
    )
        .into_response()
}
