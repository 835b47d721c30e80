//! Who may change what: in a private chat its owner, elsewhere administrators, and a channel's from a private chat with the bot.

use std::time::Duration;

use teloxide::{
    ApiError, RequestError,
    requests::{JsonRequest, Request as _},
    types::{ChatId, Recipient},
};

use super::{
    Desk, Trouble,
    requests::{GetChatMember, Member},
};
use crate::domain::{
    bot_update::{Chat, ChatKind, Who},
    subscription::Address,
};

/// How long one question or answer may take: others wait behind it.
pub(super) const PATIENCE: Duration = Duration::from_secs(8);

/// Why somebody cannot speak for a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotYours {
    /// They do not run it, or there is no such channel.
    NotAdministrator,
    /// The bot may not post there.
    BotMayNotPost,
}

impl Desk {
    /// Whether somebody may change what a chat is sent.
    pub(super) async fn may_change(&self, chat: Chat, who: &Who) -> Result<bool, Trouble> {
        if chat.kind == ChatKind::Private || who.is_the_chat {
            return Ok(true);
        }
        let member = self.member(Recipient::Id(ChatId(chat.id)), who.id).await?;
        Ok(member.is_some_and(|member| member.is_administrator()))
    }

    /// Whether somebody runs a channel in which the bot may post.
    pub(super) async fn runs_channel(
        &self,
        channel: &Address,
        who: &Who,
    ) -> Result<Result<(), NotYours>, Trouble> {
        let named = || Recipient::ChannelUsername(channel.as_str().to_owned());
        let asker = self.member(named(), who.id).await?;
        if !asker.is_some_and(|member| member.is_administrator()) {
            return Ok(Err(NotYours::NotAdministrator));
        }
        let own_id = self.bot.token().split(':').next().and_then(|id| id.parse().ok());
        let bot = self.member(named(), own_id).await?;
        if !bot.is_some_and(|member| member.may_post()) {
            return Ok(Err(NotYours::BotMayNotPost));
        }
        Ok(Ok(()))
    }

    /// Somebody's membership of a chat; none where they have none, or Telegram does not tell.
    async fn member(&self, chat_id: Recipient, user: Option<i64>) -> Result<Option<Member>, Trouble> {
        let Some(user_id) = user.and_then(|id| u64::try_from(id).ok()) else {
            return Ok(None);
        };
        let request = JsonRequest::new(self.bot.clone(), GetChatMember { chat_id, user_id });
        match tokio::time::timeout(PATIENCE, request.send()).await {
            Ok(Ok(member)) => Ok(Some(member)),
            // No such chat, a list that is hidden from the bot, a bot that was thrown out.
            Ok(Err(RequestError::Api(e))) if e != ApiError::InvalidToken => Ok(None),
            Ok(Err(e)) => Err(Trouble::Api(e)),
            Err(_) => Err(Trouble::Silence),
        }
    }
}
