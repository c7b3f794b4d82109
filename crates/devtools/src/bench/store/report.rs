//! What the store's benchmark found: a table for people with bound and verdict, one JSON object for
//! machines.

use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Everything that was measured, in order.
#[derive(Default)]
pub struct Report {
    parts: Vec<Part>,
    faults: usize,
}

struct Part {
    title: String,
    entries: Vec<Entry>,
}

enum Entry {
    Value(Value),
    Note(String),
}

struct Value {
    name: String,
    unit: &'static str,
    value: f64,
    most: Option<f64>,
}

impl Report {
    /// What follows belongs under this title.
    pub fn part(&mut self, title: impl Into<String>) {
        self.parts.push(Part {
            title: title.into(),
            entries: Vec::new(),
        });
    }

    /// A value without a bound.
    pub fn value(&mut self, name: impl Into<String>, unit: &'static str, value: f64) {
        self.push(name.into(), unit, value, None);
    }

    /// A value that may be so much at most.
    pub fn bounded(&mut self, name: impl Into<String>, unit: &'static str, value: f64, most: f64) {
        self.push(name.into(), unit, value, Some(most));
    }

    /// Words for people.
    pub fn note(&mut self, text: impl Into<String>) {
        self.entry(Entry::Note(text.into()));
    }

    /// Something that could not be measured, and why.
    pub fn fault(&mut self, what: &str, why: &str) {
        self.faults += 1;
        self.note(format!("FAULT {what}: {why}"));
    }

    fn push(&mut self, name: String, unit: &'static str, value: f64, most: Option<f64>) {
        self.entry(Entry::Value(Value {
            name: format!("store.{name}"),
            unit,
            value,
            most,
        }));
    }

    fn entry(&mut self, entry: Entry) {
        if self.parts.is_empty() {
            self.part("");
        }
        if let Some(part) = self.parts.last_mut() {
            part.entries.push(entry);
        }
    }

    fn values(&self) -> impl Iterator<Item = &Value> {
        let entries = self.parts.iter().flat_map(|part| &part.entries);
        entries.filter_map(|entry| match entry {
            Entry::Value(value) => Some(value),
            Entry::Note(_) => None,
        })
    }

    fn failed(&self) -> usize {
        self.values().filter(|v| v.is_over()).count()
    }

    /// The table.
    pub fn print(&self) {
        for part in &self.parts {
            println!("\n{}", part.title);
            for entry in &part.entries {
                match entry {
                    Entry::Value(value) => println!("{}", value.line()),
                    Entry::Note(text) => println!("    {text}"),
                }
            }
        }
        println!(
            "\n{} bounds are broken, {} parts could not be measured",
            self.failed(),
            self.faults
        );
    }

    /// `{name: value}`, with how many bounds are broken and how many parts could not be measured.
    pub fn to_json(&self) -> BTreeMap<String, f64> {
        #[allow(clippy::cast_precision_loss)]
        let number = |n: usize| n as f64;
        self.values()
            .map(|v| (v.name.clone(), v.value))
            .chain([
                ("store.bounds_broken".to_owned(), number(self.failed())),
                ("store.faults".to_owned(), number(self.faults)),
            ])
            .collect()
    }
}

impl Value {
    fn is_over(&self) -> bool {
        // What is no number keeps no bound.
        let is_within = |most: f64| self.value.partial_cmp(&most).is_some_and(Ordering::is_le);
        self.most.is_some_and(|most| !is_within(most))
    }

    fn line(&self) -> String {
        let verdict = match self.most {
            None => String::new(),
            Some(most) => format!(
                "at most {most:>7.1}  {}",
                if self.is_over() { "FAILS" } else { "ok" }
            ),
        };
        let line = format!(
            "  {:<44} {:>12.2} {:<10} {verdict}",
            self.name, self.value, self.unit
        );
        line.trim_end().to_owned()
    }
}

/// Measured times of one thing, milliseconds.
#[derive(Clone, Default)]
pub struct Times(Vec<f64>);

impl Times {
    pub fn push(&mut self, ms: f64) {
        self.0.push(ms);
    }

    pub fn extend(&mut self, other: &Self) {
        self.0.extend(&other.0);
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The smallest value that so many hundredths of all do not exceed; NaN where there is none.
    pub fn percentile(&self, hundredths: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let rank = (sorted.len() * hundredths).div_ceil(100);
        sorted
            .get(rank.saturating_sub(1))
            .copied()
            .unwrap_or(f64::NAN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_measured() {
        let mut times = Times::default();
        assert!(times.percentile(50).is_nan());
        for n in 1..=200 {
            times.push(f64::from(n));
        }
        assert_eq!(times.percentile(50), 100.0);
        assert_eq!(times.percentile(99), 198.0);
    }

    #[test]
    fn a_bound_that_is_broken_is_counted() {
        let mut report = Report::default();
        report.bounded("a", "ms", 1.0, 2.0);
        report.bounded("b", "ms", 3.0, 2.0);
        report.bounded("c", "ms", f64::NAN, 2.0);
        assert_eq!(report.failed(), 2);
    }
}
