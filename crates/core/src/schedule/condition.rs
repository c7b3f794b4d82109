//! How a source does, as one word and as a sentence. Pure: from its health and the clock.

use crate::model::{Condition, Health, Time};

/// A source that fails is down after this long at the earliest, and at the latest, hours: retries come
/// oftener than its interval, so a weekly one need not fail for three weeks.
const DOWN_AFTER_H: (i64, i64) = (24, 72);
/// A source is silent after this long at the earliest, days.
const SILENT_AFTER_DAYS: f64 = 3.0;
/// It is silent when nothing came for so many times what is usual.
const UNUSUAL: f64 = 3.0;
const DAY_S: f64 = 86_400.0;

/// What is known of a source.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// Whether it is collected on schedule.
    pub enabled: bool,
    /// Whether nothing is collected because the settings cannot be read.
    pub is_paused: bool,
    /// Whether it is being collected.
    pub is_running: bool,
    /// How it does.
    pub health: &'a Health,
    /// Minutes between two runs.
    pub interval_min: u32,
    /// Days that usually lie between two of its items at most, where that is known.
    pub usual_days: Option<f64>,
}

/// How a source does.
#[must_use]
pub fn condition(known: Known<'_>, now: Time) -> Condition {
    let Known { health, .. } = known;
    if known.is_running {
        return Condition::Collecting;
    }
    if !known.enabled {
        return Condition::Off;
    }
    if known.is_paused {
        return Condition::Paused;
    }
    if let Some(fault) = &health.fault {
        let begun = health.first_failure.or(health.last_attempt).unwrap_or(now);
        if fault.code == "offline" {
            let since = fault.params.get("since");
            let since = since.and_then(|at| Time::parse_rfc3339(at).ok());
            return Condition::Offline {
                since: since.unwrap_or(begun),
            };
        }
        if now >= begun.plus_s(down_after_s(known.interval_min)) {
            return Condition::Down { since: begun };
        }
        let asked = fault.params.get("retry_after_s");
        let was_asked = asked
            .and_then(|s| s.parse().ok())
            .is_some_and(|s: u64| s > 0);
        return match health.next_attempt {
            Some(until) if was_asked && until > now => Condition::Waiting {
                until,
                fault: fault.clone(),
            },
            _ => Condition::Failing {
                since: begun,
                failures: health.failures,
            },
        };
    }
    if health.last_success.is_none() {
        return Condition::Never;
    }
    if let Some(since) = health.empty_since {
        return Condition::Empty { since };
    }
    match (health.newest_item, known.usual_days) {
        (Some(since), Some(usual_days)) if is_silent(since, usual_days, now) => {
            Condition::Silent { since, usual_days }
        }
        _ => Condition::Fine,
    }
}

fn down_after_s(interval_min: u32) -> i64 {
    let (least, most) = DOWN_AFTER_H;
    (i64::from(interval_min) * 60 * 3).clamp(least * 3600, most * 3600)
}

fn is_silent(since: Time, usual_days: f64, now: Time) -> bool {
    days(since, now) > (usual_days * UNUSUAL).max(SILENT_AFTER_DAYS)
}

#[allow(clippy::cast_precision_loss)]
fn days(from: Time, to: Time) -> f64 {
    to.ms().saturating_sub(from.ms()) as f64 / 1000.0 / DAY_S
}

/// Whether the user is to be warned: it has been down or silent for unusually long.
#[must_use]
pub fn is_warning(condition: &Condition) -> bool {
    matches!(condition, Condition::Down { .. } | Condition::Silent { .. })
}

/// The state of a source in a sentence, in English: for logs and the command line.
#[must_use]
pub fn sentence(condition: &Condition, health: &Health, now: Time) -> String {
    let next = match health.next_attempt {
        Some(at) if at > now => format!(" Next in {}.", span(now, at)),
        Some(_) => " Next as soon as it is its turn.".to_owned(),
        None => String::new(),
    };
    let why = health.fault.as_ref().map(|f| format!(" {f}"));
    let why = why.unwrap_or_default();
    let last = match health.last_success {
        Some(at) => format!(" Last collected {} ago.", span(at, now)),
        None => " It was never collected.".to_owned(),
    };
    match condition {
        Condition::Off => "Switched off.".to_owned(),
        Condition::Paused => {
            "The settings cannot be read; nothing is collected until they are mended.".to_owned()
        }
        Condition::Never => format!("Not collected yet.{next}"),
        Condition::Collecting => "Being collected now.".to_owned(),
        Condition::Fine => match health.last_success {
            Some(at) => format!("Collected {} ago.{next}", span(at, now)),
            None => format!("Not collected yet.{next}"),
        },
        Condition::Empty { since } => format!(
            "It answers, but its document has had no entries for {}.{next}",
            span(*since, now)
        ),
        Condition::Offline { since } => format!(
            "This machine has had no connection for {}. It is tried again when there is one.{last}",
            span(*since, now)
        ),
        Condition::Waiting { until, .. } => format!(
            "Its server asked to be left alone: it waits {} more.{why}{last}",
            span(now, *until)
        ),
        Condition::Failing { since, failures } => format!(
            "Failing for {} ({failures} {} in a row).{why}{next}{last}",
            span(*since, now),
            if *failures == 1 { "run" } else { "runs" }
        ),
        Condition::Down { since } => {
            format!("Down for {}.{why}{next}{last}", span(*since, now))
        }
        Condition::Silent { since, usual_days } => format!(
            "It answers, but has brought nothing new for {}; usually it does within {}. Look whether the site moved.{next}",
            span(*since, now),
            span(now, now.plus_s(seconds(*usual_days)))
        ),
    }
}

