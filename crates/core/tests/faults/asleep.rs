//! The schedule through what happens to a machine: no network, a sleep, a clock that is set.

use serde_json::{Value, json};
use tocsin_core::model::Time;
use tocsin_replay::{Fault, Replay};

use crate::common::{self, call};
use crate::world::{NEWS, SITES, World};

const DAY_MS: i64 = 86_400_000;

#[tokio::test(flavor = "multi_thread")]
async fn nobody_answering_is_offline_and_held_against_no_source() {
    let world = World::new(false).await;
    world.all_sites(false);
    // The first one that fails is enough: the others' hosts are asked.
    let ended = world.fails("thehackernews").await;
    assert_eq!(ended.fault.unwrap().code, "offline");
    for source in ["nvd", "owasp"] {
        assert_eq!(world.fails(source).await.fault.unwrap().code, "offline");
    }
    for (source, _) in SITES {
        let row = world.row(source).await;
        assert_eq!(row["condition"]["kind"], "offline", "{row}");
        assert_eq!(row["health"]["failures"], 0);
        let sentence = row["sentence"].as_str().unwrap();
        assert!(sentence.contains("no connection"), "{sentence}");
    }
    world.all_sites(true);
    for (source, _) in SITES {
        common::collect(&world.app, source).await;
        assert_eq!(world.row(source).await["condition"]["kind"], "fine");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_site_that_is_gone_is_not_offline() {
    let world = World::new(false).await;
    world.site("news.example", false);
    let ended = world.fails("thehackernews").await;
    let code = ended.fault.unwrap().code;
    assert!(
        ["dns_failed", "connect_failed"].contains(&code.as_str()),
        "{code}"
    );
    let asked = world.replay.requests();
    assert!(
        asked.iter().any(|r| r.method == "HEAD" && r.path == "/"),
        "{asked:?}"
    );
    assert_eq!(
        world.row("thehackernews").await["condition"]["kind"],
        "failing"
    );
    world.others_work("thehackernews").await;
    world.stop().await;
}

/// The moments at which runs for a reason began, by source.
async fn starts(world: &World, trigger: &str) -> Vec<i64> {
    let mut starts = Vec::new();
    for (source, _) in SITES {
        let runs = world.runs(source).await;
        let run = runs.iter().find(|run| run["trigger"] == trigger).unwrap();
        let at = Time::parse_rfc3339(run["started"].as_str().unwrap()).unwrap();
        starts.push(at.ms());
    }
    starts.sort_unstable();
    starts
}

fn assert_spread(starts: &[i64]) {
    assert!(
        starts.windows(2).all(|w| w[1] - w[0] >= 2_500),
        "{starts:?}"
    );
    assert!(starts[starts.len() - 1] - starts[0] < 60_000, "{starts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_and_a_sleep_over_a_day_are_caught_up_one_after_the_other() {
    let world = World::new(true).await;
    world.until_all("start").await;
    assert_spread(&starts(&world, "start").await);

    // OWASP is due once a week: a day's sleep misses none of its runs, eight days' do.
    let before = world.app.now();
    world.app.clock().advance_ms(8 * DAY_MS);
    world
        .replay
        .advance(std::time::Duration::from_secs(8 * 86_400));
    world.until_all("caught_up").await;
    let caught_up = starts(&world, "caught_up").await;
    assert_spread(&caught_up);
    let awake = before.plus_s(8 * 86_400).ms();
    let first = caught_up[0] - awake;
    assert!((4_000..30_000).contains(&first), "{first} ms");
    for (source, _) in SITES {
        let row = world.row(source).await;
        assert_eq!(row["health"]["fault"], Value::Null, "{row}");
        // Once, however many were missed.
        let runs = world.runs(source).await;
        let late = runs
            .iter()
            .filter(|run| run["trigger"] == "caught_up")
            .count();
        assert_eq!(late, 1, "{source}");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sleep_of_a_day_that_ends_without_a_network_is_one_line_of_each_log() {
    // No connection from before is left to be used.
    let close = |replay: &Replay| replay.set_fault(Fault::at("/").header("connection", "close"));
    let world = World::with(true, "", close).await;
    world.until_all("start").await;
    world.all_sites(false);
    world.app.clock().advance_ms(8 * DAY_MS);
    world
        .until("all are offline", async |world: &World| {
            for (source, _) in SITES {
                if !world.notes(source).await.contains(&"offline".to_owned()) {
                    return false;
                }
            }
            true
        })
        .await;
    // An hour of it: one source is tried now and then, and no log grows.
    world.minutes(60).await;
    for (source, _) in SITES {
        let notes = world.notes(source).await;
        let offline = notes.iter().filter(|note| *note == "offline").count();
        assert_eq!(offline, 1, "{source}: {notes:?}");
        assert_eq!(world.row(source).await["health"]["failures"], 0);
    }
    let failing = call(&world.app, "status", json!({})).await["notices"].clone();
    let is_down = |n: &Value| n["code"] == "sources_down";
    assert!(
        !failing.as_array().unwrap().iter().any(is_down),
        "{failing}"
    );

    world.all_sites(true);
    world.until_all("caught_up").await;
    // A run is in the log from its beginning.
    world
        .until("no source is at fault", async |world: &World| {
            for (source, _) in SITES {
                if world.row(source).await["health"]["fault"] != Value::Null {
                    return false;
                }
            }
            true
        })
        .await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_set_back_stops_nothing() {
    let world = World::new(true).await;
    world.until_all("start").await;
    let runs_of = async |world: &World| world.runs("thehackernews").await.len();
    let before = runs_of(&world).await;
    world.app.clock().advance_ms(-3 * DAY_MS);
    world
        .until("it runs again", async |world: &World| {
            runs_of(world).await > before && world.row("thehackernews").await["running"].is_null()
        })
        .await;
    let row = world.row("thehackernews").await;
    let attempt = Time::parse_rfc3339(row["health"]["last_attempt"].as_str().unwrap()).unwrap();
    assert!(attempt <= world.app.now(), "{row}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_keeps_its_own_rhythm_and_collect_now_asks_for_everything() {
    let world = World::new(false).await;
    common::collect(&world.app, "thehackernews").await;
    let row = world.row("thehackernews").await;
    let rhythm = row["health"]["rhythm_min"].as_u64().unwrap();
    assert!((5..=1440).contains(&rhythm), "{row}");
    assert!(row["per_day"].as_f64().unwrap() > 0.0, "{row}");
    assert_ne!(row["health"]["newest_item"], Value::Null);
    // NVD keeps the interval that is set.
    common::collect(&world.app, "nvd").await;
    assert_eq!(world.row("nvd").await["health"]["rhythm_min"], Value::Null);

    let news = tocsin_core::model::SourceId::new("thehackernews");
    world.app.collect(&news, false).await.unwrap();
    world.app.collect(&news, true).await.unwrap();
    let asked = world.replay.requests();
    let asked: Vec<bool> = asked
        .iter()
        .filter(|r| r.path == NEWS)
        .map(|r| r.header("if-none-match").is_some())
        .collect();
    assert_eq!(asked, [false, true, false]);
    let runs = world.runs("thehackernews").await;
    assert!(runs.iter().all(|run| run["trigger"] == "asked"));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_waits_for_the_other_one_of_its_host_and_the_log_says_why() {
    let more = "\n[sources.second]\nkind = \"feed\"\nname = \"Second\"\nurl = \"PLACE\"\nallow_private = true\n";
    let replay_port = std::cell::Cell::new(0);
    let world = World::with(false, "", |replay| replay_port.set(replay.address().port())).await;
    let url = format!("http://news.example:{}/feeds/second.xml", replay_port.get());
    let path = world.app.paths().settings_file.clone();
    let text = std::fs::read_to_string(&path).unwrap() + &more.replace("PLACE", &url);
    std::fs::write(&path, text).unwrap();
    let feed = "<rss version=\"2.0\"><channel><title>t</title><link>https://news.example</link><description>d</description></channel></rss>";
    world
        .replay
        .put_page("/feeds/second.xml", "application/rss+xml", feed);
    for path in [NEWS, "/feeds/second.xml"] {
        world.replay.set_fault(Fault::at(path).delay_ms(1200));
    }
    world.app.run_schedule();
    // Whichever comes first: while its server thinks, more than a minute passes by the app's clock.
    world
        .until("it is skipped", async |world: &World| {
            let skipped = "host_busy".to_owned();
            world.app.clock().advance_ms(10_000);
            let mut notes = world.notes("second").await;
            notes.extend(world.notes("thehackernews").await);
            notes.contains(&skipped)
        })
        .await;
    world
        .until("both ran", async |world: &World| {
            for source in ["second", "thehackernews"] {
                let runs = world.runs(source).await;
                if !runs.iter().any(|run| run["outcome"] == "succeeded") {
                    return false;
                }
            }
            true
        })
        .await;
    world.stop().await;
}
