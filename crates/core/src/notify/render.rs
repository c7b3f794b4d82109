//! Messages as words: subject, text and HTML for e-mail, two lines for the desktop. Pure.
//!
//! What alerts say is hostile. It is made one line where a line is meant, control characters and marks
//! that turn the reading direction are taken out, it is cut at a character, and it is escaped where it
//! stands in markup. Only http and https addresses become links.

use std::fmt::Write as _;

use url::Url;

use super::{Content, Message, Urgency};
use crate::model::{ChangeKind, Issuer, Kind, MessageAlert, Score, Severity};

const PAGE: &str = include_str!("templates/email.html");
const ALERT: &str = include_str!("templates/alert.html");
const FOOTER: &str =
    "Sent by Tocsin on your own machine. Channels and watches are in its Settings.";

/// The longest title, in characters.
const TITLE_CHARS: usize = 160;
/// The longest subject, in characters.
const SUBJECT_CHARS: usize = 120;
/// How much of a description one alert shows alone, and among others.
const TEXT_CHARS_ALONE: usize = 1500;
const TEXT_CHARS_AMONG: usize = 280;
/// How many alerts a message shows in full.
const MOST_SHOWN: usize = 50;
/// Where text lines break.
const WRAP_COLUMNS: usize = 76;

/// An e-mail's parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// One line, not encoded.
    pub subject: String,
    /// The plain part, lines ended by `\n`.
    pub text: String,
    /// The HTML part.
    pub html: String,
}

/// A desktop notification's parts, plain text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toast {
    /// One line.
    pub summary: String,
    /// A few lines.
    pub body: String,
    /// How loudly it asks.
    pub urgency: Urgency,
}

/// A message as an e-mail.
#[must_use]
pub fn mail(message: &Message) -> Mail {
    let subject = subject(message);
    let (listed, more) = listed(message);
    let (text, body) = match listed.as_slice() {
        [] => test_parts(),
        [alert] if more == 0 => (
            alert_text(alert, TEXT_CHARS_ALONE),
            alert_html(alert, TEXT_CHARS_ALONE),
        ),
        alerts => several(alerts, more, &subject),
    };
    let html = fill(
        PAGE,
        &[
            ("subject", &escape(&subject)),
            ("body", &body),
            ("footer", &escape(FOOTER)),
        ],
    );
    Mail {
        text: format!("{}\n\n-- \n{FOOTER}\n", text.trim_end()),
        subject,
        html,
    }
}

/// A message as a desktop notification.
#[must_use]
pub fn toast(message: &Message) -> Toast {
    let (listed, more) = listed(message);
    match listed.as_slice() {
        [] => Toast {
            summary: "Tocsin: test notification".to_owned(),
            body: "Notifications of new alerts look like this.".to_owned(),
            urgency: Urgency::Normal,
        },
        [alert] if more == 0 => {
            let mut facts = vec![level(alert)];
            facts.extend(alert.score.as_ref().map(score_words));
            facts.push(line(&alert.source_name, 40));
            Toast {
                summary: title(alert, TITLE_CHARS),
                body: format!("{}\n{}", facts.join(" · "), why(alert)),
                urgency: urgency(alert),
            }
        }
        alerts => {
            let titles: Vec<String> = alerts.iter().take(3).map(|a| title(a, 80)).collect();
            let left = total(message) - titles.len();
            let mut body = titles.join("\n");
            if left > 0 {
                let _ = write!(body, "\nand {left} more");
            }
            Toast {
                summary: format!("{} new alerts: {}", total(message), counts(alerts)),
                body,
                urgency: alerts.iter().map(urgency).max().unwrap_or(Urgency::Normal),
            }
        }
    }
}

/// Text as it may stand in HTML, in an element or in a quoted attribute.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Text as one clean line of at most `most` characters.
#[must_use]
pub fn line(text: &str, most: usize) -> String {
    // A bounded piece is enough: nothing in it can become longer.
    let words: Vec<&str> = cut_bytes(text, most.saturating_mul(16).max(4096))
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|w| !w.is_empty())
        .collect();
    let clean: String = words.join(" ").chars().filter(|c| is_shown(*c)).collect();
    cut(&clean, most)
}

fn subject(message: &Message) -> String {
    let (listed, more) = listed(message);
    let subject = match listed.as_slice() {
        [] => "Tocsin: test message".to_owned(),
        [alert] if more == 0 => {
            let title = title(alert, TITLE_CHARS);
            let names_it = title.contains(&alert.uid);
            let uid = match alert.kind {
                Kind::Vulnerability if !names_it => format!("{} ", line(&alert.uid, 40)),
                _ => String::new(),
            };
            format!("[{}] {uid}{title}", level(alert))
        }
        alerts => format!("{} alerts: {}", total(message), counts(alerts)),
    };
    cut(&subject, SUBJECT_CHARS)
}

