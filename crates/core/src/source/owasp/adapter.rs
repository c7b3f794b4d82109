//! The entries of a list -> drafts of guidance.

use url::Url;

use super::page::EntryPage;
use super::wire::{self, Entry};
use crate::error::Fault;
use crate::model::{Body, Draft, Facts, Identity, Kind, OwaspEntry, Reference, SourceId};
use crate::settings::OwaspList;

/// How many entries a list has.
pub(super) const ENTRIES: usize = 10;

/// An edition of a list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edition<'a> {
    pub list: OwaspList,
    /// `2025`.
    pub year: &'a str,
}

impl Edition<'_> {
    fn name(self) -> &'static str {
        match self.list {
            OwaspList::Top10 => "OWASP Top 10",
            OwaspList::Api => "OWASP API Security Top 10",
        }
    }
}

/// Reads a list page that came from `url`.
///
/// # Errors
/// `owasp_incomplete` where fewer than ten entries are found.
pub(super) fn entries(edition: Edition<'_>, url: &Url, html: &str) -> Result<Vec<Entry>, Fault> {
    let entries = wire::list(html, url, edition.list, edition.year);
    let count = entries.len();
    if count < ENTRIES {
        let name = edition.name();
        let shown = crate::http::redacted(url.as_str());
        return Err(Fault::new(
            "owasp_incomplete",
            format!("Only {count} of the {ENTRIES} entries of {name}:{} were found at {shown}. The last good list stays; check the address in Sources.", edition.year),
        )
        .with("count", count)
        .with("expected", ENTRIES)
        .with("list", name)
        .with("edition", edition.year)
        .with("url", shown));
    }
    Ok(entries)
}

/// An entry with what its own page says; without one, with what the list says beside it.
pub(super) fn draft(
    source: &SourceId,
    edition: Edition<'_>,
    list_url: &str,
    entry: &Entry,
    page: Option<EntryPage>,
) -> Draft {
    let (list, year) = (edition.list.as_str(), edition.year);
    let page = page.unwrap_or_default();
    let mut html = page.html;
    if html.is_empty() && !entry.text.is_empty() {
        html = format!("<p>{}</p>", escaped(&entry.text));
    }
    if !html.is_empty() {
        // Its licence asks for that wherever the text is shown.
        html.push_str(&format!(
            "<p>Text: {}:{year}, © OWASP Foundation and contributors, CC BY-SA 4.0 (https://creativecommons.org/licenses/by-sa/4.0/), in extracts.</p>",
            edition.name(),
        ));
    }
    let reference = |url| Reference {
        url,
        tags: Vec::new(),
    };
    Draft {
        source: source.clone(),
        kind: Kind::Guidance,
        identity: Identity::Owasp {
            list: list.to_owned(),
            edition: year.to_owned(),
            code: entry.code.clone(),
        },
        title: Some(format!("{}: {}", edition.name(), entry.name)),
        body: Body::Html(html),
        link: Some(entry.link.clone().unwrap_or_else(|| list_url.to_owned())),
        base: Some(list_url.to_owned()),
        published: None,
        updated: None,
        facts: Facts {
            issued_by: Some("OWASP".to_owned()),
            cwes: page.cwes,
            references: page.references.into_iter().map(reference).collect(),
            owasp: Some(OwaspEntry {
                list: list.to_owned(),
                edition: year.to_owned(),
                code: entry.code.clone(),
            }),
            ..Facts::default()
        },
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
