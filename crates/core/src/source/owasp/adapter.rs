//! The entries of a list -> drafts of guidance.

use url::Url;

use super::wire;
use crate::error::Fault;
use crate::model::{Body, Draft, Facts, Identity, Kind, OwaspEntry, SourceId};

/// How many entries a list has.
const ENTRIES: usize = 10;
const LIST: &str = "top10";

/// Reads a list page that came from `url`.
///
/// # Errors
/// `owasp_incomplete` where fewer than ten entries are found.
pub fn read_list(source: &SourceId, url: &Url, html: &str) -> Result<Vec<Draft>, Fault> {
    let list = wire::list(html, url);
    let count = list.entries.len();
    if count < ENTRIES {
        return Err(Fault::new(
            "owasp_incomplete",
            format!("Only {count} of the OWASP Top 10's {ENTRIES} entries were found at {}. The last good list stays; check the address in Sources.", crate::http::redacted(url.as_str())),
        )
        .with("count", count)
        .with("expected", ENTRIES)
        .with("url", crate::http::redacted(url.as_str())));
    }
    Ok(list
        .entries
        .into_iter()
        .map(|e| draft(source, url, &list.edition, e))
        .collect())
}

fn draft(source: &SourceId, url: &Url, edition: &str, entry: wire::Entry) -> Draft {
    Draft {
        source: source.clone(),
        kind: Kind::Guidance,
        identity: Identity::Owasp {
            list: LIST.to_owned(),
            edition: edition.to_owned(),
            code: entry.code.clone(),
        },
        title: Some(format!("OWASP Top 10: {}", entry.name)),
        body: Body::Text(entry.text),
        link: entry.link.or_else(|| Some(url.to_string())),
        base: Some(url.to_string()),
        published: None,
        updated: None,
        facts: Facts {
            issued_by: Some("OWASP".to_owned()),
            owasp: Some(OwaspEntry {
                list: LIST.to_owned(),
                edition: edition.to_owned(),
                code: entry.code,
            }),
            ..Facts::default()
        },
    }
}
