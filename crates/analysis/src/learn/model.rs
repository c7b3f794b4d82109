//! The user's model as it is used and kept: weights by name, so that a person can read it and a file of it
//! outlives every change of hashes.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::fit::{Fitted, ONE_OF, PLAIN, log_odds, logistic};
use super::terms;
use super::traits::Traits;
use crate::classify::WeightedTerm;
use crate::text::Span;

/// Terms of an explanation that speak for the answer.
const MOST_FOR: usize = 12;
/// Terms of an explanation that speak against it.
const MOST_AGAINST: usize = 6;
/// Places of one term that an explanation shows.
const MOST_PLACES: usize = 20;

/// What a team's decisions say about which alerts matter to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Kept", into = "Kept")]
pub struct UserModel {
    kept: Kept,
    by_hash: HashMap<u64, usize>,
}

/// As it is kept. Single precision, so that what is read again is bit for bit what was written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Kept {
    intercept: f32,
    /// The weight of the base model's log-odds, of its speaking at all, of the score, of its being there, of
    /// watches.
    plain: [f32; PLAIN],
    sources: BTreeMap<String, f32>,
    kinds: BTreeMap<String, f32>,
    categories: BTreeMap<String, f32>,
    /// Term, inverse document frequency, weight.
    terms: Vec<(String, f32, f32)>,
    slope: f32,
    offset: f32,
    /// The kinds of alerts of which it speaks.
    speaks_of: Vec<String>,
    /// Labels that it was made from.
    labels: usize,
}

/// A term that was learnt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct LearntTerm {
    /// The term, or `source:`, `kind:`, `category:` and a name.
    pub term: String,
    /// Positive: for relevance.
    pub weight: f64,
}

/// What an alert has of a model, column by column.
struct Part<'a> {
    name: std::borrow::Cow<'a, str>,
    /// Where a term stands in the list of terms.
    term: Option<usize>,
    weight: f64,
}

impl UserModel {
    pub(super) fn new(
        fitted: Fitted,
        (slope, offset): (f64, f64),
        speaks_of: Vec<String>,
        labels: usize,
        read: super::ReadAgain<'_>,
    ) -> Self {
        let Fitted {
            columns,
            weights,
            intercept,
        } = fitted;
        let named = |map: BTreeMap<String, usize>| {
            let weight = |(name, column): (String, usize)| (name, weights[column] as f32);
            map.into_iter().map(weight).collect()
        };
        let mut wanted: Vec<(u64, (usize, f32))> = columns.terms.into_iter().collect();
        wanted.sort_unstable_by_key(|(_, (column, _))| *column);
        let by_hash: HashMap<u64, usize> = wanted.iter().map(|t| t.0).zip(0..).collect();
        let mut spelt = vec![None; wanted.len()];
        for i in 0..labels {
            if spelt.iter().all(Option::is_some) {
                break;
            }
            read(i, &mut |traits| terms::spell(traits, &by_hash, &mut spelt));
        }
        let terms = wanted
            .into_iter()
            .zip(spelt)
            // One whose alert is gone cannot be named, so it is not kept.
            .filter_map(|((_, (column, idf)), term)| Some((term?, idf, weights[column] as f32)))
            .collect();
        Self::from(Kept {
            intercept: intercept as f32,
            plain: std::array::from_fn(|column| weights[column] as f32),
            sources: named(columns.sources),
            kinds: named(columns.kinds),
            categories: named(columns.categories),
            terms,
            slope: slope as f32,
            offset: offset as f32,
            speaks_of,
            labels,
        })
    }

    fn from(kept: Kept) -> Self {
        let hashes = kept.terms.iter().map(|(term, ..)| terms::hash_of(term));
        Self {
            by_hash: hashes.zip(0..).collect(),
            kept,
        }
    }

    /// Whether it was taught about alerts of this kind.
    #[must_use]
    pub fn speaks_of(&self, kind: &str) -> bool {
        self.kept.speaks_of.iter().any(|known| known == kind)
    }

    /// Labels that it was made from.
    #[must_use]
    pub fn labels(&self) -> usize {
        self.kept.labels
    }

    /// Features that it has a weight for.
    #[must_use]
    pub fn features(&self) -> usize {
        let k = &self.kept;
        PLAIN + k.sources.len() + k.kinds.len() + k.categories.len() + k.terms.len()
    }

    /// The probability that an alert matters to this team.
    #[must_use]
    pub fn probability(&self, traits: &Traits<'_>) -> f64 {
        let mut sum = f64::from(self.kept.intercept);
        self.plain_parts(traits, &mut |_, weight| sum += weight);
        self.term_parts(traits, &mut |_, weight| sum += weight);
        logistic(f64::from(self.kept.slope) * sum + f64::from(self.kept.offset))
    }

