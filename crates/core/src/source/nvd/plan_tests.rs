//! Windows and pages against an NVD in memory: whatever the clock, the overlap and the crashes do, nothing
//! is missed and no window is over 120 days. The cases are the same in every run.

use std::collections::HashMap;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::backfill::Reading;
use super::plan::{Checkpoint, Got, Open};
use super::windows::Window;
use crate::model::Time;

const DAY_MS: i64 = 86_400_000;
const START: Time = Time(1_790_000_000_000);

/// NVD: its own clock, and records in the order of their publication.
struct World {
    now: Time,
    /// When each was published and last modified.
    records: Vec<(Time, Time)>,
}

impl World {
    fn new(rng: &mut StdRng, days: i64) -> Self {
        let mut records: Vec<_> = (0..rng.random_range(0..60))
            .map(|_| {
                let published = Time(START.ms() - rng.random_range(0..days * DAY_MS));
                let modified = Time(rng.random_range(published.ms()..=START.ms()));
                (published, modified)
            })
            .collect();
        records.sort_unstable();
        Self {
            now: START,
            records,
        }
    }

    /// Lets time pass; now and then a record is changed or comes.
    fn live(&mut self, rng: &mut StdRng, most_ms: i64) {
        self.now = Time(self.now.ms() + rng.random_range(1..=most_ms));
        if rng.random_bool(0.4) && !self.records.is_empty() {
            for _ in 0..rng.random_range(1..4) {
                let which = rng.random_range(0..self.records.len());
                self.records[which].1 = self.now;
            }
        }
        if rng.random_bool(0.2) {
            self.records.push((self.now, self.now));
        }
    }

    /// A page: which records, and what it says of itself.
    fn page(&self, open: Open, size: u32, of: impl Fn(&(Time, Time)) -> Time) -> (Vec<usize>, Got) {
        let Window { start, end } = open.window;
        assert!(start <= end, "{:?}", open.window);
        assert!(end.ms() - start.ms() <= 120 * DAY_MS, "{:?}", open.window);
        let found: Vec<usize> = (0..self.records.len())
            .filter(|i| (start..=end).contains(&of(&self.records[*i])))
            .collect();
        let from = found.len().min(open.next as usize);
        let to = found.len().min(from + size as usize);
        let got = Got {
            records: u32::try_from(to - from).unwrap(),
            total: Some(u32::try_from(found.len()).unwrap()),
            as_of: Some(self.now),
        };
        (found[from..to].to_vec(), got)
    }
}

/// A client's clock: right, or wrong by up to years.
fn skew(rng: &mut StdRng) -> i64 {
    match rng.random_range(0..6) {
        0 => rng.random_range(-3 * 365 * DAY_MS..0),
        1 => rng.random_range(0..3 * 365 * DAY_MS),
        2 => rng.random_range(-DAY_MS..DAY_MS),
        _ => 0,
    }
}

#[test]
fn what_is_modified_is_never_missed() {
    for seed in 0..1_500 {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut world = World::new(&mut rng, 400);
        let (overlap, first_days) = (rng.random_range(0..30), rng.random_range(0..400));
        let size = rng.random_range(1..12);
        let (mut checkpoint, mut known) = (Checkpoint::default(), HashMap::new());
        let mut begun = None;
        for _ in 0..rng.random_range(1..14) {
            let now = Time(world.now.ms() + skew(&mut rng));
            let crash = rng.random_bool(0.5).then(|| rng.random_range(0..12));
            run(
                &mut rng,
                &mut world,
                &mut checkpoint,
                &mut known,
                (now, overlap, first_days),
                size,
                crash,
            );
            begun = begun.or(checkpoint.done_to);
            // A run is due, the machine sleeps, somebody is on holiday.
            let days = if rng.random_bool(0.1) { 200 } else { 2 };
            world.live(&mut rng, days * DAY_MS);
        }
        // The clock is right again, nothing stops the run, NVD is quiet.
        world.now = world.now.plus_s(60);
        let now = world.now;
        run(
            &mut StdRng::seed_from_u64(0),
            &mut Quiet(&mut world),
            &mut checkpoint,
            &mut known,
            (now, overlap, first_days),
            size,
            None,
        );
        for (id, (_, modified)) in world.records.iter().enumerate() {
            // What is before the first window is not wanted.
            if begun.is_some_and(|begun| *modified >= begun) {
                assert_eq!(known.get(&id), Some(modified), "seed {seed}, record {id}");
            }
        }
    }
}

