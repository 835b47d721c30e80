//! What follows from it in the store.

use loa::{
    domain::bounce::{CONFIRMABLE_AFTER, Reason, SCORE_LIMIT},
    store::{Hold, Imported, Lifted, Lifter, points},
};

use super::*;

for_each_db!(
    a_report_of_no_such_mailbox_suppresses_at_once_and_counts_once,
    without_our_proof_nothing_is_believed,
    days_of_soft_failures_add_up_and_are_forgotten,
    refusals_of_what_a_mail_says_never_count,
    a_complaint_ends_everything_and_only_a_clear_wish_lifts_it,
    who_was_erased_is_still_not_written_to,
    a_lifting_is_on_record_and_starts_anew,
    the_same_box_in_capitals_is_the_same_box,
    after_a_month_one_may_ask_to_be_confirmed,
);

const OPERATOR: Lifter = Lifter::Operator {
    also_complaint: false,
};

async fn a_report_of_no_such_mailbox_suppresses_at_once_and_counts_once(db: TestDb) {
    let world = World::new(db).await;
    let (first, second) = (world.owe(1).await, world.owe(2).await);
    assert_eq!(second, first + 1);
    assert_eq!(
        world.takes("postfix-unknown", first).await,
        "delivery 1 to subscriber 1: hard 5.1.1, suppressed for a bounce"
    );
    assert_eq!(world.suppressed().await, ["l…@co-quan.example for a bounce"]);
    assert_eq!(
        world
            .number("SELECT COUNT(*) FROM deliveries WHERE state = 'cancelled'")
            .await,
        2,
        "what waited"
    );
    assert_eq!(world.owe(3).await, second, "nothing more is owed");
    assert_eq!(
        world.takes("gmail-unknown", first).await,
        "delivery 1 to subscriber 1: hard 5.1.1, known already"
    );
    assert_eq!(world.number("SELECT COUNT(*) FROM bounces").await, 1);
    assert_eq!(
        world
            .number("SELECT COUNT(*) FROM subscribers WHERE ended_at IS NOT NULL")
            .await,
        0,
        "what they follow stays"
    );
    let hash = world.lan().1;
    let kept = world.store().bounces_of(&hash).await.unwrap();
    assert_eq!(
        (kept[0].status.as_deref(), kept[0].detail.as_str()),
        (Some("5.1.1"), "unknown user: [address]")
    );
}

async fn without_our_proof_nothing_is_believed(db: TestDb) {
    let world = World::new(db).await;
    let delivery = world.owe(1).await;
    let forged = Tokens::new("a stranger's").bounce_mark(delivery);
    for mark in [forged.as_str(), "1-0000000000000000", "no mark", ""] {
        for name in ["postfix-unknown", "arf-abuse", "envelope-id", "qmail"] {
            let taken = world.returns.take(with_mark(name, mark)).await.unwrap();
            assert_eq!(taken, Taken::Ignored("it has no mark of ours"), "{name} {mark}");
        }
    }
    assert_eq!(world.number("SELECT COUNT(*) FROM bounces").await, 0);
    assert_eq!(
        world.takes("postfix-unknown", 999).await,
        "ignored: its delivery is not kept any more"
    );
    assert_eq!(
        world.takes("vacation", delivery).await,
        "ignored: an automatic reply"
    );
}

async fn days_of_soft_failures_add_up_and_are_forgotten(db: TestDb) {
    let world = World::new(db).await;
    let mut said = Vec::new();
    // Two a day are one point; the first day lies more than a month before the last.
    for day in [0, 0, 27, 28, 29, 31, 32] {
        let at = start() + TimeDelta::days(day);
        world.clock.advance(at - world.clock.now());
        let delivery = world.owe(i64::try_from(said.len()).unwrap()).await;
        let taken = world.takes("postfix-full", delivery).await;
        said.push(taken.rsplit(", ").next().unwrap().to_owned());
    }
    assert_eq!(
        said,
        [
            "1 of 5 points",
            "1 of 5 points",
            "2 of 5 points",
            "3 of 5 points",
            "4 of 5 points",
            "4 of 5 points",
            "suppressed for a bounce"
        ]
    );
    assert_eq!(world.suppressed().await.len(), 1);
}

