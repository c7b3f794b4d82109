//! Tocsin without a desktop: the same engine as a daemon and a command line.

mod alerts;
mod analysis;
mod assets;
mod backfill;
mod collect;
mod eval;
mod export;
mod keep;
mod run;
mod send_test;
mod sources;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};
use tocsin_core::app::{App, Host, Options};
use tocsin_core::error::Fault;
use tocsin_core::settings::{Environment, Paths};

/// Collects threats, says what matters to you and why, and rings the bell.
#[derive(Parser)]
#[command(name = "tocsind", version, max_term_width = 100)]
struct Cli {
    /// Keep settings and data in this folder [default: the platform's config and data folders]
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Collect and notify on schedule, and serve the local API and the interface, until stopped
    Run(run::Args),
    /// Collect once and exit: 0 = all went well, 1 = a source failed
    Collect(collect::Args),
    /// Say how each source does: what happened, what to do, what comes next
    Sources(sources::Args),
    /// Read all years of NVD: 0 = everything was read, 1 = it was stopped; the next call goes on there
    Backfill(backfill::Args),
    /// Print stored alerts, newest first
    Alerts(alerts::Args),
    /// Write stored alerts as CSV, JSON, STIX 2.1 or Markdown
    Export(export::ExportArgs),
    /// Take over files: NVD's JSON (2.0 or 1.1; plain, gz, xz, zip) or a JSON export of Tocsin's. 0 = all
    /// of it, 1 = some records could not be used
    Import(export::ImportArgs),
    /// Analyse any text: category, severity, relevance, names, indicators, techniques, and why
    Analyse(analysis::AnalyseArgs),
    /// Learn from feedback: make the user's model anew. 0 = it speaks, 1 = it does not (yet)
    Train(analysis::TrainArgs),
    /// Score the models on a file of labelled texts
    Eval(eval::Args),
    /// Test a channel by a real message, also while Tocsin runs: 0 = it was taken, 1 = it was not, and why
    ///
    /// The channel is tried as far as it goes: it is reached, logged in to, its destination looked up, a message
    /// sent. The first step that fails is said with its exact cause and what to do. A good test starts a channel
    /// again that was stopped, and switches on one that nobody switched on or off yet; beside a running Tocsin it
    /// only tests.
    ///
    /// Exit status: 0 = the message was taken; 1 = it was not, and the last line says why; 2 = nothing was tried (no
    /// such channel, a broken settings.toml), said on standard error.
    ///
    /// Output: a line for each step that went well, then one that says the result. With --json one object: channel,
    /// ok, steps (step, found, fault), fault (code, message, params) or null, places (id, name, what: where messages
    /// could go, where the destination is what is wrong), enabled, switched_on.
    SendTest(send_test::Args),
    /// Make a verified copy of the database, also while Tocsin runs
    Backup(keep::BackupArgs),
    /// Put a backup in the place of the database, which is kept among the backups
    ///
    /// The backup is checked first. Messages that wait in it are not sent by themselves: they may have
    /// been sent since, so they are shown as unknown.
    Restore(keep::RestoreArgs),
    /// Put what can still be read of a damaged database in its place; the damaged file is kept
    Salvage(keep::SalvageArgs),
}

fn main() -> ExitCode {
    let cli = Cli::parse_from(with_negations(std::env::args_os()));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let result = match runtime {
        Ok(runtime) => runtime.block_on(perform(cli)),
        Err(error) => Err(Fault::new(
            "start_failed",
            format!("The system refused to start threads: {error}"),
        )),
    };
    match result {
        Ok(code) => code,
        Err(fault) => {
            eprintln!("tocsind: {fault}");
            ExitCode::from(2)
        }
    }
}

/// Lets a query have negations (`-state:closed`) and the options stand before, between or after its
/// words: a blank in front of a word with one hyphen says nothing to the query and is no option to the
/// parser. (Its own `allow_hyphen_values` takes the options after a word for words as well.)
fn with_negations(args: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut all: Vec<OsString> = args.collect();
    let command = all
        .iter()
        .position(|arg| arg == "alerts" || arg == "export");
    for arg in all.iter_mut().skip(command.unwrap_or(usize::MAX)) {
        let is_negation = match arg.as_encoded_bytes() {
            b"-h" | b"-V" => false,
            [b'-', second, ..] => *second != b'-',
            _ => false,
        };
        if is_negation {
            let mut word = OsString::from(" ");
            word.push(&*arg);
            *arg = word;
        }
    }
    all
}

