use super::*;
use crate::model::{Trigger, Weekday, When};
use crate::settings::ChannelKind;

const BY_HAND: &str = r##"# mine
[channels.soc] # the team
kind = "slack"
name = "SOC" # short
quiet = { from = "22:00", to = "07:00", zone = "UTC" } # at night

[channels.soc.digest] # when
at = ["08:00"] # early
days = ["mon"]

[rules.edge] # why
name = "Edge"
channels = ["soc", "email"] # both
min_severity = "low"

# the end
"##;

fn id(text: &str) -> ChannelId {
    ChannelId(text.into())
}

fn set(channel: &str, fields: ChannelFields) -> Edit {
    Edit::SetChannel {
        id: id(channel),
        fields,
    }
}

fn add_channel(name: &str, kind: &str) -> Edit {
    Edit::AddChannel {
        name: name.into(),
        channel_kind: kind.into(),
    }
}

fn rule(name: &str) -> Rule {
    Rule {
        name: name.into(),
        channels: vec![id("email")],
        ..Rule::default()
    }
}

fn rule_of(folder: &Folder, id: &str) -> Rule {
    folder.settings().rules[&RuleId(id.into())].clone()
}

#[test]
fn a_channels_edit_keeps_comments_and_order() {
    let folder = Folder::with(BY_HAND);
    let digest = DigestTimes {
        at: vec!["17:00".into(), "09:00".into()],
        days: vec![],
        zone: Some("europe/berlin".into()),
    };
    let fields = ChannelFields {
        name: Some(" Team ".into()),
        enabled: Some(true),
        group_s: Some(0),
        weekly_test: Some(true),
        channel: Some("#soc".into()),
        base_url: Some("https://example.org/api/".into()),
        digest: Some(digest.clone()),
        ..ChannelFields::default()
    };
    folder.edit(set("soc", fields)).unwrap();
    let quiet = QuietHours {
        from: "20:00".into(),
        days: vec![Weekday::Sun],
        pass_high: false,
        ..QuietHours::default()
    };
    folder
        .edit(Edit::SetQuietHours {
            id: id("soc"),
            quiet: Some(quiet.clone()),
        })
        .unwrap();
    assert_eq!(
        folder.text(),
        BY_HAND
            .replace("name = \"SOC\" # short", "name = \"Team\" # short")
            .replace(
                "{ from = \"22:00\", to = \"07:00\", zone = \"UTC\" } # at night\n",
                "{ from = \"20:00\", to = \"07:00\", days = [\"sun\"], pass_high = false } # at night\nenabled = true\ngroup_s = 0\nweekly_test = true\nbase_url = \"https://example.org/api/\"\nchannel = \"#soc\"\n"
            )
            .replace(
                "at = [\"08:00\"] # early\ndays = [\"mon\"]\n",
                "at = [\"09:00\", \"17:00\"] # early\nzone = \"Europe/Berlin\"\n"
            )
    );
    let soc = folder.settings().channels[&id("soc")].clone();
    assert_eq!(soc.quiet, Some(quiet));
    let quiet = None;
    folder
        .edit(Edit::SetQuietHours {
            id: id("soc"),
            quiet,
        })
        .unwrap();
    assert_eq!(folder.settings().channels[&id("soc")].quiet, None);
    assert!(!folder.text().contains("quiet"));
}

#[test]
fn an_added_channel_is_off_and_has_an_id_of_its_own() {
    let folder = Folder::empty();
    for (name, kind) in [
        ("Night shift", "slack"),
        ("night_shift!", "telegram"),
        ("夜勤", "email"),
        ("Slack", "slack"),
    ] {
        // The built-in one is called so.
        let added = folder.edit(add_channel(name, kind));
        assert_eq!(added.is_ok(), name != "Slack", "{name}");
    }
    let channels = folder.settings().channels;
    let ids: Vec<&str> = channels.keys().map(|id| id.0.as_str()).collect();
    assert_eq!(
        ids,
        [
            "desktop",
            "email",
            "email-2",
            "night-shift",
            "night-shift-2",
            "slack",
            "telegram"
        ]
    );
    let night = &channels[&id("night-shift")];
    assert!(!night.enabled && night.name == "Night shift");
    assert!(matches!(night.kind, ChannelKind::Slack(_)));
    assert_eq!(
        folder.refused(add_channel(" NIGHT SHIFT ", "slack")),
        "channel_exists"
    );
    assert_eq!(
        folder.refused(add_channel("x", "desktop")),
        "channel_kind_invalid"
    );
    assert_eq!(
        folder.refused(add_channel(" ", "slack")),
        "channel_name_invalid"
    );
}

