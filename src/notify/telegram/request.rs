//! A post as the Bot API's fields.

use serde_json::{Value, json};

use super::super::{
    SendError,
    message::{Button, Post},
};
use crate::domain::subscription::Address;

/// What a post says, to whom: the fields that sending and editing share.
pub(super) fn of_post(to: &Address, post: &Post) -> Result<Value, SendError> {
    let (chat, thread) = recipient(to)?;
    let mut fields = json!({
        "chat_id": chat,
        "text": post.html,
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": !post.preview},
    });
    if let Some(thread) = thread {
        fields["message_thread_id"] = thread.into();
    }
    let rows = post
        .buttons
        .iter()
        .map(|row| row.iter().filter_map(button).collect());
    let rows: Vec<Vec<Value>> = rows.filter(|row: &Vec<Value>| !row.is_empty()).collect();
    if !rows.is_empty() {
        fields["reply_markup"] = json!({"inline_keyboard": rows});
    }
    Ok(fields)
}

/// A button, if Telegram takes its address: it refuses the whole message for one to a host without a dot.
fn button(button: &Button) -> Option<Value> {
    match button {
        Button::Call { label, data } => Some(json!({"text": label, "callback_data": data})),
        Button::Link { label, url } => {
            let parsed = url::Url::parse(url).ok()?;
            let is_public = parsed.host_str().is_some_and(|host| host.contains(['.', ':']));
            (is_public && matches!(parsed.scheme(), "http" | "https"))
                .then(|| json!({"text": label, "url": parsed.as_str()}))
        }
    }
}

/// An address's chat and thread.
fn recipient(to: &Address) -> Result<(Value, Option<i32>), SendError> {
    let text = to.as_str();
    if text.starts_with('@') {
        return Ok((text.into(), None));
    }
    let (chat, thread) = text.split_once(':').map_or((text, None), |(c, t)| (c, Some(t)));
    let wrong = || SendError::Refused("not a Telegram address".to_owned());
    let chat: i64 = chat.parse().map_err(|_| wrong())?;
    let thread: Option<i32> = thread.map(str::parse).transpose().map_err(|_| wrong())?;
    Ok((chat.into(), thread))
}
