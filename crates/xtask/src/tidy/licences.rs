//! Every dependency, Rust or npm, comes under a licence that lets us ship it. deny.toml carries the same list for
//! cargo-deny in the release workflow; a test keeps the two equal.

use super::{Finding, crates, spdx};
use crate::cmd::{Outcome, failure};
use crate::paths;
use serde_json::Value;

/// Licences we accept. All are permissive, but for MPL-2.0, which asks for changes to its own files to be published: we
/// use such crates unmodified. CC-BY-4.0 is for data (browser tables of the UI's build tools).
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BlueOak-1.0.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC-BY-4.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "OpenSSL",
    "Python-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Packages that state no expression, the licence that was read in their files, and where it is.
const STATED_ELSEWHERE: &[(&str, &str, &str)] = &[];

/// Breaches among what the two lockfiles name.
pub fn check() -> Outcome<Vec<Finding>> {
    let mut findings = cargo(&crates::metadata()?);
    let lock = paths::root().join("ui/package-lock.json");
    if let Ok(text) = std::fs::read_to_string(&lock) {
        let lock: Value = serde_json::from_str(&text)
            .map_err(|e| failure(format!("ui/package-lock.json is no JSON: {e}")))?;
        findings.extend(npm(&lock, &installed_licence));
    }
    Ok(findings)
}

fn cargo(metadata: &Value) -> Vec<Finding> {
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let others = packages.filter(|package| !package["source"].is_null());
    others
        .filter_map(|package| {
            let name = package["name"].as_str()?;
            judge(
                "Cargo.lock",
                name,
                package["version"].as_str()?,
                package["license"].as_str(),
            )
        })
        .collect()
}

/// `installed` looks into the package itself, for the few that the lockfile says nothing about.
fn npm(lock: &Value, installed: &dyn Fn(&str) -> Option<String>) -> Vec<Finding> {
    let packages = lock["packages"].as_object().into_iter().flatten();
    packages
        .filter(|(path, entry)| !path.is_empty() && entry["link"] != true)
        .filter_map(|(path, entry)| {
            let name = path.rsplit("node_modules/").next()?;
            let stated = entry["license"]
                .as_str()
                .map(str::to_string)
                .or_else(|| installed(path));
            judge(
                "ui/package-lock.json",
                name,
                entry["version"].as_str().unwrap_or("?"),
                stated.as_deref(),
            )
        })
        .collect()
}

fn installed_licence(path: &str) -> Option<String> {
    let text =
        std::fs::read_to_string(paths::root().join("ui").join(path).join("package.json")).ok()?;
    let package: Value = serde_json::from_str(&text).ok()?;
    package["license"].as_str().map(str::to_string)
}

fn judge(lockfile: &str, name: &str, version: &str, stated: Option<&str>) -> Option<Finding> {
    let elsewhere = STATED_ELSEWHERE
        .iter()
        .find(|(package, _, _)| *package == name)
        .map(|(_, licence, _)| *licence);
    let what = match stated.or(elsewhere) {
        Some(licence) if spdx::is_met(licence, &|one| ALLOWED.contains(&one)) => return None,
        Some(licence) => {
            format!("{name} {version} is under `{licence}`, which is not among ours: do without it")
        }
        None => format!(
            "{name} {version} states no licence: read its files and note it in STATED_ELSEWHERE, or do without it"
        ),
    };
    Some(Finding::new(lockfile, 0, "licence", what))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_copyleft_crate_is_found() {
        let package = |name: &str, licence: Option<&str>| json!({"name": name, "version": "1.0.0", "source": "registry", "license": licence});
        let own = json!({"name": "ours", "version": "0.1.0", "source": null, "license": null});
        let metadata = json!({"packages": [package("a", Some("MIT")), package("b", Some("GPL-3.0-only")), package("c", None), own]});
        let found: Vec<String> = cargo(&metadata).into_iter().map(|f| f.what).collect();
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("b 1.0.0 is under `GPL-3.0-only`"));
        assert!(found[1].starts_with("c 1.0.0 states no licence"));
    }

    #[test]
    fn an_npm_package_is_asked_itself_when_the_lockfile_is_silent() {
        let lock = json!({"packages": {
            "": {"name": "tocsin-ui"},
            "node_modules/a": {"version": "1.0.0", "license": "MIT"},
            "node_modules/a/node_modules/@x/b": {"version": "2.0.0"},
            "node_modules/c": {"version": "3.0.0", "license": "AGPL-3.0"},
        }});
        let found = npm(&lock, &|path| {
            path.ends_with("@x/b").then(|| "ISC".to_string())
        });
        assert_eq!(found.len(), 1);
        assert!(found[0].what.starts_with("c 3.0.0"));
    }

    #[test]
    fn deny_toml_has_the_same_list() {
        let text = std::fs::read_to_string(paths::root().join("deny.toml")).unwrap();
        let list = text
            .split_once("allow = [")
            .unwrap()
            .1
            .split_once(']')
            .unwrap()
            .0;
        let denys: Vec<&str> = list.split('"').skip(1).step_by(2).collect();
        assert_eq!(denys, ALLOWED);
    }
}
