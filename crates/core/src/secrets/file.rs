//! Secrets in `.env` of the config folder: one line each, whose neighbours stay as they are (0600).

use std::path::Path;

use super::{Secret, SecretKey, SecretName};
use crate::error::Fault;
use crate::settings::{dotenv, file};

const HEADER: &str =
    "# Passwords and keys of Tocsin. Only you may read this file; do not share it.\n";

/// Replaces, adds or removes a secret's line. All lines that name it otherwise go.
///
/// # Errors
/// `secrets_file_broken` with the line to mend, `file_unreadable`, `file_not_written`.
pub(super) fn rewrite(path: &Path, key: &SecretKey, value: Option<&str>) -> Result<(), Fault> {
    let _lock = file::lock();
    let text = match file::read(path)? {
        Some(bytes) => Secret::new(String::from_utf8(bytes).map_err(|_| broken(path, 1))?),
        None if value.is_none() => return Ok(()),
        None => Secret::new(HEADER.to_owned()),
    };
    let changed = Secret::new(replaced(text.expose(), key, value));
    if changed.expose() == text.expose() {
        return Ok(());
    }
    // Whatever else the file holds (an open quote further up), the new line must read back as it is.
    let parsed = dotenv::parse(changed.expose());
    let reads_back = match value {
        Some(value) => {
            let name = key.variable();
            let mut entries = parsed.entries.iter();
            entries.any(|e| e.name == name && e.value == value)
        }
        None => true,
    };
    if !reads_back {
        return Err(broken(path, parsed.bad_lines.first().copied().unwrap_or(1)));
    }
    file::write(path, changed.expose().as_bytes())
}

fn replaced(text: &str, key: &SecretKey, value: Option<&str>) -> String {
    let names = key.variables();
    let parsed = dotenv::parse(text);
    let is_its = |e: &&dotenv::Entry| names.contains(&e.name);
    let theirs: Vec<_> = parsed.entries.iter().filter(is_its).collect();
    // A webhook is secret and destination in one: written by hand it switches its channel on, written by the
    // window it does not, because there a good test does.
    let is_marked =
        key.name() == SecretName::SlackWebhook && theirs.iter().all(|e| e.is_by_window(text));
    let mark = if is_marked { dotenv::BY_WINDOW } else { "" };
    let mut line = value.map(|v| format!("{}={}{mark}", key.variable(), dotenv::quote(v)));
    let mut out = String::with_capacity(text.len() + 64);
    for (i, old) in text.split_inclusive('\n').enumerate() {
        if theirs.iter().any(|e| e.lines.contains(&i)) {
            if let Some(line) = line.take() {
                out.push_str(&line);
                out.push_str(if old.ends_with("\r\n") { "\r\n" } else { "\n" });
            }
            continue;
        }
        out.push_str(old);
    }
    if let Some(line) = line {
        if !out.is_empty() && !out.ends_with('\n') {
            out.push('\n');
        }
        out.push_str(&line);
        out.push('\n');
    }
    out
}

fn broken(path: &Path, line: usize) -> Fault {
    Fault::new(
        "secrets_file_broken",
        format!(
            "Line {line} of {} cannot be read, so nothing was written. Mend that line first.",
            path.display()
        ),
    )
    .with("file", path.display())
    .with("line", line)
}
