//! The small sections of the model file: what each task needs beside the table, as JSON.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::cvss::PARTS;
use super::head::{Calibration, Head};
use crate::model::{ModelError, ModelFile};

/// Section `category`. The columns tell kinds of weaknesses apart, each of one category: texts of one weakness are
/// more alike than those of a category. A category is as probable as its kinds are together.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CategoryPart {
    /// The categories, in order.
    pub classes: Vec<String>,
    /// Columns of the kinds: `xss CWE-79`, or a category's name for all else of it.
    pub kinds: Head,
    /// Each kind's category, as its place in `classes`.
    pub category_of: Vec<usize>,
    /// Of the categories.
    pub calibration: Calibration,
}

/// Section `severity`: two opinions made one. The first is of the level as such; the second of the parts of
/// the CVSS vector, from which the level follows ([`super::cvss`]).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SeverityPart {
    /// Of the level: Low, Medium, High.
    pub level: Head,
    /// Of each part of the vector, in the order of [`PARTS`].
    pub vector: Vec<Head>,
    /// The second opinion's share, 0.0 to 1.0, in the mean of logarithms.
    pub share: f32,
    /// Of the mean.
    pub calibration: Calibration,
}

/// Section `relevance`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RelevancePart {
    /// `other`, `security`.
    pub head: Head,
    /// What one unit of a piece's weight is worth.
    pub pieces_scale: f32,
    /// The column in which known words carry what their pieces say.
    pub pieces: usize,
    /// One unit of that column in units of a piece's weight.
    pub pieces_known: f32,
    /// Its calibration.
    pub calibration: Calibration,
}

/// Section `technique`; its weights are in `technique.weights`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TechniquePart {
    /// The techniques, and last `none` for sentences that describe no technique.
    pub classes: Vec<String>,
    /// ATT&CK's name of each.
    pub names: Vec<String>,
    /// What one unit of each class's weights is worth.
    pub scale: Vec<f32>,
    /// What each class starts with.
    pub bias: Vec<f32>,
    /// Its calibration.
    pub calibration: Calibration,
    /// What is less probable is not shown.
    pub threshold: f32,
}

/// A part that can say whether its lists go together.
pub(super) trait Part: DeserializeOwned {
    fn fits(&self, columns: usize) -> bool;
}

impl Part for CategoryPart {
    fn fits(&self, columns: usize) -> bool {
        let categories = self.classes.len();
        categories > 1
            && self.kinds.fits(columns)
            && self.category_of.len() == self.kinds.classes.len()
            && (0..categories).all(|category| self.category_of.contains(&category))
            && self
                .category_of
                .iter()
                .all(|category| *category < categories)
            && self.calibration.fits(categories)
    }
}

impl Part for SeverityPart {
    fn fits(&self, columns: usize) -> bool {
        self.level.classes.len() == 3
            && self.level.fits(columns)
            && self.calibration.fits(3)
            && self.vector.len() == PARTS.len()
            && self
                .vector
                .iter()
                .zip(PARTS)
                .all(|(head, (_, values))| head.fits(columns) && head.classes.len() == values.len())
    }
}

impl Part for RelevancePart {
    fn fits(&self, columns: usize) -> bool {
        self.head.classes.len() == 2
            && self.head.fits(columns)
            && self.calibration.fits(2)
            && self.pieces < columns
    }
}

impl Part for TechniquePart {
    fn fits(&self, _: usize) -> bool {
        let classes = self.classes.len();
        classes > 1
            && self.names.len() == classes
            && self.scale.len() == classes
            && self.bias.len() == classes
            && self.calibration.fits(classes)
    }
}

/// A section of JSON; `None` if the file has none of that name.
pub(super) fn json<P: Part>(
    file: &ModelFile,
    name: &str,
    columns: usize,
) -> Result<Option<P>, ModelError> {
    let Some(bytes) = file.section(name) else {
        return Ok(None);
    };
    let part: P =
        serde_json::from_slice(bytes).map_err(|e| ModelError::malformed(name, e.to_string()))?;
    if !part.fits(columns) {
        return Err(ModelError::malformed(
            name,
            "its classes, weights and columns do not go together",
        ));
    }
    Ok(Some(part))
}
