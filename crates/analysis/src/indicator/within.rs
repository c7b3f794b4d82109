//! What an indicator holds that is an indicator by itself: a URL its host, a mailbox its domain, a network its address.

use super::IndicatorKind;

/// The indicators within one: host, domain or address. Nothing of a path: it may hold any text.
pub fn within(kind: IndicatorKind, value: &str) -> Option<(IndicatorKind, String)> {
    let host = match kind {
        IndicatorKind::Url => {
            let (_, rest) = scheme(value);
            let authority = rest.split(['/', '?', '#']).next()?;
            let host = authority
                .rsplit_once('@')
                .map_or(authority, |(_, host)| host);
            match host.strip_prefix('[') {
                Some(v6) => v6.split(']').next()?,
                None if host.matches(':').count() > 1 => host,
                None => host.split(':').next()?,
            }
        }
        IndicatorKind::Email => {
            let host = value.rsplit_once('@')?.1;
            let literal = host.trim_matches(['[', ']']);
            literal.strip_prefix("IPv6:").unwrap_or(literal)
        }
        IndicatorKind::Cidr => value.split('/').next()?,
        _ => return None,
    };
    let kind = match host.parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V4(_)) => IndicatorKind::Ipv4,
        Ok(std::net::IpAddr::V6(_)) => IndicatorKind::Ipv6,
        Err(_) => IndicatorKind::Domain,
    };
    Some((kind, host.to_string()))
}

/// An address's scheme, if it has one, and the rest. `evil.com/http://...` has none.
pub(super) fn scheme(url: &str) -> (Option<&str>, &str) {
    match url.split_once("://") {
        Some((scheme, rest)) if !scheme.contains(['/', '.', '?', '#']) => (Some(scheme), rest),
        _ => (None, url),
    }
}
