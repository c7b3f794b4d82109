#![allow(missing_docs)]
use super::node::Node;
use crate::model::Time;
pub struct Query;
pub struct QueryError {
    pub start: u32,
    pub end: u32,
    pub message: String,
    pub reason: Reason,
    pub expected: Vec<String>,
}
pub enum Reason {
    A,
}
impl Reason {
    pub fn code(&self) -> &'static str {
        "a"
    }
}
pub fn parse(_: &str) -> Result<Query, QueryError> {
    Ok(Query)
}
pub fn parse_typing(_: &str) -> Result<Query, QueryError> {
    Ok(Query)
}
pub fn and(_: &Query, _: &Query) -> Query {
    Query
}
impl Query {
    pub fn lower(&self, _: Time) -> Node {
        Node::everything()
    }
}
