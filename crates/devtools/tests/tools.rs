//! The tools as `cargo xtask` calls them.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::process::{Command, Output};

fn devtools(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tocsin-devtools"))
        .args(args)
        .output()
        .unwrap()
}

#[test]
fn generated_files_are_fresh() {
    for name in ["types", "env"] {
        let output = devtools(&[name, "--check"]);
        assert!(output.status.success(), "{output:?}");
    }
}

#[test]
fn an_unknown_benchmark_is_answered_with_the_known_ones() {
    let output = devtools(&["bench", "nope"]);
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("known: analysis, ingest"));
}
