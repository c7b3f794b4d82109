//! The file beside the database that holds the index as it was when the database was last closed well, so
//! that the next start need not read every alert. It is good for one start: whoever takes it removes it.
//! Where it does not go with the database to the byte and the moment, it is as if it were not there.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::time::UNIX_EPOCH;

use super::files::{self, IMAGE, LOG};
use super::index::Index;
use super::migrate;

/// What stands before the index: which database it goes with, and a check of all that follows.
const HEAD: usize = 32;

/// The database file as it is while nobody has it open. Nothing without a length, a time or the newest format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp([u8; HEAD - 4]);

impl Stamp {
    /// Of the file as it is now; `None` where something is not in it yet, or the system tells no times.
    pub fn of(path: &Path) -> Option<Self> {
        if files::size(&files::beside(path, LOG)) > 0 {
            return None;
        }
        let found = fs::metadata(path).ok()?;
        let changed = found.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        let mut stamp = [0; HEAD - 4];
        stamp[..8].copy_from_slice(&found.len().to_le_bytes());
        stamp[8..24].copy_from_slice(&changed.as_nanos().to_le_bytes());
        let format = u32::try_from(migrate::newest()).ok()?;
        stamp[24..28].copy_from_slice(&format.to_le_bytes());
        Some(Self(stamp))
    }
}

/// The index as it was left, if it is that of the database with this stamp.
pub(super) fn take(path: &Path, stamp: Stamp) -> Option<Index> {
    let path = files::beside(path, IMAGE);
    let bytes = fs::read(&path).ok()?;
    // Whatever happens now, it must not be found again beside a database that was written to.
    fs::remove_file(&path).ok()?;
    let (head, body) = bytes.split_at_checked(HEAD)?;
    let goes_with = head[..HEAD - 4] == stamp.0;
    let is_whole = head[HEAD - 4..] == crc32fast::hash(body).to_le_bytes();
    if goes_with && is_whole {
        Index::from_bytes(body)
    } else {
        None
    }
}

/// Leaves the index beside the closed database. That it cannot is no error: the next start takes longer.
pub(super) fn leave(path: &Path, index: &Index) {
    let Some(stamp) = Stamp::of(path) else { return };
    let body = index.to_bytes();
    let made = files::beside(path, IMAGE);
    let unfinished = files::beside(path, "-index.new");
    let write = || {
        files::remove(&unfinished)?;
        let mut file = files::create_new(&unfinished)?;
        let failed = || files::failed("write", &unfinished);
        file.write_all(&stamp.0).map_err(failed())?;
        file.write_all(&crc32fast::hash(&body).to_le_bytes())
            .map_err(failed())?;
        file.write_all(&body).map_err(failed())?;
        fs::rename(&unfinished, &made).map_err(failed())
    };
    if let Err(error) = write() {
        tracing::debug!("the index was not left beside the database: {error}");
        let _ = files::remove(&unfinished);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Act, AlertId, Sort, Time};
    use crate::query;
    use crate::store::{Db, Open, list, triage};
    use rusqlite::Connection;

    /// A database with an alert that has a tag, closed.
    async fn made(path: &Path) {
        drop(Db::open(path, Open::Write).unwrap());
        Connection::open(path)
            .unwrap()
            .execute_batch(
                "INSERT INTO alerts (id, uid, source, kind, published, added, hash, estimated, exploited, relevant, unread) VALUES (5, 'CVE-2026-1', 'nvd', 'vulnerability', 0, 0, x'', 0, 0, 0, 1);
                 INSERT INTO contents (id, title, products, body, facts) VALUES (5, '', '', '', '{}');",
            )
            .unwrap();
        let db = Db::open(path, Open::Write).unwrap();
        let act = Act::AddTag { tag: "edge".into() };
        db.write(move |w| triage::apply(w, &act, vec![AlertId(5)], Time(0), &triage::unheard))
            .await
            .unwrap();
        db.close().await;
    }

    async fn found(path: &Path) -> usize {
        let db = Db::open(path, Open::Write).unwrap();
        let node = query::parse("tag:edge").unwrap().lower(Time(0));
        let found = db.read(move |r| list::ids(r, &node, Sort::Newest)).await;
        found.unwrap().ids.len()
    }

    #[tokio::test]
    async fn what_was_left_is_taken_once() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("tocsin.db");
        made(&path).await;
        let left = files::beside(&path, IMAGE);
        let stamp = Stamp::of(&path).unwrap();
        let index = take(&path, stamp).unwrap();
        assert_eq!(index.len(), 1);
        assert!(!left.exists());
        assert!(take(&path, stamp).is_none());
        leave(&path, &index);
        assert_eq!(found(&path).await, 1);
    }

    #[tokio::test]
    async fn what_does_not_go_with_the_database_is_not_taken() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("tocsin.db");
        made(&path).await;
        let left = files::beside(&path, IMAGE);
        let bytes = fs::read(&left).unwrap();
        let stamp = Stamp::of(&path).unwrap();
        for at in [0, 9, 25, 30, HEAD, HEAD + 9, bytes.len() - 1] {
            let mut wrong = bytes.clone();
            wrong[at] ^= 1;
            fs::write(&left, &wrong).unwrap();
            assert!(take(&path, stamp).is_none(), "byte {at}");
        }
        for length in [0, 5, HEAD, bytes.len() - 1] {
            fs::write(&left, &bytes[..length]).unwrap();
            assert!(take(&path, stamp).is_none(), "{length} bytes");
        }
        // Another program wrote to the database.
        fs::write(&left, &bytes).unwrap();
        let conn = Connection::open(&path).unwrap();
        conn.execute("UPDATE alerts SET facets = x''", []).unwrap();
        drop(conn);
        assert_eq!(found(&path).await, 0);
    }
}
