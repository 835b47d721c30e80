//! Calls whose answers teloxide's own types are too strict about: an update or a membership with a field more or less than it
//! knows must not make the bot deaf. Sent through teloxide all the same.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use teloxide::{
    requests::Payload,
    types::{AllowedUpdate, Recipient},
};

/// `getUpdates`, as Telegram tells them.
#[derive(Debug, Clone, Serialize)]
pub(super) struct GetUpdates {
    pub offset: i64,
    /// Seconds.
    pub timeout: u32,
    pub allowed_updates: Vec<AllowedUpdate>,
}

impl Payload for GetUpdates {
    type Output = Vec<serde_json::Value>;
    const NAME: &'static str = "GetUpdates";

    fn timeout_hint(&self) -> Option<Duration> {
        Some(Duration::from_secs(u64::from(self.timeout)))
    }
}

/// `getChatMember`.
#[derive(Debug, Clone, Serialize)]
pub(super) struct GetChatMember {
    pub chat_id: Recipient,
    pub user_id: u64,
}

impl Payload for GetChatMember {
    type Output = Member;
    const NAME: &'static str = "GetChatMember";
}

/// What counts of a membership.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Member {
    status: String,
    /// Only said of administrators of channels.
    can_post_messages: Option<bool>,
}

impl Member {
    /// Whether they run the chat.
    pub fn is_administrator(&self) -> bool {
        matches!(self.status.as_str(), "creator" | "administrator")
    }

    /// Whether they may post in the channel.
    pub fn may_post(&self) -> bool {
        self.is_administrator() && self.can_post_messages != Some(false)
    }
}

/// What the bot is told of.
pub(super) fn wanted() -> Vec<AllowedUpdate> {
    vec![
        AllowedUpdate::Message,
        AllowedUpdate::CallbackQuery,
        AllowedUpdate::MyChatMember,
    ]
}
