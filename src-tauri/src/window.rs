//! The one window: how it opens, and what it refuses. Its page comes from the binary; it goes nowhere
//! else, opens no other window and downloads nothing. Links go through the core to the browser.

use std::path::Path;
use std::time::Duration;

use tauri::utils::config::Color;
use tauri::webview::{NewWindowResponse, PageLoadEvent};
use tauri::{AppHandle, Manager, Theme, WebviewUrl, WebviewWindow, WebviewWindowBuilder};
use url::Url;

use crate::backend::Backend;

/// The window's label.
pub const MAIN: &str = "main";

/// The page's background in ui/src/lib/ui/tokens.css (`--surface-0`), so that opening does not flash.
const LIGHT: Color = Color(249, 250, 252, 255);
const DARK: Color = Color(15, 18, 23, 255);

/// After this the window is shown even if its page never said that it loaded: better an empty window
/// than an app that runs unseen.
const SHOW_AT_LATEST: Duration = Duration::from_secs(5);

/// Opens the window; it is shown once its page has loaded.
///
/// # Errors
/// Where the system gives no window.
pub fn open(app: &AppHandle, data_dir: &Path) -> tauri::Result<()> {
    let web_data = data_dir.join("webview");
    make_private(&web_data);
    let window = WebviewWindowBuilder::new(app, MAIN, WebviewUrl::App("index.html".into()))
        .title("Tocsin")
        .inner_size(1280.0, 800.0)
        .min_inner_size(720.0, 520.0)
        .center()
        .visible(false)
        .background_color(LIGHT)
        .data_directory(web_data)
        .disable_drag_drop_handler()
        .on_navigation(is_own_page)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_download(|_, _| false)
        .on_page_load(|window, load| {
            if load.event() == PageLoadEvent::Finished {
                show(&window);
            }
        })
        .build()?;
    if window.theme().is_ok_and(|theme| theme == Theme::Dark) {
        window.set_background_color(Some(DARK))?;
    }
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(SHOW_AT_LATEST).await;
        show(&window);
    });
    Ok(())
}

/// Brings the window to the front.
pub fn raise(app: &AppHandle) {
    if let Some(window) = app.get_webview_window(MAIN) {
        let raised = window
            .show()
            .and_then(|()| window.unminimize())
            .and_then(|()| window.set_focus());
        if let Err(error) = raised {
            tracing::warn!(%error, "the window could not be raised");
        }
    }
}

/// Takes the window off the screen where the app cannot run. Closing the last window would end the app
/// before its message box was read.
pub fn hide(app: &AppHandle) {
    if let Some(window) = app.get_webview_window(MAIN) {
        let _ = window.hide();
    }
}

/// Makes the folder for what WebKit keeps, for this user alone: the files in it are WebKit's to make.
fn make_private(dir: &Path) {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    // It is there already but for the first start.
    let _ = builder.create(dir);
}

fn show(window: &WebviewWindow) {
    if window.state::<Backend>().has_ended() {
        return;
    }
    if let Err(error) = window.show() {
        tracing::warn!(%error, "the window could not be shown");
    }
}

/// Whether an address is the app's own page: `tauri://localhost`, on Windows `http://tauri.localhost`.
fn is_own_page(url: &Url) -> bool {
    let is_own = if cfg!(windows) {
        matches!(url.scheme(), "http" | "https") && url.host_str() == Some("tauri.localhost")
    } else {
        url.scheme() == "tauri" && url.host_str() == Some("localhost")
    };
    if !is_own {
        tracing::warn!(
            scheme = url.scheme(),
            "the window refused to go to another address"
        );
    }
    is_own
}

#[cfg(all(test, not(windows)))]
mod tests {
    use super::*;

    #[test]
    fn only_the_own_page_is_visited() {
        let check = |url: &str, expect: bool| {
            assert_eq!(is_own_page(&Url::parse(url).unwrap()), expect, "{url}");
        };
        check("tauri://localhost", true);
        check("tauri://localhost/index.html#/settings", true);
        check("tauri://elsewhere/", false);
        check("http://tauri.localhost/", false);
        check("https://localhost/", false);
        check("file:///etc/passwd", false);
        check("about:blank", false);
        check("data:text/html,x", false);
        check("blob:tauri://localhost/x", false);
    }
}
