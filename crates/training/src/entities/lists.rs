//! What the section `gazetteer` is made of: names with what they stand for, from the lists of MISP and the vendors and
//! products of CVEs, each name with how sure it is by itself.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Deserialize;
use tocsin_analysis::entity::words::{Cut, words};

use super::nodes::Lists;
use super::texts::ordinary;
use crate::corpus::{Corpus, Failure};

#[derive(Deserialize)]
struct Entry {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    synonyms: Vec<String>,
    external_id: Option<String>,
    src: String,
    #[serde(default)]
    desc: String,
}

/// How many names the lists have.
pub struct Made {
    /// The section.
    pub section: Vec<u8>,
    /// Names of MISP's lists.
    pub names: u32,
    /// Vendors and products.
    pub products: u32,
}

/// Makes the section. `own` is how often each vendor and product is counted for the text itself that a
/// tagger learns from (1 while it learns, 0 in what is shipped): a tagger that sees each product of its
/// texts in the list would trust the list too much.
pub fn make(corpus: &Corpus, classes: &[(String, u16)], own: u32) -> Result<Made, Failure> {
    let ordinary = Ordinary::count(corpus)?;
    let mut lists = Lists::default();
    let names = entities(corpus, &ordinary, &mut lists)?;
    let products = products(corpus, own, &mut lists)?;
    for (word, class) in classes {
        lists.class(word, *class)?;
    }
    Ok(Made {
        section: lists.section(),
        names,
        products,
    })
}

/// The kinds in the order in which they are written, and their letters; techniques come last.
fn letter(entry: &Entry) -> Option<char> {
    let is_malware = || {
        let said = format!("{} {}", entry.name, entry.desc).to_lowercase();
        ["malware", "trojan", "backdoor", "ransom", "botnet", "worm", "virus", "stealer", " rat"]
            .iter()
            .any(|w| said.contains(w))
    };
    match (entry.kind.as_str(), entry.src.as_str()) {
        (_, "misp:ransomware") => Some('r'),
        ("malware", _) => Some('m'),
        ("threat_actor", _) => Some('a'),
        ("tool", "misp:tool") if is_malware() => Some('m'),
        ("tool", _) => Some('t'),
        ("technique", _) => Some('q'),
        ("threat_actor_vendor", _) => Some('o'),
        _ => None,
    }
}

/// Which list is believed first where two know a name.
fn rank(entry: &Entry) -> usize {
    let order = [
        "misp:mitre-intrusion-set",
        "misp:mitre-malware",
        "misp:mitre-tool",
        "misp:mitre-attack-pattern",
        "misp:ransomware",
        "misp:threat-actor",
        "misp:malpedia",
    ];
    order.iter().position(|s| *s == entry.src).unwrap_or(order.len())
}

/// `XAgentOSX - S0161` and `Mirai (ELF)` are called `XAgentOSX` and `Mirai`.
fn bare(name: &str) -> &str {
    let mut name = name.trim();
    if let Some((head, tail)) = name.rsplit_once(" - ")
        && tail.len() >= 5
        && tail.starts_with(['S', 'G', 'T'])
        && tail[1..].starts_with(|c: char| c.is_ascii_digit())
    {
        name = head;
    }
    match name.find(" (") {
        Some(at) if at > 0 => name[..at].trim(),
        _ => name,
    }
}

