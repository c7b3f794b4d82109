//! The log: to the terminal, and to a file that only this user can read and that starts anew before it
//! grows large. Never holds a secret: those types cannot be printed.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::Layer;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// What is logged unless `TOCSIN_LOG` says otherwise. zbus tells every message at info.
const USUAL: &str = "info,zbus=warn";

const FILE: &str = "tocsin.log";
const MAX_SIZE_BYTES: u64 = 4 * 1024 * 1024;
/// Files kept beside the present one.
const OLD_FILES: u32 = 3;

/// Starts logging. The guard writes out the rest when it is dropped; without one there is no file.
pub fn start(dir: &Path, filter: Option<&str>) -> Option<WorkerGuard> {
    let filter = EnvFilter::builder().parse_lossy(filter.unwrap_or(USUAL));
    let terminal = Layer::new().with_writer(io::stderr).with_target(false);
    let (file, guard) = match RotatingFile::open(dir) {
        Ok(file) => {
            let (writer, guard) = tracing_appender::non_blocking(file);
            let layer = Layer::new().with_writer(writer).with_ansi(false);
            (Some(layer), Some(guard))
        }
        Err(error) => {
            eprintln!("Tocsin writes no log to {}: {error}", dir.display());
            (None, None)
        }
    };
    // Only a second start in the same process could fail, and there is none.
    let _ = tracing_subscriber::registry()
        .with(filter)
        .with(terminal)
        .with(file)
        .try_init();
    guard
}

/// A file that moves aside at a size: `tocsin.log`, then `tocsin.log.1` ... `.3`, the oldest dropped.
struct RotatingFile {
    dir: PathBuf,
    file: File,
    size_bytes: u64,
    max_size_bytes: u64,
}

impl RotatingFile {
    fn open(dir: &Path) -> io::Result<Self> {
        Self::with_size(dir, MAX_SIZE_BYTES)
    }

    fn with_size(dir: &Path, max_size_bytes: u64) -> io::Result<Self> {
        let file = open_private(&dir.join(FILE))?;
        Ok(Self {
            dir: dir.to_owned(),
            size_bytes: file.metadata()?.len(),
            file,
            max_size_bytes,
        })
    }

    fn rotate(&mut self) -> io::Result<()> {
        for number in (1..OLD_FILES).rev() {
            // A number that does not exist yet is fine.
            let _ = std::fs::rename(self.numbered(number), self.numbered(number + 1));
        }
        std::fs::rename(self.dir.join(FILE), self.numbered(1))?;
        self.file = open_private(&self.dir.join(FILE))?;
        self.size_bytes = 0;
        Ok(())
    }

    fn numbered(&self, number: u32) -> PathBuf {
        self.dir.join(format!("{FILE}.{number}"))
    }
}

impl Write for RotatingFile {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.size_bytes > 0 && self.size_bytes + line.len() as u64 > self.max_size_bytes {
            // Where the folder does not allow it, the old file grows on: a log is better than none.
            let _ = self.rotate();
        }
        let written = self.file.write(line)?;
        self.size_bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn open_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_log_moves_aside_and_the_oldest_goes() {
        let dir = tempfile::tempdir().unwrap();
        let mut log = RotatingFile::with_size(dir.path(), 10).unwrap();
        for line in [
            "one\n",
            "two\n",
            "three\n",
            "four\n",
            "five five five\n",
            "six\n",
            "seven 7\n",
        ] {
            log.write_all(line.as_bytes()).unwrap();
        }
        let read = |name: &str| std::fs::read_to_string(dir.path().join(name)).ok();
        assert_eq!(read("tocsin.log").as_deref(), Some("seven 7\n"));
        assert_eq!(read("tocsin.log.1").as_deref(), Some("six\n"));
        assert_eq!(read("tocsin.log.2").as_deref(), Some("five five five\n"));
        assert_eq!(read("tocsin.log.3").as_deref(), Some("three\nfour\n"));
        assert_eq!(read("tocsin.log.4"), None);
    }

    #[test]
    fn a_log_goes_on_where_it_ended() {
        let dir = tempfile::tempdir().unwrap();
        for line in ["one\n", "two\n"] {
            let mut log = RotatingFile::open(dir.path()).unwrap();
            log.write_all(line.as_bytes()).unwrap();
        }
        let text = std::fs::read_to_string(dir.path().join(FILE)).unwrap();
        assert_eq!(text, "one\ntwo\n");
    }

    #[cfg(unix)]
    #[test]
    fn the_log_is_for_this_user_alone() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let log = RotatingFile::open(dir.path()).unwrap();
        let mode = log.file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
