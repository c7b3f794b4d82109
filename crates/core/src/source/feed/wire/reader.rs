//! The tolerant reader: RSS of every kind, Atom, and what resembles them. It walks over the pieces of a
//! document once and takes an entry from wherever one begins, so that a document cut off in the middle,
//! entries outside their channel and elements never closed cost as little as they can.

use url::Url;

use super::capture::Capture;
use super::content::{Content, Entry, Format, MAX_ENTRIES};
use super::names::{Field, Names, Space};
use super::node::Node;
use super::xml::{Token, Tokens};

/// Elements nested deeper than this are counted and not remembered.
const MAX_DEPTH: usize = 256;
/// An end tag closes an element at most so many levels up.
const MAX_UNCLOSED: usize = 64;
/// A base address longer than this is none.
const MAX_BASE_BYTES: usize = 4096;

/// Reads a document; `None` where nothing in it is a feed's. `url` is where it came from.
pub(super) fn read(text: &str, url: &str) -> Option<Content> {
    let mut reader = Reader {
        tokens: Tokens::new(text),
        names: Names::default(),
        open: Vec::new(),
        over: 0,
        bases: Vec::new(),
        url: Url::parse(url).ok(),
        capture: None,
        passed: None,
        entry: None,
        feed: Node::default(),
        entries: Vec::new(),
        is_feed: false,
        is_atom: false,
        is_html: false,
        period: Period::default(),
    };
    reader.run();
    reader.finish()
}

#[derive(Debug)]
struct Reader<'a> {
    tokens: Tokens<'a>,
    names: Names<'a>,
    /// The names of the elements that are open.
    open: Vec<&'a str>,
    /// How many are open beyond the deepest that is remembered.
    over: usize,
    /// The addresses that `xml:base` sets, with the depth of their elements.
    bases: Vec<(usize, Url)>,
    url: Option<Url>,
    /// The element whose text is read.
    capture: Option<Capture<'a>>,
    /// The element that is passed over with all that is in it, and how many of its name are open.
    passed: Option<(&'a str, usize)>,
    /// The entry that is open.
    entry: Option<Node>,
    feed: Node,
    entries: Vec<Entry>,
    is_feed: bool,
    is_atom: bool,
    is_html: bool,
    period: Period,
}

#[derive(Debug, Default)]
struct Period {
    ttl: Option<u32>,
    period_min: Option<u32>,
    frequency: Option<u32>,
}

impl<'a> Reader<'a> {
    fn run(&mut self) {
        while let Some(token) = self.tokens.next() {
            match token {
                Token::Start { name, is_empty } => self.start(name, is_empty),
                Token::End(name) => self.end(name),
                Token::Text(text) => {
                    if let Some(capture) = &mut self.capture {
                        capture.words(&self.tokens.entities.decode(text), false);
                    }
                }
                Token::Data(text) => {
                    if let Some(capture) = &mut self.capture {
                        capture.words(text, true);
                    }
                }
            }
            if self.is_html && !self.is_feed {
                return;
            }
        }
        if self.capture.is_some() || self.entry.is_some() || !self.open.is_empty() {
            self.tokens.is_salvaged = true;
        }
        self.close_capture();
        self.close_entry();
    }

    fn finish(self) -> Option<Content> {
        if !self.is_feed && self.entries.is_empty() {
            return None;
        }
        let feed = self.feed.finish();
        let every = self.period.period_min.map(|min| {
            let times = self.period.frequency.unwrap_or(1).max(1);
            (min / times).max(1)
        });
        Some(Content {
            format: if self.is_atom {
                Format::Atom
            } else {
                Format::Rss
            },
            title: feed.title,
            site: feed.link,
            entries: self.entries,
            ttl_min: self.period.ttl.or(every),
            is_salvaged: self.tokens.is_salvaged,
        })
    }

    fn depth(&self) -> usize {
        self.open.len() + self.over + 1
    }

    fn start(&mut self, name: &'a str, is_empty: bool) {
        let (space, local) = self.names.of(name);
        let begins_entry = is_entry(space, local);
        if let Some(capture) = &mut self.capture {
            let field = Field::of(space, local);
            let is_missed = capture.field.is_short()
                && field.is_some_and(|f| f != capture.field)
                && !(capture.field == Field::Author && is_part_of_author(local));
            if !begins_entry && !is_missed {
                if name.eq_ignore_ascii_case(capture.name) && !is_empty {
                    capture.nested += 1;
                }
                capture.start(local, is_empty);
                return;
            }
            self.tokens.is_salvaged = true;
            self.close_capture();
        }
        if let Some((passed, count)) = &mut self.passed {
            if !begins_entry {
                if passed.eq_ignore_ascii_case(name) && !is_empty {
                    *count += 1;
                }
                return;
            }
            self.passed = None;
        }
        self.names.declare(&self.tokens.attributes, self.depth());
        // What it declares holds for its own name too.
        let (space, local) = self.names.of(name);
        self.rebase();
        self.enter(name, space, local, is_empty);
        if is_empty {
            self.leave(self.depth() - 1);
        }
    }

