use std::collections::BTreeMap;

use rusqlite::Connection;

use super::*;

fn fts5(texts: &[(u32, String)]) -> BTreeMap<u32, Vec<String>> {
    let db = Connection::open_in_memory().unwrap();
    db.execute_batch(
        "CREATE VIRTUAL TABLE t USING fts5 (x, tokenize = 'unicode61 remove_diacritics 2');
         CREATE VIRTUAL TABLE v USING fts5vocab (t, instance);
         BEGIN;",
    )
    .unwrap();
    {
        let mut insert = db
            .prepare("INSERT INTO t (rowid, x) VALUES (?1, ?2)")
            .unwrap();
        for (id, text) in texts {
            insert.execute((id + 1, text)).unwrap();
        }
    }
    let mut found: BTreeMap<u32, BTreeMap<i64, String>> = BTreeMap::new();
    let mut select = db.prepare("SELECT doc, offset, term FROM v").unwrap();
    let mut rows = select.query(()).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let (doc, offset, term): (u32, i64, String) = row.try_into().unwrap();
        found.entry(doc - 1).or_default().insert(offset, term);
    }
    found
        .into_iter()
        .map(|(id, words)| (id, words.into_values().collect()))
        .collect()
}

fn agrees(texts: &[(u32, String)]) {
    let theirs = fts5(texts);
    let differ: Vec<String> = texts
        .iter()
        .filter(|(id, text)| theirs.get(id).map_or(&[][..], Vec::as_slice) != words(text))
        .map(|(id, text)| format!("{id:x}: {text:?} {:?} {:?}", theirs.get(id), words(text)))
        .collect();
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}

#[test]
fn every_character_is_split_and_folded_as_fts5_does() {
    // Planes 0 and 1, and the tags and selectors of plane 14; between them are ideographs and nothing.
    let texts: Vec<(u32, String)> = (1..0x2_0000)
        .chain(0xE_0000..0xE_0200)
        .filter_map(|n| char::from_u32(n).map(|c| (n, format!("x{c}y"))))
        .collect();
    agrees(&texts);
}

#[test]
fn texts_are_split_as_fts5_does() {
    let texts = [
        "",
        " -- ",
        "Remote Code Execution in Log4j-core 2.14.1 (CVE-2021-44228)",
        "Łódź ÅNGSTRÖM e\u{301}te\u{301} \u{301}x naïve Straße İstanbul",
        "C++ .NET node.js C:\\Users\\x /etc/passwd a_b a@b.example",
        "日本語テキスト and 한국어",
        "½ x² №5 ⅷ",
        "🤖AI 🚨critical",
        "a\u{0}b\u{feff}c",
    ];
    let numbered: Vec<(u32, String)> = (0u32..).zip(texts.map(str::to_owned)).collect();
    agrees(&numbered);
}

#[test]
fn a_word_is_its_own_word() {
    for n in 1..0x2_0000 {
        for word in char::from_u32(n)
            .map(|c| words(&c.to_string()))
            .into_iter()
            .flatten()
        {
            assert_eq!(words(&word), std::slice::from_ref(&word), "{n:x}");
        }
    }
}

#[test]
fn places_are_characters() {
    let places: Vec<_> = tokens("é-Ab \u{1f600} z")
        .into_iter()
        .map(|t| (t.word, t.place))
        .collect();
    assert_eq!(
        places,
        [("e".into(), 0..1), ("ab".into(), 2..4), ("z".into(), 7..8)]
    );
}
