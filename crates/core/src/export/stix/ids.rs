//! Ids of STIX objects, and the moments of what has none.

use uuid::Uuid;

use crate::model::{SourceId, Time, normal_value};

/// Tocsin's namespace: the version 5 UUID of its address, so that anybody can make it again.
const ADDRESS: &str = "https://github.com/tocsin-app/tocsin#stix";

/// When things without a date of their own count as created: 2026-01-01.
pub(super) const EPOCH: Time = Time(1_767_225_600_000);

pub(super) fn tocsin() -> String {
    id("identity", &["tocsin"])
}

pub(super) fn source(source: &SourceId) -> String {
    id("identity", &["source", source.as_str()])
}

pub(super) fn vulnerability(cve: &str) -> String {
    id("vulnerability", &[cve])
}

pub(super) fn report(uid: &str) -> String {
    id("report", &[uid])
}

/// A malware or a threat actor, by its name.
pub(super) fn named(kind: &str, name: &str) -> String {
    id(kind, &[&normal_value(name)])
}

pub(super) fn indicator(pattern: &str, uid: &str) -> String {
    id("indicator", &[pattern, uid])
}

pub(super) fn relationship(kind: &str, from: &str, to: &str, uid: &str) -> String {
    id("relationship", &[kind, from, to, uid])
}

pub(super) fn bundle(now: Time, title: &str) -> String {
    id("bundle", &[&now.to_rfc3339(), title])
}

/// The UUID of an id as a number.
pub(super) fn number(id: &str) -> u128 {
    id.split_once("--")
        .and_then(|(_, uuid)| Uuid::parse_str(uuid).ok())
        .map_or(0, |uuid| uuid.as_u128())
}

fn id(kind: &str, parts: &[&str]) -> String {
    let namespace = Uuid::new_v5(&Uuid::NAMESPACE_URL, ADDRESS.as_bytes());
    // A zero byte is in none of the parts, so none can run into the next.
    let name = [&[kind], parts].concat().join("\0");
    let uuid = Uuid::new_v5(&namespace, name.as_bytes());
    format!("{kind}--{}", uuid.hyphenated())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_thing_has_the_same_id_for_ever() {
        assert_eq!(EPOCH.to_rfc3339(), "2026-01-01T00:00:00.000Z");
        assert_eq!(named("malware", "Emo Tet"), named("malware", "emo_tet"));
        assert_ne!(named("malware", "x"), named("threat-actor", "x"));
        assert_eq!(
            vulnerability("CVE-2026-21413"),
            "vulnerability--7daf4ca9-45f5-521b-b548-7f20268bb59d"
        );
        assert_eq!(tocsin(), "identity--1de645c0-9f95-54b6-9a6b-ac0ffdea0bdc");
    }
}
