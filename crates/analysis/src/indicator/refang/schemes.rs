//! The beginnings of addresses: `hxxp`, `h**p`, `meow` and their like are `http`.

/// Schemes that lead to another machine.
const KNOWN: &[&str] = &[
    "http", "https", "ftp", "ftps", "sftp", "tftp", "ssh", "telnet", "ldap", "ldaps", "smb", "nfs",
    "ws", "wss", "irc", "ircs", "rtsp", "rtmp", "rdp", "vnc", "tcp", "udp", "git", "svn", "gopher",
    "dns", "socks", "socks4", "socks5", "mongodb", "mysql", "redis", "amqp", "mqtt", "rmi", "iiop",
    "news", "nntp", "imap", "pop3", "smtp", "sip",
];

/// Whether a scheme, in lower case, leads to another machine.
pub fn is_known(scheme: &str) -> bool {
    KNOWN.contains(&scheme)
}

/// The scheme that a word before `://` stands for, and how many bytes of the word's end it takes.
pub fn scheme_of(word: &str) -> Option<(String, usize)> {
    let low = word.to_ascii_lowercase();
    if is_known(&low) {
        let len = low.len();
        return Some((low, len));
    }
    if let Some(scheme) = disguised(low.as_bytes()) {
        return Some((scheme.to_string(), low.len()));
    }
    // `wordshttp://`: a blank was lost.
    for end in ["https", "http", "hxxps", "hxxp", "ftp"] {
        if low.ends_with(end) {
            let scheme = disguised(end.as_bytes()).unwrap_or(end);
            return Some((scheme.to_string(), end.len()));
        }
    }
    let is_plain = low.starts_with(|c: char| c.is_ascii_lowercase())
        && (2..=16).contains(&low.len())
        && low
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
    is_plain.then(|| {
        let len = low.len();
        (low, len)
    })
}

/// What `hxxps` and its like stand for.
fn disguised(low: &[u8]) -> Option<&'static str> {
    match low {
        b"xxxx" | b"meow" | b"ttp" | b"hxp" | b"htp" => Some("http"),
        b"xxxxs" | b"xxxxx" | b"meows" | b"ttps" | b"hxps" => Some("https"),
        b"fxp" | b"ftx" => Some("ftp"),
        b"fxps" | b"ftxs" => Some("ftps"),
        b"sfxp" => Some("sftp"),
        [b'h', .., b'p'] if (4..=6).contains(&low.len()) => Some("http"),
        [b'h', .., b'p', b's'] if (5..=7).contains(&low.len()) => Some("https"),
        _ => None,
    }
}

/// The text with disguised schemes before `://` undone.
pub(super) fn whole(text: &str) -> String {
    let mut made = String::with_capacity(text.len());
    let mut rest = text;
    let mut is_in_address = false;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at);
        let word = word_before(before);
        match disguised(word.to_ascii_lowercase().as_bytes()) {
            // What stands in an address belongs to it as it is.
            Some(scheme) if !is_in_address || before.contains(char::is_whitespace) => {
                made.push_str(&before[..before.len() - word.len()]);
                made.push_str(scheme);
            }
            _ => made.push_str(before),
        }
        made.push_str("://");
        rest = &after[3..];
        is_in_address = true;
    }
    made.push_str(rest);
    made
}

/// The word at the end of a text that may be a scheme.
pub(in crate::indicator) fn word_before(text: &str) -> &str {
    let bytes = text.as_bytes();
    let mut start = bytes.len();
    while start > 0 && bytes.len() - start < 16 && is_scheme_byte(bytes[start - 1]) {
        start -= 1;
    }
    &text[start..]
}

fn is_scheme_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'*' | b'_' | b'+' | b'-' | b'#')
}
