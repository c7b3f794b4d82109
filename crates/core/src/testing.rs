//! What tests of several modules share: a D-Bus session of a test's own. Its address is an environment variable, so
//! such a test runs a second copy of this program with it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// Set in the second copy.
const MARK: &str = "TOCSIN_TEST_ON_OWN_BUS";

/// Runs a test on a bus of its own; where there is no `dbus-daemon` it is skipped. `module` is the test's
/// `module_path!()`, `test` its name.
pub fn on_own_bus<F: Future<Output = ()>>(module: &str, test: &str, inner: impl FnOnce() -> F) {
    if is_second() {
        on_bus("", module, test, inner);
    } else if let Some(bus) = Bus::start() {
        on_bus(&bus.address, module, test, inner);
    }
}

/// The same with the bus at this address: the first call starts this program again for that one test, the second
/// one, which finds the mark, does the work.
pub fn on_bus<F: Future<Output = ()>>(
    address: &str,
    module: &str,
    test: &str,
    inner: impl FnOnce() -> F,
) {
    if is_second() {
        tokio::runtime::Runtime::new().unwrap().block_on(inner());
        return;
    }
    let module = module.split_once("::").map_or(module, |(_, rest)| rest);
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("{module}::{test}"), "--nocapture"])
        .env("DBUS_SESSION_BUS_ADDRESS", address)
        .env(MARK, "1")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn is_second() -> bool {
    std::env::var_os(MARK).is_some()
}

struct Bus {
    daemon: Child,
    address: String,
}

impl Bus {
    fn start() -> Option<Self> {
        let started = Command::new("dbus-daemon")
            .args(["--session", "--print-address", "--nofork"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut daemon) = started else {
            println!("skipped: no dbus-daemon");
            return None;
        };
        let mut address = String::new();
        let out = daemon.stdout.take().unwrap();
        BufReader::new(out).read_line(&mut address).unwrap();
        Some(Self {
            daemon,
            address: address.trim().to_owned(),
        })
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}
