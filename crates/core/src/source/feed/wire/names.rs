//! What an element's name means, whatever prefix its document uses: the address of a namespace decides,
//! and where that is unknown or missing the prefix does, for many declare a wrong address or none.

/// A vocabulary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Space {
    /// RSS of every kind, and Atom.
    Plain,
    /// `content:encoded`.
    Content,
    /// Dublin Core.
    Dc,
    /// Dublin Core's terms.
    DcTerms,
    /// Media RSS.
    Media,
    /// Apple's podcasts.
    Itunes,
    /// How often a feed is made anew.
    Sy,
    /// RDF.
    Rdf,
    /// XHTML.
    Xhtml,
    /// Anything else.
    Other,
}

/// More bindings than this are not remembered.
const MAX_BINDINGS: usize = 64;

/// The prefixes in force.
#[derive(Debug, Default)]
pub(super) struct Names<'a> {
    /// Prefix (empty for the default), vocabulary, depth of the element that declares it.
    bound: Vec<(&'a str, Space, usize)>,
}

impl<'a> Names<'a> {
    /// Takes over what a tag declares.
    pub(super) fn declare(&mut self, attributes: &[(&'a str, &'a str)], depth: usize) {
        for (name, address) in attributes {
            let prefix = match name.get(..5) {
                Some(head) if head.eq_ignore_ascii_case("xmlns") => match name.get(5..) {
                    Some("") => "",
                    Some(rest) if rest.starts_with(':') => &rest[1..],
                    _ => continue,
                },
                _ => continue,
            };
            if self.bound.len() < MAX_BINDINGS {
                let space = by_address(address.trim())
                    .or_else(|| by_prefix(prefix))
                    .unwrap_or(if prefix.is_empty() {
                        Space::Plain
                    } else {
                        Space::Other
                    });
                self.bound.push((prefix, space, depth));
            }
        }
    }

    /// Forgets what elements deeper than `depth` declared.
    pub(super) fn leave(&mut self, depth: usize) {
        while self.bound.last().is_some_and(|(_, _, d)| *d > depth) {
            self.bound.pop();
        }
    }

    /// The vocabulary of a name, and the name without its prefix.
    pub(super) fn of(&self, name: &'a str) -> (Space, &'a str) {
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        let bound = self
            .bound
            .iter()
            .rev()
            .find(|(p, ..)| p.eq_ignore_ascii_case(prefix));
        let space = match bound {
            Some((_, space, _)) => *space,
            None => by_prefix(prefix).unwrap_or(Space::Other),
        };
        (space, local)
    }

    /// The vocabulary of an attribute, which the default does not reach.
    pub(super) fn of_attribute(&self, name: &'a str) -> (Space, &'a str) {
        if name.contains(':') {
            self.of(name)
        } else {
            (Space::Plain, name)
        }
    }
}

fn by_prefix(prefix: &str) -> Option<Space> {
    let known = [
        ("", Space::Plain),
        ("atom", Space::Plain),
        ("atom10", Space::Plain),
        ("rss", Space::Plain),
        ("content", Space::Content),
        ("dc", Space::Dc),
        ("dcterms", Space::DcTerms),
        ("media", Space::Media),
        ("itunes", Space::Itunes),
        ("sy", Space::Sy),
        ("rdf", Space::Rdf),
        ("xhtml", Space::Xhtml),
    ];
    known
        .iter()
        .find(|(p, _)| p.eq_ignore_ascii_case(prefix))
        .map(|(_, space)| *space)
}

fn by_address(address: &str) -> Option<Space> {
    let known = [
        ("http://www.w3.org/2005/atom", Space::Plain),
        ("https://www.w3.org/2005/atom", Space::Plain),
        ("http://purl.org/atom/ns#", Space::Plain),
        ("http://purl.org/rss/1.0/", Space::Plain),
        ("http://purl.org/rss/1.0/modules/rss091#", Space::Plain),
        ("http://my.netscape.com/rdf/simple/0.9/", Space::Plain),
        ("http://channel.netscape.com/rdf/simple/0.9/", Space::Plain),
        ("http://blogs.law.harvard.edu/tech/rss", Space::Plain),
        ("http://purl.org/pie/", Space::Plain),
        ("http://purl.org/echo/", Space::Plain),
        ("http://example.com/newformat#", Space::Plain),
        ("http://example.com/necho", Space::Plain),
        ("uri/of/echo/namespace#", Space::Plain),
        ("http://purl.org/rss/1.0/modules/content/", Space::Content),
        ("http://purl.org/dc/elements/1.1/", Space::Dc),
        ("http://purl.org/dc/elements/1.0/", Space::Dc),
        ("http://purl.org/dc/terms/", Space::DcTerms),
        ("http://search.yahoo.com/mrss", Space::Media),
        ("http://search.yahoo.com/mrss/", Space::Media),
        ("http://www.itunes.com/dtds/podcast-1.0.dtd", Space::Itunes),
        ("http://example.com/dtds/podcast-1.0.dtd", Space::Itunes),
        ("http://purl.org/rss/1.0/modules/syndication/", Space::Sy),
        ("http://www.w3.org/1999/02/22-rdf-syntax-ns#", Space::Rdf),
        ("http://www.w3.org/1999/xhtml", Space::Xhtml),
    ];
    let is_userland = |a: &str| a.to_ascii_lowercase().contains("backend.userland.com/rss");
    known
        .iter()
        .find(|(a, _)| a.eq_ignore_ascii_case(address))
        .map(|(_, space)| *space)
        .or_else(|| is_userland(address).then_some(Space::Plain))
}

