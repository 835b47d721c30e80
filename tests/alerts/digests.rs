//! Digests, and what is no longer told.

use super::*;

for_each_db!(
    an_alert_too_old_is_told_by_the_next_digest,
    a_digest_goes_out_at_seven_in_viet_nam_once_and_never_empty,
    an_article_withdrawn_meanwhile_is_not_told,
    someone_who_unsubscribed_meanwhile_is_told_nothing,
);

async fn an_alert_too_old_is_told_by_the_next_digest(db: TestDb) {
    let world = World::new(db).await;
    world.digest().await;
    subscribe(&world.db.store, LAN, "all", Frequency::Instant).await;
    world.round(&[1]).await;
    world.clock.advance(TimeDelta::hours(6) + TimeDelta::seconds(1));
    let (dispatch, outbox) = world.to_memory();
    run(&dispatch).await;
    assert_eq!(
        (told(&outbox), world.states().await),
        (vec![], vec!["folded 1".to_owned()])
    );
    // 07:00 of the next morning.
    world.clock.advance(TimeDelta::hours(10));
    while world.digest().await != Step::Idle {}
    run(&dispatch).await;
    assert_eq!(told(&outbox), [of(LAN, &[1])]);
    world.clock.advance(TimeDelta::days(1));
    while world.digest().await != Step::Idle {}
    run(&dispatch).await;
    assert_eq!(outbox.mails().len(), 1, "once");
}

async fn a_digest_goes_out_at_seven_in_viet_nam_once_and_never_empty(db: TestDb) {
    let world = World::new(db).await;
    let (dispatch, outbox) = world.to_memory();
    let at = |moment: &str| {
        let moment: DateTime<Utc> = moment.parse().unwrap();
        world.clock.advance(moment - world.clock.now());
    };
    // Set up on Tuesday afternoon: today's digest has nothing to tell.
    while world.digest().await != Step::Idle {}
    subscribe(&world.db.store, LAN, "all", Frequency::Daily).await;
    subscribe(
        &world.db.store,
        "y@example.vn",
        "topic:y-te-suc-khoe",
        Frequency::Daily,
    )
    .await;
    subscribe(&world.db.store, "tuan@example.vn", "all", Frequency::Weekly).await;
    world.round(&[1]).await;
    at("2026-11-24T20:00:00Z");
    world.round(&[2]).await;
    run(&dispatch).await;
    at("2026-11-24T23:59:59Z");
    assert_eq!(world.digest().await, Step::Idle, "a second before seven");
    at("2026-11-25T00:00:00Z");
    while world.digest().await != Step::Idle {}
    run(&dispatch).await;
    assert_eq!(
        told(&outbox),
        [of(LAN, &[1, 2])],
        "whoever has nothing to read gets nothing"
    );
    // The process starts again a minute later.
    at("2026-11-25T00:01:00Z");
    let restarted = Store::open(&world.db.url).await.unwrap();
    assert_eq!(
        digest(&restarted, usual(), world.clock.now()).await.unwrap(),
        Step::Idle
    );
    // A day without news; then three days during which the machine was off.
    at("2026-11-26T00:00:00Z");
    while world.digest().await != Step::Idle {}
    run(&dispatch).await;
    assert_eq!(outbox.mails().len(), 1);
    world.round(&[3]).await;
    at("2026-11-29T05:00:00Z");
    while world.digest().await != Step::Idle {}
    run(&dispatch).await;
    assert_eq!(told(&outbox), [of(LAN, &[1, 2]), of(LAN, &[3])], "late, and once");
    // Monday: the week's.
    at("2026-11-30T00:00:00Z");
    while world.digest().await != Step::Idle {}
    run(&dispatch).await;
    assert_eq!(told(&outbox)[2], of("tuan@example.vn", &[1, 2, 3]));
    assert_eq!(outbox.mails().len(), 3);
}

async fn an_article_withdrawn_meanwhile_is_not_told(db: TestDb) {
    let world = World::new(db).await;
    subscribe(&world.db.store, LAN, "all", Frequency::Instant).await;
    subscribe(
        &world.db.store,
        "t@example.vn",
        "topic:khoa-hoc-cong-nghe",
        Frequency::Instant,
    )
    .await;
    world.round(&[1, 2]).await;
    sql::execute(
        &world.db.url,
        "UPDATE articles SET withdrawn_at = first_seen_at WHERE key = '1764000000001'",
    )
    .await;
    let (dispatch, outbox) = world.to_memory();
    run(&dispatch).await;
    assert_eq!(told(&outbox), [of(LAN, &[2])]);
    assert_eq!(world.states().await, ["cancelled 1", "sent 1"]);
}

async fn someone_who_unsubscribed_meanwhile_is_told_nothing(db: TestDb) {
    let world = World::owing(db, LAN).await;
    let sink = Sink::start().await;
    // Between claim and sending, while the relay takes its time.
    let relay = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dispatch = world.to_server(relay.local_addr().unwrap().port());
    let subscriber = sql::count(&world.db.url, "SELECT MAX(id) FROM subscribers").await;
    let (step, ()) = tokio::join!(dispatch.step(), async {
        let (mut client, _) = relay.accept().await.unwrap();
        let now = world.clock.now();
        assert!(
            world
                .db
                .store
                .end_subscriber(subscriber, "asked to", now)
                .await
                .unwrap()
        );
        let mut server = TcpStream::connect(sink.address).await.unwrap();
        tokio::spawn(async move { copy_bidirectional(&mut client, &mut server).await });
    });
    assert_eq!(step.unwrap(), Step::Worked(1));
    assert_eq!(
        (sink.taken().len(), world.states().await),
        (0, vec!["cancelled 1".to_owned()])
    );
}
