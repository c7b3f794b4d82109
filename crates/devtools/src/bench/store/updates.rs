//! A page of 2,000 updates of NVD's is stored while somebody looks at lists.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use async_trait::async_trait;
use tocsin_core::error::Fault;
use tocsin_core::model::Sort;
use tocsin_core::query::node::Node;
use tocsin_core::source::{Fetch, Pages, Source};
use tocsin_core::store::{Db, StoreError, list};

use super::fill::{Material, PAGE, Plan, pipeline, run, store_bytes};
use super::queries::{ROWS, ms, page, read, rows};
use super::report::{Report, Times};
use crate::bench::ingest::watches;

/// How often a page is stored.
const ROUNDS: u64 = 3;
/// What is looked at meanwhile.
const LOOKED_AT: [&str; 8] = [
    "",
    "severity:high",
    "vendor:microsoft",
    "\"denial of service\"",
    "apache OR nginx OR openssl",
    "published:<30d",
    "linux kernel",
    "state:open (kev:true OR epss>10%)",
];

/// Stores pages with changed scores; each changes the database for good, but not its size.
pub fn measure(
    runtime: &tokio::runtime::Runtime,
    material: &Material,
    plan: &Plan,
    name: &str,
    database: &Path,
    report: &mut Report,
) -> Result<(), String> {
    let plan = plan.sample(PAGE);
    report.part(format!(
        "a page of {} updates of NVD's (other scores), with {} watches, while lists are read without a pause, {name}",
        plan.len(),
        watches().len()
    ));
    let nodes: Vec<Node> = LOOKED_AT
        .iter()
        .filter_map(|text| match read(text) {
            Ok(node) => Some(node),
            Err(why) => {
                report.fault(text, &why);
                None
            }
        })
        .collect();
    runtime.block_on(async {
        let pipeline = pipeline(database)?;
        let mut stored = Times::default();
        let mut looks = Looks::default();
        let mut changed = 0;
        for round in 0..ROUNDS {
            let salt = pipeline.clock.now().ms().unsigned_abs() + round;
            let bytes = plan.rescored(&material.records, salt)?;
            let is_over = Arc::new(AtomicBool::new(false));
            let looking = tokio::spawn(look(
                pipeline.db.clone(),
                nodes.clone(),
                Arc::clone(&is_over),
            ));
            let start = Instant::now();
            let ran = run(&pipeline, "nvd", &Update(bytes)).await;
            stored.push(ms(start));
            is_over.store(true, Ordering::Relaxed);
            let seen = looking.await.map_err(|e| e.to_string())?;
            looks.extend(&seen.map_err(|e| e.to_string())?);
            changed += ran?.changed;
        }
        pipeline.db.close().await;
        report.value(format!("{name}.update.stored"), "ms", stored.percentile(50));
        let pages = &looks.pages;
        report.value(format!("{name}.update.page.p50"), "ms", pages.percentile(50));
        report.bounded(format!("{name}.update.page.p99"), "ms", pages.percentile(99), 30.0);
        report.value(format!("{name}.update.page.max"), "ms", pages.percentile(100));
        let lists = &looks.lists;
        report.value(format!("{name}.update.whole_list.p99"), "ms", lists.percentile(99));
        report.note(format!(
            "{} newest-first pages and {} whole lists (all ids in order, and the first rows) in {ROUNDS} rounds; {changed} alerts changed",
            pages.len(),
            lists.len()
        ));
        Ok(())
    })
}

/// What somebody who looks at lists waits for.
#[derive(Default)]
struct Looks {
    /// First pages, newest first.
    pages: Times,
    /// Whole lists as the window opens them.
    lists: Times,
}

impl Looks {
    fn extend(&mut self, other: &Self) {
        self.pages.extend(&other.pages);
        self.lists.extend(&other.lists);
    }
}

async fn look(db: Db, nodes: Vec<Node>, is_over: Arc<AtomicBool>) -> Result<Looks, StoreError> {
    let mut looks = Looks::default();
    for (i, node) in nodes.iter().cycle().enumerate() {
        if is_over.load(Ordering::Relaxed) {
            break;
        }
        let asked = node.clone();
        let start = Instant::now();
        db.read(move |r| page(r, &asked, Sort::Newest)).await?;
        looks.pages.push(ms(start));
        if i % 4 == 3 {
            let asked = node.clone();
            let start = Instant::now();
            db.read(move |r| {
                let ids = list::ids(r, &asked, Sort::Newest)?.ids;
                rows(r, &asked, &ids[..ids.len().min(ROWS as usize)])
            })
            .await?;
            looks.lists.push(ms(start));
        }
    }
    Ok(looks)
}

/// One page.
struct Update(Vec<u8>);

#[async_trait]
impl Source for Update {
    async fn collect(&self, _fetch: Fetch<'_>, pages: &mut dyn Pages) -> Result<(), Fault> {
        store_bytes(&self.0, pages).await.map(drop)
    }
}
