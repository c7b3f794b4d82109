//! The local HTTP API, and the interface in a browser.
//!
//! Loopback only. A foreign `Host` is refused, so a web page cannot reach the port by rebinding its
//! name; other origins get what CORS allows: the ones in the settings, for reading `/alerts`. What
//! changes anything or reveals settings (`/rpc`, `/events`) needs the token that the start prints in
//! the address's fragment, in a header, so that no web page can forge it.

mod alerts;
mod follow;
mod guard;
mod pages;
mod rpc;

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::middleware;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::error::Fault;

pub use follow::follow_settings;

/// Finds a file of the interface by its path without the first slash: its type and its bytes.
pub type Assets = fn(&str) -> Option<(String, std::borrow::Cow<'static, [u8]>)>;

/// How the server is started.
#[derive(Clone, Copy, Debug)]
pub struct ServerOptions {
    /// The port; 0 takes any free one.
    pub port: u16,
    /// The interface's files; `None` serves the API alone.
    pub assets: Option<Assets>,
}

/// A running server. It stops with the app.
#[derive(Clone, Debug)]
pub struct Server {
    /// Its port.
    pub port: u16,
    /// What `/rpc` and `/events` ask for.
    token: String,
    cancel: CancellationToken,
}

impl Server {
    /// Stops serving.
    pub fn close(&self) {
        self.cancel.cancel();
    }

    /// `http://localhost:8000`.
    #[must_use]
    pub fn address(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// The address that opens the interface; its fragment is the key, so it is not for logs.
    #[must_use]
    pub fn address_with_token(&self) -> String {
        format!("{}/#token={}", self.address(), self.token)
    }
}

/// What every handler knows.
#[derive(Clone)]
struct Shared {
    app: App,
    assets: Option<Assets>,
    token: Arc<str>,
    port: u16,
    cancel: CancellationToken,
}

/// Starts to serve on the loopback addresses of IPv4 and, where there is one, IPv6.
///
/// # Errors
/// `api_port_busy` where another program has the port.
pub async fn serve(app: &App, options: ServerOptions) -> Result<Server, Fault> {
    let first = bind(SocketAddr::from((Ipv4Addr::LOCALHOST, options.port))).await?;
    let port = first
        .local_addr()
        .map_err(|e| refused(options.port, &e))?
        .port();
    let second = bind_ipv6(port).await?;
    let token: String = rand::random::<[u8; 24]>()
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    let cancel = app.token();
    let router = router(Shared {
        app: app.clone(),
        assets: options.assets,
        token: token.as_str().into(),
        port,
        cancel: cancel.clone(),
    });
    for listener in std::iter::once(first).chain(second) {
        let (router, cancel) = (router.clone(), cancel.clone());
        app.track(async move {
            let served =
                axum::serve(listener, router).with_graceful_shutdown(cancel.cancelled_owned());
            if let Err(error) = served.await {
                tracing::error!("the local API stopped: {error}");
            }
        });
    }
    Ok(Server {
        port,
        token,
        cancel,
    })
}

fn router(shared: Shared) -> Router {
    let guarded = Router::new()
        .route("/rpc", post(rpc::rpc))
        .route("/events", get(rpc::events))
        .route_layer(middleware::from_fn_with_state(
            shared.clone(),
            guard::require_token,
        ));
    let public = Router::new()
        .route("/alerts", get(alerts::list).options(alerts::preflight))
        .route("/alerts/{id}", get(alerts::one).options(alerts::preflight))
        .route("/health", get(alerts::health).options(alerts::preflight))
        .route_layer(middleware::from_fn_with_state(shared.clone(), guard::cors));
    Router::new()
        .merge(guarded)
        .merge(public)
        .fallback(get(pages::page))
        .layer(middleware::from_fn_with_state(
            shared.clone(),
            guard::require_own_host,
        ))
        .with_state(shared)
}

/// Some machines have no IPv6; there the first listener is enough. One that somebody else has is an error:
/// a browser that tries it first would hand the token over.
async fn bind_ipv6(port: u16) -> Result<Option<TcpListener>, Fault> {
    match TcpListener::bind(SocketAddr::from((Ipv6Addr::LOCALHOST, port))).await {
        Ok(listener) => Ok(Some(listener)),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => Err(refused(port, &error)),
        Err(_) => Ok(None),
    }
}

async fn bind(address: SocketAddr) -> Result<TcpListener, Fault> {
    TcpListener::bind(address)
        .await
        .map_err(|error| refused(address.port(), &error))
}

fn refused(port: u16, error: &std::io::Error) -> Fault {
    Fault::new(
        "api_port_busy",
        format!("The local API could not be opened on port {port}: {error}. Another program may have it; choose another port in settings.toml, [api]."),
    )
    .with("port", port)
}
