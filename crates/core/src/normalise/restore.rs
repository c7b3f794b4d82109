//! An alert that was exported, made uniform again. Its texts are plain already: nothing is read as HTML
//! a second time, and a file that was not tampered with comes out as it went in.

use super::{MAX_TEXT_BYTES, MAX_TITLE_CHARS, cves, facts, hash, named_cves, text, url};
use crate::error::Fault;
use crate::model::{Alert, Facts, Kind};

/// The longest words of a source's own that are kept (a vector, a status), in characters.
const MAX_WORD_CHARS: usize = 1_000;
const MAX_SOURCE_CHARS: usize = 100;

/// Checks and cleans an alert from a file that anybody could have written. Its hash is made anew.
///
/// # Errors
/// `bad_cve_id`, `bad_uid` where the uid is none that such an alert could have, `bad_score`, or
/// `nothing_to_show`.
pub fn restore(mut alert: Alert) -> Result<Alert, Fault> {
    check_uid(&alert)?;
    let is_score = |s: f64| (0.0..=10.0).contains(&s);
    if let Some(bad) = alert.facts.scores.iter().find(|s| !is_score(s.score)) {
        return Err(Fault::new(
            "bad_score",
            format!("A CVSS score is from 0 to 10, not {}.", bad.score),
        ));
    }
    alert.title = text::cut_chars(text::line(&alert.title), MAX_TITLE_CHARS);
    if alert.title.is_empty() {
        return Err(super::nothing_to_show(&alert.uid).fault);
    }
    alert.text = text::cut_bytes(text::paragraphs(&alert.text), MAX_TEXT_BYTES);
    alert.url = alert.url.and_then(|u| url::canonical_url(&u, None));
    // As a vulnerability's: plain text.
    alert.facts = words(facts(alert.facts, Kind::Vulnerability, None));
    alert.facts.cves = match alert.kind {
        Kind::Vulnerability => Vec::new(),
        Kind::Article | Kind::Guidance => named_cves([alert.title.as_str(), alert.text.as_str()]),
    };
    alert.hash = hash::content_hash(&alert);
    Ok(alert)
}

/// The uid is what later collections know the alert by: one that lies would hide another alert.
fn check_uid(alert: &Alert) -> Result<(), Fault> {
    let source = alert.source.as_str();
    if source.is_empty()
        || text::line(source) != source
        || source.chars().count() > MAX_SOURCE_CHARS
    {
        return Err(bad_uid("names no source"));
    }
    match alert.kind {
        Kind::Vulnerability if cves::cve_id(&alert.uid).as_ref() != Some(&alert.uid) => {
            let shown = text::cut_chars(text::line(&alert.uid), 60);
            Err(Fault::new(
                "bad_cve_id",
                format!("\"{shown}\" is not a CVE id; the record was left out."),
            )
            .with("id", shown))
        }
        Kind::Vulnerability => Ok(()),
        Kind::Article => {
            let hash = alert.uid.strip_prefix(&format!("feed:{source}:"));
            let is_hash = |h: &str| {
                h.len() == 16
                    && h.bytes()
                        .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
            };
            match hash {
                Some(hash) if is_hash(hash) => Ok(()),
                _ => Err(bad_uid("has an id that no article of its source has")),
            }
        }
        Kind::Guidance => match &alert.facts.owasp {
            Some(e) if alert.uid == format!("owasp:{}:{}:{}", e.list, e.edition, e.code) => Ok(()),
            _ => Err(bad_uid("has an id that is not that of its entry")),
        },
    }
}

fn bad_uid(what: &str) -> Fault {
    Fault::new("bad_uid", format!("The record {what}; it was left out."))
}

/// The words that [`facts`] leaves as a source gave them.
fn words(mut facts: Facts) -> Facts {
    let clean = |word: &mut String| *word = text::cut_chars(text::line(word), MAX_WORD_CHARS);
    for score in &mut facts.scores {
        clean(&mut score.source);
        clean(&mut score.vector);
    }
    facts.cwes.iter_mut().for_each(clean);
    for reference in &mut facts.references {
        reference.tags.iter_mut().for_each(clean);
    }
    facts.ssvc_exploitation.iter_mut().for_each(clean);
    facts
}
