//! Names of machines: labels under a top-level domain that exists.
//!
//! The list of top-level domains is the Public Suffix List (crate `psl`). Two kinds of words look like names and are none:
//! files (`readme.md`, `setup.py`: their endings are top-level domains too) and code (`java.io`, `com.example.app`).
//! A name of two labels with such an ending is a file unless something says that it is a name: brackets around its dot, `www`, a
//! path, a mailbox, or names beside it in a list. In reports files are many times commoner. A dot in brackets before the last label
//! says that a name is meant: there any top-level domain will do, so that new ones, `.bit` and `.local` are found.

use super::text::{Text, letter_at};

/// Endings of files that are top-level domains.
const FILE_ENDINGS: &[&str] = &[
    "py", "md", "sh", "rs", "pl", "ps", "so", "cc", "zip", "mov", "ml", "mk", "pm", "pub", "cab",
    "vi", "do", "in", "ac", "am", "as", "st", "name", "mm",
];

/// Endings of files that no top-level domain has.
const DEFANGED_FILES: &[&str] = &[
    "exe", "dll", "sys", "bat", "cmd", "vbs", "vbe", "js", "jse", "wsf", "hta", "lnk", "scr",
    "msi", "jar", "apk", "doc", "docx", "docm", "xls", "xlsx", "xlsm", "ppt", "pptx", "pdf", "rtf",
    "txt", "html", "htm", "php", "asp", "aspx", "jsp", "rar", "gz", "tar", "iso", "img", "vhd",
    "dat", "bin", "tmp", "log", "xml", "css", "json", "lib", "ini", "cfg", "conf", "vb", "cs",
    "cpp", "class", "elf", "png", "jpg", "jpeg", "gif", "bmp", "csv", "sql", "yml", "yaml", "cgi",
    "href", "length",
];

/// Files that are spoken of so often that not even a path behind makes them names.
const FILE_STEMS: &[&str] = &[
    "readme",
    "setup",
    "install",
    "main",
    "index",
    "test",
    "config",
    "license",
    "changelog",
    "makefile",
    "configure",
    "contributing",
    "security",
    "build",
];

/// What names of packages in code begin with.
const PACKAGES: &[&str] = &[
    "com", "org", "net", "io", "java", "javax", "edu", "android", "androidx",
];

/// Objects of programs that properties are asked of.
const OBJECTS: &[&str] = &[
    "window",
    "document",
    "this",
    "self",
    "console",
    "navigator",
    "request",
    "response",
    "req",
    "res",
    "params",
    "args",
    "event",
    "session",
    "object",
    "module",
    "process",
    "os",
    "sys",
    "ctx",
    "file",
    "string",
    "array",
    "system",
];

/// Products with the form of a name.
const PRODUCTS: &[&str] = &[
    "asp.net",
    "vb.net",
    "ado.net",
    "ml.net",
    "socket.io",
    "paint.net",
    "draw.io",
    "java.io",
    "java.net",
];

/// Longer than any name with its dots.
const MOST: usize = 254;

/// The end of the run of labels and dots at a place. Two dots end it.
pub(super) fn run_end(t: Text, from: usize) -> usize {
    let mut i = from;
    loop {
        let b = t.get(i);
        let is_dot = b == b'.' && t.get(i + 1) != b'.';
        if i >= t.len() {
            return i;
        } else if b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_') || is_dot {
            i += 1;
        } else if let Some(len) = letter_at(t, i) {
            i += len;
        } else {
            return i;
        }
    }
}

/// The name in a run that stands alone in the text.
pub(super) fn domain(t: Text, from: usize, until: usize) -> Option<(usize, usize)> {
    let (start, end) = host(t, from, until)?;
    if t.is_marked(start, end) {
        return Some((start, end));
    }
    let name = &t.text[start..end];
    let has_path = t.get(end) == b'/' && !is_known_file(name);
    let is_none = is_code(t, name, start, end)
        || (is_file(name) && !has_path && !is_listed(t, start, end))
        || is_run_together(name);
    (!is_none).then_some((start, end))
}

/// The name in a run, wherever it stands: a host in an address, what follows an `@`.
pub(super) fn host(t: Text, from: usize, until: usize) -> Option<(usize, usize)> {
    if until - from > MOST * 2 {
        return None;
    }
    let mut end = until;
    while end > from && matches!(t.bytes[end - 1], b'.' | b'-' | b'_') {
        end -= 1;
    }
    let mut start = from;
    let mut place = from;
    for label in t.text[from..end].split('.') {
        let next = place + label.len() + 1;
        if label.len() > 63 || !label.contains(char::is_alphanumeric) {
            start = next;
        } else if label.starts_with('-') {
            start = place + label.len() - label.trim_start_matches('-').len();
        }
        place = next;
    }
    if start >= end || end - start > MOST {
        return None;
    }
    let dot = start + t.text[start..end].rfind('.')?;
    if is_under_known(&t.text[start..end])
        || (t.is_marked(dot, dot + 1) && is_under_any(&t.text[start..end]))
    {
        return Some((start, end));
    }
    // `example.com.Then`: a blank was lost.
    let (name, last) = t.text[start..end].rsplit_once('.')?;
    let is_sentence = last.starts_with(|c: char| c.is_ascii_uppercase())
        && last.ends_with(|c: char| c.is_ascii_lowercase())
        && !name.bytes().any(|b| b.is_ascii_uppercase());
    (is_sentence && is_under_known(name)).then(|| (start, start + name.len()))
}

