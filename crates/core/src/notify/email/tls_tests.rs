//! Against the replay's sink, which speaks TLS: what its certificate and its STARTTLS bring.

use super::super::service::tests::{Kind, assert_row};
use super::tests::send;
use super::*;
use crate::settings::SmtpTls;
use tocsin_replay::{SmtpBehaviour, SmtpOptions, SmtpSink};

fn sink(behaviour: SmtpBehaviour) -> SmtpSink {
    SmtpSink::start(SmtpOptions {
        behaviour,
        ..SmtpOptions::default()
    })
    .unwrap()
}

fn email(sink: &SmtpSink, tls: SmtpTls, ca_file: Option<&std::path::Path>) -> Email {
    let port = match tls {
        SmtpTls::Implicit => sink.tls_address().port(),
        _ => sink.address().port(),
    };
    let settings = EmailSettings {
        smtp_host: "localhost".into(),
        smtp_port: port,
        smtp_tls: tls,
        user: Some(sink.user().to_owned()),
        sender: Some("tocsin@example.org".into()),
        recipients: vec!["soc@example.org".into()],
        ca_file: ca_file.map(|p| p.display().to_string()),
        ..EmailSettings::default()
    };
    let password = Secret::new(sink.password().to_owned());
    Email::new(&settings, Some(password), None).unwrap()
}

fn ca(sink: &SmtpSink) -> (tempfile::TempDir, std::path::PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ca.pem");
    sink.write_ca_pem(&path).unwrap();
    (dir, path)
}

#[tokio::test]
async fn every_fault_of_an_encrypted_server_is_a_typed_decision() {
    use Kind::{Refused, Retry, Stop, Unknown};
    let text = |text: &str| Some(text.to_owned());
    let default = SmtpBehaviour::default;
    let rows = [
        (
            SmtpBehaviour {
                hide_starttls: true,
                ..default()
            },
            true,
            Stop,
            "smtp_no_starttls",
            "so nothing was sent",
        ),
        (
            SmtpBehaviour {
                starttls_reply: text("454 4.7.0 TLS not available"),
                ..default()
            },
            true,
            Retry,
            "smtp_busy",
            "454 4.7.0 TLS not available",
        ),
        (
            SmtpBehaviour {
                starttls_reply: text("502 5.5.1 no TLS"),
                ..default()
            },
            true,
            Stop,
            "smtp_refused",
            "refused to talk to Tocsin. It said: 502",
        ),
        (
            default(),
            false,
            Stop,
            "smtp_certificate",
            "is not trusted: nobody known issued it",
        ),
        (
            SmtpBehaviour {
                auth_reply: text("550 5.7.30 Basic authentication is not supported"),
                ..default()
            },
            true,
            Stop,
            "smtp_basic_auth_off",
            "Ask its administrator",
        ),
        (
            SmtpBehaviour {
                data_reply: text("554 5.6.0 content"),
                ..default()
            },
            true,
            Refused,
            "smtp_refused",
            "refused the message",
        ),
        (
            SmtpBehaviour {
                data_reply: text("451 4.3.0 later"),
                ..default()
            },
            true,
            Retry,
            "smtp_busy",
            "451 4.3.0 later",
        ),
        (
            SmtpBehaviour {
                drop_after_data: true,
                ..default()
            },
            true,
            Unknown,
            "smtp_unknown",
            "nobody knows whether it was taken",
        ),
    ];
    for (behaviour, is_trusted, kind, code, sentence) in rows {
        let sink = sink(behaviour);
        let (_dir, ca) = ca(&sink);
        let email = email(&sink, SmtpTls::Starttls, is_trusted.then_some(ca.as_path()));
        let error = send(&email).await.unwrap_err();
        assert_row(code, error, (kind, code, sentence), sink.password());
    }
}

#[tokio::test]
async fn a_message_arrives_over_tls_from_the_start_and_over_starttls() {
    for tls in [SmtpTls::Implicit, SmtpTls::Starttls] {
        let sink = sink(SmtpBehaviour::default());
        let (_dir, ca) = ca(&sink);
        let email = email(&sink, tls, Some(&ca));
        let steps = email.check().await;
        let connected = steps[0].found.as_deref().unwrap();
        assert!(connected.ends_with(", encrypted"), "{steps:?}");
        assert!(steps.iter().all(|s| s.fault.is_none()), "{steps:?}");
        let arrived = sink.messages();
        assert_eq!(arrived.len(), 1);
        assert!(arrived[0].over_tls && arrived[0].text().contains("test message"));
    }
}
