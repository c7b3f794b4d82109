//! Linear-chain taggers.
pub mod features;
pub mod hash;
pub mod lexicon;
pub mod observe;
