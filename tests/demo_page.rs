//! The demo's inboxes: the Bot API stand-in, the folder of mails, and the page that shows both.

use axum_test::TestServer;
use chrono::{DateTime, Utc};
use loa::{
    demo::{
        mailbox,
        page::{self, Demo},
        portal::SamplePortal,
        telegram::TelegramStandIn,
    },
    web::site::Site,
};
use serde_json::{Value, json};

fn noon() -> DateTime<Utc> {
    "2026-11-23T05:00:00Z".parse().unwrap()
}

const MAIL: &str = "From: =?utf-8?B?TG9h?= <loa@example.vn>\r\nTo: lan@example.vn\r\n\
    Subject: =?utf-8?Q?Nghi=E1=BB=87m_thu_=C4=91=E1=BB=81_t=C3=A0i?=\r\n\
    Date: Mon, 23 Nov 2026 12:00:00 +0700\r\nMIME-Version: 1.0\r\n\
    Content-Type: multipart/alternative; boundary=b\r\n\r\n\
    --b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nXin chào\r\n\
    --b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p style=\"color:#0b5566\">Xin <b>chào</b></p><script>x</script>\r\n--b--\r\n";

async fn call(server: &TestServer, method: &str, body: &Value) -> (u16, Value) {
    let answer = server.post(&format!("/bot1:abc/{method}")).json(body).await;
    (answer.status_code().as_u16(), answer.json())
}

#[tokio::test]
async fn the_stand_in_takes_messages_whatever_the_case_of_the_method() {
    let telegram = TelegramStandIn::new(noon);
    let server = TestServer::new(telegram.router());
    let keyboard =
        json!({"inline_keyboard": [[{"text": "Đọc bài", "url": "https://loa.example/articles/1"}]]});
    for method in ["sendMessage", "SendMessage", "sendmessage"] {
        let body = json!({"chat_id": -100_123, "message_thread_id": 7, "text": "<b>Chào</b>", "parse_mode": "HTML",
            "reply_markup": keyboard});
        let (status, answer) = call(&server, method, &body).await;
        assert_eq!((status, answer["ok"].as_bool()), (200, Some(true)));
        assert_eq!(answer["result"]["text"], "Chào");
    }
    let messages = telegram.messages();
    assert_eq!(messages.iter().map(|m| m.id).collect::<Vec<_>>(), [3, 2, 1]);
    assert_eq!(
        (messages[0].chat.as_str(), messages[0].thread),
        ("-100123", Some(7))
    );
    assert_eq!(messages[0].buttons[0][0].0, "Đọc bài");
}

#[tokio::test]
async fn the_stand_in_refuses_what_the_bot_api_would() {
    let server = TestServer::new(TelegramStandIn::new(noon).router());
    let long = "😀".repeat(2049);
    let fits = format!("<b>{}</b>", "a".repeat(4096));
    for (body, status) in [
        (json!({"text": "x"}), 400),
        (json!({"chat_id": 1}), 400),
        (
            json!({"chat_id": 1, "text": "<b></b>", "parse_mode": "HTML"}),
            400,
        ),
        (json!({"chat_id": 1, "text": long}), 400),
        (json!({"chat_id": 1, "text": fits, "parse_mode": "HTML"}), 200),
    ] {
        let (got, answer) = call(&server, "sendMessage", &body).await;
        assert_eq!(got, status, "{answer}");
        assert_eq!(answer["ok"].as_bool(), Some(status == 200));
    }
    assert_eq!(
        call(&server, "getMe", &json!({})).await.1["result"]["is_bot"],
        true
    );
    assert_eq!(
        call(&server, "getUpdates", &json!({"timeout": 0})).await.1["result"],
        json!([])
    );
    assert_eq!(call(&server, "flyAway", &json!({})).await.0, 404);
    assert_eq!(server.post("/botless/getMe").await.status_code().as_u16(), 401);
}

