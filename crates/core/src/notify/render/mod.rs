//! Messages as words: a file for each kind of channel over common words. Pure.
//!
//! What alerts say is hostile. It is made one line where a line is meant, control characters and marks
//! that turn the reading direction are taken out, it is cut at a character, and it is escaped where it
//! stands in markup. Only http and https addresses become links.

mod mail;
mod slack;
mod telegram;
mod text;
mod toast;
mod words;

pub use mail::{Mail, mail};
pub use slack::{SlackText, slack};
pub use telegram::{TelegramText, telegram};
pub use text::{escape, line};
pub use toast::{Toast, toast};
pub(super) use words::single;

#[cfg(test)]
pub(super) mod tests;
