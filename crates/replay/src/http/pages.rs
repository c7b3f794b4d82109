//! Documents: KEV, EPSS' file, OWASP's pages and feeds, with their media types by content and a folder's index.

use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;

use crate::corpus::documents::{Document, Documents, Kind};
use crate::http::reply::Reply;
use crate::http::{PutPage, Site, query};

/// How much of a document is looked at to tell what it is.
const HEAD: usize = 2048;

pub(crate) fn put_page(page: &PutPage, asked: &HeaderMap) -> Reply {
    Reply::document(&page.content_type, page.bytes.clone(), page.since, asked)
}

pub(crate) fn answer(site: &Site, raw_path: &str, asked: &HeaderMap) -> Reply {
    let documents = &site.corpus.documents;
    let decoded = query::decode_path(raw_path);
    // Some names in the corpus are stored with their percent signs.
    for path in [decoded.as_str(), raw_path] {
        if let Some(document) = documents.get(path) {
            return send(site, document, StatusCode::OK, asked);
        }
        if path.ends_with('/')
            && let Some(document) = documents.get(&format!("{path}index.html"))
        {
            return send(site, document, StatusCode::OK, asked);
        }
        if documents.get(&format!("{path}/index.html")).is_some() {
            return redirect(&format!("{raw_path}/"));
        }
        if let Some(document) = documents.get(&format!("{path}.html")) {
            return send(site, document, StatusCode::OK, asked);
        }
    }
    match nearest_404(documents, &decoded) {
        Some(document) => send(site, document, StatusCode::NOT_FOUND, asked),
        None => Reply::new(StatusCode::NOT_FOUND, "text/plain", "404 page not found\n"),
    }
}

/// A folder without its slash, as static hosts answer it.
fn redirect(to: &str) -> Reply {
    let mut reply = Reply::new(
        StatusCode::MOVED_PERMANENTLY,
        "text/html",
        "<html><head><title>301 Moved Permanently</title></head></html>\n",
    );
    reply.header("location", to);
    reply
}

fn nearest_404<'a>(documents: &'a Documents, path: &str) -> Option<&'a Document> {
    let mut folder = path;
    while let Some((above, _)) = folder.rsplit_once('/') {
        folder = above;
        let document = documents.get(&format!("{folder}/404.html"));
        if let Some(document) = document.filter(|d| d.kind == Kind::Owasp) {
            return Some(document);
        }
    }
    None
}

fn send(site: &Site, document: &Document, status: StatusCode, asked: &HeaderMap) -> Reply {
    let dated = document.at(site.clock.now());
    let Ok(bytes) = dated.read(document.kind) else {
        return Reply::status(StatusCode::INTERNAL_SERVER_ERROR);
    };
    let content_type = match document.kind {
        Kind::Kev => "application/json",
        Kind::Epss => "application/gzip",
        Kind::Owasp | Kind::Feed => content_type(dated.file.plain_path(), &bytes),
    };
    if status != StatusCode::OK {
        return Reply::new(status, content_type, bytes);
    }
    // What the corpus does not date is as old as the corpus' present.
    let modified = dated.since.unwrap_or(site.corpus.newest);
    Reply::document(content_type, Bytes::from(bytes), modified, asked)
}

/// A plausible media type: by the root element or first character, then by the name.
fn content_type(path: &str, bytes: &[u8]) -> &'static str {
    // Zero bytes are dropped so that UTF-16 reads like ASCII.
    let head: Vec<u8> = bytes
        .iter()
        .take(HEAD)
        .copied()
        .filter(|b| *b != 0)
        .collect();
    let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
    let begun = head.trim_start_matches(|c: char| !c.is_ascii_graphic());
    if begun.starts_with("<!doctype html") || begun.starts_with("<html") {
        return "text/html; charset=utf-8";
    }
    if begun.starts_with('<') {
        let roots = [
            ("<rss", "application/rss+xml"),
            ("<feed", "application/atom+xml"),
            ("<rdf", "application/rdf+xml"),
            (":feed", "application/atom+xml"),
            (":rss", "application/rss+xml"),
            ("<html", "text/html; charset=utf-8"),
        ];
        let found = roots
            .iter()
            .filter_map(|(root, kind)| Some((begun.find(root)?, kind)));
        return found.min().map_or("application/xml", |(_, kind)| kind);
    }
    if begun.starts_with('{') || begun.starts_with('[') {
        let is_feed = begun.contains("jsonfeed.org");
        return if is_feed {
            "application/feed+json"
        } else {
            "application/json"
        };
    }
    match path.rsplit_once('.').map(|(_, kind)| kind) {
        Some("html" | "htm") => "text/html; charset=utf-8",
        Some("xml" | "atom" | "rss" | "rdf") => "application/xml",
        Some("json") => "application/json",
        Some("md") => "text/markdown; charset=utf-8",
        Some("csv") => "text/csv",
        Some("png") => "image/png",
        _ => "text/plain",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_a_media_type_by_content() {
        let check = |path: &str, bytes: &[u8], expect: &str| {
            assert_eq!(content_type(path, bytes), expect, "{path}");
        };
        check(
            "a.xml",
            b"\xef\xbb\xbf<?xml version='1.0'?><rss>",
            "application/rss+xml",
        );
        check("b.xml", b"\n <feed xmlns=''><html>", "application/atom+xml");
        check("c.xml", b"<rdf:RDF>", "application/rdf+xml");
        check(
            "d.xml",
            b"\xff\xfe<\0?\0x\0m\0l\0?\0>\0<\0r\0s\0s\0>\0",
            "application/rss+xml",
        );
        check(
            "e.xml",
            b"<!DOCTYPE html><html>",
            "text/html; charset=utf-8",
        );
        check(
            "f",
            b"{\"version\":\"https://jsonfeed.org/version/1\"}",
            "application/feed+json",
        );
        check("g", b"{}", "application/json");
        check("h.md", b"# A", "text/markdown; charset=utf-8");
        check("i", b"", "text/plain");
    }
}
