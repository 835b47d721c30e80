//! The webhook: Telegram tells Loa's web server, which keeps it and acknowledges; the bot answers.

use std::net::SocketAddr;

use loa::{
    domain::token::Tokens,
    web::{self, Hook},
};
use tokio::net::TcpListener;

use super::*;
use crate::common::{
    databases::{for_each_db, on_sqlite},
    site,
    stand_ins::{JSON, exchange_with},
};

const SECRET: &str = "mot-bi-mat_123";

for_each_db!(a_whole_talk_goes_through_the_webhook);

/// Serves the web of a talk's store with a hook; its address.
async fn serve(talk: &Talk) -> String {
    let mut state = site::state(&talk.store, &talk.clock, &Tokens::new("test"));
    state.hook = Some(Hook::new(SECRET));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let app = web::router(state).into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}

/// What the server answers to an update with a secret.
async fn tell(url: &str, secret: Option<&str>, body: String) -> u16 {
    let header = secret.map_or(JSON.to_owned(), |s| {
        format!("{JSON}X-Telegram-Bot-Api-Secret-Token: {s}\r\n")
    });
    let url = format!("{url}/hooks/telegram");
    let told = tokio::task::spawn_blocking(move || exchange_with("POST", &url, &header, &body));
    told.await.unwrap().0
}

fn update(id: i64, chat: i64, text: &str) -> Value {
    json!({"update_id": id, "message": {"message_id": id, "date": 1_764_000_000, "text": text,
        "chat": {"id": chat, "type": "private", "first_name": "Lan"},
        "from": {"id": chat, "is_bot": false, "first_name": "Lan", "language_code": "vi"}}})
}

async fn a_whole_talk_goes_through_the_webhook(db: TestDb) {
    let Some(talk) = Talk::begin(&db).await else {
        return;
    };
    let url = format!("{}/hooks/telegram", serve(&talk).await);
    let secret = SECRET.to_owned();
    talk.desk
        .connect(&Way::Webhook {
            url: url.clone(),
            secret,
        })
        .await
        .unwrap();
    let state: Value = serde_json::from_str(&talk.stand_in.control("state")).unwrap();
    assert_eq!(state["webhook"], json!({"url": url, "secret": SECRET}));
    let stand_in = Arc::clone(&talk.stand_in);
    let say = move |what: &'static str, body: Value| {
        let stand_in = Arc::clone(&stand_in);
        tokio::task::spawn_blocking(move || stand_in.tell(what, &body))
    };
    say("say", json!({"chat": LAN, "text": "/start topic_y-te-suc-khoe"}))
        .await
        .unwrap();
    talk.settle().await;
    let asked = one(talk.sent());
    let press = json!({"chat": LAN, "message": asked["message_id"], "data": data(&asked, "Ngay khi")});
    say("press", press).await.unwrap();
    talk.settle().await;
    assert_eq!(talk.followed("42").await, ["topic:y-te-suc-khoe instant"]);
    talk.desk.connect(&Way::Polling).await.unwrap();
    let state: Value = serde_json::from_str(&talk.stand_in.control("state")).unwrap();
    assert_eq!(state["webhook"], Value::Null, "whoever polls has no webhook");
    talk.nothing_was_refused();
}

#[tokio::test]
async fn only_telegram_itself_is_heard_and_what_it_tells_twice_is_answered_once() {
    on_sqlite(async |db: TestDb| {
        let Some(talk) = Talk::begin(&db).await else {
            return;
        };
        let url = serve(&talk).await;
        let start = update(900, LAN, "/start").to_string();
        for wrong in [None, Some(""), Some("mot-bi-mat_124"), Some("mot-bi-mat_1234")] {
            assert_eq!(tell(&url, wrong, start.clone()).await, 401, "{wrong:?}");
        }
        for _ in 0..2 {
            assert_eq!(tell(&url, Some(SECRET), start.clone()).await, 200);
        }
        talk.settle().await;
        assert_eq!(talk.sent().len(), 1);
        assert_eq!(tell(&url, Some(SECRET), "kein JSON".to_owned()).await, 400);
        let poll = json!({"update_id": 901, "poll": {"id": "1"}}).to_string();
        assert_eq!(
            tell(&url, Some(SECRET), poll).await,
            200,
            "or it would come again and again"
        );
        let long = update(902, LAN, &"x".repeat(200_000)).to_string();
        assert_eq!(tell(&url, Some(SECRET), long).await, 200, "likewise");
        talk.settle().await;
        assert_eq!(talk.sent().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_block_ends_at_once_and_a_group_that_lets_the_bot_in_is_greeted() {
    on_sqlite(async |db: TestDb| {
        let Some(mut talk) = Talk::begin(&db).await else { return };
        talk.follow_science().await;
        let asked = one(talk.say("/chude @tin_quang_tri").await);
        let asked = one(talk.press(&asked, "Mọi tin").await);
        talk.press(&asked, "Ngay khi").await;
        let url = serve(&talk).await;
        let change = |id: i64, chat: Value, old: &str, new: &str| {
            json!({"update_id": id, "my_chat_member": {"chat": chat, "date": id, "from": {"id": LAN, "first_name": "Lan"},
                "old_chat_member": {"status": old}, "new_chat_member": {"status": new}}})
            .to_string()
        };
        let private = json!({"id": LAN, "type": "private"});
        let group = json!({"id": GROUP, "type": "supergroup", "title": "Nhóm"});
        let channel = json!({"id": -100_555, "type": "channel", "username": "Tin_Quang_Tri"});
        let before = talk.sent().len();
        for (id, chat, old, new) in [
            (1, private, "member", "kicked"),
            (2, group, "left", "member"),
            (3, channel, "administrator", "kicked"),
        ] {
            assert_eq!(tell(&url, Some(SECRET), change(id, chat, old, new)).await, 200);
        }
        talk.settle().await;
        for address in ["42", "@tin_quang_tri"] {
            let person = talk.person(address).await.unwrap();
            assert!(person.ended_at.is_some(), "{address}");
        }
        let greeting = one(talk.sent().split_off(before));
        assert_eq!(greeting["chat"], GROUP);
        assert!(plain(&greeting).starts_with("Xin chào cả nhà!"), "{greeting}");
    })
    .await;
}

#[tokio::test]
async fn there_is_no_hook_where_the_bot_asks_by_itself() {
    on_sqlite(async |db: TestDb| {
        let state = site::state(&db.store, &Clock::manual(start()), &Tokens::new("test"));
        let server = axum_test::TestServer::new(web::router(state));
        let answer = server
            .post("/hooks/telegram")
            .json(&update(1, LAN, "/start"))
            .await;
        answer.assert_status_not_found();
    })
    .await;
}
