//! Digest runs.

use super::*;

for_each_db!(
    a_digest_tells_each_article_once_and_none_that_an_alert_told,
    a_folded_alert_is_told_by_the_next_digest,
);

async fn a_digest_tells_each_article_once_and_none_that_an_alert_told(db: TestDb) {
    let section = prepare(&db.store, start()).await;
    subscribe(
        &db.store,
        "both@example.vn",
        "topic:khoa-hoc-cong-nghe",
        Frequency::Instant,
    )
    .await;
    subscribe(&db.store, "both@example.vn", "all", Frequency::Daily).await;
    subscribe(
        &db.store,
        "weekly@example.vn",
        "topic:khoa-hoc-cong-nghe",
        Frequency::Weekly,
    )
    .await;
    let round = db.store.open_fanout(start()).await.unwrap();
    let told = record(&db.store, section, 1, &["khoa-hoc-cong-nghe"], Some(round)).await;
    let owed = record(&db.store, section, 2, &[], Some(round)).await;
    let (Recorded::New(told), Recorded::New(owed)) = (told, owed) else {
        panic!("both are new")
    };
    db.store.close_fanout(round, start()).await.unwrap();
    drain(&db.store, 10).await;
    let date = start().date_naive();
    for (frequency, started) in [
        (Frequency::Daily, true),
        (Frequency::Daily, false),
        (Frequency::Weekly, true),
    ] {
        assert_eq!(
            db.store.start_digest_run(date, frequency, start()).await.unwrap(),
            started
        );
    }
    while db.store.digest_chunk(1, 2, start()).await.unwrap().is_some() {}
    let claimed = db.store.claim(Channel::Email, 10, 1, start()).await.unwrap();
    let mut digests = Vec::new();
    for delivery in claimed.iter().filter(|d| d.digest_run_id.is_some()) {
        let run = delivery.digest_run_id.unwrap();
        let (frequency, _) = db.store.digest_run(run).await.unwrap().unwrap();
        let articles = db
            .store
            .articles_of_digest(run, frequency, delivery.subscriber_id)
            .await
            .unwrap();
        digests.push((delivery.address.as_str().to_owned(), articles));
    }
    assert_eq!(
        digests,
        [
            ("both@example.vn".to_owned(), vec![owed]),
            ("weekly@example.vn".to_owned(), vec![told])
        ]
    );
    let next = date + TimeDelta::days(1);
    assert!(
        db.store
            .start_digest_run(next, Frequency::Daily, start())
            .await
            .unwrap()
    );
    assert_eq!(
        db.store.digest_chunk(10, 2, start()).await.unwrap(),
        Some(0),
        "the next day has nothing to tell"
    );
}

async fn a_folded_alert_is_told_by_the_next_digest(db: TestDb) {
    owe_one(&db.store, "a@example.vn").await;
    let late = db
        .store
        .claim(Channel::Email, 1, 1, start())
        .await
        .unwrap()
        .remove(0);
    db.store.mark(&late, &Outcome::Folded, start()).await.unwrap();
    db.store
        .start_digest_run(start().date_naive(), Frequency::Daily, start())
        .await
        .unwrap();
    assert_eq!(db.store.digest_chunk(10, 2, start()).await.unwrap(), Some(1));
    let digest = db
        .store
        .claim(Channel::Email, 1, 2, start())
        .await
        .unwrap()
        .remove(0);
    let run = digest.digest_run_id.unwrap();
    let told = db
        .store
        .articles_of_digest(run, Frequency::Daily, digest.subscriber_id)
        .await
        .unwrap();
    assert_eq!(told.len(), 1);
}
