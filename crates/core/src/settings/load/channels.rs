//! Reading `[channels.ID]`. Quiet hours are left out for anything that is bad in them but what may pass: they must
//! never silence more than was meant.

use toml_edit::Item;

use super::{check, filled, set};
use crate::model::{ChannelId, DigestTimes, QuietHours, Weekday};
use crate::secrets::in_capitals;
use crate::settings::reader::{Reader, Section};
use crate::settings::schema::{
    ChannelKind, ChannelSettings, EmailSettings, Limits, Settings, SlackSettings, SmtpTls,
    TelegramSettings,
};
use crate::settings::zone;

const KINDS: &str = "it must be desktop, email, slack or telegram";

impl Reader<'_> {
    pub(super) fn channel(
        &mut self,
        id: &str,
        item: &Item,
        parent: &Section,
        settings: &mut Settings,
    ) {
        let path = parent.key(id);
        let Some(mut section) = self.table(&path, item) else {
            return;
        };
        let channel_id = ChannelId(id.to_owned());
        let known = settings.channels.get(&channel_id).cloned();
        let Some(mut channel) = self.of_kind(&mut section, id, item, known) else {
            return;
        };
        if !settings.channels.contains_key(&channel_id)
            && !self.is_usable(&path, item, settings, id)
        {
            return;
        }
        if let Some(name) = self.text(&mut section, "name", check::channel_name) {
            let name = name.trim().to_owned();
            let is_taken = |(other, set): (&ChannelId, &ChannelSettings)| {
                *other != channel_id && check::same_name(&set.name, &name)
            };
            if settings.channels.iter().any(is_taken) {
                let reason = format!("there is a channel with the name \"{name}\" already");
                let at = section.table.get("name").unwrap_or(item);
                self.bad(&section.key("name"), at, &reason);
            } else {
                channel.name = name;
            }
        }
        let enabled = self.flag(&mut section, "enabled");
        set(&mut channel.enabled, enabled);
        let group_s = self.number(&mut section, "group_s");
        set(&mut channel.group_s, group_s);
        let weekly_test = self.flag(&mut section, "weekly_test");
        set(&mut channel.weekly_test, weekly_test);
        if let Some(mut digest) = self.section(&mut section, "digest") {
            channel.digest = self.digest(&mut digest);
        }
        if let Some((key, item)) = section.take("quiet") {
            channel.quiet = self.quiet(&key, item);
        }
        if let Some(mut limits) = self.section(&mut section, "limits") {
            channel.limits = Some(self.limits(&mut limits));
        }
        match &mut channel.kind {
            ChannelKind::Desktop => {}
            ChannelKind::Email(email) => self.email(&mut section, email),
            ChannelKind::Slack(slack) => {
                self.base_url(&mut section, &mut slack.base_url);
                slack.channel = self
                    .text(&mut section, "channel", or_nothing(check::slack_channel))
                    .and_then(filled);
            }
            ChannelKind::Telegram(telegram) => {
                self.base_url(&mut section, &mut telegram.base_url);
                telegram.chat_id = self.chat_id(&mut section);
            }
        }
        self.finish(&section);
        settings.channels.insert(channel_id, channel);
    }

    /// The channel as it is before the file is read; `None` where it is none. That is reported.
    fn of_kind(
        &mut self,
        section: &mut Section,
        id: &str,
        item: &Item,
        known: Option<ChannelSettings>,
    ) -> Option<ChannelSettings> {
        let kind = section.take("kind");
        if let Some(known) = known {
            if let Some((key, item)) = kind.filter(|(_, k)| k.as_str() != Some(known.kind.as_str()))
            {
                let reason = "the kind of a built-in channel cannot be changed";
                self.bad(&key, item, reason);
            }
            return Some(known);
        }
        let Some((key, item)) = kind else {
            let reason = format!("a channel needs a kind: {KINDS}");
            self.bad(&section.key("kind"), item, &reason);
            return None;
        };
        let kind = match item.as_str() {
            Some("desktop") => ChannelKind::Desktop,
            Some("email") => ChannelKind::Email(EmailSettings::default()),
            Some("slack") => ChannelKind::Slack(SlackSettings::default()),
            Some("telegram") => ChannelKind::Telegram(TelegramSettings::default()),
            _ => {
                self.bad(&key, item, KINDS);
                return None;
            }
        };
        Some(ChannelSettings::new(id, kind))
    }

    /// Whether an id can be that of an added channel: the variables of its secrets are named after it.
    fn is_usable(&mut self, path: &str, item: &Item, settings: &Settings, id: &str) -> bool {
        if !check::is_id(id) {
            let reason = "the name of its table must be 1 to 40 letters of a to z, digits, hyphens or underscores";
            self.bad(path, item, reason);
            return false;
        }
        let capitals = in_capitals(&ChannelId(id.to_owned()));
        let twin = settings
            .channels
            .keys()
            .find(|other| in_capitals(other) == capitals);
        if let Some(twin) = twin {
            let reason = format!("its name is too much like that of channels.{twin}");
            self.bad(path, item, &reason);
            return false;
        }
        if settings.channels.len() == check::MOST_CHANNELS {
            let most = check::MOST_CHANNELS;
            self.bad(path, item, &format!("there are at most {most} channels"));
            return false;
        }
        true
    }

    fn base_url(&mut self, section: &mut Section, field: &mut String) {
        if let Some(mut url) = self.text(section, "base_url", check::base_url) {
            if !url.ends_with('/') {
                url.push('/');
            }
            *field = url;
        }
    }

    /// In quotes, or the number as it is.
    fn chat_id(&mut self, section: &mut Section) -> Option<String> {
        if let Some(number) = section.table.get("chat_id").and_then(Item::as_integer) {
            let (path, item) = section.take("chat_id")?;
            let text = number.to_string();
            return match check::chat_id(&text) {
                Ok(()) => {
                    self.seen.insert(path);
                    Some(text)
                }
                Err(fault) => {
                    self.bad(&path, item, &fault.message);
                    None
                }
            };
        }
        self.text(section, "chat_id", or_nothing(check::chat_id))
            .and_then(filled)
    }

    fn limits(&mut self, section: &mut Section) -> Limits {
        let mut limits = Limits {
            gap_ms: 0,
            per_minute: 0,
            per_second: 0,
        };
        for (key, field) in [
            ("gap_ms", &mut limits.gap_ms),
            ("per_minute", &mut limits.per_minute),
            ("per_second", &mut limits.per_second),
        ] {
            let value = self.number(section, key);
            set(field, value);
        }
        self.finish(section);
        limits
    }

    /// A digest without a time that can be used has the usual one.
    pub(super) fn digest(&mut self, section: &mut Section) -> DigestTimes {
        let usual = DigestTimes::default();
        let at = self.list(section, "at", check::time_of_day);
        let at = check::in_order(at.unwrap_or_default());
        let days = self.days(section);
        let zone = self.zone(section);
        self.finish(section);
        DigestTimes {
            at: if at.is_empty() { usual.at } else { at },
            days,
            zone,
        }
    }

    fn quiet(&mut self, path: &str, item: &Item) -> Option<QuietHours> {
        let mut section = self.table(path, item)?;
        let before = self.notices.len();
        let from = self.text(&mut section, "from", check::time_of_day);
        let to = self.text(&mut section, "to", check::time_of_day);
        let days = self.days(&mut section);
        let zone = self.zone(&mut section);
        let mut is_bad = self.notices.len() > before;
        for (key, value) in [("from", &from), ("to", &to)] {
            if section.table.get(key).is_none() {
                let reason = "quiet hours need both from and to";
                self.bad(&section.key(key), item, reason);
                is_bad = true;
            } else {
                is_bad |= value.is_none();
            }
        }
        let mut quiet = QuietHours {
            from: from.unwrap_or_default(),
            to: to.unwrap_or_default(),
            days,
            zone,
            ..QuietHours::default()
        };
        for (key, field) in [
            ("pass_high", &mut quiet.pass_high),
            ("pass_exploited", &mut quiet.pass_exploited),
        ] {
            let value = self.flag(&mut section, key);
            set(field, value);
        }
        self.finish(&section);
        if !is_bad && let Err(fault) = check::quiet(&quiet) {
            self.bad(path, item, &fault.message);
            return None;
        }
        if is_bad {
            let reason = "the quiet hours are left out until that is mended";
            self.bad(path, item, reason);
            return None;
        }
        Some(quiet)
    }

    fn days(&mut self, section: &mut Section) -> Vec<Weekday> {
        let words = self.list(section, "days", check::day).unwrap_or_default();
        let days: Vec<Weekday> = words.iter().filter_map(|w| check::weekday(w)).collect();
        check::days_in_order(&days)
    }

    fn zone(&mut self, section: &mut Section) -> Option<String> {
        let name = self.text(section, "zone", or_nothing(check::time_zone))?;
        zone::canonical(&name)
    }

    fn email(&mut self, section: &mut Section, email: &mut EmailSettings) {
        let host = self.text(section, "smtp_host", check::host);
        set(&mut email.smtp_host, host);
        let port = self.number(section, "smtp_port");
        if let Some(port) = port.and_then(|p| u16::try_from(p).ok()) {
            email.smtp_port = port;
            email.smtp_tls = SmtpTls::for_port(port);
        }
        let tls = self.word(
            section,
            "smtp_tls",
            SmtpTls::parse,
            "starttls, implicit or none",
        );
        set(&mut email.smtp_tls, tls);
        if let Some(user) = self.text(section, "user", check::line) {
            email.user = filled(user);
        }
        if let Some(sender) = self.text(section, "sender", or_nothing(check::address)) {
            email.sender = filled(sender);
        }
        let name = self.text(section, "sender_name", check::line);
        set(&mut email.sender_name, name);
        let recipients = self.list(section, "recipients", check::address);
        set(&mut email.recipients, recipients);
        if let Some(file) = self.text(section, "ca_file", |_| Ok(())) {
            email.ca_file = filled(file);
        }
        let plain = self.flag(section, "allow_plain_auth");
        set(&mut email.allow_plain_auth, plain);
    }
}

/// The check, but that nothing is fine: it clears what was set.
fn or_nothing(
    check: impl Fn(&str) -> Result<(), crate::error::Fault>,
) -> impl Fn(&str) -> Result<(), crate::error::Fault> {
    move |text| {
        if text.trim().is_empty() {
            Ok(())
        } else {
            check(text)
        }
    }
}

#[cfg(test)]
#[path = "channels_tests.rs"]
mod tests;
