//! A list page's HTML -> entries by meaning, and the address that a redirect stub points to.

use scraper::{ElementRef, Html, Node};
use serde::{Deserialize, Serialize};
use url::Url;

use super::mark::{Mark, in_segment, in_text, year_in};
use crate::settings::OwaspList;

/// An entry of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Entry {
    /// `A01` ... `A10`, `API1` ... `API10`.
    pub code: String,
    /// `Broken Access Control`.
    pub name: String,
    /// Where its own page is.
    pub link: Option<String>,
    /// What the list page says beside it; often nothing.
    pub text: String,
    #[serde(skip)]
    year: Option<String>,
}

/// Elements that stand in one another; OWASP's pages have some thirty. What is nested deeper is no page of
/// OWASP's, and building its tree takes the square of its depth.
const MOST_NESTED: i32 = 500;
/// Elements that have no end, or need none.
const ENDLESS: [&[u8]; 17] = [
    b"area", b"base", b"br", b"col", b"embed", b"hr", b"img", b"input", b"link", b"meta",
    b"source", b"track", b"wbr", b"p", b"li", b"td", b"tr",
];

/// The tree of a page; an empty one where it is nested too deep.
pub(super) fn parse(html: &str) -> Html {
    let bytes = html.as_bytes();
    let mut depth = 0;
    for (at, _) in html.match_indices('<') {
        match bytes.get(at + 1) {
            Some(b'/') => depth -= 1,
            Some(c) if c.is_ascii_alphabetic() => {
                let rest = &bytes[at + 1..];
                let name = rest.iter().take_while(|b| b.is_ascii_alphanumeric());
                let name = &rest[..name.count()];
                depth += i32::from(!ENDLESS.iter().any(|e| name.eq_ignore_ascii_case(e)));
            }
            _ => {}
        }
        depth = depth.max(0);
        if depth > MOST_NESTED {
            return Html::parse_document("");
        }
    }
    Html::parse_document(html)
}

/// Where a stub page sends the browser (`<meta http-equiv="refresh">`).
pub(super) fn refresh(html: &str, base: &Url) -> Option<Url> {
    let document = parse(html);
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

/// The entries of an edition that a page names, one of each code, in order.
pub(super) fn list(html: &str, base: &Url, list: OwaspList, edition: &str) -> Vec<Entry> {
    let document = parse(html);
    let found = elements(&document).filter_map(|e| entry(e, base, list));
    let mut entries: Vec<(u32, Entry)> = Vec::new();
    for (rank, e) in found {
        if e.year.as_ref().is_some_and(|year| *year != edition) {
            continue;
        }
        match entries.iter_mut().find(|(known, _)| *known == rank) {
            Some((_, known)) => known.complete_from(e),
            None => entries.push((rank, e)),
        }
    }
    // An entry counts once something says its year: its text, its link or another mention of it.
    entries.retain(|(_, e)| e.year.is_some() && !e.name.is_empty());
    entries.sort_by_key(|(rank, _)| *rank);
    let plain = |e| Entry { year: None, ..e };
    entries.into_iter().map(|(_, e)| plain(e)).collect()
}

/// Links to pages that may hold the list of an edition: on a page that is about all of them.
pub(super) fn lists_of(html: &str, base: &Url, edition: &str) -> Vec<Url> {
    let document = parse(html);
    let mut all: Vec<Url> = Vec::new();
    for link in elements(&document).filter(|e| e.value().name() == "a") {
        let Some(url) = link.attr("href").and_then(|h| target(h, base)) else {
            continue;
        };
        let path = url.path().to_ascii_lowercase();
        let is_page = !path.ends_with(".pdf") && !path.ends_with(".pptx");
        let is_list = path.contains("top10") || path.contains("top_10") || path.contains("top-10");
        let is_edition = year_in(url.path()).as_deref() == Some(edition);
        let is_near = url.host() == base.host();
        if is_page && is_list && is_edition && is_near && !all.contains(&url) {
            all.push(url);
        }
    }
    all
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

fn entry(element: ElementRef<'_>, base: &Url, list: OwaspList) -> Option<(u32, Entry)> {
    let name = element.value().name();
    let is_heading = matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "td");
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
    let of_text = in_text(&text, list);
    let of_link = url.as_ref().and_then(|url| of_url(url, list));
    let found = of_text.as_ref().or(of_link.as_ref())?;
    // A text and a link that speak of different entries ("A01 ... see also") say nothing certain.
    if let (Some(t), Some(l)) = (&of_text, &of_link)
        && t.rank != l.rank
    {
        return None;
    }
    let year = [&of_text, &of_link]
        .into_iter()
        .flatten()
        .find_map(|m| m.year.clone());
    let named = of_text
        .as_ref()
        .map(|m| m.rest.clone())
        .filter(|n| !n.is_empty())
        .or_else(|| of_link.as_ref().map(|m| m.rest.replace(['_', '-'], " ")))
        .unwrap_or_default();
    let rank = found.rank;
    let found = Entry {
        code: code(list, rank),
        name: named,
        link: of_link
            .and(url.as_ref())
            .map(|u| plain_brackets(u.as_str())),
        text: beside(element, name),
        year,
    };
    Some((rank, found))
}

/// `A01`, `API1`: as the lists write them.
fn code(list: OwaspList, rank: u32) -> String {
    match list {
        OwaspList::Top10 => format!("A{rank:02}"),
        OwaspList::Api => format!("API{rank}"),
    }
}

fn of_url(url: &Url, list: OwaspList) -> Option<Mark> {
    let segment = url.path_segments()?.rfind(|s| !s.is_empty())?;
    let mut mark = in_segment(&percent_decoded(segment), list)?;
    mark.year = mark.year.or_else(|| year_in(url.path()));
    Some(mark)
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

fn percent_decoded(text: &str) -> String {
    // A query pair decodes `%28`; a `+` would become a blank, so it is kept by escaping it first.
    let escaped = text.replace('+', "%2B").replace(['&', '='], " ");
    url::form_urlencoded::parse(escaped.as_bytes())
        .map(|(k, _)| k.into_owned())
        .collect()
}

/// The text beside an entry: what follows a link within its list item, the next cell of a table's row, or
/// the paragraph after a heading.
fn beside(element: ElementRef<'_>, name: &str) -> String {
    let next = |of: ElementRef<'_>, wanted: &str| {
        of.next_siblings()
            .filter_map(ElementRef::wrap)
            .next()
            .filter(|e| e.value().name() == wanted)
            .map(words)
    };
    let parent = element.parent().and_then(ElementRef::wrap);
    let text = match (name, parent.map(|p| p.value().name())) {
        ("td", _) => next(element, "td"),
        ("a", Some("td")) => parent.and_then(|cell| next(cell, "td")),
        ("a", Some("li" | "p")) => Some(following(element)),
        ("a", _) => None,
        _ => next(element, "p"),
    };
    text.unwrap_or_default()
        .trim_start_matches([':', '-', '\u{2013}', '\u{2014}', '.', ' '])
        .to_owned()
}

fn following(element: ElementRef<'_>) -> String {
    let mut all = String::new();
    for sibling in element.next_siblings() {
        match sibling.value() {
            Node::Text(t) => all.push_str(t),
            _ => all.push_str(&ElementRef::wrap(sibling).map(words).unwrap_or_default()),
        }
    }
    all.split_whitespace().collect::<Vec<_>>().join(" ")
}

pub(super) fn words(element: ElementRef<'_>) -> String {
    let text: String = element.text().collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
