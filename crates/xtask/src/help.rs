//! What `cargo xtask help` prints, and the near match for a mistyped command.

use crate::COMMANDS;
use crate::cmd::{Failure, Outcome};

/// The list of commands.
pub fn overview() -> String {
    let mut text = String::from(
        "The developer commands of Tocsin.\n\nUSAGE\n    cargo xtask COMMAND [ARGUMENTS]\n\nCOMMANDS\n",
    );
    for command in COMMANDS {
        text += &format!("    {:<10} {}\n", command.name, command.about);
    }
    text + "    help       Say more about a command: cargo xtask help run\n\n\
        A newcomer needs two of them: `cargo xtask run` and `cargo xtask test`.\n"
}

/// Prints the long text of one command, or the list.
pub fn show(name: Option<&str>) -> Outcome {
    let Some(name) = name else {
        print!("{}", overview());
        return Ok(());
    };
    let Some(command) = COMMANDS.iter().find(|c| c.name == name) else {
        return Err(unknown(name));
    };
    print!("{}\n\n{}", command.about, long(name));
    Ok(())
}

/// The failure for a command that does not exist; it names the nearest one that does.
pub fn unknown(name: &str) -> Failure {
    let near = COMMANDS
        .iter()
        .map(|c| (distance(name, c.name), c.name))
        .min();
    let hint = match near {
        Some((steps, near)) if steps <= 2 => format!(" Did you mean `{near}`?"),
        _ => " `cargo xtask` lists the commands.".to_string(),
    };
    Failure {
        message: format!("there is no command `{name}`.{hint}"),
        code: 2,
    }
}

fn long(name: &str) -> &'static str {
    match name {
        "run" => RUN,
        "test" => TEST,
        "setup" => SETUP,
        "tidy" => TIDY,
        "replay" => REPLAY,
        "bench" => BENCH,
        "train" => TRAIN,
        "eval" => EVAL,
        "compare" => COMPARE,
        "types" => TYPES,
        "env" => ENV,
        "icons" => ICONS,
        "pictures" => PICTURES,
        _ => "",
    }
}

/// How many letters must be added, removed, changed or swapped with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            table[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let change = usize::from(a[i - 1] != b[j - 1]);
                let mut best = (table[i - 1][j] + 1)
                    .min(table[i][j - 1] + 1)
                    .min(table[i - 1][j - 1] + change);
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    best = best.min(table[i - 2][j - 2] + 1);
                }
                best
            };
        }
    }
    table[a.len()][b.len()]
}

const RUN: &str = "\
USAGE
    cargo xtask run [--replay [DIR]] [--release] [--data-dir DIR] [-- ARGUMENTS]

Installs what is missing (see `cargo xtask help setup`), builds the UI and the app, and opens the window. Without a
display (neither DISPLAY nor WAYLAND_DISPLAY) it serves the same UI and API on localhost and prints the address.

    --replay [DIR]    Collect from recorded material instead of the internet. DIR is a corpus; left out, it is
                      TOCSIN_CORPUS, and without that the project's own small fixture set. The app's clock starts at
                      the newest time in the material, and its data goes into a new folder below target/replay-data.
    --release         Build with optimisation.
    --data-dir DIR    Keep database and settings in DIR instead of the usual places.
    -- ARGUMENTS      Passed on to the app.

Closing the window or pressing Ctrl-C stops everything that was started.
";

const TEST: &str = "\
USAGE
    cargo xtask test [PART...] [--full]

Runs all parts, or those named, in this order; a part that fails does not stop the others. At the end: a table with
seconds for each part, and a last line such as `412 passed, 0 failed`. The exit code is 0 only if nothing failed.

    fmt        Formatting (cargo fmt --check)
    clippy     Lints, warnings denied
    tidy       Layering, file lengths, forbidden things, licences, icons (see `cargo xtask help tidy`)
    ui-check   Types of the UI
    ui         Unit tests of the UI
    generated  types and .env.example are what the code says (part of `tidy` when that is run alone)
    analysis core replay devtools tocsind xtask
               Rust tests of one crate; `rust` stands for all of them and `doc`
    doc        Examples in the documentation, if there are any
    e2e        The real window under a virtual display

    --full     The counts that the issues name (crash loops, restarts, the whole corpus): sets TOCSIN_FULL=1.

TOCSIN_CORPUS names the folder with recorded material; tests that need it are counted as skipped without it.
";

const SETUP: &str = "\
USAGE
    cargo xtask setup [build|test] [--check]

Debian and Ubuntu: installs the system packages that are missing, as root or through sudo (after saying so); if
neither is possible it prints the command. Other systems: names what is missing. Then checks Node (20 or newer) and
installs the UI's packages if package-lock.json has changed. For the tests it also makes a Python environment with the
STIX validator of OASIS in target/stix-validator; without python3 or the network one test is skipped. Quick when all is
there.

    build      Only what building and running need (what `run` does)
    test       That and what the tests need (the default)
    --check    Change nothing; fail if something is missing
";

const TIDY: &str = "\
USAGE
    cargo xtask tidy

