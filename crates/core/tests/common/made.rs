//! Alerts that nobody published: stored straight into a database that no app has open.

use std::path::Path;

use serde_json::{Value, json};
use tocsin_core::app::App;
use tocsin_core::model::{
    Alert, Change, CvssVersion, Entity, Facts, Finding, Happened, Issuer, Kev, Kind, Product,
    Reason, Reference, Relevance, Score, Severity, SeverityBasis, SourceId, State, Time,
};
use tocsin_core::normalise::restore;
use tocsin_core::store::records::{self, Carried};
use tocsin_core::store::{Db, Open};

use super::call;

pub type Made = (Alert, Finding, Carried);

/// Titles and texts that try to be more than text in one format or another.
pub const HOSTILE: &[&str] = &[
    "=cmd|' /C calc'!A0",
    "  =HYPERLINK(\"https://evil.example\",\"x\")",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "＝1+1",
    "a,b;c\td\"e\"\"f\"",
    "\"quoted\",\"cells\"",
    "[click](https://evil.example) ![p](https://evil.example/p.png)",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "https://evil.example www.evil.example user@evil.example",
    "| a | b |\\| c |",
    "# heading `code` **bold** _it_ ~~s~~ &lt;b&gt; $x$",
    "back\\slash \\\" \\u0000 'single' ]}\n,{",
    "\u{1F600} größe 日本語 \u{10FFFF}",
];

pub fn time(text: &str) -> Time {
    Time::parse_rfc3339(text).unwrap()
}

/// A CVE by its number, published minutes apart.
pub fn cve(number: u32) -> Made {
    let published = time("2026-03-01T00:00:00Z").plus_s(i64::from(number) * 60);
    let score = f64::from(number % 100) / 10.0;
    let facts = Facts {
        status: Some(
            if number % 50 == 7 {
                "Rejected"
            } else {
                "Analyzed"
            }
            .into(),
        ),
        scores: (!number.is_multiple_of(5))
            .then(|| Score {
                version: CvssVersion::V31,
                issuer: Issuer::Nvd,
                source: "nvd@nist.gov".into(),
                primary: true,
                score,
                vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H".into(),
            })
            .into_iter()
            .collect(),
        cwes: vec!["CWE-79".into(), "NVD-CWE-noinfo".into()],
        products: vec![Product {
            vendor: "acme".into(),
            product: format!("web_server_{}", number % 30),
            versions: "before 3.1".into(),
        }],
        references: vec![Reference {
            url: format!("https://vendor.example/advisory/{number}"),
            tags: vec!["Vendor Advisory".into()],
        }],
        kev: number.is_multiple_of(11).then(|| Kev {
            added: Some(published),
            due: Some(published.plus_s(86_400 * 21)),
            name: Some("Acme Web Server".into()),
            action: Some("Apply updates.".into()),
            ransomware: number.is_multiple_of(22),
        }),
        ..Facts::default()
    };
    let title = HOSTILE[number as usize % HOSTILE.len()];
    alert(
        Kind::Vulnerability,
        "nvd",
        &format!("CVE-2026-{:05}", number + 10_000),
        title,
        facts,
        published,
        Vec::new(),
    )
}

/// An article that names these CVEs, and entities by kind and name.
pub fn article(number: u32, text: &str, entities: &[(&str, &str)]) -> Made {
    let published = time("2026-04-01T00:00:00Z").plus_s(i64::from(number) * 60);
    let entities = entities
        .iter()
        .map(|(kind, name)| Entity {
            kind: (*kind).into(),
            name: (*name).into(),
            start: 0,
            end: 1,
        })
        .collect();
    let title = HOSTILE[number as usize % HOSTILE.len()];
    let uid = format!("feed:thehackernews:{number:016x}");
    let mut made = alert(
        Kind::Article,
        "thehackernews",
        &uid,
        title,
        Facts::default(),
        published,
        entities,
    );
    made.0.text = text.to_owned();
    made.0 = restore(made.0).unwrap();
    made
}

fn alert(
    kind: Kind,
    source: &str,
    uid: &str,
    title: &str,
    facts: Facts,
    published: Time,
    entities: Vec<Entity>,
) -> Made {
    let best = tocsin_core::model::best_score(&facts.scores).cloned();
    let alert = restore(Alert {
        uid: uid.into(),
        source: SourceId::new(source),
        kind,
        title: title.into(),
        text: format!("About it: {title}\n\nIt goes on."),
        url: Some(format!("https://site.example/{}", uid.replace(':', "-"))),
        published: Some(published),
        updated: Some(published.plus_s(3_600)),
        facts,
        hash: [0; 32],
    })
    .unwrap();
    let finding = Finding {
        severity: best.as_ref().map(|s| tocsin_core::model::band(s.score)),
        severity_basis: match best {
            Some(score) => SeverityBasis::Score { score },
            None => SeverityBasis::Unscored,
        },
        relevance: Relevance {
            is_relevant: false,
            reason: Reason::NoWatch,
            matches: Vec::new(),
            muted_by: Vec::new(),
        },
        category: None,
        entities,
        estimate: None,
    };
    let carried = Carried {
        added: published.plus_s(60),
        changed: None,
        looked: None,
        epss: None,
        state: State::New,
        reason: None,
        until: None,
        tags: Vec::new(),
        notes: Vec::new(),
        changes: Vec::new(),
    };
    (alert, finding, carried)
}

/// Gives an alert everything that people and time can give.
pub fn triaged(made: &mut Made) {
    let carried = &mut made.2;
    let at = carried.added.plus_s(600);
    carried.epss = Some(0.97);
    carried.state = State::AcceptedRisk;
    carried.reason = Some("=1+1, agreed with \"ops\" | see [x](y)".into());
    carried.tags = vec!["dmz".into(), "über, \"prod\"".into()];
    carried.notes = vec![
        (at, None, "first line\n  second line".into()),
        (at.plus_s(5), Some(at.plus_s(9)), "-2+3 <b>@all</b>".into()),
    ];
    carried.looked = Some(at);
    carried.changed = Some(at);
    carried.changes = vec![
        Change {
            at,
            what: Happened::SeverityRaised {
                before: None,
                after: Some(Severity::High),
            },
        },
        Change {
            at: at.plus_s(-60),
            what: Happened::EpssJump {
                before: Some(0.1),
                after: Some(0.97),
            },
        },
    ];
}

/// Stores alerts in the database of a folder.
pub async fn store(folder: &Path, all: Vec<Made>) {
    let path = folder.join("tocsin.db");
    let db = tokio::task::spawn_blocking(move || Db::open(&path, Open::Write).unwrap())
        .await
        .unwrap();
    db.write(move |w| {
        for (alert, finding, carried) in &all {
            records::insert(w, alert, finding, carried)?;
        }
        Ok(())
    })
    .await
    .unwrap();
    db.close().await;
}

/// Exports what a query finds into a file; gives what the command says.
pub async fn export(app: &App, query: &str, format: &str, path: &Path) -> Value {
    let target = json!({ "kind": "query", "query": query });
    let request = json!({ "target": target, "format": format, "path": path });
    call(app, "export_run", request).await
}
