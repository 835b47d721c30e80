//! Posts out: `sendMessage` and `editMessageText`, and what the Bot API's answers mean. teloxide is for conversations: it sleeps
//! ten seconds on a 5xx and gives back a whole message where its number is wanted, so that posts are asked for by hand, over the
//! same client.

mod answer;
mod request;

use std::time::Duration;

use reqwest_telegram as http;
use serde_json::Value;
use teloxide::Bot;

use self::answer::Answer;
use super::{Secret, SendError, message::Post};
use crate::domain::subscription::Address;

/// For TCP and TLS. Well inside the whole request's time, so that "never connected" is told from "never answered".
const CONNECT: Duration = Duration::from_secs(5);

const API_URL: &str = "https://api.telegram.org";

/// How to reach the Bot API.
#[derive(Debug, Clone)]
pub struct TelegramSettings {
    /// The bot's token.
    pub token: Secret,
    /// Another base address than `https://api.telegram.org`: a local Bot API server.
    pub api_url: Option<String>,
    /// `http://…`, `https://…` or `socks5h://…`, where Telegram cannot be reached directly.
    pub proxy: Option<Secret>,
    /// For a whole request; shorter than the lease of what is being sent.
    pub request_timeout: Duration,
    /// Whether messages past the free limit may be paid for (`allow_paid_broadcast`).
    pub pays_for_broadcast: bool,
}

impl TelegramSettings {
    /// The default settings for a token.
    pub fn new(token: Secret) -> Self {
        Self {
            token,
            api_url: None,
            proxy: None,
            request_timeout: Duration::from_secs(20),
            pays_for_broadcast: false,
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
    client: http::Client,
    /// The address of methods: it holds the token.
    methods: Secret,
    request_timeout: Duration,
    pays_for_broadcast: bool,
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
        let url = settings
            .api_url
            .as_deref()
            .unwrap_or(API_URL)
            .trim_end_matches('/');
        let api = http::Url::parse(url).ok();
        let api = api.filter(|u| matches!(u.scheme(), "http" | "https") && u.has_host());
        let api = api.ok_or(TelegramSettingsError::ApiUrl)?;
        Ok(Self {
            bot: Bot::with_client(token, client.clone()).set_api_url(api),
            client,
            methods: Secret::new(format!("{url}/bot{token}")),
            request_timeout: settings.request_timeout,
            pays_for_broadcast: settings.pays_for_broadcast,
        })
    }

    /// teloxide's handle on the same client, for commands and keyboards.
    pub fn bot(&self) -> &Bot {
        &self.bot
    }

    /// Sends a post to `ID`, `ID:THREAD` or `@name`; the new message's id. There is nothing to prepare: a caller commits
    /// "sending" before this, and [`SendError::Unknown`] must not be tried again blindly.
    pub async fn send(&self, to: &Address, post: &Post) -> Result<i64, SendError> {
        let mut fields = request::of_post(to, post)?;
        fields["disable_notification"] = post.silent.into();
        if self.pays_for_broadcast {
            fields["allow_paid_broadcast"] = true.into();
        }
        match self.ask("sendMessage", &fields).await? {
            Answer::Message(id) => Ok(id),
            Answer::Other => Err(SendError::Unknown(
                "the Bot API's answer names no message".to_owned(),
            )),
        }
    }

    /// Has a message say something else. One that says it already, or that is no longer there, is no error: there is nothing
    /// left to do.
    pub async fn edit(&self, to: &Address, message: i64, post: &Post) -> Result<(), SendError> {
        let mut fields = request::of_post(to, post)?;
        if let Some(fields) = fields.as_object_mut() {
            // A message is known by its chat.
            fields.remove("message_thread_id");
        }
        fields["message_id"] = message.into();
        match self.ask("editMessageText", &fields).await {
            Ok(_) => Ok(()),
            Err(SendError::Refused(why)) if answer::leaves_nothing_to_edit(&why) => Ok(()),
            Err(e) => Err(e),
        }
    }

    /// The bot's own name (`getMe`), for `loa check`.
    pub async fn me(&self) -> Result<String, SendError> {
        let fields = Value::Object(serde_json::Map::default());
        let said = self.post("getMe", &fields).await?;
        let name = answer::result(&said)?["username"]
            .as_str()
            .map(|name| format!("@{name}"));
        name.ok_or_else(|| SendError::later("the Bot API's answer names no bot"))
    }

    async fn ask(&self, method: &str, fields: &Value) -> Result<Answer, SendError> {
        let said = self.post(method, fields).await?;
        answer::result(&said).map(|result| Answer::of(&result))
    }

    /// A status and a body, whatever they say.
    async fn post(&self, method: &str, fields: &Value) -> Result<(u16, Vec<u8>), SendError> {
        let asked = async {
            let answer = self
                .client
                .post(format!("{}/{method}", self.methods.expose()))
                .header(http::header::CONTENT_TYPE, "application/json")
                .body(fields.to_string())
                .send()
                .await?;
            Ok((answer.status().as_u16(), answer.bytes().await?.to_vec()))
        };
        match tokio::time::timeout(self.request_timeout, asked).await {
            Ok(said) => said.map_err(|e: http::Error| answer::broken(&e)),
            Err(_) => Err(answer::silent()),
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
