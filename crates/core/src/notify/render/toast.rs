//! A message as a notification of the desktop: a line and two more. Plain text.

use super::super::{Message, Urgency};
use super::text::{cut, line};
use super::words::{self, Outline, TITLE_CHARS};

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

/// The longest line of a body, in characters.
const LINE_CHARS: usize = 200;
/// How many titles a summary of several names.
const TITLES: usize = 3;

/// A message as a desktop notification.
#[must_use]
pub fn toast(message: &Message) -> Toast {
    let outline = Outline::of(message);
    let (summary, body) = if let Some(alert) = outline.single() {
        let mut facts = vec![words::level(alert)];
        facts.extend(words::measures(alert));
        facts.push(line(&alert.source_name, 40));
        let mut second = vec![words::happened(alert)];
        second.extend(words::why(alert));
        let lines = [facts.join(" · "), second.join(" · ")];
        (
            words::title(alert, TITLE_CHARS),
            lines.map(|l| cut(&l, LINE_CHARS)).join("\n"),
        )
    } else if outline.groups.is_empty() {
        (outline.heading, outline.intro.join("\n"))
    } else {
        let all = outline.groups.iter().flat_map(|g| &g.alerts);
        let mut lines: Vec<String> = all.take(TITLES).map(|a| words::title(a, 80)).collect();
        let listed: usize = outline.groups.iter().map(|g| g.alerts.len() + g.more).sum();
        let left = (listed + outline.more).saturating_sub(lines.len());
        if left > 0 {
            lines.push(format!("and {left} more"));
        }
        (outline.heading, lines.join("\n"))
    };
    Toast {
        summary,
        body,
        urgency: words::urgency(message),
    }
}
