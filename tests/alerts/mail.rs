//! Alerts by e-mail: retries, refusals, unknown outcomes, leases.

use super::*;

for_each_db!(
    one_round_is_one_message_to_each_subscriber,
    a_passing_failure_is_tried_again_by_the_table_and_given_up_in_the_end,
    an_address_that_is_gone_is_written_to_no_more,
    a_refused_mail_fails_and_its_subscriber_stays,
    a_lost_answer_after_the_dot_leads_to_one_late_retry_with_the_same_message_id,
    a_lost_lease_sends_nothing,
    a_delivery_that_cannot_be_worked_on_waits_for_its_lease,
);

async fn one_round_is_one_message_to_each_subscriber(db: TestDb) {
    let world = World::new(db).await;
    let store = &world.db.store;
    for (who, watch, frequency) in [
        (LAN, "all", Frequency::Instant),
        (LAN, "topic:khoa-hoc-cong-nghe", Frequency::Instant),
        (LAN, "section:mau/khoa-hoc", Frequency::Instant),
        ("topic@example.vn", "topic:khoa-hoc-cong-nghe", Frequency::Instant),
        ("daily@example.vn", "all", Frequency::Daily),
        ("other@example.vn", "topic:y-te-suc-khoe", Frequency::Instant),
    ] {
        subscribe(store, who, watch, frequency).await;
    }
    world.round(&[1, 2, 3]).await;
    let (dispatch, outbox) = world.to_memory();
    assert_eq!(run(&dispatch).await, 2);
    assert_eq!(
        told(&outbox),
        [of(LAN, &[1, 2, 3]), of("topic@example.vn", &[1, 3])]
    );
    assert_eq!(world.states().await, ["sent 2"]);
    world.round(&[4]).await;
    run(&dispatch).await;
    assert_eq!(outbox.mails().len(), 3, "another round, another message");
}

async fn a_passing_failure_is_tried_again_by_the_table_and_given_up_in_the_end(db: TestDb) {
    let world = World::owing(db, LAN).await;
    let sink = Sink::start().await;
    let mut dispatch = world.to_server(sink.address.port());
    dispatch.instant_max_age = TimeDelta::days(30);
    let waits = [60, 300, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400];
    for wait in waits {
        sink.fault(At::Rcpt, Fault::Say("450 4.2.0 greylisted"));
        assert_eq!(run(&dispatch).await, 1);
        assert_eq!(world.states().await, ["queued 1"]);
        world.clock.advance(TimeDelta::seconds(wait - 1));
        assert_eq!(run(&dispatch).await, 0, "not before {wait} s");
        world.clock.advance(TimeDelta::seconds(1));
    }
    sink.fault(At::Rcpt, Fault::Say("450 4.2.0 greylisted"));
    assert_eq!(run(&dispatch).await, 1);
    assert_eq!(
        (world.states().await, sink.taken().len()),
        (vec!["failed 1".to_owned()], 0)
    );
    assert_eq!(
        world.ended().await,
        0,
        "a server that is away says nothing about the address"
    );
}

async fn an_address_that_is_gone_is_written_to_no_more(db: TestDb) {
    let world = World::owing(db, LAN).await;
    let sink = Sink::start().await;
    sink.fault(At::Rcpt, Fault::Say("550 5.1.1 <lan@example.vn>: unknown user"));
    let dispatch = world.to_server(sink.address.port());
    run(&dispatch).await;
    let suppressed = "SELECT COUNT(*) FROM subscribers WHERE suppressed_for = 'bounce'";
    assert_eq!(
        (
            world.states().await,
            sql::count(&world.db.url, suppressed).await,
            world.ended().await
        ),
        (vec!["failed 1".to_owned()], 1, 0)
    );
    let with_address = "SELECT COUNT(*) FROM bounces WHERE detail LIKE '%lan%'";
    assert_eq!(
        sql::count(&world.db.url, with_address).await,
        0,
        "the reason holds no address"
    );
    world.round(&[2]).await;
    assert_eq!(world.states().await, ["failed 1"], "nothing more is owed");
}

