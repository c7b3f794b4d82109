//! Thousands of watches against real texts: what is found alone is found together, and how long it takes.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::io::Read;
use std::path::Path;
use std::time::{Duration, Instant};

use flate2::read::MultiGzDecoder;
use serde_json::Value;
use tocsin_analysis::{Subject, Watch, WatchKind, WatchSet, WatchedProduct};

fn unpacked(path: &Path) -> String {
    let packed = std::fs::read(path).unwrap();
    let mut text = String::new();
    MultiGzDecoder::new(&packed[..])
        .read_to_string(&mut text)
        .unwrap();
    text
}

/// The products of NVD's list, most of them as words, some as products with a version, some as regexes.
fn watches(list: &str, count: usize) -> Vec<Watch> {
    let names = list.lines().filter_map(|line| {
        let mut parts = line.split('\t');
        Some((parts.next()?, parts.next()?))
    });
    let watch = |(number, (vendor, product)): (usize, (&str, &str))| match number % 20 {
        0 => Watch {
            term: format!(r"\b{}\s+v?\d+\.\d+", product.replace('_', " ")),
            kind: WatchKind::Regex,
            ..Watch::default()
        },
        1..4 => Watch {
            term: format!("{vendor} {product}"),
            kind: WatchKind::Product,
            product: Some(WatchedProduct {
                vendor: Some(vendor.into()),
                product: product.into(),
                versions: vec!["1.0".into(), "2.x".into()],
            }),
            ..Watch::default()
        },
        _ => Watch {
            term: product.into(),
            ..Watch::default()
        },
    };
    names.enumerate().map(watch).take(count).collect()
}

#[test]
fn ten_thousand_watches_read_real_texts() {
    let Some(corpus) = std::env::var_os("TOCSIN_CORPUS") else {
        println!("skipped: TOCSIN_CORPUS is not set");
        return;
    };
    let ml = Path::new(&corpus).join("ml");
    let list = unpacked(&ml.join("cpe_vendor_product_train.tsv.gz"));
    let is_full = std::env::var_os("TOCSIN_FULL").is_some();
    let file = if is_full {
        "vuln_train.jsonl.gz"
    } else {
        "vuln_dev.jsonl.gz"
    };
    let texts: Vec<String> = unpacked(&ml.join(file))
        .lines()
        .take(if is_full { 10_000 } else { 2_000 })
        .map(|line| {
            let record: Value = serde_json::from_str(line).unwrap();
            record["desc"].as_str().unwrap().to_owned()
        })
        .collect();
    let all = watches(&list, 10_000);
    assert_eq!(all.len(), 10_000);
    let begun = Instant::now();
    let set = WatchSet::new(all.clone());
    println!("compiled in {:?}", begun.elapsed());
    let read = |set: &WatchSet, name: &str| -> Vec<usize> {
        let mut found = Vec::new();
        // The second time nothing is compiled any more.
        for _ in 0..2 {
            let begun = Instant::now();
            found = texts
                .iter()
                .map(|text| {
                    set.find(&Subject {
                        text,
                        ..Subject::default()
                    })
                    .len()
                })
                .collect();
            let took = begun.elapsed();
            println!("{name}: {} texts in {took:?}", texts.len());
            assert!(took < Duration::from_secs(60), "{took:?}");
        }
        found
    };
    let together = read(&set, "10,000 watches");
    let few = read(&WatchSet::new(all[..10].to_vec()), "10 watches");
    assert!(together.iter().zip(&few).all(|(all, few)| all >= few));
    assert!(together.iter().sum::<usize>() > texts.len() / 2);
    // A sample of them alone finds what they find together.
    for watch in all.iter().step_by(997) {
        let alone = WatchSet::new(vec![watch.clone()]);
        for text in texts.iter().take(300) {
            let subject = Subject {
                text,
                ..Subject::default()
            };
            let together = set.find(&subject);
            let own = together.into_iter().filter(|m| m.watch == watch.term);
            assert_eq!(own.collect::<Vec<_>>(), alone.find(&subject), "{watch:?}");
        }
    }
}
