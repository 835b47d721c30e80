//! The polling step over real HTTP, against a portal that does what the test says, with a clock turned by hand.

mod backfill;
mod life;
mod manners;
mod news;
mod retention;
mod rounds;
mod trouble;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use loa::{
    clock::Clock,
    domain::{
        classify::{Classifier, Taxonomy},
        subscription::{Channel, Frequency},
        watch::Watch,
    },
    jobs::{
        Step,
        fanout::fanout,
        poll::{KnownWatches, Limits, Poller, SectionReport, Status},
    },
    measure::Measures,
    portal::{
        Portal,
        fetch::{FetchSettings, Fetcher},
    },
    store::{Outcome, Page, SectionRow, Store},
};

use tokio_util::sync::CancellationToken;

use crate::common::{
    databases::{TestDb, for_each_db},
    portal::{ScriptedPortal, article_path},
    records::{start, subscribe},
    sql,
};

const KH: &str = "/khoa-hoc";

const TT: &str = "/su-kien";

/// A store, a portal, a clock, and the poller over them.
struct World {
    db: TestDb,
    portal: ScriptedPortal,
    clock: Clock,
    poller: Poller,
}

impl World {
    /// Two sections, polled every quarter of an hour; three articles are out.
    async fn new(db: TestDb) -> Self {
        let portal = ScriptedPortal::start(&[KH, TT]).await;
        for n in 1..=3 {
            portal.publish(n, start() - TimeDelta::hours(9 - n), &[KH]);
        }
        portal.publish(4, start() - TimeDelta::hours(1), &[TT]);
        let file = format!(
            "id = \"mau\"\nname = \"Cổng mẫu\"\nbase_url = \"{}\"\nauthority = \"portal.example\"\nyear = 2026\n\
             profile = \"3cms\"\n{}{}",
            portal.url,
            section("khoa-hoc", KH, "3cms"),
            section("su-kien", TT, "3cms"),
        );
        Self::with(db, portal, &file).await
    }

    async fn with(db: TestDb, portal: ScriptedPortal, file: &str) -> Self {
        let clock = Clock::manual(start());
        let taxonomy = Taxonomy::parse(include_str!("../../config/topics.toml")).unwrap();
        let file = Portal::from_toml(file).unwrap();
        let sections: Vec<_> = file
            .sections
            .iter()
            .map(|s| ("mau", s.slug.as_str(), s.title.as_str()))
            .collect();
        db.store.sync_sections(&sections, start()).await.unwrap();
        db.store.sync_topics(taxonomy.labels(), start()).await.unwrap();
        let poller = Poller {
            store: db.store.clone(),
            clock: clock.clone(),
            portals: vec![file].into(),
            fetcher: fetcher(),
            rules: loa::jobs::rules::Rules::fixed(Classifier::new(&taxonomy).unwrap()),
            watches: KnownWatches::default(),
            measures: Measures::default(),
            limits: Limits {
                max_articles: 40,
                max_list_pages: 3,
                max_looks: 10,
            },
            stop: CancellationToken::new(),
        };
        Self {
            db,
            portal,
            clock,
            poller,
        }
    }

    /// A world whose first, silent poll is done.
    async fn polled(db: TestDb) -> Self {
        let world = Self::new(db).await;
        world.poll().await;
        world.portal.take_asked();
        world.next_quarter();
        world
    }

    async fn poll(&self) -> Vec<SectionReport> {
        self.poller.step().await.unwrap()
    }

    fn next_quarter(&self) -> DateTime<Utc> {
        self.clock.advance(TimeDelta::minutes(15));
        self.clock.now()
    }

    async fn section(&self, slug: &str) -> SectionRow {
        let rows = self.db.store.sections().await.unwrap();
        rows.into_iter().find(|row| row.slug == slug).unwrap()
    }

    async fn articles(&self) -> usize {
        let page = Page {
            before: None,
            limit: 500,
        };
        self.db.store.list(&Watch::All, page).await.unwrap().len()
    }

    /// Fans out, and takes every alert that is due: whom it is for, and the numbers of its articles.
    async fn alerts(&self) -> BTreeMap<String, Vec<i64>> {
        alerts(&self.db.store, self.clock.now()).await
    }
}

fn section(slug: &str, path: &str, profile: &str) -> String {
    format!(
        "[[section]]\nslug = \"{slug}\"\ntitle = \"{slug}\"\npath = \"{path}\"\nschedule = \"0 */15 * * * *\"\n\
         profile = \"{profile}\"\n"
    )
}

fn fetcher() -> Arc<Fetcher> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Arc::new(Fetcher::new(FetchSettings {
        allow_private_addresses: true,
        min_interval: Duration::ZERO,
        ..FetchSettings::default()
    }))
}

async fn alerts(store: &Store, now: DateTime<Utc>) -> BTreeMap<String, Vec<i64>> {
    while fanout(store, now).await.unwrap() != Step::Idle {}
    let mut told = BTreeMap::new();
    for channel in [Channel::Email, Channel::Telegram] {
        for delivery in store
            .claim(channel, 100, now.timestamp_micros(), now)
            .await
            .unwrap()
        {
            let (round, subscriber) = (delivery.fanout_id.unwrap(), delivery.subscriber_id);
            let ids = store.articles_of_alert(round, subscriber).await.unwrap();
            let articles = store.articles(&ids).await.unwrap();
            let mut numbers: Vec<i64> = articles.iter().map(|a| number(&a.key)).collect();
            numbers.sort_unstable();
            if numbers.is_empty() {
                // What dispatch cancels: they heard of it through another watch.
                let nothing = Outcome::Cancelled("nothing left to tell");
                store.mark(&delivery, &nothing, now).await.unwrap();
                continue;
            }
            let twice = told.insert(delivery.address.as_str().to_owned(), numbers);
            assert_eq!(twice, None, "one message a round");
            assert!(store.mark_sending(&delivery, now).await.unwrap());
            store.mark(&delivery, &Outcome::Sent(None), now).await.unwrap();
        }
    }
    told
}

fn number(key: &str) -> i64 {
    key.parse::<i64>().unwrap() - crate::common::portal::FIRST_KEY
}

fn told<const N: usize>(alerts: [(&str, &[i64]); N]) -> BTreeMap<String, Vec<i64>> {
    alerts
        .into_iter()
        .map(|(who, what)| (who.to_owned(), what.to_vec()))
        .collect()
}
