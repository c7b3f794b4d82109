//! A web page -> the words of its article. Pure. The part of the page is taken whose paragraphs weigh
//! most; menus, side columns, forms and the like are left out; what comes out is text and never markup.

use ego_tree::iter::{Edge, Traverse};
use ego_tree::{NodeId, NodeRef};
use scraper::node::Element;
use scraper::{Html, Node};

/// More of a page is not read, in bytes.
const MAX_PAGE_BYTES: usize = 3 * 1024 * 1024;
/// The longest article that is kept, in bytes.
const MAX_TEXT_BYTES: usize = 200 * 1024;
/// An article has at least so many characters; less is a teaser, a consent page or an error.
const MIN_TEXT_CHARS: usize = 250;
/// A paragraph has at least so many characters to weigh anything.
const MIN_PARAGRAPH_CHARS: usize = 25;

/// The article of a page, its paragraphs parted by an empty line; `None` where no part of it is one.
#[must_use]
pub fn article_text(page: &str) -> Option<String> {
    let end = (0..=page.len().min(MAX_PAGE_BYTES))
        .rev()
        .find(|i| page.is_char_boundary(*i))?;
    if is_too_deep(&page[..end]) {
        return None;
    }
    let document = Html::parse_document(&page[..end]);
    let root = document.tree.root();
    let best = heaviest(root)?;
    let text = words(best);
    (text.chars().count() >= MIN_TEXT_CHARS).then_some(text)
}

/// Whether a page opens so many elements within one another that no reader of HTML could be quick with
/// it. Those that end by themselves are not counted.
pub(super) fn is_too_deep(page: &str) -> bool {
    const MAX_DEPTH: u32 = 500;
    const ENDLESS: &[&str] = &[
        "p", "li", "td", "tr", "th", "dd", "dt", "option", "br", "hr", "img", "input", "meta",
        "link", "source", "wbr", "area", "base", "col", "embed", "track", "param",
    ];
    let mut depth = 0_u32;
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let (closes, name) = match rest.strip_prefix('/') {
            Some(name) => (true, name),
            None => (false, rest),
        };
        let end = name.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let name = &name[..end];
        if name.is_empty() || ENDLESS.iter().any(|e| e.eq_ignore_ascii_case(name)) {
            continue;
        }
        depth = if closes {
            depth.saturating_sub(1)
        } else {
            depth + 1
        };
        if depth > MAX_DEPTH {
            return true;
        }
    }
    false
}

