//! The file of an export: written beside its place under a name of its own, for this user alone (0600),
//! and put in its place when it is whole and on the disk. Whatever stops it, no part of a file is left.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::Destination;
use crate::error::Fault;
use crate::export::ExportFormat;
use crate::model::Time;
use crate::settings::Paths;
use crate::store::backup;

const BUFFER_BYTES: usize = 1 << 18;
/// What is beside a database under its name.
const OF_DATABASE: [&str; 9] = [
    "", "-wal", "-shm", "-journal", ".lock", ".new", ".replace", ".keeping", ".part",
];
/// How the names of damaged databases that were kept go on.
const DAMAGED: &str = ".damaged-";
/// The longest name that is made of a view's or a query's.
const MOST_SLUG_CHARS: usize = 40;

/// What an export writes to.
pub(super) struct Sink {
    out: BufWriter<Box<dyn Write + Send>>,
    bytes: u64,
    place: Option<Place>,
}

impl Sink {
    pub fn open(destination: Destination) -> Result<Self, Fault> {
        let (out, place): (Box<dyn Write + Send>, _) = match destination {
            Destination::Stream(out) => (out, None),
            Destination::File { path, overwrite } => {
                let place = Place::take(path, overwrite)?;
                let file = place.file.try_clone();
                (
                    Box::new(file.map_err(|e| not_written(&place.path, &e))?),
                    Some(place),
                )
            }
        };
        Ok(Self {
            out: BufWriter::with_capacity(BUFFER_BYTES, out),
            bytes: 0,
            place,
        })
    }

    /// Why it could not be written.
    pub fn fault(&self, error: &io::Error) -> Fault {
        match &self.place {
            Some(place) => not_written(&place.path, error),
            None if error.kind() == io::ErrorKind::BrokenPipe => Fault::new(
                "reader_gone",
                "Whoever read the export closed its end before it was whole.",
            ),
            None => not_written(Path::new("(output)"), error),
        }
    }