Checks what a compiler does not. Each finding is one line: `path:line: rule: what to do`.

    layers     Who may use whom: the modules of core (ARCHITECTURE.md), the crates, the folders of the UI
    never      SQL outside store/, an HTTP client outside http.rs, environment read outside settings/env.rs,
               now() in logic, a task that nobody owns; tauri, gtk or webkit below core or tocsind
    length     No file over 500 lines without a reason in the list
    licence    Every dependency, Rust and npm, under a licence of the list (the same as in deny.toml)
    generated  UI types, .env.example and icons are what their sources say

The lists of exceptions are constants beside each rule in crates/xtask/src/tidy/, each with its reason.
";

const REPLAY: &str = "\
USAGE
    cargo xtask replay [DIR] [ARGUMENTS]

Builds tocsin-replay (release) and runs it until Ctrl-C: a server on loopback that answers as the real sites and
services do. DIR is a corpus; left out, it is the project's own fixture set. All arguments go to tocsin-replay.
";

const BENCH: &str = "\
USAGE
    cargo xtask bench [NAME...] [--json]
    cargo xtask bench store [--fresh] [--alerts N] [--times N] [--parts PART,...] [--json]

Builds tocsin-devtools (release) and measures: all benchmarks but store, or those named. A table for people, or with
--json one object {\"name\": value} for machines. TOCSIN_CORPUS names the recorded material.

store fills a database of 360,000 CVEs and 50,000 articles and one of a tenth, keeps them in target/bench-store-*
(some 2 GB), and compares what it measures with the bounds: ingest, queries, window, updates, start.

    --fresh    Fill the databases anew; ingest is measured where one was filled, or where --parts names it
    --alerts   CVEs of the large database [default: 360000]
    --times    Measurements of each kind of a query [default: 20]
    --parts    Only these: ingest, queries, window, updates, start
";

const TRAIN: &str = "\
USAGE
    cargo xtask train [--only TASK]... [--without-dev] [--out FILE] [--check]

Makes crates/analysis/models/base.tocsin from the labelled texts in TOCSIN_CORPUS/ml, prints how good the models are on
texts that they did not learn from, and writes these figures into the file. The same texts give the same bytes.

    --only TASK      make this task anew and take the others from the file that is there; may be repeated
    --without-dev    do not learn from the texts of dev, so that the file can be scored on them
    --out FILE       write another file
    --check          write nothing; say whether the file is what the texts give
";

const EVAL: &str = "\
USAGE
    cargo xtask eval FILE... [--task TASK] [--scheme SCHEME] [--title-only] [--model FILE] [--worst N]
                     [--json]

Scores the models on labelled texts in the formats of docs/analysis.md, plain or .gz: macro-F1, accuracy, PR-AUC,
calibration, each class, and texts a second on one core.

    --task TASK      severity, category, relevance, technique, entities or indicators; without it, what the file is for
    --scheme SCHEME  the labels of a file of entities: cyner, nvd or annoctr
    --title-only     relevance: look at each text's title only
    --model FILE     another model file than the one that is built in
    --worst N        list the N surest wrong answers
    --json           one JSON object a line
";

const COMPARE: &str = "\
USAGE
    cargo xtask compare [PART...] [--file PART=FILE] [--quick] [--json]

Trains and scores scikit-learn, python-crfsuite, spaCy, ioc-finder and iocextract on the same split as Tocsin, on one
core, and prints one table: quality, speed, and how many times as fast Tocsin is. Parts: severity, category,
relevance, technique, cyner, nvd, indicators. TOCSIN_CORPUS names the data; --file scores another file instead;
--quick trains the other side's taggers on a tenth.

Python makes an environment in target/compare and pip installs into it; where that is impossible it says so and
measures nothing.
";

const TYPES: &str = "\
USAGE
    cargo xtask types [--check]

Writes ui/src/lib/ipc/generated.ts from the commands and types of the core.

    --check    Write nothing; fail if the file is not what the code says
";

const ENV: &str = "\
USAGE
    cargo xtask env [--check]

Writes .env.example from the one list of variables in the core.

    --check    Write nothing; fail if the file is not what the code says
";

const ICONS: &str = "\
USAGE
    cargo xtask icons [--check]

Makes every size the bundler wants from icons/tocsin.svg. Needs rsvg-convert
(Debian: apt-get install librsvg2-bin).

    --check    Make nothing; fail if the icons were made from other drawings or have been changed
";

const PICTURES: &str = "\
USAGE
    cargo xtask pictures

Opens the real window on recorded material under a virtual display and writes its pictures, light and dark, to
docs/pictures.
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_long_text() {
        for command in COMMANDS {
            let text = long(command.name);
            assert!(
                text.starts_with(&format!("USAGE\n    cargo xtask {}", command.name)),
                "{}",
                command.name
            );
        }
    }

    #[test]
    fn a_mistyped_command_gets_the_nearest_one() {
        let check = |typed: &str, expect: &str| {
            let message = unknown(typed).message;
            assert!(message.contains(expect), "{typed}: {message}");
        };
        check("rnu", "`run`");
        check("tests", "`test`");
        check("tipes", "`types`");
        check("publish", "lists the commands");
    }
}
