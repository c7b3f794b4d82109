//! Any text gets an answer or an abstention: the same one each time, without a panic, in linear time.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::Instant;

use tocsin_analysis::classify::{Judgement, Models, TaskName};
use tocsin_analysis::text::Document;

/// Numbers that look random and are the same each time (splitmix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z ^ (z >> 27)
    }

    fn text(&mut self) -> String {
        const WORDS: [&str; 18] = [
            "remote", "c++", ".net", "CVE-2024-3094", "größe", "漢字", "🦀", "\u{301}", "\0", "a.b-c_d", "...", "\u{202e}",
            "e\u{301}", "İ", "ﬁ", "1.2.3", "--", "\u{10ffff}",
        ];
        let mut text = String::new();
        for _ in 0..self.next() % 60 {
            match self.next() % 4 {
                0 => text.extend(char::from_u32((self.next() % 0x11_0000) as u32)),
                1 => text.push([' ', '.', '-', '_', '+', '#', '\n'][(self.next() % 7) as usize]),
                _ => text.push_str(WORDS[(self.next() % WORDS.len() as u64) as usize]),
            }
        }
        text
    }
}

#[test]
fn any_unicode_is_taken_apart_on_character_boundaries() {
    let models = Models::embedded().unwrap();
    let mut dice = Dice(42);
    for _ in 0..3_000 {
        let (title, text) = (dice.text(), dice.text());
        let document = Document::new(&title, &text);
        let mut before = (document.title_tokens().len(), 0);
        for (at, token) in document.tokens().iter().enumerate() {
            let field = document.field(token.field);
            let slice = &field[token.start as usize..token.end as usize];
            let chars = (token.char_start as usize, token.char_end as usize);
            assert_eq!(slice, field.chars().skip(chars.0).take(chars.1 - chars.0).collect::<String>());
            assert_eq!(field[..token.start as usize].chars().count(), chars.0);
            if at != before.0 {
                assert!(token.start >= before.1);
            }
            before.1 = token.end;
            if at + 1 == before.0 {
                before.1 = 0;
            }
        }
        let judgement = models.judge(&document);
        for task in [TaskName::Severity, TaskName::Category, TaskName::Relevance, TaskName::Technique] {
            for term in models.explain(task, &document) {
                for span in term.spans {
                    let length = document.field(span.field).chars().count();
                    assert!(span.start < span.end && span.end as usize <= length);
                }
            }
        }
        for technique in judgement.techniques.unwrap_or_default() {
            let length = document.field(technique.span.field).chars().count();
            assert!(technique.span.start < technique.span.end && technique.span.end as usize <= length);
        }
    }
}

#[test]
fn answers_are_the_same_on_every_thread_and_in_every_order() {
    let models = Models::embedded().unwrap();
    let mut dice = Dice(7);
    let texts: Vec<String> = (0..200)
        .map(|_| format!("SQL injection in the login of {} allows attackers to read files. {}", dice.text(), dice.text()))
        .collect();
    let judge = |texts: &[String]| -> Vec<Judgement> {
        texts.iter().map(|text| models.judge(&Document::new("", text))).collect()
    };
    let expect = judge(&texts);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| judge(&texts))).collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap(), expect);
        }
    });
    let backwards: Vec<String> = texts.iter().rev().cloned().collect();
    let mut again = judge(&backwards);
    again.reverse();
    assert_eq!(again, expect);
}

#[test]
fn time_grows_no_faster_than_the_text() {
    let models = Models::embedded().unwrap();
    let seconds = |text: &str| {
        let start = Instant::now();
        std::hint::black_box(models.judge(&Document::new("", text)));
        start.elapsed().as_secs_f64()
    };
    for piece in ["a", "[", "a ", ".a", "a.", "-", "e\u{301}", "漢", "a.B", "ab++ ", "\u{fffd}"] {
        let repeat = |bytes: usize| piece.repeat(bytes / piece.len());
        let long = seconds(&repeat(15_000_000));
        assert!(long < 5.0, "{piece:?}: {long} s");
    }
    assert!(seconds(&"[".repeat(1_000_000)) < 1.0);
}
