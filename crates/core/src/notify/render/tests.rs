use super::super::{Content, Digest, DigestGroup, DigestWhy, Message, Urgency};
use super::*;
use crate::error::Fault;
use crate::model::{
    AlertId, ChangeKind, CvssVersion, Issuer, Kind, MessageAlert, MessageProduct, Score, Severity,
    Time,
};

pub(crate) fn alert() -> MessageAlert {
    MessageAlert {
        id: AlertId(7),
        uid: "CVE-2026-1".into(),
        kind: Kind::Vulnerability,
        source_name: "NVD".into(),
        title: "OpenSSL: out-of-bounds write when decoding crafted messages".into(),
        text: "A flaw was found.\n\nIt lets a remote attacker write.".into(),
        url: Some("https://nvd.nist.gov/vuln/detail/CVE-2026-1".into()),
        severity: Some(Severity::High),
        score: Some(Score {
            version: CvssVersion::V31,
            issuer: Issuer::Nvd,
            source: "nvd@nist.gov".into(),
            primary: true,
            score: 9.8,
            vector: "CVSS:3.1/AV:N".into(),
        }),
        is_estimate: false,
        exploited: false,
        epss: Some((0.123, 0.987)),
        products: vec![MessageProduct {
            name: "OpenSSL".into(),
            versions: "3.0.0 to before 3.0.14".into(),
        }],
        more_products: 2,
        matched: vec!["openssl".into()],
        rules: vec!["Night shift".into()],
        change: ChangeKind::New,
        detail: None,
        published: Time(1_795_327_200_000),
    }
}

pub(crate) fn message(alerts: Vec<MessageAlert>, more: u32) -> Message {
    Message {
        delivery: None,
        content: Content::Alerts { alerts, more },
        thread: None,
    }
}

fn hostile(title: &str, text: &str) -> Mail {
    mail(&message(
        vec![MessageAlert {
            title: title.into(),
            text: text.into(),
            ..alert()
        }],
        0,
    ))
}

