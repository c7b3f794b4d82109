use super::*;
use crate::settings::{ChannelKind, EmailSettings, SmtpTls};

fn load(text: &str, pairs: &[(&str, &str)]) -> Loaded {
    let dir = tempfile::tempdir().unwrap();
    let paths = Paths::in_dir(dir.path());
    std::fs::write(&paths.settings_file, text).unwrap();
    Settings::load(&paths, &Environment::from_pairs(pairs.iter().copied()))
}

fn email(settings: &Settings) -> (bool, EmailSettings) {
    let channel = &settings.channels[&ChannelId("email".into())];
    match &channel.kind {
        ChannelKind::Email(email) => (channel.enabled, email.clone()),
        other => panic!("email is of the kind {}", other.as_str()),
    }
}

fn source<'a>(settings: &'a Settings, id: &str) -> &'a SourceSettings {
    &settings.sources[&SourceId::new(id)]
}

fn codes(loaded: &Loaded) -> Vec<(&str, &str, &str)> {
    loaded
        .notices
        .iter()
        .map(|n| {
            (
                n.code.as_str(),
                n.params.get("key").map_or("", String::as_str),
                n.params.get("line").map_or("", String::as_str),
            )
        })
        .collect()
}

#[test]
fn no_file_gives_the_built_in_settings() {
    let dir = tempfile::tempdir().unwrap();
    let loaded = Settings::load(&Paths::in_dir(dir.path()), &Environment::default());
    assert_eq!(loaded.settings, Settings::default());
    assert_eq!(loaded.file_state, FileState::Missing);
    assert!(loaded.notices.is_empty());
    let s = &loaded.settings;
    assert_eq!(source(s, "nvd").interval_min, 120);
    assert_eq!(source(s, "owasp").interval_min, 10_080);
    assert_eq!(source(s, "thehackernews").name, "The Hacker News");
    assert!(s.channels[&ChannelId("desktop".into())].enabled);
    assert!(!email(s).0 && !s.api.enabled);
}

#[test]
fn the_file_overrides_single_keys_and_adds_feeds() {
    let loaded = load(
        r#"
[general]
theme = "dark"
[sources.nvd]
page_size = 500
[sources.register]
name = "The Register"
url = "https://example.org/feed"
[[watches]]
term = "nginx"
aliases = ["openresty"]
[channels.email]
smtp_port = 465
recipients = ["SOC <soc@example.org>"]
[channels.second]
kind = "email"
[api]
port = 0
origins = ["http://localhost:3000"]
"#,
        &[],
    );
    assert_eq!(loaded.notices, []);
    let s = loaded.settings;
    assert_eq!(s.theme, Theme::Dark);
    let SourceKind::Nvd(nvd) = &source(&s, "nvd").kind else {
        panic!("nvd is no nvd")
    };
    assert_eq!((nvd.page_size, nvd.first_days), (500, 7));
    let feed = source(&s, "register");
    assert_eq!(
        (feed.interval_min, &feed.kind),
        (30, &SourceKind::Feed(FeedSettings::default()))
    );
    assert_eq!(s.watch_list()[0].aliases, ["openresty"]);
    assert_eq!(email(&s).1.smtp_tls, SmtpTls::Implicit);
    assert!(!s.channels[&ChannelId("second".into())].enabled);
    assert_eq!(s.api.port, 0);
}

