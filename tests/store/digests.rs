//! Digest runs.

use super::*;

/// The schedules of all who chose none.
const DAILY: i64 = 1;
const WEEKLY: i64 = 2;

/// Walks every run to its end, in chunks.
async fn walk(store: &Store, chunk: i64) {
    while store.digest_chunk(chunk, 2, start()).await.unwrap().is_some() {}
}

/// What a digest tells, in order.
pub(super) async fn told_by(store: &Store, digest: &Claimed) -> Vec<i64> {
    let run = store
        .digest_run(digest.digest_run_id.unwrap())
        .await
        .unwrap()
        .unwrap();
    let after = digest.digest_after.unwrap();
    let mut told = store
        .articles_of_digest(&run, after, digest.subscriber_id)
        .await
        .unwrap();
    told.sort_unstable();
    told
}

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
    for (schedule, started) in [(DAILY, true), (DAILY, false), (WEEKLY, true)] {
        assert_eq!(
            db.store.start_digest_run(schedule, date, start()).await.unwrap(),
            started
        );
    }
    walk(&db.store, 1).await;
    let claimed = db.store.claim(Channel::Email, 10, 1, start()).await.unwrap();
    let mut digests = Vec::new();
    for delivery in claimed.iter().filter(|d| d.digest_run_id.is_some()) {
        digests.push((
            delivery.address.as_str().to_owned(),
            told_by(&db.store, delivery).await,
        ));
    }
    assert_eq!(
        digests,
        [
            ("both@example.vn".to_owned(), vec![owed]),
            ("weekly@example.vn".to_owned(), vec![told])
        ]
    );
    let next = date + TimeDelta::days(1);
    assert!(db.store.start_digest_run(DAILY, next, start()).await.unwrap());
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
        .start_digest_run(DAILY, start().date_naive(), start())
        .await
        .unwrap();
    assert_eq!(db.store.digest_chunk(10, 2, start()).await.unwrap(), Some(1));
    let digest = db
        .store
        .claim(Channel::Email, 1, 2, start())
        .await
        .unwrap()
        .remove(0);
    assert_eq!(told_by(&db.store, &digest).await.len(), 1);
}
