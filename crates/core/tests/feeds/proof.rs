//! The proof: how many documents give the same entries as the reference parser finds in them, and how
//! many entries agree. `docs/feeds.md` lists each difference with its reason.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use tocsin_core::source::feed::{By, Content, Entry, read_content};

use crate::compare::{Outcome, compare};
use crate::corpus::{self, Document};

/// Every so manieth document is in the ordinary run.
const SAMPLE: usize = 2;
/// Documents that must give as many entries, and entries that must agree, of a thousand.
const SAME_COUNT: usize = 990;
const AGREE: usize = 970;
/// What one document may take. It takes a few milliseconds; the rest is for a machine that is busy.
const LONGEST: Duration = Duration::from_secs(5);

#[test]
fn the_corpus_is_read_as_the_reference_reads_it() {
    let Some(folder) = corpus::folder() else {
        return;
    };
    let all = corpus::load(&folder);
    let step = if corpus::is_full() { 1 } else { SAMPLE };
    let documents: Vec<&Document> = all.iter().step_by(step).collect();
    assert!(!documents.is_empty(), "the corpus has no documents");

    let mut sum = Sum::default();
    let mut differs = BTreeMap::new();
    for document in &documents {
        let started = Instant::now();
        let outcome = compare(document, By::Best);
        let took = started.elapsed();
        assert!(took < LONGEST, "{} took {took:?}", document.name);
        sum.add(&outcome);
        for difference in outcome.differs {
            let key = (document.name.clone(), difference.field);
            differs.entry(key).or_insert_with(Vec::new).push(difference);
        }
    }
    sum.print(documents.len(), all.len());
    for ((name, field), all) in &differs {
        let first = &all[0];
        println!(
            "  {field} of {} in {name}, first #{}: ours {:?}, the reference's {:?}",
            all.len(),
            first.place,
            first.ours,
            first.theirs
        );
    }
    assert!(
        sum.same_count * 1000 >= sum.documents * SAME_COUNT,
        "too few documents give as many entries as the reference finds"
    );
    for (field, agree) in ["title", "link", "id", "date", "all four"]
        .iter()
        .zip(sum.agree)
    {
        assert!(
            agree * 1000 >= sum.entries * AGREE,
            "too few entries agree in {field}"
        );
    }
    check_list(&all, &differs, step == 1);
}

#[derive(Default)]
struct Sum {
    documents: usize,
    same_count: usize,
    entries: usize,
    agree: [usize; 5],
}

impl Sum {
    fn add(&mut self, outcome: &Outcome) {
        if outcome.entries > 0 {
            self.documents += 1;
            self.same_count += usize::from(outcome.same_count);
        }
        self.entries += outcome.entries;
        for (sum, agree) in self.agree.iter_mut().zip(outcome.agree) {
            *sum += agree;
        }
    }

    fn print(&self, looked_at: usize, of: usize) {
        let share = |part: usize, whole: usize| {
            let hundredths = part * 10_000 / whole.max(1);
            format!("{}.{:02} %", hundredths / 100, hundredths % 100)
        };
        let [title, link, id, date, all] = self.agree.map(|n| share(n, self.entries));
        println!("measured: feeds: {looked_at} of {of} documents read, none crashed or hung");
        println!(
            "measured: feeds: {} of {} documents with entries give as many as the reference finds ({})",
            self.same_count,
            self.documents,
            share(self.same_count, self.documents)
        );
        println!(
            "measured: feeds: of {} entries agree: title {title}, link {link}, id {id}, date {date}; all four {all}",
            self.entries
        );
    }
}

type Differences = BTreeMap<(String, &'static str), Vec<crate::compare::Difference>>;

/// `docs/feeds.md` lists every difference of the corpus that it is about, and none that is not there.
fn check_list(all: &[Document], differs: &Differences, is_whole: bool) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/feeds.md");
    let list = std::fs::read_to_string(path).expect("docs/feeds.md");
    let about = format!("{} documents", all.len());
    if !list.contains(&about) {
        println!("measured: feeds: docs/feeds.md is about another corpus and was not compared");
        return;
    }
    let rows: Vec<Vec<&str>> = list
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    let mut missing = Vec::new();
    for ((name, field), all) in differs {
        let row = format!("`{name}`");
        let count = all.len().to_string();
        if !rows.iter().any(|r| r[..3] == [&row, *field, &count]) {
            missing.push(format!("| {row} | {field} | {count} | why? |"));
        }
    }
    assert!(
        missing.is_empty(),
        "docs/feeds.md lacks:\n{}",
        missing.join("\n")
    );
    if is_whole {
        let stale = rows.iter().filter(|r| {
            !differs.iter().any(|((name, field), all)| {
                r[0] == format!("`{name}`") && r[1] == *field && r[2] == all.len().to_string()
            })
        });
        let stale: Vec<_> = stale.collect();
        assert!(
            stale.is_empty(),
            "docs/feeds.md lists what is mended: {stale:?}"
        );
    }
}

/// Where the crate `rss` reads a document, the tolerant reader reads the same in it.
#[test]
fn both_readers_of_rss_agree() {
    let Some(folder) = corpus::folder() else {
        return;
    };
    let documents = corpus::load(&folder);
    let (mut same, mut differs) = (0, Vec::new());
    for document in &documents {
        let read = |by| {
            let header = document.content_type.as_deref();
            read_content(&document.url, header, &document.bytes, by).ok()
        };
        let (best, tolerant) = (read(By::Best), read(By::Tolerant));
        if told(best.as_ref()) == told(tolerant.as_ref()) {
            same += 1;
        } else {
            differs.push(document.name.as_str());
        }
    }
    println!(
        "measured: feeds: both readers agree on {same} of {} documents",
        documents.len()
    );
    assert!(
        differs.len() * 100 <= documents.len(),
        "the readers differ in {differs:?}"
    );
}

/// What an entry is known by and shows.
type Told = Vec<(Option<String>, String, Option<String>, Option<i64>)>;

fn told(content: Option<&Content>) -> Told {
    let one = |e: &Entry| {
        let title = e.title.clone().map(|t| t.into_html()).unwrap_or_default();
        let at = e.published.or(e.updated).map(|t| t.ms());
        (e.id.clone(), title, e.link.clone(), at)
    };
    content.map_or_else(Vec::new, |c| c.entries.iter().map(one).collect())
}
