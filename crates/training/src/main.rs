//! `tocsin-training`: makes the model file that is shipped, and scores it. Called by `cargo xtask train` and
//! `cargo xtask eval`; over tocsin-analysis alone, so that it builds in seconds.

fn main() {}
