//! What a message says, in words that all channels share: what happened, to what, how bad, why somebody gets
//! it. Every piece is one clean line. Pure; layout and markup are each channel's own.

use url::Url;

use super::super::{Content, Digest, DigestWhy, Message, Urgency};
use super::text::{cut, line};
use crate::model::{ChangeKind, Issuer, Kind, MessageAlert, Score, Severity, Time};

/// The longest title, in characters.
pub const TITLE_CHARS: usize = 160;
/// The longest heading, in characters.
pub const HEADING_CHARS: usize = 120;
/// The longest address that becomes a link.
const URL_CHARS: usize = 1000;

/// A message in parts that every channel lays out in its own way.
pub struct Outline<'a> {
    /// One line: a subject, a header.
    pub heading: String,
    /// What is said before the alerts, a line each.
    pub intro: Vec<String>,
    /// The alerts; empty where the message speaks of none.
    pub groups: Vec<Group<'a>>,
    /// Alerts that stand in no group.
    pub more: usize,
}

/// Alerts under one heading.
pub struct Group<'a> {
    /// The level and the watch; `None` where there is one group only.
    pub heading: Option<String>,
    /// What is listed.
    pub alerts: Vec<&'a MessageAlert>,
    /// What is left out.
    pub more: usize,
}

impl<'a> Outline<'a> {
    /// The parts of a message.
    pub fn of(message: &'a Message) -> Self {
        let (heading, intro) = match &message.content {
            Content::Test => (
                "Tocsin: test message".to_owned(),
                vec!["This is a test message. What your rules ask for will arrive here.".to_owned()],
            ),
            Content::SelfTest => (
                "Tocsin: weekly test".to_owned(),
                vec![
                    "This channel works. Tocsin says so once a week; that can be switched off in Settings, Channels."
                        .to_owned(),
                ],
            ),
            Content::Notice { channel, fault } => (
                format!("Tocsin: {} has stopped", line(channel, 60)),
                [
                    line(&fault.message, 600),
                    "What waits for it is kept. Once that is mended, it goes on from Settings, Channels."
                        .to_owned(),
                ]
                .into_iter()
                .filter(|words| !words.is_empty())
                .collect(),
            ),
            Content::Alerts { alerts, more } => {
                let heading = match alerts.as_slice() {
                    [alert] if *more == 0 => headline(alert),
                    _ => counted(alerts.iter().map(|a| (a.severity, 1)), *more as usize),
                };
                (cut(&heading, HEADING_CHARS), Vec::new())
            }
            Content::Digest(digest) => digest_words(digest),
        };
        let (groups, more) = match &message.content {
            Content::Test | Content::SelfTest | Content::Notice { .. } => (Vec::new(), 0),
            Content::Alerts { alerts, more } => {
                let group = Group {
                    heading: None,
                    alerts: alerts.iter().collect(),
                    more: *more as usize,
                };
                (vec![group], 0)
            }
            Content::Digest(digest) => (
                digest
                    .groups
                    .iter()
                    .map(|g| Group {
                        heading: Some(group_heading(g.severity, g.watch.as_deref())),
                        alerts: g.alerts.iter().collect(),
                        more: g.more as usize,
                    })
                    .collect(),
                in_no_group(digest),
            ),
        };
        Self {
            heading,
            intro,
            groups,
            more,
        }
    }

    /// The alert, where the message is about one alone.
    pub fn single(&self) -> Option<&'a MessageAlert> {
        match self.groups.as_slice() {
            [
                Group {
                    heading: None,
                    alerts,
                    more: 0,
                },
            ] if alerts.len() == 1 => alerts.first().copied(),
            _ => None,
        }
    }
}

/// The alert, where a message is about one alone.
pub fn single(message: &Message) -> Option<&MessageAlert> {
    Outline::of(message).single()
}

/// How loudly a message asks.
pub fn urgency(message: &Message) -> Urgency {
    let of = |alert: &MessageAlert| match alert.severity {
        _ if alert.exploited => Urgency::Critical,
        Some(Severity::High | Severity::Medium) => Urgency::Normal,
        Some(Severity::Low) | None => Urgency::Low,
    };
    let most = message.alerts().map(of).max().unwrap_or(Urgency::Normal);
    match message.content {
        // Nothing in a digest is so new that it may stay on the screen until somebody closes it.
        Content::Digest(_) => most.min(Urgency::Normal),
        _ => most,
    }
}

