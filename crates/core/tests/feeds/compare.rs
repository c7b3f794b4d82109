//! Ours beside the reference's: texts after HTML to text, links after normalisation.

use tocsin_core::model::Time;
use tocsin_core::normalise::{canonical_url, html_to_text};
use tocsin_core::source::feed::{By, Entry, base, read_content};

use crate::corpus::{Document, Expected};

/// What one document came to.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Entries that the reference found.
    pub entries: usize,
    /// Whether as many were read.
    pub same_count: bool,
    /// Entries that agree in title, link, id, date, and in all of them.
    pub agree: [usize; 5],
    /// What differs: field, place, ours, theirs.
    pub differs: Vec<Difference>,
}

#[derive(Debug)]
pub struct Difference {
    pub field: &'static str,
    pub place: usize,
    pub ours: String,
    pub theirs: String,
}

pub fn compare(document: &Document, by: By) -> Outcome {
    let content = read_content(
        &document.url,
        document.content_type.as_deref(),
        &document.bytes,
        by,
    );
    let (entries, site) = match content {
        Ok(content) => (content.entries, content.site),
        Err(_) => (Vec::new(), None),
    };
    let mut outcome = Outcome {
        entries: document.expected.len(),
        same_count: entries.len() == document.expected.len(),
        ..Outcome::default()
    };
    if !outcome.same_count {
        outcome.differs.push(Difference {
            field: "count",
            place: 0,
            ours: entries.len().to_string(),
            theirs: document.expected.len().to_string(),
        });
    }
    let base = base(&document.url, site.as_deref());
    for (place, theirs) in document.expected.iter().enumerate() {
        let Some(ours) = entries.get(place) else {
            continue;
        };
        let differs = differences(ours, theirs, &base, place);
        let fields = ["title", "link", "id", "date"];
        for (i, field) in fields.iter().enumerate() {
            outcome.agree[i] += usize::from(differs.iter().all(|d| d.field != *field));
        }
        outcome.agree[4] += usize::from(differs.is_empty());
        outcome.differs.extend(differs);
    }
    outcome
}

fn differences(ours: &Entry, theirs: &Expected, base: &str, place: usize) -> Vec<Difference> {
    let mut all = Vec::new();
    let mut note = |field, ours: Option<String>, theirs: Option<String>| {
        all.push(Difference {
            field,
            place,
            ours: ours.unwrap_or_default(),
            theirs: theirs.unwrap_or_default(),
        });
    };

    let html = ours
        .title
        .clone()
        .map(tocsin_core::source::feed::Words::into_html);
    let once = line(html.as_deref());
    let expect = line(theirs.title.as_deref());
    // Ours says whether a title is plain; the reference's value leaves that open, so both readings count.
    if once != expect && line(Some(&once)) != expect {
        note("title", html, theirs.title.clone());
    }

    let entry_base = ours.base.as_deref().unwrap_or(base);
    let link = address(ours.link.as_deref(), entry_base);
    if link != address(theirs.link.as_deref(), entry_base) {
        note("link", ours.link.clone(), theirs.link.clone());
    }

    // Where the reference falls back to its loose reader it leaves references in ids as they are written.
    let id = |id: Option<&str>| id.unwrap_or_default().trim().replace("&amp;", "&");
    let same_id = id(ours.id.as_deref()) == id(theirs.id.as_deref())
        || (ours.id.is_some()
            && address(ours.id.as_deref(), entry_base)
                == address(theirs.id.as_deref(), entry_base));
    if !same_id {
        note("id", ours.id.clone(), theirs.id.clone());
    }

    let seconds = |t: Option<Time>| t.map(|t| t.ms().div_euclid(1000));
    let theirs_at = |t: &Option<String>| {
        let t = t.as_deref().and_then(|t| Time::parse_rfc3339(t).ok());
        seconds(t)
    };
    let date = seconds(ours.published.or(ours.updated));
    let updated = seconds(ours.updated.or(ours.published));
    let expect = theirs_at(&theirs.published).or(theirs_at(&theirs.updated));
    let expect_updated = theirs_at(&theirs.updated).or(theirs_at(&theirs.published));
    if date != expect || updated != expect_updated {
        let shown = |a: Option<Time>, b: Option<Time>| {
            let one = |t: Option<Time>| t.map(Time::to_rfc3339).unwrap_or_default();
            Some(format!("{} / {}", one(a), one(b)))
        };
        let theirs = format!(
            "{} / {}",
            theirs.published.clone().unwrap_or_default(),
            theirs.updated.clone().unwrap_or_default()
        );
        note("date", shown(ours.published, ours.updated), Some(theirs));
    }
    all
}

fn line(html: Option<&str>) -> String {
    let text = html_to_text(html.unwrap_or_default());
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn address(link: Option<&str>, base: &str) -> Option<String> {
    let link = link?.trim();
    canonical_url(link, Some(base)).or_else(|| (!link.is_empty()).then(|| link.to_owned()))
}
