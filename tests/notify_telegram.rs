//! What becomes of a post, against the Bot API stand-in that lies beside the project.

use std::time::Duration;

use loa::{
    domain::subscription::{Address, Channel},
    notify::{
        Secret, SendError,
        message::{Button, Post},
        telegram::{Telegram, TelegramSettings, TelegramSettingsError},
    },
};

use crate::common::stand_ins::StandIn;

fn telegram(stand_in: &StandIn, request_timeout: Duration) -> Telegram {
    let mut settings = TelegramSettings::new(Secret::new("123456:TEST"));
    settings.api_url = Some(format!("{}/", stand_in.url()));
    settings.request_timeout = request_timeout;
    Telegram::new(&settings).unwrap()
}

/// The next request for a chat fails like this; `more` are further members of the fault's JSON object.
fn fault(stand_in: &StandIn, chat: i64, kind: &str, more: &str) {
    let body = format!("{{\"chat\": {chat}, \"kind\": \"{kind}\"{more}}}");
    stand_in.tell("fault", &serde_json::from_str(&body).unwrap());
}

fn to(address: &str) -> Address {
    Address::parse(Channel::Telegram, address).unwrap()
}

fn post(html: &str) -> Post {
    let link = |label: &str, url: &str| Button::Link {
        label: label.to_owned(),
        url: url.to_owned(),
    };
    Post {
        html: html.to_owned(),
        buttons: vec![
            vec![
                link("Đọc tin", "https://portal.example.vn/1"),
                link("Trên Loa", "http://localhost:8080/1"),
            ],
            vec![link("Ngừng nhận", "https://loa.example.vn/unsubscribe/x")],
        ],
        silent: true,
        preview: false,
    }
}

#[tokio::test]
async fn a_post_reaches_chats_threads_and_channels() {
    let Some(stand_in) = StandIn::unlimited_bot_api() else {
        return;
    };
    let telegram = telegram(&stand_in, Duration::from_secs(20));
    assert_eq!(telegram.me().await.unwrap(), "@loa_test_bot");
    for address in ["42", "-1001:7", "@kenh_tin"] {
        telegram
            .send(&to(address), &post("<b>Tin</b> &lt;mới&gt;"))
            .await
            .unwrap();
    }
    let sent = stand_in.lines("sent");
    let chats: Vec<_> = sent
        .iter()
        .map(|m| (m["chat"].to_string(), m["thread"].to_string()))
        .collect();
    let expected = [("42", "null"), ("-1001", "7"), ("\"@kenh_tin\"", "null")];
    assert_eq!(chats, expected.map(|(c, t)| (c.to_owned(), t.to_owned())));
    assert_eq!(
        (sent[0]["plain"].as_str(), sent[0]["silent"].as_bool()),
        (Some("Tin <mới>"), Some(true))
    );
    // Telegram refuses a whole message for a button to a host that only this machine knows.
    assert_eq!(sent[0]["buttons"][0].as_array().unwrap().len(), 1);
}

/// All at once: teloxide sleeps ten seconds on a 5xx, and only that one waits.
#[tokio::test]
async fn each_failure_says_what_to_do_next() {
    let Some(stand_in) = StandIn::unlimited_bot_api() else {
        return;
    };
    let telegram = telegram(&stand_in, Duration::from_secs(20));
    let table = [
        (1, "blocked", "", "Gone"),
        (2, "kicked", "", "Gone"),
        (3, "deactivated", "", "Gone"),
        (4, "notfound", "", "Gone"),
        (-5, "migrate", ", \"to\": -1005", "Moved(\"-1005\")"),
        (
            6,
            "flood",
            ", \"after\": 9",
            "Later(\"the Bot API asks for a pause\", Some(9s))",
        ),
        (7, "500", "", "Later"),
        (8, "drop", "", "Unknown"),
        (9, "topicclosed", "", "Refused"),
    ];
    for (chat, kind, more, _) in table {
        fault(&stand_in, chat, kind, more);
    }
    let sends = table.map(|(chat, ..)| {
        let telegram = telegram.clone();
        async move { telegram.send(&to(&chat.to_string()), &post("tin")).await }
    });
    let outcomes = futures::future::join_all(sends).await;
    for ((_, kind, _, expected), outcome) in table.into_iter().zip(outcomes) {
        let said = format!("{:?}", outcome.unwrap_err());
        assert!(said.starts_with(expected), "{kind}: {said}");
        assert!(!said.contains("TEST"), "{kind}: {said}");
    }
    let too_long = telegram.send(&to("10"), &post(&"x".repeat(4097))).await;
    assert!(matches!(too_long, Err(SendError::Refused(_))), "{too_long:?}");
    let broken = telegram.send(&to("10"), &post("<b>tin")).await;
    assert!(matches!(broken, Err(SendError::Refused(_))), "{broken:?}");
}

#[tokio::test]
async fn a_silent_api_means_unknown_and_no_api_that_nothing_was_sent() {
    let Some(stand_in) = StandIn::unlimited_bot_api() else {
        return;
    };
    let telegram = telegram(&stand_in, Duration::from_millis(300));
    fault(&stand_in, 1, "hang", "");
    let hung = telegram.send(&to("1"), &post("tin")).await;
    assert!(matches!(hung, Err(SendError::Unknown(_))), "{hung:?}");
    drop(stand_in);
    let nobody = telegram.send(&to("2"), &post("tin")).await;
    assert!(matches!(nobody, Err(SendError::Unreachable(_))), "{nobody:?}");
}

#[test]
fn settings_that_cannot_work_are_named_and_not_repeated() {
    let mut settings = TelegramSettings::new(Secret::new("not a token"));
    let wrong = |settings: &TelegramSettings| Telegram::new(settings).err();
    assert_eq!(wrong(&settings), Some(TelegramSettingsError::Token));
    settings.token = Secret::new("123456:TEST");
    settings.proxy = Some(Secret::new("ftp://user:password@proxy"));
    assert_eq!(wrong(&settings), Some(TelegramSettingsError::Proxy));
    assert!(!format!("{settings:?}").contains("password"));
    settings.proxy = Some(Secret::new("socks5h://user:password@proxy:1080"));
    assert_eq!(wrong(&settings), None);
    settings.api_url = Some("telegram".to_owned());
    assert_eq!(wrong(&settings), Some(TelegramSettingsError::ApiUrl));
}
