//! One installation of the app for one test: its folders, its bus, its replay server, its window.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use chrono::SecondsFormat;
use fantoccini::ClientBuilder;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use tempfile::TempDir;
use tocsin_replay::Replay;

use super::bus::Bus;
use super::display::display;
use super::page::{PATIENCE, Page};
use super::process::{self, Process};

/// The colours that the desktop prefers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    #[default]
    Light,
    Dark,
}

/// How a session begins.
#[derive(Default)]
pub struct Setup {
    /// What the desktop prefers.
    pub theme: Theme,
    /// The recorded material; the fixtures by default.
    pub replay: tocsin_replay::Options,
    /// `settings.toml` before the first start.
    pub settings: Option<String>,
    /// Further variables of the app's environment.
    pub environment: Vec<(&'static str, String)>,
}

/// A running app and everything around it. All of it ends when this is dropped.
pub struct Session {
    /// The window. There is one except between `quit` and `open`.
    page: Option<Page>,
    /// The app's process.
    app: u32,
    driver: Option<Driver>,
    variables: BTreeMap<&'static str, String>,
    pub replay: Replay,
    pub bus: Bus,
    home: TempDir,
}

struct Driver {
    process: Process,
    address: String,
}

impl std::ops::Deref for Session {
    type Target = Page;
    fn deref(&self) -> &Page {
        self.page.as_ref().expect("the window is closed")
    }
}

impl Session {
    /// Starts the app in an empty home; `None`, saying why, where windows cannot be tested.
    pub async fn start(setup: Setup) -> Option<Self> {
        let mut session = Self::prepare(setup).await?;
        session.open().await;
        Some(session)
    }

    /// Starts the app in an empty home and lets it collect everything once.
    pub async fn collected(setup: Setup) -> Option<Self> {
        let mut session = Self::prepare(setup).await?;
        session.open_collected().await;
        Some(session)
    }

    /// All but the window.
    pub async fn prepare(setup: Setup) -> Option<Self> {
        let display = match ready() {
            Ok(display) => display,
            Err(why) => {
                println!("skipped: {why}");
                return None;
            }
        };
        let home = tempfile::Builder::new()
            .prefix("tocsin-e2e-")
            .tempdir()
            .unwrap();
        for dir in ["run", "bin", "data"] {
            std::fs::create_dir(home.path().join(dir)).unwrap();
            private(&home.path().join(dir), 0o700);
        }
        if let Some(settings) = &setup.settings {
            let file = home.path().join("data/settings.toml");
            std::fs::write(&file, settings).unwrap();
            private(&file, 0o600);
        }
        record_opened_links(home.path());
        let replay = tokio::task::spawn_blocking(|| Replay::start(setup.replay)).await;
        let replay = replay.unwrap().unwrap();
        let bus = Bus::start(&home.path().join("run"));
        let mut variables = variables(home.path(), display, &bus, &replay, setup.theme);
        variables.extend(setup.environment);
        Some(Self {
            page: None,
            app: 0,
            driver: None,
            variables,
            replay,
            bus,
            home,
        })
    }

    /// Opens the window.
    pub async fn open(&mut self) {
        // The replay's clock has run on since the last start.
        let now = self
            .replay
            .now()
            .to_rfc3339_opts(SecondsFormat::Millis, true);
        self.variables.insert("TOCSIN_CLOCK_START", now);
        let driver = start_driver(&self.variables, &self.log_file());
        let mut capabilities = fantoccini::wd::Capabilities::new();
        let options = json!({
            "binary": env!("CARGO_BIN_EXE_tocsin"),
            "args": ["--data-dir", self.data_dir()],
        });
        capabilities.insert("webkitgtk:browserOptions".to_owned(), options);
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities);
        let connecting = tokio::time::timeout(PATIENCE, builder.connect(&driver.address));
        let client = match connecting.await {
            Ok(Ok(client)) => client,
            Ok(Err(error)) => panic!("no session: {error}"),
            Err(_) => panic!("the window did not open in {PATIENCE:?}"),
        };
        self.app = process::children_of(driver.process.id())[0];
        self.driver = Some(driver);
        self.page = Some(Page::new(client));
    }

    /// Opens the window, and waits until everything was collected once.
    pub async fn open_collected(&mut self) {
        self.open().await;
        self.is_ready().await;
        self.is_collected().await;
    }

