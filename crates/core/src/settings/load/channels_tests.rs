use super::*;
use crate::settings::{Environment, Loaded, Paths, Settings};

fn load_with(text: &str, pairs: &[(&str, &str)]) -> Loaded {
    let dir = tempfile::tempdir().unwrap();
    let paths = Paths::in_dir(dir.path());
    std::fs::write(&paths.settings_file, text).unwrap();
    Settings::load(&paths, &Environment::from_pairs(pairs.iter().copied()))
}

fn load(text: &str) -> Loaded {
    load_with(text, &[])
}

fn channel<'l>(loaded: &'l Loaded, id: &str) -> &'l ChannelSettings {
    &loaded.settings.channels[&ChannelId(id.into())]
}

fn ids(loaded: &Loaded) -> Vec<&str> {
    let channels = &loaded.settings.channels;
    channels.keys().map(|id| id.0.as_str()).collect()
}

fn places(loaded: &Loaded) -> Vec<(&str, &str)> {
    let notices = loaded.notices.iter();
    notices
        .map(|n| (n.params["key"].as_str(), n.params["line"].as_str()))
        .collect()
}

#[test]
fn channels_of_all_kinds_are_read_in_full() {
    let loaded = load(
        r##"[channels.soc]
kind = "slack"
name = " SOC "
enabled = true
group_s = 5
weekly_test = true
base_url = "https://slack.example.org/api"
channel = "#soc"
digest = { at = ["17:30", "08:00", "08:00"], days = ["fri", "mon"], zone = "europe/berlin" }
limits = { gap_ms = 10, per_minute = 2000 }
[channels.soc.quiet]
from = "22:00"
to = "07:00"
days = ["sat", "sun"]
zone = "America/New_York"
pass_high = false
[channels.night]
kind = "telegram"
chat_id = -1001234567890
[channels.bot]
kind = "telegram"
chat_id = "@soc_team"
[channels.mail]
kind = "email"
recipients = ["soc@example.org"]
[channels.slack]
kind = "slack"
channel = ""
"##,
    );
    assert_eq!(loaded.notices, []);
    assert_eq!(
        *channel(&loaded, "soc"),
        ChannelSettings {
            name: "SOC".into(),
            enabled: true,
            group_s: 5,
            quiet: Some(QuietHours {
                from: "22:00".into(),
                to: "07:00".into(),
                days: vec![Weekday::Sat, Weekday::Sun],
                zone: Some("America/New_York".into()),
                pass_high: false,
                pass_exploited: true,
            }),
            digest: DigestTimes {
                at: vec!["08:00".into(), "17:30".into()],
                days: vec![Weekday::Mon, Weekday::Fri],
                zone: Some("Europe/Berlin".into()),
            },
            weekly_test: true,
            limits: Some(Limits {
                gap_ms: 10,
                per_minute: 2000,
                per_second: 0,
            }),
            kind: ChannelKind::Slack(SlackSettings {
                base_url: "https://slack.example.org/api/".into(),
                channel: Some("#soc".into()),
            }),
        }
    );
    let chat = |id| match &channel(&loaded, id).kind {
        ChannelKind::Telegram(telegram) => telegram.chat_id.clone(),
        other => panic!("{}", other.as_str()),
    };
    assert_eq!(chat("night").as_deref(), Some("-1001234567890"));
    assert_eq!(chat("bot").as_deref(), Some("@soc_team"));
    let switched: Vec<&str> = loaded.switched.iter().map(|id| id.0.as_str()).collect();
    assert_eq!(switched, ["soc"]);
}