fn entities(corpus: &Corpus, ordinary: &Ordinary, lists: &mut Lists) -> Result<u32, Failure> {
    let mut entries: Vec<Entry> = Vec::new();
    for line in corpus.lines("gazetteer_misp.jsonl")?.lines() {
        entries.push(serde_json::from_str(line).map_err(|e| format!("gazetteer_misp: {e}"))?);
    }
    entries.retain(|e| letter(e).is_some() && !is_retired(e));
    entries.sort_by(|a, b| (rank(a), bare(&a.name)).cmp(&(rank(b), bare(&b.name))));
    // Families: malware, ransomware and tools share names; a name means one thing in a family.
    let family = |letter: char| match letter {
        'm' | 'r' | 't' => 'm',
        other => other,
    };
    let mut ids: BTreeMap<(char, String), BTreeMap<String, ()>> = BTreeMap::new();
    let mut known: HashMap<(char, String), (char, String)> = HashMap::new();
    for entry in &entries {
        let Some(letter) = letter(entry) else { continue };
        let name = bare(&entry.name);
        let own = if letter == 'q' {
            entry.external_id.clone().unwrap_or_default()
        } else {
            name.to_string()
        };
        let key = |n: &str| (family(letter), n.to_lowercase());
        let found = known.get(&key(name)).cloned();
        // A list of lower rank speaks of the same thing where one of its aliases is the other's own name.
        let found = found.or_else(|| {
            let mut aliases = entry.synonyms.iter().map(|s| bare(s));
            aliases.find_map(|s| {
                let (letter, id) = known.get(&key(s))?;
                (id.eq_ignore_ascii_case(s)).then(|| (*letter, id.clone()))
            })
        });
        let id = found.unwrap_or((letter, own));
        let mut names = vec![name.to_string()];
        if letter != 'q' {
            names.extend(entry.synonyms.iter().map(|s| bare(s).to_string()));
            let short: Vec<String> = names
                .iter()
                .filter_map(|n| n.strip_suffix(" Ransomware").or(n.strip_suffix(" ransomware")))
                .map(str::to_string)
                .collect();
            names.extend(short);
        }
        let spellings = ids.entry(id.clone()).or_default();
        for name in names {
            if name.chars().filter(|c| c.is_alphanumeric()).count() >= 2
                && !name.contains(['\t', '\n'])
                && !is_id(&name)
                && !known.contains_key(&key(&name))
            {
                known.insert(key(&name), id.clone());
                spellings.insert(name, ());
            }
        }
    }
    let mut count = 0;
    let order = |letter: char| "mratoq".find(letter);
    let mut all: Vec<_> = ids.into_iter().filter(|(_, names)| !names.is_empty()).collect();
    all.sort_by(|a, b| (order(a.0.0), &a.0.1).cmp(&(order(b.0.0), &b.0.1)));
    for ((letter, id), names) in all {
        lists.entity(letter, &id)?;
        for name in names.into_keys() {
            lists.name(letter, &name, ordinary.guard(letter, &name))?;
            count += 1;
        }
    }
    Ok(count)
}

/// ATT&CK's ids of groups and software are no names.
fn is_id(name: &str) -> bool {
    name.len() == 5 && name.starts_with(['G', 'S']) && name[1..].bytes().all(|b| b.is_ascii_digit())
}

/// Techniques of matrices that ATT&CK gave up.
fn is_retired(entry: &Entry) -> bool {
    entry.kind == "technique"
        && entry
            .external_id
            .as_deref()
            .is_none_or(|id| ("T1224".."T1398").contains(&id))
}

fn products(corpus: &Corpus, own: u32, lists: &mut Lists) -> Result<u32, Failure> {
    let mut vendors: BTreeMap<String, u32> = BTreeMap::new();
    let mut products: BTreeMap<String, BTreeMap<String, u32>> = BTreeMap::new();
    for line in corpus.lines("cpe_vendor_product_train.tsv")?.lines() {
        let mut fields = line.split('\t');
        let (Some(vendor), Some(product), Some(count)) =
            (fields.next(), fields.next(), fields.next())
        else {
            continue;
        };
        // A head line, if there is one, has no number.
        let Ok(count) = count.parse::<u32>() else { continue };
        let (vendor, product) = (vendor.replace('_', " "), product.replace('_', " "));
        *vendors.entry(vendor.clone()).or_default() += count;
        *products.entry(product).or_default().entry(vendor).or_default() += count;
    }
    for line in corpus.lines("gazetteer_misp.jsonl")?.lines() {
        let entry: Entry = serde_json::from_str(line).map_err(|e| format!("gazetteer_misp: {e}"))?;
        if entry.kind == "vendor" {
            vendors.entry(entry.name.to_lowercase()).or_insert(own + 1);
        }
    }
    let level = |count: u32| match count.saturating_sub(own) {
        0 => 0,
        1 => 1,
        2..=5 => 2,
        _ => 3,
    };
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (vendor, count) in &vendors {
        if level(*count) > 0 && !vendor.is_empty() {
            places.insert(vendor, places.len());
            lists.vendor(vendor, level(*count));
        }
    }
    let mut count = places.len();
    for (product, makers) in &products {
        let level = level(makers.values().sum());
        let mut makers: Vec<(&str, u32)> = makers.iter().map(|(v, n)| (v.as_str(), *n)).collect();
        makers.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        let makers: Vec<usize> = makers
            .iter()
            .filter_map(|(v, _)| places.get(v).copied())
            .take(5)
            .collect();
        if level > 0 && !makers.is_empty() && !product.is_empty() {
            lists.product(product, level, &makers)?;
            count += 1;
        }
    }
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Vendors and products that many CVEs are about: where `Android` stands, Android is meant.
fn well_known(corpus: &Corpus) -> Result<HashSet<String>, Failure> {
    let mut counts: HashMap<String, u32> = HashMap::new();
    for line in corpus.lines("cpe_vendor_product_train.tsv")?.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let count = fields.get(2).and_then(|n| n.parse::<u32>().ok()).unwrap_or(0);
        for name in fields.iter().take(2) {
            *counts.entry(name.to_lowercase()).or_default() += count;
        }
    }
    Ok(counts.into_iter().filter(|(_, n)| *n >= 6).map(|(w, _)| w).collect())
}

