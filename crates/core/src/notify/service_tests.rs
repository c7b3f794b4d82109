//! What the tables of Slack and Telegram share: a row's expectations, and servers that break off.

use super::*;
use crate::http::HttpOptions;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// What is to follow from a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    Retry,
    /// And not before so many seconds.
    RetryAfter(u64),
    Refused,
    Stop,
    Unknown,
}

pub fn kind(error: &SendError) -> Kind {
    match error {
        SendError::Retry { after: None, .. } => Kind::Retry,
        SendError::Retry { after: Some(s), .. } => Kind::RetryAfter(s.as_secs()),
        SendError::Refused { .. } => Kind::Refused,
        SendError::Stop { .. } => Kind::Stop,
        SendError::Unknown { .. } => Kind::Unknown,
    }
}

/// Holds a failure against its row.
pub fn assert_row(name: &str, error: SendError, expect: (Kind, &str, &str), secret: &str) {
    let found = kind(&error);
    let shown = format!("{error:?}");
    assert!(!shown.contains(secret), "{name} shows the secret");
    let fault = error.into_fault();
    assert_eq!(
        (found, fault.code.as_str()),
        (expect.0, expect.1),
        "{name}: {fault:?}"
    );
    assert!(
        fault.message.contains(expect.2),
        "{name} is to say {:?}, not {:?}",
        expect.2,
        fault.message
    );
}

pub fn http() -> Arc<Http> {
    let http = Http::new(HttpOptions::default()).unwrap();
    Arc::new(http)
}

pub fn secret(text: &str) -> Option<Secret<String>> {
    Some(Secret::new(text.to_owned()))
}

/// An address where nobody listens.
pub async fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}/", listener.local_addr().unwrap())
}

/// A server that reads a whole request, answers these bytes and closes the connection. It counts requests.
pub async fn breaking_off(answer: &'static [u8]) -> (String, Arc<std::sync::atomic::AtomicU32>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    let count = Arc::new(std::sync::atomic::AtomicU32::new(0));
    let heard = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = Vec::new();
            let mut piece = [0; 4096];
            while !is_whole(&request) {
                match stream.read(&mut piece).await {
                    Ok(read @ 1..) => request.extend_from_slice(&piece[..read]),
                    _ => break,
                }
            }
            heard.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            let _ = stream.write_all(answer).await;
        }
    });
    (address, count)
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_ascii_lowercase();
    let Some((head, _)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head
        .lines()
        .find_map(|l| l.strip_prefix("content-length: "));
    let length: usize = length.map_or(0, |l| l.parse().unwrap());
    let start = request.windows(4).position(|w| w == b"\r\n\r\n").unwrap() + 4;
    request.len() >= start + length
}

#[test]
fn plain_http_is_for_this_machine() {
    for (url, is_good) in [
        ("https://slack.com/api/", true),
        ("http://slack.com/api/", false),
        ("http://127.0.0.1:80/", true),
        ("http://[::1]:80/", true),
        ("http://localhost:80/", true),
        ("http://telegram-bot-api:8081/", false),
        ("http://192.168.1.5/", false),
        ("https://192.168.1.5/", true),
        ("ftp://slack.com/", false),
        ("nonsense", false),
        ("", false),
    ] {
        let made = Service::new(
            "Slack",
            "slack",
            url,
            Secret::new("tocsin-test-secret".into()),
            &http(),
        );
        let code = made.err().map(|fault| fault.code);
        assert_eq!(
            code,
            (!is_good).then(|| "channel_bad_url".to_owned()),
            "{url}"
        );
    }
}

/// What is waited after a 429 with these headers.
fn waits(headers: &[(&'static str, &str)]) -> Option<u64> {
    let service = Service::new(
        "Slack",
        "slack",
        "https://slack.com/",
        Secret::new("t".into()),
        &http(),
    );
    let mut response = Response {
        status: 429,
        headers: reqwest::header::HeaderMap::new(),
        final_url: Url::parse("https://slack.com/").unwrap(),
        moved_to: None,
        body: Vec::new(),
        validators: None,
    };
    for (name, value) in headers {
        response.headers.insert(*name, value.parse().unwrap());
    }
    let wait = service.unwrap().asked_wait(&response);
    wait.map(|wait| wait.as_secs())
}

#[test]
fn a_service_asks_to_wait_in_seconds_or_until_a_date() {
    let now = ("date", "Sun, 22 Nov 2026 06:00:00 GMT");
    for (headers, expect) in [
        (&[][..], None),
        (&[("retry-after", " 30 ")], Some(30)),
        (&[("retry-after", "0")], Some(1)),
        (&[("retry-after", "99999999")], Some(86_400)),
        (&[("retry-after", "soon")], None),
        (&[("retry-after", "-5")], None),
        (
            &[now, ("retry-after", "Sun, 22 Nov 2026 06:02:00 GMT")],
            Some(120),
        ),
        (
            &[now, ("retry-after", "Sun, 22 Nov 2026 05:00:00 GMT")],
            Some(1),
        ),
        // Whose clock it is by is not known.
        (&[("retry-after", "Sun, 22 Nov 2026 06:02:00 GMT")], None),
    ] {
        assert_eq!(waits(headers), expect, "{headers:?}");
    }
}
