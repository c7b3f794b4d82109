//! 10,000 watches, for the products that most CVEs are of, against 10,000 CVEs; one watch beside them.

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use tocsin_analysis::{Subject, Watch, WatchSet};

use crate::bench::Figure;
use crate::corpus;

/// As many as nobody keeps.
const WATCHES: usize = 10_000;

pub(super) struct Watches {
    watches: Vec<Watch>,
}

impl Watches {
    /// The products with the most CVEs, by name.
    pub fn read(corpus: &Path) -> Result<Self, String> {
        let path = corpus.join("ml/cpe_vendor_product_train.tsv.gz");
        let lines =
            corpus::read(&path).ok_or_else(|| format!("{} cannot be read", path.display()))?;
        let mut seen = std::collections::HashSet::new();
        let watches: Vec<Watch> = String::from_utf8_lossy(&lines)
            .lines()
            .filter_map(|line| line.split('\t').nth(1))
            .map(|product| product.replace('_', " "))
            .filter(|product| product.len() > 2 && seen.insert(product.clone()))
            .take(WATCHES)
            .map(|term| Watch {
                term,
                ..Watch::default()
            })
            .collect();
        match watches.len() {
            0 => Err(format!("there are no products in {}", path.display())),
            _ => Ok(Self { watches }),
        }
    }

    pub fn run(&self, texts: &[String]) -> Vec<Figure> {
        let start = Instant::now();
        let all = WatchSet::new(self.watches.clone());
        let build_ms = start.elapsed().as_secs_f64() * 1e3;
        let one = WatchSet::new(self.watches[..1].to_vec());
        let figure = |name, unit, value| Figure { name, unit, value };
        let many_s = scan(&all, texts);
        vec![
            figure("watches_10000.build", "ms", build_ms),
            figure(
                "watches_10000.texts",
                "texts/s",
                texts.len() as f64 / many_s,
            ),
            figure("watches_10000.cves_10000", "ms", many_s * 1e3),
            figure(
                "watches_1.texts",
                "texts/s",
                texts.len() as f64 / scan(&one, texts),
            ),
        ]
    }
}

/// Seconds for all texts.
fn scan(watches: &WatchSet, texts: &[String]) -> f64 {
    let start = Instant::now();
    for text in texts {
        black_box(watches.find(&Subject {
            text,
            ..Subject::default()
        }));
    }
    start.elapsed().as_secs_f64()
}
