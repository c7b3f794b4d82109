//! NVD's CVE API 2.0: paging, both date windows with the 120-day rule, `cveId`, keys and rate limits, and NVD's way of
//! refusing: 404 with an empty body and the reason in the header `message`.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use axum::http::{HeaderMap, StatusCode};
use chrono::{DateTime, TimeDelta, Utc};

use crate::corpus::nvd::{Version, is_cve_id};
use crate::http::limit::{Limiter, TooMany};
use crate::http::query;
use crate::http::reply::Reply;
use crate::replay::NvdRules;
use crate::times::{format_nvd, parse_nvd};

const MAX_PAGE: usize = 2000;
const MAX_WINDOW: TimeDelta = TimeDelta::days(120);

/// What the API knows but this server does not do; a client that uses it should fail loudly here.
const NOT_REPLAYED: [&str; 22] = [
    "cpeName",
    "cveTag",
    "cvssV2Metrics",
    "cvssV2Severity",
    "cvssV3Metrics",
    "cvssV3Severity",
    "cvssV4Metrics",
    "cvssV4Severity",
    "cweId",
    "hasCertAlerts",
    "hasCertNotes",
    "hasKev",
    "hasOval",
    "isVulnerable",
    "keywordExactMatch",
    "keywordSearch",
    "kevEndDate",
    "kevStartDate",
    "sourceIdentifier",
    "versionEnd",
    "versionStart",
    "virtualMatchString",
];

/// The records, and the state that requests leave behind.
#[derive(Debug)]
pub(crate) struct Nvd {
    records: Arc<crate::corpus::Corpus>,
    added: Mutex<Vec<Arc<Version>>>,
    present: Mutex<Option<Arc<Snapshot>>>,
    limiter: Limiter,
    rules: NvdRules,
}

/// The records as they were at one time, in NVD's order.
#[derive(Debug)]
pub(crate) struct Snapshot {
    records: Vec<Arc<Version>>,
    as_of: DateTime<Utc>,
    /// The time of the next change, if the material holds one.
    until: Option<DateTime<Utc>>,
}

/// From and to, both included.
type Window = (DateTime<Utc>, DateTime<Utc>);

/// What a query asks for.
#[derive(Debug, Default)]
struct Asked {
    start_index: usize,
    page_size: usize,
    modified: Option<Window>,
    published: Option<Window>,
    cve_id: Option<String>,
    no_rejected: bool,
}

impl Nvd {
    pub(crate) fn new(records: Arc<crate::corpus::Corpus>, rules: NvdRules) -> Self {
        Self {
            records,
            added: Mutex::default(),
            present: Mutex::default(),
            limiter: Limiter::default(),
            rules,
        }
    }

    /// Adds a version; from its `lastModified` on it is the record's state.
    pub(crate) fn add(&self, version: Version) {
        let mut added = self.added.lock().unwrap_or_else(PoisonError::into_inner);
        added.push(Arc::new(version));
        drop(added);
        let mut present = self.present.lock().unwrap_or_else(PoisonError::into_inner);
        *present = None;
    }

    /// The records as they are at `now`, by publication.
    pub(crate) fn records(&self, now: DateTime<Utc>) -> Vec<Arc<Version>> {
        self.snapshot(now).records.clone()
    }

    /// How many records exist at `now`.
    pub(crate) fn count(&self, now: DateTime<Utc>) -> usize {
        self.snapshot(now).records.len()
    }

    /// The records that were last modified from `since` to `now`.
    pub(crate) fn count_modified(&self, since: DateTime<Utc>, now: DateTime<Utc>) -> usize {
        let snapshot = self.snapshot(now);
        let recent = snapshot.records.iter().filter(|v| v.last_modified >= since);
        recent.count()
    }