/// The element whose own paragraphs weigh most. Each paragraph counts for its parent, and half for the
/// parent of that.
fn heaviest(root: NodeRef<'_, Node>) -> Option<NodeRef<'_, Node>> {
    let mut weights: std::collections::HashMap<NodeId, f32> = std::collections::HashMap::new();
    for edge in Walk::new(root) {
        let Edge::Open(node) = edge else { continue };
        let Node::Element(element) = node.value() else {
            continue;
        };
        if !matches!(element.name(), "p" | "pre" | "li" | "blockquote" | "td") {
            continue;
        }
        let (chars, linked) = measure(node);
        if chars < MIN_PARAGRAPH_CHARS || linked * 2 > chars {
            continue;
        }
        #[allow(clippy::cast_precision_loss)]
        let weight = 1.0 + (chars as f32 / 100.0).min(5.0);
        for (parent, share) in node.ancestors().zip([1.0, 0.5, 0.25]) {
            *weights.entry(parent.id()).or_insert_with(|| bonus(&parent)) += weight * share;
        }
    }
    let mut best: Option<(f32, NodeRef<'_, Node>)> = None;
    for edge in root.traverse() {
        if let Edge::Open(node) = edge
            && let Some(weight) = weights.get(&node.id())
            && best.as_ref().is_none_or(|(most, _)| weight > most)
        {
            best = Some((*weight, node));
        }
    }
    best.map(|(_, node)| node)
}

/// What an element's own name and class say for it before its paragraphs are counted.
fn bonus(node: &NodeRef<'_, Node>) -> f32 {
    let Node::Element(element) = node.value() else {
        return 0.0;
    };
    let by_name = match element.name() {
        "article" => 12.0,
        "main" => 8.0,
        "body" | "html" => -5.0,
        _ => 0.0,
    };
    let marks = [
        "articlebody",
        "article-body",
        "entry-content",
        "post-content",
        "post-body",
    ];
    let is_marked = ["class", "id", "itemprop"]
        .iter()
        .filter_map(|a| element.attr(a))
        .any(|v| {
            let v = v.to_ascii_lowercase();
            marks.iter().any(|m| v.contains(m))
        });
    by_name + if is_marked { 12.0 } else { 0.0 }
}

/// The characters of an element, and how many of them are in links. Bounded, so that nested paragraphs
/// cost no more than others.
fn measure(node: NodeRef<'_, Node>) -> (usize, usize) {
    let (mut chars, mut linked, mut in_link) = (0, 0, 0_u32);
    for edge in node.traverse().take(400) {
        match edge {
            Edge::Open(n) => match n.value() {
                Node::Text(text) => {
                    let count = text.trim().len();
                    chars += count;
                    linked += if in_link > 0 { count } else { 0 };
                }
                Node::Element(e) if e.name() == "a" => in_link += 1,
                _ => {}
            },
            Edge::Close(n) => {
                if n.value().as_element().is_some_and(|e| e.name() == "a") {
                    in_link = in_link.saturating_sub(1);
                }
            }
        }
    }
    (chars, linked)
}

/// A walk that leaves out what is no article.
struct Walk<'a> {
    edges: Traverse<'a, Node>,
    passed: Option<NodeId>,
}

impl<'a> Walk<'a> {
    fn new(root: NodeRef<'a, Node>) -> Self {
        Self {
            edges: root.traverse(),
            passed: None,
        }
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = Edge<'a, Node>;

    fn next(&mut self) -> Option<Edge<'a, Node>> {
        loop {
            let edge = self.edges.next()?;
            match (self.passed, &edge) {
                (Some(passed), Edge::Close(node)) if node.id() == passed => self.passed = None,
                (Some(_), _) => {}
                (None, Edge::Open(node))
                    if node.value().as_element().is_some_and(is_boilerplate) =>
                {
                    self.passed = Some(node.id());
                }
                (None, _) => return Some(edge),
            }
        }
    }
}

fn is_boilerplate(element: &Element) -> bool {
    let by_name = matches!(
        element.name(),
        "script"
            | "style"
            | "noscript"
            | "template"
            | "head"
            | "nav"
            | "aside"
            | "footer"
            | "header"
            | "form"
            | "button"
            | "select"
            | "textarea"
            | "iframe"
            | "object"
            | "svg"
            | "math"
            | "canvas"
            | "audio"
            | "video"
            | "figure"
            | "dialog"
            | "menu"
    );
    if by_name {
        return true;
    }
    if element.attr("hidden").is_some() || element.attr("aria-hidden") == Some("true") {
        return true;
    }
    let role = element.attr("role").unwrap_or_default();
    if matches!(
        role,
        "navigation" | "complementary" | "banner" | "contentinfo" | "search" | "dialog"
    ) {
        return true;
    }
    // Whole words of a class or id: `share` is a bar of buttons, `shareholders` is not.
    const WORDS: &[&str] = &[
        "nav",
        "navbar",
        "menu",
        "sidebar",
        "footer",
        "comment",
        "comments",
        "share",
        "sharing",
        "social",
        "related",
        "recommended",
        "newsletter",
        "subscribe",
        "promo",
        "advert",
        "ads",
        "ad",
        "cookie",
        "cookies",
        "consent",
        "breadcrumb",
        "breadcrumbs",
        "pagination",
        "popup",
        "modal",
        "sponsored",
        "toc",
        "byline",
    ];
    // The page itself is never boilerplate, whatever it calls itself.
    if matches!(element.name(), "html" | "body" | "main" | "article") {
        return false;
    }
    ["class", "id"]
        .iter()
        .filter_map(|a| element.attr(a))
        .flat_map(|v| v.split(|c: char| !c.is_ascii_alphanumeric()))
        .any(|word| WORDS.iter().any(|w| w.eq_ignore_ascii_case(word)))
}

/// The words of an element: blocks become paragraphs, points of lists keep their bullet.
fn words(node: NodeRef<'_, Node>) -> String {
    let mut out = String::new();
    let mut pre = 0_u32;
    for edge in Walk::new(node) {
        if out.len() > MAX_TEXT_BYTES {
            break;
        }
        match edge {
            Edge::Open(n) => match n.value() {
                Node::Text(text) if pre > 0 => out.push_str(&text.text),
                Node::Text(text) => push_even(&text.text, &mut out),
                Node::Element(e) => match e.name() {
                    "br" => out.push('\n'),
                    "li" => {
                        end_block(&mut out, 1);
                        out.push_str("• ");
                    }
                    "tr" => end_block(&mut out, 1),
                    "td" | "th" => push_even(" ", &mut out),
                    name if is_block(name) => {
                        pre += u32::from(name == "pre");
                        // A paragraph that begins a point of a list stays beside its bullet.
                        if !out.ends_with("• ") {
                            end_block(&mut out, 2);
                        }
                    }
                    _ => {}
                },
                _ => {}
            },
            Edge::Close(n) => {
                if let Node::Element(e) = n.value()
                    && is_block(e.name())
                {
                    pre -= u32::from(e.name() == "pre" && pre > 0);
                    end_block(&mut out, 2);
                }
            }
        }
    }
    let kept: Vec<&str> = out
        .split('\n')
        .map(str::trim_end)
        .filter(|l| l.trim() != "•")
        .collect();
    let mut text = kept.join("\n").trim().to_owned();
    while text.contains("\n\n\n") {
        text = text.replace("\n\n\n", "\n\n");
    }
    text
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "p" | "div"
            | "section"
            | "article"
            | "main"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "ul"
            | "ol"
            | "dl"
            | "dt"
            | "dd"
            | "table"
            | "blockquote"
            | "pre"
            | "hr"
            | "body"
    )
}

