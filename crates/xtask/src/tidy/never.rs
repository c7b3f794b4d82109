//! What must never be (ARCHITECTURE.md), as far as text can tell: each rule has one home, and its exceptions say why.

use super::source::Source;
use super::{Exception, Finding, TextFile, is_excepted};

/// Names that may stand in few places only.
struct Rule {
    rule: &'static str,
    names: &'static [&'static str],
    what: &'static str,
    exceptions: &'static [Exception],
}

const RULES: &[Rule] = &[
    Rule {
        rule: "sql",
        names: &["rusqlite"],
        what: "SQLite belongs to core/src/store; give it a function there",
        exceptions: SQL_HOMES,
    },
    Rule {
        rule: "client",
        names: &[
            "reqwest::Client",
            "ClientBuilder",
            "Client::builder",
            "Client::new",
        ],
        what: "only http.rs builds an HTTP client, because it keeps time-outs, size caps and manners; take its client",
        exceptions: &[
            Exception {
                path: "crates/core/src/http.rs",
                reason: "the polite client itself",
            },
            Exception {
                path: "crates/core/src/http/",
                reason: "the polite client itself",
            },
        ],
    },
    Rule {
        rule: "env",
        names: &["env::var", "env::vars", "env::var_os", "env::vars_os"],
        what: "environment variables are read in core/src/settings/env.rs, where .env.example is made from; add it to the list there",
        exceptions: &[Exception {
            path: "crates/core/src/settings/env.rs",
            reason: "the one list of variables",
        }],
    },
    Rule {
        rule: "now",
        names: &["Utc::now", "Local::now", "SystemTime::now"],
        what: "take the time from the clock that is passed in: a replay and the tests have their own",
        exceptions: &[Exception {
            path: "crates/core/src/clock.rs",
            reason: "the real clock",
        }],
    },
    Rule {
        rule: "now",
        names: &["Instant::now"],
        what: "take the time from the clock that is passed in; if this only measures how long something took, add the file to the exceptions",
        exceptions: &[
            Exception {
                path: "crates/core/src/clock.rs",
                reason: "the real clock",
            },
            Exception {
                path: "crates/core/src/http.rs",
                reason: "measures how long a request took, and paces requests",
            },
            Exception {
                path: "crates/core/src/http/",
                reason: "measures how long a request took, and paces requests",
            },
            Exception {
                path: "crates/core/src/source/nvd/pace.rs",
                reason: "paces requests to NVD",
            },
            Exception {
                path: "crates/core/src/app/backfill.rs",
                reason: "measures how fast all years are read",
            },
            Exception {
                path: "crates/core/src/app/learn.rs",
                reason: "waits until nobody says anything more for a moment",
            },
            Exception {
                path: "crates/core/src/app/timetable.rs",
                reason: "compares what the clock says with how long it waited: a machine that slept shows so",
            },
            Exception {
                path: "crates/core/src/app/work.rs",
                reason: "paces the events about long work",
            },
            Exception {
                path: "crates/core/src/store/optimise.rs",
                reason: "measures how long a step held the writer",
            },
            Exception {
                path: "crates/tocsind/src/eval.rs",
                reason: "measures how many texts a second the models read",
            },
        ],
    },
    Rule {
        rule: "spawn",
        names: &[
            "tokio::spawn",
            "tokio::task::spawn",
            "task::spawn",
            "std::thread::spawn",
            "thread::spawn",
        ],
        what: "every task belongs to the app's tracker and stops on its token; spawn it there",
        exceptions: &[
            Exception {
                path: "crates/core/src/app.rs",
                reason: "owns the tracker",
            },
            Exception {
                path: "crates/core/src/app/",
                reason: "owns the tracker",
            },
            Exception {
                path: "crates/core/src/store/db.rs",
                reason: "the writer's thread, joined when the database closes",
            },
            Exception {
                path: "crates/core/src/notify/desktop/freedesktop.rs",
                reason: "hears the clicks on a notification; at most 20, ended with the channel",
            },
        ],
    },
];

