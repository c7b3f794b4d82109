//! Hostile HTML -> plain text. Only html5ever's tokenizer is used, no tree: linear in the input and
//! without recursion, whatever the nesting. Elements that run, frame or draw are dropped with all that
//! is in them; blocks become paragraphs; links keep their words. What comes out is text and never
//! markup, so a `<` in it is a `<`.

use std::cell::RefCell;

use html5ever::buffer_queue::BufferQueue;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

use super::text;

/// Longer input is cut: a text of 256 KiB never needs more.
const MAX_INPUT_BYTES: usize = 4 * 1024 * 1024;

/// The words of an HTML fragment or document as plain text; paragraphs are parted by one empty line.
#[must_use]
pub fn html_to_text(html: &str) -> String {
    if !html.contains(['<', '&']) {
        return text::paragraphs(html);
    }
    let end = (0..=html.len().min(MAX_INPUT_BYTES))
        .rev()
        .find(|i| html.is_char_boundary(*i))
        .unwrap_or(0);
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(&html[..end]));
    let tokenizer = Tokenizer::new(Sink::default(), TokenizerOpts::default());
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    let words = tokenizer.sink.0.into_inner().out;
    text::paragraphs(&words)
}

#[derive(Default)]
struct Sink(RefCell<Writer>);

#[derive(Default)]
struct Writer {
    out: String,
    /// The dropped element that is open, and how many of its name are open in it.
    dropped: Option<(String, u32)>,
    /// Whether line ends are kept (`pre`).
    pre: u32,
    /// Whether nothing was written since a list's bullet.
    at_bullet: bool,
}

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut writer = self.0.borrow_mut();
        match token {
            Token::CharacterTokens(words) => writer.words(&words),
            Token::TagToken(tag) => return writer.tag(&tag),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl Writer {
    fn words(&mut self, words: &str) {
        if self.dropped.is_some() {
            return;
        }
        self.at_bullet &= words.trim().is_empty();
        if self.pre > 0 {
            self.out.push_str(words);
            return;
        }
        self.out.extend(words.chars().map(|c| {
            // A line end in the source is a blank; those of `paragraphs` come from elements only.
            if c.is_whitespace() { ' ' } else { c }
        }));
    }

    fn tag(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let name: &str = &tag.name;
        let opens = tag.kind == TagKind::StartTag;
        if let Some((dropped, depth)) = &mut self.dropped {
            if name == dropped.as_str() {
                match tag.kind {
                    TagKind::StartTag if !tag.self_closing => *depth += 1,
                    TagKind::StartTag => {}
                    TagKind::EndTag => *depth -= 1,
                }
                if *depth == 0 {
                    self.dropped = None;
                }
            }
        } else if opens && is_dropped(name) && !tag.self_closing {
            self.dropped = Some((name.to_owned(), 1));
        } else {
            self.layout(name, opens);
        }
        match name {
            "script" if opens => TokenSinkResult::RawData(RawKind::ScriptData),
            "style" | "iframe" | "noembed" | "noframes" | "xmp" if opens => {
                TokenSinkResult::RawData(RawKind::Rawtext)
            }
            "textarea" | "title" if opens => TokenSinkResult::RawData(RawKind::Rcdata),
            _ => TokenSinkResult::Continue,
        }
    }

    fn layout(&mut self, name: &str, opens: bool) {
        match name {
            "br" => self.out.push('\n'),
            "li" if opens => {
                self.out.push_str("\n• ");
                self.at_bullet = true;
            }
            "tr" | "dt" | "dd" if opens => self.out.push('\n'),
            "tr" | "dt" | "dd" | "li" => {}
            "td" | "th" => self.out.push(' '),
            "pre" | "listing" => {
                self.pre = if opens {
                    self.pre.saturating_add(1)
                } else {
                    self.pre.saturating_sub(1)
                };
                self.out.push_str("\n\n");
            }
            // A paragraph that begins a point of a list stays beside its bullet.
            _ if is_block(name) && opens && self.at_bullet => {}
            _ if is_block(name) => self.out.push_str("\n\n"),
            _ => {}
        }
    }
}

/// Elements whose content is not words for a reader.
fn is_dropped(name: &str) -> bool {
    matches!(
        name,
        "script"
            | "style"
            | "template"
            | "noscript"
            | "iframe"
            | "object"
            | "svg"
            | "math"
            | "head"
            | "noembed"
            | "noframes"
            | "applet"
            | "audio"
            | "video"
            | "canvas"
            | "select"
            | "textarea"
            | "button"
            | "title"
    )
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "p" | "div"
            | "section"
            | "article"
            | "aside"
            | "header"
            | "footer"
            | "main"
            | "nav"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "ul"
            | "ol"
            | "dl"
            | "table"
            | "blockquote"
            | "figure"
            | "figcaption"
            | "hr"
            | "address"
            | "details"
            | "summary"
            | "form"
            | "fieldset"
            | "center"
            | "body"
            | "html"
            | "caption"
            | "thead"
            | "tbody"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(html: &str, expect: &str) {
        assert_eq!(html_to_text(html), expect, "{html}");
    }

    #[test]
    fn blocks_become_paragraphs_and_lists_keep_their_points() {
        check(
            "<p>One</p><p>Two <b>bold</b>\n words</p>",
            "One\n\nTwo bold words",
        );
        check("a<br>b<br/><br>c", "a\nb\n\nc");
        check(
            "<p>List:</p><ul><li>x</li><li> y </li></ul><p>end",
            "List:\n\n• x\n• y\n\nend",
        );
        check("<ul><li><p>x</p></li><li>y</li></ul>", "• x\n\n• y");
        check("<a href='http://a.org'>the link</a> here", "the link here");
        check(
            "<table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table>",
            "1 2\n3",
        );
        check("<pre>a\n  b</pre>", "a\nb");
        check("x &lt;b&gt; &amp; &eacute;&nbsp;y", "x <b> & é y");
        check("plain\ntext", "plain\ntext");
        check("AT&T < 5 & more", "AT&T < 5 & more");
    }

    #[test]
    fn nothing_executable_survives() {
        check("a<script>alert('</p>')</script>b", "ab");
        check("a<SCRIPT src=x>b</SCRIPT >c", "ac");
        check(
            "<style>p{}</style>a<noscript><img src=x onerror=alert(1)></noscript>",
            "a",
        );
        check("<svg><script>x</script><svg>y</svg>z</svg>a", "a");
        check(
            "<template><p>x</p></template>a<iframe src=x><p>y</p></iframe>b",
            "ab",
        );
        check("<object><object>x</object>y</object>a", "a");
        check("<img src=x onerror=alert(1)>a<!-- b --><?php c ?>", "a");
        check("a\u{202e}b\u{0}c<p>\u{200b}", "abc");
        check("<script>never closed", "");
        check("<svg/>a", "a");
        check("text<title>t</title>", "text");
    }

    #[test]
    fn deep_nesting_and_large_input_are_no_trouble() {
        assert_eq!(html_to_text(&"<div>".repeat(50_000)), "");
        assert_eq!(html_to_text(&"<b><p>".repeat(25_000)), "");
        assert_eq!(
            html_to_text(&("x".repeat(10) + &"</".repeat(50_000))).get(..10),
            Some("xxxxxxxxxx")
        );
        assert!(html_to_text(&"&amp;".repeat(20_000)).len() < MAX_INPUT_BYTES);
    }
}
