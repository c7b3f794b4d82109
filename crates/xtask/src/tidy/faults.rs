//! Every fault code that the backend makes has words in the interface's catalogue, or stands here with the reason why
//! the backend's own sentence is shown. Codes are read from the sources: the literal that a fault is made with.

use super::never::is_test_file;
use super::source::{Source, is_name, line_of};
use super::{Finding, TextFile};
use std::collections::{BTreeMap, BTreeSet};

/// A function that makes faults: where it is called, and what stands before the code that it is given.
struct Maker {
    /// What the path begins with.
    path: &'static str,
    calls: &'static [&'static str],
    prefixes: &'static [&'static str],
}

const MAKERS: &[Maker] = &[
    Maker {
        path: "",
        calls: &["Fault::new"],
        prefixes: &[""],
    },
    Maker {
        path: "crates/core/src/notify/slack",
        calls: &["stop", "fault"],
        prefixes: &["slack_"],
    },
    Maker {
        path: "crates/core/src/notify/telegram",
        calls: &["stop", "fault"],
        prefixes: &["telegram_"],
    },
    Maker {
        path: "crates/core/src/notify/service.rs",
        calls: &["fault"],
        prefixes: &["slack_", "telegram_"],
    },
    Maker {
        path: "crates/core/src/notify/smtp.rs",
        calls: &["stop", "fault"],
        prefixes: &[""],
    },
    Maker {
        path: "crates/core/src/settings/editor/",
        calls: &["too_many"],
        prefixes: &[""],
    },
];

/// Files that make faults with a code that is no literal there: all that it can be. Each stands in its file as a
/// literal, without a maker's prefix.
const COMPUTED: &[(&str, &[&str])] = &[
    ("crates/core/src/app/learn.rs", &["user_model_damaged"]),
    ("crates/core/src/app/models.rs", &["model_unusable"]),
    (
        "crates/core/src/commands/sources.rs",
        &["sources_down", "sources_silent"],
    ),
    (
        "crates/core/src/commands/triage.rs",
        &["note_too_long", "reason_too_long", "tag_too_long"],
    ),
    (
        "crates/core/src/http/error.rs",
        &[
            "address_refused",
            "bad_header",
            "bad_url",
            "body_cut",
            "body_too_large",
            "cancelled",
            "certificate_bad",
            "certificate_expired",
            "certificate_not_yet_valid",
            "certificate_revoked",
            "certificate_unknown_issuer",
            "certificate_wrong_host",
            "connect_failed",
            "dns_failed",
            "encoding_refused",
            "http_status",
            "offline",
            "timed_out",
            "tls_failed",
            "tls_setup_failed",
            "too_many_redirects",
        ],
    ),
    ("crates/core/src/notify/service.rs", &[]),
    (
        "crates/core/src/notify/slack/answer.rs",
        &[
            "slack_account_inactive",
            "slack_ekm_access_denied",
            "slack_missing_scope",
            "slack_not_authed",
            "slack_not_in_channel",
            "slack_token_expired",
            "slack_token_revoked",
        ],
    ),
    (
        "crates/core/src/notify/smtp.rs",
        &["smtp_auth_required", "smtp_refused", "smtp_sender_refused"],
    ),
    ("crates/core/src/notify/telegram.rs", &[]),
    (
        "crates/core/src/settings/check.rs",
        &["number_out_of_range", "port_invalid"],
    ),
    (
        "crates/core/src/settings/check/channels.rs",
        &["channel_name_invalid", "rule_name_invalid"],
    ),
    ("crates/core/src/settings/editor/channels.rs", &[]),
    (
        "crates/core/src/store/error.rs",
        &[
            "database_closed",
            "database_damaged",
            "database_failed",
            "database_file",
            "database_locked",
            "database_newer",
            "database_not_migrated",
            "database_older",
            "disk_full",
        ],
    ),
];

