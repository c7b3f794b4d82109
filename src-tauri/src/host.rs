//! What the core may ask of the desktop: to open a link in the system's browser.

use std::sync::Arc;

use tocsin_core::app::Host;
use tocsin_core::error::Fault;
use url::Url;

/// This desktop.
pub fn desktop() -> Arc<dyn Host> {
    Arc::new(Desktop)
}

struct Desktop;

impl Host for Desktop {
    fn is_desktop(&self) -> bool {
        true
    }

    fn open_url(&self, url: &str) -> Result<(), Fault> {
        let url = web_address(url)?;
        tauri_plugin_opener::open_url(&url, None::<&str>).map_err(|error| {
            Fault::new(
                "link_not_opened",
                format!("The system opened no browser for {url}: {error}"),
            )
            .with("url", &url)
            .with("reason", error)
        })
    }
}

/// The address in its normal form. Anything but http and https could start a program.
fn web_address(url: &str) -> Result<String, Fault> {
    let refused = || {
        Fault::new(
            "link_refused",
            "Only http and https addresses are opened in the browser.",
        )
    };
    let url = Url::parse(url).map_err(|_| refused())?;
    let is_web = matches!(url.scheme(), "http" | "https") && url.has_host();
    if is_web {
        Ok(url.into())
    } else {
        Err(refused())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_are_opened() {
        let check = |url: &str, expect: Option<&str>| {
            assert_eq!(web_address(url).ok().as_deref(), expect, "{url}");
        };
        check(
            "https://example.org/a?b#c",
            Some("https://example.org/a?b#c"),
        );
        check("http://EXAMPLE.org", Some("http://example.org/"));
        check(
            "https://example.org/$(id)",
            Some("https://example.org/$(id)"),
        );
        check("file:///etc/passwd", None);
        check("javascript:alert(1)", None);
        check("mailto:a@example.org", None);
        check("--help", None);
        check("/usr/bin/id", None);
        check("", None);
    }
}
