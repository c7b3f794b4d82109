//! Which CVEs a database is filled with, in the order in which NVD's API gives them: by publication. The
//! real ones first of all; where they run out, real ones under new ids, whose publications are spread
//! over 2002 to 2026, more of them in later years. Pages are made when they are asked for.

use tocsin_core::model::Time;

use super::records::{Records, text_of};

/// Records a page, as the API gives them at most.
pub const PAGE: usize = 2_000;
/// 2002-01-01.
const FIRST_MS: i64 = 1_009_843_200_000;
/// 2026-11-20.
const LAST_MS: i64 = 1_795_132_800_000;

/// The CVEs of a database.
#[derive(Clone)]
pub struct Plan(Vec<Entry>);

#[derive(Clone, Copy)]
struct Entry {
    published: Time,
    record: u32,
    /// 0 is the real one.
    copy: u32,
}

impl Plan {
    /// So many CVEs.
    pub fn new(records: &Records, count: usize) -> Self {
        let real = records.len();
        let mut entries: Vec<Entry> = (0..count)
            .map(|i| {
                let (record, copy) = if count <= real {
                    (i * real / count, 0)
                } else {
                    (i % real, i / real)
                };
                entry(records, record, copy)
            })
            .collect();
        entries.sort_by_key(|e| (e.published, e.copy, e.record));
        Self(entries)
    }

    /// So many of them, from all years alike.
    pub fn sample(&self, count: usize) -> Self {
        let all = self.0.len();
        let count = count.min(all);
        Self((0..count).map(|i| self.0[i * all / count]).collect())
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn pages(&self) -> usize {
        self.0.len().div_ceil(PAGE)
    }

    /// The id of one.
    pub fn uid(&self, records: &Records, at: usize) -> String {
        let entry = self.0[at];
        with_ids(records.id(entry.record as usize), entry.copy)
    }

    /// A page of the API.
    pub fn page(&self, records: &Records, number: usize) -> Result<Vec<u8>, String> {
        let from = number * PAGE;
        let to = (from + PAGE).min(self.0.len());
        self.api_page(records, &self.0[from..to], |record, _| record)
    }

    /// Its first page with other scores.
    pub fn rescored(&self, records: &Records, salt: u64) -> Result<Vec<u8>, String> {
        let to = PAGE.min(self.0.len());
        self.api_page(records, &self.0[..to], |record, i| {
            with_score(&record, mixed(salt, i as u64))
        })
    }

    fn api_page(
        &self,
        records: &Records,
        entries: &[Entry],
        change: impl Fn(String, usize) -> String,
    ) -> Result<Vec<u8>, String> {
        let mut list = Vec::with_capacity(entries.len());
        for (i, entry) in entries.iter().enumerate() {
            let record = records.read(entry.record as usize)?;
            list.push(change(under_new_id(record, *entry), i));
        }
        let count = list.len();
        Ok(format!(
            "{{\"resultsPerPage\":{count},\"startIndex\":0,\"totalResults\":{},\"format\":\"NVD_CVE\",\"version\":\"2.0\",\"timestamp\":\"2026-11-22T00:00:00.000\",\"vulnerabilities\":[{}]}}",
            self.0.len(),
            list.join(",")
        )
        .into_bytes())
    }
}

fn entry(records: &Records, record: usize, copy: usize) -> Entry {
    let published = if copy == 0 {
        records.published(record)
    } else {
        let part = mixed(record as u64, copy as u64) % 1_000_000;
        #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
        let after_ms = ((LAST_MS - FIRST_MS) as f64 * (part as f64 / 1e6).sqrt()) as i64;
        Time((FIRST_MS + after_ms) / 1000 * 1000)
    };
    let small = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Entry {
        published,
        record: small(record),
        copy: small(copy),
    }
}

fn under_new_id(record: String, entry: Entry) -> String {
    if entry.copy == 0 {
        return record;
    }
    let mut record = with_ids(&record, entry.copy);
    for (key, moment) in [
        ("published", entry.published),
        ("lastModified", entry.published.plus_s(30 * 86_400)),
    ] {
        let Some(old) = text_of(&record, key) else {
            continue;
        };
        let old = format!("\"{key}\":\"{old}\"");
        let moment = moment.to_rfc3339();
        let new = format!("\"{key}\":\"{}\"", moment.trim_end_matches('Z'));
        record = record.replacen(&old, &new, 1);
    }
    record
}

/// `CVE-2002-0001` -> `CVE-2002-10000001` in the first copy: longer than any real number, so none is
/// met twice.
fn with_ids(text: &str, copy: u32) -> String {
    if copy == 0 {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut parts = text.split("CVE-");
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        out.push_str("CVE-");
        let digits = part.get(5..).map_or(0, |number| {
            number.bytes().take_while(u8::is_ascii_digit).count()
        });
        let has_year = part.get(..5).is_some_and(|year| {
            year.ends_with('-') && year.bytes().take(4).all(|b| b.is_ascii_digit())
        });
        if has_year && (4..=7).contains(&digits) {
            let (year, number) = (&part[..5], &part[5..5 + digits]);
            out.push_str(&format!("{year}{copy}{number:0>7}"));
            out.push_str(&part[5 + digits..]);
        } else {
            out.push_str(part);
        }
    }
    out
}

/// The id that a record has in the corpus.
pub fn real_id(uid: &str) -> String {
    match uid.rsplit_once('-') {
        Some((year, number)) if number.len() > 7 => {
            let number = number[number.len() - 7..].trim_start_matches('0');
            format!("{year}-{number:0>4}")
        }
        _ => uid.to_owned(),
    }
}

fn with_score(record: &str, salt: u64) -> String {
    let mut parts = record.split("\"baseScore\":");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find([',', '}']).unwrap_or(0);
        let score = 1 + salt % 100;
        out.push_str(&format!("\"baseScore\":{}.{}", score / 10, score % 10));
        out.push_str(&part[end..]);
    }
    out
}

