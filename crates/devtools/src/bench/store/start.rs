//! Start-up: a fresh process opens the app on the full database and asks for the first page, as the
//! window does.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use serde_json::{Value, json};
use tocsin_core::app::{App, Host, Options};
use tocsin_core::clock::Clock;
use tocsin_core::error::Fault;
use tocsin_core::settings::{Environment, Paths};

use super::queries::ROWS;
use super::report::{Report, Times};

const TIMES: usize = 5;

/// Starts processes and takes the median.
pub fn measure(name: &str, dir: &Path, report: &mut Report) -> Result<(), String> {
    report.part(format!(
        "start-up to the first page of New, {name}: a fresh process, the file in the system's cache"
    ));
    let mut times = Times::default();
    // The first one brings the file into the cache.
    for n in 0..=TIMES {
        let ms = start(dir)?;
        if n > 0 {
            times.push(ms);
        }
    }
    report.bounded(format!("{name}.start"), "ms", times.percentile(50), 300.0);
    report.value(format!("{name}.start.max"), "ms", times.percentile(100));
    Ok(())
}

/// Milliseconds until a fresh process had the first page.
fn start(dir: &Path) -> Result<f64, String> {
    let program = std::env::current_exe().map_err(|e| e.to_string())?;
    let begun = Clock::system().now().ms();
    let out = Command::new(program)
        .arg("start-up")
        .arg(dir)
        .output()
        .map_err(|e| e.to_string())?;
    if !out.status.success() {
        return Err(String::from_utf8_lossy(&out.stderr).into_owned());
    }
    let ready: i64 = String::from_utf8_lossy(&out.stdout)
        .trim()
        .parse()
        .map_err(|_| "the process did not say when it was ready".to_owned())?;
    #[allow(clippy::cast_precision_loss)]
    Ok((ready - begun) as f64)
}

/// What the fresh process does: prints when it had the first page, in milliseconds since 1970.
pub fn start_up(dir: &Path) -> Result<(), String> {
    let runtime = tokio::runtime::Runtime::new().map_err(|e| e.to_string())?;
    runtime.block_on(async {
        let app = app(dir).await.map_err(|fault| fault.message)?;
        first_page(&app).await.map_err(|fault| fault.message)?;
        println!("{}", Clock::system().now().ms());
        app.stop().await;
        Ok(())
    })
}

async fn first_page(app: &App) -> Result<Value, Fault> {
    let opened = app.call("list_open", json!({ "view": "new" })).await?;
    let rows = json!({ "list": opened["list"], "offset": 0, "limit": ROWS });
    app.call("list_rows", rows).await
}

/// The app on a data folder, without its work in the background.
pub async fn app(dir: &Path) -> Result<App, Fault> {
    App::start(Options {
        paths: Paths::in_dir(dir),
        environment: Arc::new(|_| Environment::default()),
        host: Arc::new(NoHost),
        background: false,
        read_only: false,
    })
    .await
}

struct NoHost;

impl Host for NoHost {
    fn is_desktop(&self) -> bool {
        false
    }

    fn open_url(&self, _url: &str) -> Result<(), Fault> {
        Err(Fault::new("no_browser", "A benchmark opens no browser."))
    }
}
