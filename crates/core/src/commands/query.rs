//! The search box: what could be typed where the cursor stands.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::app::App;
use crate::error::Fault;
use crate::model::{Facet, normal_value};
use crate::query::{self, SuggestionKind, Want};
use crate::store::list;

/// Asks what could be typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct QueryComplete {
    /// What is in the box.
    pub text: String,
    /// The character before which the cursor stands (Unicode scalar values).
    pub cursor: u32,
}

/// What could be typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Completion {
    /// The first character that it replaces.
    pub start: u32,
    /// One past the last.
    pub end: u32,
    /// The likeliest first.
    pub items: Vec<CompletionItem>,
}

/// One thing that could be typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CompletionItem {
    /// What to put there.
    pub insert: String,
    /// What people read.
    pub label: String,
    /// What kind of thing it is.
    pub kind: CompletionKind,
    /// Alerts that have the value.
    pub count: Option<u32>,
    /// What it is, in a few words.
    pub about: Option<String>,
}

/// What kind of thing could be typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CompletionKind {
    /// A field.
    Field,
    /// A value of a field.
    Value,
    /// An operator.
    Operator,
}

/// Values that are offered at once.
const MOST_VALUES: usize = 20;

pub(super) async fn query_complete(app: &App, request: QueryComplete) -> Result<Completion, Fault> {
    let wanted = query::complete(&request.text, request.cursor as usize);
    let mut items: Vec<CompletionItem> = wanted
        .suggestions()
        .into_iter()
        .map(|suggestion| CompletionItem {
            label: suggestion.insert.clone(),
            insert: suggestion.insert,
            kind: match suggestion.kind {
                SuggestionKind::Field => CompletionKind::Field,
                SuggestionKind::Value => CompletionKind::Value,
                SuggestionKind::Operator => CompletionKind::Operator,
            },
            count: None,
            about: suggestion.about.map(str::to_owned),
        })
        .collect();
    if let Want::Value { facet, typed } = &wanted.what {
        let (facet, beginning) = (*facet, normal_value(typed));
        let found = app
            .db()
            .read(move |r| Ok(list::values(r, facet, &beginning, MOST_VALUES)))
            .await?;
        let written = |value: String| match facet {
            // `a05 2025` is how it is compared.
            Facet::Owasp => value.replacen(' ', ":", 1),
            _ => value,
        };
        items.extend(found.into_iter().map(|(value, count)| CompletionItem {
            insert: wanted.insert(&written(value.clone())),
            label: written(value),
            kind: CompletionKind::Value,
            count: Some(count),
            about: None,
        }));
    }
    Ok(Completion {
        start: u32::try_from(wanted.start).unwrap_or(u32::MAX),
        end: u32::try_from(wanted.end).unwrap_or(u32::MAX),
        items,
    })
}
