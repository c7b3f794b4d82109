//! Descriptions in free sentences: a weakness in a product, a product that does something, a product
//! that is introduced before its fault is told.

use super::form::{Parts, wordpress};
use super::markers::markers;
use super::words::bare_product;
use super::{cut_at, decapitalised, find_any, without_article};

/// `W vulnerability in X allows ...` (Patchstack, CWE names), `W in X allows ...` (Microsoft, Chromium).
pub(super) fn weakness_in_product(
    text: &str,
    first: &str,
    weakness: Option<&str>,
) -> Option<Parts> {
    let (lead, _, rest) = find_any(
        first,
        markers![
            " vulnerability in ",
            " vulnerabilities in ",
            " vulnerability exists in ",
            " vulnerability has been identified in ",
            " vulnerability has been discovered in ",
            " vulnerability has been found in ",
            " vulnerability was identified in ",
            " vulnerability was discovered in ",
            " vulnerability was found in ",
            " vulnerability affecting ",
            " issue in ",
            " flaw in ",
            " vulnerability within ",
            " in the ",
            " in ",
        ],
    )?;
    if lead.split_whitespace().count() > 16 || is_clause(lead) {
        return None;
    }
    let (subject, effect) = match find_any(
        rest,
        markers![
            " allows ",
            " allowed ",
            " may allow ",
            " could allow ",
            " can allow ",
            " permits ",
            " might allow ",
        ],
    ) {
        Some((subject, _, effect)) => (subject, Some(effect)),
        None => (rest, None),
    };
    let stated = find_any(
        text,
        markers!["This issue affects ", "This vulnerability affects "],
    )
    .map(|(.., p)| cut_at(p, markers![":", ";", ", ", " <", ". "]))
    .filter(|p| p.len() < 60)
    .map(bare_product)
    .filter(|p| !p.is_empty());
    let product = stated.unwrap_or_else(|| owner(subject));
    let lead = match lead {
        "A" | "An" | "The" | "A security" | "A potential" => weakness.unwrap_or("vulnerability"),
        "Unspecified" => "unspecified vulnerability",
        "Multiple unspecified" => "multiple vulnerabilities",
        _ => lead,
    };
    let long = lead.len() > 45 || lead.contains("('") || lead.contains("Improper Neutralization");
    let kind = match (quoted_kind(lead), weakness) {
        (_, Some(words)) if long => words.to_owned(),
        (Some(kind), _) => kind,
        _ => decapitalised(without_article(lead)),
    };
    let subject_left = bare_product(subject);
    let place = match subject.split_once(" in ") {
        Some((component, _)) if component.len() < 40 && product != subject_left => {
            format!(" in {}", component.trim())
        }
        None if subject_left.ends_with(" component") && product != subject_left => {
            format!(" in the {subject_left}")
        }
        _ => String::new(),
    };
    let what = match effect.and_then(lets) {
        Some(effect) => format!("{kind}{place} {effect}"),
        None => format!("{kind}{place}{}", tail(rest, subject, effect.is_some())),
    };
    Some(Parts::of(product, what))
}

/// Where no effect is stated: `... via the id parameter`.
fn tail(rest: &str, subject: &str, has_effect: bool) -> String {
    if has_effect || subject != rest {
        return String::new();
    }
    find_any(rest, markers![" via ", " when ", " through "])
        .map(|(_, marker, after)| format!("{marker}{}", after.trim_end_matches('.')))
        .unwrap_or_default()
}

/// `WebGPU in Google Chrome prior to 145` names the product last.
fn owner(subject: &str) -> String {
    let subject = cut_at(
        subject,
        markers![" prior to ", " before ", " via ", " through "],
    );
    let last = subject.rsplit(" in ").next().unwrap_or(subject);
    let last = last
        .rsplit(" of ")
        .next()
        .filter(|l| l.len() > 3)
        .unwrap_or(last);
    bare_product(last)
}

/// Words that show a sentence rather than the name of a weakness.
fn is_clause(lead: &str) -> bool {
    find_any(
        &format!(" {lead} "),
        markers![
            " is ",
            " are ",
            " was ",
            " were ",
            " has ",
            " have ",
            " does ",
            " do ",
            " allows ",
            " contains ",
            " contain ",
            " contain(s) ",
            " versions ",
            " prior to ",
            " expose ",
            " exposes ",
            " fails ",
            " could ",
            " can ",
            " did ",
            " may ",
            " uses ",
            " used ",
            " before ",
            " through ",
            " will ",
        ],
    )
    .is_some()
}

/// `Improper ... ('Cross-site Scripting')` -> `cross-site scripting`.
fn quoted_kind(lead: &str) -> Option<String> {
    let (_, rest) = lead.split_once("('")?;
    let (kind, _) = rest.split_once("')")?;
    Some(match kind {
        "SQL Injection" | "OS Command Injection" | "XSS" => kind
            .replace("Command Injection", "command injection")
            .replace("SQL Injection", "SQL injection"),
        _ => kind.to_lowercase(),
    })
}

