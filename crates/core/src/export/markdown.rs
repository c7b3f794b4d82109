//! The report of a shift: what was chosen, how much of it is how bad and how far, then every alert. It
//! reads well on GitHub and as plain text in a terminal.
//!
//! Titles, products, reasons, notes and tags come from the net or from people. [`escape`] leaves nothing
//! in them that Markdown acts on: no link, picture, HTML, emphasis, cell of a table, heading or list.

use std::io::{self, Write};

use super::{Header, Writer, product};
use crate::model::{Issuer, Severity, State, Time};
use crate::store::alerts::Summary;
use crate::store::records::{Mark, Record};

/// Products of an alert that are listed; the rest is counted.
const MOST_PRODUCTS: usize = 10;

/// The levels in the order of the report; `None` is unscored.
const LEVELS: [Option<Severity>; 4] = [
    Some(Severity::High),
    Some(Severity::Medium),
    Some(Severity::Low),
    None,
];

/// What a report counts before it lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    counts: [[u32; State::ALL.len()]; LEVELS.len()],
    first: Option<Time>,
    last: Option<Time>,
}

impl Tally {
    /// Counts one alert.
    pub fn add(&mut self, mark: &Mark) {
        let level = LEVELS.iter().position(|l| *l == mark.severity);
        let state = State::ALL.iter().position(|s| *s == mark.state);
        if let (Some(level), Some(state)) = (level, state) {
            self.counts[level][state] += 1;
        }
        self.first = Some(self.first.map_or(mark.published, |t| t.min(mark.published)));
        self.last = Some(self.last.map_or(mark.published, |t| t.max(mark.published)));
    }

    fn total(&self) -> u32 {
        self.counts.iter().flatten().sum()
    }
}

pub(super) struct Markdown {
    header: Header,
    section: Option<Option<Severity>>,
}

impl Markdown {
    pub fn new(header: Header) -> Self {
        Self {
            header,
            section: None,
        }
    }

    fn record(&mut self, record: &Record, out: &mut dyn Write) -> io::Result<()> {
        let row = &record.stored.summary;
        if self.section != Some(row.severity) {
            self.section = Some(row.severity);
            writeln!(out, "\n## {}", level_word(row.severity))?;
        }
        writeln!(out, "\n### {}\n", heading(row))?;
        writeln!(
            out,
            "- {}: {}, published {}",
            escape(self.header.source_name(&row.source)),
            row.kind.as_str(),
            day(row.published)
        )?;
        if let Some(scores) = scores(row) {
            writeln!(out, "- {scores}")?;
        }
        if row.exploited {
            writeln!(out, "- **Exploited**{}", exploited_words(record))?;
        }
        products(record, out)?;
        writeln!(out, "- State: {}", state_line(row))?;
        if !row.tags.is_empty() {
            let tags: Vec<String> = row.tags.iter().map(|t| escape(t)).collect();
            writeln!(out, "- Tags: {}", tags.join(", "))?;
        }
        for note in &record.notes {
            writeln!(out, "- Note of {}: {}", minute(note.at), escape(&note.text))?;
        }
        match row.url.as_deref().and_then(link) {
            Some(link) => writeln!(out, "- {link}"),
            None => Ok(()),
        }
    }
}

