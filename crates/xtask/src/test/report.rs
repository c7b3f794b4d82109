//! What each part came to: a heading when it starts, a table and one last line at the end.

use super::counts::Counts;
use super::jobs::Done;
use crate::cmd::Outcome;
use std::time::{Duration, Instant};

/// How a part ended.
#[derive(PartialEq, Eq, Debug)]
pub enum Ended {
    /// All well.
    Ok(Counts),
    /// It failed; what was counted until then, and the tests that failed.
    Failed(Counts, Vec<String>),
    /// It could not run here, for this reason.
    Skipped(&'static str),
}

impl Ended {
    /// Failed, with nothing to count.
    pub fn failed() -> Self {
        Self::Failed(Counts::default(), Vec::new())
    }
}

/// All parts so far.
#[derive(Default)]
pub struct Report {
    rows: Vec<Row>,
}

struct Row {
    name: &'static str,
    took: Duration,
    ended: Ended,
}

impl Report {
    /// Runs a part under a heading. An error is printed and counts as failed.
    pub fn part(&mut self, name: &'static str, run: impl FnOnce() -> Outcome<Ended>) {
        eprintln!("\n=== {name}");
        let began = Instant::now();
        let ended = run().unwrap_or_else(|why| {
            eprintln!("{}", why.message);
            Ended::failed()
        });
        self.add(name, began.elapsed(), ended);
    }

    /// A part that has ended.
    pub fn add(&mut self, name: &'static str, took: Duration, ended: Ended) {
        if let Ended::Skipped(why) = &ended {
            eprintln!("{name} not run: {why}");
        }
        self.rows.push(Row { name, took, ended });
    }

    /// What the programs of a part came to; its time is the sum of theirs, which ran beside others. Nothing where
    /// there are none.
    pub fn sum_up<'a>(&mut self, name: &'static str, done: impl Iterator<Item = &'a Done>) {
        let mut sum: Option<(Duration, Counts)> = None;
        let mut failed: Option<Vec<String>> = None;
        for done in done {
            let (took, counts) = sum.get_or_insert_default();
            *took += done.took;
            match &done.ended {
                Ok(Ended::Ok(more)) => counts.add(*more),
                // A program that was stopped before it could count is one failed test.
                Ok(Ended::Failed(more, names)) => {
                    counts.add(Counts {
                        failed: more.failed.max(1),
                        ..*more
                    });
                    failed.get_or_insert_default().extend(names.iter().cloned());
                }
                Ok(Ended::Skipped(_)) => {}
                Err(why) => {
                    eprintln!("{}", why.message);
                    counts.failed += 1;
                    failed.get_or_insert_default();
                }
            }
        }
        if let Some((took, counts)) = sum {
            let ended = match failed {
                None => Ended::Ok(counts),
                Some(names) => Ended::Failed(counts, names),
            };
            self.add(name, took, ended);
        }
    }

    /// Runs a preparation, which is mentioned only if it fails or takes a while. Returns whether it went well.
    pub fn silent_part(&mut self, name: &'static str, run: impl FnOnce() -> Outcome) -> bool {
        let began = Instant::now();
        let result = run();
        let took = began.elapsed();
        let ok = result.is_ok();
        if let Err(why) = result {
            eprintln!("\n=== {name}\n{}", why.message);
            self.add(name, took, Ended::failed());
        } else if took > Duration::from_secs(2) {
            self.add(name, took, Ended::Ok(Counts::default()));
        }
        ok
    }

    /// True if any part failed, or if a test did.
    pub fn failed(&self) -> bool {
        self.sum().failed > 0
    }

