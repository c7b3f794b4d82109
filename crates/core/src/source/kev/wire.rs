//! The catalogue's JSON, as tolerantly as can be: fields are read by name where they are text.
//! (Its schema: <https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities_schema.json>.)

use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::Value;

use crate::model::Time;

/// The document.
#[derive(Debug, Deserialize)]
pub(super) struct Catalogue {
    /// When this state of it was published.
    #[serde(default, rename = "dateReleased")]
    released: Value,
    /// How many entries it says that it has.
    #[serde(default)]
    count: Value,
    /// The entries.
    pub vulnerabilities: Vec<Value>,
}

impl Catalogue {
    /// Reads a document; a byte order mark before it is nothing.
    pub fn read(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))
    }

    pub fn count(&self) -> Option<usize> {
        let stated = match &self.count {
            Value::String(text) => text.trim().parse().ok(),
            other => other.as_u64(),
        };
        stated.and_then(|n| usize::try_from(n).ok())
    }

    pub fn released(&self) -> Option<Time> {
        time(self.released.as_str()?)
    }
}

/// A field of an entry that is text and not empty.
pub(super) fn text(entry: &Value, field: &str) -> Option<String> {
    let text = entry.get(field)?.as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// A day, at its beginning in UTC; of a moment its day.
pub(super) fn day(text: &str) -> Option<Time> {
    let day = NaiveDate::parse_from_str(text.get(..10)?, "%Y-%m-%d").ok()?;
    Some(day.and_hms_opt(0, 0, 0)?.and_utc().into())
}

/// A moment with a zone, or a day.
fn time(text: &str) -> Option<Time> {
    Time::parse_rfc3339(text.trim())
        .ok()
        .or_else(|| day(text.trim()))
}
