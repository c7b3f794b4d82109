//! The parts of `cargo xtask test`, their order, and how they are named.

/// What a part does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Formatting.
    Fmt,
    /// Lints of the whole workspace.
    Clippy,
    /// The rules of `tidy` that need no build.
    Tidy,
    /// Types of the UI.
    UiCheck,
    /// Unit tests of the UI.
    UiTest,
    /// Generated files are fresh: needs devtools.
    Generated,
    /// The tests of one package that needs no window.
    Crate(&'static str),
    /// Examples in the documentation.
    Doc,
    /// The tests in the real window.
    Window,
}

/// A part and its name on the command line.
#[derive(Debug)]
pub struct Part {
    pub name: &'static str,
    pub kind: Kind,
}

impl Part {
    /// True if the part runs what `cargo test --no-run` has built.
    pub fn uses_programs(&self) -> bool {
        matches!(self.kind, Kind::Generated | Kind::Crate(_) | Kind::Window)
    }

    /// True if its programs run beside those of other parts: they wait more than they work.
    pub fn runs_beside_others(&self) -> bool {
        matches!(
            self.kind,
            Kind::UiCheck | Kind::UiTest | Kind::Crate(_) | Kind::Window
        )
    }
}

/// The parts whose programs take longest, the longest first.
pub const LONGEST: [&str; 4] = ["e2e", "tocsind", "ui", "core"];

/// Cheap first, so that a slip shows early.
pub const PARTS: &[Part] = &[
    Part {
        name: "fmt",
        kind: Kind::Fmt,
    },
    Part {
        name: "clippy",
        kind: Kind::Clippy,
    },
    Part {
        name: "tidy",
        kind: Kind::Tidy,
    },
    Part {
        name: "ui-check",
        kind: Kind::UiCheck,
    },
    Part {
        name: "ui",
        kind: Kind::UiTest,
    },
    Part {
        name: "generated",
        kind: Kind::Generated,
    },
    Part {
        name: "analysis",
        kind: Kind::Crate("tocsin-analysis"),
    },
    Part {
        name: "training",
        kind: Kind::Crate("tocsin-training"),
    },
    Part {
        name: "core",
        kind: Kind::Crate("tocsin-core"),
    },
    Part {
        name: "replay",
        kind: Kind::Crate("tocsin-replay"),
    },
    Part {
        name: "devtools",
        kind: Kind::Crate("tocsin-devtools"),
    },
    Part {
        name: "tocsind",
        kind: Kind::Crate("tocsind"),
    },
    Part {
        name: "xtask",
        kind: Kind::Crate("xtask"),
    },
    Part {
        name: "doc",
        kind: Kind::Doc,
    },
    Part {
        name: "e2e",
        kind: Kind::Window,
    },
];

/// The parts named by `words`, in the order of [`PARTS`]; all of them if there are no words.
/// The error is a sentence that names the parts there are.
pub fn choose(words: &[String]) -> Result<Vec<&'static Part>, String> {
    for word in words {
        if !PARTS.iter().any(|part| names(word, part)) {
            let known: Vec<&str> = PARTS.iter().map(|part| part.name).collect();
            return Err(format!(
                "there is no part `{word}`; there are: {}, and rust",
                known.join(", ")
            ));
        }
    }
    Ok(PARTS
        .iter()
        .filter(|part| words.is_empty() || words.iter().any(|word| names(word, part)))
        .collect())
}

fn names(word: &str, part: &Part) -> bool {
    match word {
        "rust" => matches!(part.kind, Kind::Crate(_) | Kind::Doc),
        "tidy" => matches!(part.kind, Kind::Tidy | Kind::Generated),
        _ => word == part.name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(words: &str) -> Vec<&'static str> {
        let words: Vec<String> = words.split_whitespace().map(str::to_string).collect();
        choose(&words)
            .unwrap()
            .into_iter()
            .map(|part| part.name)
            .collect()
    }

    #[test]
    fn parts_run_in_their_own_order() {
        assert_eq!(chosen("core fmt"), ["fmt", "core"]);
        assert_eq!(chosen("").len(), PARTS.len());
    }

    #[test]
    fn rust_stands_for_the_crates_without_a_window() {
        assert_eq!(
            chosen("rust"),
            [
                "analysis", "training", "core", "replay", "devtools", "tocsind", "xtask", "doc"
            ]
        );
        assert_eq!(chosen("tidy"), ["tidy", "generated"]);
    }

    #[test]
    fn an_unknown_part_names_those_there_are() {
        assert!(
            choose(&["cor".into()])
                .unwrap_err()
                .contains("analysis, training, core")
        );
    }
}
