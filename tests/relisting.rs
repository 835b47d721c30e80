//! An article that is found in one more section later: whoever hears of it only through that section, or through the
//! topic that the section vouches for, is told then; nobody is told twice.

use std::collections::BTreeMap;

use loa::{
    domain::{
        article::content_hash,
        subscription::{Channel, Frequency},
        topic::{Assigned, Label},
        watch::Watch,
    },
    store::{FanoutId, NewArticle, Outcome, Recorded, Relisted, Store},
};

use crate::common::{
    databases::{TestDb, for_each_db},
    records::{page, start, subscribe},
};

for_each_db!(
    those_who_hear_of_it_through_the_other_section_alone_are_told_then,
    a_digest_tells_it_once_to_each,
    an_article_that_was_stored_silently_stays_silent,
);

const TOPIC: &str = "khoa-hoc-cong-nghe";

/// Sections `tin-tuc` and `khoa-hoc`; their row ids.
async fn sections(store: &Store) -> [i64; 2] {
    let sections = [("mau", "tin-tuc", "Tin tức"), ("mau", "khoa-hoc", "Khoa học")];
    store.sync_sections(&sections, start()).await.unwrap();
    let label = Label {
        slug: TOPIC.to_owned(),
        vi: "Khoa học".to_owned(),
        en: "Science".to_owned(),
    };
    store.sync_topics(&[label], start()).await.unwrap();
    let rows = store.sections().await.unwrap();
    [rows[0].id, rows[1].id]
}

async fn everyone(store: &Store, frequency: Frequency) {
    for (who, watches) in [
        ("all@example.vn", &["all"][..]),
        ("first@example.vn", &["section:mau/tin-tuc"]),
        (
            "both@example.vn",
            &["section:mau/tin-tuc", "section:mau/khoa-hoc"],
        ),
        ("second@example.vn", &["section:mau/khoa-hoc"]),
        ("topic@example.vn", &["topic:khoa-hoc-cong-nghe"]),
        (
            "second-and-topic@example.vn",
            &["section:mau/khoa-hoc", "topic:khoa-hoc-cong-nghe"],
        ),
    ] {
        for watch in watches {
            subscribe(store, who, watch, frequency).await;
        }
    }
}

/// The article, found in `tin-tuc`, which vouches for nothing.
async fn record(store: &Store, section: i64, announce: Option<FanoutId>) -> i64 {
    let page = page(1);
    let watches = store.watches().await.unwrap();
    let matches = |watch: &Watch| matches!(watch, Watch::All) || watch.value() == "mau/tin-tuc";
    let watches: Vec<i64> = watches
        .iter()
        .filter(|w| matches(&w.watch))
        .map(|w| w.id)
        .collect();
    let article = NewArticle {
        portal: "mau",
        page: &page,
        content_hash: &content_hash(&page),
        topics: &[],
        watches: &watches,
        section: (section, &page.title),
        announce,
        validators: (None, None),
        next_look_at: None,
        edited_look_at: None,
        now: start(),
    };
    match store.record(&article).await.unwrap() {
        Recorded::New(id) => id,
        other => panic!("{other:?}"),
    }
}

/// The same article, found in `khoa-hoc`, which vouches for the topic.
async fn relist(store: &Store, article: i64, section: i64, announce: Option<FanoutId>) {
    let topics = [Assigned {
        slug: TOPIC.to_owned(),
        score: 6.0,
        evidence: Vec::new(),
    }];
    let relisted = Relisted {
        article,
        section: (section, "x"),
        topics: &topics,
        announce,
        now: start(),
    };
    store.relist(&relisted).await.unwrap();
}

