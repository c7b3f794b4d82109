//! Heavy developer tools over core: generated files and benchmarks. `cargo xtask types`, `env` and `bench`
//! call them.

mod bench;
mod corpus;
mod generated;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(
    name = "tocsin-devtools",
    about = "Developer tools; call them through cargo xtask"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write ui/src/lib/ipc/generated.ts from the list of commands
    Types {
        /// Only say whether the file is fresh
        #[arg(long)]
        check: bool,
    },
    /// Write .env.example from the list of variables
    Env {
        /// Only say whether the file is fresh
        #[arg(long)]
        check: bool,
    },
    /// Measure
    Bench {
        /// Which benchmarks [default: all but store, which takes half an hour and gigabytes]
        names: Vec<String>,
        /// Print one JSON object {name: value}
        #[arg(long)]
        json: bool,
        /// Counted runs of each
        #[arg(long, default_value_t = 5, value_name = "N")]
        runs: usize,
        #[command(flatten)]
        store: bench::StoreOptions,
    },
    /// Open the app on a data folder, ask for the first page and say when it was there; for `bench store`
    #[command(hide = true)]
    StartUp {
        /// The folder
        dir: std::path::PathBuf,
    },
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Types { check } => generated::types(check),
        Command::Env { check } => generated::env(check),
        Command::Bench {
            names,
            json,
            runs,
            store,
        } => bench::bench(&names, json, runs, &store),
        Command::StartUp { dir } => bench::start_up(&dir),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
