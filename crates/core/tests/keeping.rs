//! What the store refuses rather than harm: newer files, foreign files, a second writer.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::{Home, call, counts, fixtures};
use serde_json::json;
use tocsin_core::store::{Db, Open, StoreError};

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_is_told_who_has_the_folder() {
    let replay = fixtures();
    let home = Home::against(&replay);
    let app = home.start(false).await;
    let refused = home.try_start(false).await.err().unwrap();
    assert_eq!(refused.code, "database_locked");
    assert!(refused.message.contains(&std::process::id().to_string()));
    app.stop().await;
    drop(app);
    home.start(false).await.stop().await;
}

#[test]
fn a_file_of_a_newer_version_is_refused_and_left_as_it_is() {
    let dir = common::folder();
    let path = dir.path().join("tocsin.db");
    drop(Db::open(&path, Open::Write).unwrap());
    let conn = rusqlite::Connection::open(&path).unwrap();
    conn.pragma_update(None, "user_version", 999).unwrap();
    drop(conn);
    for how in [Open::Write, Open::ReadOnly] {
        let refused = Db::open(&path, how).unwrap_err();
        assert!(
            matches!(refused, StoreError::Newer { found: 999, .. }),
            "{refused}"
        );
    }
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_as_it_is() {
    let dir = common::folder();
    let path = dir.path().join("tocsin.db");
    let text = "This is somebody's diary, not a database. ".repeat(100);
    std::fs::write(&path, &text).unwrap();
    let refused = Db::open(&path, Open::Write).unwrap_err();
    assert!(matches!(refused, StoreError::Damaged { .. }), "{refused}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
}

#[cfg(unix)]
#[test]
fn the_database_is_for_this_user_alone() {
    use std::os::unix::fs::PermissionsExt;
    let dir = common::folder();
    let path = dir.path().join("tocsin.db");
    let _db = Db::open(&path, Open::Write).unwrap();
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", entry.path().display());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_an_exit_the_file_alone_is_whole() {
    let replay = fixtures();
    let home = Home::against(&replay);
    let app = home.start(false).await;
    common::collect(&app, "nvd").await;
    let (stored, _) = common::counts(&app, "all").await;
    app.stop().await;
    let copy = common::folder();
    let path = copy.path().join("tocsin.db");
    std::fs::copy(home.path().join("tocsin.db"), &path).unwrap();
    let copied = Db::open(&path, Open::Write).unwrap();
    let total = copied
        .read(|r| Ok(tocsin_core::store::list::total(r)))
        .await
        .unwrap();
    assert_eq!(u64::from(total), stored);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_settings_file_that_breaks_takes_nothing_away() {
    let replay = fixtures();
    let home = Home::against(&replay);
    let good = "[channels.desktop]\nenabled = false\n\n[[watches]]\nterm = \"examplesoft\"\n";
    home.settings(good);
    let app = home.start(false).await;
    common::collect(&app, "nvd").await;
    let (watched, _) = counts(&app, "watching").await;
    assert!(watched > 0);

    // While it runs: what was in force stays in force.
    home.settings("[[watches]]\nterm = \"exam");
    let secret = json!({ "name": "nvd_api_key", "value": "tocsin-test-secret" });
    call(&app, "secret_set", secret).await;
    assert_eq!(app.in_force().settings.watches.len(), 1);
    assert_eq!(app.notices()[0].code, "settings_broken");
    assert!(app.notices()[0].message.contains("from before stay"));
    app.stop().await;
    drop(app);

    // At a start: nothing is known of what the user set, so nothing is done that would undo it.
    let app = home.start(true).await;
    let nvd = tocsin_core::model::SourceId::new("nvd");
    let refused = app.collect(&nvd, true).await.unwrap_err();
    assert_eq!(refused.code, "settings_broken");
    assert!(app.notices()[0].message.contains("nothing is collected"));
    assert_eq!(counts(&app, "watching").await.0, watched);

    // Mended: it goes on.
    home.settings(good);
    let secret = json!({ "name": "nvd_api_key", "value": null });
    call(&app, "secret_set", secret).await;
    assert!(app.notices().is_empty());
    assert!(!app.in_force().is_paused);
    assert_eq!(counts(&app, "watching").await.0, watched);
    app.stop().await;
}
