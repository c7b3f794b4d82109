//! Where a digest belongs that was placed by a clock that went back since.

use super::{Counts, Routing, Slot};
use crate::model::{ChannelId, DeliveryForm, Time};

/// What becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Again {
    /// Its slot is the next one now too.
    Stays,
    /// It goes to the channel's next one.
    To(Slot),
    /// It is not quiet: it goes out now.
    Now,
}

impl Routing {
    /// Where a digest of a channel belongs now, by its slot's name.
    #[must_use]
    pub fn again(
        &self,
        channel: &ChannelId,
        form: DeliveryForm,
        slot: &str,
        now: Time,
        counts: &Counts,
    ) -> Again {
        let Some(door) = self.doors.get(channel) else {
            return Again::Stays;
        };
        let is_over = |name: &str| counts.is_over(channel, name);
        if form == DeliveryForm::Quiet {
            let quiet = door.quiet.as_ref();
            return match quiet.and_then(|quiet| quiet.until(now, is_over)) {
                None => Again::Now,
                Some(until) if until.name == slot => Again::Stays,
                Some(until) => Again::To(until),
            };
        }
        let rules = self.rules.iter().filter(|r| r.channels.contains(channel));
        let mut own = rules.filter_map(|rule| rule.digest.as_ref());
        if own.any(|times| times.next(now, is_over).is_some_and(|s| s.name == slot)) {
            return Again::Stays;
        }
        match door.digest.next(now, is_over) {
            Some(next) if next.name != slot => Again::To(next),
            _ => Again::Stays,
        }
    }
}
