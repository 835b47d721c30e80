//! Fan-out, claims and outcomes.

use super::*;

for_each_db!(
    one_round_owes_each_subscriber_one_alert,
    fan_out_goes_on_after_the_last_chunk_that_was_committed,
    a_silent_article_owes_nothing,
    a_closed_round_takes_no_article,
    a_claim_takes_no_more_than_it_asked_for_however_many_have_just_come_to_be_owed,
    a_claim_fences_off_everyone_else,
    a_sender_that_died_leaves_an_unknown_outcome,
    an_unsubscribed_person_gets_nothing_and_is_not_added_again,
);

async fn one_round_owes_each_subscriber_one_alert(db: TestDb) {
    let section = prepare(&db.store, start()).await;
    subscribe(&db.store, "all@example.vn", "all", Frequency::Instant).await;
    subscribe(
        &db.store,
        "all@example.vn",
        "topic:khoa-hoc-cong-nghe",
        Frequency::Instant,
    )
    .await;
    subscribe(
        &db.store,
        "topic@example.vn",
        "topic:khoa-hoc-cong-nghe",
        Frequency::Instant,
    )
    .await;
    subscribe(
        &db.store,
        "other@example.vn",
        "topic:y-te-suc-khoe",
        Frequency::Instant,
    )
    .await;
    subscribe(&db.store, "daily@example.vn", "all", Frequency::Daily).await;
    subscribe(&db.store, "4711", "section:mau/khoa-hoc", Frequency::Instant).await;
    let round = db.store.open_fanout(start()).await.unwrap();
    record(&db.store, section, 1, &["khoa-hoc-cong-nghe"], Some(round)).await;
    record(&db.store, section, 2, &[], Some(round)).await;
    assert_eq!(
        db.store.fan_out_chunk(10, 1, start()).await.unwrap(),
        None,
        "the round is not over"
    );
    db.store.close_fanout(round, start()).await.unwrap();
    drain(&db.store, 10).await;

    let mails = db.store.claim(Channel::Email, 10, 1, start()).await.unwrap();
    let mut told = Vec::new();
    for mail in &mails {
        let articles = db
            .store
            .articles_of_alert(mail.fanout_id.unwrap(), mail.subscriber_id)
            .await
            .unwrap();
        told.push((mail.address.as_str().to_owned(), articles.len()));
    }
    told.sort();
    assert_eq!(
        told,
        [
            ("all@example.vn".to_owned(), 2),
            ("topic@example.vn".to_owned(), 1)
        ]
    );
    assert_eq!(
        db.store
            .claim(Channel::Telegram, 10, 2, start())
            .await
            .unwrap()
            .len(),
        1
    );
}

async fn fan_out_goes_on_after_the_last_chunk_that_was_committed(db: TestDb) {
    let section = prepare(&db.store, start()).await;
    for n in 0..7 {
        subscribe(&db.store, &format!("s{n}@example.vn"), "all", Frequency::Instant).await;
    }
    let round = db.store.open_fanout(start()).await.unwrap();
    record(&db.store, section, 1, &[], Some(round)).await;
    db.store.close_fanout(round, start()).await.unwrap();
    assert_eq!(db.store.fan_out_chunk(3, 1, start()).await.unwrap(), Some(3));
    // Another process takes over: nothing of the first chunk is made again.
    let other = Store::open(&db.url).await.unwrap();
    assert_eq!(other.fan_out_chunk(3, 1, start()).await.unwrap(), Some(3));
    assert_eq!(db.store.fan_out_chunk(3, 1, start()).await.unwrap(), Some(1));
    assert_eq!(db.store.fan_out_chunk(3, 1, start()).await.unwrap(), Some(0));
    assert_eq!(other.fan_out_chunk(3, 1, start()).await.unwrap(), None);
    assert_eq!(
        db.store
            .claim(Channel::Email, 10, 1, start())
            .await
            .unwrap()
            .len(),
        7
    );
}

