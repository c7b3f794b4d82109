//! What a value must be like, whether it comes from the file, the environment or the window.

mod channels;
mod times;
mod watches;

use lettre::message::Mailbox;
use url::Url;

use crate::error::Fault;

pub(crate) use channels::webhook;
pub(super) use channels::{
    base_url, channel_name, chat_id, each_once, is_id, rule, rule_name, rule_watch, severity,
    severity_word, slack_channel,
};
pub(super) use times::{
    day, days_in_order, digest, in_order, quiet, time_of_day, time_zone, weekday, weekday_word,
};
pub(super) use watches::{field, kind, regex, term, until, version, watch};

/// An http or https address of a host, without a password in it.
pub(super) fn url(text: &str) -> Result<(), Fault> {
    let parsed = Url::parse(text).ok();
    let usable = parsed.filter(|u| matches!(u.scheme(), "http" | "https") && u.host().is_some());
    let Some(url) = usable else {
        return Err(Fault::new(
            "url_invalid",
            "It must be an address that begins with http:// or https://.",
        ));
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Fault::new(
            "url_with_password",
            "The address must not hold a user name or a password.",
        ));
    }
    Ok(())
}

/// The same, or nothing.
pub(super) fn url_or_none(text: &str) -> Result<(), Fault> {
    if text.is_empty() { Ok(()) } else { url(text) }
}

/// Whether two addresses lead to the same document: the scheme's s, `www.`, a last slash, the letter case of the
/// host and what stands behind `#` make no difference.
#[must_use]
pub fn same_address(a: &str, b: &str) -> bool {
    fn key(text: &str) -> Option<(String, Option<u16>, String, Option<String>)> {
        let url = Url::parse(text.trim()).ok()?;
        let host = url.host_str()?;
        let host = host.strip_prefix("www.").unwrap_or(host);
        Some((
            host.to_owned(),
            url.port(),
            url.path().trim_end_matches('/').to_owned(),
            url.query().map(str::to_owned),
        ))
    }
    a.trim() == b.trim() || key(a).is_some_and(|a| Some(a) == key(b))
}

/// A heading that feeds are listed under: one short line, or nothing.
pub(super) fn group(text: &str) -> Result<(), Fault> {
    const LONGEST_GROUP: usize = 60;
    if text.chars().any(char::is_control) || text.trim().chars().count() > LONGEST_GROUP {
        return Err(Fault::new(
            "group_invalid",
            format!("A group's name is one line of at most {LONGEST_GROUP} characters."),
        )
        .with("most", LONGEST_GROUP));
    }
    Ok(())
}

/// The year of an edition.
pub(super) fn edition(text: &str) -> Result<(), Fault> {
    if text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(());
    }
    Err(Fault::new(
        "edition_invalid",
        format!("{text:?} is not the year of an edition such as 2025."),
    )
    .with("edition", text))
}

/// An e-mail address, with or without a name: `SOC <soc@example.org>`.
pub(super) fn address(text: &str) -> Result<(), Fault> {
    if text.chars().any(char::is_control) || text.parse::<Mailbox>().is_err() {
        return Err(Fault::new(
            "email_address_invalid",
            format!("{text:?} is not an e-mail address."),
        )
        .with("address", text));
    }
    Ok(())
}

/// An origin of a web page: scheme, host and port, nothing behind it.
pub(super) fn origin(text: &str) -> Result<(), Fault> {
    let same = Url::parse(text).is_ok_and(|u| {
        matches!(u.scheme(), "http" | "https") && u.origin().ascii_serialization() == text
    });
    if same {
        return Ok(());
    }
    Err(Fault::new(
        "origin_invalid",
        format!("{text:?} is not an origin such as http://localhost:3000."),
    )
    .with("origin", text))
}

/// A host name or address, nothing else.
pub(super) fn host(text: &str) -> Result<(), Fault> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let is_address = bare.parse::<std::net::IpAddr>().is_ok();
    let is_name = !text.is_empty()
        && text.len() <= 253
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '.' | '_'));
    if is_address || is_name {
        return Ok(());
    }
    Err(Fault::new(
        "host_invalid",
        "It must be a server's name or address, without http:// and without a port.",
    ))
}

/// One line of text.
pub(super) fn line(text: &str) -> Result<(), Fault> {
    if text.chars().any(char::is_control) || text.chars().count() > 200 {
        return Err(Fault::new(
            "text_invalid",
            "It must be one line of at most 200 characters.",
        ));
    }
    Ok(())
}

/// A number within its bounds.
pub(super) fn range(key: &str, value: i64, least: u32, most: u32) -> Result<u32, Fault> {
    u32::try_from(value)
        .ok()
        .filter(|n| (least..=most).contains(n))
        .ok_or_else(|| {
            let code = if key.ends_with("port") {
                "port_invalid"
            } else {
                "number_out_of_range"
            };
            Fault::new(code, format!("It must be from {least} to {most}."))
                .with("key", key)
                .with("least", least)
                .with("most", most)
        })
}

/// A probability that can be a threshold.
pub(crate) fn fraction(key: &str, value: f64) -> Result<(), Fault> {
    if (0.01..=0.99).contains(&value) {
        return Ok(());
    }
    Err(
        Fault::new("number_out_of_range", "It must be from 0.01 to 0.99.")
            .with("key", key)
            .with("least", 0.01)
            .with("most", 0.99),
    )
}

/// A threshold of relevance.
pub(crate) fn threshold(value: f64) -> Result<(), Fault> {
    fraction("threshold", value)
}

