//! The STIX export is held against the validator of OASIS (`stix2-validator` of PyPI), which
//! `cargo xtask setup` puts into `target/stix-validator` where there is a Python.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use common::made::{self, export};
use common::{Home, collect, fixtures, wait_for};
use serde_json::Value;

/// Where xtask puts the validator.
fn validator() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let target = std::env::var_os("CARGO_TARGET_DIR");
    let target = target.map_or_else(|| root.join("target"), |dir| root.join(dir));
    let bin = target.join("stix-validator/bin/stix2_validator");
    bin.is_file().then_some(bin)
}

/// Several hundred CVEs, articles that name some of them, and everything that a text can name.
fn material() -> Vec<made::Made> {
    let mut all: Vec<_> = (0..150).map(made::cve).collect();
    made::triaged(&mut all[7]);
    let hash = "d41d8cd98f00b204e9800998ecf8427e";
    for number in 0..60_u32 {
        let text = format!(
            "It names CVE-2026-{:05}, CVE-2026-{:05} and CVE-2019-0001.\n\nMore.",
            10_000 + number,
            10_001 + number * 4
        );
        let (ip, mail) = (
            format!("203.0.113[.]{number}"),
            format!("o'x{number}[@]evil.example"),
        );
        let url = format!("hxxps://evil[.]example/a'b\\{number}?q=\"1\"");
        let sha256 = format!("{hash}{hash}");
        let mut entities = vec![
            ("ipv4", ip.as_str()),
            ("ipv6", "2001:db8::1"),
            ("domain", "Evil[.]Example"),
            ("url", &url),
            ("email", &mail),
            ("md5", hash),
            ("sha1", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
            ("sha256", &sha256),
            ("ipv4", "no address"),
            ("product", "Acme"),
            ("malware", "Emo\"Tet'"),
            ("actor", "Fancy <b>Bear</b>"),
        ];
        match number % 4 {
            0 => entities.clear(),
            1 => entities.push(("malware", "Second")),
            _ => {}
        }
        all.push(made::article(number, &text, &entities));
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_is_valid_whole_and_the_same_each_time() {
    let replay = fixtures();
    let home = Home::against(&replay);
    // An empty database takes the analysis in force; what is stored into it then stays as it was made.
    let app = home.start(false).await;
    let mut events = app.events().subscribe();
    while !app.is_analysed().await.unwrap() {
        wait_for(&mut events, |_| true).await;
    }
    app.stop().await;
    drop(app);
    made::store(home.path(), material()).await;
    let app = home.start(false).await;
    for source in ["nvd", "owasp", "thehackernews"] {
        collect(&app, source).await;
    }
    let dir = common::folder();
    let path = dir.path().join("all.stix.json");
    export(&app, "", "stix", &path).await;
    let bundle: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let objects = bundle["objects"].as_array().unwrap();

    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    let mut ids = BTreeSet::new();
    for object in objects {
        *kinds.entry(object["type"].as_str().unwrap()).or_default() += 1;
        let id = object["id"].as_str().unwrap();
        assert!(ids.insert(id), "{id} is there twice");
    }
    println!("{kinds:?}");
    for kind in [
        "vulnerability",
        "report",
        "indicator",
        "malware",
        "threat-actor",
        "identity",
        "relationship",
    ] {
        assert!(kinds.contains_key(kind), "no {kind}");
    }
    assert_eq!(kinds["malware"], 2);
    assert!(kinds["vulnerability"] > 150);
    for object in objects {
        for (_, value) in object
            .as_object()
            .unwrap()
            .iter()
            .filter(|(n, _)| n.contains("_ref"))
        {
            let refs = value
                .as_array()
                .cloned()
                .unwrap_or_else(|| vec![value.clone()]);
            for id in refs.iter().filter_map(Value::as_str) {
                assert!(ids.contains(id), "{id} is not in the bundle");
            }
        }
    }

    // An article alone brings the CVEs that it names, as they are stored.
    let one = dir.path().join("one.stix.json");
    let done = export(&app, "\"CVE-2026-10201\"", "stix", &one).await;
    let part: Value = serde_json::from_slice(&std::fs::read(&one).unwrap()).unwrap();
    println!(
        "{} alerts, {} objects",
        done["alerts"],
        part["objects"].as_array().unwrap().len()
    );
    for object in part["objects"].as_array().unwrap() {
        assert!(
            objects.contains(object),
            "{object} is otherwise in the whole"
        );
    }

    match validator() {
        None => println!(
            "skipped: no validator at target/stix-validator; `cargo xtask setup` makes it where python3 and pip can"
        ),
        Some(program) => validate(&program, &[&path, &one]),
    }
    app.stop().await;
}

/// What the standard only recommends and this export decides otherwise: ids of version 4 (103; they
/// would differ from one export to the next) and hashes of linked pages (302; nobody fetched them).
const DECIDED: &str = "103,302";

/// Neither an error nor any other warning, with every reference resolved within the bundle.
fn validate(program: &Path, files: &[&Path]) {
    let output = Command::new(program)
        .args(["--version", "2.1", "--enforce-refs", "-d", DECIDED])
        .args(files)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let wrong: Vec<&str> = said
        .lines()
        .filter(|line| line.contains("[X]") || line.contains("[!]") || line.contains("{"))
        .take(20)
        .collect();
    assert!(
        output.status.success() && wrong.is_empty(),
        "{wrong:#?}\n{}",
        &said[..said.len().min(4_000)]
    );
    assert_eq!(
        said.matches("STIX JSON: Valid").count(),
        files.len(),
        "{said}"
    );
}
