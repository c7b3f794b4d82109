//! A loopback server that answers as the real sites and services do, from recorded material.
//!
//! It knows wire formats only and depends on nothing of Tocsin's own, so that a mistake in the product cannot be
//! repeated here. Tests, the demo, the benchmarks and `cargo xtask replay` use it. It never leaves the loopback
//! interface and never writes into the corpus.
//!
//! The map: [`Replay`] is the whole, started from [`Options`]. `corpus` reads the recorded material (or the small
//! built-in fixtures), `http` answers from it, [`smtp`] receives mail, `clock` says what time it is. Where real
//! paths are served:
//!
//! | path | what |
//! |---|---|
//! | `/rest/json/cves/2.0` | NVD CVE API 2.0 |
//! | `/sites/default/files/feeds/known_exploited_vulnerabilities.json` | KEV (mirror: `/cisagov/kev-data/develop/...`) |
//! | `/epss_scores-current.csv.gz`, `/data/v1/epss` | EPSS file and API |
//! | `/Top10/...`, `/API-Security/...` | OWASP pages: every folder under `owasp/` |
//! | `/feeds/...`, `/feeds/<folder>/current.xml`, `/TheHackersNews`, `/cybersecurity-advisories/all.xml` | feeds |
//! | `/_replay/...` | clock, faults, requests and mail, for tests in other processes |

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod clock;
mod corpus;
mod error;
mod http;
mod replay;
pub mod smtp;
mod times;
mod worker;

pub use crate::corpus::Problems;
pub use crate::error::Error;
pub use crate::http::faults::Fault;
pub use crate::http::limit::{RateLimit, TooMany};
pub use crate::http::requests::Request;
pub use crate::replay::{NvdRules, Options, Replay, Summary};
pub use crate::smtp::{Message, SmtpBehaviour, SmtpOptions, SmtpSink};
