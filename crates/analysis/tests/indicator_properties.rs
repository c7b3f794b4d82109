//! What holds of indicators in any text: places, the way to the defanged form and back, no panic, time that grows with the length
//! alone.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::{Duration, Instant};

use tocsin_analysis::indicator::{IndicatorKind, defang, find, refang};

/// Dice that fall the same way every time.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n as u64).unwrap()
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }
}

/// What texts are made of: indicators, marks, what is nearly either, and letters of all sizes.
const PIECES: &[&str] = &[
    "example",
    "evil",
    "com",
    "org",
    "exe",
    "a",
    "1",
    "255",
    "256",
    "2001",
    "db8",
    "http",
    "hxxp",
    "https",
    "ftp",
    "://",
    ":",
    "//",
    "/",
    "\\",
    ".",
    ",",
    "@",
    "[",
    "]",
    "(",
    ")",
    "{",
    "}",
    "<",
    ">",
    "[.]",
    "(.)",
    "[dot]",
    " dot ",
    "DOT",
    "-dot-",
    "[at]",
    " at ",
    " AT ",
    "[@]",
    "[:]",
    "[/]",
    "\\.",
    "\\/",
    "_",
    "__",
    "-",
    " ",
    "  ",
    "\n",
    "\t",
    "\u{a0}",
    "é",
    "я",
    "中",
    "\u{301}",
    "😀",
    "\u{202e}",
    "ß",
    "İ",
    "%",
    "%2F",
    "http%3A%2F%2F",
    "%APPDATA%",
    "C:\\",
    "HKLM\\",
    "HKEY_USERS\\",
    "Mozilla/5.0 (",
    "AS",
    "asn",
    "123456",
    "imphash",
    "commit",
    "d41d8cd98f00b204e9800998ecf8427e",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "::",
    "fe80::1",
    "00:11:22:33:44:55",
    "1.2.3.4",
    "10.0.0.0/8",
    "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
    "96:aaaaaaaa:bbbbbbbb",
    "user@example.com",
    "http://example.com/a",
    "version",
    "before",
    "'",
    "\"",
    "`",
    "~/",
    "../",
    "?",
    "#",
    "=",
    "&",
    "!",
    "*",
    "|",
    ";",
];

fn text(dice: &mut Dice, most: usize) -> String {
    (0..dice.below(most)).map(|_| dice.one(PIECES)).collect()
}

#[track_caller]
fn places_are_right(text: &str) {
    let chars: Vec<char> = text.chars().collect();
    let mut last = 0;
    for f in find(text) {
        assert!(
            f.bytes.start < f.bytes.end && last <= f.bytes.start,
            "{f:?} in {text:?}"
        );
        last = f.bytes.end;
        let slice = &text[f.bytes.clone()];
        let counted: String = chars[f.chars.start as usize..f.chars.end as usize]
            .iter()
            .collect();
        assert_eq!(slice, counted, "{f:?} in {text:?}");
    }
}

#[test]
fn places_are_on_the_edges_of_characters_in_any_text() {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    for _ in 0..60_000 {
        places_are_right(&text(&mut dice, 24));
    }
}

#[test]
fn any_characters_at_all_are_read_without_a_panic() {
    let mut dice = Dice(42);
    for _ in 0..20_000 {
        let text: String = (0..dice.below(40))
            .filter_map(|_| {
                let reach = [0x80, 0x800, 0x1_0000, 0x11_0000][dice.below(4)];
                char::from_u32(u32::try_from(dice.below(reach)).unwrap())
            })
            .collect();
        places_are_right(&text);
    }
}

#[test]
fn what_is_found_is_found_again_and_survives_defanging() {
    let mut dice = Dice(7);
    let mut seen = std::collections::HashSet::new();
    for _ in 0..60_000 {
        for f in find(&text(&mut dice, 16)) {
            seen.insert(f.kind);
            let safe = defang(f.kind, &f.value);
            assert_eq!(refang(&safe), f.value, "{f:?}");
        }
    }
    assert!(seen.len() >= 14, "{seen:?}");
}