impl Writer for Markdown {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let tally = &self.header.tally;
        writeln!(out, "# {}\n", escape(&self.header.title))?;
        let total = tally.total();
        let noun = if total == 1 { "alert" } else { "alerts" };
        write!(out, "{total} {noun}")?;
        if let (Some(first), Some(last)) = (tally.first, tally.last) {
            let (first, last) = (day(first), day(last));
            if first == last {
                write!(out, ", published on {first}")?;
            } else {
                write!(out, ", published from {first} to {last}")?;
            }
        }
        writeln!(
            out,
            ". Written by Tocsin {} on {}. Times are UTC.\n",
            escape(&self.header.version),
            minute(self.header.now)
        )?;
        table(tally, out)
    }

    fn records(&mut self, records: &[Record], out: &mut dyn Write) -> io::Result<()> {
        records
            .iter()
            .try_for_each(|record| self.record(record, out))
    }

    fn end(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

/// Counts by level and state; states that nothing has are left out.
fn table(tally: &Tally, out: &mut dyn Write) -> io::Result<()> {
    let used: Vec<usize> = (0..State::ALL.len())
        .filter(|s| tally.counts.iter().any(|level| level[*s] > 0))
        .collect();
    let mut rows: Vec<Vec<String>> = vec![vec!["Severity".into()]];
    rows[0].extend(used.iter().map(|s| state_word(State::ALL[*s]).to_owned()));
    rows[0].push("All".into());
    for (level, counts) in LEVELS.iter().zip(&tally.counts) {
        let mut row = vec![level_word(*level).to_owned()];
        row.extend(used.iter().map(|s| counts[*s].to_string()));
        row.push(counts.iter().sum::<u32>().to_string());
        rows.push(row);
    }
    let mut sums = vec!["All".to_owned()];
    for state in &used {
        let sum: u32 = tally.counts.iter().map(|level| level[*state]).sum();
        sums.push(sum.to_string());
    }
    sums.push(tally.total().to_string());
    rows.push(sums);

    let widths: Vec<usize> = (0..rows[0].len())
        .map(|c| rows.iter().map(|row| row[c].len()).max().unwrap_or(0))
        .collect();
    for (at, row) in rows.iter().enumerate() {
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            if column == 0 {
                write!(out, "| {cell:<width$} ")?;
            } else {
                write!(out, "| {cell:>width$} ")?;
            }
        }
        writeln!(out, "|")?;
        if at == 0 {
            for (column, width) in widths.iter().enumerate() {
                let end = if column == 0 { "-" } else { ":" };
                write!(out, "| {}{end} ", "-".repeat(width - 1))?;
            }
            writeln!(out, "|")?;
        }
    }
    Ok(())
}

fn heading(row: &Summary) -> String {
    match row.kind {
        crate::model::Kind::Vulnerability => {
            format!("{}: {}", escape(&row.uid), escape(&row.title))
        }
        _ => escape(&row.title),
    }
}

fn scores(row: &Summary) -> Option<String> {
    let mut parts = Vec::new();
    if let Some((score, version, issuer)) = row.score {
        let issuer = match issuer {
            Issuer::Nvd => "NVD",
            Issuer::Cna => "CNA",
            Issuer::CisaAdp => "CISA-ADP",
        };
        parts.push(format!("CVSS {} {score:.1} ({issuer})", version.as_str()));
    }
    if let Some(epss) = row.epss {
        parts.push(format!("EPSS {:.1} %", epss * 100.0));
    }
    if row.estimated {
        parts.push("severity estimated".into());
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn exploited_words(record: &Record) -> String {
    match &record.stored.facts.kev {
        Some(kev) => {
            let mut words = String::from(" (CISA KEV");
            if let Some(due) = kev.due {
                words.push_str(&format!(", due {}", day(due)));
            }
            if kev.ransomware {
                words.push_str(", used by ransomware");
            }
            words + ")"
        }
        None => " (SSVC)".into(),
    }
}

fn products(record: &Record, out: &mut dyn Write) -> io::Result<()> {
    let all = &record.stored.facts.products;
    if all.is_empty() {
        return Ok(());
    }
    let listed: Vec<String> = all
        .iter()
        .take(MOST_PRODUCTS)
        .map(|p| escape(&product(p)))
        .collect();
    write!(out, "- Products: {}", listed.join("; "))?;
    if all.len() > MOST_PRODUCTS {
        write!(out, "; and {} more", all.len() - MOST_PRODUCTS)?;
    }
    writeln!(out)
}

fn state_line(row: &Summary) -> String {
    let mut line = state_word(row.state).to_owned();
    if let Some(until) = row.until {
        line.push_str(&format!(" until {}", minute(until)));
    }
    if let Some(reason) = &row.reason {
        line.push_str(&format!(" ({})", escape(reason)));
    }
    line
}

fn level_word(severity: Option<Severity>) -> &'static str {
    match severity {
        Some(Severity::High) => "High",
        Some(Severity::Medium) => "Medium",
        Some(Severity::Low) => "Low",
        None => "Unscored",
    }
}

fn state_word(state: State) -> &'static str {
    match state {
        State::New => "New",
        State::Reviewing => "Reviewing",
        State::ActionNeeded => "Action needed",
        State::Done => "Done",
        State::NotApplicable => "Not applicable",
        State::AcceptedRisk => "Accepted risk",
        State::Snoozed => "Snoozed",
    }
}

