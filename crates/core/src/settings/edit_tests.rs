use super::*;
use crate::settings::Retention;
use std::fs;

#[path = "edit_channels_tests.rs"]
mod channels;
#[path = "edit_sources_tests.rs"]
mod sources;
#[path = "edit_views_tests.rs"]
mod views;
#[path = "edit_watches_tests.rs"]
mod watches;

struct Folder {
    _dir: tempfile::TempDir,
    paths: Paths,
}

impl Folder {
    fn empty() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let paths = Paths::in_dir(dir.path());
        Self { _dir: dir, paths }
    }

    fn with(text: &str) -> Self {
        let folder = Self::empty();
        fs::write(&folder.paths.settings_file, text).unwrap();
        folder
    }

    fn edit(&self, edit: Edit) -> Result<(), Fault> {
        apply(&self.paths, &Environment::default(), &edit)
    }

    fn refused(&self, edit: Edit) -> String {
        let before = self.text();
        let code = self.edit(edit).unwrap_err().code;
        assert_eq!(self.text(), before);
        code
    }

    fn text(&self) -> String {
        fs::read_to_string(&self.paths.settings_file).unwrap_or_default()
    }

    fn settings(&self) -> Settings {
        let loaded = Settings::load(&self.paths, &Environment::default());
        assert_eq!(loaded.notices, []);
        loaded.settings
    }

    fn terms(&self) -> Vec<String> {
        let list = self.settings().watch_list();
        list.into_iter().map(|w| w.term).collect()
    }
}

fn watch(term: &str) -> Watch {
    Watch {
        term: term.into(),
        ..Watch::default()
    }
}

fn add(term: &str) -> Edit {
    Edit::AddWatch { watch: watch(term) }
}

fn remove(term: &str) -> Edit {
    Edit::RemoveWatch { term: term.into() }
}

fn nvd(fields: SourceFields) -> Edit {
    Edit::SetSource {
        id: SourceId::new("nvd"),
        fields,
    }
}

fn email(fields: ChannelFields) -> Edit {
    Edit::SetChannel {
        id: ChannelId("email".into()),
        fields,
    }
}

const BY_HAND: &str = r#"# My settings
# since 2026

[general] # looks
theme = "light"   # at day

# later = "unknown keys stay"
plugin = { a = 1 }

# web server
[[watches]]
term = "nginx" # front
exceptions = ["nginx unit"]

[[watches]]
term = "OpenSSL"

[api]
port = 9000 # free
"#;

