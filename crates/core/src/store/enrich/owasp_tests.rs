//! Keys follow the map, whatever stops the work between.

use super::*;
use crate::model::{Alert, Finding, OwaspEntry, Reason, Relevance, SeverityBasis, SourceId, Time};
use crate::query;
use crate::store::{Db, Open, alerts, list};

fn alert(uid: &str, cwes: &[&str]) -> (Alert, Finding) {
    let facts = Facts {
        cwes: cwes.iter().map(|cwe| (*cwe).to_owned()).collect(),
        ..Facts::default()
    };
    let alert = Alert {
        uid: uid.into(),
        source: SourceId::new("nvd"),
        kind: Kind::Vulnerability,
        title: uid.into(),
        text: String::new(),
        url: None,
        published: Some(Time(0)),
        updated: None,
        facts,
        hash: [0; 32],
    };
    let finding = Finding {
        severity: None,
        severity_basis: SeverityBasis::Unscored,
        relevance: Relevance {
            is_relevant: false,
            reason: Reason::NoWatch,
            matches: Vec::new(),
            muted_by: Vec::new(),
        },
        category: None,
        entities: Vec::new(),
        estimate: None,
    };
    (alert, finding)
}

fn map(cwes: &[(&str, &str)]) -> Vec<(String, String)> {
    let own = |(cwe, code): &(&str, &str)| ((*cwe).to_owned(), (*code).to_owned());
    cwes.iter().map(own).collect()
}

async fn put_map(db: &Db, edition: &'static str, cwes: &[(&str, &str)], editions: &[&str]) {
    let cwes = map(cwes);
    let editions: Vec<String> = editions.iter().map(|e| (*e).to_owned()).collect();
    db.write(move |w| put(w, "top10", edition, &cwes, &editions))
        .await
        .unwrap();
}

async fn found(db: &Db, text: &str) -> u32 {
    let node = query::parse(text).unwrap().lower(Time(0));
    db.read(move |r| list::count(r, &node)).await.unwrap()
}

async fn rekey_all(db: &Db) -> u32 {
    let mut changed = 0;
    while let Some(more) = db.write(|w| rekey(w, 3)).await.unwrap() {
        changed += more;
    }
    changed
}

#[tokio::test]
async fn what_a_crash_leaves_is_finished_and_nothing_is_written_in_vain() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("tocsin.db");
    let db = Db::open(&path, Open::Write).unwrap();
    db.write(|w| {
        for n in 0..10 {
            let cwes = if n % 2 == 0 { ["CWE-79"] } else { ["CWE-5"] };
            let (alert, finding) = alert(&format!("CVE-2026-100{n}"), &cwes);
            alerts::insert(w, &alert, &finding, Time(0), false)?;
        }
        let (mut guidance, finding) = alert("owasp:top10:2021:A03", &["CWE-5"]);
        guidance.kind = Kind::Guidance;
        guidance.facts.owasp = Some(OwaspEntry {
            list: "top10".into(),
            edition: "2021".into(),
            code: "A03".into(),
        });
        alerts::insert(w, &guidance, &finding, Time(0), false)?;
        Ok(())
    })
    .await
    .unwrap();
    let first = [("CWE-79", "A05"), ("CWE-79", "A06"), ("CWE-1", "A01")];
    put_map(&db, "2025", &first, &["2025"]).await;
    assert_eq!(db.write(|w| rekey(w, 3)).await.unwrap(), Some(2));
    drop(db);
    let db = Db::open(&path, Open::Write).unwrap();
    // The next run says the same and goes on.
    put_map(&db, "2025", &first, &["2025"]).await;
    assert_eq!(rekey_all(&db).await, 3);
    assert_eq!(found(&db, "owasp:a05 owasp:a06:2025").await, 5);
    put_map(&db, "2025", &first, &["2025"]).await;
    assert_eq!(db.write(|w| rekey(w, 3)).await.unwrap(), None);
    // The guidance of an older edition is no longer the newest.
    assert_eq!(
        (
            found(&db, "owasp:a03").await,
            found(&db, "owasp:a03:2021").await
        ),
        (0, 1)
    );

    // A second edition: its keys beside the first one's.
    let older = [("CWE-79", "A03"), ("CWE-5", "A03")];
    put_map(&db, "2021", &older, &["2021", "2025"]).await;
    assert_eq!(rekey_all(&db).await, 10);
    assert_eq!(found(&db, "owasp:a03:2021 kind:vulnerability").await, 10);
    assert_eq!(found(&db, "owasp:a05").await, 5);
    // It alone.
    put_map(&db, "2021", &older, &["2021"]).await;
    rekey_all(&db).await;
    assert_eq!(
        (found(&db, "owasp:a03").await, found(&db, "owasp:a05").await),
        (11, 0)
    );
    assert_eq!(found(&db, "owasp:*").await, 11);
    // What one alert has in memory is what the index has.
    let id = db
        .read(|r| alerts::id_of(r, "CVE-2026-1000"))
        .await
        .unwrap();
    let stored = db.read(move |r| alerts::get(r, id.unwrap())).await.unwrap();
    let keys = stored.unwrap().keys();
    let risks = keys
        .facets
        .iter()
        .filter(|(facet, _)| *facet == Facet::Owasp);
    let risks: Vec<&str> = risks.map(|(_, value)| value.as_str()).collect();
    assert_eq!(risks, ["a03", "a03 2021"]);
}