/// What an element says of an entry, or of the feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Title,
    MediaTitle,
    Link,
    Id,
    Published,
    Updated,
    Description,
    Abstract,
    MediaDescription,
    Summary,
    Content,
    Encoded,
    Body,
    Author,
    Category,
    Ttl,
    UpdatePeriod,
    UpdateFrequency,
}

impl Field {
    /// What an element means; its name without prefix may have any case.
    pub(super) fn of(space: Space, local: &str) -> Option<Self> {
        const LONGEST: usize = 16;
        if space == Space::Other || local.len() > LONGEST {
            return None;
        }
        let mut lower = [0; LONGEST];
        let lower = &mut lower[..local.len()];
        lower.copy_from_slice(local.as_bytes());
        lower.make_ascii_lowercase();
        Some(match (space, &*lower) {
            (Space::Plain | Space::Dc, b"title") => Self::Title,
            (Space::Media, b"title") => Self::MediaTitle,
            (Space::Plain, b"link") => Self::Link,
            (Space::Plain, b"guid" | b"id") => Self::Id,
            (Space::Plain, b"pubdate" | b"published" | b"issued") => Self::Published,
            (Space::DcTerms, b"issued") => Self::Published,
            (Space::Plain, b"updated" | b"modified" | b"lastbuilddate") => Self::Updated,
            (Space::Dc, b"date") | (Space::DcTerms, b"modified") => Self::Updated,
            (Space::Plain | Space::Dc, b"description") => Self::Description,
            (Space::Plain, b"abstract") => Self::Abstract,
            (Space::Media, b"description") => Self::MediaDescription,
            (Space::Itunes, b"summary") => Self::MediaDescription,
            (Space::Plain, b"summary") => Self::Summary,
            (Space::Plain, b"content") => Self::Content,
            (Space::Content, b"encoded") | (Space::Plain, b"fullitem") => Self::Encoded,
            (Space::Plain | Space::Xhtml, b"body") => Self::Body,
            (Space::Plain, b"author" | b"managingeditor") => Self::Author,
            (Space::Dc, b"creator" | b"author") | (Space::Itunes, b"author") => Self::Author,
            (Space::Plain, b"category" | b"keywords") | (Space::Dc, b"subject") => Self::Category,
            (Space::Itunes | Space::Media, b"category") => Self::Category,
            (Space::Plain, b"ttl") => Self::Ttl,
            (Space::Sy, b"updateperiod") => Self::UpdatePeriod,
            (Space::Sy, b"updatefrequency") => Self::UpdateFrequency,
            _ => return None,
        })
    }

    /// Whether it holds words that may be marked up.
    pub(super) fn is_text(self) -> bool {
        matches!(
            self,
            Self::Title
                | Self::MediaTitle
                | Self::Description
                | Self::Abstract
                | Self::MediaDescription
                | Self::Summary
                | Self::Content
                | Self::Encoded
                | Self::Body
        )
    }

    /// Whether it never holds another field, so that one that begins in it says that its end is missing.
    pub(super) fn is_short(self) -> bool {
        !self.is_text() || matches!(self, Self::Title | Self::MediaTitle)
    }

    /// The type of its text where its element states none.
    pub(super) fn default_type(self) -> &'static str {
        match self {
            Self::Description | Self::MediaDescription | Self::Encoded => "text/html",
            Self::Body => "application/xhtml+xml",
            _ => "text/plain",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_namespace_decides_and_else_the_prefix() {
        let mut names = Names::default();
        names.declare(
            &[
                ("xmlns:x", "http://purl.org/dc/elements/1.1/"),
                ("xmlns:dc", "http://wrong.example/"),
                ("xmlns", "http://www.w3.org/2005/Atom"),
                ("xmlns:own", "http://own.example/"),
            ],
            1,
        );
        assert_eq!(names.of("x:date"), (Space::Dc, "date"));
        assert_eq!(names.of("dc:date"), (Space::Dc, "date"));
        assert_eq!(names.of("entry"), (Space::Plain, "entry"));
        assert_eq!(names.of("own:title"), (Space::Other, "title"));
        assert_eq!(names.of("media:title"), (Space::Media, "title"));
        names.declare(&[("xmlns", "http://www.w3.org/1999/xhtml")], 2);
        assert_eq!(names.of("p"), (Space::Xhtml, "p"));
        names.leave(1);
        assert_eq!(names.of("p"), (Space::Plain, "p"));
        assert_eq!(Field::of(Space::Plain, "PUBDATE"), Some(Field::Published));
        assert_eq!(Field::of(Space::Other, "title"), None);
    }
}
