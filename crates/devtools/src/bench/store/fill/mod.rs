//! A database of a given size, filled through the real pipeline from the corpus' real records. It is kept
//! between runs; a stamp says from what and how it was made.

mod articles;
mod dress;
mod legacy;
mod plan;
mod records;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use async_trait::async_trait;
use rusqlite::Connection;
use tocsin_core::analyse::Current;
use tocsin_core::clock::Clock;
use tocsin_core::error::Fault;
use tocsin_core::events::Events;
use tocsin_core::http::{Http, HttpOptions};
use tocsin_core::model::{Page, RunCounts, RunTrigger, SourceId};
use tocsin_core::pipeline::{Job, Pipeline};
use tocsin_core::source::nvd::read_page;
use tocsin_core::source::{Fetch, Pages, Source};
use tocsin_core::store::watches::{self, Which};
use tocsin_core::store::{Db, Open, StoreError, sources};
use tokio_util::sync::CancellationToken;

use crate::bench::ingest::watches as watch_list;
use crate::bench::memory;

pub use articles::Articles;
pub use plan::{PAGE, Plan, mixed};
pub use records::Records;

/// Articles a page.
const ARTICLES: usize = 500;

/// What databases are filled with.
pub struct Material {
    pub corpus: PathBuf,
    /// Where databases are kept.
    pub home: PathBuf,
    pub records: Records,
    pub articles: Articles,
}

impl Material {
    pub fn open(corpus: &Path, home: &Path) -> Result<Self, String> {
        Ok(Self {
            corpus: corpus.to_owned(),
            home: home.to_owned(),
            records: Records::open(corpus, home)?,
            articles: Articles::open(corpus)?,
        })
    }
}

/// A database to be filled.
pub struct Size {
    /// The CVEs.
    pub plan: Plan,
    /// How many articles.
    pub articles: usize,
}

/// A filled database.
pub struct Filled {
    /// Its folder, as `--data-dir` takes it.
    pub dir: PathBuf,
    /// How the filling went, where this run did it.
    pub filling: Option<Filling>,
}

impl Filled {
    pub fn database(&self) -> PathBuf {
        self.dir.join("tocsin.db")
    }

    pub fn file_mib(&self) -> f64 {
        #[allow(clippy::cast_precision_loss)]
        std::fs::metadata(self.database()).map_or(0.0, |m| m.len() as f64 / (1024.0 * 1024.0))
    }
}

/// How long a filling took.
pub struct Filling {
    /// Seconds of each page of CVEs with its records: from the bytes to the commit.
    pub pages: Vec<(usize, f64)>,
    /// Articles and the seconds that they took together.
    pub articles: (usize, f64),
    /// The most memory above what was there before, MiB.
    pub peak_mib: Option<f64>,
}

/// Fills a database, or takes the one that an earlier run filled in the same way.
pub fn fill(
    runtime: &tokio::runtime::Runtime,
    material: &Material,
    size: &Size,
    is_fresh: bool,
) -> Result<Filled, String> {
    let dir = material
        .home
        .join(format!("bench-store-{}", size.plan.len()));
    let stamp = stamp(material, size)?;
    let stamp_file = dir.join("stamp");
    if !is_fresh && std::fs::read_to_string(&stamp_file).is_ok_and(|found| found == stamp) {
        return Ok(Filled { dir, filling: None });
    }
    eprintln!("filling {}", dir.display());
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).map_err(|e| e.to_string())?;
    write_settings(&dir)?;
    let mut filled = Filled { dir, filling: None };
    let before = memory::now_mib();
    memory::reset_peak();
    let mut filling = runtime.block_on(store(material, size, &filled.database()))?;
    filling.peak_mib = memory::peak_mib()
        .zip(before)
        .map(|(peak, before)| peak - before);
    filled.filling = Some(filling);
    dress::dress(&material.corpus, &filled.database())?;
    std::fs::write(&stamp_file, stamp).map_err(|e| e.to_string())?;
    Ok(filled)
}

fn stamp(material: &Material, size: &Size) -> Result<String, String> {
    let mut hasher = DefaultHasher::new();
    for text in [
        include_str!("mod.rs"),
        include_str!("plan.rs"),
        include_str!("articles.rs"),
        include_str!("dress.rs"),
    ] {
        text.hash(&mut hasher);
    }
    Ok(format!(
        "cves {} articles {} records {} schema {} code {:016x}",
        size.plan.len(),
        size.articles,
        material.records.stamp,
        schema()?,
        hasher.finish()
    ))
}

/// The database's format in this build.
fn schema() -> Result<i64, String> {
    let dir = tempfile::tempdir().map_err(|e| e.to_string())?;
    let path = dir.path().join("empty.db");
    drop(Db::open(&path, Open::Write).map_err(|e| e.to_string())?);
    Connection::open(&path)
        .and_then(|conn| conn.pragma_query_value(None, "user_version", |row| row.get(0)))
        .map_err(|e| e.to_string())
}

/// The app must find the watches that the alerts were analysed with.
fn write_settings(dir: &Path) -> Result<(), String> {
    let text: String = watch_list()
        .iter()
        .map(|watch| format!("[[watches]]\nterm = \"{}\"\n", watch.term))
        .collect();
    std::fs::write(dir.join("settings.toml"), text).map_err(|e| e.to_string())
}

