//! What goes wrong on the way: floods, pauses, blocks, silence, and updates that come twice.

use super::*;
use crate::common::databases::{for_each_db, on_sqlite};

for_each_db!(
    a_pause_that_telegram_asks_for_in_one_chat_stops_no_other,
    whoever_writes_too_fast_waits_and_is_answered_in_order,
    an_update_told_twice_is_answered_once,
    an_answer_that_died_with_its_process_is_given_again,
);

async fn a_pause_that_telegram_asks_for_in_one_chat_stops_no_other(db: TestDb) {
    let Some(mut talk) = Talk::begin(&db).await else {
        return;
    };
    talk.stand_in
        .tell("fault", &json!({"chat": LAN, "kind": "flood", "after": 40}));
    for chat in [LAN, 43] {
        talk.stand_in
            .tell("say", &json!({"chat": chat, "text": "/moinhat"}));
    }
    let answered = one(talk.answered().await);
    assert_eq!(answered["chat"], 43);
    talk.clock.advance(TimeDelta::seconds(29));
    talk.settle().await;
    assert_eq!(talk.sent().len(), 1, "the pause is kept");
    talk.clock.advance(TimeDelta::seconds(2));
    talk.settle().await;
    assert_eq!(talk.sent().len(), 2, "and the answer comes after it");
}

async fn whoever_writes_too_fast_waits_and_is_answered_in_order(db: TestDb) {
    let Some(mut talk) = Talk::begin(&db).await else {
        return;
    };
    for n in 0..30 {
        talk.stand_in
            .tell("say", &json!({"chat": LAN, "text": format!("/timkiem x{n}")}));
    }
    talk.stand_in
        .tell("say", &json!({"chat": 43, "text": "/moinhat"}));
    let first = talk.answered().await;
    let of = |chat: i64| first.iter().filter(|m| m["chat"] == chat).count();
    assert_eq!(
        (of(LAN), of(43)),
        (3, 1),
        "a burst of three, and nobody else waits"
    );
    for _ in 0..20 {
        talk.settle().await;
        talk.clock.advance(TimeDelta::seconds(3));
    }
    let sent = talk.sent();
    let words: Vec<String> = sent.iter().filter(|m| m["chat"] == LAN).map(plain).collect();
    assert_eq!(
        words.len(),
        20,
        "what is more than anybody reads is not answered at all"
    );
    for (n, text) in words.iter().enumerate() {
        assert!(text.contains(&format!("“x{n}”")), "in order: {text}");
    }
}

async fn an_update_told_twice_is_answered_once(db: TestDb) {
    let Some(mut talk) = Talk::begin(&db).await else {
        return;
    };
    talk.stand_in
        .tell("say", &json!({"chat": LAN, "text": "/moinhat"}));
    let next = talk.desk.hear(0).await.unwrap();
    talk.settle().await;
    // The process died before it asked for what is next: Telegram tells it again.
    assert_eq!(talk.desk.hear(0).await.unwrap(), next);
    talk.settle().await;
    assert_eq!(talk.sent().len(), 1);
    assert!(talk.answered().await.is_empty());
}

async fn an_answer_that_died_with_its_process_is_given_again(db: TestDb) {
    let Some(talk) = Talk::begin(&db).await else {
        return;
    };
    talk.stand_in
        .tell("say", &json!({"chat": LAN, "text": "/moinhat"}));
    talk.desk.hear(0).await.unwrap();
    let claimed = talk.store.claim_updates(10, talk.clock.now()).await.unwrap();
    assert_eq!(claimed.len(), 1);
    talk.settle().await;
    assert!(talk.sent().is_empty(), "it is somebody's, for a while");
    talk.clock.advance(TimeDelta::minutes(3));
    talk.settle().await;
    assert_eq!(talk.sent().len(), 1);
}

#[tokio::test]
async fn someone_who_blocked_the_bot_does_not_keep_the_others_waiting() {
    on_sqlite(async |db: TestDb| {
        let Some(mut talk) = Talk::begin(&db).await else {
            return;
        };
        talk.stand_in
            .tell("fault", &json!({"chat": 1, "kind": "blocked"}));
        for chat in [1, 2] {
            talk.stand_in
                .tell("say", &json!({"chat": chat, "text": "/start"}));
        }
        assert_eq!(one(talk.answered().await)["chat"], 2);
    })
    .await;
}

#[tokio::test]
async fn a_connection_that_breaks_is_tried_again_and_a_topic_that_is_closed_is_not() {
    on_sqlite(async |db: TestDb| {
        let Some(mut talk) = Talk::begin(&db).await else {
            return;
        };
        talk.stand_in
            .tell("fault", &json!({"chat": LAN, "kind": "topicclosed"}));
        assert!(talk.say("/moinhat").await.is_empty());
        // The stand-in takes the message and closes: nobody can know, and an answer twice is better than none.
        talk.stand_in.tell("fault", &json!({"chat": LAN, "kind": "drop"}));
        talk.say("/moinhat").await;
        let before = talk.sent().len();
        talk.settle().await;
        assert_eq!((before, talk.sent().len()), (1, 2));
    })
    .await;
}
