//! The real lists and pages, where `TOCSIN_CORPUS` is set.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use url::Url;

use super::adapter::{Edition, entries};
use super::page;
use crate::settings::OwaspList;

fn corpus() -> Option<PathBuf> {
    let root = std::env::var_os("TOCSIN_CORPUS");
    if root.is_none() {
        eprintln!("skipped: TOCSIN_CORPUS is not set");
    }
    root.map(|root| Path::new(&root).join("owasp"))
}

fn expected(root: &Path) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(root.join("expected-lists.json")).unwrap()).unwrap()
}

#[test]
fn the_real_editions_give_the_expected_lists() {
    let Some(root) = corpus() else { return };
    let mut checked = 0;
    for (name, wanted) in expected(&root)["lists"].as_object().unwrap() {
        let Some(year) = name.strip_prefix("top10-") else {
            continue;
        };
        let html = std::fs::read_to_string(root.join("Top10").join(year).join("index.html"));
        let url = Url::parse(&format!("https://owasp.org/Top10/{year}/")).unwrap();
        let edition = Edition {
            list: OwaspList::Top10,
            year,
        };
        let found = entries(edition, &url, &html.unwrap()).unwrap();
        let got: Vec<_> = found
            .into_iter()
            .map(|e| [e.code, year.to_owned(), e.name, e.link.unwrap()])
            .collect();
        let want: Vec<_> = wanted
            .as_array()
            .unwrap()
            .iter()
            .map(|e| ["code", "year", "title", "url"].map(|k| e[k].as_str().unwrap().to_owned()))
            .collect();
        assert_eq!(got, want);
        checked += 1;
    }
    assert!(checked >= 2);
}

#[test]
fn the_real_lists_of_api_security_give_the_expected_pages() {
    let Some(root) = corpus() else { return };
    let expected = expected(&root);
    let wanted = expected["lists"]["api-security-gh-pages"]
        .as_array()
        .unwrap();
    let mut found = Vec::new();
    for year in ["2019", "2023"] {
        let at = format!("editions/{year}/en/0x11-t10/");
        let html = std::fs::read_to_string(root.join("API-Security").join(&at).join("index.html"));
        let url = Url::parse(&format!("https://owasp.org/API-Security/{at}")).unwrap();
        let edition = Edition {
            list: OwaspList::Api,
            year,
        };
        for (rank, e) in (1..).zip(entries(edition, &url, &html.unwrap()).unwrap()) {
            assert_eq!(e.code, format!("API{rank}"));
            assert!(e.text.len() > 100, "{e:?}");
            let link = e.link.unwrap();
            let path = link.strip_prefix("https://owasp.org/API-Security/");
            found.push(format!("{}index.html", path.unwrap()));
        }
    }
    assert_eq!(
        found,
        wanted
            .iter()
            .map(|p| p.as_str().unwrap())
            .collect::<Vec<_>>()
    );
}

/// The pages, beside the Markdown that they were made of.
#[test]
fn the_real_pages_have_their_parts_and_the_weaknesses_of_their_sources() {
    let Some(root) = corpus() else { return };
    let cwe = regex::Regex::new(r"CWE-\d+").unwrap();
    let mut checked = 0;
    for (folder, sources) in [
        ("Top10/2021", "Top10-source/2021/docs/en"),
        ("Top10/2025", "Top10-source/2025/docs/en"),
    ] {
        for entry in std::fs::read_dir(root.join(sources)).unwrap() {
            let source = entry.unwrap().path();
            let name = source.file_stem().unwrap().to_str().unwrap().to_owned();
            let at = root.join(folder).join(&name).join("index.html");
            let is_entry =
                name.starts_with('A') && !name.starts_with("A00") && !name.starts_with("A11");
            let Some(html) = std::fs::read_to_string(at).ok().filter(|_| is_entry) else {
                continue;
            };
            let url = Url::parse(&format!("https://owasp.org/{folder}/{name}/")).unwrap();
            let page = page::read(&html, &url);
            let markdown = std::fs::read_to_string(&source).unwrap();
            let mapped = markdown.to_lowercase().rfind("mapped cwes").unwrap();
            let want: BTreeSet<String> = cwe
                .find_iter(&markdown[mapped..])
                .map(|m| m.as_str().to_owned())
                .collect();
            assert_eq!(
                page.cwes.iter().cloned().collect::<BTreeSet<_>>(),
                want,
                "{name}"
            );
            let lower = page.html.to_lowercase();
            for part in [
                "<p>description</p>",
                "<p>how to prevent</p>",
                "<p>example attack scenarios</p>",
            ] {
                assert!(lower.contains(part), "{name}: {part}");
            }
            assert!(
                !lower.contains("score table") && !lower.contains("mapped cwe"),
                "{name}"
            );
            assert!(page.references.len() >= 3, "{name}");
            checked += 1;
        }
    }
    assert!(checked >= 14, "{checked}");
    for (page, cwes) in [
        ("2023/en/0xa1-broken-object-level-authorization", 2),
        ("2019/en/0xa7-security-misconfiguration", 3),
        (
            "2023/en/0xa6-unrestricted-access-to-sensitive-business-flows",
            0,
        ),
    ] {
        let at = format!("API-Security/editions/{page}");
        let html = std::fs::read_to_string(root.join(&at).join("index.html")).unwrap();
        let url = Url::parse(&format!("https://owasp.org/{at}/")).unwrap();
        let read = page::read(&html, &url);
        assert_eq!(read.cwes.len(), cwes, "{page}");
        for part in ["Is the API Vulnerable", "How To Prevent", "Scenario #2"] {
            assert!(read.html.contains(part), "{page}: {part}");
        }
    }
}
