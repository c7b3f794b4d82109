//! Messages made at random of hostile pieces.

use rand::seq::IndexedRandom;
use rand::{Rng, RngCore};

use crate::error::Fault;
use crate::model::{
    AlertId, ChangeKind, CvssVersion, DeliveryId, Issuer, Kind, MessageAlert, MessageProduct,
    Score, Severity, Time,
};
use crate::notify::{Content, Digest, DigestGroup, DigestWhy, Message};

const PIECES: &[&str] = &[
    "word",
    "a sentence. Another one! ",
    "<script>alert(1)</script>",
    "<b>",
    "</b>",
    "</a>",
    "<a href=\"",
    "<!channel>",
    "<@U123|x>",
    "&",
    "&lt;",
    "&#39;",
    "\"",
    "'",
    "\\",
    "|",
    "*bold*",
    "_x_",
    "`",
    "{{body}}",
    "{\"type\":\"divider\"}",
    "\r\nBcc: evil@example.org\r\n\r\n",
    "\n",
    "\n\n",
    "\r",
    "\0",
    "\u{b}",
    "\u{1b}[31m",
    "\u{7f}",
    "\u{85}",
    "\u{2028}",
    "\u{202e}",
    "\u{2066}",
    "\u{200f}",
    "\u{200b}",
    "\u{feff}",
    "\u{e0041}",
    "😀",
    "👩‍👩‍👧‍👦",
    "é",
    "e\u{301}",
    "שלום",
    "مرحبا",
    "漢字。",
    "𝕏",
    " ",
    "\t",
    "=?utf-8?q?x?=",
    ".",
    "..",
    "\n.\n",
    "-- \n",
];

/// The same numbers in every run; much quicker than a cipher where nothing is optimised (SplitMix64).
pub(super) struct Dice(pub u64);

impl RngCore for Dice {
    fn next_u32(&mut self) -> u32 {
        (self.next_u64() >> 32) as u32
    }

    fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        for piece in bytes.chunks_mut(8) {
            let number = self.next_u64().to_le_bytes();
            piece.copy_from_slice(&number[..piece.len()]);
        }
    }
}

fn hostile(rng: &mut Dice) -> String {
    let most = match rng.random_range(0..200) {
        0..10 => 0,
        10 => 100_000,
        11..40 => 3000,
        _ => 80,
    };
    let mut text = String::new();
    // Often one piece alone, over and over: what is rare elsewhere fills a whole message then.
    let only = rng.random_bool(0.3).then(|| PIECES.choose(rng).unwrap());
    while text.len() < most {
        text.push_str(only.unwrap_or_else(|| PIECES.choose(rng).unwrap()));
    }
    text
}

fn some<T>(rng: &mut Dice, most: usize, mut make: impl FnMut(&mut Dice) -> T) -> Vec<T> {
    let count = rng.random_range(0..=most);
    (0..count).map(|_| make(rng)).collect()
}

fn severity(rng: &mut Dice) -> Option<Severity> {
    let all = [
        Some(Severity::High),
        Some(Severity::Medium),
        Some(Severity::Low),
        None,
    ];
    *all.choose(rng).unwrap()
}

fn alert(rng: &mut Dice) -> MessageAlert {
    let url = match rng.random_range(0..6) {
        0 => None,
        1 => Some(hostile(rng)),
        2 => Some(format!("https://example.org/{}", hostile(rng))),
        3 => Some(format!(
            "https://example.org/?q={}&x=|&&'\"><b>",
            "&".repeat(300)
        )),
        4 => Some(format!("javascript:{}", hostile(rng))),
        _ => Some("https://nvd.nist.gov/vuln/detail/CVE-2026-1".to_owned()),
    };
    let changes = [
        ChangeKind::New,
        ChangeKind::SeverityRaised,
        ChangeKind::Exploited,
        ChangeKind::EpssJump,
        ChangeKind::Rejected,
    ];
    MessageAlert {
        id: AlertId(rng.random_range(0..1000)),
        uid: hostile(rng),
        kind: *[Kind::Vulnerability, Kind::Article, Kind::Guidance]
            .choose(rng)
            .unwrap(),
        source_name: hostile(rng),
        title: hostile(rng),
        text: hostile(rng),
        url,
        severity: severity(rng),
        score: rng.random_bool(0.5).then(|| Score {
            version: CvssVersion::V31,
            issuer: Issuer::Nvd,
            source: hostile(rng),
            primary: true,
            score: 9.8,
            vector: hostile(rng),
        }),
        is_estimate: rng.random(),
        exploited: rng.random_bool(0.2),
        epss: rng.random_bool(0.5).then(|| (rng.random(), rng.random())),
        products: some(rng, 10, |rng| MessageProduct {
            name: hostile(rng),
            versions: hostile(rng),
        }),
        more_products: rng.random_range(0..3),
        matched: some(rng, 8, hostile),
        rules: some(rng, 5, hostile),
        change: *changes.choose(rng).unwrap(),
        detail: rng.random_bool(0.3).then(|| hostile(rng)),
        published: Time(rng.random_range(0..2_000_000_000_000)),
    }
}

fn alerts(rng: &mut Dice, most: usize) -> Vec<MessageAlert> {
    let mut all = some(rng, most, alert);
    if all.is_empty() {
        all.push(alert(rng));
    }
    all
}

/// A message of any kind.
pub(super) fn message(rng: &mut Dice) -> Message {
    let content = match rng.random_range(0..10) {
        0 => Content::Test,
        1 => Content::SelfTest,
        2 => Content::Notice {
            channel: hostile(rng),
            fault: Fault::new("x", hostile(rng)),
        },
        3..6 => Content::Alerts {
            alerts: vec![alert(rng)],
            more: 0,
        },
        6..8 => Content::Alerts {
            alerts: alerts(rng, 60),
            more: rng.random_range(0..3) * 100,
        },
        _ => {
            let mut groups = some(rng, 12, |rng| DigestGroup {
                severity: severity(rng),
                watch: rng.random_bool(0.7).then(|| hostile(rng)),
                alerts: some(rng, 8, alert),
                more: rng.random_range(0..20),
            });
            groups.push(DigestGroup {
                severity: None,
                watch: None,
                alerts: alerts(rng, 3),
                more: 0,
            });
            let grouped: usize = groups
                .iter()
                .map(|g| g.alerts.len() + g.more as usize)
                .sum();
            Content::Digest(Digest {
                why: *[
                    DigestWhy::Time,
                    DigestWhy::QuietHoursEnded,
                    DigestWhy::Resumed,
                ]
                .choose(rng)
                .unwrap(),
                total: u32::try_from(grouped).unwrap() + rng.random_range(0..9),
                groups,
                from: Time(0),
                to: Time(86_400_000),
            })
        }
    };
    Message {
        delivery: Some(DeliveryId(1)),
        content,
        thread: None,
    }
}
