//! What the database guarantees, on both.

use chrono::TimeDelta;
use loa::{
    domain::{
        subscription::{Channel, Frequency},
        watch::Watch,
    },
    store::{Imported, Outcome, Page, Recorded, Store},
};

use crate::common::{
    databases::{TestDb, for_each_db},
    records::{page, prepare, record, record_page, start, subscribe},
};

for_each_db!(
    an_article_is_recorded_once_and_a_material_edit_makes_a_revision,
    lists_are_newest_first_and_page_by_cursor,
    one_round_owes_each_subscriber_one_alert,
    fan_out_goes_on_after_the_last_chunk_that_was_committed,
    a_silent_article_owes_nothing,
    a_closed_round_takes_no_article,
    a_claim_fences_off_everyone_else,
    a_sender_that_died_leaves_an_unknown_outcome,
    an_unsubscribed_person_gets_nothing_and_is_not_added_again,
    a_digest_tells_each_article_once_and_none_that_an_alert_told,
    a_folded_alert_is_told_by_the_next_digest,
    sections_are_claimed_once_and_come_due_again,
);

async fn an_article_is_recorded_once_and_a_material_edit_makes_a_revision(db: TestDb) {
    let section = prepare(&db.store, start()).await;
    let Recorded::New(id) = record(&db.store, section, 1, &["khoa-hoc-cong-nghe"], None).await else {
        panic!("the first time it is new");
    };
    assert_eq!(record(&db.store, section, 1, &[], None).await, Recorded::Same(id));
    let before = db.store.article(id).await.unwrap().unwrap();
    assert_eq!(before.topics[0].slug, "khoa-hoc-cong-nghe");
    assert_eq!(
        before.published,
        page(1).published,
        "a moment comes back as it was written"
    );

    let mut spaced = page(1);
    spaced.title = spaced.title.replace(' ', "  ");
    let later = start() + TimeDelta::hours(1);
    assert_eq!(
        record_page(&db.store, section, &spaced, &[], None, later).await,
        Recorded::Same(id)
    );

    let mut edited = page(1);
    edited.body_text.push_str(" Nội dung đã được cập nhật.");
    assert_eq!(
        record_page(&db.store, section, &edited, &["y-te-suc-khoe"], None, later).await,
        Recorded::Changed(id)
    );
    let after = db.store.article(id).await.unwrap().unwrap();
    assert_eq!((after.first_seen_at, after.updated_at), (start(), later));
    assert_eq!(after.topics.len(), 1);
    assert_eq!(after.topics[0].slug, "y-te-suc-khoe");
}

async fn lists_are_newest_first_and_page_by_cursor(db: TestDb) {
    let section = prepare(&db.store, start()).await;
    for n in 1..=5 {
        let topics: &[&str] = if n % 2 == 1 { &["khoa-hoc-cong-nghe"] } else { &[] };
        // Recorded a day later, so that each keeps the portal's own moment.
        record_page(
            &db.store,
            section,
            &page(n),
            topics,
            None,
            start() + TimeDelta::days(1),
        )
        .await;
    }
    let keys = async |watch: &Watch, before| {
        let page = Page { before, limit: 2 };
        let list = db.store.list(watch, page).await.unwrap();
        list.into_iter()
            .map(|a| (a.key.parse::<i64>().unwrap() - 1_764_000_000_000, a.id))
            .collect::<Vec<_>>()
    };
    let first = keys(&Watch::All, None).await;
    assert_eq!(first.iter().map(|x| x.0).collect::<Vec<_>>(), [5, 4]);
    let second = keys(&Watch::All, Some(first[1].1)).await;
    assert_eq!(second.iter().map(|x| x.0).collect::<Vec<_>>(), [3, 2]);
    let topic = keys(&"topic:khoa-hoc-cong-nghe".parse().unwrap(), None).await;
    assert_eq!(topic.iter().map(|x| x.0).collect::<Vec<_>>(), [5, 3]);
    let of_section = keys(&"section:mau/khoa-hoc".parse().unwrap(), Some(first[0].1)).await;
    assert_eq!(of_section.iter().map(|x| x.0).collect::<Vec<_>>(), [4, 3]);
    assert!(keys(&"section:mau/khac".parse().unwrap(), None).await.is_empty());
    assert_eq!(db.store.topic_counts().await.unwrap()[0].articles, 3);
}

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
        .start_digest_run(start().date_naive(), Frequency::Daily, start())
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
        ["queued 2", "unknown 1"],
        "mails once more, late; Telegram never"
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
    let again = db.store.claim(Channel::Email, 10, 8, now).await.unwrap();
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
        db.store.import(&import, "again", start()).await.unwrap(),
        Imported::Refused(start())
    );
    owe_round(&db.store, 2).await;
    assert_eq!(states(&db.store).await, ["cancelled 1"]);
}

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

async fn sections_are_claimed_once_and_come_due_again(db: TestDb) {
    use loa::store::PollResult;
    prepare(&db.store, start()).await;
    let lease = start() + TimeDelta::minutes(10);
    let due = db.store.claim_due_sections(start(), lease).await.unwrap();
    assert_eq!(due.len(), 1);
    assert!(due[0].baseline_at.is_none());
    assert!(
        db.store
            .claim_due_sections(start(), lease)
            .await
            .unwrap()
            .is_empty()
    );
    let next = start() + TimeDelta::minutes(5);
    let done = PollResult::Done {
        etag: Some("W/\"x\""),
        last_modified: Some("Tue, 24 Nov 2026 08:00:00 GMT"),
    };
    db.store
        .finish_poll(due[0].id, &done, next, start())
        .await
        .unwrap();
    assert!(
        db.store
            .claim_due_sections(next - TimeDelta::seconds(1), lease)
            .await
            .unwrap()
            .is_empty()
    );
    let again = db.store.claim_due_sections(next, lease).await.unwrap();
    assert_eq!(again[0].etag.as_deref(), Some("W/\"x\""));
    assert_eq!(again[0].baseline_at, Some(start()));
    db.store.sync_sections(&[], start()).await.unwrap();
    assert!(
        db.store.sections().await.unwrap().is_empty(),
        "a section that left the configuration is retired"
    );
}

/// One round with one article, fanned out to whoever watches everything.
async fn owe_round(store: &Store, n: i64) {
    let section = store.sections().await.unwrap()[0].id;
    let round = store.open_fanout(start()).await.unwrap();
    record(store, section, n, &["khoa-hoc-cong-nghe"], Some(round)).await;
    store.close_fanout(round, start()).await.unwrap();
    drain(store, 100).await;
}

async fn owe_one(store: &Store, address: &str) {
    prepare(store, start()).await;
    subscribe(store, address, "all", Frequency::Instant).await;
    owe_round(store, 1).await;
}

async fn drain(store: &Store, chunk: i64) {
    while store.fan_out_chunk(chunk, 1, start()).await.unwrap().is_some() {}
}

/// `state count`, over all channels.
async fn states(store: &Store) -> Vec<String> {
    let mut by_state = std::collections::BTreeMap::new();
    for (_, state, count) in store.delivery_counts().await.unwrap() {
        *by_state.entry(state).or_insert(0) += count;
    }
    by_state
        .into_iter()
        .map(|(state, count)| format!("{state} {count}"))
        .collect()
}
