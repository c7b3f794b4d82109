//! Messages: what waits, what went out, what failed.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::model::{Delivery, DeliveryId};

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