/// A world that can be made to stand still.
trait Living {
    fn world(&self) -> &World;
    fn live(&mut self, rng: &mut StdRng);
}

impl Living for World {
    fn world(&self) -> &World {
        self
    }
    fn live(&mut self, rng: &mut StdRng) {
        World::live(self, rng, 60_000);
    }
}

struct Quiet<'a>(&'a mut World);

impl Living for Quiet<'_> {
    fn world(&self) -> &World {
        self.0
    }
    fn live(&mut self, _: &mut StdRng) {}
}

/// One run, which a crash may end before or after a page is stored.
fn run(
    rng: &mut StdRng,
    nvd: &mut impl Living,
    checkpoint: &mut Checkpoint,
    known: &mut HashMap<usize, Time>,
    (now, overlap, first_days): (Time, u32, u32),
    size: u32,
    crash: Option<u32>,
) {
    let mut pages = 0;
    let mut remembered = checkpoint.clone();
    for mut open in remembered.work(now, overlap, first_days) {
        loop {
            let (records, got) = nvd.world().page(open, size, |r| r.1);
            let read: Vec<_> = records
                .iter()
                .map(|i| (*i, nvd.world().records[*i].1))
                .collect();
            nvd.live(rng);
            let Ok((after, is_complete)) = open.after(got) else {
                return; // An empty page: the run fails and the next one goes on.
            };
            remembered = remembered.after(after, is_complete);
            if crash.is_some_and(|at| pages >= at) && rng.random_bool(0.5) {
                return; // Before the page was stored.
            }
            known.extend(read);
            *checkpoint =
                serde_json::from_value(serde_json::to_value(&remembered).unwrap()).unwrap();
            open = after;
            pages += 1;
            if crash.is_some_and(|at| pages > at) {
                return; // After it was.
            }
            assert!(pages < 20_000, "it never ends");
            if is_complete {
                break;
            }
        }
    }
}

#[test]
fn all_years_are_read_whole_in_windows_that_touch() {
    for seed in 0..1_500 {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut world = World::new(&mut rng, 3_000);
        let from = Time(START.ms() - rng.random_range(0..3_000 * DAY_MS));
        let size = rng.random_range(1..12);
        let mut reading = Reading::new(from, START, START);
        let (mut known, mut windows, mut pages) = (HashMap::new(), Vec::new(), 0);
        while let Some(open) = (!reading.step.is_done).then(|| reading.open()).flatten() {
            if windows.last() != Some(&open.window) {
                windows.push(open.window);
            }
            let (records, got) = world.page(open, size, |r| r.0);
            world.live(&mut rng, 60_000);
            let (after, is_complete) = open.after(got).unwrap();
            let step = reading.after(open, after, is_complete).unwrap();
            // A crash before the page is stored: it is asked for again.
            if !rng.random_bool(0.2) {
                known.extend(records.into_iter().map(|i| (i, ())));
                assert!(step.at >= reading.step.at && step.at <= START);
                reading.step = step;
            }
            pages += 1;
            assert!(pages < 20_000, "it never ends");
        }
        assert!(reading.step.is_done);
        for pair in windows.windows(2) {
            assert_eq!(pair[0].end, pair[1].start, "no gap");
        }
        if let (Some(first), Some(last)) = (windows.first(), windows.last()) {
            assert_eq!((first.start, last.end), (from, START));
        }
        let wanted = |published: &Time| (from..=START).contains(published);
        let expect = world.records.iter().filter(|r| wanted(&r.0)).count();
        for (id, record) in world.records.iter().enumerate() {
            assert!(
                !wanted(&record.0) || known.contains_key(&id),
                "seed {seed}, record {id}"
            );
        }
        // Records on the edge of two windows are read twice.
        assert!(reading.step.done as usize >= expect);
    }
}

#[test]
fn a_clock_that_ran_ahead_hides_nothing_later() {
    let mut checkpoint = Checkpoint::default();
    let ahead = START.plus_s(300 * 86_400);
    let got = Got {
        records: 0,
        total: Some(0),
        as_of: Some(START),
    };
    for open in checkpoint.work(ahead, 4, 7) {
        let (after, is_complete) = open.after(got).unwrap();
        checkpoint = checkpoint.after(after, is_complete);
    }
    assert_eq!(checkpoint.done_to, Some(START), "NVD's own now");
    let later = START.plus_s(86_400);
    assert!(checkpoint.work(later, 4, 7)[0].window.start < START);
}