async fn a_refused_mail_fails_and_its_subscriber_stays(db: TestDb) {
    let world = World::owing(db, LAN).await;
    let sink = Sink::start().await;
    sink.fault(At::Dot, Fault::Say("554 5.7.1 looks like spam"));
    let dispatch = world.to_server(sink.address.port());
    run(&dispatch).await;
    assert_eq!(
        (world.states().await, world.ended().await),
        (vec!["failed 1".to_owned()], 0)
    );
    world.round(&[2]).await;
    run(&dispatch).await;
    assert_eq!(world.states().await, ["failed 1", "sent 1"]);
}

async fn a_lost_answer_after_the_dot_leads_to_one_late_retry_with_the_same_message_id(db: TestDb) {
    let world = World::owing(db, LAN).await;
    let sink = Sink::start().await;
    sink.fault(At::Dot, Fault::Drop);
    sink.fault(At::Dot, Fault::Drop);
    let dispatch = world.to_server(sink.address.port());
    run(&dispatch).await;
    assert_eq!(world.states().await, ["queued 1"]);
    world.clock.advance(TimeDelta::minutes(29));
    assert_eq!(run(&dispatch).await, 0, "late");
    world.clock.advance(TimeDelta::minutes(1));
    assert_eq!(run(&dispatch).await, 1);
    assert_eq!(world.states().await, ["unknown 1"]);
    world.clock.advance(TimeDelta::days(3));
    assert_eq!(run(&dispatch).await, 0, "once");
    let taken = sink.taken();
    assert_eq!(taken.len(), 2);
    assert_eq!(taken[0].message_id, taken[1].message_id);
    assert!(taken[0].message_id.ends_with("@loa.example>"));
    assert_eq!(
        taken[0].data.lines().find(|l| l.starts_with("Date:")),
        taken[1].data.lines().find(|l| l.starts_with("Date:"))
    );
}

/// A relay before the relay at which time passes: each connection takes `wait`.
async fn slow_relay(sink: &Sink, clock: &Clock, wait: TimeDelta) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (behind, clock) = (sink.address, clock.clone());
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            clock.advance(wait);
            let mut server = TcpStream::connect(behind).await.unwrap();
            tokio::spawn(async move { copy_bidirectional(&mut client, &mut server).await });
        }
    });
    port
}

async fn a_lost_lease_sends_nothing(db: TestDb) {
    let world = World::owing(db, LAN).await;
    let sink = Sink::start().await;
    let port = slow_relay(&sink, &world.clock, CLAIM_LEASE).await;
    world.to_server(port).step().await.unwrap();
    // Once more where the feeder looked for work just after the lease had passed: any process may claim it then.
    assert!(sink.connections() >= 1, "the server was ready to take it");
    assert_eq!(
        (sink.taken().len(), world.states().await),
        (0, vec!["queued 1".to_owned()])
    );
    run(&world.to_server(sink.address.port())).await;
    assert_eq!(
        (sink.taken().len(), world.states().await),
        (1, vec!["sent 1".to_owned()])
    );
}

async fn a_delivery_that_cannot_be_worked_on_waits_for_its_lease(db: TestDb) {
    let world = World::new(db).await;
    subscribe(&world.db.store, "broken@example.vn", "all", Frequency::Instant).await;
    subscribe(&world.db.store, LAN, "all", Frequency::Instant).await;
    world.round(&[1]).await;
    // A watch as a later version might write it, which this one cannot read.
    sql::execute(
        &world.db.url,
        "INSERT INTO watches (kind, value, created_at) SELECT 'section', 'unreadable', created_at FROM watches WHERE kind = 'all'",
    )
    .await;
    sql::execute(
        &world.db.url,
        "INSERT INTO subscriptions (subscriber_id, watch_id, frequency, created_at)
         SELECT p.id, w.id, 'instant', p.created_at FROM subscribers p, watches w
         WHERE p.address = 'broken@example.vn' AND w.value = 'unreadable'",
    )
    .await;
    let (dispatch, outbox) = world.to_memory();
    run(&dispatch).await;
    assert_eq!(told(&outbox), [of(LAN, &[1])], "the others are not held up");
    assert_eq!(world.states().await, ["queued 1", "sent 1"]);
    world.clock.advance(CLAIM_LEASE);
    assert_eq!(run(&dispatch).await, 1, "tried again once its lease is over");
}
