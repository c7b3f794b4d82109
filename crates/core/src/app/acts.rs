//! The buttons of a notification: what they do is an act of triage like any other, and can be undone.

use chrono::{Days, Local, NaiveTime, TimeZone};
use tokio::sync::broadcast::error::RecvError;

use super::App;
use crate::events::{Event, NotificationAct};
use crate::model::{Act, AlertId, State, Time};
use crate::store::{StoreError, triage};

/// When a day begins for somebody who lets an alert sleep until tomorrow.
const MORNING: NaiveTime = NaiveTime::from_hms_opt(8, 0, 0).expect("eight is an hour");

impl App {
    pub(super) fn start_acting(&self) {
        let app = self.clone();
        let cancel = self.token();
        let mut events = self.events().subscribe();
        self.track(async move {
            loop {
                let event = tokio::select! {
                    () = cancel.cancelled() => return,
                    event = events.recv() => event,
                };
                match event {
                    Ok(Event::NotificationAct { id, act }) => {
                        if let Err(error) = app.act_on(id, act).await {
                            tracing::error!("what a notification asked for was not done: {error}");
                        }
                    }
                    Ok(_) => {}
                    Err(RecvError::Lagged(_)) => {
                        tracing::warn!("a button of a notification may have been missed");
                    }
                    Err(RecvError::Closed) => return,
                }
            }
        });
    }

    async fn act_on(&self, id: AlertId, act: NotificationAct) -> Result<(), StoreError> {
        let now = self.now();
        let (state, until) = match act {
            NotificationAct::Done => (State::Done, None),
            NotificationAct::Snooze => (State::Snoozed, Some(tomorrow(now, &Local))),
        };
        let act = Act::SetState {
            state,
            reason: None,
            until,
        };
        let _hold = self.hold().await;
        let done = self
            .db()
            .write(move |w| triage::apply(w, &act, vec![id], now, &triage::unheard))
            .await?;
        if done.is_some() {
            self.snoozes_changed();
            self.events().send(Event::TriageChanged);
            self.learn_soon();
        }
        Ok(())
    }
}

/// Tomorrow morning, or in a day where a calendar knows none.
fn tomorrow<Z: TimeZone>(now: Time, zone: &Z) -> Time {
    let local = now.to_chrono().with_timezone(zone);
    let morning = local.date_naive().checked_add_days(Days::new(1));
    let morning =
        morning.and_then(|day| zone.from_local_datetime(&day.and_time(MORNING)).earliest());
    morning.map_or_else(
        || now.plus_s(24 * 60 * 60),
        |at| Time(at.timestamp_millis()),
    )
}

#[cfg(test)]
mod tests {
    use chrono::FixedOffset;

    use super::*;

    #[test]
    fn tomorrow_is_tomorrow_where_the_user_is() {
        let east = FixedOffset::east_opt(9 * 3600).unwrap();
        let at = |text: &str| tomorrow(Time::parse_rfc3339(text).unwrap(), &east).to_rfc3339();
        // It is the 24th there already.
        assert_eq!(at("2026-11-23T16:00:00Z"), "2026-11-24T23:00:00.000Z");
        assert_eq!(at("2026-11-23T03:00:00Z"), "2026-11-23T23:00:00.000Z");
    }
}
