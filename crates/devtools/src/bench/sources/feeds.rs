//! Documents of feeds -> alerts, beside feedparser (PyPI), the reader that most others are measured by. Both
//! read the same documents in the same run, one after another on one thread, from memory; both turn dates
//! into moments and HTML into something safe. feedparser is installed into `target/feedparser-venv` by pip;
//! where that is impossible ours is measured alone.

use std::hint::black_box;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use tocsin_core::model::SourceId;
use tocsin_core::normalise::normalise;
use tocsin_core::source::feed::read_feed;

use super::super::{Benchmark, Context, Figure};

const VERSION: &str = "6.0.14";
/// Folders of the corpus, and every how manieth of their documents is read.
const FOLDERS: &[(&str, usize)] = &[
    ("feeds/real-sites", 1),
    ("feeds/security-sites", 1),
    ("feeds/parser-corpora", 4),
];
/// Reads every file of a folder into memory, then parses each and prints how many seconds that took.
const SCRIPT: &str = "
import os, sys, time, warnings
warnings.simplefilter('ignore')
import feedparser
folder = sys.argv[1]
documents = [open(os.path.join(folder, name), 'rb').read() for name in sorted(os.listdir(folder))]
started = time.perf_counter()
entries = 0
for document in documents:
    try:
        entries += len(feedparser.parse(document).entries)
    except Exception:
        pass
print(time.perf_counter() - started, len(documents), entries)
";

struct Feeds {
    documents: Vec<Vec<u8>>,
    /// The same documents as files, for the other reader.
    folder: tempfile::TempDir,
    python: Option<PathBuf>,
}

pub fn set_up(context: &Context) -> Result<Box<dyn Benchmark>, String> {
    let mut documents = Vec::new();
    for (folder, step) in FOLDERS {
        let mut files = Vec::new();
        list(&context.corpus.join(folder), &mut files)?;
        files.sort();
        for file in files.iter().step_by(*step) {
            documents.push(read(file)?);
        }
    }
    if documents.is_empty() {
        return Err("the corpus has no documents of feeds".into());
    }
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    for (i, document) in documents.iter().enumerate() {
        let path = folder.path().join(format!("{i:05}"));
        std::fs::write(path, document).map_err(|e| e.to_string())?;
    }
    let python = match feedparser() {
        Ok(python) => Some(python),
        Err(reason) => {
            eprintln!(
                "skipped: feedparser {VERSION} cannot be installed ({reason}); ours is measured alone"
            );
            None
        }
    };
    Ok(Box::new(Feeds {
        documents,
        folder,
        python,
    }))
}

impl Benchmark for Feeds {
    fn run(&mut self) -> Result<Vec<Figure>, String> {
        let source = SourceId::new("bench");
        let count = self.documents.len() as f64;
        let started = Instant::now();
        let mut entries = 0_u32;
        for document in &self.documents {
            let url = "https://corpus.example/feed.xml";
            if let Ok(read) = read_feed(&source, url, None, document, false) {
                for draft in read.drafts {
                    entries += u32::from(black_box(normalise(draft)).is_ok());
                }
            }
        }
        let ours = started.elapsed().as_secs_f64();
        if entries == 0 {
            return Err("no entry was read".into());
        }
        let bytes: usize = self.documents.iter().map(Vec::len).sum();
        let figure = |name, unit, value| Figure { name, unit, value };
        let mut figures = vec![
            figure("documents_per_s", "documents/s", count / ours),
            figure("entries_per_s", "entries/s", f64::from(entries) / ours),
            figure("mb_per_s", "MB/s", bytes as f64 / 1e6 / ours),
        ];
        if let Some(python) = &self.python {
            let theirs = self.reference(python)?;
            figures.push(figure(
                "feedparser_documents_per_s",
                "documents/s",
                count / theirs,
            ));
            figures.push(figure("times_feedparser", "times", theirs / ours));
        }
        Ok(figures)
    }
}

impl Feeds {
    /// The seconds that feedparser takes.
    fn reference(&self, python: &Path) -> Result<f64, String> {
        let output = Command::new(python)
            .args(["-c", SCRIPT])
            .arg(self.folder.path())
            .output()
            .map_err(|e| e.to_string())?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut words = text.split_whitespace();
        let seconds = words.next().and_then(|w| w.parse::<f64>().ok());
        let count = words.next().and_then(|w| w.parse::<usize>().ok());
        match (seconds, count) {
            (Some(seconds), Some(count)) if count == self.documents.len() => Ok(seconds),
            _ => Err(format!(
                "feedparser failed: {}",
                String::from_utf8_lossy(&output.stderr)
            )),
        }
    }
}

/// The Python of an environment of its own that has feedparser.
fn feedparser() -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/feedparser-venv");
    let python = folder.join(if cfg!(windows) {
        "Scripts/python.exe"
    } else {
        "bin/python"
    });
    let has_it = |python: &Path| {
        let script = format!("import feedparser; assert feedparser.__version__ == '{VERSION}'");
        let run = Command::new(python).args(["-c", &script]).output();
        run.is_ok_and(|o| o.status.success())
    };
    if has_it(&python) {
        return Ok(python);
    }
    let run = |command: &mut Command| {
        let output = command.output().map_err(|e| e.to_string())?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        Err(said.lines().last().unwrap_or_default().to_owned())
    };
    run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    let package = format!("feedparser=={VERSION}");
    run(Command::new(&python).args(["-m", "pip", "install", "-q", &package, "chardet"]))?;
    if has_it(&python) {
        Ok(python)
    } else {
        Err("it does not load".into())
    }
}

/// The documents of a folder and all within it.
fn list(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), String> {
    let entries = std::fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    for entry in entries {
        let path = entry.map_err(|e| e.to_string())?.path();
        let name = path.to_string_lossy().into_owned();
        if path.is_dir() {
            list(&path, files)?;
        } else if !name.ends_with(".json") && !name.ends_with(".json.gz") && !name.ends_with(".md")
        {
            // feedparser reads no JSON Feed.
            files.push(path);
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let bytes = std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
    if path.extension().is_none_or(|e| e != "gz") {
        return Ok(bytes);
    }
    let mut out = Vec::new();
    flate2::read::MultiGzDecoder::new(bytes.as_slice())
        .read_to_end(&mut out)
        .map_err(|e| format!("{}: {e}", path.display()))?;
    Ok(out)
}
