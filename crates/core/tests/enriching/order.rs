//! Whichever source comes first, the same is stored in the end.

use super::*;
use common::{fixtures, score};

fn records() -> Vec<(&'static str, Value)> {
    let weak = |cwe: &str, mut more: Value| {
        more["weaknesses"] = json!([{ "source": "nvd@nist.gov", "type": "Primary", "description": [{ "lang": "en", "value": cwe }] }]);
        more
    };
    let mut carried = score(4.0);
    carried["cisaExploitAdd"] = "2026-05-01".into();
    vec![
        ("CVE-2026-91000", weak("CWE-79", score(5.0))),
        ("CVE-2026-91001", weak("CWE-89", json!({}))),
        ("CVE-2026-91002", weak("CWE-79", carried.clone())),
        ("CVE-2026-91003", weak("CWE-1", carried)),
        ("CVE-2026-91004", score(9.8)),
    ]
}

/// Everything of the alerts that does not say when something was learnt.
async fn state(app: &App) -> Vec<Value> {
    let mut all = Vec::new();
    for uid in found(app, "source:nvd").await {
        let mut found = detail(app, &uid).await;
        for field in ["changes", "looked"] {
            found[field] = Value::Null;
        }
        for field in ["id", "added", "changed", "changed_since"] {
            found["row"][field] = Value::Null;
        }
        for risk in found["owasp"].as_array_mut().unwrap() {
            risk["alert"] = Value::Null;
        }
        all.push(found);
    }
    for query in [
        "kev:true",
        "exploited:true",
        "ransomware:true",
        "epss>0.3",
        "owasp:a05",
        "owasp:a05:2025",
        "severity:high",
    ] {
        all.push(json!([query, found(app, query).await]));
    }
    all
}

async fn collected(order: &[&str]) -> Vec<Value> {
    let replay = fixtures();
    let home = Home::against(&replay);
    for (id, more) in records() {
        replay
            .put_nvd(&record(id, &soon(&replay, 0), more))
            .unwrap();
    }
    put_kev(
        &replay,
        &[
            ("CVE-2026-91000", "2026-07-01"),
            ("CVE-2026-91002", "2026-07-01"),
        ],
    );
    put_epss(
        &replay,
        "2026-06-30",
        &[
            ("CVE-2026-91000", "0.31"),
            ("CVE-2026-91001", "0.00042"),
            ("CVE-2026-90001", "0.9"),
        ],
    );
    let app = home.start(false).await;
    for source in order {
        collect(&app, source).await;
    }
    let state = state(&app).await;
    app.stop().await;
    state
}

#[tokio::test(flavor = "multi_thread")]
async fn any_order_of_sources_ends_the_same() {
    let first = collected(&["nvd", "kev", "epss", "owasp"]).await;
    assert!(first.len() > 10);
    let by = |query: &str| {
        let found = first.iter().find(|v| v[0] == query).unwrap();
        found[1].as_array().unwrap().len()
    };
    assert!(by("owasp:a05") >= 3 && by("ransomware:true") == 2 && by("epss>0.3") == 2);
    for order in [
        ["owasp", "epss", "kev", "nvd"],
        ["kev", "nvd", "owasp", "epss"],
        ["epss", "nvd", "nvd", "kev"],
    ] {
        let mut order = order.to_vec();
        if !order.contains(&"owasp") {
            order.push("owasp");
        }
        assert_eq!(collected(&order).await, first, "{order:?}");
    }
}
