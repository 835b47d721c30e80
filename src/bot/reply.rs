//! Answers out, and what Telegram's errors mean for them.

use chrono::TimeDelta;
use teloxide::{
    ApiError, RequestError,
    payloads::{AnswerCallbackQuerySetters as _, EditMessageTextSetters as _, SendMessageSetters as _},
    prelude::Requester as _,
    requests::Request,
    types::{
        CallbackQueryId, ChatId, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, MessageId,
        ParseMode, ThreadId,
    },
};

use super::{
    Desk,
    press::{Press, Wished},
    rights::PATIENCE,
    talk::Talk,
};
use crate::domain::bot_update::Chat;

/// A message with its buttons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    /// Telegram's HTML.
    pub html: String,
    /// Buttons, row by row.
    pub rows: Vec<Vec<Button>>,
}

/// A button under a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Button {
    /// Says something to the bot.
    Press(String, Press),
    /// Opens an address.
    Open(String, String),
}

/// What the bot answers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Answer {
    /// Shown for a moment to whoever pressed a button; with word whether they have to confirm that they read it.
    pub toast: Option<(String, bool)>,
    /// A message.
    pub reply: Option<Reply>,
    /// Whether it is a new one also where a button was pressed, instead of taking the place of the old.
    pub is_new: bool,
}

/// What became of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sent {
    /// It is there, or never can be.
    Settled,
    /// To be tried again after a pause that Telegram asked for.
    Paused(TimeDelta),
    /// To be tried again: nobody knows whether it arrived, or it did not.
    Unsure,
    /// Nothing can be written there any more.
    Gone,
    /// The group has this id now.
    Moved(i64),
}

impl Reply {
    /// A message without buttons.
    pub fn text(html: impl Into<String>) -> Self {
        Self {
            html: html.into(),
            rows: Vec::new(),
        }
    }

    /// With one more row of buttons that say something to the bot.
    #[must_use]
    pub fn row<L: Into<String>>(mut self, buttons: impl IntoIterator<Item = (L, Press)>) -> Self {
        let buttons = buttons.into_iter();
        self.rows.push(
            buttons
                .map(|(label, press)| Button::Press(label.into(), press))
                .collect(),
        );
        self
    }

    /// With a button that opens an address, where Telegram takes it: it refuses the whole message for a host without a dot.
    #[must_use]
    pub fn link(mut self, label: &str, address: String) -> Self {
        let is_public = url::Url::parse(&address)
            .is_ok_and(|url| url.host_str().is_some_and(|host| host.contains(['.', ':'])));
        if is_public {
            self.rows.push(vec![Button::Open(label.to_owned(), address)]);
        }
        self
    }
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        Self {
            reply: Some(reply),
            ..Self::default()
        }
    }
}

impl Answer {
    /// Word for a moment, and nothing else.
    pub fn toast(words: impl Into<String>) -> Self {
        Self {
            toast: Some((words.into(), false)),
            ..Self::default()
        }
    }

    /// The same, to be confirmed.
    pub fn alert(words: impl Into<String>) -> Self {
        Self {
            toast: Some((words.into(), true)),
            ..Self::default()
        }
    }

    /// With word for a moment beside the message.
    #[must_use]
    pub fn saying(self, words: impl Into<String>) -> Self {
        Self {
            toast: Some((words.into(), false)),
            ..self
        }
    }
}

impl Desk {
    /// Sends a new message.
    pub(super) async fn say(&self, chat: Chat, reply: &Reply, channel: Option<i64>) -> Sent {
        let mut request = self
            .bot
            .send_message(ChatId(chat.id), &reply.html)
            .parse_mode(ParseMode::Html)
            .link_preview_options(no_preview());
        if let Some(thread) = chat.thread {
            request = request.message_thread_id(ThreadId(MessageId(thread)));
        }
        if !reply.rows.is_empty() {
            request = request.reply_markup(keyboard(reply, channel));
        }
        outcome(request).await
    }

