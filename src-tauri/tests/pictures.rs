//! Pictures of the real window with real content: for docs/ and the README where `TOCSIN_PICTURES` names
//! a folder (`cargo xtask pictures`); otherwise only a look at whether they show something.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[allow(dead_code, reason = "shared with the other test program")]
#[path = "window/common/mod.rs"]
mod common;

use std::path::PathBuf;

use common::page::Row;
use common::picture::Picture;
use common::{Session, Setup, Theme};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn the_window_is_drawn_in_light() {
    pictures(Theme::Light).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_is_drawn_in_dark() {
    pictures(Theme::Dark).await;
}

async fn pictures(theme: Theme) {
    let setup = Setup {
        theme,
        replay: tocsin_replay::Options {
            corpus: std::env::var_os("TOCSIN_CORPUS")
                .filter(|dir| !dir.is_empty())
                .map(PathBuf::from),
            ..Default::default()
        },
        settings: Some(SETTINGS.to_owned()),
        ..Default::default()
    };
    let Some(session) = Session::start(setup).await else {
        return;
    };
    session.is_ready().await;
    session.client().set_window_size(1280, 800).await.unwrap();
    session.is_collected().await;
    session.go_view("new").await;
    let is_cve = |row: &Row| row.uid.starts_with("CVE-") && row.text.contains("High");
    let rows = session
        .rows_where("a vulnerability", |rows| rows.iter().any(is_cve))
        .await;
    let row = rows.into_iter().find(is_cve).unwrap();
    session.open_row(&row.uid).await;
    session
        .text_where("detail-title", "a title", |text| !text.is_empty())
        .await;
    take(&session, "inbox", theme).await;

    session.click("nav-sources").await;
    session.find("source-nvd").await;
    take(&session, "sources", theme).await;
    session.click("nav-watches").await;
    session.find("watch-term").await;
    take(&session, "watches", theme).await;
    session.go_settings("analysis").await;
    session.find("learnt").await;
    take(&session, "analysis", theme).await;
    session.go_settings("channels").await;
    session.find("email-enabled").await;
    take(&session, "channels", theme).await;
    session.go_settings("routing").await;
    session.find("rule-default").await;
    take(&session, "routing", theme).await;
    session.click("nav-notifications").await;
    session.find("folder-all").await;
    take(&session, "notifications", theme).await;
}

async fn take(session: &Session, screen: &str, theme: Theme) {
    // Two frames: what was changed last is on the screen then.
    let script = "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done(true)))";
    assert_eq!(session.run_async(script, vec![]).await, json!(true));
    let picture = Picture::take(session).await;
    assert!(
        picture.width >= 1000 && picture.height >= 600,
        "{} x {}",
        picture.width,
        picture.height
    );
    assert!(
        picture.colours() > 50,
        "{screen} has {} colours",
        picture.colours()
    );
    let brightness = picture.brightness();
    match theme {
        Theme::Light => assert!(brightness > 0.75, "{screen} is dark in light: {brightness}"),
        Theme::Dark => assert!(brightness < 0.35, "{screen} is light in dark: {brightness}"),
    }
    if let Some(dir) = std::env::var_os("TOCSIN_PICTURES").filter(|dir| !dir.is_empty()) {
        let name = format!("{screen}-{}.png", format!("{theme:?}").to_lowercase());
        picture.save(&PathBuf::from(dir).join(name));
    }
}

const SETTINGS: &str = r#"
[[watches]]
term = "remote code execution"

[[watches]]
term = "linux kernel"

[[watches]]
term = "injection"
"#;