fn day(at: Time) -> String {
    at.to_chrono().format("%Y-%m-%d").to_string()
}

fn minute(at: Time) -> String {
    at.to_chrono().format("%Y-%m-%d %H:%M").to_string()
}

/// An address as an autolink; `None` where it could end the brackets.
fn link(url: &str) -> Option<String> {
    let is_safe = url.starts_with("https://") || url.starts_with("http://");
    let is_whole = !url
        .chars()
        .any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>'));
    (is_safe && is_whole).then(|| format!("<{url}>"))
}

/// Text that Markdown shows as it is: one line, what Markdown acts on behind a backslash. `://`, `www.`
/// and `@` would become links on GitHub without any brackets; the last only stops at a joiner, which
/// shows nothing. Characters that reorder or hide are left out.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut blank = false;
    let clean = text.chars().filter(|c| !is_hidden(*c));
    for c in clean {
        if c.is_whitespace() {
            blank = !out.is_empty();
            continue;
        }
        if blank {
            out.push(' ');
            blank = false;
        }
        let acts = matches!(
            c,
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '&' | '$'
        );
        // At the beginning of a line these start a heading, a list, a rule or a quotation.
        let begins = out.is_empty() && matches!(c, '#' | '+' | '-' | '=' | ':')
            || matches!(c, '.' | ')') && out.bytes().all(|b| b.is_ascii_digit()) && !out.is_empty();
        let links = c == ':'
            && matches!(
                last_word(&out).as_str(),
                "http" | "https" | "ftp" | "mailto" | "xmpp"
            )
            || c == '.' && last_word(&out) == "www";
        if acts || begins || links {
            out.push('\\');
        }
        out.push(c);
        if c == '@' {
            out.push('\u{2060}');
        }
    }
    out
}

/// The letters at the end, in lower case.
fn last_word(text: &str) -> String {
    let letters: Vec<char> = text
        .chars()
        .rev()
        .take_while(char::is_ascii_alphabetic)
        .collect();
    letters
        .into_iter()
        .rev()
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
        || (c.is_control() && !c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_title_is_acted_on() {
        for (text, expect) in [
            ("[x](https://a.org)", "\\[x\\](https\\://a.org)"),
            ("![x](y)", "!\\[x\\](y)"),
            (
                "<img src=x onerror=alert(1)>",
                "\\<img src=x onerror=alert(1)\\>",
            ),
            ("&lt;b&gt;", "\\&lt;b\\&gt;"),
            ("a | b", "a \\| b"),
            (
                "`code` *b* _i_ ~~s~~",
                "\\`code\\` \\*b\\* \\_i\\_ \\~\\~s\\~\\~",
            ),
            ("# a", "\\# a"),
            ("- a", "\\- a"),
            ("1. a", "1\\. a"),
            ("12) a", "12\\) a"),
            ("=====", "\\====="),
            ("HTTPS://evil.example", "HTTPS\\://evil.example"),
            ("www.evil.example", "www\\.evil.example"),
            ("a@b.org", "a@\u{2060}b.org"),
            ("a\n\n# b\r\n---", "a # b ---"),
            ("back\\[slash", "back\\\\\\[slash"),
            ("pay\u{202e}load\u{200b}", "payload"),
            ("$x$", "\\$x\\$"),
            ("2.4.57 to 3.0", "2\\.4.57 to 3.0"),
        ] {
            assert_eq!(escape(text), expect, "{text:?}");
        }
    }

    #[test]
    fn only_whole_http_addresses_are_links() {
        assert_eq!(
            link("https://a.org/x").as_deref(),
            Some("<https://a.org/x>")
        );
        for bad in [
            "javascript:alert(1)",
            "https://a.org/>x",
            "https://a.org/a b",
            "x",
        ] {
            assert_eq!(link(bad), None, "{bad}");
        }
    }
}
