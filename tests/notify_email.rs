//! What becomes of a mail at a server that behaves, and at one that does not.

use std::time::Duration;

use loa::{
    domain::subscription::{Address, Channel},
    notify::{
        SendError,
        email::{Mailer, SmtpSettings},
        message::{Mail, Sender, message_id},
    },
};

use crate::common::{
    articles::morning,
    smtp::{At, Fault, Sink},
};

const TO: &str = "lan.nguyen@example.vn";

pub fn mail(delivery: i64) -> Mail {
    Mail {
        message_id: message_id(delivery, "t1", "loa.example.vn"),
        from: Sender::parse("Loa <loa@example.vn>").unwrap(),
        to: Address::parse(Channel::Email, TO).unwrap(),
        subject: "Tin mới".to_owned(),
        text: ".một dấu chấm\n..\ncuối".to_owned(),
        html: "<p>tin</p>".to_owned(),
        list_id: None,
        unsubscribe_url: None,
        mark: Some("7-9f86d081884c7d65".to_owned()),
        date: morning(),
        stream: "alert",
    }
}

fn settings(sink: &Sink) -> SmtpSettings {
    let mut settings = SmtpSettings::relay("127.0.0.1", sink.address.port());
    settings.deadlines.hello = Duration::from_millis(150);
    settings.deadlines.command = Duration::from_millis(150);
    settings.deadlines.dot = Duration::from_millis(150);
    settings
}

async fn send(mailer: &Mailer, delivery: i64) -> Result<(), SendError> {
    mailer.prepare(&mail(delivery)).await?.finish().await
}

async fn outcome(at: At, fault: Fault) -> (&'static str, usize) {
    let sink = Sink::start().await;
    sink.fault(at, fault);
    let mailer = Mailer::smtp(settings(&sink)).unwrap();
    let outcome = send(&mailer, 7).await;
    let said = format!("{outcome:?}").to_lowercase();
    assert!(
        !said.contains("lan.nguyen"),
        "{at:?} {fault:?} shows the address: {said}"
    );
    // Whatever happened, the next mail goes out, once.
    send(&mailer, 8).await.unwrap();
    let seventh = sink
        .taken()
        .iter()
        .filter(|m| m.message_id.contains(".7."))
        .count();
    assert_eq!(sink.taken().len(), seventh + 1, "{at:?} {fault:?}");
    let name = match outcome {
        Ok(()) => "sent",
        Err(SendError::Later(..) | SendError::Unreachable(_)) => "later",
        Err(SendError::Gone(_)) => "gone",
        Err(SendError::NotTaken(_)) => "not taken",
        Err(SendError::Moved(_)) => "moved",
        Err(SendError::Refused(_)) => "refused",
        Err(SendError::Unknown(_)) => "unknown",
    };
    (name, seventh)
}

