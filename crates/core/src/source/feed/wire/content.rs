//! What a feed's document says, whatever its format: the shape between the readers and the drafts.

use crate::model::Time;

/// More entries than this are not kept.
pub(super) const MAX_ENTRIES: usize = 20_000;

/// The format of a feed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// RSS 0.9x, 1.0 and 2.0, and what resembles them.
    #[default]
    Rss,
    /// Atom 0.3 and 1.0.
    Atom,
    /// JSON Feed 1.0 and 1.1.
    Json,
}

/// Words in the form in which the feed gives them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Words {
    /// A `<` is a `<`.
    Plain(String),
    /// HTML, hostile.
    Html(String),
}

impl Words {
    pub(in crate::source::feed) fn is_empty(&self) -> bool {
        let (Self::Plain(text) | Self::Html(text)) = self;
        text.trim().is_empty()
    }

    /// Words that should be plain, and are HTML where they look like it.
    pub(super) fn guessed(text: String) -> Self {
        if super::capture::looks_like_html(&text) {
            Self::Html(text)
        } else {
            Self::Plain(text)
        }
    }

    /// As HTML.
    #[must_use]
    pub fn into_html(self) -> String {
        match self {
            Self::Html(html) => html,
            Self::Plain(text) => escaped(&text),
        }
    }
}

impl Content {
    /// Mends the texts of a document that was encoded twice: UTF-8 whose bytes somebody took for Latin-1
    /// (`Ã©` for `é`). A text that is anything else cannot be mistaken for one.
    pub(super) fn mended(mut self) -> Self {
        for entry in &mut self.entries {
            let words = [&mut entry.title, &mut entry.summary, &mut entry.content];
            for Words::Plain(text) | Words::Html(text) in words.into_iter().flatten() {
                mend(text);
            }
            entry.author.iter_mut().for_each(mend);
            entry.tags.iter_mut().for_each(mend);
        }
        if let Some(Words::Plain(text) | Words::Html(text)) = &mut self.title {
            mend(text);
        }
        self
    }
}

fn mend(text: &mut String) {
    if text.is_ascii() {
        return;
    }
    let bytes: Result<Vec<u8>, _> = text.chars().map(|c| u8::try_from(u32::from(c))).collect();
    if let Ok(bytes) = bytes
        && let Ok(mended) = String::from_utf8(bytes)
    {
        *text = mended;
    }
}

/// A text as HTML that shows it.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape_into(text, &mut out);
    out
}

pub(super) fn escape_into(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            c => out.push(c),
        }
    }
}

/// One entry, in the order of the document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// `guid`, `id` or `rdf:about`, as given.
    pub id: Option<String>,
    /// Its title.
    pub title: Option<Words>,
    /// Its address; relative where neither it nor `xml:base` says more.
    pub link: Option<String>,
    /// The base in force where the entry begins, if the document states one.
    pub base: Option<String>,
    /// When it was published, if it says so in a form that can be read.
    pub published: Option<Time>,
    /// When it was last changed.
    pub updated: Option<Time>,
    /// Who wrote it.
    pub author: Option<String>,
    /// The short text.
    pub summary: Option<Words>,
    /// The long text.
    pub content: Option<Words>,
    /// Categories, each once.
    pub tags: Vec<String>,
}

/// A feed's document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// Its format.
    pub format: Format,
    /// The feed's title.
    pub title: Option<Words>,
    /// The site that it belongs to, as given.
    pub site: Option<String>,
    /// The entries.
    pub entries: Vec<Entry>,
    /// How long it wants to be kept, in minutes (`ttl`, or what `sy:updatePeriod` comes to).
    pub ttl_min: Option<u32>,
    /// Whether the document was broken and something had to be guessed.
    pub is_salvaged: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_encoded_twice_is_mended_and_every_other_stays() {
        for (text, expect) in [
            ("crÃ©ent un Prix", "créent un Prix"),
            ("créent un Prix", "créent un Prix"),
            ("Ã©tÃ© → €", "Ã©tÃ© → €"),
            ("plain", "plain"),
            ("Â", "Â"),
        ] {
            let mut mended = text.to_owned();
            mend(&mut mended);
            assert_eq!(mended, expect);
        }
        assert_eq!(
            Words::Plain("a < b & c".into()).into_html(),
            "a &lt; b &amp; c"
        );
    }
}
