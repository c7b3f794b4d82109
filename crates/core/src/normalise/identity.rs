//! How an alert is recognised when it is seen again, in this run or next year.

use sha2::{Digest, Sha256};

use super::cves::cve_id;
use crate::error::Fault;
use crate::model::{Identity, SourceId};

/// The uid: `CVE-2026-21413`, `feed:<source>:<hash>`, `owasp:top10:2025:A01`. A feed's entry is known by
/// its guid, by guid and link where the feed repeats guids, else by its link, else by title and text
/// (protocols.md, Feeds).
///
/// # Errors
/// `bad_cve_id` and `nothing_to_show`.
pub(super) fn uid(
    source: &SourceId,
    identity: &Identity,
    url: Option<&str>,
    title: &str,
    text: &str,
) -> Result<String, Fault> {
    match identity {
        Identity::Cve(id) => cve_id(id).ok_or_else(|| {
            let shown = super::text::cut_chars(super::text::line(id), 60);
            Fault::new(
                "bad_cve_id",
                format!("\"{shown}\" is not a CVE id; the record was left out. Only its source can mend it."),
            )
            .with("id", shown)
        }),
        Identity::Owasp { list, edition, code } => Ok(format!("owasp:{list}:{edition}:{code}")),
        Identity::Feed { guid, guid_repeats } => {
            let guid = guid.as_deref().map(str::trim).filter(|g| !g.is_empty());
            let hash = match (guid, url) {
                (Some(guid), Some(url)) if *guid_repeats => digest(&["guid+link", guid, url]),
                (Some(guid), None) if *guid_repeats => digest(&["guid+text", guid, title, text]),
                (Some(guid), _) => digest(&["guid", guid]),
                (None, Some(url)) => digest(&["link", url]),
                (None, None) if title.is_empty() && text.is_empty() => {
                    return Err(super::nothing_to_show("").fault);
                }
                (None, None) => digest(&["text", title, text]),
            };
            Ok(format!("feed:{source}:{hash}"))
        }
    }
}

/// The first 16 hexadecimal digits of SHA-256 over the parts, each behind its length.
fn digest(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher
        .finalize()
        .iter()
        .take(8)
        .map(|b| format!("{b:02x}"))
        .collect()
}
