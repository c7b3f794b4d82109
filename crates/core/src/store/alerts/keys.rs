//! A stored alert as a query sees it in memory: the same as the index has of it.

use super::Stored;
use crate::model::{Facet, Flag, Flags, Keys, Kind, listed_facets, normal_value};
use crate::store::row::level_word;

impl Stored {
    /// What a query can ask of it besides its words: the same as the index has.
    #[must_use]
    pub fn keys(&self) -> Keys {
        let row = &self.summary;
        let mut facets = listed_facets(&self.facts, &self.finding, &row.tags, &self.risks);
        let singles = [
            (Facet::Severity, row.severity.map(level_word)),
            (Facet::Kind, Some(row.kind.as_str())),
            (Facet::Source, Some(row.source.as_str())),
            (Facet::State, Some(row.state.as_str())),
            (Facet::Category, row.category.as_deref()),
        ];
        let single = |(facet, word): (Facet, Option<&str>)| Some((facet, normal_value(word?)));
        facets.extend(singles.into_iter().filter_map(single));
        facets.sort_unstable();
        let is_unscored = row.kind == Kind::Vulnerability && row.score.is_none();
        Keys {
            facets,
            flags: Flags::default()
                .with(Flag::Kev, row.kev)
                .with(Flag::Exploited, row.exploited)
                .with(Flag::Ransomware, row.ransomware)
                .with(Flag::Estimated, row.estimated)
                .with(Flag::Unscored, is_unscored)
                .with(Flag::Relevant, row.is_relevant)
                .with(Flag::Unread, row.unread)
                .with(Flag::Muted, row.is_muted),
            cvss: row.score.map(|(score, ..)| score),
            epss: row.epss,
            relevance: row.relevance,
            published: row.published,
            updated: row.updated,
            added: row.added,
        }
    }
}