/// A number that looks like chance and is the same in every run (splitmix64).
pub fn mixed(a: u64, b: u64) -> u64 {
    let mut z = (a.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15))
        .wrapping_add(b.wrapping_add(1).wrapping_mul(0xD1B5_4A32_D192_ED03));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_of_a_copy_is_new_and_leads_back() {
        for (input, expect) in [
            ("CVE-2002-0001", "CVE-2002-10000001"),
            (
                "see CVE-2021-44228, not CVE-x",
                "see CVE-2021-10044228, not CVE-x",
            ),
            ("CVE-", "CVE-"),
        ] {
            assert_eq!(with_ids(input, 1), expect);
        }
        for id in ["CVE-2002-0001", "CVE-2021-44228", "CVE-2014-1000001"] {
            assert_eq!(real_id(&with_ids(id, 3)), id);
            assert_eq!(real_id(id), id);
        }
    }

    #[test]
    fn a_copy_is_the_record_under_a_new_id_and_of_another_day() {
        let record = "{\"cve\":{\"id\":\"CVE-2002-0001\",\"published\":\"2002-12-31T05:00:00.000\",\"lastModified\":\"2025-04-03T01:03:51.193\"}}";
        let entry = |copy| Entry {
            published: Time(1_600_000_000_000),
            record: 0,
            copy,
        };
        assert_eq!(under_new_id(record.to_owned(), entry(0)), record);
        assert_eq!(
            under_new_id(record.to_owned(), entry(2)),
            "{\"cve\":{\"id\":\"CVE-2002-20000001\",\"published\":\"2020-09-13T12:26:40.000\",\"lastModified\":\"2020-10-13T12:26:40.000\"}}"
        );
    }

    #[test]
    fn all_scores_change() {
        let record = "{\"a\":{\"baseScore\":7.5,\"b\":1},\"c\":{\"baseScore\":10.0}}";
        assert_eq!(
            with_score(record, 41),
            "{\"a\":{\"baseScore\":4.2,\"b\":1},\"c\":{\"baseScore\":4.2}}"
        );
    }
}