#[test]
fn a_removed_channel_leaves_its_rules_without_it() {
    let folder = Folder::with(BY_HAND);
    folder.edit(Edit::RemoveChannel { id: id("soc") }).unwrap();
    assert!(!folder.settings().channels.contains_key(&id("soc")));
    let text = folder.text();
    assert!(
        text.contains("channels = [ \"email\"] # both")
            || text.contains("channels = [\"email\"] # both"),
        "{text}"
    );
    assert_eq!(rule_of(&folder, "edge").channels, [id("email")]);
    let gone = Edit::RemoveChannel { id: id("soc") };
    assert_eq!(folder.refused(gone), "channel_unknown");
    let built_in = Edit::RemoveChannel { id: id("slack") };
    assert_eq!(folder.refused(built_in), "channel_built_in");
}

#[test]
fn a_bad_value_of_a_channel_is_refused_and_nothing_is_written() {
    let folder = Folder::with(BY_HAND);
    let some = |text: &str| Some(text.to_owned());
    let digest = |at: &[&str], zone: Option<&str>| {
        Some(DigestTimes {
            at: at.iter().map(|t| (*t).to_owned()).collect(),
            days: vec![],
            zone: zone.map(str::to_owned),
        })
    };
    let none = ChannelFields::default;
    for (channel, fields, code) in [
        (
            "soc",
            ChannelFields {
                base_url: some("http://example.org/"),
                ..none()
            },
            "url_insecure",
        ),
        (
            "soc",
            ChannelFields {
                channel: some("A B"),
                ..none()
            },
            "slack_channel_invalid",
        ),
        (
            "soc",
            ChannelFields {
                group_s: Some(3601),
                ..none()
            },
            "number_out_of_range",
        ),
        (
            "soc",
            ChannelFields {
                name: some("E-mail"),
                ..none()
            },
            "channel_exists",
        ),
        (
            "soc",
            ChannelFields {
                chat_id: some("1"),
                ..none()
            },
            "channel_lacks_setting",
        ),
        (
            "soc",
            ChannelFields {
                smtp_port: Some(25),
                ..none()
            },
            "channel_lacks_setting",
        ),
        (
            "desktop",
            ChannelFields {
                base_url: some("https://x.org/"),
                ..none()
            },
            "channel_lacks_setting",
        ),
        (
            "telegram",
            ChannelFields {
                chat_id: some("nobody"),
                ..none()
            },
            "telegram_chat_invalid",
        ),
        (
            "soc",
            ChannelFields {
                digest: digest(&[], None),
                ..none()
            },
            "digest_without_time",
        ),
        (
            "soc",
            ChannelFields {
                digest: digest(&["8"], None),
                ..none()
            },
            "time_invalid",
        ),
        (
            "soc",
            ChannelFields {
                digest: digest(&["08:00"], Some("x")),
                ..none()
            },
            "zone_unknown",
        ),
        ("ghost", none(), "channel_unknown"),
    ] {
        assert_eq!(folder.refused(set(channel, fields)), code);
    }
    let quiet = Edit::SetQuietHours {
        id: id("soc"),
        quiet: Some(QuietHours {
            from: "7".into(),
            ..QuietHours::default()
        }),
    };
    assert_eq!(folder.refused(quiet), "time_invalid");
}

#[test]
fn a_destination_can_be_set_and_cleared() {
    let folder = Folder::empty();
    let chat = |text: &str| ChannelFields {
        chat_id: Some(text.into()),
        ..ChannelFields::default()
    };
    let stored = || match &folder.settings().channels[&id("telegram")].kind {
        ChannelKind::Telegram(telegram) => telegram.chat_id.clone(),
        other => panic!("{}", other.as_str()),
    };
    folder.edit(set("telegram", chat(" -100123 "))).unwrap();
    assert_eq!(stored().as_deref(), Some("-100123"));
    folder.edit(set("telegram", chat(""))).unwrap();
    assert_eq!(stored(), None);
}

