//! The one polite HTTP client.

/// The client.
#[derive(Debug)]
pub struct Http;
