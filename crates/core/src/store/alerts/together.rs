//! Many alerts in full, read together.

use std::collections::HashMap;

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::super::row::{from_json, to_json};
use super::super::{Read, StoreError, enrich};
use super::{Stored, Summary, summaries};
use crate::model::AlertId;

/// These alerts in full, in this order; ids that are gone are left out. Read together, what is long is taken apart on
/// all processors: for those who look at tens of thousands.
///
/// # Errors
/// Where the database fails.
pub fn all(r: &Read<'_>, ids: &[AlertId]) -> Result<Vec<Stored>, StoreError> {
    let mut texts: HashMap<AlertId, [String; 4]> = HashMap::new();
    for (id, found) in r.rows(
        "SELECT c.id, c.body, c.products, c.facts, f.finding FROM json_each(?1) wanted JOIN contents c ON c.id = wanted.value JOIN findings f ON f.id = c.id",
        [to_json("ids", &ids)?],
        |row| {
            let text = |place: usize| row.get::<_, String>(place);
            Ok((AlertId(row.get(0)?), [text(1)?, text(2)?, text(3)?, text(4)?]))
        },
    )? {
        texts.insert(id, found);
    }
    let summaries = summaries(r, ids)?.into_iter();
    let found: Vec<(Summary, [String; 4])> = summaries
        .filter_map(|summary| texts.remove(&summary.id).map(|texts| (summary, texts)))
        .collect();
    let parsed: Result<Vec<Stored>, StoreError> = found
        .into_par_iter()
        .map(|(summary, [text, products, facts, finding])| {
            Ok(Stored {
                summary,
                text,
                products,
                facts: from_json("facts", &facts)?,
                finding: from_json("finding", &finding)?,
                risks: Vec::new(),
            })
        })
        .collect();
    let mut parsed = parsed?;
    for stored in &mut parsed {
        stored.risks = enrich::owasp::values(r, &stored.facts)?;
    }
    Ok(parsed)
}
