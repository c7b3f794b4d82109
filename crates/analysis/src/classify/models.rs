//! The shipped models: read from the model file, asked about documents.

use pulp::{Arch, Simd, WithSimd};

use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

use super::answer::{Guess, Judgement, TechniqueGuess, Why};
use super::cvss::Bands;
use super::features::{FeatureList, Piece, frequency, pieces, subword_value};
use super::language::{self, Reading};
use super::section::{CategoryPart, RelevancePart, SeverityPart, TechniquePart, json};
use super::table::{LANES, Table};
use super::technique::{ONE_SENTENCE, TechniqueTable, describes_flaw, root_of};
use crate::model::{ModelError, ModelFile, ModelInfo};
use crate::text::{Document, Shape, Token, hash_word};

/// The most columns of weights that a table may have.
pub(super) const MOST_COLUMNS: usize = 64;

/// What a model is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TaskName {
    /// How bad it is.
    Severity,
    /// What kind of weakness.
    Category,
    /// Whether it is about security.
    Relevance,
    /// What attackers do.
    Technique,
}

/// The shipped models, or none.
#[derive(Debug, Default)]
pub struct Models {
    pub(super) info: ModelInfo,
    pub(super) table: Table,
    pub(super) subwords: Table,
    /// What each feature of the table is, where it is a function word.
    function_words: Vec<u8>,
    /// Function words of other languages that the table does not know.
    foreign: HashSet<u64>,
    pub(super) severity: Option<SeverityPart>,
    pub(super) category: Option<CategoryPart>,
    pub(super) relevance: Option<RelevancePart>,
    pub(super) technique: Option<(TechniquePart, TechniqueTable)>,
    pub(super) bands: Bands,
}

const ENGLISH: u8 = 1;
const FOREIGN: u8 = 2;

/// One reading of a document: everything that the models need of it.
#[derive(Clone, Debug)]
pub struct Look {
    /// What it says of the text's language.
    pub reading: Reading,
    /// Words that were read.
    pub words: usize,
    /// Each column's sum of frequency and weight.
    pub(super) sums: [f32; MOST_COLUMNS],
    /// One over the length of the vector of features.
    pub(super) norm: f32,
    /// One over the root of the number of words.
    pub(super) root: f32,
    /// Sums of weights for techniques, where they were asked for and the text is short enough to be one sentence.
    pub(super) technique: [f32; MOST_COLUMNS],
    /// What the pieces of its words say of relevance.
    pub(super) pieces: f32,
}

impl Models {
    /// At most so many words are read of a document: the head of an article says what it is about.
    pub const MOST_WORDS: usize = 1_500;
    /// Unknown words whose pieces are looked at.
    pub(super) const MOST_UNKNOWN: usize = 64;

    /// The models within the program, read once.
    ///
    /// # Errors
    /// [`ModelError`] where the file that was built in cannot be read.
    pub fn embedded() -> Result<Arc<Models>, ModelError> {
        static MODELS: OnceLock<Result<Arc<Models>, ModelError>> = OnceLock::new();
        MODELS
            .get_or_init(|| Ok(Arc::new(Self::from_file(&embedded_file()?)?)))
            .clone()
    }

    /// Models from the bytes of a model file.
    ///
    /// # Errors
    /// [`ModelError`] where it cannot be read.
    pub fn read(bytes: &[u8]) -> Result<Models, ModelError> {
        Self::from_file(&ModelFile::read(bytes.to_vec())?)
    }

    /// No models: everything abstains.
    #[must_use]
    pub fn none() -> Models {
        Models::default()
    }

    /// Models from a file that was opened. A part that is not in the file abstains.
    ///
    /// # Errors
    /// [`ModelError::Malformed`] where a section contradicts itself.
    pub fn from_file(file: &ModelFile) -> Result<Models, ModelError> {
        let table = |name: &str| match file.section(name) {
            Some(bytes) => Table::read(name, bytes),
            None => Ok(Table::default()),
        };
        let features = table("features")?;
        let columns = features.columns();
        let technique: Option<TechniquePart> = json(file, "technique", columns)?;
        let technique = match (technique, file.section("technique.weights")) {
            (Some(part), Some(bytes)) => {
                let table = TechniqueTable::read(bytes, part.classes.len())?;
                Some((part, table))
            }
            _ => None,
        };
        let mut models = Models {
            info: file.info().clone(),
            subwords: table("subwords")?,
            severity: json(file, "severity", columns)?,
            category: json(file, "category", columns)?,
            relevance: json(file, "relevance", columns)?,
            technique,
            function_words: vec![0; features.len()],
            table: features,
            ..Models::default()
        };
        for (word, is_english) in language::function_words() {
            let hash = hash_word(word);
            match models.table.find(hash) {
                Some(id) => {
                    models.function_words[id as usize] = if is_english { ENGLISH } else { FOREIGN };
                }
                None if !is_english => {
                    models.foreign.insert(hash);
                }
                None => {}
            }
        }
        Ok(models)
    }