#[test]
fn a_bad_value_costs_that_value_alone_and_is_named() {
    let loaded = load(
        r#"[general]
theme = "pink"
[sources.nvd]
enabled = "yes"
interval_min = 60
url = "ftp://x"
page_size = 5000
[sources.empty]
name = "x"
[channels.email]
smtp_port = 70000
recipients = ["a@example.org", 5, "nobody"]
[[watches]]
term = "  "
[[watches]]
term = "nginx"
[[watches]]
term = "NGINX"
[[watches]]
aliases = ["x"]
"#,
        &[],
    );
    assert_eq!(
        codes(&loaded),
        [
            ("settings_bad_value", "general.theme", "2"),
            ("settings_bad_value", "sources.nvd.enabled", "4"),
            ("settings_bad_value", "sources.nvd.url", "6"),
            ("settings_bad_value", "sources.nvd.page_size", "7"),
            ("settings_bad_value", "sources.empty.url", "8"),
            ("settings_bad_value", "watches.term", "14"),
            ("settings_bad_value", "watches.term", "17"),
            ("settings_bad_value", "watches.term", "19"),
            ("settings_bad_value", "channels.email.smtp_port", "11"),
            ("settings_bad_value", "channels.email.recipients", "12"),
            ("settings_bad_value", "channels.email.recipients", "12"),
        ]
    );
    let s = &loaded.settings;
    assert_eq!(loaded.file_state, FileState::Good);
    assert_eq!(source(s, "nvd").interval_min, 60);
    assert!(source(s, "nvd").enabled && source(s, "nvd").url.starts_with("https://services"));
    assert!(!s.sources.contains_key(&SourceId::new("empty")));
    assert_eq!(email(s).1.recipients, ["a@example.org"]);
    assert_eq!(s.watches.len(), 1);
}

#[test]
fn an_unknown_key_is_reported_and_has_no_effect() {
    let loaded = load("future = 1\n[api]\nprot = 8001\n[quiet]\nfrom = 1\n", &[]);
    assert_eq!(
        codes(&loaded),
        [
            ("settings_unknown_key", "api.prot", "3"),
            ("settings_unknown_key", "future", "1"),
            ("settings_unknown_key", "quiet", "4"),
        ]
    );
    assert_eq!(loaded.settings, Settings::default());
}

#[test]
fn a_broken_file_is_named_with_its_place_and_the_environment_still_counts() {
    let loaded = load(
        "[api]\nport = 9000\norigins = [\"a\"\nenabled = true\n",
        &[("KEYWORDS", "nginx")],
    );
    let FileState::Broken { fault } = &loaded.file_state else {
        panic!("the file was read");
    };
    assert_eq!(fault.code, "settings_broken");
    assert_eq!(fault.params["line"], "4");
    assert!(fault.params.contains_key("column") && !fault.params["reason"].is_empty());
    assert_eq!(loaded.settings.api.port, 8000);
    assert_eq!(loaded.settings.watches.len(), 1);
    assert!(loaded.notices.contains(fault));
}

#[test]
fn bytes_that_are_no_text_are_a_broken_file() {
    let dir = tempfile::tempdir().unwrap();
    let paths = Paths::in_dir(dir.path());
    std::fs::write(&paths.settings_file, b"[api]\nport = \xff\n").unwrap();
    let loaded = Settings::load(&paths, &Environment::default());
    let FileState::Broken { fault } = loaded.file_state else {
        panic!("the file was read");
    };
    assert_eq!(
        (
            fault.params["line"].as_str(),
            fault.params["column"].as_str()
        ),
        ("2", "8")
    );
}

#[test]
fn an_empty_keyword_is_no_watch() {
    let check = |keywords: &str, expect: &[&str]| {
        let loaded = load("", &[("KEYWORDS", keywords)]);
        let terms: Vec<_> = loaded
            .settings
            .watches
            .iter()
            .map(|w| w.watch.term.as_str())
            .collect();
        assert_eq!(terms, expect, "{keywords:?}");
        assert!(loaded.settings.watches.iter().all(|w| w.from_environment));
    };
    check("", &[]);
    check(" , ,, ", &[]);
    check("nginx,", &["nginx"]);
    check(
        ",nginx, remote code execution ,",
        &["nginx", "remote code execution"],
    );
    check("nginx,NGINX,!?", &["nginx"]);
}

#[test]
fn a_keyword_of_the_file_stays_the_files() {
    let loaded = load(
        "[[watches]]\nterm = \"Nginx\"\n",
        &[("KEYWORDS", "nginx,curl")],
    );
    let from: Vec<_> = loaded
        .settings
        .watches
        .iter()
        .map(|w| w.from_environment)
        .collect();
    assert_eq!(from, [false, true]);
}