    /// What an element opens, in the light of its own declarations.
    fn enter(&mut self, name: &'a str, space: Space, local: &'a str, is_empty: bool) {
        let is = |names: &[&str]| {
            space == Space::Plain && names.iter().any(|n| n.eq_ignore_ascii_case(local))
        };
        if is_entry(space, local) {
            self.begin_entry();
        } else if is(&["rss", "channel", "feed"])
            || (local.eq_ignore_ascii_case("rdf") && matches!(space, Space::Rdf | Space::Plain))
        {
            self.begin_feed(is(&["feed"]));
        } else if is(&["html"]) || (space == Space::Xhtml && local.eq_ignore_ascii_case("html")) {
            self.is_html = true;
        } else if is(&["image", "textinput", "source", "contributor"]) {
            if !is_empty {
                self.passed = Some((name, 1));
            }
            return;
        } else if let Some(field) = Field::of(space, local) {
            self.begin_field(field, name, is_empty);
            return;
        }
        if !is_empty {
            self.push(name);
        }
    }

    fn begin_feed(&mut self, is_atom: bool) {
        if !self.is_feed {
            self.is_atom = is_atom;
        }
        self.is_feed = true;
    }

    fn begin_entry(&mut self) {
        self.close_entry();
        let base = self.bases.last().map(|(_, base)| base.to_string());
        let mut node = Node::new(base);
        if let Some(about) = self.rdf_about() {
            node.set_id(about);
        }
        if let Some(href) = self.tokens.attribute("href") {
            node.set_link(self.resolved(href.trim()));
        }
        if let Some(changed) = self.tokens.attribute("lastmod") {
            node.set_updated(&changed);
        }
        self.entry = Some(node);
    }

    fn rdf_about(&self) -> Option<String> {
        let is_about = |name: &str| {
            let (space, local) = self.names.of_attribute(name);
            space == Space::Rdf && local.eq_ignore_ascii_case("about")
        };
        let (name, _) = self.tokens.attributes.iter().find(|(n, _)| is_about(n))?;
        let value = self.tokens.attribute(name)?;
        Some(value.trim().to_owned())
    }

    fn begin_field(&mut self, field: Field, name: &'a str, is_empty: bool) {
        if field == Field::Link && self.linked() {
            if !is_empty {
                self.passed = Some((name, 1));
            }
            return;
        }
        let kind = self.tokens.attribute("type");
        let mode = self.tokens.attribute("mode");
        let kind = kind.as_deref().filter(|_| field.is_text());
        let mut capture = Capture::new(field, name, self.depth(), kind, mode.as_deref());
        capture.stated = match field {
            Field::Category => ["term", "text"]
                .iter()
                .find_map(|a| self.tokens.attribute(a))
                .map(|t| t.trim().to_owned()),
            Field::Id => self
                .tokens
                .attribute("isPermaLink")
                .filter(|p| !p.trim().eq_ignore_ascii_case("true"))
                .map(|_| String::new()),
            _ => None,
        };
        self.capture = Some(capture);
        if is_empty {
            self.close_capture();
        }
    }

    /// Takes the address of a link over that is in an attribute; whether it is in one.
    fn linked(&mut self) -> bool {
        let href = ["href", "url", "uri"]
            .iter()
            .find_map(|a| self.tokens.attribute(a));
        let Some(href) = href else {
            return false;
        };
        let is = |name: &str, values: &[&str]| {
            self.tokens
                .attribute(name)
                .is_none_or(|v| values.iter().any(|x| x.eq_ignore_ascii_case(v.trim())))
        };
        let is_page = is("rel", &["alternate"])
            && is(
                "type",
                &["text/html", "html", "application/xhtml+xml", "xhtml"],
            );
        if is_page {
            let link = self.resolved(href.trim());
            self.node().set_link(link);
        }
        true
    }

    fn node(&mut self) -> &mut Node {
        match &mut self.entry {
            Some(entry) => entry,
            None => &mut self.feed,
        }
    }