/// Codes without words of the interface, and why.
const UNWORDED: &[(&str, &[&str])] = &[
    (
        "said of a source, a record or a line, in the log of a run or in a result: the backend's sentence names it",
        &[
            "bad_cve_id",
            "bad_score",
            "bad_uid",
            "document_unreadable",
            "feed_entry_empty",
            "feed_gone",
            "feed_is_a_page",
            "feed_not_a_feed",
            "feed_not_found",
            "import_bad_record",
            "import_cut_short",
            "import_foreign",
            "import_newer",
            "import_note_cut",
            "nothing_to_show",
            "nvd_bad_checkpoint",
            "nvd_bad_json",
            "nvd_bad_record",
            "nvd_bad_request",
            "nvd_bad_score",
            "nvd_big_metric",
            "nvd_incomplete",
            "nvd_key_refused",
            "nvd_not_found",
            "nvd_overloaded",
            "nvd_rate_limited",
            "nvd_refused",
            "nvd_unexpected_status",
            "opml_not_a_list",
            "opml_too_large",
            "outline_unusable",
            "outlines_too_many",
            "owasp_no_page",
            "owasp_page_unreadable",
            "page_failed",
            "salvage_nothing",
        ],
    ),
    (
        "said of an address, for sources and channels alike: the backend's sentence names host and status, and what to do",
        &[
            "address_refused",
            "bad_header",
            "bad_url",
            "body_cut",
            "body_too_large",
            "cancelled",
            "certificate_bad",
            "certificate_expired",
            "certificate_not_yet_valid",
            "certificate_revoked",
            "certificate_unknown_issuer",
            "certificate_wrong_host",
            "connect_failed",
            "dns_failed",
            "encoding_refused",
            "http_status",
            "offline",
            "timed_out",
            "tls_failed",
            "tls_setup_failed",
            "too_many_redirects",
        ],
    ),
    (
        "the reason, or what may stand there, is in the backend's sentence alone",
        &[
            "already_collecting",
            "api_port_busy",
            "change_unknown",
            "column_unknown",
            "database_closed",
            "database_failed",
            "database_file",
            "database_locked",
            "database_newer",
            "database_not_migrated",
            "database_older",
            "email_not_built",
            "env_file_bad_line",
            "file_not_read",
            "file_not_written",
            "file_unreadable",
            "folder_not_made",
            "link_not_opened",
            "no_home",
            "query_invalid",
            "scope_invalid",
            "settings_bad_value",
            "settings_broken",
            "settings_unknown_key",
            "smtp_tls_failed",
            "user_model_unreadable",
        ],
    ),
    (
        "said by tocsind or by the API alone",
        &[
            "bad_cursor",
            "bad_limit",
            "bad_parameter",
            "bad_path",
            "foreign_host",
            "no_browser",
            "no_database",
            "not_found",
            "not_scored",
            "not_text",
            "reader_gone",
            "token_needed",
        ],
    ),
    (
        "a mistake of Tocsin's own, or its end: there is nothing to do that words could say",
        &[
            "app_stopping",
            "bad_request",
            "bad_response",
            "export_failed",
            "import_failed",
            "reanalysis_failed",
            "settings_failed",
            "start_failed",
            "training_failed",
            "unknown_command",
        ],
    ),
];

