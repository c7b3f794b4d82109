//! Affected products: CPE 2.3 names (NISTIR 7695, section 6.2) with their version ranges, and the
//! CNA's own list, worded for people.

use std::borrow::Cow;
use std::collections::HashMap;

use super::wire::{AffectedDataWire, AffectedWire, ConfigurationWire, MatchWire, Str, VersionWire};
use crate::model::Product;

/// How many ranges of one product are worded; more are counted.
const MAX_RANGES: usize = 20;

/// The affected products of a record, sorted, each once with all its versions.
pub(super) fn products(
    configurations: &[ConfigurationWire<'_>],
    affected: &[AffectedWire<'_>],
) -> Vec<Product> {
    let mut all = Collector::default();
    for m in configurations
        .iter()
        .flat_map(|c| &c.nodes)
        .flat_map(|n| &n.cpe_match)
        .filter(|m| m.vulnerable)
    {
        let Some(name) = Cpe::parse(&m.criteria.0) else {
            continue;
        };
        let range = worded_range(m, &name);
        all.add(name.vendor, name.product, range);
    }
    // The CNA's list names the same products in other words; it speaks where NVD has not.
    if all.products.is_empty() {
        for entry in affected {
            for data in entry.affected_data.iter().chain([&entry.flat]) {
                all.add_affected(data);
            }
        }
    }
    all.finish()
}

#[derive(Default)]
struct Collector<'a> {
    products: Vec<(Cow<'a, str>, Cow<'a, str>, Vec<String>)>,
    index: HashMap<(Cow<'a, str>, Cow<'a, str>), usize>,
}

impl<'a> Collector<'a> {
    fn add(&mut self, vendor: Cow<'a, str>, product: Cow<'a, str>, range: String) {
        let at = match self.products.last() {
            Some((v, p, _)) if *v == vendor && *p == product => self.products.len() - 1,
            _ => {
                let next = self.products.len();
                let at = *self
                    .index
                    .entry((vendor.clone(), product.clone()))
                    .or_insert(next);
                if at == next {
                    self.products.push((vendor, product, Vec::new()));
                }
                at
            }
        };
        let ranges = &mut self.products[at].2;
        if !range.is_empty() && !ranges.contains(&range) {
            ranges.push(range);
        }
    }

    fn add_affected(&mut self, data: &'a AffectedDataWire<'_>) {
        let stated = |s: &'a Option<Str<'_>>| {
            s.as_ref()
                .and_then(Str::trimmed)
                .filter(|t| !is_placeholder(t))
        };
        let Some(product) = stated(&data.product) else {
            return;
        };
        let vendor = stated(&data.vendor).unwrap_or_default();
        self.add(vendor.into(), product.into(), String::new());
        for version in &data.versions {
            if version.status.as_ref().is_none_or(|s| s.0 == "affected") {
                self.add(vendor.into(), product.into(), worded_version(version));
            }
        }
    }

    fn finish(self) -> Vec<Product> {
        let mut all: Vec<Product> = self
            .products
            .into_iter()
            .map(|(vendor, product, ranges)| Product {
                vendor: vendor.into_owned(),
                product: product.into_owned(),
                versions: worded_ranges(&ranges),
            })
            .collect();
        all.sort_unstable();
        all
    }
}

fn is_placeholder(text: &str) -> bool {
    text == "*" || text == "-" || text.eq_ignore_ascii_case("n/a")
}

fn worded_ranges(ranges: &[String]) -> String {
    let shown = ranges.len().min(MAX_RANGES);
    let mut text = ranges[..shown].join(", ");
    if ranges.len() > shown {
        text.push_str(&format!(" and {} more", ranges.len() - shown));
    }
    text
}

fn worded_range(m: &MatchWire<'_>, name: &Cpe<'_>) -> String {
    let at = |s: &Option<Str<'_>>| s.as_ref().and_then(Str::trimmed).map(ToOwned::to_owned);
    let from = at(&m.version_start_including)
        .or_else(|| at(&m.version_start_excluding).map(|v| format!("after {v}")));
    let to = at(&m.version_end_including);
    let before = at(&m.version_end_excluding);
    match (from, to, before) {
        (Some(a), Some(b), _) if a == b => a,
        (Some(a), Some(b), _) => format!("{a} to {b}"),
        (Some(a), None, Some(b)) => format!("{a} to before {b}"),
        (Some(a), None, None) if a.starts_with("after ") => a,
        (Some(a), None, None) => format!("{a} and later"),
        (None, Some(b), _) => format!("up to {b}"),
        (None, None, Some(b)) => format!("before {b}"),
        (None, None, None) => match (name.version.as_ref(), name.update.as_ref()) {
            ("*", _) => "all versions".to_owned(),
            ("-", _) => String::new(),
            (version, "*" | "-") => version.to_owned(),
            (version, update) => format!("{version} {update}"),
        },
    }
}

fn worded_version(v: &VersionWire<'_>) -> String {
    let at = |s: &'_ Option<Str<'_>>| -> Option<String> {
        s.as_ref()
            .and_then(Str::trimmed)
            .filter(|t| !is_placeholder(t) && !t.eq_ignore_ascii_case("unspecified"))
            .map(ToOwned::to_owned)
    };
    let from = at(&v.version).filter(|f| f != "0");
    match (from, at(&v.less_than), at(&v.less_than_or_equal)) {
        (Some(a), Some(b), _) => format!("{a} to before {b}"),
        (Some(a), None, Some(b)) => format!("{a} to {b}"),
        (None, Some(b), _) => format!("before {b}"),
        (None, None, Some(b)) => format!("up to {b}"),
        (Some(a), None, None) => a,
        (None, None, None) => String::new(),
    }
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
        products(&c, &[])
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
    fn many_versions_are_counted() {
        let all: Vec<String> = (0..30).map(|n| format!("1.{n}")).collect();
        assert!(worded_ranges(&all).ends_with("1.19 and 10 more"));
    }
}
