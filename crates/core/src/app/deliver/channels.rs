//! Channels that stop, start again or move, and saying so.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::app::{App, InForce};
use crate::error::Fault;
use crate::events::Event;
use crate::model::ChannelId;
use crate::notify::Channel;
use crate::outbox::{self, Known, Setup};
use crate::secrets::SecretName;
use crate::settings::edit::{self, ChannelFields};
use crate::settings::{ChannelKind, Edit};
use crate::store::{StoreError, attempts, channels};

/// How long attempts count at most, seconds: the longest limit is one a minute.
const COUNTED_S: i64 = 61;

impl InForce {
    /// What sending needs to know of them.
    #[must_use]
    pub fn setup(&self) -> Arc<Setup> {
        let known = self.settings.channels.iter().map(|(id, set)| {
            let known = Known {
                name: set.name.clone(),
                is_desktop: set.kind == ChannelKind::Desktop,
                weekly_test: set.weekly_test,
            };
            (id.clone(), known)
        });
        Arc::new(Setup {
            channels: self.channels.clone(),
            known: known.collect(),
            sources: self.source_names(),
        })
    }

    /// Whether a channel is as it was, with its secrets.
    fn is_as_before(&self, before: &Self, id: &ChannelId) -> bool {
        let set = self.settings.channels.get(id);
        let names = set.map_or(&[][..], |set| SecretName::of_kind(&set.kind));
        let is_same_secret = |name: &SecretName| {
            let now = self.secrets.get(*name, Some(id));
            let then = before.secrets.get(*name, Some(id));
            now.as_ref().map(|secret| secret.expose())
                == then.as_ref().map(|secret| secret.expose())
        };
        set == before.settings.channels.get(id) && names.iter().all(is_same_secret)
    }
}

impl App {
    /// What the last session sent within the last minute counts for the limits.
    pub(in crate::app) async fn count_recent_attempts(&self) -> Result<(), StoreError> {
        let since = self.now().plus_s(-COUNTED_S);
        for (id, door) in &self.in_force().channels {
            let Ok(door) = door else { continue };
            let wanted = id.clone();
            let read = self
                .db()
                .read(move |r| attempts::ended_after(r, &wanted, since));
            for ended in read.await? {
                self.0.outbox.seed(&door.paces(), ended);
            }
        }
        Ok(())
    }

    /// Channels whose settings or secrets changed try again what they stopped at.
    pub(in crate::app) fn channels_changed(&self, before: &InForce, now: &InForce) {
        let all = now.settings.channels.keys();
        let changed: Vec<ChannelId> = all
            .filter(|id| !now.is_as_before(before, id))
            .cloned()
            .collect();
        self.0.delivering.with(|state| {
            state.kept = None;
            state.changed.extend(changed);
        });
    }

    /// A channel whose settings changed while a message was under way did not stop for what they are now.
    pub(super) async fn resume_if_changed(
        &self,
        channel: &ChannelId,
        begun_with: &InForce,
    ) -> Result<(), StoreError> {
        if self.in_force().is_as_before(begun_with, channel) {
            return Ok(());
        }
        let changed = BTreeSet::from([channel.clone()]);
        self.resume_working(changed).await.map(drop)
    }

    /// Starts those of these channels again that are whole. Says whether any was stopped.
    pub(super) async fn resume_working(
        &self,
        mut changed: BTreeSet<ChannelId>,
    ) -> Result<bool, StoreError> {
        let in_force = self.in_force();
        changed.retain(|id| matches!(in_force.channels.get(id), Some(Ok(_))));
        if changed.is_empty() {
            return Ok(false);
        }
        let (all, now) = (changed.into_iter().collect::<Vec<_>>(), self.now());
        self.db().write(move |w| outbox::resume(w, &all, now)).await
    }

    /// Starts a stopped channel again.
    ///
    /// # Errors
    /// Where the database fails.
    pub(crate) async fn resume_channel(&self, channel: &ChannelId) -> Result<(), StoreError> {
        let (all, now) = ([channel.clone()], self.now());
        let _hold = self.hold().await;
        self.db()
            .write(move |w| outbox::resume(w, &all, now))
            .await?;
        self.say_stopped().await?;
        self.events().send(Event::DeliveriesChanged);
        Ok(())
    }

