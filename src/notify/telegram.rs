//! Posts out: teloxide's `sendMessage`, and what its errors mean.

use std::time::Duration;

use reqwest_telegram as http;
use teloxide::{
    ApiError, Bot, RequestError,
    payloads::SendMessageSetters,
    prelude::Requester,
    requests::Request,
    types::{
        ChatId, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, MessageId, ParseMode,
        Recipient, ThreadId,
    },
};

use super::{Secret, SendError, message::Post};
use crate::domain::subscription::Address;

/// For TCP and TLS. Well inside the whole request's time, so that "never connected" is told from "never answered".
const CONNECT: Duration = Duration::from_secs(5);

/// How to reach the Bot API.
#[derive(Debug, Clone)]
pub struct TelegramSettings {
    /// The bot's token.
    pub token: Secret,
    /// Another base address than `https://api.telegram.org`: a local Bot API server.
    pub api_url: Option<String>,
    /// `http://…`, `https://…` or `socks5h://…`, where Telegram cannot be reached directly.
    pub proxy: Option<Secret>,
    /// For a whole request. Longer than the ten seconds that teloxide sleeps on a 5xx, shorter than a lease.
    pub request_timeout: Duration,
}

impl TelegramSettings {
    /// The default settings for a token.
    pub fn new(token: Secret) -> Self {
        Self {
            token,
            api_url: None,
            proxy: None,
            request_timeout: Duration::from_secs(20),
        }
    }
}

/// Settings that cannot work. They hold secrets, so nothing of them is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TelegramSettingsError {
    /// Not `123456:ABC…`.
    #[error("telegram.token does not look like a bot's token")]
    Token,
    /// Not an http or https address.
    #[error("telegram.api_url is not an http or https address")]
    ApiUrl,
    /// Not a proxy's address.
    #[error("telegram.proxy is not an http, https or socks5 address")]
    Proxy,
    /// The client cannot be built.
    #[error("cannot set up the client for Telegram")]
    Client,
}

/// The Telegram channel; clones share connections.
#[derive(Clone)]
pub struct Telegram {
    bot: Bot,
    request_timeout: Duration,
}

impl Telegram {
    /// Sets the client up; connects when it is first used.
    pub fn new(settings: &TelegramSettings) -> Result<Self, TelegramSettingsError> {
        let token = settings.token.expose().trim();
        let is_token = token.split_once(':').is_some_and(|(id, key)| {
            id.parse::<u64>().is_ok()
                && !key.is_empty()
                && key
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
        });
        if !is_token {
            return Err(TelegramSettingsError::Token);
        }
        let mut client = http::Client::builder()
            .connect_timeout(CONNECT.min(settings.request_timeout / 2))
            .timeout(settings.request_timeout)
            .tcp_nodelay(true);
        client = match &settings.proxy {
            Some(proxy) => client.proxy(proxied(proxy)?),
            None => client.no_proxy(),
        };
        let client = client.build().map_err(|_| TelegramSettingsError::Client)?;
        let mut bot = Bot::with_client(token, client);
        if let Some(url) = &settings.api_url {
            let url = http::Url::parse(url.trim_end_matches('/')).ok();
            let url = url.filter(|u| matches!(u.scheme(), "http" | "https") && u.has_host());
            bot = bot.set_api_url(url.ok_or(TelegramSettingsError::ApiUrl)?);
        }
        Ok(Self {
            bot,
            request_timeout: settings.request_timeout,
        })
    }

    /// teloxide's handle on the same client, for commands and keyboards.
    pub fn bot(&self) -> &Bot {
        &self.bot
    }

    /// Sends a post to `ID`, `ID:THREAD` or `@name`; the new message's id. There is nothing to prepare: a caller commits
    /// "sending" before this, and [`SendError::Unknown`] must not be tried again blindly.
    pub async fn send(&self, to: &Address, post: &Post) -> Result<i32, SendError> {
        let (chat, thread) = recipient(to)?;
        let preview = LinkPreviewOptions {
            is_disabled: !post.preview,
            url: None,
            prefer_small_media: false,
            prefer_large_media: false,
            show_above_text: false,
        };
        let mut request = self
            .bot
            .send_message(chat, &post.html)
            .parse_mode(ParseMode::Html)
            .disable_notification(post.silent)
            .link_preview_options(preview);
        if let Some(thread) = thread {
            request = request.message_thread_id(thread);
        }
        if let Some(keyboard) = keyboard(post) {
            request = request.reply_markup(keyboard);
        }
        match tokio::time::timeout(self.request_timeout, request.send()).await {
            Ok(Ok(message)) => Ok(message.id.0),
            Ok(Err(error)) => Err(verdict(&error)),
            Err(_) => Err(SendError::Unknown(
                "no answer from the Bot API in time".to_owned(),
            )),
        }
    }

