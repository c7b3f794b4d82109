//! What a command is about: some alerts, an open list, whatever a query finds.

use super::App;
use crate::commands::export::ExportTarget;
use crate::error::Fault;
use crate::model::{AlertId, View};
use crate::query;
use crate::store::list;

/// The alerts of a target, in its order, each once.
pub(crate) async fn resolve(app: &App, target: &ExportTarget) -> Result<Vec<AlertId>, Fault> {
    match target {
        ExportTarget::Ids { ids } => Ok(ids.clone()),
        ExportTarget::List { list, except } => {
            let snapshot = app.lists().get(*list).ok_or_else(|| {
                Fault::new(
                    "list_closed",
                    "This list was closed because newer ones were opened; open it again.",
                )
            })?;
            let except: std::collections::HashSet<AlertId> = except.iter().copied().collect();
            let ids = snapshot.ids.iter().filter(|id| !except.contains(id));
            Ok(ids.copied().collect())
        }
        ExportTarget::Query { query } => {
            let filter = list::Filter {
                view: View::All,
                query: query::old::parse(query),
                has_watches: app.in_force().has_watches(),
            };
            Ok(app.db().read(move |r| list::ids(r, &filter)).await?)
        }
    }
}
