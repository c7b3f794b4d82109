//! Edits of the channels: changing one, adding and removing one, its quiet hours.

use toml_edit::{Array, Item, TableLike, Value};

use super::{Editor, list_value, number_value, put_or_remove};
use crate::error::Fault;
use crate::model::{ChannelId, DigestTimes, QuietHours, Weekday};
use crate::secrets::in_capitals;
use crate::settings::edit::ChannelFields;
use crate::settings::{check, schema, zone};

/// The kinds that have a setting which not all have.
const OWN_SETTINGS: [(&str, &[&str]); 12] = [
    ("base_url", &["slack", "telegram"]),
    ("channel", &["slack"]),
    ("chat_id", &["telegram"]),
    ("smtp_host", &["email"]),
    ("smtp_port", &["email"]),
    ("smtp_tls", &["email"]),
    ("user", &["email"]),
    ("sender", &["email"]),
    ("sender_name", &["email"]),
    ("ca_file", &["email"]),
    ("recipients", &["email"]),
    ("allow_plain_auth", &["email"]),
];

impl Editor<'_> {
    pub(super) fn set_channel(&mut self, id: &ChannelId, f: &ChannelFields) -> Result<(), Fault> {
        let Some(set) = self.settings.channels.get(id) else {
            return Err(unknown(id));
        };
        let (name, kind) = (set.name.clone(), set.kind.as_str());
        let mut changes: Vec<(&str, Value)> = Vec::new();
        if let Some(name) = &f.name {
            check::channel_name(name)?;
            self.free_channel_name(name, Some(id))?;
            changes.push(("name", name.trim().into()));
        }
        changes.extend(f.enabled.map(|on| ("enabled", on.into())));
        if let Some(group_s) = f.group_s {
            changes.push(("group_s", number_value("group_s", group_s)?));
        }
        changes.extend(f.weekly_test.map(|on| ("weekly_test", on.into())));
        service_changes(f, &mut changes)?;
        mail_changes(f, &mut changes)?;
        if let Some(times) = &f.digest {
            check::digest(times)?;
        }
        for (key, _) in &changes {
            let owner = OWN_SETTINGS.iter().find(|(own, _)| own == key);
            if owner.is_some_and(|(_, kinds)| !kinds.contains(&kind)) {
                return Err(Fault::new(
                    "channel_lacks_setting",
                    format!("{name} has no setting {key}."),
                )
                .with("channel", id)
                .with("name", &name)
                .with("key", key));
            }
        }
        self.put_all(&["channels", &id.0], changes)?;
        if let Some(times) = &f.digest {
            self.put_table(&["channels", &id.0], "digest", digest_values(times))?;
        }
        Ok(())
    }

    pub(super) fn set_quiet_hours(
        &mut self,
        id: &ChannelId,
        quiet: Option<&QuietHours>,
    ) -> Result<(), Fault> {
        if !self.settings.channels.contains_key(id) {
            return Err(unknown(id));
        }
        let Some(quiet) = quiet else {
            if let Some(table) = self.table_mut("channels", &id.0) {
                table.remove("quiet");
            }
            return Ok(());
        };
        check::quiet(quiet)?;
        let passes = |on: bool| (!on).then(|| false.into());
        self.put_table(
            &["channels", &id.0],
            "quiet",
            vec![
                ("from", Some(quiet.from.as_str().into())),
                ("to", Some(quiet.to.as_str().into())),
                ("days", days_value(&quiet.days)),
                ("zone", zone_value(quiet.zone.as_deref())),
                ("pass_high", passes(quiet.pass_high)),
                ("pass_exploited", passes(quiet.pass_exploited)),
            ],
        )
    }

    pub(super) fn add_channel(&mut self, name: &str, kind: &str) -> Result<(), Fault> {
        check::channel_name(name)?;
        if !matches!(kind, "email" | "slack" | "telegram") {
            return Err(Fault::new(
                "channel_kind_invalid",
                "A channel that is added is of the kind email, slack or telegram.",
            )
            .with("kind", kind));
        }
        self.free_channel_name(name, None)?;
        if self.settings.channels.len() >= check::MOST_CHANNELS {
            return Err(too_many(
                "too_many_channels",
                "channels",
                check::MOST_CHANNELS,
            ));
        }
        let is_taken = |id: &str| {
            let capitals = in_capitals(&ChannelId(id.to_owned()));
            let mut known = self.settings.channels.keys();
            known.any(|other| in_capitals(other) == capitals) || self.is_in_file("channels", id)
        };
        let id = super::free_id(name, kind, is_taken);
        self.put_all(
            &["channels", &id],
            vec![("kind", kind.into()), ("name", name.trim().into())],
        )
    }

    /// Rules that name it do so no longer.
    pub(super) fn remove_channel(&mut self, id: &ChannelId) -> Result<(), Fault> {
        if schema::is_built_in_channel(id) {
            return Err(Fault::new(
                "channel_built_in",
                "This channel is part of Tocsin and cannot be removed. Switch it off instead.",
            )
            .with("channel", id));
        }
        if !self.remove_table("channels", &id.0) {
            return Err(unknown(id));
        }
        let rules = self.document.get_mut("rules");
        let Some(rules) = rules.and_then(Item::as_table_like_mut) else {
            return Ok(());
        };
        for (_, rule) in rules.iter_mut() {
            let channels = rule
                .as_table_like_mut()
                .and_then(|rule| rule.get_mut("channels"))
                .and_then(Item::as_array_mut);
            if let Some(channels) = channels {
                channels.retain(|value| value.as_str().map(str::trim) != Some(id.0.as_str()));
            }
        }
        Ok(())
    }

    fn free_channel_name(&self, name: &str, but: Option<&ChannelId>) -> Result<(), Fault> {
        let mut others = self
            .settings
            .channels
            .iter()
            .filter(|(id, _)| Some(*id) != but);
        if others.any(|(_, set)| check::same_name(&set.name, name)) {
            let name = name.trim();
            return Err(Fault::new(
                "channel_exists",
                format!("There is a channel \"{name}\" already."),
            )
            .with("name", name));
        }
        Ok(())
    }
}

