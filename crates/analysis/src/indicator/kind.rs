//! The kinds of indicators.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What an indicator is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum IndicatorKind {
    /// An IPv4 address.
    Ipv4,
    /// An IPv6 address.
    Ipv6,
    /// A network: address and length of its prefix.
    Cidr,
    /// A domain name under a top-level domain that exists.
    Domain,
    /// A web or other network address, with or without its scheme.
    Url,
    /// An e-mail address.
    Email,
    /// 32 hexadecimal digits.
    Md5,
    /// 40 hexadecimal digits.
    Sha1,
    /// 64 hexadecimal digits.
    Sha256,
    /// 128 hexadecimal digits.
    Sha512,
    /// A fuzzy hash.
    Ssdeep,
    /// The MD5 of a program's imports: only where the text says so.
    Imphash,
    /// The SHA-256 of a signed program: only where the text says so.
    Authentihash,
    /// A file or folder of Windows or a Unix.
    FilePath,
    /// A key of Windows' registry.
    RegistryKey,
    /// Where a cryptocurrency is paid to; its checksum holds.
    CryptoAddress,
    /// The number of an autonomous system.
    Asn,
    /// The address of a network card.
    Mac,
    /// What a program calls itself in HTTP.
    UserAgent,
}

impl IndicatorKind {
    /// All of them, in their order.
    pub const ALL: [Self; 19] = [
        Self::Ipv4,
        Self::Ipv6,
        Self::Cidr,
        Self::Domain,
        Self::Url,
        Self::Email,
        Self::Md5,
        Self::Sha1,
        Self::Sha256,
        Self::Sha512,
        Self::Ssdeep,
        Self::Imphash,
        Self::Authentihash,
        Self::FilePath,
        Self::RegistryKey,
        Self::CryptoAddress,
        Self::Asn,
        Self::Mac,
        Self::UserAgent,
    ];

    /// Its name on every wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
            Self::Cidr => "cidr",
            Self::Domain => "domain",
            Self::Url => "url",
            Self::Email => "email",
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
            Self::Ssdeep => "ssdeep",
            Self::Imphash => "imphash",
            Self::Authentihash => "authentihash",
            Self::FilePath => "file_path",
            Self::RegistryKey => "registry_key",
            Self::CryptoAddress => "crypto_address",
            Self::Asn => "asn",
            Self::Mac => "mac",
            Self::UserAgent => "user_agent",
        }
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}