async fn perform(cli: Cli) -> Result<ExitCode, Fault> {
    let place = Place::new(cli.data_dir.as_deref())?;
    match cli.command {
        Command::Run(args) => run::run(&place, &args).await,
        Command::Collect(args) => collect::collect(&place, &args).await,
        Command::Sources(args) => sources::sources(&place, &args).await,
        Command::Backfill(args) => backfill::backfill(&place, &args).await,
        Command::Alerts(args) => alerts::alerts(&place, args).await,
        Command::Eval(args) => eval::eval(&args),
        Command::Export(args) => export::export(&place, args).await,
        Command::Import(args) => export::import(&place, args).await,
        Command::Analyse(args) => analysis::analyse(&place, cli.data_dir.is_some(), args).await,
        Command::Train(args) => analysis::train(&place, args).await,
        Command::SendTest(args) => send_test::send_test(&place, &args).await,
        Command::Backup(args) => keep::backup(&place, args).await,
        Command::Restore(args) => keep::restore(&place, args).await,
        Command::Salvage(args) => keep::salvage(&place, args).await,
    }
}

/// Where settings and data are, and how the environment is read here.
struct Place {
    paths: Paths,
}

impl Place {
    fn new(data_dir: Option<&std::path::Path>) -> Result<Self, Fault> {
        let paths = match data_dir {
            Some(dir) => Paths::in_dir(dir),
            None => Paths::platform()?,
        };
        let variables = environment(&paths);
        let paths = paths.with_environment(&variables);
        Ok(Self { paths })
    }

    fn start_logs(&self) -> Result<(), Fault> {
        self.paths.create()?;
        let environment = environment(&self.paths);
        tocsin_core::logs::start(&self.paths, environment.log_filter());
        Ok(())
    }

    fn need_database(&self) -> Result<(), Fault> {
        if self.paths.database.exists() {
            return Ok(());
        }
        Err(Fault::new(
            "no_database",
            format!(
                "There is no database at {} yet. Collect first: tocsind collect",
                self.paths.database.display()
            ),
        ))
    }

    /// An app on a database that is whole.
    async fn start(&self, background: bool, read_only: bool) -> Result<App, Fault> {
        let app = self.open(background, read_only).await.map_err(advised)?;
        match app.damage() {
            None => Ok(app),
            Some(fault) => {
                app.stop().await;
                Err(advised(fault))
            }
        }
    }

    /// An app that waits for a choice where the database is damaged.
    async fn start_even_damaged(&self, background: bool) -> Result<App, Fault> {
        self.open(background, false).await
    }

    async fn open(&self, background: bool, read_only: bool) -> Result<App, Fault> {
        App::start(Options {
            paths: self.paths.clone(),
            environment: Arc::new(environment),
            host: Arc::new(Headless),
            background,
            read_only,
        })
        .await
    }
}

/// What to do about a damaged database, by command.
fn advised(mut fault: Fault) -> Fault {
    if fault.code == "database_damaged" {
        fault
            .message
            .push_str("\nRestore a backup:  tocsind restore FILE\nSave what can still be read:  tocsind salvage");
    }
    fault
}

/// Says what of the settings could not be used; the window shows it as a banner.
fn say_notices(app: &App) {
    for notice in app.notices() {
        tracing::warn!(code = %notice.code, "{notice}");
    }
}

/// A server's working directory is its administrator's, so its `.env` is read too.
fn environment(paths: &Paths) -> Environment {
    Environment::from_process()
        .with_file(&paths.env_file)
        .with_working_file(std::path::Path::new(".env"))
}

/// No window: links open in the browser that shows the interface.
struct Headless;

impl Host for Headless {
    fn is_desktop(&self) -> bool {
        false
    }

    fn open_url(&self, _url: &str) -> Result<(), Fault> {
        Err(Fault::new(
            "no_browser",
            "This Tocsin runs without a desktop; the browser opens links itself.",
        ))
    }
}
