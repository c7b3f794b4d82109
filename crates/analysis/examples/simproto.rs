#![allow(clippy::unwrap_used, missing_docs)]
use std::io::{BufRead, BufReader};
use tocsin_analysis::learn::*;
use tocsin_analysis::text::Document;
struct Item {
    text: String,
    kind: &'static str,
    source: String,
    category: Option<String>,
    score: Option<f64>,
    base: Option<f64>,
    y: bool,
}
fn rng(seed: &mut u64) -> u64 {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    *seed
}
fn shuffle<T>(v: &mut [T], seed: u64) {
    let mut s = seed.wrapping_mul(0x9e3779b97f4a7c15) | 1;
    for _ in 0..10 {
        rng(&mut s);
    }
    for i in (1..v.len()).rev() {
        let j = (rng(&mut s) % (i as u64 + 1)) as usize;
        v.swap(i, j);
    }
}
fn with<R>(i: &Item, f: impl FnOnce(&Traits) -> R) -> R {
    let d = Document::new("", &i.text);
    let (t, x) = if i.kind == "article" {
        (i.text.as_str(), "")
    } else {
        ("", i.text.as_str())
    };
    let d2 = Document::new(t, x);
    let _ = d;
    f(&Traits {
        kind: i.kind,
        source: &i.source,
        category: i.category.as_deref(),
        score: i.score,
        base: i.base,
        ..Traits::of(&d2)
    })
}
fn run(name: &str, pool: &[Item], seeds: u64) {
    let exs: Vec<Example> = pool
        .iter()
        .enumerate()
        .map(|(k, i)| with(i, |t| Example::new(k as u64, t, i.y, From::Said)))
        .collect();
    println!(
        "{name}: {} of which {} relevant",
        pool.len(),
        pool.iter().filter(|i| i.y).count()
    );
    for n in [25usize, 50, 75, 100, 150, 200, 400] {
        let (mut f, mut b, mut ef, mut eb, mut sp, mut worst, mut bf) =
            (0.0, 0.0, 0.0, 0.0, 0, 1.0f64, 0.0);
        let mut ms = 0.0;
        for seed in 1..=seeds {
            let mut order: Vec<usize> = (0..pool.len()).collect();
            shuffle(&mut order, seed);
            let (lab, test) = order.split_at(n);
            let test = &test[..test.len().min(1500)];
            let labels: Vec<Example> = lab.iter().map(|i| exs[*i].clone()).collect();
            let t0 = std::time::Instant::now();
            let tr = train(
                Teach {
                    examples: &labels,
                    threshold: 0.5,
                },
                &mut |k, h| with(&pool[lab[k]], |t| h(t)),
                &|| false,
            )
            .unwrap();
            ms += t0.elapsed().as_secs_f64() * 1e3;
            let base: Vec<Answer> = test
                .iter()
                .map(|i| Answer {
                    probability: exs[*i].without,
                    is_relevant: pool[*i].y,
                })
                .collect();
            let user: Vec<Answer> = test
                .iter()
                .zip(&base)
                .map(|(i, b)| match &tr.model {
                    Some(m) if m.speaks_of(pool[*i].kind) => Answer {
                        probability: with(&pool[*i], |t| m.probability(t)),
                        ..*b
                    },
                    _ => *b,
                })
                .collect();
            let mb = measure(&base, 0.5);
            let mu = measure(&user, 0.5);
            bf += mu.f1;
            let me = if tr.verdict == Verdict::Speaking {
                sp += 1;
                mu
            } else {
                mb
            };
            f += me.f1;
            b += mb.f1;
            ef += me.ece;
            eb += mb.ece;
            worst = worst.min(me.f1 - mb.f1);
        }
        let s = seeds as f64;
        println!(
            "  {n:4} base {:.3} user {:.3} (unguarded {:.3}) ece {:.3} -> {:.3} speaks {sp}/{seeds} worst {worst:+.3} {:.0} ms",
            b / s,
            f / s,
            bf / s,
            eb / s,
            ef / s,
            ms / s
        );
    }
}
fn main() {
    let seeds: u64 = std::env::args().nth(1).map_or(5, |a| a.parse().unwrap());
    let rel: Vec<serde_json::Value> =
        BufReader::new(std::fs::File::open("/tmp/learnsim/rel.jsonl").unwrap())
            .lines()
            .map(|l| serde_json::from_str(&l.unwrap()).unwrap())
            .collect();
    let item = |v: &serde_json::Value, which: &str| Item {
        text: v["text"].as_str().unwrap().into(),
        kind: "article",
        source: v["src"].as_str().unwrap().into(),
        category: None,
        score: None,
        base: v[which].as_f64(),
        y: v["y"] == 1,
    };
    let take = |srcs: &[&str], which: &str, neg_per_pos: usize, one_source: bool| {
        let mut p: Vec<Item> = vec![];
        let mut n: Vec<Item> = vec![];
        for v in &rel {
            if srcs.contains(&v["src"].as_str().unwrap()) {
                let mut i = item(v, which);
                if one_source {
                    i.source = "feed".into();
                }
                if i.y { p.push(i) } else { n.push(i) }
            }
        }
        shuffle(&mut n, 7);
        n.truncate(p.len() * neg_per_pos);
        p.extend(n);
        p
    };
    run(
        "ctiann, base never saw it",
        &take(&["ctiann"], "loso", 2, true),
        seeds,
    );
    run(
        "ctiann, base saw the other half",
        &take(&["ctiann"], "oof", 2, true),
        seeds,
    );
    run(
        "misp+hn, base never saw them",
        &take(&["misp", "hn"], "loso", 2, true),
        seeds,
    );
    run(
        "all, base saw the other half",
        &take(&["misp", "hn", "huffpost", "ctiann"], "oof", 2, true),
        seeds,
    );
    let f = std::process::Command::new("zcat")
        .arg("/work/shared/data/ml/vuln_dev.jsonl.gz")
        .output()
        .unwrap()
        .stdout;
    let vuln: Vec<serde_json::Value> = String::from_utf8(f)
        .unwrap()
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    let cve = |v: &serde_json::Value, y: bool| Item {
        text: v["desc"].as_str().unwrap().into(),
        kind: "vulnerability",
        source: "nvd".into(),
        category: v["category"].as_str().map(Into::into),
        score: v["cvss"].as_f64(),
        base: Some(0.99),
        y,
    };
    let pool: Vec<Item> = vuln
        .iter()
        .map(|v| {
            let c = v["category"].as_str().unwrap_or("");
            cve(
                v,
                [
                    "code_command_injection",
                    "sql_injection",
                    "memory_corruption",
                    "path_traversal",
                ]
                .contains(&c)
                    && v["cvss"].as_f64().is_some_and(|s| s >= 7.0),
            )
        })
        .collect();
    run("team: severe injections", &pool, seeds);
    let pool: Vec<Item> = vuln
        .iter()
        .map(|v| {
            let d = v["desc"].as_str().unwrap().to_lowercase();
            cve(
                v,
                ["linux kernel", "windows", "microsoft", "adobe"]
                    .iter()
                    .any(|w| d.contains(w)),
            )
        })
        .collect();
    run("team: Linux, Microsoft, Adobe", &pool, seeds);
    // speed at 1,000
    let labels: Vec<Example> = pool
        .iter()
        .take(1000)
        .enumerate()
        .map(|(k, i)| with(i, |t| Example::new(k as u64, t, i.y, From::Said)))
        .collect();
    let t0 = std::time::Instant::now();
    let tr = train(
        Teach {
            examples: &labels,
            threshold: 0.5,
        },
        &mut |k, h| with(&pool[k], |t| h(t)),
        &|| false,
    )
    .unwrap();
    println!(
        "1000 labels: {:?} {:?} {:?}",
        t0.elapsed(),
        tr.cross,
        tr.model.as_ref().map(|m| (m.features(), m.write().len()))
    );
    println!("{:?}", tr.model.unwrap().terms(12));
    println!(
        "{}",
        std::fs::read_to_string("/proc/self/status")
            .unwrap()
            .lines()
            .find(|l| l.starts_with("VmHWM"))
            .unwrap()
    );
}
