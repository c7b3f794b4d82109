//! `cargo xtask bench`: benchmarks, always in a release build. `TOCSIN_CORPUS` passes through.

use crate::args::Args;
use crate::cmd::{self, Outcome};
use crate::devtools;

pub fn main(args: Args) -> Outcome {
    let words = args.everything();
    let mut all = vec!["bench"];
    all.extend(words.iter().map(String::as_str));
    cmd::run(&mut devtools::command(true, &all))
}
