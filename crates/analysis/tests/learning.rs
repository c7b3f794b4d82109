//! Feedback simulated on public labels: the curve of F1 and calibration against the number of labels. Needs
//! TOCSIN_CORPUS; an ordinary run looks at fewer numbers of labels than TOCSIN_FULL=1 (docs/analysis.md has its table).
//!
//! The base of these tests is a naive Bayes made here from texts that are not learnt from, so that it can be
//! one that never saw a source; what is tested is the user's model, which takes any base's probability.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::HashMap;
use std::io::Read;
use std::path::PathBuf;
use std::time::Instant;

use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use serde_json::Value;
use tocsin_analysis::learn::{
    Answer, Example, LabelFrom, Measured, Teach, Traits, UserModel, Verdict, measure, train,
};
use tocsin_analysis::text::Document;

/// How many alerts are labelled.
const COUNTS: [usize; 7] = [10, 25, 50, 75, 100, 200, 400];
/// Alerts that an answer is measured on.
const MEASURED: usize = 1_200;

struct Item {
    text: String,
    kind: &'static str,
    category: Option<String>,
    score: Option<f64>,
    base: Option<f64>,
    is_relevant: bool,
}

impl Item {
    fn with<T>(&self, then: impl FnOnce(&Traits<'_>) -> T) -> T {
        let document = match self.kind {
            "article" => Document::new(&self.text, ""),
            _ => Document::new("", &self.text),
        };
        then(&Traits {
            kind: self.kind,
            source: "one",
            category: self.category.as_deref(),
            score: self.score,
            base: self.base,
            ..Traits::of(&document)
        })
    }
}

fn corpus() -> Option<PathBuf> {
    let found = std::env::var_os("TOCSIN_CORPUS").map(|dir| PathBuf::from(dir).join("ml"));
    if found.is_none() {
        eprintln!("skipped: TOCSIN_CORPUS is not set");
    }
    found
}

fn is_full() -> bool {
    std::env::var_os("TOCSIN_FULL").is_some()
}

/// What is claimed is a mean over twenty; fewer would measure the dice.
const SEEDS: u64 = 20;

fn read(file: PathBuf) -> Vec<Value> {
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(file).unwrap())
        .read_to_string(&mut text)
        .unwrap();
    text.lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect()
}

/// Says how likely a text is about security, by the words of others.
struct Bayes {
    odds: HashMap<u64, f64>,
    prior: f64,
}

impl Bayes {
    fn of<'a>(texts: impl Iterator<Item = (&'a str, bool)>) -> Self {
        let mut seen: HashMap<u64, [f64; 2]> = HashMap::new();
        let mut count = [0.0_f64; 2];
        for (text, is_security) in texts {
            count[usize::from(is_security)] += 1.0;
            let document = Document::new(text, "");
            let mut words: Vec<u64> = document.tokens().iter().map(|t| t.hash).collect();
            words.sort_unstable();
            words.dedup();
            for word in words {
                seen.entry(word).or_default()[usize::from(is_security)] += 1.0;
            }
        }
        let odds = |[no, yes]: [f64; 2]| {
            ((yes + 0.5) / (count[1] + 1.0) / ((no + 0.5) / (count[0] + 1.0))).ln()
        };
        Self {
            odds: seen.into_iter().map(|(word, n)| (word, odds(n))).collect(),
            prior: (count[1] / count[0]).ln(),
        }
    }

    fn probability(&self, text: &str) -> f64 {
        let document = Document::new(text, "");
        let sum: f64 = document
            .tokens()
            .iter()
            .filter_map(|t| self.odds.get(&t.hash))
            .sum();
        1.0 / (1.0 + (-(self.prior + sum) * 0.5).exp())
    }
}

