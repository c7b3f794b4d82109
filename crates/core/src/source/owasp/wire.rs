//! A list page's HTML -> entries by meaning, and the address that a redirect stub points to.

use scraper::{ElementRef, Html, Node};
use url::Url;

/// An entry of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// `A01` ... `A10`.
    pub code: String,
    /// `Broken Access Control`.
    pub name: String,
    /// Where its own page is.
    pub link: Option<String>,
    /// What the list page says beside it; often nothing.
    pub text: String,
    year: Option<String>,
}

/// What a list page holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct List {
    /// `2025`.
    pub edition: String,
    /// One of each code, in order.
    pub entries: Vec<Entry>,
}

/// Where a stub page sends the browser (`<meta http-equiv="refresh">`).
pub(super) fn refresh(html: &str, base: &Url) -> Option<Url> {
    let document = Html::parse_document(html);
    let content = elements(&document)
        .filter(|e| e.value().name() == "meta")
        .filter(|e| {
            e.attr("http-equiv")
                .is_some_and(|v| v.eq_ignore_ascii_case("refresh"))
        })
        .find_map(|e| e.attr("content"))?;
    let (_, target) = content.split_once([';', ','])?;
    let target = target.trim();
    let is_named = target
        .get(..3)
        .is_some_and(|s| s.eq_ignore_ascii_case("url"));
    let target = if is_named {
        target.get(3..)?.trim_start().strip_prefix('=')?
    } else {
        target
    };
    base.join(target.trim().trim_matches(['"', '\''])).ok()
}

/// The entries of the edition that the page's address or, failing that, most of its entries name.
pub(super) fn list(html: &str, base: &Url) -> List {
    let document = Html::parse_document(html);
    let found: Vec<Entry> = elements(&document).filter_map(|e| entry(e, base)).collect();
    let edition = year_in(base.path())
        .filter(|y| found.iter().any(|e| e.year.as_deref() == Some(y)))
        .or_else(|| most_named(&found))
        .unwrap_or_default();

    let mut entries: Vec<Entry> = Vec::new();
    for e in found {
        if e.year.as_ref().is_some_and(|y| *y != edition) {
            continue;
        }
        match entries.iter_mut().find(|known| known.code == e.code) {
            Some(known) => known.complete_from(e),
            None => entries.push(e),
        }
    }
    // An entry counts once something says its year: its text, its link or another mention of it.
    entries.retain(|e| e.year.is_some() && !e.name.is_empty());
    entries.sort_by(|a, b| a.code.cmp(&b.code));
    List { edition, entries }
}

impl Entry {
    fn complete_from(&mut self, other: Self) {
        if self.link.is_none() {
            self.link = other.link;
        }
        if self.name.is_empty() {
            self.name = other.name;
        }
        if other.text.len() > self.text.len() {
            self.text = other.text;
        }
        self.year = self.year.take().or(other.year);
    }
}

fn elements(document: &Html) -> impl Iterator<Item = ElementRef<'_>> {
    document.tree.nodes().filter_map(ElementRef::wrap)
}

fn entry(element: ElementRef<'_>, base: &Url) -> Option<Entry> {
    let name = element.value().name();
    let is_heading = matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6");
    if name != "a" && !is_heading {
        return None;
    }
    let text = words(element);
    let url = if is_heading {
        let inner = element.descendants().filter_map(ElementRef::wrap);
        inner
            .filter_map(|e| e.attr("href"))
            .find_map(|h| target(h, base))
    } else {
        target(element.attr("href")?, base)
    };
    let last = url.as_ref().and_then(last_segment);
    let in_text = mark(&text);
    let in_link = last.as_deref().and_then(mark);
    let found = in_text.as_ref().or(in_link.as_ref())?;
    // A text and a link that speak of different entries ("A01 ... see also") say nothing certain.
    if let (Some(t), Some(l)) = (&in_text, &in_link)
        && t.code != l.code
    {
        return None;
    }
    let year = [&in_text, &in_link]
        .into_iter()
        .flatten()
        .find_map(|m| m.year.clone());
    let named = in_text
        .as_ref()
        .map(|m| m.rest.clone())
        .filter(|n| !n.is_empty())
        .or_else(|| in_link.as_ref().map(|m| m.rest.replace('_', " ")))
        .unwrap_or_default();
    Some(Entry {
        code: found.code.clone(),
        name: named,
        link: in_link.and(url).map(|u| plain_brackets(u.as_str())),
        text: beside(element, is_heading),
        year,
    })
}

