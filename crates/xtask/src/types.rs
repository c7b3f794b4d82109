//! `cargo xtask types`: the UI's TypeScript types, from the one list of commands in core.

use crate::args::Args;
use crate::cmd::{self, Outcome};
use crate::devtools;

pub fn main(mut args: Args) -> Outcome {
    let check = args.flag("--check");
    args.finish()?;
    let words: &[&str] = if check {
        &["types", "--check"]
    } else {
        &["types"]
    };
    cmd::run(&mut devtools::command(false, words))
}