/// `an attacker to do X` -> `lets an attacker do X`.
fn lets(effect: &str) -> Option<String> {
    let (who, what) = effect.split_once(" to ")?;
    let plain = who.split_whitespace().count() <= 8 && !who.contains(',');
    let what = what.trim_end_matches('.');
    plain.then(|| format!("lets {} {what}", who.trim()))
}

/// `X is a content management system. Prior to 1.2, ...` (GitHub).
pub(super) fn product_is(all: &[&str], weakness: Option<&str>) -> Option<Parts> {
    let first = all.first()?;
    let (product, _, _) = find_any(
        first,
        markers![
            " is a ",
            " is an ",
            " is the ",
            " are a ",
            " is open",
            " is one of ",
            " is software",
            " provides ",
            " is simple",
            " is free",
        ],
    )?;
    let product = bare_product(product);
    if product.is_empty() || product.split_whitespace().count() > 6 {
        return None;
    }
    let known = all
        .iter()
        .skip(1)
        .take(4)
        .map(|s| told(s, &product, weakness))
        .find(|s| s.split_whitespace().count() > 4);
    let what = match (known, weakness) {
        (Some(known), _) => known,
        (None, Some(words)) => words.to_owned(),
        (None, None) => return None,
    };
    Some(Parts::of(product, what))
}

/// `Prior to versions 5.7 and 8.0, the application ...` -> `the application ...`.
fn without_versions(sentence: &str) -> String {
    let mut rest = sentence.trim_end_matches('.');
    const LEADS: &[&str] = &[
        "Prior to ",
        "In ",
        "Before ",
        "From ",
        "Starting ",
        "Versions ",
        "Version ",
        "Affected ",
        "Until ",
        "Through ",
        "Between ",
        "Beginning ",
        "Up to ",
        "As of ",
    ];
    if LEADS.iter().any(|l| rest.starts_with(l)) {
        let is_statement = find_any(
            rest,
            markers![
                " are vulnerable to ",
                " is vulnerable to ",
                " contain ",
                " contains ",
                " have a ",
                " has a ",
                " are affected by ",
                " are susceptible to ",
            ],
        );
        let comma = rest.match_indices(", ").map(|(at, _)| at).find(|at| {
            let next = rest[at + 2..].trim_start();
            !next.starts_with(|c: char| c.is_ascii_digit())
                && !next.starts_with("and ")
                && !next.starts_with("version")
                && !next.starts_with("prior ")
                && !next.starts_with("before ")
        });
        match (comma, is_statement) {
            (Some(at), Some((before, ..))) if before.len() < at => {
                rest = statement(rest);
            }
            (Some(at), _) => rest = rest[at + 2..].trim_start(),
            (None, Some(_)) => rest = statement(rest),
            (None, None) => {}
        }
    }
    plain(rest)
}

fn statement(text: &str) -> &str {
    find_any(
        text,
        markers![
            " are vulnerable to ",
            " is vulnerable to ",
            " contain ",
            " contains ",
            " have a ",
            " has a ",
            " are affected by ",
            " are susceptible to ",
        ],
    )
    .map_or(text, |(.., rest)| rest)
}

/// `there is a critical SQL injection vulnerability in X that allows ...` -> `SQL injection in X that ...`.
pub(super) fn plain(text: &str) -> String {
    let mut rest = text.trim();
    for lead in [
        "there is ",
        "There is ",
        "there exists ",
        "it was possible to ",
        "it is possible to ",
        "There exists ",
    ] {
        rest = rest.strip_prefix(lead).unwrap_or(rest);
    }
    let rest = without_article(rest);
    let rest = ["critical ", "high-severity ", "severe ", "potential "]
        .iter()
        .find_map(|w| rest.strip_prefix(w))
        .unwrap_or(rest);
    if !rest.contains(" vulnerability ") {
        return decapitalised(rest);
    }
    let rest = rest
        .replacen(" vulnerability exists in ", " in ", 1)
        .replacen(" vulnerability was discovered in ", " in ", 1)
        .replacen(" vulnerability in ", " in ", 1)
        .replacen(" vulnerability that ", " that ", 1);
    if let Some((kind, effect)) = rest.split_once(" vulnerability allows ")
        && let Some(effect) = lets(effect)
    {
        return format!("{} {effect}", decapitalised(kind));
    }
    decapitalised(&rest)
}

