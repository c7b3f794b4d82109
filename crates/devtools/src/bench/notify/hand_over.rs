//! From the commit of one alert to the service that has its message: grouping off, nothing else queued, Slack on
//! loopback. The bar: 50 ms for 99 of 100.

use std::time::{Duration, Instant};

use tocsin_core::events::Event;
use tokio::sync::broadcast::{Receiver, error::RecvError};

use super::super::Figure;
use super::{Home, collect, put, replay};

/// Alerts of one run.
const ALERTS: u32 = 500;

/// Nothing happens any more once this went by without an event.
const CALM: Duration = Duration::from_millis(30);

/// A message that did not come by then never will.
const PATIENCE: Duration = Duration::from_secs(20);

const SETTINGS: &str = r##"
[channels.slack]
enabled = true
channel = "#alerts"
group_s = 0

[channels.slack.limits]
gap_ms = 0
per_minute = 0
per_second = 0
"##;

pub async fn measure() -> Result<Vec<Figure>, String> {
    let replay = replay().await?;
    let home = Home::new(&replay, SETTINGS)?;
    let app = home.start(true).await?;
    collect(&app).await?;
    let mut events = app.events().subscribe();
    let mut times = Vec::new();
    for n in 0..ALERTS {
        settle(&mut events).await?;
        put(&replay, n)?;
        let wanted = times.len() + 1;
        let collecting = collect(&app);
        let committed = committed(&mut events);
        let handed_over = async {
            let messages = replay.slack().messages_reach(wanted, PATIENCE).await;
            (Instant::now(), messages.len())
        };
        let (collected, committed, (at, messages)) =
            tokio::join!(collecting, committed, handed_over);
        collected?;
        if messages != wanted {
            return Err(format!("{messages} messages came instead of {wanted}"));
        }
        times.push(at.saturating_duration_since(committed?).as_secs_f64() * 1e3);
    }
    app.stop().await;
    times.sort_by(f64::total_cmp);
    let share = |percent: usize| times[(times.len() * percent / 100).min(times.len() - 1)];
    Ok(vec![
        Figure {
            name: "hand_over_p50",
            unit: "ms",
            value: share(50),
        },
        Figure {
            name: "hand_over_p99",
            unit: "ms",
            value: share(99),
        },
    ])
}

/// When the page with the alert was committed: the outbox is told right behind that.
async fn committed(events: &mut Receiver<Event>) -> Result<Instant, String> {
    loop {
        match tokio::time::timeout(PATIENCE, events.recv()).await {
            Ok(Ok(Event::DeliveriesChanged)) => return Ok(Instant::now()),
            Ok(Ok(_) | Err(RecvError::Lagged(_))) => {}
            Ok(Err(error)) => return Err(error.to_string()),
            Err(_) => return Err("the alert was not routed".to_owned()),
        }
    }
}

/// Waits until the last message is recorded and nothing goes on.
async fn settle(events: &mut Receiver<Event>) -> Result<(), String> {
    loop {
        match tokio::time::timeout(CALM, events.recv()).await {
            Err(_) => return Ok(()),
            Ok(Ok(_) | Err(RecvError::Lagged(_))) => {}
            Ok(Err(error)) => return Err(error.to_string()),
        }
    }
}
