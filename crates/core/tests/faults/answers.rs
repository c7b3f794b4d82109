//! Servers that answer with something else than they should.

use std::time::Duration;

use chrono::Utc;
use serde_json::Value;
use tocsin_replay::{Fault, Packing};

use crate::world::{NEWS, NVD, World};

/// Has one source fail and finds the code in its health, these words in its sentence, and the others well.
async fn one_fails(source: &str, fault: Fault, code: &str, words: &[&str]) -> (World, Value) {
    let world = World::new(false).await;
    world.replay.set_fault(fault);
    let ended = world.fails(source).await;
    world.others_work(source).await;
    let row = world.row(source).await;
    assert_eq!(row["health"]["fault"]["code"], code, "{row}");
    assert_eq!(ended.fault.unwrap().code, code);
    let sentence = row["sentence"].as_str().unwrap();
    for word in words {
        assert!(sentence.contains(word), "{word}: {sentence}");
    }
    assert_eq!(
        world.runs(source).await[0]["outcome"],
        serde_json::Value::from(if row["condition"]["kind"] == "waiting" {
            "skipped"
        } else {
            "failed"
        })
    );
    (world, row)
}

/// What came next: seconds until the next attempt.
fn next_in_s(world: &World, row: &Value) -> i64 {
    let next = row["health"]["next_attempt"].as_str().unwrap();
    let next = tocsin_core::model::Time::parse_rfc3339(next).unwrap();
    (next.ms() - world.app.now().ms()) / 1000
}

