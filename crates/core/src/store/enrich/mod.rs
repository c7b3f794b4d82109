//! What sources say of alerts that other sources bring, kept whole: CISA's catalogue, EPSS' scores, OWASP's
//! maps. A file per source.

pub mod epss;
pub mod kev;
pub mod owasp;