fn total(message: &Message) -> usize {
    let (listed, more) = listed(message);
    listed.len() + more as usize
}

/// Whether a message is about one alert alone.
pub(super) fn is_single(message: &Message) -> bool {
    matches!(listed(message), (listed, 0) if listed.len() == 1)
}

/// The alerts that a message lists, and how many more there are.
fn listed(message: &Message) -> (Vec<MessageAlert>, u32) {
    let listed: Vec<MessageAlert> = message.alerts().cloned().collect();
    let more = match &message.content {
        Content::Alerts { more, .. } => *more,
        Content::Digest(digest) => {
            digest.total - u32::try_from(listed.len()).unwrap_or(digest.total)
        }
        Content::Test | Content::SelfTest | Content::Notice { .. } => 0,
    };
    (listed, more)
}

/// `3 High, 1 Medium`.
fn counts(alerts: &[MessageAlert]) -> String {
    let count = |level| alerts.iter().filter(|a| a.severity == level).count();
    let parts = [
        (count(Some(Severity::High)), "High"),
        (count(Some(Severity::Medium)), "Medium"),
        (count(Some(Severity::Low)), "Low"),
        (count(None), "unscored"),
    ];
    let words: Vec<String> = parts
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, word)| format!("{n} {word}"))
        .collect();
    words.join(", ")
}

fn test_parts() -> (String, String) {
    let words = "This is a test message. Alerts that match your watches will arrive here.";
    (words.to_owned(), format!("<p>{}</p>", escape(words)))
}

fn several(alerts: &[MessageAlert], more: u32, heading: &str) -> (String, String) {
    let mut text = format!("{heading}\n\n");
    let mut html = format!("<p><strong>{}</strong></p>\n", escape(heading));
    for alert in alerts.iter().take(MOST_SHOWN) {
        text.push_str(&alert_text(alert, TEXT_CHARS_AMONG));
        text.push_str("\n\n");
        html.push_str(&alert_html(alert, TEXT_CHARS_AMONG));
    }
    let left = alerts.len().saturating_sub(MOST_SHOWN) + more as usize;
    if left > 0 {
        let words = format!("And {left} more, in Tocsin's window.");
        text.push_str(&words);
        let _ = writeln!(html, "<p>{}</p>", escape(&words));
    }
    (text, html)
}

fn alert_text(alert: &MessageAlert, most: usize) -> String {
    let mut text = wrap(&format!("[{}] {}", level(alert), title(alert, TITLE_CHARS)));
    if let Some(score) = &alert.score {
        let _ = write!(text, "\nScore {}", score_words(score));
    }
    let _ = write!(text, "\n{}\n{}\n", wrap(&origin(alert)), wrap(&why(alert)));
    for paragraph in paragraphs(&alert.text, most) {
        let _ = write!(text, "\n{}\n", wrap(&paragraph));
    }
    if let Some(url) = web_address(alert) {
        let _ = write!(text, "\n{url}\n");
    }
    text
}

fn alert_html(alert: &MessageAlert, most: usize) -> String {
    let facts = alert.score.as_ref().map(score_words);
    let facts = facts.map_or(String::new(), |s| format!(" · {}", escape(&s)));
    let text: Vec<String> = paragraphs(&alert.text, most)
        .iter()
        .map(|p| escape(p))
        .collect();
    let link = web_address(alert).map_or(String::new(), |url| {
        let url = escape(&url);
        format!("<p style=\"margin:0;\"><a href=\"{url}\" rel=\"noreferrer\">{url}</a></p>")
    });
    fill(
        ALERT,
        &[
            ("level", &escape(&level(alert))),
            ("facts", &facts),
            ("title", &escape(&title(alert, TITLE_CHARS))),
            ("origin", &escape(&origin(alert))),
            ("why", &escape(&why(alert))),
            ("text", &text.join("<br><br>")),
            ("link", &link),
        ],
    )
}

/// Puts values in the places `{{name}}` of a template. Values are not searched for places.
fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(template.len() + 1024);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        filled.push_str(before);
        let (name, after) = after.split_once("}}").unwrap_or((after, ""));
        let value = values.iter().find(|(n, _)| *n == name);
        filled.push_str(value.map_or("", |(_, v)| v));
        rest = after;
    }
    filled.push_str(rest);
    filled
}

fn level(alert: &MessageAlert) -> String {
    let word = match alert.severity {
        Some(Severity::High) => "High",
        Some(Severity::Medium) => "Medium",
        Some(Severity::Low) => "Low",
        None => "Unscored",
    };
    if alert.exploited {
        format!("{word}, exploited")
    } else {
        word.to_owned()
    }
}

