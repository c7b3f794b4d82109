//! Exports alerts: reads them 500 at a time, each time in a short read of its own, and hands them to the
//! format's writer on a blocking thread. However many there are, two batches are held, and the ids.
//! Collecting goes on meanwhile, so an alert that is removed before its turn is left out.

mod file;

use std::io::{self, Write};
use std::path::PathBuf;

use rayon::iter::{IntoParallelRefMutIterator, ParallelIterator};
use tokio::sync::oneshot;

use super::work::{WorkKind, Working};
use super::{App, VERSION};
use crate::error::Fault;
use crate::export::{ExportFormat, Header, Order, Tally, Writer, writer};
use crate::model::{AlertId, Severity};
use crate::store::records::{self, Record};

use file::Sink;
pub use file::save_file;
pub(crate) use file::suggest;

/// Alerts that are read at once.
const BATCH: usize = 500;

/// Where an export goes.
pub enum Destination {
    /// Into a file, which is there when it is whole, or not at all.
    File {
        /// Absolute.
        path: PathBuf,
        /// Whether a file that is there already is replaced.
        overwrite: bool,
    },
    /// To whoever asked: standard output.
    Stream(Box<dyn Write + Send>),
}

/// What is exported.
pub(crate) struct Export {
    pub ids: Vec<AlertId>,
    pub format: ExportFormat,
    /// For people: a view's name, a query.
    pub title: String,
}

/// How much was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    pub alerts: u32,
    pub bytes: u64,
}

/// A format's writer and what it writes to; goes to a blocking thread and comes back.
struct Open {
    writer: Box<dyn Writer>,
    sink: Sink,
}

impl App {
    /// Writes alerts in a format. It belongs to the app's tracker: an exit waits for it to clean up.
    pub(crate) async fn export(
        &self,
        export: Export,
        destination: Destination,
    ) -> Result<Written, Fault> {
        let (answer, answered) = oneshot::channel();
        let app = self.clone();
        self.track(async move {
            let _ = answer.send(app.run_export(export, destination).await);
        });
        answered.await.unwrap_or_else(|_| Err(stopped()))
    }

    async fn run_export(
        &self,
        mut export: Export,
        destination: Destination,
    ) -> Result<Written, Fault> {
        let work = self.begin_work(WorkKind::Export, true)?;
        // First of all: a file that cannot be made is said at once.
        let paths = self.paths().clone();
        let sink = blocking(move || {
            if let Destination::File { path, .. } = &destination {
                file::refuse_ours(path, &paths)?;
            }
            Sink::open(destination)
        })
        .await?;
        let tally = self.arrange(&mut export, &work).await?;
        let header = Header {
            version: VERSION.to_owned(),
            now: self.now(),
            title: export.title,
            sources: self.in_force().source_names(),
            tally,
        };
        let open = Open {
            writer: writer(export.format, header),
            sink,
        };
        let with_places = export.format == ExportFormat::Stix;
        let (open, alerts) = self
            .write_all(open, &export.ids, with_places, &work)
            .await?;
        let bytes = blocking(move || open.end()).await?;
        Ok(Written { alerts, bytes })
    }

    /// Puts the ids in the order of the format; counts them where it tells counts.
    async fn arrange(&self, export: &mut Export, work: &Working) -> Result<Tally, Fault> {
        let mut tally = Tally::default();
        match export.format.order() {
            Order::AsChosen => {}
            Order::OldestFirst => export.ids.sort_unstable(),
            Order::BySeverity => {
                let mut levels: [Vec<AlertId>; 4] = Default::default();
                for batch in export.ids.chunks(BATCH) {
                    check(work)?;
                    let batch = batch.to_vec();
                    let marks = self.db().read(move |r| records::marks(r, &batch)).await?;
                    for mark in marks {
                        tally.add(&mark);
                        let level = match mark.severity {
                            Some(Severity::High) => 0,
                            Some(Severity::Medium) => 1,
                            Some(Severity::Low) => 2,
                            None => 3,
                        };
                        levels[level].push(mark.id);
                    }
                }
                export.ids = levels.concat();
            }
        }
        Ok(tally)
    }

    async fn write_all(
        &self,
        open: Open,
        ids: &[AlertId],
        with_places: bool,
        work: &Working,
    ) -> Result<(Open, u32), Fault> {
        let total = Some(small(ids.len()));
        let mut alerts = 0;
        let mut open = blocking(move || open.step(|writer, out| writer.begin(out))).await?;
        let mut next = self.batch(ids.chunks(BATCH).next(), with_places).await?;
        for at in 0..ids.len().div_ceil(BATCH) {
            check(work)?;
            alerts += small(next.len());
            let batch = std::mem::take(&mut next);
            // STIX has the indicators that a text names, and these are not stored.
            let (read, written) = tokio::join!(
                self.batch(ids.chunks(BATCH).nth(at + 1), with_places),
                blocking(move || open.step(|writer, out| writer.records(&batch, out))),
            );
            (next, open) = (read?, written?);
            work.progress(small(((at + 1) * BATCH).min(ids.len())), total);
        }
        loop {
            let missing = open.writer.missing();
            if missing.is_empty() {
                return Ok((open, alerts));
            }
            check(work)?;
            let found = self.db().read(move |r| records::named(r, &missing)).await?;
            open = blocking(move || open.step(|writer, out| writer.records(&found, out))).await?;
        }
    }

    async fn batch(
        &self,
        ids: Option<&[AlertId]>,
        with_places: bool,
    ) -> Result<Vec<Record>, Fault> {
        let Some(ids) = ids.map(<[AlertId]>::to_vec) else {
            return Ok(Vec::new());
        };
        let mut records = self.db().read(move |r| records::read(r, &ids)).await?;
        if !with_places {
            return Ok(records);
        }
        let analyser = self.analyser();
        blocking(move || {
            records.par_iter_mut().for_each(|record| {
                let stored = &mut record.stored;
                let kept = std::mem::take(&mut stored.finding);
                stored.finding = analyser.with_places(&stored.parts().subject(), kept);
            });
            Ok(records)
        })
        .await
    }
}

impl Open {
    fn step(
        mut self,
        write: impl FnOnce(&mut dyn Writer, &mut dyn Write) -> io::Result<()>,
    ) -> Result<Self, Fault> {
        match write(&mut *self.writer, &mut self.sink) {
            Ok(()) => Ok(self),
            Err(error) => Err(self.sink.fault(&error)),
        }
    }

    /// Writes what is left; gives the number of bytes in all.
    fn end(self) -> Result<u64, Fault> {
        self.step(|writer, out| writer.end(out))?.sink.end()
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| Fault::new("export_failed", "The export stopped in the middle."))?
}

fn check(work: &Working) -> Result<(), Fault> {
    if work.token().is_cancelled() {
        return Err(stopped());
    }
    Ok(())
}

fn stopped() -> Fault {
    Fault::new(
        "export_cancelled",
        "The export was stopped; no file was left.",
    )
}

fn small(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
