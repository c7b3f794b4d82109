//! STIX 2.1 (OASIS, 10 June 2021): one bundle. Everything that is referred to is in it.
//!
//! | of Tocsin | object |
//! |---|---|
//! | Tocsin itself, each source | `identity` (`system`, `organization`) |
//! | a CVE, chosen or named by an alert that was | `vulnerability` |
//! | an article, a guidance | `report`, about its publisher and what it names |
//! | malware, threat actors that a text names | `malware` (a family), `threat-actor` |
//! | addresses and hashes that a text names | `indicator` |
//!
//! **Ids.** The same thing has the same id in every export of every Tocsin: a version 5 UUID in a
//! namespace of Tocsin's own (STIX keeps its namespace 00abedb4-... for observables, 2.9), over the type
//! and what identifies the thing: the CVE id; an alert's uid; a name in its normal form; a pattern and
//! the uid of the alert that it was read in; the type and the ends of a relationship and that uid. As an id's
//! `created` may never differ, what has no date of its own is created at [`ids::EPOCH`]; so is each CVE,
//! because another Tocsin may know nothing but its name.
//!
//! **Relationships** are drawn only where a text names exactly one malware or one actor: of a text that
//! names several nobody can tell which of them did what. They say where they were read and how sure that
//! is (`confidence` 30, "low" on the scale of appendix A).

mod ids;
mod objects;
mod pattern;
mod reports;

use std::collections::{BTreeSet, HashSet};
use std::io::{self, Write};

use serde_json::Value;

use super::{Header, Writer};
use crate::model::{Kind, SourceId};
use crate::store::records::Record;

/// CVEs that are asked for at once.
const BATCH: usize = 500;

pub(super) struct Stix {
    header: Header,
    /// Objects that several alerts share, and CVEs: written once.
    written: HashSet<u128>,
    /// CVEs that were named and not written yet.
    named: BTreeSet<String>,
    /// CVEs that were asked for.
    asked: Vec<String>,
    is_first: bool,
}

impl Stix {
    pub fn new(header: Header) -> Self {
        Self {
            header,
            written: HashSet::new(),
            named: BTreeSet::new(),
            asked: Vec::new(),
            is_first: true,
        }
    }

    fn put(&mut self, object: &Value, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(if self.is_first { b"\n" } else { b",\n" })?;
        self.is_first = false;
        serde_json::to_writer(out, object)?;
        Ok(())
    }

    /// Writes an object where none with its id was written.
    fn put_once(&mut self, object: &Value, out: &mut dyn Write) -> io::Result<()> {
        if self.is_new(object["id"].as_str().unwrap_or_default()) {
            self.put(object, out)?;
        }
        Ok(())
    }

    fn is_new(&mut self, id: &str) -> bool {
        self.written.insert(ids::number(id))
    }

    fn source(&mut self, source: &SourceId, out: &mut dyn Write) -> io::Result<String> {
        let id = ids::source(source);
        if self.is_new(&id) {
            let identity = objects::source(&id, self.header.source_name(source));
            self.put(&identity, out)?;
        }
        Ok(id)
    }

    fn record(&mut self, record: &Record, out: &mut dyn Write) -> io::Result<()> {
        let row = &record.stored.summary;
        if row.kind == Kind::Vulnerability {
            self.named.remove(&row.uid);
            return self.put_once(&objects::vulnerability(record), out);
        }
        let source = self.source(&row.source, out)?;
        let found = reports::report(record, self.header.source_name(&row.source), &source);
        for cve in &record.stored.facts.cves {
            if !self
                .written
                .contains(&ids::number(&ids::vulnerability(cve)))
            {
                self.named.insert(cve.clone());
            }
        }
        for shared in &found.shared {
            self.put_once(shared, out)?;
        }
        for own in found.own.iter().chain([&found.report]) {
            self.put_once(own, out)?;
        }
        Ok(())
    }
}

impl Writer for Stix {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let id = ids::bundle(self.header.now, &self.header.title);
        write!(out, "{{\"type\":\"bundle\",\"id\":\"{id}\",\"objects\":[")?;
        self.put_once(&objects::tocsin(), out)
    }

    fn records(&mut self, records: &[Record], out: &mut dyn Write) -> io::Result<()> {
        records
            .iter()
            .try_for_each(|record| self.record(record, out))
    }

    fn missing(&mut self) -> Vec<String> {
        let batch: Vec<String> = self.named.iter().take(BATCH).cloned().collect();
        for cve in &batch {
            self.named.remove(cve);
        }
        self.asked.extend(batch.iter().cloned());
        batch
    }

    fn end(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let asked = std::mem::take(&mut self.asked);
        for cve in asked.into_iter().chain(std::mem::take(&mut self.named)) {
            self.put_once(&objects::named_vulnerability(&cve), out)?;
        }
        out.write_all(b"\n]}\n")
    }
}
