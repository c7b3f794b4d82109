//! Affected products: CPE 2.3 names (NISTIR 7695, section 6.2) with their version ranges, and the
//! CNA's own list; as data, and worded for people.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::wire::{AffectedWire, ConfigurationWire, MatchWire, Str, VersionWire};
use crate::model::{Product, ProductRanges, VersionRange};

/// How many ranges of one product are worded; more are counted.
const MAX_RANGES: usize = 20;
/// From how many ranges on a set says whether one is there already.
const MANY: usize = 16;

/// The affected products of a record, sorted, each once with all its versions: worded, and as data.
pub(super) fn products(
    configurations: &[ConfigurationWire<'_>],
    affected: &[AffectedWire<'_>],
) -> (Vec<Product>, Vec<ProductRanges>) {
    let mut nvd = Collector::default();
    for m in configurations
        .iter()
        .flat_map(|c| &c.nodes)
        .flat_map(|n| &n.cpe_match)
        .filter(|m| m.vulnerable)
    {
        if let Some(name) = Cpe::parse(&m.criteria.0) {
            let range = Range::of_match(m, &name);
            nvd.add(name.vendor, name.product, range);
        }
    }
    if affected.is_empty() {
        return (nvd.worded(), nvd.ranges(None));
    }
    // The CNA's list names the same products in other words; it speaks where NVD has not.
    let mut all = Collector::default();
    let mut stated = Vec::new();
    for entry in affected {
        let mut own = Collector::default();
        for collector in [&mut all, &mut own] {
            collector.add_affected(&entry.vendor, &entry.product, &entry.versions);
            for data in &entry.affected_data {
                collector.add_affected(&data.vendor, &data.product, &data.versions);
            }
        }
        let source = entry.source.as_ref().and_then(Str::trimmed);
        stated.extend(own.ranges(Some(source.unwrap_or("CNA"))));
    }
    let worded = if nvd.list.is_empty() {
        all.worded()
    } else {
        nvd.worded()
    };
    let mut ranges = nvd.ranges(None);
    ranges.append(&mut stated);
    ranges.sort_unstable();
    ranges.dedup();
    (worded, ranges)
}

/// A [`VersionRange`] of the page's own words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Range<'a> {
    exactly: Option<Cow<'a, str>>,
    from: Option<&'a str>,
    after: Option<&'a str>,
    through: Option<&'a str>,
    before: Option<&'a str>,
}

impl<'a> Range<'a> {
    /// `None` where the match states no version.
    fn of_match(m: &'a MatchWire<'_>, name: &Cpe<'a>) -> Option<Self> {
        let at = |s: &'a Option<Str<'_>>| s.as_ref().and_then(Str::trimmed);
        let from = at(&m.version_start_including);
        let through = at(&m.version_end_including);
        let range = Self {
            exactly: None,
            from,
            after: at(&m.version_start_excluding).filter(|_| from.is_none()),
            through,
            before: at(&m.version_end_excluding).filter(|_| through.is_none()),
        };
        if from.is_some() && from == through {
            return Some(Self::one(from.map(Cow::Borrowed)));
        }
        if range != Self::default() {
            return Some(range);
        }
        match (name.version.as_ref(), name.update.as_ref()) {
            ("*", _) => Some(range),
            ("-", _) => None,
            (_, "*" | "-") => Some(Self::one(Some(name.version.clone()))),
            (version, update) => Some(Self::one(Some(format!("{version} {update}").into()))),
        }
    }

    /// `None` where the entry states no version.
    fn of_entry(entry: &'a VersionWire<'_>) -> Option<Self> {
        let at = |s: &'a Option<Str<'_>>| s.as_ref().and_then(Str::trimmed);
        let stated = |s: &'a Option<Str<'_>>| {
            at(s).filter(|t| !is_placeholder(t) && !t.eq_ignore_ascii_case("unspecified"))
        };
        let (less, up_to) = (&entry.less_than, &entry.less_than_or_equal);
        let from = stated(&entry.version);
        let is_open = at(less) == Some("*") || at(up_to) == Some("*");
        let through = stated(up_to);
        let range = Self {
            exactly: None,
            from: from.filter(|f| *f != "0"),
            after: None,
            through: through.filter(|_| stated(less).is_none()),
            before: stated(less),
        };
        if range.before.is_some() || range.through.is_some() || is_open {
            return Some(range);
        }
        match at(&entry.version) {
            Some("*") => Some(Self::default()),
            _ => range.from.map(|v| Self::one(Some(Cow::Borrowed(v)))),
        }
    }

    fn one(version: Option<Cow<'a, str>>) -> Self {
        Self {
            exactly: version,
            ..Self::default()
        }
    }

    fn owned(&self) -> VersionRange {
        let own = |s: Option<&str>| s.map(ToOwned::to_owned);
        VersionRange {
            exactly: own(self.exactly.as_deref()),
            from: own(self.from),
            after: own(self.after),
            through: own(self.through),
            before: own(self.before),
        }
    }

    fn word(&self, text: &mut String) {
        if let Some(version) = &self.exactly {
            return text.push_str(version);
        }
        let has_start = self.from.is_some() || self.after.is_some();
        let mut put = |words: &[&str]| words.iter().for_each(|w| text.push_str(w));
        match (self.from, self.after) {
            (Some(from), _) => put(&[from]),
            (None, Some(after)) => put(&["after ", after]),
            (None, None) => {}
        }
        match (self.through, self.before, has_start) {
            (Some(through), _, true) => put(&[" to ", through]),
            (Some(through), _, false) => put(&["up to ", through]),
            (None, Some(before), true) => put(&[" to before ", before]),
            (None, Some(before), false) => put(&["before ", before]),
            (None, None, true) if self.from.is_some() => put(&[" and later"]),
            (None, None, true) => {}
            (None, None, false) => put(&["all versions"]),
        }
    }
}

/// The ranges of one product, each once.
#[derive(Default)]
struct Ranges<'a> {
    list: Vec<Range<'a>>,
    /// Filled once there are many.
    seen: HashSet<Range<'a>>,
}

