//! The models that are shipped: category, severity, relevance and ATT&CK technique of a text.
//!
//! One reading of a document serves all of them: its words and pairs of words are looked up once in one
//! table whose rows hold every model's weights. A model answers with a calibrated probability and can say
//! which terms spoke for and against, with their places; or it abstains and says why. Nothing here
//! reads anything but the document, so the same text always gets the same answer.

mod answer;
mod answers;
mod cvss;
mod explain;
mod features;
mod head;
mod language;
mod models;
mod section;
mod table;
mod technique;

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests;

pub use answer::{Guess, Judgement, TechniqueGuess, WeightedTerm, Why};
pub use cvss::{Bands, PARTS};
pub use features::{FeatureList, Piece, frequency, pieces, subwords};
pub use head::{Calibration, Head, Scaling, softmax};
pub use language::Reading;
pub(crate) use models::embedded_file;
pub use models::{Look, Models, TaskName};
pub use section::{CategoryPart, RelevancePart, SeverityPart, TechniquePart};
pub use table::{Table, TableWriter};
pub use technique::{NO_TECHNIQUE, TechniqueTable, sentences};
