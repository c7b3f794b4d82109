//! What analysis says, as a user meets it in the window: why an alert is here, names and indicators, feedback and
//! what is learnt from it, the threshold, analysing again, and models that cannot be read.

use serde_json::{Value, json};

use crate::common::{Session, Setup, axe};

const TITLE: &str = "APT28 hackers exploit a VPN gateway flaw to deploy LockBit ransomware";
const TEXT: &str = "Researchers say that the threat actor APT28 exploited a vulnerability in Fortinet FortiOS before 7.4.3 to gain remote code execution and then deployed LockBit ransomware and Cobalt Strike on the networks of several victims. The malware called home to 198.51.100[.]23 and hxxps://update-check[.]example/stage2, and one host inside was 10.20.0.5. Administrators should patch at once, rotate credentials and look for the indicators of compromise that were published.";

/// A window with one article of our own.
async fn start(setup: Setup) -> Option<Session> {
    let session = Session::start(setup).await?;
    let feed = format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>Ours</title><link>https://site.example/</link><item><title>{TITLE}</title><link>https://site.example/1</link><guid>ours-1</guid><description>{TEXT}</description><pubDate>Mon, 29 Jun 2026 10:00:00 GMT</pubDate></item></channel></rss>"
    );
    session
        .replay
        .put_page("/ours/feed.xml", "application/rss+xml", feed);
    session.is_ready().await;
    session.is_collected().await;
    let edit = json!({ "edit": { "kind": "add_feed", "name": "Ours", "url": session.replay.url("/ours/feed.xml"), "full_text": false, "allow_private": true } });
    session.ask("settings_edit", edit).await.unwrap();
    session
        .wait_for("our article", async || {
            let found = json!({ "view": "all", "query": "source:ours" });
            let found = session.ask("list_open", found).await.ok()?;
            (found["count"] == 1).then_some(())
        })
        .await;
    Some(session)
}

async fn open_article(session: &Session) {
    session.go_view("all").await;
    session.type_into("search", "source:ours").await;
    let rows = session
        .rows_where("our article", |rows| rows.len() == 1)
        .await;
    session.open_row(&rows[0].uid).await;
    session
        .text_where("detail-title", "its title", |text| text == TITLE)
        .await;
}