impl<'a> Ranges<'a> {
    fn add(&mut self, range: Range<'a>) {
        let is_new = if self.list.len() < MANY {
            !self.list.contains(&range)
        } else {
            if self.seen.is_empty() {
                self.seen.extend(self.list.iter().cloned());
            }
            self.seen.insert(range.clone())
        };
        if is_new {
            self.list.push(range);
        }
    }

    fn worded(&self) -> String {
        let mut text = String::new();
        for (i, range) in self.list.iter().take(MAX_RANGES).enumerate() {
            if i > 0 {
                text.push_str(", ");
            }
            range.word(&mut text);
        }
        if self.list.len() > MAX_RANGES {
            text.push_str(&format!(" and {} more", self.list.len() - MAX_RANGES));
        }
        text
    }
}

#[derive(Default)]
struct Collector<'a> {
    list: Vec<(Cow<'a, str>, Cow<'a, str>, Ranges<'a>)>,
    index: HashMap<(Cow<'a, str>, Cow<'a, str>), usize>,
}

impl<'a> Collector<'a> {
    fn add(&mut self, vendor: Cow<'a, str>, product: Cow<'a, str>, range: Option<Range<'a>>) {
        let at = match self.list.last() {
            Some((v, p, _)) if *v == vendor && *p == product => self.list.len() - 1,
            _ => self.place(vendor, product),
        };
        if let Some(range) = range {
            self.list[at].2.add(range);
        }
    }

    fn place(&mut self, vendor: Cow<'a, str>, product: Cow<'a, str>) -> usize {
        if self.list.len() < MANY {
            let same = |(v, p, _): &(Cow<'a, str>, Cow<'a, str>, _)| *v == vendor && *p == product;
            if let Some(at) = self.list.iter().position(same) {
                return at;
            }
        } else {
            if self.index.is_empty() {
                let names = self.list.iter().enumerate();
                self.index = names
                    .map(|(at, (v, p, _))| ((v.clone(), p.clone()), at))
                    .collect();
            }
            let next = self.list.len();
            let at = *self
                .index
                .entry((vendor.clone(), product.clone()))
                .or_insert(next);
            if at < next {
                return at;
            }
        }
        self.list.push((vendor, product, Ranges::default()));
        self.list.len() - 1
    }

