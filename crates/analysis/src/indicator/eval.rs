//! Scores [`super::find`] against cases with right answers. Reads no clock: whoever calls times what it wants.
//!
//! Two forms are read. ioc-finder's test cases, `{"cases": [{"id", "text", "expected": {kind: [value]}, "args": {}}]}`, in its own names
//! of kinds; and one case a line, `{"text", "expect": {kind: [value]}}` in Tocsin's names, or `{"text", "valid": [value],
//! "invalid": [value]}` where only some answers are known, as in iocextract's corpus: each valid one must be found, as it
//! stands or made whole, and no invalid one.
//!
//! How ioc-finder's answers are read:
//! - `urls_complete` is our `url`; `urls` is an older reading of the same that ends at a comma and is not asked for.
//! - `email_addresses` and `xmpp_addresses` are our `email`; `bitcoin_addresses` and `monero_addresses` our `crypto_address`.
//! - ioc-finder repeats what lies inside another indicator (the host of a URL, a name in its path, the address of a network). We
//!   do not; such an answer is not missing if we found the indicator that holds it.
//! - Kinds that Tocsin finds elsewhere (CVE and technique ids) or not at all are left out, with cases that ask for them only.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Found, IndicatorKind, find, within};

/// Cases to score.
pub struct Cases {
    cases: Vec<Case>,
    /// Cases that ask for kinds that Tocsin does not have.
    left_out: usize,
}

struct Case {
    id: String,
    text: String,
    asked: Asked,
}

enum Asked {
    /// All answers of these kinds.
    All {
        /// ioc-finder's names of the kinds asked for; all where there is none.
        names: Option<Vec<String>>,
        expected: BTreeSet<(IndicatorKind, String)>,
        is_scheme_asked: bool,
    },
    Some {
        valid: Vec<String>,
        invalid: Vec<String>,
    },
}

/// What scoring came to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Cases that were scored.
    pub cases: usize,
    /// Cases that ask for kinds that Tocsin does not have.
    pub left_out: usize,
    /// Cases whose answers are all right.
    pub exact: usize,
    /// Of the cases, 0.0 to 1.0.
    pub exact_rate: f64,
    /// By kind.
    pub kinds: BTreeMap<&'static str, Counts>,
    /// Bytes of text.
    pub bytes: usize,
    /// What was wrong, a line each.
    pub wrong: Vec<String>,
}

/// Right, wrong and missing answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Counts {
    /// Found and expected.
    pub right: usize,
    /// Found only.
    pub wrong: usize,
    /// Expected only.
    pub missing: usize,
    /// Right of those found.
    pub precision: f64,
    /// Right of those expected.
    pub recall: f64,
}

#[derive(Deserialize)]
struct Wire {
    #[serde(default)]
    id: String,
    text: String,
    #[serde(default)]
    expected: BTreeMap<String, Value>,
    #[serde(default)]
    args: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    id: String,
    text: String,
    expect: Option<BTreeMap<String, Vec<String>>>,
    #[serde(default)]
    valid: Vec<String>,
    #[serde(default)]
    invalid: Vec<String>,
}

impl Cases {
    /// Reads either form.
    ///
    /// # Errors
    /// Says what is wrong where the text is in neither.
    pub fn read(text: &str) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct File {
            cases: Vec<Wire>,
        }
        if let Ok(file) = serde_json::from_str::<File>(text) {
            let all = file.cases.len();
            let cases: Vec<Case> = file.cases.into_iter().filter_map(of_ioc_finder).collect();
            let left_out = all - cases.len();
            return Ok(Self { cases, left_out });
        }
        let mut cases = Vec::new();
        for (number, line) in text.lines().enumerate() {
            if line.trim().is_empty() {
                continue;
            }
            let line: Line =
                serde_json::from_str(line).map_err(|e| format!("line {}: {e}", number + 1))?;
            cases.push(of_line(line, number)?);
        }
        Ok(Self { cases, left_out: 0 })
    }

    /// The texts, for measuring speed.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.cases.iter().map(|c| c.text.as_str())
    }

    /// Finds and compares.
    pub fn score(&self) -> Report {
        let mut report = Report {
            cases: self.cases.len(),
            left_out: self.left_out,
            exact: 0,
            exact_rate: 0.0,
            kinds: BTreeMap::new(),
            bytes: self.texts().map(str::len).sum(),
            wrong: Vec::new(),
        };
        for case in &self.cases {
            let found = find(&case.text);
            let faults = match &case.asked {
                Asked::All {
                    names,
                    expected,
                    is_scheme_asked,
                } => {
                    let ours = answers(&found, names.as_deref(), *is_scheme_asked);
                    all(&found, &ours, expected, &mut report.kinds)
                }
                Asked::Some { valid, invalid } => some(&case.text, &found, valid, invalid),
            };
            report.exact += usize::from(faults.is_empty());
            report
                .wrong
                .extend(faults.into_iter().map(|f| format!("{}: {f}", case.id)));
        }
        report.exact_rate = share(report.exact, report.cases);
        for counts in report.kinds.values_mut() {
            counts.precision = share(counts.right, counts.right + counts.wrong);
            counts.recall = share(counts.right, counts.right + counts.missing);
        }
        report
    }
}

