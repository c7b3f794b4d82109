//! NVD's files: every form and packing, nothing lost, an older record never over a newer one, and the same
//! end whatever the order.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use common::made::export;
use common::pack::{gz, unpacked, zip};
use common::{Home, call, detail, fixtures, rows, score};
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};
use tocsin_core::app::App;

async fn import(app: &App, path: &Path) -> Value {
    call(app, "import_run", json!({ "path": path })).await
}

fn write(dir: &Path, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = dir.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

fn corpus(folder: &str) -> Option<PathBuf> {
    let Some(root) = std::env::var_os("TOCSIN_CORPUS") else {
        eprintln!("skipped: TOCSIN_CORPUS is not set");
        return None;
    };
    Some(Path::new(&root).join("nvd").join(folder))
}

fn is_full() -> bool {
    std::env::var_os("TOCSIN_FULL").is_some()
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    all.sort();
    all
}

/// A file of NVD's in the present form.
fn file(as_of: &str, records: &[Value]) -> String {
    json!({
        "resultsPerPage": records.len(), "startIndex": 0, "totalResults": records.len(),
        "format": "NVD_CVE", "version": "2.0", "timestamp": as_of, "vulnerabilities": records,
    })
    .to_string()
}

fn record(number: u32, modified: &str, text: &str) -> Value {
    let mut record = common::record(&format!("CVE-2026-{number}"), modified, score(5.0));
    record["cve"]["descriptions"][0]["value"] = text.into();
    record
}

#[tokio::test(flavor = "multi_thread")]
async fn every_packing_is_known_by_its_content_and_nobody_is_told() {
    // Two records, packed by xz.
    const XZ: &str = "fd377a585a000004e6d6b4460200210116000000742fe5a3e0021e00e05d003d8888c7342b6dcd6427985f3f76dcbe378ba8ab2504d9c6e3a639222bc41ebb774669447c4053e00a4674e775b38031547f2d7df22eac233800904a2b89c83e6fa99f8422096695053a29275abfe2b8910fb77d531639ddfc8ba65a25fa1a339caf2b7ba1f08bf7bb1abdeecc2c446eb04cf70ce2249e9d2d9106570124e9e29bc7e73337cb46abef5b989174deaf2cb9a0c607d9b7194f15d652a713eeb711c087ac6ce4ad7be27dc397766b4c5a53d78b7c8225d99dd6284f0adb525af6ac6db5fe4748a1a1bce7fc2c4ed0989285379ce7e950be41411a6dac1770f21c0a00a29a3e1da56576d90001fc019f040000217d4f7eb1c467fb020000000004595a";
    let xz: Vec<u8> = (0..XZ.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(&XZ[i..i + 2], 16).unwrap())
        .collect();
    let (home, dir) = (Home::against(&fixtures()), common::folder());
    let app = home.start(false).await;
    let text = |n| {
        file(
            "2026-06-01T00:00:00.000",
            &[record(n, "2026-05-01T00:00:00.000", "x")],
        )
    };
    let old = r#"{"CVE_data_type":"CVE","CVE_data_timestamp":"2021-08-26T07:01Z","CVE_Items":[{"cve":{"CVE_data_meta":{"ID":"CVE-2009-1000"}},"publishedDate":"2009-01-01T00:00Z","lastModifiedDate":"2010-01-01T00:00Z"}]}"#;
    let part = |n: u32| text(n).into_bytes();
    let (a, b) = (part(7_103), part(7_104));
    // Names that say something else.
    for (name, bytes, added) in [
        ("a.gz", text(7_100).into_bytes(), 1),
        ("b.json", gz(text(7_101).as_bytes()), 1),
        ("c.zip", [gz(b""), gz(text(7_102).as_bytes())].concat(), 1),
        ("d.json", xz, 2),
        (
            "e",
            zip(&[
                ("x/a.json", &a),
                ("read.me", b"no"),
                ("B.JSON", &b),
                ("c.json", b"[]"),
            ]),
            2,
        ),
        ("f", format!("\u{feff} {old}").into_bytes(), 1),
        (
            "empty",
            br#"{"totalResults":0,"format":"NVD_CVE","timestamp":"2026-01-01T00:00:00.000"}"#
                .to_vec(),
            0,
        ),
    ] {
        let done = import(&app, &write(dir.path(), name, bytes)).await;
        assert_eq!(
            (&done["added"], &done["refused"]),
            (&json!(added), &json!(0)),
            "{name}: {done}"
        );
    }
    assert_eq!(common::counts(&app, "all").await, (8, 0), "all as seen");
    assert_eq!(
        call(&app, "deliveries_list", json!({})).await["rows"],
        json!([])
    );
    for (name, bytes, code) in [
        ("foreign", b"{\"a\":1}".to_vec(), "import_foreign"),
        (
            "other",
            br#"{"format":"NVD_CVE","x":"#.to_vec(),
            "import_foreign",
        ),
        ("list", b"[]".to_vec(), "import_foreign"),
        ("nothing", Vec::new(), "import_foreign"),
        ("text", gz(b"CVE-2026-1"), "import_foreign"),
        (
            "cut.zip",
            zip(&[("a.json", &a)])[..60].to_vec(),
            "file_unreadable",
        ),
        ("none.zip", zip(&[("a.txt", &a)]), "file_unreadable"),
    ] {
        let path = write(dir.path(), name, bytes);
        let fault = app
            .call("import_run", json!({ "path": path }))
            .await
            .unwrap_err();
        assert_eq!(fault.code, code, "{name}");
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_record_and_a_damaged_file_cost_what_is_damaged_only() {
    let (home, dir) = (Home::against(&fixtures()), common::folder());
    let app = home.start(false).await;
    let mut all: Vec<Value> = (0..5_000)
        .map(|n| record(10_000 + n, "2026-05-01T00:00:00.000", &"word ".repeat(20)))
        .collect();
    all[7] = json!({ "cve": { "id": "CVE-2026-1", "descriptions": 7 } });
    all[8] = json!({ "cve": { "id": "no id" } });
    all[9] = json!([1, [2]]);
    let text = file("2026-06-01T00:00:00.000", &all);
    let whole = import(&app, &write(dir.path(), "a", &text)).await;
    assert_eq!(
        (&whole["added"], &whole["refused"]),
        (&json!(4_997), &json!(3))
    );
    let subjects: Vec<&str> = whole["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["subject"].as_str().unwrap())
        .collect();
    assert_eq!(subjects.len(), 3, "{subjects:?}");
    let packed = gz(text.as_bytes());
    let cut = import(&app, &write(dir.path(), "b", &packed[..packed.len() / 2])).await;
    assert_eq!(cut["refused"], json!(4), "{cut}");
    assert!(cut["known"].as_u64().unwrap() > 1_500);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_record_never_takes_the_place_of_a_newer_one() {
    let (home, dir) = (Home::against(&fixtures()), common::folder());
    let app = home.start(false).await;
    let put = async |as_of: &str, modified: &str, text: &str| {
        let text = file(as_of, &[record(7_200, modified, text)]);
        import(&app, &write(dir.path(), "f", text)).await
    };
    let may = |day: u32| format!("2026-05-{day:02}T00:00:00.000");
    put(&may(20), &may(10), "first").await;
    assert_eq!(put(&may(21), &may(9), "older").await["known"], 1);
    assert_eq!(put(&may(22), &may(11), "newer").await["changed"], 1);
    // Without a new date: what was said later counts, whatever comes first.
    assert_eq!(put(&may(24), &may(11), "later").await["changed"], 1);
    assert_eq!(put(&may(23), &may(11), "before").await["known"], 1);
    let old = r#"{"CVE_data_type":"CVE","CVE_data_timestamp":"2026-09-01T07:01Z","CVE_Items":[{"cve":{"CVE_data_meta":{"ID":"CVE-2026-7200"},"description":{"description_data":[{"lang":"en","value":"old form"}]}},"publishedDate":"2026-01-01T00:00Z","lastModifiedDate":"2026-05-11T00:00Z"}]}"#;
    assert_eq!(import(&app, &write(dir.path(), "o", old)).await["known"], 1);
    assert_eq!(detail(&app, "CVE-2026-7200").await["text"], "later");
    let newer = old.replace("2026-05-11", "2026-05-12");
    assert_eq!(
        import(&app, &write(dir.path(), "o", newer)).await["changed"],
        1
    );
    assert_eq!(put(&may(25), &may(12), "present form").await["changed"], 1);
    assert_eq!(detail(&app, "CVE-2026-7200").await["text"], "present form");
    app.stop().await;
}

/// Records of a file, counted by a generic parser.
fn counted(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let value: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap();
    let present = value["vulnerabilities"].as_array().into_iter().flatten();
    let legacy = value["CVE_Items"].as_array().into_iter().flatten();
    let ids = present.map(|r| &r["cve"]["id"]);
    let ids = ids.chain(legacy.map(|r| &r["cve"]["CVE_data_meta"]["ID"]));
    ids.map(|id| id.as_str().unwrap_or_default().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_record_of_the_corpus_is_lost() {
    let Some(root) = corpus("") else { return };
    let (home, mut ids) = (Home::against(&fixtures()), BTreeSet::new());
    let app = home.start(false).await;
    let (mut records, mut refused) = (0, 0);
    for folder in [
        "feeds-1.1",
        "feeds-2.0",
        "sync-sequence",
        "odd-records",
        "api-2.0-pages",
    ] {
        for path in files(&root.join(folder)) {
            let size = std::fs::metadata(&path).unwrap().len();
            if !is_full() && size > 500_000 {
                continue;
            }
            let expect = counted(&unpacked(&path));
            let done = import(&app, &path).await;
            let count = |name: &str| usize::try_from(done[name].as_u64().unwrap()).unwrap();
            let stored = count("added") + count("changed") + count("known");
            assert_eq!(
                stored + count("refused"),
                expect.len(),
                "{}: {done}",
                path.display()
            );
            records += expect.len();
            refused += count("refused");
            ids.extend(expect);
        }
    }
    let stored = usize::try_from(common::counts(&app, "all").await.0).unwrap();
    println!(
        "measured: NVD's files: {records} records of {} CVEs, {refused} refused, {stored} stored",
        ids.len()
    );
    assert_eq!(stored + refused, ids.len());
    assert_eq!(refused, 0, "all of the corpus can be read");
    assert!(stored > 1_000);
    app.stop().await;
}

/// What a record says, by an independent reading: without dates and order.
fn meaning(record: &Value) -> Value {
    let cve = &record["cve"];
    let english = |d: &&Value| d["lang"] == "en";
    json!([
        cve["vulnStatus"] == "Rejected",
        cve["descriptions"]
            .as_array()
            .unwrap()
            .iter()
            .find(english)
            .map(|d| &d["value"]),
        cve["metrics"],
        cve["configurations"],
        cve["affected"],
        cve["cisaExploitAdd"],
    ])
}

/// The same day by day: files of some records that change, in the order of their time.
fn series() -> Option<Vec<(String, Vec<Value>)>> {
    let root = corpus("sync-sequence")?;
    let mut all = Vec::new();
    for path in files(&root) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !is_full() && !name.contains("modified") {
            continue;
        }
        let mut page: Value = serde_json::from_slice(&unpacked(&path)).unwrap();
        let as_of = page["timestamp"].as_str().unwrap().to_owned();
        let Value::Array(records) = page["vulnerabilities"].take() else {
            panic!("{name}")
        };
        all.push((as_of, records));
    }
    all.sort_by(|a, b| a.0.cmp(&b.0));
    if !is_full() {
        // Those with most versions, and some that say the same all the time.
        let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for record in all.iter().flat_map(|(_, records)| records) {
            let id = record["cve"]["id"].as_str().unwrap().to_owned();
            versions.entry(id).or_default().insert(record.to_string());
        }
        let mut ids: Vec<(usize, String)> =
            versions.into_iter().map(|(id, v)| (v.len(), id)).collect();
        ids.sort_by_key(|(n, _)| std::cmp::Reverse(*n));
        let few = ids.len().saturating_sub(60);
        let kept: BTreeSet<String> = ids
            .iter()
            .take(240)
            .chain(&ids[few..])
            .map(|(_, id)| id.clone())
            .collect();
        for (_, records) in &mut all {
            records.retain(|r| kept.contains(r["cve"]["id"].as_str().unwrap()));
        }
    }
    Some(all)
}

/// What is stored, without what depends on when it was learnt.
async fn end_state(app: &App, dir: &Path) -> BTreeMap<String, Value> {
    let path = dir.join("end.json");
    let target = json!({ "kind": "query", "query": "" });
    let request = json!({ "target": target, "format": "json", "path": path, "overwrite": true });
    call(app, "export_run", request).await;
    let mut all: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let Value::Array(lines) = all["alerts"].take() else {
        panic!()
    };
    let mut end = BTreeMap::new();
    for mut line in lines {
        for learnt in ["added", "changed", "changes", "looked", "unread"] {
            line.as_object_mut().unwrap().remove(learnt);
        }
        end.insert(line["uid"].as_str().unwrap().to_owned(), line);
    }
    end
}

#[tokio::test(flavor = "multi_thread")]
async fn the_series_ends_the_same_in_any_order_and_changes_only_what_changed() {
    let Some(series) = series() else { return };
    let dir = common::folder();
    let paths: Vec<PathBuf> = series
        .iter()
        .enumerate()
        .map(|(i, (as_of, records))| write(dir.path(), &format!("{i}.json"), file(as_of, records)))
        .collect();
    let mut rng = StdRng::seed_from_u64(5);
    let mut orders: Vec<Vec<usize>> =
        vec![(0..paths.len()).collect(), (0..paths.len()).rev().collect()];
    for _ in 0..if is_full() { 4 } else { 2 } {
        // Each at least once, some several times.
        let mut order: Vec<usize> = (0..paths.len()).collect();
        order.extend((0..4).map(|_| rng.random_range(0..paths.len())));
        order.shuffle(&mut rng);
        orders.push(order);
    }
    let replay = fixtures();
    let mut first: Option<BTreeMap<String, Value>> = None;
    for order in &orders {
        let home = Home::against(&replay);
        let app = home.start(false).await;
        for at in order {
            let done = import(&app, &paths[*at]).await;
            assert_eq!(done["refused"], 0);
        }
        let end = end_state(&app, dir.path()).await;
        match &first {
            None => {
                only_what_changed(&app, &series, dir.path()).await;
                storm(&app, &series, dir.path()).await;
                first = Some(end);
            }
            Some(first) => {
                assert_eq!(first.len(), end.len());
                for (id, expect) in first {
                    assert_eq!(expect, &end[id], "{order:?}");
                }
            }
        }
        app.stop().await;
    }
}

/// In the order of time: an alert has a history only where its record's meaning changed.
async fn only_what_changed(app: &App, series: &[(String, Vec<Value>)], dir: &Path) {
    let mut meanings: BTreeMap<&str, (Value, bool)> = BTreeMap::new();
    for record in series.iter().flat_map(|(_, records)| records) {
        let (id, now) = (record["cve"]["id"].as_str().unwrap(), meaning(record));
        let entry = meanings.entry(id).or_insert_with(|| (now.clone(), false));
        entry.1 |= entry.0 != now;
        entry.0 = now;
    }
    let path = dir.join("all.json");
    export(app, "", "json", &path).await;
    let all: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let (mut changed, mut told) = (0, 0);
    for alert in all["alerts"].as_array().unwrap() {
        let is_told = alert["changes"]
            .as_array()
            .unwrap()
            .iter()
            // A record that came rejected says so.
            .any(|c| !(c["kind"] == "rejected" && c["before"].is_null()));
        let has_changed = meanings[alert["uid"].as_str().unwrap()].1;
        assert!(has_changed || !is_told, "{alert}");
        changed += usize::from(has_changed);
        told += usize::from(is_told);
    }
    println!(
        "{changed} of {} records changed, {told} changes told",
        meanings.len()
    );
    assert!(
        told * 10 > changed * 8 && changed > 0,
        "{told} of {changed}"
    );
    std::fs::remove_file(path).unwrap();
}

/// Nearly all get a new date and say what they said.
async fn storm(app: &App, series: &[(String, Vec<Value>)], dir: &Path) {
    let mut newest: BTreeMap<&str, Value> = BTreeMap::new();
    for record in series.iter().flat_map(|(_, records)| records) {
        let id = record["cve"]["id"].as_str().unwrap();
        let is_newer = |old: &&mut Value| {
            old["cve"]["lastModified"].as_str() <= record["cve"]["lastModified"].as_str()
        };
        match newest.get_mut(id) {
            old if old.as_ref().is_none_or(is_newer) => {
                newest.insert(id, record.clone());
            }
            _ => {}
        }
    }
    let before = end_state(app, dir).await;
    let mut records: Vec<Value> = newest.into_values().collect();
    let all = records.len();
    for record in records.iter_mut().skip(all / 20) {
        record["cve"]["lastModified"] = "2026-06-15T12:00:00.000".into();
    }
    let path = write(dir, "storm.json", file("2026-06-15T13:00:00.000", &records));
    let done = import(app, &path).await;
    assert_eq!(
        (&done["added"], &done["changed"]),
        (&json!(0), &json!(0)),
        "{done}"
    );
    assert_eq!(done["known"], json!(all));
    let after = end_state(app, dir).await;
    let bumped = before
        .iter()
        .filter(|(id, old)| old["updated"] != after[*id]["updated"])
        .count();
    assert!(bumped * 100 >= all * 90, "{bumped} of {all}");
    for (id, old) in &before {
        assert_eq!(old["facts"], after[id]["facts"]);
        assert_eq!(old["state"], after[id]["state"]);
    }
    assert_eq!(rows(app, "all", "").await.len(), before.len());
}
