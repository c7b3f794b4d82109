//! What channels and rules must be like: names, ids, places of Slack and Telegram, addresses of services.

use url::{Host, Url};

use super::times;
use crate::error::Fault;
use crate::model::{Rule, Severity, When};

/// The longest name of a channel or a rule.
const LONGEST_NAME: usize = 60;
/// The longest id that is a part of a variable's name.
const LONGEST_ID: usize = 40;

/// The name of a channel: one short line.
pub(in crate::settings) fn channel_name(text: &str) -> Result<(), Fault> {
    short_line(text, "channel_name_invalid", "A channel's name")
}

/// The name of a rule: one short line.
pub(in crate::settings) fn rule_name(text: &str) -> Result<(), Fault> {
    short_line(text, "rule_name_invalid", "A rule's name")
}

fn short_line(text: &str, code: &str, what: &str) -> Result<(), Fault> {
    let name = text.trim();
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    if name.is_empty() || name.chars().any(breaks) || name.chars().count() > LONGEST_NAME {
        return Err(Fault::new(
            code,
            format!("{what} is one line of 1 to {LONGEST_NAME} characters."),
        )
        .with("most", LONGEST_NAME));
    }
    Ok(())
}

/// An id that may stand in a table's name and, in capitals, in a variable's.
pub(in crate::settings) fn is_id(text: &str) -> bool {
    let is_part = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    !text.is_empty() && text.len() <= LONGEST_ID && text.bytes().all(is_part)
}

/// Where a service's API is: https, or http on this machine alone; a token goes there. An address that is a secret
/// itself, or holds one, is none.
pub(in crate::settings) fn base_url(text: &str) -> Result<(), Fault> {
    super::url(text)?;
    if Url::parse(text).is_ok_and(|url| holds_secret(&url)) {
        return Err(is_secret());
    }
    if is_safe(text) {
        return Ok(());
    }
    Err(Fault::new(
        "url_insecure",
        "It must begin with https://; http:// is for this machine alone, because the token goes there.",
    ))
}

/// The address of an incoming webhook. It is a secret: the fault does not repeat it.
pub(crate) fn webhook(text: &str) -> Result<(), Fault> {
    if super::url(text).is_ok() && is_safe(text) {
        return Ok(());
    }
    Err(Fault::new(
        "webhook_invalid",
        "A webhook is an address that begins with https://hooks.slack.com/.",
    ))
}

fn is_safe(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else {
        return false;
    };
    let is_here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || is_here
}

/// A webhook, a bot's address with its token, or anything behind a question mark.
fn holds_secret(url: &Url) -> bool {
    let is_bot = |segment: &str| {
        let bot = segment.to_ascii_lowercase().replace("%3a", ":");
        let token = bot.strip_prefix("bot").unwrap_or_default();
        token
            .split_once(':')
            .is_some_and(|(id, _)| !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()))
    };
    url.host_str() == Some("hooks.slack.com")
        || url.query().is_some()
        || url.path().split('/').any(is_bot)
}

/// The fault of a token or webhook in a field that is kept in the settings. It does not repeat it.
fn is_secret() -> Fault {
    Fault::new(
        "setting_is_secret",
        "This looks like a token or a webhook. Secrets have fields of their own and never stand in the settings.",
    )
}

/// A channel of Slack: `#alerts`, `alerts` or an id such as `C024BE91L`.
pub(in crate::settings) fn slack_channel(text: &str) -> Result<(), Fault> {
    let text = text.trim();
    let lower = text.trim_start_matches('#').to_ascii_lowercase();
    // xoxb-, xoxp-, xoxe.xoxb-, xapp-: a channel could be called so, and none is.
    if ["xoxb-", "xoxp-", "xoxe", "xoxa-", "xoxs-", "xapp-"]
        .iter()
        .any(|start| lower.starts_with(start))
        || lower.contains("hooks.slack.com")
    {
        return Err(is_secret());
    }
    let is_channels_id = text.len() >= 9
        && text.starts_with(['C', 'G', 'D', 'U', 'W'])
        && text
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    let name = text.strip_prefix('#').unwrap_or(text);
    let is_part = |c: char| (c.is_alphanumeric() && !c.is_uppercase()) || matches!(c, '-' | '_');
    let is_name = !name.is_empty() && name.chars().count() <= 80 && name.chars().all(is_part);
    if is_channels_id || is_name {
        return Ok(());
    }
    Err(Fault::new(
        "slack_channel_invalid",
        format!("{text:?} is neither a channel such as #alerts nor an id such as C024BE91L."),
    )
    .with("channel", text))
}

/// A chat of Telegram: its number, or `@name` of a public one.
pub(in crate::settings) fn chat_id(text: &str) -> Result<(), Fault> {
    let text = text.trim();
    if text.contains(':') {
        return Err(is_secret());
    }
    let is_number = !text.starts_with('+') && text.parse::<i64>().is_ok_and(|n| n != 0);
    let is_name = text.strip_prefix('@').is_some_and(|name| {
        (4..=32).contains(&name.len())
            && name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    });
    if is_number || is_name {
        return Ok(());
    }
    Err(Fault::new(
        "telegram_chat_invalid",
        format!(
            "{text:?} is neither a chat's number such as -1001234567890 nor a name such as @alerts."
        ),
    )
    .with("chat", text))
}

/// Reads the word of a level.
pub(in crate::settings) fn severity(text: &str) -> Option<Severity> {
    let all = [Severity::Low, Severity::Medium, Severity::High];
    all.into_iter().find(|s| severity_word(*s) == text)
}

/// The word of a level.
pub(in crate::settings) fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "low",
        Severity::Medium => "medium",
        Severity::High => "high",
    }
}

