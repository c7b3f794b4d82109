//! Learning from triage: after feedback the user's model is made anew in the background, compared with what is
//! said without it, and put in force only where it is no worse. One at a time, off the async threads, and
//! nobody waits for it.
//!
//! The model and what is said of it are in the database, beside the labels: a backup has them together,
//! and a restored one speaks as it did.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::analyse::learn::{
    CrossValidated, Example, MOST_LABELS, ReadError, Teach, Trained, Traits, UserModel, Verdict,
    train,
};
use crate::analyse::{Analyser, Document};
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::App;
use crate::error::Fault;
use crate::events::Event;
use crate::model::{AlertId, Time};
use crate::store::labels::{self, Label};
use crate::store::{Read, StoreError, alerts};

/// Nobody gave feedback for so long: then it is learnt from.
const QUIET: Duration = Duration::from_millis(1_500);
/// Feedback that does not end waits no longer than this.
const MOST_WAIT: Duration = Duration::from_secs(20);
/// Bytes of a text that are kept to spell the terms: only its beginning is learnt from.
const KEPT_BYTES: usize = 4_000;
/// The notice of a model that cannot be read.
const DAMAGED: &str = "user_model_damaged";

const MODEL: &str = "model";
const REPORT: &str = "report";

/// Whether the user's model speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum UserModelState {
    /// Nobody said anything yet.
    #[default]
    None,
    /// There are too few labels.
    Gathering,
    /// It speaks.
    Speaking,
    /// It is no better than what is said without it, which goes on.
    HeldBack,
}

/// What is kept of the last training beside the model.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Report {
    pub state: UserModelState,
    pub trained: Option<Time>,
    pub cross: Option<CrossValidated>,
    /// Whether the model came from a file: it speaks until labels of this place make one.
    #[serde(default)]
    pub imported: bool,
}

#[derive(Default)]
pub(super) struct Learning {
    wake: Notify,
    is_training: AtomicBool,
}

impl App {
    /// Puts the stored model in force; one that cannot be read is a notice.
    pub(super) async fn load_user_model(&self) -> Result<(), StoreError> {
        let (bytes, report) = self
            .db()
            .read(|r| Ok((labels::learnt(r, MODEL)?, report(r)?)))
            .await?;
        // What stopped the work of another file, or a start before this one, says nothing here.
        self.forget_stop();
        let mut user = None;
        match bytes.map(|bytes| UserModel::read(&bytes)).transpose() {
            Ok(model) => {
                self.take_back(DAMAGED);
                if report.state == UserModelState::Speaking {
                    user = model.map(Arc::new);
                }
            }
            Err(error) => {
                let fault = damaged(&error);
                tracing::error!("{fault}");
                self.tell(fault);
            }
        }
        self.speak(user);
        Ok(())
    }

    fn speak(&self, user: Option<Arc<UserModel>>) {
        let threshold = self.in_force().settings.analysis.threshold;
        self.0
            .pipeline
            .analyser
            .change(|analyser| analyser.with_user(user).with_threshold(threshold));
        self.reanalyse_soon();
    }

    pub(super) fn start_learning(&self) {
        let app = self.clone();
        let cancel = self.token();
        self.track(async move {
            loop {
                tokio::select! {
                    () = cancel.cancelled() => return,
                    () = app.0.learning.wake.notified() => {}
                }
                if app.wait_for_quiet(&cancel).await {
                    return;
                }
                if let Err(fault) = app.retrain().await
                    && !cancel.is_cancelled()
                {
                    tracing::error!("the user's model could not be made: {fault}");
                }
            }
        });
    }

    /// Whether the app stops meanwhile.
    async fn wait_for_quiet(&self, cancel: &CancellationToken) -> bool {
        let latest = tokio::time::Instant::now() + MOST_WAIT;
        loop {
            tokio::select! {
                () = cancel.cancelled() => return true,
                () = self.0.learning.wake.notified() => {}
                () = tokio::time::sleep(QUIET) => return false,
                () = tokio::time::sleep_until(latest) => return false,
            }
        }
    }

