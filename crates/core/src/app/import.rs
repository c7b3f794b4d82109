//! Imports a file of NVD's or a JSON export: batches are read and analysed on blocking threads and stored in a transaction
//! each. What was stored before it is stopped stays.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::oneshot;

use super::App;
use super::backfill::{NoReader, job};
use super::work::WorkKind;
use crate::error::Fault;
use crate::events::Event;
use crate::import::{Batch, Imported, NvdBatch, Reader, Taken, store};
use crate::model::{Page, Problem, SourceId};

/// Problems that are told; the others are counted.
const MOST_PROBLEMS: usize = 20;

impl App {
    /// Takes over a file.
    ///
    /// # Errors
    /// What [`Reader::open`] says, `import_cancelled`, or that the database fails.
    pub(crate) async fn import(&self, path: &Path) -> Result<Imported, Fault> {
        if !path.is_absolute() {
            return Err(Fault::new(
                "path_not_absolute",
                format!("{} does not say in which folder it is.", path.display()),
            )
            .with("path", path.display()));
        }
        let (answer, answered) = oneshot::channel();
        let (app, path) = (self.clone(), path.to_owned());
        self.track(async move {
            let _ = answer.send(app.run_import(path).await);
        });
        answered
            .await
            .unwrap_or_else(|_| Err(stopped(&Imported::default())))
    }

    async fn run_import(&self, path: PathBuf) -> Result<Imported, Fault> {
        let work = self.begin_work(WorkKind::Import, true)?;
        let mut reader = blocking(move || Reader::open(&path)).await?;
        let mut done = Imported::default();
        loop {
            if work.token().is_cancelled() {
                return Err(stopped(&done));
            }
            let (analyser, now) = (self.0.pipeline.analyser.get(), self.now());
            let used = Arc::clone(&analyser);
            let (batch, back) = blocking(move || {
                let batch = reader.batch(&analyser, now)?;
                Ok((batch, reader))
            })
            .await?;
            reader = back;
            match batch {
                None => return Ok(done),
                Some(Taken::Ours(mut batch)) => {
                    refuse(&mut done, std::mem::take(&mut batch.problems));
                    tell(&mut done, std::mem::take(&mut batch.losses));
                    self.store_batch(batch, used, &mut done).await?;
                }
                Some(Taken::Nvd(batch)) => self.store_nvd(batch, &mut done).await?,
            }
            let (read, all) = reader.progress();
            work.progress(read, Some(all));
        }
    }

    /// As a page of NVD's that is no news.
    async fn store_nvd(&self, batch: NvdBatch, done: &mut Imported) -> Result<(), Fault> {
        refuse(done, batch.problems);
        tell(done, batch.losses);
        if batch.drafts.is_empty() {
            return Ok(());
        }
        let page = Page {
            drafts: batch.drafts,
            as_of: batch.as_of,
            is_quiet: true,
            ..Page::default()
        };
        let job = job(&SourceId::new("nvd"), &NoReader, Arc::default());
        let (counts, problems) = self.0.pipeline.take(job, page).await?;
        refuse(done, problems);
        done.added += counts.new;
        done.changed += counts.changed;
        done.known += counts.unchanged;
        Ok(())
    }

    async fn store_batch(
        &self,
        batch: Batch,
        used: Arc<crate::analyse::Analyser>,
        done: &mut Imported,
    ) -> Result<(), Fault> {
        if batch.alerts.is_empty() {
            return Ok(());
        }
        let in_force = Arc::clone(&self.0.pipeline.analyser);
        let stored = self
            .db()
            .write(move |w| store(w, batch, &used, &in_force.get()))
            .await?;
        done.added += stored.added;
        done.known += stored.known;
        if stored.added > 0 {
            self.events().send(Event::AlertsChanged { added: 0 });
        }
        Ok(())
    }
}

fn refuse(done: &mut Imported, problems: Vec<Problem>) {
    let refused = u32::try_from(problems.len()).unwrap_or(u32::MAX);
    done.refused = done.refused.saturating_add(refused);
    tell(done, problems);
}

fn tell(done: &mut Imported, problems: Vec<Problem>) {
    let room = MOST_PROBLEMS.saturating_sub(done.problems.len());
    done.problems.extend(problems.into_iter().take(room));
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| Fault::new("import_failed", "The import stopped in the middle."))?
}

fn stopped(done: &Imported) -> Fault {
    Fault::new(
        "import_cancelled",
        format!(
            "The import was stopped; {} alerts were stored before that and stay.",
            done.added
        ),
    )
    .with("added", done.added)
}
