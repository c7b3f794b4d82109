//! First pages and counts of 60 queries, straight from the store. *Cold* is after a commit that touched a
//! text: the index remembers no words and the readers' page caches are empty, as after each collected page;
//! the file itself is in the system's cache. *Warm* is the same question asked again.

mod table;
mod verdict;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use tocsin_core::clock::Clock;
use tocsin_core::model::{Alert, AlertId, Sort};
use tocsin_core::query;
use tocsin_core::query::node::Node;
use tocsin_core::store::{Db, Open, Read, StoreError, alerts, list, search};

use super::report::{Report, Times};
use crate::bench::memory;

use table::Query;

pub use table::QUERIES;
pub use verdict::growth;

/// Rows of a page.
pub const ROWS: u32 = 100;
/// How long one kind of measurement of a query may take.
const PATIENCE: Duration = Duration::from_secs(3);
/// What is measured at least, however long it takes.
const LEAST: usize = 3;

/// One query's measurements.
pub struct Measured {
    query: &'static Query,
    count: u32,
    rows: usize,
    page_cold: Times,
    page_warm: Times,
    count_cold: Times,
    count_warm: Times,
    sorted_cold: BTreeMap<&'static str, Times>,
    sorted_warm: BTreeMap<&'static str, Times>,
    /// How many were ranked by text, where the answer says that not all were.
    ranked: Option<u32>,
}

/// What one size of database gave.
pub struct Found {
    name: &'static str,
    alerts: u32,
    measured: Vec<Measured>,
}

/// Measures all queries on a filled database.
pub fn measure(
    runtime: &tokio::runtime::Runtime,
    name: &'static str,
    database: &Path,
    most: usize,
    report: &mut Report,
) -> Result<Found, String> {
    let before = memory::now_mib();
    memory::reset_peak();
    let start = Instant::now();
    let db = Db::open(database, Open::Write).map_err(|e| e.to_string())?;
    let open_ms = ms(start);
    let loaded = memory::now_mib();
    report.part(format!("queries, {name}: {}", database.display()));
    let found = runtime.block_on(async {
        let alerts = db
            .read(|r| Ok(list::total(r)))
            .await
            .map_err(|e| e.to_string())?;
        let mut measured = Vec::new();
        for query in &QUERIES {
            match one(&db, query, most).await {
                Ok(one) => measured.push(one),
                Err(why) => report.fault(query.text, &why),
            }
        }
        db.close().await;
        Ok::<_, String>(Found {
            name,
            alerts,
            measured,
        })
    })?;
    found.report(report);
    report.value(format!("{name}.open"), "ms", open_ms);
    if let (Some(before), Some(loaded), Some(peak)) = (before, loaded, memory::peak_mib()) {
        report.value(format!("{name}.index_memory"), "MiB", loaded - before);
        report.value(format!("{name}.query_peak_memory"), "MiB", peak - before);
    }
    Ok(found)
}

async fn one(db: &Db, query: &'static Query, most: usize) -> Result<Measured, String> {
    let node = read(query.text)?;
    let asked = node.clone();
    let (count, rows, ranked) = db
        .read(move |r| {
            let rows = page(r, &asked, Sort::Newest)?;
            let ranked = list::ids(r, &asked, Sort::TextMatch)?.ranked;
            Ok((list::count(r, &asked)?, rows, ranked))
        })
        .await
        .map_err(|e| e.to_string())?;
    let mut measured = Measured {
        query,
        count,
        rows,
        page_cold: Times::default(),
        page_warm: Times::default(),
        count_cold: Times::default(),
        count_warm: Times::default(),
        sorted_cold: BTreeMap::new(),
        sorted_warm: BTreeMap::new(),
        ranked,
    };
    measured
        .measure(db, &node, most)
        .await
        .map_err(|e| e.to_string())?;
    Ok(measured)
}

/// A query as the store takes it.
pub fn read(text: &str) -> Result<Node, String> {
    query::parse(text)
        .map(|query| query.lower(Clock::system().now()))
        .map_err(|error| format!("{} ({} to {})", error.message, error.start, error.end))
}

