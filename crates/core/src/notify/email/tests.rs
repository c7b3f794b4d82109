use super::*;
use crate::model::{DeliveryId, MessageAlert};
use crate::notify::render::tests::alert;
use crate::settings::SmtpTls;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// What a server in a test answers: the first rule whose beginning fits the command line. An empty
/// answer closes the connection. `.` is the end of the message.
pub(super) type Rules = &'static [(&'static str, &'static str)];

/// From this answer on the server keeps the connection and says nothing.
pub(super) const SILENCE: &str = "SILENCE";

const GOOD: Rules = &[
    ("EHLO", "250-test\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME"),
    ("AUTH", "235 2.7.0 in"),
    ("MAIL", "250 ok"),
    ("RCPT", "250 ok"),
    ("DATA", "354 go"),
    (".", "250 2.0.0 taken"),
    ("QUIT", "221 bye"),
];

pub(super) struct Sink {
    port: u16,
    lines: mpsc::UnboundedReceiver<String>,
}

impl Sink {
    /// A server on loopback that answers by `special`, then by [`GOOD`].
    pub async fn start(special: Rules) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (heard, lines) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (read, mut write) = stream.split();
                let mut read = BufReader::new(read).lines();
                let greeting = special.iter().find(|(c, _)| *c == "GREETING");
                let greeting = greeting.map_or("220 test", |(_, answer)| answer);
                let mut is_silent = greeting == SILENCE;
                if !is_silent {
                    let _ = write.write_all(format!("{greeting}\r\n").as_bytes()).await;
                }
                let mut in_data = false;
                while let Ok(Some(line)) = read.next_line().await {
                    let _ = heard.send(line.clone());
                    if is_silent || in_data && line != "." {
                        continue;
                    }
                    let rule = special
                        .iter()
                        .chain(GOOD)
                        .find(|(c, _)| line.starts_with(c));
                    let answer = rule.map_or("500 what", |(_, answer)| answer);
                    in_data = answer.starts_with("354");
                    if answer.is_empty() {
                        break;
                    }
                    is_silent = answer == SILENCE;
                    if is_silent {
                        continue;
                    }
                    let _ = write.write_all(format!("{answer}\r\n").as_bytes()).await;
                }
            }
        });
        Self { port, lines }
    }

    fn settings(&self) -> EmailSettings {
        EmailSettings {
            smtp_host: "127.0.0.1".into(),
            smtp_port: self.port,
            smtp_tls: SmtpTls::None,
            user: Some("me@example.org".into()),
            recipients: vec!["SOC <soc@example.org>".into(), "second@example.org".into()],
            allow_plain_auth: true,
            ..EmailSettings::default()
        }
    }

    pub fn email(&self) -> Email {
        Email::new(&self.settings(), password(), None).unwrap()
    }

    fn heard(&mut self) -> String {
        let mut all = String::new();
        while let Ok(line) = self.lines.try_recv() {
            all.push_str(&line);
            all.push('\n');
        }
        all
    }
}

fn password() -> Option<Secret<String>> {
    Some(Secret::new("tocsin-test-secret".to_owned()))
}

fn message(alerts: Vec<MessageAlert>) -> Message {
    Message {
        delivery: Some(DeliveryId(12)),
        ..crate::notify::render::tests::message(alerts, 0)
    }
}

pub(super) async fn send(email: &Email) -> Result<Receipt, SendError> {
    let message = message(vec![alert()]);
    email.send(&message, &email.render(&message)).await
}

/// What the last step of a test found.
async fn last(email: &Email) -> Result<String, Fault> {
    let step = email.check().await.pop().unwrap();
    match (step.found, step.fault) {
        (Some(found), None) => Ok(found),
        (None, Some(fault)) => Err(fault),
        both => panic!("{both:?}"),
    }
}

#[tokio::test]
async fn a_message_reaches_all_recipients_at_once() {
    let mut sink = Sink::start(&[]).await;
    let receipt = send(&sink.email()).await.unwrap();
    assert_eq!((receipt.refused, receipt.moved_to), (Vec::new(), None));
    let heard = sink.heard();
    assert!(heard.contains("RCPT TO:<soc@example.org>\nRCPT TO:<second@example.org>\nDATA\n"));
    assert!(heard.contains("Auto-Submitted: auto-generated\n"));
    assert!(heard.contains("From: Tocsin <me@example.org>\n"), "{heard}");
    let reference = receipt.reference.unwrap();
    assert!(
        heard.contains(&format!("Message-ID: {reference}\n")),
        "{heard}"
    );
}

#[tokio::test]
async fn a_refused_recipient_does_not_cost_the_others_theirs() {
    let rules: Rules = &[("RCPT TO:<soc@", "550 5.1.1 nobody")];
    let sink = Sink::start(rules).await;
    let refused = send(&sink.email()).await.unwrap().refused;
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].code, "smtp_recipient_refused");
    assert_eq!(refused[0].params["recipient"], "soc@example.org");
    let fault = last(&sink.email()).await.unwrap_err();
    assert_eq!(fault.params["recipient"], "soc@example.org");
}

#[tokio::test]
async fn nobody_listening_is_a_retry() {
    let sink = Sink::start(&[]).await;
    let mut settings = sink.settings();
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    settings.smtp_port = free.local_addr().unwrap().port();
    drop(free);
    let email = Email::new(&settings, password(), None).unwrap();
    let error = send(&email).await.unwrap_err();
    let SendError::Retry { fault, after: None } = error else {
        panic!("{error:?}")
    };
    assert_eq!(fault.code, "smtp_unreachable");
}

