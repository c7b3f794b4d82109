//! The command line of the desktop app.

use std::path::PathBuf;

use clap::Parser;

/// Collects security threats, works out which matter to you, and rings.
///
/// Opens the window. On a server, or without a screen, use `tocsind`.
#[derive(Debug, Parser)]
#[command(name = "tocsin", version)]
pub struct Flags {
    /// Keep settings, database and logs in this folder instead of the usual places
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Flags::command().debug_assert();
    }

    #[test]
    fn a_data_dir_may_be_named() {
        let flags = Flags::try_parse_from(["tocsin", "--data-dir", "/x"]).unwrap();
        assert_eq!(flags.data_dir, Some(PathBuf::from("/x")));
    }
}
