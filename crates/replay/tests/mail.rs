//! The mail sink, spoken to by the library that the product uses: STARTTLS, implicit TLS, AUTH, refusals and breaks.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use lettre::address::Envelope;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::{Error, SmtpTransportBuilder};
use lettre::{SmtpTransport, Transport};
use tocsin_replay::{MailTrouble, RandomTrouble, RateLimit, SmtpBehaviour, SmtpOptions, SmtpSink};

const RAW: &[u8] = b"From: a@tocsin.example\r\nSubject: Test\r\n\r\nHello\r\n.a line with a dot";

fn sink(behaviour: SmtpBehaviour) -> SmtpSink {
    let options = SmtpOptions {
        behaviour,
        ..SmtpOptions::default()
    };
    SmtpSink::start(options).unwrap()
}

fn trusting(sink: &SmtpSink) -> TlsParameters {
    let authority = Certificate::from_pem(sink.ca_pem().as_bytes()).unwrap();
    let builder = TlsParameters::builder("localhost".to_owned());
    builder.add_root_certificate(authority).build().unwrap()
}

fn starttls(sink: &SmtpSink) -> SmtpTransportBuilder {
    SmtpTransport::builder_dangerous("localhost")
        .port(sink.address().port())
        .tls(Tls::Required(trusting(sink)))
        .timeout(Some(Duration::from_secs(5)))
        .credentials(credentials(sink))
}

fn credentials(sink: &SmtpSink) -> Credentials {
    Credentials::new(sink.user().to_owned(), sink.password().to_owned())
}

fn send(transport: SmtpTransportBuilder, to: &[&str]) -> Result<(), Error> {
    let to = to.iter().map(|address| address.parse().unwrap()).collect();
    let from = "a@tocsin.example".parse().unwrap();
    let envelope = Envelope::new(Some(from), to).unwrap();
    transport.build().send_raw(&envelope, RAW).map(|_| ())
}

fn code(result: Result<(), Error>) -> u16 {
    let status = result.unwrap_err().status().expect("a reply of the server");
    u16::from(status)
}

#[test]
fn records_mail_over_starttls_and_implicit_tls_with_either_mechanism() {
    let sink = sink(SmtpBehaviour::default());
    for mechanism in [Mechanism::Plain, Mechanism::Login] {
        let transport = starttls(&sink).authentication(vec![mechanism]);
        send(transport, &["b@tocsin.example", "c@tocsin.example"]).unwrap();
        let transport = starttls(&sink)
            .port(sink.tls_address().port())
            .tls(Tls::Wrapper(trusting(&sink)))
            .authentication(vec![mechanism]);
        send(transport, &["b@tocsin.example"]).unwrap();
    }
    let messages = sink.wait_for_messages(4, Duration::from_secs(5));
    assert_eq!(messages.len(), 4);
    let first = &messages[0];
    assert_eq!(first.from, "a@tocsin.example");
    assert_eq!(first.to, ["b@tocsin.example", "c@tocsin.example"]);
    // The client ends the last line, as the protocol wants it.
    assert_eq!(first.raw, [RAW, b"\r\n"].concat());
    assert_eq!(first.user.as_deref(), Some(sink.user()));
    assert!(messages.iter().all(|message| message.over_tls));
}

#[test]
fn refuses_a_wrong_password_with_535() {
    let sink = sink(SmtpBehaviour::default());
    let wrong = Credentials::new(sink.user().to_owned(), "wrong".to_owned());
    let result = send(starttls(&sink).credentials(wrong), &["b@tocsin.example"]);
    assert_eq!(code(result), 535);
    assert!(sink.messages().is_empty());
}

#[test]
fn a_client_that_does_not_trust_the_authority_sends_nothing() {
    let sink = sink(SmtpBehaviour::default());
    let other = SmtpSink::start(SmtpOptions::default()).unwrap();
    let transport = starttls(&sink).tls(Tls::Required(trusting(&other)));
    assert!(send(transport, &["b@tocsin.example"]).is_err());
    assert!(sink.messages().is_empty());
}

#[test]
fn offers_no_login_without_tls_unless_it_is_told_to() {
    let guarded = sink(SmtpBehaviour::default());
    let plain = |sink: &SmtpSink| starttls(sink).tls(Tls::None);
    assert!(send(plain(&guarded), &["b@tocsin.example"]).is_err());
    assert!(guarded.messages().is_empty());
    let relay = sink(SmtpBehaviour {
        allow_plain_auth: true,
        ..SmtpBehaviour::default()
    });
    send(plain(&relay), &["b@tocsin.example"]).unwrap();
    assert!(!relay.messages()[0].over_tls);
}