/// A rule as the window gives it, but for its channels.
pub(in crate::settings) fn rule(rule: &Rule) -> Result<(), Fault> {
    rule_name(&rule.name)?;
    super::query(&rule.query)?;
    rule.watches.iter().try_for_each(|term| rule_watch(term))?;
    if let When::Digest { times } = &rule.when {
        times::digest(times)?;
    }
    // One that is off may be half made.
    if rule.enabled && rule.changes.is_empty() {
        return Err(Fault::new(
            "rule_without_changes",
            "A rule needs at least one change that it waits for.",
        ));
    }
    if rule.enabled && rule.channels.is_empty() {
        return Err(Fault::new(
            "rule_without_channels",
            "A rule needs at least one channel that it sends to.",
        ));
    }
    Ok(())
}

/// The same in their order, each once.
pub(in crate::settings) fn each_once<T: PartialEq>(all: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut kept = Vec::new();
    for one in all {
        if !kept.contains(&one) {
            kept.push(one);
        }
    }
    kept
}

/// The term of a watch that a rule names: any line but an empty one.
pub(in crate::settings) fn rule_watch(text: &str) -> Result<(), Fault> {
    if text.trim().is_empty() || text.chars().any(char::is_control) {
        return Err(Fault::new(
            "watch_empty",
            "A watch is named by its term; * means any watch.",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_goes_over_https_or_stays_on_this_machine() {
        for good in [
            "https://slack.com/api/",
            "https://chat.example.org:8443/api",
            "http://127.0.0.1:8900/slack/api/",
            "http://localhost:1/",
            "http://[::1]:1/",
        ] {
            assert!(base_url(good).is_ok(), "{good}");
        }
        for bad in [
            "http://slack.com/api/",
            "http://10.0.0.1/",
            "http://localhost.example.org/",
            "http://127.0.0.1.example.org/",
        ] {
            assert_eq!(base_url(bad).unwrap_err().code, "url_insecure", "{bad}");
        }
        assert_eq!(base_url("slack.com").unwrap_err().code, "url_invalid");
    }

    #[test]
    fn what_is_a_secret_is_no_setting() {
        for bad in [
            "https://hooks.slack.com/services/T0/B0/tocsin-test-secret",
            "https://HOOKS.slack.com/services/T0/B0/tocsin-test-secret",
            "https://api.telegram.org/bot123456:tocsin-test-secret",
            "https://api.telegram.org/bot123456%3Atocsin-test-secret/sendMessage",
            "https://slack.com/api/?token=tocsin-test-secret",
        ] {
            let fault = base_url(bad).unwrap_err();
            assert_eq!(fault.code, "setting_is_secret");
            assert!(!format!("{fault:?}").contains("tocsin-test-secret"));
        }
        for bad in [
            "xoxb-1-tocsin-test-secret",
            " #xoxp-1-tocsin-test-secret",
            "XOXB-1-Tocsin-Test-Secret",
            "xapp-1-tocsin-test-secret",
        ] {
            let fault = slack_channel(bad).unwrap_err();
            assert_eq!(fault.code, "setting_is_secret");
            assert!(
                !format!("{fault:?}")
                    .to_lowercase()
                    .contains("tocsin-test-secret")
            );
        }
        let hook =
            slack_channel("https://hooks.slack.com/services/T0/B0/tocsin-test-secret").unwrap_err();
        assert_eq!(hook.code, "setting_is_secret");
        let fault = chat_id("123456:tocsin-test-secret").unwrap_err();
        assert_eq!(fault.code, "setting_is_secret");
        assert!(!format!("{fault:?}").contains("tocsin-test-secret"));
    }

    #[test]
    fn a_webhook_is_never_repeated() {
        assert!(webhook("https://hooks.slack.com/services/T/B/tocsin-test-secret").is_ok());
        assert!(webhook("http://127.0.0.1:1/services/T/B/tocsin-test-secret").is_ok());
        for bad in [
            "tocsin-test-secret",
            "http://example.org/tocsin-test-secret",
            "https://u:tocsin-test-secret@example.org/",
        ] {
            let fault = webhook(bad).unwrap_err();
            assert_eq!(fault.code, "webhook_invalid");
            assert!(!format!("{fault:?}").contains("tocsin-test-secret"));
        }
    }

    #[test]
    fn a_channel_of_slack_is_a_name_or_an_id() {
        for good in [
            "#alerts",
            "alerts",
            "#soc_team-2",
            "C024BE91L",
            "#日本",
            " #a ",
        ] {
            assert!(slack_channel(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "#",
            "#Alerts",
            "two words",
            "#a.b",
            "C02",
            "@ana",
            "a\nb",
        ] {
            let fault = slack_channel(bad).unwrap_err();
            assert_eq!(fault.code, "slack_channel_invalid", "{bad}");
        }
    }

    #[test]
    fn a_chat_of_telegram_is_a_number_or_a_name() {
        for good in ["1", "-1001234567890", "@alerts", "@soc_team", " 42 "] {
            assert!(chat_id(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "0",
            "+1",
            "1.5",
            "alerts",
            "@ab",
            "@1abc",
            "@a b c",
            "-",
            "9".repeat(30).as_str(),
        ] {
            let fault = chat_id(bad).unwrap_err();
            assert_eq!(fault.code, "telegram_chat_invalid", "{bad}");
        }
    }

    #[test]
    fn an_id_can_be_in_the_name_of_a_variable() {
        for good in ["a", "night-shift", "soc_2"] {
            assert!(is_id(good), "{good}");
        }
        for bad in ["", "a b", "ä", "a.b", &"x".repeat(41)] {
            assert!(!is_id(bad), "{bad}");
        }
    }
}
