//! Indicators written so that nobody follows them by mistake.

use super::IndicatorKind;

/// An indicator's value, defanged: `hxxp://evil[.]com/a.exe`, `1[.]2[.]3[.]4`, `a[@]evil[.]com`, `2001[:]db8[:][:]1`. What no
/// program makes a link of (hashes, paths, keys ...) stays. [`super::refang`] gives back the value.
pub fn defang(kind: IndicatorKind, value: &str) -> String {
    match kind {
        IndicatorKind::Ipv4 | IndicatorKind::Domain => dots(value),
        IndicatorKind::Ipv6 => colons(value),
        IndicatorKind::Cidr if value.contains(':') => colons(value),
        IndicatorKind::Cidr => dots(value),
        IndicatorKind::Email => email(value),
        IndicatorKind::Url => url(value),
        _ => value.to_string(),
    }
}

fn dots(value: &str) -> String {
    value.replace('.', "[.]")
}

fn colons(value: &str) -> String {
    value.replace(':', "[:]")
}

/// The dots of the mailbox stay: nothing is sent to them alone.
fn email(value: &str) -> String {
    match value.rsplit_once('@') {
        Some((user, host)) if host.starts_with('[') => format!("{user}@{host}"),
        Some((user, host)) => format!("{user}[@]{}", dots(host)),
        None => value.to_string(),
    }
}

/// Scheme and host; the path stays readable.
fn url(value: &str) -> String {
    let (scheme, rest) = super::within::scheme(value);
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = match authority.rsplit_once('@') {
        Some((user, host)) => format!("{user}@{}", dots(host)),
        None => dots(authority),
    };
    match scheme {
        Some("http") => format!("hxxp://{host}{path}"),
        Some("https") => format!("hxxps://{host}{path}"),
        Some("ftp") => format!("fxp://{host}{path}"),
        Some(scheme) => format!("{scheme}://{host}{path}"),
        None => format!("{host}{path}"),
    }
}
