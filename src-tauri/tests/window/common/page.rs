//! What a user can do in the window, and what a user sees there. Everything waits for what it needs and
//! for nothing else; the hooks are those of `ui/src/lib/testids.ts`.

use std::time::{Duration, Instant};

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::{Client, Locator};
use serde::Deserialize;
use serde_json::{Value, json};

/// How long a test waits before it says that something never came.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The window's page.
pub struct Page {
    client: Client,
}

/// A row of the list as it is drawn.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Row {
    pub uid: String,
    pub state: String,
    pub text: String,
}

impl Page {
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Ends the WebDriver session. The app may be gone already.
    pub async fn close(self) {
        let _ = tokio::time::timeout(Duration::from_secs(5), self.client.close()).await;
    }

    /// Waits until a question has an answer. A question that fails is asked again: the page changes
    /// under it.
    pub async fn wait_for<T>(&self, what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            if Instant::now() > end {
                let text = self.run("return document.body.innerText", vec![]).await;
                panic!(
                    "waited {PATIENCE:?} for {what}; the window says:\n{}",
                    text.as_str().unwrap_or_default()
                );
            }
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
    }

    /// Waits until the interface has drawn its first screen.
    pub async fn is_ready(&self) {
        self.find("app-ready").await;
    }

    /// The element with this hook.
    pub async fn find(&self, id: &str) -> Element {
        self.find_css(&hook(id)).await
    }

    pub async fn find_css(&self, css: &str) -> Element {
        self.wait_for(css, async || self.client.find(Locator::Css(css)).await.ok())
            .await
    }

    /// Whether there is such an element now.
    pub async fn has(&self, id: &str) -> bool {
        self.client.find(Locator::Css(&hook(id))).await.is_ok()
    }

    /// Waits until there is no such element.
    pub async fn is_gone(&self, id: &str) {
        self.wait_for(&format!("{id} to go"), async || {
            (!self.has(id).await).then_some(())
        })
        .await;
    }

    /// Waits until an element's attribute has this value.
    pub async fn is_marked(&self, id: &str, attribute: &str, value: &str) {
        let what = format!("{id} with {attribute} {value}");
        self.wait_for(&what, async || {
            let element = self.client.find(Locator::Css(&hook(id))).await.ok()?;
            let found = element.attr(attribute).await.ok()??;
            (found == value).then_some(())
        })
        .await;
    }

    /// What stands in an element.
    pub async fn text(&self, id: &str) -> String {
        self.wait_for(id, async || self.find(id).await.text().await.ok())
            .await
    }

    /// Waits until an element's text passes.
    pub async fn text_where(&self, id: &str, what: &str, passes: impl Fn(&str) -> bool) -> String {
        self.wait_for(&format!("{id}: {what}"), async || {
            let element = self.client.find(Locator::Css(&hook(id))).await.ok()?;
            element.text().await.ok().filter(|text| passes(text))
        })
        .await
    }

    /// Waits until an element's own text holds some words, wherever it is scrolled to: WebDriver's text is only what
    /// it takes to be in sight.
    pub async fn says(&self, id: &str, words: &str) {
        self.wait_for(&format!("{id} to say {words}"), async || {
            let element = self.client.find(Locator::Css(&hook(id))).await.ok()?;
            let text = element.prop("innerText").await.ok()??;
            text.contains(words).then_some(())
        })
        .await;
    }

    /// The value of a field.
    pub async fn value(&self, id: &str) -> String {
        let value = self.find(id).await.prop("value").await.unwrap();
        value.unwrap_or_default()
    }

    pub async fn click(&self, id: &str) {
        self.click_css(&hook(id)).await;
    }

    /// Clicks as soon as the element is there and nothing covers it.
    pub async fn click_css(&self, css: &str) {
        self.wait_for(&format!("a click on {css}"), async || {
            let element = self.client.find(Locator::Css(css)).await.ok()?;
            self.click_element(&element).await
        })
        .await;
    }

    /// Clicks, or brings the element into sight for the next try: WebDriver scrolls nothing whose middle lies within
    /// the window, also where the edge of a part that scrolls hides it.
    async fn click_element(&self, element: &Element) -> Option<()> {
        let clicked = element.click().await;
        if clicked.is_err() {
            let element = serde_json::to_value(element).ok()?;
            let scroll = "arguments[0].scrollIntoView({ block: 'nearest' })";
            self.try_run(scroll, vec![element]).await.ok()?;
        }
        clicked.ok()
    }

    /// Clicks the one of several elements with this hook that holds these words.
    pub async fn click_where(&self, id: &str, words: &str) {
        let path = format!("//*[@data-testid='{id}'][contains(., '{words}')]");
        self.wait_for(&format!("a click on {id} with {words}"), async || {
            let element = self.client.find(Locator::XPath(&path)).await.ok()?;
            self.click_element(&element).await
        })
        .await;
    }

    /// Replaces what is in a field and leaves it, as a user does with the tab key.
    pub async fn fill(&self, id: &str, text: &str) {
        let field = self.find(id).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
        field.send_keys("\u{e004}").await.unwrap();
    }

    /// Types into a field and stays in it.
    pub async fn type_into(&self, id: &str, text: &str) {
        let field = self.find(id).await;
        field.clear().await.unwrap();
        if !text.is_empty() {
            field.send_keys(text).await.unwrap();
        }
    }

