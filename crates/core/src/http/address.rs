//! Which addresses may be called. A feed's address, and every redirect from it, is chosen by somebody
//! else: unless the user allowed a source to, nothing inside the user's machine or network is reached.
//! Names are filtered where they are resolved, so what is checked is what is connected to and a name
//! that answers differently the second time (DNS rebinding) gains nothing.

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use super::error::HttpError;
use super::redact::redacted;

/// The hosts of guarded requests. Any other name that the guarded client resolves is the system's
/// proxy, which usually is private and which the user chose.
pub(super) type Guarded = Arc<Mutex<HashSet<String>>>;

/// Why a name was not resolved; found again in the client's error.
#[derive(Debug, thiserror::Error)]
pub(super) enum ResolveError {
    /// The name has private addresses only.
    #[error("the name leads to a private address")]
    Refused,
    /// The system's resolver has no answer.
    #[error("the name was not found")]
    NotFound,
}

/// Resolves through the system and drops addresses that are not public.
pub(super) struct FilteringResolver(Guarded);

impl FilteringResolver {
    pub fn new(guarded: Guarded) -> Self {
        Self(guarded)
    }
}

impl Resolve for FilteringResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_ascii_lowercase();
        let guarded = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .contains(&host);
        Box::pin(async move {
            let all: Vec<SocketAddr> = tokio::net::lookup_host((host.as_str(), 0))
                .await
                .map_err(|_| ResolveError::NotFound)?
                .collect();
            if all.is_empty() {
                return Err(ResolveError::NotFound.into());
            }
            let kept: Vec<SocketAddr> = all
                .into_iter()
                .filter(|a| !guarded || is_public(a.ip()))
                .collect();
            if kept.is_empty() {
                return Err(ResolveError::Refused.into());
            }
            let kept: Addrs = Box::new(kept.into_iter());
            Ok(kept)
        })
    }
}

/// Refuses an address that stands in the URL itself; the client resolves only names.
pub(super) fn check_literal(url: &Url) -> Result<(), HttpError> {
    let ip = match url.host() {
        Some(Host::Ipv4(ip)) => IpAddr::V4(ip),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip),
        _ => return Ok(()),
    };
    if is_public(ip) {
        return Ok(());
    }
    Err(HttpError::AddressRefused {
        url: redacted(url.as_str()),
    })
}

/// Whether a URL names this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => {
            name.eq_ignore_ascii_case("localhost") || name.ends_with(".localhost")
        }
        None => false,
    }
}

/// Whether an address is one of the public Internet (IANA's special-purpose registries, RFC 6890).
/// Addresses that carry an IPv4 address inside (mapped, NAT64, 6to4) are judged by that.
#[must_use]
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_documentation()
        || a == 0
        || a >= 224
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (18..20).contains(&b));
    !special
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let s = ip.segments();
    let low = || Ipv4Addr::from(u32::from(s[6]) << 16 | u32::from(s[7]));
    match s {
        // Unspecified, loopback, IPv4-compatible and IPv4-mapped.
        [0, 0, 0, 0, 0, 0 | 0xffff, ..] => s[5] == 0xffff && is_public_v4(low()),
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => is_public_v4(low()),
        [0x2002, high, next, ..] => {
            is_public_v4(Ipv4Addr::from(u32::from(high) << 16 | u32::from(next)))
        }
        [0x2001, 0xdb8, ..] | [0x64, 0xff9b, ..] => false,
        // Global unicast is 2000::/3.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_count_as_public() {
        for (ip, expect) in [
            ("8.8.8.8", true),
            ("127.0.0.1", false),
            ("10.1.2.3", false),
            ("172.31.0.1", false),
            ("172.32.0.1", true),
            ("192.168.1.1", false),
            ("169.254.169.254", false),
            ("100.100.1.1", false),
            ("0.0.0.0", false),
            ("224.0.0.1", false),
            ("255.255.255.255", false),
            ("::1", false),
            ("::", false),
            ("fe80::1", false),
            ("fd00::1", false),
            ("ff02::1", false),
            ("::ffff:127.0.0.1", false),
            ("::ffff:8.8.8.8", true),
            ("::7f00:1", false),
            ("64:ff9b::a00:1", false),
            ("64:ff9b::808:808", true),
            ("2002:7f00:1::", false),
            ("2606:4700::1111", true),
        ] {
            assert_eq!(is_public(ip.parse().unwrap()), expect, "{ip}");
        }
    }
}
