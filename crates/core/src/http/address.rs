//! Which addresses may be called. A feed's address, and every redirect from it, is chosen by somebody
//! else: unless the user allowed a source to, nothing inside the user's machine or network is reached.
//! Names are filtered where they are resolved, so what is checked is what is connected to and a name
//! that answers differently the second time (DNS rebinding) gains nothing.

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use super::error::HttpError;
use super::redact::redacted;

/// Where a request may lead that was not sent to an address which the user gave and allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// The public Internet.
    Public,
    /// That, and the addresses of local networks; neither this machine nor link-local addresses.
    Lan,
}

impl Reach {
    fn admits(self, ip: IpAddr) -> bool {
        is_public(ip) || (self == Self::Lan && is_lan(ip))
    }
}

/// The hosts of guarded requests. Any other name that a guarded client resolves is the system's proxy,
/// which usually is private and which the user chose.
#[derive(Clone, Debug, Default)]
pub(super) struct Guarded(Arc<Mutex<HashSet<String>>>);

impl Guarded {
    pub fn add(&self, host: &str) {
        let mut hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        hosts.insert(host.to_ascii_lowercase());
    }

    fn has(&self, host: &str) -> bool {
        let hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        hosts.contains(host)
    }
}

/// Names that the client knows without asking the system: none but those that a test sets, to have a
/// name fail, come back, or lead somewhere else the second time. The address policy holds for them.
#[derive(Debug, Default)]
pub struct Names(Mutex<HashMap<String, Vec<IpAddr>>>);

impl Names {
    /// The name leads there from now on; nowhere if there is no address.
    pub fn set(&self, name: &str, addresses: &[IpAddr]) {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        names.insert(name.to_ascii_lowercase(), addresses.to_vec());
    }

    fn get(&self, name: &str) -> Option<Vec<IpAddr>> {
        let names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        names.get(name).cloned()
    }
}

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

/// Resolves through the system and drops addresses that may not be reached.
pub(super) struct FilteringResolver {
    names: Arc<Names>,
    filter: Option<(Reach, Guarded)>,
}

impl FilteringResolver {
    pub fn new(names: Arc<Names>, filter: Option<(Reach, Guarded)>) -> Self {
        Self { names, filter }
    }
}

impl Resolve for FilteringResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_ascii_lowercase();
        let known = self.names.get(&host);
        let reach = self
            .filter
            .as_ref()
            .filter(|(_, guarded)| guarded.has(&host))
            .map(|(reach, _)| *reach);
        Box::pin(async move {
            let all = match known {
                Some(known) => known.into_iter().map(|ip| (ip, 0).into()).collect(),
                None => look_up(&host).await,
            };
            if all.is_empty() {
                return Err(ResolveError::NotFound.into());
            }
            let kept: Vec<SocketAddr> = all
                .into_iter()
                .filter(|a| reach.is_none_or(|reach| reach.admits(a.ip())))
                .collect();
            if kept.is_empty() {
                return Err(ResolveError::Refused.into());
            }
            let kept: Addrs = Box::new(kept.into_iter());
            Ok(kept)
        })
    }
}

async fn look_up(host: &str) -> Vec<SocketAddr> {
    if is_below(host, "invalid") {
        // Never exists (RFC 6761): no server is asked.
        return Vec::new();
    }
    match tokio::net::lookup_host((host, 0)).await {
        Ok(found) => found.collect(),
        Err(_) => Vec::new(),
    }
}

/// Whether a name is this one or below it.
pub(super) fn is_below(host: &str, name: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    host == name || host.strip_suffix(name).is_some_and(|h| h.ends_with('.'))
}

/// Names that lead into the user's network by what they are. Where a proxy resolves names, nobody here
/// sees the address.
const LOCAL_NAMES: [&str; 6] = [
    "localhost",
    "local",
    "internal",
    "home.arpa",
    "intranet",
    "lan",
];