    /// What speaks most for the answer (positive) and then what speaks against it, with its places: at most 12
    /// and 6. A term is `base model`, `score`, `watches`, `source:` and so on where it is no word.
    #[must_use]
    pub fn explain(&self, traits: &Traits<'_>, is_relevant: bool) -> Vec<WeightedTerm> {
        let mut parts: Vec<Part<'_>> = Vec::new();
        self.plain_parts(traits, &mut |name, weight| {
            parts.push(Part {
                name: name.to_owned().into(),
                term: None,
                weight,
            });
        });
        self.term_parts(traits, &mut |term, weight| {
            parts.push(Part {
                name: self.kept.terms[term].0.as_str().into(),
                term: Some(term),
                weight,
            });
        });
        let towards = f64::from(self.kept.slope) * if is_relevant { 1.0 } else { -1.0 };
        for part in &mut parts {
            part.weight *= towards;
        }
        parts.sort_by(|a, b| {
            (b.weight.abs().total_cmp(&a.weight.abs())).then_with(|| a.name.cmp(&b.name))
        });
        let (mut of, mut against) = (0, 0);
        parts.retain(|part| {
            let (count, most) = if part.weight > 0.0 {
                (&mut of, MOST_FOR)
            } else {
                (&mut against, MOST_AGAINST)
            };
            *count += 1;
            *count <= most && part.weight != 0.0
        });
        parts.sort_by_key(|part| part.weight < 0.0);
        let spans = self.spans(traits, &parts);
        parts
            .into_iter()
            .zip(spans)
            .map(|(part, spans)| WeightedTerm {
                term: part.name.into_owned(),
                weight: part.weight,
                spans,
            })
            .collect()
    }

    /// What it learnt: the strongest of both signs, at most `most`.
    #[must_use]
    pub fn terms(&self, most: usize) -> Vec<LearntTerm> {
        let k = &self.kept;
        let named = |what: &'static str, map: &BTreeMap<String, f32>| {
            let term = move |(name, weight): (&String, &f32)| LearntTerm {
                term: format!("{what}:{name}"),
                weight: f64::from(*weight) * ONE_OF,
            };
            map.iter().map(term).collect::<Vec<_>>()
        };
        let mut all = named("source", &k.sources);
        all.extend(named("kind", &k.kinds));
        all.extend(named("category", &k.categories));
        all.extend(k.terms.iter().map(|(term, _, weight)| LearntTerm {
            term: term.clone(),
            weight: f64::from(*weight),
        }));
        all.sort_by(|a, b| {
            b.weight
                .total_cmp(&a.weight)
                .then_with(|| a.term.cmp(&b.term))
        });
        if all.len() > most {
            let (first, last) = (most.div_ceil(2), most / 2);
            all.drain(first..all.len() - last);
        }
        all
    }

    /// What it says of everything but the words.
    fn plain_parts(&self, traits: &Traits<'_>, hear: &mut dyn FnMut(&str, f64)) {
        let k = &self.kept;
        let plain = k.plain.map(f64::from);
        if let Some(base) = traits.base {
            hear(
                "base model",
                plain[0] * 0.5 * log_odds(base) + plain[1] * ONE_OF,
            );
        }
        if let Some(score) = traits.score {
            hear("score", plain[2] * (score / 10.0 - 0.5) + plain[3] * ONE_OF);
        }
        if traits.watch_hits > 0 {
            hear(
                "watches",
                plain[4] * f64::from(traits.watch_hits.min(3)) / 3.0,
            );
        }
        for (what, map, name) in [
            ("source", &k.sources, Some(traits.source)),
            ("kind", &k.kinds, Some(traits.kind)),
            ("category", &k.categories, traits.category),
        ] {
            if let Some((name, weight)) = name.and_then(|name| map.get_key_value(name)) {
                hear(&format!("{what}:{name}"), f64::from(*weight) * ONE_OF);
            }
        }
    }

    /// What it says of the words that it knows, whose shares are brought to length one.
    fn term_parts(&self, traits: &Traits<'_>, hear: &mut dyn FnMut(usize, f64)) {
        let weighed = terms::weigh(traits);
        let known: Vec<(usize, f64)> = weighed
            .into_iter()
            .filter_map(|(hash, share)| {
                let term = *self.by_hash.get(&hash)?;
                Some((term, f64::from(share * self.kept.terms[term].1)))
            })
            .collect();
        let length = known.iter().map(|(_, w)| w * w).sum::<f64>().sqrt();
        for (term, share) in known {
            hear(term, f64::from(self.kept.terms[term].2) * share / length);
        }
    }

    fn spans(&self, traits: &Traits<'_>, parts: &[Part<'_>]) -> Vec<Vec<Span>> {
        let wanted: HashMap<usize, usize> = parts
            .iter()
            .enumerate()
            .filter_map(|(at, part)| Some((part.term?, at)))
            .collect();
        let mut all = vec![Vec::new(); parts.len()];
        terms::places(traits.document, &mut |hash, span| {
            let part = self.by_hash.get(&hash).and_then(|term| wanted.get(term));
            if let Some(spans) = part.map(|part| &mut all[*part])
                && spans.len() < MOST_PLACES
            {
                spans.push(span);
            }
        });
        all
    }
}

impl TryFrom<Kept> for UserModel {
    type Error = &'static str;

    fn try_from(kept: Kept) -> Result<Self, Self::Error> {
        let maps = [&kept.sources, &kept.kinds, &kept.categories];
        let mut weights = maps
            .iter()
            .flat_map(|map| map.values().copied())
            .chain(kept.terms.iter().flat_map(|(_, idf, w)| [*idf, *w]))
            .chain(kept.plain)
            .chain([kept.intercept, kept.slope, kept.offset]);
        if !weights.all(f32::is_finite) {
            return Err("a weight is no number");
        }
        Ok(Self::from(kept))
    }
}

impl From<UserModel> for Kept {
    fn from(model: UserModel) -> Self {
        model.kept
    }
}