const SQL_HOMES: &[Exception] = &[Exception {
    path: "crates/core/src/store/",
    reason: "the home of SQL",
}];

/// Breaches in the Rust files of what is shipped.
pub fn check(files: &[TextFile]) -> Vec<Finding> {
    files
        .iter()
        .filter(|file| !is_test_file(&file.path))
        .flat_map(check_file)
        .collect()
}

fn check_file(file: &TextFile) -> Vec<Finding> {
    let source = Source::read(&file.text);
    let mut findings = Vec::new();
    for rule in RULES
        .iter()
        .filter(|rule| !is_excepted(rule.exceptions, &file.path))
    {
        let lines = rule.names.iter().flat_map(|name| source.lines_with(name));
        findings.extend(lines.map(|line| Finding::new(&file.path, line, rule.rule, rule.what)));
    }
    if !is_excepted(SQL_HOMES, &file.path) {
        let sql = source.strings.iter().filter(|(_, text)| is_sql(text));
        findings.extend(sql.map(|(line, _)| {
            Finding::new(
                &file.path,
                *line,
                "sql",
                "SQL belongs to core/src/store; give it a function there",
            )
        }));
    }
    findings.sort();
    findings.dedup();
    findings
}

/// A file that holds nothing but tests.
pub fn is_test_file(path: &str) -> bool {
    path.ends_with("/tests.rs")
        || path.ends_with("_tests.rs")
        || path.contains("/tests/")
        || path.ends_with("/testing.rs")
}

/// True for text that reads as a statement. Only capitals count: prose may say "select".
fn is_sql(text: &str) -> bool {
    let update = text
        .find("UPDATE ")
        .is_some_and(|at| text[at..].contains(" SET "));
    text.contains("SELECT ")
        || text.contains("INSERT INTO")
        || text.contains("DELETE FROM")
        || update
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(path: &str, text: &str) -> Vec<&'static str> {
        check(&[TextFile {
            path: path.into(),
            text: text.into(),
        }])
        .iter()
        .map(|f| f.rule)
        .collect()
    }

    #[test]
    fn sql_stays_in_the_store() {
        let check = |text: &str, expect: &[&str]| {
            assert_eq!(
                rules("crates/core/src/commands/alerts.rs", text),
                expect,
                "{text}"
            );
            assert!(rules("crates/core/src/store/alerts.rs", text).is_empty());
        };
        check("db.run(\"SELECT id FROM alerts\")", &["sql"]);
        check("db.run(\"UPDATE alerts SET state = 1\")", &["sql"]);
        check("use rusqlite::Connection;", &["sql"]);
        check("say(\"select an alert to UPDATE it\")", &[]);
    }

    #[test]
    fn each_forbidden_name_has_its_home() {
        let check = |text: &str, home: &str, rule: &str| {
            assert_eq!(
                rules("crates/core/src/source/nvd/fetch.rs", text),
                [rule],
                "{text}"
            );
            assert!(rules(home, text).is_empty(), "{text}");
        };
        check(
            "let c = reqwest::Client::builder();",
            "crates/core/src/http.rs",
            "client",
        );
        check(
            "let v = std::env::var(\"X\");",
            "crates/core/src/settings/env.rs",
            "env",
        );
        check(
            "let t = chrono::Utc::now();",
            "crates/core/src/clock.rs",
            "now",
        );
        check("let t = Instant::now();", "crates/core/src/http.rs", "now");
        check("tokio::spawn(f());", "crates/core/src/app.rs", "spawn");
    }

    #[test]
    fn the_shell_reads_no_environment_either() {
        assert_eq!(
            rules("src-tauri/src/main.rs", "std::env::var_os(\"DISPLAY\")"),
            ["env"]
        );
    }

    #[test]
    fn tests_may_do_all_that() {
        assert!(rules("crates/core/src/store/tests.rs", "Utc::now()").is_empty());
        assert!(
            rules(
                "crates/core/src/route.rs",
                "#[cfg(test)]\nmod tests { fn f() { Utc::now(); } }"
            )
            .is_empty()
        );
    }
}
