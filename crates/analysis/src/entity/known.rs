//! Which names of the lists are meant where they stand: `Play` the ransomware and not the verb.
//!
//! A name that is an ordinary word too counts only with a capital and beside a word that says what it is
//! (`Play ransomware`, `a group called Hive`), or where the tagger calls it malware by itself; once it counts in a text, it counts
//! there wherever it is written with a capital inside a sentence.

use std::collections::HashSet;

use super::EntityKind;
use super::gazetteer::{Gazetteer, Guard, Hit};
use super::tag::Seen;
use super::tag::observe::CAPITAL;
use super::words::{Gap, Word};

/// The hits that count.
pub(super) fn meant(
    text: &str,
    words: &[Word],
    seen: &[Seen],
    hits: &[Hit],
    names: &Gazetteer,
    tagged: &HashSet<(usize, usize)>,
) -> Vec<Hit> {
    let sure: Vec<bool> = hits
        .iter()
        .map(|hit| {
            let (name, known) = names.name(hit.name);
            let is_capital = !name.is_capital || starts_capital(text, words, hit);
            match name.guard {
                Guard::Sure => is_sure(text, words, seen, hit, known.kind),
                Guard::Capital => {
                    is_capital && !is_inside(text, words, seen, hit) && fits(text, words, hit, known.kind)
                }
                Guard::Context => {
                    is_capital
                        && (tagged.contains(&(hit.from, hit.to))
                            || (!is_inside(text, words, seen, hit) && says(text, words, hit, known.kind)))
                }
                Guard::List => false,
            }
        })
        .collect();
    let settled: HashSet<u32> = hits
        .iter()
        .zip(&sure)
        .filter(|(_, sure)| **sure)
        .map(|(hit, _)| hit.name)
        .collect();
    hits.iter()
        .zip(sure)
        .filter(|(hit, sure)| {
            *sure
                || settled.contains(&hit.name)
                    && starts_capital(text, words, hit)
                    && !begins_sentence(text, words, hit.from)
                    && !is_inside(text, words, seen, hit)
        })
        .map(|(hit, _)| *hit)
        .collect()
}

fn word<'a>(text: &'a str, words: &[Word], at: usize) -> &'a str {
    words.get(at).map_or("", |w| w.of(text))
}

fn starts_capital(text: &str, words: &[Word], hit: &Hit) -> bool {
    word(text, words, hit.from).starts_with(char::is_uppercase)
}

fn begins_sentence(text: &str, words: &[Word], at: usize) -> bool {
    at == 0
        || words[at].gap == Gap::Line
        || matches!(word(text, words, at - 1), "." | "!" | "?" | ":" | "\"" | "“" | "*" | "•")
}

/// Whether the name is a piece of something longer: `Google Play`, `play-store`, `/hive`, `hive.exe`.
fn is_inside(text: &str, words: &[Word], seen: &[Seen], hit: &Hit) -> bool {
    if is_joined(text, words, hit) {
        return true;
    }
    let before = hit.from.checked_sub(1);
    before.is_some_and(|b| {
        words[hit.from].gap == Gap::Blank
            && seen[b].class & CAPITAL != 0
            && !begins_sentence(text, words, b)
            && cue(word(text, words, b)).is_none()
    })
}

/// Whether it touches what makes a path, an address or a longer word of it.
fn is_joined(text: &str, words: &[Word], hit: &Hit) -> bool {
    let touches = |at: usize| matches!(word(text, words, at), "/" | "\\" | "_" | "@" | "=" | "-" | "$" | "#");
    (hit.from > 0 && words[hit.from].gap == Gap::None && touches(hit.from - 1))
        || (hit.to < words.len() && words[hit.to].gap == Gap::None && touches(hit.to) && {
            let behind = word(text, words, hit.to + 1);
            // `LockBit-encrypted` still speaks of LockBit.
            word(text, words, hit.to) != "-" || behind.starts_with(|c: char| c.is_ascii_digit())
        })
}

/// A sure name in small letters stays sure only where it is no part of a path or command.
fn is_sure(text: &str, words: &[Word], seen: &[Seen], hit: &Hit, kind: EntityKind) -> bool {
    if is_joined(text, words, hit) {
        return false;
    }
    // A technique's name is also plain English: its capitals tell, unless it is long.
    kind != EntityKind::Technique
        || hit.to - hit.from >= 3
        || seen[hit.from..hit.to].iter().all(|s| s.class & CAPITAL != 0)
        || hit.to - hit.from == 1
}

/// A tool's or a technique's name in a list of words with capitals proves little.
fn fits(text: &str, words: &[Word], hit: &Hit, kind: EntityKind) -> bool {
    !begins_sentence(text, words, hit.from)
        || hit.to - hit.from > 1
        || !matches!(kind, EntityKind::Tool)
        || says(text, words, hit, kind)
}

/// What a word says of the name beside it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cue {
    Malware,
    Ransomware,
    Actor,
    Tool,
}

fn cue(word: &str) -> Option<Cue> {
    let mut buffer = [0u8; 16];
    let bytes = word.as_bytes();
    let low = buffer.get_mut(..bytes.len())?;
    low.copy_from_slice(bytes);
    low.make_ascii_lowercase();
    match std::str::from_utf8(low).ok()? {
        "ransomware" | "locker" | "extortion" => Some(Cue::Ransomware),
        "malware" | "trojan" | "trojans" | "backdoor" | "botnet" | "rat" | "stealer" | "infostealer"
        | "loader" | "worm" | "virus" | "spyware" | "rootkit" | "dropper" | "downloader" | "implant"
        | "wiper" | "keylogger" | "adware" | "banker" | "cryptominer" | "miner" | "webshell"
        | "bootkit" => Some(Cue::Malware),
        "group" | "gang" | "actor" | "actors" | "apt" | "hackers" | "crew" | "operators" | "affiliates"
        | "collective" | "adversary" | "intrusion" | "espionage" => Some(Cue::Actor),
        "tool" | "tools" | "framework" | "toolkit" | "utility" | "c2" => Some(Cue::Tool),
        _ => None,
    }
}

/// Whether the words around a name say what it is.
fn says(text: &str, words: &[Word], hit: &Hit, kind: EntityKind) -> bool {
    let fits = |cue: Option<Cue>| match kind {
        EntityKind::Malware => matches!(cue, Some(Cue::Malware | Cue::Ransomware)),
        EntityKind::Ransomware => matches!(cue, Some(Cue::Malware | Cue::Ransomware | Cue::Actor)),
        EntityKind::Actor => cue == Some(Cue::Actor),
        EntityKind::Tool => matches!(cue, Some(Cue::Tool | Cue::Malware)),
        _ => false,
    };
    let behind = (hit.to..words.len().min(hit.to + 2))
        .take_while(|at| words[*at].gap == Gap::Blank)
        .any(|at| fits(cue(word(text, words, at))));
    if behind {
        return true;
    }
    // `ransomware called Play`, `the group Hive`, `known as Snake`.
    let mut at = hit.from;
    for _ in 0..3 {
        if at == 0 || words[at].gap == Gap::Line {
            return false;
        }
        at -= 1;
        let before = word(text, words, at);
        if fits(cue(before)) {
            return true;
        }
        let leads = matches!(
            before,
            "called" | "named" | "dubbed" | "as" | "known" | "aka" | "family" | "is" | "the" | "\"" | "“" | "‘" | "'" | "("
        );
        if !leads {
            return false;
        }
    }
    false
}
