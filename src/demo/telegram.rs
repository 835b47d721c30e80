//! A stand-in for Telegram's Bot API, small and on loopback: it takes messages, checks the essentials, and keeps them in
//! memory for the demo's page. Nobody ever writes to the bot: `getUpdates` waits and is empty.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::held;

/// The Bot API's limit for a text after its entities are parsed (UTF-16 units).
const TEXT_MAX: usize = 4096;

/// The longest that `getUpdates` waits, whatever it is asked: the demo must stop at once when told to (seconds).
const WAIT_MAX_SECS: u64 = 2;

/// Messages kept; the oldest go first.
const KEPT: usize = 200;

/// The stand-in. Clones share one state.
#[derive(Clone)]
pub struct TelegramStandIn {
    messages: Arc<Mutex<Vec<Message>>>,
    clock: Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>,
}

/// A message that a bot sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its number, from 1.
    pub id: i64,
    /// The chat as the bot named it: an id or `@channel`.
    pub chat: String,
    /// The thread of a group, where one was named.
    pub thread: Option<i64>,
    /// The text as sent.
    pub text: String,
    /// Whether the text is HTML.
    pub is_html: bool,
    /// The inline keyboard, row by row: label and address (empty for a button that calls back).
    pub buttons: Vec<Vec<(String, String)>>,
    /// When it arrived.
    pub at: DateTime<Utc>,
}

/// The Bot API's refusal: an HTTP status and what is wrong.
struct Refusal(StatusCode, &'static str);

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({"ok": false, "error_code": self.0.as_u16(), "description": self.1});
        (self.0, Json(body)).into_response()
    }
}

impl TelegramStandIn {
    /// A stand-in that dates messages by `clock`.
    pub fn new(clock: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self {
            messages: Arc::default(),
            clock: Arc::new(clock),
        }
    }

    /// The Bot API, to be given to the bot as its base address.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/{bot}/{method}", post(call).get(call))
            .with_state(self.clone())
    }

    /// What was sent, newest first.
    pub fn messages(&self) -> Vec<Message> {
        held(&self.messages).iter().rev().cloned().collect()
    }

    fn send(&self, fields: &Map<String, Value>) -> Result<Value, Refusal> {
        let chat = word(fields.get("chat_id")).ok_or(bad("Bad Request: chat_id is empty"))?;
        let text = word(fields.get("text")).ok_or(bad("Bad Request: message text is empty"))?;
        let is_html = word(fields.get("parse_mode")).is_some_and(|mode| mode.eq_ignore_ascii_case("html"));
        let plain = if is_html {
            without_tags(&text)
        } else {
            text.clone()
        };
        if plain.trim().is_empty() {
            return Err(bad("Bad Request: message text is empty"));
        }
        if plain.encode_utf16().count() > TEXT_MAX {
            return Err(bad("Bad Request: message is too long"));
        }
        let mut messages = held(&self.messages);
        let message = Message {
            id: messages.last().map_or(1, |last| last.id + 1),
            chat,
            thread: word(fields.get("message_thread_id")).and_then(|id| id.parse().ok()),
            text,
            is_html,
            buttons: buttons(fields.get("reply_markup")),
            at: (self.clock)(),
        };
        let answer = json!({
            "message_id": message.id, "date": message.at.timestamp(), "text": plain,
            "chat": chat_of(&message.chat), "from": me(),
        });
        messages.push(message);
        if messages.len() > KEPT {
            messages.remove(0);
        }
        Ok(answer)
    }

    /// A message says something else: its article was edited or withdrawn.
    fn edit(&self, fields: &Map<String, Value>) -> Result<Value, Refusal> {
        let chat = word(fields.get("chat_id")).ok_or_else(|| bad("Bad Request: chat_id is empty"))?;
        let id = word(fields.get("message_id")).and_then(|id| id.parse().ok());
        let mut messages = held(&self.messages);
        let message = messages
            .iter_mut()
            .find(|message| Some(message.id) == id && message.chat == chat)
            .ok_or_else(|| bad("Bad Request: message to edit not found"))?;
        message.text = word(fields.get("text")).ok_or_else(|| bad("Bad Request: message text is empty"))?;
        message.buttons = buttons(fields.get("reply_markup"));
        Ok(json!({
            "message_id": message.id, "date": message.at.timestamp(), "text": message.text,
            "chat": chat_of(&message.chat), "from": me(),
        }))
    }
}

