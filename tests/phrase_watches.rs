//! Phrases that people watch: in force at once, on every process, and told with what to expect before anybody subscribes.

use loa::{
    domain::{
        article::Extracted,
        subscription::Frequency,
        watch::{Watch, Watchable},
    },
    jobs::poll::KnownWatches,
    store::Store,
};

use crate::common::{
    databases::{TestDb, for_each_db},
    records::{page, prepare, start, subscribe},
    sql,
};

for_each_db!(
    a_phrase_counts_for_the_next_article_on_every_process,
    a_hundred_thousand_phrases_are_read_once,
);

fn about(text: &str) -> Extracted {
    let mut page = page(1);
    text.clone_into(&mut page.title);
    page.lead = None;
    page
}

/// The phrases that a process finds in a text.
async fn found(process: &KnownWatches, store: &Store, text: &str) -> Vec<String> {
    let page = about(text);
    let article = Watchable::new("mau", "khoa-hoc", &page, &[]);
    let ids = process.matching(store, &article, start()).await.unwrap();
    let known = store.watches_after(0).await.unwrap();
    let phrases = known.into_iter().filter(|known| ids.contains(&known.id));
    let phrases = phrases.filter_map(|known| match known.watch {
        Watch::Phrase(phrase) => Some(phrase),
        _ => None,
    });
    phrases.collect()
}

async fn a_phrase_counts_for_the_next_article_on_every_process(db: TestDb) {
    prepare(&db.store, start()).await;
    let other_store = Store::open(&db.url).await.unwrap();
    let [here, there] = [(); 2].map(|()| KnownWatches::default());
    let text = "Xã Gio Linh đổi mới";
    for (process, store) in [(&here, &db.store), (&there, &other_store)] {
        assert!(found(process, store, text).await.is_empty());
    }
    // Subscribed to here, and no moment passes.
    subscribe(&db.store, "lan@example.vn", "phrase:Gio Linh", Frequency::Daily).await;
    subscribe(&db.store, "lan@example.vn", "phrase:doi moi", Frequency::Daily).await;
    for (process, store) in [(&here, &db.store), (&there, &other_store)] {
        assert_eq!(found(process, store, text).await, ["Gio Linh", "doi moi"]);
        assert_eq!(found(process, store, "Đội mới về").await, ["doi moi"]);
    }
}

async fn a_hundred_thousand_phrases_are_read_once(db: TestDb) {
    prepare(&db.store, start()).await;
    // The numbers of a table that both databases can count.
    sql::execute(
        &db.url,
        "INSERT INTO watches (kind, value, created_at)
         WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 100000)
         SELECT 'phrase', 'thôn số ' || n, '2026-11-24T08:00:00+00:00' FROM n",
    )
    .await;
    let process = KnownWatches::default();
    let text = "Thôn số 7 và thôn số 99999";
    assert_eq!(
        found(&process, &db.store, text).await,
        ["thôn số 7", "thôn số 99999"]
    );
    // Were they all read again, these would be missed.
    sql::execute(
        &db.url,
        "UPDATE watches SET value = 'khác ' || value WHERE value = 'thôn số 7'",
    )
    .await;
    assert_eq!(
        found(&process, &db.store, text).await,
        ["khác thôn số 7", "thôn số 99999"],
        "known by its id"
    );
    subscribe(&db.store, "lan@example.vn", "phrase:thôn số", Frequency::Daily).await;
    assert_eq!(found(&process, &db.store, text).await.last().unwrap(), "thôn số");
}
