//! OPML 2.0: lists of feeds, as other readers write them. Reading is tolerant, as with feeds; an outline
//! that cannot be used is a problem and the others stand. Pure.

use super::encoding;
use super::wire::xml::{Token, Tokens};
use crate::error::Fault;
use crate::model::{Problem, Time};

/// More outlines than this are not read.
const MAX_OUTLINES: usize = 5_000;
/// Groups nested deeper than this do not count.
const MAX_DEPTH: usize = 32;

/// A feed of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// For people.
    pub name: String,
    /// The feed's address.
    pub url: String,
    /// Its site's.
    pub site: Option<String>,
    /// The headings that it stands under, outermost first, parted by ` / `.
    pub group: Option<String>,
}

/// A list of feeds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Opml {
    /// The feeds, in their order.
    pub outlines: Vec<Outline>,
    /// Outlines that could not be used.
    pub problems: Vec<Problem>,
}

/// Reads a list.
///
/// # Errors
/// `opml_not_a_list` where it is something else.
pub fn read(bytes: &[u8]) -> Result<Opml, Fault> {
    let text = encoding::decode(bytes, None);
    let mut tokens = Tokens::new(&text);
    let mut list = Opml::default();
    let mut is_list = false;
    // The headings that are open; a feed's own outline is none.
    let mut open: Vec<Option<String>> = Vec::new();
    let mut seen = 0_usize;
    while let Some(token) = tokens.next() {
        match token {
            Token::Start { name, .. } if name.eq_ignore_ascii_case("opml") => is_list = true,
            Token::Start { name, is_empty } if name.eq_ignore_ascii_case("outline") => {
                seen += 1;
                if seen > MAX_OUTLINES {
                    list.problems.push(too_many());
                    break;
                }
                let heading = outline(&tokens, &open, seen, is_empty, &mut list);
                if !is_empty {
                    open.push(heading);
                }
            }
            Token::End(name) if name.eq_ignore_ascii_case("outline") => {
                open.pop();
            }
            _ => {}
        }
    }
    if !is_list && list.outlines.is_empty() {
        return Err(Fault::new(
            "opml_not_a_list",
            "The file is no list of feeds (OPML). Export the list anew from the program that it comes from.",
        ));
    }
    Ok(list)
}

/// Takes an outline over; the heading that it opens for those within.
fn outline(
    tokens: &Tokens<'_>,
    open: &[Option<String>],
    place: usize,
    is_empty: bool,
    list: &mut Opml,
) -> Option<String> {
    let stated = |name: &str| {
        let value = tokens.attribute(name)?;
        let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
        (!value.is_empty()).then_some(value)
    };
    let name = stated("title").or_else(|| stated("text"));
    let kind = stated("type").map(|t| t.to_ascii_lowercase());
    let is_feed = matches!(kind.as_deref(), Some("rss" | "atom" | "feed" | "json"));
    let Some(url) = stated("xmlUrl").or_else(|| stated("url").filter(|_| is_feed)) else {
        if is_empty || is_feed {
            // A heading with nothing in it says nothing; a feed without an address does.
            if is_feed {
                list.problems
                    .push(problem(name.as_deref(), place, "no_address"));
            }
            return None;
        }
        return name;
    };
    match url::Url::parse(&url) {
        Ok(parsed) if matches!(parsed.scheme(), "http" | "https") && parsed.has_host() => {
            let groups = open.iter().flatten().take(MAX_DEPTH);
            let group: Vec<&str> = groups.map(String::as_str).collect();
            list.outlines.push(Outline {
                name: name
                    .or_else(|| parsed.host_str().map(ToOwned::to_owned))
                    .unwrap_or_default(),
                site: stated("htmlUrl"),
                group: (!group.is_empty()).then(|| group.join(" / ")),
                url,
            });
        }
        _ => list
            .problems
            .push(problem(name.as_deref(), place, "no_web_address")),
    }
    None
}

fn problem(name: Option<&str>, place: usize, reason: &str) -> Problem {
    let subject = name.map_or_else(
        || format!("outline {place}"),
        |name| name.chars().take(100).collect(),
    );
    Problem {
        fault: Fault::new(
            "outline_unusable",
            format!("The outline \"{subject}\" names no web address of a feed and was left out."),
        )
        .with("outline", &subject)
        .with("reason", reason),
        subject,
    }
}

fn too_many() -> Problem {
    Problem {
        subject: format!("outline {}", MAX_OUTLINES + 1),
        fault: Fault::new(
            "outlines_too_many",
            format!("The list has more than {MAX_OUTLINES} outlines; the rest was left out."),
        )
        .with("most", MAX_OUTLINES),
    }
}

