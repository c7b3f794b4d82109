//! `tocsin-replay`: the replay as a program, for the demo, `cargo xtask replay` and tests in other languages. When it
//! is ready it prints one line of JSON to stdout; what people read goes to stderr.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use chrono::{DateTime, Utc};
use clap::Parser;
use serde_json::json;
use tocsin_replay::{NvdRules, Options, RateLimit, Replay};

/// Answers as NVD, CISA, FIRST, OWASP, feeds, Slack, Telegram and a mail server do, on loopback, from recorded material.
#[derive(Debug, Parser)]
#[command(name = "tocsin-replay", version, after_help = FAULTS)]
struct Arguments {
    /// The corpus folder; the built-in fixtures without it
    dir: Option<PathBuf>,
    /// The HTTP port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// The HTTPS port on 127.0.0.1; 0 takes a free one. Asked as expired.localhost, future.localhost,
    /// wrong-host.localhost, self-signed.localhost or unknown.localhost it shows such a certificate
    #[arg(long, default_value_t = 0)]
    tls_port: u16,
    /// Where the clock starts, in RFC 3339; the newest time in the material without it
    #[arg(long)]
    start: Option<DateTime<Utc>>,
    /// NVD's limit for requests without a key, such as 5/30s; none without it
    #[arg(long, value_parser = parse_limit)]
    nvd_limit: Option<RateLimit>,
    /// A valid NVD key, may be repeated; every key is valid without it
    #[arg(long)]
    api_key: Vec<String>,
    /// Exit when stdin closes, so that the end of the parent ends this too
    #[arg(long)]
    until_stdin_closes: bool,
}

/// How to have something go wrong, for whoever runs the program.
const FAULTS: &str = r#"Faults are set by path, the longest match wins; each field is optional but the path:
  curl -d '{"path":"/rest/json","status":503,"times":2}' http://127.0.0.1:PORT/_replay/faults
  status, headers, body     answer with these: 403, 404 with "message", 429 with "retry-after" (seconds or date), 520;
                            a redirect is a status with the header "location"
  garbage_bytes             answer with so many bytes that mean nothing
  bomb_bytes, bomb_packing  answer with a body that unpacks to so many bytes: gzip, deflate, gzip-twice
  delay_ms                  wait before answering
  cut_after_bytes           close the connection in the middle of the body
  drip_ms_per_chunk, drip_chunk_bytes  send the body slowly
  times                     only so many times
  curl -X DELETE http://127.0.0.1:PORT/_replay/faults   removes them all

Slack, Telegram and mail behave as they are told; GET tells what arrived, DELETE forgets it and ends all trouble:
  curl -d '{"behaviour":{"trouble":{"kind":"error","error":"not_in_channel"},"times":2}}' http://127.0.0.1:PORT/_replay/slack
  curl -d '{"behaviour":{"trouble":{"kind":"too_many","retry_after_s":30}}}' http://127.0.0.1:PORT/_replay/telegram
  curl -d '{"data_reply":"451 4.3.0 Later"}' http://127.0.0.1:PORT/_replay/mail
  trouble          error (Slack's word, Telegram's description), status, too_many, garbage, close_untaken, close_taken,
                   cut_taken; "only" names a method, "times" how often
  random           {"seed":1,"percent":30,"troubles":[...]}
  delay_ms, answer_delay_ms   wait before looking at a request, or between taking a message and saying so
  limits (beside behaviour)   {"per_destination":{"requests":1,"window_ms":1000},"per_group":...,"per_bot":...}
  destinations (beside behaviour)   channels or chats to add"#;

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tocsin-replay: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let until_stdin_closes = arguments.until_stdin_closes;
    let replay = Replay::start(Options {
        corpus: arguments.dir,
        port: arguments.port,
        tls_port: arguments.tls_port,
        start: arguments.start,
        nvd: NvdRules {
            keys: arguments.api_key,
            limit: arguments.nvd_limit,
            ..NvdRules::default()
        },
        log: true,
        ..Options::default()
    })?;
    let ca_file = std::env::temp_dir().join(format!("tocsin-replay-{}-ca.pem", std::process::id()));
    replay.smtp().write_ca_pem(&ca_file)?;
    let announced = announce(&replay, &ca_file);
    if announced.is_ok() {
        runtime.block_on(ended(until_stdin_closes));
    }
    // The file may be gone already; the next start writes its own.
    let _ = std::fs::remove_file(&ca_file);
    announced.map_err(Into::into)
}

