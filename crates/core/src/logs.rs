//! Logs: to the terminal and to a rotating file that only this user can read. What is logged names
//! sources, codes and counts; never a secret, never the text of an alert.

use std::fs::OpenOptions;
use std::io::IsTerminal;
use std::sync::Mutex;

use file_rotate::compression::Compression;
use file_rotate::suffix::AppendCount;
use file_rotate::{ContentLimit, FileRotate};
use tracing_subscriber::filter::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::settings::Paths;

/// What is logged where nobody says otherwise.
const USUAL: &str = "info,zbus=warn,hyper=warn,rustls=warn,h2=warn,html5ever=error,selectors=warn";
/// A file's size before the next one is begun.
const FILE_BYTES: usize = 5 * 1024 * 1024;
/// Older files that are kept.
const KEPT_FILES: usize = 3;

/// Starts logging; called once by a program. `filter` is `TOCSIN_LOG`; a filter that cannot be read is
/// said so and the usual one taken. A file that cannot be opened leaves the terminal.
pub fn start(paths: &Paths, filter: Option<&str>) {
    let (chosen, unreadable) = match filter.map(EnvFilter::try_new) {
        Some(Ok(filter)) => (filter, false),
        Some(Err(_)) => (EnvFilter::new(USUAL), true),
        None => (EnvFilter::new(USUAL), false),
    };
    let terminal = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let file = tracing_subscriber::fmt::layer()
        .with_writer(Mutex::new(rotating(paths)))
        .with_ansi(false);
    let started = tracing_subscriber::registry()
        .with(chosen)
        .with(terminal)
        .with(file)
        .try_init();
    if started.is_ok() && unreadable {
        tracing::warn!("TOCSIN_LOG cannot be read as a filter; the usual one is used");
    }
}

fn rotating(paths: &Paths) -> FileRotate<AppendCount> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    FileRotate::new(
        paths.log_dir.join("tocsin.log"),
        AppendCount::new(KEPT_FILES),
        ContentLimit::BytesSurpassed(FILE_BYTES),
        Compression::None,
        Some(options),
    )
}
