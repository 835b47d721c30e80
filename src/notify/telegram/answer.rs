//! What the Bot API's answers mean for a post. It has no list of errors: a status, a description in English, and in two cases
//! parameters. No text that comes of this holds the token or a chat id.

use std::time::Duration;

use reqwest_telegram as http;
use serde::Deserialize;
use serde_json::Value;

use super::super::SendError;

/// Characters of a description that are kept.
const REASON_CHARS: usize = 200;

/// Said of a chat that is no more, with status 400; with 403 the chat does not want us, whatever is said.
const GONE: [&str; 7] = [
    "chat not found",
    "user not found",
    "group chat was deactivated",
    "PEER_ID_INVALID",
    "bot was kicked",
    "user is deactivated",
    "have no rights to send a message",
];

/// Said of a message that says it already, or that is not there to be edited.
const NOTHING_TO_EDIT: [&str; 4] = [
    "message is not modified",
    "message to edit not found",
    "message can't be edited",
    "MESSAGE_ID_INVALID",
];

#[derive(Deserialize)]
struct Said {
    ok: bool,
    result: Option<Value>,
    description: Option<String>,
    parameters: Option<Parameters>,
}

#[derive(Default, Deserialize)]
struct Parameters {
    retry_after: Option<u64>,
    migrate_to_chat_id: Option<i64>,
}

/// What a method gave.
pub(super) enum Answer {
    /// A message, by its number in the chat.
    Message(i64),
    Other,
}

impl Answer {
    pub(super) fn of(result: &Value) -> Self {
        result["message_id"].as_i64().map_or(Self::Other, Self::Message)
    }
}

/// The result, or what the refusal means.
pub(super) fn result((status, body): &(u16, Vec<u8>)) -> Result<Value, SendError> {
    let Ok(said) = serde_json::from_slice::<Said>(body) else {
        // A gateway's page instead of an answer: whether it passed the message on cannot be known.
        return Err(SendError::Unknown(
            "the Bot API's answer is not its JSON".to_owned(),
        ));
    };
    match said.result {
        Some(result) if said.ok => Ok(result),
        _ => Err(refusal(
            *status,
            &said.description.unwrap_or_default(),
            &said.parameters.unwrap_or_default(),
        )),
    }
}

fn refusal(status: u16, description: &str, parameters: &Parameters) -> SendError {
    if let Some(chat) = parameters.migrate_to_chat_id {
        return SendError::Moved(chat.to_string());
    }
    if status == 429 || parameters.retry_after.is_some() {
        let pause = Duration::from_secs(parameters.retry_after.unwrap_or(1));
        return SendError::Later("the Bot API asks for a pause".to_owned(), Some(pause));
    }
    let is_gone = GONE.iter().any(|words| description.contains(words));
    let reason: String = description.chars().take(REASON_CHARS).collect();
    match status {
        403 => SendError::Gone(reason),
        400 if is_gone => SendError::Gone(reason),
        // Ours to put right: the messages wait for it.
        401 | 404 => SendError::Unreachable("the Bot API does not know this token".to_owned()),
        400..500 => SendError::Refused(reason),
        _ => SendError::later(reason),
    }
}

/// Whether an edit was refused for what leaves nothing to be done.
pub(super) fn leaves_nothing_to_edit(why: &str) -> bool {
    NOTHING_TO_EDIT.iter().any(|words| why.contains(words))
}

/// A request that has no answer.
pub(super) fn broken(e: &http::Error) -> SendError {
    if e.is_connect() || e.is_builder() {
        SendError::Unreachable("cannot connect to the Bot API".to_owned())
    } else if e.is_timeout() {
        silent()
    } else {
        SendError::Unknown("the connection to the Bot API broke".to_owned())
    }
}

pub(super) fn silent() -> SendError {
    SendError::Unknown("no answer from the Bot API in time".to_owned())
}
