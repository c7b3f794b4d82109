//! The table `epss`: the newest score of every CVE, 300,000 of them. Alerts have the probability in their
//! own row, for searching; the percentile is read from here.

use rusqlite::params;

use crate::model::{AlertId, Change, EpssScore, Time};
use crate::store::alerts::{EpssSet, set_epss};
use crate::store::row::Columns;
use crate::store::{Read, StoreError, Write};

/// The key of a CVE: its year << 32 | its number. None where it is no CVE or its number is too large for
/// that; the largest so far has seven digits.
#[must_use]
pub fn key(cve: &str) -> Option<i64> {
    let (year, number) = cve.strip_prefix("CVE-")?.split_once('-')?;
    let is_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if year.len() != 4 || number.len() < 4 || !is_digits(year) || !is_digits(number) {
        return None;
    }
    let number: u32 = number.parse().ok()?;
    Some(year.parse::<i64>().ok()? << 32 | i64::from(number))
}

/// The CVE of a key.
fn cve(key: i64) -> String {
    format!("CVE-{}-{:04}", key >> 32, key & 0xffff_ffff)
}

/// The score of a CVE.
///
/// # Errors
/// Where the database fails.
pub fn of(r: &Read<'_>, cve: &str) -> Result<Option<EpssScore>, StoreError> {
    let Some(key) = key(cve) else { return Ok(None) };
    r.first(
        "SELECT probability, percentile, day FROM epss WHERE cve = ?1",
        [key],
        |row| {
            Ok(EpssScore {
                probability: row.col("probability")?,
                percentile: row.col("percentile")?,
                day: row.time("day")?,
            })
        },
    )
}

/// What became of scores.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Given {
    /// Alerts that got another one than they had.
    pub changed: u32,
    /// Those where it jumped.
    pub jumps: Vec<(AlertId, Change)>,
}

/// Keeps scores of a day and gives them to the alerts that are stored; with `quiet` no jump is news.
///
/// # Errors
/// Where the database fails.
pub fn put(
    w: &Write<'_>,
    day: Time,
    scores: &[(String, f32, f32)],
    at: Time,
    quiet: bool,
) -> Result<Given, StoreError> {
    let mut given = Given::default();
    for (cve, probability, percentile) in scores {
        let Some(key) = key(cve) else { continue };
        let probability = decimal(*probability);
        w.execute(
            "INSERT INTO epss (cve, probability, percentile, day) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (cve) DO UPDATE SET probability = ?2, percentile = ?3, day = ?4",
            params![key, probability, decimal(*percentile), day.ms()],
        )?;
        let stored = w.first("SELECT id, epss FROM alerts WHERE uid = ?1", [cve], |row| {
            Ok((AlertId(row.col("id")?), row.col::<Option<f64>>("epss")?))
        })?;
        if let Some((id, before)) = stored
            && before != Some(probability)
        {
            let set = set_epss(w, id, probability, at, quiet)?;
            given.changed += u32::from(set != EpssSet::Same);
            if let EpssSet::Jumped(change) = set {
                given.jumps.push((id, change));
            }
        }
    }
    Ok(given)
}

/// Forgets at most `most` scores of other days: what is no longer scored. How many were forgotten, and
/// how many alerts lost theirs.
///
/// # Errors
/// Where the database fails.
pub fn forget_others(w: &Write<'_>, day: Time, most: u32) -> Result<(u32, u32), StoreError> {
    let keys = w.rows(
        "SELECT cve FROM epss WHERE day <> ?1 LIMIT ?2",
        params![day.ms(), most],
        |row| row.col::<i64>("cve"),
    )?;
    let mut lost = 0;
    for key in &keys {
        w.execute("DELETE FROM epss WHERE cve = ?1", [key])?;
        let gone = w.execute(
            "UPDATE alerts SET epss = NULL WHERE uid = ?1 AND epss IS NOT NULL",
            [cve(*key)],
        )?;
        lost += u32::try_from(gone).unwrap_or(u32::MAX);
    }
    Ok((u32::try_from(keys.len()).unwrap_or(u32::MAX), lost))
}

/// As it was written: EPSS has five decimals, which a binary fraction of 32 bits holds but does not show.
fn decimal(value: f32) -> f64 {
    (f64::from(value) * 1e5).round() / 1e5
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cve_is_a_number_and_back() {
        for id in ["CVE-1999-0001", "CVE-2026-12345", "CVE-2026-4294967295"] {
            assert_eq!(cve(key(id).unwrap()), id);
        }
        for bad in [
            "",
            "CVE-2026-",
            "CVE-2026-1",
            "CVE-26-1234",
            "CVE-2026-12a4",
            "CVE-2026-4294967296",
            "GHSA-2026-1234",
            "CVE-2026-+1234",
        ] {
            assert_eq!(key(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_score_is_what_was_written() {
        for text in ["0.00001", "0.91214", "0.99999", "1", "0.5"] {
            let written: f64 = text.parse().unwrap();
            assert!(decimal(text.parse().unwrap()) == written, "{text}");
        }
    }
}