/// Texts of some sources, twice as many that are not about security, judged by a base that learnt from those
/// that `learns_from` allows.
fn news(rows: &[Value], sources: &[&str], learns_from: impl Fn(usize, &str) -> bool) -> Vec<Item> {
    let source = |row: &Value| row["src"].as_str().unwrap().to_owned();
    let text = |row: &Value| row["text"].as_str().unwrap().to_owned();
    let lessons: Vec<(String, bool)> = rows
        .iter()
        .enumerate()
        .filter(|(n, row)| learns_from(*n, &source(row)))
        .map(|(_, row)| (text(row), row["y"] == 1))
        .collect();
    let bayes = Bayes::of(lessons.iter().map(|(text, y)| (text.as_str(), *y)));
    let others = rows.iter().enumerate().filter(|(n, row)| {
        sources.contains(&source(row).as_str()) && !learns_from(*n, &source(row))
    });
    let (mut yes, mut no): (Vec<&Value>, Vec<&Value>) =
        others.map(|(_, row)| row).partition(|row| row["y"] == 1);
    no.shuffle(&mut StdRng::seed_from_u64(7));
    no.truncate(yes.len() * 2);
    yes.extend(no);
    yes.into_iter()
        .map(|row| Item {
            base: Some(bayes.probability(row["text"].as_str().unwrap())),
            text: text(row),
            kind: "article",
            category: None,
            score: None,
            is_relevant: row["y"] == 1,
        })
        .collect()
}

/// CVEs and a team that cares for some of them, which no base can know.
fn team(rows: &[Value], cares: impl Fn(&Value) -> bool) -> Vec<Item> {
    rows.iter()
        .map(|row| Item {
            text: row["desc"].as_str().unwrap().to_owned(),
            kind: "vulnerability",
            category: row["category"].as_str().map(str::to_owned),
            score: row["cvss"].as_f64(),
            base: Some(0.97),
            is_relevant: cares(row),
        })
        .collect()
}

/// Base and user's model at one number of labels, means over the seeds.
#[derive(Debug, Default)]
struct Point {
    labels: usize,
    base: [f64; 2],
    user: [f64; 2],
    speaks: u64,
}

fn model_of(pool: &[Item], examples: &[Example], labelled: &[usize]) -> Option<UserModel> {
    let labels: Vec<Example> = labelled.iter().map(|i| examples[*i].clone()).collect();
    let teach = Teach {
        examples: &labels,
        threshold: 0.5,
    };
    let mut read = |place: usize, hear: &mut dyn FnMut(&Traits<'_>)| {
        pool[labelled[place]].with(|traits| hear(traits));
    };
    let trained = train(teach, &mut read, &|| false).unwrap();
    trained
        .model
        .filter(|_| trained.verdict == Verdict::Speaking)
}

fn curve(name: &str, pool: &[Item]) -> Vec<Point> {
    let examples: Vec<Example> = pool
        .iter()
        .zip(0..)
        .map(|(item, key)| {
            item.with(|traits| Example::new(key, traits, item.is_relevant, LabelFrom::Said))
        })
        .collect();
    let relevant = pool.iter().filter(|item| item.is_relevant).count();
    println!("\n{name}: {} alerts, {relevant} relevant", pool.len());
    println!("| labels | F1 base | F1 with feedback | ECE base | ECE with feedback | speaks |");
    println!("|---|---|---|---|---|---|");
    let n = SEEDS as f64;
    COUNTS
        .into_iter()
        .filter(|labels| is_full() || [50, 100].contains(labels))
        .map(|labels| {
            let mut point = Point {
                labels,
                ..Point::default()
            };
            for seed in 0..SEEDS {
                let mut order: Vec<usize> = (0..pool.len()).collect();
                order.shuffle(&mut StdRng::seed_from_u64(seed * 1_000 + labels as u64));
                let (labelled, rest) = order.split_at(labels);
                let rest = &rest[..rest.len().min(MEASURED)];
                let model = model_of(pool, &examples, labelled);
                point.speaks += u64::from(model.is_some());
                let answer = |i: &usize, probability: f64| Answer {
                    probability,
                    is_relevant: pool[*i].is_relevant,
                };
                let base: Vec<Answer> = rest
                    .iter()
                    .map(|i| answer(i, examples[*i].without))
                    .collect();
                let user: Vec<Answer> = match &model {
                    Some(model) => rest
                        .iter()
                        .map(|i| answer(i, pool[*i].with(|traits| model.probability(traits))))
                        .collect(),
                    None => base.clone(),
                };
                let sum = |into: &mut [f64; 2], m: Measured| {
                    into[0] += m.f1 / n;
                    into[1] += m.ece / n;
                };
                sum(&mut point.base, measure(&base, 0.5));
                sum(&mut point.user, measure(&user, 0.5));
            }
            let Point { base, user, .. } = &point;
            println!(
                "| {labels} | {:.3} | {:.3} | {:.3} | {:.3} | {} of {} |",
                base[0], user[0], base[1], user[1], point.speaks, SEEDS
            );
            point
        })
        .collect()
}