async fn refusals_of_what_a_mail_says_never_count(db: TestDb) {
    let world = World::new(db).await;
    for n in 0..i64::try_from(SCORE_LIMIT).unwrap() + 2 {
        let delivery = world.owe(n).await;
        let taken = world.takes("postfix-policy", delivery).await;
        assert!(taken.ends_with(": refused 5.7.1, noted"), "{taken}");
        let taken = world.takes("postfix-delayed", delivery).await;
        assert!(taken.ends_with(": delayed 4.2.2, noted"), "{taken}");
        world.clock.advance(TimeDelta::days(1));
    }
    assert_eq!(world.suppressed().await, [""; 0]);
    let mut counts = world.store().bounce_counts().await.unwrap();
    counts.sort();
    assert_eq!(counts, [("delayed".to_owned(), 7), ("refused".to_owned(), 7)]);
}

async fn a_complaint_ends_everything_and_only_a_clear_wish_lifts_it(db: TestDb) {
    let world = World::new(db).await;
    let (delivery, other) = (world.owe(1).await, world.owe(2).await);
    let taken = world.takes("arf-abuse", delivery).await;
    assert_eq!(
        taken,
        "delivery 1 to subscriber 1: complaint, suppressed for a complaint"
    );
    world.takes("postfix-unknown", other).await;
    assert_eq!(
        world.suppressed().await,
        ["l…@co-quan.example for a complaint"],
        "a bounce after it does not weaken it"
    );
    let ended = "SELECT COUNT(*) FROM subscribers p JOIN subscriptions s ON s.subscriber_id = p.id
        WHERE p.ended_at IS NOT NULL AND p.ended_reason = 'complaint' AND s.ended_at IS NOT NULL";
    assert_eq!(world.number(ended).await, 1);
    let (address, hash) = world.lan();
    let lift = |by| world.store().lift(&address, &hash, by, world.clock.now());
    assert_eq!(lift(OPERATOR).await.unwrap(), Lifted::Complaint);
    assert_eq!(lift(Lifter::Person).await.unwrap(), Lifted::Complaint);
    assert_eq!(world.suppressed().await.len(), 1);
    let also = Lifter::Operator { also_complaint: true };
    assert_eq!(lift(also).await.unwrap(), Lifted::Done(Reason::Complaint));
    assert_eq!(lift(also).await.unwrap(), Lifted::NotSuppressed);
    assert_eq!(world.suppressed().await, [""; 0]);
    assert_eq!(world.number(ended).await, 1, "what had ended stays ended");
}

async fn who_was_erased_is_still_not_written_to(db: TestDb) {
    let world = World::new(db).await;
    let delivery = world.owe(1).await;
    world.takes("arf-abuse", delivery).await;
    let with_keys = if world.db.url.starts_with("sqlite:") {
        "PRAGMA foreign_keys = ON; DELETE FROM subscribers"
    } else {
        "DELETE FROM subscribers"
    };
    sql::execute(&world.db.url, with_keys).await;
    let address_left = "SELECT COUNT(*) FROM bounces WHERE detail LIKE '%lan%' OR event_key LIKE '%lan%' OR address_hash LIKE '%lan@%'";
    assert_eq!(world.number(address_left).await, 0);
    assert_eq!(
        world
            .number("SELECT COUNT(*) FROM bounces WHERE subscriber_id IS NULL")
            .await,
        1
    );
    subscribe(world.store(), LAN, "all", Frequency::Instant).await;
    subscribe(world.store(), "minh@co-quan.example", "all", Frequency::Instant).await;
    assert_eq!(world.suppressed().await, ["l…@co-quan.example for a complaint"]);
    world.owe(2).await;
    assert_eq!(
        world
            .number("SELECT COUNT(*) FROM deliveries d JOIN subscribers p ON p.id = d.subscriber_id WHERE p.address LIKE 'lan%'")
            .await,
        0
    );
    assert_eq!(world.number("SELECT COUNT(*) FROM deliveries").await, 1, "minh's");
}