/// One line for programs, then a few for people.
fn announce(replay: &Replay, ca_file: &std::path::Path) -> std::io::Result<()> {
    let summary = replay.summary();
    let now = replay.now();
    let now = now.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    let smtp = replay.smtp();
    let ready = json!({
        "base_url": replay.base_url(),
        "tls_port": replay.tls_address().port(),
        "smtp": {
            "host": smtp.address().ip(),
            "port": smtp.address().port(),
            "tls_port": smtp.tls_address().port(),
            "ca_file": ca_file,
            "user": smtp.user(),
            "password": smtp.password(),
        },
        "slack": {
            "base_url": replay.url("/slack/api/"),
            "token": replay.slack().token(),
            "webhook": replay.url(&replay.slack().webhook_path()),
        },
        "telegram": {
            "base_url": replay.url("/telegram/"),
            "token": replay.telegram().token(),
        },
        "now": now,
        "cves": summary.cves,
        "feeds": summary.feeds,
        "owasp_pages": summary.owasp_pages,
    });
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{ready}")?;
    stdout.flush()?;
    eprintln!("replay at {}, where it is {now}", replay.base_url());
    eprintln!(
        "{} CVEs ({} of the last week), {} feeds, {} OWASP files",
        summary.cves, summary.cves_of_last_week, summary.feeds, summary.owasp_pages
    );
    eprintln!(
        "skipped while loading: {} files, {} records",
        summary.problems.files, summary.problems.records
    );
    eprintln!(
        "mail to {} or, with TLS, {}",
        smtp.address(),
        smtp.tls_address()
    );
    Ok(())
}

/// Returns at SIGINT, at SIGTERM, or when stdin closes if that is asked for.
async fn ended(until_stdin_closes: bool) {
    // The sender is kept to the end, or else the receiver would see it close.
    let (closed, mut at_close) = tokio::sync::mpsc::channel::<()>(1);
    if until_stdin_closes {
        let closed = closed.clone();
        // A thread of its own, for a read from a terminal cannot be cancelled; the process' end ends it.
        std::thread::spawn(move || {
            let mut stdin = std::io::stdin().lock();
            let mut rest = [0; 256];
            while matches!(stdin.read(&mut rest), Ok(read) if read > 0) {}
            let _ = closed.blocking_send(());
        });
    }
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated() => {}
        _ = at_close.recv() => {}
    }
}

#[cfg(unix)]
async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut signal) => {
            signal.recv().await;
        }
        Err(_) => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn terminated() {
    std::future::pending().await
}

/// `5/30s`: requests and the window's length in seconds.
fn parse_limit(text: &str) -> Result<RateLimit, String> {
    let parsed = text.split_once('/').and_then(|(requests, window)| {
        let window = window.strip_suffix('s').unwrap_or(window);
        Some((requests.parse().ok()?, window.parse().ok()?))
    });
    let (requests, seconds) = parsed.ok_or("write it as 5/30s")?;
    Ok(RateLimit {
        requests,
        window: Duration::from_secs(seconds),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_limit() {
        let limit = parse_limit("5/30s").map(|limit| (limit.requests, limit.window.as_secs()));
        assert_eq!(limit, Ok((5, 30)));
        assert!(parse_limit("5").is_err() && parse_limit("a/30s").is_err());
    }

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }
}
