//! Lists of tables, each named by one of its keys, whether they are written as `[[views]]` or as a plain
//! list, `views = [{ ... }]`. Names are compared without letter case; the first of a name counts.

use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, TableLike, Value};

use super::sequence::Sequence;
use super::wrong_shape;
use crate::error::Fault;
use crate::settings::check;

/// A list by its key, with the key that names its tables.
pub(super) struct NamedTables {
    pub(super) key: &'static str,
    pub(super) name: &'static str,
}

impl NamedTables {
    /// Where a table is in the list, from 0.
    pub(super) fn position(&self, document: &DocumentMut, name: &str) -> Option<usize> {
        let is_it = |table: &dyn TableLike| {
            let own = table.get(self.name).and_then(Item::as_str);
            own.is_some_and(|own| check::same_name(own, name))
        };
        match document.get(self.key)? {
            Item::ArrayOfTables(list) => list.iter().position(|t| is_it(t)),
            Item::Value(Value::Array(list)) => list
                .iter()
                .position(|v| v.as_inline_table().is_some_and(|t| is_it(t))),
            _ => None,
        }
    }

    pub(super) fn get_mut<'d>(
        &self,
        document: &'d mut DocumentMut,
        name: &str,
    ) -> Option<&'d mut dyn TableLike> {
        let at = self.position(document, name)?;
        match document.get_mut(self.key)? {
            Item::ArrayOfTables(list) => list.get_mut(at).map(|t| t as &mut dyn TableLike),
            Item::Value(Value::Array(list)) => {
                let table = list.get_mut(at)?.as_inline_table_mut()?;
                Some(table as &mut dyn TableLike)
            }
            _ => None,
        }
    }

    /// Adds a table as the last.
    pub(super) fn push(&self, document: &mut DocumentMut, table: Table) -> Result<(), Fault> {
        match document.get_mut(self.key) {
            None => {
                let mut list = ArrayOfTables::new();
                list.push(table);
                document.insert(self.key, Item::ArrayOfTables(list));
            }
            Some(Item::ArrayOfTables(list)) => list.push(table),
            Some(Item::Value(Value::Array(list))) => {
                let mut sequence = Sequence::of_values(list);
                sequence.push(Value::InlineTable(table.into_inline_table()));
                sequence.into_values(list);
            }
            Some(_) => return Err(wrong_shape(self.key)),
        }
        Ok(())
    }

    /// Removes a table; false where there is none of that name.
    pub(super) fn remove(&self, document: &mut DocumentMut, name: &str) -> bool {
        let Some(at) = self.position(document, name) else {
            return false;
        };
        match document.get_mut(self.key) {
            Some(Item::ArrayOfTables(list)) => {
                let mut sequence = Sequence::of_tables(list);
                sequence.remove(at);
                let left = std::mem::take(&mut sequence.end);
                sequence.into_tables(None, list);
                if list.is_empty() {
                    document.remove(self.key);
                }
                add_at_end(document, &left);
            }
            Some(Item::Value(Value::Array(list))) => {
                let mut sequence = Sequence::of_values(list);
                sequence.remove(at);
                sequence.into_values(list);
            }
            _ => {}
        }
        true
    }

    /// Moves a table from one place of the list to another.
    pub(super) fn shift(&self, document: &mut DocumentMut, from: usize, to: usize) {
        match document.get_mut(self.key) {
            Some(Item::ArrayOfTables(list)) => {
                // Tables are written by their position, not in the list's order.
                let order: Vec<_> = list.iter().map(Table::position).collect();
                let mut sequence = Sequence::of_tables(list);
                sequence.shift(from, to);
                sequence.into_tables(Some(&order), list);
            }
            Some(Item::Value(Value::Array(list))) => {
                let mut sequence = Sequence::of_values(list);
                sequence.shift(from, to);
                sequence.into_values(list);
            }
            _ => {}
        }
    }
}

pub(super) fn add_at_end(document: &mut DocumentMut, comment: &str) {
    let trailing = document.trailing().as_str().unwrap_or_default().to_owned();
    document.set_trailing(format!("{comment}{trailing}"));
}
