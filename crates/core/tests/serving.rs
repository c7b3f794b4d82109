//! The local HTTP API: the original's contract, and who is refused.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::{Home, collect, fixtures};
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use tocsin_core::app::App;
use tocsin_core::server::{Server, ServerOptions, serve};
use tocsin_replay::Replay;

struct Served {
    _replay: Replay,
    _home: Home,
    app: App,
    server: Server,
    client: Client,
}

async fn served() -> Served {
    let replay = fixtures();
    let mut home = Home::against(&replay);
    home.settings(
        "[channels.desktop]\nenabled = false\n\n[api]\norigins = [\"http://dashboard.example\"]\n",
    );
    home.set("KEYWORDS", "examplesoft");
    let app = home.start(false).await;
    collect(&app, "nvd").await;
    collect(&app, "owasp").await;
    let options = ServerOptions {
        port: 0,
        assets: None,
    };
    let server = serve(&app, options).await.unwrap();
    Served {
        _replay: replay,
        _home: home,
        app,
        server,
        client: Client::new(),
    }
}

impl Served {
    async fn get(&self, path: &str) -> Response {
        let address = format!("http://127.0.0.1:{}{path}", self.server.port);
        self.client.get(address).send().await.unwrap()
    }

    fn token(&self) -> String {
        let address = self.server.address_with_token();
        address.split_once("#token=").unwrap().1.to_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_have_the_fields_of_the_contract() {
    let s = served().await;
    let answer = s.get("/alerts").await;
    assert_eq!(answer.status(), StatusCode::OK);
    let total = answer.headers()["x-total-count"]
        .to_str()
        .unwrap()
        .to_owned();
    let alerts: Vec<Value> = answer.json().await.unwrap();
    assert_eq!(total, alerts.len().to_string());
    assert!(alerts.len() >= 3);
    for alert in &alerts {
        for field in [
            "id",
            "source",
            "title",
            "content",
            "is_relevant",
            "severity",
            "technologies",
            "date_added",
            "url",
            "kind",
            "published_at",
            "cvss",
            "epss",
            "kev",
            "category",
            "state",
        ] {
            assert!(alert.get(field).is_some(), "{field}");
        }
        assert_eq!(alert["is_relevant"], true);
        assert!(alert["technologies"].is_array());
        assert!(alert["date_added"].as_str().unwrap().ends_with('Z'));
    }
    let one = s
        .get(&format!("/alerts/{}", alerts[0]["id"].as_str().unwrap()))
        .await;
    // One alone says what analysis found and why, besides.
    let mut one = one.json::<Value>().await.unwrap();
    let fields = one.as_object_mut().unwrap();
    assert!(fields.remove("finding").unwrap()["relevance"].is_object());
    assert!(fields.remove("explanation").unwrap()["techniques"].is_array());
    assert_eq!(one, alerts[0]);
    assert_eq!(
        s.get("/alerts/CVE-1999-0000").await.status(),
        StatusCode::NOT_FOUND
    );
    s.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_narrow_and_pages_join_without_a_gap() {
    let s = served().await;
    let all: Vec<Value> = s
        .get("/alerts?relevant=any&limit=1000")
        .await
        .json()
        .await
        .unwrap();
    let high: Vec<Value> = s
        .get("/alerts?relevant=any&severity=high")
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(
        high.len(),
        all.iter().filter(|a| a["severity"] == "high").count()
    );
    let owasp: Vec<Value> = s
        .get("/alerts?relevant=any&source=owasp")
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(owasp.len(), 10);
    let none: Vec<Value> = s
        .get("/alerts?relevant=any&since=2099-01-01T00:00:00Z")
        .await
        .json()
        .await
        .unwrap();
    assert!(none.is_empty());
    let found: Vec<Value> = s
        .get("/alerts?relevant=any&q=gateway")
        .await
        .json()
        .await
        .unwrap();
    assert!(!found.is_empty() && found.len() < all.len());

    let mut joined: Vec<Value> = Vec::new();
    let mut next = Some("/alerts?relevant=any&limit=3".to_owned());
    while let Some(path) = next {
        let answer = s.get(&path).await;
        let link = answer
            .headers()
            .get("link")
            .map(|l| l.to_str().unwrap().to_owned());
        next = link.map(|l| l[1..l.find('>').unwrap()].to_owned());
        joined.extend(answer.json::<Vec<Value>>().await.unwrap());
    }
    assert_eq!(joined, all);
    s.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parameter_that_cannot_be_used_is_named() {
    let s = served().await;
    for path in [
        "/alerts?limit=0",
        "/alerts?limit=5000",
        "/alerts?severity=urgent",
        "/alerts?sevrity=high",
        "/alerts?since=yesterday",
    ] {
        let answer = s.get(path).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{path}");
        assert!(answer.json::<Value>().await.unwrap()["message"].is_string());
    }
    s.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_host_is_refused() {
    let s = served().await;
    for host in [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example:8000",
        "",
    ] {
        let address = format!("http://127.0.0.1:{}/alerts", s.server.port);
        let answer = s
            .client
            .get(address)
            .header("host", host)
            .send()
            .await
            .unwrap();
        assert_ne!(answer.status(), StatusCode::OK, "{host}");
    }
    let own = format!("http://localhost:{}/alerts", s.server.port);
    assert_eq!(
        s.client.get(own).send().await.unwrap().status(),
        StatusCode::OK
    );
    s.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_origins_that_are_set_may_read() {
    let s = served().await;
    let address = format!("http://127.0.0.1:{}/alerts", s.server.port);
    for (origin, allowed) in [
        ("http://dashboard.example", true),
        ("http://evil.example", false),
        ("null", false),
    ] {
        let answer = s
            .client
            .get(&address)
            .header("origin", origin)
            .send()
            .await
            .unwrap();
        let header = answer.headers().get("access-control-allow-origin");
        assert_eq!(header.is_some_and(|h| h == origin), allowed, "{origin}");
        assert_ne!(header.map(|h| h.as_bytes()), Some(b"*".as_slice()));
    }
    s.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_and_events_need_the_token_and_no_foreign_page() {
    let s = served().await;
    let rpc = format!("http://127.0.0.1:{}/rpc", s.server.port);
    let body = json!({ "name": "status", "request": {} });
    let ask = |token: Option<String>, origin: Option<&str>| {
        let mut request = s.client.post(&rpc).json(&body);
        if let Some(token) = token {
            request = request.header("x-tocsin-token", token);
        }
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        request.send()
    };
    for (token, origin, expect) in [
        (None, None, StatusCode::UNAUTHORIZED),
        (Some("guess".to_owned()), None, StatusCode::UNAUTHORIZED),
        (Some(s.token()), None, StatusCode::OK),
        (
            Some(s.token()),
            Some("http://evil.example"),
            StatusCode::UNAUTHORIZED,
        ),
        (
            Some(s.token()),
            Some("http://dashboard.example"),
            StatusCode::UNAUTHORIZED,
        ),
    ] {
        let answer = ask(token, origin).await.unwrap();
        assert_eq!(answer.status(), expect, "{origin:?}");
    }
    let events = s.get("/events").await;
    assert_eq!(events.status(), StatusCode::UNAUTHORIZED);
    s.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_reach_a_client_and_end_with_the_app() {
    let s = served().await;
    let address = format!("http://127.0.0.1:{}/events", s.server.port);
    let mut stream = s
        .client
        .get(address)
        .header("x-tocsin-token", s.token())
        .send()
        .await
        .unwrap();
    s.app
        .events()
        .send(tocsin_core::events::Event::SettingsChanged);
    let heard = stream.chunk().await.unwrap().unwrap();
    assert!(String::from_utf8_lossy(&heard).contains("settings_changed"));
    s.app.stop().await;
    while let Ok(Some(_)) = stream.chunk().await {}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_port_is_a_sentence() {
    let s = served().await;
    let options = ServerOptions {
        port: s.server.port,
        assets: None,
    };
    let refused = serve(&s.app, options).await.unwrap_err();
    assert_eq!(refused.code, "api_port_busy");
    s.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_beside_a_window_follows_the_settings() {
    let s = served().await;
    let busy = s.server.port;
    let app = s.app.clone();
    app.track(tocsin_core::server::follow_settings(app.clone()));
    let mut events = app.events().subscribe();
    let set = |fields: Value| json!({ "edit": { "kind": "set_api", "fields": fields } });
    common::call(
        &app,
        "settings_edit",
        set(json!({ "enabled": true, "port": busy })),
    )
    .await;
    // Who follows must first have been heard: it says that the port is taken.
    while app.notices().is_empty() {
        common::wait_for(&mut events, |_| true).await;
    }
    assert_eq!(app.notices()[0].code, "api_port_busy");
    s.server.close();
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    common::call(&app, "settings_edit", set(json!({ "port": free }))).await;
    while !app.notices().is_empty() {
        common::wait_for(&mut events, |_| true).await;
    }
    let address = format!("http://127.0.0.1:{free}/health");
    let health = loop {
        match reqwest::get(&address).await {
            Ok(answer) => break answer,
            Err(_) => tokio::task::yield_now().await,
        }
    };
    assert_eq!(health.json::<Value>().await.unwrap()["status"], "ok");
    app.stop().await;
}