#[allow(clippy::cast_possible_truncation)]
fn seconds(days: f64) -> i64 {
    (days * DAY_S) as i64
}

/// `4 minutes`, `3 hours`, `2 days`: of two units the larger, rounded down.
fn span(from: Time, to: Time) -> String {
    let s = to.ms().saturating_sub(from.ms()).max(0) / 1000;
    let (n, unit) = match s {
        0..60 => return "less than a minute".to_owned(),
        60..5_400 => (s / 60, "minute"),
        5_400..172_800 => (s / 3600, "hour"),
        _ => (s / 86_400, "day"),
    };
    let plural = if n == 1 { "" } else { "s" };
    format!("{n} {unit}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Fault;

    const HOUR: i64 = 3600;

    fn at(hours: i64) -> Time {
        Time(1_790_000_000_000).plus_s(hours * HOUR)
    }

    fn known(health: &Health) -> Known<'_> {
        Known {
            enabled: true,
            is_paused: false,
            is_running: false,
            health,
            interval_min: 30,
            usual_days: None,
        }
    }

    fn failed(fault: Fault, since: i64) -> Health {
        Health {
            last_success: Some(at(-200)),
            last_attempt: Some(at(0)),
            next_attempt: Some(at(2)),
            fault: Some(fault),
            failures: 3,
            first_failure: Some(at(since)),
            first_done: true,
            ..Health::default()
        }
    }

    #[test]
    fn what_stands_above_its_health_is_said_first() {
        let health = failed(Fault::new("http_status", "No."), -1);
        let base = known(&health);
        for (known, expect) in [
            (
                Known {
                    is_running: true,
                    enabled: false,
                    ..base
                },
                Condition::Collecting,
            ),
            (
                Known {
                    enabled: false,
                    is_paused: true,
                    ..base
                },
                Condition::Off,
            ),
            (
                Known {
                    is_paused: true,
                    ..base
                },
                Condition::Paused,
            ),
        ] {
            assert_eq!(condition(known, at(0)), expect);
        }
        let fresh = Health::default();
        assert_eq!(
            condition(super::tests::known(&fresh), at(0)),
            Condition::Never
        );
    }

    #[test]
    fn failing_becomes_down_after_a_day_and_for_rare_sources_after_three() {
        let fault = Fault::new("connect_failed", "It did not answer.");
        for (interval_min, hours, is_down) in [
            (30, 23, false),
            (30, 24, true),
            (720, 35, false),
            (720, 36, true),
            (10_080, 71, false),
            (10_080, 72, true),
        ] {
            let health = failed(fault.clone(), -hours);
            let known = Known {
                interval_min,
                ..known(&health)
            };
            let found = condition(known, at(0));
            let expect = if is_down {
                Condition::Down { since: at(-hours) }
            } else {
                Condition::Failing {
                    since: at(-hours),
                    failures: 3,
                }
            };
            assert_eq!(found, expect, "{interval_min} {hours}");
            let said = sentence(&found, &health, at(0));
            assert!(
                said.contains("It did not answer.") && said.contains("Next in 2 hours"),
                "{said}"
            );
            assert_eq!(is_warning(&found), is_down);
        }
    }

    #[test]
    fn a_pause_that_was_asked_for_is_waiting_until_it_is_over() {
        let fault = Fault::new("http_status", "429.").with("retry_after_s", 7200);
        let health = failed(fault.clone(), 0);
        let waiting = Condition::Waiting {
            until: at(2),
            fault,
        };
        assert_eq!(condition(known(&health), at(1)), waiting);
        let over = condition(known(&health), at(3));
        assert!(matches!(over, Condition::Failing { .. }), "{over:?}");
        // Zero is no pause.
        let health = failed(
            Fault::new("http_status", "429.").with("retry_after_s", 0),
            0,
        );
        assert!(matches!(
            condition(known(&health), at(1)),
            Condition::Failing { .. }
        ));
    }

    #[test]
    fn offline_is_said_since_when() {
        let fault = Fault::new("offline", "No network.").with("since", at(-5));
        let health = failed(fault, -1);
        let found = condition(known(&health), at(0));
        assert_eq!(found, Condition::Offline { since: at(-5) });
        assert!(sentence(&found, &health, at(0)).contains("no connection for 5 hours"));
    }

    #[test]
    fn silence_is_judged_by_the_sources_own_rhythm() {
        let health = |hours: i64| Health {
            last_success: Some(at(-1)),
            newest_item: Some(at(-hours)),
            ..Health::default()
        };
        for (hours, usual_days, is_silent) in [
            (24 * 4, Some(0.1), true),
            (24 * 2, Some(0.1), false),
            (24 * 20, Some(7.0), false),
            (24 * 22, Some(7.0), true),
            (24 * 400, None, false),
        ] {
            let health = health(hours);
            let known = Known {
                usual_days,
                ..known(&health)
            };
            let found = condition(known, at(0));
            assert_eq!(
                matches!(found, Condition::Silent { .. }),
                is_silent,
                "{hours} {usual_days:?}"
            );
        }
    }

    #[test]
    fn an_empty_document_is_a_state_and_no_fault() {
        let health = Health {
            last_success: Some(at(0)),
            empty_since: Some(at(-2)),
            ..Health::default()
        };
        let found = condition(known(&health), at(0));
        assert_eq!(found, Condition::Empty { since: at(-2) });
        assert!(!is_warning(&found));
    }

    #[test]
    fn times_are_told_in_one_unit() {
        for (s, expect) in [
            (0, "less than a minute"),
            (60, "1 minute"),
            (5_399, "89 minutes"),
            (5_400, "1 hour"),
            (172_800, "2 days"),
        ] {
            assert_eq!(span(at(0), at(0).plus_s(s)), expect);
        }
    }
}
