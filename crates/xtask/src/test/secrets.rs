//! No test may print a secret. Every secret of a test holds one word, so all that the tests print, hidden or shown, is
//! looked through for that word. What they leave in files the homes of the tests look through themselves.

/// What every secret of a test holds (`tocsin_replay::SECRET_MARK`, which this crate does not depend on), and the same
/// in base64, as SMTP and HTTP write credentials, wherever it begins.
const MARKS: [&str; 4] = [
    "tocsin-test-secret",
    "dG9jc2luLXRlc3Qtc2VjcmV0",
    "RvY3Npbi10ZXN0LXNlY3Jld",
    "0b2NzaW4tdGVzdC1zZWNyZX",
];

/// Reads output line by line and notes where a secret was printed.
#[derive(Default)]
pub struct Secrets {
    /// The test whose output is being shown.
    test: Option<String>,
    lines: u32,
    first: Option<String>,
}

impl Secrets {
    /// Looks at a line.
    pub fn line(&mut self, line: &str) {
        let text = line.trim();
        if let Some(heading) = text.strip_prefix("---- ") {
            let name = heading.split(' ').next().unwrap_or_default();
            self.test = Some(name.to_owned());
        } else if text == "successes:" || text == "failures:" {
            self.test = None;
        }
        if MARKS.iter().any(|mark| line.contains(mark)) {
            self.lines += 1;
            let test = self.test.clone();
            self.first
                .get_or_insert(test.unwrap_or_else(|| "a test".to_owned()));
        }
    }

    /// What was found, as a sentence that repeats no secret.
    pub fn found(&self) -> Option<String> {
        let first = self.first.as_ref()?;
        let lines = if self.lines == 1 { "line" } else { "lines" };
        Some(format!(
            "a secret was printed ({} {lines}, first by {first})",
            self.lines
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_test_that_printed_a_secret_and_repeats_none() {
        let mut secrets = Secrets::default();
        // Put together here, for this test's own output is looked through as well.
        let secret = MARKS[0].to_owned() + "-mail";
        for line in [
            "test a::b ... ok",
            "successes:",
            "---- a::b stdout ----",
            "logging in",
        ] {
            secrets.line(line);
        }
        assert_eq!(secrets.found(), None);
        secrets.line(&format!("AUTH LOGIN {secret}"));
        secrets.line(&format!("AUTH PLAIN AGEA{}==", MARKS[1]));
        let said = secrets.found().unwrap_or_default();
        assert!(said == "a secret was printed (2 lines, first by a::b)");
    }
}
