//! EPSS' file against a server on loopback and, where `TOCSIN_CORPUS` is set, a real one.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use wiremock::matchers::header;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::model::{Enrichment, Memory, Page, RunNote, Time};
use crate::source::tests_support::run;

const HEAD: &str =
    "#model_version:v2025.03.14,score_date:2026-06-30T12:55:00Z\ncve,epss,percentile\n";

fn packed(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

async fn read(body: &[u8], memory: Memory) -> (Vec<Page>, Result<(), Fault>) {
    let server = MockServer::start().await;
    Mock::given(wiremock::matchers::any())
        .respond_with(ResponseTemplate::new(200).set_body_bytes(body))
        .mount(&server)
        .await;
    run_against(&server, memory).await
}

async fn run_against(server: &MockServer, memory: Memory) -> (Vec<Page>, Result<(), Fault>) {
    let source = Epss::new(EpssConfig {
        url: format!("{}/epss", server.uri()),
        allow_private: true,
    });
    run(&source, memory, false).await
}

/// Day, scores and whether a page ends a whole day.
fn scores(page: &Page) -> (Time, &[(String, f32, f32)], bool) {
    match &page.enrichments[..] {
        [
            Enrichment::Epss {
                day,
                scores,
                is_complete,
            },
        ] => (*day, scores, *is_complete),
        other => panic!("{other:?}"),
    }
}

fn day(text: &str) -> Time {
    Time::parse_rfc3339(&format!("{text}T00:00:00Z")).unwrap()
}

#[tokio::test]
async fn a_file_is_read_packed_or_plain() {
    let text = format!("{HEAD}CVE-2026-1000,0.91214,0.99671\ncve-2026-1001,1,0.5\r\n\n");
    for body in [packed(text.as_bytes()), text.clone().into_bytes()] {
        let (pages, ended) = read(&body, Memory::default()).await;
        assert_eq!(ended, Ok(()));
        let expect = [
            ("CVE-2026-1000".to_owned(), 0.91214, 0.99671),
            ("CVE-2026-1001".to_owned(), 1.0, 0.5),
        ];
        assert_eq!(scores(&pages[0]), (day("2026-06-30"), &expect[..], true));
    }
}

#[tokio::test]
async fn columns_are_found_by_name_and_days_in_their_old_forms() {
    for (head, expect) in [
        ("percentile,cve,epss\n", day("2027-01-15")),
        (
            "#model_version:v1,score_date:2024-01-30T00:00:00+0000\npercentile,cve,epss\n",
            day("2024-01-30"),
        ),
        (
            "\u{feff}#score_date:2024-02-01\n\"percentile\",\"cve\",\"epss\"\n",
            day("2024-02-01"),
        ),
    ] {
        let text = format!("{head}0.5,CVE-2026-1000,0.25\n");
        let (pages, ended) = read(text.as_bytes(), Memory::default()).await;
        assert_eq!(ended, Ok(()), "{head}");
        let score = [("CVE-2026-1000".to_owned(), 0.25, 0.5)];
        assert_eq!(scores(&pages[0]), (expect, &score[..], true), "{head}");
    }
}

#[tokio::test]
async fn what_it_was_is_remembered_with_the_last_part() {
    let lines: String = (0..40_001)
        .map(|n| format!("CVE-2026-{:05},0.1,0.2\n", 10_000 + n))
        .collect();
    let (pages, ended) = read(format!("{HEAD}{lines}").as_bytes(), Memory::default()).await;
    assert_eq!(ended, Ok(()));
    let parts: Vec<_> = pages
        .iter()
        .map(|page| {
            (
                scores(page).1.len(),
                scores(page).2,
                page.memory != Memory::default(),
            )
        })
        .collect();
    let expect = [
        (20_000, false, false),
        (20_000, false, false),
        (1, true, true),
    ];
    assert_eq!(parts, expect);
    let memory = pages[2].memory.clone();
    // Fewer by more than a tenth: nobody loses a score because of that.
    let text = format!("{HEAD}CVE-2026-10000,0.1,0.2\n");
    let (pages, ended) = read(text.as_bytes(), memory).await;
    assert_eq!(ended, Ok(()));
    assert!(!scores(&pages[0]).2);
    assert_eq!(pages[0].notes, [RunNote::FewEntries]);
}

#[tokio::test]
async fn a_file_that_did_not_change_is_not_read_again() {
    let server = MockServer::start().await;
    Mock::given(header("if-none-match", "\"1\""))
        .respond_with(ResponseTemplate::new(304))
        .mount(&server)
        .await;
    let text = format!("{HEAD}CVE-2026-1000,0.1,0.2\n");
    let whole = ResponseTemplate::new(200).insert_header("etag", "\"1\"");
    Mock::given(wiremock::matchers::any())
        .respond_with(whole.set_body_string(text))
        .mount(&server)
        .await;
    let (pages, _) = run_against(&server, Memory::default()).await;
    let memory = pages[0].memory.clone();
    let (pages, ended) = run_against(&server, memory.clone()).await;
    assert_eq!(ended, Ok(()));
    assert_eq!(
        (&pages[0].enrichments[..], &pages[0].memory),
        (&[][..], &memory)
    );
    assert_eq!(pages[0].notes, [RunNote::NotModified]);
}

#[tokio::test]
async fn an_older_file_says_nothing() {
    let text = format!("{HEAD}CVE-2026-1000,0.1,0.2\n");
    let (pages, _) = read(text.as_bytes(), Memory::default()).await;
    let memory = pages[0].memory.clone();
    let older = text.replace("2026-06-30", "2026-06-29");
    let (pages, ended) = read(older.as_bytes(), memory.clone()).await;
    assert_eq!(ended, Ok(()));
    assert_eq!(
        (&pages[0].enrichments[..], &pages[0].memory),
        (&[][..], &memory)
    );
}

#[tokio::test]
async fn lines_that_say_nothing_are_problems_and_take_no_score_back() {
    let bad =
        "CVE-2026-1001,nan,0.2\nCVE-2026-1002,1.5,0.2\nx,0.1,0.2\nCVE-2026-1003,0.1\n\u{0},\n";
    let good: String = (0..9)
        .map(|n| format!("CVE-2026-200{n},0.1,0.2\n"))
        .collect();
    let text = format!("{HEAD}{good}{bad}");
    let mut bytes = text.into_bytes();
    bytes.extend(b"CVE-2026-\xff\xfe,0.1,0.2\n");
    let (pages, ended) = read(&bytes, Memory::default()).await;
    assert_eq!(ended, Ok(()));
    assert_eq!(scores(&pages[0]).1.len(), 9);
    assert_eq!((scores(&pages[0]).2, pages[0].problems.len()), (false, 6));
}

#[tokio::test]
async fn broken_and_hostile_files_are_a_fault() {
    let whole = packed(format!("{HEAD}CVE-2026-1000,0.1,0.2\n").as_bytes());
    let bomb = packed(&vec![b'a'; 100 * 1024 * 1024]);
    let lines = format!("{HEAD}{}", "x,y,z\n".repeat(30_000));
    for body in [
        &b""[..],
        b"<html><body>no</body></html>",
        HEAD.as_bytes(),
        &whole[..whole.len() - 9],
        b"\x1f\x8b\x08garbage",
        &bomb,
        lines.as_bytes(),
    ] {
        let (pages, ended) = read(body, Memory::default()).await;
        assert_eq!(ended.unwrap_err().code, "epss_unreadable");
        assert!(pages.is_empty());
    }
}

#[tokio::test]
async fn a_real_file_is_read_whole() {
    let Some(root) = std::env::var_os("TOCSIN_CORPUS") else {
        eprintln!("skipped: TOCSIN_CORPUS is not set");
        return;
    };
    for file in std::fs::read_dir(std::path::Path::new(&root).join("epss")).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        let (pages, ended) = read(&bytes, Memory::default()).await;
        assert_eq!(ended, Ok(()));
        let count: usize = pages.iter().map(|page| scores(page).1.len()).sum();
        assert!(count > 200_000);
        assert!(pages.iter().all(|page| page.problems.is_empty()));
        assert!(scores(pages.last().unwrap()).2);
    }
}
