use super::*;
use crate::Field;

fn words(text: &str) -> Vec<String> {
    let document = Document::new("", text);
    let tokens = document.tokens();
    tokens
        .iter()
        .map(|t| document.word(t).to_string())
        .collect()
}

#[test]
fn words_of_the_field_stay_whole() {
    let check = |text: &str, expect: &[&str]| assert_eq!(words(text), expect, "{text}");
    check(
        "Log4j2 before 2.17.1, CVE-2021-44228.",
        &["Log4j2", "before", "2.17.1", "CVE-2021-44228"],
    );
    check(
        "C++ and C# in .NET/ASP.NET",
        &["C++", "and", "C#", "in", ".NET", "ASP.NET"],
    );
    check(
        "a cross-site (XSS) attack.This issue",
        &["a", "cross-site", "XSS", "attack", "This", "issue"],
    );
    check(
        "admin's file_name -x --y=1",
        &["admin", "s", "file_name", "x", "y", "1"],
    );
    check(
        "end. .htaccess ...etc \"quoted\".Then",
        &["end", ".htaccess", "etc", "quoted", "Then"],
    );
    check(
        "Größe naïve-test 日本語",
        &["Größe", "naïve-test", "日", "本", "語"],
    );
    check("", &[]);
    check("... --- [[[", &[]);
}

#[test]
fn positions_are_characters_and_the_slices_are_equal() {
    let (title, text) = (
        "Ü-Boot “XSS” 🦀log4j",
        "näh — 漢字kanji\u{301} e\u{301}t 🦀",
    );
    let document = Document::new(title, text);
    assert!(!document.title_tokens().is_empty() && !document.text_tokens().is_empty());
    for token in document.tokens() {
        let field = document.field(token.field);
        let by_chars: String = field
            .chars()
            .skip(token.char_start as usize)
            .take((token.char_end - token.char_start) as usize)
            .collect();
        assert_eq!(by_chars, document.word(token));
        assert!(!by_chars.is_empty());
    }
    assert!(
        document
            .title_tokens()
            .iter()
            .all(|t| t.field == Field::Title)
    );
}

#[test]
fn a_hash_knows_no_case() {
    let check = |a: &str, b: &str| assert_eq!(hash_word(a), hash_word(b), "{a} {b}");
    check("Remote", "rEMOTE");
    check("CVE-2024-3094", "cve-2024-3094");
    check("GRÖSSE", "grösse");
    check("[@Z`", "[@z`");
    assert_ne!(hash_word("[@z`"), hash_word("{`z`"));
    assert_ne!(hash_word("a"), hash_word("a\0"));
    assert_ne!(hash_pair(1, 2), hash_pair(2, 1));
    let document = Document::new("", "Remote Größe");
    assert_eq!(document.tokens()[0].hash, hash_word("remote"));
    assert_eq!(document.tokens()[1].hash, hash_word("größe"));
}

#[test]
fn parts_know_where_they_begin() {
    let found: Vec<_> = parts("cve-2024-3094").collect();
    assert_eq!(found, [(0, "cve"), (4, "2024"), (9, "3094")]);
    assert_eq!(parts(".net").collect::<Vec<_>>(), [(1, "net")]);
}

#[test]
fn a_very_long_text_is_cut_and_says_so() {
    let text = "a ".repeat(Document::MOST_TOKENS + 5);
    let document = Document::new("b", &text);
    assert!(document.is_cut());
    assert_eq!(document.tokens().len(), Document::MOST_TOKENS);
}