fn urgency(alert: &MessageAlert) -> Urgency {
    match alert.severity {
        _ if alert.exploited => Urgency::Critical,
        Some(Severity::High | Severity::Medium) => Urgency::Normal,
        Some(Severity::Low) | None => Urgency::Low,
    }
}

/// `9.8 v3.1 NVD`.
fn score_words(score: &Score) -> String {
    let issuer = match score.issuer {
        Issuer::Nvd => "NVD",
        Issuer::Cna => "CNA",
        Issuer::CisaAdp => "CISA",
    };
    format!("{:.1} v{} {issuer}", score.score, score.version.as_str())
}

fn title(alert: &MessageAlert, most: usize) -> String {
    let title = line(&alert.title, most);
    if title.is_empty() {
        line(&alert.uid, most)
    } else {
        title
    }
}

/// `CVE-2026-1 · NVD · 22 Nov 2026 06:00 UTC`.
fn origin(alert: &MessageAlert) -> String {
    let when = alert.published.to_chrono().format("%-d %b %Y %H:%M UTC");
    let source = line(&alert.source_name, 60);
    match alert.kind {
        Kind::Vulnerability => format!("{} · {source} · {when}", line(&alert.uid, 40)),
        Kind::Article | Kind::Guidance => format!("{source} · {when}"),
    }
}

/// What happened, and which watches it matched.
fn why(alert: &MessageAlert) -> String {
    let happened = match alert.change {
        ChangeKind::New => "New",
        ChangeKind::Scored => "Now scored",
        ChangeKind::SeverityRaised => "Severity raised",
        ChangeKind::SeverityLowered => "Severity lowered",
        ChangeKind::Exploited => "Now exploited",
        ChangeKind::EpssJump => "More likely to be exploited",
        ChangeKind::ProductsChanged => "Affected products changed",
        ChangeKind::TextChanged => "Description changed",
        ChangeKind::Rejected => "Withdrawn by its source",
        ChangeKind::Reopened => "Open again",
    };
    if alert.matched.is_empty() {
        return happened.to_owned();
    }
    let terms: Vec<String> = alert.matched.iter().take(5).map(|t| line(t, 60)).collect();
    let left = alert.matched.len() - terms.len();
    let and = if left > 0 {
        format!(" and {left} more")
    } else {
        String::new()
    };
    format!("{happened}; matches {}{and}", terms.join(", "))
}

fn web_address(alert: &MessageAlert) -> Option<String> {
    let url = Url::parse(alert.url.as_deref()?).ok()?;
    let is_web = matches!(url.scheme(), "http" | "https") && url.as_str().len() <= 2000;
    is_web.then(|| url.to_string())
}

/// The description's paragraphs, cleaned, at most `most` characters in all.
fn paragraphs(text: &str, most: usize) -> Vec<String> {
    let text = cut_bytes(text, most.saturating_mul(16).max(4096));
    let mut left = most;
    let mut paragraphs = Vec::new();
    for paragraph in text.split("\n\n") {
        if left == 0 {
            break;
        }
        let clean = line(paragraph, left);
        left = left.saturating_sub(clean.chars().count());
        if !clean.is_empty() {
            paragraphs.push(clean);
        }
    }
    paragraphs
}

/// Breaks a line between words. A word longer than a line stands alone; a monstrous one is broken.
fn wrap(text: &str) -> String {
    let mut lines = vec![String::new()];
    let mut width = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if width > 0 && width + 1 + length > WRAP_COLUMNS {
            lines.push(String::new());
            width = 0;
        }
        if let Some(last) = lines.last_mut() {
            if width > 0 {
                last.push(' ');
                width += 1;
            }
            last.push_str(word);
            width += length;
        }
    }
    lines.join("\n")
}

/// Cuts at a character, if possible between words, and says so with an ellipsis.
fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let end = text
        .char_indices()
        .nth(most.saturating_sub(1))
        .map_or(text.len(), |(at, _)| at);
    let head = &text[..end];
    let at_word = head.rfind(' ').filter(|at| *at > head.len() / 2);
    let head = &head[..at_word.unwrap_or(head.len())];
    // A joiner or variation mark at the end would change the ellipsis.
    let head = head.trim_end_matches(['\u{200d}', '\u{fe0f}', ' ']);
    format!("{head}…")
}

fn cut_bytes(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Whether a character may be shown: not the invisible ones that turn the reading direction or hide.
fn is_shown(c: char) -> bool {
    !matches!(
        c,
        '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

#[cfg(test)]
#[path = "render_tests.rs"]
pub(super) mod tests;
