//! Which change goes where, and when.

use std::collections::BTreeSet;

use super::*;
use crate::model::{
    ChangeKind, DigestTimes, Facet, Flags, QuietHours, Rule, RuleId, Trigger, Weekday, When,
};
use crate::settings::{ChannelKind, ChannelSettings, EmailSettings, Settings};

const HOUR_MS: i64 = 3_600_000;

/// A Monday, 12:00 UTC.
fn noon() -> Time {
    Time::parse_rfc3339("2026-11-23T12:00:00Z").unwrap()
}

/// No rules; the channels `bell` (desktop), `mail` and `night` are on, `off` is not. Digests at 08:00 UTC.
fn settings() -> Settings {
    let mut settings = Settings::default();
    settings.rules.clear();
    settings.channels.clear();
    for (id, enabled, kind) in [
        ("bell", true, ChannelKind::Desktop),
        ("mail", true, ChannelKind::Email(EmailSettings::default())),
        ("night", true, ChannelKind::Email(EmailSettings::default())),
        ("off", false, ChannelKind::Email(EmailSettings::default())),
    ] {
        let mut set = ChannelSettings::new(id, kind);
        set.enabled = enabled;
        set.digest = digest(&["08:00"]);
        settings.channels.insert(ChannelId(id.into()), set);
    }
    settings
}

fn digest(at: &[&str]) -> DigestTimes {
    DigestTimes {
        at: at.iter().map(|at| (*at).to_owned()).collect(),
        days: Vec::new(),
        zone: Some("UTC".into()),
    }
}

fn rule(channels: &[&str]) -> Rule {
    Rule {
        changes: Trigger::ALL.to_vec(),
        channels: channels.iter().map(|id| ChannelId((*id).into())).collect(),
        ..Rule::default()
    }
}

fn add(settings: &mut Settings, name: &str, mut rule: Rule) {
    rule.name = name.to_owned();
    settings.rules.insert(RuleId(name.to_owned()), rule);
}

fn with(rules: Vec<(&str, Rule)>) -> Routing {
    let mut settings = settings();
    for (name, rule) in rules {
        add(&mut settings, name, rule);
    }
    let routing = Routing::new(&settings);
    assert_eq!(routing.notices(), []);
    routing
}

fn alert(id: i64) -> Told {
    Told {
        uid: format!("CVE-2026-{id:05}"),
        cves: Vec::new(),
        title: "Acme Router".into(),
        text: "A remote attacker can run commands in nginx.".into(),
        products: "acme router".into(),
        keys: Keys {
            facets: Vec::new(),
            flags: Flags::default(),
            cvss: None,
            epss: None,
            relevance: None,
            published: noon(),
            updated: None,
            added: noon(),
        },
        severity: None,
        matched: Vec::new(),
        is_rejected: false,
    }
}

fn fresh(change: ChangeKind, alert: Told) -> Fresh {
    let id = alert.uid[9..].parse().unwrap();
    Fresh {
        subject: Subject {
            alert: AlertId(id),
            change,
            at: noon(),
        },
        severity: alert.severity,
        alert: Arc::new(alert),
    }
}

fn new(id: i64) -> Fresh {
    fresh(ChangeKind::New, alert(id))
}

fn of_level(id: i64, severity: Severity) -> Fresh {
    let severity = Some(severity);
    fresh(
        ChangeKind::New,
        Told {
            severity,
            ..alert(id)
        },
    )
}

fn exploited(id: i64) -> Fresh {
    let mut told = alert(id);
    told.keys.flags = told.keys.flags.with(Flag::Exploited, true);
    fresh(ChangeKind::New, told)
}

fn at_noon(fresh: &[Fresh], routing: &Routing) -> Vec<Routed> {
    route(fresh, routing, noon(), &Counts::default())
}

/// `mail: rule+rule`, in order.
fn told(routed: &[Routed]) -> Vec<String> {
    let one = |r: &Routed| format!("{}: {}", r.channel, r.rules.join("+"));
    routed.iter().map(one).collect()
}

