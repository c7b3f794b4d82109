//! The tables of a list with the comments around them, so that one can be moved or taken away without
//! those of its neighbours.
//!
//! A comment directly above a table, or behind it in its line, is about that table and goes with it. One
//! that stands apart (an empty line between them) stays where it is, and so do the empty lines.

use toml_edit::{Array, ArrayOfTables, Decor, Item, Table, Value};

/// Tables in their order.
pub(super) struct Sequence<T> {
    places: Vec<Place>,
    entries: Vec<Entry<T>>,
    /// What stands behind the last one.
    pub(super) end: String,
}

/// What stays when the table moves.
#[derive(Clone)]
struct Place {
    apart: String,
    indent: String,
}

/// A table with the comments about it.
struct Entry<T> {
    above: String,
    table: T,
    behind: String,
}

impl<T> Sequence<T> {
    pub(super) fn shift(&mut self, from: usize, to: usize) {
        let entry = self.entries.remove(from);
        self.entries.insert(to, entry);
    }

    pub(super) fn remove(&mut self, at: usize) {
        self.entries.remove(at);
        let gone = self.places.remove(at);
        let kept = gone.apart.contains('#');
        match self.places.get_mut(at) {
            Some(next) if kept && next.apart.contains('#') => {
                let below = next.apart.trim_start_matches(['\r', '\n']);
                next.apart = format!("{}\n\n{below}", gone.apart.trim_end());
            }
            Some(next) if kept => *next = gone,
            // The first of a list in one line begins as the first did.
            Some(next) if at == 0 && next.apart.is_empty() => *next = gone,
            None if kept => self.end = format!("{}\n{}", gone.apart.trim_end(), self.end),
            _ => {}
        }
    }

    fn empty() -> Self {
        Self {
            places: Vec::new(),
            entries: Vec::new(),
            end: String::new(),
        }
    }

    fn add(&mut self, prefix: &str, table: T) {
        let (apart, above, indent) = split(prefix);
        self.places.push(Place {
            apart: apart.to_owned(),
            indent: indent.to_owned(),
        });
        self.entries.push(Entry {
            above: above.to_owned(),
            table,
            behind: String::new(),
        });
    }
}

impl Sequence<Table> {
    pub(super) fn of_tables(list: &ArrayOfTables) -> Self {
        let mut sequence = Self::empty();
        for table in list {
            sequence.add(&prefix_of(table.decor()), table.clone());
        }
        sequence
    }

    /// `order`: where the tables are in the file; without it, each stays where it was.
    pub(super) fn into_tables(self, order: Option<&[Option<isize>]>, list: &mut ArrayOfTables) {
        list.clear();
        for (i, (place, entry)) in self.places.into_iter().zip(self.entries).enumerate() {
            let mut table = entry.table;
            let Place { apart, indent } = place;
            table
                .decor_mut()
                .set_prefix(format!("{apart}{}{indent}", entry.above));
            if let Some(Some(position)) = order.and_then(|o| o.get(i)) {
                set_position(&mut table, *position);
            }
            list.push(table);
        }
    }
}

impl Sequence<Value> {
    pub(super) fn of_values(list: &Array) -> Self {
        let mut sequence = Self::empty();
        for value in list {
            let prefix = sequence.hand_back(&prefix_of(value.decor()));
            // A comment behind the bracket is about the list.
            let is_first = sequence.entries.is_empty();
            let line = prefix.find('\n').filter(|_| is_first).map_or(0, |n| n + 1);
            sequence.add(&prefix[line..], value.clone());
            if let Some(place) = sequence.places.last_mut() {
                place.apart.insert_str(0, &prefix[..line]);
            }
        }
        let mut end = list.trailing().as_str().unwrap_or_default().to_owned();
        if let Some(last) = sequence
            .entries
            .last_mut()
            .filter(|_| !list.trailing_comma())
        {
            let decor = last.table.decor_mut();
            let suffix = decor.suffix().and_then(|s| s.as_str()).unwrap_or_default();
            end.insert_str(0, suffix);
            decor.set_suffix("");
        }
        sequence.end = sequence.hand_back(&end);
        sequence
    }

    /// Adds one as the last, on a line of its own where the others have one.
    pub(super) fn push(&mut self, table: Value) {
        let prefix = match self.places.last() {
            None => String::new(),
            Some(last) if last.apart.contains('\n') => format!("\n{}", last.indent),
            Some(_) => " ".to_owned(),
        };
        self.add(&prefix, table);
    }

    pub(super) fn into_values(self, list: &mut Array) {
        list.clear();
        let mut behind = String::new();
        for (i, (place, entry)) in self.places.into_iter().zip(self.entries).enumerate() {
            let Place { apart, indent } = place;
            let on_own_line = i > 0 && !(behind.is_empty() && entry.above.is_empty());
            let line = if on_own_line && !breaks_line(&apart) {
                "\n"
            } else {
                ""
            };
            let mut value = entry.table;
            value
                .decor_mut()
                .set_prefix(format!("{behind}{line}{apart}{}{indent}", entry.above));
            behind = entry.behind;
            list.push_formatted(value);
        }
        let line = if behind.is_empty() || breaks_line(&self.end) {
            ""
        } else {
            "\n"
        };
        list.set_trailing(format!("{behind}{line}{}", self.end));
    }

    /// A comment behind a table is in the text before the next: gives it back and returns the rest.
    fn hand_back(&mut self, text: &str) -> String {
        let line = text.split('\n').next().unwrap_or_default();
        let line = line.trim_end_matches('\r');
        match self.entries.last_mut() {
            Some(last) if line.contains('#') => {
                last.behind = line.to_owned();
                text[line.len()..].to_owned()
            }
            _ => text.to_owned(),
        }
    }
}

/// The text before a table or a value.
pub(super) fn prefix_of(decor: &Decor) -> String {
    let prefix = decor.prefix().and_then(|p| p.as_str());
    prefix.unwrap_or_default().to_owned()
}

/// What outlives a table of the text before it: the comment that stands apart.
pub(super) fn kept_comment(prefix: &str) -> Option<String> {
    let (apart, ..) = split(prefix);
    apart
        .contains('#')
        .then(|| format!("{}\n", apart.trim_end()))
}

/// The text before a table: what stands apart, the comment directly above, the indentation.
fn split(prefix: &str) -> (&str, &str, &str) {
    let mut start = 0;
    let mut end = 0;
    for line in prefix.split_inclusive('\n').filter(|l| l.ends_with('\n')) {
        end += line.len();
        if line.trim().is_empty() {
            start = end;
        }
    }
    (&prefix[..start], &prefix[start..end], &prefix[end..])
}

fn breaks_line(text: &str) -> bool {
    text.starts_with('\n') || text.starts_with("\r\n")
}

/// Puts a table with all below it at one place of the file: tables of one place keep their order.
fn set_position(table: &mut Table, position: isize) {
    table.set_position(position);
    for (_, item) in table.iter_mut() {
        match item {
            Item::Table(below) => set_position(below, position),
            Item::ArrayOfTables(list) => {
                list.iter_mut().for_each(|t| set_position(t, position));
            }
            _ => {}
        }
    }
}
