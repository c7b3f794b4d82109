//! FIRST's EPSS API: scores by `cve=a,b`, or a page of all with `limit` and `offset`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::StatusCode;
use serde_json::json;

use crate::corpus::documents::{Dated, EPSS_PATH};
use crate::corpus::epss::Scores;
use crate::http::reply::Reply;
use crate::http::{Site, query};

/// The API's page size if none is asked for, and its largest.
const PAGE: usize = 100;
const MAX_PAGE: usize = 10_000;

pub(crate) fn answer(site: &Site, query: &str) -> Reply {
    let Some(document) = site.corpus.documents.get(EPSS_PATH) else {
        return Reply::status(StatusCode::NOT_FOUND);
    };
    let Ok(scores) = scores(site, document.at(site.clock.now())) else {
        return Reply::status(StatusCode::INTERNAL_SERVER_ERROR);
    };
    let mut wanted: Option<Vec<String>> = None;
    let (mut offset, mut limit) = (0, PAGE);
    for (name, value) in query::parse(query) {
        match name.as_str() {
            "cve" => {
                let ids = value.split(',').map(|id| id.trim().to_ascii_uppercase());
                wanted = Some(ids.filter(|id| !id.is_empty()).collect());
            }
            "offset" => offset = value.parse().unwrap_or(0),
            "limit" => limit = value.parse().unwrap_or(PAGE).min(MAX_PAGE),
            _ => {}
        }
    }
    let found: Vec<&String> = match &wanted {
        Some(ids) => ids
            .iter()
            .filter(|id| scores.by_id.contains_key(*id))
            .collect(),
        None => scores.ids.iter().collect(),
    };
    let data: Vec<_> = found
        .iter()
        .skip(offset)
        .take(limit)
        .filter_map(|id| {
            let score = scores.by_id.get(*id)?;
            Some(json!({
                "cve": id,
                "epss": score.epss,
                "percentile": score.percentile,
                "date": scores.date,
            }))
        })
        .collect();
    let body = json!({
        "status": "OK",
        "status-code": 200,
        "version": "1.0",
        "access": "public",
        "total": found.len(),
        "offset": offset,
        "limit": limit,
        "data": data,
    });
    Reply::json(StatusCode::OK, &body)
}

/// Read once for each file and kept.
fn scores(site: &Site, dated: &Dated) -> std::io::Result<Arc<Scores>> {
    let kept = site.scores.get_or_init(|| Mutex::new(HashMap::new()));
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(scores) = kept.get(&dated.file.path) {
        return Ok(Arc::clone(scores));
    }
    let scores = Arc::new(Scores::read(dated)?);
    kept.insert(dated.file.path.clone(), Arc::clone(&scores));
    Ok(scores)
}
