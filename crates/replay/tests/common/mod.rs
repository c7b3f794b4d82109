//! What the tests of the web server share: a replay of the fixtures, one client, and short ways to ask and read.

#![allow(dead_code)]

use std::sync::LazyLock;
use std::time::Duration;

use reqwest::{Client, Response};
use serde_json::Value;
use tocsin_replay::{Options, Replay};

/// The NVD API's path.
pub const NVD: &str = "/rest/json/cves/2.0";

/// A replay of the built-in fixtures.
pub fn fixtures() -> Replay {
    Replay::start(Options::default()).unwrap()
}

/// A client that asks for no compression and sees redirects. It is made once, for that is slow, and keeps no
/// connection, for each test has its own runtime.
pub fn client() -> &'static Client {
    static CLIENT: LazyLock<Client> = LazyLock::new(|| {
        Client::builder()
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .pool_max_idle_per_host(0)
            .timeout(Duration::from_secs(20))
            .build()
            .unwrap()
    });
    &CLIENT
}

/// A GET.
pub async fn get(replay: &Replay, path: &str) -> Response {
    client().get(replay.url(path)).send().await.unwrap()
}

/// The body of a 200.
pub async fn json_of(response: Response) -> Value {
    assert_eq!(response.status(), 200);
    serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()
}

/// A header, empty where there is none.
pub fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    let value = response.headers().get(name);
    value.map_or("", |value| value.to_str().unwrap())
}

/// The ids on a page of NVD's.
pub fn ids(page: &Value) -> Vec<String> {
    let items = page["vulnerabilities"].as_array();
    let ids = items.into_iter().flatten().map(|item| &item["cve"]["id"]);
    ids.map(|id| id.as_str().unwrap().to_owned()).collect()
}
