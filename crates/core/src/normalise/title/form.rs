//! Descriptions written by a fixed pattern (the Linux kernel's, VulDB's, Oracle's, Microsoft's ...),
//! and the order in which all forms are tried.

use super::markers::markers;
use super::prose::{issue_in, plain, product_does, product_is, weakness_in_product};
use super::words::{bare_product, without_leads};
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
    pub fn of(product: String, what: String) -> Self {
        Self {
            product: Some(product),
            what: Some(what),
            whole_sentence: false,
        }
    }
}

/// What goes wrong is told in the first sentences or not at all.
const MOST_SENTENCES: usize = 5;

/// Reads a description; `weakness` is the words of its CWE.
pub(super) fn read(text: &str, weakness: Option<&str>) -> Parts {
    let mut text = text;
    for lead in [
        "** DISPUTED **",
        "** UNSUPPORTED WHEN ASSIGNED **",
        "UNSUPPORTED WHEN ASSIGNED",
    ] {
        text = without_leads(text, lead);
    }
    let text = text.trim_start();
    if let Some(parts) = kernel(text) {
        return parts;
    }
    let all: Vec<&str> = sentences(text).take(MOST_SENTENCES).collect();
    let Some(first) = all.first() else {
        return Parts::default();
    };
    if let Some(parts) = vuldb(text, first, weakness) {
        return parts;
    }
    let mut parts = oracle(first)
        .or_else(|| named_kind(first))
        .or_else(|| due_to(first))
        .or_else(|| in_product(first))
        .or_else(|| weakness_in_product(text, first, weakness))
        .or_else(|| product_is(&all, weakness))
        .or_else(|| issue_in(&all, weakness))
        .or_else(|| product_does(first))
        .unwrap_or_else(|| Parts {
            product: None,
            what: Some(decapitalised(first)),
            whole_sentence: true,
        });
    // `device authentication module` is a place, not a product.
    parts.product = parts
        .product
        .filter(|p| !(p.contains(' ') && is_plain_word(p)));
    parts
}

