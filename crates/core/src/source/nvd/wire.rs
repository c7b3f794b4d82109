//! NVD's JSON as it comes, read tolerantly: unknown keys, statuses and kinds of metrics are passed
//! over, missing and null fields are empty, and a record of a wrong shape spoils itself only. Strings
//! are borrowed from the page where JSON has no escapes in them.

use std::borrow::Cow;
use std::fmt;

use chrono::NaiveDate;
use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::model::Time;

/// A page whose records are all of the expected shape.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PageWire<R> {
    #[serde(default)]
    pub total_results: Option<u32>,
    #[serde(default)]
    pub timestamp: Option<String>,
    #[serde(
        default = "Vec::new",
        deserialize_with = "nullable",
        bound(deserialize = "R: Deserialize<'de>")
    )]
    pub vulnerabilities: Vec<R>,
}

/// A page whose records are read one by one.
pub(super) type RawPage<'a> = PageWire<&'a RawValue>;

#[derive(Deserialize)]
pub(super) struct RecordWire<'a> {
    #[serde(borrow)]
    pub cve: CveWire<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CveWire<'a> {
    #[serde(borrow)]
    pub id: Str<'a>,
    #[serde(borrow, default)]
    pub source_identifier: Option<Str<'a>>,
    #[serde(borrow, default)]
    pub published: Option<Str<'a>>,
    #[serde(borrow, default)]
    pub last_modified: Option<Str<'a>>,
    #[serde(borrow, default)]
    pub vuln_status: Option<Str<'a>>,
    #[serde(borrow, default, deserialize_with = "nullable")]
    pub cve_tags: Vec<TagsWire<'a>>,
    #[serde(borrow, default, deserialize_with = "nullable")]
    pub descriptions: Vec<LangWire<'a>>,
    #[serde(borrow, default)]
    pub metrics: Option<MetricsWire<'a>>,
    #[serde(borrow, default, deserialize_with = "nullable")]
    pub weaknesses: Vec<WeaknessWire<'a>>,
    #[serde(borrow, default, deserialize_with = "nullable")]
    pub configurations: Vec<ConfigurationWire<'a>>,
    #[serde(borrow, default, deserialize_with = "nullable")]
    pub affected: Vec<AffectedWire<'a>>,
    #[serde(borrow, default, deserialize_with = "nullable")]
    pub references: Vec<ReferenceWire<'a>>,
    #[serde(borrow, default)]
    pub cisa_exploit_add: Option<Str<'a>>,
    #[serde(borrow, default)]
    pub cisa_action_due: Option<Str<'a>>,
    #[serde(borrow, default)]
    pub cisa_required_action: Option<Str<'a>>,
    #[serde(borrow, default)]
    pub cisa_vulnerability_name: Option<Str<'a>>,
}

#[derive(Deserialize)]
pub(super) struct TagsWire<'a> {
    #[serde(borrow, default, deserialize_with = "nullable")]
    pub tags: Vec<Str<'a>>,
}

#[derive(Deserialize)]
pub(super) struct LangWire<'a> {
    #[serde(borrow, default)]
    pub lang: Str<'a>,
    #[serde(borrow, default)]
    pub value: Str<'a>,
}

#[derive(Deserialize)]
pub(super) struct WeaknessWire<'a> {
    #[serde(borrow, default, deserialize_with = "nullable")]
    pub description: Vec<LangWire<'a>>,
}

#[derive(Deserialize)]
pub(super) struct ReferenceWire<'a> {
    #[serde(borrow, default)]
    pub url: Str<'a>,
    #[serde(borrow, default, deserialize_with = "nullable")]
    pub tags: Vec<Str<'a>>,
}

#[derive(Deserialize)]
pub(super) struct ConfigurationWire<'a> {
    #[serde(borrow, default, deserialize_with = "nullable")]
    pub nodes: Vec<NodeWire<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NodeWire<'a> {
    #[serde(borrow, default, deserialize_with = "nullable")]
    pub cpe_match: Vec<MatchWire<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MatchWire<'a> {
    #[serde(default)]
    pub vulnerable: bool,
    #[serde(borrow, default)]
    pub criteria: Str<'a>,
    #[serde(borrow, default)]
    pub version_start_including: Option<Str<'a>>,
    #[serde(borrow, default)]
    pub version_start_excluding: Option<Str<'a>>,
    #[serde(borrow, default)]
    pub version_end_including: Option<Str<'a>>,
    #[serde(borrow, default)]
    pub version_end_excluding: Option<Str<'a>>,
}

