//! Addresses as they may be shown, logged and stored: without what could be a secret.

use url::Url;

/// `scheme://host[:port]/path`: no user, no password, no query, no fragment, and without the path
/// segments that are secrets themselves (a Telegram bot's token, a Slack webhook). What cannot be read
/// as an address is not repeated.
#[must_use]
pub fn redacted(url: &str) -> String {
    let Ok(parsed) = Url::parse(url) else {
        return "(unreadable address)".to_owned();
    };
    let Some(host) = parsed.host_str() else {
        return format!("{}:(unreadable address)", parsed.scheme());
    };
    let port = parsed.port().map(|p| format!(":{p}")).unwrap_or_default();
    let path: Vec<&str> = parsed
        .path()
        .split('/')
        .map(|s| if is_bot_token(s) { "bot***" } else { s })
        .collect();
    let mut path = path.join("/");
    if host == "hooks.slack.com" && path.len() > 1 {
        "/***".clone_into(&mut path);
    }
    format!("{}://{host}{port}{path}", parsed.scheme())
}

/// The host of an address, for a sentence.
pub(super) fn host(url: &str) -> String {
    Url::parse(url)
        .ok()
        .and_then(|u| u.host_str().map(ToOwned::to_owned))
        .unwrap_or_else(|| "(unknown host)".to_owned())
}

/// `bot123456:ABC...`, also with the colon percent-encoded.
fn is_bot_token(segment: &str) -> bool {
    let Some(rest) = segment
        .get(..3)
        .filter(|s| s.eq_ignore_ascii_case("bot"))
        .and_then(|_| segment.get(3..))
    else {
        return false;
    };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let tail = &rest[digits..];
    digits > 0 && (tail.starts_with(':') || tail.starts_with("%3"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shown_address_holds_no_secret() {
        for (url, expect) in [
            ("https://u:p@a.org/x?apiKey=s#t", "https://a.org/x"),
            ("http://a.org:8080/", "http://a.org:8080/"),
            (
                "https://api.telegram.org/bot12:AAh_x/sendMessage",
                "https://api.telegram.org/bot***/sendMessage",
            ),
            (
                "https://api.telegram.org/bot12%3AAAh/getMe?x",
                "https://api.telegram.org/bot***/getMe",
            ),
            ("https://a.org/bots/bottle", "https://a.org/bots/bottle"),
            (
                "https://hooks.slack.com/services/T/B/x",
                "https://hooks.slack.com/***",
            ),
            ("secret", "(unreadable address)"),
            ("data:text/html,secret", "data:(unreadable address)"),
        ] {
            assert_eq!(redacted(url), expect);
        }
    }
}