/// Least and most of every number, by the last part of its key.
pub(super) fn bounds(key: &str) -> (u32, u32) {
    match key {
        "interval_min" => (1, 60 * 24 * 30),
        "first_days" => (1, 120),
        "overlap_hours" => (0, 24 * 30),
        "page_size" => (1, 2000),
        "pause_ms" | "backoff_ms" => (0, 3_600_000),
        // 0 is for ever.
        "closed_days" | "articles_days" | "irrelevant_days" => (0, 36_500),
        "group_s" => (0, 3600),
        "gap_ms" => (0, 3_600_000),
        // 0 is no cap and no limit.
        "per_second" | "per_minute" => (0, 1_000_000),
        "per_hour" | "per_day" => (0, 100_000),
        "smtp_port" => (1, 65_535),
        "port" => (0, 65_535),
        _ => (0, u32::MAX),
    }
}

/// The most channels, and the most rules.
pub(super) const MOST_CHANNELS: usize = 50;
/// See [`MOST_CHANNELS`].
pub(super) const MOST_RULES: usize = 100;

/// The most views of the user's own.
pub(super) const MOST_VIEWS: usize = 50;

const LONGEST_VIEW_NAME: usize = 60;
const LONGEST_QUERY: usize = 4096;

/// The name of a view: one line.
pub(super) fn view_name(text: &str) -> Result<(), Fault> {
    let name = text.trim();
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    if name.is_empty() || name.chars().any(breaks) || name.chars().count() > LONGEST_VIEW_NAME {
        return Err(Fault::new(
            "view_name_invalid",
            format!("A view's name is one line of 1 to {LONGEST_VIEW_NAME} characters."),
        )
        .with("most", LONGEST_VIEW_NAME));
    }
    Ok(())
}

/// A query of a view.
pub(super) fn query(text: &str) -> Result<(), Fault> {
    if text.chars().count() > LONGEST_QUERY {
        return Err(Fault::new(
            "query_too_long",
            format!("A query has at most {LONGEST_QUERY} characters."),
        )
        .with("most", LONGEST_QUERY));
    }
    crate::query::parse(text).map(drop).map_err(|error| {
        Fault::new(
            "query_invalid",
            format!("{} (at character {})", error.message, error.start + 1),
        )
        .with("start", error.start)
        .with("end", error.end)
        .with("reason", error.reason.as_str())
    })
}

/// Whether two terms name the same watch, or two names the same view.
pub(super) fn same_name(a: &str, b: &str) -> bool {
    a.trim().to_lowercase() == b.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_http_addresses_without_a_password_are_taken() {
        for good in ["http://127.0.0.1:80/x", "https://example.org/feed?a=b"] {
            assert!(url(good).is_ok(), "{good}");
        }
        for bad in [
            "file:///etc/passwd",
            "ftp://x/",
            "x",
            "",
            "http://",
            "javascript:1",
        ] {
            assert_eq!(url(bad).unwrap_err().code, "url_invalid", "{bad}");
        }
        let fault = url("https://u:tocsin-test-secret@example.org/").unwrap_err();
        assert_eq!(fault.code, "url_with_password");
        assert!(!format!("{fault:?}").contains("tocsin-test-secret"));
    }

    #[test]
    fn one_document_has_one_address() {
        let check = |a: &str, b: &str, expect| assert_eq!(same_address(a, b), expect, "{a} {b}");
        check(
            "https://Example.org/feed/",
            "http://www.example.org/feed",
            true,
        );
        check("https://example.org", "https://example.org/#top", true);
        check("https://example.org:443/a", "https://example.org/a", true);
        check(
            "https://example.org/a?x=1",
            "https://example.org/a?x=2",
            false,
        );
        check("https://example.org/a", "https://example.org/A", false);
        check("https://example.org:8443/a", "https://example.org/a", false);
        check(
            "https://feeds.example.org/a",
            "https://example.org/a",
            false,
        );
        check("no address", "another", false);
    }

    #[test]
    fn an_address_is_a_mailbox_on_one_line() {
        for good in ["a@example.org", "SOC <a@example.org>", "ü@example.org"] {
            assert!(address(good).is_ok(), "{good}");
        }
        for bad in ["", "a", "a@b@c", "a@example.org\r\nBcc: x@y.z"] {
            assert!(address(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_origin_ends_with_its_port() {
        for good in ["http://localhost:3000", "https://example.org"] {
            assert!(origin(good).is_ok(), "{good}");
        }
        for bad in ["*", "null", "http://localhost:3000/", "example.org"] {
            assert!(origin(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_host_is_no_address_of_a_page() {
        for good in ["localhost", "127.0.0.1", "::1", "mail.example.org"] {
            assert!(host(good).is_ok(), "{good}");
        }
        for bad in ["", "http://x", "x:25", "a b", "x/y"] {
            assert!(host(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_views_name_is_one_short_line() {
        for good in ["x", " Open ", "日本", "a: b/c", &"x".repeat(60)] {
            assert!(view_name(good).is_ok(), "{good}");
        }
        for bad in ["", "  ", "a\nb", "a\u{2028}b", &"x".repeat(61)] {
            assert_eq!(view_name(bad).unwrap_err().code, "view_name_invalid");
        }
    }

    #[test]
    fn a_query_has_an_end() {
        assert!(query("").is_ok());
        assert!(query(&"ü".repeat(4096)).is_ok());
        let fault = query(&"x".repeat(4097)).unwrap_err();
        assert_eq!(fault.code, "query_too_long");
        assert_eq!(fault.params["most"], "4096");
    }
}
