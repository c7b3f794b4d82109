//! Records a second of the whole pipeline (parse, normalise, analyse, store with search index, route),
//! beside the floor measured in the same run: parse the same bytes and insert the same rows.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use tocsin_core::analyse::Current;
use tocsin_core::clock::Clock;
use tocsin_core::error::Fault;
use tocsin_core::events::Events;
use tocsin_core::http::{Http, HttpOptions};
use tocsin_core::model::{Page, RunTrigger, SourceId, Watch};
use tocsin_core::pipeline::{Job, Pipeline};
use tocsin_core::source::nvd::read_page;
use tocsin_core::source::{Fetch, Pages, Source};
use tocsin_core::store::{Db, Open};
use tokio_util::sync::CancellationToken;

use super::floor::Floor;
use super::{Benchmark, Context, Figure};
use crate::corpus::nvd_pages;

/// Records of one run: enough for the index to merge several times.
const RECORDS: usize = 20_000;

struct Ingest {
    pages: Vec<Vec<u8>>,
    runtime: tokio::runtime::Runtime,
}

pub fn set_up(context: &Context) -> Result<Box<dyn Benchmark>, String> {
    Ok(Box::new(Ingest {
        pages: nvd_pages(&context.corpus, RECORDS)?,
        runtime: tokio::runtime::Runtime::new().map_err(|e| e.to_string())?,
    }))
}

impl Benchmark for Ingest {
    fn run(&mut self) -> Result<Vec<Figure>, String> {
        let dir = tempfile::tempdir().map_err(|e| e.to_string())?;
        let path = dir.path().join("bench.db");
        let (records, seconds, file_mib) = self.pipeline(&path)?;
        let floor = Floor::of(&path, &dir.path().join("floor.db"), false);
        let floor_s = floor
            .map_err(|e| e.to_string())?
            .run(self.pages.iter().map(Ok))?
            .sum_s();
        Ok(vec![
            Figure {
                name: "records_per_s",
                unit: "records/s",
                value: records / seconds,
            },
            Figure {
                name: "floor_records_per_s",
                unit: "records/s",
                value: records / floor_s,
            },
            Figure {
                name: "ratio_to_floor",
                unit: "x",
                value: seconds / floor_s,
            },
            Figure {
                name: "file_size",
                unit: "MiB",
                value: file_mib,
            },
        ])
    }
}

impl Ingest {
    /// Records, seconds, MiB of the file.
    fn pipeline(&self, path: &Path) -> Result<(f64, f64, f64), String> {
        let pipeline = Pipeline {
            db: Db::open(path, Open::Write).map_err(|e| e.to_string())?,
            clock: Clock::system(),
            http: Arc::new(Http::new(HttpOptions::default()).map_err(|e| e.to_string())?),
            events: Events::default(),
            analyser: Arc::new(Current::default()),
        };
        pipeline.analyser.set(watches(), Vec::new());
        let reader = Recorded(&self.pages);
        let start = Instant::now();
        let ended = self
            .runtime
            .block_on(pipeline.run(Job {
                source: SourceId::new("nvd"),
                reader: &reader,
                fresh: false,
                trigger: RunTrigger::Asked,
                routing: Arc::default(),
                cancel: CancellationToken::new(),
                progress: &|_| {},
            }))
            .map_err(|e| e.to_string())?;
        let seconds = start.elapsed().as_secs_f64();
        if let Some(fault) = ended.fault {
            return Err(fault.message);
        }
        drop(pipeline);
        #[allow(clippy::cast_precision_loss)]
        let file_mib =
            std::fs::metadata(path).map_err(|e| e.to_string())?.len() as f64 / (1024.0 * 1024.0);
        Ok((f64::from(ended.counts.read), seconds, file_mib))
    }
}

/// A team's usual terms.
pub(super) fn watches() -> Vec<Watch> {
    [
        "apache",
        "openssl",
        "nginx",
        "kubernetes",
        "postgresql",
        "remote code execution",
    ]
    .into_iter()
    .map(|term| Watch {
        term: term.into(),
        ..Watch::default()
    })
    .collect()
}

/// The recorded pages as a source.
struct Recorded<'a>(&'a [Vec<u8>]);

#[async_trait]
impl Source for Recorded<'_> {
    async fn collect(&self, _fetch: Fetch<'_>, pages: &mut dyn Pages) -> Result<(), Fault> {
        for bytes in self.0 {
            let read = read_page(&SourceId::new("nvd"), bytes)?;
            let page = Page {
                drafts: read.drafts,
                problems: read.problems,
                ..Page::default()
            };
            pages.page(page).await?;
        }
        Ok(())
    }
}
