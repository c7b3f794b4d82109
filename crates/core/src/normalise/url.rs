//! Canonical addresses: the same page has one. http and https only; whatever could run, or carry a
//! password, is refused.

use url::Url;

/// Query parameters that only say how a reader came here.
const TRACKING: &[&str] = &[
    "fbclid",
    "gclid",
    "dclid",
    "gbraid",
    "wbraid",
    "msclkid",
    "twclid",
    "yclid",
    "igshid",
    "mc_cid",
    "mc_eid",
    "_hsenc",
    "_hsmi",
    "mkt_tok",
    "oly_anon_id",
    "oly_enc_id",
    "vero_id",
    "wt_mc",
];
const MAX_BYTES: usize = 4096;

/// The canonical form of an address, relative ones from `base`: lower-case host, no default port, no
/// fragment (except `#!`, which is an address to some sites), no tracking parameters. `None` where it is
/// not http or https, names a user, or cannot be read.
#[must_use]
pub fn canonical_url(raw: &str, base: Option<&str>) -> Option<String> {
    let raw = raw.trim();
    if is_canonical(raw) {
        return Some(raw.to_owned());
    }
    read(raw, base)
}

fn read(raw: &str, base: Option<&str>) -> Option<String> {
    if raw.is_empty() || raw.len() > MAX_BYTES {
        return None;
    }
    let mut url = match Url::parse(raw) {
        Ok(url) => url,
        Err(url::ParseError::RelativeUrlWithoutBase) => Url::parse(base?).ok()?.join(raw).ok()?,
        Err(_) => return None,
    };
    let has_user = !url.username().is_empty() || url.password().is_some();
    if !matches!(url.scheme(), "http" | "https")
        || has_user
        || url.host_str().is_none_or(str::is_empty)
    {
        return None;
    }
    if url.fragment().is_some_and(|f| !f.starts_with('!')) {
        url.set_fragment(None);
    }
    strip_tracking(&mut url);
    Some(url.into())
}

/// Works on the raw query, so that what stays keeps its exact form.
fn strip_tracking(url: &mut Url) {
    let Some(query) = url.query() else {
        return;
    };
    let kept: Vec<&str> = query
        .split('&')
        .filter(|pair| says_something(pair))
        .collect();
    let kept = kept.join("&");
    url.set_query((!kept.is_empty()).then_some(&kept));
}

/// Whether a pair of a query says more than how a reader came here.
fn says_something(pair: &str) -> bool {
    let name = pair.split('=').next().unwrap_or_default();
    let is_tracking = name
        .get(..4)
        .is_some_and(|n| n.eq_ignore_ascii_case("utm_"))
        || TRACKING.iter().any(|t| t.eq_ignore_ascii_case(name));
    !is_tracking && !pair.is_empty()
}

/// Whether an address is plainly in its canonical form, so that reading it would change nothing. Most
/// are. A `false` says only that [`canonical_url`] has to read it.
pub(super) fn is_canonical(url: &str) -> bool {
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    let Some((host, path)) = rest.and_then(|r| r.split_once('/')) else {
        return false;
    };
    if url.len() > MAX_BYTES || !is_plain_host(host) || !path.bytes().all(is_plain) {
        return false;
    }
    let (path, query) = match path.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (path, None),
    };
    // `/./` and `/../` are not kept.
    let has_dots = path.starts_with('.') || path.contains("/.");
    !has_dots && query.is_none_or(|q| q.split('&').all(says_something))
}

/// A name in lower case, without a port, a user or an international label; no number, which is an IPv4
/// address in any of its forms.
fn is_plain_host(host: &str) -> bool {
    host.split('.').all(|label| {
        !label.is_empty()
            && !label.starts_with("xn--")
            && label
                .bytes()
                .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
    }) && host
        .rsplit('.')
        .next()
        .is_some_and(|l| l.starts_with(|c: char| c.is_ascii_lowercase()))
}