/// Our article as the backend has it.
async fn article(session: &Session) -> Value {
    let opened = json!({ "view": "all", "query": "source:ours" });
    let list = session.ask("list_open", opened).await.unwrap()["list"].clone();
    let rows = json!({ "list": list, "offset": 0, "limit": 1 });
    let rows = session.ask("list_rows", rows).await.unwrap();
    let id = json!({ "id": rows[0]["id"] });
    session.ask("alert_get", id).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_tells_why_what_it_names_and_takes_feedback() {
    let Some(session) = start(Setup::default()).await else {
        return;
    };
    open_article(&session).await;
    let why = session.find("why").await;
    let reason = why.attr("data-reason").await.unwrap();
    assert_eq!(reason.as_deref(), Some("base_model"));

    // Names lead to what else names them.
    let names = session
        .text_where("names", "an actor", |text| text.contains("APT28"))
        .await;
    assert!(names.contains("LockBit"), "{names}");
    assert!(names.contains("before 7.4.3"), "{names}");
    // Indicators are shown defanged, and nothing links to them.
    let indicators = session.text("indicators").await;
    assert!(indicators.contains("198[.]51[.]100[.]23"), "{indicators}");
    assert!(
        indicators.contains("hxxps://update-check[.]example/stage2"),
        "{indicators}"
    );
    assert!(indicators.contains("private"), "{indicators}");
    let links = "return document.querySelectorAll(\"[data-testid='indicators'] a[href]\").length";
    assert_eq!(session.run(links, vec![]).await, json!(0));
    axe::check(&session, "an article with names").await;

    // The words that decided show their places.
    session.click("explain").await;
    session.click("explain-term").await;
    let marked = session
        .wait_for("a marked word", async || {
            let script = "return document.querySelector('mark.term')?.textContent ?? null";
            let text = session.run(script, vec![]).await;
            text.as_str().map(str::to_owned)
        })
        .await;
    assert!(
        format!("{TITLE} {TEXT}")
            .to_lowercase()
            .contains(&marked.to_lowercase()),
        "{marked}"
    );
    axe::check(&session, "the words that decided").await;

    // Feedback is a key, instant, and undone by another.
    session.press("-").await;
    pressed_is(&session, "feedback-not-relevant", true).await;
    session.find("undo").await;
    assert_eq!(article(&session).await["feedback"], json!(false));
    session.press("u").await;
    pressed_is(&session, "feedback-not-relevant", false).await;
    assert_eq!(article(&session).await["feedback"], Value::Null);

    session
        .click_css("[data-name='APT28'] [data-testid='name-search']")
        .await;
    session
        .wait_for("the query", async || {
            (session.value("search").await == "actor:\"APT28\"").then_some(())
        })
        .await;
    session
        .rows_where("what names it", |rows| !rows.is_empty())
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_show_the_models_the_threshold_and_what_was_learnt() {
    let Some(session) = start(Setup::default()).await else {
        return;
    };
    open_article(&session).await;
    session.click("feedback-relevant").await;
    pressed_is(&session, "feedback-relevant", true).await;

    session.go_settings("analysis").await;
    let model = session.find("model").await;
    let origin = model.attr("data-origin").await.unwrap();
    assert_eq!(origin.as_deref(), Some("embedded"));
    session
        .text_where("model", "its tasks", |text| text.contains("macro-F1"))
        .await;
    axe::check(&session, "settings, analysis").await;

    // A threshold is tried before it is applied.
    let before = session.ask("analysis_status", json!({})).await.unwrap();
    slide(&session, 99).await;
    session.find("threshold-apply").await;
    session
        .wait_for("the preview", async || {
            let preview = session.find("threshold-preview").await;
            preview.attr("data-then").await.ok().flatten()
        })
        .await;
    let tried = session.ask("analysis_status", json!({})).await.unwrap();
    assert_eq!(tried["threshold"], before["threshold"]);
    session.click("threshold-apply").await;
    threshold_is(&session, &json!(0.99)).await;
    session.click("undo").await;
    threshold_is(&session, &before["threshold"]).await;

    // What was said is a label, and can be taken back with undo.
    let label = session.find("label").await;
    let relevant = label.attr("data-relevant").await.unwrap();
    assert_eq!(relevant.as_deref(), Some("true"));
    session.click("label-remove").await;
    labels_are(&session, 0).await;
    session.click("undo").await;
    labels_are(&session, 1).await;

    // One label makes no model, so there is nothing to take along; it is forgotten only after asking.
    let path = session.data_dir().with_file_name("learnt.json");
    session.fill("learnt-path", &path.to_string_lossy()).await;
    session.click("learnt-export").await;
    let said = session.find("data-result-learnt").await;
    assert_eq!(
        said.attr("data-ok").await.unwrap().as_deref(),
        Some("false")
    );
    assert!(!path.exists());
    session.click("learnt-reset").await;
    axe::check(&session, "before what was learnt is forgotten").await;
    session.click("confirm").await;
    labels_are(&session, 0).await;

    session.click("reanalyse").await;
    session
        .wait_for("the end of analysing again", async || {
            let status = session.ask("analysis_status", json!({})).await.ok()?;
            status["reanalysis"].is_null().then_some(())
        })
        .await;
    session.find("reanalyse").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_model_file_is_said_and_watches_go_on() {
    let Some(mut session) = Session::prepare(Setup::default()).await else {
        return;
    };
    let file = session.data_dir().join("own.tocsin");
    std::fs::write(&file, "this is no model").unwrap();
    let text = format!(
        "[analysis]\nmodel_file = \"{}\"\n\n[[watches]]\nterm = \"injection\"\n",
        file.display()
    );
    let settings = session.data_dir().join("settings.toml");
    std::fs::write(&settings, text).unwrap();
    session.open().await;
    session.is_ready().await;
    session.is_collected().await;
    session.go_settings("analysis").await;
    session
        .text_where("model", "why it cannot be used", |text| {
            text.contains("own.tocsin")
        })
        .await;
    axe::check(&session, "a damaged model file").await;
    session.click("nav-watches").await;
    session
        .text_where("watch-injection", "that it matches", |text| {
            text.chars().any(|c| c.is_ascii_digit())
        })
        .await;
    session.go_settings("analysis").await;
    session.click("model-embedded").await;
    session
        .wait_for("the built-in models", async || {
            let status = session.ask("analysis_status", json!({})).await.ok()?;
            (status["model"]["origin"]["kind"] == "embedded").then_some(())
        })
        .await;
}

async fn pressed_is(session: &Session, id: &str, pressed: bool) {
    session
        .wait_for(&format!("{id} pressed: {pressed}"), async || {
            let button = session.find(id).await;
            let said = button.attr("aria-pressed").await.ok().flatten()?;
            (said == pressed.to_string()).then_some(())
        })
        .await;
}

async fn slide(session: &Session, value: u32) {
    let script = "const slider = document.querySelector(\"[data-testid='threshold']\");
        slider.value = arguments[0];
        slider.dispatchEvent(new Event('input', { bubbles: true }));";
    session.find("threshold").await;
    session.run(script, vec![json!(value.to_string())]).await;
}

async fn threshold_is(session: &Session, wanted: &Value) {
    session
        .wait_for(&format!("the threshold {wanted}"), async || {
            let status = session.ask("analysis_status", json!({})).await.ok()?;
            let apart = status["threshold"].as_f64()? - wanted.as_f64()?;
            (apart.abs() < 1e-9).then_some(())
        })
        .await;
}

/// Waits until so many labels that were said are shown.
async fn labels_are(session: &Session, wanted: u64) {
    session
        .wait_for(&format!("{wanted} labels"), async || {
            let script = "return document.querySelectorAll(\"[data-testid='label']\").length";
            (session.run(script, vec![]).await == json!(wanted)).then_some(())
        })
        .await;
}
