//! The part of a condition that FTS5 answers by itself, newest first and as far as somebody reads: words
//! that all alerts must have or must not have. What is left is the index's.

use super::search::expression;
use crate::query::node::{Leaf, Node};

/// A condition in two parts, both of which hold.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Split {
    /// About words, in FTS5's syntax.
    pub words: String,
    /// The other conditions.
    pub rest: Node,
}

/// Takes the words out of a condition; `None` where no alert is found by its words.
pub(super) fn split(node: &Node) -> Option<Split> {
    let (mut wanted, mut unwanted, mut rest) = (Vec::new(), Vec::new(), Vec::new());
    let mut parts = vec![node];
    while let Some(part) = parts.pop() {
        match part {
            Node::And(more) => parts.extend(more.iter().rev()),
            Node::Not(not) => match of_words(not) {
                Some(words) => unwanted.push(words),
                None => rest.push(part.clone()),
            },
            other => match of_words(other) {
                Some(words) => wanted.push(words),
                None => rest.push(other.clone()),
            },
        }
    }
    if wanted.is_empty() {
        return None;
    }
    let mut words = wanted.join(" AND ");
    if !unwanted.is_empty() {
        words = format!("({words}) NOT ({})", unwanted.join(" OR "));
    }
    Some(Split {
        words,
        rest: Node::And(rest),
    })
}

/// A condition about nothing but words that are there.
fn of_words(node: &Node) -> Option<String> {
    let joined = |nodes: &[Node], by: &str| {
        let all: Option<Vec<String>> = nodes.iter().map(of_words).collect();
        let all = all.filter(|all| !all.is_empty())?;
        Some(format!("({})", all.join(by)))
    };
    match node {
        Node::Leaf(Leaf::Text(text)) => Some(format!("({})", expression(text))),
        Node::And(all) => joined(all, " AND "),
        Node::Or(any) => joined(any, " OR "),
        Node::Not(_) | Node::Leaf(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Time;
    use crate::query;

    fn check(text: &str, words: Option<&str>, rest: usize) {
        let node = query::parse(text).unwrap().lower(Time(0));
        let split = split(&node);
        assert_eq!(split.as_ref().map(|s| s.words.as_str()), words, "{text:?}");
        if let Some(Split {
            rest: Node::And(all),
            ..
        }) = split
        {
            assert_eq!(all.len(), rest, "{text:?}");
        }
    }

    #[test]
    fn words_are_taken_out_of_a_condition() {
        check("kernel", Some("(\"kernel\")"), 0);
        check(
            "kernel -\"of service\" kev:true",
            Some("((\"kernel\")) NOT ((\"of service\"))"),
            1,
        );
        check(
            "kernel NOT (windows OR linux)",
            Some("((\"kernel\")) NOT (((\"windows\") OR (\"linux\")))"),
            0,
        );
        check("title:a OR b", Some("((title : \"a\") OR (\"b\"))"), 0);
        check("-kernel", None, 0);
        check("kernel OR kev:true", None, 0);
        check("a -(b kev:true)", Some("(\"a\")"), 1);
    }
}