async fn a_silent_article_owes_nothing(db: TestDb) {
    let section = prepare(&db.store, start()).await;
    subscribe(&db.store, "a@example.vn", "all", Frequency::Instant).await;
    subscribe(
        &db.store,
        "a@example.vn",
        "topic:khoa-hoc-cong-nghe",
        Frequency::Daily,
    )
    .await;
    let round = db.store.open_fanout(start()).await.unwrap();
    record(&db.store, section, 1, &["khoa-hoc-cong-nghe"], None).await;
    db.store.close_fanout(round, start()).await.unwrap();
    assert_eq!(db.store.fan_out_chunk(10, 1, start()).await.unwrap(), None);
    db.store
        .start_digest_run(1, start().date_naive(), start())
        .await
        .unwrap();
    while db.store.digest_chunk(10, 2, start()).await.unwrap().is_some() {}
    assert!(db.store.delivery_counts().await.unwrap().is_empty());
}

async fn a_closed_round_takes_no_article(db: TestDb) {
    let section = prepare(&db.store, start()).await;
    let round = db.store.open_fanout(start()).await.unwrap();
    record(&db.store, section, 1, &[], Some(round)).await;
    let later = start() + TimeDelta::hours(1);
    assert_eq!(
        db.store
            .close_abandoned_fanouts(start() + TimeDelta::minutes(1), later)
            .await
            .unwrap(),
        1
    );
    let second = page(2);
    let article = loa::store::NewArticle {
        portal: "mau",
        page: &second,
        content_hash: "x",
        topics: &[],
        watches: &[],
        section: (section, "x"),
        announce: Some(round),
        validators: (None, None),
        next_look_at: None,
        edited_look_at: None,
        now: later,
    };
    assert!(db.store.record(&article).await.is_err());
    let all = db
        .store
        .list(
            &Watch::All,
            Page {
                before: None,
                limit: 9,
            },
        )
        .await
        .unwrap();
    assert_eq!(all.len(), 1, "nothing half-written");
}

async fn a_claim_takes_no_more_than_it_asked_for_however_many_have_just_come_to_be_owed(db: TestDb) {
    const PAST: &str = "'2026-01-01T00:00:00+00:00'";
    prepare(&db.store, start()).await;
    subscribe(&db.store, "first@example.vn", "all", Frequency::Instant).await;
    let mut sql = Sql::connect(&db.url).await;
    // A planner that knows the outbox as empty takes a claim for a matter of a row or two.
    sql.run("ANALYZE").await;
    sql.run(&format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
         INSERT INTO subscribers (channel, address, basis, basis_at, created_at, confirmed_at)
         SELECT 'email', 'nguoi-' || i || '@example.vn', 'test', {PAST}, {PAST}, {PAST} FROM n"
    ))
    .await;
    sql.run(&format!(
        "INSERT INTO deliveries (subscriber_id, channel, kind, priority, state, due_at, created_at)
         SELECT id, 'email', 'welcome', 2, 'queued', {PAST}, {PAST} FROM subscribers"
    ))
    .await;
    for claim in 1..=3 {
        let claimed = db.store.claim(Channel::Email, 10, claim, start()).await.unwrap();
        assert_eq!(claimed.len(), 10);
    }
    let held = "SELECT count(*) FROM deliveries WHERE claim IS NOT NULL";
    assert_eq!(sql.number(held).await, 30);
}