    /// Somebody said something of an alert.
    pub(crate) fn learn_soon(&self) {
        self.0.learning.wake.notify_one();
    }

    /// Whether a model is being made.
    pub(crate) fn is_training(&self) -> bool {
        self.0.learning.is_training.load(Ordering::Relaxed)
    }

    /// Makes the user's model from all labels and decides whether it speaks. A call while another one is at
    /// work is done behind it.
    ///
    /// # Errors
    /// `work_cancelled`, or where the database fails.
    pub(crate) async fn retrain(&self) -> Result<(), Fault> {
        let _one = self.0.training.lock().await;
        let _shown = Shown::begin(self);
        let hold = self.hold().await;
        let analyser = self.0.pipeline.analyser.get();
        let threshold = analyser.threshold();
        let lessons = {
            let analyser = Arc::clone(&analyser);
            self.db().read(move |r| lessons(r, &analyser)).await?
        };
        let stop = self.token();
        let leave = hold.leave.clone();
        let trained = tokio::task::spawn_blocking(move || {
            let stop = || stop.is_cancelled() || leave.is_cancelled();
            teach(&lessons, threshold, &stop).map(|trained| (trained, lessons.len()))
        })
        .await
        .map_err(|_| Fault::new("training_failed", "The user's model could not be made."))?;
        let Some((trained, labels)) = trained else {
            return Err(Fault::new("work_cancelled", "It was stopped."));
        };
        let now = self.now();
        let (kept, user) = self
            .db()
            .write(move |w| {
                let before = report(w)?;
                let is_only_imported = before.imported && trained.verdict == Verdict::Gathering;
                if is_only_imported {
                    return Ok((before, None));
                }
                let report = Report {
                    state: match trained.verdict {
                        Verdict::Gathering if labels == 0 => UserModelState::None,
                        Verdict::Gathering => UserModelState::Gathering,
                        Verdict::HeldBack => UserModelState::HeldBack,
                        Verdict::Speaking => UserModelState::Speaking,
                    },
                    trained: Some(now),
                    cross: trained.cross,
                    imported: false,
                };
                let bytes = trained.model.as_ref().map(UserModel::write);
                labels::set_learnt(w, MODEL, bytes.as_deref())?;
                put_report(w, &report)?;
                Ok((report, Some(trained.model)))
            })
            .await?;
        if let Some(model) = user {
            self.take_back(DAMAGED);
            let speaks = kept.state == UserModelState::Speaking;
            self.speak(model.filter(|_| speaks).map(Arc::new));
        }
        Ok(())
    }

    /// Forgets all labels and the model made of them.
    ///
    /// # Errors
    /// Where the database fails.
    pub(crate) async fn unlearn(&self) -> Result<(), Fault> {
        let _one = self.0.training.lock().await;
        let _hold = self.hold().await;
        self.db().write(labels::forget).await?;
        self.take_back(DAMAGED);
        self.speak(None);
        self.events().send(Event::WorkChanged);
        self.events().send(Event::TriageChanged);
        Ok(())
    }

    /// Puts a model from a file in force, with what its makers said of alerts that are stored here.
    ///
    /// # Errors
    /// Where the database fails.
    pub(crate) async fn take_model(
        &self,
        model: UserModel,
        said: Vec<(String, bool, Time)>,
    ) -> Result<(), Fault> {
        let one = self.0.training.lock().await;
        let now = self.now();
        let bytes = model.write();
        let taken = self
            .db()
            .write(move |w| {
                let mut taken = 0;
                for (uid, is_relevant, at) in &said {
                    taken += u32::from(labels::take_over(w, uid, *is_relevant, *at)?);
                }
                labels::set_learnt(w, MODEL, Some(&bytes))?;
                let report = Report {
                    state: UserModelState::Speaking,
                    trained: Some(now),
                    cross: None,
                    imported: true,
                };
                put_report(w, &report)?;
                Ok(taken)
            })
            .await?;
        self.take_back(DAMAGED);
        self.speak(Some(Arc::new(model)));
        drop(one);
        if taken > 0 {
            self.events().send(Event::TriageChanged);
            self.learn_soon();
        }
        self.events().send(Event::WorkChanged);
        Ok(())
    }
}

