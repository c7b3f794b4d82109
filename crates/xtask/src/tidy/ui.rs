//! The UI's folders: features stand beside each other on lib, app composes them, and two doors lead outside.

use super::{Finding, TextFile};

/// Breaches in the files of `ui/src`.
pub fn check(files: &[TextFile]) -> Vec<Finding> {
    files.iter().flat_map(check_file).collect()
}

fn check_file(file: &TextFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (at, line) in file.text.lines().enumerate() {
        for import in imports(line) {
            let breach = breach(&file.path, import);
            findings.extend(breach.map(|what| Finding::new(&file.path, at + 1, "layers", what)));
        }
    }
    findings
}

fn breach(path: &str, import: &str) -> Option<String> {
    let own = path.strip_prefix("ui/src/")?;
    if import.starts_with("@tauri-apps/") && !own.starts_with("lib/ipc/") {
        return Some("only lib/ipc talks to Tauri; use the Backend interface".into());
    }
    if (import == "bits-ui" || import.starts_with("bits-ui/")) && !own.starts_with("lib/ui/") {
        return Some("only lib/ui uses bits-ui; wrap the primitive there".into());
    }
    let target = resolve(own, import)?;
    let (from, to) = (folder(own), folder(&target));
    match (from, to) {
        (("features", mine), ("features", theirs)) if mine != theirs => Some(format!(
            "feature {mine} may not import feature {theirs}; let app compose them, or move what both need to lib"
        )),
        (("features", mine), ("app", _)) => Some(format!(
            "feature {mine} may not import app, which composes it"
        )),
        (("lib", _), ("features" | "app", _)) => {
            Some("lib may not import features or app, which stand on it".into())
        }
        _ => None,
    }
}

/// The first two steps of a path below `ui/src`.
fn folder(path: &str) -> (&str, &str) {
    let mut steps = path.split('/');
    let first = steps.next().unwrap_or_default();
    let second = steps.next().unwrap_or_default();
    (first, second.split('.').next().unwrap_or_default())
}

/// The path below `ui/src` that an import means; `None` for packages.
fn resolve(own: &str, import: &str) -> Option<String> {
    let below = ["$", "@/", "~/", "/src/", "src/"]
        .iter()
        .find_map(|prefix| import.strip_prefix(prefix));
    if let Some(below) = below {
        return Some(below.to_string());
    }
    if !import.starts_with('.') {
        return None;
    }
    let mut steps: Vec<&str> = own.split('/').collect();
    steps.pop();
    for step in import.split('/') {
        match step {
            "." => {}
            ".." => {
                steps.pop();
            }
            _ => steps.push(step),
        }
    }
    Some(steps.join("/"))
}

/// What a line imports: `from 'x'`, `import 'x'`, `import('x')`, and types by `typeof import('x')`.
fn imports(line: &str) -> Vec<&str> {
    let code = line.trim_start();
    if code.starts_with("//") || code.starts_with('*') {
        return Vec::new();
    }
    let mut found = Vec::new();
    for word in ["from ", "import ", "import("] {
        for (at, _) in code.match_indices(word) {
            let rest = &code[at + word.len()..];
            let Some(quote) = rest
                .chars()
                .next()
                .filter(|c| matches!(c, '\'' | '"' | '`'))
            else {
                continue;
            };
            found.extend(rest[1..].split_once(quote).map(|(name, _)| name));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, line: &str) -> usize {
        check(&[TextFile {
            path: format!("ui/src/{path}"),
            text: line.into(),
        }])
        .len()
    }

    #[test]
    fn two_doors_lead_outside() {
        let check = |path: &str, line: &str, expect| {
            assert_eq!(found(path, line), expect, "{path}: {line}")
        };
        check(
            "features/inbox/Inbox.svelte",
            "import { invoke } from '@tauri-apps/api/core';",
            1,
        );
        check(
            "lib/ipc/tauri.ts",
            "import { invoke } from '@tauri-apps/api/core';",
            0,
        );
        check("app/App.svelte", "  import { Dialog } from \"bits-ui\";", 1);
        check(
            "lib/ui/Dialog.svelte",
            "import { Dialog } from 'bits-ui';",
            0,
        );
        check(
            "lib/ipc/index.ts",
            "const { x } = await import('@tauri-apps/api');",
            0,
        );
        check(
            "main.ts",
            "const { x } = await import('@tauri-apps/api');",
            1,
        );
        check("main.ts", "// from '@tauri-apps/api'", 0);
    }

    #[test]
    fn features_do_not_know_each_other() {
        let check = |path: &str, import: &str, expect| {
            assert_eq!(
                found(path, &format!("import x from '{import}';")),
                expect,
                "{path}: {import}"
            )
        };
        check("features/inbox/Inbox.svelte", "../sources/health.svelte", 1);
        check("features/inbox/Inbox.svelte", "$features/sources/x", 1);
        check("features/inbox/list/Row.svelte", "../inbox.svelte", 0);
        check("features/inbox/Inbox.svelte", "$lib/ui/Button.svelte", 0);
        check("features/inbox/Inbox.svelte", "../../app/App.svelte", 1);
        check("lib/ui/Button.svelte", "../../features/inbox/x", 1);
        check("app/App.svelte", "../features/inbox/Inbox.svelte", 0);
    }
}
