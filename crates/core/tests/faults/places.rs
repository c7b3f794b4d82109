//! Addresses that lead where they should not, or nowhere, or to somebody who cannot prove who they are.

use tocsin_core::http::{Answer, Http, HttpOptions, Request};
use tocsin_replay::{Fault, Options, Replay};
use tokio_util::sync::CancellationToken;

use crate::world::{NEWS, World};

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_loop_ends_and_is_worded() {
    let world = World::new(false).await;
    world.replay.set_fault(Fault::at(NEWS).redirect(302, NEWS));
    let ended = world.fails("thehackernews").await;
    assert_eq!(ended.fault.unwrap().code, "too_many_redirects");
    let asked = world.replay.requests();
    assert_eq!(asked.iter().filter(|r| r.path == NEWS).count(), 6);
    world.others_work("thehackernews").await;
    let row = world.row("thehackernews").await;
    assert!(
        row["sentence"]
            .as_str()
            .unwrap()
            .contains("redirects more than 5 times")
    );
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_into_this_machine_or_a_metadata_service_is_refused_even_where_private_is_allowed()
 {
    let world = World::new(false).await;
    let port = world.replay.address().port();
    for to in [
        format!("http://127.0.0.1:{port}/secret"),
        format!("http://localhost:{port}/secret"),
        format!("http://[::ffff:127.0.0.1]:{port}/secret"),
        format!("http://0x7f.1:{port}/secret"),
        format!("http://2130706433:{port}/secret"),
        format!("http://0.0.0.0:{port}/secret"),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "http://[fe80::1]/secret".to_owned(),
        // A name that leads there is no better.
        format!("http://rebound.example:{port}/secret"),
    ] {
        world
            .app
            .http()
            .names()
            .set("rebound.example", &["127.0.0.1".parse().unwrap()]);
        world.replay.set_fault(Fault::at(NEWS).redirect(302, &to));
        let ended = world.fails("thehackernews").await;
        assert_eq!(ended.fault.unwrap().code, "address_refused", "{to}");
        let row = world.row("thehackernews").await;
        let sentence = row["sentence"].as_str().unwrap();
        assert!(
            sentence.contains("private network and was refused"),
            "{sentence}"
        );
    }
    assert!(world.replay.requests().iter().all(|r| r.path != "/secret"));
    for to in [
        "file:///etc/passwd",
        "ftp://news.example/",
        "javascript:alert(1)",
    ] {
        world.replay.set_fault(Fault::at(NEWS).redirect(301, to));
        let ended = world.fails("thehackernews").await;
        assert_eq!(ended.fault.unwrap().code, "bad_url", "{to}");
    }
    world.others_work("thehackernews").await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_leads_into_the_network_is_refused_where_nothing_private_is_allowed() {
    // The feed is as any user adds one; its name leads to a public address, then to this machine.
    let replay = Replay::start(Options::default()).unwrap();
    let port = replay.address().port();
    let http = Http::new(HttpOptions::default()).unwrap();
    for (name, address) in [
        ("rebound.example", "127.0.0.1"),
        ("cgnat.example", "100.64.0.1"),
        ("mapped.example", "::ffff:10.0.0.1"),
        ("nat64.example", "64:ff9b::7f00:1"),
        ("sixtofour.example", "2002:7f00:1::"),
        ("multicast.example", "224.0.0.1"),
        ("nowhere.example", "0.0.0.0"),
    ] {
        http.names().set(name, &[address.parse().unwrap()]);
        let url = format!("http://{name}:{port}/?token=tocsin-test-secret");
        let request = Request::new(&url, CancellationToken::new());
        let refused = http.get(request).await.unwrap_err();
        assert_eq!(refused.code(), "address_refused", "{name}: {refused}");
        assert!(!format!("{refused:?} {refused}").contains("tocsin-test-secret"));
    }
    assert_eq!(replay.requests(), []);
}

/// A source over TLS at the site of this name.
async fn over_tls(name: &str) -> World {
    let world = World::with(false, "", |_| {}).await;
    let url = format!("https://{name}:{}{NEWS}", world.replay.tls_address().port());
    world.site(name, true);
    let edit = serde_json::json!({ "kind": "set_source", "id": "thehackernews", "fields": { "url": url } });
    crate::common::call(
        &world.app,
        "settings_edit",
        serde_json::json!({ "edit": edit }),
    )
    .await;
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_proves_nothing_is_worded_by_what_is_wrong() {
    for (name, code, words) in [
        ("expired.example", "certificate_expired", "has expired"),
        (
            "future.example",
            "certificate_not_yet_valid",
            "this machine's clock",
        ),
        (
            "self-signed.example",
            "certificate_unknown_issuer",
            "self-signed",
        ),
        (
            "unknown.example",
            "certificate_unknown_issuer",
            "root certificate",
        ),
    ] {
        let world = over_tls(name).await;
        let ended = world.fails("thehackernews").await;
        assert_eq!(ended.fault.unwrap().code, code, "{name}");
        world.others_work("thehackernews").await;
        let row = world.row("thehackernews").await;
        let sentence = row["sentence"].as_str().unwrap();
        assert!(
            sentence.contains(words) && sentence.contains(name),
            "{sentence}"
        );
        assert!(world.replay.requests().iter().all(|r| r.path != NEWS));
        world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trusted_certificate_of_another_site_is_none_of_this_one() {
    let replay = Replay::start(Options::default()).unwrap();
    let root = reqwest::Certificate::from_pem(replay.tls_ca_pem().as_bytes()).unwrap();
    let http = Http::new(HttpOptions {
        more_roots: vec![root],
        ..HttpOptions::default()
    })
    .unwrap();
    let get = async |name: &str| {
        http.names().set(name, &["127.0.0.1".parse().unwrap()]);
        let url = format!("https://{name}:{}{NEWS}", replay.tls_address().port());
        let mut request = Request::new(&url, CancellationToken::new());
        request.allow_private = true;
        http.get(request).await
    };
    assert!(matches!(get("good.example").await, Ok(Answer::Response(r)) if r.status == 200));
    let wrong = get("wrong-host.example").await.unwrap_err();
    assert_eq!(wrong.code(), "certificate_wrong_host", "{wrong}");
    let expired = get("expired.example").await.unwrap_err();
    assert_eq!(expired.code(), "certificate_expired");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_not_found_is_the_sources_fault_while_others_answer() {
    let world = World::new(false).await;
    world.others_work("thehackernews").await;
    let edit = serde_json::json!({ "kind": "set_source", "id": "thehackernews", "fields": { "url": "http://no-such-site.invalid/feed" } });
    crate::common::call(
        &world.app,
        "settings_edit",
        serde_json::json!({ "edit": edit }),
    )
    .await;
    let ended = world.fails("thehackernews").await;
    assert_eq!(ended.fault.unwrap().code, "dns_failed");
    let row = world.row("thehackernews").await;
    assert_eq!(row["condition"]["kind"], "failing", "{row}");
    assert_eq!(row["health"]["failures"], 1);
    let sentence = row["sentence"].as_str().unwrap();
    assert!(
        sentence.contains("no-such-site.invalid was not found"),
        "{sentence}"
    );
    world.others_work("thehackernews").await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_with_a_line_break_is_not_sent() {
    let replay = Replay::start(Options::default()).unwrap();
    let http = Http::new(HttpOptions::default()).unwrap();
    let mut request = Request::new(&replay.url(NEWS), CancellationToken::new());
    request.allow_private = true;
    request
        .headers
        .push(("apiKey", "tocsin-test-secret\r\nX-Injected: 1".to_owned()));
    let refused = http.get(request).await.unwrap_err();
    assert_eq!(refused.code(), "bad_header");
    assert!(!format!("{refused:?} {refused}").contains("tocsin-test-secret"));
    assert_eq!(replay.requests(), []);
}
