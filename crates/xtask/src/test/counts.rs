//! Counting tests from what the test programs print: Rust's own harness and vitest.

/// How many tests passed, failed and were skipped.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Counts {
    pub passed: u32,
    pub failed: u32,
    pub skipped: u32,
}

impl Counts {
    /// Adds another count.
    pub fn add(&mut self, other: Counts) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// Reads output line by line. A test that finds no corpus prints `skipped: why` and returns: Rust calls it passed,
/// this reader calls it skipped. What a test measured it prints as `measured: ...`. To see such lines of tests that
/// passed, the programs run with `--show-output`; the rest of what that shows is hidden.
#[derive(Default)]
pub struct Reader {
    pub counts: Counts,
    /// The names of Rust's tests that failed.
    pub failed: Vec<String>,
    hiding: bool,
    said_skipped: u32,
}

impl Reader {
    /// Counts the line; returns it if it should be shown.
    pub fn line<'a>(&mut self, line: &'a str) -> Option<&'a str> {
        let plain = without_colour(line);
        let text = plain.trim();
        if text.starts_with("skipped: ") {
            self.said_skipped += 1;
            return Some(line);
        }
        if text.starts_with("measured: ") {
            return Some(line);
        }
        if let Some(result) = text.strip_prefix("test result: ") {
            self.hiding = false;
            self.add_rust(result);
            return Some(line);
        }
        if let Some(result) = text.strip_prefix("Tests ") {
            self.counts.add(vitest(result));
            return Some(line);
        }
        if let Some(name) = text
            .strip_prefix("test ")
            .and_then(|t| t.strip_suffix(" ... FAILED"))
        {
            self.failed.push(name.to_string());
        }
        match text {
            "successes:" => self.hiding = true,
            "failures:" => self.hiding = false,
            _ => {}
        }
        (!self.hiding).then_some(line)
    }

    /// `ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s`
    fn add_rust(&mut self, result: &str) {
        let passed = number_before(result, "passed");
        let said = std::mem::take(&mut self.said_skipped).min(passed);
        self.counts.add(Counts {
            passed: passed - said,
            failed: number_before(result, "failed"),
            skipped: number_before(result, "ignored") + said,
        });
    }
}

/// `1 failed | 2 passed | 3 skipped (6)`
fn vitest(result: &str) -> Counts {
    Counts {
        passed: number_before(result, "passed"),
        failed: number_before(result, "failed"),
        skipped: number_before(result, "skipped") + number_before(result, "todo"),
    }
}

fn number_before(text: &str, word: &str) -> u32 {
    let words: Vec<&str> = text
        .split([' ', ';', '|', '.'])
        .filter(|w| !w.is_empty())
        .collect();
    words
        .windows(2)
        .find(|pair| pair[1] == word)
        .and_then(|pair| pair[0].parse().ok())
        .unwrap_or(0)
}

fn without_colour(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find("\u{1b}[") {
        plain.push_str(&rest[..at]);
        rest = rest[at..].split_once('m').map_or("", |(_, after)| after);
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(output: &str) -> (Counts, Vec<&str>) {
        let mut reader = Reader::default();
        let shown = output
            .lines()
            .filter_map(|line| reader.line(line))
            .collect();
        (reader.counts, shown)
    }

    #[test]
    fn adds_the_results_of_rust_and_vitest() {
        let (counts, _) = read(
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s\n\
             test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s\n\
             \u{1b}[2m      Tests \u{1b}[22m \u{1b}[1m\u{1b}[32m12 passed\u{1b}[39m\u{1b}[22m | 1 skipped (13)\n Test Files  2 passed (2)",
        );
        assert_eq!(
            counts,
            Counts {
                passed: 16,
                failed: 2,
                skipped: 2
            }
        );
    }

    #[test]
    fn a_test_that_says_it_was_skipped_did_not_pass() {
        let (counts, shown) = read(
            "running 2 tests\ntest a ... ok\ntest b ... ok\n\nsuccesses:\n\n---- b stdout ----\nskipped: TOCSIN_CORPUS is not set\n\n\
             successes:\n    a\n    b\n\ntest result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0s",
        );
        assert_eq!(
            counts,
            Counts {
                passed: 1,
                failed: 0,
                skipped: 1
            }
        );
        assert!(shown.contains(&"skipped: TOCSIN_CORPUS is not set"));
        assert!(!shown.contains(&"---- b stdout ----"), "{shown:?}");
        assert!(!shown.contains(&"    a"));
    }

    #[test]
    fn what_a_test_measured_is_shown() {
        let (_, shown) = read("successes:\n\n---- b stdout ----\nmeasured: 99.5 %\nmore");
        assert_eq!(shown, ["measured: 99.5 %"]);
    }

    #[test]
    fn failed_tests_are_named() {
        let mut reader = Reader::default();
        for line in ["test a::keeps_it ... ok", "test a::breaks ... FAILED"] {
            reader.line(line);
        }
        assert_eq!(reader.failed, ["a::breaks"]);
    }

    #[test]
    fn what_a_failed_test_printed_is_shown() {
        let (_, shown) = read("successes:\n    a\n\nfailures:\n\n---- b stdout ----\nit broke\n");
        assert!(shown.contains(&"it broke"));
    }
}
