//! What must be in a text for a regex to match: one of a few literals. They are looked for in the one scan of
//! all watches, so that a regex costs nothing where none of them is. (The idea is that of RE2's
//! `FilteredRE2`.)

use regex_syntax::hir::{Class, Hir, HirKind};

use crate::fold::fold_term;

/// A literal that is shorter is in nearly every text.
const SHORTEST: usize = 2;
/// Literals of one regex; with more of them it is looked for in every text.
const MOST: usize = 64;
/// Characters of a class that count as literals.
const MOST_OF_CLASS: usize = 16;

/// What is known of a part of a regex. Literals are folded.
#[derive(Default)]
struct Known {
    /// All that it matches, where that is few.
    exact: Option<Vec<String>>,
    /// One of these is in all that it matches.
    required: Option<Vec<String>>,
}

/// Literals of which one is in every text that the regex matches, folded as texts are for watches; `None`
/// where there are none.
pub(super) fn required(hir: &Hir) -> Option<Vec<String>> {
    let known = look(hir);
    let exact = known.exact.and_then(usable);
    better(exact, known.required)
}

fn look(hir: &Hir) -> Known {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => exactly(vec![String::new()]),
        HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
            Ok(text) => exactly(vec![text.to_owned()]),
            Err(_) => Known::default(),
        },
        HirKind::Class(class) => of_class(class).map_or_else(Known::default, exactly),
        HirKind::Capture(capture) => look(&capture.sub),
        HirKind::Repetition(repetition) => {
            let sub = look(&repetition.sub);
            match (repetition.min, repetition.max) {
                (1, Some(1)) => sub,
                (0, Some(1)) => {
                    let exact = sub.exact.map(|mut all| {
                        all.push(String::new());
                        all
                    });
                    Known {
                        exact,
                        required: None,
                    }
                }
                (0, _) => Known::default(),
                _ => Known {
                    exact: None,
                    required: better(sub.exact.and_then(usable), sub.required),
                },
            }
        }
        HirKind::Concat(parts) => concat(parts),
        HirKind::Alternation(parts) => alternation(parts),
    }
}

fn exactly(all: Vec<String>) -> Known {
    Known {
        exact: Some(all),
        required: None,
    }
}

/// The characters of a small class, each once as it is folded.
fn of_class(class: &Class) -> Option<Vec<String>> {
    let Class::Unicode(class) = class else {
        return None;
    };
    let count: usize = class
        .iter()
        .map(regex_syntax::hir::ClassUnicodeRange::len)
        .sum();
    if count == 0 || count > MOST_OF_CLASS {
        return None;
    }
    let mut all: Vec<String> = class
        .iter()
        .flat_map(|range| range.start()..=range.end())
        .map(crate::fold::fold_char)
        .collect();
    all.sort_unstable();
    all.dedup();
    Some(all)
}

fn concat(parts: &[Hir]) -> Known {
    let mut best = None;
    let mut run = vec![String::new()];
    let mut is_exact = true;
    for part in parts {
        let known = look(part);
        match known.exact {
            Some(next) if run.len() * next.len() <= MOST_OF_CLASS => {
                run = run
                    .iter()
                    .flat_map(|a| next.iter().map(move |b| format!("{a}{b}")))
                    .collect();
            }
            exact => {
                is_exact = false;
                best = better(best, usable(std::mem::take(&mut run)));
                best = better(best, known.required);
                // What does not fit on begins a run of its own.
                run = exact.unwrap_or_else(|| vec![String::new()]);
            }
        }
    }
    if is_exact {
        return exactly(run);
    }
    Known {
        exact: None,
        required: better(best, usable(run)),
    }
}

fn alternation(parts: &[Hir]) -> Known {
    let all: Vec<Known> = parts.iter().map(look).collect();
    let count: usize = all
        .iter()
        .filter_map(|k| Some(k.exact.as_ref()?.len()))
        .sum();
    if count <= MOST && all.iter().all(|known| known.exact.is_some()) {
        return exactly(all.into_iter().filter_map(|k| k.exact).flatten().collect());
    }
    let each: Option<Vec<Vec<String>>> = all
        .into_iter()
        .map(|known| better(known.exact.and_then(usable), known.required))
        .collect();
    Known {
        exact: None,
        required: each
            .map(|each| each.concat())
            .filter(|all| all.len() <= MOST),
    }
}

/// Folded, where each is long enough to say something.
fn usable(all: Vec<String>) -> Option<Vec<String>> {
    let mut all: Vec<String> = all.iter().map(|text| fold_term(text)).collect();
    all.sort_unstable();
    all.dedup();
    let is_usable = all.len() <= MOST && all.iter().all(|text| text.len() >= SHORTEST);
    (is_usable && !all.is_empty()).then_some(all)
}

/// Of two lists the one whose shortest is longer; of equals the shorter list.
fn better(one: Option<Vec<String>>, other: Option<Vec<String>>) -> Option<Vec<String>> {
    let (Some(a), Some(b)) = (&one, &other) else {
        return one.or(other);
    };
    let rank = |all: &[String]| {
        let shortest = all.iter().map(String::len).min().unwrap_or(0);
        (shortest, usize::MAX - all.len())
    };
    if rank(b) > rank(a) { other } else { one }
}

#[cfg(test)]
mod tests {
    use super::super::regexes::parse;
    use super::*;

    #[test]
    fn a_regex_says_what_must_be_there() {
        let check = |pattern: &str, expect: Option<&[&str]>| {
            let found = required(&parse(pattern).unwrap());
            let expect = expect.map(|all| all.iter().map(ToString::to_string).collect::<Vec<_>>());
            assert_eq!(found, expect, "{pattern}");
        };
        check("struts", Some(&["struts"]));
        check("(?-i)Struts2?", Some(&["struts", "struts2"]));
        check(r"struts[0-9]+", Some(&["struts"]));
        check(r"log4j-(core|api)", Some(&["log4j api", "log4j core"]));
        check(r"\bKitten\b.*remote code", Some(&["remote code"]));
        check(r"(apache|nginx)\s+\d", Some(&["apache", "nginx"]));
        check(r"CVE-2026-\d{4,}", Some(&["cve 2026"]));
        check(r"colou?r", Some(&["color", "colour"]));
        check(r"(abc)+x*", Some(&["abc"]));
        check(r"gr[ae]y", Some(&["gray", "grey"]));
        check(r"\d+\.\d+", None);
        check(r"foo|\d", None);
        check(r"[a-z]{3}", None);
        check(r".", None);
        check(r"(x|y)*", None);
        // Four of sixteen fit together; what is behind them begins anew.
        check(
            r"[abcd][abcd][abcd]zzz",
            Some(&["azzz", "bzzz", "czzz", "dzzz"]),
        );
    }
}