fn target(href: &str, base: &Url) -> Option<Url> {
    let mut url = base.join(href).ok()?;
    url.set_fragment(None);
    matches!(url.scheme(), "http" | "https").then_some(url)
}

/// OWASP's generator escapes brackets that its canonical addresses do not.
fn plain_brackets(url: &str) -> String {
    url.replace("%28", "(").replace("%29", ")")
}

fn last_segment(url: &Url) -> Option<String> {
    let segment = url.path_segments()?.rfind(|s| !s.is_empty())?;
    Some(percent_decoded(segment))
}

fn percent_decoded(text: &str) -> String {
    // A query pair decodes `%28`; a `+` would become a blank, so it is kept by escaping it first.
    let escaped = text.replace('+', "%2B").replace(['&', '='], " ");
    url::form_urlencoded::parse(escaped.as_bytes())
        .map(|(k, _)| k.into_owned())
        .collect()
}

/// `A01:2025 - Broken Access Control`, `A01_2025-Broken_Access_Control`, `A01 Broken Access Control`.
struct Mark {
    code: String,
    year: Option<String>,
    rest: String,
}

fn mark(text: &str) -> Option<Mark> {
    let text = text.trim();
    let digits = text.strip_prefix(['A', 'a'])?.get(..2)?;
    let number: u32 = digits
        .bytes()
        .all(|b| b.is_ascii_digit())
        .then(|| digits.parse().ok())??;
    if !(1..=10).contains(&number) {
        return None;
    }
    let after = text.get(3..)?;
    if after.starts_with(|c: char| c.is_alphanumeric()) {
        return None;
    }
    let joints: &[char] = &[
        ':', '_', '-', ' ', '\u{a0}', '\u{2013}', '\u{2014}', '.', '|', '(', '[',
    ];
    let rest = after.trim_start_matches(joints);
    let year = rest
        .get(..4)
        .filter(|y| y.starts_with("20") && y.bytes().all(|b| b.is_ascii_digit()))
        .map(ToOwned::to_owned);
    let rest = match &year {
        Some(_) => rest[4..]
            .trim_start_matches([')', ']'])
            .trim_start_matches(joints),
        None => rest,
    };
    Some(Mark {
        code: format!("A{number:02}"),
        year,
        rest: rest.trim_end_matches(['¶', '#', ' ']).trim().to_owned(),
    })
}

/// The text beside an entry: what follows a link within its list item, or the paragraph after a heading.
fn beside(element: ElementRef<'_>, is_heading: bool) -> String {
    let text = if is_heading {
        element
            .next_siblings()
            .filter_map(ElementRef::wrap)
            .next()
            .filter(|e| e.value().name() == "p")
            .map(words)
    } else {
        element
            .parent()
            .and_then(ElementRef::wrap)
            .filter(|p| matches!(p.value().name(), "li" | "p" | "td"))
            .map(|_| {
                let mut all = String::new();
                for sibling in element.next_siblings() {
                    match sibling.value() {
                        Node::Text(t) => all.push_str(t),
                        _ => {
                            all.push_str(&ElementRef::wrap(sibling).map(words).unwrap_or_default())
                        }
                    }
                }
                all.split_whitespace().collect::<Vec<_>>().join(" ")
            })
    };
    text.unwrap_or_default()
        .trim_start_matches([':', '-', '\u{2013}', '\u{2014}', '.', ' '])
        .to_owned()
}

fn words(element: ElementRef<'_>) -> String {
    let text: String = element.text().collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn year_in(path: &str) -> Option<String> {
    path.split(|c: char| !c.is_ascii_digit())
        .rfind(|s| s.len() == 4 && s.starts_with("20"))
        .map(ToOwned::to_owned)
}

fn most_named(found: &[Entry]) -> Option<String> {
    let years = || found.iter().filter_map(|e| e.year.as_deref());
    years()
        .max_by_key(|y| (years().filter(|other| other == y).count(), *y))
        .map(ToOwned::to_owned)
}
