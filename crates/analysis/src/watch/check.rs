//! What can be watched. A watch that is refused here is never compiled, so an empty term cannot match
//! everything, and a regex cannot cost more than its share.

use super::versions::Span;
use super::{Watch, WatchKind, WatchSet, regexes};

/// Why a watch cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WatchProblem {
    /// It has no letter or digit, so it would match everything or nothing.
    Empty,
    /// It is longer than [`WatchSet::LONGEST_TERM`] characters, or a regex than [`WatchSet::LONGEST_REGEX`].
    TooLong,
    /// The regex cannot be read.
    BadRegex {
        /// The character at which it is wrong, from 0.
        at: u32,
        /// What is wrong, in the words of its parser.
        reason: String,
    },
    /// The regex matches the empty text, so it would match everything.
    MatchesNothing,
    /// The regex needs too much memory.
    RegexTooLarge,
    /// A watch for a product names none.
    NoProduct,
    /// It is no version and no span of versions.
    BadVersion,
}

/// The part of a watch that a problem is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WatchPart {
    /// The term.
    Term,
    /// An alias, by its place.
    Alias(usize),
    /// An exception, by its place.
    Exception(usize),
    /// The product or its vendor.
    Product,
    /// A version, by its place.
    Version(usize),
}

/// Says whether a term can be watched.
///
/// # Errors
/// [`WatchProblem`] where it cannot.
pub fn check_term(term: &str) -> Result<(), WatchProblem> {
    if !term.chars().any(char::is_alphanumeric) {
        return Err(WatchProblem::Empty);
    }
    if term.chars().count() > WatchSet::LONGEST_TERM {
        return Err(WatchProblem::TooLong);
    }
    Ok(())
}

/// Says whether a watch can be taken as it is.
///
/// # Errors
/// The first part that cannot, and why.
pub fn check_watch(watch: &Watch) -> Result<(), (WatchPart, WatchProblem)> {
    let spelling = match watch.kind {
        WatchKind::Regex => regexes::check,
        WatchKind::Term | WatchKind::Product => check_term,
    };
    spelling(&watch.term).map_err(|problem| (WatchPart::Term, problem))?;
    for (place, alias) in watch.aliases.iter().enumerate() {
        spelling(alias).map_err(|problem| (WatchPart::Alias(place), problem))?;
    }
    for (place, exception) in watch.exceptions.iter().enumerate() {
        check_term(exception).map_err(|problem| (WatchPart::Exception(place), problem))?;
    }
    if watch.kind != WatchKind::Product {
        return Ok(());
    }
    let Some(product) = &watch.product else {
        return Err((WatchPart::Product, WatchProblem::NoProduct));
    };
    for name in std::iter::once(&product.product).chain(&product.vendor) {
        check_term(name).map_err(|problem| (WatchPart::Product, problem))?;
    }
    for (place, version) in product.versions.iter().enumerate() {
        if Span::of_team(version).is_none() {
            return Err((WatchPart::Version(place), WatchProblem::BadVersion));
        }
    }
    Ok(())
}
