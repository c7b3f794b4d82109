//! The accessibility check: axe-core inside the real window.

use serde::Deserialize;
use serde_json::{Value, json};

use super::Page;

/// WCAG 2.0, 2.1 and 2.2 at the levels A and AA.
const RULES: [&str; 5] = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/// Those of these rules that look at colours.
const COLOURS: [&str; 2] = ["color-contrast", "link-in-text-block"];

#[derive(Debug, Deserialize)]
struct Violation {
    id: String,
    help: String,
    nodes: Vec<Node>,
}

#[derive(Debug, Deserialize)]
struct Node {
    html: String,
    why: String,
}

/// Fails, naming rule, element and reason, where the screen breaks a rule.
pub async fn check(page: &Page, screen: &str) {
    run(page, screen, json!({ "type": "tag", "values": RULES }), 5).await;
}

/// The same with the rules alone that dark and light can differ in: structure, names and sizes are the same.
pub async fn check_colours(page: &Page, screen: &str) {
    run(
        page,
        screen,
        json!({ "type": "rule", "values": COLOURS }),
        0,
    )
    .await;
}

/// Runs these rules; more than so many must have something to pass.
async fn run(page: &Page, screen: &str, rules: Value, passes: u64) {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../ui/node_modules/axe-core/axe.min.js"
    );
    let axe = std::fs::read_to_string(file).expect("axe-core is not installed (npm ci in ui/)");
    let is_there = page
        .run("return typeof window.axe === 'object'", vec![])
        .await;
    if is_there != json!(true) {
        page.run(&axe, vec![]).await;
    }
    // What is just fading in has no contrast yet.
    let script = "const [rules, done] = arguments;
        const ends = document.getAnimations().filter(a => a.effect.getComputedTiming().endTime !== Infinity);
        Promise.allSettled(ends.map(a => a.finished)).then(() =>
        axe.run(document, { runOnly: rules, resultTypes: ['violations'] })).then(
            result => done({ passes: result.passes.length, violations: result.violations.map(v => ({
                id: v.id, help: v.help,
                nodes: v.nodes.map(n => ({ html: n.html, why: n.failureSummary ?? '' })),
            })) }),
            error => done({ error: String(error) }))";
    let result = page.run_async(script, vec![rules]).await;
    assert!(
        result["error"].is_null(),
        "{screen}: axe failed: {}",
        result["error"]
    );
    assert!(
        result["passes"].as_u64() > Some(passes),
        "{screen}: axe saw next to nothing: {result}"
    );
    let violations: Vec<Violation> = serde_json::from_value(result["violations"].clone()).unwrap();
    assert!(violations.is_empty(), "{screen}: {}", listed(&violations));
}

fn listed(violations: &[Violation]) -> String {
    let mut text = format!("{} rules are broken", violations.len());
    for violation in violations {
        text += &format!(
            "\n  {}: {} ({} times)",
            violation.id,
            violation.help,
            violation.nodes.len()
        );
        for node in violation.nodes.iter().take(5) {
            let html: String = node.html.chars().take(300).collect();
            text += &format!("\n    {html}\n      {}", node.why.replace('\n', "\n      "));
        }
    }
    text
}
