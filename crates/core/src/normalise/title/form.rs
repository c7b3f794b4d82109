//! The forms in which descriptions are written, each read for the product and what goes wrong.

use super::words::bare_product;
use super::{cut_at, decapitalised, find_any, sentences, without_article};

/// What a form gave.
#[derive(Default)]
pub(super) struct Parts {
    pub product: Option<String>,
    pub what: Option<String>,
    /// Whether `what` reads well without a product.
    pub whole_sentence: bool,
}

impl Parts {
    fn of(product: String, what: String) -> Self {
        Self {
            product: Some(product),
            what: Some(what),
            whole_sentence: false,
        }
    }
}

/// Reads a description; `weakness` is the words of its CWE.
pub(super) fn read(text: &str, weakness: Option<&str>) -> Parts {
    let text = text
        .trim_start_matches("** DISPUTED **")
        .trim_start_matches("** UNSUPPORTED WHEN ASSIGNED **")
        .trim_start_matches("UNSUPPORTED WHEN ASSIGNED")
        .trim_start();
    let all = sentences(text);
    let Some(first) = all.first() else {
        return Parts::default();
    };
    kernel(text)
        .or_else(|| vuldb(text, first, weakness))
        .or_else(|| oracle(first))
        .or_else(|| weakness_in_product(text, first, weakness))
        .or_else(|| product_is(&all, weakness))
        .or_else(|| product_does(first))
        .or_else(|| issue_in(&all))
        .unwrap_or_else(|| Parts {
            product: None,
            what: Some(decapitalised(first)),
            whole_sentence: true,
        })
}

/// `In the Linux kernel, the following vulnerability has been resolved: net: foo: fix bar`.
fn kernel(text: &str) -> Option<Parts> {
    let rest = text.strip_prefix("In the Linux kernel, the following vulnerability has been")?;
    let (_, subject) = rest.split_once(':')?;
    let subject = subject.trim_start().split("\n").next().unwrap_or_default();
    (!subject.is_empty()).then(|| Parts::of("Linux kernel".into(), subject.trim().to_owned()))
}

/// VulDB: `A vulnerability was found in X 1.2. Affected ... of the file /a.php. The manipulation of the
/// argument id leads to sql injection.`
fn vuldb(text: &str, first: &str, weakness: Option<&str>) -> Option<Parts> {
    let rest = ["A ", "An "].iter().find_map(|a| first.strip_prefix(a))?;
    let (lead, _, subject) = find_any(
        rest,
        &[
            " found in ",
            " identified in ",
            " detected in ",
            " determined in ",
            " discovered in ",
            " classified as problematic in ",
            " in ",
        ],
    )?;
    let is_notice = lead.ends_with(" was")
        || lead.ends_with(" been")
        || lead.contains("classified as")
        || lead.contains("declared as")
        || lead.contains("rated as");
    if !is_notice {
        return None;
    }
    let subject = match lead.split_once(',') {
        // `A vulnerability, which was classified as critical, was found in X.`
        Some(_) => subject.rsplit(" found in ").next().unwrap_or(subject),
        None => subject,
    };
    let product = bare_product(
        subject
            .trim_end_matches('.')
            .split(" and classified as")
            .next()?,
    );
    let (_, _, effect) = find_any(
        text,
        &[
            " leads to ",
            " lead to ",
            " results in ",
            " result in ",
            " causes ",
            " cause ",
        ],
    )?;
    let effect = cut_at(effect, &[". ", ".\n", ", "]).trim_end_matches('.');
    let kind = match weakness {
        Some(words) if effect.len() > 40 || effect.is_empty() => words.to_owned(),
        _ => vuldb_words(effect),
    };
    let file = find_any(text, &[" of the file ", " in the file ", " the file "])
        .map(|(.., f)| cut_at(f, &[" of the component", ". ", ", ", ".\n"]))
        .map(|f| f.trim_end_matches('.'))
        .filter(|f| !f.is_empty() && f.len() < 60 && !f.contains(' '));
    let argument = find_any(text, &[" of the argument ", " the argument "])
        .and_then(|(.., a)| a.split([' ', '.', ',']).next())
        .filter(|a| !a.is_empty() && a.len() < 30);
    let function = find_any(text, &[" the function "])
        .and_then(|(.., f)| f.split([' ', ',']).next())
        .filter(|f| f.len() < 40);
    let component = find_any(text, &[" of the component "])
        .map(|(.., c)| cut_at(c, &[". ", ", ", ".\n"]).trim_end_matches('.'))
        .filter(|c| c.len() < 40);
    let place = match (file, function, component) {
        (Some(file), _, _) => format!(" in {file}"),
        (None, Some(function), _) => format!(" in {function}"),
        (None, None, Some(component)) => format!(" in {component}"),
        _ => String::new(),
    };
    let argument = argument
        .map(|a| format!(" (argument {a})"))
        .unwrap_or_default();
    Some(Parts::of(product, format!("{kind}{place}{argument}")))
}

