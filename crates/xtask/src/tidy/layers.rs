//! Who may use whom inside core: the table of ARCHITECTURE.md, "Dependency direction", read from paths in the source.

use super::source::{Source, is_name, line_of};
use super::{Finding, TextFile};

/// Seen by all.
const BASE: &[&str] = &["clock", "error", "events", "logs", "secrets", "settings"];

/// A module of core and what else it may use. `analysis` stands for the crate tocsin-analysis.
const TABLE: &[(&str, &[&str])] = &[
    ("clock", &["model"]),
    ("error", &[]),
    ("logs", &[]),
    ("secrets", &["model"]),
    ("events", &["model"]),
    ("settings", &["model", "query"]),
    ("model", &["analysis"]),
    ("http", &["model"]),
    ("query", &["model"]),
    ("normalise", &["model"]),
    ("analyse", &["model", "analysis"]),
    ("store", &["model", "query"]),
    ("route", &["model", "query"]),
    ("source", &["model", "http"]),
    ("notify", &["model", "http"]),
    ("outbox", &["model", "store", "notify"]),
    ("pipeline", STAGES),
    ("export", &["model", "store"]),
    (
        "import",
        &[
            "model",
            "normalise",
            "analyse",
            "source",
            "store",
            "pipeline",
            "export",
        ],
    ),
    ("schedule", STAGES),
    (
        "commands",
        &[
            "model",
            "http",
            "query",
            "normalise",
            "analyse",
            "store",
            "route",
            "source",
            "notify",
            "outbox",
            "export",
            "import",
            "pipeline",
            "schedule",
            "app",
        ],
    ),
    ("server", &["commands", "app"]),
    (
        "app",
        &[
            "model",
            "http",
            "query",
            "normalise",
            "analyse",
            "store",
            "route",
            "source",
            "notify",
            "outbox",
            "export",
            "import",
            "pipeline",
            "schedule",
            "commands",
        ],
    ),
    ("testing", EVERYTHING),
];

/// What pipeline and schedule see: each other and every stage.
const STAGES: &[&str] = &[
    "model",
    "http",
    "query",
    "normalise",
    "analyse",
    "store",
    "route",
    "source",
    "notify",
    "outbox",
    "pipeline",
    "schedule",
];

/// What the tests' own module sees; nothing but tests sees it in turn.
const EVERYTHING: &[&str] = &[
    "model",
    "http",
    "query",
    "normalise",
    "analyse",
    "store",
    "route",
    "source",
    "notify",
    "outbox",
    "export",
    "import",
    "pipeline",
    "schedule",
    "commands",
    "app",
    "server",
    "analysis",
];

/// Breaches in the files of `crates/core/src`.
pub fn check(files: &[TextFile]) -> Vec<Finding> {
    files.iter().flat_map(check_file).collect()
}

fn check_file(file: &TextFile) -> Vec<Finding> {
    let Some(inside) = file.path.strip_prefix("crates/core/src/") else {
        return Vec::new();
    };
    let place = Place::of(inside);
    // lib.rs is the map and names all; a file of tests may use anything.
    if place.module == "lib" || place.is_tests {
        return Vec::new();
    }
    let Some((module, allowed)) = TABLE.iter().find(|(name, _)| *name == place.module) else {
        let what = format!(
            "`{}` has no line in the table of crates/xtask/src/tidy/layers.rs: say what it may use",
            place.module
        );
        return vec![Finding::new(&file.path, 0, "layers", what)];
    };
    let source = Source::read(&file.text);
    let mut findings = Vec::new();
    for (line, used) in used_modules(&source.code, place.depth) {
        let known = TABLE.iter().any(|(name, _)| *name == used) || used == "analysis";
        if !known
            || used == *module
            || BASE.contains(&used.as_str())
            || allowed.contains(&used.as_str())
        {
            continue;
        }
        let may: Vec<&str> = BASE
            .iter()
            .chain(allowed.iter())
            .copied()
            .filter(|name| name != module)
            .collect();
        let what = if used == "testing" {
            "testing is for tests only".to_string()
        } else {
            format!(
                "{module} may not use {used}, only {}; see ARCHITECTURE.md",
                may.join(", ")
            )
        };
        findings.push(Finding::new(&file.path, line, "layers", what));
    }
    findings.dedup();
    findings
}

/// Where a file stands in core.
struct Place {
    /// The module at the top.
    module: String,
    /// How many `super` lead from here to the root of the crate.
    depth: usize,
    is_tests: bool,
}

impl Place {
    fn of(inside: &str) -> Self {
        let mut parts: Vec<&str> = inside.trim_end_matches(".rs").split('/').collect();
        if parts.last() == Some(&"mod") {
            parts.pop();
        }
        let is_tests = parts
            .iter()
            .skip(1)
            .any(|part| *part == "tests" || part.ends_with("_tests"));
        Self {
            module: parts[0].to_string(),
            depth: parts.len(),
            is_tests,
        }
    }
}

