//! Rules: what one would have sent. (They are changed by `settings_edit`.)

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::app::App;
use crate::error::Fault;
use crate::model::{AlertId, ChangeKind, Rule, RuleId, Severity, Time};

/// Asks what a rule would have sent in the last 30 days.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct AskBacktest {
    /// The rule, as it would be saved.
    pub rule: Rule,
    /// The rule that it replaces; `None` = it is new.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub instead_of: Option<RuleId>,
}

/// What a rule would have sent, from the stored history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Backtest {
    /// How far back it looked.
    pub days: u32,
    /// Alerts that it would have told of.
    pub alerts: u32,
    /// Changes of them.
    pub changes: u32,
    /// Of the alerts, how many at least one of its channels would not have heard of by another enabled rule.
    pub alone: u32,
    /// For each of its channels what would have gone out; a channel that is off too.
    pub channels: Vec<BacktestChannel>,
    /// One per day, the oldest first, `days` long.
    pub per_day: Vec<BacktestDay>,
    /// The newest of them, at most ten.
    pub examples: Vec<BacktestHit>,
    /// From when on there is a history: later than the first of the days where the first collection was.
    pub since: Time,
}

/// What would have gone to a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BacktestChannel {
    /// Its name.
    pub name: String,
    /// Messages at once.
    pub messages: u32,
    /// Digests.
    pub digests: u32,
    /// Alerts that a cap would have held back for a digest.
    pub capped: u32,
    /// Alerts that would have waited for the end of the quiet hours.
    pub quiet: u32,
}

/// A day of a backtest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BacktestDay {
    /// When it begins (UTC).
    pub day: Time,
    /// Alerts that it would have told of.
    pub alerts: u32,
}

/// An example.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct BacktestHit {
    /// Which alert.
    pub id: AlertId,
    /// Its stable name.
    pub uid: String,
    /// Its title.
    pub title: String,
    /// Its level now.
    pub severity: Option<Severity>,
    /// What happened.
    pub change: ChangeKind,
    /// When.
    pub at: Time,
}

pub(super) async fn rule_backtest(app: &App, ask: AskBacktest) -> Result<Backtest, Fault> {
    app.backtest(ask).await
}
