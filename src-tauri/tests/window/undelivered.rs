//! What did not arrive, as a user meets it in the window: why, when it is tried again, what to do, and who says so.

use serde_json::json;
use tocsin_replay::{ChatBehaviour, Trouble};

use crate::common::bus::Desktop;
use crate::common::page::PATIENCE;
use crate::common::{Session, Setup, axe};
use crate::records::put;

/// Everything goes out at once; nothing answers at the mail server's port.
const SETTINGS: &str = r#"
[[watches]]
term = "zebra"

[channels.desktop]
group_s = 0

[channels.slack]
group_s = 0

[channels.telegram]
group_s = 0

[channels.email]
enabled = true
group_s = 0
smtp_host = "localhost"
smtp_port = 1
user = "tocsin@example.org"
recipients = ["soc@example.org"]
"#;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_delivered_is_told_with_its_cause_resent_given_up_or_said_elsewhere() {
    let replay = tocsin_replay::Options::default();
    let setup = Setup {
        settings: Some(SETTINGS.to_owned()),
        environment: vec![
            ("EMAIL_PASS", "tocsin-test-secret-mail".to_owned()),
            ("SLACK_TOKEN", replay.slack.token.clone()),
            ("SLACK_CHANNEL", "#alerts".to_owned()),
            ("TELEGRAM_TOKEN", replay.telegram.token.clone()),
            ("TELEGRAM_CHAT_ID", "10001".to_owned()),
        ],
        replay,
        ..Default::default()
    };
    let Some(mut session) = Session::prepare(setup).await else {
        return;
    };
    let mut desktop = Desktop::start(&session.bus).await;
    session.open_collected().await;
    let (slack, telegram) = (session.replay.slack(), session.replay.telegram());
    let asks_to_wait = Trouble::TooMany {
        retry_after_s: 3600,
    };
    slack.set_behaviour(ChatBehaviour::failing(asks_to_wait).only("chat.postMessage"));
    let refuses = Trouble::error("Bad Request: message is too long");
    telegram.set_behaviour(ChatBehaviour::failing(refuses).only("sendMessage").times(1));
    put(
        &session,
        "CVE-2026-99003",
        "Zebra Gateway 2.4 discloses memory to remote attackers.",
    );
    session.collect().await;
    session.click("nav-notifications").await;

    // Refused for good: it is sent once more when somebody says so.
    session.click("folder-failed").await;
    open(&session, "Telegram", "failed").await;
    session.says("delivery-detail", "refused").await;
    session.click("delivery-resend").await;
    session
        .is_marked("delivery-detail", "data-state", "sent")
        .await;
    assert_eq!(telegram.messages_reach(1, PATIENCE).await.len(), 1);

    // Asked to wait: the window says until when.
    session.click("folder-outbox").await;
    open(&session, "Slack", "retrying").await;
    session.says("delivery-detail", "Next attempt").await;

    // Nothing answers: a passing fault, until somebody gives the message up.
    open(&session, "E-mail", "retrying").await;
    session.says("delivery-detail", "cannot be reached").await;
    axe::check(&session, "a message that is tried again").await;
    session.click("delivery-drop").await;
    session
        .is_marked("delivery-detail", "data-state", "dropped")
        .await;

    session.go_settings("channels").await;
    session
        .is_marked("email-state", "data-state", "failing")
        .await;
    session.is_marked("slack-state", "data-state", "held").await;
    let rows = session.ask("channels_list", json!({})).await.unwrap();
    let mut rows = rows.as_array().unwrap().iter();
    let slack = rows.find(|row| row["id"] == "slack").unwrap();
    let until = slack["held_until"].as_str().unwrap();
    session.says("slack-state", &until[11..16]).await;
    stops_and_goes_on(&session, &mut desktop).await;
}

/// A token that was taken back stops the channel; another one says so; mended, it goes on with what waited.
async fn stops_and_goes_on(session: &Session, desktop: &mut Desktop) {
    let telegram = session.replay.telegram();
    let refuses = Trouble::error("Unauthorized");
    telegram.set_behaviour(ChatBehaviour::failing(refuses).only("sendMessage"));
    put(
        session,
        "CVE-2026-99004",
        "Zebra Gateway 2.4 lets remote attackers run code.",
    );
    session.collect().await;
    session
        .is_marked("telegram-state", "data-state", "stopped")
        .await;
    session
        .says("telegram-state", "does not know the token")
        .await;
    axe::check(session, "channels that fail, wait and stopped").await;
    loop {
        let shown = desktop.next().await;
        if shown.summary.contains("Telegram has stopped") {
            break;
        }
    }
    telegram.set_behaviour(ChatBehaviour::default());
    session.click("telegram-resume").await;
    let messages = telegram.messages_reach(2, PATIENCE).await;
    assert!(messages[1].text.contains("CVE-2026-99004"), "{messages:?}");
    session
        .is_marked("telegram-state", "data-state", "works")
        .await;
}

/// Shows the message to a channel, which stands as this.
async fn open(session: &Session, channel: &str, state: &str) {
    session.click_where("delivery", channel).await;
    session
        .is_marked("delivery-detail", "data-state", state)
        .await;
    session.says("delivery-detail", channel).await;
}