/// teloxide is what Loa speaks with: it must be able to read every answer.
#[tokio::test]
async fn teloxide_understands_the_stand_in() {
    use teloxide::{
        Bot,
        payloads::SendMessageSetters,
        requests::Requester,
        types::{ChatId, ParseMode},
    };
    let telegram = TelegramStandIn::new(noon);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(axum::serve(listener, telegram.router()).into_future());
    let bot = Bot::new("1:abc").set_api_url(address.parse().unwrap());
    assert_eq!(bot.get_me().await.unwrap().username(), "loa_demo_bot");
    for chat in [42, -1_001_234] {
        let sent = bot
            .send_message(ChatId(chat), "<i>Chào</i>")
            .parse_mode(ParseMode::Html)
            .await
            .unwrap();
        assert_eq!(sent.text(), Some("Chào"));
    }
    bot.send_message("@kenh_mau".to_owned(), "Chào").await.unwrap();
    assert!(bot.get_updates().await.unwrap().is_empty());
    bot.delete_webhook().await.unwrap();
    assert_eq!(telegram.messages().len(), 3);
    server.abort();
}

#[test]
fn mails_are_read_as_a_mail_program_would() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(mailbox::read(&folder.path().join("none")).unwrap(), []);
    std::fs::write(folder.path().join("1.eml"), MAIL).unwrap();
    std::fs::write(folder.path().join("note.txt"), "x").unwrap();
    let mails = mailbox::read(folder.path()).unwrap();
    assert_eq!(mails.len(), 1);
    let mail = &mails[0];
    assert_eq!(
        (mail.subject.as_str(), mail.from.as_str()),
        ("Nghiệm thu đề tài", "Loa <loa@example.vn>")
    );
    assert_eq!((mail.to.as_str(), mail.date), ("lan@example.vn", Some(noon())));
    assert_eq!(mail.text.as_deref().map(str::trim), Some("Xin chào"));
    assert!(mail.html.as_deref().unwrap().contains("<b>chào</b>"));
    assert_eq!(mailbox::raw(folder.path(), "1.eml").unwrap(), MAIL.as_bytes());
    for elsewhere in ["../1.eml", "/etc/passwd", "note.txt", "..\\1.eml", ".eml"] {
        assert_eq!(mailbox::raw(folder.path(), elsewhere), None, "{elsewhere}");
    }
}

#[tokio::test]
async fn the_page_shows_both_inboxes_and_publishes() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("1.eml"), MAIL).unwrap();
    let (portal, telegram) = (SamplePortal::new(noon()), TelegramStandIn::new(noon));
    let bot = TestServer::new(telegram.router());
    let text = "<b>Nghiệm thu</b> <script>x</script>\n<a href=\"https://loa.example\">bài</a>";
    let body = json!({"chat_id": 42, "text": text, "parse_mode": "HTML",
        "reply_markup": {"inline_keyboard": [[{"text": "Đọc bài", "url": "https://loa.example/1"}, {"text": "Ngừng", "callback_data": "stop"}]]}});
    assert_eq!(call(&bot, "sendMessage", &body).await.0, 200);
    let server = TestServer::new(page::router::<()>(Demo {
        site: Site {
            name: "Loa".into(),
            ..Site::default()
        },
        portal: portal.clone(),
        portal_url: "http://127.0.0.1:9".into(),
        mail_folder: folder.path().to_owned(),
        telegram,
        clock: noon,
    }));
    let page = server.get("/demo").await;
    let shown = page.text();
    assert!(shown.contains("Nghiệm thu đề tài</h3>"));
    assert!(shown.contains("sandbox=\"allow-popups allow-popups-to-escape-sandbox\""));
    assert!(!shown.contains("<script"), "neither the mail's nor the message's");
    assert!(shown.contains("http-equiv=\"refresh\""));
    assert!(
        !server
            .get("/demo?live=no")
            .await
            .text()
            .contains("http-equiv=\"refresh\"")
    );
    assert_eq!(server.get("/demo/mail/1.eml").await.text(), MAIL);
    server
        .get("/demo/mail/..%2F1.eml")
        .await
        .assert_status_not_found();
    server.post("/demo/publish").await.assert_status_see_other();
    assert_eq!(portal.waiting(), 3);
    let pages = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages");
    std::fs::create_dir_all(&pages).unwrap();
    std::fs::write(
        pages.join("demo.vi.html"),
        shown.replace("\"/assets/", "\"assets/"),
    )
    .unwrap();
}