#[test]
fn refanging_undoes_defanging_for_every_kind() {
    for (kind, value) in [
        (IndicatorKind::Ipv4, "1.2.3.4"),
        (IndicatorKind::Ipv6, "2001:db8::1"),
        (IndicatorKind::Ipv6, "::1"),
        (IndicatorKind::Cidr, "10.0.0.0/8"),
        (IndicatorKind::Cidr, "2001:db8::/32"),
        (IndicatorKind::Domain, "www.evil.co.uk"),
        (IndicatorKind::Domain, "пример.рф"),
        (IndicatorKind::Url, "http://evil.com/a.exe?q=b.c#d"),
        (IndicatorKind::Url, "https://u:p@evil.com:8080/"),
        (IndicatorKind::Url, "http://[2001:db8::1]:80/x"),
        (IndicatorKind::Url, "ftp://evil.com"),
        (IndicatorKind::Url, "tcp://1.2.3.4:4444"),
        (IndicatorKind::Url, "evil.com/path"),
        (IndicatorKind::Email, "first.last@evil.com"),
        (IndicatorKind::Email, "a@[192.168.0.1]"),
        (IndicatorKind::Md5, "d41d8cd98f00b204e9800998ecf8427e"),
        (
            IndicatorKind::Sha1,
            "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        ),
        (IndicatorKind::Ssdeep, "96:aaaaaaaa/b:bbbbbbbb"),
        (IndicatorKind::FilePath, r"C:\Users\a.b\.ssh\x.exe"),
        (IndicatorKind::FilePath, "/etc/init.d/x"),
        (IndicatorKind::RegistryKey, r"HKLM\Software\Windows NT\.foo"),
        (
            IndicatorKind::CryptoAddress,
            "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
        ),
        (IndicatorKind::Asn, "AS1234"),
        (IndicatorKind::Mac, "00:11:22:33:44:55"),
        (
            IndicatorKind::UserAgent,
            "Mozilla/5.0 (X11; .NET CLR 1.1) Gecko/1.0",
        ),
    ] {
        assert_eq!(refang(&defang(kind, value)), value, "{}", kind.name());
    }
    assert_eq!(
        defang(IndicatorKind::Url, "http://evil.com/a.exe"),
        "hxxp://evil[.]com/a.exe"
    );
}

#[test]
fn the_time_grows_with_the_length_alone() {
    // Quadratic reading of any of these takes a minute at least.
    let most = Duration::from_secs(10);
    for piece in [
        "x",
        "[",
        "]",
        "(",
        ".",
        "..",
        "a.",
        "1.",
        "hxxp",
        "http",
        "http://",
        "http://a",
        "://",
        "a@",
        "@",
        "a@a.com",
        ":",
        "::",
        "a:",
        "1:",
        "12:aaa:",
        "/",
        "/a",
        "~/",
        "../",
        "./",
        "\\",
        "\\\\a",
        "C:\\",
        "C:\\a ",
        "%A%\\",
        "HKLM\\",
        "HKLM\\a ",
        "Mozilla/5.0 (",
        "AS",
        "AS ",
        "1",
        "a1",
        "[.]",
        "[.",
        " . ",
        " dot ",
        "-dot-",
        "DOT",
        " at ",
        "(at)",
        " @ ",
        "a.com",
        "a.com-.",
        "a.com.Xx.",
        "1.2.3.4",
        "1.2.3.4 ",
        "1.2.3.4-",
        "a.com/(",
        "<",
        "\\.",
        "http:// a ",
        "é",
        "я.",
        "中",
        "d41d8cd98f00b204e9800998ecf8427e",
        "a.com,",
        "aaa.py ",
        "_.",
        "a.-",
        "b@b.com.",
        "\n",
        " ",
        "http%3A%2F%2F",
        "%2F",
        "'http://a.com/'",
    ] {
        let text = piece.repeat(400_000 / piece.len());
        let start = Instant::now();
        find(&text);
        assert!(start.elapsed() < most, "{piece}: {:?}", start.elapsed());
    }
    let line = "x".repeat(15_000_000);
    let start = Instant::now();
    assert!(find(&line).is_empty());
    assert!(start.elapsed() < most, "{:?}", start.elapsed());
}
