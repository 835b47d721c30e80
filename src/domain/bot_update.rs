//! What Telegram tells a bot, read down to what an answer needs: nobody's name is kept, and talk among a group's members that
//! is no command is not even read. Own shapes instead of a library's: the Bot API grows every few months, and a field that is
//! missing or new somewhere in a message must not make the bot deaf.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Characters of a text that are read: more than any command needs.
const MAX_TEXT_CHARS: usize = 400;

/// Something that concerns the bot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incoming {
    /// Telegram's number of the update.
    pub update_id: i64,
    /// Where it happened.
    pub chat: Chat,
    /// Whose doing it was.
    pub who: Who,
    /// What happened.
    pub what: What,
}

/// A chat, or a thread of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chat {
    /// Telegram's id.
    pub id: i64,
    /// What sort of chat.
    pub kind: ChatKind,
    /// The thread, in a group with topics.
    pub thread: Option<i32>,
}

/// What sort of chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChatKind {
    /// One person.
    Private,
    /// A group or supergroup.
    Group,
    /// A channel.
    Channel,
}

/// Who said or did something.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Who {
    /// The person's id, where there is a person.
    pub id: Option<i64>,
    /// An administrator who speaks as the group itself.
    pub is_the_chat: bool,
    /// Whether the person's Telegram is in English.
    pub speaks_english: bool,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum What {
    /// Somebody wrote. Number and moment of the message tell two alike apart.
    Said {
        /// The text, cut.
        text: String,
        /// The message's number.
        message: i64,
        /// Its date (Unix seconds).
        at: i64,
    },
    /// Somebody pressed a button.
    Pressed {
        /// What the answer names.
        query: String,
        /// The message with the button, if it can still be changed.
        message: Option<i32>,
        /// What the button stands for.
        data: String,
    },
    /// The bot was let in, or thrown out.
    Standing {
        /// Whether it could write before.
        before: bool,
        /// Whether it can write now.
        now: bool,
        /// When (Unix seconds).
        at: i64,
        /// The public name, of a channel alone: it may be known here by that.
        channel: Option<String>,
    },
    /// The group has another id from now on.
    MovedTo(i64),
}

impl Chat {
    /// The address of a subscriber there, as text.
    pub fn address(&self) -> String {
        match self.thread {
            Some(thread) => format!("{}:{thread}", self.id),
            None => self.id.to_string(),
        }
    }
}

impl Incoming {
    /// Reads an update; none where it does not concern the bot.
    pub fn read(update: &Value) -> Option<Self> {
        let update_id = update["update_id"].as_i64()?;
        let (chat, who, what) = said(&update["message"])
            .or_else(|| pressed(&update["callback_query"]))
            .or_else(|| standing(&update["my_chat_member"]))?;
        Some(Self {
            update_id,
            chat,
            who,
            what,
        })
    }
}

fn said(message: &Value) -> Option<(Chat, Who, What)> {
    let chat = chat(message)?;
    let mut who = who(&message["from"]);
    who.is_the_chat = message["sender_chat"]["id"].as_i64() == Some(chat.id);
    if let Some(id) = message["migrate_to_chat_id"].as_i64() {
        return Some((chat, who, What::MovedTo(id)));
    }
    // In a private chat everything is for the bot; in a group only a command.
    let is_command = message["text"].as_str().is_some_and(|text| text.starts_with('/'));
    if chat.kind == ChatKind::Channel || !(chat.kind == ChatKind::Private || is_command) {
        return None;
    }
    // Pictures and the like have no text, and are answered too.
    let text = message["text"].as_str().unwrap_or_default();
    let what = What::Said {
        text: text.chars().take(MAX_TEXT_CHARS).collect(),
        message: message["message_id"].as_i64()?,
        at: message["date"].as_i64().unwrap_or_default(),
    };
    Some((chat, who, what))
}

fn pressed(query: &Value) -> Option<(Chat, Who, What)> {
    let chat = chat(&query["message"])?;
    let what = What::Pressed {
        query: query["id"].as_str()?.to_owned(),
        // A date of 0 is Telegram's word for a message that nobody can change any more.
        message: query["message"]["message_id"]
            .as_i64()
            .filter(|_| query["message"]["date"].as_i64() != Some(0))
            .and_then(|id| i32::try_from(id).ok()),
        data: query["data"].as_str()?.to_owned(),
    };
    Some((chat, who(&query["from"]), what))
}

