//! Text with its indicators made whole again, and the way back to the text as it stands.
//!
//! `hxxp[:]//evil[.]com` is written so that nobody follows it by mistake. All readers of indicators read the text with these
//! marks taken out, so each of them knows one form only. Nothing but marks is ever changed, and only what then
//! reads as an indicator is believed; prose that looks like a mark ("see (at) the bottom") does no harm.

mod dots;
mod marks;
mod schemes;

use std::borrow::Cow;

use marks::Mark;

/// A text without the marks that defang.
pub(super) struct Whole<'a> {
    pub text: Cow<'a, str>,
    marks: Vec<Placed>,
}

/// A mark that was taken out: its bytes in the original, and those that stand for it.
struct Placed {
    start: usize,
    end: usize,
    at: usize,
    until: usize,
}

impl<'a> Whole<'a> {
    pub fn new(original: &'a str) -> Self {
        let found = marks::find(original.as_bytes());
        if found.is_empty() {
            return Self {
                text: Cow::Borrowed(original),
                marks: Vec::new(),
            };
        }
        let mut text = String::with_capacity(original.len());
        let mut marks = Vec::with_capacity(found.len());
        let mut copied = 0;
        for Mark { start, end, with } in found {
            text.push_str(&original[copied..start]);
            let at = text.len();
            text.push_str(with);
            let until = text.len();
            marks.push(Placed {
                start,
                end,
                at,
                until,
            });
            copied = end;
        }
        text.push_str(&original[copied..]);
        Self {
            text: Cow::Owned(text),
            marks,
        }
    }

    /// Whether marks lay within a range of the text.
    pub fn is_marked(&self, start: usize, end: usize) -> bool {
        !self.marks.is_empty() && self.original(start, end).2
    }

    /// The original's bytes of a range of the text, and whether marks lay within.
    pub fn original(&self, start: usize, end: usize) -> (usize, usize, bool) {
        let first = self.marks.partition_point(|m| m.until <= start);
        let last = self.marks.partition_point(|m| m.at < end);
        let place = |at: usize, before: usize| match before.checked_sub(1) {
            Some(i) => self.marks[i].end + (at - self.marks[i].until),
            None => at,
        };
        let from = match self.marks.get(first) {
            Some(m) if m.at <= start && start < m.until => m.start,
            _ => place(start, first),
        };
        let to = match last.checked_sub(1).map(|i| &self.marks[i]) {
            Some(m) if end < m.until => m.end,
            _ => place(end, last),
        };
        (from, to, first < last)
    }
}

/// The text with the indicators in it made whole: `hxxp://evil[.]com` is `http://evil.com`.
pub fn refang(text: &str) -> String {
    let whole = Whole::new(text);
    schemes::whole(&whole.text)
}

pub(super) use schemes::{is_known as is_known_scheme, scheme_of, word_before};
