//! Reading `[rules.ID]`. A rule whose query cannot be read is kept and off: without its query it would send
//! everything. What else is bad costs itself alone.

use toml_edit::Item;

use super::{check, set};
use crate::error::Fault;
use crate::model::{ChannelId, DigestTimes, Rule, RuleId, Trigger, When};
use crate::settings::reader::{Reader, Section};
use crate::settings::schema::Settings;

impl Reader<'_> {
    pub(super) fn rule(
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
        let rule_id = RuleId(id.to_owned());
        let known = settings.rules.get(&rule_id).cloned();
        let is_new = known.is_none();
        if is_new && !self.is_usable_rule(&path, item, settings, id) {
            return;
        }
        let mut rule = known.unwrap_or_else(|| Rule {
            name: id.to_owned(),
            ..Rule::default()
        });
        if let Some(name) = self.text(&mut section, "name", check::rule_name) {
            let name = name.trim().to_owned();
            let is_taken = |(other, set): (&RuleId, &Rule)| {
                *other != rule_id && check::same_name(&set.name, &name)
            };
            if settings.rules.iter().any(is_taken) {
                let reason = format!("there is a rule with the name \"{name}\" already");
                let at = section.table.get("name").unwrap_or(item);
                self.bad(&section.key("name"), at, &reason);
            } else {
                rule.name = name;
            }
        }
        let enabled = self.flag(&mut section, "enabled");
        set(&mut rule.enabled, enabled);
        let watches = self.list(&mut section, "watches", check::rule_watch);
        let watches = watches.map(|all| all.iter().map(|w| w.trim().to_owned()).collect());
        set(&mut rule.watches, watches);
        if section.table.get("min_severity").is_some() {
            rule.min_severity = self.word(
                &mut section,
                "min_severity",
                check::severity,
                "low, medium or high",
            );
        }
        let changes = self.triggers(&mut section);
        set(&mut rule.changes, changes);
        self.rule_channels(&mut section, settings, &mut rule);
        if is_new && section.table.get("channels").is_none() {
            let reason = "a rule needs at least one channel that it sends to";
            self.bad(&section.key("channels"), item, reason);
        }
        if let Some(when) = self.when(&mut section) {
            rule.when = when;
        }
        for (key, field) in [
            ("per_hour", &mut rule.per_hour),
            ("per_day", &mut rule.per_day),
        ] {
            let value = self.number(&mut section, key);
            set(field, value);
        }
        self.rule_query(&mut section, &mut rule);
        self.finish(&section);
        settings.rules.insert(rule_id, rule);
    }

    fn is_usable_rule(&mut self, path: &str, item: &Item, settings: &Settings, id: &str) -> bool {
        if !check::is_id(id) {
            let reason = "the name of its table must be 1 to 40 letters of a to z, digits, hyphens or underscores";
            self.bad(path, item, reason);
            return false;
        }
        if settings.rules.len() == check::MOST_RULES {
            let most = check::MOST_RULES;
            self.bad(path, item, &format!("there are at most {most} rules"));
            return false;
        }
        true
    }

    fn rule_query(&mut self, section: &mut Section, rule: &mut Rule) {
        let Some((path, item)) = section.take("query") else {
            return;
        };
        let reason = match item.as_str() {
            None => "it must be text in quotes".to_owned(),
            Some(text) => {
                text.trim().clone_into(&mut rule.query);
                match check::query(text) {
                    Ok(()) => return,
                    Err(fault) => fault.message,
                }
            }
        };
        let reason = reason.trim_end_matches('.');
        self.bad(
            &path,
            item,
            &format!(
                "{reason}. The rule \"{}\" is off until that is mended",
                rule.name
            ),
        );
        rule.enabled = false;
    }

    /// Each once.
    fn triggers(&mut self, section: &mut Section) -> Option<Vec<Trigger>> {
        let known = |word: &str| match Trigger::parse(word) {
            Some(_) => Ok(()),
            None => {
                let words = super::lists::one_of(&Trigger::ALL.map(Trigger::as_str));
                Err(Fault::new(
                    "change_unknown",
                    format!("{word:?} is no change: it must be {words}"),
                ))
            }
        };
        let words = self.list(section, "changes", known)?;
        Some(check::each_once(
            words.iter().filter_map(|word| Trigger::parse(word)),
        ))
    }

    /// A channel that is not there is kept, since it may come back, and reported.
    fn rule_channels(&mut self, section: &mut Section, settings: &Settings, rule: &mut Rule) {
        let Some((path, item)) = section.take("channels") else {
            return;
        };
        let Some(array) = item.as_array() else {
            self.bad(&path, item, "it must be a list of texts: [\"a\", \"b\"]");
            return;
        };
        let mut channels: Vec<ChannelId> = Vec::new();
        for value in array {
            let at = value.span().map(|s| s.start);
            let id = value.as_str().map(str::trim).unwrap_or_default();
            if id.is_empty() {
                self.bad_at(&path, at, "every entry must be a channel's id in quotes");
                continue;
            }
            let id = ChannelId(id.to_owned());
            if id.0 != "*" && !settings.channels.contains_key(&id) {
                let line = self.line(at);
                let name = &rule.name;
                let fault = Fault::new(
                    "rule_channel_unknown",
                    format!("The rule \"{name}\" names the channel {id}, which is not there."),
                );
                self.notices.push(
                    fault
                        .with("key", &path)
                        .with("line", line)
                        .with("rule", name)
                        .with("channel", &id),
                );
            }
            if !channels.contains(&id) {
                channels.push(id);
            }
        }
        rule.channels = channels;
    }

    /// `when = "now"`, `when = "digest"` (at the usual time), or a table `digest` with its times.
    fn when(&mut self, section: &mut Section) -> Option<When> {
        let word = self.word(
            section,
            "when",
            |word| matches!(word, "now" | "digest").then(|| word == "digest"),
            "now or digest",
        );
        let times = self.section(section, "digest");
        let times = times.map(|mut table| self.digest(&mut table));
        match (word, times) {
            (Some(false), _) => Some(When::Now),
            (_, Some(times)) => Some(When::Digest { times }),
            (Some(true), None) => Some(When::Digest {
                times: DigestTimes::default(),
            }),
            (None, None) => None,
        }
    }
}

/// A rule that waits for a watch that is no more never hears of anything.
pub(super) fn report_unknown_watches(settings: &Settings, notices: &mut Vec<Fault>) {
    for (id, rule) in settings.rules.iter().filter(|(_, rule)| rule.enabled) {
        let is_unknown = |term: &&String| {
            let mut known = settings.watches.iter();
            *term != "*" && !known.any(|w| check::same_name(&w.watch.term, term))
        };
        for term in rule.watches.iter().filter(is_unknown) {
            let name = &rule.name;
            let fault = Fault::new(
                "rule_watch_unknown",
                format!("The rule \"{name}\" names the watch \"{term}\", which is not there."),
            );
            notices.push(
                fault
                    .with("key", format!("rules.{id}.watches"))
                    .with("rule", name)
                    .with("term", term),
            );
        }
    }
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