/// Whether a name has a dot and ends in a top-level domain that exists.
fn is_under_known(name: &str) -> bool {
    let Some((before, last)) = name.rsplit_once('.') else {
        return false;
    };
    let is_word = last.len() >= 2
        && !before.is_empty()
        && (last.bytes().all(|b| b.is_ascii_alphabetic())
            || last
                .get(..4)
                .is_some_and(|p| p.eq_ignore_ascii_case("xn--"))
            || !last.is_ascii());
    is_word && {
        let low = name.to_lowercase();
        psl::suffix(low.as_bytes()).is_some_and(|s| s.is_known() && s.as_bytes().len() < low.len())
            || psl::suffix(last.to_lowercase().as_bytes()).is_some_and(|s| s.is_known())
    }
}

/// Whether a name whose last dot is defanged may be under a top-level domain that the list does not know: a new one, one of
/// another root (`.bit`), one of a house (`.local`). Files are defanged too, at times.
fn is_under_any(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, last)| {
        (2..=24).contains(&last.len())
            && last.bytes().all(|b| b.is_ascii_alphabetic())
            && !DEFANGED_FILES.contains(&last.to_ascii_lowercase().as_str())
    })
}

/// Names of packages, properties and calls in code, and products.
fn is_code(t: Text, name: &str, start: usize, end: usize) -> bool {
    let low = name.to_ascii_lowercase();
    if PRODUCTS.contains(&low.as_str()) {
        return true;
    }
    let labels = low.split('.').count();
    let first = low.split('.').next().unwrap_or_default();
    let last = low.rsplit('.').next().unwrap_or_default();
    let is_common = matches!(last, "com" | "net" | "org" | "ru" | "cn");
    if !is_common && (labels >= 3 && PACKAGES.contains(&first) || OBJECTS.contains(&first)) {
        return true;
    }
    // `Foo.bar(`, `foo.name=`, `$foo.id`, `a\b.so`
    let before = t.before(start);
    (!is_common && matches!(t.get(end), b'(' | b'[' | b'='))
        || matches!(before, b'$' | b'\\')
        || before == b'.' && start > 1 && t.is_alnum(start - 2)
        || before == b':' && start > 1 && t.bytes[start - 2] == b':'
}

/// Whether a name of two labels ends as files do. `report.pdf.zip` does too.
fn is_file(name: &str) -> bool {
    let mut labels = name.rsplit('.');
    let last = labels.next().unwrap_or_default().to_ascii_lowercase();
    if !FILE_ENDINGS.contains(&last.as_str()) {
        return false;
    }
    let before = labels.next().unwrap_or_default();
    let is_double = matches!(
        before.to_ascii_lowercase().as_str(),
        "pdf"
            | "doc"
            | "docx"
            | "xls"
            | "xlsx"
            | "tar"
            | "min"
            | "test"
            | "spec"
            | "exe"
            | "js"
            | "conf"
            | "txt"
    );
    labels.next().is_none() || is_double
}

fn is_known_file(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default();
    FILE_STEMS.contains(&stem.to_ascii_lowercase().as_str())
}

/// Whether a neighbour in a list is a name that is no file.
fn is_listed(t: Text, start: usize, end: usize) -> bool {
    let is_name = |word: &str| {
        let word = word.trim_matches(|c: char| matches!(c, ',' | ';'));
        let is_plain = word.len() <= MOST
            && word
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
        is_plain && is_under_known(word) && !is_file(word)
    };
    if is_known_file(&t.text[start..end]) {
        return false;
    }
    let before =
        t.before(start).is_ascii_whitespace() && t.words_before(start).next().is_some_and(is_name);
    let behind = t.behind(end);
    let is_apart = behind.starts_with(|c: char| c.is_whitespace() || c == ',' || c == ';');
    before
        || is_apart && behind.len() < 24 && behind.split_whitespace().next().is_some_and(is_name)
        || is_apart
            && behind.split_whitespace().nth(1).is_some()
            && behind.split_whitespace().next().is_some_and(is_name)
}

/// `end.It`, `Foo.Is`: the end of one sentence and the beginning of the next.
fn is_run_together(name: &str) -> bool {
    let Some((before, last)) = name.rsplit_once('.') else {
        return false;
    };
    let is_title = last.starts_with(|c: char| c.is_ascii_uppercase())
        && last.bytes().skip(1).all(|b| b.is_ascii_lowercase());
    let is_common = matches!(last, "Com" | "Net" | "Org" | "Ru");
    // `Socket.IO`: names are not half loud.
    let is_half_loud = last.bytes().all(|b| b.is_ascii_uppercase())
        && before.bytes().any(|b| b.is_ascii_lowercase());
    is_title && !is_common || is_half_loud
}
