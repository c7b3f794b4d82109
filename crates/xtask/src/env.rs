//! `cargo xtask env`: `.env.example`, from the one list of environment variables in core.

use crate::args::Args;
use crate::cmd::{self, Outcome};
use crate::devtools;

pub fn main(mut args: Args) -> Outcome {
    let check = args.flag("--check");
    args.finish()?;
    let words: &[&str] = if check { &["env", "--check"] } else { &["env"] };
    cmd::run(&mut devtools::command(false, words))
}
