//! The id that a new alert gets: in the order of publication.

use crate::model::{AlertId, Time};
use crate::store::row::Columns;
use crate::store::{Read, StoreError};

/// The next free id of a publication's second; where a second is full, of an earlier one.
pub(super) fn free_id(r: &Read<'_>, published: Time) -> Result<AlertId, StoreError> {
    let mut second = published.ms().div_euclid(1000).max(0);
    loop {
        let first = second << 20;
        let last = first | 0xF_FFFF;
        let used = r.first(
            "SELECT id FROM alerts WHERE id BETWEEN ?1 AND ?2 ORDER BY id DESC LIMIT 1",
            [first, last],
            |row| row.col::<i64>("id"),
        )?;
        match used {
            None => return Ok(AlertId(first)),
            Some(id) if id < last => return Ok(AlertId(id + 1)),
            Some(_) if second == 0 => {
                return Err(StoreError::Unreadable {
                    what: "alert id",
                    reason: "no id is free".into(),
                });
            }
            Some(_) => second -= 1,
        }
    }
}
