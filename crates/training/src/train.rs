//! `cargo xtask train`: makes the model file. A list of tasks, each of which gives its sections; the same texts
//! give the same bytes.

use std::path::PathBuf;
use std::time::Instant;

use tocsin_analysis::model::{ModelFile, ModelInfo, ModelWriter};

use crate::corpus::{Corpus, Failure};
use crate::{classifiers, entities};

/// Where the shipped file is, from the project's root.
const SHIPPED: &str = "crates/analysis/models/base.tocsin";

/// What is made, and where to.
#[derive(clap::Args)]
pub struct Arguments {
    /// The folder with the labelled texts; TOCSIN_CORPUS without it
    #[arg(long, env = "TOCSIN_CORPUS")]
    corpus: Option<PathBuf>,
    /// Where the file is written
    #[arg(long, default_value = SHIPPED)]
    out: PathBuf,
    /// Make these tasks anew and take the others' sections from the file that is there
    #[arg(long)]
    only: Vec<String>,
    /// Do not learn from the texts of dev, so that the file can be measured on them
    #[arg(long)]
    without_dev: bool,
    /// Write nothing; say whether the file is what the texts give
    #[arg(long)]
    check: bool,
}

/// One part of the model file.
pub struct Task {
    /// Its name, for `--only`.
    pub name: &'static str,
    /// Makes its sections, says what they were made from and how good they are.
    pub make: fn(&Corpus, bool, &mut ModelWriter) -> Result<(), Failure>,
    /// Its sections: those names, or what begins with one of them and a point.
    pub sections: &'static [&'static str],
    /// Its tasks' names in the header.
    pub tasks: &'static [&'static str],
}

/// All parts, in the order of the file.
const TASKS: &[Task] = &[
    Task {
        name: "classifiers",
        make: classifiers::make,
        sections: &["features", "subwords", "severity", "category", "relevance", "technique"],
        tasks: &["severity", "category", "relevance", "technique"],
    },
    Task {
        name: "entities",
        make: entities::make,
        sections: &["gazetteer", "crf"],
        tasks: &["entities"],
    },
];

/// Makes the file.
pub fn main(arguments: &Arguments) -> Result<(), Failure> {
    let Some(corpus) = &arguments.corpus else {
        eprintln!("skipped: TOCSIN_CORPUS is not set");
        return Ok(());
    };
    let corpus = Corpus::open(corpus)?;
    for wanted in &arguments.only {
        if !TASKS.iter().any(|task| task.name == wanted) {
            let names: Vec<_> = TASKS.iter().map(|task| task.name).collect();
            return Err(format!("there is no task `{wanted}`: {}", names.join(", ")));
        }
    }
    let before = std::fs::read(&arguments.out).ok();
    let bytes = make(&corpus, arguments, before.as_deref())?;
    let (path, size) = (arguments.out.display(), bytes.len());
    if arguments.check {
        return if before.as_deref() == Some(bytes.as_slice()) {
            eprintln!("{path} is what the texts give.");
            Ok(())
        } else {
            Err(format!("{path} is not what the texts give: run `cargo xtask train` and commit it"))
        };
    }
    std::fs::write(&arguments.out, &bytes).map_err(|e| format!("{path}: {e}"))?;
    eprintln!("{path}: {size} bytes");
    Ok(())
}

fn make(corpus: &Corpus, arguments: &Arguments, before: Option<&[u8]>) -> Result<Vec<u8>, Failure> {
    let mut writer = ModelWriter::new(ModelInfo::default());
    let is_wanted = |task: &Task| arguments.only.is_empty() || arguments.only.iter().any(|w| w == task.name);
    for task in TASKS {
        if is_wanted(task) {
            let start = Instant::now();
            eprintln!("{} ...", task.name);
            (task.make)(corpus, !arguments.without_dev, &mut writer)?;
            eprintln!("{}: {:.0} s", task.name, start.elapsed().as_secs_f64());
        } else {
            take(task, before, &mut writer)?;
        }
    }
    Ok(writer.finish(classifiers::NEWEST_TEXT))
}

/// Takes a task's sections from the file that is there.
fn take(task: &Task, before: Option<&[u8]>, writer: &mut ModelWriter) -> Result<(), Failure> {
    let before = before.ok_or_else(|| format!("there is no file to take `{}` from", task.name))?;
    let file = ModelFile::read(before.to_vec()).map_err(|e| e.to_string())?;
    let is_own = |section: &str| {
        let mut names = task.sections.iter();
        names.any(|name| section.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
    };
    for (name, _) in file.sections().filter(|(name, _)| is_own(name)) {
        writer.section(name, file.section(name).unwrap_or_default().to_vec());
    }
    let mut info = file.info().clone();
    info.tasks.retain(|t| task.tasks.contains(&t.task.as_str()));
    writer.info().tasks.extend(info.tasks);
    info.made_from.retain(|origin| origin.tasks.iter().any(|t| task.tasks.contains(&t.as_str())));
    for origin in info.made_from {
        writer.origin(origin);
    }
    Ok(())
}