/// Whether a message may come without a sound: it speaks of alerts, all of them below High.
pub fn is_silent(message: &Message) -> bool {
    let is_loud = |a: &MessageAlert| a.exploited || a.severity == Some(Severity::High);
    match &message.content {
        Content::Test | Content::Notice { .. } => false,
        Content::SelfTest => true,
        Content::Alerts { .. } => !message.alerts().any(is_loud),
        Content::Digest(digest) => {
            let has_high = digest
                .groups
                .iter()
                .any(|g| g.severity == Some(Severity::High));
            !has_high && !message.alerts().any(is_loud)
        }
    }
}

/// `And 8 more, in Tocsin's window.`
pub fn left_out(count: usize) -> String {
    format!("And {count} more, in Tocsin's window.")
}

fn digest_words(digest: &Digest) -> (String, Vec<String>) {
    let counts = digest
        .groups
        .iter()
        .map(|g| (g.severity, g.alerts.len() + g.more as usize));
    let counts = counted(counts, in_no_group(digest));
    let (name, why) = match digest.why {
        DigestWhy::Time => ("Digest", "What came since the last digest"),
        DigestWhy::QuietHoursEnded => ("Quiet hours", "What came in the quiet hours"),
        DigestWhy::Resumed => (
            "What waited",
            "This channel works again; this is what waited for it",
        ),
    };
    let times = format!("{why}, {} to {}.", moment(digest.from), moment(digest.to));
    (
        cut(&format!("{name}, {counts}"), HEADING_CHARS),
        vec![times],
    )
}

fn in_no_group(digest: &Digest) -> usize {
    let grouped: usize = digest
        .groups
        .iter()
        .map(|g| g.alerts.len() + g.more as usize)
        .sum();
    (digest.total as usize).saturating_sub(grouped)
}

/// `High · openssl`.
fn group_heading(severity: Option<Severity>, watch: Option<&str>) -> String {
    let level = level_word(severity);
    match watch {
        Some(watch) => format!("{level} · {}", line(watch, 60)),
        None => format!("{level} · no watch"),
    }
}

/// `12 alerts: 3 High, 1 Medium, 8 more`.
fn counted(levels: impl Iterator<Item = (Option<Severity>, usize)>, more: usize) -> String {
    let order = [
        Some(Severity::High),
        Some(Severity::Medium),
        Some(Severity::Low),
        None,
    ];
    let mut counts = [0; 4];
    for (level, count) in levels {
        if let Some(at) = order.iter().position(|l| *l == level) {
            counts[at] += count;
        }
    }
    let total = counts.iter().sum::<usize>() + more;
    let mut words: Vec<String> = order
        .iter()
        .zip(counts)
        .filter(|(_, n)| *n > 0)
        .map(|(level, n)| match level {
            None => format!("{n} unscored"),
            level => format!("{n} {}", level_word(*level)),
        })
        .collect();
    if more > 0 {
        words.push(format!("{more} more"));
    }
    let noun = if total == 1 { "alert" } else { "alerts" };
    format!("{total} {noun}: {}", words.join(", "))
}

fn level_word(severity: Option<Severity>) -> &'static str {
    match severity {
        Some(Severity::High) => "High",
        Some(Severity::Medium) => "Medium",
        Some(Severity::Low) => "Low",
        None => "Unscored",
    }
}

/// `High`, `Medium (estimated)`, `High, exploited`.
pub fn level(alert: &MessageAlert) -> String {
    let mut word = level_word(alert.severity).to_owned();
    if alert.is_estimate && alert.severity.is_some() {
        word.push_str(" (estimated)");
    }
    if alert.exploited {
        word.push_str(", exploited");
    }
    word
}

/// `[High] CVE-2026-1 OpenSSL: out-of-bounds write`.
pub fn headline(alert: &MessageAlert) -> String {
    let title = title(alert, TITLE_CHARS);
    let names_it = title.contains(&alert.uid);
    let uid = match alert.kind {
        Kind::Vulnerability if !names_it => format!("{} ", line(&alert.uid, 40)),
        _ => String::new(),
    };
    format!("[{}] {uid}{title}", level(alert))
}