async fn call(
    State(telegram): State<TelegramStandIn>,
    Path((bot, method)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !bot.strip_prefix("bot").is_some_and(|token| token.contains(':')) {
        return Refusal(StatusCode::UNAUTHORIZED, "Unauthorized").into_response();
    }
    let fields = match fields(&headers, &body) {
        Ok(fields) => fields,
        Err(refusal) => return refusal.into_response(),
    };
    let result = match method.to_ascii_lowercase().as_str() {
        "getme" => Ok(me()),
        "sendmessage" => telegram.send(&fields),
        "editmessagetext" => telegram.edit(&fields),
        "getupdates" => {
            let asked = word(fields.get("timeout"))
                .and_then(|secs| secs.parse().ok())
                .unwrap_or(0);
            tokio::time::sleep(Duration::from_secs(asked.min(WAIT_MAX_SECS))).await;
            Ok(json!([]))
        }
        "setmycommands" | "deletewebhook" | "setwebhook" | "answercallbackquery" => Ok(json!(true)),
        "getwebhookinfo" => {
            Ok(json!({"url": "", "has_custom_certificate": false, "pending_update_count": 0}))
        }
        _ => Err(Refusal(StatusCode::NOT_FOUND, "Not Found")),
    };
    match result {
        Ok(result) => Json(json!({"ok": true, "result": result})).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

/// The fields of a call, sent as JSON or as a form.
fn fields(headers: &HeaderMap, body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    let media_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .unwrap_or("");
    if body.is_empty() {
        Ok(Map::new())
    } else if media_type.starts_with("application/json") {
        serde_json::from_slice(body).map_err(|_| bad("Bad Request: can't parse the JSON object"))
    } else if media_type.starts_with("application/x-www-form-urlencoded") {
        let pairs = url::form_urlencoded::parse(body);
        Ok(pairs
            .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
            .collect())
    } else {
        Err(bad("Bad Request: the demo's stand-in takes JSON and forms"))
    }
}

fn bad(description: &'static str) -> Refusal {
    Refusal(StatusCode::BAD_REQUEST, description)
}

/// A field as text: the Bot API takes numbers as text and the other way round.
fn word(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The inline keyboard; a form sends it as a text that holds JSON.
fn buttons(markup: Option<&Value>) -> Vec<Vec<(String, String)>> {
    let parsed = match markup {
        Some(Value::String(text)) => serde_json::from_str(text).unwrap_or(Value::Null),
        Some(value) => value.clone(),
        None => Value::Null,
    };
    let text = |button: &Value, field: &str| button[field].as_str().unwrap_or_default().to_owned();
    let row = |row: &Value| {
        let row = row.as_array().map(Vec::as_slice).unwrap_or_default();
        row.iter()
            .map(|button| (text(button, "text"), text(button, "url")))
            .collect()
    };
    let rows = parsed["inline_keyboard"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    rows.iter().map(row).collect()
}

/// The text without its HTML tags, its character references resolved, as far as lengths go.
fn without_tags(html: &str) -> String {
    let fragment = scraper::Html::parse_fragment(html);
    fragment.root_element().text().collect()
}

fn me() -> Value {
    json!({
        "id": 123_456, "is_bot": true, "first_name": "Loa", "username": "loa_demo_bot", "can_join_groups": true,
        "can_read_all_group_messages": false, "supports_inline_queries": false, "can_connect_to_business": false,
        "has_main_web_app": false,
    })
}

fn chat_of(chat: &str) -> Value {
    match chat.parse::<i64>() {
        Ok(id) if id > 0 => json!({"id": id, "type": "private", "first_name": "Bạn đọc"}),
        Ok(id) => json!({"id": id, "type": "supergroup", "title": "Nhóm mẫu"}),
        Err(_) => json!({"id": -1_001_000_000_001_i64, "type": "channel", "title": "Kênh mẫu",
            "username": chat.trim_start_matches('@')}),
    }
}