    /// The table, and on its last line `N passed, N failed[, N skipped]`.
    pub fn table(&self) -> String {
        let mut text = String::from("\n");
        for row in &self.rows {
            let (state, detail) = match &row.ended {
                Ended::Ok(counts) => ("ok", said(*counts)),
                Ended::Failed(counts, _) => ("FAILED", said(*counts)),
                Ended::Skipped(why) => ("skipped", (*why).to_string()),
            };
            let seconds = row.took.as_secs_f64();
            text += format!("{:<10} {seconds:>7.1} s  {state:<8} {detail}", row.name).trim_end();
            text.push('\n');
        }
        for row in &self.rows {
            if let Ended::Failed(_, names) = &row.ended {
                for name in names {
                    text += &format!("\nfailed in {}: {name}", row.name);
                }
            }
        }
        let sum = self.sum();
        text += &format!("\n{} passed, {} failed", sum.passed, sum.failed);
        if sum.skipped > 0 {
            text += &format!(", {} skipped", sum.skipped);
        }
        text + "\n"
    }

    /// A part that failed without a failed test to count (formatting, say) counts as one: the last line must not
    /// say that nothing failed.
    fn sum(&self) -> Counts {
        let mut sum = Counts::default();
        for row in &self.rows {
            match &row.ended {
                Ended::Ok(counts) => sum.add(*counts),
                Ended::Failed(counts, _) => sum.add(Counts {
                    failed: counts.failed.max(1),
                    ..*counts
                }),
                Ended::Skipped(_) => {}
            }
        }
        sum
    }
}

fn said(counts: Counts) -> String {
    let mut said = Vec::new();
    for (number, word) in [
        (counts.passed, "passed"),
        (counts.failed, "failed"),
        (counts.skipped, "skipped"),
    ] {
        if number > 0 {
            said.push(format!("{number} {word}"));
        }
    }
    said.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cmd::failure;

    fn counts(passed: u32, failed: u32, skipped: u32) -> Counts {
        Counts {
            passed,
            failed,
            skipped,
        }
    }

    #[test]
    fn the_last_line_sums_all_parts() {
        let mut report = Report::default();
        report.part("core", || Ok(Ended::Ok(counts(40, 0, 2))));
        report.part("ui", || Ok(Ended::Ok(counts(2, 0, 0))));
        assert_eq!(
            report.table().lines().last(),
            Some("42 passed, 0 failed, 2 skipped")
        );
        assert!(!report.failed());
    }

    #[test]
    fn a_part_that_fails_without_tests_counts_as_one() {
        let mut report = Report::default();
        report.part("fmt", || Err(failure("not formatted")));
        report.part("core", || {
            Ok(Ended::Failed(counts(1, 2, 0), vec!["a::b".into()]))
        });
        assert_eq!(report.table().lines().last(), Some("1 passed, 3 failed"));
        assert!(report.table().contains("\nfailed in core: a::b\n"));
        assert!(report.failed());
    }

    #[test]
    fn programs_of_a_part_are_summed_up() {
        let done = |part, ended| Done {
            part,
            took: Duration::from_secs(2),
            ended,
        };
        let mut report = Report::default();
        let core = [
            done("core", Ok(Ended::Ok(counts(3, 0, 1)))),
            done("core", Ok(Ended::Ok(counts(2, 0, 0)))),
        ];
        report.sum_up("core", core.iter());
        assert_eq!(
            report.table().lines().last(),
            Some("5 passed, 0 failed, 1 skipped")
        );
        assert!(report.table().contains("core           4.0 s  ok"));
        let stopped = [
            done("e2e", Ok(Ended::Failed(counts(1, 0, 0), Vec::new()))),
            done("e2e", Err(failure("gone"))),
        ];
        report.sum_up("e2e", stopped.iter());
        report.sum_up("ui", [].iter());
        assert_eq!(
            report.table().lines().last(),
            Some("6 passed, 2 failed, 1 skipped")
        );
        assert!(!report.table().contains("ui  "));
    }

    #[test]
    fn a_skipped_part_says_why() {
        let mut report = Report::default();
        report.part("ui", || Ok(Ended::Skipped("there is no UI here yet")));
        assert!(report.table().contains("skipped  there is no UI here yet"));
        assert!(!report.failed());
    }
}