    fn add_affected(
        &mut self,
        vendor: &'a Option<Str<'_>>,
        product: &'a Option<Str<'_>>,
        versions: &'a [VersionWire<'_>],
    ) {
        let stated = |s: &'a Option<Str<'_>>| {
            s.as_ref()
                .and_then(Str::trimmed)
                .filter(|t| !is_placeholder(t))
        };
        let Some(product) = stated(product) else {
            return;
        };
        let vendor = stated(vendor).unwrap_or_default();
        self.add(vendor.into(), product.into(), None);
        for version in versions {
            if version.status.as_ref().is_none_or(|s| s.0 == "affected") {
                self.add(vendor.into(), product.into(), Range::of_entry(version));
            }
        }
    }

    fn worded(&self) -> Vec<Product> {
        let mut all: Vec<Product> = self
            .list
            .iter()
            .map(|(vendor, product, ranges)| Product {
                vendor: vendor.as_ref().to_owned(),
                product: product.as_ref().to_owned(),
                versions: ranges.worded(),
            })
            .collect();
        all.sort_unstable();
        all
    }

    fn ranges(&self, source: Option<&str>) -> Vec<ProductRanges> {
        let mut all: Vec<ProductRanges> = self
            .list
            .iter()
            .map(|(vendor, product, ranges)| ProductRanges {
                vendor: vendor.as_ref().to_owned(),
                product: product.as_ref().to_owned(),
                source: source.map(ToOwned::to_owned),
                ranges: ranges.list.iter().map(Range::owned).collect(),
            })
            .collect();
        all.sort_unstable();
        all
    }
}

fn is_placeholder(text: &str) -> bool {
    text == "*" || text == "-" || text.eq_ignore_ascii_case("n/a")
}

/// The parts of a CPE 2.3 formatted string that Tocsin shows, unescaped.
struct Cpe<'a> {
    vendor: Cow<'a, str>,
    product: Cow<'a, str>,
    version: Cow<'a, str>,
    update: Cow<'a, str>,
}

impl<'a> Cpe<'a> {
    /// `None` where it is no CPE 2.3 name or names no product.
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = Parts(text.strip_prefix("cpe:2.3:")?);
        let _part = parts.next()?;
        let vendor = unescape(parts.next()?);
        let product = unescape(parts.next()?);
        if product.is_empty() || is_placeholder(&product) {
            return None;
        }
        Some(Self {
            vendor: if is_placeholder(&vendor) {
                Cow::Borrowed("")
            } else {
                vendor
            },
            product,
            version: unescape(parts.next().unwrap_or("*")),
            update: unescape(parts.next().unwrap_or("*")),
        })
    }
}

/// Splits at colons that are not escaped.
struct Parts<'a>(&'a str);

impl<'a> Iterator for Parts<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        if self.0.is_empty() {
            return None;
        }
        let mut escaped = false;
        for (i, b) in self.0.bytes().enumerate() {
            match b {
                b'\\' => escaped = !escaped,
                b':' if !escaped => {
                    let part = &self.0[..i];
                    self.0 = &self.0[i + 1..];
                    return Some(part);
                }
                _ => escaped = false,
            }
        }
        Some(std::mem::take(&mut self.0))
    }
}

