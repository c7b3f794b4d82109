use std::collections::BTreeSet;

use super::*;
use crate::settings::{Settings, same_address};

#[test]
fn every_feed_is_there_once_with_an_address_that_settings_take() {
    let mut ids = BTreeSet::new();
    let mut names = BTreeSet::new();
    for known in KNOWN {
        assert!(ids.insert(known.id), "{} twice", known.id);
        assert!(names.insert(known.name), "{} twice", known.name);
        let is_slug = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(known.id.chars().all(is_slug), "{}", known.id);
        for url in [known.url, known.site] {
            check::url(url).unwrap();
            assert!(url.starts_with("https://"), "{url}");
        }
        check::group(known.group).unwrap();
        check::line(known.name).unwrap();
        assert!(!known.about.is_empty() && !known.about.ends_with('.'));
    }
    for (at, one) in KNOWN.iter().enumerate() {
        let twin = KNOWN[..at].iter().find(|k| same_address(k.url, one.url));
        assert_eq!(twin, None, "{}", one.id);
    }
}

#[test]
fn the_groups_stand_together() {
    let mut groups: Vec<_> = KNOWN.iter().map(|known| known.group).collect();
    groups.dedup();
    assert_eq!(
        groups,
        [
            "News",
            "Advisories",
            "Research",
            "Vendors",
            "Distributions",
            "Mailing lists"
        ]
    );
}

#[test]
fn the_built_in_feeds_are_in_the_catalogue_as_they_are_built_in() {
    let settings = Settings::default();
    for (id, source) in &settings.sources {
        if matches!(source.kind, SourceKind::Feed(_)) {
            let known = find(id).unwrap_or_else(|| panic!("{id} is not in the catalogue"));
            assert_eq!(known.settings(), *source);
        }
    }
    let added: Vec<_> = KNOWN
        .iter()
        .filter(|known| known.is_added(&settings.sources))
        .map(|known| known.id)
        .collect();
    assert_eq!(added, ["thehackernews", "cisa"]);
}
