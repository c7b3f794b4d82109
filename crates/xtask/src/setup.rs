//! `cargo xtask setup`: what a fresh machine lacks. It installs Debian packages (as root or through sudo, after
//! saying so), the UI's npm packages, and for the tests a STIX validator; on other systems it names what is missing.
//!
//! It must never ask for a password where nobody can type one, and never stop a machine that has what is needed.

use crate::args::Args;
use crate::cmd::{self, Outcome, failure};
use crate::{ui, validator};
use std::io::IsTerminal;
use std::process::Command;

/// What is going to be done, and so what must be there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Building and running the app.
    Build,
    /// That, and every test.
    Test,
}

/// Debian's packages for building the app. `ca-certificates` is for cargo and npm on bare images.
const BUILD_PACKAGES: &[&str] = &[
    "build-essential",
    "ca-certificates",
    "curl",
    "file",
    "libayatana-appindicator3-dev",
    "libdbus-1-dev",
    "librsvg2-dev",
    "libssl-dev",
    "libwebkit2gtk-4.1-dev",
    "libxdo-dev",
    "pkg-config",
    "wget",
];

/// Debian's packages for the end-to-end tests: a virtual display, a bus, a WebDriver, a window manager, fonts.
const TEST_PACKAGES: &[&str] = &[
    "dbus",
    "dbus-x11",
    "fonts-dejavu-core",
    "fonts-noto-color-emoji",
    "fonts-noto-core",
    "imagemagick",
    "openbox",
    "procps",
    "webkit2gtk-driver",
    "wmctrl",
    "x11-apps",
    "x11-utils",
    "xauth",
    "xdotool",
    "xvfb",
];

/// The oldest Node that the UI's tools run on.
const NODE_MAJOR: u32 = 20;

pub fn main(mut args: Args) -> Outcome {
    let check = args.flag("--check");
    let words = args.words()?;
    let group = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] | ["test"] => Group::Test,
        ["build"] => Group::Build,
        _ => return Err(crate::usage("setup", "the groups are `build` and `test`")),
    };
    if check {
        let missing = missing(group);
        if !missing.is_empty() {
            return Err(failure(format!(
                "missing: {}. `cargo xtask setup` installs or explains it.",
                missing.join(", ")
            )));
        }
    } else {
        ensure(group)?;
    }
    eprintln!(
        "Everything needed to {} is there.",
        if group == Group::Build {
            "build and run"
        } else {
            "build, run and test"
        }
    );
    Ok(())
}

/// Installs what is missing for the group; quick when nothing is.
pub fn ensure(group: Group) -> Outcome {
    system_packages(group)?;
    if ui::exists() {
        node()?;
        ui::install_packages()?;
    }
    if group == Group::Test {
        validator::ensure();
    }
    Ok(())
}

/// Makes sure of Node, npm and the UI's packages, without any system package.
pub fn ensure_ui() -> Outcome {
    if ui::exists() {
        node()?;
        ui::install_packages()?;
    }
    Ok(())
}

/// Makes sure of a C compiler, which SQLite and the TLS library need: all that the crates without a window ask for.
pub fn ensure_compiler() -> Outcome {
    if cmd::which("cc").is_some() || cfg!(windows) {
        return Ok(());
    }
    if has_apt() {
        return install(&["build-essential"]);
    }
    Err(failure("there is no C compiler (cc); install gcc or clang"))
}

fn missing(group: Group) -> Vec<String> {
    let mut missing = if has_apt() {
        missing_packages(group)
    } else {
        missing_elsewhere(group)
    };
    if ui::exists() {
        missing.extend(node().err().map(|f| f.message));
        if !ui::packages_are_fresh() {
            missing.push("the UI's packages (npm --prefix ui ci)".into());
        }
    }
    missing
}

fn system_packages(group: Group) -> Outcome {
    if has_apt() {
        let missing = missing_packages(group);
        if missing.is_empty() {
            return Ok(());
        }
        return install(&missing.iter().map(String::as_str).collect::<Vec<_>>());
    }
    let missing = missing_elsewhere(group);
    if missing.is_empty() {
        return Ok(());
    }
    Err(failure(format!(
        "this system has no apt, so please install what is missing yourself: {}.\n\
         https://v2.tauri.app/start/prerequisites/ names the packages of other systems.",
        missing.join(", ")
    )))
}

fn has_apt() -> bool {
    cmd::which("apt-get").is_some() && cmd::which("dpkg-query").is_some()
}

fn missing_packages(group: Group) -> Vec<String> {
    let mut wanted = BUILD_PACKAGES.to_vec();
    if group == Group::Test {
        wanted.extend(TEST_PACKAGES);
    }
    let mut query = cmd::program("dpkg-query");
    query
        .env("LC_ALL", "C")
        .args(["--show", "--showformat", "${Package} ${db:Status-Status}\n"])
        .args(&wanted);
    // It fails when one package is unknown, and prints the others all the same.
    let printed = query
        .output()
        .map(|o| String::from_utf8_lossy(&o.stdout).into_owned())
        .unwrap_or_default();
    not_installed(&wanted, &printed)
}