#[test]
fn one_alert_says_how_bad_and_why() {
    let mail = mail(&message(vec![alert()], 0));
    assert_eq!(
        mail.subject,
        "[High] CVE-2026-1 OpenSSL: out-of-bounds write when decoding crafted messages"
    );
    insta::assert_snapshot!(mail.text, @r"
    [High] OpenSSL: out-of-bounds write when decoding crafted messages
    New · CVSS 9.8 (v3.1, NVD) · EPSS 12 %, above 98 % of all CVEs
    CVE-2026-1 · NVD · 22 Nov 2026 06:00 UTC
    Affects OpenSSL 3.0.0 to before 3.0.14; and 2 more
    Matches openssl. Rule: Night shift

    A flaw was found.

    It lets a remote attacker write.

    https://nvd.nist.gov/vuln/detail/CVE-2026-1

    -- 
    Sent by Tocsin on your own machine. Channels and rules are in its Settings.
    ");
    assert!(!mail.html.contains("{{"));
}

#[test]
fn several_alerts_are_counted_by_severity() {
    let low = MessageAlert {
        severity: Some(Severity::Low),
        ..alert()
    };
    let unscored = MessageAlert {
        severity: None,
        ..alert()
    };
    let message = message(vec![alert(), alert(), low, unscored], 8);
    let mail = mail(&message);
    assert_eq!(mail.subject, "12 alerts: 2 High, 1 Low, 1 unscored, 8 more");
    assert!(mail.text.contains("And 8 more"));
    let toast = toast(&message);
    assert_eq!(toast.summary, mail.subject);
    assert!(toast.body.ends_with("and 9 more"));
}

#[test]
fn exploited_alerts_are_urgent() {
    let check = |severity, exploited, expect| {
        let alert = MessageAlert {
            severity,
            exploited,
            ..alert()
        };
        assert_eq!(toast(&message(vec![alert], 0)).urgency, expect);
    };
    check(Some(Severity::High), true, Urgency::Critical);
    check(Some(Severity::High), false, Urgency::Normal);
    check(Some(Severity::Low), false, Urgency::Low);
    check(None, false, Urgency::Low);
}

#[test]
fn markup_stays_text() {
    let mail = hostile(
        "<script>alert(1)</script> {{body}} & \"x\"",
        "<img src=x onerror='a'>",
    );
    assert!(!mail.html.contains("<script") && !mail.html.contains("<img"));
    assert!(mail.html.contains("&lt;script&gt;"));
    assert!(mail.html.contains("{{body}}"), "data is not a template");
}

#[test]
fn a_line_break_in_a_title_makes_no_header() {
    let mail = hostile("a\r\nBcc: evil@example.org\n\0\u{85}\u{2028}b", "x");
    assert!(!mail.subject.chars().any(char::is_control));
    assert!(mail.subject.ends_with("a Bcc: evil@example.org b"));
}

#[test]
fn marks_that_turn_text_around_are_taken_out() {
    let mail = hostile("invoice\u{202e}fdp.exe \u{2066}x\u{2069}", "a\u{202e}b");
    for part in [&mail.subject, &mail.text, &mail.html] {
        assert!(!part.contains(['\u{202e}', '\u{2066}', '\u{2069}']));
    }
    assert!(hostile("שלום עולם", "").subject.contains("שלום עולם"));
}

#[test]
fn long_texts_are_cut_at_a_character() {
    for text in [
        "é".repeat(50_000),
        "👩‍👩‍👧‍👦".repeat(4000),
        "word ".repeat(20_000),
        "\n\n".repeat(50_000),
    ] {
        let mail = hostile(&text, &text);
        assert!(mail.subject.chars().count() <= 120);
        assert!(mail.text.len() < 20_000 && mail.html.len() < 30_000);
        assert!(!mail.subject.contains('\u{fffd}'));
        let toast = toast(&message(
            vec![MessageAlert {
                title: text.clone(),
                ..alert()
            }],
            0,
        ));
        assert!(toast.summary.chars().count() <= 160);
    }
}

#[test]
fn only_web_addresses_become_links() {
    for bad in [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "nonsense",
        "data:text/html,x",
    ] {
        let alert = MessageAlert {
            url: Some(bad.into()),
            ..alert()
        };
        let mail = mail(&message(vec![alert], 0));
        assert!(!mail.html.contains("href="), "{bad}");
        assert!(!mail.text.contains(bad));
    }
    let alert = MessageAlert {
        url: Some("https://x.org/?a=\"><b>'&c".into()),
        ..alert()
    };
    assert!(!mail(&message(vec![alert], 0)).html.contains("<b>"));
}

#[test]
fn text_lines_are_short() {
    let mail = hostile(
        &"long title ".repeat(20),
        &"many words in a row ".repeat(80),
    );
    assert!(mail.text.lines().all(|l| l.chars().count() <= 80));
}

#[test]
fn a_title_of_nothing_becomes_the_id() {
    let mail = hostile("\u{202e}\0\n", "");
    assert_eq!(mail.subject, "[High] CVE-2026-1");
}

fn digest(why: DigestWhy) -> Message {
    let low = MessageAlert {
        id: AlertId(8),
        title: "nginx: request smuggling".into(),
        uid: "CVE-2026-2".into(),
        severity: Some(Severity::Low),
        score: None,
        epss: None,
        products: Vec::new(),
        more_products: 0,
        matched: Vec::new(),
        ..alert()
    };
    Message {
        delivery: None,
        content: Content::Digest(Digest {
            why,
            groups: vec![
                DigestGroup {
                    severity: Some(Severity::High),
                    watch: Some("openssl".into()),
                    alerts: vec![alert()],
                    more: 4,
                },
                DigestGroup {
                    severity: Some(Severity::Low),
                    watch: None,
                    alerts: vec![low],
                    more: 0,
                },
            ],
            total: 9,
            from: Time(1_795_327_200_000),
            to: Time(1_795_413_600_000),
        }),
        thread: None,
    }
}

#[test]
fn a_digest_groups_and_says_what_it_left_out() {
    let mail = mail(&digest(DigestWhy::Time));
    assert_eq!(mail.subject, "Digest, 9 alerts: 5 High, 1 Low, 3 more");
    insta::assert_snapshot!(mail.text, @r"
    Digest, 9 alerts: 5 High, 1 Low, 3 more

    What came since the last digest, 22 Nov 2026 06:00 UTC to 23 Nov 2026 06:00
    UTC.

    High · openssl
    --------------

    [High] OpenSSL: out-of-bounds write when decoding crafted messages
    New · CVSS 9.8 (v3.1, NVD) · EPSS 12 %, above 98 % of all CVEs
    CVE-2026-1 · NVD · 22 Nov 2026 06:00 UTC
    Affects OpenSSL 3.0.0 to before 3.0.14; and 2 more
    Matches openssl. Rule: Night shift

    A flaw was found. It lets a remote attacker write.

    https://nvd.nist.gov/vuln/detail/CVE-2026-1

    And 4 more, in Tocsin's window.

    Low · no watch
    --------------

    [Low] nginx: request smuggling
    New
    CVE-2026-2 · NVD · 22 Nov 2026 06:00 UTC
    Rule: Night shift

    A flaw was found. It lets a remote attacker write.

    https://nvd.nist.gov/vuln/detail/CVE-2026-1

    And 3 more, in Tocsin's window.

    -- 
    Sent by Tocsin on your own machine. Channels and rules are in its Settings.
    ");
    assert_eq!(mail.html.matches("<h1").count(), 2);
    assert!(mail.html.contains("And 4 more") && mail.html.contains("And 3 more"));
    let telegram = telegram(&digest(DigestWhy::QuietHoursEnded));
    insta::assert_snapshot!(telegram.html, @r#"
    <b>Quiet hours, 9 alerts: 5 High, 1 Low, 3 more</b>
    What came in the quiet hours, 22 Nov 2026 06:00 UTC to 23 Nov 2026 06:00 UTC.

    <b>High · openssl</b>

    <b>[High] CVE-2026-1 OpenSSL: out-of-bounds write when decoding crafted messages</b>
    New · CVSS 9.8 (v3.1, NVD) · EPSS 12 %, above 98 % of all CVEs · Matches openssl. Rule: Night shift
    <a href="https://nvd.nist.gov/vuln/detail/CVE-2026-1">nvd.nist.gov</a>

    <b>Low · no watch</b>

    <b>[Low] CVE-2026-2 nginx: request smuggling</b>
    New · Rule: Night shift
    <a href="https://nvd.nist.gov/vuln/detail/CVE-2026-1">nvd.nist.gov</a>

    And 7 more, in Tocsin&#39;s window.
    "#);
    let slack = slack(&digest(DigestWhy::Resumed));
    insta::assert_snapshot!(slack.text, @r"
    What waited, 9 alerts: 5 High, 1 Low, 3 more
    This channel works again; this is what waited for it, 22 Nov 2026 06:00 UTC to 23 Nov 2026 06:00 UTC.
    [High] CVE-2026-1 OpenSSL: out-of-bounds write when decoding crafted messages
    [Low] CVE-2026-2 nginx: request smuggling
    ");
    assert!(slack.blocks.contains("And 7 more, in Tocsin's window."));
    let toast = toast(&digest(DigestWhy::Time));
    assert_eq!(toast.summary, mail.subject);
    assert!(toast.body.ends_with("and 7 more"), "{}", toast.body);
    assert_eq!(toast.urgency, Urgency::Normal);
}

#[test]
fn one_alert_reads_well_on_every_channel() {
    let alert = MessageAlert {
        change: ChangeKind::SeverityRaised,
        detail: Some("Medium to High".into()),
        is_estimate: true,
        exploited: true,
        ..alert()
    };
    let message = message(vec![alert], 0);
    insta::assert_snapshot!(telegram(&message).html, @r#"
    <b>[High (estimated), exploited] CVE-2026-1 OpenSSL: out-of-bounds write when decoding crafted messages</b>
    Severity raised: Medium to High · CVSS 9.8 (v3.1, NVD) · EPSS 12 %, above 98 % of all CVEs
    CVE-2026-1 · NVD · 22 Nov 2026 06:00 UTC
    Affects OpenSSL 3.0.0 to before 3.0.14; and 2 more

    A flaw was found. It lets a remote attacker write.

    Matches openssl. Rule: Night shift

    <a href="https://nvd.nist.gov/vuln/detail/CVE-2026-1">Open at nvd.nist.gov</a>
    "#);
    insta::assert_snapshot!(telegram(&message).plain, @r"
    [High (estimated), exploited] CVE-2026-1 OpenSSL: out-of-bounds write when decoding crafted messages
    Severity raised: Medium to High · CVSS 9.8 (v3.1, NVD) · EPSS 12 %, above 98 % of all CVEs
    CVE-2026-1 · NVD · 22 Nov 2026 06:00 UTC
    Affects OpenSSL 3.0.0 to before 3.0.14; and 2 more

    A flaw was found. It lets a remote attacker write.

    Matches openssl. Rule: Night shift

    https://nvd.nist.gov/vuln/detail/CVE-2026-1
    ");
    let blocks: serde_json::Value = serde_json::from_str(&slack(&message).blocks).unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(&blocks).unwrap(), @r#"
    [
      {
        "text": {
          "emoji": false,
          "text": "[High (estimated), exploited] CVE-2026-1 OpenSSL: out-of-bounds write when decoding crafted messages",
          "type": "plain_text"
        },
        "type": "header"
      },
      {
        "text": {
          "emoji": false,
          "text": "Severity raised: Medium to High · CVSS 9.8 (v3.1, NVD) · EPSS 12 %, above 98 % of all CVEs\nAffects OpenSSL 3.0.0 to before 3.0.14; and 2 more",
          "type": "plain_text"
        },
        "type": "section"
      },
      {
        "text": {
          "emoji": false,
          "text": "A flaw was found. It lets a remote attacker write.",
          "type": "plain_text"
        },
        "type": "section"
      },
      {
        "elements": [
          {
            "text": "<https://nvd.nist.gov/vuln/detail/CVE-2026-1|Open at nvd.nist.gov>",
            "type": "mrkdwn",
            "verbatim": true
          },
          {
            "emoji": false,
            "text": "CVE-2026-1 · NVD · 22 Nov 2026 06:00 UTC",
            "type": "plain_text"
          },
          {
            "emoji": false,
            "text": "Matches openssl. Rule: Night shift",
            "type": "plain_text"
          }
        ],
        "type": "context"
      }
    ]
    "#);
    insta::assert_snapshot!(slack(&message).text, @r"
    [High (estimated), exploited] CVE-2026-1 OpenSSL: out-of-bounds write when decoding crafted messages
    Severity raised: Medium to High · CVSS 9.8 (v3.1, NVD) · EPSS 12 %, above 98 % of all CVEs
    Affects OpenSSL 3.0.0 to before 3.0.14; and 2 more
    https://nvd.nist.gov/vuln/detail/CVE-2026-1
    ");
    let toast = toast(&message);
    insta::assert_snapshot!(format!("{}\n{}", toast.summary, toast.body), @r"
    OpenSSL: out-of-bounds write when decoding crafted messages
    High (estimated), exploited · CVSS 9.8 (v3.1, NVD) · EPSS 12 %, above 98 % of all CVEs · NVD
    Severity raised: Medium to High · Matches openssl. Rule: Night shift
    ");
}

#[test]
fn notices_and_tests_say_what_they_are() {
    let of = |content| Message {
        delivery: None,
        content,
        thread: None,
    };
    let notice = of(Content::Notice {
        channel: "Slack <SOC>".into(),
        fault: Fault::new(
            "slack_token_revoked",
            "The token was revoked. Set a new one.",
        ),
    });
    let mail = mail(&notice);
    assert_eq!(mail.subject, "Tocsin: Slack <SOC> has stopped");
    insta::assert_snapshot!(mail.text, @r"
    The token was revoked. Set a new one.

    What waits for it is kept. Once that is mended, it goes on from Settings,
    Channels.

    -- 
    Sent by Tocsin on your own machine. Channels and rules are in its Settings.
    ");
    assert!(
        telegram(&notice)
            .html
            .starts_with("<b>Tocsin: Slack &lt;SOC&gt; has stopped</b>\n")
    );
    assert!(!telegram(&notice).silent);
    assert!(
        slack(&notice)
            .text
            .starts_with("Tocsin: Slack &lt;SOC&gt; has stopped\n")
    );
    for (content, summary, is_silent) in [
        (Content::Test, "Tocsin: test message", false),
        (Content::SelfTest, "Tocsin: weekly test", true),
    ] {
        let message = of(content);
        assert_eq!(toast(&message).summary, summary);
        assert_eq!(super::mail(&message).subject, summary);
        assert_eq!(telegram(&message).silent, is_silent);
    }
}

#[test]
fn descriptions_end_with_a_sentence_where_they_can() {
    let check = |text: &str, most: usize, expect: &str| {
        assert_eq!(
            text::first_sentences(text, most),
            expect,
            "{text} in {most}"
        );
    };
    check("One. Two.", 20, "One. Two.");
    check(
        "One is here. Two is there. Three.",
        28,
        "One is here. Two is there.",
    );
    check(
        "Before 2.4.59 it fails. Update it now.",
        30,
        "Before 2.4.59 it fails.",
    );
    check(
        "See e.g. this one for more. Then update.",
        30,
        "See e.g. this one for more.",
    );
    check("No end of a sentence comes here at all", 20, "No end of a…");
    check("漢字です。次の文はもっと長い。", 8, "漢字です。");
    check("", 10, "");
}
