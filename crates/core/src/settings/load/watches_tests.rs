use crate::model::{Field, Time};
use crate::settings::{Environment, Loaded, Paths, Settings};

fn load(text: &str) -> Loaded {
    let dir = tempfile::tempdir().unwrap();
    let paths = Paths::in_dir(dir.path());
    std::fs::write(&paths.settings_file, text).unwrap();
    let loaded = Settings::load(&paths, &Environment::default());
    // Whatever is in it, the file is left as it is.
    assert_eq!(std::fs::read_to_string(&paths.settings_file).unwrap(), text);
    loaded
}

fn places(loaded: &Loaded) -> Vec<(&str, &str)> {
    loaded
        .notices
        .iter()
        .map(|n| (n.params["key"].as_str(), n.params["line"].as_str()))
        .collect()
}

#[test]
fn watches_of_an_older_version_are_read_as_they_were() {
    let loaded = load("watches = [{ term = \" nginx \", aliases = [\"openresty\"] }]\n");
    assert_eq!(loaded.notices, []);
    let watch = &loaded.settings.watch_list()[0];
    assert_eq!((watch.term.as_str(), watch.enabled), ("nginx", true));
    assert!(watch.product.is_none() && watch.scope == crate::model::Scope::default());
}

#[test]
fn a_bad_watch_is_named_with_its_line_and_costs_itself_alone() {
    let loaded = load(
        r#"[[watches]]
term = "a1"
aliases = ["b1", "--"]
fields = ["title", "footer"]
[[watches]]
term = "c1"
kind = "regular"
[[watches]]
term = "(d1"
kind = "regex"
[[watches]]
term = "e1"
kind = "product"
[[watches]]
term = "f1"
kind = "product"
product = "f1"
versions = ["1.0", "new"]
[[watches]]
term = "g1"
enabled = "no"
"#,
    );
    let terms: Vec<String> = loaded
        .settings
        .watch_list()
        .into_iter()
        .map(|w| w.term)
        .collect();
    assert_eq!(terms, ["a1", "g1"]);
    assert_eq!(
        loaded.settings.watches[0].watch.scope.fields,
        [Field::Title]
    );
    assert_eq!(
        places(&loaded),
        [
            ("watches.aliases", "3"),
            ("watches.fields", "4"),
            ("watches.kind", "7"),
            ("watches.term", "9"),
            ("watches.product", "11"),
            ("watches.versions", "18"),
            ("watches.enabled", "21"),
        ]
    );
    let regex = loaded
        .notices
        .iter()
        .find(|n| n.params["line"] == "9")
        .unwrap();
    assert!(
        regex.message.contains("at character 1: unclosed group"),
        "{regex}"
    );
}

#[test]
fn a_mute_with_anything_bad_in_it_silences_nothing() {
    let loaded = load(
        r#"[[mutes]]
term = "a1"
until = "tomorrow"
[[mutes]]
term = "b1"
kinds = ["article", "rumour"]
[[mutes]]
term = "c1"
until = "2026-12-31"
[[mutes]]
term = "d1"
until = 2026-12-31T18:00:00+01:00
[[mutes]]
term = "C1"
[[mutes]]
term = "e1"
colour = "red"
[[mutes]]
until = 2026-12-31
"#,
    );
    let until = |text: &str| Some(Time::parse_rfc3339(text).unwrap());
    let mutes: Vec<(&str, Option<Time>)> = loaded
        .settings
        .mutes
        .iter()
        .map(|m| (m.watch.term.as_str(), m.until))
        .collect();
    assert_eq!(
        mutes,
        [
            ("c1", until("2027-01-01T00:00:00Z")),
            ("d1", until("2026-12-31T17:00:00Z")),
            ("e1", None),
        ]
    );
    assert_eq!(
        places(&loaded),
        [
            ("mutes.until", "3"),
            ("mutes", "1"),
            ("mutes.kinds", "6"),
            ("mutes", "4"),
            ("mutes.term", "13"),
            ("mutes.colour", "17"),
            ("mutes.term", "18"),
        ]
    );
    assert!(loaded.notices[1].message.contains("\"a1\" is left out"));
}
