//! What a watch or a mute must be like: the faults of [`check_watch`], in words.

use crate::error::Fault;
use crate::model::{
    Field, Kind, Time, Watch, WatchKind, WatchPart, WatchProblem, WatchSet, WatchedProduct,
    check_term, check_watch,
};

/// Seconds of a day.
const DAY_S: i64 = 86_400;

/// A term that can be watched.
pub(in crate::settings) fn term(text: &str) -> Result<(), Fault> {
    check_term(text).map_err(|problem| fault(&problem))
}

/// A regular expression that can be watched.
pub(in crate::settings) fn regex(text: &str) -> Result<(), Fault> {
    let watch = Watch {
        term: text.to_owned(),
        kind: WatchKind::Regex,
        ..Watch::default()
    };
    check_watch(&watch).map_err(|(_, problem)| fault(&problem))
}

/// A version that a team runs, or a span of versions.
pub(in crate::settings) fn version(text: &str) -> Result<(), Fault> {
    let watch = Watch {
        term: "x".to_owned(),
        kind: WatchKind::Product,
        product: Some(WatchedProduct {
            vendor: None,
            product: "x".to_owned(),
            versions: vec![text.to_owned()],
        }),
        ..Watch::default()
    };
    check_watch(&watch).map_err(|(_, problem)| fault(&problem).with("version", text))
}

/// A kind of alerts.
pub(in crate::settings) fn kind(text: &str) -> Result<(), Fault> {
    match Kind::parse(text) {
        Some(_) => Ok(()),
        None => Err(scope_invalid(text, "vulnerability, article or guidance")),
    }
}

/// A part of an alert.
pub(in crate::settings) fn field(text: &str) -> Result<(), Fault> {
    match Field::parse(text) {
        Some(_) => Ok(()),
        None => Err(scope_invalid(text, "title, text or products")),
    }
}

fn scope_invalid(text: &str, words: &str) -> Fault {
    Fault::new("scope_invalid", format!("{text:?} is none of {words}."))
        .with("word", text)
        .with("words", words)
}

/// When a mute ends: a moment with its zone, or a day, with which it ends (UTC).
pub(in crate::settings) fn until(text: &str) -> Result<Time, Fault> {
    let day = || Time::parse_rfc3339(&format!("{text}T00:00:00Z"));
    let moment = Time::parse_rfc3339(text);
    let moment = moment.or_else(|_| day().map(|day| day.plus_s(DAY_S)));
    moment.map_err(|_| {
        Fault::new(
            "until_invalid",
            format!("{text:?} is neither a moment such as 2026-12-31T18:00:00Z nor a day such as 2026-12-31."),
        )
        .with("until", text)
    })
}

/// A whole watch, as the window gives it.
pub(in crate::settings) fn watch(watch: &Watch) -> Result<(), Fault> {
    check_watch(watch).map_err(|(part, problem)| {
        let (name, place) = match part {
            WatchPart::Term => ("term", None),
            WatchPart::Alias(place) => ("aliases", Some(place)),
            WatchPart::Exception(place) => ("exceptions", Some(place)),
            WatchPart::Product => ("product", None),
            WatchPart::Version(place) => ("versions", Some(place)),
        };
        let fault = fault(&problem).with("part", name);
        match place {
            Some(place) => fault.with("place", place),
            None => fault,
        }
    })?;
    watch.scope.kinds.iter().try_for_each(|word| kind(word))?;
    watch
        .scope
        .sources
        .iter()
        .try_for_each(|id| super::line(id))
}

fn fault(problem: &WatchProblem) -> Fault {
    match problem {
        WatchProblem::Empty => Fault::new(
            "watch_empty",
            "A watch needs at least one letter or digit; without, it would match everything.",
        ),
        WatchProblem::TooLong => Fault::new(
            "watch_too_long",
            format!(
                "A watch has at most {} characters, a regular expression {}.",
                WatchSet::LONGEST_TERM,
                WatchSet::LONGEST_REGEX
            ),
        )
        .with("most", WatchSet::LONGEST_TERM)
        .with("most_of_regex", WatchSet::LONGEST_REGEX),
        WatchProblem::BadRegex { at, reason } => Fault::new(
            "regex_invalid",
            format!(
                "The regular expression cannot be read at character {}: {reason}.",
                at.saturating_add(1)
            ),
        )
        .with("at", at)
        .with("reason", reason),
        WatchProblem::MatchesNothing => Fault::new(
            "regex_matches_nothing",
            "The regular expression also matches the empty text, so it would match everything.",
        ),
        WatchProblem::RegexTooLarge => Fault::new(
            "regex_too_large",
            "The regular expression needs too much memory; use smaller counts or fewer of them.",
        ),
        WatchProblem::NoProduct => Fault::new(
            "watch_without_product",
            "A watch for a product needs the product's name.",
        ),
        WatchProblem::BadVersion => Fault::new(
            "version_invalid",
            "A version is written like 2.4.1, 2.4.x or >=2.0 <2.4.",
        ),
    }
}
