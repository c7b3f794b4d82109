//! The client against a server on loopback.

use std::io::Write;

use wiremock::matchers::{header, headers, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;

fn http() -> Http {
    Http::new(HttpOptions::default()).unwrap()
}

fn request(url: &str) -> Request {
    Request {
        allow_private: true,
        ..Request::new(url, CancellationToken::new())
    }
}

fn body(answer: Answer) -> Response {
    match answer {
        Answer::Response(r) => *r,
        Answer::NotModified { .. } => panic!("not modified"),
    }
}

async fn serve(at: &str, answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path(at))
        .respond_with(answer)
        .mount(&server)
        .await;
    server
}

fn gzip(bytes: usize) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(&vec![0; bytes]).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn says_who_calls_and_gives_the_body() {
    let server = MockServer::start().await;
    let agent = HttpOptions::default().user_agent;
    Mock::given(header("user-agent", agent.as_str()))
        .respond_with(ResponseTemplate::new(200).set_body_string("hello"))
        .mount(&server)
        .await;
    let r = body(http().get(request(&server.uri())).await.unwrap());
    assert_eq!((r.status, r.body.as_slice()), (200, b"hello".as_slice()));
    assert_eq!(r.moved_to, None);
}

#[tokio::test]
async fn validators_are_kept_verbatim_from_a_200_and_bring_a_304() {
    let server = MockServer::start().await;
    let date = "Sun, 22 Nov 2026 06:00:00 GMT";
    Mock::given(header("if-none-match", "W/\"a b\""))
        .and(headers(
            "if-modified-since",
            date.split(", ").collect::<Vec<_>>(),
        ))
        .respond_with(ResponseTemplate::new(304))
        .with_priority(1)
        .mount(&server)
        .await;
    Mock::given(method("GET"))
        .respond_with(
            ResponseTemplate::new(200)
                .insert_header("etag", "W/\"a b\"")
                .insert_header("last-modified", date),
        )
        .mount(&server)
        .await;
    let http = http();
    let first = body(http.get(request(&server.uri())).await.unwrap());
    let again = Request {
        validators: first.validators,
        ..request(&server.uri())
    };
    assert!(matches!(
        http.get(again).await.unwrap(),
        Answer::NotModified { moved_to: None }
    ));
}

#[tokio::test]
async fn an_answer_that_is_no_200_gives_no_validators() {
    let answer = ResponseTemplate::new(503)
        .insert_header("etag", "\"x\"")
        .insert_header("retry-after", "120");
    let server = serve("/", answer).await;
    let r = body(http().get(request(&server.uri())).await.unwrap());
    assert_eq!(r.validators, None);
    assert_eq!(r.retry_after(Time(0)), Some(Duration::from_secs(120)));
    let fault: crate::error::Fault = r.success(Time(0)).unwrap_err().into();
    assert_eq!(fault.code, "http_status");
    assert_eq!(fault.params["status"], "503");
    assert_eq!(fault.params["retry_after_s"], "120");
}

#[tokio::test]
async fn the_cap_counts_after_decompression() {
    let answer = ResponseTemplate::new(200)
        .insert_header("content-encoding", "gzip")
        .set_body_bytes(gzip(3_000_000));
    let server = serve("/bomb", answer).await;
    let bomb = |max_bytes| Request {
        max_bytes,
        ..request(&format!("{}/bomb", server.uri()))
    };
    let http = http();
    assert!(matches!(
        http.get(bomb(1_000_000)).await,
        Err(HttpError::TooLarge { .. })
    ));
    let r = body(http.get(bomb(3_000_000)).await.unwrap());
    assert_eq!(r.body.len(), 3_000_000);
}

#[tokio::test]
async fn permanent_redirects_are_reported_and_temporary_ones_are_not() {
    let server = MockServer::start().await;
    for (at, status, to) in [
        ("/old", 301, "/older"),
        ("/older", 308, "/new"),
        ("/for-now", 302, "/new"),
        ("/mixed", 301, "/for-now"),
    ] {
        Mock::given(path(at))
            .respond_with(ResponseTemplate::new(status).insert_header("location", to))
            .mount(&server)
            .await;
    }
    Mock::given(path("/new"))
        .respond_with(ResponseTemplate::new(200))
        .mount(&server)
        .await;
    let http = http();
    for (at, moved) in [("/old", true), ("/for-now", false), ("/mixed", false)] {
        let r = body(
            http.get(request(&format!("{}{at}", server.uri())))
                .await
                .unwrap(),
        );
        assert_eq!(r.moved_to.is_some(), moved, "{at}");
        assert_eq!(r.final_url.path(), "/new");
    }
}

