//! The catalogue of well-known feeds. They are added by `settings_edit`.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::status::Nothing;
use crate::app::App;
use crate::error::Fault;
use crate::model::SourceId;
use crate::settings::presets::KNOWN;

/// A well-known feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Preset {
    /// Its id as a source.
    pub id: SourceId,
    /// For people.
    pub name: String,
    /// Where the feed is.
    pub url: String,
    /// Under which heading it is listed.
    pub group: String,
    /// The page that it belongs to.
    pub site: String,
    /// What it brings, in a few words.
    pub about: String,
    /// Whether it is among the sources, under its id or any other.
    pub added: bool,
}

pub(super) async fn presets_list(app: &App, _: Nothing) -> Result<Vec<Preset>, Fault> {
    let in_force = app.in_force();
    Ok(KNOWN
        .iter()
        .map(|known| Preset {
            id: SourceId::new(known.id),
            name: known.name.to_owned(),
            url: known.url.to_owned(),
            group: known.group.to_owned(),
            site: known.site.to_owned(),
            about: known.about.to_owned(),
            added: known.is_added(&in_force.settings.sources),
        })
        .collect())
}
