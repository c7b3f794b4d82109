//! Indicators as patterns (STIX 2.1, part 9). Text names them in many writings, defanged ones too
//! (`hxxps://evil[.]com`); what does not read as its kind after that is no indicator.

use std::net::{Ipv4Addr, Ipv6Addr};

use url::Url;

/// The pattern of an entity by its kind; `None` where it is no indicator or none of its kind.
pub(super) fn of(kind: &str, name: &str) -> Option<String> {
    let value = refang(name.trim());
    let (path, value) = match kind {
        "ipv4" => (
            "ipv4-addr:value",
            value.parse::<Ipv4Addr>().ok()?.to_string(),
        ),
        "ipv6" => (
            "ipv6-addr:value",
            value.parse::<Ipv6Addr>().ok()?.to_string(),
        ),
        "domain" => ("domain-name:value", domain(&value)?),
        "url" => ("url:value", address(&value)?),
        "email" => ("email-addr:value", email(&value)?),
        "md5" => ("file:hashes.MD5", digest(&value, 32)?),
        "sha1" => ("file:hashes.'SHA-1'", digest(&value, 40)?),
        "sha256" => ("file:hashes.'SHA-256'", digest(&value, 64)?),
        _ => return None,
    };
    let quoted = value.replace('\\', "\\\\").replace('\'', "\\'");
    Some(format!("[{path} = '{quoted}']"))
}

fn refang(text: &str) -> String {
    let mut plain = text.to_owned();
    for (from, to) in [
        ("[.]", "."),
        ("(.)", "."),
        ("{.}", "."),
        ("[dot]", "."),
        ("(dot)", "."),
        ("[:]", ":"),
        ("[://]", "://"),
        ("[@]", "@"),
        ("[at]", "@"),
        ("(at)", "@"),
    ] {
        plain = plain.replace(from, to);
    }
    for (from, to) in [("hxxps", "https"), ("hxxp", "http"), ("hXXp", "http")] {
        if let Some(rest) = plain.strip_prefix(from) {
            plain = format!("{to}{rest}");
            break;
        }
    }
    plain
}

fn domain(text: &str) -> Option<String> {
    let text = text.trim_end_matches('.').to_lowercase();
    let is_domain = text.len() <= 253
        && text.contains('.')
        && text.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .chars()
                    .all(|c| c.is_alphanumeric() || c == '-' || c == '_')
        });
    is_domain.then_some(text)
}

fn address(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let is_address = matches!(url.scheme(), "http" | "https" | "ftp") && url.has_host();
    is_address.then(|| url.into())
}

fn email(text: &str) -> Option<String> {
    let (user, host) = text.split_once('@')?;
    let is_user = !user.is_empty()
        && user
            .chars()
            .all(|c| c.is_alphanumeric() || ".!#$%&'*+/=?^_`{|}~-".contains(c));
    is_user
        .then(|| domain(host))
        .flatten()
        .map(|host| format!("{user}@{host}"))
}

fn digest(text: &str, length: usize) -> Option<String> {
    let is_digest = text.len() == length && text.bytes().all(|b| b.is_ascii_hexdigit());
    is_digest.then(|| text.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indicators_become_patterns_and_nothing_else_does() {
        for (kind, name, expect) in [
            (
                "ipv4",
                "198.51.100[.]7",
                Some("[ipv4-addr:value = '198.51.100.7']"),
            ),
            ("ipv4", "999.1.1.1", None),
            (
                "ipv6",
                "2001:DB8::1",
                Some("[ipv6-addr:value = '2001:db8::1']"),
            ),
            (
                "domain",
                "Evil[.]Example",
                Some("[domain-name:value = 'evil.example']"),
            ),
            ("domain", "no dots", None),
            ("domain", "a'b.example", None),
            (
                "url",
                "hxxps://evil[.]example/a'b\\c?q=1",
                Some("[url:value = 'https://evil.example/a\\'b/c?q=1']"),
            ),
            ("url", "javascript:alert(1)", None),
            (
                "email",
                "o'x[@]evil.example",
                Some("[email-addr:value = 'o\\'x@evil.example']"),
            ),
            ("email", "@x", None),
            (
                "md5",
                "D41D8CD98F00B204E9800998ECF8427E",
                Some("[file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e']"),
            ),
            ("sha1", "d41d8cd9", None),
            ("malware", "Emotet", None),
        ] {
            assert_eq!(of(kind, name).as_deref(), expect, "{kind} {name}");
        }
    }
}
