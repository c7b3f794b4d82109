//! `cargo xtask train` and `cargo xtask eval`: the shipped models, by `tocsin-training`, which builds in seconds.

use crate::args::Args;
use crate::cmd::{self, Outcome};

pub fn train(args: Args) -> Outcome {
    call("train", args)
}

pub fn eval(args: Args) -> Outcome {
    call("eval", args)
}

fn call(name: &str, args: Args) -> Outcome {
    let mut command = cmd::cargo();
    command.args(["run", "--quiet", "--release", "--package", "tocsin-training", "--", name]);
    command.args(args.everything());
    cmd::run(&mut command)
}