/// Breaches: a code without words, words without a code, a table that is out of date.
pub fn check(sources: &[TextFile], ui: &[TextFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut made: BTreeMap<String, (String, usize)> = BTreeMap::new();
    for file in sources.iter().filter(|file| !is_test_file(&file.path)) {
        codes_of(file, &mut findings, |code, line| {
            made.entry(code).or_insert((file.path.clone(), line));
        });
    }
    let worded = words(ui);
    let own = codes_of_ui(ui);
    let excused: BTreeMap<&str, &str> = UNWORDED
        .iter()
        .flat_map(|(reason, codes)| codes.iter().map(move |code| (*code, *reason)))
        .collect();
    for (code, (path, line)) in &made {
        if !worded.contains_key(code) && !excused.contains_key(code.as_str()) {
            let what = format!(
                "{code} has no words: add them in ui/src/lib/text/en-faults*.ts, or the code with a reason in tidy/faults.rs"
            );
            findings.push(Finding::new(path, *line, "faults", what));
        }
    }
    for (code, (path, line)) in &worded {
        if !made.contains_key(code) && !own.contains(code) {
            let what = format!("{code} is the code of no fault; take its words out");
            findings.push(Finding::new(path, *line, "faults", what));
        }
    }
    for code in excused.keys() {
        if worded.contains_key(*code) || !made.contains_key(*code) {
            let what = format!("{code} has words, or is no code any more; take it out of UNWORDED");
            findings.push(Finding::new(HERE, 0, "faults", what));
        }
    }
    findings
}

const HERE: &str = "crates/xtask/src/tidy/faults.rs";

/// The codes that a file makes.
fn codes_of(file: &TextFile, findings: &mut Vec<Finding>, mut made: impl FnMut(String, usize)) {
    let source = Source::read(&file.text);
    let computed = COMPUTED.iter().find(|(path, _)| *path == file.path);
    for maker in MAKERS.iter().filter(|m| file.path.starts_with(m.path)) {
        for call in maker.calls {
            for at in calls(&source.code, call) {
                let line = line_of(&file.text, at);
                match literal(&file.text[at..]).filter(|text| is_code(text)) {
                    Some(code) => maker
                        .prefixes
                        .iter()
                        .for_each(|prefix| made(format!("{prefix}{code}"), line)),
                    None if computed.is_some() => {}
                    None => findings.push(Finding::new(
                        &file.path,
                        line,
                        "faults",
                        "this fault's code is no literal: name what it can be in COMPUTED, tidy/faults.rs",
                    )),
                }
            }
        }
    }
    let Some((_, codes)) = computed else {
        return;
    };
    for code in *codes {
        let is_it = |text: &str| {
            text == *code
                || code
                    .strip_suffix(text)
                    .is_some_and(|prefix| MAKERS.iter().any(|m| m.prefixes.contains(&prefix)))
        };
        match source.strings.iter().find(|(_, text)| is_it(text)) {
            Some((line, _)) => made((*code).to_owned(), *line),
            None => findings.push(Finding::new(
                &file.path,
                0,
                "faults",
                format!("{code} is not made here any more; take it out of COMPUTED"),
            )),
        }
    }
}

/// Where the arguments of each call begin; not where the function is written.
fn calls(code: &str, name: &str) -> Vec<usize> {
    let call = format!("{name}(");
    code.match_indices(&call)
        .filter(|(at, _)| {
            let before = &code[..*at];
            !before.ends_with(is_name) && !before.ends_with("fn ")
        })
        .map(|(at, _)| at + call.len())
        .collect()
}

/// The literal that the text begins with.
fn literal(text: &str) -> Option<&str> {
    let (literal, _) = text.trim_start().strip_prefix('"')?.split_once('"')?;
    Some(literal)
}

fn is_code(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// The codes that the catalogue words, and where.
fn words(ui: &[TextFile]) -> BTreeMap<String, (String, usize)> {
    let mut found = BTreeMap::new();
    let is_words = |file: &&TextFile| file.path.starts_with("ui/src/lib/text/en-faults");
    for file in ui.iter().filter(is_words) {
        for (at, line) in file.text.lines().enumerate() {
            let place = (file.path.clone(), at + 1);
            let entry = line.strip_prefix("  ").unwrap_or_default();
            if let Some((code, _)) = entry.split_once(": ").filter(|(code, _)| is_code(code)) {
                found.insert(code.to_owned(), place);
            } else if let Some(service) = entry.strip_prefix("...ofService('") {
                let service = service.split('\'').next().unwrap_or_default();
                for code in OF_SERVICE {
                    found.insert(format!("{service}_{code}"), place.clone());
                }
            }
        }
    }
    found
}

/// What `ofService` in the catalogue words for each service.
const OF_SERVICE: [&str; 5] = [
    "server_error",
    "not_itself",
    "http_status",
    "unknown",
    "no_answer",
];

/// The codes that the interface makes itself.
fn codes_of_ui(ui: &[TextFile]) -> BTreeSet<String> {
    let is_own =
        |file: &&TextFile| !file.path.contains("/fake/") && !file.path.ends_with(".test.ts");
    let code = |text: &str| {
        let code = text.split('\'').next().unwrap_or_default();
        is_code(code).then(|| code.to_owned())
    };
    ui.iter()
        .filter(is_own)
        .flat_map(|file| file.text.split("code: '").skip(1).filter_map(code))
        .collect()
}

#[cfg(test)]
#[path = "faults_tests.rs"]
mod tests;
