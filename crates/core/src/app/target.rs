//! Which alerts an act or an export is over.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{App, read_query};
use crate::commands::inbox::open_list;
use crate::error::Fault;
use crate::model::{AlertId, Sort};
use crate::store::list;

/// The most alerts that can be named one by one.
const MOST_IDS: usize = 10_000;

/// Alerts that something is done to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Target {
    /// These.
    Ids {
        /// At most 10,000.
        ids: Vec<AlertId>,
    },
    /// Every alert of an open list, as it was when it was opened.
    List {
        /// Its name.
        list: u32,
        /// All but these.
        except: Vec<AlertId>,
    },
    /// Every alert that a query finds now.
    Query {
        /// In the query language.
        query: String,
    },
}

/// The alerts of a target; some may be gone.
///
/// # Errors
/// `too_many_alerts`, `list_closed`, that the query is none, or that the database fails.
pub(crate) async fn resolve(app: &App, target: &Target) -> Result<Vec<AlertId>, Fault> {
    match target {
        Target::Ids { ids } if ids.len() > MOST_IDS => Err(Fault::new(
            "too_many_alerts",
            format!("At most {MOST_IDS} alerts can be named at once."),
        )
        .with("most", MOST_IDS)),
        Target::Ids { ids } => Ok(ids.clone()),
        Target::List { list, except } => {
            let except: HashSet<&AlertId> = except.iter().collect();
            let list = open_list(app, *list)?;
            let wanted = list.ids.iter().filter(|id| !except.contains(id));
            Ok(wanted.copied().collect())
        }
        Target::Query { query } => {
            let node = read_query(query)?.lower(app.now());
            let found = app
                .db()
                .read(move |r| list::ids(r, &node, Sort::Newest))
                .await?;
            Ok(found.ids)
        }
    }
}
