//! Reading a command's arguments: flags, options with a value, and words. Plain std: a parser crate would double
//! the time that xtask takes to build.

use crate::cmd::{Failure, Outcome};
use crate::usage;

/// What follows the command's name. Take what is known, then call [`Args::finish`] or [`Args::words`].
pub struct Args {
    command: &'static str,
    words: Vec<String>,
    after_dashes: Vec<String>,
}

impl Args {
    /// `words` without the command's own name. What follows `--` is kept apart.
    pub fn new(command: &'static str, mut words: Vec<String>) -> Self {
        let after_dashes = match words.iter().position(|w| w == "--") {
            Some(at) => words.split_off(at).split_off(1),
            None => Vec::new(),
        };
        Self {
            command,
            words,
            after_dashes,
        }
    }

    /// True if the flag was given; takes it.
    pub fn flag(&mut self, name: &str) -> bool {
        let before = self.words.len();
        self.words.retain(|w| w != name);
        self.words.len() != before
    }

    /// The value of `--name VALUE` or `--name=VALUE`; an error if the value is missing.
    pub fn option(&mut self, name: &str) -> Result<Option<String>, Failure> {
        match self.optional_value(name) {
            Some(Some(value)) => Ok(Some(value)),
            Some(None) => Err(usage(self.command, &format!("{name} needs a value"))),
            None => Ok(None),
        }
    }

    /// `None`: not given. `Some(None)`: given without a value.
    pub fn optional_value(&mut self, name: &str) -> Option<Option<String>> {
        let with_equals = format!("{name}=");
        let at = self
            .words
            .iter()
            .position(|w| w == name || w.starts_with(&with_equals))?;
        let word = self.words.remove(at);
        if let Some(value) = word.strip_prefix(&with_equals) {
            return Some(Some(value.to_string()));
        }
        let has_value = self
            .words
            .get(at)
            .is_some_and(|next| !next.starts_with('-'));
        Some(has_value.then(|| self.words.remove(at)))
    }

    /// What followed `--`; takes it.
    pub fn after_dashes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.after_dashes)
    }

    /// The remaining words; an error if an unknown flag is among them.
    pub fn words(self) -> Result<Vec<String>, Failure> {
        if let Some(flag) = self.words.iter().find(|w| w.starts_with('-')) {
            return Err(usage(
                self.command,
                &format!("`{}` does not know the flag {flag}", self.command),
            ));
        }
        if let Some(word) = self.after_dashes.first() {
            return Err(usage(
                self.command,
                &format!("`{}` passes nothing on after `--` ({word})", self.command),
            ));
        }
        Ok(self.words)
    }

    /// Every word that is left, unchecked, for a command that passes them on.
    pub fn everything(mut self) -> Vec<String> {
        let mut all = self.words;
        all.append(&mut self.after_dashes);
        all
    }

    /// An error if anything is left.
    pub fn finish(self) -> Outcome {
        let command = self.command;
        match self.words()?.first() {
            Some(word) => Err(usage(
                command,
                &format!("`{command}` does not know what to do with {word:?}"),
            )),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(line: &str) -> Args {
        Args::new("run", line.split_whitespace().map(str::to_string).collect())
    }

    #[test]
    fn takes_flags_and_leaves_words() {
        let mut a = args("core --full tidy");
        assert!(a.flag("--full"));
        assert!(!a.flag("--full"));
        assert_eq!(a.words().unwrap(), ["core", "tidy"]);
    }

    #[test]
    fn an_optional_value_may_be_left_out() {
        assert_eq!(args("--release").optional_value("--replay"), None);
        assert_eq!(
            args("--replay --release").optional_value("--replay"),
            Some(None)
        );
        assert_eq!(
            args("--replay /data --release").optional_value("--replay"),
            Some(Some("/data".into()))
        );
        assert_eq!(
            args("--replay=/data").optional_value("--replay"),
            Some(Some("/data".into()))
        );
    }

    #[test]
    fn an_option_without_its_value_is_an_error() {
        assert!(args("--data-dir").option("--data-dir").is_err());
        assert_eq!(
            args("--data-dir x")
                .option("--data-dir")
                .unwrap()
                .as_deref(),
            Some("x")
        );
    }

    #[test]
    fn words_after_the_dashes_are_kept_apart() {
        let mut a = args("--release -- --release now");
        assert!(a.flag("--release"));
        assert_eq!(a.after_dashes(), ["--release", "now"]);
        assert!(a.finish().is_ok());
    }

    #[test]
    fn an_unknown_flag_is_an_error() {
        assert!(args("--fast").finish().is_err());
        assert!(args("word").finish().is_err());
    }
}
