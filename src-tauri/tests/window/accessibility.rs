//! Every screen, in light and dark, wide and narrow, at 200 %: no rule of WCAG 2.2 AA is broken, and the
//! window's own policy blocks nothing that the interface needs.

use serde_json::json;

use crate::common::{Session, Setup, Theme, axe};

#[tokio::test(flavor = "multi_thread")]
async fn every_screen_is_accessible_in_light() {
    every_screen(Theme::Light).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_screen_is_accessible_in_dark() {
    every_screen(Theme::Dark).await;
}

async fn every_screen(theme: Theme) {
    let setup = Setup {
        theme,
        ..Default::default()
    };
    let Some(session) = Session::start(setup).await else {
        return;
    };
    session.is_ready().await;
    session
        .run(
            "window.refused = [];
             document.addEventListener('securitypolicyviolation', e =>
                 window.refused.push(`${e.effectiveDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber} ${e.sample}`))",
            vec![],
        )
        .await;
    let is_dark = session
        .run(
            "return matchMedia('(prefers-color-scheme: dark)').matches",
            vec![],
        )
        .await;
    assert_eq!(
        is_dark,
        json!(theme == Theme::Dark),
        "the window follows the desktop"
    );
    check(&session, theme, "empty inbox").await;

    session.is_collected().await;
    for view in [
        "new",
        "all",
        "high",
        "exploited",
        "unscored",
        "watching",
        "in_progress",
        "closed",
        "muted",
    ] {
        session.go_view(view).await;
        check(&session, theme, &format!("view {view}")).await;
    }
    session.go_view("all").await;
    let rows = session.rows_where("some", |rows| !rows.is_empty()).await;
    let mut kinds: Vec<&str> = Vec::new();
    for row in &rows {
        let kind = row.uid.split(['-', ':']).next().unwrap_or_default();
        if !kinds.contains(&kind) {
            kinds.push(kind);
            session.open_row(&row.uid).await;
            check(&session, theme, &format!("detail of {}", row.uid)).await;
        }
    }
    session.type_into("search", "nothing has this word").await;
    session.rows_where("none", <[_]>::is_empty).await;
    check(&session, theme, "search without a result").await;
    session.click("nav-sources").await;
    session.find("source-nvd").await;
    check(&session, theme, "sources").await;
    for (open, dialog) in [
        ("feed-add", "feed-address"),
        ("presets", "preset-find"),
        ("opml-import", "opml-path"),
    ] {
        session.click(open).await;
        session.find(dialog).await;
        check(&session, theme, dialog).await;
        session.press("\u{e00c}").await;
    }
    session.click("nav-notifications").await;
    session.find("folder-all").await;
    check(&session, theme, "notifications").await;
    session.click("bell").await;
    session.find("bell-all").await;
    look(&session, theme, "the bell").await;
    session.click("bell-all").await;
    session.click("nav-watches").await;
    for part in ["watches", "mutes"] {
        session.click(&format!("watch-part-{part}")).await;
        session.find("watch-term").await;
        check(&session, theme, part).await;
    }
    for section in ["general", "channels", "routing", "analysis", "api", "data"] {
        session.go_settings(section).await;
        check(&session, theme, &format!("settings, {section}")).await;
    }
    session.go_settings("channels").await;
    for channel in ["email", "slack", "telegram", "desktop"] {
        session.click(&format!("{channel}-part-preview")).await;
        let css = format!("[data-testid='channel-{channel}'] [data-testid='message']");
        session.find_css(&css).await;
    }
    check(&session, theme, "previews of messages").await;
    let refused = session
        .run(
            "return window.refused.filter(r => !r.includes('axe'))",
            vec![],
        )
        .await;
    assert_eq!(
        refused,
        json!([]),
        "the content security policy got into the interface's way"
    );
}

/// At the usual size, in a narrow window, and at twice the size.
async fn check(session: &Session, theme: Theme, screen: &str) {
    look(session, theme, screen).await;
    for (width, height) in [(900, 700), (720, 520)] {
        session
            .client()
            .set_window_size(width, height)
            .await
            .unwrap();
        look(session, theme, &format!("{screen}, {width} wide")).await;
    }
    session.client().set_window_size(1280, 800).await.unwrap();
}

/// Light is looked at in everything, dark in what it can differ in.
async fn look(session: &Session, theme: Theme, screen: &str) {
    match theme {
        Theme::Light => axe::check(session, screen).await,
        Theme::Dark => axe::check_colours(session, screen).await,
    }
}
