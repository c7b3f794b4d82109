//! The views of the rail: the built-in ones and the user's, each a query with its order; and what a list
//! of them asks for once something is typed into the search box.

use super::App;
use crate::error::Fault;
use crate::model::{Column, Sort, View};
use crate::query::node::Node;
use crate::query::{self, Query, QueryError};

/// What the ids of the user's views begin with; the rest is the name.
const OWN: &str = "view:";

/// A view as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ViewNow {
    /// Its id.
    pub id: String,
    /// For people; the interface words the built-in ones.
    pub name: Option<String>,
    /// What it shows.
    pub query: String,
    /// Its order.
    pub sort: Sort,
    /// Columns of the compact list; empty = the usual ones.
    pub columns: Vec<Column>,
}

impl ViewNow {
    /// Whether it is part of Tocsin.
    pub fn is_built_in(&self) -> bool {
        self.name.is_none()
    }
}

impl App {
    /// All views, in the order of the rail.
    pub(crate) fn views(&self) -> Vec<ViewNow> {
        let in_force = self.in_force();
        let has_watches = in_force.has_watches();
        let built_in = View::ALL.into_iter().map(|view| ViewNow {
            id: view.as_str().to_owned(),
            name: None,
            query: view.query(has_watches).to_owned(),
            sort: Sort::Newest,
            columns: Vec::new(),
        });
        let own = in_force.settings.views.iter().map(|view| ViewNow {
            id: format!("{OWN}{}", view.name),
            name: Some(view.name.clone()),
            query: view.query.clone(),
            sort: view.sort,
            columns: view.columns.clone(),
        });
        built_in.chain(own).collect()
    }

    /// One view.
    pub(crate) fn view(&self, id: &str) -> Result<ViewNow, Fault> {
        let found = self.views().into_iter().find(|view| view.id == id);
        found.ok_or_else(|| {
            Fault::new(
                "view_unknown",
                "There is no such view; it may have been removed.",
            )
            .with("view", id)
        })
    }

    /// What a view shows, narrowed by what was typed into the search box. The last word counts as a
    /// beginning: it is still being typed.
    pub(crate) fn asked(&self, view: &ViewNow, typed: &str) -> Result<Node, Fault> {
        let of_view = query::parse(&view.query).map_err(|error| query_invalid(&error))?;
        let typed = query::parse_typing(typed).map_err(|error| query_invalid(&error))?;
        Ok(query::and(&of_view, &typed).lower(self.now()))
    }

    /// What each view shows; nothing where its query cannot be read (the settings say so).
    pub(crate) fn view_nodes(&self, views: &[ViewNow]) -> Vec<Node> {
        let now = self.now();
        let node = |view: &ViewNow| {
            query::parse(&view.query)
                .map_or_else(|_| Node::Or(Vec::new()), |query| query.lower(now))
        };
        views.iter().map(node).collect()
    }
}

/// Reads a query that is complete: of a rule, the API, the command line.
pub(crate) fn read_query(text: &str) -> Result<Query, Fault> {
    query::parse(text).map_err(|error| query_invalid(&error))
}

fn query_invalid(error: &QueryError) -> Fault {
    Fault::new("query_invalid", error.message.clone())
        .with("start", error.start)
        .with("end", error.end)
        .with("reason", error.reason.as_str())
        .with("expected", error.expected.join(", "))
}