    pub(crate) fn answer(&self, query: &str, headers: &HeaderMap, now: DateTime<Utc>) -> Reply {
        let key = headers.get("apikey").and_then(|key| key.to_str().ok());
        if let Some(key) = key
            && !self.rules.keys.is_empty()
            && !self.rules.keys.iter().any(|known| known == key)
        {
            return refusal("Invalid apiKey.", false);
        }
        let limit = match key {
            Some(_) => self.rules.limit_with_key,
            None => self.rules.limit,
        };
        if let Some(limit) = limit
            && !self.limiter.admits(key, limit, Instant::now())
        {
            return too_many(self.rules.too_many);
        }
        match Asked::read(query) {
            Ok(asked) => {
                let mut reply = page(&self.snapshot(now), &asked, now);
                reply.header("apikey", if key.is_some() { "Yes" } else { "No" });
                reply
            }
            Err(Refused::Invalid(message)) => refusal(&message, key.is_some()),
            Err(Refused::NotReplayed(name)) => {
                let mut reply = Reply::status(StatusCode::NOT_IMPLEMENTED);
                reply.header("message", &format!("tocsin-replay does not know {name}"));
                reply
            }
        }
    }

    fn snapshot(&self, now: DateTime<Utc>) -> Arc<Snapshot> {
        let mut present = self.present.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(snapshot) = &*present
            && snapshot.as_of <= now
            && snapshot.until.is_none_or(|until| now < until)
        {
            return Arc::clone(snapshot);
        }
        let added = self.added.lock().unwrap_or_else(PoisonError::into_inner);
        let snapshot = Arc::new(Snapshot::take(&self.records.nvd, &added, now));
        *present = Some(Arc::clone(&snapshot));
        snapshot
    }
}

impl Snapshot {
    /// `loaded` is ordered by id and `lastModified`; `added` by arrival, the last of equals wins.
    fn take(loaded: &[Arc<Version>], added: &[Arc<Version>], now: DateTime<Utc>) -> Self {
        let past = |version: &&Arc<Version>| version.last_modified <= now;
        let mut records: Vec<Arc<Version>> = loaded
            .chunk_by(|left, right| left.id == right.id)
            .filter_map(|versions| versions.iter().rfind(past).cloned())
            .collect();
        for version in added.iter().filter(past) {
            match records.iter_mut().find(|known| known.id == version.id) {
                Some(known) if known.last_modified > version.last_modified => {}
                Some(known) => *known = Arc::clone(version),
                None => records.push(Arc::clone(version)),
            }
        }
        records.sort_unstable_by(|left, right| {
            (left.published, &left.id).cmp(&(right.published, &right.id))
        });
        let future = loaded.iter().chain(added).map(|v| v.last_modified);
        Self {
            records,
            as_of: now,
            until: future.filter(|time| *time > now).min(),
        }
    }
}

/// Why a query is not answered.
enum Refused {
    Invalid(String),
    NotReplayed(String),
}

fn invalid<T>(message: impl Into<String>) -> Result<T, Refused> {
    Err(Refused::Invalid(message.into()))
}

impl Asked {
    fn read(query: &str) -> Result<Self, Refused> {
        let mut asked = Self {
            page_size: MAX_PAGE,
            ..Self::default()
        };
        let mut modified = (None, None);
        let mut published = (None, None);
        for (name, value) in query::parse(query) {
            match name.as_str() {
                "startIndex" => match value.parse() {
                    Ok(index) => asked.start_index = index,
                    Err(_) => return invalid("Invalid startIndex parameter."),
                },
                "resultsPerPage" => match value.parse() {
                    Ok(size) if (1..=MAX_PAGE).contains(&size) => asked.page_size = size,
                    _ => return invalid("Invalid resultsPerPage parameter."),
                },
                "cveId" if is_cve_id(&value) => asked.cve_id = Some(value),
                "cveId" => return invalid("Invalid cveId parameter."),
                "noRejected" => asked.no_rejected = true,
                "lastModStartDate" => modified.0 = Some(date(&value)?),
                "lastModEndDate" => modified.1 = Some(date(&value)?),
                "pubStartDate" => published.0 = Some(date(&value)?),
                "pubEndDate" => published.1 = Some(date(&value)?),
                _ if NOT_REPLAYED.contains(&name.as_str()) => {
                    return Err(Refused::NotReplayed(name));
                }
                _ => return invalid(format!("Invalid parameter: {name}")),
            }
        }
        asked.modified = window("lastMod", modified)?;
        asked.published = window("pub", published)?;
        Ok(asked)
    }