#[test]
fn refuses_starttls_login_recipients_and_data_as_told() {
    let sink = sink(SmtpBehaviour::default());
    let to = ["b@tocsin.example"];
    sink.set_behaviour(SmtpBehaviour {
        starttls_reply: Some("454 4.7.0 TLS not available".to_owned()),
        ..SmtpBehaviour::default()
    });
    assert_eq!(code(send(starttls(&sink), &to)), 454);
    sink.set_behaviour(SmtpBehaviour {
        hide_starttls: true,
        ..SmtpBehaviour::default()
    });
    assert!(send(starttls(&sink), &to).is_err());
    sink.set_behaviour(SmtpBehaviour {
        auth_reply: Some("550 5.7.30 Basic authentication is not supported".to_owned()),
        ..SmtpBehaviour::default()
    });
    assert_eq!(code(send(starttls(&sink), &to)), 550);
    let one = ("b@tocsin.example".to_owned(), "550 5.1.1 Nobody".to_owned());
    sink.set_behaviour(SmtpBehaviour {
        rcpt_replies: BTreeMap::from([one]),
        ..SmtpBehaviour::default()
    });
    assert_eq!(code(send(starttls(&sink), &to)), 550);
    send(starttls(&sink), &["other@tocsin.example"]).unwrap();
    sink.set_behaviour(SmtpBehaviour {
        data_reply: Some("451 4.3.0 Later".to_owned()),
        ..SmtpBehaviour::default()
    });
    assert_eq!(code(send(starttls(&sink), &to)), 451);
    assert_eq!(sink.messages().len(), 1);
}

#[test]
fn may_drop_the_connection_after_the_message_and_greet_late() {
    let sink = sink(SmtpBehaviour {
        delay: Duration::from_millis(300),
        drop_after_data: true,
        ..SmtpBehaviour::default()
    });
    let begun = Instant::now();
    let error = send(starttls(&sink), &["b@tocsin.example"]).unwrap_err();
    assert!(error.status().is_none());
    assert!(begun.elapsed() >= Duration::from_millis(300));
    assert_eq!(sink.messages().len(), 1);
}

#[tokio::test]
async fn an_async_test_can_wait_for_mail() {
    let sink = sink(SmtpBehaviour::default());
    let transport = starttls(&sink);
    let sent = tokio::task::spawn_blocking(|| send(transport, &["b@tocsin.example"]));
    let messages = sink.messages_reach(1, Duration::from_secs(5)).await;
    assert_eq!(messages.len(), 1);
    sent.await.unwrap().unwrap();
    let none = sink.messages_reach(2, Duration::from_millis(20)).await;
    assert_eq!(none.len(), 1);
}

#[test]
fn counts_a_limit_and_what_came_twice() {
    let sink = sink(SmtpBehaviour {
        limit: Some(RateLimit {
            requests: 2,
            window: Duration::from_secs(3600),
        }),
        ..SmtpBehaviour::default()
    });
    let to = ["b@tocsin.example"];
    send(starttls(&sink), &to).unwrap();
    send(starttls(&sink), &to).unwrap();
    assert_eq!(code(send(starttls(&sink), &to)), 421);
    assert_eq!((sink.messages().len(), sink.exceeded()), (2, 1));
    assert_eq!(sink.duplicates(), 1);
    assert_eq!(
        sink.messages()[0].header("subject").as_deref(),
        Some("Test")
    );
    sink.clear();
    send(starttls(&sink), &to).unwrap();
    assert_eq!((sink.exceeded(), sink.duplicates()), (0, 0));
}

#[test]
fn fails_at_random_in_the_same_way_for_the_same_seed() {
    let run = || {
        let sink = sink(SmtpBehaviour {
            random: Some(RandomTrouble {
                seed: 3,
                percent: 60,
                troubles: vec![
                    MailTrouble::Data {
                        reply: "451 4.3.0 Later".to_owned(),
                    },
                    MailTrouble::Recipient {
                        reply: "450 4.2.0 Later".to_owned(),
                    },
                    MailTrouble::CloseUntaken,
                    MailTrouble::CloseTaken,
                ],
            }),
            ..SmtpBehaviour::default()
        });
        let mut seen = Vec::new();
        for _ in 0..24 {
            let result = send(starttls(&sink), &["b@tocsin.example"]);
            seen.push(result.map_err(|error| error.status().map(u16::from)));
        }
        let taken = sink
            .arrivals()
            .iter()
            .map(|m| m.is_taken)
            .collect::<Vec<_>>();
        (seen, taken)
    };
    let (seen, taken) = run();
    for wanted in [Ok(()), Err(Some(451)), Err(Some(450)), Err(None)] {
        assert!(seen.contains(&wanted), "{wanted:?}: {seen:?}");
    }
    // All but those refused at RCPT came with their data.
    let refused = seen.iter().filter(|s| **s == Err(Some(450))).count();
    assert_eq!(taken.len(), seen.len() - refused);
    assert!(taken.contains(&true) && taken.contains(&false));
    assert_eq!(run(), (seen, taken));
}