/// The CNA's own statement (since June 2026, "CVE Affected 1.0"): a list of sources, each with its
/// `affectedData`; a flat entry is read too.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AffectedWire<'a> {
    #[serde(borrow, default)]
    pub source: Option<Str<'a>>,
    #[serde(borrow, default, deserialize_with = "nullable")]
    pub affected_data: Vec<AffectedDataWire<'a>>,
    #[serde(borrow, default)]
    pub vendor: Option<Str<'a>>,
    #[serde(borrow, default)]
    pub product: Option<Str<'a>>,
    #[serde(borrow, default, deserialize_with = "nullable")]
    pub versions: Vec<VersionWire<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AffectedDataWire<'a> {
    #[serde(borrow, default)]
    pub vendor: Option<Str<'a>>,
    #[serde(borrow, default)]
    pub product: Option<Str<'a>>,
    #[serde(borrow, default, deserialize_with = "nullable")]
    pub versions: Vec<VersionWire<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct VersionWire<'a> {
    #[serde(borrow, default)]
    pub version: Option<Str<'a>>,
    #[serde(borrow, default)]
    pub status: Option<Str<'a>>,
    #[serde(borrow, default)]
    pub less_than: Option<Str<'a>>,
    #[serde(borrow, default)]
    pub less_than_or_equal: Option<Str<'a>>,
}

#[derive(Default)]
pub(super) struct MetricsWire<'a> {
    pub v2: Vec<CvssWire<'a>>,
    pub v30: Vec<CvssWire<'a>>,
    pub v31: Vec<CvssWire<'a>>,
    pub v40: Vec<CvssWire<'a>>,
    pub ssvc: Vec<SsvcWire<'a>>,
    /// Kinds that are not known, as they stand.
    pub others: Vec<(Str<'a>, &'a RawValue)>,
}

impl<'de: 'a, 'a> Deserialize<'de> for MetricsWire<'a> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Kinds;
        impl<'de> Visitor<'de> for Kinds {
            type Value = MetricsWire<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("metrics by kind")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut all = MetricsWire::default();
                while let Some(kind) = map.next_key::<Str<'de>>()? {
                    match &*kind.0 {
                        "cvssMetricV2" => all.v2 = map.next_value::<List<_>>()?.0,
                        "cvssMetricV30" => all.v30 = map.next_value::<List<_>>()?.0,
                        "cvssMetricV31" => all.v31 = map.next_value::<List<_>>()?.0,
                        "cvssMetricV40" => all.v40 = map.next_value::<List<_>>()?.0,
                        "ssvcV203" => all.ssvc = map.next_value::<List<_>>()?.0,
                        _ => all.others.push((kind, map.next_value()?)),
                    }
                }
                Ok(all)
            }
        }
        d.deserialize_map(Kinds)
    }
}

/// A list that may be null, where serde takes a type and no function.
struct List<T>(Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        nullable(d).map(Self)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CvssWire<'a> {
    #[serde(borrow, default)]
    pub source: Str<'a>,
    #[serde(borrow, default, rename = "type")]
    pub kind: Str<'a>,
    #[serde(borrow, default)]
    pub cvss_data: Option<CvssDataWire<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CvssDataWire<'a> {
    #[serde(borrow, default)]
    pub vector_string: Str<'a>,
    #[serde(default)]
    pub base_score: Option<f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SsvcWire<'a> {
    #[serde(borrow, default)]
    pub source: Str<'a>,
    #[serde(borrow, default)]
    pub ssvc_data: Option<SsvcDataWire<'a>>,
}

#[derive(Deserialize)]
pub(super) struct SsvcDataWire<'a> {
    #[serde(borrow, default)]
    pub timestamp: Option<Str<'a>>,
    #[serde(borrow, default, deserialize_with = "nullable")]
    pub options: Vec<Words<'a>>,
}

/// An object's words by name, in their order; values that are no words are passed over.
pub(super) struct Words<'a>(pub Vec<(Str<'a>, Str<'a>)>);

