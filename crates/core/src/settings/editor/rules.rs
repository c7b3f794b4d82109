//! Edits of the rules. What is as it was at first is not written, so that a built-in rule that nobody changed
//! follows Tocsin.

use toml_edit::{Array, Item, Table, TableLike, Value};

use super::channels::{digest_values, put_values, too_many};
use super::{Editor, list_value, number_value, put_or_remove, put_value};
use crate::error::Fault;
use crate::model::{Rule, RuleId, When};
use crate::settings::check;
use crate::settings::schema::built_in_rules;

impl Editor<'_> {
    pub(super) fn add_rule(&mut self, rule: &Rule) -> Result<(), Fault> {
        self.check_rule(rule, None)?;
        if self.settings.rules.len() >= check::MOST_RULES {
            return Err(too_many("too_many_rules", "rules", check::MOST_RULES));
        }
        let is_taken = |id: &str| {
            let id = RuleId(id.to_owned());
            self.settings.rules.contains_key(&id) || self.is_in_file("rules", &id.0)
        };
        let id = super::free_id(&rule.name, "rule", is_taken);
        self.put_rule(&RuleId(id), rule)
    }

    pub(super) fn set_rule(&mut self, id: &RuleId, rule: &Rule) -> Result<(), Fault> {
        if !self.settings.rules.contains_key(id) {
            return Err(unknown(id));
        }
        self.check_rule(rule, Some(id))?;
        self.put_rule(id, rule)
    }

    pub(super) fn remove_rule(&mut self, id: &RuleId) -> Result<(), Fault> {
        let is_built_in = built_in(id).is_some();
        if !self.remove_table("rules", &id.0) && !is_built_in {
            return Err(unknown(id));
        }
        Ok(())
    }

    fn check_rule(&self, rule: &Rule, id: Option<&RuleId>) -> Result<(), Fault> {
        check::rule(rule)?;
        let mut others = self
            .settings
            .rules
            .iter()
            .filter(|(other, _)| Some(*other) != id);
        if others.any(|(_, other)| check::same_name(&other.name, &rule.name)) {
            let name = rule.name.trim();
            return Err(Fault::new(
                "rule_exists",
                format!("There is a rule \"{name}\" already."),
            )
            .with("name", name));
        }
        // One that it names already may be gone for a while.
        let before = id.and_then(|id| self.settings.rules.get(id));
        let is_there = |channel| {
            self.settings.channels.contains_key(channel)
                || before.is_some_and(|before| before.channels.contains(channel))
        };
        match rule.channels.iter().find(|c| c.0 != "*" && !is_there(c)) {
            Some(id) => Err(
                Fault::new("channel_unknown", format!("There is no channel {id}."))
                    .with("channel", id),
            ),
            None => Ok(()),
        }
    }

    fn put_rule(&mut self, id: &RuleId, rule: &Rule) -> Result<(), Fault> {
        let first = built_in(id).unwrap_or_default();
        let caps = [
            (
                "per_hour",
                number_value("per_hour", rule.per_hour)?,
                rule.per_hour == first.per_hour,
            ),
            (
                "per_day",
                number_value("per_day", rule.per_day)?,
                rule.per_day == first.per_day,
            ),
        ];
        let table = self.table_at(&["rules", &id.0])?;
        let list = |texts: Vec<&str>| Value::Array(texts.into_iter().collect::<Array>());
        let changes = check::each_once(rule.changes.iter().copied());
        let channels: Vec<&str> = rule.channels.iter().map(|c| c.0.as_str()).collect();
        for (key, value, is_first) in [
            (
                "name",
                rule.name.trim().into(),
                rule.name.trim() == first.name,
            ),
            (
                "enabled",
                rule.enabled.into(),
                rule.enabled == first.enabled,
            ),
            (
                "query",
                rule.query.trim().into(),
                rule.query.trim() == first.query,
            ),
            (
                "watches",
                list_value(&rule.watches),
                rule.watches == first.watches,
            ),
            (
                "changes",
                list(changes.iter().map(|c| c.as_str()).collect()),
                changes == first.changes,
            ),
            ("channels", list(channels), rule.channels == first.channels),
        ]
        .into_iter()
        .chain(caps)
        {
            if !is_first || table.contains_key(key) {
                put_value(table, key, value);
            }
        }
        let severity = rule.min_severity.map(check::severity_word).map(Value::from);
        put_or_remove(table, "min_severity", severity);
        put_when(table, &rule.when);
        Ok(())
    }
}

/// `digest` alone says both: when, and that it is one.
fn put_when(table: &mut dyn TableLike, when: &When) {
    table.remove("when");
    let When::Digest { times } = when else {
        table.remove("digest");
        return;
    };
    match table.get_mut("digest").and_then(Item::as_table_like_mut) {
        Some(digest) => put_values(digest, digest_values(times)),
        None => {
            let mut digest = Table::new();
            put_values(&mut digest, digest_values(times));
            put_value(
                table,
                "digest",
                Value::InlineTable(digest.into_inline_table()),
            );
        }
    }
}

fn built_in(id: &RuleId) -> Option<Rule> {
    let mut all = built_in_rules().into_iter();
    all.find(|(known, _)| *known == id.0).map(|(_, rule)| rule)
}

fn unknown(id: &RuleId) -> Fault {
    Fault::new("rule_unknown", format!("There is no rule {id}.")).with("rule", id)
}