/// What stays as it is in a path and in a query. `%` does not: `%2e` is a dot.
fn is_plain(b: u8) -> bool {
    b.is_ascii_alphanumeric()
        || matches!(
            b,
            b'/' | b'?'
                | b'-'
                | b'_'
                | b'.'
                | b'~'
                | b'!'
                | b'$'
                | b'&'
                | b'('
                | b')'
                | b'*'
                | b'+'
                | b','
                | b';'
                | b'='
                | b':'
                | b'@'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_page_has_one_address() {
        let base = Some("https://a.org/x/feed.xml");
        for (raw, expect) in [
            (
                " HTTPS://A.org:443/p?utm_source=x&id=1&fbclid=2#top ",
                Some("https://a.org/p?id=1"),
            ),
            ("http://a.org", Some("http://a.org/")),
            ("https://a.org/?UTM_medium=rss", Some("https://a.org/")),
            ("https://a.org/#!/post/1", Some("https://a.org/#!/post/1")),
            ("../post", Some("https://a.org/post")),
            ("//b.org/p", Some("https://b.org/p")),
            ("?p=a%20b", Some("https://a.org/x/feed.xml?p=a%20b")),
            ("javascript:alert(1)", None),
            ("JaVa\nScript:alert(1)", None),
            ("data:text/html,x", None),
            ("https://u:p@a.org/", None),
            ("ftp://a.org/", None),
            ("http://", None),
            ("", None),
        ] {
            assert_eq!(canonical_url(raw, base).as_deref(), expect, "{raw}");
        }
        assert_eq!(canonical_url("post", None), None);
    }

    /// Addresses put together from parts that need care and parts that do not.
    #[test]
    fn reading_an_address_that_is_plainly_canonical_changes_nothing() {
        let schemes = ["http://", "https://", "HTTP://", "ftp://", "https:/", ""];
        let hosts = [
            "a.org",
            "A.org",
            "a..org",
            ".org",
            "a.org.",
            "-",
            "--",
            "a-.org",
            "xn--a.org",
            "ab--c.d",
            "1.2.3.4",
            "1.2.3",
            "0x7f",
            "a.0x7f",
            "a.1",
            "1.a",
            "a.1b",
            "u@a.org",
            "a.org:80",
            "a.org:443",
            "a.org:8080",
            "[::1]",
            "é.org",
            "a_b.org",
            "a%41.org",
            "",
            "localhost",
            "a b",
        ];
        let paths = [
            "",
            "/",
            "//",
            "/a",
            "/.",
            "/..",
            "/a/../b",
            "/a/./b",
            "/.a",
            "/a.",
            "/...",
            "/%2e%2E/b",
            "/a b",
            "/a\\b",
            "/a'b",
            "/~a",
            "/a|b",
            "/a{b}",
            "/[a]",
            "/a^b",
            "/é",
            "/c:/d",
            "/C|/d",
            "/@a:b;c=d,e",
            "/a!b$c&d(e)*f+g",
            "/a\tb",
            "/\"",
            "/a`b",
        ];
        let queries = [
            "",
            "?",
            "?a=1&b",
            "?a&&b",
            "?&",
            "?utm_source=x",
            "?UTM_x",
            "?a=1&fbclid=2",
            "?a=utm_x",
            "?Gclid",
            "?a'b",
            "?a?b/../c",
            "?a=b%20c",
            "?a b",
            "?é",
            "#a",
            "?a#b",
            "#!/a",
            "?=",
            "?=a",
        ];
        let mut plain = 0;
        for scheme in schemes {
            for host in hosts {
                for path in paths {
                    for query in queries {
                        let url = format!("{scheme}{host}{path}{query}");
                        if is_canonical(&url) {
                            plain += 1;
                            assert_eq!(read(&url, None).as_deref(), Some(url.as_str()));
                        }
                    }
                }
            }
        }
        assert!(plain > 400, "{plain}");
    }
}
