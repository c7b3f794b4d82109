//! What the environment sets, laid over the file's settings. Every key that it sets is remembered with
//! its variable, so that the window can show it read-only.

use std::collections::BTreeSet;

use super::env::bad_value;
use super::schema::{ChannelKind, EmailSettings, Settings, SmtpTls, SourceKind, WatchSettings};
use super::{Environment, check, presets};
use crate::error::Fault;
use crate::model::{ChannelId, SourceId, Watch};

/// Lays the environment over the settings. `in_file` are the keys that the user's file sets.
pub(super) fn apply(
    settings: &mut Settings,
    environment: &Environment,
    in_file: &BTreeSet<String>,
    notices: &mut Vec<Fault>,
) {
    let mut overlay = Overlay {
        environment,
        in_file,
        notices,
        set: Vec::new(),
    };
    overlay.email(settings);
    overlay.slack(settings);
    overlay.telegram(settings);
    overlay.keywords(settings);
    overlay.api(settings);
    overlay.replay(settings);
    settings.from_environment = overlay.set.into_iter().collect();
}

struct Overlay<'a> {
    environment: &'a Environment,
    in_file: &'a BTreeSet<String>,
    notices: &'a mut Vec<Fault>,
    set: Vec<(String, String)>,
}

impl Overlay<'_> {
    fn email(&mut self, settings: &mut Settings) {
        let Some(channel) = settings.channels.get_mut(&ChannelId("email".to_owned())) else {
            return;
        };
        let ChannelKind::Email(email) = &mut channel.kind else {
            return;
        };
        if let Some(user) = self.checked("EMAIL_USER", check::line) {
            self.mark("channels.email.user", "EMAIL_USER");
            email.user = Some(user);
        }
        if let Some(sender) = self.checked("EMAIL_SENDER", check::address) {
            self.mark("channels.email.sender", "EMAIL_SENDER");
            email.sender = Some(sender);
        }
        if let Some(name) = self.checked("EMAIL_SENDER_NAME", check::line) {
            self.mark("channels.email.sender_name", "EMAIL_SENDER_NAME");
            email.sender_name = name;
        }
        if let Some(host) = self.checked("SMTP_SERVER", check::host) {
            self.mark("channels.email.smtp_host", "SMTP_SERVER");
            email.smtp_host = host;
        }
        self.port_and_tls(email);
        let has_destination = self.recipients(email);
        let has_secret = self.environment.get("EMAIL_PASS").is_some();
        // Not marked: the user may switch it off, in the file or in the window.
        if has_destination && has_secret && !self.in_file.contains("channels.email.enabled") {
            channel.enabled = true;
        }
    }

    /// Port 465 is encrypted from the start whatever else is said; elsewhere `SMTP_USE_TLS` decides.
    fn port_and_tls(&mut self, email: &mut EmailSettings) {
        let port = self.environment.get("SMTP_PORT").map(|text| {
            let port = text
                .parse()
                .ok()
                .and_then(|n| check::range("smtp_port", n, 1, 65_535).ok());
            port.and_then(|p| u16::try_from(p).ok())
        });
        match port {
            Some(Some(port)) => {
                self.mark("channels.email.smtp_port", "SMTP_PORT");
                email.smtp_port = port;
                if port == 465 {
                    self.mark("channels.email.smtp_tls", "SMTP_PORT");
                    email.smtp_tls = SmtpTls::Implicit;
                } else if !self.in_file.contains("channels.email.smtp_tls") {
                    email.smtp_tls = SmtpTls::for_port(port);
                }
            }
            Some(None) => self.bad("SMTP_PORT", "it must be a port, from 1 to 65535"),
            None => {}
        }
        let Some(text) = self.environment.get("SMTP_USE_TLS") else {
            return;
        };
        let Some(use_tls) = truth(text) else {
            self.bad("SMTP_USE_TLS", "it must be true or false");
            return;
        };
        self.mark("channels.email.smtp_tls", "SMTP_USE_TLS");
        email.smtp_tls = match (email.smtp_port, use_tls) {
            (465, _) => SmtpTls::Implicit,
            (_, true) => SmtpTls::Starttls,
            (_, false) => SmtpTls::None,
        };
        // Who says "no encryption" for a server on this very machine means the password too: it
        // leaves no machine, and the environment has no other name for that leave.
        if email.smtp_tls == SmtpTls::None && is_loopback(&email.smtp_host) {
            self.mark("channels.email.allow_plain_auth", "SMTP_USE_TLS");
            email.allow_plain_auth = true;
        }
    }

    fn recipients(&mut self, email: &mut EmailSettings) -> bool {
        let Some(text) = self.environment.get("EMAIL_RECIPIENTS") else {
            return false;
        };
        let mut recipients = Vec::new();
        for entry in entries(text) {
            match check::address(entry) {
                Ok(()) => recipients.push(entry.to_owned()),
                Err(_) => self.bad(
                    "EMAIL_RECIPIENTS",
                    "one of its entries is not an e-mail address; the others are used",
                ),
            }
        }
        if recipients.is_empty() {
            return false;
        }
        self.mark("channels.email.recipients", "EMAIL_RECIPIENTS");
        email.recipients = recipients;
        true
    }

    fn slack(&mut self, settings: &mut Settings) {
        let Some(channel) = settings.channels.get_mut(&ChannelId("slack".to_owned())) else {
            return;
        };
        let ChannelKind::Slack(slack) = &mut channel.kind else {
            return;
        };
        let destination = self.checked("SLACK_CHANNEL", check::slack_channel);
        let has_destination = destination.is_some();
        if let Some(name) = destination {
            self.mark("channels.slack.channel", "SLACK_CHANNEL");
            slack.channel = Some(name);
        }
        let has_token = self.environment.get("SLACK_TOKEN").is_some();
        // A webhook is both. One that the window wrote waits for a good test, as it would in the keyring.
        let has_webhook = self.environment.get("SLACK_WEBHOOK").is_some()
            && !self.environment.is_by_window("SLACK_WEBHOOK");
        let is_whole = has_token && has_destination || has_webhook;
        if is_whole && !self.in_file.contains("channels.slack.enabled") {
            channel.enabled = true;
        }
    }

    fn telegram(&mut self, settings: &mut Settings) {
        let Some(channel) = settings.channels.get_mut(&ChannelId("telegram".to_owned())) else {
            return;
        };
        let ChannelKind::Telegram(telegram) = &mut channel.kind else {
            return;
        };
        let Some(chat) = self.checked("TELEGRAM_CHAT_ID", check::chat_id) else {
            return;
        };
        self.mark("channels.telegram.chat_id", "TELEGRAM_CHAT_ID");
        telegram.chat_id = Some(chat);
        let has_token = self.environment.get("TELEGRAM_TOKEN").is_some();
        if has_token && !self.in_file.contains("channels.telegram.enabled") {
            channel.enabled = true;
        }
    }

    fn keywords(&mut self, settings: &mut Settings) {
        for term in entries(self.environment.get("KEYWORDS").unwrap_or_default()) {
            if let Err(fault) = check::term(term) {
                self.bad(
                    "KEYWORDS",
                    &format!("one of its entries: {}", fault.message),
                );
                continue;
            }
            let is_known = |w: &WatchSettings| check::same_name(&w.watch.term, term);
            if settings.watches.iter().any(is_known) {
                continue;
            }
            settings.watches.push(WatchSettings {
                watch: Watch {
                    term: term.to_owned(),
                    ..Watch::default()
                },
                from_environment: true,
            });
        }
    }

    fn api(&mut self, settings: &mut Settings) {
        let Some(text) = self.environment.get("TOCSIN_API_PORT") else {
            return;
        };
        match text.parse() {
            Ok(port) => {
                self.mark("api.port", "TOCSIN_API_PORT");
                settings.api.port = port;
            }
            Err(_) => self.bad("TOCSIN_API_PORT", "it must be a port, from 0 to 65535"),
        }
    }

    fn replay(&mut self, settings: &mut Settings) {
        let base = match self.environment.replay() {
            Ok(Some(base)) => base,
            Ok(None) => return,
            Err(fault) => {
                self.notices.push(fault);
                return;
            }
        };
        for (id, path) in [
            ("nvd", "/rest/json/cves/2.0"),
            ("thehackernews", "/TheHackersNews"),
            ("owasp", "/Top10/2025/"),
            ("owasp-api", "/API-Security/editions/2023/en/0x11-t10/"),
            (
                "kev",
                "/sites/default/files/feeds/known_exploited_vulnerabilities.json",
            ),
            ("epss", "/epss_scores-current.csv.gz"),
            ("cisa", "/cybersecurity-advisories/all.xml"),
        ] {
            let key = format!("sources.{id}.url");
            let Some(source) = settings.sources.get_mut(&SourceId::new(id)) else {
                continue;
            };
            if self.in_file.contains(&key) {
                continue;
            }
            source.url = format!("{base}{path}");
            source.allow_private = true;
            self.mark(&key, "TOCSIN_REPLAY");
            self.mark(&format!("sources.{id}.allow_private"), "TOCSIN_REPLAY");
            if let SourceKind::Kev(kev) = &mut source.kind
                && !self.in_file.contains("sources.kev.mirror")
            {
                kev.mirror =
                    format!("{base}/cisagov/kev-data/develop/known_exploited_vulnerabilities.json");
                self.mark("sources.kev.mirror", "TOCSIN_REPLAY");
            }
            if let SourceKind::Nvd(nvd) = &mut source.kind {
                nvd.pause_ms = Some(0);
                nvd.backoff_ms = 0;
                self.mark("sources.nvd.pause_ms", "TOCSIN_REPLAY");
                self.mark("sources.nvd.backoff_ms", "TOCSIN_REPLAY");
            }
        }
        self.replay_presets(settings, &base);
        self.replay_services(settings, &base);
    }

    /// Slack and Telegram, added channels too: what is tried on a replay must not reach anybody.
    fn replay_services(&mut self, settings: &mut Settings, base: &str) {
        for (id, channel) in &mut settings.channels {
            let key = format!("channels.{id}.base_url");
            let url = match &mut channel.kind {
                ChannelKind::Slack(slack) => Some((&mut slack.base_url, "slack/api/")),
                ChannelKind::Telegram(telegram) => Some((&mut telegram.base_url, "telegram/")),
                ChannelKind::Desktop | ChannelKind::Email(_) => None,
            };
            if let Some((url, path)) = url.filter(|_| !self.in_file.contains(&key)) {
                *url = format!("{base}/{path}");
                self.set.push((key, "TOCSIN_REPLAY".to_owned()));
            }
        }
    }

    /// Feeds of the catalogue, as long as they have its addresses, are the replay's `/presets/<id>`.
    fn replay_presets(&mut self, settings: &mut Settings, base: &str) {
        for (id, source) in &mut settings.sources {
            let known = presets::find(id).filter(|known| known.url == source.url);
            if let Some(known) = known {
                source.url = format!("{base}/presets/{}", known.id);
                source.allow_private = true;
                self.mark(&format!("sources.{id}.url"), "TOCSIN_REPLAY");
                self.mark(&format!("sources.{id}.allow_private"), "TOCSIN_REPLAY");
            }
        }
    }

    fn checked(&mut self, name: &str, check: impl Fn(&str) -> Result<(), Fault>) -> Option<String> {
        let text = self.environment.get(name)?;
        match check(text) {
            Ok(()) => Some(text.to_owned()),
            Err(fault) => {
                // An address's own fault quotes it; a variable's value is not repeated.
                let reason = if fault.params.is_empty() {
                    fault.message
                } else {
                    "its form is wrong".to_owned()
                };
                self.bad(name, &reason);
                None
            }
        }
    }

    fn mark(&mut self, key: &str, variable: &str) {
        self.set.push((key.to_owned(), variable.to_owned()));
    }

    fn bad(&mut self, variable: &str, reason: &str) {
        self.notices.push(bad_value(variable, reason));
    }
}

/// The entries of a comma-separated list. An empty entry is none.
fn entries(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|e| !e.is_empty())
}

fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.eq_ignore_ascii_case("localhost")
        || bare
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
}