#[test]
fn one_bad_value_costs_that_value_alone() {
    let loaded = load(
        r##"[channels.soc]
kind = "slack"
name = "Desktop"
group_s = 9999
base_url = "http://slack.example.org/"
channel = "Two Words"
colour = "red"
[channels.soc.digest]
at = ["08:00", "8 am"]
days = ["mon", "someday"]
zone = "Mars/Olympus"
[channels.night]
kind = "telegram"
chat_id = 0
weekly_test = "yes"
"##,
    );
    assert_eq!(
        places(&loaded),
        [
            ("channels.soc.name", "3"),
            ("channels.soc.group_s", "4"),
            ("channels.soc.digest.at", "9"),
            ("channels.soc.digest.days", "10"),
            ("channels.soc.digest.zone", "11"),
            ("channels.soc.base_url", "5"),
            ("channels.soc.channel", "6"),
            ("channels.soc.colour", "7"),
            ("channels.night.weekly_test", "15"),
            ("channels.night.chat_id", "14"),
        ]
    );
    let soc = channel(&loaded, "soc");
    assert_eq!(
        *soc,
        ChannelSettings {
            digest: DigestTimes {
                days: vec![Weekday::Mon],
                ..DigestTimes::default()
            },
            ..ChannelSettings::new("soc", ChannelKind::Slack(SlackSettings::default()))
        }
    );
}

#[test]
fn quiet_hours_with_anything_bad_in_them_silence_nothing() {
    for (quiet, line) in [
        ("{ from = \"22:00\" }", "2"),
        ("{ from = \"22:00\", to = \"25:00\" }", "2"),
        ("{ from = \"22:00\", to = \"07:00\", days = [\"x\"] }", "2"),
        ("{ from = \"22:00\", to = \"07:00\", zone = \"x\" }", "2"),
        ("\"22:00-07:00\"", "2"),
    ] {
        let loaded = load(&format!("[channels.desktop]\nquiet = {quiet}\n"));
        assert_eq!(channel(&loaded, "desktop").quiet, None, "{quiet}");
        let notice = loaded.notices.last().unwrap();
        assert_eq!(notice.params["key"], "channels.desktop.quiet");
        assert_eq!(notice.params["line"], line);
    }
    let text = "[channels.desktop.quiet]\nfrom = \"22:00\"\nto = \"07:00\"\npass_high = 1\n";
    let loaded = load(text);
    let quiet = channel(&loaded, "desktop").quiet.clone().unwrap();
    assert!(quiet.pass_high && quiet.pass_exploited);
    assert_eq!(loaded.notices.len(), 1);
}

#[test]
fn a_channel_whose_id_cannot_name_a_variable_is_left_out() {
    let loaded = load(
        "[channels.\"a b\"]\nkind = \"slack\"\n[channels.night-shift]\nkind = \"slack\"\n[channels.night_shift]\nkind = \"slack\"\n[channels.x]\n[channels.y]\nkind = \"pager\"\n[channels.slack]\nkind = \"email\"\n",
    );
    let all = ["desktop", "email", "night-shift", "slack", "telegram"];
    assert_eq!(ids(&loaded), all);
    assert_eq!(
        places(&loaded),
        [
            ("channels.a b", "1"),
            ("channels.night_shift", "5"),
            ("channels.x.kind", "7"),
            ("channels.y.kind", "9"),
            ("channels.slack.kind", "11"),
        ]
    );
}

