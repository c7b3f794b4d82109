//! The page of one entry -> its sections by what their headings mean: description, how to prevent, example
//! scenarios, references, mapped CWEs. Whatever stands between two headings belongs to the first of them,
//! in whatever elements it stands.

use std::fmt::Write as _;

use scraper::{ElementRef, Html, Node};
use url::Url;

use super::wire::{parse, words};

/// What a page holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct EntryPage {
    /// Description, prevention and scenarios as plain markup without attributes; empty where the page has
    /// none of them.
    pub html: String,
    /// The addresses of its references.
    pub references: Vec<String>,
    /// `CWE-79`, in the page's order.
    pub cwes: Vec<String>,
}

/// What a heading announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Description,
    Prevention,
    Scenarios,
    References,
    Weaknesses,
    /// Nothing that is kept: background, score tables, the page's own title.
    Other,
}

/// Kept sections in the order in which they are shown.
const SHOWN: [Part; 3] = [Part::Description, Part::Prevention, Part::Scenarios];
/// Never text of the page.
const DROPPED: [&str; 14] = [
    "script", "style", "nav", "header", "footer", "form", "button", "svg", "img", "noscript",
    "template", "iframe", "select", "label",
];
/// Elements that shape text.
const KEPT: [&str; 17] = [
    "p",
    "ul",
    "ol",
    "li",
    "pre",
    "code",
    "br",
    "table",
    "thead",
    "tbody",
    "tr",
    "td",
    "th",
    "blockquote",
    "dl",
    "dt",
    "dd",
];
/// The most entries that a page may map.
const MOST_CWES: usize = 500;

/// Reads a page.
pub(super) fn read(html: &str, base: &Url) -> EntryPage {
    let document = parse(html);
    let root = root(&document);
    let mut reader = Reader {
        base,
        sections: Vec::new(),
        part: Part::Other,
    };
    // A walk without recursion: pages may nest as deep as they like.
    let mut next = root.first_child();
    while let Some(node) = next {
        let is_entered = match node.value() {
            Node::Text(text) => {
                reader.section().text(text);
                false
            }
            _ => ElementRef::wrap(node).is_some_and(|element| reader.enter(element)),
        };
        next = node.first_child().filter(|_| is_entered);
        let (mut here, mut is_left) = (node, is_entered);
        while next.is_none() {
            if let Some(element) = ElementRef::wrap(here).filter(|_| is_left) {
                reader.section().close(element.value().name());
            }
            next = here.next_sibling();
            match here.parent() {
                Some(above) if next.is_none() && above.id() != root.id() => {
                    (here, is_left) = (above, true);
                }
                _ => break,
            }
        }
    }
    gathered(&reader.sections)
}

struct Reader<'a> {
    base: &'a Url,
    sections: Vec<Section>,
    part: Part,
}

impl Reader<'_> {
    /// Comes upon an element: whether what is in it is text of the page.
    fn enter(&mut self, element: ElementRef<'_>) -> bool {
        let name = element.value().name();
        if DROPPED.contains(&name) {
            return false;
        }
        if let Some(level) = level(name) {
            let title = words(element);
            self.part = announced(&title, level, self.part);
            self.section().heading(&title);
            return false;
        }
        let base = self.base;
        let section = self.section();
        section.open(name);
        if name == "a" {
            section.link(element, base);
        }
        true
    }

    fn section(&mut self) -> &mut Section {
        let part = self.part;
        let known = self.sections.iter().position(|s| s.part == part);
        let at = known.unwrap_or_else(|| {
            self.sections.push(Section {
                part,
                html: String::new(),
                links: Vec::new(),
                words: String::new(),
            });
            self.sections.len() - 1
        });
        &mut self.sections[at]
    }
}

/// The element that holds the page's own text.
fn root(document: &Html) -> ElementRef<'_> {
    let elements = || document.tree.nodes().filter_map(ElementRef::wrap);
    elements()
        .find(|e| e.value().name() == "article")
        .or_else(|| {
            elements().find(|e| e.value().name() == "main" || e.attr("role") == Some("main"))
        })
        .or_else(|| elements().find(|e| e.value().name() == "body"))
        .unwrap_or_else(|| document.root_element())
}