    /// Tries a channel out, within its limits. It need not be on.
    ///
    /// # Errors
    /// Where the database fails.
    pub(crate) async fn check_channel(
        &self,
        channel: &ChannelId,
        door: &dyn Channel,
    ) -> Result<Vec<crate::notify::TestStep>, StoreError> {
        let mut moved = self.clock().watch();
        let mut turn = loop {
            let another_ended = self.0.outbox.another_ended();
            match self.0.outbox.begin(door.paces(), self.clock()) {
                Ok(turn) => break turn,
                Err(outbox::Wait::ForOthers) => another_ended.await,
                Err(outbox::Wait::Until(at)) => {
                    let sleep = crate::schedule::sleep_until(Some(at), self.now());
                    tokio::select! {
                        _ = moved.changed() => {}
                        () = tokio::time::sleep(sleep) => {}
                    }
                }
            }
        };
        turn.is_used();
        let steps = door.check().await;
        drop(turn);
        let fault = steps.iter().find_map(|step| step.fault.clone());
        let (wanted, now) = (channel.clone(), self.now());
        self.db()
            .write(move |w| outbox::tested(w, &wanted, fault.as_ref(), now))
            .await?;
        Ok(steps)
    }

    /// Tells which channels are stopped, or takes that back.
    pub(super) async fn say_stopped(&self) -> Result<(), StoreError> {
        let all = self.db().read(channels::all).await?;
        let in_force = self.in_force();
        let stopped: Vec<(&str, Fault)> = in_force
            .settings
            .channels
            .iter()
            .filter_map(|(id, set)| {
                let health = all.get(id).filter(|health| health.stopped.is_some())?;
                Some((set.name.as_str(), health.fault.clone()?))
            })
            .collect();
        match stopped.as_slice() {
            [] => self.take_back("channel_stopped"),
            all => self.tell(stopped_notice(all)),
        }
        Ok(())
    }

    /// A service said that the destination has another name from now on: that is kept, and told.
    pub(super) async fn destination_moved(&self, channel: &ChannelId, to: &str) {
        let fields = ChannelFields {
            chat_id: Some(to.to_owned()),
            ..ChannelFields::default()
        };
        let edit = Edit::SetChannel {
            id: channel.clone(),
            fields,
        };
        let app = self.clone();
        let edited = tokio::task::spawn_blocking(move || {
            edit::apply(app.paths(), &app.environment(), &edit)?;
            app.reload();
            Ok::<(), Fault>(())
        })
        .await;
        let setup = self.in_force().setup();
        let name = setup.name_of(channel);
        let notice = match edited {
            Ok(Ok(())) => Fault::new(
                "telegram_chat_moved",
                format!(
                    "The chat of {name} became a supergroup and has another number now: {to}. That is kept in the settings."
                ),
            ),
            _ => Fault::new(
                "telegram_chat_moved_by_environment",
                format!(
                    "The chat of {name} became a supergroup and has another number now: {to}. Set it where the old one is set; Tocsin could not."
                ),
            ),
        };
        self.tell(notice.with("channel", name).with("chat", to));
    }
}

fn stopped_notice(stopped: &[(&str, Fault)]) -> Fault {
    let names: Vec<&str> = stopped.iter().map(|(name, _)| *name).collect();
    let names = names.join(", ");
    let whys: Vec<&str> = stopped.iter().map(|(_, f)| f.message.as_str()).collect();
    let whys = whys.join(" ");
    let notice = Fault::new(
        "channel_stopped",
        format!("No messages go out by {names} until somebody acts: {whys} What waits is kept."),
    )
    .with("channel", &names)
    .with("count", stopped.len())
    .with("reason", &whys);
    match stopped {
        [(_, fault)] => notice.with("cause", &fault.code),
        _ => notice,
    }
}
