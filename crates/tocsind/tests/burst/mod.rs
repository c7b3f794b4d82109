//! A burst of alerts, the channels that it goes to, and sinks that fail at random and count their limits.

use std::time::Duration;

use serde_json::json;
use tocsin_replay::{
    ChatBehaviour, ChatLimits, MailTrouble, Options, RandomTrouble, RateLimit, Replay,
    SlackOptions, SmtpBehaviour, SmtpOptions, TelegramOptions, Trouble,
};

/// So many messages of a hundred fail.
const FAILING: u8 = 30;

/// The number of the first CVE of the burst; nothing recorded is called like these.
const FIRST: usize = 900_000;

/// The vendors' limits, a hundred times as fast, as the settings say them. The sinks' windows are a millisecond shorter:
/// they and the daemon count whole milliseconds, each by its own clock.
pub fn settings(alerts: usize) -> String {
    let hours: Vec<String> = (0..24).map(|hour| format!("\"{hour:02}:00\"")).collect();
    format!(
        r##"group_s = 0

[channels.email.limits]
gap_ms = 10

[channels.slack]
enabled = true
channel = "#alerts"
group_s = 0

[channels.slack.limits]
gap_ms = 10

[channels.telegram]
enabled = true
chat_id = "-1001000000001"
group_s = 0

[channels.telegram.limits]
gap_ms = 10
per_minute = 2000
per_second = 3000

[channels.telegram.digest]
at = [{hours}]
zone = "UTC"

[rules.default]
enabled = false

[rules.burst]
name = "All that is new"
query = "relevant:true"
changes = ["new"]
channels = ["slack", "email"]

[rules.capped]
name = "Some of what is new"
query = "relevant:true"
changes = ["new"]
channels = ["telegram"]
per_hour = {cap}

[sources.nvd]
page_size = {page}
"##,
        hours = hours.join(", "),
        // Pages may be read hours apart: of each, more than a third is beyond the cap.
        cap = alerts / 10,
        page = (alerts / 6).min(2_000),
    )
}

fn limit(requests: usize, window_ms: u64) -> RateLimit {
    RateLimit {
        requests,
        window: Duration::from_millis(window_ms - 1),
    }
}

/// Failures of all kinds; being asked to wait is rare, for a second is a long time here.
fn troubles(words: &[&str]) -> Vec<Trouble> {
    let said = words.iter().map(|word| Trouble::error(word));
    let statuses = [500, 502, 503].map(|status| Trouble::Status { status });
    let breaks = [
        Trouble::CloseTaken,
        Trouble::CloseUntaken,
        Trouble::CutTaken,
    ];
    let passing = said.chain(statuses).collect::<Vec<_>>();
    let mut all = [passing.clone(), passing, breaks.to_vec()].concat();
    all.push(Trouble::TooMany { retry_after_s: 1 });
    all
}

fn failing(seed: u64, words: &[&str]) -> ChatBehaviour {
    ChatBehaviour {
        random: Some(RandomTrouble {
            seed,
            percent: FAILING,
            troubles: troubles(words),
        }),
        // So that a kill often falls between taking and answering.
        answer_delay: Duration::from_millis(2),
        ..ChatBehaviour::default()
    }
}

fn failing_mail(seed: u64) -> SmtpBehaviour {
    let data = |reply: &str| MailTrouble::Data {
        reply: reply.to_owned(),
    };
    let later = MailTrouble::Recipient {
        reply: "450 4.2.0 Later".to_owned(),
    };
    let busy = data("451 4.3.0 Later");
    SmtpBehaviour {
        limit: Some(limit(1, 10)),
        random: Some(RandomTrouble {
            seed,
            percent: FAILING,
            troubles: vec![
                busy.clone(),
                busy,
                data("452 4.3.1 Full"),
                later.clone(),
                later,
                MailTrouble::CloseTaken,
                MailTrouble::CloseUntaken,
            ],
        }),
        answer_delay: Duration::from_millis(2),
        ..SmtpBehaviour::default()
    }
}

pub fn sinks() -> Replay {
    let slack = ["internal_error", "request_timeout", "service_unavailable"];
    Replay::start(Options {
        slack: SlackOptions {
            limits: ChatLimits {
                per_destination: Some(limit(1, 10)),
                ..ChatLimits::NONE
            },
            behaviour: failing(1, &slack),
            ..SlackOptions::default()
        },
        telegram: TelegramOptions {
            limits: ChatLimits {
                per_destination: Some(limit(1, 10)),
                per_group: Some(limit(2_000, 60_000)),
                per_bot: Some(limit(3_000, 1_000)),
            },
            behaviour: failing(2, &["Internal Server Error: later", "Bad Gateway"]),
            ..TelegramOptions::default()
        },
        smtp: SmtpOptions {
            behaviour: failing_mail(3),
            ..SmtpOptions::default()
        },
        ..Options::default()
    })
    .unwrap()
}

/// News that the watch "router" matches, published now.
pub fn put(replay: &Replay, alerts: usize) {
    let now = replay.now().format("%Y-%m-%dT%H:%M:%S.000").to_string();
    for n in 0..alerts {
        let id = format!("CVE-2026-{}", FIRST + n);
        let said = format!("Acme Router {n}: a flaw lets attackers <run> commands & more.");
        let record = json!({ "cve": {
            "id": id, "sourceIdentifier": "cna@example.org", "published": now, "lastModified": now,
            "vulnStatus": "Received", "references": [],
            "descriptions": [{ "lang": "en", "value": said }],
        } });
        replay.put_nvd(&record).unwrap();
    }
}