#[test]
fn a_channel_that_the_environment_sets_whole_is_on_unless_the_file_says_otherwise() {
    const ON: bool = true;
    let webhook = "https://hooks.slack.com/services/T/B/tocsin-test-secret";
    for (id, pairs, text, expect) in [
        (
            "slack",
            &[
                ("SLACK_TOKEN", "xoxb-tocsin-test-secret"),
                ("SLACK_CHANNEL", "#alerts"),
            ][..],
            "",
            ON,
        ),
        (
            "slack",
            &[("SLACK_TOKEN", "xoxb-tocsin-test-secret")],
            "",
            !ON,
        ),
        ("slack", &[("SLACK_CHANNEL", "#alerts")], "", !ON),
        (
            "slack",
            &[
                ("SLACK_TOKEN", "xoxb-tocsin-test-secret"),
                ("SLACK_CHANNEL", "no channel"),
            ],
            "",
            !ON,
        ),
        ("slack", &[("SLACK_WEBHOOK", webhook)], "", ON),
        (
            "slack",
            &[("SLACK_WEBHOOK", webhook)],
            "[channels.slack]\nenabled = false\n",
            !ON,
        ),
        (
            "telegram",
            &[
                ("TELEGRAM_TOKEN", "1:tocsin-test-secret"),
                ("TELEGRAM_CHAT_ID", "-100123"),
            ],
            "",
            ON,
        ),
        (
            "telegram",
            &[("TELEGRAM_TOKEN", "1:tocsin-test-secret")],
            "",
            !ON,
        ),
        (
            "telegram",
            &[("TELEGRAM_TOKEN", ""), ("TELEGRAM_CHAT_ID", "-100123")],
            "",
            !ON,
        ),
        (
            "telegram",
            &[
                ("TELEGRAM_TOKEN", "1:tocsin-test-secret"),
                ("TELEGRAM_CHAT_ID", "@team"),
            ],
            "[channels.telegram]\nenabled = false\n",
            !ON,
        ),
    ] {
        let loaded = load_with(text, pairs);
        assert_eq!(channel(&loaded, id).enabled, expect, "{pairs:?} {text}");
    }
    let loaded = load_with(
        "",
        &[("SLACK_CHANNEL", "#alerts"), ("TELEGRAM_CHAT_ID", "42")],
    );
    let set = &loaded.settings.from_environment;
    assert_eq!(set["channels.slack.channel"], "SLACK_CHANNEL");
    assert_eq!(set["channels.telegram.chat_id"], "TELEGRAM_CHAT_ID");
}

#[test]
fn a_replay_stands_in_for_slack_and_telegram() {
    let text = "[channels.soc]\nkind = \"slack\"\n[channels.own]\nkind = \"telegram\"\nbase_url = \"http://127.0.0.1:1/bot/\"\n";
    let loaded = load_with(text, &[("TOCSIN_REPLAY", "http://127.0.0.1:8900/")]);
    let base = |id| match &channel(&loaded, id).kind {
        ChannelKind::Slack(slack) => slack.base_url.clone(),
        ChannelKind::Telegram(telegram) => telegram.base_url.clone(),
        other => panic!("{}", other.as_str()),
    };
    assert_eq!(base("slack"), "http://127.0.0.1:8900/slack/api/");
    assert_eq!(base("soc"), "http://127.0.0.1:8900/slack/api/");
    assert_eq!(base("telegram"), "http://127.0.0.1:8900/telegram/");
    assert_eq!(base("own"), "http://127.0.0.1:1/bot/");
    let set = &loaded.settings.from_environment;
    assert_eq!(set["channels.slack.base_url"], "TOCSIN_REPLAY");
    assert!(!set.contains_key("channels.own.base_url"));
}

#[test]
fn a_secret_in_the_file_is_sent_where_it_belongs_and_never_shown() {
    let loaded = load(
        r#"[channels.slack]
token = "tocsin-test-secret"
base_url = "https://hooks.slack.com/services/T/B/tocsin-test-secret"
[channels.email]
password = "tocsin-test-secret"
"#,
    );
    let codes: Vec<&str> = loaded.notices.iter().map(|n| n.code.as_str()).collect();
    assert_eq!(
        codes,
        [
            "settings_bad_value",
            "settings_secret_key",
            "settings_secret_key"
        ]
    );
    let said = format!("{:?}", loaded.notices);
    assert!(said.contains("set it in the window or in .env"), "{said}");
    assert!(!said.contains("tocsin-test-secret"));
    let ChannelKind::Slack(slack) = &channel(&loaded, "slack").kind else {
        panic!("no Slack")
    };
    assert_eq!(slack.base_url, SlackSettings::default().base_url);
}