async fn a_lifting_is_on_record_and_starts_anew(db: TestDb) {
    let world = World::new(db).await;
    let (soft, hard) = (world.owe(1).await, world.owe(2).await);
    world.takes("postfix-full", soft).await;
    world.takes("postfix-unknown", hard).await;
    let (address, hash) = world.lan();
    let lifted = world.store().lift(&address, &hash, OPERATOR, world.clock.now());
    assert_eq!(lifted.await.unwrap(), Lifted::Done(Reason::Bounce));
    let next = world.owe(3).await;
    assert_eq!(next, hard + 1, "written to again");
    assert_eq!(
        world.takes("postfix-unknown", hard).await,
        "delivery 2 to subscriber 1: hard 5.1.1, known already",
        "a report of before does not come back to life"
    );
    let bounces = world.store().bounces_of(&hash).await.unwrap();
    let kinds: Vec<&str> = bounces.iter().map(|row| row.kind.as_str()).collect();
    assert_eq!(kinds, ["soft", "hard", "lifted"]);
    assert_eq!(points(&bounces, world.clock.now()), 0);
    assert!(world.takes("postfix-full", next).await.ends_with("1 of 5 points"));
}

async fn the_same_box_in_capitals_is_the_same_box(db: TestDb) {
    let world = World::new(db).await;
    sql::execute(
        &world.db.url,
        "UPDATE subscribers SET address = 'Lan@co-quan.example'",
    )
    .await;
    let delivery = world.owe(1).await;
    subscribe(world.store(), LAN, "all", Frequency::Instant).await;
    let taken = world.takes("postfix-unknown", delivery).await;
    assert!(taken.ends_with("suppressed for a bounce"), "{taken}");
    assert_eq!(world.suppressed().await.len(), 2);
    let other = loa::store::Import {
        address: Address::parse(Channel::Email, "LAN@co-quan.example").unwrap(),
        watch: "all".parse().unwrap(),
        frequency: Frequency::Daily,
    };
    let added = world
        .store()
        .import(&other, "test", &world.tokens, world.clock.now());
    assert_eq!(
        added.await.unwrap(),
        Imported::Kept,
        "no third spelling comes to be"
    );
    assert_eq!(world.suppressed().await.len(), 2);
}

async fn after_a_month_one_may_ask_to_be_confirmed(db: TestDb) {
    let world = World::new(db).await;
    let delivery = world.owe(1).await;
    world.takes("postfix-unknown", delivery).await;
    for kind in ["confirmation", "link"] {
        let owe = format!(
            "INSERT INTO deliveries (subscriber_id, channel, kind, priority, state, due_at, created_at)
             SELECT 1, 'email', '{kind}', 0, 'queued', created_at, created_at FROM subscribers"
        );
        sql::execute(&world.db.url, &owe).await;
    }
    let holds = async || {
        let now = world.clock.now();
        let claimed = world
            .store()
            .claim(Channel::Email, 10, now.timestamp_micros(), now)
            .await;
        claimed.unwrap().iter().map(|c| c.hold).collect::<Vec<_>>()
    };
    let held = Some(Hold::Suppressed);
    world.clock.advance(CONFIRMABLE_AFTER - TimeDelta::seconds(1));
    assert_eq!(holds().await, [held, held]);
    world.clock.advance(TimeDelta::hours(1));
    assert_eq!(
        holds().await,
        [None, held],
        "the confirmation alone, and only of a bounce"
    );
    sql::execute(
        &world.db.url,
        "UPDATE subscribers SET suppressed_for = 'complaint'",
    )
    .await;
    world.clock.advance(TimeDelta::hours(1));
    assert_eq!(holds().await, [held, held]);
}