/// The top-level modules that the code names, with lines: after `crate::`, after enough `super::`, and the crate
/// tocsin-analysis as `analysis`.
fn used_modules(code: &str, depth: usize) -> Vec<(usize, String)> {
    let to_root = "super::".repeat(depth);
    let mut used = Vec::new();
    for (prefix, at) in starts(code, "crate::").chain(starts(code, &to_root)) {
        let rest = &code[at + prefix..];
        for (offset, name) in first_names(rest) {
            used.push((line_of(code, at + prefix + offset), name));
        }
    }
    used.extend(
        starts(code, "tocsin_analysis").map(|(_, at)| (line_of(code, at), "analysis".to_string())),
    );
    used.sort();
    used
}

/// Where `prefix` starts a path: `(its length, position)`.
fn starts<'a>(code: &'a str, prefix: &'a str) -> impl Iterator<Item = (usize, usize)> + 'a {
    code.match_indices(prefix)
        .filter(|(at, _)| !code[..*at].ends_with(|c: char| is_name(c) || c == ':' || c == '$'))
        .map(|(at, found)| (found.len(), at))
}

/// The first name of a path, or of each path in braces: `a::b` gives a; `{a::{b, c}, d}` gives a and d.
fn first_names(rest: &str) -> Vec<(usize, String)> {
    let name_at = |at: usize| -> Option<(usize, String)> {
        let skipped = rest[at..].len() - rest[at..].trim_start().len();
        let name: String = rest[at + skipped..]
            .chars()
            .take_while(|c| is_name(*c))
            .collect();
        (!name.is_empty()).then_some((at + skipped, name))
    };
    if !rest.starts_with('{') {
        return name_at(0).into_iter().collect();
    }
    let mut names: Vec<(usize, String)> = name_at(1).into_iter().collect();
    let mut depth = 0;
    for (at, c) in rest.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => names.extend(name_at(at + 1)),
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        check(&[TextFile {
            path: format!("crates/core/src/{path}"),
            text: text.into(),
        }])
        .iter()
        .map(Finding::shown)
        .collect()
    }

    #[test]
    fn a_stage_may_not_use_the_store() {
        let found = found(
            "source/nvd/fetch.rs",
            "use crate::model::Draft;\nuse crate::store::Db;\n",
        );
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with(
            "crates/core/src/source/nvd/fetch.rs:2: layers: source may not use store, only "
        ));
    }

    #[test]
    fn paths_in_braces_and_in_code_are_seen() {
        assert_eq!(
            found(
                "route/mod.rs",
                "use crate::{model::{self, AlertId}, query, store};"
            )
            .len(),
            1
        );
        assert_eq!(
            found("route/mod.rs", "fn f() { crate::http::get(); }").len(),
            1
        );
        assert_eq!(found("http.rs", "use super::store::Db;").len(), 1);
        assert_eq!(
            found("source/feed/mod.rs", "use super::super::pipeline;").len(),
            1
        );
        assert_eq!(found("source/feed/mod.rs", "use super::nvd;").len(), 0);
    }

    #[test]
    fn only_model_and_analyse_see_the_analysis_crate() {
        assert_eq!(
            found("model/mod.rs", "pub use tocsin_analysis::Finding;").len(),
            0
        );
        assert_eq!(
            found("analyse.rs", "use tocsin_analysis::analyse;").len(),
            0
        );
        assert_eq!(
            found("store/mod.rs", "use tocsin_analysis::Finding;").len(),
            1
        );
    }

    #[test]
    fn the_server_sees_commands_events_and_app_only() {
        assert_eq!(
            found(
                "server/mod.rs",
                "use crate::{app::App, commands, events, error::Error};"
            )
            .len(),
            0
        );
        assert_eq!(found("server/alerts.rs", "use crate::store::Db;").len(), 1);
        assert_eq!(found("app.rs", "use crate::server::serve;").len(), 1);
    }

    #[test]
    fn comments_strings_and_tests_may_name_anything() {
        let text = "// crate::store\nconst A: &str = \"crate::store\";\n#[cfg(test)]\nmod tests { use crate::{testing, store}; }";
        assert!(found("query/mod.rs", text).is_empty());
        assert!(found("query/tests.rs", "use crate::store;").is_empty());
        assert_eq!(found("query/mod.rs", "use crate::testing::Clock;").len(), 1);
    }

    #[test]
    fn a_module_without_a_line_in_the_table_is_named() {
        assert!(found("stories/mod.rs", "")[0].contains("`stories` has no line"));
    }
}
