use super::*;
use crate::model::{AlertId, CvssVersion, Time};

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
        exploited: false,
        matched: vec!["openssl".into()],
        change: ChangeKind::New,
        published: Time(1_795_327_200_000),
    }
}

fn message(alerts: Vec<MessageAlert>, more: u32) -> Message {
    Message {
        delivery: None,
        alerts,
        more,
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
    Score 9.8 v3.1 NVD
    CVE-2026-1 · NVD · 22 Nov 2026 06:00 UTC
    New; matches openssl

    A flaw was found.

    It lets a remote attacker write.

    https://nvd.nist.gov/vuln/detail/CVE-2026-1

    -- 
    Sent by Tocsin on your own machine. Channels and watches are in its Settings.
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
    assert_eq!(mail.subject, "12 alerts: 2 High, 1 Low, 1 unscored");
    assert!(mail.text.contains("And 8 more"));
    let toast = toast(&message);
    assert_eq!(toast.summary, "12 new alerts: 2 High, 1 Low, 1 unscored");
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
        assert!(mail.subject.chars().count() <= SUBJECT_CHARS);
        assert!(mail.text.len() < 20_000 && mail.html.len() < 30_000);
        assert!(!mail.subject.contains('\u{fffd}'));
        let toast = toast(&message(
            vec![MessageAlert {
                title: text.clone(),
                ..alert()
            }],
            0,
        ));
        assert!(toast.summary.chars().count() <= TITLE_CHARS);
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
