//! The one list of variables; `.env.example` is made from it.

use std::fmt::Write as _;

/// One variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// Older names that are read too; `name` wins.
    pub aliases: &'static [&'static str],
    /// The key of `settings.toml` that it sets, or what it is for.
    pub sets: &'static str,
    /// One sentence for `.env.example`.
    pub comment: &'static str,
    /// What `.env.example` shows behind the `=`.
    pub example: &'static str,
    /// Whether its value must never be shown.
    pub secret: bool,
}

const fn setting(
    name: &'static str,
    sets: &'static str,
    example: &'static str,
    comment: &'static str,
) -> Variable {
    Variable {
        name,
        aliases: &[],
        sets,
        comment,
        example,
        secret: false,
    }
}

/// Every variable that Tocsin reads.
pub const VARIABLES: &[Variable] = &[
    setting(
        "EMAIL_USER",
        "channels.email.user",
        "you@example.org",
        "The name to log in to the mail server with.",
    ),
    Variable {
        name: "EMAIL_PASS",
        aliases: &["EMAIL_PASSWORD"],
        sets: "the e-mail password",
        comment: "The password for it (EMAIL_PASSWORD is read too). Gmail wants an app password.",
        example: "",
        secret: true,
    },
    setting(
        "EMAIL_RECIPIENTS",
        "channels.email.recipients",
        "soc@example.org, you@example.org",
        "Who gets e-mail, separated by commas. With a password, this switches e-mail on.",
    ),
    setting(
        "EMAIL_SENDER",
        "channels.email.sender",
        "tocsin@example.org",
        "The address that e-mail comes from; EMAIL_USER where it is not set.",
    ),
    setting(
        "EMAIL_SENDER_NAME",
        "channels.email.sender_name",
        "Tocsin",
        "The name that e-mail comes from.",
    ),
    setting(
        "SMTP_SERVER",
        "channels.email.smtp_host",
        "smtp.gmail.com",
        "The mail server.",
    ),
    setting(
        "SMTP_PORT",
        "channels.email.smtp_port",
        "587",
        "Its port. 465 is encrypted from the start.",
    ),
    setting(
        "SMTP_USE_TLS",
        "channels.email.smtp_tls",
        "true",
        "On any other port: true requires STARTTLS, false sends without encryption.",
    ),
    Variable {
        name: "SLACK_TOKEN",
        aliases: &[],
        sets: "the Slack token",
        comment: "The token of a Slack app (xoxb-...). Another channel's own is SLACK_TOKEN_<ID>, and so for the other secrets.",
        example: "",
        secret: true,
    },
    setting(
        "SLACK_CHANNEL",
        "channels.slack.channel",
        "#alerts",
        "The channel that it writes to: a name or an id. With a token, this switches Slack on.",
    ),
    Variable {
        name: "SLACK_WEBHOOK",
        aliases: &[],
        sets: "the Slack webhook",
        comment: "An incoming webhook of Slack, in the place of token and channel. Switches Slack on.",
        example: "",
        secret: true,
    },
    Variable {
        name: "TELEGRAM_TOKEN",
        aliases: &[],
        sets: "the Telegram token",
        comment: "The token of a Telegram bot, as @BotFather says it.",
        example: "",
        secret: true,
    },
    setting(
        "TELEGRAM_CHAT_ID",
        "channels.telegram.chat_id",
        "-1001234567890",
        "The chat that it writes to: its number, or @name. With a token, this switches Telegram on.",
    ),
    setting(
        "KEYWORDS",
        "watches",
        "nginx, OpenSSL, remote code execution",
        "Terms to watch for, separated by commas, besides those of settings.toml.",
    ),
    setting(
        "DB_PATH",
        "the database's file",
        "/var/lib/tocsin/tocsin.db",
        "Where the database is.",
    ),
    Variable {
        name: "NVD_API_KEY",
        aliases: &[],
        sets: "the NVD API key",
        comment: "A key for NVD's API. Collecting works without; with a key it is faster.",
        example: "",
        secret: true,
    },
    setting(
        "TOCSIN_API_PORT",
        "api.port",
        "8000",
        "The port of the local API; 0 takes any free one.",
    ),
    setting(
        "TOCSIN_KEYRING",
        "the keyring",
        "off",
        "off keeps secrets that are set in the window in .env of the config folder, not in the system's keyring.",
    ),
    setting(
        "TOCSIN_LOG",
        "the log's level",
        "info,tocsin_core=debug",
        "What is logged: off, error, warn, info, debug, trace, or a list by module.",
    ),
    setting(
        "TOCSIN_REPLAY",
        "sources.*.url",
        "http://127.0.0.1:8900",
        "For trying and testing: a replay server that stands in for every built-in source, Slack and Telegram.",
    ),
    setting(
        "TOCSIN_CLOCK_START",
        "the clock",
        "2026-11-22T06:00:00Z",
        "For trying and testing: the moment at which the clock starts; it runs on from there.",
    ),
];

/// Whether Tocsin reads a variable of this name: one of the list, an older name, or a channel's own secret.
#[must_use]
pub(super) fn is_ours(name: &str) -> bool {
    VARIABLES.iter().any(|v| {
        v.name == name || v.aliases.contains(&name) || (v.secret && is_channels_own(v.name, name))
    })
}

/// `SLACK_TOKEN_NIGHT_SHIFT` of `SLACK_TOKEN`.
fn is_channels_own(variable: &str, name: &str) -> bool {
    let id = name
        .strip_prefix(variable)
        .and_then(|rest| rest.strip_prefix('_'));
    let is_id = |id: &str| {
        let mut bytes = id.bytes();
        !id.is_empty() && bytes.all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
    };
    id.is_some_and(is_id)
}

/// The text of `.env.example`.
#[must_use]
pub fn example() -> String {
    let mut text = String::from(
        "# Variables that Tocsin reads, from the environment or from a file `.env` in its config folder.\n\
         # What is set here wins over settings.toml and is shown read-only in the window. Every line is\n\
         # optional. Put single quotes around a value with spaces, $, # or quotes.\n\
         # Made by `cargo xtask env` from crates/core/src/settings/env.rs; do not edit.\n",
    );
    for v in VARIABLES {
        let _ = write!(
            text,
            "\n# {}\n#{}={}\n",
            v.comment,
            v.name,
            quoted(v.example)
        );
    }
    text
}

fn quoted(example: &str) -> String {
    if example.contains([' ', '#']) {
        format!("'{example}'")
    } else {
        example.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::dotenv;

    #[test]
    fn the_example_names_every_variable_and_sets_none() {
        let text = example();
        for v in VARIABLES {
            assert!(text.contains(&format!("\n#{}=", v.name)), "{}", v.name);
        }
        assert!(dotenv::parse(&text).entries.is_empty());
        let uncommented: String = text
            .lines()
            .map(|l| {
                l.strip_prefix('#')
                    .filter(|l| !l.starts_with(' '))
                    .unwrap_or("")
            })
            .collect::<Vec<_>>()
            .join("\n");
        let parsed = dotenv::parse(&uncommented);
        assert_eq!(parsed.entries.len(), VARIABLES.len());
        assert!(parsed.bad_lines.is_empty());
    }
}
