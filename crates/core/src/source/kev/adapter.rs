//! Entries of the catalogue -> what is known of CVEs.

use std::collections::HashSet;

use serde_json::Value;

use super::wire::{Catalogue, day, text};
use crate::error::Fault;
use crate::model::{Kev, Problem, Time};
use crate::source::cve::cve_id;

/// The catalogue as it was read.
#[derive(Debug)]
pub(super) struct Listed {
    /// CVE ids, each once, and what CISA says of them.
    pub entries: Vec<(String, Kev)>,
    /// Entries that name no CVE.
    pub problems: Vec<Problem>,
    /// How many entries there should be, as far as it says.
    pub stated: Option<u32>,
    /// When this state of it was published.
    pub released: Option<Time>,
}

/// Reads a document.
///
/// # Errors
/// `kev_unreadable` where it is no catalogue.
pub(super) fn read(bytes: &[u8]) -> Result<Listed, Fault> {
    let catalogue = Catalogue::read(bytes).map_err(|error| {
        Fault::new(
            "kev_unreadable",
            format!("The document is not CISA's catalogue: {error}. What was known stays; check the address in Sources."),
        )
        .with("reason", error)
    })?;
    if catalogue.vulnerabilities.is_empty() {
        return Err(Fault::new(
            "kev_unreadable",
            "CISA's catalogue came without entries. What was known stays; it is tried again later.",
        )
        .with("reason", "it has no entries"));
    }
    let mut seen = HashSet::new();
    let mut listed = Listed {
        entries: Vec::with_capacity(catalogue.vulnerabilities.len()),
        problems: Vec::new(),
        stated: catalogue.count().and_then(|n| u32::try_from(n).ok()),
        released: catalogue.released(),
    };
    for (place, entry) in (1..).zip(&catalogue.vulnerabilities) {
        match text(entry, "cveID").as_deref().and_then(cve_id) {
            Some(id) if seen.insert(id.clone()) => listed.entries.push((id, kev(entry))),
            Some(_) => {}
            None => listed.problems.push(nameless(place, entry)),
        }
    }
    Ok(listed)
}

fn kev(entry: &Value) -> Kev {
    let day_of = |field| text(entry, field).as_deref().and_then(day);
    Kev {
        added: day_of("dateAdded"),
        due: day_of("dueDate"),
        name: text(entry, "vulnerabilityName").map(line),
        action: text(entry, "requiredAction").map(line),
        ransomware: text(entry, "knownRansomwareCampaignUse")
            .is_some_and(|use_| use_.eq_ignore_ascii_case("known")),
    }
}

/// One line, without control characters, as NVD's record of the same has it after it was made uniform.
fn line(text: String) -> String {
    let shown = |c: char| if c.is_control() { ' ' } else { c };
    let text: String = text.chars().map(shown).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn nameless(place: usize, entry: &Value) -> Problem {
    let said = text(entry, "cveID").unwrap_or_default();
    let shown: String = line(said).chars().take(60).collect();
    Problem {
        subject: if shown.is_empty() {
            format!("entry {place}")
        } else {
            shown.clone()
        },
        fault: Fault::new(
            "bad_cve_id",
            format!("\"{shown}\" is not a CVE id; the entry was left out. Only CISA can mend it."),
        )
        .with("id", shown),
    }
}
