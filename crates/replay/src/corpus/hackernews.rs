//! Chooses the feed that is served as The Hacker News'. By content, for the corpus' file names are not known here:
//! what calls itself so, else the RSS document of the security sites with the most items.

use crate::corpus::source::CorpusFile;

/// As much of a document as its channel's title and link take.
const HEAD: usize = 4096;

/// The document, if the corpus has any RSS feed of a site. Always the same one for the same files.
pub(crate) fn choose(files: &[CorpusFile]) -> Option<&CorpusFile> {
    let feeds: Vec<&CorpusFile> = files
        .iter()
        .filter(|file| file.is_under("feeds") && !file.is_under("feeds/parser-corpora"))
        .filter(|file| !is_json(file))
        .collect();
    let named = feeds.iter().copied().filter(|file| {
        let name = file.name().to_ascii_lowercase();
        name.contains("hackernews") || name.contains("hackersnews")
    });
    richest(named)
        .or_else(|| richest(feeds.iter().copied().filter(|file| says_so(file))))
        .or_else(|| {
            let sites = |file: &&CorpusFile| file.is_under("feeds/security-sites");
            richest(feeds.iter().copied().filter(sites).filter(|f| is_news(f)))
                .or_else(|| richest(feeds.iter().copied().filter(sites)))
                .or_else(|| richest(feeds.iter().copied()))
        })
}

fn is_json(file: &CorpusFile) -> bool {
    file.plain_path().ends_with(".json")
}

/// The RSS document with the most items; the first by path where several have as many.
fn richest<'a>(files: impl Iterator<Item = &'a CorpusFile>) -> Option<&'a CorpusFile> {
    let counted = files.filter_map(|file| Some((count_items(file)?, file)));
    let best = counted.max_by(|left, right| {
        left.0
            .cmp(&right.0)
            .then_with(|| right.1.path.cmp(&left.1.path))
    });
    best.map(|(_, file)| file)
}

fn count_items(file: &CorpusFile) -> Option<usize> {
    let bytes = file.read().ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let items = text.matches("<item>").count() + text.matches("<item ").count();
    (text.contains("<rss") && items > 0).then_some(items)
}

/// The channel's own words, before its first item.
fn channel(file: &CorpusFile) -> String {
    let bytes = file.read().unwrap_or_default();
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(HEAD)]).into_owned();
    let end = head.find("<item").unwrap_or(head.len());
    head[..end].to_ascii_lowercase()
}

fn says_so(file: &CorpusFile) -> bool {
    let channel = channel(file);
    ["thehackernews", "thehackersnews", "the hacker news"]
        .iter()
        .any(|name| channel.contains(name))
}

fn is_news(file: &CorpusFile) -> bool {
    let channel = channel(file);
    ["news", "week", "breach", "computer"]
        .iter()
        .any(|word| channel.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::source::Source;

    #[test]
    fn prefers_the_site_itself_then_a_news_site_with_the_most_items() {
        let file = |path: &str, text: &'static str| CorpusFile {
            path: path.to_owned(),
            source: Source::Embedded(text.as_bytes()),
        };
        let few = "<rss><channel><title>Weekly</title><item></item></channel></rss>";
        let many =
            "<rss><channel><title>Daily News</title><item></item><item></item></channel></rss>";
        let own =
            "<rss><channel><link>https://thehackernews.com</link><item></item></channel></rss>";
        let mut files = vec![
            file("feeds/security-sites/a.xml", few),
            file("feeds/security-sites/b.xml", many),
            file("feeds/parser-corpora/thehackernews.xml", many),
            file("feeds/security-sites/c.xml", "<feed></feed>"),
        ];
        let chosen = |files: &[CorpusFile]| choose(files).map(|file| file.path.clone());
        assert_eq!(
            chosen(&files).as_deref(),
            Some("feeds/security-sites/b.xml")
        );
        files.push(file("feeds/any/z.xml", own));
        assert_eq!(chosen(&files).as_deref(), Some("feeds/any/z.xml"));
        files.push(file("feeds/any/TheHackerNews-1.xml", few));
        assert_eq!(
            chosen(&files).as_deref(),
            Some("feeds/any/TheHackerNews-1.xml")
        );
        assert_eq!(chosen(&[]), None);
    }
}
