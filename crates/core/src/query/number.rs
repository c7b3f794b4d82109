//! Numbers as people type them: `7`, `9.8`, `50%`, and ranges of them. Read from the decimal digits, never
//! calculated, so that `9.8` is the 9.8 of a stored score and `12.3%` is 0.123.

use std::ops::Bound;

use super::ast::Range;
use super::error::{QueryError, Reason};
use super::field::Operator;
use crate::model::Measure;

/// The highest number of a measure; the lowest is 0.
#[must_use]
pub fn highest(measure: Measure) -> f64 {
    match measure {
        Measure::Cvss => 10.0,
        Measure::Epss | Measure::Relevance => 1.0,
    }
}

impl Range {
    /// Any number.
    pub(super) const ANY: Self = Self {
        low: Bound::Unbounded,
        high: Bound::Unbounded,
    };

    /// Reads a value behind an operator; `at` is the character where it begins.
    pub(super) fn parse(
        measure: Measure,
        text: &str,
        operator: Operator,
        at: usize,
    ) -> Result<Self, QueryError> {
        let place = at..at + text.chars().count();
        let only = |low, high| Ok(Self { low, high });
        if !operator.compares() {
            return Self::parse_range(measure, text, place);
        }
        let number = number(measure, text, place)?;
        match operator {
            Operator::Less => only(Bound::Unbounded, Bound::Excluded(number)),
            Operator::AtMost => only(Bound::Unbounded, Bound::Included(number)),
            Operator::More => only(Bound::Excluded(number), Bound::Unbounded),
            _ => only(Bound::Included(number), Bound::Unbounded),
        }
    }

    fn parse_range(
        measure: Measure,
        text: &str,
        place: std::ops::Range<usize>,
    ) -> Result<Self, QueryError> {
        let Some((low, high)) = text.split_once("..") else {
            let number = number(measure, text, place)?;
            return Ok(Self {
                low: Bound::Included(number),
                high: Bound::Included(number),
            });
        };
        let middle = place.start + low.chars().count();
        let end = |text: &str, place| match text {
            "" => Ok(Bound::Unbounded),
            _ => number(measure, text, place).map(Bound::Included),
        };
        let range = Self {
            low: end(low, place.start..middle)?,
            high: end(high, middle + 2..place.end)?,
        };
        match (range.low, range.high) {
            (Bound::Unbounded, Bound::Unbounded) => {
                let message = "a range needs a number on one side: 7.. or ..9".to_owned();
                Err(QueryError::new(place, Reason::BadRange, message))
            }
            (Bound::Included(from), Bound::Included(to)) if from > to => {
                let message =
                    format!("the range ends below its beginning; did you mean {high}..{low}?");
                Err(QueryError::new(place, Reason::BadRange, message)
                    .expecting([format!("{high}..{low}")]))
            }
            _ => Ok(range),
        }
    }
}

fn number(measure: Measure, typed: &str, place: std::ops::Range<usize>) -> Result<f64, QueryError> {
    let text = typed.trim();
    let highest = highest(measure);
    let (digits, percent) = match text.strip_suffix('%') {
        Some(digits) if highest <= 1.0 => (digits, true),
        _ => (text, false),
    };
    let is_number = digits.len() <= 24
        && digits.bytes().any(|b| b.is_ascii_digit())
        && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && digits.bytes().filter(|b| *b == b'.').count() <= 1;
    let exponent = if percent { "e-2" } else { "" };
    let number: Option<f64> = is_number
        .then(|| format!("{digits}{exponent}").parse().ok())
        .flatten();
    let Some(number) = number else {
        let message = format!(
            "\"{}\" is no number; {} takes one from 0 to {highest}, or a range such as {}",
            super::parse::excerpt(text),
            measure.as_str(),
            samples(measure)[1],
        );
        return Err(QueryError::new(place, Reason::BadNumber, message).expecting(samples(measure)));
    };
    if number > highest {
        let hint = if highest <= 1.0 && !percent && number <= 100.0 {
            format!("; did you mean {digits}%?")
        } else {
            String::new()
        };
        let message = format!(
            "{} goes from 0 to {highest}; {text} is above{hint}",
            measure.as_str()
        );
        return Err(QueryError::new(place, Reason::OutOfScale, message).expecting(samples(measure)));
    }
    Ok(number)
}

/// Values to show what can be typed: a number and a range.
#[must_use]
pub fn samples(measure: Measure) -> [&'static str; 2] {
    match measure {
        Measure::Cvss => ["9.8", "7..8.9"],
        Measure::Epss | Measure::Relevance => ["50%", "0.1..0.5"],
    }
}