/// Our kind for ioc-finder's name of one.
fn kind_of(name: &str) -> Option<IndicatorKind> {
    Some(match name {
        "asns" => IndicatorKind::Asn,
        "authentihashes" => IndicatorKind::Authentihash,
        "bitcoin_addresses" | "monero_addresses" => IndicatorKind::CryptoAddress,
        "domains" => IndicatorKind::Domain,
        "email_addresses" | "xmpp_addresses" => IndicatorKind::Email,
        "file_paths" => IndicatorKind::FilePath,
        "imphashes" => IndicatorKind::Imphash,
        "ipv4_cidrs" | "ipv6_cidrs" => IndicatorKind::Cidr,
        "ipv4s" => IndicatorKind::Ipv4,
        "ipv6s" => IndicatorKind::Ipv6,
        "mac_addresses" => IndicatorKind::Mac,
        "md5s" => IndicatorKind::Md5,
        "registry_key_paths" => IndicatorKind::RegistryKey,
        "sha1s" => IndicatorKind::Sha1,
        "sha256s" => IndicatorKind::Sha256,
        "sha512s" => IndicatorKind::Sha512,
        "ssdeeps" => IndicatorKind::Ssdeep,
        "urls_complete" => IndicatorKind::Url,
        "user_agents" => IndicatorKind::UserAgent,
        _ => return None,
    })
}

/// Whether a value of a kind that ioc-finder has several names for has this one.
fn is_named(name: &str, value: &str) -> bool {
    let host = value.rsplit('@').next().unwrap_or_default();
    let is_chat = host.contains("jabber") || host.contains("xmpp");
    match name {
        "email_addresses" => !is_chat,
        "xmpp_addresses" => is_chat,
        "ipv4_cidrs" => !value.contains(':'),
        "ipv6_cidrs" => value.contains(':'),
        "bitcoin_addresses" => value.starts_with(['1', '3', 'b']),
        "monero_addresses" => value.starts_with('4'),
        _ => true,
    }
}

fn of_ioc_finder(wire: Wire) -> Option<Case> {
    let included = wire
        .args
        .get("included_ioc_types")
        .and_then(Value::as_array);
    let names: Option<Vec<String>> = included.map(|names| {
        let names = names.iter().filter_map(Value::as_str).map(str::to_string);
        names.filter(|name| kind_of(name).is_some()).collect()
    });
    let expected: BTreeSet<_> = wire
        .expected
        .iter()
        .filter(|(name, _)| names.as_ref().is_none_or(|names| names.contains(name)))
        .filter_map(|(name, values)| Some((kind_of(name)?, values.as_array()?)))
        .flat_map(|(kind, values)| {
            let values = values.iter().filter_map(Value::as_str);
            values.map(move |v| (kind, plain(kind, v)))
        })
        .collect();
    // What asks for other kinds only says nothing of ours.
    let is_ours = match &names {
        Some(names) => !names.is_empty(),
        None => wire.expected.is_empty() || wire.expected.keys().any(|n| kind_of(n).is_some()),
    };
    let says = |name: &str| wire.args.get(name).and_then(Value::as_bool);
    is_ours.then_some(Case {
        id: wire.id,
        text: wire.text,
        asked: Asked::All {
            names,
            expected,
            is_scheme_asked: says("parse_urls_without_scheme") == Some(false),
        },
    })
}

