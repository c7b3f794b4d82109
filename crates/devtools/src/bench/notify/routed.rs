//! Deliveries a second: 10,000 fresh alerts go through ten rules to three channels, in the pages and transactions of a
//! run. Its time beside that of the same run without any channel is what routing costs. The bar: 10,000 a second.

use std::time::Instant;

use rusqlite::{Connection, OpenFlags};

use super::super::Figure;
use super::{Home, collect, put, replay};

const ALERTS: u32 = 10_000;

/// Three channels that are on; nothing is sent, for the app does nothing in the background.
fn channels(smtp_port: u16) -> String {
    let mut text = format!(
        r##"
[channels.slack]
enabled = true
channel = "#alerts"

[channels.telegram]
enabled = true
chat_id = "-1001000000001"

[channels.email]
enabled = true
smtp_host = "localhost"
smtp_port = {smtp_port}
user = "tocsin"
sender = "tocsin@example.org"
recipients = ["soc@example.org"]
"##
    );
    // Beside the built-in rule nine that ask for some, of which each channel gets what it gets once.
    let queries = [
        "severity:high",
        "severity:high relevant:true",
        "exploited:true",
        "commands",
        "acme",
        "NOT openssl",
        "severity:low",
        "cvss>=7",
        "\"remote attacker\"",
    ];
    for (n, query) in queries.iter().enumerate() {
        let query = query.replace('"', "\\\"");
        text += &format!(
            "\n[rules.bench-{n}]\nname = \"Rule {n}\"\nquery = \"{query}\"\nchannels = [\"*\"]\n"
        );
    }
    text
}

/// What a run of all alerts took, and what it routed.
struct Run {
    seconds: f64,
    deliveries: f64,
}

pub async fn measure() -> Result<Vec<Figure>, String> {
    let without = run(false).await?;
    let with = run(true).await?;
    if without.deliveries > 0.0 || with.deliveries < 3.0 * f64::from(ALERTS) {
        return Err(format!(
            "{} deliveries were routed, and {} without any channel",
            with.deliveries, without.deliveries
        ));
    }
    // A run that was faster with rules than without shows nothing but the machine's mood.
    let routing_s = (with.seconds - without.seconds).max(1e-3);
    Ok(vec![
        Figure {
            name: "routed_per_s",
            unit: "1/s",
            value: with.deliveries / routing_s,
        },
        Figure {
            name: "routed_per_s_of_run",
            unit: "1/s",
            value: with.deliveries / with.seconds,
        },
        Figure {
            name: "run_with_rules",
            unit: "s",
            value: with.seconds,
        },
        Figure {
            name: "run_without",
            unit: "s",
            value: without.seconds,
        },
    ])
}

async fn run(with_channels: bool) -> Result<Run, String> {
    let replay = replay().await?;
    let settings = match with_channels {
        true => channels(replay.smtp().address().port()),
        false => "[rules.default]\nenabled = false\n".to_owned(),
    };
    let mut home = Home::new(&replay, &settings)?;
    if !with_channels {
        // A secret and a destination would switch a channel on.
        home.variables
            .retain(|(name, _)| !name.ends_with("TOKEN") && *name != "EMAIL_PASS");
    }
    let app = home.start(false).await?;
    collect(&app).await?;
    for n in 0..ALERTS {
        put(&replay, n)?;
    }
    let begun = Instant::now();
    collect(&app).await?;
    let seconds = begun.elapsed().as_secs_f64();
    app.stop().await;
    let conn = Connection::open_with_flags(home.database(), OpenFlags::SQLITE_OPEN_READ_ONLY);
    let conn = conn.map_err(|e| e.to_string())?;
    let count = |sql: &str| {
        let counted = conn.query_row(sql, [], |row| row.get::<_, f64>(0));
        counted.map_err(|e| e.to_string())
    };
    let stored =
        count("SELECT CAST(count(*) AS REAL) FROM alerts WHERE uid LIKE 'CVE-2026-9_____'")?;
    if stored < f64::from(ALERTS) {
        return Err(format!("{stored} alerts were stored"));
    }
    let deliveries = count("SELECT CAST(count(*) AS REAL) FROM delivery_alerts")?;
    Ok(Run {
        seconds,
        deliveries,
    })
}
