//! A message bus for one test, and on it, where a test wants one, a desktop that shows notifications.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use tokio::sync::mpsc;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::OwnedValue;

use super::process::Process;

/// A private session bus.
pub struct Bus {
    pub address: String,
    _daemon: Process,
}

impl Bus {
    /// Starts it with its socket in `dir`.
    pub fn start(dir: &Path) -> Self {
        let mut command = Command::new("dbus-daemon");
        command
            .args(["--session", "--nofork", "--print-address=1"])
            .arg(format!("--address=unix:dir={}", dir.display()))
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut daemon = Process::start_as_is(&mut command);
        let mut address = String::new();
        let stdout = daemon.child().stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut address).unwrap();
        Self {
            address: address.trim().to_owned(),
            _daemon: daemon,
        }
    }
}

/// A notification that was asked for.
#[derive(Debug)]
pub struct Shown {
    pub id: u32,
    pub summary: String,
    pub body: String,
    /// Pairs of key and label.
    pub actions: Vec<String>,
}

/// A desktop that records notifications instead of showing them.
pub struct Desktop {
    connection: zbus::Connection,
    shown: mpsc::UnboundedReceiver<Shown>,
}

const PATH: &str = "/org/freedesktop/Notifications";

impl Desktop {
    /// Takes the notifications' name on the bus.
    pub async fn start(bus: &Bus) -> Self {
        let (send, shown) = mpsc::unbounded_channel();
        let connection = zbus::connection::Builder::address(bus.address.as_str())
            .unwrap()
            .name("org.freedesktop.Notifications")
            .unwrap()
            .serve_at(PATH, Notifications { send, last_id: 0 })
            .unwrap()
            .build()
            .await
            .unwrap();
        Self { connection, shown }
    }

    /// The next notification.
    pub async fn next(&mut self) -> Shown {
        let shown = tokio::time::timeout(super::page::PATIENCE, self.shown.recv()).await;
        shown.expect("no notification was shown").unwrap()
    }

    /// Whatever was shown and not looked at yet.
    pub fn waiting(&mut self) -> Vec<Shown> {
        std::iter::from_fn(|| self.shown.try_recv().ok()).collect()
    }

    /// A click on an action of a notification.
    pub async fn click(&self, id: u32, action: &str) {
        let emitter = SignalEmitter::new(&self.connection, PATH).unwrap();
        emitter.action_invoked(id, action).await.unwrap();
    }
}

struct Notifications {
    send: mpsc::UnboundedSender<Shown>,
    last_id: u32,
}

/// Desktop Notifications Specification 1.2, "D-BUS Protocol".
#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Notifications {
    #[expect(clippy::too_many_arguments, reason = "the specification's")]
    fn notify(
        &mut self,
        _app_name: String,
        replaces_id: u32,
        _app_icon: String,
        summary: String,
        body: String,
        actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _expire_timeout: i32,
    ) -> u32 {
        let id = if replaces_id == 0 {
            self.last_id += 1;
            self.last_id
        } else {
            replaces_id
        };
        let _ = self.send.send(Shown {
            id,
            summary,
            body,
            actions,
        });
        id
    }

    fn close_notification(&self, _id: u32) {}

    fn get_capabilities(&self) -> Vec<String> {
        ["body", "actions"].map(str::to_owned).to_vec()
    }

    fn get_server_information(&self) -> (String, String, String, String) {
        let text = |s: &str| s.to_owned();
        (text("fake"), text("tocsin"), text("1"), text("1.2"))
    }

    #[zbus(signal)]
    async fn action_invoked(emitter: &SignalEmitter<'_>, id: u32, key: &str) -> zbus::Result<()>;
}
