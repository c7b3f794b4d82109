//! The commands and the events for the interface in a browser.

use std::convert::Infallible;
use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::sse::{self, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, StreamExt, stream};
use serde::Deserialize;
use tokio_stream::wrappers::BroadcastStream;

use super::Shared;
use super::alerts::failure;
use crate::error::Fault;
use crate::events::{Event, catch_up};

#[derive(Deserialize)]
struct Call {
    name: String,
    #[serde(default)]
    request: serde_json::Value,
}

/// One command. A fault of the command is status 422 with the fault as JSON.
pub(super) async fn rpc(State(shared): State<Shared>, body: Bytes) -> Response {
    let call: Call = match serde_json::from_slice(&body) {
        Ok(call) => call,
        Err(error) => {
            let fault = Fault::new("bad_request", format!("The request is no call: {error}"));
            return failure(StatusCode::BAD_REQUEST, &fault);
        }
    };
    match shared.app.call(&call.name, call.request).await {
        Ok(answer) => Json(answer).into_response(),
        Err(fault) => failure(StatusCode::UNPROCESSABLE_ENTITY, &fault),
    }
}

/// The event stream (server-sent events); each message is one event as JSON.
pub(super) async fn events(
    State(shared): State<Shared>,
) -> Sse<impl Stream<Item = Result<sse::Event, Infallible>>> {
    let heard = BroadcastStream::new(shared.app.events().subscribe()).flat_map(|event| {
        stream::iter(match event {
            Ok(event) => vec![event],
            // It lagged: whoever listens fetches everything again.
            Err(_) => catch_up(),
        })
    });
    let stopped = shared.cancel.cancelled_owned();
    let messages = heard.take_until(stopped).map(|event: Event| {
        let text = serde_json::to_string(&event).unwrap_or_default();
        Ok(sse::Event::default().data(text))
    });
    Sse::new(messages).keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
}