    fn wants(&self, version: &Version) -> bool {
        let within = |window: Option<Window>, time| {
            window.is_none_or(|(start, end)| start <= time && time <= end)
        };
        within(self.modified, version.last_modified)
            && within(self.published, version.published)
            && self.cve_id.as_deref().is_none_or(|id| id == &*version.id)
            && !(self.no_rejected && version.rejected)
    }
}

fn date(value: &str) -> Result<DateTime<Utc>, Refused> {
    match parse_nvd(value) {
        Some(time) => Ok(time),
        None => invalid("Invalid ISO 8601 date/time format, see documentation."),
    }
}

/// Both ends or none; in order; at most 120 days apart.
fn window(
    name: &str,
    ends: (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
) -> Result<Option<Window>, Refused> {
    match ends {
        (None, None) => Ok(None),
        (Some(start), Some(end)) if start > end => invalid(format!(
            "Invalid date range: {name}StartDate is after {name}EndDate."
        )),
        (Some(start), Some(end)) if end - start > MAX_WINDOW => invalid(format!(
            "The maximum allowable range between {name}StartDate and {name}EndDate is 120 consecutive days."
        )),
        (Some(start), Some(end)) => Ok(Some((start, end))),
        _ => invalid(format!(
            "Both {name}StartDate and {name}EndDate are required when either is used."
        )),
    }
}

fn refusal(message: &str, has_key: bool) -> Reply {
    // A header holds no control characters; a parameter's name might.
    let message: String = message.chars().filter(|c| matches!(c, ' '..='~')).collect();
    let mut reply = Reply::status(StatusCode::NOT_FOUND);
    reply.header("message", &message);
    reply.header("apikey", if has_key { "Yes" } else { "No" });
    reply
}

fn too_many(answer: TooMany) -> Reply {
    match answer {
        TooMany::Forbidden => Reply::new(
            StatusCode::FORBIDDEN,
            "text/html",
            "<html><body><h1>403 Forbidden</h1>\nRequest forbidden by administrative rules.\n</body></html>\n",
        ),
        TooMany::TooManyRequests => {
            let mut reply = Reply::new(
                StatusCode::TOO_MANY_REQUESTS,
                "text/plain",
                "Too Many Requests",
            );
            reply.header("retry-after", "0");
            reply
        }
    }
}

/// NVD's envelope. Where nothing at all is found the key `vulnerabilities` is missing, as in a recorded answer; a page
/// past the end has an empty list.
fn page(snapshot: &Snapshot, asked: &Asked, now: DateTime<Utc>) -> Reply {
    let found: Vec<&Version> = snapshot
        .records
        .iter()
        .map(|version| &**version)
        .filter(|version| asked.wants(version))
        .collect();
    let from = asked.start_index.min(found.len());
    let to = from.saturating_add(asked.page_size).min(found.len());
    let items: Vec<&str> = found[from..to].iter().map(|v| &*v.item).collect();

    let mut body = format!(
        r#"{{"resultsPerPage":{},"startIndex":{},"totalResults":{},"format":"NVD_CVE","version":"2.0","timestamp":"{}""#,
        items.len(),
        asked.start_index,
        found.len(),
        format_nvd(now),
    );
    if !found.is_empty() {
        body.push_str(",\"vulnerabilities\":[");
        body.push_str(&items.join(","));
        body.push(']');
    }
    body.push('}');
    Reply::new(StatusCode::OK, "application/json", body)
}
