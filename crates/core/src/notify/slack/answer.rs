//! What Slack's words mean for a message and its channel.

use std::time::Duration;

use serde_json::Value;

use super::super::SendError;
use super::{Door, Slack};
use crate::http::Response;

/// A workspace has a limit of its own an hour.
const WORKSPACE_WAIT: Duration = Duration::from_secs(600);

impl Slack {
    /// What one of Slack's words means.
    pub(super) fn judge(&self, word: &str, answer: &Value, response: &Response) -> SendError {
        let place = self.place();
        let bot = self.bot();
        let service = &self.service;
        let fault = |code: &str, message: String| {
            let fault = service.fault(code, message).with("error", word);
            match self.door {
                Door::Bot { .. } => fault.with("place", &place).with("bot", &bot),
                Door::Webhook => fault,
            }
        };
        let stop = |code: &str, message: String| SendError::Stop {
            fault: fault(code, message),
        };
        match word {
            "not_in_channel" => stop(
                word,
                format!(
                    "The app is not a member of {place}. Invite the app to {place}: /invite @{bot}"
                ),
            ),
            "channel_not_found" | "user_not_found" | "channel_is_private" => stop(
                "channel_not_found",
                format!(
                    "Slack shows the app no channel {place}. Check its name in Settings, Channels; if it is private, invite the app there: /invite @{bot}"
                ),
            ),
            "is_archived" | "channel_is_archived" => stop(
                "is_archived",
                format!("{place} is archived. Unarchive it in Slack, or choose another channel."),
            ),
            "invalid_auth" | "not_allowed_token_type" => stop(
                "invalid_auth",
                "Slack does not accept the token. Copy the Bot User OAuth Token (xoxb-...) again from your app's page, OAuth & Permissions.".to_owned(),
            ),
            "not_authed" => stop(
                word,
                "No token reached Slack. Set the Bot User OAuth Token (xoxb-...) again; if that does not help, a proxy takes it away.".to_owned(),
            ),
            "token_revoked" => stop(
                word,
                "The Slack token was revoked. Install the app in the workspace again and set its new token.".to_owned(),
            ),
            "token_expired" => stop(
                word,
                "The Slack token has expired. Set a new one; without token rotation in the app's settings it lasts.".to_owned(),
            ),
            "account_inactive" => stop(
                word,
                "The app was removed from the Slack workspace, or its account was deactivated. Install it again and set its new token.".to_owned(),
            ),
            "missing_scope" => {
                let named = |key: &str| service.quoted(answer[key].as_str().unwrap_or_default());
                let needed = Some(named("needed")).filter(|n| !n.is_empty());
                let needed = needed.unwrap_or_else(|| "chat:write".to_owned());
                SendError::Stop {
                    fault: fault(
                        word,
                        format!(
                            "The Slack app lacks the scope {needed}. Add it on your app's page, OAuth & Permissions, install the app again and set its new token."
                        ),
                    )
                    .with("needed", needed),
                }
            }
            "ekm_access_denied" => stop(
                word,
                "The administrators of the Slack workspace have suspended access to its keys (EKM), so nobody can post. Ask them.".to_owned(),
            ),
            "no_service" | "no_service_id" | "no_team" | "no_active_hooks" | "team_disabled"
            | "invalid_token" => stop(
                "webhook_gone",
                "The Slack webhook does not exist any more, or was switched off. Make a new one on your app's page, Incoming Webhooks.".to_owned(),
            ),
            "action_prohibited" | "posting_to_general_channel_denied" | "no_permission"
            | "messages_tab_disabled" | "team_access_not_granted" | "access_denied"
            | "accesslimited" | "org_login_required" | "enterprise_is_restricted"
            | "two_factor_setup_required" => stop("restricted_action", restricted(&place)),
            _ if word.starts_with("restricted_action") => {
                stop("restricted_action", restricted(&place))
            }
            "ratelimited" | "rate_limited" => service.rate_limited(service.asked_wait(response)),
            "message_limit_exceeded" => {
                service.rate_limited(service.asked_wait(response).or(Some(WORKSPACE_WAIT)))
            }
            "msg_too_long" | "no_text" | "invalid_blocks" | "invalid_blocks_format"
            | "msg_blocks_too_long" | "invalid_payload" | "invalid_arguments"
            | "too_many_attachments" => SendError::Refused {
                fault: fault(
                    "message_refused",
                    format!(
                        "Slack refused this message ({word}). That is a fault of Tocsin's; the alerts are in its window."
                    ),
                ),
            },
            // `internal_error`, `fatal_error`, `request_timeout`, `service_unavailable`, `rollup_error`, and
            // whatever Slack makes up next: nothing was posted.
            _ => SendError::Retry {
                fault: fault(
                    "busy",
                    format!("Slack could not take the message ({word}). It is sent again later."),
                ),
                after: service.asked_wait(response),
            },
        }
    }
}

fn restricted(place: &str) -> String {
    format!(
        "The rules of the Slack workspace do not let the app post in {place}. Ask an administrator to allow it, or choose another channel."
    )
}
