//! What becomes of a post, against the Bot API stand-in that lies beside the project.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use loa::{
    domain::subscription::{Address, Channel},
    notify::{
        Secret, SendError,
        message::Post,
        telegram::{Telegram, TelegramSettings, TelegramSettingsError},
    },
};

const STAND_IN: &str = "../shared/telegram/standin.py";

/// The stand-in as a child process on a free port; it ends with the test.
struct StandIn {
    child: Child,
    authority: String,
}

impl StandIn {
    fn start() -> Option<Self> {
        if !Path::new(STAND_IN).exists() {
            println!("skipped: no ../shared");
            return None;
        }
        let arguments = [STAND_IN, "--port", "0", "--token", "123456:TEST", "--no-limits"];
        let mut child = Command::new("python3")
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let authority = line.trim().rsplit("http://").next().unwrap().to_owned();
        Some(Self { child, authority })
    }

    fn telegram(&self, request_timeout: Duration) -> Telegram {
        let mut settings = TelegramSettings::new(Secret::new("123456:TEST"));
        settings.api_url = Some(format!("http://{}/", self.authority));
        settings.request_timeout = request_timeout;
        Telegram::new(&settings).unwrap()
    }

    fn control(&self, path: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.authority).unwrap();
        let (host, length) = (&self.authority, body.len());
        write!(
            stream,
            "POST /_control/{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.split_once("\r\n\r\n").unwrap().1.to_owned()
    }

    fn fault(&self, chat: i64, kind: &str, more: &str) {
        self.control(
            "fault",
            &format!("{{\"chat\": {chat}, \"kind\": \"{kind}\"{more}}}"),
        );
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn to(address: &str) -> Address {
    Address::parse(Channel::Telegram, address).unwrap()
}

fn post(html: &str) -> Post {
    let link = |label: &str, url: &str| (label.to_owned(), url.to_owned());
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
    let Some(stand_in) = StandIn::start() else { return };
    let telegram = stand_in.telegram(Duration::from_secs(20));
    assert_eq!(telegram.me().await.unwrap(), "@loa_test_bot");
    for address in ["42", "-1001:7", "@kenh_tin"] {
        telegram
            .send(&to(address), &post("<b>Tin</b> &lt;mới&gt;"))
            .await
            .unwrap();
    }
    let sent = stand_in.control("sent", "");
    let sent: Vec<serde_json::Value> = sent.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
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
    let Some(stand_in) = StandIn::start() else { return };
    let telegram = stand_in.telegram(Duration::from_secs(20));
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
        stand_in.fault(chat, kind, more);
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
async fn a_silent_api_means_unknown_and_no_api_means_later() {
    let Some(stand_in) = StandIn::start() else { return };
    let telegram = stand_in.telegram(Duration::from_millis(300));
    stand_in.fault(1, "hang", "");
    let hung = telegram.send(&to("1"), &post("tin")).await;
    assert!(matches!(hung, Err(SendError::Unknown(_))), "{hung:?}");
    drop(stand_in);
    let nobody = telegram.send(&to("2"), &post("tin")).await;
    assert!(matches!(nobody, Err(SendError::Later(..))), "{nobody:?}");
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