#[tokio::test]
async fn a_redirect_loop_ends() {
    let answer = ResponseTemplate::new(302).insert_header("location", "/loop");
    let server = serve("/loop", answer).await;
    assert!(matches!(
        http().get(request(&format!("{}/loop", server.uri()))).await,
        Err(HttpError::TooManyRedirects { limit: 5, .. })
    ));
}

#[tokio::test]
async fn a_redirect_to_something_else_than_http_is_refused() {
    let answer = ResponseTemplate::new(302).insert_header("location", "file:///etc/passwd");
    let server = serve("/", answer).await;
    assert!(matches!(
        http().get(request(&server.uri())).await,
        Err(HttpError::BadUrl { .. })
    ));
}

#[tokio::test]
async fn a_secret_header_does_not_follow_a_redirect_to_another_origin() {
    let other = MockServer::start().await;
    Mock::given(header("apikey", "tocsin-test-secret"))
        .respond_with(ResponseTemplate::new(500))
        .with_priority(1)
        .mount(&other)
        .await;
    Mock::given(method("GET"))
        .respond_with(ResponseTemplate::new(200))
        .mount(&other)
        .await;
    let answer = ResponseTemplate::new(302).insert_header("location", other.uri());
    let server = serve("/", answer).await;
    let r = Request {
        headers: vec![("apiKey", "tocsin-test-secret".into())],
        ..request(&server.uri())
    };
    assert_eq!(body(http().get(r).await.unwrap()).status, 200);
}

#[tokio::test]
async fn private_addresses_are_refused_as_literals_as_names_and_after_a_redirect() {
    let server = serve("/", ResponseTemplate::new(200)).await;
    let port = server.address().port();
    let http = http();
    for host in [
        "127.0.0.1",
        "[::1]",
        "localhost",
        "2130706433",
        "0x7f.1",
        "169.254.169.254",
    ] {
        let url = format!("http://{host}:{port}/?token=tocsin-test-secret");
        let e = http
            .get(Request::new(&url, CancellationToken::new()))
            .await
            .unwrap_err();
        assert_eq!(e.code(), "address_refused", "{host}: {e}");
        assert!(!format!("{e:?} {e}").contains("tocsin-test-secret"));
    }
}

#[tokio::test]
async fn faults_have_their_codes() {
    let http = http();
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    let e = http
        .get(request(&format!("http://{closed}/")))
        .await
        .unwrap_err();
    assert_eq!(e.code(), "connect_failed");

    let e = http
        .get(request(&format!("https://{closed}/")))
        .await
        .unwrap_err();
    assert_eq!(e.code(), "connect_failed");

    let e = http.get(request("ftp://a.org/")).await.unwrap_err();
    assert_eq!(e.code(), "bad_url");

    let slow = serve("/", ResponseTemplate::new(200).set_delay(DEFAULT_TIMEOUT)).await;
    let hurried = Request {
        timeout: Duration::from_millis(50),
        ..request(&slow.uri())
    };
    assert_eq!(http.get(hurried).await.unwrap_err().code(), "timed_out");

    let stopped = request(&slow.uri());
    stopped.cancel.cancel();
    assert_eq!(http.get(stopped).await.unwrap_err().code(), "cancelled");
}

#[tokio::test]
async fn plain_text_where_tls_is_expected_and_a_cut_body_have_their_codes() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            use tokio::io::{AsyncReadExt, AsyncWriteExt};
            let mut buffer = [0; 1024];
            let _ = stream.read(&mut buffer).await;
            let _ = stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort")
                .await;
        }
    });
    let http = http();
    let e = http
        .get(request(&format!("https://{at}/")))
        .await
        .unwrap_err();
    assert_eq!(e.code(), "tls_failed");
    let e = http
        .get(request(&format!("http://{at}/")))
        .await
        .unwrap_err();
    assert_eq!(e.code(), "body_cut");
}

#[test]
fn retry_after_is_read_as_seconds_and_as_a_date() {
    let now = Time::parse_rfc3339("2026-11-22T06:00:00Z").unwrap();
    for (value, expect) in [
        ("0", Some(0)),
        (" 30 ", Some(30)),
        ("Sun, 22 Nov 2026 06:01:00 GMT", Some(60)),
        ("Sun, 22 Nov 2026 05:00:00 GMT", Some(0)),
        ("soon", None),
        ("-5", None),
    ] {
        let got = parse_retry_after(value, now).map(|d| d.as_secs());
        assert_eq!(got, expect, "{value}");
    }
}