fn service_changes(f: &ChannelFields, changes: &mut Vec<(&str, Value)>) -> Result<(), Fault> {
    if let Some(url) = &f.base_url {
        check::base_url(url.trim())?;
        changes.push(("base_url", url.trim().into()));
    }
    for (key, text, check) in [
        (
            "channel",
            &f.channel,
            check::slack_channel as fn(&str) -> Result<(), Fault>,
        ),
        ("chat_id", &f.chat_id, check::chat_id),
    ] {
        if let Some(text) = text {
            if !text.trim().is_empty() {
                check(text)?;
            }
            changes.push((key, text.trim().into()));
        }
    }
    Ok(())
}

fn mail_changes(f: &ChannelFields, changes: &mut Vec<(&str, Value)>) -> Result<(), Fault> {
    if let Some(host) = &f.smtp_host {
        check::host(host)?;
        changes.push(("smtp_host", host.as_str().into()));
    }
    if let Some(port) = f.smtp_port {
        changes.push(("smtp_port", number_value("smtp_port", port)?));
    }
    changes.extend(f.smtp_tls.map(|tls| ("smtp_tls", tls.as_str().into())));
    if let Some(sender) = f.sender.as_deref().filter(|s| !s.trim().is_empty()) {
        check::address(sender)?;
    }
    for (key, text) in [
        ("user", &f.user),
        ("sender", &f.sender),
        ("sender_name", &f.sender_name),
        ("ca_file", &f.ca_file),
    ] {
        if let Some(text) = text {
            check::line(text)?;
            changes.push((key, text.trim().into()));
        }
    }
    if let Some(recipients) = &f.recipients {
        recipients.iter().try_for_each(|r| check::address(r))?;
        changes.push(("recipients", list_value(recipients)));
    }
    changes.extend(f.allow_plain_auth.map(|on| ("allow_plain_auth", on.into())));
    Ok(())
}

/// The keys of a digest's table.
pub(super) fn digest_values(times: &DigestTimes) -> Vec<(&'static str, Option<Value>)> {
    let at = check::in_order(times.at.clone());
    vec![
        ("at", Some(list_value(&at))),
        ("days", days_value(&times.days)),
        ("zone", zone_value(times.zone.as_deref())),
    ]
}

fn days_value(days: &[Weekday]) -> Option<Value> {
    let days = check::days_in_order(days);
    let words = days.iter().map(|day| check::weekday_word(*day));
    (!days.is_empty()).then(|| Value::Array(words.collect::<Array>()))
}

fn zone_value(name: Option<&str>) -> Option<Value> {
    name.and_then(zone::canonical).map(Value::from)
}

/// Writes these keys into a table and takes out those without a value.
pub(super) fn put_values(table: &mut dyn TableLike, values: Vec<(&'static str, Option<Value>)>) {
    for (key, value) in values {
        put_or_remove(table, key, value);
    }
}

pub(super) fn too_many(code: &str, what: &str, most: usize) -> Fault {
    Fault::new(
        code,
        format!("There are at most {most} {what}. Remove one first."),
    )
    .with("most", most)
}

fn unknown(id: &ChannelId) -> Fault {
    Fault::new("channel_unknown", format!("There is no channel {id}.")).with("channel", id)
}