fn now(group_s: i64) -> Place {
    Place::Now {
        due: noon().plus_s(group_s),
    }
}

#[test]
fn a_rule_hears_its_triggers_and_nothing_else() {
    for trigger in Trigger::ALL {
        let mut wanted = rule(&["mail"]);
        wanted.changes = vec![trigger];
        let routing = with(vec![("r", wanted)]);
        for change in ChangeKind::ALL {
            for severity in [None, Some(Severity::Medium), Some(Severity::High)] {
                let told = Told {
                    severity,
                    ..alert(1)
                };
                let is_heard = !at_noon(&[fresh(change, told)], &routing).is_empty();
                let expect = trigger.hears(change, severity);
                assert_eq!(is_heard, expect, "{trigger:?} {change:?} {severity:?}");
                assert_eq!(routing.hears(change, severity), expect);
            }
        }
    }
}

#[test]
fn the_least_level_lets_what_is_exploited_pass() {
    let mut wanted = rule(&["mail"]);
    wanted.min_severity = Some(Severity::Medium);
    let routing = with(vec![("r", wanted)]);
    for (fresh, expect) in [
        (of_level(1, Severity::High), 1),
        (of_level(1, Severity::Medium), 1),
        (of_level(1, Severity::Low), 0),
        (new(1), 0),
        (exploited(1), 1),
    ] {
        assert_eq!(at_noon(&[fresh], &routing).len(), expect);
    }
}

#[test]
fn watches_are_any_or_some_of_them() {
    for (asked, matched, expect) in [
        (&[][..], &[][..], 1),
        (&["*"], &[], 0),
        (&["*"], &["nginx"], 1),
        (&["openssl", "NGINX"], &["nginx"], 1),
        (&["openssl"], &["nginx"], 0),
        (&["openssl"], &["nginx", "OpenSSL"], 1),
    ] {
        let own = |all: &[&str]| all.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>();
        let mut wanted = rule(&["mail"]);
        wanted.watches = own(asked);
        let mut told = alert(1);
        told.matched = own(matched);
        let found = at_noon(&[fresh(ChangeKind::New, told)], &with(vec![("r", wanted)]));
        assert_eq!(found.len(), expect, "{asked:?} {matched:?}");
    }
}

#[test]
fn the_query_is_asked_of_the_alert() {
    for (query, expect) in [
        ("", 1),
        ("nginx \"run commands\"", 1),
        ("title:nginx", 0),
        ("id:CVE-2026-00001", 1),
        ("severity:high", 1),
        ("severity:low OR exploited:true", 0),
        ("added:<1h", 1),
        ("added:>1h", 0),
    ] {
        let mut wanted = rule(&["mail"]);
        wanted.query = query.to_owned();
        let mut told = alert(1);
        told.keys.facets = vec![(Facet::Severity, "high".into())];
        told.keys.added = noon().plus_s(-60);
        let found = at_noon(&[fresh(ChangeKind::New, told)], &with(vec![("r", wanted)]));
        assert_eq!(found.len(), expect, "{query}");
    }
}

#[test]
fn a_star_is_every_channel_but_the_desktop_and_what_is_off_gets_nothing() {
    for (channels, expect) in [
        (&["*"][..], &["mail: r", "night: r"][..]),
        (&["*", "bell"], &["bell: r", "mail: r", "night: r"]),
        (&["bell"], &["bell: r"]),
        (&["off", "mail", "mail"], &["mail: r"]),
        (&["nobody"], &[]),
        (&[], &[]),
    ] {
        let routing = with(vec![("r", rule(channels))]);
        assert_eq!(told(&at_noon(&[new(1)], &routing)), expect, "{channels:?}");
    }
    let mut set = settings();
    add(&mut set, "r", rule(&["*", "bell"]));
    let server = Routing::on_host(&set, false);
    assert_eq!(told(&at_noon(&[new(1)], &server)), ["mail: r", "night: r"]);
    let off = Rule {
        enabled: false,
        ..rule(&["*"])
    };
    assert!(at_noon(&[new(1)], &with(vec![("r", off)])).is_empty());
}

