//! The domain's types, in the field's words (product.md). No behaviour beyond reading and writing
//! themselves; what is computed from text lives in tocsin-analysis, whose types are re-exported here.

mod alert;
mod backfill;
mod change;
mod delivery;
mod draft;
mod enrichment;
mod facts;
mod keys;
mod mute;
mod parts;
mod rule;
mod run;
mod source;
mod time;
mod triage;
mod view;

pub use alert::{Alert, AlertId, Kind};
pub use backfill::{Backfill, BackfillState};
pub use change::{Change, ChangeKind, Happened, Rating, Wording};
pub use delivery::{
    ChannelId, Delivery, DeliveryForm, DeliveryId, DeliveryState, MessageAlert, MessageProduct,
    Subject,
};
pub use draft::{BackfillStep, Body, Draft, Identity, Memory, Page, Problem, RhythmHint};
pub use enrichment::{Enrichment, EpssScore, OwaspRisk};
pub use facts::{Facts, Kev, LocalText, OtherMetric, OwaspEntry, Product, Reference, Ssvc};
pub use keys::{Facet, Flag, Flags, Keys, Measure, Moment, listed_facets, normal_value};
pub use mute::Mute;
pub use parts::Parts;
pub use rule::{DigestTimes, QuietHours, Rule, RuleId, Trigger, Weekday, When};
pub use run::{Progress, Run, RunCounts, RunNote, RunOutcome, RunTrigger};
pub use source::{Condition, Health, SourceId};
pub use time::Time;
pub use tocsin_analysis::classify::{Models, Why};
pub use tocsin_analysis::entity;
pub use tocsin_analysis::eval;
pub use tocsin_analysis::learn::LabelFrom;
pub use tocsin_analysis::model::{ModelError, ModelFile, ModelInfo};
pub use tocsin_analysis::{
    Category, CategoryBy, CvssVersion, Entity, Estimate, Explained, ExplainedBy, Explanation,
    ExploitedBy, Field, Finding, Issuer, Named, ProductRanges, Reason, Relevance, Scope, Score,
    Severity, SeverityBasis, Technique, VersionRange, Watch, WatchKind, WatchMatch, WatchPart,
    WatchProblem, WatchSet, WatchedProduct, band, best_score, check_term, check_watch,
    compare_versions,
};
pub use triage::{Act, MOST_NOTE, MOST_TAG, Note, NoteId, State, TriageId};
pub use view::{Column, Sort, View, ViewSettings};
