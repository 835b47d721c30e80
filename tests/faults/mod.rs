//! Polling against the replica of a portal that lies beside the project, with a clock turned by hand: every fault on
//! every kind of page, an article's life, and what the portal sees of it. Skipped without the replica.

mod disappearing;
mod kinds;
mod life;
mod manners;
mod proxy;
mod restart;

use std::{collections::BTreeMap, fmt::Write as _, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use loa::{
    clock::Clock,
    domain::{
        article::Article,
        classify::{Classifier, Taxonomy},
        watch::Watch,
    },
    jobs::poll::{KnownWatches, Limits, Poller, SectionReport, Status},
    measure::Measures,
    portal::{
        Portal,
        fetch::{FetchSettings, Fetcher},
    },
    store::{Page, SectionRow, Seen, Store},
};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::{
    common::{
        databases::{TestDb, for_each_db},
        sql,
        stand_ins::StandIn,
    },
    portal_corpus::shared,
};

/// A shape of the replica: also the name of the profile that reads it.
struct Shape {
    name: &'static str,
    list: &'static str,
    /// What the addresses of its articles have in common.
    article: &'static str,
}

const LIFERAY: Shape = Shape {
    name: "liferay62",
    list: "/vi/cong-nghe-thong-tin",
    article: "/view_content/",
};

const CMS: Shape = Shape {
    name: "3cms",
    list: "/khoa-hoc-cong-nghe",
    article: "/view-article/",
};

/// After everything that the replica ever publishes, so that no article is due for a look by itself.
const LATER: &str = "2024-06-04T01:00:00Z";

/// A store, a replica, a clock, and the poller over them.
struct Scene {
    db: TestDb,
    replica: StandIn,
    shape: &'static Shape,
    clock: Clock,
    poller: Poller,
}

/// An article as a test compares it: key, title, body, moments of publication, first sight and last edit.
type Told = (
    String,
    String,
    String,
    Option<DateTime<Utc>>,
    DateTime<Utc>,
    DateTime<Utc>,
);

impl Scene {
    async fn set(db: TestDb, shape: &'static Shape, options: &[&str], at: &str) -> Option<Self> {
        let replica = replica(shape, options)?;
        let url = replica.url();
        Some(Self::over(db, replica, &url, shape, &[("tin", shape.list)], at).await)
    }

    /// With the portal at `url`, and the given sections (slug, path).
    async fn over(
        db: TestDb,
        replica: StandIn,
        url: &str,
        shape: &'static Shape,
        sections: &[(&str, &str)],
        at: &str,
    ) -> Self {
        let clock = Clock::manual(at.parse().unwrap());
        let taxonomy = Taxonomy::parse(include_str!("../../config/topics.toml")).unwrap();
        let mut file = format!(
            "id = \"mau\"\nname = \"Cổng mẫu\"\nbase_url = \"{url}\"\nauthority = \"portal.example\"\nyear = 2026\n\
             profile = \"{}\"\n",
            shape.name
        );
        for (slug, path) in sections {
            let _ = write!(
                file,
                "[[section]]\nslug = \"{slug}\"\ntitle = \"{slug}\"\npath = \"{path}\"\nschedule = \"0 */15 * * * *\"\n"
            );
        }
        let rows: Vec<_> = sections.iter().map(|(slug, _)| ("mau", *slug, *slug)).collect();
        db.store.sync_sections(&rows, clock.now()).await.unwrap();
        db.store
            .sync_topics(taxonomy.labels(), clock.now())
            .await
            .unwrap();
        let poller = Poller {
            store: db.store.clone(),
            clock: clock.clone(),
            portals: vec![Portal::from_toml(&file).unwrap()].into(),
            fetcher: fetcher(Duration::from_mins(1)),
            rules: loa::jobs::rules::Rules::fixed(Classifier::new(&taxonomy).unwrap()),
            watches: KnownWatches::default(),
            measures: Measures::default(),
            limits: Limits {
                max_articles: 40,
                max_list_pages: 1,
                max_looks: 10,
            },
            stop: CancellationToken::new(),
        };
        Self {
            db,
            replica,
            shape,
            clock,
            poller,
        }
    }

    /// Another process over the same database, as it is after a restart.
    async fn another_poller(&self) -> Poller {
        Poller {
            store: Store::open(&self.db.url).await.unwrap(),
            fetcher: fetcher(Duration::from_mins(1)),
            stop: CancellationToken::new(),
            measures: Measures::default(),
            watches: KnownWatches::default(),
            ..self.poller.clone()
        }
    }

    async fn row(&self) -> SectionRow {
        self.db.store.sections().await.unwrap().remove(0)
    }

    /// Polls what is due now: the one section.
    async fn poll(&self) -> SectionReport {
        let mut reports = self.poller.step().await.unwrap();
        assert_eq!(reports.len(), 1, "{reports:?}");
        reports.remove(0)
    }

    /// Polls when the section is due next.
    async fn next(&self) -> SectionReport {
        self.clock
            .advance(self.row().await.next_poll_at - self.clock.now());
        self.poll().await
    }

    /// Polls now, because somebody asks.
    async fn poll_named(&self) -> SectionReport {
        let mut reports = self.poller.poll_named(Some("mau"), Some("tin")).await.unwrap();
        assert_eq!(reports.len(), 1, "{reports:?}");
        reports.remove(0)
    }

    async fn articles(&self) -> Vec<Article> {
        let page = Page {
            before: None,
            limit: 500,
        };
        self.db.store.list(&Watch::All, page).await.unwrap()
    }

    async fn article(&self, key: &str) -> Option<Article> {
        self.articles().await.into_iter().find(|a| a.key == key)
    }

    async fn told(&self) -> Vec<Told> {
        let told = |a: Article| {
            let published = a.published.map(|p| p.at);
            (
                a.key,
                a.title,
                a.body_html,
                published,
                a.first_seen_at,
                a.updated_at,
            )
        };
        self.articles().await.into_iter().map(told).collect()
    }

    async fn count(&self, sql: &str) -> i64 {
        sql::count(&self.db.url, sql).await
    }

    async fn revisions(&self) -> i64 {
        self.count("SELECT count(*) FROM revisions").await
    }

    /// How many articles were announced so far, each time counted.
    async fn announced(&self) -> i64 {
        self.count("SELECT count(*) FROM fanout_articles").await
    }

    /// The operator's alarms so far.
    async fn alarms(&self) -> Vec<String> {
        let mut sql = sql::Sql::connect(&self.db.url).await;
        sql.texts("SELECT kind || ' ' || cause FROM alarms ORDER BY id")
            .await
    }

    /// Every article on the list is due for a look now.
    async fn make_looks_due(&self) {
        let (section, now) = (self.row().await.id, self.clock.now());
        for look in self.db.store.listed(section).await.unwrap() {
            let same = Seen::Same {
                etag: look.etag.as_deref(),
                last_modified: look.last_modified.as_deref(),
            };
            self.db
                .store
                .note_look(look.id, same, Some(now), now)
                .await
                .unwrap();
        }
    }

    /// Keys of what the portal shows, newest first.
    fn keys(&self) -> Vec<String> {
        serde_json::from_str(&self.replica.control("keys")).unwrap()
    }

    fn publish(&self, n: usize) -> Vec<String> {
        self.replica.control(&format!("publish?n={n}"));
        self.keys().into_iter().take(n).collect()
    }

    fn fault(&self, kind: &str, n: usize, matching: &str) {
        self.replica
            .control(&format!("fault?kind={kind}&n={n}&match={matching}"));
    }

    /// What was asked since the log was forgotten last, in the order of the answers: path and query.
    fn asked(&self) -> Vec<String> {
        self.log()
            .iter()
            .map(|line| line["path"].as_str().unwrap().to_owned())
            .collect()
    }

    /// The log, and no word of it afterwards. Faults that are left are forgotten too.
    fn take_log(&self) -> Vec<Value> {
        let log = self.log();
        self.replica.control("reset");
        log
    }

    fn log(&self) -> Vec<Value> {
        self.replica.lines("log")
    }
}

fn replica(shape: &Shape, options: &[&str]) -> Option<StandIn> {
    StandIn::replica(&[&["--shape", shape.name], options].concat())
}

fn fetcher(timeout: Duration) -> Arc<Fetcher> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Arc::new(Fetcher::new(FetchSettings {
        allow_private_addresses: true,
        min_interval: Duration::ZERO,
        timeout,
        ..FetchSettings::default()
    }))
}

/// The titles of the real articles: what keys the replica gives them is its own affair.
fn real_titles() -> Vec<String> {
    let gold = std::fs::read_to_string(shared("corpus/hanoi/gold.json").unwrap()).unwrap();
    let gold: BTreeMap<String, Value> = serde_json::from_str(&gold).unwrap();
    let seed = std::fs::read_to_string(shared("seed/article.txt").unwrap()).unwrap();
    let seed = seed.lines().next().unwrap().to_owned();
    let title = |article: &Value| plain(article["title"].as_str().unwrap());
    gold.values().map(title).chain([plain(&seed)]).collect()
}

/// A title without what never counts: white space.
fn plain(title: &str) -> String {
    title.split_whitespace().collect::<Vec<_>>().join(" ")
}
