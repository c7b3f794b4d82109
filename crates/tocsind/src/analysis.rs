//! `tocsind analyse` and `train`.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args as ClapArgs, ValueEnum};
use tocsin_core::analyse::{TextFindings, analyse_text, built_in};
use tocsin_core::error::Fault;
use tocsin_core::model::Kind;

use crate::Place;

/// The largest text, in bytes.
const MOST_BYTES: u64 = 64 << 20;

#[derive(ClapArgs)]
pub struct AnalyseArgs {
    /// The text, as UTF-8; - reads what is piped in
    #[arg(default_value = "-")]
    file: PathBuf,
    /// A title that belongs to it
    #[arg(long, default_value = "")]
    title: String,
    /// What it is: relevance is judged of articles, by the model; of CVEs watches decide
    #[arg(long, value_enum, default_value_t = TextKind::Article)]
    kind: TextKind,
    /// Print one JSON object: finding and explanation
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum TextKind {
    Article,
    Vulnerability,
}

#[derive(ClapArgs)]
pub struct TrainArgs {
    /// Print one JSON object: the state of analysis
    #[arg(long)]
    json: bool,
}

/// With a data folder: its watches, threshold, model file and what was learnt there.
pub async fn analyse(
    place: &Place,
    has_folder: bool,
    args: AnalyseArgs,
) -> Result<ExitCode, Fault> {
    let text = read(&args.file)?;
    let kind = match args.kind {
        TextKind::Article => Kind::Article,
        TextKind::Vulnerability => Kind::Vulnerability,
    };
    let found = if has_folder {
        place.need_database()?;
        let app = place.start(false, true).await?;
        for notice in app.notices() {
            eprintln!("tocsind: {notice}");
        }
        let found = analyse_text(&app.analyser(), kind, &args.title, &text);
        app.stop().await;
        found
    } else {
        analyse_text(&built_in()?, kind, &args.title, &text)
    };
    // A reader that closes the pipe early (head) is no error.
    let _ = print(&found, args.json);
    Ok(ExitCode::SUCCESS)
}

/// Makes the user's model of the labels in the database. Needs the folder for itself.
pub async fn train(place: &Place, args: TrainArgs) -> Result<ExitCode, Fault> {
    place.need_database()?;
    place.start_logs()?;
    let app = place.start(false, false).await?;
    let trained = app.call("analysis_retrain", serde_json::json!({})).await;
    let status = app.call("analysis_status", serde_json::json!({})).await;
    app.stop().await;
    trained?;
    let status = status?;
    let user = &status["user"];
    let speaks = user["state"] == "speaking";
    let mut out = std::io::stdout().lock();
    let _ = if args.json {
        writeln!(out, "{status:#}")
    } else {
        writeln!(
            out,
            "{}: {} relevant, {} not relevant{}",
            user["state"].as_str().unwrap_or_default(),
            user["relevant"],
            user["not_relevant"],
            user["cross"]["f1"].as_f64().map_or_else(String::new, |f1| {
                format!(
                    "; F1 {f1:.3}, without it {:.3}",
                    user["cross"]["base_f1"].as_f64().unwrap_or_default()
                )
            })
        )
    };
    Ok(if speaks {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}

fn read(file: &std::path::Path) -> Result<String, Fault> {
    let unreadable = |reason: String| {
        let message = format!("{} cannot be read: {reason}.", file.display());
        Fault::new("file_unreadable", message).with("file", file.display())
    };
    let mut bytes = Vec::new();
    let read = if file.as_os_str() == "-" {
        std::io::stdin()
            .lock()
            .take(MOST_BYTES + 1)
            .read_to_end(&mut bytes)
    } else {
        std::fs::File::open(file).and_then(|f| f.take(MOST_BYTES + 1).read_to_end(&mut bytes))
    };
    read.map_err(|e| unreadable(e.to_string()))?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(unreadable(format!("it has more than {MOST_BYTES} bytes")));
    }
    String::from_utf8(bytes).map_err(|_| unreadable("it is no UTF-8".to_owned()))
}

fn print(found: &TextFindings, json: bool) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    if json {
        serde_json::to_writer_pretty(&mut out, found)?;
        return writeln!(out);
    }
    let finding = &found.finding;
    let relevance = &finding.relevance;
    writeln!(
        out,
        "relevant   {}{}",
        if relevance.is_relevant { "yes" } else { "no" },
        relevance
            .score
            .map_or_else(String::new, |p| format!("  {p:.2}"))
    )?;
    if let Some(estimate) = &finding.estimate {
        writeln!(
            out,
            "severity   {:?}  {:.2}",
            estimate.severity, estimate.probability
        )?;
    }
    if let Some(category) = &finding.category {
        let probability = category.probability.unwrap_or(1.0);
        writeln!(out, "category   {}  {probability:.2}", category.name)?;
    }
    for technique in &finding.techniques {
        writeln!(
            out,
            "technique  {}  {:.2}",
            technique.id, technique.probability
        )?;
    }
    if let Some(why) = finding.abstained {
        writeln!(out, "the models say nothing: {why:?}")?;
    }
    Ok(())
}
