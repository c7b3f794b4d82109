//! Broken on purpose: documents that are cut, joined, doubled and sprinkled, and documents made to be
//! slow. None may panic or take long. The same ones every time, as many as fit into two seconds, or into
//! a minute where `TOCSIN_FULL` is set.

use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use tocsin_core::model::SourceId;
use tocsin_core::normalise::normalise;
use tocsin_core::source::feed::{opml, read_feed};

use crate::corpus;

/// What mutation starts from where there is no corpus, beside the corpus where there is one.
const DOCUMENTS: &[&str] = &[
    "<?xml version='1.0'?><rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/'><channel><title>T</title><link>https://a.org/</link><item><title>A &amp; b</title><link>/1</link><guid isPermaLink='false'>1</guid><pubDate>Sun, 22 Nov 2026 06:00:00 GMT</pubDate><description><![CDATA[<p>x</p>]]></description><dc:creator>Ann</dc:creator></item></channel></rss>",
    "<feed xmlns='http://www.w3.org/2005/Atom' xml:base='https://a.org/'><title type='html'>T</title><entry><id>tag:a</id><title type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>a <b>b</b></div></title><link href='x'/><updated>2026-11-22T06:00:00Z</updated><author><name>Ann</name></author><content type='html'>&lt;p&gt;x</content></entry></feed>",
    "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'><channel/><item rdf:about='x'><title>a</title></item></rdf:RDF>",
    "{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":\"T\",\"items\":[{\"id\":\"1\",\"content_text\":\"x\",\"tags\":[\"a\"]}]}",
    "<!DOCTYPE rss [<!ENTITY e 'x'>]><rss><channel><item>&e;<title>&e;&nbsp;</title></item></channel></rss>",
];

/// What mutation puts in.
const PIECES: &[&[u8]] = &[
    b"<",
    b">",
    b"</",
    b"/>",
    b"<!--",
    b"-->",
    b"<![CDATA[",
    b"]]>",
    b"<?",
    b"?>",
    b"<!DOCTYPE",
    b"&",
    b";",
    b"&#x",
    b"&#0;",
    b"&lt;",
    b"&nosuch;",
    b"\"",
    b"'",
    b"=",
    b"<item>",
    b"</item>",
    b"<entry>",
    b"<title>",
    b"</title>",
    b"<link>",
    b"<content type='xhtml'>",
    b" xmlns='x'",
    b" xml:base='//'",
    b"\0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\x1f\x8b",
    b"\xe2\x80\xae",
    b"\xd0",
    b"{",
    b"}",
    b"[",
    b"\\u0000",
    b"9999999999999999999",
    b"encoding='utf-16'",
    b"<outline xmlUrl='http://a'>",
];

/// What one document may take, in a development build on a busy machine.
const LONGEST: Duration = Duration::from_secs(1);

fn read(bytes: &[u8]) -> usize {
    let source = SourceId::new("f");
    let once = || {
        let started = Instant::now();
        let read = read_feed(&source, "https://a.org/feed", None, bytes, false);
        (read, started.elapsed())
    };
    // That the machine is busy is not the reader's fault: the best of three counts.
    let (read, mut took) = once();
    for _ in 0..2 {
        if took >= LONGEST {
            took = took.min(once().1);
        }
    }
    assert!(
        took < LONGEST,
        "{took:?} for {} bytes: {}",
        bytes.len(),
        String::from_utf8_lossy(&bytes[..bytes.len().min(300)])
    );
    let drafts = read.map(|d| d.drafts).unwrap_or_default();
    let count = drafts.len();
    // What comes out is fit for the next stage.
    for draft in drafts.into_iter().take(3) {
        let _ = normalise(draft);
    }
    let _ = opml::read(bytes);
    count
}

