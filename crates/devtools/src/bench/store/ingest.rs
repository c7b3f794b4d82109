//! Filling as a ratio to the floor that `bench ingest` has too (parse the same bytes, insert the same rows),
//! and the share of each stage, one thread alone.

use std::time::Instant;

use tocsin_core::analyse::analyse;
use tocsin_core::model::{Alert, Draft, Finding, SourceId};
use tocsin_core::normalise::normalise;
use tocsin_core::pipeline::Pipeline;
use tocsin_core::source::nvd::read_page;
use tocsin_core::store::{StoreError, Write, alerts};

use super::fill::{Cves, Filling, Material, Plan, pipeline, run};
use super::report::Report;
use crate::bench::floor::{Floor, FloorTime};

/// Records that the ratio and the shares are measured on.
const PORTION: usize = 40_000;
/// How often each is measured; medians count.
const TIMES: usize = 3;
/// The pipeline may take so many times the floor.
const MOST_RATIO: f64 = 2.0;

/// How the filling of a database went.
pub fn filling(report: &mut Report, name: &str, filling: &Filling, file_mib: f64) {
    let rate = |pages: &[(usize, f64)]| {
        let (count, seconds) = pages
            .iter()
            .fold((0, 0.0), |sum, page| (sum.0 + page.0, sum.1 + page.1));
        per_second(count, seconds)
    };
    let pages = &filling.pages;
    let tenth = pages.len().div_ceil(10);
    report.value(format!("{name}.fill.cves_per_s"), "records/s", rate(pages));
    report.value(
        format!("{name}.fill.first_tenth"),
        "records/s",
        rate(&pages[..tenth]),
    );
    report.value(
        format!("{name}.fill.last_tenth"),
        "records/s",
        rate(&pages[pages.len() - tenth..]),
    );
    let (count, seconds) = filling.articles;
    let articles = per_second(count, seconds);
    report.value(format!("{name}.fill.articles_per_s"), "records/s", articles);
    if let Some(peak) = filling.peak_mib {
        report.value(format!("{name}.fill.peak_memory"), "MiB", peak);
    }
    report.value(format!("{name}.fill.file"), "MiB", file_mib);
}

#[allow(clippy::cast_precision_loss)]
fn per_second(count: usize, seconds: f64) -> f64 {
    count as f64 / seconds
}

/// The ratio and the shares, over a portion from all years.
pub fn ratio(
    runtime: &tokio::runtime::Runtime,
    material: &Material,
    plan: &Plan,
    report: &mut Report,
) -> Result<(), String> {
    let plan = plan.sample(PORTION);
    report.part(format!(
        "ingest: {} CVEs from all years, pages of 2,000, into an empty database; made anew, in the same run as its floor",
        plan.len()
    ));
    let mut walls = Vec::new();
    let mut stages = Vec::new();
    // In turns, so that both see the same machine.
    for _ in 0..TIMES {
        walls.push(runtime.block_on(wall(material, &plan))?);
        let mut stage = Stages::default();
        runtime.block_on(stage.measure(material, &plan))?;
        stages.push(stage);
    }
    walls.sort_by(f64::total_cmp);
    stages.sort_by(|a, b| a.floor.sum_s().total_cmp(&b.floor.sum_s()));
    let (wall_s, stages) = (walls[TIMES / 2], stages.swap_remove(TIMES / 2));
    let floor_s = stages.floor.sum_s();
    report.value(
        "ingest.records_per_s",
        "records/s",
        per_second(plan.len(), wall_s),
    );
    report.value(
        "ingest.floor_per_s",
        "records/s",
        per_second(plan.len(), floor_s),
    );
    report.bounded("ingest.ratio", "x", wall_s / floor_s, MOST_RATIO);
    report.note("(the bound is for a build without the learned models)");
    report.value(
        "ingest.ratio_to_floor_with_words",
        "x",
        wall_s / stages.floor_with_words.sum_s(),
    );
    report.note("(the same floor, but the texts go into a full-text index too)");
    stages.report(report, wall_s);
    Ok(())
}