/// The model as it is kept, whether it speaks or not.
pub(crate) fn stored_model(r: &Read<'_>) -> Result<Option<UserModel>, StoreError> {
    let bytes = labels::learnt(r, MODEL)?;
    Ok(bytes.and_then(|bytes| UserModel::read(&bytes).ok()))
}

/// What is kept of the last training.
pub(crate) fn report(r: &Read<'_>) -> Result<Report, StoreError> {
    let bytes = labels::learnt(r, REPORT)?;
    Ok(bytes
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default())
}

fn put_report(w: &crate::store::Write<'_>, report: &Report) -> Result<(), StoreError> {
    let bytes = serde_json::to_vec(report).map_err(|error| StoreError::Unreadable {
        what: "report",
        reason: error.to_string(),
    })?;
    labels::set_learnt(w, REPORT, Some(&bytes))
}

/// Says that a model is being made, as long as it lives.
struct Shown<'a>(&'a App);

impl<'a> Shown<'a> {
    fn begin(app: &'a App) -> Self {
        app.0.learning.is_training.store(true, Ordering::Relaxed);
        app.events().send(Event::WorkChanged);
        Self(app)
    }
}

impl Drop for Shown<'_> {
    fn drop(&mut self) {
        self.0
            .0
            .learning
            .is_training
            .store(false, Ordering::Relaxed);
        self.0.events().send(Event::WorkChanged);
    }
}

/// A label with what is learnt from it, and its texts as far as terms are spelt by them.
struct Lesson {
    example: Example,
    title: String,
    text: String,
    products: String,
}

/// Everything that can be learnt from, the newest labels first.
fn lessons(r: &Read<'_>, analyser: &Analyser) -> Result<Vec<Lesson>, StoreError> {
    let most = u32::try_from(MOST_LABELS).unwrap_or(u32::MAX);
    let mut all = labels::given(r, 0, most)?;
    all.extend(labels::watched(r)?);
    all.truncate(MOST_LABELS);
    let mut lessons = Vec::with_capacity(all.len());
    for label in all {
        lessons.extend(lesson(r, analyser, &label)?);
    }
    Ok(lessons)
}

fn lesson(r: &Read<'_>, analyser: &Analyser, label: &Label) -> Result<Option<Lesson>, StoreError> {
    let Some(stored) = alerts::get(r, label.alert)? else {
        return Ok(None);
    };
    let AlertId(id) = label.alert;
    let example = analyser.learn_from(&stored.parts().subject(), |traits| {
        Example::new(id.unsigned_abs(), traits, label.is_relevant, label.from)
    });
    let mut text = stored.text;
    let mut end = text.len().min(KEPT_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text.shrink_to_fit();
    Ok(Some(Lesson {
        example,
        title: stored.summary.title,
        text,
        products: stored.products,
    }))
}

/// Makes a model of lessons; `None` where `stop` says so. Blocks.
fn teach(lessons: &[Lesson], threshold: f64, stop: &dyn Fn() -> bool) -> Option<Trained> {
    let examples: Vec<Example> = lessons.iter().map(|l| l.example.clone()).collect();
    let teach = Teach {
        examples: &examples,
        threshold,
    };
    train(
        teach,
        &mut |place, hear| {
            let lesson = &lessons[place];
            let document = Document::new(&lesson.title, &lesson.text);
            hear(&Traits {
                products: &lesson.products,
                ..Traits::of(&document)
            });
        },
        stop,
    )
}

fn damaged(error: &ReadError) -> Fault {
    let reason = match error {
        ReadError::NotAModel => "it is no model".to_owned(),
        ReadError::Version { found } => {
            format!("it was made by a newer version of Tocsin (format {found})")
        }
        ReadError::Damaged => "it is damaged".to_owned(),
    };
    Fault::new(
        DAMAGED,
        format!("What was learnt from your feedback cannot be used: {reason}. The labels are there: retrain in Settings, Analysis."),
    )
    .with("reason", reason)
}