impl Measured {
    async fn measure(&mut self, db: &Db, node: &Node, most: usize) -> Result<(), StoreError> {
        let first = |r: &Read<'_>, node: &Node| page(r, node, Sort::Newest).map(drop);
        (self.page_cold, self.page_warm) = times(db, node, most, first).await?;
        let count = |r: &Read<'_>, node: &Node| list::count(r, node).map(drop);
        (self.count_cold, self.count_warm) = times(db, node, most, count).await?;
        if !self.query.sorted {
            return Ok(());
        }
        for sort in Sort::ALL.into_iter().filter(|s| *s != Sort::Newest) {
            let first = move |r: &Read<'_>, node: &Node| page(r, node, sort).map(drop);
            let (cold, warm) = times(db, node, most, first).await?;
            self.sorted_cold.insert(sort.as_str(), cold);
            self.sorted_warm.insert(sort.as_str(), warm);
        }
        Ok(())
    }

    fn slowest_sort(&self) -> Option<(&'static str, f64)> {
        self.sorted_cold
            .iter()
            .map(|(sort, times)| (*sort, times.percentile(50)))
            .max_by(|a, b| a.1.total_cmp(&b.1))
    }
}

/// The same question cold and warm, in turn, so many times at most.
async fn times<F>(db: &Db, node: &Node, most: usize, ask: F) -> Result<(Times, Times), StoreError>
where
    F: Fn(&Read<'_>, &Node) -> Result<(), StoreError> + Copy + Send + 'static,
{
    let (mut cold, mut warm) = (Times::default(), Times::default());
    let begun = Instant::now();
    while cold.len() < most && (cold.len() < LEAST || begun.elapsed() < PATIENCE) {
        forget(db).await?;
        for times in [&mut cold, &mut warm] {
            let node = node.clone();
            let start = Instant::now();
            db.read(move |r| ask(r, &node)).await?;
            times.push(ms(start));
        }
    }
    Ok((cold, warm))
}

/// The first page as a list shows it. Rows in it.
pub fn page(r: &Read<'_>, node: &Node, sort: Sort) -> Result<usize, StoreError> {
    let cursors = list::page(r, node, sort, None, ROWS)?;
    let ids: Vec<AlertId> = cursors.into_iter().map(list::Cursor::id).collect();
    rows(r, node, &ids)
}

/// What a list shows of these. How many there are.
pub fn rows(r: &Read<'_>, node: &Node, ids: &[AlertId]) -> Result<usize, StoreError> {
    let texts: Vec<_> = node.texts().into_iter().cloned().collect();
    let found = alerts::summaries(r, ids)?;
    for summary in &found {
        std::hint::black_box(search::marks(r, &texts, summary.id, &summary.title)?);
    }
    Ok(found.len())
}

/// Makes the index forget the words that it looked up: stores one alert as it is, which touches its text.
async fn forget(db: &Db) -> Result<(), StoreError> {
    db.write(|w| {
        let everything = Node::everything();
        let Some(first) = list::page(w, &everything, Sort::Newest, None, 1)?.pop() else {
            return Ok(());
        };
        let Some(stored) = alerts::get(w, first.id())? else {
            return Ok(());
        };
        let summary = &stored.summary;
        let Some(alerts::Known { id, hash, .. }) = alerts::known(w, &summary.uid)? else {
            return Ok(());
        };
        let same = Alert {
            uid: summary.uid.clone(),
            source: summary.source.clone(),
            kind: summary.kind,
            title: summary.title.clone(),
            text: stored.text.clone(),
            url: summary.url.clone(),
            published: Some(summary.published),
            updated: summary.updated,
            facts: stored.facts.clone(),
            hash,
        };
        alerts::update(w, id, &stored, &same, &stored.finding, None)
    })
    .await
}

/// Milliseconds since.
pub fn ms(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1000.0
}