/// Whether the first word is no name: lower case throughout.
fn is_plain_word(text: &str) -> bool {
    let word = text.split_whitespace().next().unwrap_or_default();
    word.chars().all(|c| c.is_lowercase() || c == '-')
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
        markers![
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
    let (_, _, after) = find_any(
        text,
        markers!["manipulation", "Manipulation", "Executing ", "Performing "],
    )?;
    let (_, _, effect) = find_any(
        after,
        markers![
            " leads to ",
            " lead to ",
            " results in ",
            " result in ",
            " causes ",
            " cause ",
        ],
    )?;
    let effect = cut_at(effect, markers![". ", ".\n", ", "]).trim_end_matches('.');
    let kind = match weakness {
        Some(words) if effect.len() > 40 || effect.is_empty() => words.to_owned(),
        _ => vuldb_words(effect),
    };
    let file = find_any(
        text,
        markers![" of the file ", " in the file ", " the file "],
    )
    .map(|(.., f)| cut_at(f, markers![" of the component", ". ", ", ", ".\n"]))
    .map(|f| f.trim_end_matches('.'))
    .filter(|f| !f.is_empty() && f.len() < 60 && !f.contains(' '));
    let argument = find_any(text, markers![" of the argument ", " the argument "])
        .and_then(|(.., a)| a.split([' ', '.', ',']).next())
        .filter(|a| !a.is_empty() && a.len() < 30);
    let function = find_any(text, markers![" the function "])
        .and_then(|(.., f)| f.split([' ', ',']).next())
        .filter(|f| f.len() < 40);
    let component = find_any(text, markers![" of the component "])
        .map(|(.., c)| cut_at(c, markers![". ", ", ", ".\n"]).trim_end_matches('.'))
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
    let (product, _, _) = find_any(
        rest,
        markers![" product of ", " component of ", " product "],
    )?;
    let component = rest
        .split_once("(component: ")
        .and_then(|(_, c)| c.split(')').next())
        .map(|c| format!("vulnerability in {c}"))
        .unwrap_or_else(|| "unspecified vulnerability".into());
    Some(Parts::of(product.to_owned(), component))
}

/// Microsoft: `Windows Foo Elevation of Privilege Vulnerability`.
fn named_kind(first: &str) -> Option<Parts> {
    let name = first.trim_end_matches('.').strip_suffix(" Vulnerability")?;
    let kind = [
        "Information Disclosure",
        "Elevation of Privilege",
        "Remote Code Execution",
        "Security Feature Bypass",
        "Denial of Service",
        "Spoofing",
        "Tampering",
        "Privilege Escalation",
    ]
    .into_iter()
    .find(|k| name.ends_with(k))?;
    let product = name.strip_suffix(kind)?.trim();
    (!product.is_empty()).then(|| Parts::of(product.to_owned(), kind.to_lowercase()))
}

/// SAP: `Due to a missing check in X, an attacker could ...`.
fn due_to(first: &str) -> Option<Parts> {
    let rest = first.strip_prefix("Due to ")?;
    let (cause, effect) = rest.split_once(", ")?;
    let (kind, subject) = cause.split_once(" in ")?;
    let kind = decapitalised(without_article(kind));
    let effect = effect.trim_end_matches('.');
    let what = match find_any(
        effect,
        markers![" could ", " can ", " may ", " is able to "],
    ) {
        Some((who, _, act)) if who.split_whitespace().count() < 7 => {
            format!("{kind} lets {who} {act}")
        }
        _ => kind,
    };
    Some(Parts::of(bare_product(subject), what))
}

/// JetBrains: `In X before 1.2 open redirect was possible`; MITRE: `In X 1.2, there is ...`.
fn in_product(first: &str) -> Option<Parts> {
    let rest = first.strip_prefix("In ")?;
    if let Some((subject, after)) = rest.split_once(" before ")
        && !subject.contains(", ")
    {
        let (version, what) = after.split_once(' ')?;
        if version.contains(|c: char| c.is_ascii_digit()) {
            let what = what.trim_end_matches('.').trim_start_matches(", ");
            return Some(Parts::of(bare_product(subject), plain(what)));
        }
    }
    let (subject, what) = rest.split_once(", ")?;
    // Android: `In imgsys, there is a possible out of bounds write due to ...`.
    if let Some(kind) = what.strip_prefix("there is a")
        && subject.split_whitespace().count() < 4
    {
        let kind = cut_at(
            kind.trim_start_matches('n').trim_end_matches('.'),
            markers![" due to ", ". "],
        );
        return Some(Parts {
            product: None,
            what: Some(format!("{} in {subject}", kind.trim())),
            whole_sentence: true,
        });
    }
    let product = bare_product(subject);
    let named = product.starts_with(|c: char| c.is_uppercase()) && subject.len() < 60;
    let told = what.trim_end_matches('.');
    (named && !told.starts_with(|c: char| c.is_ascii_digit()))
        .then(|| Parts::of(product, plain(told)))
}

/// `The X plugin for WordPress` -> `X (WordPress plugin)`.
pub(super) fn wordpress(subject: &str) -> Option<String> {
    if !subject.contains("WordPress") {
        return None;
    }
    let subject = without_article(subject);
    for (tail, kind) in [
        (" plugin for WordPress", "WordPress plugin"),
        (" theme for WordPress", "WordPress theme"),
        (" WordPress plugin", "WordPress plugin"),
        (" WordPress theme", "WordPress theme"),
    ] {
        if let Some((name, _)) = subject.split_once(tail) {
            // Plugins describe themselves in their names: `X – Embed PDFs and Other Files`.
            let name = cut_at(name, markers![" – ", " — ", " - ", " | ", ": "]);
            let name = super::cut_chars(name.trim_end_matches(" for WordPress").to_owned(), 30);
            return Some(format!("{name} ({kind})"));
        }
    }
    None
}