    /// Ends the app as the system does at log-out, and waits until it is gone.
    pub async fn quit(&mut self) {
        process::send("TERM", &self.app.to_string());
        let app = self.app;
        let gone = async {
            while process::is_running(app) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let ended = tokio::time::timeout(Duration::from_secs(8), gone).await;
        assert!(ended.is_ok(), "the app did not end within 8 s of SIGTERM");
        if let Some(page) = self.page.take() {
            page.close().await;
        }
        self.driver = None;
    }

    /// Ends the app and opens it again on the same data.
    pub async fn restart(&mut self) {
        self.quit().await;
        self.open().await;
    }

    /// The folder with settings, database and logs.
    pub fn data_dir(&self) -> PathBuf {
        self.home.path().join("data")
    }

    /// What `settings.toml` holds now.
    pub fn settings(&self) -> String {
        std::fs::read_to_string(self.data_dir().join("settings.toml")).unwrap_or_default()
    }

    /// Waits until `settings.toml` holds these words.
    pub async fn settings_hold(&self, words: &str) {
        self.wait_for(&format!("settings with {words}"), async || {
            self.settings().contains(words).then_some(())
        })
        .await;
    }

    /// The app's process.
    pub fn app_process(&self) -> u32 {
        self.app
    }

    /// The addresses that the app asked the system to open, oldest first.
    pub fn opened_links(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.home.path().join("opened")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// A command that runs the app as this session does, yet without WebDriver.
    pub fn app_command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tocsin"));
        command.env_clear().envs(&self.variables);
        for name in ["TAURI_AUTOMATION", "TAURI_WEBVIEW_AUTOMATION"] {
            command.env_remove(name);
        }
        command
    }

    fn log_file(&self) -> PathBuf {
        self.home.path().join("app.log")
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = std::fs::read_to_string(self.log_file()).unwrap_or_default();
            let lines: Vec<&str> = log.lines().collect();
            let tail = &lines[lines.len().saturating_sub(40)..];
            eprintln!("--- the app's last words\n{}\n---", tail.join("\n"));
        } else {
            // Whatever a test did, no secret may be left in the database, a log, a backup or the settings.
            let found = tocsin_replay::files_with_secrets(self.home.path());
            assert!(found.is_empty(), "a secret is in {found:?}");
        }
    }
}

/// The display, or why no window can be tested here.
fn ready() -> Result<&'static str, &'static str> {
    for name in ["WebKitWebDriver", "dbus-daemon"] {
        if process::program(name).is_none() {
            return Err("WebKitWebDriver or dbus-daemon is not installed");
        }
    }
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../ui/dist/index.html");
    let page = std::fs::read_to_string(page).unwrap_or_default();
    if !page.contains("<script") {
        return Err("the UI is not built (npm run build in ui/)");
    }
    display().ok_or("no display")
}

fn variables(
    home: &Path,
    display: &str,
    bus: &Bus,
    replay: &Replay,
    theme: Theme,
) -> BTreeMap<&'static str, String> {
    let dir = |name: &str| home.join(name).display().to_string();
    let path = std::env::var("PATH").unwrap_or_default();
    let gtk_theme = match theme {
        Theme::Light => "Adwaita",
        Theme::Dark => "Adwaita:dark",
    };
    let mut variables = BTreeMap::from([
        ("PATH", format!("{}:{path}", dir("bin"))),
        ("HOME", home.display().to_string()),
        ("XDG_CONFIG_HOME", dir("config")),
        ("XDG_DATA_HOME", dir("share")),
        ("XDG_CACHE_HOME", dir("cache")),
        ("XDG_RUNTIME_DIR", dir("run")),
        ("LANG", "C.UTF-8".to_owned()),
        ("TZ", "UTC".to_owned()),
        ("DISPLAY", display.to_owned()),
        ("GDK_BACKEND", "x11".to_owned()),
        ("GTK_THEME", gtk_theme.to_owned()),
        ("GSETTINGS_BACKEND", "memory".to_owned()),
        ("NO_AT_BRIDGE", "1".to_owned()),
        ("WEBKIT_DISABLE_DMABUF_RENDERER", "1".to_owned()),
        ("DBUS_SESSION_BUS_ADDRESS", bus.address.clone()),
        ("TAURI_AUTOMATION", "true".to_owned()),
        ("TAURI_WEBVIEW_AUTOMATION", "true".to_owned()),
        ("TOCSIN_REPLAY", replay.base_url()),
        ("TOCSIN_API_PORT", "0".to_owned()),
        ("TOCSIN_LOG", "info,zbus=warn".to_owned()),
    ]);
    if let Ok(authority) = std::env::var("XAUTHORITY") {
        variables.insert("XAUTHORITY", authority);
    }
    variables
}

/// Starts WebKit's driver on a free port. Another process may take the port first: then on another one.
fn start_driver(variables: &BTreeMap<&'static str, String>, log: &Path) -> Driver {
    for _ in 0..5 {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let mut command = Command::new("WebKitWebDriver");
        command
            .args([
                format!("--port={}", address.port()),
                "--host=127.0.0.1".to_owned(),
            ])
            .env_clear()
            .envs(variables);
        let mut process = Process::start(&mut command, log);
        for _ in 0..200 {
            if std::net::TcpStream::connect(address).is_ok() {
                return Driver {
                    process,
                    address: format!("http://{address}"),
                };
            }
            if process.wait_at_most(Duration::from_millis(20)).is_some() {
                break;
            }
        }
    }
    panic!("WebKitWebDriver does not start");
}

/// Puts a `xdg-open` first on the search path that writes down what it should open.
fn record_opened_links(home: &Path) {
    let file = home.join("bin/xdg-open");
    let script = format!(
        "#!/bin/sh\nprintf '%s\\n' \"$1\" >> '{}'\n",
        home.join("opened").display()
    );
    std::fs::write(&file, script).unwrap();
    private(&file, 0o700);
}

fn private(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}
