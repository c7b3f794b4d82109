//! Making the user's model, and deciding whether it may speak.

use super::cross::{Answer, CrossValidated, folds, measure};
use super::fit::{calibrate, fit, logistic};
use super::model::UserModel;
use super::traits::{Example, LabelFrom, Traits};
use super::{LEAST_OF_EACH, MOST_LABELS, SPEAKS_FROM, SPEAKS_OF_A_KIND_FROM};

/// How much nearer to the truth a model must be than one that knows the share of the relevant alone.
const LEARNT: f64 = 0.95;
/// The gain in F1 that the very first labels would have to show; it falls to nothing at [`TRUSTED`] labels.
const DOUBT: f64 = 0.1;
/// Labels from which what they measure is taken as it is.
const TRUSTED: f64 = 100.0;
/// Parts that are held back in turn.
const FOLDS: usize = 5;

/// What a model is made from.
#[derive(Clone, Copy, Debug)]
pub struct Teach<'a> {
    /// The labels, the newest first.
    pub examples: &'a [Example],
    /// From which probability on an alert is called relevant.
    pub threshold: f64,
}

/// Whether the user's model may speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// There are too few labels of one kind.
    Gathering,
    /// It is no better than what is said without it, so that goes on.
    HeldBack,
    /// It speaks.
    Speaking,
}

/// A model that was made, and whether it may speak.
#[derive(Clone, Debug)]
pub struct Trained {
    /// Whether it may speak.
    pub verdict: Verdict,
    /// The model; `None` while labels are gathered.
    pub model: Option<UserModel>,
    /// How it does on labels that it was not made from.
    pub cross: Option<CrossValidated>,
}

/// Shows the alert of an example again, by the example's place.
pub type ReadAgain<'a> = &'a mut dyn FnMut(usize, See<'_>);

/// Takes a look at an alert.
pub type See<'a> = &'a mut dyn FnMut(&Traits<'_>);

/// Makes a model from labels and compares it, on labels that were held back, with what is said without it.
/// `read` shows an example's alert again, by its place, to spell the terms that were chosen. `stop` is asked between steps; `None` where it says so.
#[must_use]
pub fn train(teach: Teach<'_>, read: ReadAgain<'_>, stop: &dyn Fn() -> bool) -> Option<Trained> {
    let examples = &teach.examples[..teach.examples.len().min(MOST_LABELS)];
    let judged: Vec<usize> = (0..examples.len())
        .filter(|i| examples[*i].from != LabelFrom::Watched)
        .collect();
    let of = |kind: Option<&str>, is_relevant: bool| {
        let wanted = judged.iter().map(|i| &examples[*i]);
        let wanted = wanted.filter(|e| e.is_relevant == is_relevant);
        let wanted = wanted.filter(|e| kind.is_none_or(|kind| e.kind == kind));
        u32::try_from(wanted.count()).unwrap_or(u32::MAX)
    };
    let fewest = |kind: Option<&str>| of(kind, true).min(of(kind, false));
    if of(None, true) + of(None, false) < SPEAKS_FROM || fewest(None) < LEAST_OF_EACH {
        return Some(Trained {
            verdict: Verdict::Gathering,
            model: None,
            cross: None,
        });
    }
    let folds = folds(examples, FOLDS);
    let mut held_back = vec![0.0; examples.len()];
    for fold in 0..FOLDS {
        if stop() {
            return None;
        }
        let others: Vec<&Example> = (0..examples.len())
            .filter(|i| folds[*i] != fold)
            .map(|i| &examples[i])
            .collect();
        let fitted = fit(&others)?;
        for i in (0..examples.len()).filter(|i| folds[*i] == fold) {
            held_back[i] = fitted.log_odds(&examples[i]);
        }
    }
    if stop() {
        return None;
    }
    let pairs = |but: Option<usize>| -> Vec<(f64, bool)> {
        let wanted = judged.iter().filter(|i| but != Some(folds[**i]));
        wanted
            .map(|i| (held_back[*i], examples[*i].is_relevant))
            .collect()
    };
    let by_fold: Vec<(f64, f64)> = (0..FOLDS).map(|f| calibrate(&pairs(Some(f)))).collect();
    let answer = |i: &usize, probability: f64| Answer {
        probability,
        is_relevant: examples[*i].is_relevant,
    };
    let with: Vec<Answer> = judged
        .iter()
        .map(|i| {
            let (slope, offset) = by_fold[folds[*i]];
            answer(i, logistic(slope * held_back[*i] + offset))
        })
        .collect();
    let without: Vec<Answer> = judged
        .iter()
        .map(|i| answer(i, examples[*i].without))
        .collect();
    let with_it = measure(&with, teach.threshold);
    let without_it = measure(&without, teach.threshold);
    let fitted = fit(&examples.iter().collect::<Vec<_>>())?;
    let mut kinds: Vec<String> = fitted.columns.kinds.keys().cloned().collect();
    kinds.retain(|kind| fewest(Some(kind)) >= SPEAKS_OF_A_KIND_FROM);
    // Whoever always says how many are relevant is this far from the truth: labels without rhyme teach no more.
    let share = f64::from(of(None, true)) / judged.len().max(1) as f64;
    let has_learnt = with_it.brier < LEARNT * share * (1.0 - share);
    // Few labels held back measure badly: the gain must be larger than their noise.
    let doubt = DOUBT * (1.0 - judged.len() as f64 / TRUSTED).max(0.0);
    let is_better =
        has_learnt && with_it.f1 >= without_it.f1 + doubt && with_it.brier < without_it.brier;
    let model = UserModel::new(fitted, calibrate(&pairs(None)), kinds, examples.len(), read);
    Some(Trained {
        verdict: if is_better {
            Verdict::Speaking
        } else {
            Verdict::HeldBack
        },
        cross: Some(CrossValidated {
            precision: with_it.precision,
            recall: with_it.recall,
            f1: with_it.f1,
            base_f1: without_it.f1,
            ece: with_it.ece,
            folds: FOLDS as u32,
        }),
        model: Some(model),
    })
}
