use super::*;
use crate::model::Severity;
use crate::settings::{Environment, Loaded, Paths, Settings};

fn load(text: &str) -> Loaded {
    let dir = tempfile::tempdir().unwrap();
    let paths = Paths::in_dir(dir.path());
    std::fs::write(&paths.settings_file, text).unwrap();
    Settings::load(&paths, &Environment::default())
}

fn rule<'l>(loaded: &'l Loaded, id: &str) -> &'l Rule {
    &loaded.settings.rules[&RuleId(id.into())]
}

fn places(loaded: &Loaded) -> Vec<(&str, &str, &str)> {
    fn param<'f>(fault: &'f Fault, name: &str) -> &'f str {
        fault.params.get(name).map_or("", String::as_str)
    }
    let notices = loaded.notices.iter();
    notices
        .map(|n| (n.code.as_str(), param(n, "key"), param(n, "line")))
        .collect()
}

#[test]
fn a_rule_is_read_in_full() {
    let loaded = load(
        r#"watches = [{ term = "nginx" }]
[rules.edge]
name = " At the edge "
query = " product:nginx "
watches = ["nginx"]
min_severity = "medium"
changes = ["exploited", "new", "new"]
channels = ["email", "slack", "email"]
digest = { at = ["08:00"], days = ["mon"], zone = "UTC" }
per_hour = 5
per_day = 20
[rules.at-noon]
channels = ["*"]
when = "digest"
[rules.now]
channels = ["*"]
when = "now"
digest = { at = ["08:00"] }
"#,
    );
    assert_eq!(loaded.notices, []);
    assert_eq!(
        *rule(&loaded, "edge"),
        Rule {
            name: "At the edge".into(),
            enabled: true,
            query: "product:nginx".into(),
            watches: vec!["nginx".into()],
            min_severity: Some(Severity::Medium),
            changes: vec![Trigger::Exploited, Trigger::New],
            channels: vec![ChannelId("email".into()), ChannelId("slack".into())],
            when: When::Digest {
                times: DigestTimes {
                    at: vec!["08:00".into()],
                    days: vec![crate::model::Weekday::Mon],
                    zone: Some("UTC".into()),
                }
            },
            per_hour: 5,
            per_day: 20,
        }
    );
    let digest = When::Digest {
        times: DigestTimes::default(),
    };
    assert_eq!(rule(&loaded, "at-noon").when, digest);
    assert_eq!(rule(&loaded, "now").when, When::Now);
}

#[test]
fn built_in_rules_are_always_there_and_can_be_changed() {
    let usual = Settings::default().rules;
    let loaded = load("[rules.default]\nenabled = false\nmin_severity = \"high\"\n");
    assert_eq!(loaded.notices, []);
    assert_eq!(loaded.settings.rules.len(), usual.len());
    let id = RuleId("default".into());
    assert_eq!(
        loaded.settings.rules[&id],
        Rule {
            enabled: false,
            min_severity: Some(Severity::High),
            ..usual[&id].clone()
        }
    );
    let desktop = RuleId("desktop".into());
    assert_eq!(loaded.settings.rules[&desktop], usual[&desktop]);
}

#[test]
fn a_rule_whose_query_cannot_be_read_is_kept_and_off() {
    let loaded = load(
        "[rules.bad]\nname = \"Bad\"\nchannels = [\"email\"]\nquery = \"severity:(\"\n[rules.worse]\nchannels = [\"email\"]\nquery = 5\n",
    );
    assert_eq!(
        places(&loaded),
        [
            ("settings_bad_value", "rules.bad.query", "4"),
            ("settings_bad_value", "rules.worse.query", "7"),
        ]
    );
    let bad = rule(&loaded, "bad");
    assert_eq!((bad.query.as_str(), bad.enabled), ("severity:(", false));
    assert!(!rule(&loaded, "worse").enabled);
    assert!(
        loaded.notices[0]
            .message
            .contains("The rule \"Bad\" is off")
    );
}

#[test]
fn one_bad_value_costs_that_value_alone() {
    let loaded = load(
        r#"[rules.a]
name = "A"
min_severity = "urgent"
changes = ["new", "moved"]
channels = ["email", 5, "pager"]
per_hour = -1
when = "later"
colour = "red"
watches = ["ghost", ""]
[rules.b]
name = "a"
[rules."c d"]
channels = ["email"]
"#,
    );
    assert_eq!(
        places(&loaded),
        [
            ("settings_bad_value", "rules.a.watches", "9"),
            ("settings_bad_value", "rules.a.min_severity", "3"),
            ("settings_bad_value", "rules.a.changes", "4"),
            ("settings_bad_value", "rules.a.channels", "5"),
            ("rule_channel_unknown", "rules.a.channels", "5"),
            ("settings_bad_value", "rules.a.when", "7"),
            ("settings_bad_value", "rules.a.per_hour", "6"),
            ("settings_unknown_key", "rules.a.colour", "8"),
            ("settings_bad_value", "rules.b.name", "11"),
            ("settings_bad_value", "rules.b.channels", "10"),
            ("settings_bad_value", "rules.c d", "12"),
            ("rule_watch_unknown", "rules.a.watches", ""),
        ]
    );
    let a = rule(&loaded, "a");
    assert!(a.enabled && a.changes == [Trigger::New]);
    let channels: Vec<&str> = a.channels.iter().map(|c| c.0.as_str()).collect();
    assert_eq!(channels, ["email", "pager"]);
    assert_eq!(a.watches, ["ghost"]);
}
