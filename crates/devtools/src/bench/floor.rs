//! The floor of ingesting: parse the same bytes into a generic value and insert the same rows, a transaction
//! a page, nothing else. The rows are those that the pipeline stored, in tables declared as its own.

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

/// The tables that every record has a row in.
const TABLES: [&str; 3] = ["alerts", "contents", "findings"];

/// A database that is filled from another one.
pub struct Floor {
    from: Connection,
    conn: Connection,
    /// Whether the texts go into a full-text index like the pipeline's too.
    with_words: bool,
}

/// Seconds that it took.
#[derive(Clone, Copy, Debug, Default)]
pub struct FloorTime {
    pub parse_s: f64,
    pub insert_s: f64,
}

impl FloorTime {
    pub fn sum_s(self) -> f64 {
        self.parse_s + self.insert_s
    }
}

impl Floor {
    /// Beside a database that the pipeline filled.
    pub fn of(filled: &Path, made: &Path, with_words: bool) -> rusqlite::Result<Self> {
        let from = Connection::open(filled)?;
        let conn = Connection::open(made)?;
        // As the store's writer has it.
        conn.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;
             PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 16384;",
        )?;
        for table in TABLES.into_iter().chain(with_words.then_some("search")) {
            let sql = "SELECT sql FROM sqlite_schema WHERE name = ?1";
            let made: String = from.query_row(sql, [table], |row| row.get(0))?;
            conn.execute_batch(&made)?;
        }
        if with_words {
            let mut statement = from
                .prepare("SELECT k, v FROM search_config WHERE k IN ('hashsize', 'automerge')")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let (key, value): (String, i64) = (row.get(0)?, row.get(1)?);
                conn.execute(
                    "INSERT INTO search (search, rank) VALUES (?1, ?2)",
                    (key, value),
                )?;
            }
        }
        Ok(Self {
            from,
            conn,
            with_words,
        })
    }

    /// Does what the floor is with the pages of NVD's that the pipeline was given.
    pub fn run<B: AsRef<[u8]>>(
        &mut self,
        pages: impl Iterator<Item = Result<B, String>>,
    ) -> Result<FloorTime, String> {
        let mut time = FloorTime::default();
        for page in pages {
            let page = page?;
            let start = Instant::now();
            let parsed: serde_json::Value =
                serde_json::from_slice(page.as_ref()).map_err(|e| e.to_string())?;
            let parsed = black_box(parsed);
            time.parse_s += start.elapsed().as_secs_f64();
            let rows = self.rows(&parsed).map_err(|e| e.to_string())?;
            let start = Instant::now();
            self.insert(&rows).map_err(|e| e.to_string())?;
            time.insert_s += start.elapsed().as_secs_f64();
        }
        Ok(time)
    }

    /// The stored rows of a page's records, by table, in the order of their ids as the pipeline stores them.
    fn rows(&self, page: &serde_json::Value) -> rusqlite::Result<[Vec<Vec<Value>>; TABLES.len()]> {
        let records = page["vulnerabilities"].as_array();
        let mut ids = Vec::new();
        for record in records.into_iter().flatten() {
            let mut statement = self
                .from
                .prepare_cached("SELECT id FROM alerts WHERE uid = ?1")?;
            let mut found = statement.query([record["cve"]["id"].as_str()])?;
            if let Some(row) = found.next()? {
                ids.push(row.get::<_, i64>(0)?);
            }
        }
        ids.sort_unstable();
        ids.dedup();
        let mut all: [Vec<Vec<Value>>; TABLES.len()] = Default::default();
        for (table, rows) in TABLES.into_iter().zip(&mut all) {
            let sql = format!("SELECT * FROM {table} WHERE id = ?1");
            let mut statement = self.from.prepare_cached(&sql)?;
            let columns = statement.column_count();
            for id in &ids {
                rows.push(statement.query_row([id], |row| {
                    (0..columns).map(|column| row.get(column)).collect()
                })?);
            }
        }
        Ok(all)
    }

    fn insert(&mut self, rows: &[Vec<Vec<Value>>; TABLES.len()]) -> rusqlite::Result<()> {
        let tx = self.conn.transaction()?;
        for (table, rows) in TABLES.into_iter().zip(rows) {
            let Some(first) = rows.first() else { continue };
            let places = vec!["?"; first.len()].join(", ");
            let mut statement =
                tx.prepare_cached(&format!("INSERT INTO {table} VALUES ({places})"))?;
            for row in rows {
                statement.execute(params_from_iter(row))?;
            }
        }
        if self.with_words {
            // contents: id, title, url, products, body, facts.
            let mut statement = tx.prepare_cached(
                "INSERT INTO search (rowid, title, products, body) VALUES (?1, ?2, ?3, ?4)",
            )?;
            for row in &rows[1] {
                statement.execute([&row[0], &row[1], &row[3], &row[4]])?;
            }
        }
        tx.commit()
    }
}
