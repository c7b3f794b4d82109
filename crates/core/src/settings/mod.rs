//! Settings: what can be set, its defaults, the user's file and the environment.
//!
//! Precedence, strongest first: process environment, `.env` in the config folder, `.env` in the working
//! directory (only where the caller asks for it), `settings.toml`, defaults. What the environment sets
//! is remembered with the variable's name and cannot be edited. A broken file never stops the app and
//! is never overwritten.

mod check;
pub(crate) mod dotenv;
pub mod edit;
pub(crate) mod editor;
pub mod env;
pub(crate) mod file;
mod load;
mod overlay;
mod paths;
pub mod presets;
mod reader;
mod schema;
mod zone;

pub use check::same_address;
pub(crate) use check::threshold as check_threshold;
pub(crate) use check::webhook as check_webhook;
pub use edit::Edit;
pub use env::Environment;
pub use load::{FileState, Loaded};
pub use paths::Paths;
pub(crate) use schema::is_built_in_channel;
pub use schema::{
    AnalysisSettings, ApiSettings, ChannelKind, ChannelSettings, EmailSettings, FeedSettings,
    KevSettings, Limits, NvdSettings, OwaspList, OwaspSettings, Retention, Settings, SlackSettings,
    SmtpTls, SourceKind, SourceSettings, TelegramSettings, Theme, WatchSettings,
};
pub use zone::machine_zone;
