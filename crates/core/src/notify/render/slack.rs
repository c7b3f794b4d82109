//! A message for Slack: blocks, and the text that notifications and old clients show in their place.
//!
//! Words of others stand in objects of type `plain_text`, where Slack knows no formatting, names nobody and
//! makes no links; only our own links are `mrkdwn`. Everywhere `& < >` are escaped, and a text is cut so
//! that it fits when it is.
//! <https://docs.slack.dev/reference/block-kit/blocks>

use serde_json::{Value, json};

use super::super::Message;
use super::text::{cut_weighed, first_sentences, units};
use super::words::{self, Outline};
use crate::model::MessageAlert;

/// The longest fallback text; Slack takes less than 4,000.
const MOST_TEXT: usize = 2000;
/// Blocks in a message.
const MOST_BLOCKS: usize = 50;
/// The text of a header and of a section.
const MOST_HEADER: usize = 150;
const MOST_SECTION: usize = 3000;
/// A whole message: blocks as JSON, and text.
const MOST_IN_ALL: usize = 10_000;
/// Kept free for what is said at the end.
const CLOSING: usize = 300;
const TEXT_CHARS_ALONE: usize = 900;
const TITLES_IN_TEXT: usize = 5;
/// A link with its label.
const MOST_LINK: usize = 1500;

/// A message of Slack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlackText {
    /// The fallback, escaped.
    pub text: String,
    /// The blocks, as JSON text.
    pub blocks: String,
}

/// A message for Slack.
#[must_use]
pub fn slack(message: &Message) -> SlackText {
    let outline = Outline::of(message);
    match outline.single() {
        Some(alert) => alone(alert),
        None => several(&outline),
    }
}

fn alone(alert: &MessageAlert) -> SlackText {
    let mut parts = alone_within(alert, 1500);
    for most in [800, 400, 100] {
        if units(&parts.text) + units(&parts.blocks) <= MOST_IN_ALL {
            break;
        }
        parts = alone_within(alert, most);
    }
    parts
}

/// One alert, no text of which is longer than `most`.
fn alone_within(alert: &MessageAlert, most: usize) -> SlackText {
    let headline = words::headline(alert);
    let mut facts = vec![words::happened(alert)];
    facts.extend(words::measures(alert));
    let mut lines = vec![facts.join(" · ")];
    lines.extend(words::products(alert, 5));
    let text = first_sentences(&alert.text, TEXT_CHARS_ALONE);
    let mut blocks = vec![header(&headline), section(&lines.join("\n"), most)];
    if !text.is_empty() {
        blocks.push(section(&text, most));
    }
    let link = words::link(alert);
    let mut last: Vec<Value> = link
        .iter()
        .filter_map(|(url, host)| anchor(url, host))
        .collect();
    last.push(plain(&words::origin(alert), 300.min(most)));
    last.extend(words::why(alert).map(|why| plain(&why, 800.min(most))));
    blocks.push(context(&last));
    let mut fallback = vec![headline];
    fallback.append(&mut lines);
    fallback.extend(link.map(|(url, _)| url));
    SlackText {
        text: escaped(&fallback.join("\n"), MOST_TEXT.min(most + 500)),
        blocks: Value::Array(blocks).to_string(),
    }
}

fn several(outline: &Outline<'_>) -> SlackText {
    let mut lines = vec![outline.heading.clone()];
    lines.extend(outline.intro.iter().cloned());
    let all = outline.groups.iter().flat_map(|g| &g.alerts);
    lines.extend(all.take(TITLES_IN_TEXT).map(|a| words::headline(a)));
    let text = escaped(&lines.join("\n"), MOST_TEXT);

    let mut blocks = vec![header(&outline.heading)];
    blocks.extend(outline.intro.iter().map(|words| section(words, 1500)));
    let mut room = MOST_IN_ALL.saturating_sub(CLOSING + units(&text) + size(&blocks));
    let mut left = outline.more;
    let mut is_full = false;
    for group in &outline.groups {
        left += group.more;
        let mut heading = group.heading.as_deref().map(header);
        for alert in &group.alerts {
            let mut next: Vec<Value> = heading.take().into_iter().collect();
            next.extend(entry(alert));
            // What follows is ranked lower, however short it is.
            is_full |= size(&next) > room || blocks.len() + next.len() >= MOST_BLOCKS;
            if is_full {
                left += 1;
            } else {
                room -= size(&next);
                blocks.append(&mut next);
            }
        }
    }
    if left > 0 {
        blocks.push(context(&[plain(&words::left_out(left), 200)]));
    }
    SlackText {
        text,
        blocks: Value::Array(blocks).to_string(),
    }
}

/// An alert among others.
fn entry(alert: &MessageAlert) -> [Value; 2] {
    let mut facts = vec![words::happened(alert)];
    facts.extend(words::measures(alert));
    let words = format!("{}\n{}", words::headline(alert), facts.join(" · "));
    let link = words::link(alert);
    let mut last: Vec<Value> = link
        .iter()
        .filter(|(url, _)| url.len() <= 300)
        .filter_map(|(url, host)| anchor(url, host))
        .collect();
    last.push(plain(
        &words::why(alert).unwrap_or_else(|| words::origin(alert)),
        300,
    ));
    [section(&words, 500), context(&last)]
}

fn header(words: &str) -> Value {
    json!({"type": "header", "text": plain(words, MOST_HEADER)})
}

fn section(words: &str, most: usize) -> Value {
    json!({"type": "section", "text": plain(words, most.min(MOST_SECTION))})
}

fn context(elements: &[Value]) -> Value {
    json!({"type": "context", "elements": elements})
}

fn plain(words: &str, most: usize) -> Value {
    json!({"type": "plain_text", "text": escaped(words, most), "emoji": false})
}

/// A link that is ours, unless its address is monstrous. A bar would end the address, so it is written as
/// what stands for it.
fn anchor(url: &str, host: &str) -> Option<Value> {
    let url = escaped(&url.replace('|', "%7C"), usize::MAX);
    let text = format!("<{url}|Open at {}>", escaped(&host.replace('|', " "), 200));
    (text.len() <= MOST_LINK).then(|| json!({"type": "mrkdwn", "text": text, "verbatim": true}))
}

/// Cut so that it fits escaped, and escaped.
fn escaped(words: &str, most: usize) -> String {
    let words = cut_weighed(words, most, |c| match c {
        '&' => 5,
        '<' | '>' => 4,
        c => c.len_utf16(),
    });
    words
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// How much of a message blocks take.
fn size(blocks: &[Value]) -> usize {
    blocks.iter().map(|b| units(&b.to_string()) + 1).sum()
}
