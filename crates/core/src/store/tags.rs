//! The table `tags`: the user's own, as they were written. (`terms` has their normal form, to search.)

use super::row::Columns;
use super::{Read, StoreError};
use crate::model::AlertId;

/// The tags of an alert, in order.
///
/// # Errors
/// Where the database fails.
pub fn of(r: &Read<'_>, alert: AlertId) -> Result<Vec<String>, StoreError> {
    r.rows(
        "SELECT tag FROM tags WHERE alert = ?1 ORDER BY tag",
        [alert.0],
        |row| row.col("tag"),
    )
}