/// `X before 1.2 allows remote attackers to ...`, `X is vulnerable to ...`, `X contains a ...`.
pub(super) fn product_does(first: &str) -> Option<Parts> {
    let first = first.trim_end_matches('.');
    let (subject, verb, rest) = find_any(
        first,
        markers![
            " is vulnerable to ",
            " are vulnerable to ",
            " was vulnerable to ",
            " is affected by ",
            " are affected by ",
            " is prone to ",
            " was discovered to contain ",
            " was found to contain ",
            " contains ",
            " contain ",
            " contain(s) ",
            " has an ",
            " has a ",
            " have a ",
            " has ",
            " suffers from ",
            " is susceptible to ",
            " allows ",
            " allow ",
            " could allow ",
            " may allow ",
            " might allow ",
            " can allow ",
            " does not ",
            " do not ",
            " did not ",
            " fails to ",
            " fail to ",
            " improperly ",
            " mishandles ",
            " incorrectly ",
            " uses ",
            " exposes ",
            " leaks ",
            " lacks ",
            " permits ",
            " stores ",
            " will ",
            " can ",
            " could ",
            " is missing ",
        ],
    )?;
    // `A crafted request allows ...` names no product.
    if (subject.starts_with("A ") || subject.starts_with("An ")) && !subject.contains(" in ") {
        return None;
    }
    let (kind_before, subject) = match subject.split_once(" in ") {
        Some((before, after)) if !is_clause(before) => (Some(before), after),
        _ => (None, subject),
    };
    let product = wordpress(subject).unwrap_or_else(|| bare_product(subject));
    if product.is_empty() {
        return None;
    }
    let rest = rest.trim();
    let verb = verb.trim();
    let what = match verb {
        "allows" | "allow" | "could allow" | "may allow" | "might allow" | "can allow"
        | "permits" => {
            let effect = lets(rest).unwrap_or_else(|| format!("allows {rest}"));
            match kind_before {
                Some(kind) => format!("{} {effect}", decapitalised(without_article(kind))),
                None => effect,
            }
        }
        "is vulnerable to"
        | "are vulnerable to"
        | "was vulnerable to"
        | "is affected by"
        | "are affected by"
        | "is prone to"
        | "contain(s)"
        | "contains"
        | "contain"
        | "has a"
        | "has an"
        | "have a"
        | "has"
        | "suffers from"
        | "was discovered to contain"
        | "was found to contain"
        | "is susceptible to" => plain(rest),
        _ => format!("{verb} {rest}"),
    };
    Some(Parts::of(product, without_span(&what)))
}

/// Wordfence: `... in all versions up to, and including, 1.1.5 due to ...` says nothing to a title.
fn without_span(what: &str) -> String {
    let Some((before, _, after)) = find_any(
        what,
        markers![
            " in all versions up to",
            " in versions up to",
            " in version ",
            " in versions ",
            " in all versions",
        ],
    ) else {
        return what.to_owned();
    };
    match find_any(
        after,
        markers![" due to ", " via ", " because ", " through the ", " when "],
    ) {
        Some((_, marker, reason)) if !before.contains(marker) => {
            format!("{before}{marker}{reason}")
        }
        _ => before.to_owned(),
    }
}

/// `An issue was discovered in X 1.2. Foo ...`.
pub(super) fn issue_in(all: &[&str], weakness: Option<&str>) -> Option<Parts> {
    let first = all.first()?;
    let (lead, _, rest) = find_any(
        first,
        markers![
            " discovered in ",
            " found in ",
            " identified in ",
            " discovered on ",
            " reported in ",
        ],
    )?;
    if lead.split_whitespace().count() > 6 {
        return None;
    }
    let product = bare_product(rest.trim_end_matches('.'));
    let what = match all.get(1) {
        Some(second) => told(second, &product, weakness),
        None => weakness?.to_owned(),
    };
    Some(Parts::of(product, what))
}

/// A later sentence about a product that is known already.
fn told(sentence: &str, product: &str, weakness: Option<&str>) -> String {
    let rest = without_versions(sentence);
    let about_itself = !product.is_empty()
        && rest
            .get(..product.len())
            .is_some_and(|s| s.eq_ignore_ascii_case(product));
    if about_itself && let Some(what) = product_does(sentence).and_then(|p| p.what) {
        return what;
    }
    let Some(weakness) = weakness else {
        return rest;
    };
    let vague = [
        "vulnerability ",
        "security vulnerability ",
        "issue ",
        "flaw ",
    ];
    if vague.iter().any(|v| rest.starts_with(v)) {
        if let Some((_, _, effect)) =
            find_any(&rest, markers![" allows ", " allowed ", " could allow "])
            && let Some(effect) = lets(effect)
        {
            return format!("{weakness} {effect}");
        }
        return match rest.split_once(" in ") {
            Some((_, place)) => format!("{weakness} in {place}"),
            None => weakness.to_owned(),
        };
    }
    // A condition alone says nothing once it is shortened.
    for lead in [
        "when ", "if ", "because ", "due to ", "by ", "since ", "as ",
    ] {
        if rest.starts_with(lead) {
            return format!("{weakness} {rest}");
        }
    }
    rest
}
