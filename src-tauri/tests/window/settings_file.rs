//! A settings file that its user broke.

use crate::common::{Session, Setup, axe};

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_settings_file_is_reported_and_never_overwritten() {
    let broken = "# my own words\n[[watches]]\nterm = \"nginx\n";
    let setup = Setup {
        settings: Some(broken.to_owned()),
        ..Default::default()
    };
    let Some(mut session) = Session::start(setup).await else {
        return;
    };
    session.is_ready().await;
    let said = session
        .wait_for("a banner that names the file", async || {
            let text = session.run("return document.body.innerText", vec![]).await;
            text.as_str()
                .filter(|text| text.contains("settings.toml"))
                .map(str::to_owned)
        })
        .await;
    assert!(said.contains('3'), "no line is named: {said}");
    axe::check(&session, "broken settings").await;

    // The defaults would undo what the user set: nothing is done with them, and nothing reaches the file.
    session.click("collect").await;
    session.click("nav-settings").await;
    axe::check(&session, "settings of a broken file").await;
    let path = session.data_dir().join("settings.toml");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), broken);

    // Mended by hand, it counts at once.
    let mended = broken.replace("nginx", "nginx\"");
    std::fs::write(&path, &mended).unwrap();
    session.click("nav-inbox").await;
    session.click("collect").await;
    session.is_collected().await;
    session.quit().await;
    assert_eq!(std::fs::read_to_string(&path).unwrap(), mended);
}
