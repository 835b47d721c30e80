//! A portal that the settings no longer name: it is not polled, and what was kept of it stays what it was.

use std::collections::BTreeMap;

use axum_test::TestServer;
use chrono::TimeDelta;
use loa::{
    app::App,
    config::{Config, Layers},
    domain::article::{Precision, Published, content_hash},
    store::NewArticle,
    web,
};
use serde_json::Value;

use crate::common::{
    databases::{TestDb, for_each_db},
    records::{page, start},
};

for_each_db!(
    its_articles_stay_in_feeds_and_lists,
    the_identity_of_a_feed_does_not_hang_on_the_order_of_the_settings,
);

/// Two compiled-in portals.
const BOTH: [&str; 2] = ["quangtri", "sotttt-hanoi"];

async fn app(db: &TestDb, portals: &[&str]) -> App {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut layers = Layers::read(None, &BTreeMap::new()).unwrap();
    layers.set_text("database.url", &db.url, "test").unwrap();
    layers.set_text("portals", &portals.join(","), "test").unwrap();
    App::build(Config::from_layers(&layers).unwrap(), &[])
        .await
        .unwrap()
}

async fn feed(app: &App) -> (String, Vec<String>) {
    let server = TestServer::new(web::router(app.web_state()));
    let atom = server.get("/feeds/all.atom").await.text();
    let id = |text: &str| {
        let (_, rest) = text.split_once("<id>").unwrap();
        rest.split_once("</id>").unwrap().0.to_owned()
    };
    let entries = atom.split("<entry>").skip(1).map(id).collect();
    (id(&atom), entries)
}

async fn its_articles_stay_in_feeds_and_lists(db: TestDb) {
    let before = app(&db, &BOTH).await;
    let sections = before.store.sections().await.unwrap();
    let of = |portal: &str| sections.iter().find(|s| s.portal == portal).unwrap().id;
    // More of the one that goes than stand in a feed, all newer.
    for n in 0..60 {
        let (portal, section) = if n < 3 {
            (BOTH[0], of(BOTH[0]))
        } else {
            (BOTH[1], of(BOTH[1]))
        };
        record_of(&before, portal, section, n).await;
    }
    let old = feed(&before).await;
    assert_eq!(old.1.len(), 50);
    let after = app(&db, &BOTH[..1]).await;
    assert_eq!(feed(&after).await, old);
    let server = TestServer::new(web::router(after.web_state()));
    let page: Value = server.get("/api/v1/articles?limit=5").await.json();
    assert_eq!(page["articles"].as_array().unwrap().len(), 5);
    assert_eq!(page["articles"][0]["portal"], BOTH[1]);
}

async fn record_of(app: &App, portal: &str, section: i64, n: i64) {
    let mut page = page(n);
    page.published = Some(Published {
        at: start() - TimeDelta::minutes(100 - n),
        precision: Precision::Minute,
    });
    let article = NewArticle {
        portal,
        page: &page,
        content_hash: &content_hash(&page),
        topics: &[],
        watches: &[],
        section: (section, &page.title),
        announce: None,
        validators: (None, None),
        next_look_at: None,
        edited_look_at: None,
        now: start(),
    };
    app.store.record(&article).await.unwrap();
}

async fn the_identity_of_a_feed_does_not_hang_on_the_order_of_the_settings(db: TestDb) {
    let first = feed(&app(&db, &BOTH).await).await.0;
    assert!(first.starts_with("tag:quangtri.gov.vn,"), "{first}");
    let [one, two] = BOTH;
    assert_eq!(feed(&app(&db, &[two, one]).await).await.0, first);
}
