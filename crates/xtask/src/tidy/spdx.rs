//! Licence expressions (SPDX 2.3, annex D): `(MIT OR Apache-2.0) AND Unicode-3.0`.

/// True if the terms of the expression can be met with the licences that `allowed` accepts: one side of an OR, both of
/// an AND. `WITH` binds an exception to its licence; the old `MIT/Apache-2.0` means OR. What cannot be read is refused.
pub fn is_met(expression: &str, allowed: &dyn Fn(&str) -> bool) -> bool {
    let spaced = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ");
    let mut words: Vec<&str> = spaced.split_whitespace().collect();
    words.reverse();
    let met = either(&mut words, allowed);
    met.unwrap_or(false) && words.is_empty()
}

fn either(words: &mut Vec<&str>, allowed: &dyn Fn(&str) -> bool) -> Option<bool> {
    let mut met = both(words, allowed)?;
    while words.last().is_some_and(|w| w.eq_ignore_ascii_case("OR")) {
        words.pop();
        met |= both(words, allowed)?;
    }
    Some(met)
}

fn both(words: &mut Vec<&str>, allowed: &dyn Fn(&str) -> bool) -> Option<bool> {
    let mut met = one(words, allowed)?;
    while words.last().is_some_and(|w| w.eq_ignore_ascii_case("AND")) {
        words.pop();
        met &= one(words, allowed)?;
    }
    Some(met)
}

fn one(words: &mut Vec<&str>, allowed: &dyn Fn(&str) -> bool) -> Option<bool> {
    let word = words.pop()?;
    if word == "(" {
        let met = either(words, allowed)?;
        return (words.pop()? == ")").then_some(met);
    }
    if words.last().is_some_and(|w| w.eq_ignore_ascii_case("WITH")) {
        words.pop();
        let whole = format!("{word} WITH {}", words.pop()?);
        return Some(allowed(&whole));
    }
    Some(allowed(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_or_and_with_and_brackets() {
        let allowed =
            |licence: &str| matches!(licence, "MIT" | "ISC" | "Apache-2.0 WITH LLVM-exception");
        let check = |text: &str, expect| assert_eq!(is_met(text, &allowed), expect, "{text}");
        check("MIT", true);
        check("GPL-3.0", false);
        check("GPL-3.0 OR MIT", true);
        check("MIT/Apache-2.0", true);
        check("MIT AND GPL-3.0", false);
        check("(GPL-3.0 OR MIT) AND ISC", true);
        check("MIT OR GPL-3.0 AND ISC", true);
        check("Apache-2.0 WITH LLVM-exception", true);
        check("Apache-2.0 WITH LLVM-exception OR GPL-2.0", true);
        check("Apache-2.0", false);
        check("", false);
        check("(MIT", false);
        check("MIT ISC", false);
    }
}