/// Takes what is due: to how many articles each person's message comes. An empty one is what dispatch cancels.
async fn told(store: &Store) -> BTreeMap<String, usize> {
    while store.fan_out_chunk(100, 1, start()).await.unwrap().is_some() {}
    while store.digest_chunk(100, 2, start()).await.unwrap().is_some() {}
    let mut told = BTreeMap::new();
    for delivery in store.claim(Channel::Email, 100, 1, start()).await.unwrap() {
        let subscriber = delivery.subscriber_id;
        let articles = match (delivery.fanout_id, delivery.digest_run_id) {
            (Some(round), _) => store.articles_of_alert(round, subscriber).await.unwrap(),
            (None, Some(run)) => {
                let run = store.digest_run(run).await.unwrap().unwrap();
                let after = delivery.digest_after.unwrap();
                store.articles_of_digest(&run, after, subscriber).await.unwrap()
            }
            (None, None) => panic!("neither an alert nor a digest"),
        };
        store
            .mark(&delivery, &Outcome::Sent(None), start())
            .await
            .unwrap();
        if !articles.is_empty() {
            told.insert(delivery.address.as_str().to_owned(), articles.len());
        }
    }
    told
}

fn one_each<const N: usize>(people: [&str; N]) -> BTreeMap<String, usize> {
    people.map(|name| (format!("{name}@example.vn"), 1)).into()
}

async fn those_who_hear_of_it_through_the_other_section_alone_are_told_then(db: TestDb) {
    let store = &db.store;
    let [first, second] = sections(store).await;
    everyone(store, Frequency::Instant).await;
    let round = store.open_fanout(start()).await.unwrap();
    let article = record(store, first, Some(round)).await;
    store.close_fanout(round, start()).await.unwrap();
    assert_eq!(told(store).await, one_each(["all", "first", "both"]));
    for later in [true, false] {
        let round = store.open_fanout(start()).await.unwrap();
        relist(store, article, second, Some(round)).await;
        store.close_fanout(round, start()).await.unwrap();
        let expected = if later {
            one_each(["second", "topic", "second-and-topic"])
        } else {
            BTreeMap::new()
        };
        assert_eq!(told(store).await, expected);
    }
    let stored = store.article(article).await.unwrap().unwrap();
    assert_eq!(stored.topics.len(), 1);
    assert_eq!(stored.sections.len(), 2);
}

async fn a_digest_tells_it_once_to_each(db: TestDb) {
    let store = &db.store;
    let [first, second] = sections(store).await;
    everyone(store, Frequency::Daily).await;
    // Told at once of everything: no digest repeats it.
    subscribe(store, "instant@example.vn", "all", Frequency::Instant).await;
    subscribe(
        store,
        "instant@example.vn",
        "section:mau/khoa-hoc",
        Frequency::Daily,
    )
    .await;
    let round = store.open_fanout(start()).await.unwrap();
    let article = record(store, first, Some(round)).await;
    store.close_fanout(round, start()).await.unwrap();
    assert_eq!(told(store).await, one_each(["instant"]));
    let date = start().date_naive();
    assert!(store.start_digest_run(1, date, start()).await.unwrap());
    assert_eq!(told(store).await, one_each(["all", "first", "both"]));
    let round = store.open_fanout(start()).await.unwrap();
    relist(store, article, second, Some(round)).await;
    store.close_fanout(round, start()).await.unwrap();
    assert_eq!(told(store).await, BTreeMap::new());
    let next = date + chrono::TimeDelta::days(1);
    assert!(store.start_digest_run(1, next, start()).await.unwrap());
    assert_eq!(
        told(store).await,
        one_each(["second", "topic", "second-and-topic"])
    );
}

async fn an_article_that_was_stored_silently_stays_silent(db: TestDb) {
    let store = &db.store;
    let [first, second] = sections(store).await;
    everyone(store, Frequency::Instant).await;
    let article = record(store, first, None).await;
    let round = store.open_fanout(start()).await.unwrap();
    relist(store, article, second, Some(round)).await;
    store.close_fanout(round, start()).await.unwrap();
    assert_eq!(told(store).await, BTreeMap::new());
}
