//! What the sinks (mail, Slack, Telegram) share: what arrived, limits counted, and dice that say what fails. Nothing here
//! knows a service's format.

pub(crate) mod counts;
pub(crate) mod desk;
pub(crate) mod dice;
pub(crate) mod inbox;
pub(crate) mod trouble;