fn vuldb_words(effect: &str) -> String {
    match effect.trim().to_ascii_lowercase().as_str() {
        "sql injection" => "SQL injection".into(),
        "cross site scripting" => "cross-site scripting (XSS)".into(),
        "basic cross site scripting" => "cross-site scripting (XSS)".into(),
        "cross-site request forgery" => "cross-site request forgery (CSRF)".into(),
        "os command injection" => "OS command injection".into(),
        "server-side request forgery" => "server-side request forgery (SSRF)".into(),
        "xml external entity reference" => "XML external entity injection (XXE)".into(),
        _ => effect.trim().to_owned(),
    }
}

/// Oracle: `Vulnerability in the X product of Y (component: Z).`
fn oracle(first: &str) -> Option<Parts> {
    let rest = first.strip_prefix("Vulnerability in the ")?;
    let (product, _, _) = find_any(rest, &[" product of ", " component of ", " product "])?;
    let component = rest
        .split_once("(component: ")
        .and_then(|(_, c)| c.split(')').next())
        .map(|c| format!("vulnerability in {c}"))
        .unwrap_or_else(|| "unspecified vulnerability".into());
    Some(Parts::of(product.to_owned(), component))
}

/// `W vulnerability in X allows ...` (Patchstack, CWE names), `W in X allows ...` (Microsoft, Chromium).
fn weakness_in_product(text: &str, first: &str, weakness: Option<&str>) -> Option<Parts> {
    let (lead, _, rest) = find_any(
        first,
        &[
            " vulnerability in ",
            " vulnerabilities in ",
            " vulnerability exists in ",
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
        &[
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
        &["This issue affects ", "This vulnerability affects "],
    )
    .map(|(.., p)| p.split([':', ';']).next().unwrap_or(p))
    .filter(|p| p.len() < 60 && !p.contains(". "))
    .map(bare_product)
    .filter(|p| !p.is_empty());
    let product = stated.unwrap_or_else(|| owner(subject));
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
    find_any(rest, &[" via ", " when ", " through "])
        .map(|(_, marker, after)| format!("{marker}{}", after.trim_end_matches('.')))
        .unwrap_or_default()
}

/// `WebGPU in Google Chrome prior to 145` names the product last.
fn owner(subject: &str) -> String {
    let subject = cut_at(subject, &[" prior to ", " before ", " via ", " through "]);
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
        &[
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
fn product_is(all: &[&str], weakness: Option<&str>) -> Option<Parts> {
    let first = all.first()?;
    let (product, _, _) = find_any(
        first,
        &[
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
    let told = all
        .iter()
        .skip(1)
        .take(4)
        .map(|s| without_versions(s))
        .find(|s| s.split_whitespace().count() > 4);
    let what = match (told, weakness) {
        (Some(told), _) => told,
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
            &[
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
        &[
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
fn plain(text: &str) -> String {
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
    let rest = rest
        .replacen(" vulnerability exists in ", " in ", 1)
        .replacen(" vulnerability was discovered in ", " in ", 1)
        .replacen(" vulnerability in ", " in ", 1)
        .replacen(" vulnerability that ", " that ", 1);
    decapitalised(&rest)
}

/// `X before 1.2 allows remote attackers to ...`, `X is vulnerable to ...`, `X contains a ...`.
fn product_does(first: &str) -> Option<Parts> {
    let first = first.trim_end_matches('.');
    let (subject, verb, rest) = find_any(
        first,
        &[
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

/// `The X plugin for WordPress` -> `X (WordPress plugin)`.
fn wordpress(subject: &str) -> Option<String> {
    let subject = without_article(subject);
    for (tail, kind) in [
        (" plugin for WordPress", "WordPress plugin"),
        (" theme for WordPress", "WordPress theme"),
        (" WordPress plugin", "WordPress plugin"),
        (" WordPress theme", "WordPress theme"),
    ] {
        if let Some((name, _)) = subject.split_once(tail) {
            // Plugins describe themselves in their names: `X – Embed PDFs and Other Files`.
            let name = cut_at(name, &[" – ", " — ", " - ", " | ", ": "]);
            let name = name.trim_end_matches(" for WordPress");
            return Some(format!("{name} ({kind})"));
        }
    }
    None
}

/// Wordfence: `... in all versions up to, and including, 1.1.5 due to ...` says nothing to a title.
fn without_span(what: &str) -> String {
    let Some((before, _, after)) = find_any(
        what,
        &[
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
        &[" due to ", " via ", " because ", " through the ", " when "],
    ) {
        Some((_, marker, reason)) if !before.contains(marker) => {
            format!("{before}{marker}{reason}")
        }
        _ => before.to_owned(),
    }
}

/// `An issue was discovered in X 1.2. Foo ...`.
fn issue_in(all: &[&str]) -> Option<Parts> {
    let first = all.first()?;
    let (_, _, rest) = find_any(
        first,
        &[
            " discovered in ",
            " found in ",
            " identified in ",
            " discovered on ",
            " reported in ",
            " addressed in ",
        ],
    )?;
    let product = bare_product(rest.trim_end_matches('.'));
    let what = all.get(1).map(|s| without_versions(s))?;
    Some(Parts::of(product, what))
}