#[tokio::test]
async fn the_password_never_goes_over_plain_text_unless_allowed() {
    let mut sink = Sink::start(&[]).await;
    let mut settings = sink.settings();
    settings.allow_plain_auth = false;
    let email = Email::new(&settings, password(), None).unwrap();
    assert_eq!(
        last(&email).await.unwrap_err().code,
        "smtp_plain_auth_refused"
    );
    assert!(!sink.heard().contains("AUTH"));
}

#[tokio::test]
async fn a_server_without_starttls_gets_nothing() {
    let mut sink = Sink::start(&[]).await;
    let mut settings = sink.settings();
    settings.smtp_tls = SmtpTls::Starttls;
    let email = Email::new(&settings, password(), None).unwrap();
    assert_eq!(last(&email).await.unwrap_err().code, "smtp_no_starttls");
    let heard = sink.heard();
    assert!(
        !heard.contains("AUTH") && !heard.contains("MAIL"),
        "{heard}"
    );
}

#[tokio::test]
async fn a_test_logs_in_and_sends_a_real_message() {
    let mut sink = Sink::start(&[]).await;
    let steps = sink.email().check().await;
    let port = sink.port;
    let found: Vec<String> = steps
        .iter()
        .map(|s| format!("{}: {}", s.step, s.found.as_deref().unwrap_or("?")))
        .collect();
    assert_eq!(
        found,
        [
            format!("connect: 127.0.0.1:{port}, not encrypted"),
            "log_in: me@example.org".to_owned(),
            "message: soc@example.org, second@example.org".to_owned()
        ]
    );
    let heard = sink.heard();
    assert!(heard.contains("AUTH PLAIN") && heard.contains("Subject: Tocsin: test message"));
}

#[tokio::test]
async fn a_ca_file_that_is_none_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ca.pem");
    std::fs::write(&path, "not a certificate").unwrap();
    let sink = Sink::start(&[]).await;
    for ca_file in [path, dir.path().join("missing")] {
        let mut settings = sink.settings();
        settings.smtp_tls = SmtpTls::Starttls;
        settings.ca_file = Some(ca_file.display().to_string());
        let email = Email::new(&settings, password(), None).unwrap();
        assert_eq!(last(&email).await.unwrap_err().code, "smtp_ca_file");
    }
}

#[test]
fn what_is_missing_is_named() {
    let check = |settings: EmailSettings, password, expect: &str| {
        let code = Email::new(&settings, password, None).err().map(|f| f.code);
        assert_eq!(code.as_deref(), Some(expect));
    };
    let to = vec!["a@example.org".to_owned()];
    check(EmailSettings::default(), None, "email_no_recipients");
    let settings = EmailSettings {
        recipients: to,
        ..EmailSettings::default()
    };
    check(settings.clone(), password(), "email_no_sender");
    let user = EmailSettings {
        user: Some("me@example.org".into()),
        ..settings.clone()
    };
    check(user, None, "email_no_password");
    let odd = EmailSettings {
        user: Some("me".into()),
        ..settings
    };
    check(odd.clone(), password(), "email_no_sender");
    let odd = EmailSettings {
        sender: Some("me".into()),
        ..odd
    };
    check(odd, password(), "email_address_invalid");
}

fn built(message: &Message) -> String {
    let settings = EmailSettings {
        user: Some("me@example.org".into()),
        recipients: vec!["soc@example.org".into()],
        ..EmailSettings::default()
    };
    let email = Email::new(&settings, password(), None).unwrap();
    String::from_utf8(email.formatted(message)).unwrap()
}

fn header(mail: &str, name: &str) -> Vec<String> {
    let head = mail.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ");
    let name = format!("{name}: ");
    let lines = head.split("\r\n").filter_map(|l| l.strip_prefix(&name));
    lines.map(str::to_owned).collect()
}

#[test]
fn a_message_has_its_headers_once_and_text_first() {
    let mail = built(&message(vec![alert()]));
    for name in [
        "Date",
        "Message-ID",
        "References",
        "List-Id",
        "Auto-Submitted",
        "Subject",
        "From",
        "To",
    ] {
        assert_eq!(header(&mail, name).len(), 1, "{name}\n{mail}");
    }
    let text = mail.find("text/plain").unwrap();
    assert!(text < mail.find("text/html").unwrap());
    assert!(mail.contains("multipart/alternative"));
}

#[test]
fn a_delivery_keeps_its_id_and_an_alert_its_thread() {
    let first = built(&message(vec![alert()]));
    let again = built(&message(vec![alert()]));
    assert_eq!(header(&first, "Message-ID"), header(&again, "Message-ID"));
    let mut other = message(vec![alert()]);
    other.delivery = Some(DeliveryId(13));
    let other = built(&other);
    assert_ne!(header(&first, "Message-ID"), header(&other, "Message-ID"));
    assert_eq!(header(&first, "References"), header(&other, "References"));
    assert!(header(&built(&message(vec![alert(), alert()])), "References").is_empty());
}

#[test]
fn hostile_content_makes_no_header_and_no_long_line() {
    let mut hostile = alert();
    hostile.title = "x\r\nBcc: evil@example.org\r\n\r\nbody\0 ü😀".into();
    hostile.uid = "feed:x:\r\nBcc: evil@example.org".into();
    hostile.source_name = "S\r\nBcc: evil@example.org".into();
    hostile.text = "word<b>\u{202e} 😀".repeat(10_000);
    let mail = built(&message(vec![hostile.clone()]));
    assert!(header(&mail, "Bcc").is_empty());
    assert!(mail.is_ascii());
    assert!(
        mail.split("\r\n")
            .all(|l| l.len() <= 998 && !l.contains(['\r', '\n', '\0']))
    );
}