fn standing(change: &Value) -> Option<(Chat, Who, What)> {
    let chat = chat(change)?;
    let can_write = |member: &Value| match member["status"].as_str() {
        Some("creator" | "administrator" | "member") => Some(true),
        Some("restricted") => Some(member["is_member"].as_bool().unwrap_or(true)),
        Some("left" | "kicked") => Some(false),
        _ => None,
    };
    let what = What::Standing {
        before: can_write(&change["old_chat_member"])?,
        now: can_write(&change["new_chat_member"])?,
        at: change["date"].as_i64().unwrap_or_default(),
        channel: change["chat"]["username"]
            .as_str()
            .filter(|_| chat.kind == ChatKind::Channel)
            .map(str::to_owned),
    };
    Some((chat, who(&change["from"]), what))
}

fn chat(of: &Value) -> Option<Chat> {
    let chat = &of["chat"];
    let kind = match chat["type"].as_str()? {
        "private" => ChatKind::Private,
        "group" | "supergroup" => ChatKind::Group,
        "channel" => ChatKind::Channel,
        _ => return None,
    };
    let thread = of["message_thread_id"]
        .as_i64()
        // Replies in ordinary groups carry a thread too; it is no place of its own.
        .filter(|_| of["is_topic_message"] == true)
        .and_then(|id| i32::try_from(id).ok());
    Some(Chat {
        id: chat["id"].as_i64()?,
        kind,
        thread,
    })
}

fn who(from: &Value) -> Who {
    let language = from["language_code"].as_str().unwrap_or_default();
    Who {
        id: from["id"].as_i64(),
        is_the_chat: false,
        speaks_english: language == "en" || language.starts_with("en-"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(update: &Value) -> Option<Incoming> {
        let incoming = Incoming::read(update)?;
        let kept = serde_json::to_string(&incoming).unwrap();
        assert!(!kept.contains("Lan"), "no name is kept: {kept}");
        assert_eq!(serde_json::from_str::<Incoming>(&kept).unwrap(), incoming);
        Some(incoming)
    }

    #[test]
    fn a_private_text_and_a_groups_command_are_read_and_a_groups_talk_is_not() {
        let message = |chat: Value, text: &str| {
            json!({"update_id": 7, "message": {"message_id": 3, "date": 5, "chat": chat, "text": text,
                "from": {"id": 42, "is_bot": false, "first_name": "Lan", "language_code": "en-GB"}}})
        };
        let private = json!({"id": 42, "type": "private", "first_name": "Lan"});
        let group = json!({"id": -9, "type": "supergroup", "title": "Lan"});
        let said = read(&message(private, "Xin chào")).unwrap();
        assert_eq!((said.update_id, said.chat.kind), (7, ChatKind::Private));
        assert!(said.who.speaks_english && said.who.id == Some(42));
        assert!(read(&message(group.clone(), "/chude")).is_some());
        assert_eq!(read(&message(group, "chuyện riêng của nhóm")), None);
    }

    #[test]
    fn threads_migrations_and_anonymous_administrators_are_told_apart() {
        let base = json!({"message_id": 3, "date": 5, "chat": {"id": -9, "type": "supergroup"}, "text": "/chude",
            "from": {"id": 1_087_968_824}, "sender_chat": {"id": -9}, "message_thread_id": 7});
        let with = |name: &str, value: Value| {
            let mut message = base.clone();
            message[name] = value;
            read(&json!({"update_id": 1, "message": message})).unwrap()
        };
        let in_topic = with("is_topic_message", json!(true));
        assert_eq!(
            (in_topic.chat.thread, in_topic.chat.address().as_str()),
            (Some(7), "-9:7")
        );
        assert!(in_topic.who.is_the_chat);
        assert_eq!(with("is_topic_message", json!(false)).chat.address(), "-9");
        assert_eq!(with("migrate_to_chat_id", json!(-100)).what, What::MovedTo(-100));
    }

    #[test]
    fn a_block_and_a_pressed_button_are_read() {
        let chat = json!({"id": 42, "type": "private"});
        let update = json!({"update_id": 1, "my_chat_member": {"chat": chat, "from": {"id": 42}, "date": 9,
            "old_chat_member": {"status": "member"}, "new_chat_member": {"status": "kicked", "until_date": 0}}});
        let expected = What::Standing {
            before: true,
            now: false,
            at: 9,
            channel: None,
        };
        assert_eq!(read(&update).unwrap().what, expected);
        let press = |date: i64| {
            json!({"update_id": 2, "callback_query": {"id": "77", "from": {"id": 42}, "data": "stop:3",
                "message": {"message_id": 5, "date": date, "chat": chat}}})
        };
        let pressed = |message| What::Pressed {
            query: "77".to_owned(),
            message,
            data: "stop:3".to_owned(),
        };
        assert_eq!(read(&press(1)).unwrap().what, pressed(Some(5)));
        assert_eq!(read(&press(0)).unwrap().what, pressed(None));
        assert_eq!(read(&json!({"update_id": 3, "poll": {}})), None);
    }
}
