//! Linear-chain taggers: what they see, the features that they read, and the way through.

pub mod features;
pub mod hash;
pub mod observe;
mod tagger;

pub use features::features;
pub use observe::{Seen, observe};
pub use tagger::{MOST_LABELS, Tagger, mark_of, may_follow};