#[test]
fn a_rule_reads_back_as_it_was_written() {
    let folder = Folder::empty();
    let full = Rule {
        name: "Edge".into(),
        enabled: false,
        query: "severity:high".into(),
        watches: vec!["*".into()],
        min_severity: Some(crate::model::Severity::Medium),
        changes: vec![Trigger::New, Trigger::EpssJump],
        channels: vec![id("email"), id("*")],
        when: When::Digest {
            times: DigestTimes {
                at: vec!["08:00".into(), "16:00".into()],
                days: vec![Weekday::Tue],
                zone: Some("Asia/Tokyo".into()),
            },
        },
        per_hour: 3,
        per_day: 9,
    };
    folder.edit(Edit::AddRule { rule: full.clone() }).unwrap();
    assert_eq!(rule_of(&folder, "edge"), full);
    let plain = rule("Plain");
    folder
        .edit(Edit::AddRule {
            rule: plain.clone(),
        })
        .unwrap();
    assert_eq!(rule_of(&folder, "plain"), plain);
    assert!(
        folder
            .text()
            .ends_with("[rules.plain]\nname = \"Plain\"\nchannels = [\"email\"]\n")
    );
    // Each of them as the other.
    let edge = Edit::SetRule {
        id: RuleId("edge".into()),
        rule: Rule {
            name: "Edge 2".into(),
            ..plain.clone()
        },
    };
    folder.edit(edge).unwrap();
    assert_eq!(
        rule_of(&folder, "edge"),
        Rule {
            name: "Edge 2".into(),
            ..plain
        }
    );
    let plain = Edit::SetRule {
        id: RuleId("plain".into()),
        rule: full.clone(),
    };
    folder.edit(plain).unwrap();
    assert_eq!(rule_of(&folder, "plain"), full);
}

#[test]
fn a_rules_edit_keeps_comments_and_order() {
    let folder = Folder::with(BY_HAND);
    let mut edge = rule_of(&folder, "edge");
    edge.min_severity = None;
    edge.channels = vec![id("soc")];
    edge.per_day = 4;
    folder
        .edit(Edit::SetRule {
            id: RuleId("edge".into()),
            rule: edge.clone(),
        })
        .unwrap();
    assert_eq!(
        folder.text(),
        BY_HAND
            .replace("[\"soc\", \"email\"] # both", "[\"soc\"] # both")
            .replace("min_severity = \"low\"\n", "per_day = 4\n")
    );
    assert_eq!(rule_of(&folder, "edge"), edge);
    let gone = || Edit::RemoveRule {
        id: RuleId("edge".into()),
    };
    folder.edit(gone()).unwrap();
    assert!(!folder.text().contains("Edge"));
    assert_eq!(folder.refused(gone()), "rule_unknown");
}

#[test]
fn a_built_in_rule_can_be_changed_and_becomes_what_it_was() {
    let folder = Folder::with("[general] # mine\n");
    let first = rule_of(&folder, "default");
    let builtin = RuleId("default".into());
    let mut changed = first.clone();
    changed.enabled = false;
    changed.query = String::new();
    folder
        .edit(Edit::SetRule {
            id: builtin.clone(),
            rule: changed.clone(),
        })
        .unwrap();
    assert_eq!(
        folder.text(),
        "[general] # mine\n\n[rules.default]\nenabled = false\nquery = \"\"\n"
    );
    assert_eq!(rule_of(&folder, "default"), changed);
    for _ in 0..2 {
        let id = builtin.clone();
        folder.edit(Edit::RemoveRule { id }).unwrap();
        assert_eq!(rule_of(&folder, "default"), first);
    }
}

#[test]
fn a_bad_rule_is_refused_and_nothing_is_written() {
    let folder = Folder::with(BY_HAND);
    let times = DigestTimes {
        at: vec![],
        ..DigestTimes::default()
    };
    for (rule, code) in [
        (rule(" "), "rule_name_invalid"),
        (rule("edge"), "rule_exists"),
        (
            Rule {
                query: "severity:(".into(),
                ..rule("x")
            },
            "query_invalid",
        ),
        (
            Rule {
                changes: vec![],
                ..rule("x")
            },
            "rule_without_changes",
        ),
        (
            Rule {
                channels: vec![],
                ..rule("x")
            },
            "rule_without_channels",
        ),
        (
            Rule {
                channels: vec![id("ghost")],
                ..rule("x")
            },
            "channel_unknown",
        ),
        (
            Rule {
                when: When::Digest { times },
                ..rule("x")
            },
            "digest_without_time",
        ),
        (
            Rule {
                watches: vec![" ".into()],
                ..rule("x")
            },
            "watch_empty",
        ),
        (
            Rule {
                per_hour: 100_001,
                ..rule("x")
            },
            "number_out_of_range",
        ),
    ] {
        assert_eq!(folder.refused(Edit::AddRule { rule }), code);
    }
    let ghost = Edit::SetRule {
        id: RuleId("ghost".into()),
        rule: rule("x"),
    };
    assert_eq!(folder.refused(ghost), "rule_unknown");
    // Half made and off is fine.
    let half = Rule {
        enabled: false,
        channels: vec![],
        changes: vec![],
        ..rule("Half")
    };
    folder.edit(Edit::AddRule { rule: half }).unwrap();
}
