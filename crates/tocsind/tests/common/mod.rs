//! The real binary on a folder of its own, against a replay server.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tocsin_replay::Replay;

/// Long enough for a slow machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Whether the counts that the issues name are wanted.
pub fn is_full() -> bool {
    std::env::var_os("TOCSIN_FULL").is_some()
}

/// A folder of its own for a test: in memory where the machine has a place for that. A process that is killed leaves
/// there what it would leave on a disk, and no test asks for more; waiting for the disk took most of their time. The
/// issues' full counts go to the disk.
pub fn temporary() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if !is_full()
        && memory.is_dir()
        && let Ok(folder) = tempfile::tempdir_in(memory)
    {
        return folder;
    }
    tempfile::tempdir().unwrap()
}

/// The same numbers in every run, so that a failure can be seen again.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// A data folder and the variables of its environment.
pub struct Folder {
    pub dir: tempfile::TempDir,
    variables: Vec<(String, String)>,
}

impl Folder {
    pub fn against(replay: &Replay) -> Self {
        let folder = Self {
            dir: temporary(),
            variables: vec![("TOCSIN_REPLAY".into(), replay.base_url())],
        };
        folder.write("settings.toml", "[channels.desktop]\nenabled = false\n");
        folder
    }

    pub fn set(&mut self, name: &str, value: &str) {
        self.variables.push((name.into(), value.into()));
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.dir.path().join(name), text).unwrap();
    }

    /// E-mail to the replay's sink.
    pub fn mail_to_sink(&mut self, replay: &Replay, more: &str) {
        let sink = replay.smtp();
        let ca = self.dir.path().join("ca.pem");
        sink.write_ca_pem(&ca).unwrap();
        self.write(
            "settings.toml",
            &format!(
                "[channels.desktop]\nenabled = false\n\n[channels.email]\nenabled = true\nsmtp_host = \"localhost\"\nsmtp_port = {}\nuser = \"{}\"\nsender = \"tocsin@example.org\"\nrecipients = [\"soc@example.org\"]\nca_file = \"{}\"\n\n{more}",
                sink.address().port(),
                sink.user(),
                ca.display(),
            ),
        );
        self.set("EMAIL_PASS", sink.password());
    }

    /// The binary with a clean environment and the replay's time.
    pub fn command(&self, now: &str, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tocsind"));
        command
            .env_clear()
            // Never the keyring of whoever runs the tests.
            .env("TOCSIN_KEYRING", "off")
            .env("TOCSIN_CLOCK_START", now)
            .envs(self.variables.iter().cloned())
            .current_dir(self.dir.path())
            .args(args)
            .arg("--data-dir")
            .arg(self.path());
        command
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Where the daemon's errors go, one start after the other.
    fn said(&self) -> std::fs::File {
        let mut file = std::fs::OpenOptions::new();
        let file = file.append(true).create(true);
        file.open(self.path().join("daemon.txt")).unwrap()
    }

    /// `tocsind collect`, which must end well.
    pub fn collect(&self, replay: &Replay) -> Output {
        let output = self
            .command(&replay.now().to_rfc3339(), &["collect"])
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        output
    }

    /// `tocsind alerts`: everything that is stored.
    pub fn alerts(&self) -> Vec<Value> {
        let args = ["alerts", "--any", "--json", "--limit", "100000"];
        let output = self
            .command("2026-01-01T00:00:00Z", &args)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

/// Whatever a test did, no secret may be left in the folder: in the database, a log, a backup, the settings, or what
/// the daemon said.
impl Drop for Folder {
    fn drop(&mut self) {
        let found = tocsin_replay::files_with_secrets(self.path());
        if !std::thread::panicking() {
            assert!(found.is_empty(), "a secret is in {found:?}");
        }
    }
}

/// `tocsind run`, killed when dropped.
pub struct Daemon {
    child: Child,
    address: String,
    token: String,
}

impl Daemon {
    /// Started, with its server open.
    pub fn start(folder: &Folder, replay: &Replay) -> Self {
        let mut child = folder
            .command(&replay.now().to_rfc3339(), &["run", "--port", "0"])
            .stdout(Stdio::piped())
            .stderr(folder.said())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let address = line.split_whitespace().last().unwrap_or_default();
        let (address, token) = address.split_once("/#token=").expect("no address printed");
        Self {
            address: address.to_owned(),
            token: token.to_owned(),
            child,
        }
    }

    /// Waits until something holds; looks every few milliseconds.
    pub async fn until(&mut self, holds: impl Fn() -> bool) {
        self.until_within(PATIENCE, holds).await;
    }

    /// The same with a patience of one's own.
    pub async fn until_within(&mut self, patience: Duration, holds: impl Fn() -> bool) {
        let end = std::time::Instant::now() + patience;
        while !holds() {
            assert!(std::time::Instant::now() < end, "it never came to this");
            assert!(
                self.child.try_wait().unwrap().is_none(),
                "it ended by itself"
            );
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
    }

    /// `kill -9`.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to end and says how long that took.
    pub fn terminate(mut self) -> (Duration, std::process::ExitStatus) {
        let start = std::time::Instant::now();
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &pid]).status().unwrap();
        assert!(sent.success());
        let status = self.child.wait().unwrap();
        (start.elapsed(), status)
    }

    pub fn address(&self) -> &str {
        &self.address
    }

    /// The answer; `None` where it refused, or died before it answered.
    pub async fn try_call(&self, name: &str, request: Value) -> Option<Value> {
        let answer = reqwest::Client::new()
            .post(format!("{}/rpc", self.address))
            .header("x-tocsin-token", &self.token)
            .json(&json!({ "name": name, "request": request }))
            .send()
            .await
            .ok()?;
        if !answer.status().is_success() {
            return None;
        }
        answer.json().await.ok()
    }

    pub async fn call(&self, name: &str, request: Value) -> Value {
        let answer = reqwest::Client::new()
            .post(format!("{}/rpc", self.address))
            .header("x-tocsin-token", &self.token)
            .json(&json!({ "name": name, "request": request }))
            .send()
            .await
            .unwrap();
        assert!(answer.status().is_success(), "{name}: {answer:?}");
        answer.json().await.unwrap()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Opens what a crash left, as the next start would find it, and checks it to the last page.
pub fn whole(path: &Path) -> rusqlite::Connection {
    let conn = rusqlite::Connection::open(path).unwrap();
    let found: String = conn
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(found, "ok", "{}", path.display());
    let broken: i64 = conn
        .query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |r| {
            r.get(0)
        })
        .unwrap();
    assert_eq!(broken, 0);
    conn.execute(
        "INSERT INTO search (search, rank) VALUES ('integrity-check', 1)",
        [],
    )
    .unwrap();
    conn
}

pub fn number(conn: &rusqlite::Connection, sql: &str) -> i64 {
    conn.query_row(sql, [], |row| row.get(0)).unwrap()
}
