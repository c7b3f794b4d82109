//! The probability of exploitation, which comes from a source of its own for all CVEs every day.

use rusqlite::params;

use crate::model::{AlertId, Change, Happened, Time};
use crate::store::row::Columns;
use crate::store::{StoreError, Write, changes};

/// How far the probability of exploitation must move at once to be news. Day by day most of the 300,000
/// scores drift by thousandths, and near zero a doubling means nothing; a tenth is one exploitation more
/// in ten such CVEs within 30 days, whatever it was before.
const EPSS_JUMP: f64 = 0.1;

/// What became of a score.
#[derive(Clone, Debug, PartialEq)]
pub enum EpssSet {
    /// The alert has this value already, or is gone.
    Same,
    /// It is stored.
    Stored,
    /// It is stored, and is news.
    Jumped(Change),
}

/// Stores the probability of exploitation (0.0 to 1.0) in the narrow row alone, and a change where it
/// jumped from a known value. The first value that is known is no jump. With `quiet` a jump is in the
/// history and marks nothing.
///
/// # Errors
/// Where the database fails.
pub fn set_epss(
    w: &Write<'_>,
    id: AlertId,
    epss: f64,
    at: Time,
    quiet: bool,
) -> Result<EpssSet, StoreError> {
    let before = w.first("SELECT epss FROM alerts WHERE id = ?1", [id.0], |row| {
        row.col::<Option<f64>>("epss")
    })?;
    let Some(before) = before else {
        return Ok(EpssSet::Same);
    };
    if before == Some(epss) {
        return Ok(EpssSet::Same);
    }
    // EPSS has five decimals: what is less than one of them is the rounding of binary fractions.
    let has_jumped = before.is_some_and(|before| (epss - before).abs() >= EPSS_JUMP - 1e-6);
    w.execute(
        "UPDATE alerts SET epss = ?2, changed = coalesce(?3, changed) WHERE id = ?1",
        params![id.0, epss, (has_jumped && !quiet).then_some(at.ms())],
    )?;
    if !has_jumped {
        return Ok(EpssSet::Stored);
    }
    let after = Some(epss);
    let what = Happened::EpssJump { before, after };
    let change = Change { at, what };
    if quiet {
        changes::insert_quiet(w, id, &change)?;
    } else {
        changes::insert(w, id, &change)?;
    }
    Ok(EpssSet::Jumped(change))
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;
    use crate::store::{Db, Open};

    #[tokio::test]
    async fn a_jump_is_a_tenth_from_a_known_value() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("tocsin.db");
        let db = Db::open(&path, Open::Write).unwrap();
        let id = AlertId(7);
        let conn = Connection::open(&path).unwrap();
        conn.execute(
            "INSERT INTO alerts (id, uid, source, kind, published, added, hash, estimated, exploited, relevant, unread) VALUES (7, 'CVE-2026-10001', 'nvd', 'vulnerability', 0, 0, x'00', 0, 0, 1, 1)",
            [],
        )
        .unwrap();
        let jump = |before: f64, after: f64| {
            Some(Happened::EpssJump {
                before: Some(before),
                after: Some(after),
            })
        };
        for (at, (epss, is_stored, expect)) in (1..).zip([
            (0.9, true, None),
            (0.9, false, None),
            (0.80001, true, None),
            (0.7, true, jump(0.80001, 0.7)),
            (0.8, true, jump(0.7, 0.8)),
            (0.0, true, jump(0.8, 0.0)),
            (0.09999, true, None),
        ]) {
            let at = Time(at);
            let set = db.write(move |w| set_epss(w, id, epss, at, false));
            let set = set.await.unwrap();
            assert_eq!(set != EpssSet::Same, is_stored, "{epss}");
            let is_jump = matches!(set, EpssSet::Jumped(_));
            assert_eq!(is_jump, expect.is_some(), "{epss}");
            let history = db.read(move |r| changes::of(r, id)).await.unwrap();
            let newest = history.first().filter(|c| c.at == at).map(|c| &c.what);
            assert_eq!(newest, expect.as_ref(), "{epss}");
        }
        let gone = AlertId(1);
        let set = db.write(move |w| set_epss(w, gone, 0.5, Time(9), false));
        assert_eq!(set.await.unwrap(), EpssSet::Same);
        let quiet = db.write(move |w| set_epss(w, id, 0.5, Time(8), true));
        assert!(matches!(quiet.await.unwrap(), EpssSet::Jumped(_)));
        let marks = "SELECT group_concat(quiet) FROM changes";
        let marks: String = conn.query_row(marks, [], |row| row.get(0)).unwrap();
        assert_eq!(marks, "0,0,0,1");
        let row = "SELECT epss || ' ' || changed FROM alerts";
        let row: String = conn.query_row(row, [], |row| row.get(0)).unwrap();
        assert_eq!(row, "0.5 6");
    }
}
