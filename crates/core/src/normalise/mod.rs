//! Draft -> alert: identity, canonical addresses, HTML to text, content hash, the made title of a CVE.
//! Pure: no clock, no network, no database, and no input makes it panic. What comes in is hostile; what
//! goes out is plain text and http(s) addresses.

mod cves;
mod cwe;
mod hash;
mod html;
mod identity;
mod restore;
mod text;
mod title;
mod url;

use std::collections::HashSet;

use crate::error::Fault;
use crate::model::{
    Alert, Body, Draft, Facts, Identity, Kind, LocalText, Problem, Reference, VersionRange,
};

pub use cves::named_cves;
pub use html::html_to_text;
pub use restore::restore;
pub use title::cve_title;
pub use url::canonical_url;

/// The longest text that is kept, in bytes; a longer one is cut and ends with `…`.
const MAX_TEXT_BYTES: usize = 256 * 1024;
/// The longest title that is kept, in characters.
const MAX_TITLE_CHARS: usize = 500;
/// Up to how many addresses are compared one with the other.
const FEW: usize = 24;

/// Makes a draft uniform.
///
/// # Errors
/// A problem where the draft cannot be recognised when it comes again: `bad_cve_id` or `nothing_to_show`.
pub fn normalise(draft: Draft) -> Result<Alert, Problem> {
    let base = draft.base.as_deref();
    let url = draft.link.as_deref().and_then(|l| canonical_url(l, base));
    let text = match draft.body {
        Body::Text(text) => text::into_paragraphs(text),
        Body::Html(html) => html_to_text(&html),
    };
    let text = text::cut_bytes(text, MAX_TEXT_BYTES);
    let facts = facts(draft.facts, draft.kind, base);
    let stated = draft.title.as_deref().map(|t| match draft.kind {
        Kind::Article => text::line(&html_to_text(t)),
        Kind::Vulnerability | Kind::Guidance => text::line(t),
    });
    let stated = stated.filter(|t| !t.is_empty());

    let uid = identity::uid(
        &draft.source,
        &draft.identity,
        url.as_deref(),
        stated.as_deref().unwrap_or_default(),
        &text,
    )
    .map_err(|fault| Problem {
        subject: subject(&draft.identity, draft.link.as_deref()),
        fault,
    })?;
    let title = match (stated, draft.kind) {
        (Some(title), _) => title,
        (None, Kind::Vulnerability) => cve_title(&uid, &text, &facts),
        (None, _) => text::first_words(&text, 100)
            .or_else(|| url.clone())
            .ok_or_else(|| nothing_to_show(&uid))?,
    };

    let mut alert = Alert {
        uid,
        source: draft.source,
        kind: draft.kind,
        title: text::cut_chars(title, MAX_TITLE_CHARS),
        text,
        url,
        published: draft.published,
        updated: draft.updated,
        facts,
        hash: [0; 32],
    };
    if alert.kind != Kind::Vulnerability {
        alert.facts.cves = named_cves([alert.title.as_str(), alert.text.as_str()]);
    }
    alert.hash = hash::content_hash(&alert);
    Ok(alert)
}

fn facts(mut facts: Facts, kind: Kind, base: Option<&str>) -> Facts {
    let clean = |t: Option<String>| t.map(text::into_line).filter(|t| !t.is_empty());
    facts.status = clean(facts.status);
    facts.issued_by = match kind {
        Kind::Article => clean(facts.issued_by.map(|t| html_to_text(&t))),
        Kind::Vulnerability | Kind::Guidance => clean(facts.issued_by),
    };
    facts.cwes.sort_unstable();
    facts.cwes.dedup();
    for product in &mut facts.products {
        for part in [
            &mut product.vendor,
            &mut product.product,
            &mut product.versions,
        ] {
            *part = text::into_line(std::mem::take(part));
        }
    }
    facts.products.sort_unstable();
    facts.products.dedup();
    for product in &mut facts.ranges {
        let ends = product.ranges.iter_mut().flat_map(VersionRange::words_mut);
        let names = [&mut product.vendor, &mut product.product];
        for part in names.into_iter().chain(&mut product.source).chain(ends) {
            *part = text::into_line(std::mem::take(part));
        }
    }
    for decision in &mut facts.ssvc {
        let words = decision.options.iter_mut();
        let words = words.flat_map(|(name, word)| [name, word]);
        for part in words.chain([&mut decision.source]) {
            *part = text::into_line(std::mem::take(part));
        }
    }
    for metric in &mut facts.other_metrics {
        metric.kind = text::into_line(std::mem::take(&mut metric.kind));
        metric.json = text::into_line(std::mem::take(&mut metric.json));
    }
    facts.references = references(facts.references, base);
    for tag in &mut facts.tags {
        *tag = match kind {
            Kind::Article => text::line(&html_to_text(tag)),
            Kind::Vulnerability | Kind::Guidance => text::into_line(std::mem::take(tag)),
        };
    }
    facts.tags.retain(|t| !t.is_empty());
    facts.other_languages = facts
        .other_languages
        .into_iter()
        .map(|l| LocalText {
            lang: text::into_line(l.lang),
            text: text::cut_bytes(text::into_paragraphs(l.text), MAX_TEXT_BYTES),
        })
        .collect();
    if let Some(kev) = &mut facts.kev {
        kev.name = clean(kev.name.take());
        kev.action = clean(kev.action.take());
    }
    facts
}

/// Canonical addresses, each once, in their order.
fn references(mut all: Vec<Reference>, base: Option<&str>) -> Vec<Reference> {
    all.retain_mut(|r| {
        if url::is_canonical(&r.url) {
            return true;
        }
        let url = canonical_url(&r.url, base);
        r.url = url.unwrap_or_default();
        !r.url.is_empty()
    });
    let is_again = |i: usize| all[..i].iter().any(|r| r.url == all[i].url);
    if all.len() <= FEW && !(1..all.len()).any(is_again) {
        return all;
    }
    let mut seen = HashSet::with_capacity(all.len());
    let is_first: Vec<bool> = all.iter().map(|r| seen.insert(r.url.as_str())).collect();
    let mut is_first = is_first.into_iter();
    all.retain(|_| is_first.next().unwrap_or(true));
    all
}

fn subject(identity: &Identity, link: Option<&str>) -> String {
    let named = match identity {
        Identity::Cve(id) => Some(id.as_str()),
        Identity::Feed { guid, .. } => link.or(guid.as_deref()),
        Identity::Owasp { code, .. } => Some(code.as_str()),
    };
    text::cut_chars(text::line(named.unwrap_or("(no id)")), 200)
}

fn nothing_to_show(uid: &str) -> Problem {
    Problem {
        subject: uid.to_owned(),
        fault: Fault::new(
            "nothing_to_show",
            "An entry has no title, no text and no usable address, and was left out. Only its source can mend it.",
        ),
    }
}

#[cfg(test)]
mod tests;