#[test]
fn the_environment_wins_and_is_remembered() {
    let loaded = load(
        "[channels.email]\nsmtp_host = \"mail.example.org\"\nuser = \"file\"\n[api]\nport = 9000\n",
        &[
            ("SMTP_SERVER", "smtp.example.net"),
            ("EMAIL_USER", "env@example.org"),
            ("EMAIL_SENDER_NAME", "Bell"),
            ("TOCSIN_API_PORT", "9001"),
        ],
    );
    assert_eq!(loaded.notices, []);
    let (enabled, email) = email(&loaded.settings);
    assert_eq!(email.smtp_host, "smtp.example.net");
    assert_eq!(email.user.as_deref(), Some("env@example.org"));
    assert_eq!((loaded.settings.api.port, enabled), (9001, false));
    let from = &loaded.settings.from_environment;
    assert_eq!(from["channels.email.smtp_host"], "SMTP_SERVER");
    assert_eq!(from["api.port"], "TOCSIN_API_PORT");
    assert!(!from.contains_key("channels.email.recipients"));
}

#[test]
fn port_465_is_encrypted_from_the_start_whatever_else_is_said() {
    let check = |file: &str, pairs: &[(&str, &str)], expect| {
        let tls = email(&load(file, pairs).settings).1.smtp_tls;
        assert_eq!(tls, expect, "{file} {pairs:?}");
    };
    check("", &[], SmtpTls::Starttls);
    check("", &[("SMTP_PORT", "465")], SmtpTls::Implicit);
    check(
        "",
        &[("SMTP_PORT", "465"), ("SMTP_USE_TLS", "false")],
        SmtpTls::Implicit,
    );
    check(
        "",
        &[("SMTP_PORT", "25"), ("SMTP_USE_TLS", "False")],
        SmtpTls::None,
    );
    check(
        "",
        &[("SMTP_PORT", "25"), ("SMTP_USE_TLS", "1")],
        SmtpTls::Starttls,
    );
    let none = "[channels.email]\nsmtp_tls = \"none\"\n";
    check(none, &[], SmtpTls::None);
    check(none, &[("SMTP_USE_TLS", "true")], SmtpTls::Starttls);
    check(none, &[("SMTP_PORT", "2525")], SmtpTls::None);
    check(
        "[channels.email]\nsmtp_port = 465\n",
        &[("SMTP_PORT", "587")],
        SmtpTls::Starttls,
    );
}

#[test]
fn a_plain_password_is_allowed_by_the_environment_on_this_machine_alone() {
    let check = |host: &str, expect: bool| {
        let pairs = [("SMTP_SERVER", host), ("SMTP_USE_TLS", "false")];
        assert_eq!(
            email(&load("", &pairs).settings).1.allow_plain_auth,
            expect,
            "{host}"
        );
    };
    check("localhost", true);
    check("127.0.0.1", true);
    check("::1", true);
    check("mail.example.org", false);
    check("localhost.example.org", false);
    assert!(
        !email(&load("", &[("SMTP_SERVER", "localhost")]).settings)
            .1
            .allow_plain_auth
    );
}

#[test]
fn secret_and_destination_from_the_environment_switch_e_mail_on() {
    let both = [
        ("EMAIL_PASSWORD", "tocsin-test-secret"),
        ("EMAIL_RECIPIENTS", "a@example.org, ,b@example.org"),
    ];
    let on = load("", &both);
    let (enabled, settings) = email(&on.settings);
    assert!(enabled);
    assert_eq!(settings.recipients, ["a@example.org", "b@example.org"]);
    assert!(!email(&load("", &both[..1]).settings).0);
    assert!(!email(&load("", &both[1..]).settings).0);
    assert!(!email(&load("[channels.email]\nenabled = false\n", &both).settings).0);
}

#[test]
fn a_bad_variable_is_named_without_its_value() {
    let loaded = load(
        "",
        &[
            ("SMTP_PORT", "tocsin-test-secret"),
            ("SMTP_USE_TLS", "tocsin-test-secret"),
            ("EMAIL_SENDER", "tocsin-test-secret"),
            ("EMAIL_RECIPIENTS", "tocsin-test-secret"),
            ("SMTP_SERVER", "tocsin-test-secret:25"),
            ("TOCSIN_API_PORT", "tocsin-test-secret"),
            ("TOCSIN_REPLAY", "tocsin-test-secret"),
        ],
    );
    assert_eq!(loaded.notices.len(), 7);
    assert!(
        loaded
            .notices
            .iter()
            .all(|n| n.code == "environment_bad_value")
    );
    assert!(!format!("{:?}", loaded.notices).contains("tocsin-test-secret"));
    assert_eq!(loaded.settings, Settings::default());
}

