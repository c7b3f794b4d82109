//! A thread with a runtime of its own, so that synchronous and asynchronous tests can both use what runs on it.
//! Dropping the worker stops its tasks and joins the thread: nothing is left behind.

use std::future::Future;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::Error;

/// How long blocking work may take to end once the worker is dropped.
const LAST_WORK: Duration = Duration::from_secs(2);

/// A running thread; dropping it stops it.
#[derive(Debug)]
pub(crate) struct Worker {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    /// Runs `task` until it ends or the worker is dropped.
    pub(crate) fn start<F, T>(what: &'static str, task: F) -> Result<Self, Error>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Future<Output = ()>,
    {
        let failed = |source| Error::Start { what, source };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name(what)
            .enable_all()
            .build()
            .map_err(failed)?;
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::Builder::new()
            .name(what.to_owned())
            .spawn(move || {
                runtime.block_on(async {
                    tokio::select! {
                        () = task() => {}
                        _ = stopped => {}
                    }
                });
                runtime.shutdown_timeout(LAST_WORK);
            })
            .map_err(failed)?;
        Ok(Self {
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // The task may have ended by itself; then nobody listens and nothing needs stopping.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