async fn a_claim_fences_off_everyone_else(db: TestDb) {
    owe_one(&db.store, "a@example.vn").await;
    let first = db
        .store
        .claim(Channel::Email, 10, 1, start())
        .await
        .unwrap()
        .remove(0);
    assert!(
        db.store
            .claim(Channel::Email, 10, 2, start())
            .await
            .unwrap()
            .is_empty()
    );
    let after = start() + loa::store::CLAIM_LEASE;
    assert!(
        !db.store.mark_sending(&first, after).await.unwrap(),
        "the lease is over"
    );
    let second = db
        .store
        .claim(Channel::Email, 10, 2, after)
        .await
        .unwrap()
        .remove(0);
    assert_eq!((second.id, second.attempts), (first.id, 2));
    db.store.mark(&first, &Outcome::Sent(None), after).await.unwrap();
    assert_eq!(
        states(&db.store).await,
        ["queued 1"],
        "who lost the claim marks nothing"
    );
    assert!(db.store.mark_sending(&second, after).await.unwrap());
    assert!(
        !db.store.mark_sending(&second, after).await.unwrap(),
        "sent at most once by one claim"
    );
    db.store
        .mark(&second, &Outcome::Sent(Some("9")), after)
        .await
        .unwrap();
    assert_eq!(states(&db.store).await, ["sent 1"]);
}

async fn a_sender_that_died_leaves_an_unknown_outcome(db: TestDb) {
    owe_one(&db.store, "a@example.vn").await;
    subscribe(&db.store, "4711", "all", Frequency::Instant).await;
    owe_round(&db.store, 2).await;
    let mut now = start();
    for channel in [Channel::Email, Channel::Telegram] {
        let claimed = db.store.claim(channel, 10, 7, now).await.unwrap();
        assert!(!claimed.is_empty());
        for delivery in &claimed {
            assert!(db.store.mark_sending(delivery, now).await.unwrap());
        }
    }
    assert_eq!(
        db.store.settle_lost_sendings(now).await.unwrap(),
        0,
        "still under way"
    );
    now += loa::store::SENDING_LEASE;
    assert_eq!(db.store.settle_lost_sendings(now).await.unwrap(), 3);
    assert_eq!(
        states(&db.store).await,
        ["queued 3"],
        "once more: mails late, posts at once"
    );
    assert!(
        db.store
            .claim(Channel::Email, 10, 8, now)
            .await
            .unwrap()
            .is_empty(),
        "late"
    );
    now += TimeDelta::hours(1);
    let mut again = db.store.claim(Channel::Email, 10, 8, now).await.unwrap();
    again.extend(db.store.claim(Channel::Telegram, 10, 9, now).await.unwrap());
    assert_eq!(again.len(), 3);
    assert!(again.iter().all(|delivery| delivery.was_unknown));
    for delivery in &again {
        assert_eq!(Store::unknown_retry(delivery, now), None);
        db.store.mark_sending(delivery, now).await.unwrap();
    }
    now += loa::store::SENDING_LEASE;
    db.store.settle_lost_sendings(now).await.unwrap();
    assert_eq!(states(&db.store).await, ["unknown 3"], "one retry is all");
}

async fn an_unsubscribed_person_gets_nothing_and_is_not_added_again(db: TestDb) {
    owe_one(&db.store, "a@example.vn").await;
    let claimed = db
        .store
        .claim(Channel::Email, 1, 1, start())
        .await
        .unwrap()
        .remove(0);
    db.store.release(1, start()).await.unwrap();
    assert!(
        db.store
            .end_subscriber(claimed.subscriber_id, "asked to", start())
            .await
            .unwrap()
    );
    assert!(
        !db.store
            .end_subscriber(claimed.subscriber_id, "asked to", start())
            .await
            .unwrap()
    );
    assert!(!db.store.mark_sending(&claimed, start()).await.unwrap());
    assert_eq!(states(&db.store).await, ["cancelled 1"]);
    let import = loa::store::Import {
        address: claimed.address.clone(),
        watch: Watch::All,
        frequency: Frequency::Instant,
    };
    assert_eq!(
        db.store
            .import(&import, "again", &Tokens::new("test"), start())
            .await
            .unwrap(),
        Imported::Refused(start())
    );
    owe_round(&db.store, 2).await;
    assert_eq!(states(&db.store).await, ["cancelled 1"]);
}
