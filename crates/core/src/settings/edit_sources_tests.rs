use super::*;
use crate::settings::{FeedSettings, KevSettings, OwaspList, OwaspSettings, SourceKind};

fn feed(name: &str, url: &str) -> Edit {
    Edit::AddFeed {
        name: name.into(),
        url: url.into(),
        group: None,
        full_text: false,
        allow_private: false,
    }
}

fn gone(id: &str) -> Edit {
    Edit::RemoveSource {
        id: SourceId::new(id),
    }
}

fn presets(ids: &[&str]) -> Edit {
    Edit::AddPresets {
        ids: ids.iter().map(|id| SourceId::new(id)).collect(),
    }
}

fn set(id: &str, fields: SourceFields) -> Edit {
    Edit::SetSource {
        id: SourceId::new(id),
        fields,
    }
}

impl Folder {
    fn added(&self) -> Vec<String> {
        let built_in = Settings::default().sources;
        let sources = self.settings().sources;
        let mut ids: Vec<_> = sources
            .keys()
            .filter(|id| !built_in.contains_key(id))
            .collect();
        ids.sort();
        ids.into_iter().map(|id| id.0.clone()).collect()
    }

    fn source(&self, id: &str) -> SourceSettings {
        self.settings().sources[&SourceId::new(id)].clone()
    }
}

#[test]
fn feeds_are_added_and_removed_and_built_in_sources_stay() {
    let folder = Folder::empty();
    folder
        .edit(feed("The Register!", "https://example.org/a"))
        .unwrap();
    folder
        .edit(feed("The Register", "https://example.org/b"))
        .unwrap();
    folder.edit(feed("日本", "https://example.org/c")).unwrap();
    assert_eq!(folder.added(), ["feed", "the-register", "the-register-2"]);
    for (name, url, code) in [
        ("x", "https://example.org/a", "source_exists"),
        ("x", "http://www.EXAMPLE.org/a/#x", "source_exists"),
        ("x", "javascript:1", "url_invalid"),
        (
            "x",
            "https://me:tocsin-test-secret@example.org/",
            "url_with_password",
        ),
        (" ", "https://example.org/d", "name_missing"),
        ("a\nb", "https://example.org/d", "text_invalid"),
    ] {
        assert_eq!(folder.refused(feed(name, url)), code);
    }
    folder.edit(gone("the-register")).unwrap();
    assert_eq!(folder.refused(gone("the-register")), "source_unknown");
    for built_in in ["nvd", "thehackernews", "cisa", "owasp"] {
        assert_eq!(folder.refused(gone(built_in)), "source_built_in");
    }
    assert_eq!(folder.added(), ["feed", "the-register-2"]);
}

#[test]
fn an_id_of_the_catalogue_is_kept_for_its_own_feed() {
    let folder = Folder::empty();
    folder
        .edit(feed("Krebs", "https://example.org/not-krebs"))
        .unwrap();
    assert_eq!(folder.added(), ["krebs-2"]);
}

#[test]
fn what_only_a_feed_has_is_written_where_it_differs_from_the_default() {
    let folder = Folder::with("# mine\n[sources.nvd] # slow\ninterval_min = 60 # hourly\n");
    folder
        .edit(Edit::AddFeed {
            name: " Our CERT ".into(),
            url: "http://10.0.0.7/feed.xml".into(),
            group: Some(" Ours ".into()),
            full_text: true,
            allow_private: true,
        })
        .unwrap();
    assert_eq!(
        folder.text(),
        r#"# mine
[sources.nvd] # slow
interval_min = 60 # hourly

[sources.our-cert]
kind = "feed"
name = "Our CERT"
url = "http://10.0.0.7/feed.xml"
group = "Ours"
full_text = true
allow_private = true
"#
    );
    let fields = SourceFields {
        adaptive: Some(false),
        interval_min: Some(15),
        full_text: Some(false),
        group: Some(String::new()),
        ..SourceFields::default()
    };
    folder.edit(set("our-cert", fields)).unwrap();
    let source = folder.source("our-cert");
    assert_eq!(source.interval_min, 15);
    let expected = FeedSettings {
        adaptive: false,
        ..FeedSettings::default()
    };
    assert_eq!(source.kind, SourceKind::Feed(expected));
    assert!(folder.text().starts_with("# mine\n[sources.nvd] # slow\n"));
}

