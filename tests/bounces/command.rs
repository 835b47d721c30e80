//! The real program, as a mail server and an operator run it.

use super::*;
use crate::common::{
    process::{Ended, Loa},
    smtp::{At, Fault, Sink},
};

for_each_db!(
    a_mail_server_pipes_a_bounce_and_the_operator_sees_and_lifts_it,
    whatever_hinders_loa_is_tried_again,
    a_refusal_at_once_is_a_bounce,
);

/// The key that the program made for this database.
async fn tokens(url: &str) -> Tokens {
    let mut sql = sql::Sql::connect(url).await;
    let key = sql
        .texts("SELECT value FROM secrets WHERE name = 'private links'")
        .await;
    Tokens::new(&key[0])
}

/// Somebody who was owed a mail, and the program; the delivery.
async fn somebody(db: TestDb) -> (World, Loa, i64) {
    let loa = Loa::new(&db.url);
    let migrated = loa.run(&["migrate"]).await;
    assert_eq!(migrated.code, Some(0), "{}", migrated.stderr);
    let mut world = World::new(db).await;
    world.tokens = tokens(&world.db.url).await;
    // The program goes by the machine's clock.
    world.clock.advance(Clock::default().now() - start());
    let delivery = world.owe(1).await;
    (world, loa, delivery)
}

async fn pipes(loa: &Loa, mail: &[u8]) -> Ended {
    std::fs::write(loa.folder().join("mail"), mail).unwrap();
    loa.run(&["bounce", "mail"]).await
}

async fn a_mail_server_pipes_a_bounce_and_the_operator_sees_and_lifts_it(db: TestDb) {
    let (world, loa, delivery) = somebody(db).await;
    let ended = pipes(&loa, &world.sample("postfix-unknown", delivery)).await;
    assert_eq!(
        (ended.code, ended.stderr.as_str()),
        (
            Some(0),
            "loa: delivery 1 to subscriber 1: hard 5.1.1, suppressed for a bounce\n"
        )
    );
    let ended = pipes(&loa, b"noise").await;
    assert_eq!(
        (ended.code, ended.stderr.as_str()),
        (Some(0), "loa: ignored: it has no mark of ours\n")
    );
    let shown = loa.run(&["subscribers", "show", LAN]).await;
    assert_eq!(shown.code, Some(0), "{}", shown.stderr);
    for part in [
        "Subscriber 1: l…@co-quan.example (vi)",
        "follows     all, instant",
        "for a bounce: nothing is sent",
        "hard 5.1.1 (dsn, delivery 1): unknown user: [address]",
    ] {
        assert!(shown.stdout.contains(part), "{part:?} in\n{}", shown.stdout);
    }
    assert!(!shown.stdout.contains("lan@"), "{}", shown.stdout);
    let listed = loa.run(&["subscribers", "suppressed"]).await;
    assert!(
        listed.stdout.contains("bounce     l…@co-quan.example"),
        "{}",
        listed.stdout
    );
    assert!(
        listed
            .stdout
            .ends_with("1 subscribers are suppressed; 1 addresses, erased people's included\n")
    );
    let lifted = loa.run(&["subscribers", "lift", LAN]).await;
    assert_eq!(
        (lifted.code, lifted.stdout.as_str()),
        (
            Some(0),
            "l…@co-quan.example is written to again from the next message on.\n"
        )
    );
    let shown = loa.run(&["subscribers", "show", LAN]).await;
    assert!(
        shown.stdout.contains("suppressed  no; 0 of 5 points"),
        "{}",
        shown.stdout
    );
    assert!(
        shown.stdout.contains("lifted - (operator): stood for a bounce"),
        "{}",
        shown.stdout
    );
    pipes(&loa, &world.sample("arf-abuse", delivery)).await;
    let refused = loa.run(&["subscribers", "lift", LAN]).await;
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("add --complaint"), "{}", refused.stderr);
    let lifted = loa.run(&["subscribers", "lift", LAN, "--complaint"]).await;
    assert_eq!(lifted.code, Some(0), "{}", lifted.stderr);
    let nobody = loa.run(&["subscribers", "show", "ai@co-quan.example"]).await;
    assert_eq!(
        (nobody.code, nobody.stdout.as_str()),
        (Some(1), "Nothing is known of a…@co-quan.example.\n")
    );
}

async fn whatever_hinders_loa_is_tried_again(db: TestDb) {
    let fresh = Loa::new(&db.url);
    let ended = pipes(&fresh, b"a mail").await;
    assert_eq!(ended.code, Some(75), "no link key yet: {}", ended.stderr);
    let away = Loa::new("sqlite:not/there.db");
    let ended = pipes(&away, b"a mail").await;
    assert_eq!(ended.code, Some(75), "{}", ended.stderr);
    let empty = Loa::new("sqlite:new.db");
    let ended = pipes(&empty, b"a mail").await;
    assert_eq!(ended.code, Some(75), "{}", ended.stderr);
    assert!(
        !empty.folder().join("new.db").exists(),
        "a mail server makes no database"
    );
    let wrong = Loa::new(&db.url).with("SMTP__PORT", "many");
    let ended = pipes(&wrong, b"a mail").await;
    assert_eq!(ended.code, Some(75), "{}", ended.stderr);
    let (_, loa, _) = somebody(db).await;
    let ended = loa.run(&["bounce", "missing"]).await;
    assert_eq!(ended.code, Some(75), "{}", ended.stderr);
}

async fn a_refusal_at_once_is_a_bounce(db: TestDb) {
    let (world, loa, _) = somebody(db).await;
    let sink = Sink::start().await;
    let loa = loa.with_relay(sink.address);
    sink.fault(
        At::Rcpt,
        Fault::Say("552 5.2.2 <lan@co-quan.example>: over quota"),
    );
    let mut running = loa.start(&["serve", "--only", "send"]);
    running
        .line_with("was refused by the mailbox (1 of 5 points)")
        .await;
    sink.fault(
        At::Rcpt,
        Fault::Say("550 5.1.1 <lan@co-quan.example>: unknown user"),
    );
    world.owe(2).await;
    running
        .line_with("was refused by the mailbox (suppressed for a bounce)")
        .await;
    assert_eq!(world.suppressed().await, ["l…@co-quan.example for a bounce"]);
    let shown = loa.run(&["subscribers", "show", LAN]).await;
    assert!(
        shown
            .stdout
            .contains("hard 5.1.1 (rcpt, delivery 2): 550 5.1.1 [address]"),
        "{}",
        shown.stdout
    );
    running.terminate().await;
    assert_eq!(running.end().await.0, Some(0));
}