    /// What the file says of itself; `None` without models.
    #[must_use]
    pub fn info(&self) -> Option<&ModelInfo> {
        (!self.table.is_empty()).then_some(&self.info)
    }

    /// Reads a document once for all models but that of techniques, which are read sentence by sentence.
    #[must_use]
    pub fn look(&self, document: &Document<'_>) -> Look {
        self.widely(document, false)
    }

    /// The same with techniques, where the text is short enough to be one sentence.
    pub(super) fn look_for_techniques(&self, document: &Document<'_>) -> Look {
        self.widely(document, !describes_flaw(document))
    }

    fn widely(&self, document: &Document<'_>, with_techniques: bool) -> Look {
        struct Widely<'a, 'd>(&'a Models, &'a Document<'d>, bool);
        impl WithSimd for Widely<'_, '_> {
            type Output = Look;
            #[allow(clippy::inline_always)]
            #[inline(always)]
            fn with_simd<S: Simd>(self, _: S) -> Look {
                self.0.read_words(self.1, self.2)
            }
        }
        Arch::new().dispatch(Widely(self, document, with_techniques))
    }

    /// Inlined into what `pulp` compiles for the processor's widest instructions; the results are the same.
    #[allow(clippy::inline_always)]
    #[inline(always)]
    fn read_words(&self, document: &Document<'_>, with_techniques: bool) -> Look {
        let tokens = document.tokens();
        let tokens = &tokens[..tokens.len().min(Self::MOST_WORDS)];
        let mut found = FeatureList::with_capacity(tokens.len() * 2 + 16);
        let mut look = Look {
            reading: Reading::default(),
            words: tokens.len(),
            sums: [0.0; MOST_COLUMNS],
            norm: 0.0,
            root: 0.0,
            technique: [0.0; MOST_COLUMNS],
            pieces: 0.0,
        };
        let mut unknown = 0;
        let mut singles = 0_u32;
        let technique = self
            .technique
            .as_ref()
            .filter(|_| with_techniques && tokens.len() <= ONE_SENTENCE);
        let technique = technique.map(|(_, weights)| weights);
        let pieces = listed(document, tokens);
        // Each step for all pieces at once: one waits for memory while the next is asked for.
        let ids: Vec<Option<u32>> = pieces.iter().map(|p| self.table.find(p.hash)).collect();
        let mut asked = Vec::with_capacity(if technique.is_some() { ids.len() } else { 0 });
        for (piece, id) in pieces.into_iter().zip(ids) {
            if let Some(id) = id {
                found.push(id);
            }
            let token = &tokens[piece.last];
            if !piece.is_single() || !token.shape.is_word() {
                if technique.is_some() {
                    asked.push((id, None));
                }
                continue;
            }
            singles += 1;
            if piece.part.is_none() {
                self.read_word(&mut look.reading, id, document, token);
            }
            unknown += usize::from(id.is_none());
            let is_read = unknown < Self::MOST_UNKNOWN;
            let word = piece.part.unwrap_or_else(|| document.word(token));
            if id.is_none() && is_read && !self.subwords.is_empty() {
                look.pieces += subword_value(&self.subwords, word);
            }
            if technique.is_some() {
                asked.push((id, is_read.then_some(word)));
            }
        }
        if let Some(weights) = technique {
            weights.take_all(self, &asked, &mut look.technique);
        }
        look.root = root_of(singles);
        let mut length = 0.0_f32;
        let width = self.table.columns().next_multiple_of(LANES);
        // A place of their own, so that a row is added in few steps.
        let mut sums = [0.0; MOST_COLUMNS];
        let sums = &mut sums[..width];
        let known_pieces = self
            .relevance
            .as_ref()
            .map(|part| (part.pieces, part.pieces_known));
        let (column, share) = known_pieces.unwrap_or_default();
        let mut counts = Vec::with_capacity(found.len());
        found.counted(|id, count| counts.push((id, count)));
        let value = |(id, count): &(u32, u32)| frequency(*count) * self.table.row(*id).idf();
        let values: Vec<f32> = counts.iter().map(value).collect();
        let mut known = 0.0;
        for ((id, count), value) in counts.into_iter().zip(values) {
            let row = self.table.row(id);
            length += value * value;
            add(sums, row.weights(), value);
            // Known words carry what their pieces say in a column of their own, without frequencies.
            known += count as f32 * share * f32::from(row.weights()[column].cast_signed());
        }
        look.sums[..width].copy_from_slice(sums);
        look.pieces += known;
        look.norm = if length > 0.0 {
            length.sqrt().recip()
        } else {
            0.0
        };
        look.pieces *= look.root;
        look
    }

    #[inline]
    fn read_word(
        &self,
        reading: &mut Reading,
        id: Option<u32>,
        document: &Document<'_>,
        token: &Token,
    ) {
        reading.words += 1;
        if token.shape.has(Shape::WIDE) {
            let word = document.word(token);
            if word.chars().any(language::is_other_script) {
                reading.other_script += 1;
            } else {
                reading.accented += 1;
            }
        }
        match id {
            Some(id) => {
                reading.known += 1;
                match self.function_words[id as usize] {
                    ENGLISH => reading.english += 1,
                    FOREIGN => reading.foreign += 1,
                    _ => {}
                }
            }
            None => reading.foreign += u32::from(self.foreign.contains(&token.hash)),
        }
    }

    /// All answers about a document.
    #[must_use]
    pub fn judge(&self, document: &Document<'_>) -> Judgement {
        let look = self.look_for_techniques(document);
        Judgement {
            category: self.category_of(&look),
            severity: self.severity_of(&look),
            relevance: self.relevance_of(&look),
            techniques: self.techniques_of(document, &look),
        }
    }

    /// All answers but the techniques, which are read sentence by sentence: those are empty.
    #[must_use]
    pub fn judge_but_techniques(&self, document: &Document<'_>) -> Judgement {
        let look = self.look(document);
        Judgement {
            category: self.category_of(&look),
            severity: self.severity_of(&look),
            relevance: self.relevance_of(&look),
            techniques: Ok(Vec::new()),
        }
    }

    /// What kind of weakness a document is about.
    ///
    /// # Errors
    /// [`Why`] it abstains.
    pub fn category(&self, document: &Document<'_>) -> Result<Guess, Why> {
        self.category_of(&self.look(document))
    }

    /// How bad it is.
    ///
    /// # Errors
    /// [`Why`] it abstains.
    pub fn severity(&self, document: &Document<'_>) -> Result<Guess, Why> {
        self.severity_of(&self.look(document))
    }

    /// Whether it is about security: `security` or `other`.
    ///
    /// # Errors
    /// [`Why`] it abstains.
    pub fn relevance(&self, document: &Document<'_>) -> Result<Guess, Why> {
        self.relevance_of(&self.look(document))
    }

    /// What attackers do in it: techniques above the model's threshold, most likely first.
    ///
    /// # Errors
    /// [`Why`] it abstains.
    pub fn techniques(&self, document: &Document<'_>) -> Result<Vec<TechniqueGuess>, Why> {
        self.techniques_of(document, &self.look_for_techniques(document))
    }
}

/// The pieces of a text in a list: what a closure does is not compiled for the widest instructions.
pub(super) fn listed<'a>(document: &Document<'a>, tokens: &[Token]) -> Vec<Piece<'a>> {
    let mut list = Vec::with_capacity(tokens.len() * 2 + 16);
    pieces(
        tokens,
        |token| document.word(token),
        |piece| list.push(piece),
    );
    list
}

/// Adds a row of weights, each times `value`.
#[allow(clippy::inline_always)]
#[inline(always)]
pub(super) fn add(sums: &mut [f32], weights: &[u8], value: f32) {
    for (sums, weights) in sums
        .as_chunks_mut::<LANES>()
        .0
        .iter_mut()
        .zip(weights.as_chunks::<LANES>().0)
    {
        for (sum, weight) in sums.iter_mut().zip(weights) {
            *sum += value * f32::from(weight.cast_signed());
        }
    }
}

/// The guess that follows from the probabilities of all classes; the first of equals.
pub(super) fn most_likely(all: Vec<(String, f64)>) -> Option<Guess> {
    let mut best = all.first()?;
    for candidate in &all {
        if candidate.1 > best.1 {
            best = candidate;
        }
    }
    Some(Guess {
        label: best.0.clone(),
        probability: best.1,
        all,
    })
}

/// The model file within the program.
pub(crate) fn embedded_file() -> Result<ModelFile, ModelError> {
    ModelFile::read(include_bytes!("../../models/base.tocsin").as_slice())
}
