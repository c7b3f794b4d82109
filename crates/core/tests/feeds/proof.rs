//! The proof.

use std::collections::BTreeMap;

use tocsin_core::source::feed::By;

use crate::compare::compare;
use crate::corpus;

#[test]
fn explore() {
    let Some(folder) = corpus::folder() else { return };
    let documents = corpus::load(&folder);
    let mut per: BTreeMap<String, [usize; 8]> = BTreeMap::new();
    let by = if std::env::var_os("TOLERANT").is_some() { By::Tolerant } else { By::Best };
    for document in &documents {
        let started = std::time::Instant::now();
        let outcome = compare(document, by);
        let took = started.elapsed();
        if took.as_millis() > 700 { println!("SLOW {} {took:?}", document.name); }
        for d in &outcome.differs {
            println!("DIFF {} {} #{} ours={:?} theirs={:?}", d.field, document.name, d.place, d.ours, d.theirs);
        }
        let folder = document.name.rsplit_once('/').unwrap().0.to_owned();
        for key in [folder, "TOTAL".to_owned()] {
            let sum = per.entry(key).or_default();
            if outcome.entries > 0 {
                sum[0] += 1;
                sum[1] += usize::from(outcome.same_count);
            }
            sum[2] += outcome.entries;
            for i in 0..5 { sum[3 + i] += outcome.agree[i]; }
        }
    }
    for (key, s) in per {
        println!("{key}: docs {}/{} entries {} title {} link {} id {} date {} all {}", s[1], s[0], s[2], s[3], s[4], s[5], s[6], s[7]);
    }
}