/// Refuses an address that stands in the URL itself, which the client does not resolve, and names that
/// are local by what they are.
pub(super) fn check(url: &Url, reach: Reach) -> Result<(), HttpError> {
    let is_admitted = match url.host() {
        Some(Host::Ipv4(ip)) => reach.admits(ip.into()),
        Some(Host::Ipv6(ip)) => reach.admits(ip.into()),
        Some(Host::Domain(name)) if reach == Reach::Public => {
            let is_local = LOCAL_NAMES.iter().any(|local| is_below(name, local));
            !is_local && name.trim_end_matches('.').contains('.')
        }
        Some(Host::Domain(name)) => !is_below(name, "localhost"),
        None => true,
    };
    if is_admitted {
        return Ok(());
    }
    Err(HttpError::AddressRefused {
        url: redacted(url.as_str()),
    })
}

/// Whether an address names this machine.
#[must_use]
pub fn is_loopback_url(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| is_loopback(&url))
}

/// Whether a URL names this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => is_below(name, "localhost"),
        None => false,
    }
}

/// Whether an address is one of a local network: RFC 1918, shared (CGNAT) or unique local.
fn is_lan(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            ip.is_private() || (a == 100 && (64..128).contains(&b))
        }
        IpAddr::V6(ip) => match ip.to_ipv4_mapped() {
            Some(ip) => is_lan(ip.into()),
            None => ip.is_unique_local(),
        },
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
        || (a == 192 && b == 88 && c == 99)
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
        // Teredo and the other special ones of 2001::/23, and documentation.
        [0x2001, 0..0x200, ..] | [0x3fff, 0..0x1000, ..] => false,
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
            ("2001:0:4136:e378:8000:63bf:3fff:fdd2", false),
            ("2001:4860:4860::8888", true),
            ("3fff::1", false),
            ("192.88.99.1", false),
            ("198.18.0.1", false),
            ("::ffff:169.254.169.254", false),
            ("64:ff9b:1::7f00:1", false),
            ("fec0::1", false),
        ] {
            assert_eq!(is_public(ip.parse().unwrap()), expect, "{ip}");
        }
    }

    #[test]
    fn a_local_network_is_neither_this_machine_nor_a_metadata_service() {
        for (ip, expect) in [
            ("192.168.1.1", true),
            ("10.0.0.1", true),
            ("100.64.0.1", true),
            ("fd00::1", true),
            ("::ffff:10.0.0.1", true),
            ("8.8.8.8", true),
            ("127.0.0.1", false),
            ("169.254.169.254", false),
            ("0.0.0.0", false),
            ("::1", false),
            ("fe80::1", false),
            ("::ffff:127.0.0.1", false),
        ] {
            assert_eq!(Reach::Lan.admits(ip.parse().unwrap()), expect, "{ip}");
        }
    }

    #[test]
    fn local_names_are_refused_whoever_resolves_them() {
        for (host, expect) in [
            ("feeds.example", true),
            ("localhost", false),
            ("a.localhost.", false),
            ("printer.local", false),
            ("metadata.google.internal", false),
            ("router", false),
            ("notlocalhost.example", true),
        ] {
            let url = Url::parse(&format!("http://{host}/")).unwrap();
            assert_eq!(check(&url, Reach::Public).is_ok(), expect, "{host}");
        }
        let lan = Url::parse("http://printer.local/").unwrap();
        assert!(check(&lan, Reach::Lan).is_ok());
    }

    #[tokio::test]
    async fn a_name_that_leads_elsewhere_the_second_time_gains_nothing() {
        let (names, guarded) = (Arc::new(Names::default()), Guarded::default());
        guarded.add("rebind.example");
        let filter = Some((Reach::Public, guarded));
        let resolver = FilteringResolver::new(Arc::clone(&names), filter);
        let ask = || resolver.resolve("rebind.example".parse().unwrap());
        names.set("rebind.example", &["8.8.8.8".parse().unwrap()]);
        assert_eq!(ask().await.unwrap().count(), 1);
        names.set("rebind.example", &["127.0.0.1".parse().unwrap()]);
        assert!(ask().await.is_err());
        // Of several only the public ones are left.
        let both = ["10.0.0.1".parse().unwrap(), "8.8.4.4".parse().unwrap()];
        names.set("rebind.example", &both);
        let kept: Vec<SocketAddr> = ask().await.unwrap().collect();
        assert_eq!(kept, ["8.8.4.4:0".parse().unwrap()]);
    }
}