    fn end(&mut self, name: &'a str) {
        let (space, local) = self.names.of(name);
        if let Some(capture) = &mut self.capture {
            if capture.name.eq_ignore_ascii_case(name) {
                if capture.nested == 0 {
                    self.close_capture();
                    self.leave(self.depth() - 1);
                } else {
                    capture.nested -= 1;
                    capture.end(local);
                }
                return;
            }
            if !ends_entry(space, local) {
                capture.end(local);
                return;
            }
            self.tokens.is_salvaged = true;
            self.close_capture();
        }
        if let Some((passed, count)) = &mut self.passed {
            if passed.eq_ignore_ascii_case(name) {
                *count -= 1;
                if *count == 0 {
                    self.passed = None;
                    self.leave(self.depth() - 1);
                }
                return;
            }
            if !ends_entry(space, local) {
                return;
            }
            self.passed = None;
        }
        if is_entry(space, local) {
            self.close_entry();
        }
        self.pop(name);
    }

    fn push(&mut self, name: &'a str) {
        if self.open.len() < MAX_DEPTH {
            self.open.push(name);
        } else {
            self.over += 1;
        }
    }

    fn pop(&mut self, name: &str) {
        if self.over > 0 {
            self.over -= 1;
            return;
        }
        let from = self.open.len().saturating_sub(MAX_UNCLOSED);
        let found = self.open[from..]
            .iter()
            .rposition(|n| n.eq_ignore_ascii_case(name));
        let Some(at) = found else {
            self.tokens.is_salvaged = true;
            return;
        };
        self.tokens.is_salvaged |= from + at + 1 < self.open.len();
        self.open.truncate(from + at);
        self.leave(self.open.len());
    }

    /// Forgets what elements deeper than `depth` set.
    fn leave(&mut self, depth: usize) {
        self.names.leave(depth);
        while self.bases.last().is_some_and(|(d, _)| *d > depth) {
            self.bases.pop();
        }
    }

    fn rebase(&mut self) {
        let Some(base) = self.tokens.attribute("xml:base") else {
            return;
        };
        let base = base.trim();
        let outer = self.bases.last().map(|(_, b)| b).or(self.url.as_ref());
        let joined = match outer {
            Some(outer) => outer.join(base),
            None => Url::parse(base),
        };
        if let Ok(joined) = joined
            && joined.as_str().len() <= MAX_BASE_BYTES
            && self.bases.len() < MAX_DEPTH
        {
            let depth = self.depth();
            self.bases.push((depth, joined));
        }
    }

    /// An address in the light of `xml:base`; as it is where the document states none.
    fn resolved(&self, link: &str) -> String {
        match self.bases.last() {
            Some((_, base)) if !link.is_empty() => base
                .join(link)
                .map_or_else(|_| link.to_owned(), String::from),
            _ => link.to_owned(),
        }
    }

    fn close_entry(&mut self) {
        if let Some(node) = self.entry.take()
            && self.entries.len() < MAX_ENTRIES
        {
            self.entries.push(node.finish());
        }
    }

    fn close_capture(&mut self) {
        let Some(capture) = self.capture.take() else {
            return;
        };
        match capture.field {
            Field::Link => {
                let link = capture.into_value().replace("&amp;", "&");
                let link = self.resolved(&link);
                self.node().set_link(link);
            }
            Field::Ttl => self.period.ttl = capture.into_value().parse().ok(),
            Field::UpdatePeriod => self.period.period_min = period(&capture.into_value()),
            Field::UpdateFrequency => self.period.frequency = capture.into_value().parse().ok(),
            Field::Id => {
                let is_permalink = capture.stated.is_none();
                let id = capture.text().trim().to_owned();
                if is_permalink && !id.is_empty() {
                    let link = self.resolved(&id);
                    self.node().set_permalink(link);
                }
                self.node().take(capture, false, false);
            }
            _ => {
                let guess = !self.is_atom;
                let (space, _) = self.names.of(capture.name);
                self.node().take(capture, guess, space == Space::Itunes);
            }
        }
    }
}

fn is_entry(space: Space, local: &str) -> bool {
    space == Space::Plain
        && (local.eq_ignore_ascii_case("item") || local.eq_ignore_ascii_case("entry"))
}

fn ends_entry(space: Space, local: &str) -> bool {
    is_entry(space, local)
        || (space == Space::Plain
            && ["channel", "rss", "feed"]
                .iter()
                .any(|n| n.eq_ignore_ascii_case(local)))
}

fn is_part_of_author(local: &str) -> bool {
    ["name", "email", "uri", "url"]
        .iter()
        .any(|n| n.eq_ignore_ascii_case(local))
}

/// `sy:updatePeriod` in minutes.
fn period(text: &str) -> Option<u32> {
    match text.to_ascii_lowercase().as_str() {
        "hourly" => Some(60),
        "daily" => Some(1440),
        "weekly" => Some(7 * 1440),
        "monthly" => Some(30 * 1440),
        "yearly" => Some(365 * 1440),
        _ => None,
    }
}
