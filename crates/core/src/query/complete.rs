//! What could be typed where the cursor stands. Everything that needs no database; the store adds the
//! values of facets, with their counts. Any text will do, however unfinished.

use std::ops::Range;

use super::date;
use super::field::{Field, Operator, SEVERITIES, STATES, choices, has_names};
use super::lex::{Mode, Raw, Token, What, is_quote, lex};
use super::number;
use super::print::quoted_value;
use crate::model::Facet;

/// What is wanted at the cursor, and what it would replace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The first character to replace.
    pub start: usize,
    /// The character after the last to replace; a completion that is taken stands between them.
    pub end: usize,
    /// What is wanted.
    pub what: Want,
}

/// What is wanted at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Want {
    /// The name of a field, or AND, OR, NOT; or any word.
    Field {
        /// Up to the cursor.
        typed: String,
    },
    /// A value of a facet whose values the database knows.
    Value {
        /// Which.
        facet: Facet,
        /// Up to the cursor, without quotes.
        typed: String,
    },
    /// A value of a field whose values, or samples of them, the language knows.
    Choice {
        /// Which.
        field: Field,
        /// What stands between it and the value.
        operator: Operator,
        /// Up to the cursor, without quotes.
        typed: String,
    },
    /// Nothing that could be offered: words.
    Words,
}

/// One thing that could be typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// What to put between [`Wanted::start`] and [`Wanted::end`].
    pub insert: String,
    /// What kind of thing it is.
    pub kind: SuggestionKind,
    /// What it is, in a few English words.
    pub about: Option<&'static str>,
}

/// What kind of thing a suggestion is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SuggestionKind {
    /// A field with its operator.
    Field,
    /// A value of a field.
    Value,
    /// AND, OR, NOT, or an operator behind a field.
    Operator,
}

/// What is wanted at a cursor, which stands before the character of that number.
#[must_use]
pub fn complete(text: &str, cursor: usize) -> Wanted {
    let chars: Vec<char> = text.chars().collect();
    let cursor = cursor.min(chars.len());
    // Lenient, it never fails.
    let tokens = lex(&chars, Mode::Lenient).unwrap_or_default();
    let token = tokens
        .iter()
        .find(|token| token.place.start < cursor && cursor <= token.place.end);
    let up_to = |start: usize| chars[start.min(cursor)..cursor].iter().collect::<String>();
    match token {
        Some(Token {
            what:
                What::Field {
                    field,
                    name,
                    operator,
                    operator_place,
                    values,
                },
            ..
        }) => {
            if cursor < operator_place.end {
                let typed = up_to(name.start).chars().take(name.len()).collect();
                return field_wanted(name.start..operator_place.end, typed);
            }
            let raw = values.iter().find(|raw| cursor <= raw.place.end);
            raw.map_or_else(
                || words(cursor),
                |raw| value_wanted(*field, *operator, raw, &up_to(raw.inner)),
            )
        }
        Some(Token {
            what: What::Word(raw),
            ..
        }) if raw.quoted => Wanted {
            start: raw.place.start,
            end: raw.place.end,
            what: Want::Words,
        },
        Some(Token {
            what: What::Word(_) | What::And | What::Or,
            place,
        }) => field_wanted(place.clone(), up_to(place.start)),
        Some(Token {
            what: What::Not,
            place,
        }) if place.len() > 1 => field_wanted(place.clone(), up_to(place.start)),
        _ => field_wanted(cursor..cursor, String::new()),
    }
}

impl Wanted {
    /// What the language itself can offer here, likeliest first. For [`Want::Value`] nothing: the store has
    /// the values.
    #[must_use]
    pub fn suggestions(&self) -> Vec<Suggestion> {
        match &self.what {
            Want::Field { typed } => fields(typed),
            Want::Choice {
                field,
                operator,
                typed,
            } => values(*field, *operator, typed),
            Want::Value { facet, typed } if has_names(*facet) && typed.is_empty() => {
                vec![value("*".to_owned(), Some("any"))]
            }
            Want::Value { .. } | Want::Words => Vec::new(),
        }
    }

    /// A value that the store has found, as it is to be typed here: in quotes where it must be.
    #[must_use]
    pub fn insert(&self, found: &str) -> String {
        quoted_value(found)
    }
}