fn level(name: &str) -> Option<u8> {
    match name.as_bytes() {
        [b'h', digit @ b'1'..=b'6'] => Some(digit - b'0'),
        _ => None,
    }
}

/// What a heading announces. A smaller one, or one of a scenario, stands within what goes on.
fn announced(title: &str, level: u8, current: Part) -> Part {
    let title = title.to_lowercase();
    if title.contains("mapped cwe") || title.contains("cwes mapped") {
        Part::Weaknesses
    } else if title.contains("prevent") {
        Part::Prevention
    } else if title.contains("scenario") && title.contains("example") {
        Part::Scenarios
    } else if title.starts_with("description") || title.ends_with("vulnerable?") {
        Part::Description
    } else if title.starts_with("reference") {
        Part::References
    } else if level > 2 || title.starts_with("scenario") {
        current
    } else {
        Part::Other
    }
}

struct Section {
    part: Part,
    html: String,
    /// Address and words.
    links: Vec<(String, String)>,
    words: String,
}

impl Section {
    fn heading(&mut self, title: &str) {
        let title = title.trim_end_matches(['¶', '#', '.', ' ']);
        self.html.push_str("<p>");
        self.text(title);
        self.html.push_str("</p>");
    }

    fn open(&mut self, name: &str) {
        if KEPT.contains(&name) {
            let _ = write!(self.html, "<{name}>");
        }
    }

    fn close(&mut self, name: &str) {
        if KEPT.contains(&name) && name != "br" {
            let _ = write!(self.html, "</{name}>");
        }
    }

    fn text(&mut self, text: &str) {
        self.words.push_str(text);
        for c in text.chars() {
            match c {
                '<' => self.html.push_str("&lt;"),
                '>' => self.html.push_str("&gt;"),
                '&' => self.html.push_str("&amp;"),
                c => self.html.push(c),
            }
        }
    }

    fn link(&mut self, link: ElementRef<'_>, base: &Url) {
        let url = link.attr("href").and_then(|href| base.join(href).ok());
        if let Some(url) = url.filter(|u| matches!(u.scheme(), "http" | "https")) {
            self.links.push((url.into(), words(link)));
        }
    }
}

fn gathered(sections: &[Section]) -> EntryPage {
    let of = |part: Part| sections.iter().find(|s| s.part == part);
    let mut page = EntryPage::default();
    for found in SHOWN.into_iter().filter_map(of) {
        page.html.push_str(&found.html);
    }
    let references = of(Part::References);
    for (url, _) in references.iter().flat_map(|s| &s.links) {
        if !page.references.contains(url) {
            page.references.push(url.clone());
        }
    }
    match (of(Part::Weaknesses), references) {
        (Some(mapped), _) => {
            page.take_cwes(&mapped.words);
            for (url, _) in &mapped.links {
                page.take_definition(url);
            }
        }
        // Older pages name them among the references.
        (None, Some(references)) => {
            for (url, words) in &references.links {
                if page.take_definition(url) {
                    page.take_cwes(words);
                }
            }
        }
        (None, None) => {}
    }
    page
}

impl EntryPage {
    fn take_cwes(&mut self, text: &str) {
        let upper = text.to_ascii_uppercase();
        for (at, _) in upper.match_indices("CWE-") {
            let digits = upper[at + 4..]
                .bytes()
                .take_while(u8::is_ascii_digit)
                .count();
            self.take(&upper[at + 4..at + 4 + digits]);
        }
    }

    /// An address of MITRE's that defines a weakness.
    fn take_definition(&mut self, url: &str) -> bool {
        let Some((_, rest)) = url.split_once("cwe.mitre.org/data/definitions/") else {
            return false;
        };
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        self.take(&rest[..digits]);
        true
    }

    fn take(&mut self, digits: &str) {
        let number = digits.parse::<u32>().ok().filter(|n| *n > 0);
        let cwe = number.map(|n| format!("CWE-{n}"));
        if let Some(cwe) = cwe.filter(|c| !self.cwes.contains(c))
            && self.cwes.len() < MOST_CWES
        {
            self.cwes.push(cwe);
        }
    }
}

#[cfg(test)]
#[path = "page_tests.rs"]
mod tests;
