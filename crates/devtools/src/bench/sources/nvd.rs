//! NVD: pages as bytes to alerts that are ready for analysis, as the pipeline makes them (all cores), beside
//! plain `serde_json` parsing of the same bytes into a generic value, in one run. The ratio is our time by
//! that one's; with `.one_core` everything of ours runs on one.

use std::hint::black_box;
use std::time::{Duration, Instant};

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use tocsin_core::model::{Alert, SourceId};
use tocsin_core::normalise::normalise;
use tocsin_core::source::nvd::read_page;

use crate::bench::{Benchmark, Context, Figure};
use crate::corpus::nvd_pages;

/// Records of one run.
const RECORDS: usize = 40_000;

struct Nvd {
    pages: Vec<Vec<u8>>,
    one_core: rayon::ThreadPool,
}

pub fn set_up(context: &Context) -> Result<Box<dyn Benchmark>, String> {
    let one_core = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    Ok(Box::new(Nvd {
        pages: nvd_pages(&context.corpus, RECORDS)?,
        one_core: one_core.map_err(|e| e.to_string())?,
    }))
}

impl Benchmark for Nvd {
    fn run(&mut self) -> Result<Vec<Figure>, String> {
        let (mut ours, mut single, mut plain) = <(Duration, Duration, Duration)>::default();
        let (mut records, mut bytes) = (0_usize, 0_usize);
        // Page by page in turn, so that what slows the machine slows all three.
        for page in &self.pages {
            let start = Instant::now();
            let alerts = alerts(page)?;
            ours += start.elapsed();
            records += alerts.len();
            bytes += page.len();
            drop(black_box(alerts));

            let start = Instant::now();
            let value: serde_json::Value =
                serde_json::from_slice(page).map_err(|e| e.to_string())?;
            plain += start.elapsed();
            drop(black_box(value));

            let start = Instant::now();
            let alerts = self.one_core.install(|| self::alerts(page))?;
            single += start.elapsed();
            drop(black_box(alerts));
        }
        let (ours_s, plain_s) = (ours.as_secs_f64(), plain.as_secs_f64());
        let figure = |name, unit, value| Figure { name, unit, value };
        #[allow(clippy::cast_precision_loss)]
        let (records, megabytes) = (records as f64, bytes as f64 / 1e6);
        Ok(vec![
            figure("records_per_s", "records/s", records / ours_s),
            figure("mb_per_s", "MB/s", megabytes / ours_s),
            figure("serde_json_mb_per_s", "MB/s", megabytes / plain_s),
            figure("ratio", "x", ours_s / plain_s),
            figure("ratio.one_core", "x", single.as_secs_f64() / plain_s),
        ])
    }
}

/// Bytes to alerts, as the pipeline does it.
fn alerts(page: &[u8]) -> Result<Vec<Alert>, String> {
    let read = read_page(&SourceId::new("nvd"), page).map_err(|fault| fault.message)?;
    read.drafts
        .into_par_iter()
        .map(|draft| normalise(draft).map_err(|problem| problem.fault.message))
        .collect()
}
