//! The one list of what an interface may ask. It feeds the dispatcher, the TypeScript types and every
//! transport (the window's IPC command, `POST /rpc`): a command without a handler does not compile.

/// Makes, from the one list, the dispatcher and the description for the interface's types.
macro_rules! commands {
    ($($(#[doc = $doc:literal])* $name:ident : $module:ident ( $request:ty ) -> $response:ty ;)*) => {
        /// Answers a command by name. Requests and responses are JSON in the shapes of its types.
        ///
        /// # Errors
        /// `unknown_command`, `bad_request` with the reason, or the command's own fault.
        pub async fn dispatch(
            app: &App,
            name: &str,
            request: serde_json::Value,
        ) -> Result<serde_json::Value, Fault> {
            recovery::refuse(app, name)?;
            match name {
                $(stringify!($name) => {
                    let request: $request = decode(name, request)?;
                    let response: $response = $module::$name(app, request).await?;
                    encode(name, &response)
                })*
                _ => Err(Fault::new(
                    "unknown_command",
                    format!("There is no command {name}."),
                )
                .with("command", name)),
            }
        }

        /// The TypeScript types of all commands and of everything that they carry.
        #[must_use]
        pub fn typescript() -> String {
            let mut types = typescript::Types::default();
            types.add::<Event>();
            types.add::<Fault>();
            $(types.command::<$request, $response>(stringify!($name), &[$($doc),*]);)*
            types.finish()
        }
    };
}

pub mod analysis;
pub mod api;
pub mod backfill;
pub mod channels;
pub mod data;
pub mod export;
pub mod feeds;
pub mod inbox;
pub mod outbox;
pub mod presets;
pub mod query;
pub mod recovery;
pub mod rules;
pub mod settings;
pub mod sources;
pub mod status;
pub mod triage;
mod typescript;
pub mod watches;

use analysis::{
    AnalysisStatus, AskLabels, AskThreshold, ExportModel, ImportModel, Labels, ThresholdPreview,
};
use backfill::BackfillStart;
use channels::{AskPreview, ChannelRef, ChannelRow, Preview, TestResult};
use data::{BackUp, Cleaned, DataStatus, Optimised, RestoreFrom, Restored};
use export::{ExportRun, Exported, ImportRun, SuggestExport, SuggestedPath};
use feeds::{Discovered, FeedDiscover, OpmlExport, OpmlExported, OpmlImport, OpmlImported};
use inbox::{AlertRef, Detail, FreshCount, ListFresh, ListOpened, ListRows, OpenList, Row};
use outbox::{ActOnFailed, AskDeliveries, Bell, Deliveries, DeliveryDetail, DeliveryRef};
use presets::Preset;
use query::{Completion, QueryComplete};
use recovery::{Recovered, Recovery};
use rules::{AskBacktest, Backtest};
use settings::{EditSettings, SetSecret, SettingsNow};
use sources::{OneOrAll, SourceRef, SourceRow};
use status::{Nothing, OpenUrl, Status, WorkRef};
use triage::{DoAct, TagCount, Triaged, Undo, Undone};
use watches::{
    MuteRow, PreviewMute, PreviewWatch, ProductSuggest, ProductSuggestion, WatchPreview, WatchRow,
};

use crate::app::App;
use crate::error::Fault;
use crate::events::Event;
use crate::import::Imported;
use crate::model::{Explanation, Run};
use crate::notify::Place;
use crate::store::backup::Backup;

commands! {
    /// The state of the whole app.
    status: status(Nothing) -> Status;
    /// Opens an address in the system's browser.
    open_url: status(OpenUrl) -> Nothing;

    /// Stops a piece of long work.
    work_cancel: status(WorkRef) -> Nothing;

    /// Opens a list: its count, and a name for asking for rows.
    list_open: inbox(OpenList) -> ListOpened;
    /// Rows of an open list.
    list_rows: inbox(ListRows) -> Vec<Row>;
    /// How many alerts came since a list was opened.
    list_fresh: inbox(ListFresh) -> FreshCount;
    /// What could be typed into the search box.
    query_complete: query(QueryComplete) -> Completion;
    /// One alert in full.
    alert_get: inbox(AlertRef) -> Detail;

    /// Why analysis says what it says of an alert, with the places in its title and text.
    alert_explain: analysis(AlertRef) -> Explanation;

    /// The models in force, and what was learnt from triage.
    analysis_status: analysis(Nothing) -> AnalysisStatus;
    /// What people said of alerts, by word or by closing them, the newest first.
    analysis_labels: analysis(AskLabels) -> Labels;
    /// Makes the user's model anew and decides whether it speaks.
    analysis_retrain: analysis(Nothing) -> Nothing;
    /// Forgets all labels and what was learnt from them; triage stays.
    analysis_reset: analysis(Nothing) -> Nothing;
    /// Writes the user's model and its labels into a file.
    analysis_export: analysis(ExportModel) -> Nothing;
    /// Puts a user's model from a file in force.
    analysis_import: analysis(ImportModel) -> Nothing;
    /// Begins to analyse all stored alerts again; how far it is stands in the status.
    analysis_reanalyse: analysis(Nothing) -> Nothing;
    /// What another threshold of relevance would change.
    analysis_threshold_preview: analysis(AskThreshold) -> ThresholdPreview;

    /// Does something to one or many alerts, as one act.
    triage_act: triage(DoAct) -> Triaged;
    /// Takes the last act back, or the one that is named.
    triage_undo: triage(Undo) -> Undone;
    /// The tags that people gave.
    tags_list: triage(Nothing) -> Vec<TagCount>;

    /// All sources with their health.
    sources_list: sources(Nothing) -> Vec<SourceRow>;
    /// The newest 50 runs of a source.
    source_runs: sources(SourceRef) -> Vec<Run>;
    /// Starts collecting; progress comes as events.
    collect_start: sources(OneOrAll) -> Nothing;
    /// Stops collecting; what is stored stays.
    collect_cancel: sources(OneOrAll) -> Nothing;

    /// The catalogue of well-known feeds. (They are added by `settings_edit`.)
    presets_list: presets(Nothing) -> Vec<Preset>;

    /// Finds the feeds of a site's address, or of a feed's, and shows what is in them.
    feed_discover: feeds(FeedDiscover) -> Discovered;
    /// Adds the feeds of a list (OPML) that are not read already.
    opml_import: feeds(OpmlImport) -> OpmlImported;
    /// Writes the feeds as a list (OPML).
    opml_export: feeds(OpmlExport) -> OpmlExported;
    /// Starts reading all years of NVD, or those from one on; how far it is stands with its source.
    backfill_start: backfill(BackfillStart) -> Nothing;
    /// Pauses it.
    backfill_pause: backfill(Nothing) -> Nothing;
    /// Goes on where it stopped.
    backfill_resume: backfill(Nothing) -> Nothing;
    /// Ends it; what was read stays.
    backfill_cancel: backfill(Nothing) -> Nothing;

    /// What is set, and by whom.
    settings_get: settings(Nothing) -> SettingsNow;
    /// Changes settings.toml.
    settings_edit: settings(EditSettings) -> Nothing;
    /// Sets or removes a secret.
    secret_set: settings(SetSecret) -> Nothing;
    /// The watches, each with what it matches. (They are changed by `settings_edit`.)
    watches_list: watches(Nothing) -> Vec<WatchRow>;
    /// The mutes, each with what it silences. (They are changed by `settings_edit`.)
    mutes_list: watches(Nothing) -> Vec<MuteRow>;
    /// What a watch would match among the alerts of the last 30 days, before it is saved.
    watch_preview: watches(PreviewWatch) -> WatchPreview;
    /// What a mute would match among the alerts of the last 30 days, before it is saved.
    mute_preview: watches(PreviewMute) -> WatchPreview;
    /// Vendors and products that are stored, for completion.
    product_suggest: watches(ProductSuggest) -> Vec<ProductSuggestion>;

    /// All channels, and how each does.
    channels_list: channels(Nothing) -> Vec<ChannelRow>;
    /// Logs in, sends a test message and says the exact cause where that fails. A good test starts a stopped
    /// channel again, and switches on one that was just connected.
    channel_test: channels(ChannelRef) -> TestResult;
    /// Places that messages could go to, as the service knows them.
    channel_places: channels(ChannelRef) -> Vec<Place>;
    /// A message of a real alert, as the channel would send it.
    channel_preview: channels(AskPreview) -> Preview;
    /// Starts a stopped channel again without a test.
    channel_resume: channels(ChannelRef) -> Nothing;
    /// What a rule would have sent in the last 30 days.
    rule_backtest: rules(AskBacktest) -> Backtest;

    /// Messages, the newest first.
    deliveries_list: outbox(AskDeliveries) -> Deliveries;
    /// A message in full, with what went out.
    delivery_get: outbox(DeliveryRef) -> DeliveryDetail;
    /// Sends a failed, unknown or expired message once more.
    delivery_resend: outbox(DeliveryRef) -> Nothing;
    /// Gives a failed, unknown, expired or waiting message up.
    delivery_drop: outbox(DeliveryRef) -> Nothing;
    /// Does that to all that failed.
    deliveries_act: outbox(ActOnFailed) -> Nothing;
    /// What rules sent anywhere, the newest first.
    bell_get: outbox(Nothing) -> Bell;
    /// Marks all of it as seen.
    bell_seen: outbox(Nothing) -> Nothing;

    /// A free path for an export.
    export_suggest: export(SuggestExport) -> SuggestedPath;
    /// Writes alerts into a file.
    export_run: export(ExportRun) -> Exported;
    /// Takes over a JSON export of Tocsin's: stored as seen, nobody is notified.
    import_run: export(ImportRun) -> Imported;

    /// What is stored, and where.
    data_status: data(Nothing) -> DataStatus;
    /// Makes a verified backup; progress is in the status.
    data_backup: data(BackUp) -> Backup;
    /// Puts a backup in the place of the database; the one from before is kept.
    data_restore: data(RestoreFrom) -> Restored;
    /// Removes now what the settings no longer keep.
    data_clean: data(Nothing) -> Cleaned;
    /// Makes the database small and quick now.
    data_optimise: data(Nothing) -> Optimised;

    /// What is damaged, and what could take its place.
    recovery_get: recovery(Nothing) -> Recovery;
    /// Puts a backup in the place of the damaged database.
    recovery_restore: recovery(RestoreFrom) -> Recovered;
    /// Puts what can still be read in the place of the damaged database.
    recovery_salvage: recovery(Nothing) -> Recovered;
    /// Puts an empty database in the place of the damaged one.
    recovery_new: recovery(Nothing) -> Recovered;
}

fn decode<T: serde::de::DeserializeOwned>(
    name: &str,
    request: serde_json::Value,
) -> Result<T, Fault> {
    serde_json::from_value(request).map_err(|error| {
        Fault::new(
            "bad_request",
            format!("The request of {name} is not of its form: {error}"),
        )
        .with("command", name)
    })
}

fn encode<T: serde::Serialize>(name: &str, response: &T) -> Result<serde_json::Value, Fault> {
    serde_json::to_value(response).map_err(|error| {
        Fault::new(
            "bad_response",
            format!("The answer of {name} could not be written: {error}"),
        )
    })
}