    /// The bot's own name (`getMe`), for `loa check`.
    pub async fn me(&self) -> Result<String, SendError> {
        match tokio::time::timeout(self.request_timeout, self.bot.get_me().send()).await {
            Ok(Ok(me)) => Ok(format!("@{}", me.username())),
            Ok(Err(error)) => Err(verdict(&error)),
            Err(_) => Err(SendError::later("no answer from the Bot API in time")),
        }
    }
}

fn proxied(proxy: &Secret) -> Result<http::Proxy, TelegramSettingsError> {
    let is_known = http::Url::parse(proxy.expose())
        .is_ok_and(|u| matches!(u.scheme(), "http" | "https" | "socks5" | "socks5h") && u.has_host());
    if !is_known {
        return Err(TelegramSettingsError::Proxy);
    }
    http::Proxy::all(proxy.expose()).map_err(|_| TelegramSettingsError::Proxy)
}

/// An address's chat and thread.
fn recipient(to: &Address) -> Result<(Recipient, Option<ThreadId>), SendError> {
    let text = to.as_str();
    if text.starts_with('@') {
        return Ok((Recipient::ChannelUsername(text.to_owned()), None));
    }
    let (chat, thread) = text.split_once(':').map_or((text, None), |(c, t)| (c, Some(t)));
    let wrong = || SendError::Refused("not a Telegram address".to_owned());
    let chat: i64 = chat.parse().map_err(|_| wrong())?;
    let thread: Option<i32> = thread.map(str::parse).transpose().map_err(|_| wrong())?;
    Ok((
        Recipient::Id(ChatId(chat)),
        thread.map(|id| ThreadId(MessageId(id))),
    ))
}

/// Buttons with addresses that Telegram takes. It refuses the whole message for one to a host without a dot.
fn keyboard(post: &Post) -> Option<InlineKeyboardMarkup> {
    let button = |(label, url): &(String, String)| {
        let url = http::Url::parse(url).ok()?;
        let is_public = url.host_str().is_some_and(|host| host.contains(['.', ':']));
        (is_public && matches!(url.scheme(), "http" | "https"))
            .then(|| InlineKeyboardButton::url(label.clone(), url))
    };
    let rows = post
        .buttons
        .iter()
        .map(|row| row.iter().filter_map(button).collect::<Vec<_>>());
    let rows: Vec<_> = rows.filter(|row| !row.is_empty()).collect();
    (!rows.is_empty()).then(|| InlineKeyboardMarkup::new(rows))
}

/// What an error of teloxide's means for the post. Only errors of the Bot API and of its connection; no text holds the
/// token, and none of the Bot API's descriptions holds a chat id.
fn verdict(error: &RequestError) -> SendError {
    match error {
        RequestError::Api(api) => api_verdict(api),
        RequestError::MigrateToChatId(id) => SendError::Moved(id.0.to_string()),
        RequestError::RetryAfter(pause) => {
            SendError::Later("the Bot API asks for a pause".to_owned(), Some(pause.duration()))
        }
        RequestError::Network(e) if e.is_connect() || e.is_builder() => {
            SendError::later("cannot connect to the Bot API")
        }
        RequestError::Network(e) if e.is_timeout() => {
            SendError::Unknown("no answer from the Bot API in time".to_owned())
        }
        RequestError::Network(_) => SendError::Unknown("the connection to the Bot API broke".to_owned()),
        // A gateway's page instead of an answer: whether it passed the message on cannot be known.
        RequestError::InvalidJson { .. } => {
            SendError::Unknown("the Bot API's answer is not its JSON".to_owned())
        }
        RequestError::Io(_) => SendError::later("cannot read the request's data"),
    }
}

fn api_verdict(api: &ApiError) -> SendError {
    let text = api.to_string();
    match api {
        ApiError::BotBlocked
        | ApiError::BotKicked
        | ApiError::BotKickedFromSupergroup
        | ApiError::BotKickedFromChannel
        | ApiError::UserDeactivated
        | ApiError::CantInitiateConversation
        | ApiError::CantTalkWithBots
        | ApiError::ChatNotFound
        | ApiError::UserNotFound => SendError::Gone(text),
        // Ours to put right: the messages wait for it.
        ApiError::InvalidToken => SendError::later("the Bot API does not know this token"),
        ApiError::Unknown(said) => by_description(said),
        _ => SendError::Refused(text),
    }
}

/// Said of a group that its owner has closed.
const DEACTIVATED_GROUP: &str = "Bad Request: group chat was deactivated";

/// Descriptions that teloxide has no variant for begin with the HTTP status's name.
fn by_description(said: &str) -> SendError {
    let reason: String = said.chars().take(200).collect();
    if said.starts_with("Forbidden") || said.eq_ignore_ascii_case(DEACTIVATED_GROUP) {
        SendError::Gone(reason)
    } else if said.starts_with("Bad Request") {
        SendError::Refused(reason)
    } else {
        SendError::Later(reason, None)
    }
}
