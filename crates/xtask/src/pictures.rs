//! `cargo xtask pictures`: the end-to-end test `pictures` with a folder to write to.

use crate::args::Args;
use crate::cmd::{self, Outcome};
use crate::{setup, test, ui};

/// Where the pictures go, from the root.
const FOLDER: &str = "docs/pictures";

pub fn main(args: Args) -> Outcome {
    args.finish()?;
    setup::ensure(setup::Group::Test)?;
    ui::build()?;
    // The same selection of packages as `cargo xtask test e2e`, so that nothing is built twice.
    let mut cargo = cmd::cargo();
    cargo.args([
        "test",
        "--workspace",
        "--test",
        "pictures",
        "--",
        "--test-threads=1",
    ]);
    let mut wrapped = test::under_virtual_display(&cargo);
    wrapped.env("TOCSIN_PICTURES", crate::paths::root().join(FOLDER));
    cmd::run(&mut wrapped)?;
    eprintln!("The pictures are in {FOLDER}.");
    Ok(())
}
