//! A message for Telegram: HTML of its few tags, and the same as plain text.
//!
//! Telegram counts UTF-16 units after it took the tags out. So the source is cut first and marked up then:
//! a tag is never cut, and what fits as text fits with tags.
//! <https://core.telegram.org/bots/api#html-style>

use std::fmt::Write as _;

use super::super::Message;
use super::text::{cut, cut_weighed, escape, first_sentences, units};
use super::words::{self, Outline};
use crate::model::MessageAlert;

/// What a message may hold, in UTF-16 units after parsing.
const MOST_UNITS: usize = 4096;
/// Alerts with marks of their own: Telegram takes a hundred marks in a message.
const MOST_SHOWN: usize = 40;
/// Kept free for what is said at the end.
const CLOSING_UNITS: usize = 80;
const TEXT_CHARS_ALONE: usize = 800;

/// A message of Telegram.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TelegramText {
    /// With Telegram's tags.
    pub html: String,
    /// The same as plain text.
    pub plain: String,
    /// Whether it comes without a sound.
    pub silent: bool,
}

/// Text in both forms at once.
#[derive(Default)]
struct Marked {
    html: String,
    plain: String,
    /// Units of the HTML after parsing, and of the plain text.
    shown: usize,
    plain_units: usize,
}

impl Marked {
    fn text(mut self, text: &str) -> Self {
        self.html.push_str(&escape(text));
        self.add(text, text);
        self
    }

    fn bold(mut self, text: &str) -> Self {
        let _ = write!(self.html, "<b>{}</b>", escape(text));
        self.add(text, text);
        self
    }

    fn link(mut self, url: &str, label: &str) -> Self {
        let _ = write!(
            self.html,
            "<a href=\"{}\">{}</a>",
            escape(url),
            escape(label)
        );
        self.add(label, url);
        self
    }

    fn add(&mut self, shown: &str, plain: &str) {
        self.plain.push_str(plain);
        self.shown += units(shown);
        self.plain_units += units(plain);
    }

    fn has_room_for(&self, other: &Self) -> bool {
        let most = MOST_UNITS - CLOSING_UNITS;
        self.shown + other.shown <= most && self.plain_units + other.plain_units <= most
    }

    fn join(mut self, other: &Self) -> Self {
        self.html.push_str(&other.html);
        self.plain.push_str(&other.plain);
        self.shown += other.shown;
        self.plain_units += other.plain_units;
        self
    }
}

/// A message for Telegram.
#[must_use]
pub fn telegram(message: &Message) -> TelegramText {
    let outline = Outline::of(message);
    let marked = match outline.single() {
        Some(alert) => alone(alert),
        None => several(&outline),
    };
    TelegramText {
        html: marked.html,
        plain: marked.plain,
        silent: words::is_silent(message),
    }
}

fn alone(alert: &MessageAlert) -> Marked {
    let mut facts = vec![words::happened(alert)];
    facts.extend(words::measures(alert));
    let mut lines = vec![facts.join(" · "), words::origin(alert)];
    lines.extend(words::products(alert, 5));
    // The parts add up to less than a message holds.
    let mut marked = Marked::default().bold(&within(&words::headline(alert), 500));
    for line in lines {
        marked = marked.text(&format!("\n{}", within(&line, 600)));
    }
    let text = first_sentences(&alert.text, TEXT_CHARS_ALONE);
    if !text.is_empty() {
        marked = marked.text(&format!("\n\n{}", within(&text, 1000)));
    }
    if let Some(why) = words::why(alert) {
        marked = marked.text(&format!("\n\n{}", within(&why, 500)));
    }
    if let Some((url, host)) = words::link(alert) {
        let link = Marked::default()
            .text("\n\n")
            .link(&url, &format!("Open at {host}"));
        if marked.has_room_for(&link) {
            marked = marked.join(&link);
        }
    }
    marked
}

fn within(text: &str, most: usize) -> String {
    cut_weighed(text, most, char::len_utf16)
}

fn several(outline: &Outline<'_>) -> Marked {
    let mut marked = Marked::default().bold(&outline.heading);
    for words in &outline.intro {
        marked = marked.text(&format!("\n{words}"));
    }
    let mut left = outline.more;
    let mut shown = 0;
    let mut is_full = false;
    for group in &outline.groups {
        left += group.more;
        let mut heading = group
            .heading
            .as_ref()
            .map(|heading| Marked::default().text("\n\n").bold(&within(heading, 200)));
        for alert in &group.alerts {
            let next = heading.take().unwrap_or_default().join(&entry(alert));
            // What follows is ranked lower, however short it is.
            is_full |= shown == MOST_SHOWN || !marked.has_room_for(&next);
            if is_full {
                left += 1;
            } else {
                marked = marked.join(&next);
                shown += 1;
            }
        }
    }
    if left > 0 {
        marked = marked.text(&format!("\n\n{}", words::left_out(left)));
    }
    marked
}

/// An alert among others.
fn entry(alert: &MessageAlert) -> Marked {
    let mut facts = vec![words::happened(alert)];
    facts.extend(words::measures(alert));
    facts.extend(words::why(alert));
    let headline = cut(&words::headline(alert), 150);
    let marked = Marked::default()
        .text("\n\n")
        .bold(&headline)
        .text(&format!("\n{}", cut(&facts.join(" · "), 300)));
    match words::link(alert) {
        Some((url, host)) if url.len() <= 300 => marked.text("\n").link(&url, &host),
        _ => marked,
    }
}
