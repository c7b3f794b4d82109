//! Rules + fresh alerts -> deliveries. Pure.
//!
//! One built-in rule for now: what is relevant and new goes to every channel that is on. All that one
//! page of a run brought goes out as one message a channel, so a burst is one summary.

use crate::model::{ChangeKind, ChannelId, Subject};

/// A change that nobody has been told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fresh {
    /// The alert and what happened to it.
    pub subject: Subject,
    /// Whether it matters to this team.
    pub is_relevant: bool,
}

/// One message to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Routed {
    /// Where it goes.
    pub channel: ChannelId,
    /// What it speaks of.
    pub subjects: Vec<Subject>,
}

/// Which channel gets what.
#[must_use]
pub fn route(fresh: &[Fresh], channels_on: &[ChannelId]) -> Vec<Routed> {
    let subjects: Vec<Subject> = fresh
        .iter()
        .filter(|f| f.is_relevant && f.subject.change == ChangeKind::New)
        .map(|f| f.subject)
        .collect();
    if subjects.is_empty() {
        return Vec::new();
    }
    channels_on
        .iter()
        .map(|channel| Routed {
            channel: channel.clone(),
            subjects: subjects.clone(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{AlertId, Time};

    fn fresh(id: i64, change: ChangeKind, is_relevant: bool) -> Fresh {
        Fresh {
            subject: Subject {
                alert: AlertId(id),
                change,
                at: Time(0),
            },
            is_relevant,
        }
    }

    #[test]
    fn what_is_relevant_and_new_goes_to_every_channel_that_is_on() {
        let channels = [ChannelId("desktop".into()), ChannelId("email".into())];
        let routed = route(
            &[
                fresh(1, ChangeKind::New, true),
                fresh(2, ChangeKind::New, false),
                fresh(3, ChangeKind::TextChanged, true),
            ],
            &channels,
        );
        assert_eq!(routed.len(), 2);
        for message in &routed {
            let ids: Vec<_> = message.subjects.iter().map(|s| s.alert.0).collect();
            assert_eq!(ids, [1]);
        }
    }

    #[test]
    fn nothing_relevant_is_no_message() {
        let channels = [ChannelId("desktop".into())];
        assert!(route(&[fresh(2, ChangeKind::New, false)], &channels).is_empty());
        assert!(route(&[fresh(1, ChangeKind::New, true)], &[]).is_empty());
    }
}