    /// Goes to a view and waits until its rows are there. (Until then the earlier ones stay.)
    pub async fn go_view(&self, view: &str) {
        self.click(&format!("view-{view}")).await;
        self.wait_for(&format!("view {view}"), async || {
            let status = self.ask("status", json!({})).await.ok()?;
            let mut views = status["views"].as_array()?.iter();
            let count = views.find(|count| count["id"] == view)?["count"].as_u64()?;
            let shown = self.client.find(Locator::Css(&hook("result-count"))).await;
            let shown = shown.ok()?.text().await.ok()?.replace(',', "");
            let first: String = shown.chars().take_while(char::is_ascii_digit).collect();
            (first.parse() == Ok(count)).then_some(())
        })
        .await;
    }

    /// Goes to a section of the settings.
    pub async fn go_settings(&self, section: &str) {
        self.click("nav-settings").await;
        self.click(&format!("settings-{section}")).await;
    }

    /// Chooses an entry of a select box by its value.
    pub async fn choose(&self, id: &str, value: &str) {
        self.find(id).await.select_by_value(value).await.unwrap();
    }

    /// Switches a check box, or leaves it as it is.
    pub async fn switch(&self, id: &str, on: bool) {
        let state = self.find(id).await;
        let is_on = match state.attr("aria-checked").await.unwrap() {
            Some(checked) => checked == "true",
            None => state.is_selected().await.unwrap(),
        };
        if is_on != on {
            self.click(id).await;
        }
    }

    /// Presses keys one after the other, wherever the focus is.
    pub async fn press(&self, keys: &str) {
        let mut sequence = KeyActions::new("keyboard".to_owned());
        for value in keys.chars() {
            sequence = sequence
                .then(KeyAction::Down { value })
                .then(KeyAction::Up { value });
        }
        self.client.perform_actions(sequence).await.unwrap();
    }

    /// The rows in sight, from top to bottom. (The list draws some more above and below.)
    pub async fn rows(&self) -> Vec<Row> {
        let script = "const list = document.querySelector('[data-testid=list]')?.getBoundingClientRect();
            const box = row => row.getBoundingClientRect();
            return [...document.querySelectorAll('[data-testid=row]')]
                .filter(row => row.dataset.uid && box(row).top >= list.top - 1 && box(row).bottom <= list.bottom + 1)
                .sort((a, b) => box(a).top - box(b).top)
                .map(row => ({ uid: row.dataset.uid, state: row.dataset.state ?? '', text: row.innerText }))";
        serde_json::from_value(self.run(script, vec![]).await).unwrap()
    }

    /// Waits until the rows pass.
    pub async fn rows_where(&self, what: &str, passes: impl Fn(&[Row]) -> bool) -> Vec<Row> {
        self.wait_for(&format!("rows: {what}"), async || {
            Some(self.rows().await).filter(|rows| passes(rows))
        })
        .await
    }

    /// Opens the alert of a row that is drawn.
    pub async fn open_row(&self, uid: &str) {
        self.click_css(&format!("{}[data-uid='{uid}']", hook("row")))
            .await;
        self.find("detail").await;
    }

    /// Asks the backend as the interface does: to wait for the end of work, never instead of looking.
    pub async fn ask(&self, name: &str, request: Value) -> Result<Value, Value> {
        let script = "const [name, request, done] = arguments;
            window.__TAURI_INTERNALS__.invoke('rpc', { name, request })
                .then(ok => done({ ok }), error => done({ error }))";
        let mut answer = self.run_async(script, vec![json!(name), request]).await;
        match answer.get_mut("error") {
            Some(error) => Err(error.take()),
            None => Ok(answer["ok"].take()),
        }
    }

    /// Waits until every source was collected and none is being collected; returns the status. Sources that were
    /// never collected are due at the start, seconds apart: as a user who presses the button, nobody waits for that.
    pub async fn is_collected(&self) -> Value {
        if self.last_runs().await.iter().any(Value::is_null) {
            self.ask("collect_start", json!({})).await.unwrap();
        }
        self.wait_for("the end of collecting", async || {
            let runs = self.last_runs().await;
            let status = self.ask("status", json!({})).await.unwrap();
            let is_idle = status["collecting"].as_array().is_some_and(Vec::is_empty);
            let all_ran = !runs.is_empty() && runs.iter().all(|run| !run.is_null());
            (is_idle && all_ran).then_some(status)
        })
        .await
    }

    /// Collects everything from the button, and waits for the end; returns the status.
    pub async fn collect(&self) -> Value {
        // While something is collected, the same button stops that.
        self.is_collected().await;
        let before = self.last_runs().await;
        self.text_where("collect", "Collect", |text| text.contains("Collect"))
            .await;
        self.click("collect").await;
        self.wait_for("another run of every source", async || {
            let now = self.last_runs().await;
            now.iter()
                .zip(&before)
                .all(|(now, before)| now != before)
                .then_some(())
        })
        .await;
        self.is_collected().await
    }

    /// The last run of each source that is on; null for one that never ran.
    async fn last_runs(&self) -> Vec<Value> {
        let sources = self.ask("sources_list", json!({})).await.unwrap();
        let sources = sources.as_array().unwrap().iter();
        sources
            .filter(|row| row["enabled"] == true)
            .map(|row| row["last_run"]["id"].clone())
            .collect()
    }

    /// Runs a script and returns its value.
    pub async fn run(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.try_run(script, arguments).await.unwrap()
    }

    pub async fn try_run(&self, script: &str, arguments: Vec<Value>) -> Result<Value, CmdError> {
        self.client.execute(script, arguments).await
    }

    /// Runs a script that calls its last argument with a value.
    pub async fn run_async(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.client.execute_async(script, arguments).await.unwrap()
    }
}

/// The selector of a hook.
pub fn hook(id: &str) -> String {
    format!("[data-testid='{id}']")
}