/// Seconds of the pipeline, from the bytes to the commits.
async fn wall(material: &Material, plan: &Plan) -> Result<f64, String> {
    let dir = tempfile::tempdir_in(&material.home).map_err(|e| e.to_string())?;
    let pipeline = pipeline(&dir.path().join("wall.db"))?;
    let source = Cves {
        plan,
        records: &material.records,
        pages: 0..plan.pages(),
        took: Default::default(),
    };
    run(&pipeline, "nvd", &source).await?;
    pipeline.db.close().await;
    Ok(source.took().iter().map(|(_, seconds)| seconds).sum())
}

/// Seconds of each stage, one after the other.
#[derive(Default)]
struct Stages {
    parse_s: f64,
    normalise_s: f64,
    analyse_s: f64,
    store_s: f64,
    floor: FloorTime,
    floor_with_words: FloorTime,
}

impl Stages {
    async fn measure(&mut self, material: &Material, plan: &Plan) -> Result<(), String> {
        let dir = tempfile::tempdir_in(&material.home).map_err(|e| e.to_string())?;
        let pipeline = pipeline(&dir.path().join("stages.db"))?;
        for number in 0..plan.pages() {
            let page = plan.page(&material.records, number)?;
            self.page(&pipeline, &page).await?;
        }
        pipeline.db.close().await;
        let filled = dir.path().join("stages.db");
        for (with_words, time) in [(false, &mut self.floor), (true, &mut self.floor_with_words)] {
            let made = dir.path().join(format!("floor-{with_words}.db"));
            let pages = (0..plan.pages()).map(|number| plan.page(&material.records, number));
            let mut floor = Floor::of(&filled, &made, with_words).map_err(|e| e.to_string())?;
            *time = floor.run(pages)?;
        }
        Ok(())
    }

    async fn page(&mut self, pipeline: &Pipeline, page: &[u8]) -> Result<(), String> {
        let drafts = timed(&mut self.parse_s, || {
            read_page(&SourceId::new("nvd"), page).map(|read| read.drafts)
        });
        let drafts: Vec<Draft> = drafts.map_err(|fault| fault.message)?;
        let made: Vec<Alert> = timed(&mut self.normalise_s, || {
            drafts
                .into_iter()
                .filter_map(|d| normalise(d).ok())
                .collect()
        });
        let analyser = pipeline.analyser.get();
        let found: Vec<(Alert, Finding)> = timed(&mut self.analyse_s, || {
            made.into_iter()
                .map(|alert| {
                    let finding = analyse(&analyser, &alert);
                    (alert, finding)
                })
                .collect()
        });
        let now = pipeline.clock.now();
        let start = Instant::now();
        let stored = pipeline.db.write(move |w| {
            found
                .iter()
                .try_for_each(|(alert, finding)| store_new(w, alert, finding, now))
        });
        stored.await.map_err(|e: StoreError| e.to_string())?;
        self.store_s += start.elapsed().as_secs_f64();
        Ok(())
    }

    fn report(&self, report: &mut Report, wall_s: f64) {
        let stages = [
            ("parse", self.parse_s),
            ("normalise", self.normalise_s),
            ("analyse", self.analyse_s),
            ("store_and_index", self.store_s),
        ];
        let sum_s: f64 = stages.iter().map(|(_, seconds)| seconds).sum();
        for (name, seconds) in stages {
            report.value(format!("ingest.{name}_share"), "%", 100.0 * seconds / sum_s);
        }
        report.note(format!(
            "one thread alone: {} = {sum_s:.1} s; the pipeline took {wall_s:.1} s",
            stages.map(|(name, s)| format!("{name} {s:.1}")).join(" + ")
        ));
        report.note(format!(
            "the floor: parse {:.1} s + insert {:.1} s; with a full-text index insert {:.1} s",
            self.floor.parse_s, self.floor.insert_s, self.floor_with_words.insert_s
        ));
    }
}

/// What the pipeline asks of the store for a CVE that is not known yet.
fn store_new(
    w: &Write<'_>,
    alert: &Alert,
    finding: &Finding,
    now: tocsin_core::model::Time,
) -> Result<(), StoreError> {
    if alerts::known(w, &alert.uid)?.is_none() {
        alerts::insert(w, alert, finding, now, false)?;
        alerts::naming(w, &alert.uid)?;
    }
    Ok(())
}

fn timed<T>(sum_s: &mut f64, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let made = work();
    *sum_s += start.elapsed().as_secs_f64();
    made
}
