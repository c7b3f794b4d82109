//! Test programs beside each other: one that waits (for a window, a clock, a process) leaves the processor to another.

use super::report::Ended;
use crate::cmd::Outcome;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Where a job's lines go.
pub type Say<'a> = &'a mut dyn FnMut(&str);

/// One program of a part.
pub struct Job<'a> {
    /// The part that it belongs to.
    pub part: &'static str,
    /// Runs it.
    pub run: Box<dyn FnOnce(Say<'_>) -> Outcome<Ended> + Send + 'a>,
}

/// What became of a job.
pub struct Done {
    pub part: &'static str,
    pub took: Duration,
    pub ended: Outcome<Ended>,
}

/// As many at once as there are processors and one more; each has threads of its own.
pub fn at_once() -> usize {
    std::thread::available_parallelism().map_or(2, |cores| (cores.get() + 1).clamp(2, 4))
}

/// Runs the jobs, `at_once` of them at a time, in their order. What a job prints is shown when it has ended, in one
/// piece; a job that is alone is heard at once.
pub fn run(jobs: Vec<Job<'_>>, at_once: usize) -> Vec<Done> {
    if jobs.len() == 1 {
        return jobs
            .into_iter()
            .map(|job| one(job, &mut |line: &str| println!("{line}")))
            .collect();
    }
    let waiting = Mutex::new(jobs.into_iter());
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..at_once {
            scope.spawn(|| {
                loop {
                    let next = lock(&waiting).next();
                    let Some(job) = next else { return };
                    let mut said = String::new();
                    let ended = one(job, &mut |line: &str| {
                        said.push_str(line);
                        said.push('\n');
                    });
                    let mut done = lock(&done);
                    print!("\n{said}");
                    done.push(ended);
                }
            });
        }
    });
    done.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn one(job: Job<'_>, say: Say<'_>) -> Done {
    let began = Instant::now();
    let ended = (job.run)(say);
    Done {
        part: job.part,
        took: began.elapsed(),
        ended,
    }
}

fn lock<T>(what: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Barrier;

    fn job<'a>(part: &'static str, run: impl FnOnce() + Send + 'a) -> Job<'a> {
        Job {
            part,
            run: Box::new(move |say| {
                run();
                say("said");
                Ok(Ended::Ok(super::super::counts::Counts::default()))
            }),
        }
    }

    #[test]
    fn jobs_run_beside_each_other_and_each_is_run_once() {
        // Neither of the two comes past the barrier without the other.
        let both = Barrier::new(2);
        let jobs = vec![
            job("a", || {
                both.wait();
            }),
            job("b", || {
                both.wait();
            }),
            job("c", || ()),
        ];
        let mut parts: Vec<&str> = run(jobs, 2).iter().map(|done| done.part).collect();
        parts.sort_unstable();
        assert_eq!(parts, ["a", "b", "c"]);
    }
}