#[test]
fn no_mutated_document_panics_or_is_slow() {
    let mut documents: Vec<Vec<u8>> = DOCUMENTS.iter().map(|d| d.as_bytes().to_vec()).collect();
    if let Some(folder) = corpus::folder() {
        let small = corpus::load(&folder).into_iter().map(|d| d.bytes);
        documents.extend(small.filter(|b| b.len() < 20_000).step_by(5));
    }
    let time = Duration::from_secs(if corpus::is_full() { 60 } else { 2 });
    let mut dice = StdRng::seed_from_u64(4);
    let (started, mut tried, mut entries) = (Instant::now(), 0, 0);
    while started.elapsed() < time {
        let mut bytes = documents.choose(&mut dice).unwrap().clone();
        for _ in 0..dice.random_range(1..6) {
            let at = dice.random_range(0..=bytes.len());
            match dice.random_range(0..6) {
                0 => bytes.truncate(at),
                1 => drop(bytes.drain(..at)),
                2 => {
                    let end = dice.random_range(at..=bytes.len()).min(at + 200);
                    drop(bytes.drain(at..end));
                }
                3 => {
                    let other = documents.choose(&mut dice).unwrap();
                    let from = dice.random_range(0..=other.len());
                    bytes.extend_from_slice(&other[from..]);
                }
                _ => {
                    let piece = PIECES.choose(&mut dice).unwrap();
                    bytes.splice(at..at, piece.iter().copied());
                }
            }
        }
        entries += read(&bytes);
        tried += 1;
    }
    println!("measured: feeds: {tried} mutated documents, {entries} entries in them");
    assert!(tried > 20 && entries > 0);
}

/// Documents that would take a careless reader for ever.
#[test]
fn no_document_made_to_be_slow_is() {
    let rss = |inner: String| format!("<rss version='2.0'><channel>{inner}</channel></rss>");
    let many = |piece: &str, bytes: usize| piece.repeat(bytes / piece.len());
    // A development build is some twenty times slower than what is shipped.
    const SIZE: usize = 150_000;
    let documents = [
        rss(many("<a>", SIZE)),
        rss(many("<item>", SIZE / 4)),
        rss(many("<item><title>", SIZE / 4)),
        rss(many("<!--", SIZE)),
        rss(many("<![CDATA[", SIZE)),
        rss(many("<?x", SIZE)),
        rss(many("<!DOCTYPE '", SIZE)),
        rss(many("<!DOCTYPE [", SIZE)),
        rss(many("<a b='", SIZE)),
        rss(many("<a b=\"c' d='e\"", SIZE)),
        rss(many("&", SIZE)),
        rss(many("&aaaaaaaaaaaaaaaa", SIZE)),
        rss(format!(
            "<item><title>{}</title></item>",
            many("&lt;b", SIZE)
        )),
        rss(format!("<item><title>{}</title></item>", many("<b>", SIZE))),
        rss(format!("<item><title>{}", many("&amp;", SIZE))),
        rss(format!(
            "<item><description>{}",
            many("<description>", SIZE)
        )),
        rss(format!("<a {}>", many("b='c' ", SIZE))),
        rss(format!("<a {}>", many("xmlns:b='c' ", SIZE))),
        rss(many("<a xml:base='b/'>", SIZE)),
        rss(many("</a>", SIZE)),
        rss(many("<a></b>", SIZE)),
        rss(format!(
            "<item>{}</item>",
            many("<category>x</category>", SIZE)
        )),
        format!(
            "<!DOCTYPE rss [{}]>{}",
            many("<!ENTITY a \"aaaaaaaa\">", SIZE / 10),
            rss(format!(
                "<item><title>{}</title></item>",
                many("&b;", SIZE / 10)
            ))
        ),
        many("<", SIZE),
        many("\u{feff}", SIZE),
        many(" ", SIZE),
        many("[", SIZE),
        many("{\"a\":", SIZE),
        format!(
            "{{\"version\":\"jsonfeed.org\",\"items\":[{}",
            many("{},", SIZE / 2)
        ),
    ];
    for document in &documents {
        read(document.as_bytes());
    }
}
