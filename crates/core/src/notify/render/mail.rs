//! A message as an e-mail: subject, text, and HTML that reads well in light and dark and in a narrow client.

use std::fmt::Write as _;

use super::super::Message;
use super::text::{escape, first_sentences, paragraphs, wrap};
use super::words::{self, Outline, TITLE_CHARS};
use crate::model::{MessageAlert, Severity};

const PAGE: &str = include_str!("../templates/email.html");
const ALERT: &str = include_str!("../templates/alert.html");
const GROUP: &str = include_str!("../templates/group.html");
const FOOTER: &str = "Sent by Tocsin on your own machine. Channels and rules are in its Settings.";

/// How much of a description one alert shows alone, and among others.
const TEXT_CHARS_ALONE: usize = 1500;
const TEXT_CHARS_AMONG: usize = 280;
/// How many alerts a message shows.
const MOST_SHOWN: usize = 200;

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

/// A message as an e-mail.
#[must_use]
pub fn mail(message: &Message) -> Mail {
    let outline = Outline::of(message);
    let (text, body) = match outline.single() {
        Some(alert) => (alert_text(alert, true), alert_html(alert, true)),
        None => several(&outline),
    };
    let html = fill(
        PAGE,
        &[
            ("subject", &escape(&outline.heading)),
            ("body", &body),
            ("footer", &escape(FOOTER)),
        ],
    );
    Mail {
        text: format!("{}\n\n-- \n{FOOTER}\n", text.trim_end()),
        subject: outline.heading,
        html,
    }
}

fn several(outline: &Outline<'_>) -> (String, String) {
    let mut text = String::new();
    let mut html = String::new();
    // A test or a notice says the heading in its subject alone.
    if !outline.groups.is_empty() {
        let _ = write!(text, "{}\n\n", wrap(&outline.heading));
        let _ = writeln!(html, "<p><strong>{}</strong></p>", escape(&outline.heading));
    }
    for words in &outline.intro {
        let _ = write!(text, "{}\n\n", wrap(words));
        let _ = writeln!(html, "<p>{}</p>", escape(words));
    }
    let mut shown = 0;
    let mut left = outline.more;
    for group in &outline.groups {
        if let Some(heading) = &group.heading {
            let rule = "-".repeat(heading.chars().count().min(76));
            let _ = write!(text, "{}\n{rule}\n\n", wrap(heading));
            html.push_str(&fill(GROUP, &[("heading", &escape(heading))]));
        }
        let taken = group.alerts.len().min(MOST_SHOWN - shown);
        for alert in &group.alerts[..taken] {
            text.push_str(&alert_text(alert, false));
            text.push_str("\n\n");
            html.push_str(&alert_html(alert, false));
        }
        shown += taken;
        let of_group = group.alerts.len() - taken + group.more;
        if group.heading.is_none() {
            left += of_group;
        } else if of_group > 0 {
            say_left(&mut text, &mut html, of_group);
        }
    }
    if left > 0 {
        say_left(&mut text, &mut html, left);
    }
    (text, html)
}

fn say_left(text: &mut String, html: &mut String, count: usize) {
    let words = words::left_out(count);
    let _ = write!(text, "{words}\n\n");
    let _ = writeln!(html, "<p>{}</p>", escape(&words));
}

fn alert_text(alert: &MessageAlert, is_alone: bool) -> String {
    let title = words::title(alert, TITLE_CHARS);
    let mut lines = vec![format!("[{}] {title}", words::level(alert))];
    lines.push(facts(alert));
    lines.push(words::origin(alert));
    lines.extend(words::products(alert, products(is_alone)));
    lines.extend(words::why(alert));
    let mut text: Vec<String> = lines.iter().map(|line| wrap(line)).collect();
    for paragraph in description(alert, is_alone) {
        text.push(String::new());
        text.push(wrap(&paragraph));
    }
    if let Some((url, _)) = words::link(alert) {
        text.push(String::new());
        text.push(url);
    }
    text.join("\n")
}

fn alert_html(alert: &MessageAlert, is_alone: bool) -> String {
    let mut more = vec![words::origin(alert)];
    more.extend(words::products(alert, products(is_alone)));
    let more: Vec<String> = more.iter().map(|line| escape(line)).collect();
    let paragraphs: Vec<String> = description(alert, is_alone)
        .iter()
        .map(|p| {
            format!(
                "<p dir=\"auto\" style=\"margin:0 0 8px;\">{}</p>",
                escape(p)
            )
        })
        .collect();
    let link = words::link(alert).map_or(String::new(), |(url, host)| {
        format!(
            "<p style=\"margin:0;\"><a href=\"{}\" style=\"color:#1a56a8;\" rel=\"noreferrer\">Open at {}</a></p>",
            escape(&url),
            escape(&host)
        )
    });
    let facts = format!(" · {}", escape(&facts(alert)));
    let why = words::why(alert).map_or(String::new(), |why| {
        format!(
            "<p style=\"margin:0 0 8px;font-size:13px;\">{}</p>",
            escape(&why)
        )
    });
    let (tone, colour) = tone(alert.severity);
    fill(
        ALERT,
        &[
            ("level", &escape(&words::level(alert))),
            ("tone", tone),
            ("colour", colour),
            ("facts", &facts),
            ("title", &escape(&words::title(alert, TITLE_CHARS))),
            ("origin", &more.join("<br>")),
            ("why", &why),
            ("text", &paragraphs.join("\n")),
            ("link", &link),
        ],
    )
}

/// A severity's class, which dark clients recolour, and its colour in light: 4.5:1 on white and more.
fn tone(severity: Option<Severity>) -> (&'static str, &'static str) {
    match severity {
        Some(Severity::High) => ("high", "#b42318"),
        Some(Severity::Medium) => ("medium", "#8a5300"),
        Some(Severity::Low) => ("low", "#43607d"),
        None => ("unscored", "#5b6372"),
    }
}

/// What happened and how bad it is.
fn facts(alert: &MessageAlert) -> String {
    let mut facts = vec![words::happened(alert)];
    facts.extend(words::measures(alert));
    facts.join(" · ")
}

fn products(is_alone: bool) -> usize {
    if is_alone { 10 } else { 3 }
}

fn description(alert: &MessageAlert, is_alone: bool) -> Vec<String> {
    if is_alone {
        return paragraphs(&alert.text, TEXT_CHARS_ALONE);
    }
    let text = first_sentences(&alert.text, TEXT_CHARS_AMONG);
    Some(text).filter(|t| !t.is_empty()).into_iter().collect()
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
