//! What the window asks of the app, through its commands: lists of every query, jumps, the counts of the
//! views, a bulk change and its undo, a backup. A command that this build does not have is a fault of its
//! own; the rest goes on.

use std::path::Path;
use std::time::Instant;

use serde_json::{Value, json};
use tocsin_core::app::App;
use tocsin_core::error::Fault;
use tocsin_core::model::Sort;

use super::fill::mixed;
use super::queries::{QUERIES, ROWS, ms};
use super::report::{Report, Times};
use super::start;

/// How often each query is asked, at most.
const TIMES: usize = 5;
/// More words than the index remembers: asking for so many makes it forget the others.
const FORGET: usize = 65;
/// Rows jumped to, and counts of the views.
const JUMPS: u64 = 100;
/// Alerts of the bulk change.
const BULK: u64 = 10_000;

/// Measures all of it on a filled database.
pub fn measure(
    runtime: &tokio::runtime::Runtime,
    name: &'static str,
    dir: &Path,
    most: usize,
    report: &mut Report,
) -> Result<(), String> {
    report.part(format!("the window's commands, {name}"));
    runtime.block_on(async {
        let app = start::app(dir).await.map_err(|fault| fault.message)?;
        let window = Window {
            app: &app,
            name,
            times: most.min(TIMES),
        };
        let parts = [
            ("lists", window.lists(report).await),
            ("sorted lists", window.sorted_lists(report).await),
            ("status", window.status(report).await),
            ("deep jump", window.jumps(report).await),
            ("bulk change", window.bulk(report).await),
            ("backup", window.backup(dir, report).await),
        ];
        for (what, result) in parts {
            if let Err(fault) = result {
                report.fault(what, &format!("{}: {}", fault.code, fault.message));
            }
        }
        app.stop().await;
        Ok(())
    })
}

struct Window<'a> {
    app: &'a App,
    name: &'static str,
    times: usize,
}

impl Window<'_> {
    /// `list_open` (every id in order, and so the count) and its first rows.
    async fn lists(&self, report: &mut Report) -> Result<(), Fault> {
        let (mut cold, mut warm) = (Times::default(), Times::default());
        for query in &QUERIES {
            for _ in 0..self.times {
                self.forget().await?;
                for times in [&mut cold, &mut warm] {
                    let start = Instant::now();
                    match self.list(query.text, Sort::Newest).await {
                        Ok(_) => times.push(ms(start)),
                        Err(fault) if fault.code == "query_invalid" => break,
                        Err(fault) => return Err(fault),
                    }
                }
            }
        }
        self.two(report, "list", &cold);
        self.two(report, "list.warm", &warm);
        report.note("(a list is its page and its count together, and every id in order)");
        Ok(())
    }

    async fn sorted_lists(&self, report: &mut Report) -> Result<(), Fault> {
        let mut cold = Times::default();
        let mut bounded = 0;
        for query in QUERIES.iter().filter(|q| q.sorted) {
            for sort in Sort::ALL.into_iter().filter(|s| *s != Sort::Newest) {
                self.forget().await?;
                let start = Instant::now();
                match self.list(query.text, sort).await {
                    Ok(opened) => {
                        cold.push(ms(start));
                        bounded += usize::from(!opened["ranked"].is_null());
                    }
                    Err(fault) if fault.code == "query_invalid" => break,
                    Err(fault) => return Err(fault),
                }
            }
        }
        self.two(report, "sorted_list", &cold);
        report.note(format!("{bounded} of them say that ranking was bounded"));
        Ok(())
    }

    async fn status(&self, report: &mut Report) -> Result<(), Fault> {
        let mut times = Times::default();
        for _ in 0..JUMPS {
            let start = Instant::now();
            self.call("status", json!({})).await?;
            times.push(ms(start));
        }
        self.two(report, "status", &times);
        Ok(())
    }

    /// Rows anywhere in All.
    async fn jumps(&self, report: &mut Report) -> Result<(), Fault> {
        let opened = self.open("", Sort::Newest).await?;
        let count = opened["count"].as_u64().unwrap_or_default().max(1);
        let mut times = Times::default();
        for jump in 0..JUMPS {
            let start = Instant::now();
            self.rows(&opened, mixed(jump, 1) % count).await?;
            times.push(ms(start));
        }
        self.two(report, "deep_jump", &times);
        Ok(())
    }

    /// Closes the newest 10,000 alerts by a query and takes it back.
    async fn bulk(&self, report: &mut Report) -> Result<(), Fault> {
        let opened = self.open("", Sort::Newest).await?;
        let count = opened["count"].as_u64().unwrap_or_default();
        let last = BULK.min(count).saturating_sub(1);
        let rows = self.rows(&opened, last).await?;
        let from = rows[0]["published"].as_str().unwrap_or_default();
        let request = json!({
            "target": { "kind": "query", "query": format!("published>={from}") },
            "act": { "kind": "set_state", "state": "done", "reason": null, "until": null },
        });
        let start = Instant::now();
        let done = self.call("triage_act", request).await?;
        let act_ms = ms(start);
        let start = Instant::now();
        let undone = self
            .call("triage_undo", json!({ "id": done["undo"] }))
            .await?;
        let undo_ms = ms(start);
        report.value(format!("{}.bulk.act", self.name), "ms", act_ms);
        report.value(format!("{}.bulk.undo", self.name), "ms", undo_ms);
        report.note(format!(
            "{} alerts changed, {} changed back",
            done["changed"], undone["changed"]
        ));
        Ok(())
    }

    async fn backup(&self, dir: &Path, report: &mut Report) -> Result<(), Fault> {
        let path = dir.join("bench-backup.db");
        let _ = std::fs::remove_file(&path);
        let start = Instant::now();
        let made = self.call("data_backup", json!({ "path": path })).await;
        let took_ms = ms(start);
        let _ = std::fs::remove_file(&path);
        let made = made?;
        report.value(format!("{}.backup", self.name), "ms", took_ms);
        report.note(format!("{} bytes", made["size_bytes"]));
        Ok(())
    }

    fn two(&self, report: &mut Report, what: &str, times: &Times) {
        let name = self.name;
        report.value(format!("{name}.{what}.p50"), "ms", times.percentile(50));
        report.value(format!("{name}.{what}.p99"), "ms", times.percentile(99));
    }

    async fn list(&self, query: &str, sort: Sort) -> Result<Value, Fault> {
        let opened = self.open(query, sort).await?;
        self.rows(&opened, 0).await?;
        Ok(opened)
    }

    async fn open(&self, query: &str, sort: Sort) -> Result<Value, Fault> {
        let request = json!({ "view": "all", "query": query, "sort": sort });
        self.call("list_open", request).await
    }

    async fn rows(&self, opened: &Value, offset: u64) -> Result<Value, Fault> {
        let request = json!({ "list": opened["list"], "offset": offset, "limit": ROWS });
        self.call("list_rows", request).await
    }

    async fn forget(&self) -> Result<(), Fault> {
        for n in 0..FORGET {
            // Words that no text has.
            self.open(&format!("zqxj{n}"), Sort::Newest).await?;
        }
        Ok(())
    }

    async fn call(&self, name: &str, request: Value) -> Result<Value, Fault> {
        self.app.call(name, request).await
    }
}