#[test]
fn a_setting_of_another_kind_or_of_no_sense_is_refused() {
    let folder = Folder::empty();
    let d = SourceFields::default;
    let check = |id: &str, fields: SourceFields, code: &str| {
        assert_eq!(folder.refused(set(id, fields)), code);
    };
    let adaptive = SourceFields {
        adaptive: Some(true),
        ..d()
    };
    check("nvd", adaptive, "source_lacks_setting");
    let mirror = SourceFields {
        mirror: Some("https://example.org/kev.json".into()),
        ..d()
    };
    check("thehackernews", mirror, "source_lacks_setting");
    let page_size = SourceFields {
        page_size: Some(100),
        ..d()
    };
    check("cisa", page_size, "source_lacks_setting");
    let group = SourceFields {
        group: Some("x".repeat(61)),
        ..d()
    };
    check("cisa", group, "group_invalid");
    for (editions, code) in [
        (vec![], "edition_missing"),
        (vec!["latest"], "edition_invalid"),
    ] {
        let editions = SourceFields {
            editions: Some(editions.into_iter().map(str::to_owned).collect()),
            ..d()
        };
        check("owasp", editions, code);
    }
    let name = SourceFields {
        name: Some("  ".into()),
        ..d()
    };
    check("cisa", name, "name_missing");
    let url = SourceFields {
        url: Some("https://feeds.feedburner.com/TheHackersNews/".into()),
        ..d()
    };
    check("cisa", url.clone(), "source_exists");
    check("nobody", d(), "source_unknown");
    // Its own address in another form is no other source's.
    folder.edit(set("thehackernews", url)).unwrap();
}

#[test]
fn presets_come_under_their_own_ids_and_once() {
    let folder = Folder::with("[sources.mine]\nurl = \"http://krebsonsecurity.com/feed\"\n");
    folder
        .edit(presets(&["debian", "krebs", "debian", "cisa", "zdi"]))
        .unwrap();
    assert_eq!(folder.added(), ["debian", "mine", "zdi"]);
    let debian = folder.source("debian");
    assert_eq!(debian.url, "https://www.debian.org/security/dsa");
    let SourceKind::Feed(settings) = debian.kind else {
        panic!("debian is no feed")
    };
    assert_eq!(settings.group.as_deref(), Some("Distributions"));
    assert!(settings.adaptive && !settings.full_text);
    let before = folder.text();
    folder.edit(presets(&["debian"])).unwrap();
    assert_eq!(folder.text(), before);
    assert_eq!(
        folder.refused(presets(&["ubuntu", "nobody"])),
        "preset_unknown"
    );
    folder.edit(gone("debian")).unwrap();
    folder.edit(presets(&["debian"])).unwrap();
    assert_eq!(folder.text().matches("[sources.debian]").count(), 1);
}

#[test]
fn a_removed_feed_comes_back_as_it_was_under_its_id() {
    let folder = Folder::with(
        "[sources.a]\nname = \"A\"\nurl = \"https://example.org/a\"\nenabled = false\ninterval_min = 5\nadaptive = false\nfull_text = true\ngroup = \"G\"\nallow_private = true\n",
    );
    let before = folder.source("a");
    let restore = |id: &str, source: SourceSettings| Edit::RestoreSource {
        id: SourceId::new(id),
        source,
    };
    assert_eq!(
        folder.refused(restore("a", before.clone())),
        "source_exists"
    );
    folder.edit(gone("a")).unwrap();
    assert_eq!(folder.added(), [] as [&str; 0]);
    folder.edit(restore("a", before.clone())).unwrap();
    assert_eq!(folder.source("a"), before);
    let nvd = Settings::default().sources[&SourceId::new("nvd")].clone();
    assert_eq!(folder.refused(restore("nvd-2", nvd)), "source_unknown");
    let bad = SourceSettings {
        url: "file:///etc/passwd".into(),
        ..before.clone()
    };
    assert_eq!(folder.refused(restore("b", bad)), "url_invalid");
    let often = SourceSettings {
        interval_min: 0,
        url: "https://example.org/b".into(),
        ..before
    };
    assert_eq!(folder.refused(restore("b", often)), "number_out_of_range");
}

#[test]
fn what_only_kev_or_a_list_of_owasps_has_is_set() {
    let folder = Folder::empty();
    let set = |id: &str, fields: SourceFields| Edit::SetSource {
        id: SourceId::new(id),
        fields,
    };
    let editions = |years: &[&str]| SourceFields {
        editions: Some(years.iter().map(|y| (*y).to_owned()).collect()),
        ..SourceFields::default()
    };
    let mirror = |url: &str| SourceFields {
        mirror: Some(url.to_owned()),
        ..SourceFields::default()
    };
    folder
        .edit(set("owasp", editions(&["2021", "2025"])))
        .unwrap();
    folder.edit(set("kev", mirror(""))).unwrap();
    let settings = folder.settings();
    let kind = |id: &str| settings.sources[&SourceId::new(id)].kind.clone();
    let owasp = SourceKind::Owasp(OwaspSettings {
        list: OwaspList::Top10,
        editions: vec!["2025".into(), "2021".into()],
    });
    assert_eq!(kind("owasp"), owasp);
    let mirror_off = KevSettings {
        mirror: String::new(),
    };
    assert_eq!(kind("kev"), SourceKind::Kev(mirror_off));
    for (edit, code) in [
        (set("owasp", editions(&[])), "edition_missing"),
        (set("owasp", editions(&["25"])), "edition_invalid"),
        (set("kev", mirror("javascript:1")), "url_invalid"),
    ] {
        assert_eq!(folder.refused(edit), code);
    }
}
