//! Channels, as a user connects them in the window: what one lacks is said, a test tells the exact cause, and what
//! is connected gets messages.

use serde_json::{Value, json};
use tocsin_replay::SlackChannel;

use crate::common::page::PATIENCE;
use crate::common::{Session, Setup, axe};
use crate::records::{put, put_medium};

/// Nothing is gathered: what comes goes out at once.
const AT_ONCE: &str = "[[watches]]\nterm = \"zebra\"\n\n[channels.desktop]\nenabled = false\n\n[channels.slack]\ngroup_s = 0\n\n[channels.telegram]\ngroup_s = 0\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_is_added_told_when_to_be_quiet_says_what_it_lacks_and_previews_its_messages() {
    let Some(session) = Session::collected(Setup::default()).await else {
        return;
    };
    session.go_settings("channels").await;
    session.find("channel-telegram").await;

    session.click("channel-add").await;
    session.choose("channel-add-kind", "slack").await;
    session.type_into("channel-add-name", "Night shift").await;
    axe::check(&session, "adding a channel").await;
    session.click("channel-add-run").await;
    session.find("channel-night-shift").await;
    assert!(session.settings().contains("Night shift"));

    session.click("night-shift-test").await;
    session
        .text_where("test-result", "what is missing", |text| {
            text.contains("token")
        })
        .await;

    session.click("night-shift-part-quiet").await;
    session.click("night-shift-quiet-on").await;
    session.find("night-shift-quiet-from").await;
    session.fill("night-shift-quiet-from", "21:30").await;
    session
        .fill("night-shift-quiet-zone", "Europe/Berlin")
        .await;
    session
        .wait_for("quiet hours in the file", async || {
            let text = session.settings();
            (text.contains("21:30") && text.contains("Europe/Berlin")).then_some(())
        })
        .await;
    axe::check(&session, "quiet hours").await;

    // A secret goes in and does not come out again.
    session
        .type_into("night-shift-token", "xoxb-tocsin-test-secret-1")
        .await;
    session.click("night-shift-token-save").await;
    session.says("channel-night-shift", "Set, kept in").await;
    let page = session
        .run("return document.documentElement.outerHTML", vec![])
        .await;
    assert!(!page.as_str().unwrap().contains("tocsin-test-secret"));
    assert!(!session.settings().contains("tocsin-test-secret"));

    session.click("night-shift-remove").await;
    session.click("confirm").await;
    session.is_gone("channel-night-shift").await;
    assert!(!session.settings().contains("Night shift"));
    previews_a_mail(&session).await;
}

/// An e-mail is drawn under the window's own policy: with its look, and with nothing to press or load.
async fn previews_a_mail(session: &Session) {
    session
        .run(
            "window.refused = [];
             document.addEventListener('securitypolicyviolation', e =>
                 window.refused.push(`${e.effectiveDirective} ${e.blockedURI} ${e.sample}`))",
            vec![],
        )
        .await;
    session.go_settings("channels").await;
    session.click("email-part-preview").await;
    let script = "const mail = document.querySelector('[data-testid=channel-email] .mail')?.shadowRoot?.firstElementChild;
        return mail ? { text: mail.innerText, links: mail.querySelectorAll('a[href], img, script').length,
            padding: getComputedStyle(mail).paddingTop } : null";
    let mail = session
        .wait_for("the drawn mail", async || {
            let mail = session.run(script, vec![]).await;
            mail.is_object().then_some(mail)
        })
        .await;
    assert!(
        !mail["text"].as_str().unwrap().trim().is_empty(),
        "an empty mail"
    );
    assert_eq!(mail["links"], json!(0));
    assert_ne!(
        mail["padding"],
        json!("0px"),
        "the mail's own look is missing"
    );
    axe::check(session, "a preview").await;
    let refused: Value = session
        .run(
            "return window.refused.filter(r => !r.includes('axe'))",
            vec![],
        )
        .await;
    assert_eq!(refused, json!([]));
}

const TEXT: &str = "Zebra Gateway 2.4 discloses memory to remote attackers.";