/// The title, or the id where nothing of it can be shown.
pub fn title(alert: &MessageAlert, most: usize) -> String {
    [&alert.title, &alert.uid]
        .into_iter()
        .map(|text| line(text, most))
        .find(|line| !line.is_empty())
        .unwrap_or_else(|| "Untitled".to_owned())
}

/// How bad: `CVSS 9.8 (v3.1, NVD)`, `EPSS 12 %, above 98 % of all CVEs`.
pub fn measures(alert: &MessageAlert) -> Vec<String> {
    let mut words = Vec::new();
    words.extend(alert.score.as_ref().map(score));
    if let Some((probability, percentile)) = alert.epss {
        words.push(format!(
            "EPSS {} %, above {:.0} % of all CVEs",
            percent(probability),
            (percentile.clamp(0.0, 1.0) * 100.0).floor()
        ));
    }
    words
}

fn score(score: &Score) -> String {
    let issuer = match score.issuer {
        Issuer::Nvd => "NVD",
        Issuer::Cna => "CNA",
        Issuer::CisaAdp => "CISA",
    };
    format!(
        "CVSS {:.1} (v{}, {issuer})",
        score.score,
        score.version.as_str()
    )
}

/// A small share with a digit after the point.
fn percent(share: f64) -> String {
    let percent = share.clamp(0.0, 1.0) * 100.0;
    if percent < 10.0 {
        format!("{percent:.1}")
    } else {
        format!("{percent:.0}")
    }
}

/// What happened: `Severity raised: Medium to High`.
pub fn happened(alert: &MessageAlert) -> String {
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
    match &alert.detail {
        Some(detail) => format!("{happened}: {}", line(detail, 160)),
        None => happened.to_owned(),
    }
}

/// `CVE-2026-1 · NVD · 22 Nov 2026 06:00 UTC`.
pub fn origin(alert: &MessageAlert) -> String {
    let when = moment(alert.published);
    let source = line(&alert.source_name, 60);
    match alert.kind {
        Kind::Vulnerability => format!("{} · {source} · {when}", line(&alert.uid, 40)),
        Kind::Article | Kind::Guidance => format!("{source} · {when}"),
    }
}

fn moment(at: Time) -> String {
    at.to_chrono().format("%-d %b %Y %H:%M UTC").to_string()
}

/// Why somebody gets it: `Matches openssl, nginx. Rule: Night shift`. `None` where nothing is known.
pub fn why(alert: &MessageAlert) -> Option<String> {
    let mut words = Vec::new();
    if !alert.matched.is_empty() {
        words.push(format!("Matches {}", some_of(&alert.matched, 5)));
    }
    match alert.rules.len() {
        0 => {}
        1 => words.push(format!("Rule: {}", some_of(&alert.rules, 1))),
        _ => words.push(format!("Rules: {}", some_of(&alert.rules, 3))),
    }
    (!words.is_empty()).then(|| words.join(". "))
}

fn some_of(all: &[String], most: usize) -> String {
    let shown: Vec<String> = all.iter().take(most).map(|t| line(t, 60)).collect();
    match all.len() - shown.len() {
        0 => shown.join(", "),
        left => format!("{} and {left} more", shown.join(", ")),
    }
}

/// `Affects Apache HTTP Server 2.4.0 to before 2.4.59; OpenSSL; and 3 more`.
pub fn products(alert: &MessageAlert, most: usize) -> Option<String> {
    let mut words: Vec<String> = alert
        .products
        .iter()
        .take(most)
        .map(|p| {
            line(
                &format!("{} {}", line(&p.name, 80), line(&p.versions, 120)),
                160,
            )
        })
        .filter(|words| !words.is_empty())
        .collect();
    if words.is_empty() {
        return None;
    }
    let left = alert.products.len().saturating_sub(most) + alert.more_products as usize;
    if left > 0 {
        words.push(format!("and {left} more"));
    }
    Some(format!("Affects {}", words.join("; ")))
}

/// The address, if it is one of the web, and its host for people.
pub fn link(alert: &MessageAlert) -> Option<(String, String)> {
    let url = Url::parse(alert.url.as_deref()?).ok()?;
    let host = line(url.host_str()?.trim_start_matches("www."), 60);
    let is_web = matches!(url.scheme(), "http" | "https") && url.as_str().len() <= URL_CHARS;
    (is_web && !host.is_empty()).then(|| (url.to_string(), host))
}
