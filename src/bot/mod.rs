//! The bot's side of the conversation: whoever writes to it learns the chat's id, which the operator needs to add the
//! chat as a subscriber, and where the news can be read meanwhile. It keeps nothing of what people write.

use std::time::Duration;

use teloxide::{
    Bot, RequestError,
    payloads::{GetUpdatesSetters as _, SendMessageSetters as _},
    prelude::Requester as _,
    types::{AllowedUpdate, Message, ParseMode, UpdateKind},
};

/// How long the Bot API holds the line while nobody writes. Shorter than the client's own time-out.
const LONG_POLL: Duration = Duration::from_secs(10);

/// Reads what people wrote since `offset`, answers, and gives the next offset. Telegram forgets an update once a later
/// offset was asked for, so that a crash answers twice rather than never.
pub async fn answer(bot: &Bot, public_url: &str, offset: i32) -> Result<i32, RequestError> {
    let seconds = u32::try_from(LONG_POLL.as_secs()).unwrap_or(10);
    let wanted = [AllowedUpdate::Message];
    let updates = bot
        .get_updates()
        .offset(offset)
        .timeout(seconds)
        .allowed_updates(wanted)
        .await?;
    let mut next = offset;
    for update in updates {
        let after = i32::try_from(update.id.0).map_or(i32::MAX, |id| id.saturating_add(1));
        next = next.max(after);
        let UpdateKind::Message(message) = update.kind else {
            continue;
        };
        if !is_for_the_bot(&message) {
            continue;
        }
        let mut reply = bot
            .send_message(message.chat.id, text(&message, public_url))
            .parse_mode(ParseMode::Html);
        reply.message_thread_id = message.thread_id.filter(|_| message.is_topic_message);
        // Someone who blocked the bot meanwhile must not keep the others waiting.
        if let Err(e) = reply.await {
            tracing::warn!("Could not answer a message: {}", kind(&e));
        }
    }
    Ok(next)
}

/// In a private chat everything is; in a group only a command.
fn is_for_the_bot(message: &Message) -> bool {
    message.chat.is_private() || message.text().is_some_and(|text| text.starts_with('/'))
}

/// An error without what it may quote: addresses of requests hold the bot's token.
pub fn kind(e: &RequestError) -> &'static str {
    match e {
        RequestError::Api(_) => "the Bot API refused",
        RequestError::RetryAfter(_) => "the Bot API asks to wait",
        RequestError::MigrateToChatId(_) => "the chat moved",
        RequestError::Network(_) => "the Bot API cannot be reached",
        RequestError::InvalidJson { .. } => "the Bot API answered with something else than JSON",
        RequestError::Io(_) => "reading or writing failed",
    }
}

fn text(message: &Message, public_url: &str) -> String {
    let id = message.chat.id;
    let thread = message.thread_id.filter(|_| message.is_topic_message);
    let address = thread.map_or(id.to_string(), |thread| format!("{id}:{thread}"));
    let url = teloxide::utils::html::escape(public_url);
    let language = message
        .from
        .as_ref()
        .and_then(|person| person.language_code.as_deref());
    if language.is_some_and(|code| code.starts_with("en")) {
        format!(
            "Hello! The id of this chat is <code>{address}</code>. Give it to the office that runs Loa to receive news here.\n\n\
             Read the news: {url}\nFeeds for readers: {url}/feeds"
        )
    } else {
        format!(
            "Xin chào! Mã của cuộc trò chuyện này là <code>{address}</code>. Hãy gửi mã này cho đơn vị vận hành Loa để được nhận tin tại đây.\n\n\
             Đọc tin: {url}\nNguồn cấp tin cho trình đọc: {url}/feeds"
        )
    }
}
