//! Records a second of the whole pipeline (parse, normalise, analyse, store with search index, route),
//! beside the floor measured in the same run: parse the same bytes and insert the same rows and texts.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use rusqlite::Connection;
use tocsin_core::analyse::Current;
use tocsin_core::clock::Clock;
use tocsin_core::error::Fault;
use tocsin_core::events::Events;
use tocsin_core::http::{Http, HttpOptions};
use tocsin_core::model::{Page, SourceId, Watch};
use tocsin_core::pipeline::{Job, Pipeline};
use tocsin_core::source::nvd::read_page;
use tocsin_core::source::{Fetch, Pages, Source};
use tocsin_core::store::{Db, Open};
use tokio_util::sync::CancellationToken;

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
        let (records, seconds, file_mib) = self.pipeline()?;
        let floor_s = self.floor()?;
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
    fn pipeline(&self) -> Result<(f64, f64, f64), String> {
        let dir = tempfile::tempdir().map_err(|e| e.to_string())?;
        let path = dir.path().join("bench.db");
        let pipeline = Pipeline {
            db: Db::open(&path, Open::Write).map_err(|e| e.to_string())?,
            clock: Clock::system(),
            http: Arc::new(Http::new(HttpOptions::default()).map_err(|e| e.to_string())?),
            events: Events::default(),
            analyser: Arc::new(Current::default()),
        };
        pipeline.analyser.set(watches());
        let reader = Recorded(&self.pages);
        let start = Instant::now();
        let ended = self
            .runtime
            .block_on(pipeline.run(Job {
                source: SourceId::new("nvd"),
                reader: &reader,
                fresh: false,
                channels: Vec::new(),
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
            std::fs::metadata(&path).map_err(|e| e.to_string())?.len() as f64 / (1024.0 * 1024.0);
        Ok((f64::from(ended.counts.read), seconds, file_mib))
    }

    /// Seconds for parsing the same bytes into a generic value and inserting the same rows and texts: one
    /// table, one transaction a page, no index but the key.
    fn floor(&self) -> Result<f64, String> {
        let rows = self.rows();
        let dir = tempfile::tempdir().map_err(|e| e.to_string())?;
        let mut conn = floor_database(&dir.path().join("floor.db")).map_err(|e| e.to_string())?;
        let start = Instant::now();
        for (page, rows) in self.pages.iter().zip(&rows) {
            let parsed: serde_json::Value =
                serde_json::from_slice(page).map_err(|e| e.to_string())?;
            std::hint::black_box(&parsed);
            insert(&mut conn, rows).map_err(|e| e.to_string())?;
        }
        Ok(start.elapsed().as_secs_f64())
    }

    /// What the pipeline stores of each record, made before the clock starts.
    fn rows(&self) -> Vec<Vec<Stored>> {
        self.pages.iter().map(|page| stored_rows(page)).collect()
    }
}

pub(super) struct Stored {
    uid: String,
    title: String,
    text: String,
    facts: String,
}

pub(super) fn stored_rows(page: &[u8]) -> Vec<Stored> {
    let Ok(read) = read_page(&SourceId::new("nvd"), page) else {
        return Vec::new();
    };
    read.drafts
        .into_iter()
        .filter_map(|draft| tocsin_core::normalise::normalise(draft).ok())
        .map(|alert| Stored {
            uid: alert.uid,
            title: alert.title,
            text: alert.text,
            facts: serde_json::to_string(&alert.facts).unwrap_or_default(),
        })
        .collect()
}

pub(super) fn floor_database(path: &Path) -> rusqlite::Result<Connection> {
    let conn = Connection::open(path)?;
    conn.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE rows (id INTEGER PRIMARY KEY, uid TEXT, title TEXT, body TEXT, facts TEXT);",
    )?;
    Ok(conn)
}

pub(super) fn insert(conn: &mut Connection, rows: &[Stored]) -> rusqlite::Result<()> {
    let tx = conn.transaction()?;
    {
        let mut statement = tx
            .prepare_cached("INSERT INTO rows (uid, title, body, facts) VALUES (?1, ?2, ?3, ?4)")?;
        for row in rows {
            statement.execute([&row.uid, &row.title, &row.text, &row.facts])?;
        }
    }
    tx.commit()
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
