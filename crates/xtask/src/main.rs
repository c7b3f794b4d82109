//! `cargo xtask`: the developer commands of Tocsin.
//!
//! It must stay light: it builds in seconds with nothing but Rust, because it installs what everything else needs.
//! So it depends on no crate of ours, and heavy work (types, benchmarks) is done by `tocsin-devtools`, which it calls.

mod args;
mod bench;
mod cmd;
mod compare;
mod devtools;
mod env;
mod help;
mod icons;
mod paths;
mod pictures;
mod replay;
mod run;
mod setup;
mod supervise;
mod test;
mod tidy;
mod training;
mod types;
mod ui;
mod validator;

use args::Args;
use cmd::{Failure, Outcome};
use std::process::ExitCode;

/// One command: its name, one line about it, and what runs it. `help.rs` holds the long text.
struct Command {
    name: &'static str,
    about: &'static str,
    run: fn(Args) -> Outcome,
}

/// The one list of commands, in the order in which a newcomer meets them.
const COMMANDS: &[Command] = &[
    Command {
        name: "run",
        about: "Build the app and open it",
        run: run::main,
    },
    Command {
        name: "test",
        about: "Check and test everything, or the parts named",
        run: test::main,
    },
    Command {
        name: "setup",
        about: "Install what building and testing need",
        run: setup::main,
    },
    Command {
        name: "tidy",
        about: "Check layering, file lengths, generated files, licences",
        run: tidy::main,
    },
    Command {
        name: "replay",
        about: "Serve recorded material as the real sites do",
        run: replay::main,
    },
    Command {
        name: "bench",
        about: "Measure, in a release build",
        run: bench::main,
    },
    Command {
        name: "train",
        about: "Make the model file from the labelled texts",
        run: training::train,
    },
    Command {
        name: "eval",
        about: "Score the models on labelled texts",
        run: training::eval,
    },
    Command {
        name: "compare",
        about: "Measure Tocsin's analysis beside scikit-learn, spaCy and the like",
        run: compare::main,
    },
    Command {
        name: "types",
        about: "Write the UI's TypeScript types",
        run: types::main,
    },
    Command {
        name: "env",
        about: "Write .env.example",
        run: env::main,
    },
    Command {
        name: "icons",
        about: "Make every icon from icons/tocsin.svg",
        run: icons::main,
    },
    Command {
        name: "pictures",
        about: "Take the pictures of the window for docs/",
        run: pictures::main,
    },
];

fn main() -> ExitCode {
    match dispatch(std::env::args().skip(1).collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !failure.message.is_empty() {
                eprintln!("error: {}", failure.message);
            }
            ExitCode::from(failure.code)
        }
    }
}

fn dispatch(mut words: Vec<String>) -> Outcome {
    if words.is_empty() {
        print!("{}", help::overview());
        return Ok(());
    }
    let name = words.remove(0);
    match name.as_str() {
        "-h" | "--help" => {
            print!("{}", help::overview());
            return Ok(());
        }
        "help" => return help::show(words.first().map(String::as_str)),
        _ => {}
    }
    let Some(command) = COMMANDS.iter().find(|c| c.name == name) else {
        return Err(help::unknown(&name));
    };
    // What follows `--` belongs to the program that is started.
    if words
        .iter()
        .take_while(|w| *w != "--")
        .any(|w| w == "-h" || w == "--help")
    {
        return help::show(Some(command.name));
    }
    (command.run)(Args::new(command.name, words))
}

/// A wrong call: exit code 2, and where the help is.
fn usage(command: &str, what: &str) -> Failure {
    Failure {
        message: format!("{what}\nTry `cargo xtask help {command}`."),
        code: 2,
    }
}
