//! Versions as real records state them: their order is one, and each span holds its own ends.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::cmp::Ordering;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use serde_json::Value;
use tocsin_analysis::{VersionRange, compare_versions};

/// The documents of a folder, plain or packed, at most so many.
fn documents(folder: &Path, most: usize) -> Vec<Value> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: &PathBuf| {
        let mut bytes = std::fs::read(path).unwrap();
        if path.extension().is_some_and(|e| e == "gz") {
            let packed = std::mem::take(&mut bytes);
            MultiGzDecoder::new(&packed[..])
                .read_to_end(&mut bytes)
                .ok()?;
        }
        // Some are broken on purpose.
        serde_json::from_slice(&bytes).ok()
    };
    paths.iter().rev().take(most).filter_map(read).collect()
}

/// The spans of NVD's configurations and of CNAs' lists, wherever they are in a document.
fn spans(value: &Value, all: &mut Vec<VersionRange>) {
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    match value {
        Value::Array(list) => list.iter().for_each(|v| spans(v, all)),
        Value::Object(map) => {
            if map.contains_key("criteria") || map.contains_key("cpe23Uri") {
                all.push(VersionRange {
                    exactly: None,
                    from: text(value, "versionStartIncluding"),
                    after: text(value, "versionStartExcluding"),
                    through: text(value, "versionEndIncluding"),
                    before: text(value, "versionEndExcluding"),
                });
            } else if map.contains_key("lessThan") || map.contains_key("lessThanOrEqual") {
                all.push(VersionRange {
                    exactly: None,
                    from: text(value, "version"),
                    after: None,
                    through: text(value, "lessThanOrEqual"),
                    before: text(value, "lessThan"),
                });
            }
            map.values().for_each(|v| spans(v, all));
        }
        _ => {}
    }
}

#[test]
fn versions_of_the_corpus_are_ordered() {
    let Some(corpus) = std::env::var_os("TOCSIN_CORPUS") else {
        println!("skipped: TOCSIN_CORPUS is not set");
        return;
    };
    let nvd = Path::new(&corpus).join("nvd");
    let most = if std::env::var_os("TOCSIN_FULL").is_some() {
        100
    } else {
        3
    };
    let mut all = Vec::new();
    for document in ["odd-records", "api-2.0-pages", "sync-sequence"]
        .iter()
        .flat_map(|folder| documents(&nvd.join(folder), most))
    {
        spans(&document, &mut all);
    }
    all.retain(|span| *span != VersionRange::default());
    assert!(all.len() > 500, "{} spans", all.len());
    let is_hash = |v: &str| v.len() >= 12 && v.bytes().all(|b| b.is_ascii_hexdigit());
    let mut versions: Vec<&str> = Vec::new();
    let (mut checked, mut odd) = (0, 0);
    for span in &all {
        let low = span.from.as_deref().or(span.after.as_deref());
        let high = span.through.as_deref().or(span.before.as_deref());
        versions.extend(low.into_iter().chain(high));
        if let (Some(from), Some(before)) = (&span.from, &span.before)
            && !is_hash(from)
            && !from.contains('*')
        {
            checked += 1;
            if compare_versions(from, before) != Ordering::Less {
                odd += 1;
                println!("{from} to {before}");
            } else {
                assert!(span.contains(from) && !span.contains(before), "{span:?}");
            }
        }
        if let Some(through) = &span.through
            && span
                .from
                .as_ref()
                .is_none_or(|from| compare_versions(from, through).is_le())
            && span
                .after
                .as_ref()
                .is_none_or(|after| compare_versions(after, through).is_lt())
        {
            assert!(span.contains(through), "{span:?}");
        }
    }
    println!(
        "{} spans, {checked} with both ends, {odd} out of order",
        all.len()
    );
    assert!(checked > 200 && odd * 50 < checked, "{odd} of {checked}");
    // A total order.
    versions.sort_unstable();
    versions.dedup();
    let rng = &mut StdRng::seed_from_u64(9);
    for _ in 0..200_000 {
        let [a, b, c] = [(); 3].map(|()| *versions.choose(rng).unwrap());
        assert_eq!(
            compare_versions(a, b),
            compare_versions(b, a).reverse(),
            "{a} {b}"
        );
        if compare_versions(a, b).is_le() && compare_versions(b, c).is_le() {
            assert!(compare_versions(a, c).is_le(), "{a} {b} {c}");
        }
    }
}