#[test]
fn one_change_goes_to_a_channel_once_and_names_every_rule_that_asked() {
    let mut other = rule(&["mail", "night"]);
    other.changes = vec![Trigger::New];
    let routing = with(vec![
        ("a", rule(&["mail"])),
        ("b", other),
        ("c", rule(&["mail"])),
    ]);
    let all = at_noon(&[new(1), fresh(ChangeKind::Scored, alert(1))], &routing);
    assert_eq!(told(&all), ["mail: a+b+c", "night: b", "mail: a+c"]);
    assert!(all.iter().all(|routed| routed.place == now(30)));
}

#[test]
fn at_once_wins_over_a_digest_and_of_two_digests_the_first() {
    let digests = |at: &[&str]| Rule {
        when: When::Digest { times: digest(at) },
        ..rule(&["mail"])
    };
    let place = |rules| at_noon(&[new(1)], &with(rules))[0].place.clone();
    let at = |name: &str, hours: i64| {
        Place::Digest(Slot {
            due: Time(noon().ms() + hours * HOUR_MS),
            name: format!("{name} UTC"),
        })
    };
    assert_eq!(
        place(vec![("a", digests(&["06:00"])), ("b", rule(&["mail"]))]),
        now(30)
    );
    let two = vec![
        ("a", digests(&["20:00"])),
        ("b", digests(&["18:00", "09:00"])),
    ];
    assert_eq!(place(two), at("2026-11-23T18:00", 6));
    // Without times of its own it is the channel's.
    assert_eq!(place(vec![("a", digests(&[]))]), at("2026-11-24T08:00", 20));
    let counts = Counts {
        over: BTreeSet::from([(ChannelId("mail".into()), "2026-11-24T08:00 UTC".to_owned())]),
        ..Counts::default()
    };
    let routed = route(&[new(1)], &with(vec![("a", digests(&[]))]), noon(), &counts);
    assert_eq!(routed[0].place, at("2026-11-25T08:00", 44));
}

#[test]
fn what_would_ring_in_quiet_hours_waits_for_their_end_unless_it_may_pass() {
    let mut set = settings();
    set.channels
        .get_mut(&ChannelId("night".into()))
        .unwrap()
        .quiet = Some(QuietHours {
        from: "11:00".into(),
        to: "15:00".into(),
        days: vec![Weekday::Mon],
        zone: Some("UTC".into()),
        pass_high: true,
        pass_exploited: false,
    });
    add(&mut set, "r", rule(&["mail", "night"]));
    let routing = Routing::new(&set);
    let places = |fresh: Fresh, at: Time| -> Vec<Place> {
        let all = route(&[fresh], &routing, at, &Counts::default());
        all.into_iter().map(|routed| routed.place).collect()
    };
    let quiet = Place::Quiet(Slot {
        due: Time(noon().ms() + 3 * HOUR_MS),
        name: "quiet 2026-11-23T15:00 UTC".into(),
    });
    assert_eq!(places(new(1), noon()), [now(30), quiet.clone()]);
    assert_eq!(places(exploited(1), noon()), [now(30), quiet]);
    assert_eq!(
        places(of_level(1, Severity::High), noon()),
        [now(30), now(30)]
    );
    let later = Time(noon().ms() + 3 * HOUR_MS);
    let ring = Place::Now {
        due: later.plus_s(30),
    };
    assert_eq!(places(new(1), later), [ring.clone(), ring]);
    // A digest goes out all the same: its time was chosen.
    let asked = Rule {
        when: When::Digest {
            times: digest(&["12:30"]),
        },
        ..rule(&["night"])
    };
    set.rules.clear();
    add(&mut set, "r", asked);
    let all = at_noon(&[new(1)], &Routing::new(&set));
    assert!(matches!(&all[0].place, Place::Digest(slot) if slot.name == "2026-11-23T12:30 UTC"));
}