/// Every stage with every fault: what the caller is told, and how many copies the server took.
#[tokio::test]
async fn every_fault_at_every_stage_has_its_outcome() {
    use At::{Connect, Data, Dot, Hello, Mail, Rcpt};
    use Fault::{Drop, Hang, Say};
    let greylisted = Say("450 4.2.0 <lan.nguyen@example.vn>: greylisted");
    let busy = Say("421 4.3.2 closing");
    let policy = Say("550 5.7.1 lan.nguyen: no");
    let unknown_user = Say("550 5.1.1 <Lan.Nguyen@example.vn>: unknown");
    let table = [
        (Connect, Drop, "later", 0),
        (Connect, Hang, "later", 0),
        (Connect, busy, "later", 0),
        (Connect, Say("554 5.7.1 no service for you"), "later", 0),
        (Hello, Drop, "later", 0),
        (Hello, Say("550 5.7.1 bad helo"), "later", 0),
        (Mail, Drop, "later", 0),
        (Mail, Hang, "later", 0),
        (Mail, busy, "later", 0),
        (Mail, greylisted, "later", 0),
        (Mail, Say("530 5.7.0 sign in first"), "later", 0),
        (Mail, policy, "later", 0),
        (Mail, unknown_user, "later", 0),
        (Rcpt, Drop, "later", 0),
        (Rcpt, Hang, "later", 0),
        (Rcpt, busy, "later", 0),
        (Rcpt, greylisted, "later", 0),
        (Rcpt, unknown_user, "gone", 0),
        (Rcpt, Say("550 5.1.8 bad sender's domain"), "refused", 0),
        (Rcpt, Say("552 5.2.2 mailbox full"), "not taken", 0),
        (Rcpt, policy, "refused", 0),
        (Rcpt, Say("251 will forward"), "sent", 1),
        (Rcpt, Say("354 what?"), "later", 0),
        (Data, Drop, "later", 0),
        (Data, Hang, "later", 0),
        (Data, busy, "later", 0),
        (Data, greylisted, "later", 0),
        (Data, policy, "refused", 0),
        (Data, Say("250 what?"), "later", 0),
        (Dot, Drop, "unknown", 1),
        (Dot, Hang, "unknown", 1),
        (Dot, busy, "later", 0),
        (Dot, greylisted, "later", 0),
        (Dot, policy, "refused", 0),
        (Dot, Say("354 what?"), "unknown", 0),
        (Dot, Say("gibberish"), "unknown", 0),
    ];
    let outcomes = table.map(|(at, fault, _, _)| Box::pin(outcome(at, fault)));
    let outcomes = futures::future::join_all(outcomes).await;
    for ((at, fault, name, copies), outcome) in table.into_iter().zip(outcomes) {
        assert_eq!(outcome, (name, copies), "{at:?} {fault:?}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_means_later() {
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let mailer = Mailer::smtp(SmtpSettings::relay("127.0.0.1", port)).unwrap();
    assert!(matches!(
        mailer.prepare(&mail(1)).await.err(),
        Some(SendError::Later(..))
    ));
}

#[tokio::test]
async fn nothing_is_sent_before_finish_and_dropping_is_harmless() {
    let sink = Sink::start().await;
    let mailer = Mailer::smtp(settings(&sink)).unwrap();
    let ready = mailer.prepare(&mail(1)).await.unwrap();
    assert_eq!(sink.taken().len(), 0);
    drop(ready);
    send(&mailer, 2).await.unwrap();
    let taken = sink.taken();
    assert_eq!(taken.len(), 1);
    assert_eq!(
        (taken[0].to.as_str(), taken[0].message_id.as_str()),
        (TO, "<loa.delivery.2.t1@loa.example.vn>")
    );
    assert!(
        taken[0]
            .data
            .contains("\r\n.m=E1=BB=99t d=E1=BA=A5u ch=E1=BA=A5m\r\n..\r\ncu=E1=BB=91i"),
        "{}",
        taken[0].data
    );
    assert_eq!(sink.connections(), 2);
}

#[tokio::test]
async fn a_healthy_connection_carries_the_next_mail_and_an_old_one_does_not() {
    let sink = Sink::start().await;
    let mut limits = settings(&sink);
    limits.pool.mails = 3;
    let mailer = Mailer::smtp(limits.clone()).unwrap();
    for delivery in 1..=4 {
        send(&mailer, delivery).await.unwrap();
    }
    assert_eq!(
        (sink.taken().len(), sink.connections()),
        (4, 2),
        "three mails, then a new connection"
    );

    limits.pool.idle = Duration::ZERO;
    let mailer = Mailer::smtp(limits).unwrap();
    send(&mailer, 5).await.unwrap();
    send(&mailer, 6).await.unwrap();
    assert_eq!(sink.connections(), 4, "idle for too long");
}

#[tokio::test]
async fn a_parked_connection_that_died_is_replaced_unseen() {
    for dead in [Fault::Drop, Fault::Say("421 4.4.2 idle")] {
        let sink = Sink::start().await;
        let mailer = Mailer::smtp(settings(&sink)).unwrap();
        send(&mailer, 1).await.unwrap();
        sink.fault(At::Mail, dead);
        send(&mailer, 2).await.unwrap();
        assert_eq!((sink.taken().len(), sink.connections()), (2, 2));
    }
}

/// lettre's own pool parks a connection whose send was cancelled, and the next mail "succeeds" on a stale reply.
#[tokio::test]
async fn a_cancelled_mail_leaves_no_connection_behind() {
    let sink = Sink::start().await;
    let mailer = Mailer::smtp(settings(&sink)).unwrap();
    sink.fault(At::Dot, Fault::Hang);
    let ready = mailer.prepare(&mail(1)).await.unwrap();
    let cancelled = tokio::time::timeout(Duration::from_millis(30), ready.finish()).await;
    assert!(cancelled.is_err());
    send(&mailer, 2).await.unwrap();
    assert!(sink.taken().iter().any(|m| m.message_id.contains(".2.")));
    assert_eq!(sink.connections(), 2);
}

#[tokio::test]
async fn a_connection_one_reply_behind_never_counts_a_mail_as_sent() {
    let sink = Sink::start().await;
    let mailer = Mailer::smtp(settings(&sink)).unwrap();
    sink.fault(At::Dot, Fault::Twice);
    send(&mailer, 1).await.unwrap();
    assert!(matches!(send(&mailer, 2).await, Err(SendError::Later(..))));
    assert_eq!(sink.taken().len(), 1);
}

#[tokio::test]
async fn a_connection_lost_within_the_text_is_safe_to_repeat() {
    let sink = Sink::start().await;
    sink.fault(At::Text, Fault::Drop);
    let mut mailer_settings = settings(&sink);
    mailer_settings.deadlines.dot = Duration::from_secs(20);
    let mailer = Mailer::smtp(mailer_settings).unwrap();
    // More than the socket's buffers hold, so that writing the text itself fails.
    let mut big = mail(1);
    big.text = "dòng chữ\n".repeat(600_000);
    let outcome = mailer.prepare(&big).await.unwrap().finish().await;
    assert!(matches!(outcome, Err(SendError::Later(..))), "{outcome:?}");
}

#[tokio::test]
async fn bounces_come_back_with_the_delivery_they_are_about() {
    let sink = Sink::start().await;
    let mut with_bounces = settings(&sink);
    with_bounces.bounces = Some("bounces@example.vn".to_owned());
    send(&Mailer::smtp(with_bounces).unwrap(), 42).await.unwrap();
    assert_eq!(sink.taken()[0].from, "bounces+7-9f86d081884c7d65@example.vn");
}

#[tokio::test]
async fn check_greets_and_leaves_and_says_what_is_wrong() {
    let sink = Sink::start().await;
    let mailer = Mailer::smtp(settings(&sink)).unwrap();
    assert!(mailer.check().await.unwrap().contains("answers (tls: None)"));

    let mut signed_in = settings(&sink);
    signed_in.user = Some("loa".to_owned());
    signed_in.password = Some(loa::notify::Secret::new("mật-khẩu"));
    assert!(!format!("{signed_in:?}").contains("khẩu"));
    let wrong = Mailer::smtp(signed_in).unwrap().check().await;
    assert!(
        matches!(wrong, Err(SendError::Later(..))),
        "the sink offers no AUTH: {wrong:?}"
    );
    assert!(sink.taken().is_empty());
}

#[tokio::test]
async fn settings_that_cannot_work_name_their_key() {
    let mut settings = SmtpSettings::relay("relay", 25);
    settings.user = Some("loa".to_owned());
    let error = Mailer::smtp(settings).err().unwrap();
    assert_eq!(
        error.to_string(),
        "smtp.user and smtp.password belong together: one is set, the other is not"
    );
}

#[tokio::test]
async fn files_and_memory_keep_what_is_finished() {
    let folder = tempfile::tempdir().unwrap();
    let mailer = Mailer::Files(folder.path().to_owned());
    let ready = mailer.prepare(&mail(7)).await.unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    ready.finish().await.unwrap();
    let file = folder.path().join("loa.delivery.7.t1@loa.example.vn.eml");
    assert!(std::fs::read_to_string(file).unwrap().starts_with("From: "));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);

    let outbox = loa::notify::email::Outbox::default();
    send(&Mailer::Memory(outbox.clone()), 7).await.unwrap();
    assert_eq!(outbox.mails(), [mail(7)]);
}

#[tokio::test]
async fn a_wrong_password_keeps_the_mail_waiting() {
    let sink = Sink::start().await;
    let mut signed_in = settings(&sink);
    signed_in.user = Some("loa".to_owned());
    signed_in.password = Some(loa::notify::Secret::new("secret-password"));
    let mailer = Mailer::smtp(signed_in).unwrap();
    let offers_auth = Fault::Say("250-sink\r\n250 AUTH PLAIN LOGIN");
    sink.fault(At::Hello, offers_auth);
    sink.fault(At::Hello, Fault::Say("535 5.7.8 authentication failed"));
    let refused = send(&mailer, 1).await;
    assert!(
        matches!(&refused, Err(SendError::Later(why, _)) if why.starts_with("535")),
        "{refused:?}"
    );
    sink.fault(At::Hello, offers_auth);
    sink.fault(At::Hello, Fault::Say("235 2.7.0 welcome"));
    send(&mailer, 1).await.unwrap();
    assert_eq!(sink.taken().len(), 1);
}
