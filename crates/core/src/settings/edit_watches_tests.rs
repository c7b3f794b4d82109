//! Watches of all kinds and mutes, through the file and back.

use super::*;
use crate::model::{Field, Mute, Scope, Time, WatchKind, WatchedProduct};

fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(ToString::to_string).collect()
}

fn httpd() -> Watch {
    Watch {
        aliases: words(&["httpd"]),
        exceptions: words(&["apache license"]),
        kind: WatchKind::Product,
        product: Some(WatchedProduct {
            vendor: Some("apache".into()),
            product: "http_server".into(),
            versions: words(&["2.4.57", ">=2.2 <2.4"]),
        }),
        scope: Scope {
            kinds: words(&["vulnerability"]),
            sources: words(&["nvd"]),
            fields: vec![Field::Title, Field::Products],
        },
        ..watch("Our web server")
    }
}

fn struts() -> Watch {
    Watch {
        kind: WatchKind::Regex,
        enabled: false,
        ..watch(r"\bstruts[0-9]+\b")
    }
}

fn mute(term: &str, until: Option<&str>) -> Mute {
    Mute {
        watch: watch(term),
        until: until.map(|text| Time::parse_rfc3339(text).unwrap()),
    }
}

#[test]
fn every_kind_of_watch_is_written_and_read_again() {
    let folder = Folder::with("# mine\n[[watches]]\nterm = \"nginx\" # the proxy\n");
    for watch in [httpd(), struts()] {
        folder.edit(Edit::AddWatch { watch }).unwrap();
    }
    insta::assert_snapshot!(folder.text(), @r#"
    # mine
    [[watches]]
    term = "nginx" # the proxy

    [[watches]]
    term = "Our web server"
    kind = "product"
    vendor = "apache"
    product = "http_server"
    versions = ["2.4.57", ">=2.2 <2.4"]
    aliases = ["httpd"]
    exceptions = ["apache license"]
    kinds = ["vulnerability"]
    sources = ["nvd"]
    fields = ["title", "products"]

    [[watches]]
    term = '\bstruts[0-9]+\b'
    kind = "regex"
    enabled = false
    "#);
    let own: Vec<Watch> = folder
        .settings()
        .watches
        .into_iter()
        .map(|w| w.watch)
        .collect();
    assert_eq!(own, [watch("nginx"), httpd(), struts()]);
    // What is off is not looked for.
    assert_eq!(folder.terms(), ["nginx", "Our web server"]);
}

#[test]
fn a_watch_that_becomes_a_plain_one_keeps_its_comments() {
    let folder = Folder::with(
        "[[watches]]\n# why\nterm = \"web\" # ours\nkind = \"product\" # by data\nproduct = \"http_server\"\nversions = [\"1\"]\nenabled = false\n# later\n",
    );
    let edit = Edit::ReplaceWatch {
        term: "web".into(),
        watch: watch("apache"),
    };
    folder.edit(edit).unwrap();
    insta::assert_snapshot!(folder.text(), @r#"
    [[watches]]
    # why
    term = "apache" # ours
    # later
    "#);
}

#[test]
fn mutes_are_written_and_read_again_with_their_comments() {
    let folder = Folder::with(
        "# quiet please\n[[mutes]]\nterm = \"wordpress\" # not ours\n\n[[watches]]\nterm = \"nginx\"\n",
    );
    let until = mute("joomla", Some("2026-12-31T18:00:00Z"));
    folder
        .edit(Edit::AddMute {
            mute: until.clone(),
        })
        .unwrap();
    let regex = Mute {
        watch: struts(),
        until: None,
    };
    folder
        .edit(Edit::AddMute {
            mute: regex.clone(),
        })
        .unwrap();
    folder
        .edit(Edit::ReplaceMute {
            term: "WordPress".into(),
            mute: mute("wordpress plugin", Some("2027-01-01T00:00:00Z")),
        })
        .unwrap();
    insta::assert_snapshot!(folder.text(), @r#"
    # quiet please
    [[mutes]]
    term = "wordpress plugin" # not ours
    until = "2027-01-01T00:00:00.000Z"

    [[mutes]]
    term = "joomla"
    until = "2026-12-31T18:00:00.000Z"

    [[mutes]]
    term = '\bstruts[0-9]+\b'
    kind = "regex"
    enabled = false

    [[watches]]
    term = "nginx"
    "#);
    let settings = folder.settings();
    let plugin = mute("wordpress plugin", Some("2027-01-01T00:00:00Z"));
    assert_eq!(settings.mutes, [plugin, until, regex]);
    let at = |text: &str| {
        let now = Time::parse_rfc3339(text).unwrap();
        let mutes = settings.mutes_in_force(now).into_iter();
        mutes.map(|watch| watch.term).collect::<Vec<_>>()
    };
    assert_eq!(at("2026-12-31T17:59:59Z"), ["wordpress plugin", "joomla"]);
    assert_eq!(at("2026-12-31T18:00:00Z"), ["wordpress plugin"]);
    folder
        .edit(Edit::RemoveMute {
            term: "Joomla".into(),
        })
        .unwrap();
    assert!(!folder.text().contains("joomla"));
    assert_eq!(folder.settings().mutes.len(), 2);
}

#[test]
fn what_cannot_be_watched_or_muted_is_refused_with_its_reason() {
    let folder = Folder::with("[[mutes]]\nterm = \"joomla\"\n");
    let regex = |pattern: &str| Watch {
        term: pattern.into(),
        ..struts()
    };
    for (pattern, code) in [
        ("(", "regex_invalid"),
        ("a*", "regex_matches_nothing"),
        (r"(\w{100}){100}", "regex_too_large"),
        (" ", "watch_empty"),
    ] {
        let watch = regex(pattern);
        assert_eq!(folder.refused(Edit::AddWatch { watch }), code, "{pattern}");
    }
    let fault = folder
        .edit(Edit::AddWatch {
            watch: regex("aé(b"),
        })
        .unwrap_err();
    assert_eq!(
        (&*fault.params["at"], &*fault.params["part"]),
        ("2", "term")
    );
    let none = Watch {
        product: None,
        ..httpd()
    };
    assert_eq!(
        folder.refused(Edit::AddWatch { watch: none }),
        "watch_without_product"
    );
    let mut bad = httpd();
    bad.product.as_mut().unwrap().versions.push("soon".into());
    let fault = folder.edit(Edit::AddWatch { watch: bad }).unwrap_err();
    assert_eq!(
        (&*fault.code, &*fault.params["place"]),
        ("version_invalid", "2")
    );
    let mut bad = httpd();
    bad.scope.kinds.push("rumour".into());
    assert_eq!(
        folder.refused(Edit::AddWatch { watch: bad }),
        "scope_invalid"
    );
    let again = mute("JOOMLA", None);
    assert_eq!(folder.refused(Edit::AddMute { mute: again }), "mute_exists");
    let term = || "drupal".to_owned();
    let new = mute("drupal", None);
    assert_eq!(
        folder.refused(Edit::ReplaceMute {
            term: term(),
            mute: new
        }),
        "mute_unknown"
    );
    assert_eq!(
        folder.refused(Edit::RemoveMute { term: term() }),
        "mute_unknown"
    );
}
