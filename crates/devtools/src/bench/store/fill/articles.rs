//! Articles as feeds bring them, made from the corpus' real texts and spread over the last year; one in
//! five names stored CVEs.

use std::path::Path;

use serde::Deserialize;
use tocsin_core::model::{Body, Draft, Facts, Identity, Kind, SourceId, Time};

use super::plan::{Plan, mixed};
use super::records::Records;
use crate::corpus;

/// 2026-11-20.
const LAST_MS: i64 = 1_795_132_800_000;
const YEAR_MS: i64 = 365 * 86_400_000;

#[derive(Deserialize)]
struct Labelled {
    text: String,
}

/// The texts that articles are made from.
pub struct Articles(Vec<String>);

impl Articles {
    pub fn open(corpus: &Path) -> Result<Self, String> {
        let mut texts = Vec::new();
        for name in ["rel_train.jsonl.gz", "rel_dev.jsonl.gz"] {
            let path = corpus.join("ml").join(name);
            let bytes = corpus::read(&path).ok_or(format!("{} is missing", path.display()))?;
            let lines = String::from_utf8_lossy(&bytes);
            texts.extend(
                lines
                    .lines()
                    .filter_map(|line| serde_json::from_str::<Labelled>(line).ok())
                    .map(|labelled| labelled.text),
            );
        }
        if texts.is_empty() {
            return Err("the corpus has no texts for articles".into());
        }
        Ok(Self(texts))
    }

    /// The article at a place of `count`.
    pub fn draft(&self, at: usize, count: usize, plan: &Plan, records: &Records) -> Draft {
        let text = |n: u64| {
            let place = mixed(at as u64, n) % self.0.len() as u64;
            self.0[usize::try_from(place).unwrap_or_default()].as_str()
        };
        let head = self.0[at % self.0.len()].as_str();
        let title: Vec<&str> = head.split_whitespace().take(14).collect();
        let mut body: Vec<String> = std::iter::once(head)
            .chain((0..1 + at as u64 % 6).map(text))
            .map(|t| format!("<p>{}</p>", escaped(t)))
            .collect();
        if at.is_multiple_of(5) && plan.len() > 0 {
            // Articles speak of what is new.
            let recent = plan.len().div_ceil(10) as u64;
            let back = usize::try_from(mixed(at as u64, 99) % recent).unwrap_or_default();
            let uid = plan.uid(records, plan.len() - 1 - back);
            body.push(format!("<p>It is tracked as <b>{uid}</b>.</p>"));
        }
        let share = i64::try_from(at).unwrap_or_default() * YEAR_MS
            / i64::try_from(count.max(1)).unwrap_or(1);
        let link = format!("https://news.example/{at}");
        Draft {
            source: SourceId::new("bench-news"),
            kind: Kind::Article,
            identity: Identity::Feed {
                guid: Some(link.clone()),
                guid_repeats: false,
            },
            title: Some(escaped(&title.join(" "))),
            body: Body::Html(body.join("\n")),
            link: Some(link),
            base: None,
            published: Some(Time(LAST_MS - YEAR_MS + share)),
            updated: None,
            facts: Facts::default(),
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