/// Never worse by more than .005 below 100 labels; from 100 on better, in F1 and in calibration.
fn check(name: &str, points: &[Point]) {
    for point in points {
        let gain = point.user[0] - point.base[0];
        assert!(gain > -0.005, "{name}: {point:?}");
        if point.labels >= 100 {
            assert!(gain > 0.0, "{name}: {point:?}");
            assert!(point.user[1] < point.base[1], "{name}: {point:?}");
        }
    }
}

#[test]
fn feedback_on_news_is_never_worse_and_soon_better_than_the_base() {
    let Some(corpus) = corpus() else { return };
    let mut rows = read(corpus.join("rel_train.jsonl.gz"));
    rows.extend(read(corpus.join("rel_dev.jsonl.gz")));
    let strange = news(&rows, &["ctiann"], |_, source| source != "ctiann");
    check(
        "a strange source",
        &curve("News of a source that the base never saw", &strange),
    );
    let others = news(&rows, &["misp", "hn"], |_, source| {
        !["misp", "hn"].contains(&source)
    });
    check(
        "strange sources",
        &curve("News of two sources that the base never saw", &others),
    );
    let known = news(&rows, &["misp", "hn", "huffpost", "ctiann"], |n, _| {
        n % 2 == 0
    });
    check(
        "known sources",
        &curve("News of sources that the base knows", &known),
    );
}

#[test]
fn feedback_of_a_team_teaches_what_no_base_can_know() {
    let Some(corpus) = corpus() else { return };
    let rows = read(corpus.join("vuln_dev.jsonl.gz"));
    let injections = team(&rows, |row| {
        let category = row["category"].as_str().unwrap_or_default();
        let is_injection = [
            "code_command_injection",
            "sql_injection",
            "memory_corruption",
            "path_traversal_file",
        ]
        .contains(&category);
        is_injection && row["cvss"].as_f64().is_some_and(|score| score >= 7.0)
    });
    check(
        "severe injections",
        &curve("CVEs; a team that cares for severe injections", &injections),
    );
    let products = team(&rows, |row| {
        let text = row["desc"].as_str().unwrap().to_lowercase();
        ["linux kernel", "windows", "microsoft", "adobe"]
            .iter()
            .any(|name| text.contains(name))
    });
    check(
        "products",
        &curve(
            "CVEs; a team that cares for Linux, Microsoft and Adobe",
            &products,
        ),
    );
}

/// An alert of made words, so that no corpus is needed.
fn made(number: u64, random: &mut StdRng) -> Item {
    let is_relevant = number.is_multiple_of(3);
    let theme = if is_relevant { "turbine" } else { "cashier" };
    let noise: Vec<String> = (0..30)
        .map(|_| format!("word{}", random.random_range(0..1_500)))
        .collect();
    Item {
        text: format!("{theme} {} {theme}", noise.join(" ")),
        kind: "article",
        category: None,
        score: None,
        base: Some(random.random_range(0.2..0.8)),
        is_relevant,
    }
}

fn made_model(count: u64) -> (Vec<Item>, UserModel) {
    let mut random = StdRng::seed_from_u64(1);
    let pool: Vec<Item> = (0..count).map(|n| made(n, &mut random)).collect();
    let examples: Vec<Example> = pool
        .iter()
        .zip(0..)
        .map(|(item, key)| item.with(|t| Example::new(key, t, item.is_relevant, LabelFrom::Said)))
        .collect();
    let all: Vec<usize> = (0..pool.len()).collect();
    let model = model_of(&pool, &examples, &all).unwrap();
    (pool, model)
}