#[test]
fn comments_order_and_unknown_keys_survive() {
    let folder = Folder::with(BY_HAND);
    folder.edit(Edit::SetTheme { theme: Theme::Dark }).unwrap();
    folder
        .edit(Edit::SetApi {
            fields: ApiFields {
                enabled: Some(true),
                port: Some(9001),
                origins: Some(vec!["http://localhost:3000".into()]),
            },
        })
        .unwrap();
    folder.edit(add(" curl ")).unwrap();
    folder
        .edit(Edit::ReplaceWatch {
            term: "NGINX".into(),
            watch: Watch {
                aliases: vec!["openresty".into()],
                ..watch("nginx")
            },
        })
        .unwrap();
    folder.edit(remove("openssl")).unwrap();
    insta::assert_snapshot!(folder.text(), @r#"
    # My settings
    # since 2026

    [general] # looks
    theme = "dark"   # at day

    # later = "unknown keys stay"
    plugin = { a = 1 }

    # web server
    [[watches]]
    term = "nginx" # front
    aliases = ["openresty"]

    [[watches]]
    term = "curl"

    [api]
    port = 9001 # free
    enabled = true
    origins = ["http://localhost:3000"]
    "#);
}

#[test]
fn a_new_file_begins_with_a_header_and_is_private() {
    let folder = Folder::empty();
    folder.edit(add("nginx")).unwrap();
    folder
        .edit(nvd(SourceFields {
            enabled: Some(false),
            interval_min: Some(240),
            ..SourceFields::default()
        }))
        .unwrap();
    insta::assert_snapshot!(folder.text(), @r#"
    # Tocsin's settings. Edit by hand or in the window: comments and order stay.
    # Every key is optional. Passwords and keys do not belong here but into .env beside this file.

    [general]

    [[watches]]
    term = "nginx"

    [sources.nvd]
    enabled = false
    interval_min = 240
    "#);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(&folder.paths.settings_file)
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn a_broken_file_is_never_overwritten() {
    let folder = Folder::with("[api\nport = 1\n");
    assert_eq!(folder.refused(add("nginx")), "settings_broken");
    fs::write(&folder.paths.settings_file, "[api]\nport = 1\n").unwrap();
    folder.edit(add("nginx")).unwrap();
    assert_eq!(folder.terms(), ["nginx"]);
}

#[test]
fn a_file_with_one_bad_value_is_still_edited() {
    let folder = Folder::with("[api]\nport = \"x\"\n");
    folder.edit(add("nginx")).unwrap();
    assert!(folder.text().starts_with("[api]\nport = \"x\"\n"));
}

#[test]
fn watches_that_cannot_be_are_refused() {
    let folder = Folder::with("[[watches]]\nterm = \"nginx\"\n");
    assert_eq!(folder.refused(add(" ")), "watch_empty");
    assert_eq!(folder.refused(add("--")), "watch_empty");
    assert_eq!(folder.refused(add(&"x".repeat(201))), "watch_too_long");
    assert_eq!(folder.refused(add("NGINX ")), "watch_exists");
    assert_eq!(folder.refused(remove("curl")), "watch_unknown");
    let aliased = Watch {
        aliases: vec![String::new()],
        ..watch("curl")
    };
    assert_eq!(
        folder.refused(Edit::AddWatch { watch: aliased }),
        "watch_empty"
    );
}

#[test]
fn watches_in_a_plain_list_are_edited_too() {
    let folder = Folder::with("watches = [{ term = \"a1\" }, { term = \"b1\" }]\n");
    folder.edit(add("c1")).unwrap();
    folder.edit(remove("a1")).unwrap();
    assert_eq!(folder.terms(), ["b1", "c1"]);
}

#[test]
fn comments_in_a_plain_list_stay_with_their_watch() {
    let folder = Folder::with(
        "watches = [\n  # apart\n\n  # above a1\n  { term = \"a1\" }, # behind a1\n  { term = \"b1\" } # behind b1\n]\n",
    );
    folder.edit(remove("a1")).unwrap();
    folder.edit(add("c1")).unwrap();
    insta::assert_snapshot!(folder.text(), @r#"
    watches = [
      # apart

      { term = "b1" }, # behind b1
      { term = "c1" }
    ]
    "#);
}

#[test]
fn a_header_above_the_first_watch_outlives_it() {
    let folder = Folder::with("# header\n\n# about a1\n[[watches]]\nterm = \"a1\"\n");
    folder.edit(remove("a1")).unwrap();
    assert_eq!(folder.text(), "# header\n");
    let folder =
        Folder::with("# header\n\n[[watches]]\nterm = \"a1\"\n[[watches]]\nterm = \"b1\"\n");
    folder.edit(remove("a1")).unwrap();
    assert!(folder.text().starts_with("# header\n"));
    assert_eq!(folder.terms(), ["b1"]);
}

#[test]
fn what_the_environment_sets_is_not_edited() {
    let folder = Folder::empty();
    let env = Environment::from_pairs([("SMTP_SERVER", "a.example.org"), ("KEYWORDS", "nginx")]);
    let edit = email(ChannelFields {
        smtp_host: Some("b.example.org".into()),
        ..ChannelFields::default()
    });
    let fault = apply(&folder.paths, &env, &edit).unwrap_err();
    assert_eq!(fault.code, "set_by_environment");
    assert_eq!(fault.params["key"], "channels.email.smtp_host");
    assert_eq!(fault.params["variable"], "SMTP_SERVER");
    let fault = apply(&folder.paths, &env, &remove("nginx")).unwrap_err();
    assert_eq!(fault.params["variable"], "KEYWORDS");
    assert!(!folder.paths.settings_file.exists());
}

#[test]
fn many_edits_at_once_lose_none() {
    let folder = Folder::empty();
    std::thread::scope(|scope| {
        for i in 0..16 {
            let folder = &folder;
            scope.spawn(move || folder.edit(add(&format!("term{i}"))).unwrap());
        }
    });
    assert_eq!(folder.terms().len(), 16);
}

#[test]
fn an_edit_comes_over_the_wire_with_the_fields_that_change() {
    let json = r#"{"kind":"set_channel","id":"email","fields":{"smtp_port":465}}"#;
    let edit: Edit = serde_json::from_str(json).unwrap();
    let Edit::SetChannel { fields, .. } = edit else {
        panic!("another edit")
    };
    assert_eq!((fields.smtp_port, fields.enabled), (Some(465), None));
}

#[test]
fn e_mail_that_the_environment_switched_on_can_be_switched_off() {
    let folder = Folder::empty();
    let env = Environment::from_pairs([
        ("EMAIL_PASS", "tocsin-test-secret"),
        ("EMAIL_RECIPIENTS", "a@example.org"),
    ]);
    let enabled = || {
        let settings = Settings::load(&folder.paths, &env).settings;
        settings.channels[&ChannelId("email".into())].enabled
    };
    assert!(enabled());
    let off = email(ChannelFields {
        enabled: Some(false),
        ..ChannelFields::default()
    });
    apply(&folder.paths, &env, &off).unwrap();
    assert!(!enabled());
}

#[test]
fn how_long_alerts_are_kept_is_edited_and_bounded() {
    let folder = Folder::with("# mine\n[retention]\nclosed_days = 30 # a month\n");
    let retention = folder.settings().retention;
    assert_eq!(
        (retention.closed_days, retention.articles_days),
        (30, Retention::default().articles_days)
    );
    let fields = |closed_days: u32, articles_days: u32| Edit::SetRetention {
        fields: RetentionFields {
            closed_days: Some(closed_days),
            articles_days: Some(articles_days),
            irrelevant_days: None,
        },
    };
    folder.edit(fields(0, 90)).unwrap();
    let retention = folder.settings().retention;
    assert_eq!((retention.closed_days, retention.articles_days), (0, 90));
    assert!(folder.text().contains("closed_days = 0 # a month"));
    assert_eq!(folder.refused(fields(36_501, 0)), "number_out_of_range");
}

#[test]
fn values_that_cannot_be_are_refused() {
    let folder = Folder::empty();
    let check = |edit, code: &str| assert_eq!(folder.refused(edit), code);
    let f = ChannelFields::default;
    check(
        email(ChannelFields {
            smtp_port: Some(0),
            ..f()
        }),
        "port_invalid",
    );
    check(
        email(ChannelFields {
            smtp_port: Some(70_000),
            ..f()
        }),
        "port_invalid",
    );
    check(
        email(ChannelFields {
            smtp_host: Some("http://x".into()),
            ..f()
        }),
        "host_invalid",
    );
    check(
        email(ChannelFields {
            recipients: Some(vec!["x".into()]),
            ..f()
        }),
        "email_address_invalid",
    );
    check(
        email(ChannelFields {
            sender_name: Some("a\nb".into()),
            ..f()
        }),
        "text_invalid",
    );
    check(
        nvd(SourceFields {
            interval_min: Some(0),
            ..SourceFields::default()
        }),
        "number_out_of_range",
    );
    check(
        Edit::SetApi {
            fields: ApiFields {
                origins: Some(vec!["*".into()]),
                ..ApiFields::default()
            },
        },
        "origin_invalid",
    );
    check(
        Edit::SetChannel {
            id: ChannelId("x".into()),
            fields: f(),
        },
        "channel_unknown",
    );
    assert!(!folder.paths.settings_file.exists());
}