fn field_wanted(place: Range<usize>, typed: String) -> Wanted {
    Wanted {
        start: place.start,
        end: place.end,
        what: Want::Field { typed },
    }
}

fn words(cursor: usize) -> Wanted {
    Wanted {
        start: cursor,
        end: cursor,
        what: Want::Words,
    }
}

fn value_wanted(field: Field, operator: Operator, raw: &Raw, typed: &str) -> Wanted {
    let typed: String = typed.chars().filter(|c| !is_quote(*c)).collect();
    let what = match field {
        Field::Facet(facet) if choices(facet).is_none() => Want::Value { facet, typed },
        Field::Facet(_) | Field::Flag(_) | Field::Measure(_) | Field::Moment(_) => Want::Choice {
            field,
            operator,
            typed,
        },
        Field::Id | Field::Cve | Field::Column(_) => Want::Words,
    };
    Wanted {
        start: raw.place.start,
        end: raw.place.end,
        what,
    }
}

fn fields(typed: &str) -> Vec<Suggestion> {
    let lower = typed.to_ascii_lowercase();
    let mut all = Vec::new();
    for field in Field::all().filter(|field| field.as_str().starts_with(&lower)) {
        all.push(Suggestion {
            insert: format!("{}:", field.as_str()),
            kind: SuggestionKind::Field,
            about: Some(field.about()),
        });
        // The whole name is there: what may follow it.
        if field.as_str() == lower {
            let more = field.operators().iter().filter(|o| **o != Operator::Has);
            all.extend(more.map(|operator| Suggestion {
                insert: format!("{}{}", field.as_str(), operator.as_str()),
                kind: SuggestionKind::Operator,
                about: Some(about(*operator, field)),
            }));
        }
    }
    let operators = [
        ("AND", "both"),
        ("OR", "one of them"),
        ("NOT", "not what follows"),
    ];
    // Only capitals are operators; lower case is a word.
    let wanted = operators.iter().filter(|(word, _)| word.starts_with(typed));
    all.extend(wanted.map(|(word, about)| Suggestion {
        insert: (*word).to_owned(),
        kind: SuggestionKind::Operator,
        about: Some(*about),
    }));
    all
}

fn about(operator: Operator, field: Field) -> &'static str {
    let is_date = matches!(field, Field::Moment(_));
    match operator {
        Operator::Has => "has",
        Operator::Is => "is exactly",
        Operator::IsNot => "is not",
        Operator::Less if is_date => "before, or younger than",
        Operator::More if is_date => "after, or older than",
        Operator::AtMost if is_date => "until, or at most as old as",
        Operator::AtLeast if is_date => "since, or at least as old as",
        Operator::Less => "below",
        Operator::AtMost => "at most",
        Operator::More => "above",
        Operator::AtLeast => "at least",
    }
}

fn values(field: Field, operator: Operator, typed: &str) -> Vec<Suggestion> {
    let all: Vec<&str> = match field {
        Field::Facet(Facet::State) => STATES.to_vec(),
        Field::Facet(Facet::Severity) if operator.compares() => match operator {
            Operator::Less => SEVERITIES[1..].to_vec(),
            Operator::More => SEVERITIES[..2].to_vec(),
            _ => SEVERITIES.to_vec(),
        },
        Field::Facet(facet) => choices(facet).map_or_else(Vec::new, <[&str]>::to_vec),
        Field::Flag(_) => vec!["true", "false"],
        Field::Measure(measure) => number::samples(measure).to_vec(),
        Field::Moment(_) => date::SAMPLES.to_vec(),
        Field::Id | Field::Cve | Field::Column(_) => Vec::new(),
    };
    let mut lower = typed.trim_start().to_ascii_lowercase();
    if matches!(field, Field::Facet(_)) {
        lower = lower.replace([' ', '-'], "_");
    }
    all.into_iter()
        .filter(|sample| !operator.compares() || !sample.contains(".."))
        .map(|sample| {
            if operator == Operator::Has {
                sample
            } else {
                sample.trim_start_matches('<')
            }
        })
        .filter(|sample| sample.starts_with(&lower))
        .map(|sample| value(sample.to_owned(), None))
        .collect()
}

fn value(insert: String, about: Option<&'static str>) -> Suggestion {
    Suggestion {
        insert,
        kind: SuggestionKind::Value,
        about,
    }
}