/// Writes a list, its feeds under their headings.
#[must_use]
pub fn write(outlines: &[Outline], now: Time) -> String {
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opml version=\"2.0\">\n  <head>\n    <title>Tocsin's feeds</title>\n    <dateCreated>",
    );
    out.push_str(&rfc822(now));
    out.push_str(
        "</dateCreated>\n    <docs>http://opml.org/spec2.opml</docs>\n  </head>\n  <body>\n",
    );
    let mut groups: Vec<Option<&str>> = Vec::new();
    for outline in outlines {
        let group = outline.group.as_deref();
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    // Feeds without a heading come first.
    groups.sort_by_key(|g| g.is_some());
    for group in groups {
        let indent = if let Some(group) = group {
            out.push_str(&format!(
                "    <outline text=\"{0}\" title=\"{0}\">\n",
                escaped(group)
            ));
            "      "
        } else {
            "    "
        };
        for outline in outlines.iter().filter(|o| o.group.as_deref() == group) {
            out.push_str(&format!(
                "{indent}<outline type=\"rss\" text=\"{0}\" title=\"{0}\" xmlUrl=\"{1}\"",
                escaped(&outline.name),
                escaped(&outline.url)
            ));
            if let Some(site) = &outline.site {
                out.push_str(&format!(" htmlUrl=\"{}\"", escaped(site)));
            }
            out.push_str("/>\n");
        }
        if group.is_some() {
            out.push_str("    </outline>\n");
        }
    }
    out.push_str("  </body>\n</opml>\n");
    out
}

fn rfc822(now: Time) -> String {
    chrono::DateTime::from_timestamp_millis(now.ms())
        .map(|t| t.to_rfc2822())
        .unwrap_or_default()
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = r#"<?xml version="1.0" encoding="ISO-8859-1"?>
      <OPML version="1.0"><head><title>x</title></head><body>
      <outline text="Security &amp; more"><outline title="Blogs">
        <outline text="Krebs" TYPE="rss" XMLURL="https://krebsonsecurity.com/feed/?a=1&b=2" htmlUrl="https://krebsonsecurity.com/"/>
      </outline><outline type="rss" text="Kept" xmlUrl="https://a.org/1"></outline></outline>
      <outline type="rss" text="No address"/>
      <outline text="File" xmlUrl="file:///etc/passwd"/>
      <outline xmlUrl="http://b.org/feed">
      <outline text="Empty heading"/>"#;

    #[test]
    fn nested_groups_are_read_and_bad_outlines_are_problems() {
        let list = read(LIST.as_bytes()).unwrap();
        let shown: Vec<String> = list
            .outlines
            .iter()
            .map(|o| {
                format!(
                    "{} {} [{}]",
                    o.name,
                    o.url,
                    o.group.as_deref().unwrap_or_default()
                )
            })
            .collect();
        assert_eq!(
            shown,
            [
                "Krebs https://krebsonsecurity.com/feed/?a=1&b=2 [Security & more / Blogs]",
                "Kept https://a.org/1 [Security & more]",
                "b.org http://b.org/feed []",
            ]
        );
        let subjects: Vec<&str> = list.problems.iter().map(|p| p.subject.as_str()).collect();
        assert_eq!(subjects, ["No address", "File"]);
        assert_eq!(read(b"<html>").unwrap_err().code, "opml_not_a_list");
        assert_eq!(read(b"").unwrap_err().code, "opml_not_a_list");
        let deep = "<opml>".to_owned() + &"<outline text='x'>".repeat(20_000);
        assert_eq!(read(deep.as_bytes()).unwrap().problems.len(), 1);
    }

    #[test]
    fn what_is_written_is_read_as_it_was() {
        let outline = |name: &str, url: &str, group: Option<&str>| Outline {
            name: name.into(),
            url: url.into(),
            site: None,
            group: group.map(Into::into),
        };
        let mut all = vec![
            outline("A \"b\" <c> & d", "https://a.org/?x=1&y=2", Some("G & h")),
            outline("É", "https://e.org/", None),
            outline("Z", "https://z.org/", Some("G & h")),
        ];
        let text = write(&all, Time::parse_rfc3339("2026-11-22T06:00:00Z").unwrap());
        assert!(text.contains("<dateCreated>Sun, 22 Nov 2026 06:00:00 +0000</dateCreated>"));
        let back = read(text.as_bytes()).unwrap();
        all.swap(0, 1);
        assert_eq!(back.outlines, all);
        assert!(back.problems.is_empty());
    }
}