fn of_line(line: Line, number: usize) -> Result<Case, String> {
    let id = match line.id.is_empty() {
        true => format!("line {}", number + 1),
        false => line.id,
    };
    let asked = match line.expect {
        None => Asked::Some {
            valid: line.valid,
            invalid: line.invalid,
        },
        Some(expect) => {
            let mut expected = BTreeSet::new();
            for (name, values) in expect {
                let kind = IndicatorKind::named(&name)
                    .ok_or_else(|| format!("line {}: there is no kind {name}", number + 1))?;
                expected.extend(values.iter().map(|v| (kind, plain(kind, v))));
            }
            Asked::All {
                names: None,
                expected,
                is_scheme_asked: false,
            }
        }
    };
    Ok(Case {
        id,
        text: line.text,
        asked,
    })
}

/// A value in one form for comparing.
fn plain(kind: IndicatorKind, value: &str) -> String {
    match kind {
        IndicatorKind::Asn => value
            .trim_start_matches(['A', 'S', 'N', 'a', 's', 'n', ' '])
            .to_string(),
        IndicatorKind::Url
        | IndicatorKind::FilePath
        | IndicatorKind::RegistryKey
        | IndicatorKind::UserAgent
        | IndicatorKind::Ssdeep
        | IndicatorKind::CryptoAddress => value.to_string(),
        _ => value.to_lowercase(),
    }
}

/// What was found, of the kinds asked for.
fn answers(
    found: &[Found],
    names: Option<&[String]>,
    is_scheme_asked: bool,
) -> BTreeSet<(IndicatorKind, String)> {
    found
        .iter()
        .map(|f| {
            let is_bare = f.kind == IndicatorKind::Url && !f.value.contains("://");
            match within(f.kind, &f.value) {
                Some(inner) if is_bare && is_scheme_asked => inner,
                _ => (f.kind, f.value.clone()),
            }
        })
        .filter(|(kind, value)| {
            let is_asked = |name: &String| kind_of(name) == Some(*kind) && is_named(name, value);
            names.is_none_or(|names| names.iter().any(is_asked))
        })
        .map(|(kind, value)| (kind, plain(kind, &value)))
        .collect()
}

fn all(
    found: &[Found],
    ours: &BTreeSet<(IndicatorKind, String)>,
    expected: &BTreeSet<(IndicatorKind, String)>,
    kinds: &mut BTreeMap<&'static str, Counts>,
) -> Vec<String> {
    let mut faults = Vec::new();
    for (kind, value) in ours {
        let counts = kinds.entry(kind.name()).or_default();
        if expected.contains(&(*kind, value.clone())) {
            counts.right += 1;
        } else {
            counts.wrong += 1;
            faults.push(format!("not expected: {} {value}", kind.name()));
        }
    }
    for (kind, value) in expected.difference(ours) {
        if !found.iter().any(|f| holds(f, *kind, value)) {
            kinds.entry(kind.name()).or_default().missing += 1;
            faults.push(format!("missing: {} {value}", kind.name()));
        }
    }
    faults
}

/// Whether an indicator holds a value of another kind.
fn holds(found: &Found, kind: IndicatorKind, value: &str) -> bool {
    let is_holder = matches!(
        found.kind,
        IndicatorKind::Url | IndicatorKind::Email | IndicatorKind::Cidr
    );
    is_holder
        && found.kind != kind
        && (within(found.kind, &found.value)
            .is_some_and(|(k, v)| k == kind && plain(k, &v) == value)
            || super::encoded::decode(&found.value)
                .to_lowercase()
                .contains(&value.to_lowercase()))
}

fn some(text: &str, found: &[Found], valid: &[String], invalid: &[String]) -> Vec<String> {
    let mut values: HashSet<&str> = found.iter().map(|f| f.value.as_str()).collect();
    values.extend(found.iter().map(|f| &text[f.bytes.clone()]));
    let missing = valid.iter().filter(|v| !values.contains(v.as_str()));
    let wrong = invalid.iter().filter(|v| values.contains(v.as_str()));
    missing
        .map(|v| format!("missing: {v}"))
        .chain(wrong.map(|v| format!("not expected: {v}")))
        .collect()
}

fn share(part: usize, of: usize) -> f64 {
    if of == 0 {
        1.0
    } else {
        part as f64 / of as f64
    }
}