impl<'de: 'a, 'a> Deserialize<'de> for Words<'a> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Words<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut all = Vec::new();
                while let Some(name) = map.next_key::<Str<'de>>()? {
                    let value: &RawValue = map.next_value()?;
                    if let Ok(word) = serde_json::from_str(value.get()) {
                        all.push((name, word));
                    }
                }
                Ok(Words(all))
            }
        }
        d.deserialize_map(Pairs)
    }
}

/// A string that borrows from the page where it can; serde borrows a `Cow` only where it stands alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Str<'a>(pub Cow<'a, str>);

impl Str<'_> {
    pub fn trimmed(&self) -> Option<&str> {
        let text = self.0.trim();
        (!text.is_empty()).then_some(text)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Str<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Str<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Str<'de>, E> {
                Ok(Str(Cow::Borrowed(text)))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Str<'de>, E> {
                Ok(Str(Cow::Owned(text.to_owned())))
            }
            fn visit_string<E: Error>(self, text: String) -> Result<Str<'de>, E> {
                Ok(Str(Cow::Owned(text)))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// A list that may be null.
pub(super) fn nullable<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    d: D,
) -> Result<Vec<T>, D::Error> {
    Option::<Vec<T>>::deserialize(d).map(Option::unwrap_or_default)
}

/// The id of a record that could not be read, as far as it can be found.
pub(super) fn id_of(raw: &str) -> Option<String> {
    struct Outer;
    impl<'de> Visitor<'de> for Outer {
        type Value = Option<String>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a record")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut found = None;
            while let Some(key) = map.next_key::<String>()? {
                match key.as_str() {
                    "cve" => found = map.next_value::<Loose>()?.0.or(found),
                    "id" => {
                        found = map
                            .next_value::<serde_json::Value>()?
                            .as_str()
                            .map(Into::into)
                    }
                    _ => {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
            }
            Ok(found)
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            while seq.next_element::<IgnoredAny>()?.is_some() {}
            Ok(None)
        }
        fn visit_str<E: Error>(self, _: &str) -> Result<Self::Value, E> {
            Ok(None)
        }
        fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }
        fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
            Ok(None)
        }
        fn visit_u64<E: Error>(self, _: u64) -> Result<Self::Value, E> {
            Ok(None)
        }
        fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
            Ok(None)
        }
        fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
            Ok(None)
        }
    }
    struct Loose(Option<String>);
    impl<'de> Deserialize<'de> for Loose {
        fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
            d.deserialize_any(Outer).map(Self)
        }
    }
    serde_json::from_str::<Loose>(raw).ok()?.0
}

/// Reads `2026-01-13T18:16:07.0230000`, with any number of decimals, or a day alone. NVD gives no zone
/// and means UTC; a `Z` or an offset is obeyed where there is one.
pub(super) fn time(text: &str) -> Option<Time> {
    let text = text.trim();
    let number = |range: std::ops::Range<usize>| -> Option<u32> {
        let part = text.as_bytes().get(range)?;
        part.iter().try_fold(0_u32, |n, b| {
            b.is_ascii_digit().then(|| n * 10 + u32::from(b - b'0'))
        })
    };
    let date = NaiveDate::from_ymd_opt(
        i32::try_from(number(0..4)?).ok()?,
        number(5..7)?,
        number(8..10)?,
    )?;
    if text.len() == 10 {
        return Some(Time(
            date.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis(),
        ));
    }
    // The old form has minutes only: `2021-08-26T07:01Z`.
    if let Some(zone) = text.get(16..).filter(|rest| !rest.starts_with(':')) {
        let full = format!(
            "{}:00{}",
            text.get(..16)?,
            if zone.is_empty() { "Z" } else { zone }
        );
        return Time::parse_rfc3339(&full).ok();
    }
    let rest = text.get(19..)?;
    let (decimals, zone) = match rest.strip_prefix('.') {
        Some(tail) => {
            let end = tail.bytes().take_while(u8::is_ascii_digit).count();
            tail.split_at(end)
        }
        None => ("", rest),
    };
    if !zone.is_empty() {
        return Time::parse_rfc3339(text).ok();
    }
    let ms = decimals
        .bytes()
        .chain([b'0'; 3])
        .take(3)
        .fold(0_u32, |n, b| n * 10 + u32::from(b - b'0'));
    let at = date.and_hms_milli_opt(number(11..13)?, number(14..16)?, number(17..19)?, ms)?;
    Some(Time(at.and_utc().timestamp_millis()))
}