#[test]
fn a_thousand_labels_are_learnt_in_half_a_second_and_64_mb() {
    let begun = Instant::now();
    let (pool, model) = made_model(1_000);
    let taken = begun.elapsed();
    println!("1,000 labels: {taken:?}, {} features", model.features());
    // Other tests and programs run beside it: the half second is for a machine of its own.
    assert!(taken.as_millis() < 10_000, "{taken:?}");
    assert!(model.features() <= 1_024 && model.features() > 512);
    // The matrix is the largest part: rows with those of the anchors, eight bytes a number.
    assert!((1_000 + 100) * model.features() * 8 < 64 << 20);
    let is_right = |item: &&Item| {
        let p = item.with(|traits| model.probability(traits));
        (p >= 0.5) == item.is_relevant
    };
    assert!(pool.iter().filter(is_right).count() > 980);
}

#[test]
fn the_same_labels_make_the_same_bytes_and_bytes_the_same_model() {
    let (pool, model) = made_model(120);
    let (_, again) = made_model(120);
    let bytes = model.write();
    assert_eq!(again.write(), bytes);
    let read = UserModel::read(&bytes).unwrap();
    assert_eq!(read, model);
    for item in &pool {
        item.with(|traits| {
            assert_eq!(read.probability(traits), model.probability(traits));
        });
    }
    let terms = model.terms(40);
    assert!(terms.len() == 40 && terms[0].weight > 0.0 && terms[39].weight < 0.0);
    assert!(terms[0].term.contains("turbine"), "{:?}", terms[0]);
}

#[test]
fn cut_changed_and_newer_bytes_are_refused() {
    use tocsin_analysis::learn::ReadError;
    let (_, model) = made_model(120);
    let bytes = model.write();
    for cut in [0, 1, 20, 60, bytes.len() / 2, bytes.len() - 1] {
        assert!(UserModel::read(&bytes[..cut]).is_err(), "{cut}");
    }
    for at in (0..bytes.len()).step_by(97) {
        let mut flipped = bytes.clone();
        flipped[at] ^= 4;
        assert!(UserModel::read(&flipped).is_err(), "{at}");
    }
    let newer = String::from_utf8(bytes)
        .unwrap()
        .replacen("model\":1", "model\":2", 1);
    assert_eq!(
        UserModel::read(newer.as_bytes()),
        Err(ReadError::Version { found: 2 })
    );
}

#[test]
fn an_explanation_names_the_words_that_decide_and_where_they_stand() {
    let (_, model) = made_model(300);
    let document = Document::new("Größe: turbine", "The cashier saw a TURBINE there.");
    let traits = Traits {
        kind: "article",
        source: "one",
        base: Some(0.6),
        ..Traits::of(&document)
    };
    for is_relevant in [true, false] {
        let why = model.explain(&traits, is_relevant);
        let of = |word: &str| why.iter().find(|term| term.term == word).unwrap();
        assert_eq!(of("turbine").weight > 0.0, is_relevant);
        assert_eq!(of("cashier").weight > 0.0, !is_relevant);
        let places: Vec<(u32, u32)> = of("turbine")
            .spans
            .iter()
            .map(|s| (s.start, s.end))
            .collect();
        assert_eq!(places, [(7, 14), (18, 25)]);
        assert!(why.is_sorted_by_key(|term| term.weight < 0.0));
    }
}

#[test]
fn labels_of_one_kind_or_too_few_make_no_model_and_no_panic() {
    let mut random = StdRng::seed_from_u64(3);
    for (count, is_relevant) in [(0, true), (1, true), (400, true), (400, false), (24, true)] {
        let examples: Vec<Example> = (0..count)
            .map(|n| {
                let item = made(n, &mut random);
                let relevant = if count == 24 { n % 2 == 0 } else { is_relevant };
                item.with(|t| Example::new(n, t, relevant, LabelFrom::Said))
            })
            .collect();
        let teach = Teach {
            examples: &examples,
            threshold: 0.5,
        };
        let trained = train(teach, &mut |_, _| (), &|| false).unwrap();
        assert_eq!(trained.verdict, Verdict::Gathering);
        assert!(trained.model.is_none());
    }
    let stopped = train(
        Teach {
            examples: &(0..60)
                .map(|n| {
                    made(n, &mut random).with(|t| Example::new(n, t, n % 2 == 0, LabelFrom::Said))
                })
                .collect::<Vec<_>>(),
            threshold: 0.5,
        },
        &mut |_, _| (),
        &|| true,
    );
    assert!(stopped.is_none());
}
