//! What the measurements of the queries come to: percentiles with their bounds, the slowest, growth.

use std::collections::BTreeMap;

use tocsin_core::query::node::Node;
use tocsin_core::store::list::MOST_RANKED;

use super::table::{Class, Finds};
use super::{Found, Measured, read};
use crate::bench::store::report::{Report, Times};

impl Found {
    fn all(&self, times: impl Fn(&Measured) -> &Times) -> Times {
        let mut all = Times::default();
        for measured in &self.measured {
            all.extend(times(measured));
        }
        all
    }

    fn sorted(&self, times: impl Fn(&Measured) -> &BTreeMap<&'static str, Times>) -> Times {
        let mut all = Times::default();
        for measured in self.measured.iter().flat_map(|m| times(m).values()) {
            all.extend(measured);
        }
        all
    }

    /// All of it.
    pub fn report(&self, report: &mut Report) {
        let name = self.name;
        report.note(format!(
            "{} alerts, {} queries",
            self.alerts,
            self.measured.len()
        ));
        let pages = [
            ("cold", self.all(|m| &m.page_cold)),
            ("warm", self.all(|m| &m.page_warm)),
        ];
        for (how, times) in pages {
            report.value(format!("{name}.page.{how}.p50"), "ms", times.percentile(50));
            report.bounded(
                format!("{name}.page.{how}.p99"),
                "ms",
                times.percentile(99),
                15.0,
            );
        }
        let sorted = [
            ("cold", self.sorted(|m| &m.sorted_cold)),
            ("warm", self.sorted(|m| &m.sorted_warm)),
        ];
        for (how, times) in sorted {
            report.value(
                format!("{name}.sorted.{how}.p50"),
                "ms",
                times.percentile(50),
            );
            report.bounded(
                format!("{name}.sorted.{how}.p99"),
                "ms",
                times.percentile(99),
                60.0,
            );
        }
        let counts = [
            ("cold", self.all(|m| &m.count_cold)),
            ("warm", self.all(|m| &m.count_warm)),
        ];
        for (how, times) in counts {
            report.bounded(
                format!("{name}.count.{how}.p50"),
                "ms",
                times.percentile(50),
                50.0,
            );
            report.bounded(
                format!("{name}.count.{how}.p99"),
                "ms",
                times.percentile(99),
                150.0,
            );
        }
        self.report_ranks(report);
        self.report_slowest(report);
        self.report_oddities(report);
    }

    /// A query of words alone that finds more than are ranked must say so.
    fn report_ranks(&self, report: &mut Report) {
        let common = self
            .measured
            .iter()
            .filter(|m| m.query.class == Class::Text && m.count as usize > MOST_RANKED);
        let common: Vec<&Measured> = common
            .filter(|m| {
                !read(m.query.text)
                    .unwrap_or(Node::everything())
                    .texts()
                    .is_empty()
            })
            .collect();
        let silent = common.iter().filter(|m| m.ranked.is_none()).count();
        report.note(format!(
            "ranking by text was bounded for {} of {} queries that find more than {MOST_RANKED}",
            common.len() - silent,
            common.len()
        ));
        #[allow(clippy::cast_precision_loss)]
        report.bounded(
            format!("{}.sorted.bounded_unsaid", self.name),
            "queries",
            silent as f64,
            0.0,
        );
    }

    fn report_slowest(&self, report: &mut Report) {
        let mut slowest = |what: &str, of: &dyn Fn(&Measured) -> Option<(String, f64)>| {
            let mut all: Vec<(f64, String, &Measured)> = self
                .measured
                .iter()
                .filter_map(|m| of(m).map(|(how, ms)| (ms, how, m)))
                .collect();
            all.sort_by(|a, b| b.0.total_cmp(&a.0));
            for (ms, how, m) in all.into_iter().take(5) {
                report.note(format!(
                    "slow {what}: {ms:>8.2} ms  {}{how}  ({} found)",
                    m.query.text, m.count
                ));
            }
        };
        slowest("page  ", &|m| {
            Some((String::new(), m.page_cold.percentile(50)))
        });
        slowest("sorted", &|m| {
            m.slowest_sort()
                .map(|(sort, ms)| (format!(" by {sort}"), ms))
        });
        slowest("count ", &|m| {
            Some((String::new(), m.count_cold.percentile(50)))
        });
    }

    /// A query that finds nothing, or far more or less than it is here for, measures something else.
    fn report_oddities(&self, report: &mut Report) {
        for m in &self.measured {
            let is_odd = match m.query.finds {
                Finds::Many => m.count < self.alerts / 500,
                Finds::Few => m.count == 0 || m.count > self.alerts / 50,
            };
            if is_odd {
                report.note(format!("odd: {} finds {}", m.query.text, m.count));
            }
        }
    }
}

/// Times below this are taken for this: what is left is the way there and back.
const NOISE_MS: f64 = 0.2;
/// For ten times the data.
const MOST_GROWTH: f64 = 3.0;

/// How much longer ten times the data takes, where the answer is of the same size.
pub fn growth(small: &Found, large: &Found, report: &mut Report) {
    report.part(format!(
        "growth from {} to {} alerts: medians of queries whose answer is as large (times under {NOISE_MS} ms count as {NOISE_MS} ms)",
        small.alerts, large.alerts
    ));
    let pairs: Vec<(&Measured, &Measured)> = small
        .measured
        .iter()
        .filter_map(|s| {
            let l = large
                .measured
                .iter()
                .find(|l| l.query.text == s.query.text)?;
            Some((s, l))
        })
        .collect();
    for class in Class::ALL {
        let same_page = pairs
            .iter()
            .filter(|(s, l)| s.query.class == class && s.rows == l.rows);
        let factors: Vec<f64> = same_page
            .map(|(s, l)| factor(&s.page_cold, &l.page_cold))
            .collect();
        median(report, &format!("growth.page.{class}"), factors);
    }
    let sorted = pairs.iter().filter(|(s, l)| s.rows == l.rows);
    let factors = sorted
        .flat_map(|(s, l)| {
            let by = |sort| Some(factor(s.sorted_cold.get(sort)?, l.sorted_cold.get(sort)?));
            s.sorted_cold.keys().filter_map(move |sort| by(*sort))
        })
        .collect();
    median(report, "growth.sorted", factors);
    let same_count = pairs.iter().filter(|(s, l)| l.count < s.count * 2);
    let factors = same_count
        .map(|(s, l)| factor(&s.count_cold, &l.count_cold))
        .collect();
    median(report, "growth.count_of_as_many", factors);
}

fn factor(small: &Times, large: &Times) -> f64 {
    large.percentile(50).max(NOISE_MS) / small.percentile(50).max(NOISE_MS)
}

fn median(report: &mut Report, name: &str, factors: Vec<f64>) {
    if factors.is_empty() {
        report.note(format!("{name}: no query has an answer of the same size"));
        return;
    }
    let mut all = Times::default();
    factors.iter().for_each(|f| all.push(*f));
    report.bounded(name, "x", all.percentile(50), MOST_GROWTH);
    report.note(format!(
        "{} queries, the worst {:.1} x",
        all.len(),
        all.percentile(100)
    ));
}
