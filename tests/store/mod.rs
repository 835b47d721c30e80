//! What the database guarantees, on both.

mod articles;
mod changes;
mod chats;
mod digests;
mod outbox;
mod schedules;

use chrono::TimeDelta;
use loa::{
    domain::{
        subscription::{Channel, Frequency},
        token::Tokens,
        watch::Watch,
    },
    store::{Claimed, Imported, Outcome, Page, Recorded, Store},
};

use crate::common::{
    databases::{TestDb, for_each_db},
    records::{page, prepare, record, record_page, start, subscribe},
    sql::Sql,
};

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
