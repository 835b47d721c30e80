//! `loa send-test`, the real program: one message, what the other side said, and how it ends where there was none.

use crate::common::{
    process::{Ended, Loa},
    smtp::{At, Fault, Sink},
    stand_ins::StandIn,
};

const TO: &str = "lan.nguyen@example.vn";

/// No database opens: the command needs none.
fn loa() -> Loa {
    Loa::new("postgres://nobody@127.0.0.1:9/none")
}

async fn mail(loa: &Loa) -> Ended {
    let ended = loa.run(&["send-test", "email", TO]).await;
    let said = format!("{}{}", ended.stdout, ended.stderr);
    assert!(!said.contains("lan.nguyen"), "the address is shown: {said}");
    ended
}

#[tokio::test]
async fn a_mail_goes_out_once_and_the_relays_words_are_shown() {
    let sink = Sink::start().await;
    let loa = loa()
        .with_relay(sink.address)
        .with("PUBLIC_URL", "https://loa.example.vn");
    sink.fault(
        At::Dot,
        Fault::Say("250 2.0.0 Ok: queued as 4F1C for <lan.nguyen@example.vn>"),
    );
    let ended = mail(&loa).await;
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    assert!(
        ended.stdout.starts_with("Sent to l…@example.vn: 127.0.0.1:")
            && ended
                .stdout
                .contains("took the mail (not signed) and said \"250 2.0.0 Ok: queued as 4F1C for [address]\"; Message-ID <loa.test."),
        "{}",
        ended.stdout
    );
    let again = mail(&loa).await;
    assert_eq!(again.code, Some(0));
    let [first, second] = sink.taken().try_into().unwrap();
    assert_eq!((first.to.as_str(), first.from.as_str()), (TO, "loa@example.vn"));
    assert!(ended.stdout.contains(&first.message_id), "{}", first.message_id);
    assert!(first.message_id.ends_with("@loa.example.vn>"));
    assert_ne!(
        first.message_id, second.message_id,
        "mail programs show one of two with the same id"
    );
    assert!(!first.data.contains("List-Unsubscribe"), "nothing is subscribed");
    let text = first.data.replace("=\r\n", "");
    let vietnamese = text.find("Th=C6=B0 th=E1=BB=AD c=E1=BB=A7a Loa").unwrap();
    assert!(vietnamese < text.find("Loa at https://loa.example.vn sent this at").unwrap());
}

#[tokio::test]
async fn what_the_relay_refuses_is_said_in_its_words_and_ends_with_1() {
    for (at, fault, expected) in [
        (
            At::Rcpt,
            Fault::Say("550 5.1.1 <lan.nguyen@example.vn>: no such user lan.nguyen"),
            "not sent, the address does not take messages: 550 5.1.1 [address] no such user [address] (at RCPT)",
        ),
        (
            At::Dot,
            Fault::Say("554 5.7.1 spam"),
            "not sent, the message was refused: 554 5.7.1 spam (at the final dot)",
        ),
        (
            At::Mail,
            Fault::Say("451 4.7.1 greylisted"),
            "not sent: 451 4.7.1 greylisted (at MAIL); check smtp.host",
        ),
        (At::Connect, Fault::Drop, "not sent: connection lost at EHLO"),
        (
            At::Dot,
            Fault::Drop,
            "it may have been sent: connection lost after the final dot",
        ),
    ] {
        let sink = Sink::start().await;
        sink.fault(at, fault);
        let ended = mail(&loa().with_relay(sink.address)).await;
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{fault:?}");
        assert!(ended.stderr.contains(expected), "{fault:?}: {}", ended.stderr);
        assert!(sink.is_struck());
    }
}

#[tokio::test]
async fn wrong_arguments_and_channels_that_are_off_end_with_2() {
    let off = loa();
    for (arguments, expected) in [
        (["email", TO], "mail is off: set smtp.host and smtp.from"),
        (["telegram", "42"], "Telegram is off: set telegram.token"),
        (["email", "lan"], "not an e-mail address"),
        (["telegram", "4x2"], "not a Telegram address"),
        (["sms", "42"], "email, telegram"),
    ] {
        let ended = off.run(&[&["send-test"], &arguments[..]].concat()).await;
        assert_eq!(
            (ended.code, ended.stdout.as_str()),
            (Some(2), ""),
            "{arguments:?}"
        );
        assert!(ended.stderr.contains(expected), "{arguments:?}: {}", ended.stderr);
    }
}

#[tokio::test]
async fn a_post_reaches_chats_and_groups_and_a_bot_that_was_blocked_is_told() {
    let Some(bot_api) = StandIn::unlimited_bot_api() else {
        return;
    };
    let loa = loa().with_bot_api(&bot_api.url());
    for address in ["42", "-1001"] {
        let ended = loa.run(&["send-test", "telegram", address]).await;
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert!(
            ended.stdout.contains("the Bot API took it as message ") && !ended.stdout.contains(address),
            "{}",
            ended.stdout
        );
    }
    let sent = bot_api.lines("sent");
    assert_eq!(sent.len(), 2, "{sent:?}");
    let text = sent[0].to_string();
    assert!(
        text.find("Tin thử của Loa").unwrap() < text.find("Test message of Loa").unwrap(),
        "{text}"
    );
    let fault = serde_json::json!({"chat": 42, "kind": "blocked"});
    bot_api.tell("fault", &fault);
    let ended = loa.run(&["send-test", "telegram", "42"]).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(
        ended
            .stderr
            .contains("not sent, the address does not take messages: "),
        "{}",
        ended.stderr
    );
}

#[tokio::test]
async fn a_further_relay_of_the_settings_takes_over_from_one_that_is_down() {
    let (down, sink) = (
        std::net::SocketAddr::from(([127, 0, 0, 1], 9)),
        Sink::start().await,
    );
    let loa = loa().with_relay(down);
    let file = loa.folder().join("loa.toml");
    let text = format!(
        "[[smtp.relays]]\nhost = \"127.0.0.1\"\nport = {}\nper_day = 100\n",
        sink.address.port()
    );
    std::fs::write(&file, text).unwrap();
    let file = file.display().to_string();
    let ended = loa.run(&["send-test", "email", TO, "--config", &file]).await;
    assert_eq!((ended.code, sink.taken_count()), (Some(0), 1), "{ended:?}");
}