fn unescape(part: &str) -> Cow<'_, str> {
    if !part.contains('\\') {
        return Cow::Borrowed(part);
    }
    let mut text = String::with_capacity(part.len());
    let mut chars = part.chars();
    while let Some(c) = chars.next() {
        text.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matched(criteria: &str, bounds: &str) -> Vec<Product> {
        let json = format!(
            r#"[{{"nodes":[{{"cpeMatch":[{{"vulnerable":true,"criteria":{}{bounds}}}]}}]}}]"#,
            serde_json::to_string(criteria).unwrap()
        );
        let c: Vec<ConfigurationWire<'_>> = serde_json::from_str(&json).unwrap();
        products(&c, &[]).0
    }

    #[test]
    fn ranges_are_worded_for_people() {
        let any = "cpe:2.3:a:apache:http_server:*:*:*:*:*:*:*:*";
        for (criteria, bounds, expect) in [
            (
                any,
                r#","versionStartIncluding":"2.4.57","versionEndIncluding":"2.4.62""#,
                "2.4.57 to 2.4.62",
            ),
            (
                any,
                r#","versionStartIncluding":"2.4","versionEndExcluding":"2.5""#,
                "2.4 to before 2.5",
            ),
            (any, r#","versionEndExcluding":"3.1""#, "before 3.1"),
            (any, r#","versionEndIncluding":"2.0""#, "up to 2.0"),
            (any, r#","versionStartIncluding":"1""#, "1 and later"),
            (any, r#","versionStartExcluding":"1""#, "after 1"),
            (any, "", "all versions"),
            ("cpe:2.3:o:a:b:-:*:*:*:*:*:*:*", "", ""),
            ("cpe:2.3:o:a:b:1.0:rc1:*:*:*:*:*:*", "", "1.0 rc1"),
        ] {
            assert_eq!(matched(criteria, bounds)[0].versions, expect, "{criteria}");
        }
    }

    #[test]
    fn escaped_colons_and_quotes_are_read() {
        let p = &matched(
            r"cpe:2.3:a:iamb:crypt\:\:sodium\:\:xs:1.0:*:*:*:*:perl:*:*",
            "",
        )[0];
        assert_eq!(
            (p.vendor.as_str(), p.product.as_str()),
            ("iamb", "crypt::sodium::xs")
        );
        assert_eq!(p.versions, "1.0");
        assert!(matched("cpe:2.3:a:x", "").is_empty());
        assert!(matched("nonsense", "").is_empty());
        assert!(matched(r"cpe:2.3:a:x:y\", "").len() == 1);
    }

    #[test]
    fn many_versions_are_counted_and_all_are_kept() {
        let matches: Vec<serde_json::Value> = (0..60)
            .map(|n| serde_json::json!({ "vulnerable": true, "criteria": format!("cpe:2.3:a:v:p:1.{}:*:*:*:*:*:*:*", n / 2) }))
            .collect();
        let json = serde_json::json!([{ "nodes": [{ "cpeMatch": matches }] }]).to_string();
        let c: Vec<ConfigurationWire<'_>> = serde_json::from_str(&json).unwrap();
        let (worded, ranges) = products(&c, &[]);
        assert!(worded[0].versions.ends_with("1.19 and 10 more"));
        assert_eq!(ranges.len(), 1);
        assert_eq!(ranges[0].ranges.len(), 30, "each once");
    }

    #[test]
    fn what_the_cna_states_is_kept_beside_nvds_own() {
        let cna = r#"[{"source":"cna@a.org","affectedData":[{"vendor":"Acme","product":"Thing","versions":[
            {"version":"1.0","lessThan":"1.4","status":"affected"},{"version":"2","status":"unaffected"},
            {"version":"3","lessThan":"*","status":"affected"},{"version":"0","lessThanOrEqual":"0.5"},{"version":"n/a"}]}]},
            {"vendor":"Flat","product":"Form"}]"#;
        let affected: Vec<AffectedWire<'_>> = serde_json::from_str(cna).unwrap();
        let (worded, ranges) = products(&[], &affected);
        assert_eq!(
            worded[0].versions,
            "1.0 to before 1.4, 3 and later, up to 0.5"
        );
        assert_eq!((worded[1].product.as_str(), ranges.len()), ("Form", 2));
        assert_eq!(ranges[0].source.as_deref(), Some("cna@a.org"));
        let nvd = r#"[{"nodes":[{"cpeMatch":[{"vulnerable":true,"criteria":"cpe:2.3:a:acme:thing:*:*:*:*:*:*:*:*","versionStartIncluding":"1.0","versionEndExcluding":"1.4"},
            {"vulnerable":false,"criteria":"cpe:2.3:o:linux:linux_kernel:-:*:*:*:*:*:*:*"}]}]}]"#;
        let nvd: Vec<ConfigurationWire<'_>> = serde_json::from_str(nvd).unwrap();
        let (worded, ranges) = products(&nvd, &affected);
        assert_eq!((worded.len(), ranges.len()), (1, 3));
        let own = ranges.iter().find(|r| r.source.is_none()).unwrap();
        assert_eq!(own.ranges[0].from.as_deref(), Some("1.0"));
        assert_eq!(own.ranges[0].before.as_deref(), Some("1.4"));
    }
}
