//! What comes back, from the bytes of a mail to who is written to no more.

mod command;
mod keeping;
mod maildir;
mod reading;

use chrono::{DateTime, TimeDelta};
use loa::{
    clock::Clock,
    domain::{
        subscription::{Address, Channel, Frequency},
        token::Tokens,
    },
    jobs::bounces::{Returns, Taken},
    store::Store,
};

use crate::common::{
    databases::{TestDb, for_each_db},
    records::{prepare, record, start, subscribe},
    sql,
};

const LAN: &str = "lan@co-quan.example";

/// A store in which somebody was sent mails, and a clock.
struct World {
    db: TestDb,
    clock: Clock,
    tokens: Tokens,
    returns: Returns,
    section: i64,
}

impl World {
    async fn new(db: TestDb) -> Self {
        let section = prepare(&db.store, start()).await;
        let (clock, tokens) = (Clock::manual(start()), Tokens::new("test"));
        subscribe(&db.store, LAN, "all", Frequency::Instant).await;
        let returns = Returns {
            store: db.store.clone(),
            clock: clock.clone(),
            tokens: tokens.clone(),
        };
        Self {
            db,
            clock,
            tokens,
            returns,
            section,
        }
    }

    fn store(&self) -> &Store {
        &self.db.store
    }

    /// Owes whoever is written to an alert about article `n`; the newest delivery.
    async fn owe(&self, n: i64) -> i64 {
        let (store, now) = (self.store(), self.clock.now());
        let round = store.open_fanout(now).await.unwrap();
        record(store, self.section, n, &[], Some(round)).await;
        store.close_fanout(round, now).await.unwrap();
        while store.fan_out_chunk(100, 1, now).await.unwrap().is_some() {}
        self.number("SELECT COALESCE(MAX(id), 0) FROM deliveries").await
    }

    async fn number(&self, sql: &str) -> i64 {
        sql::count(&self.db.url, sql).await
    }

    /// A sample as it would come back for a delivery.
    fn sample(&self, name: &str, delivery: i64) -> Vec<u8> {
        with_mark(name, &self.tokens.bounce_mark(delivery))
    }

    /// What is said of a sample that comes back for a delivery.
    async fn takes(&self, name: &str, delivery: i64) -> String {
        self.returns
            .take(self.sample(name, delivery))
            .await
            .unwrap()
            .to_string()
    }

    fn lan(&self) -> (Address, String) {
        let address = Address::parse(Channel::Email, LAN).unwrap();
        (address, self.tokens.address_hash(LAN))
    }

    async fn suppressed(&self) -> Vec<String> {
        let people = self.store().suppressed_people().await.unwrap();
        people
            .iter()
            .map(|p| format!("{} for a {}", p.address, p.reason.as_str()))
            .collect()
    }
}

/// A sample that came back to another mark.
fn with_mark(name: &str, mark: &str) -> Vec<u8> {
    let text = String::from_utf8(reading::sample(name)).unwrap();
    text.replace(reading::MARK, mark).into_bytes()
}