#[test]
fn beyond_a_cap_the_best_ranked_go_out_and_the_rest_joins_the_digest() {
    let capped = Rule {
        per_hour: 3,
        ..rule(&["mail"])
    };
    let routing = with(vec![("r", capped)]);
    let measured = |id, cvss, epss| {
        let mut told = alert(id);
        told.severity = Some(Severity::Medium);
        (told.keys.cvss, told.keys.epss) = (Some(cvss), epss);
        fresh(ChangeKind::New, told)
    };
    let all = [
        new(1),
        of_level(2, Severity::Low),
        measured(3, 5.0, Some(0.1)),
        measured(4, 5.0, Some(0.9)),
        measured(5, 4.9, Some(0.99)),
        of_level(6, Severity::High),
        exploited(7),
    ];
    let places = |used: (u32, u32)| {
        let key = ("r".to_owned(), ChannelId("mail".into()));
        let counts = Counts {
            at_once: BTreeMap::from([(key, used)]),
            ..Counts::default()
        };
        let routed = route(&all, &routing, noon(), &counts);
        let ids = routed.iter().map(|r| r.subject.alert.0);
        assert_eq!(ids.collect::<Vec<_>>(), [7, 6, 4, 3, 5, 2, 1]);
        let at_once = routed.iter().take_while(|r| r.place == now(30)).count();
        for held in &routed[at_once..] {
            let is_digest =
                matches!(&held.place, Place::Digest(slot) if slot.name == "2026-11-24T08:00 UTC");
            assert!(is_digest, "{held:?}");
        }
        at_once
    };
    assert_eq!(places((0, 0)), 3);
    assert_eq!(places((2, 40)), 1);
    assert_eq!(places((3, 40)), 0);
}

#[test]
fn a_rule_without_a_cap_lets_pass_what_another_one_has_no_room_for() {
    let capped = Rule {
        per_day: 1,
        ..rule(&["mail"])
    };
    let mut high = rule(&["mail"]);
    high.min_severity = Some(Severity::High);
    let routing = with(vec![("capped", capped), ("high", high)]);
    let all = at_noon(
        &[
            of_level(1, Severity::High),
            of_level(2, Severity::High),
            of_level(3, Severity::Low),
        ],
        &routing,
    );
    let at_once: Vec<i64> = all
        .iter()
        .filter(|r| r.place == now(30))
        .map(|r| r.subject.alert.0)
        .collect();
    assert_eq!(at_once, [2, 1]);
    assert_eq!(
        told(&all),
        ["mail: capped+high", "mail: capped+high", "mail: capped"]
    );
}

#[test]
fn nobody_is_told_of_what_is_silenced_and_of_what_is_withdrawn_only_that() {
    let routing = with(vec![("r", rule(&["mail"]))]);
    let mut muted = alert(1);
    muted.keys.flags = muted.keys.flags.with(Flag::Muted, true);
    assert!(at_noon(&[fresh(ChangeKind::New, muted)], &routing).is_empty());
    for (change, expect) in [
        (ChangeKind::New, 0),
        (ChangeKind::Scored, 0),
        (ChangeKind::Rejected, 1),
    ] {
        let is_rejected = true;
        let told = Told {
            is_rejected,
            ..alert(1)
        };
        assert_eq!(
            at_noon(&[fresh(change, told)], &routing).len(),
            expect,
            "{change:?}"
        );
    }
}

#[test]
fn what_cannot_be_used_is_left_out_and_told() {
    let mut set = settings();
    let broken = Rule {
        query: "severity:(".into(),
        ..rule(&["mail"])
    };
    add(&mut set, "broken", broken);
    add(&mut set, "good", rule(&["mail"]));
    set.channels
        .get_mut(&ChannelId("mail".into()))
        .unwrap()
        .digest = digest(&["noon"]);
    let routing = Routing::new(&set);
    let codes: Vec<&str> = routing.notices().iter().map(|n| n.code.as_str()).collect();
    assert_eq!(codes, ["routing_times_invalid", "rule_query_invalid"]);
    assert_eq!(told(&at_noon(&[new(1)], &routing)), ["mail: good"]);
}

#[test]
fn the_default_routes_nothing() {
    assert!(at_noon(&[new(1)], &Routing::default()).is_empty());
}

#[path = "speed_tests.rs"]
mod speed;