    /// Puts a message into the place of another; where that cannot be changed any more, a new one.
    pub(super) async fn change(
        &self,
        talk: &Talk,
        message: i32,
        reply: &Reply,
        channel: Option<i64>,
    ) -> Sent {
        let request = self
            .bot
            .edit_message_text(ChatId(talk.chat.id), MessageId(message), &reply.html)
            .parse_mode(ParseMode::Html)
            .link_preview_options(no_preview())
            .reply_markup(keyboard(reply, channel));
        match tokio::time::timeout(PATIENCE, request.send()).await {
            Ok(Err(RequestError::Api(
                ApiError::MessageToEditNotFound | ApiError::MessageCantBeEdited | ApiError::MessageIdInvalid,
            ))) => self.say(talk.chat, reply, channel).await,
            Ok(Err(e)) => judge(&e),
            Ok(Ok(_)) => Sent::Settled,
            Err(_) => Sent::Unsure,
        }
    }

    /// Ends the waiting of whoever pressed a button.
    pub(super) async fn acknowledge(&self, query: &str, toast: Option<&(String, bool)>) -> Sent {
        let mut request = self.bot.answer_callback_query(CallbackQueryId(query.to_owned()));
        if let Some((words, is_alert)) = toast {
            // The Bot API takes 200 characters.
            request = request
                .text(words.chars().take(200).collect::<String>())
                .show_alert(*is_alert);
        }
        outcome(request).await
    }
}

fn no_preview() -> LinkPreviewOptions {
    LinkPreviewOptions {
        is_disabled: true,
        url: None,
        prefer_small_media: false,
        prefer_large_media: false,
        show_above_text: false,
    }
}

fn keyboard(reply: &Reply, channel: Option<i64>) -> InlineKeyboardMarkup {
    let button = |button: &Button| match button {
        Button::Press(label, press) => {
            let press = *press;
            let data = Wished { press, channel }.to_string();
            Some(InlineKeyboardButton::callback(label.clone(), data))
        }
        Button::Open(label, address) => {
            let address = reqwest_telegram::Url::parse(address).ok()?;
            Some(InlineKeyboardButton::url(label.clone(), address))
        }
    };
    InlineKeyboardMarkup::new(
        reply
            .rows
            .iter()
            .map(|row| row.iter().filter_map(button).collect::<Vec<_>>()),
    )
}

async fn outcome<R>(request: R) -> Sent
where
    R: Request<Err = RequestError>,
{
    match tokio::time::timeout(PATIENCE, request.send()).await {
        Ok(Ok(_)) => Sent::Settled,
        Ok(Err(e)) => judge(&e),
        Err(_) => Sent::Unsure,
    }
}

/// What an error means for an answer. None of what is logged holds a chat's id or the token.
pub(super) fn judge(error: &RequestError) -> Sent {
    match error {
        RequestError::RetryAfter(pause) => {
            Sent::Paused(TimeDelta::from_std(pause.duration()).unwrap_or(TimeDelta::minutes(1)))
        }
        RequestError::MigrateToChatId(id) => Sent::Moved(id.0),
        RequestError::Network(_) | RequestError::InvalidJson { .. } | RequestError::Io(_) => Sent::Unsure,
        RequestError::Api(api) => match api {
            // As wished already; or whoever pressed waited too long.
            ApiError::MessageNotModified | ApiError::InvalidQueryId => Sent::Settled,
            ApiError::InvalidToken => Sent::Unsure,
            ApiError::BotBlocked
            | ApiError::BotKicked
            | ApiError::BotKickedFromSupergroup
            | ApiError::BotKickedFromChannel
            | ApiError::UserDeactivated
            | ApiError::CantInitiateConversation
            | ApiError::ChatNotFound => Sent::Gone,
            other => {
                let said = other.to_string();
                let reason: String = said.chars().take(200).collect();
                tracing::warn!("The Bot API did not take an answer: {reason}");
                Sent::Settled
            }
        },
    }
}
