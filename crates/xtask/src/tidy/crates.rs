//! Which crate may use which, and what must not be below core: read from `cargo metadata`.

use super::Finding;
use crate::cmd::{self, Outcome, failure};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// Our crates and which of ours each may depend on (tests may use more).
const DIRECTIONS: &[(&str, &[&str])] = &[
    ("tocsin-analysis", &[]),
    ("tocsin-core", &["tocsin-analysis"]),
    (
        "tocsin-devtools",
        &["tocsin-analysis", "tocsin-core", "tocsin-replay"],
    ),
    ("tocsin-replay", &[]),
    ("tocsin-training", &["tocsin-analysis"]),
    ("tocsin", &["tocsin-core"]),
    ("tocsind", &["tocsin-core"]),
    ("xtask", &[]),
];

/// Crates that must build on a server without a screen.
const WITHOUT_WINDOW: &[&str] = &[
    "tocsin-analysis",
    "tocsin-core",
    "tocsin-replay",
    "tocsin-devtools",
    "tocsin-training",
    "tocsind",
    "xtask",
];

/// Breaches in the workspace as it is.
pub fn check() -> Outcome<Vec<Finding>> {
    Ok(check_metadata(&metadata()?))
}

/// `cargo metadata` with everything that the lockfile resolves to.
pub fn metadata() -> Outcome<Value> {
    let mut command = cmd::cargo();
    command.args(["metadata", "--format-version", "1"]);
    let printed = cmd::answer(&mut command)
        .ok_or_else(|| failure("`cargo metadata` failed; run it to see why"))?;
    serde_json::from_str(&printed)
        .map_err(|e| failure(format!("`cargo metadata` printed no JSON: {e}")))
}

fn check_metadata(metadata: &Value) -> Vec<Finding> {
    let packages: Vec<&Value> = metadata["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .collect();
    let ours: HashSet<&str> = packages
        .iter()
        .filter(|p| p["source"].is_null())
        .filter_map(|p| p["name"].as_str())
        .collect();
    let mut findings = Vec::new();
    for package in packages.iter().filter(|p| p["source"].is_null()) {
        let (Some(name), Some(manifest)) =
            (package["name"].as_str(), package["manifest_path"].as_str())
        else {
            continue;
        };
        let manifest = crate::paths::shown(std::path::Path::new(manifest));
        let Some((_, allowed)) = DIRECTIONS.iter().find(|(ours, _)| *ours == name) else {
            let what = format!(
                "`{name}` has no line in crates/xtask/src/tidy/crates.rs: say what it may depend on"
            );
            findings.push(Finding::new(&manifest, 0, "layers", what));
            continue;
        };
        for used in package["dependencies"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|d| d["kind"] != "dev")
        {
            let Some(used) = used["name"].as_str() else {
                continue;
            };
            if ours.contains(used) && !allowed.contains(&used) {
                let line = line_naming(&manifest, used);
                findings.push(Finding::new(
                    &manifest,
                    line,
                    "layers",
                    format!("{name} may not depend on {used}; see ARCHITECTURE.md"),
                ));
            }
        }
        if WITHOUT_WINDOW.contains(&name) {
            findings.extend(window_below(metadata, package).map(|found| {
                let what = format!(
                    "{name} must build without a window, and {found} is among its dependencies"
                );
                Finding::new(&manifest, 0, "layers", what)
            }));
        }
    }
    findings
}

fn line_naming(manifest: &str, name: &str) -> usize {
    let text = std::fs::read_to_string(crate::paths::root().join(manifest)).unwrap_or_default();
    text.lines()
        .position(|line| line.trim_start().starts_with(name))
        .map_or(0, |at| at + 1)
}

/// The first tauri, gtk or webkit crate below a package, without its development dependencies.
fn window_below(metadata: &Value, package: &Value) -> Option<String> {
    let nodes: HashMap<&str, &Value> = metadata["resolve"]["nodes"]
        .as_array()?
        .iter()
        .filter_map(|node| Some((node["id"].as_str()?, node)))
        .collect();
    let names: HashMap<&str, &str> = metadata["packages"]
        .as_array()?
        .iter()
        .filter_map(|p| Some((p["id"].as_str()?, p["name"].as_str()?)))
        .collect();
    let mut open = vec![package["id"].as_str()?];
    let mut seen = HashSet::new();
    while let Some(id) = open.pop() {
        if !seen.insert(id) {
            continue;
        }
        if let Some(name) = names.get(id).filter(|name| is_window(name)) {
            return Some((*name).to_string());
        }
        for used in nodes
            .get(id)
            .and_then(|node| node["deps"].as_array())
            .into_iter()
            .flatten()
        {
            let needed = used["dep_kinds"]
                .as_array()
                .is_none_or(|kinds| kinds.iter().any(|k| k["kind"] != "dev"));
            open.extend(used["pkg"].as_str().filter(|_| needed));
        }
    }
    None
}

fn is_window(name: &str) -> bool {
    matches!(
        name,
        "tauri" | "wry" | "tao" | "gtk" | "gtk-sys" | "gtk4" | "webkit2gtk" | "webkit2gtk-sys"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn package(name: &str, dependencies: &[(&str, Option<&str>)]) -> Value {
        let dependencies: Vec<Value> = dependencies
            .iter()
            .map(|(n, kind)| json!({"name": n, "kind": kind}))
            .collect();
        json!({"id": name, "name": name, "source": null, "manifest_path": format!("/w/{name}/Cargo.toml"), "dependencies": dependencies})
    }

    fn found(packages: &[Value], nodes: &[Value]) -> Vec<String> {
        check_metadata(&json!({"packages": packages, "resolve": {"nodes": nodes}}))
            .into_iter()
            .map(|f| f.what)
            .collect()
    }

    #[test]
    fn the_shell_may_not_reach_past_core() {
        let packages = [
            package("tocsin-analysis", &[]),
            package(
                "tocsin-core",
                &[("tocsin-analysis", None), ("tocsin-replay", Some("dev"))],
            ),
            package("tocsin-replay", &[]),
            package(
                "tocsin",
                &[("tocsin-core", None), ("tocsin-analysis", None)],
            ),
        ];
        assert_eq!(
            found(&packages, &[]),
            ["tocsin may not depend on tocsin-analysis; see ARCHITECTURE.md"]
        );
    }

    #[test]
    fn no_window_below_core_but_in_tests() {
        let mut gtk = package("gtk", &[]);
        gtk["source"] = json!("registry");
        let packages = [package("tocsin-core", &[]), gtk];
        let node = |kind: Value| json!({"id": "tocsin-core", "deps": [{"pkg": "gtk", "dep_kinds": [{"kind": kind}]}]});
        assert_eq!(found(&packages, &[node(json!(null))]).len(), 1);
        assert_eq!(found(&packages, &[node(json!("dev"))]).len(), 0);
    }

    #[test]
    fn a_new_crate_must_say_what_it_may_use() {
        assert!(found(&[package("tocsin-extra", &[])], &[])[0].contains("has no line"));
    }
}
