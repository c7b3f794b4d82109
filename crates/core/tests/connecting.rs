//! Connecting channels as the window does: added, secrets in the keyring, taken away again.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::sync::Arc;

use common::NoDesktop;
use serde_json::{Value, json};
use tocsin_core::app::{App, Options};
use tocsin_core::secrets::Vault;
use tocsin_core::settings::{Environment, Paths};

struct Home {
    dir: tempfile::TempDir,
    vault: Vault,
    pairs: Vec<(&'static str, &'static str)>,
}

impl Home {
    fn with(pairs: &[(&'static str, &'static str)]) -> Self {
        let dir = common::folder();
        let file = dir.path().join("settings.toml");
        std::fs::write(file, "[channels.desktop]\nenabled = false\n").unwrap();
        Self {
            dir,
            vault: Vault::in_memory(),
            pairs: pairs.to_vec(),
        }
    }

    async fn start(&self) -> App {
        let (vault, pairs) = (self.vault.clone(), self.pairs.clone());
        App::start(Options {
            paths: Paths::in_dir(self.dir.path()),
            environment: Arc::new(move |paths| {
                let environment = Environment::from_pairs(pairs.iter().copied());
                let environment = environment.with_file(&paths.env_file);
                environment.with_vault(vault.clone())
            }),
            host: Arc::new(NoDesktop),
            background: false,
            read_only: false,
        })
        .await
        .unwrap()
    }

    /// Everything in the folder that could hold a secret.
    fn written(&self) -> String {
        let files = std::fs::read_dir(self.dir.path()).unwrap();
        let files = files.map(|f| f.unwrap().path()).filter(|f| f.is_file());
        files
            .map(|f| String::from_utf8_lossy(&std::fs::read(f).unwrap()).into_owned())
            .collect()
    }
}

async fn edit(app: &App, edit: Value) {
    let request = json!({ "edit": edit });
    app.call("settings_edit", request).await.unwrap();
}

async fn now(app: &App) -> Value {
    app.call("settings_get", json!({})).await.unwrap()
}

/// Where a secret is kept: `keyring`, `file`, `environment`, or nothing.
fn place(now: &Value, name: &str, channel: &str) -> Option<String> {
    let rows = now["secrets"].as_array().unwrap();
    let is_it = |row: &&Value| row["name"] == name && row["channel"] == channel;
    let row = rows.iter().find(is_it).expect("no such row");
    row["state"]["from"].as_str().map(str::to_owned)
}

#[tokio::test]
async fn a_channel_is_connected_and_its_secret_is_only_in_the_keyring() {
    let home = Home::with(&[]);
    let app = home.start().await;
    let add = json!({ "kind": "add_channel", "name": "SOC", "channel_kind": "telegram" });
    edit(&app, add.clone()).await;
    let set =
        json!({ "name": "telegram_token", "channel": "soc", "value": "1:tocsin-test-secret" });
    app.call("secret_set", set).await.unwrap();
    let shown = now(&app).await;
    assert_eq!(
        place(&shown, "telegram_token", "soc").as_deref(),
        Some("keyring")
    );
    assert_eq!(place(&shown, "telegram_token", "telegram"), None);
    assert_eq!(shown["keyring_fault"], Value::Null);
    // What it still lacks is said, before anybody switched it on.
    let rows = app.call("channels_list", json!({})).await.unwrap();
    let soc = rows
        .as_array()
        .unwrap()
        .iter()
        .find(|r| r["id"] == "soc")
        .unwrap();
    assert_eq!(
        (&soc["state"], &soc["fault"]["code"]),
        (&"incomplete".into(), &"telegram_no_chat".into())
    );
    for text in [shown.to_string(), rows.to_string(), home.written()] {
        assert!(!text.contains("tocsin-test-secret"), "{text}");
    }
    app.stop().await;

    // Another start knows it; a channel of the same id that comes later does not.
    let app = home.start().await;
    let again = now(&app).await;
    assert_eq!(
        place(&again, "telegram_token", "soc").as_deref(),
        Some("keyring")
    );
    edit(&app, json!({ "kind": "remove_channel", "id": "soc" })).await;
    edit(&app, add).await;
    assert_eq!(place(&now(&app).await, "telegram_token", "soc"), None);
    app.stop().await;
}

#[tokio::test]
async fn a_secret_goes_only_to_a_channel_that_has_it() {
    let home = Home::with(&[("SLACK_TOKEN", "xoxb-tocsin-test-secret")]);
    let app = home.start().await;
    for (request, code) in [
        (
            json!({ "name": "slack_token", "channel": "ghost", "value": "tocsin-test-secret" }),
            "channel_unknown",
        ),
        (
            json!({ "name": "slack_token", "channel": "email", "value": "tocsin-test-secret" }),
            "channel_lacks_setting",
        ),
        (
            json!({ "name": "slack_token", "channel": "slack", "value": "tocsin-test-secret" }),
            "set_by_environment",
        ),
        (
            json!({ "name": "slack_webhook", "channel": null, "value": "tocsin-test-secret" }),
            "webhook_invalid",
        ),
    ] {
        let fault = app.call("secret_set", request).await.unwrap_err();
        assert_eq!(fault.code, code);
    }
    let shown = now(&app).await;
    assert_eq!(
        place(&shown, "slack_token", "slack").as_deref(),
        Some("environment")
    );
    // It has a token, no channel, and nobody switched it: off, and the reason is known.
    assert_eq!(shown["settings"]["channels"]["slack"]["enabled"], false);
    let rows = app.call("channels_list", json!({})).await.unwrap();
    let slack = rows
        .as_array()
        .unwrap()
        .iter()
        .find(|r| r["id"] == "slack")
        .unwrap();
    assert_eq!(slack["fault"]["code"], "slack_no_channel");
    assert!(!format!("{shown}{rows}{}", home.written()).contains("tocsin-test-secret"));
    app.stop().await;
}

#[tokio::test]
async fn without_a_keyring_the_file_keeps_it_and_the_window_knows() {
    let mut home = Home::with(&[]);
    home.pairs.push(("TOCSIN_KEYRING", "off"));
    let app = home.start().await;
    let set = json!({ "name": "email_password", "value": "tocsin-test-secret" });
    app.call("secret_set", set).await.unwrap();
    let shown = now(&app).await;
    assert_eq!(
        place(&shown, "email_password", "email").as_deref(),
        Some("file")
    );
    assert_eq!(shown["keyring_fault"]["code"], "keyring_off");
    assert!(!shown["zone"].as_str().unwrap().is_empty());
    app.stop().await;
}
