//! The harness of the end-to-end tests: a real window of the real binary, steered by WebKitGTK's
//! WebDriver. Every test has its own home folder, message bus, replay server and driver, so that tests
//! run alone and in parallel. Nothing leaves the machine.

pub mod axe;
pub mod bus;
pub mod display;
pub mod page;
pub mod picture;
pub mod process;
pub mod session;

pub use page::Page;
pub use session::{Session, Setup, Theme};

/// How often a repeated proof is made: `quick` times, or `full` times in `cargo xtask test --full`.
pub fn times(quick: usize, full: usize) -> usize {
    if std::env::var_os("TOCSIN_FULL").is_some() {
        full
    } else {
        quick
    }
}