/// How often words stand in ordinary prose.
struct Ordinary {
    common: HashSet<String>,
    /// Names that mean something else wherever they stand.
    never: HashSet<String>,
}

/// What malware is called in general.
const GENERIC: &[&str] = &[
    "trojan", "malware", "ransomware", "backdoor", "rat", "loader", "stealer", "botnet", "worm", "virus",
    "rootkit", "spyware", "payload", "downloader", "dropper", "keylogger", "agent", "banker", "exploit",
    "the", "group", "gang", "hackers", "rogue", "desktop", "server", "client", "windows", "linux",
];

impl Ordinary {
    fn count(corpus: &Corpus) -> Result<Self, Failure> {
        let (news, prose) = ordinary(corpus)?;
        let mut never = well_known(corpus)?;
        never.extend(GENERIC.iter().map(|w| (*w).to_string()));
        let mut counts: HashMap<String, u32> = HashMap::new();
        for text in &news {
            for word in words(text, Cut::Fine, usize::MAX) {
                *counts.entry(word.of(text).to_lowercase()).or_default() += 2;
            }
        }
        for text in &prose {
            for word in words(text, Cut::Fine, usize::MAX) {
                let word = word.of(text);
                // In these texts names are written large.
                if !word.contains(char::is_uppercase) {
                    *counts.entry(word.to_string()).or_default() += 1;
                }
            }
        }
        let common = counts.into_iter().filter(|(_, n)| *n >= 4).map(|(w, _)| w).collect();
        Ok(Self { common, never })
    }

    /// How sure a name is by itself.
    fn guard(&self, kind: char, name: &str) -> char {
        let cut: Vec<&str> = words(name, Cut::Fine, 12)
            .iter()
            .map(|w| w.of(name))
            .filter(|w| w.chars().any(char::is_alphanumeric))
            .collect();
        let is_common = |w: &&str| self.common.contains(&w.to_lowercase());
        let all_common = cut.iter().all(is_common);
        // `Android` and `Trojan` are somebody's names for malware: no words around them would tell.
        if kind != 'q' && self.never.contains(&name.to_lowercase()) {
            return 'l';
        }
        let letters = name.chars().filter(|c| c.is_alphanumeric()).count();
        if kind == 'q' {
            return match cut.len() {
                0 | 1 => {
                    let one = name.to_lowercase();
                    let telling = ["phishing", "keylogging", "rootkit", "bootkit", "steganography", "timestomp"];
                    if telling.contains(&one.as_str()) || !all_common && letters >= 8 { 's' } else { 'l' }
                }
                2 if all_common => 'l',
                _ => 's',
            };
        }
        if cut.len() > 1 {
            let is_numbered = cut.len() == 2
                && all_common
                && cut.iter().any(|w| w.bytes().all(|b| b.is_ascii_digit()));
            let small = !name.contains(char::is_uppercase);
            return match (is_numbered || (all_common && small), all_common) {
                (true, _) => 'x',
                (_, true) => 'c',
                _ => 's',
            };
        }
        let has_digit = name.contains(|c: char| c.is_ascii_digit());
        let inner: String = name.chars().skip(1).collect();
        let is_odd = has_digit
            || (inner.contains(char::is_uppercase) && name.contains(char::is_lowercase));
        let has_capital = name.contains(char::is_uppercase);
        if all_common || letters <= 2 || (letters <= 4 && !is_odd) {
            'x'
        } else if is_odd && letters >= 5 {
            's'
        } else if has_capital {
            'c'
        } else if letters >= 7 {
            's'
        } else {
            'x'
        }
    }
}