#[test]
fn a_replay_server_stands_in_for_the_built_in_addresses() {
    let loaded = load(
        "[sources.owasp]\nurl = \"https://mirror.example.org/\"\n[sources.debian]\nurl = \"https://www.debian.org/security/dsa\"\n[sources.krebs]\nurl = \"https://krebs.example.org/\"\n",
        &[("TOCSIN_REPLAY", "http://127.0.0.1:8900/")],
    );
    let s = &loaded.settings;
    assert_eq!(
        source(s, "debian").url,
        "http://127.0.0.1:8900/presets/debian"
    );
    assert!(source(s, "debian").allow_private);
    assert_eq!(source(s, "krebs").url, "https://krebs.example.org/");
    let nvd = source(s, "nvd");
    assert_eq!(nvd.url, "http://127.0.0.1:8900/rest/json/cves/2.0");
    assert!(nvd.allow_private);
    let SourceKind::Nvd(own) = &nvd.kind else {
        panic!("nvd is no nvd")
    };
    assert_eq!((own.pause_ms, own.backoff_ms), (Some(0), 0));
    assert_eq!(
        source(s, "thehackernews").url,
        "http://127.0.0.1:8900/TheHackersNews"
    );
    assert_eq!(
        source(s, "cisa").url,
        "http://127.0.0.1:8900/cybersecurity-advisories/all.xml"
    );
    assert_eq!(source(s, "owasp").url, "https://mirror.example.org/");
    assert!(!source(s, "owasp").allow_private);
    assert_eq!(s.from_environment["sources.nvd.url"], "TOCSIN_REPLAY");
}

#[test]
fn settings_go_over_a_wire_and_back() {
    let settings = load("[[watches]]\nterm = \"x\"\n", &[("TOCSIN_API_PORT", "1")]).settings;
    let json = serde_json::to_value(&settings).unwrap();
    assert_eq!(json["sources"]["nvd"]["kind"], "nvd");
    assert_eq!(json["sources"]["nvd"]["page_size"], 2000);
    assert_eq!(json["channels"]["email"]["smtp_tls"], "starttls");
    assert_eq!(json["watches"][0]["term"], "x");
    assert_eq!(serde_json::from_value::<Settings>(json).unwrap(), settings);
}

#[test]
fn a_feed_is_read_with_what_only_feeds_have() {
    let loaded = load(
        r#"[sources.cert]
url = "https://cert.example/feed"
adaptive = false
full_text = true
group = " Ours "
[sources.plain]
url = "https://plain.example/feed"
group = ""
[sources.cisa]
enabled = false
[sources.nvd]
adaptive = true
[sources.odd]
url = "https://odd.example/feed"
adaptive = "yes"
group = 5
"#,
        &[],
    );
    assert_eq!(
        codes(&loaded),
        [
            ("settings_unknown_key", "sources.nvd.adaptive", "12"),
            ("settings_bad_value", "sources.odd.adaptive", "15"),
            ("settings_bad_value", "sources.odd.group", "16"),
        ]
    );
    let s = &loaded.settings;
    let feed = |id: &str| match &source(s, id).kind {
        SourceKind::Feed(feed) => feed.clone(),
        other => panic!("{id} is {other:?}"),
    };
    let cert = FeedSettings {
        adaptive: false,
        full_text: true,
        group: Some("Ours".to_owned()),
    };
    assert_eq!(feed("cert"), cert);
    assert_eq!(feed("plain"), FeedSettings::default());
    assert_eq!(feed("odd"), FeedSettings::default());
    assert_eq!(feed("cisa").group.as_deref(), Some("Advisories"));
    assert!(!source(s, "cisa").enabled);
}