    /// Puts the file in its place; gives the number of bytes written.
    pub fn end(mut self) -> Result<u64, Fault> {
        self.out.flush().map_err(|error| self.fault(&error))?;
        if let Some(place) = self.place {
            place.keep()?;
        }
        Ok(self.bytes)
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// A file that waits to be put in its place; removed when it is dropped before.
struct Place {
    path: PathBuf,
    overwrite: bool,
    file: File,
    waiting: PathBuf,
}

impl Place {
    fn take(path: PathBuf, overwrite: bool) -> Result<Self, Fault> {
        if !path.is_absolute() {
            return Err(Fault::new(
                "path_not_absolute",
                format!("{} does not say in which folder it is.", path.display()),
            )
            .with("path", path.display()));
        }
        let (Some(dir), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(not_written(&path, &io::ErrorKind::IsADirectory.into()));
        };
        if !dir.is_dir() {
            return Err(Fault::new(
                "folder_missing",
                format!("There is no folder {}.", dir.display()),
            )
            .with("path", dir.display()));
        }
        if path.is_dir() {
            return Err(not_written(&path, &io::ErrorKind::IsADirectory.into()));
        }
        if !overwrite && path.symlink_metadata().is_ok() {
            return Err(exists(&path));
        }
        let (file, waiting) = beside(dir, name).map_err(|error| not_written(&path, &error))?;
        Ok(Self {
            path,
            overwrite,
            file,
            waiting,
        })
    }

    fn keep(self) -> Result<(), Fault> {
        let failed = |error: io::Error| not_written(&self.path, &error);
        self.file.sync_all().map_err(failed)?;
        if self.overwrite {
            return fs::rename(&self.waiting, &self.path).map_err(failed);
        }
        // A link is never made over a file that came meanwhile. Some file systems have no links.
        match fs::hard_link(&self.waiting, &self.path) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(exists(&self.path)),
            Err(_) if self.path.symlink_metadata().is_ok() => Err(exists(&self.path)),
            Err(_) => fs::rename(&self.waiting, &self.path).map_err(failed),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // After a rename there is nothing left to remove.
        let _ = fs::remove_file(&self.waiting);
    }
}

/// Writes a small file whole, as an export does.
///
/// # Errors
/// `path_is_ours`, `file_exists`, `folder_missing`, `file_not_written`.
pub fn save_file(path: PathBuf, overwrite: bool, paths: &Paths, bytes: &[u8]) -> Result<(), Fault> {
    refuse_ours(&path, paths)?;
    let mut sink = Sink::open(Destination::File { path, overwrite })?;
    if let Err(error) = sink.write_all(bytes) {
        return Err(sink.fault(&error));
    }
    sink.end().map(drop)
}

/// Says no to a file that Tocsin itself lives on: its database with what belongs to it, its settings and
/// secrets, its backups. Through symbolic links too.
pub(super) fn refuse_ours(path: &Path, paths: &Paths) -> Result<(), Fault> {
    let database = &paths.database;
    let mut ours: Vec<PathBuf> = OF_DATABASE
        .iter()
        .map(|suffix| with_suffix(database, suffix))
        .collect();
    ours.extend([paths.settings_file.clone(), paths.env_file.clone()]);
    let ours: Vec<PathBuf> = ours.iter().flat_map(|own| places(own)).collect();
    let backups = places(&backup::folder(database));
    let damaged = places(&with_suffix(database, DAMAGED));
    let is_ours = |place: &PathBuf| {
        let text = place.as_os_str().as_encoded_bytes();
        ours.contains(place)
            || backups.iter().any(|folder| place.starts_with(folder))
            || damaged
                .iter()
                .any(|kept| text.starts_with(kept.as_os_str().as_encoded_bytes()))
    };
    if places(path).iter().any(is_ours) {
        return Err(Fault::new(
            "path_is_ours",
            format!(
                "{} belongs to Tocsin itself; choose another place.",
                path.display()
            ),
        )
        .with("path", path.display()));
    }
    Ok(())
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut whole = path.as_os_str().to_owned();
    whole.push(suffix);
    whole.into()
}

/// Where a path is: under its own name in a folder, and what it leads to.
fn places(path: &Path) -> Vec<PathBuf> {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().and_then(|folder| folder.canonicalize().ok());
    let named = folder
        .zip(path.file_name())
        .map(|(folder, name)| folder.join(name));
    let real = path.canonicalize().ok();
    named.into_iter().chain(real).chain([path]).collect()
}

/// A new file for this user alone in a folder, named after what it becomes.
fn beside(dir: &Path, name: &std::ffi::OsStr) -> io::Result<(File, PathBuf)> {
    let mut last = io::ErrorKind::AlreadyExists.into();
    for number in 0..100 {
        let mut own = std::ffi::OsString::from(".");
        own.push(name);
        own.push(format!(".{}-{number}.part", std::process::id()));
        let path = dir.join(own);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(&path) {
            Ok(file) => return Ok((file, path)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => last = error,
            Err(error) => return Err(error),
        }
    }
    Err(last)
}

fn exists(path: &Path) -> Fault {
    Fault::new(
        "file_exists",
        format!("{} is there already; it was not replaced.", path.display()),
    )
    .with("path", path.display())
}

fn not_written(path: &Path, error: &io::Error) -> Fault {
    Fault::new(
        "file_not_written",
        format!("{} could not be written: {error}", path.display()),
    )
    .with("path", path.display())
    .with("reason", error)
}

/// A path in a folder for an export that was not made yet: `tocsin-<name>-2026-11-22.csv`, with `-2`,
/// `-3` ... where that is taken.
pub(crate) fn suggest(dir: &Path, name: &str, format: ExportFormat, now: Time) -> PathBuf {
    let day = now.to_chrono().format("%Y-%m-%d");
    let stem = format!("tocsin-{}-{day}", slug(name));
    let path = |number: u32| {
        let number = match number {
            1 => String::new(),
            n => format!("-{n}"),
        };
        dir.join(format!("{stem}{number}.{}", format.extension()))
    };
    (1..1_000)
        .map(path)
        .find(|path| path.symlink_metadata().is_err())
        .unwrap_or_else(|| path(1))
}

/// A name as part of a file's: its words in lower case with hyphens between them.
fn slug(name: &str) -> String {
    let mut slug = String::new();
    for word in name
        .to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
    {
        if slug.chars().count() + word.chars().count() >= MOST_SLUG_CHARS {
            break;
        }
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.push_str(word);
    }
    if slug.is_empty() {
        slug.push_str("alerts");
    }
    slug
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suggested_path_is_free_and_says_what_when() {
        let dir = tempfile::tempdir().unwrap();
        let now = Time::parse_rfc3339("2026-11-22T23:59:59Z").unwrap();
        let suggested = |name: &str| {
            let path = suggest(dir.path(), name, ExportFormat::Csv, now);
            path.file_name().unwrap().to_string_lossy().into_owned()
        };
        for (name, expect) in [
            ("High", "tocsin-high-2026-11-22.csv"),
            (
                "severity:high \"a b\"",
                "tocsin-severity-high-a-b-2026-11-22.csv",
            ),
            ("../../etc/passwd\0", "tocsin-etc-passwd-2026-11-22.csv"),
            ("", "tocsin-alerts-2026-11-22.csv"),
        ] {
            assert_eq!(suggested(name), expect);
        }
        fs::write(dir.path().join("tocsin-high-2026-11-22.csv"), "x").unwrap();
        assert_eq!(suggested("High"), "tocsin-high-2026-11-22-2.csv");
        fs::write(dir.path().join("tocsin-high-2026-11-22-2.csv"), "x").unwrap();
        assert_eq!(suggested("High"), "tocsin-high-2026-11-22-3.csv");
        assert!(suggested(&"word ".repeat(100)).len() < 70);
    }

    #[test]
    fn a_file_that_came_meanwhile_stays() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.csv");
        let open = |overwrite| {
            Sink::open(Destination::File {
                path: path.clone(),
                overwrite,
            })
        };
        let mut sink = open(false).unwrap();
        sink.write_all(b"mine").unwrap();
        fs::write(&path, "theirs").unwrap();
        assert_eq!(sink.end().unwrap_err().code, "file_exists");
        assert_eq!(fs::read(&path).unwrap(), b"theirs");
        assert_eq!(open(false).err().unwrap().code, "file_exists");

        let mut sink = open(true).unwrap();
        sink.write_all(b"mine").unwrap();
        assert_eq!(sink.end().unwrap(), 4);
        assert_eq!(fs::read(&path).unwrap(), b"mine");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn what_tocsin_lives_on_is_refused_through_links_too() {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path();
        let paths = Paths::in_dir(dir);
        fs::create_dir(dir.join("backups")).unwrap();
        fs::write(&paths.database, "x").unwrap();
        let links = tempfile::tempdir().unwrap();
        let link = |to: &Path, name: &str| {
            let path = links.path().join(name);
            std::os::unix::fs::symlink(to, &path).unwrap();
            path
        };
        for path in [
            dir.join("tocsin.db"),
            dir.join("tocsin.db-wal"),
            dir.join("tocsin.db.lock"),
            dir.join("tocsin.db.replace"),
            dir.join("tocsin.db.damaged-20261122T061500Z"),
            dir.join("settings.toml"),
            dir.join("backups/../.env"),
            dir.join("backups/new.csv"),
            link(&paths.database, "a.csv"),
            link(dir, "folder").join("settings.toml"),
            link(&dir.join("backups"), "b").join("x.csv"),
        ] {
            let refused = refuse_ours(&path, &paths);
            assert_eq!(refused.unwrap_err().code, "path_is_ours", "{path:?}");
        }
        for path in [dir.join("a.csv"), links.path().join("tocsin.db.csv")] {
            refuse_ours(&path, &paths).unwrap();
        }
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_for_this_user_alone_and_a_part_is_never_left() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.csv");
        let open = || {
            Sink::open(Destination::File {
                path: path.clone(),
                overwrite: false,
            })
        };
        drop(open().unwrap());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
        open().unwrap().end().unwrap();
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
