//! Messages: what waits, what went out, what failed.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::status::Nothing;
use crate::app::App;
use crate::error::Fault;
use crate::events::Event;
use crate::model::{Delivery, DeliveryId};
use crate::store::deliveries;

/// A delivery in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct DeliveryRow {
    /// The delivery.
    pub delivery: Delivery,
    /// What it speaks of: the title of its first alert.
    pub title: String,
    /// Its alerts.
    pub alerts: u32,
}

/// Names a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DeliveryRef {
    /// Which.
    pub id: DeliveryId,
}

/// Deliveries that the list shows.
const SHOWN: u32 = 200;

pub(super) async fn deliveries_list(app: &App, _: Nothing) -> Result<Vec<DeliveryRow>, Fault> {
    let found = app.db().read(|r| deliveries::newest(r, SHOWN)).await?;
    Ok(found
        .into_iter()
        .map(|(delivery, title, alerts)| DeliveryRow {
            delivery,
            title,
            alerts,
        })
        .collect())
}

pub(super) async fn delivery_resend(app: &App, request: DeliveryRef) -> Result<Nothing, Fault> {
    let now = app.now();
    let done = app
        .db()
        .write(move |w| deliveries::resend(w, request.id, now))
        .await?;
    app.wake_outbox();
    answer(app, done)
}

pub(super) async fn delivery_drop(app: &App, request: DeliveryRef) -> Result<Nothing, Fault> {
    let done = app
        .db()
        .write(move |w| deliveries::give_up(w, request.id))
        .await?;
    answer(app, done)
}

fn answer(app: &App, done: bool) -> Result<Nothing, Fault> {
    if !done {
        return Err(Fault::new(
            "delivery_not_open",
            "This message neither failed nor is its fate unknown.",
        ));
    }
    app.events().send(Event::DeliveriesChanged);
    Ok(Nothing {})
}
