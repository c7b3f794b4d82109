//! What changed about an alert, by meaning: a record whose `lastModified` moved but that says the same
//! has no change. Pure. Every difference of meaning is a change: a history replayed gives what is stored.

use crate::model::{
    Alert, Change, ExploitedBy, Facts, Finding, Happened, Kind, Product, Rating, Severity, State,
    Time, Wording, best_score,
};
use crate::store::alerts::Stored;

/// The changes from what is stored to what the source says now.
#[must_use]
pub fn compare(before: &Stored, after: &Alert, finding: &Finding, at: Time) -> Vec<Change> {
    let (old, new) = (&before.facts, &after.facts);
    let title_changed = after.kind != Kind::Vulnerability && before.summary.title != after.title;
    let all = [
        withdrawal(before, after),
        exploitation(old.exploited(), new.exploited()),
        score(old, new),
        severity(before.finding.stated_severity(), finding.stated_severity()),
        products(&old.products, &new.products),
        wording(
            title_changed.then_some((&before.summary.title, &after.title)),
            (before.text != after.text).then_some((&before.text, &after.text)),
        ),
    ];
    all.into_iter()
        .flatten()
        .map(|what| Change { at, what })
        .collect()
}

fn withdrawal(before: &Stored, after: &Alert) -> Option<Happened> {
    let (old, new) = (&before.facts, &after.facts);
    match (old.is_rejected(), new.is_rejected()) {
        (false, true) => Some(rejected(after, old.status.clone(), before.summary.state)),
        (true, false) => Some(Happened::Reopened { before: None }),
        _ => None,
    }
}

/// That its source withdrew an alert. It closes one that is open, whoever has it in hand: what there was to
/// do is gone. Notes and tags stay, and whoever disagrees opens it again.
#[must_use]
pub fn rejected(alert: &Alert, before: Option<String>, state: State) -> Happened {
    Happened::Rejected {
        before,
        after: alert.facts.status.clone(),
        closed: (!state.is_closed()).then_some(state),
        reason: Some(rejection(&alert.text)),
    }
}

/// Why it was rejected, in the record's own words where it gives any.
fn rejection(text: &str) -> String {
    const MOST: usize = 300;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = line
        .strip_prefix("Rejected reason:")
        .or_else(|| line.strip_prefix("** REJECT **"))
        .map(|words| {
            words
                .trim_start()
                .trim_start_matches("Rejected reason:")
                .trim()
        })
        .filter(|words| !words.is_empty());
    match words {
        Some(words) if words.chars().count() > MOST => {
            let cut: String = words.chars().take(MOST - 1).collect();
            format!("Rejected by NVD: {}…", cut.trim_end())
        }
        Some(words) => format!("Rejected by NVD: {words}"),
        None => "Rejected by NVD".to_owned(),
    }
}

fn exploitation(before: Option<ExploitedBy>, after: Option<ExploitedBy>) -> Option<Happened> {
    (before != after).then_some(Happened::Exploited { before, after })
}

fn score(old: &Facts, new: &Facts) -> Option<Happened> {
    let shown = |facts: &Facts| best_score(&facts.scores).map(Rating::from);
    let (before, after) = (shown(old), shown(new));
    (before != after).then_some(Happened::Scored { before, after })
}

/// A change of the level that somebody stands for; an estimate is none. No level is below Low.
#[must_use]
pub fn severity(before: Option<Severity>, after: Option<Severity>) -> Option<Happened> {
    match after.cmp(&before) {
        std::cmp::Ordering::Greater => Some(Happened::SeverityRaised { before, after }),
        std::cmp::Ordering::Less => Some(Happened::SeverityLowered { before, after }),
        std::cmp::Ordering::Equal => None,
    }
}

/// What opens an alert again that was closed or asleep in `state`: that it became exploited, or that its
/// level rose to High.
#[must_use]
pub fn reopened(state: State, found: &[Change]) -> Option<Happened> {
    let got_worse = found.iter().any(|change| {
        matches!(
            change.what,
            Happened::Exploited {
                before: None,
                after: Some(_)
            } | Happened::SeverityRaised {
                after: Some(Severity::High),
                ..
            }
        )
    });
    let is_withdrawn = found
        .iter()
        .any(|change| matches!(change.what, Happened::Rejected { .. }));
    let is_put_away = (state.is_closed() || state == State::Snoozed) && !is_withdrawn;
    (got_worse && is_put_away).then_some(Happened::Reopened {
        before: Some(state),
    })
}

fn products(old: &[Product], new: &[Product]) -> Option<Happened> {
    let only_in = |these: &[Product], others: &[Product]| -> Vec<Product> {
        these
            .iter()
            .filter(|p| others.binary_search(p).is_err())
            .cloned()
            .collect()
    };
    let (added, removed) = (only_in(new, old), only_in(old, new));
    (!added.is_empty() || !removed.is_empty())
        .then_some(Happened::ProductsChanged { added, removed })
}

fn wording(
    title: Option<(&String, &String)>,
    text: Option<(&String, &String)>,
) -> Option<Happened> {
    (title.is_some() || text.is_some()).then(|| Happened::TextChanged {
        before: Wording {
            title: title.map(|(before, _)| before.clone()),
            text: text.map(|(before, _)| before.clone()),
        },
        after: Wording {
            title: title.map(|(_, after)| after.clone()),
            text: text.map(|(_, after)| after.clone()),
        },
    })
}

#[cfg(test)]
mod tests;
