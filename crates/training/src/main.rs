//! `tocsin-training`: makes the model file that is shipped, and scores it. Called by `cargo xtask train` and
//! `cargo xtask eval`; over tocsin-analysis alone, so that it builds in seconds.

mod calibrate;
mod classifiers;
mod corpus;
mod entities;
mod eval;
mod pieces;
mod regression;
mod sparse;
mod train;
mod vocabulary;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "tocsin-training", about = "Makes and scores Tocsin's models")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make the model file from TOCSIN_CORPUS/ml
    Train(train::Arguments),
    /// Score labelled files
    Eval(eval::Arguments),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Train(arguments) => train::main(&arguments),
        Command::Eval(arguments) => eval::main(&arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}