/// The last tenth comes after the first collection: it is unread.
async fn store(material: &Material, size: &Size, path: &Path) -> Result<Filling, String> {
    let pipeline = pipeline(path)?;
    let all = size.plan.pages();
    let first = all - all / 10;
    let cves = |pages| Cves {
        plan: &size.plan,
        records: &material.records,
        pages,
        took: Mutex::default(),
    };
    let articles = |pages| News {
        material,
        size,
        pages,
        took_s: Mutex::default(),
    };
    let mut filling = Filling {
        pages: Vec::new(),
        articles: (size.articles, 0.0),
        peak_mib: None,
    };
    for pages in [0..first, first..all] {
        let source = cves(pages);
        run(&pipeline, "nvd", &source).await?;
        filling.pages.extend(source.took());
    }
    let all = size.articles.div_ceil(ARTICLES);
    let first = all - all / 10;
    for pages in [0..first, first..all] {
        let source = articles(pages);
        run(&pipeline, "bench-news", &source).await?;
        filling.articles.1 += *source.took_s.lock().unwrap_or_else(PoisonError::into_inner);
    }
    let complete = pipeline.db.write(|w| {
        for watch in watch_list() {
            let definition = watches::definition(&watch);
            watches::set_complete(w, Which::Watches, &watch.term, &definition)?;
        }
        Ok(())
    });
    complete.await.map_err(|e| e.to_string())?;
    pipeline.db.close().await;
    Ok(filling)
}

/// A pipeline over a database, as the app has it, with a team's usual watches.
pub fn pipeline(path: &Path) -> Result<Pipeline, String> {
    let pipeline = Pipeline {
        db: Db::open(path, Open::Write).map_err(|e| e.to_string())?,
        clock: Clock::system(),
        http: Arc::new(Http::new(HttpOptions::default()).map_err(|e| e.to_string())?),
        events: Events::default(),
        analyser: Arc::new(Current::default()),
    };
    pipeline.analyser.set(watch_list(), Vec::new());
    Ok(pipeline)
}

/// One run of a source, after which it counts as collected before. What it brought.
pub async fn run(
    pipeline: &Pipeline,
    name: &str,
    reader: &dyn Source,
) -> Result<RunCounts, String> {
    let source = SourceId::new(name);
    let job = Job {
        source: source.clone(),
        reader,
        fresh: false,
        trigger: RunTrigger::Asked,
        routing: Arc::default(),
        cancel: CancellationToken::new(),
        progress: &|_| {},
    };
    let ended = pipeline.run(job).await.map_err(|e| e.to_string())?;
    if let Some(fault) = ended.fault {
        return Err(fault.message);
    }
    let done = pipeline.db.write(move |w| {
        let mut health = sources::health(w, &source)?;
        health.first_done = true;
        sources::set_health(w, &source, &health)
    });
    done.await.map_err(|e: StoreError| e.to_string())?;
    Ok(ended.counts)
}

/// Pages of a plan as NVD's API gives them. What it takes to make them is not counted.
pub struct Cves<'a> {
    pub plan: &'a Plan,
    pub records: &'a Records,
    pub pages: Range<usize>,
    /// Seconds of each page with its records.
    pub took: Mutex<Vec<(usize, f64)>>,
}

impl Cves<'_> {
    /// Seconds of each page with its records: from the bytes to the commit.
    pub fn took(&self) -> Vec<(usize, f64)> {
        self.took
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

#[async_trait]
impl Source for Cves<'_> {
    async fn collect(&self, _fetch: Fetch<'_>, pages: &mut dyn Pages) -> Result<(), Fault> {
        for number in self.pages.clone() {
            let bytes = self
                .plan
                .page(self.records, number)
                .map_err(|e| Fault::new("corpus_unreadable", e))?;
            let start = Instant::now();
            let count = store_bytes(&bytes, pages).await?;
            let took_s = start.elapsed().as_secs_f64();
            let mut took = self.took.lock().unwrap_or_else(PoisonError::into_inner);
            took.push((count, took_s));
            if number % 10 == 9 {
                eprintln!("  {} of {} CVEs", (number + 1) * PAGE, self.plan.len());
            }
        }
        Ok(())
    }
}

/// Reads a page of NVD's and has it stored. Records in it.
pub async fn store_bytes(bytes: &[u8], pages: &mut dyn Pages) -> Result<usize, Fault> {
    let read = read_page(&SourceId::new("nvd"), bytes)?;
    let count = read.drafts.len();
    let page = Page {
        drafts: read.drafts,
        problems: read.problems,
        ..Page::default()
    };
    pages.page(page).await?;
    Ok(count)
}

struct News<'a> {
    material: &'a Material,
    size: &'a Size,
    pages: Range<usize>,
    took_s: Mutex<f64>,
}

#[async_trait]
impl Source for News<'_> {
    async fn collect(&self, _fetch: Fetch<'_>, pages: &mut dyn Pages) -> Result<(), Fault> {
        let (material, size) = (self.material, self.size);
        for number in self.pages.clone() {
            let to = ((number + 1) * ARTICLES).min(size.articles);
            let drafts = (number * ARTICLES..to)
                .map(|at| {
                    material
                        .articles
                        .draft(at, size.articles, &size.plan, &material.records)
                })
                .collect();
            let page = Page {
                drafts,
                ..Page::default()
            };
            let start = Instant::now();
            pages.page(page).await?;
            *self.took_s.lock().unwrap_or_else(PoisonError::into_inner) +=
                start.elapsed().as_secs_f64();
        }
        Ok(())
    }
}