/// Those of `wanted` that dpkg-query does not call installed.
fn not_installed(wanted: &[&str], printed: &str) -> Vec<String> {
    let installed: Vec<&str> = printed
        .lines()
        .filter_map(|line| line.strip_suffix(" installed"))
        .collect();
    wanted
        .iter()
        .filter(|name| !installed.contains(name))
        .map(|name| name.to_string())
        .collect()
}

fn install(packages: &[&str]) -> Outcome {
    let by_hand = format!(
        "apt-get update && apt-get install -y --no-install-recommends {}",
        packages.join(" ")
    );
    let prefix = rights(&by_hand)?;
    eprintln!("Installing system packages: {}", packages.join(" "));
    if !prefix.is_empty() {
        eprintln!("This uses sudo.");
    }
    let apt = |words: &[&str]| {
        let mut all: Vec<&str> = prefix.clone();
        all.extend([
            "env",
            "DEBIAN_FRONTEND=noninteractive",
            "LC_ALL=C",
            "apt-get",
        ]);
        all.extend(words);
        let mut command = cmd::program(all[0]);
        command.args(&all[1..]);
        command
    };
    // One broken repository fails the update; what is needed may still be in the others.
    if let Err(why) = cmd::run(&mut apt(&["update"])) {
        eprintln!("{}; going on with the lists that are there", why.message);
    }
    cmd::run(apt(&["install", "-y", "--no-install-recommends"]).args(packages))
        .map_err(|f| failure(format!("{}\nTo do it by hand: {by_hand}", f.message)))
}

/// The words that give apt its rights: none as root, else sudo; a failure with the exact command if neither works.
fn rights(by_hand: &str) -> Outcome<Vec<&'static str>> {
    let root = cmd::answer(cmd::program("id").arg("-u")).is_some_and(|id| id.trim() == "0");
    if root {
        return Ok(Vec::new());
    }
    if cmd::which("sudo").is_some() {
        if cmd::answer(cmd::program("sudo").args(["-n", "true"])).is_some() {
            return Ok(vec!["sudo", "-n"]);
        }
        if std::io::stdin().is_terminal() {
            return Ok(vec!["sudo"]);
        }
    }
    Err(failure(format!(
        "system packages are missing, and this user may not install them. Please run as root:\n\n    {}\n",
        by_hand
    )))
}

/// What a system without apt lacks, by asking pkg-config for the libraries themselves.
fn missing_elsewhere(group: Group) -> Vec<String> {
    let mut missing = Vec::new();
    if !cfg!(target_os = "linux") {
        return missing;
    }
    if cmd::which("cc").is_none() {
        missing.push("a C compiler (cc)".to_string());
    }
    if cmd::which("pkg-config").is_none() {
        missing.push("pkg-config".to_string());
        return missing;
    }
    for library in ["webkit2gtk-4.1", "gtk+-3.0", "librsvg-2.0", "dbus-1"] {
        if cmd::answer(cmd::program("pkg-config").args(["--exists", library])).is_none() {
            missing.push(format!("{library} (development files)"));
        }
    }
    if group == Group::Test {
        let programs = ["xvfb-run", "dbus-run-session", "WebKitWebDriver"];
        let absent = programs.iter().filter(|name| cmd::which(name).is_none());
        missing.extend(absent.map(|name| name.to_string()));
    }
    missing
}

/// A sentence if Node or npm is missing or too old.
fn node() -> Outcome {
    let how = format!(
        "Install Node {NODE_MAJOR} or newer from https://nodejs.org or with a version manager (nvm, fnm)."
    );
    let Some(version) = cmd::answer(cmd::program("node").arg("--version")) else {
        return Err(failure(format!("node was not found. {how}")));
    };
    if node_major(&version).is_none_or(|major| major < NODE_MAJOR) {
        return Err(failure(format!(
            "node is {}, too old for the UI's tools. {how}",
            version.trim()
        )));
    }
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    if cmd::answer(Command::new(npm).arg("--version")).is_none() {
        return Err(failure(format!(
            "npm was not found; it comes with Node. {how}"
        )));
    }
    Ok(())
}

fn node_major(version: &str) -> Option<u32> {
    version
        .trim()
        .trim_start_matches('v')
        .split('.')
        .next()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_removed_package_counts_as_missing() {
        let printed = "xvfb installed\ndbus config-files\n";
        assert_eq!(
            not_installed(&["dbus", "xvfb", "xauth"], printed),
            ["dbus", "xauth"]
        );
    }

    #[test]
    fn reads_nodes_version() {
        let check = |text: &str, expect| assert_eq!(node_major(text), expect, "{text}");
        check("v20.20.2\n", Some(20));
        check("24.0.0", Some(24));
        check("", None);
    }

    #[test]
    fn no_package_is_named_twice() {
        let mut all = [BUILD_PACKAGES, TEST_PACKAGES].concat();
        all.sort_unstable();
        let before = all.len();
        all.dedup();
        assert_eq!(all.len(), before);
    }
}
