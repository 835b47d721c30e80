//! The bot in the running service, heard both ways, against the Bot API's stand-in with its limits.

use serde_json::{Value, json};

use crate::common::{
    process::{Loa, Running, until},
    stand_ins::{StandIn, get},
};

const LAN: i64 = 770_011_223;

fn state(stand_in: &StandIn) -> Value {
    serde_json::from_str(&stand_in.control("state")).unwrap()
}

/// A talk from the link on a topic's page to a subscription, and word that it is kept.
async fn converse(stand_in: &StandIn, url: &str) {
    let page = format!("{url}/topics/khoa-hoc-cong-nghe");
    let link = "https://t.me/loa_test_bot?start=topic_khoa-hoc-cong-nghe";
    until("the page links to the bot", async || get(&page).1.contains(link)).await;
    stand_in.tell(
        "say",
        &json!({"chat": LAN, "text": "/start topic_khoa-hoc-cong-nghe"}),
    );
    let asked = answer(stand_in, 1).await;
    let agree = asked["buttons"][0][0]["callback_data"].clone();
    let press = json!({"chat": LAN, "message": asked["message_id"], "data": agree});
    stand_in.tell("press", &press);
    until("the message is changed", async || {
        stand_in.lines("sent")[0]["edited"] == 1
    })
    .await;
    stand_in.tell("say", &json!({"chat": LAN, "text": "/danhsach"}));
    let listed = answer(stand_in, 2).await;
    assert_eq!(
        listed["plain"],
        "Đang theo dõi (1)\n• Khoa học và công nghệ – ngay khi có tin"
    );
    let refused: Vec<_> = stand_in
        .lines("log")
        .into_iter()
        .filter(|line| line["status"] != 200)
        .collect();
    assert!(refused.is_empty(), "{refused:?}");
}

/// The answer with this number.
async fn answer(stand_in: &StandIn, number: usize) -> Value {
    until("there is an answer", async || {
        stand_in.lines("sent").len() >= number
    })
    .await;
    stand_in.lines("sent")[number - 1].clone()
}

async fn ends_well(running: Running) {
    running.terminate().await;
    let (code, log) = running.end().await;
    assert_eq!(code, Some(0), "{log}");
    assert!(
        !log.contains("770011223") && !log.contains("123456:TEST"),
        "no chat and no token stand in the log: {log}"
    );
}

#[tokio::test]
async fn a_talk_by_long_polling_goes_from_a_pages_link_to_a_subscription() {
    let Some(stand_in) = StandIn::bot_api() else {
        return;
    };
    let loa = Loa::new("sqlite:loa.db").with_bot_api(&stand_in.url());
    let mut running = loa.start(&["serve", "--only", "bot,web"]);
    let url = running.address().await;
    converse(&stand_in, &url).await;
    assert_eq!(state(&stand_in)["webhook"], Value::Null);
    ends_well(running).await;
}

#[tokio::test]
async fn a_talk_by_webhook_goes_from_a_pages_link_to_a_subscription() {
    let Some(stand_in) = StandIn::bot_api() else {
        return;
    };
    // Telegram has to be told the address before the service listens: a port that was free a moment ago.
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let loa = Loa::new("sqlite:loa.db")
        .with_bot_api(&stand_in.url())
        .with("TELEGRAM__MODE", "webhook")
        .with("PUBLIC_URL", format!("http://{free}"))
        .with("WEB__LISTEN", free.to_string());
    let mut running = loa.start(&["serve", "--only", "bot,web"]);
    let url = running.address().await;
    until("the webhook is set", async || {
        state(&stand_in)["webhook"]["url"] == format!("http://{free}/hooks/telegram")
    })
    .await;
    let secret = state(&stand_in)["webhook"]["secret"].as_str().unwrap().to_owned();
    assert!(secret.len() >= 40, "Loa makes a secret of its own");
    converse(&stand_in, &url).await;
    ends_well(running).await;
}