#[tokio::test(flavor = "multi_thread")]
async fn a_403_says_who_refuses_and_what_to_do() {
    let fault = Fault::at(NEWS).status(403);
    let words = [
        "HTTP status 403",
        "refuses this client",
        "in a browser",
        "Next in",
    ];
    let (world, row) = one_fails("thehackernews", fault, "http_status", &words).await;
    assert_eq!(row["health"]["fault"]["params"]["status"], "403");
    assert_eq!(row["condition"]["kind"], "failing");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_403_of_nvds_firewall_names_the_key_as_the_remedy() {
    let fault = Fault::at(NVD).status(403).body("<html>Forbidden</html>");
    let (world, row) = one_fails("nvd", fault, "nvd_refused", &["403", "key"]).await;
    assert_eq!(row["health"]["fault"]["params"]["status"], "403");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_404_with_a_message_repeats_what_nvd_said() {
    let fault = Fault::at(NVD)
        .status(404)
        .header("message", "Invalid lastModStartDate parameter.");
    let words = ["404", "Invalid lastModStartDate parameter."];
    let (world, _) = one_fails("nvd", fault, "nvd_bad_request", &words).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_404_of_a_feed_says_that_the_document_is_gone() {
    let fault = Fault::at(NEWS).status(404);
    let words = ["404", "gone", "check the address"];
    let (world, _) = one_fails("thehackernews", fault, "http_status", &words).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_429_with_zero_is_no_pause_but_a_back_off() {
    let fault = Fault::at(NEWS).status(429).header("retry-after", "0");
    let (world, row) = one_fails("thehackernews", fault, "http_status", &["429"]).await;
    assert_eq!(row["condition"]["kind"], "failing");
    let next = next_in_s(&world, &row);
    assert!((25..=60).contains(&next), "{next}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_429_with_a_date_is_obeyed_and_the_skipped_run_says_why() {
    // The replay's sites live in the replay's present, as the app does.
    let date = |world: &World| {
        let at = world.replay.now() + chrono::TimeDelta::hours(3);
        at.with_timezone(&Utc)
            .format("%a, %d %b %Y %H:%M:%S GMT")
            .to_string()
    };
    let world = World::new(false).await;
    let fault = Fault::at(NEWS)
        .status(429)
        .header("retry-after", &date(&world));
    world.replay.set_fault(fault);
    world.fails("thehackernews").await;
    world.others_work("thehackernews").await;
    let row = world.row("thehackernews").await;
    assert_eq!(row["condition"]["kind"], "waiting", "{row}");
    let next = next_in_s(&world, &row);
    assert!((10_700..=10_800).contains(&next), "{next}");
    let sentence = row["sentence"].as_str().unwrap();
    assert!(
        sentence.contains("asked to be left alone") && sentence.contains("429"),
        "{sentence}"
    );
    let runs = world.runs("thehackernews").await;
    assert_eq!(runs[0]["outcome"], "skipped");
    assert_eq!(runs[0]["note"]["kind"], "waiting");
    assert_eq!(runs[0]["note"]["until"], row["health"]["next_attempt"]);
    assert_eq!(runs[1]["outcome"], "failed");
    // The last run that was made is the one that failed.
    assert_eq!(row["last_run"]["outcome"], "failed");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_503_and_a_520_are_tried_again_later() {
    for (status, words) in [(503, "server has a fault"), (520, "Cloudflare")] {
        let fault = Fault::at(NEWS).status(status);
        let number = status.to_string();
        let words = [number.as_str(), words, "tried again later"];
        let (world, _) = one_fails("thehackernews", fault, "http_status", &words).await;
        world.stop().await;
        let fault = Fault::at(NVD).status(status);
        let words = [number.as_str(), "overloaded"];
        let (world, _) = one_fails("nvd", fault, "nvd_overloaded", &words).await;
        world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_body_stores_nothing_of_the_document() {
    let fault = Fault::at(NEWS).cut_after_bytes(700);
    let (world, row) = one_fails("thehackernews", fault, "body_cut", &["broke off"]).await;
    assert_eq!(row["alerts"], 0);
    world.replay.clear_faults();
    let ended = crate::common::collect(&world.app, "thehackernews").await;
    assert!(ended.counts.new > 0);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_is_a_fault_and_no_crash() {
    for (source, path, code) in [("thehackernews", NEWS, "feed_"), ("nvd", NVD, "nvd_")] {
        let world = World::new(false).await;
        world.replay.set_fault(Fault::at(path).garbage(20_000));
        let ended = world.fails(source).await;
        let found = ended.fault.unwrap().code;
        assert!(found.starts_with(code), "{found}");
        world.others_work(source).await;
        assert!(
            world.row(source).await["sentence"]
                .as_str()
                .unwrap()
                .contains("Failing")
        );
        world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_drip_ends_at_the_time_out_of_the_whole() {
    // Each chunk comes well within any time-out for a single read; all of them would take minutes.
    let mut fault = Fault::at(NEWS).drip_ms_per_chunk(20);
    fault.drip_chunk_bytes = Some(1);
    let (world, _) = one_fails("thehackernews", fault, "timed_out", &["took too long"]).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_content_encoding_is_a_damaged_or_refused_answer() {
    let plain = "<rss version=\"2.0\"><channel><title>t</title></channel></rss>";
    for (encoding, code, word) in [
        ("gzip", "body_cut", "damaged"),
        ("zstd", "encoding_refused", "not asked for"),
        ("gzip, gzip", "encoding_refused", "packed more than once"),
    ] {
        let fault = Fault::at(NEWS)
            .body(plain)
            .header("content-encoding", encoding);
        let (world, _) = one_fails("thehackernews", fault, code, &[word]).await;
        world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_charset_in_the_header_does_not_stop_a_feed() {
    let world = World::new(false).await;
    let mut page = b"<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><rss version=\"2.0\"><channel><title>t</title><link>https://news.example</link><description>d</description><item><title>Sicherheitsl".to_vec();
    page.extend_from_slice(
        b"\xfccke</title><link>https://news.example/1</link><guid>1</guid></item></channel></rss>",
    );
    world
        .replay
        .put_page(NEWS, "application/rss+xml; charset=utf-9", page);
    let ended = crate::common::collect(&world.app, "thehackernews").await;
    assert_eq!(ended.counts.new, 1);
    world.others_work("thehackernews").await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bombs_are_not_unpacked() {
    for (packing, code) in [
        (Packing::Gzip, "body_too_large"),
        (Packing::Deflate, "body_too_large"),
        (Packing::GzipTwice, "encoding_refused"),
    ] {
        let fault = Fault::at(NEWS).bomb(packing, 40_000_000);
        let (world, row) = one_fails("thehackernews", fault, code, &["not read"]).await;
        assert_eq!(row["alerts"], 0);
        world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_in_a_row_back_off_and_the_log_says_so() {
    let world = World::new(false).await;
    world.replay.set_fault(Fault::at(NEWS).status(500));
    let mut waits = Vec::new();
    for _ in 0..8 {
        world.fails("thehackernews").await;
        let row = world.row("thehackernews").await;
        waits.push(next_in_s(&world, &row));
    }
    // Each step is between half and the whole of a doubling delay.
    for (wait, most) in waits.iter().zip([60, 120, 240, 480, 960, 1920, 3840, 7680]) {
        assert!((most / 2 - 2..=most).contains(wait), "{waits:?}");
    }
    let notes = world.notes("thehackernews").await;
    assert!(
        notes.iter().all(|note| note == "back_off") && !notes.is_empty(),
        "{notes:?}"
    );
    world.replay.clear_faults();
    crate::common::collect(&world.app, "thehackernews").await;
    let row = world.row("thehackernews").await;
    assert_eq!(row["condition"]["kind"], "fine");
    assert_eq!(row["health"]["first_failure"], Value::Null);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_down_for_a_day_is_a_notice() {
    let world = World::new(false).await;
    world.replay.set_fault(Fault::at(NEWS).status(500));
    world.fails("thehackernews").await;
    world.others_work("thehackernews").await;
    let notices = async |world: &World| {
        let status = crate::common::call(&world.app, "status", serde_json::json!({})).await;
        let notices = status["notices"].as_array().unwrap().clone();
        notices.into_iter().find(|n| n["code"] == "sources_down")
    };
    assert_eq!(notices(&world).await, None);
    world.app.clock().advance_ms(26 * 3_600_000);
    let notice = notices(&world).await.unwrap();
    assert_eq!(notice["params"]["source"], "thehackernews");
    let message = notice["message"].as_str().unwrap();
    assert!(
        message.contains("The Hacker News: Down for 26 hours"),
        "{message}"
    );
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_brings_nothing_new_for_unusually_long_is_a_notice() {
    let world = World::new(false).await;
    crate::common::collect(&world.app, "nvd").await;
    assert_eq!(world.row("nvd").await["condition"]["kind"], "fine");
    world.app.clock().advance_ms(
        Duration::from_secs(40 * 86_400)
            .as_millis()
            .try_into()
            .unwrap(),
    );
    let row = world.row("nvd").await;
    assert_eq!(row["condition"]["kind"], "silent", "{row}");
    let status = crate::common::call(&world.app, "status", serde_json::json!({})).await;
    let codes: Vec<&str> = status["notices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| n["code"].as_str().unwrap())
        .collect();
    assert!(codes.contains(&"sources_silent"), "{codes:?}");
    world.stop().await;
}
