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
        .filter(|pair| {
            let name = pair
                .split('=')
                .next()
                .unwrap_or_default()
                .to_ascii_lowercase();
            !name.starts_with("utm_") && !TRACKING.contains(&name.as_str()) && !pair.is_empty()
        })
        .collect();
    let kept = kept.join("&");
    url.set_query((!kept.is_empty()).then_some(&kept));
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
}
