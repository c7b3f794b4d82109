//! Every refusal of a mail server, a row each: where it comes, what follows, and what the user reads.

use super::super::service::tests::{Kind, assert_row};
use super::tests::{Rules, SILENCE, Sink, send};
use std::time::Duration;

/// A case: how the server departs from [`GOOD`], what follows, the fault, and what the user reads.
type Row = (Rules, Kind, &'static str, &'static str);

#[tokio::test]
async fn every_refusal_is_a_typed_decision() {
    use Kind::{Refused, Retry, Stop, Unknown};
    let rows: [Row; 39] = [
        (
            &[("GREETING", "421 busy")],
            Retry,
            "smtp_busy",
            "cannot take the message now. It said: 421",
        ),
        (
            &[("GREETING", "554 go away")],
            Stop,
            "smtp_refused",
            "refused to talk to Tocsin. It said: 554 go away",
        ),
        (
            &[("EHLO", "550 no"), ("HELO", "550 no")],
            Stop,
            "smtp_refused",
            "refused to talk to Tocsin",
        ),
        (
            &[("EHLO", "250 test")],
            Stop,
            "smtp_no_auth",
            "no way to log in with a password",
        ),
        (
            &[("AUTH", "535 5.7.8 no")],
            Stop,
            "smtp_auth_failed",
            "refused the user name or password of me@example.org",
        ),
        (
            &[("AUTH", "534 5.7.9 app")],
            Stop,
            "smtp_app_password",
            "wants an app password",
        ),
        (
            &[("AUTH", "550 5.7.30 off")],
            Stop,
            "smtp_basic_auth_off",
            "switched log-in with a password off",
        ),
        (
            &[("AUTH", "535 5.7.139 off")],
            Stop,
            "smtp_basic_auth_off",
            "Ask its administrator for an SMTP relay",
        ),
        (
            &[("AUTH", "454 4.7.0 later")],
            Retry,
            "smtp_busy",
            "454 4.7.0 later",
        ),
        (&[("AUTH", "421 4.7.0 too many")], Retry, "smtp_busy", "421"),
        (
            &[("AUTH", "")],
            Retry,
            "smtp_unreachable",
            "cannot be reached on port",
        ),
        (
            &[("AUTH", "535 5.7.8 tocsin-test-secret is wrong")],
            Stop,
            "smtp_auth_failed",
            "not shown",
        ),
        (
            &[("AUTH", "454 4.7.0 tocsin-test-secret cannot be checked now")],
            Retry,
            "smtp_busy",
            "not shown",
        ),
        // In the forms in which it went over the wire.
        (
            &[(
                "AUTH",
                "500 5.5.1 unknown: AUTH PLAIN AG1lQGV4YW1wbGUub3JnAHRvY3Npbi10ZXN0LXNlY3JldA==",
            )],
            Stop,
            "smtp_auth_failed",
            "not shown",
        ),
        (
            &[("AUTH", "535 5.7.8 dG9jc2luLXRlc3Qtc2VjcmV0 is wrong")],
            Stop,
            "smtp_auth_failed",
            "not shown",
        ),
        (
            &[("AUTH", "tocsin-test-secret is no answer")],
            Retry,
            "smtp_unreachable",
            "not shown",
        ),
        (
            &[("MAIL", "451 not with tocsin-test-secret")],
            Retry,
            "smtp_busy",
            "not shown",
        ),
        (
            &[("MAIL", "530 5.7.0 log in")],
            Stop,
            "smtp_auth_required",
            "only after log-in. Set user and password",
        ),
        (&[("MAIL", "451 later")], Retry, "smtp_busy", "451 later"),
        (
            &[("MAIL", "550 5.7.30 off")],
            Stop,
            "smtp_basic_auth_off",
            "basic authentication",
        ),
        (
            &[("MAIL", "553 5.1.8 not yours")],
            Stop,
            "smtp_sender_refused",
            "refused the sender's address",
        ),
        (
            &[("MAIL", "")],
            Retry,
            "smtp_unreachable",
            "cannot be reached",
        ),
        (
            &[("RCPT", "550 5.1.1 nobody")],
            Stop,
            "smtp_recipient_refused",
            "refused soc@example.org. It said: 550 5.1.1 nobody",
        ),
        (
            &[("RCPT", "553 what")],
            Stop,
            "smtp_recipient_refused",
            "refused soc@example.org",
        ),
        (
            &[("RCPT", "450 grey")],
            Retry,
            "smtp_recipient_refused",
            "450 grey",
        ),
        (
            &[("RCPT", "452 4.5.3 too many")],
            Retry,
            "smtp_recipient_refused",
            "452",
        ),
        (
            &[("RCPT TO:<soc@", "550 nobody"), ("RCPT", "450 grey")],
            Retry,
            "smtp_recipient_refused",
            "550 nobody",
        ),
        (
            &[("RCPT", "530 5.7.0 log in")],
            Stop,
            "smtp_auth_required",
            "Set user and password",
        ),
        (
            &[("RCPT", "550 5.7.30 off")],
            Stop,
            "smtp_basic_auth_off",
            "basic authentication",
        ),
        (&[("RCPT", "421 bye")], Retry, "smtp_busy", "421 bye"),
        (
            &[("RCPT", "")],
            Retry,
            "smtp_unreachable",
            "cannot be reached",
        ),
        (&[("DATA", "451 later")], Retry, "smtp_busy", "451 later"),
        (
            &[("DATA", "554 no")],
            Refused,
            "smtp_refused",
            "refused the message. It said: 554 no",
        ),
        (
            &[("DATA", "")],
            Retry,
            "smtp_unreachable",
            "cannot be reached",
        ),
        (&[(".", "452 full")], Retry, "smtp_busy", "452 full"),
        (
            &[(".", "554 5.7.1 spam")],
            Refused,
            "smtp_refused",
            "refused the message. It said: 554 5.7.1 spam",
        ),
        (
            &[(".", "552 5.3.4 too big")],
            Refused,
            "smtp_refused",
            "too big",
        ),
        (
            &[(".", "550 5.7.30 off")],
            Stop,
            "smtp_basic_auth_off",
            "basic authentication",
        ),
        (
            &[(".", "")],
            Unknown,
            "smtp_unknown",
            "nobody knows whether it was taken",
        ),
    ];
    for (rules, kind, code, sentence) in rows {
        let sink = Sink::start(rules).await;
        let error = send(&sink.email()).await.unwrap_err();
        assert_row(
            &format!("{rules:?}"),
            error,
            (kind, code, sentence),
            "tocsin-test-secret",
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_falls_silent_holds_nobody_up() {
    use Kind::{Retry, Stop, Unknown};
    let late = "no answer within";
    let rows: [Row; 9] = [
        (&[("GREETING", SILENCE)], Retry, "smtp_unreachable", late),
        (&[("EHLO", SILENCE)], Retry, "smtp_unreachable", late),
        (&[("AUTH", SILENCE)], Retry, "smtp_unreachable", late),
        (&[("MAIL", SILENCE)], Retry, "smtp_unreachable", late),
        (&[("RCPT", SILENCE)], Retry, "smtp_unreachable", late),
        (&[("DATA", SILENCE)], Retry, "smtp_unreachable", late),
        (&[(".", SILENCE)], Unknown, "smtp_unknown", late),
        (
            &[("AUTH", "535 5.7.8 no"), ("QUIT", SILENCE)],
            Stop,
            "smtp_auth_failed",
            "refused the user name or password",
        ),
        (
            &[("EHLO", "250 test"), ("QUIT", SILENCE)],
            Stop,
            "smtp_no_auth",
            "no way to log in",
        ),
    ];
    for (rules, kind, code, sentence) in rows {
        let sink = Sink::start(rules).await;
        let name = format!("{rules:?}");
        let sent = tokio::time::timeout(Duration::from_secs(600), async {
            send(&sink.email()).await.unwrap_err()
        });
        let error = sent.await.unwrap_or_else(|_| panic!("{name} hangs"));
        assert_row(&name, error, (kind, code, sentence), "tocsin-test-secret");
    }
}
