//! The index against the plain way: every set is compared with a walk over all rows.

use std::ops::Bound;

use super::*;
use crate::model::{Measure, Moment, Sort, Time};
use crate::query::node::{Leaf, Node, Value};
use crate::store::StoreError;

/// No words: what asks for them is tested with SQLite.
struct NoWords;

impl find::Words for NoWords {
    fn is_current(&self, _: u64) -> bool {
        true
    }
    fn text(&self, _: &Text, _: &mut dyn FnMut(AlertId)) -> Result<(), StoreError> {
        Ok(())
    }
    fn uid(&self, _: &str, _: bool) -> Result<Vec<AlertId>, StoreError> {
        Ok(Vec::new())
    }
    fn cve(&self, _: &str) -> Result<Vec<AlertId>, StoreError> {
        Ok(Vec::new())
    }
}

/// A small generator: the same numbers each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

fn row(index: &mut Index, dice: &mut Dice, id: i64) -> Row {
    let levels = ["low", "medium", "high"];
    let level = dice.roll(4);
    let severity = levels
        .get(usize::try_from(level).unwrap())
        .map_or(NONE, |word| index.terms.make(Facet::Severity, word));
    let state = ["new", "done"][usize::try_from(dice.roll(2)).unwrap()];
    let state = index.terms.make(Facet::State, state);
    let listed: Vec<u32> = (0..dice.roll(3))
        .map(|_| {
            let product = format!("product {}", dice.roll(5));
            index.terms.make(Facet::Product, &product)
        })
        .collect();
    #[allow(clippy::cast_precision_loss)]
    let cvss = (dice.roll(3) > 0).then(|| dice.roll(101) as f64 / 10.0);
    Row {
        id,
        singles: [severity, NONE, NONE, state, NONE],
        flags: Flags(u16::try_from(dice.roll(256)).unwrap()),
        cvss,
        epss: None,
        relevance: None,
        published: id,
        updated: (dice.roll(2) > 0).then_some(id + 5),
        added: i64::try_from(dice.roll(1_000)).unwrap(),
        listed_hash: hash_of(&listed),
        listed,
    }
}

fn hash_of(listed: &[u32]) -> u64 {
    super::columns::hash(&crate::store::terms::encode(listed))
}

fn is_found(index: &Index, row: &Row, node: &Node) -> bool {
    let term = |facet, value: &str| index.terms.get(facet, value);
    match node {
        Node::And(all) => all.iter().all(|node| is_found(index, row, node)),
        Node::Or(any) => any.iter().any(|node| is_found(index, row, node)),
        Node::Not(not) => !is_found(index, row, not),
        Node::Leaf(Leaf::Flag(flag)) => row.flags.has(*flag),
        Node::Leaf(Leaf::Facet {
            field,
            value: Value::Is(value),
        }) => {
            let wanted = term(*field, value).unwrap_or(NONE - 1);
            row.singles.contains(&wanted) || row.listed.contains(&wanted)
        }
        Node::Leaf(Leaf::Measure {
            low: Bound::Included(low),
            ..
        }) => row.cvss.is_some_and(|v| v >= *low),
        Node::Leaf(Leaf::Moment { before, .. }) => {
            row.updated.is_some_and(|v| Some(Time(v)) < *before)
        }
        Node::Leaf(_) => false,
    }
}

fn node(dice: &mut Dice, depth: u32) -> Node {
    match (dice.roll(7), depth) {
        (0, 1..) => Node::And((0..dice.roll(4)).map(|_| node(dice, depth - 1)).collect()),
        (1, 1..) => Node::Or((0..dice.roll(4)).map(|_| node(dice, depth - 1)).collect()),
        (2, 1..) => Node::Not(Box::new(node(dice, depth - 1))),
        (3, _) => Node::Leaf(Leaf::Flag(Flag::Relevant)),
        (4, _) => Node::Leaf(Leaf::Measure {
            field: Measure::Cvss,
            low: Bound::Included(7.0),
            high: Bound::Unbounded,
        }),
        (5, _) => Node::Leaf(Leaf::Moment {
            field: Moment::Updated,
            from: None,
            before: Some(Time(700)),
        }),
        _ => Node::Leaf(Leaf::Facet {
            field: [Facet::Product, Facet::State, Facet::Severity]
                [usize::try_from(dice.roll(3)).unwrap()],
            value: Value::Is(
                ["product 1", "done", "high"][usize::try_from(dice.roll(3)).unwrap()].into(),
            ),
        }),
    }
}

#[test]
fn sets_and_orders_are_those_of_a_walk_over_all_rows_whatever_changed() {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut index = Index::default();
    let mut rows: Vec<Row> = Vec::new();
    for round in 0..40 {
        // Some are new, in any order; some are changed; some go.
        let mut changed = Vec::new();
        for _ in 0..dice.roll(40) {
            let id = i64::try_from(dice.roll(2_000)).unwrap();
            let fresh = row(&mut index, &mut dice, id);
            rows.retain(|row| row.id != id);
            changed.retain(|row: &Row| row.id != id);
            rows.push(fresh.clone());
            changed.push(fresh);
        }
        index.change(&changed, &[]);
        if round % 3 == 0 && !rows.is_empty() {
            let gone = rows.swap_remove(0).id;
            index.change(&[], &[AlertId(gone)]);
        }
        rows.sort_by_key(|row| row.id);
        assert_eq!(index.len(), rows.len() as u64);
        for _ in 0..25 {
            let node = node(&mut dice, 3);
            let docs = index.find(&node, &NoWords).unwrap();
            let mut expect: Vec<&Row> = rows
                .iter()
                .filter(|row| is_found(&index, row, &node))
                .collect();
            expect.reverse();
            let ids = |rows: &[&Row]| rows.iter().map(|r| AlertId(r.id)).collect::<Vec<_>>();
            assert_eq!(index.ordered(&docs, Sort::Newest), ids(&expect), "{node:?}");
            check_pages(&index, &docs, Sort::Newest, &ids(&expect));
            expect.sort_by(|a, b| b.cvss.partial_cmp(&a.cvss).unwrap());
            assert_eq!(index.ordered(&docs, Sort::Score), ids(&expect), "{node:?}");
            check_pages(&index, &docs, Sort::Score, &ids(&expect));
        }
    }
}

fn check_pages(index: &Index, docs: &RoaringBitmap, sort: Sort, expect: &[AlertId]) {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = index.page(docs, sort, after, 7);
        let Some(last) = page.last() else { break };
        after = Some(*last);
        all.extend(page.into_iter().map(|place| place.id));
    }
    assert_eq!(all, expect);
}

#[test]
fn values_are_proposed_by_the_beginning_of_a_word_and_counted() {
    let mut index = Index::default();
    let mut add = |id, products: &[&str]| {
        let listed: Vec<u32> = products
            .iter()
            .map(|p| index.terms.make(Facet::Product, p))
            .collect();
        let mut dice = Dice(1);
        let row = Row {
            listed_hash: hash_of(&listed),
            listed,
            ..row(&mut index, &mut dice, id)
        };
        index.change(&[row], &[]);
    };
    add(1, &["windows 10", "http server"]);
    add(2, &["windows 10"]);
    add(3, &["web windows"]);
    add(2, &["windows 11"]);
    let values = index.values(Facet::Product, "win", 10);
    let expect = [("web windows", 1), ("windows 10", 1), ("windows 11", 1)];
    let expect = expect.map(|(value, count)| (value.to_owned(), count));
    assert_eq!(values, expect);
    assert!(index.values(Facet::Product, "indows", 10).is_empty());
}