/// Words whose runs of white space are one blank.
fn push_even(text: &str, out: &mut String) {
    let ends = |out: &String| out.is_empty() || out.ends_with(char::is_whitespace);
    for c in text.chars() {
        if !c.is_whitespace() {
            out.push(c);
        } else if !ends(out) {
            out.push(' ');
        }
    }
}

/// Ends what is written so far by so many line ends.
fn end_block(out: &mut String, ends: usize) {
    while out.ends_with(' ') && !out.ends_with("• ") {
        out.pop();
    }
    if out.is_empty() {
        return;
    }
    let have = out.len() - out.trim_end_matches('\n').len();
    out.extend(std::iter::repeat_n('\n', ends.saturating_sub(have)));
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: &str = "A flaw in the mail server lets anybody on the network run code as root, says the vendor, who published a fix today and asks everybody to install it at once.";

    #[test]
    fn the_article_is_found_and_the_rest_left_out() {
        let page = format!(
            "<html><head><title>T</title><style>p{{}}</style></head><body>
             <nav><ul><li>Home is where the menu begins, and it is long enough to weigh</li></ul></nav>
             <div class='sidebar widget'><p>{LONG} SIDE</p><p>{LONG} SIDE</p></div>
             <div id=content><article><h1>Title</h1><div class='share buttons'>Share SIDE</div>
             <p>{LONG}</p><ul><li><p>one point of it</p></li><li>another</li></ul>
             <pre>id\n  root</pre><p>{LONG} &lt;script&gt;</p><script>alert('SIDE')</script>
             <aside>{LONG} SIDE</aside></article></div>
             <div class=comments><p>{LONG} SIDE</p><p>{LONG} SIDE</p><p>{LONG} SIDE</p></div>
             <footer><p>{LONG} SIDE</p></footer></body></html>"
        );
        let text = article_text(&page).unwrap();
        assert!(!text.contains("SIDE"), "{text}");
        assert_eq!(
            text,
            format!(
                "Title\n\n{LONG}\n\n• one point of it\n\n• another\n\nid\n  root\n\n{LONG} <script>"
            )
        );
    }

    #[test]
    fn a_page_without_an_article_has_none() {
        for page in [
            "",
            "<html><body><p>Please enable JavaScript.</p></body></html>",
            "plain text",
            "<form><p>x</p></form>",
        ] {
            assert_eq!(article_text(page), None, "{page}");
        }
        let links: String = (0..200)
            .map(|i| {
                format!("<li><a href=/{i}>a headline that is long enough to weigh {i}</a></li>")
            })
            .collect();
        assert_eq!(article_text(&format!("<ul>{links}</ul>")), None);
    }

    #[test]
    fn a_page_nested_too_deep_has_none() {
        for page in [
            "<div>".repeat(100_000),
            "<p><blockquote>x".repeat(20_000),
            format!("<p>{}", "<a href=x>y".repeat(50_000)),
        ] {
            assert!(is_too_deep(&page));
            assert_eq!(article_text(&page), None);
        }
        assert!(!is_too_deep(&"<p>x<br><li><div></div>".repeat(1000)));
        assert_eq!(article_text(&format!("<pre>{}", "\n".repeat(10_000))), None);
    }
}
