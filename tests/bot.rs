//! What the bot answers, against the Bot API's stand-in: each answer is checked there against the Bot API's description.

use std::time::Duration;

use loa::{
    bot::answer,
    notify::{
        Secret,
        telegram::{Telegram, TelegramSettings},
    },
};
use serde_json::json;

use crate::common::stand_ins::StandIn;

const PUBLIC_URL: &str = "https://tin.example.vn/?a=1&b=2";

fn telegram(stand_in: &StandIn) -> Telegram {
    let mut settings = TelegramSettings::new(Secret::new("123456:TEST"));
    settings.api_url = Some(stand_in.url());
    settings.request_timeout = Duration::from_secs(20);
    Telegram::new(&settings).unwrap()
}

#[tokio::test]
async fn whoever_writes_to_the_bot_learns_the_chats_id_in_their_language() {
    let Some(stand_in) = StandIn::unlimited_bot_api() else {
        return;
    };
    let telegram = telegram(&stand_in);
    stand_in.tell("say", &json!({"chat": 42, "text": "Xin chào"}));
    stand_in.tell(
        "say",
        &json!({"chat": -1009, "text": "/start", "thread": 7, "type": "supergroup", "lang": "en"}),
    );
    stand_in.tell(
        "say",
        &json!({"chat": -1009, "text": "chuyện riêng của nhóm", "type": "supergroup"}),
    );
    let next = answer(telegram.bot(), PUBLIC_URL, 0).await.unwrap();
    assert_eq!(next, 4, "all three updates are confirmed by the next question");
    let sent = stand_in.lines("sent");
    let told: Vec<_> = sent
        .iter()
        .map(|m| {
            (
                m["chat"].as_i64(),
                m["thread"].as_i64(),
                m["plain"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        told.len(),
        2,
        "talk among a group's members is none of the bot's business: {told:?}"
    );
    assert_eq!((told[0].0, told[0].1), (Some(42), None));
    assert!(
        told[0]
            .2
            .starts_with("Xin chào! Mã của cuộc trò chuyện này là 42."),
        "{}",
        told[0].2
    );
    assert!(told[0].2.contains(PUBLIC_URL));
    assert_eq!((told[1].0, told[1].1), (Some(-1009), Some(7)));
    assert!(
        told[1].2.starts_with("Hello! The id of this chat is -1009:7."),
        "{}",
        told[1].2
    );
}

#[tokio::test]
async fn someone_who_blocked_the_bot_does_not_keep_the_others_waiting() {
    let Some(stand_in) = StandIn::unlimited_bot_api() else {
        return;
    };
    let telegram = telegram(&stand_in);
    stand_in.tell("fault", &json!({"chat": 1, "kind": "blocked"}));
    for chat in [1, 2] {
        stand_in.tell("say", &json!({"chat": chat, "text": "/start"}));
    }
    answer(telegram.bot(), PUBLIC_URL, 0).await.unwrap();
    let sent = stand_in.lines("sent");
    assert_eq!(
        sent.iter().map(|m| m["chat"].as_i64()).collect::<Vec<_>>(),
        [Some(2)]
    );
}