#[tokio::test(flavor = "multi_thread")]
async fn slack_and_telegram_are_connected_tell_what_they_lack_and_get_the_alert_and_its_change() {
    let setup = Setup {
        settings: Some(AT_ONCE.to_owned()),
        ..Default::default()
    };
    let Some(session) = Session::collected(setup).await else {
        return;
    };
    connect_slack(&session).await;
    connect_telegram(&session).await;
    axe::check(&session, "two channels that work").await;

    // What comes goes to both, and can be read as it went out.
    put_medium(&session, "CVE-2026-99010", TEXT);
    session.collect().await;
    let (slack, telegram) = (session.replay.slack(), session.replay.telegram());
    let posted = slack.messages_reach(2, PATIENCE).await;
    let written = telegram.messages_reach(2, PATIENCE).await;
    assert!(posted[1].text.contains("CVE-2026-99010"), "{posted:?}");
    session.click("nav-notifications").await;
    session.click("folder-delivered").await;
    went_out(&session, "Slack", "plain", &posted[1].text).await;
    went_out(&session, "Telegram", "looks", &written[1].text).await;

    // A later change of the same alert belongs to the same thread.
    put(&session, "CVE-2026-99010", TEXT);
    session.collect().await;
    let posted = slack.messages_reach(3, PATIENCE).await;
    assert_eq!(posted[1].thread_ts, None);
    assert_eq!(posted[2].thread_ts, posted[1].ts);
    assert!(posted[2].text.contains("CVE-2026-99010"), "{posted:?}");
    assert_eq!(telegram.messages_reach(3, PATIENCE).await.len(), 3);
}

/// By token and channel; the app may write only where it was invited.
async fn connect_slack(session: &Session) {
    let slack = session.replay.slack();
    slack.set_scopes(&["chat:write", "channels:read", "groups:read"]);
    session.go_settings("channels").await;
    session.type_into("slack-token", slack.token()).await;
    session.click("slack-token-save").await;
    session.is_gone("slack-token-save").await;
    session.fill("slack-channel", "#general").await;
    session.settings_hold("#general").await;
    let cause = tested(session, "slack", false).await;
    assert!(cause.contains("Invite the app"), "{cause}");
    assert!(cause.contains("#general: /invite @tocsin"), "{cause}");
    axe::check(session, "a test that failed").await;
    slack.set_channel(SlackChannel::new("C0GENERAL", "general"));
    tested(session, "slack", true).await;
    session
        .find_css("[data-testid='slack-enabled']:checked")
        .await;
    let messages = slack.messages_reach(1, PATIENCE).await;
    assert_eq!(messages[0].channel, "C0GENERAL");
}

/// By token, and the chat that the bot heard of.
async fn connect_telegram(session: &Session) {
    let telegram = session.replay.telegram();
    session.type_into("telegram-token", telegram.token()).await;
    session.click("telegram-token-save").await;
    session.is_gone("telegram-token-save").await;
    session.click("telegram-find").await;
    session.click_where("channel-place", "SOC team").await;
    session.settings_hold("-1001000000001").await;
    tested(session, "telegram", true).await;
    session
        .find_css("[data-testid='telegram-enabled']:checked")
        .await;
    let messages = telegram.messages_reach(1, PATIENCE).await;
    assert_eq!(messages[0].chat_id, "-1001000000001");
}

/// Sends a test, and returns what the window says of it.
async fn tested(session: &Session, channel: &str, is_good: bool) -> String {
    session.click(&format!("{channel}-test")).await;
    let result = format!(
        "[data-testid='channel-{channel}'] [data-testid='test-result'][data-ok='{is_good}']"
    );
    let said = session.find_css(&result).await;
    said.prop("innerText").await.unwrap().unwrap_or_default()
}

/// The message to a channel stands under what was delivered, word for word.
async fn went_out(session: &Session, channel: &str, form: &str, text: &str) {
    session.click_where("delivery", channel).await;
    let to = format!(
        "[data-testid='delivery-detail'] [data-kind='{}']",
        channel.to_lowercase()
    );
    session.find_css(&to).await;
    session.click(&format!("message-{form}")).await;
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let wanted = words(text);
    session
        .wait_for(&format!("the message: {wanted}"), async || {
            let shown = session.find_css(&format!("{to} .paper")).await;
            let shown = shown.prop("innerText").await.ok()??;
            (words(&shown) == wanted).then_some(())
        })
        .await;
}
