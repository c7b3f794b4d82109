//! Tocsin's desktop shell: a window around tocsin-core. It opens the window, passes what the interface
//! asks on to the core and what the core tells on to the interface, and opens links in the browser. It
//! holds no domain logic: what an alert is, is no business of this crate.
//!
//! The map: [`flags`] is the command line, [`display`] says when there is no screen, [`start`] puts
//! everything together, [`backend`] owns the running core, [`ipc`] is the one command, [`forward`] the
//! one event, [`host`] what the core may ask of the desktop, [`window`] the window and what it refuses,
//! [`signals`] the system's request to end, [`refusal`] the message box
//! when the app cannot start.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod backend;
mod display;
mod flags;
mod forward;
mod host;
mod ipc;
mod refusal;
mod signals;
mod start;
mod window;

use std::process::ExitCode;

use clap::Parser;

/// The exit code where there is no screen to open a window on.
const NO_DISPLAY: u8 = 2;

fn main() -> ExitCode {
    let flags = flags::Flags::parse();
    if let Err(sentence) = display::open() {
        eprintln!("{sentence}");
        return ExitCode::from(NO_DISPLAY);
    }
    start::run(flags)
}
