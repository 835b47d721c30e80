//! Feeds that end and feeds that move: readers hear of it before their address answers otherwise.

use axum::http::{StatusCode, header};
use axum_test::TestServer;
use chrono::{DateTime, TimeDelta, Utc};
use loa::{
    clock::Clock,
    domain::token::Tokens,
    web::{self, FeedCache},
};

use crate::common::{
    databases::{TestDb, for_each_db},
    process::Loa,
    records::{page, prepare, record_page, start},
    site,
};

for_each_db!(
    a_feed_that_ended_says_so_in_a_last_entry_and_is_gone_later,
    a_section_that_ended_does_too,
    a_feed_that_ended_is_served_as_it_was_while_nothing_can_be_asked,
    what_moved_redirects_in_every_form_and_keeps_its_query,
);

const HEALTH: &str = "y-te-suc-khoe";

struct World {
    server: TestServer,
    clock: Clock,
    feeds: FeedCache,
    db: TestDb,
}

impl World {
    async fn status(&self, path: &str) -> StatusCode {
        self.server.get(path).await.status_code()
    }

    async fn text(&self, path: &str) -> String {
        let answer = self.server.get(path).await;
        answer.assert_status_ok();
        answer.text()
    }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Two articles about health of last month, one of them in a section that the settings do not name.
async fn world(db: TestDb, moved: &[(&str, &str)]) -> World {
    let section = prepare(&db.store, start()).await;
    let sections = [("mau", "cu", "Mục cũ"), ("mau", "khoa-hoc", "Khoa học")];
    db.store.sync_sections(&sections, start()).await.unwrap();
    db.store.sync_topics(&site::labels(), start()).await.unwrap();
    let rows = db.store.sections().await.unwrap();
    let old = rows.iter().find(|row| row.slug == "cu").unwrap().id;
    for (n, section) in [(1, section), (2, old)] {
        let mut page = page(n);
        page.published.as_mut().unwrap().at = at("2026-10-05T01:00:00Z") + TimeDelta::minutes(n);
        record_page(&db.store, section, &page, &[HEALTH], None, start()).await;
    }
    let clock = Clock::manual(start());
    let mut state = site::state(&db.store, &clock, &Tokens::new("test"));
    state.moved = moved
        .iter()
        .map(|(from, to)| ((*from).to_owned(), (*to).to_owned()))
        .collect();
    let mut known = (*state.site).clone();
    known.topics.retain(|label| label.slug != HEALTH);
    state.site = known.into();
    World {
        feeds: state.feeds.clone(),
        server: TestServer::new(web::router(state)),
        clock,
        db,
    }
}

async fn a_feed_that_ended_says_so_in_a_last_entry_and_is_gone_later(db: TestDb) {
    let world = world(db, &[]).await;
    let feed = format!("/feeds/topics/{HEALTH}");
    let paths = ["rss", "atom", "json"].map(|format| format!("{feed}.{format}"));
    assert_eq!(
        world.status(&paths[0]).await,
        StatusCode::NOT_FOUND,
        "in force, but not served here"
    );
    let [science, _] = site::labels().try_into().unwrap();
    world.db.store.sync_topics(&[science], start()).await.unwrap();
    world.feeds.notice(&world.db.store).await.unwrap();
    for path in &paths {
        let text = world.text(path).await;
        let (word, article) = ("Nguồn cấp này đã ngừng", "mau/article/1764000000001");
        let (first, then) = (text.find(word), text.find(article));
        assert!(first.is_some() && first < then, "{path}: {text}");
        assert!(
            text.contains("https://loa.example/feeds"),
            "where else to go: {text}"
        );
        assert!(
            text.contains("2026-11-24T15:00:00+07:00") || text.contains("24 Nov 2026 15:00:00 +0700"),
            "{text}"
        );
    }
    let told: serde_json::Value = serde_json::from_str(&world.text(&paths[2]).await).unwrap();
    assert_eq!(told["expired"], true);
    assert!(!world.text("/feeds/all.json").await.contains("expired"));
    let archive = format!("{feed}/archive/2026-10.rss");
    assert!(world.text(&paths[0]).await.contains(&archive));
    world.text(&archive).await;
    let page = world.text(&format!("/topics/{HEALTH}")).await;
    assert!(page.contains("Mục này đã ngừng từ ngày 24/11/2026"), "{page}");
    assert!(
        page.contains("đề tài khoa học số 1"),
        "what there was stays readable: {page}"
    );
    assert!(
        world
            .text(&format!("/topics/{HEALTH}?lang=en"))
            .await
            .contains("nothing new will come")
    );
    world.clock.advance(TimeDelta::days(90));
    assert_eq!(world.status(&paths[0]).await, StatusCode::OK);
    world.clock.advance(TimeDelta::days(1));
    for path in paths
        .iter()
        .map(String::as_str)
        .chain([archive.as_str(), &format!("/topics/{HEALTH}")])
    {
        assert_eq!(world.status(path).await, StatusCode::GONE, "{path}");
    }
    let page = world.server.get(&paths[0]).await.text();
    assert!(
        page.contains("Nguồn cấp này đã ngừng") && page.contains("href=\"/feeds\""),
        "{page}"
    );
    // Named again by the settings of another process: not for this one to tell.
    world
        .db
        .store
        .sync_topics(&site::labels(), world.clock.now())
        .await
        .unwrap();
    assert_eq!(world.status(&paths[0]).await, StatusCode::NOT_FOUND);
}

async fn a_feed_that_ended_is_served_as_it_was_while_nothing_can_be_asked(db: TestDb) {
    let world = world(db, &[]).await;
    let [science, _] = site::labels().try_into().unwrap();
    world.db.store.sync_topics(&[science], start()).await.unwrap();
    let feed = format!("/feeds/topics/{HEALTH}");
    let address = format!("{feed}.rss");
    let before = world.text(&address).await;
    // No name of anything: not for the database, which would refuse some of it.
    let no_names = [
        "/feeds/topics/%00.rss",
        "/feeds/topics/a%00",
        "/feeds/sections/mau/%00.atom",
        "/topics/A%00",
    ];
    for path in no_names {
        assert_eq!(world.status(path).await, StatusCode::NOT_FOUND, "{path}");
    }
    world.db.store.close().await;
    assert_eq!(world.text(&address).await, before);
    for path in no_names {
        assert_eq!(world.status(path).await, StatusCode::NOT_FOUND, "{path}");
    }
    for path in [
        format!("{feed}.atom"),
        format!("{address}?limit=3"),
        format!("{feed}/archive/2026-10.rss"),
        "/feeds/topics/khoa-hoc-cong-nghe/archive/2026-10.rss".to_owned(),
        feed,
    ] {
        let answer = world.server.get(&path).await;
        answer.assert_status(StatusCode::SERVICE_UNAVAILABLE);
        assert!(!answer.headers().contains_key(header::RETRY_AFTER), "{path}");
    }
}

async fn a_section_that_ended_does_too(db: TestDb) {
    let world = world(db, &[]).await;
    let sections = [("mau", "khoa-hoc", "Khoa học")];
    world.db.store.sync_sections(&sections, start()).await.unwrap();
    let text = world.text("/feeds/sections/mau/cu.atom").await;
    assert!(text.contains("Nguồn cấp này đã ngừng: Mục cũ"), "{text}");
    assert!(text.contains("mau/article/1764000000002"));
    assert!(world.text("/sections/mau/cu").await.contains("Mục này đã ngừng"));
    world.clock.advance(TimeDelta::days(91));
    for path in ["/feeds/sections/mau/cu.atom", "/sections/mau/cu"] {
        assert_eq!(world.status(path).await, StatusCode::GONE);
    }
    assert_eq!(
        world.status("/feeds/sections/mau/nie.atom").await,
        StatusCode::NOT_FOUND
    );
}

async fn what_moved_redirects_in_every_form_and_keeps_its_query(db: TestDb) {
    let moves = [
        ("topics/cu", "topics/khoa-hoc-cong-nghe"),
        ("sections/mau/xua", "all"),
    ];
    let world = world(db, &moves).await;
    for (old, new) in [
        ("/feeds/topics/cu.rss", "/feeds/topics/khoa-hoc-cong-nghe.rss"),
        (
            "/feeds/topics/cu.atom?limit=5&x=%20y",
            "/feeds/topics/khoa-hoc-cong-nghe.atom?limit=5&x=%20y",
        ),
        ("/feeds/topics/cu.json", "/feeds/topics/khoa-hoc-cong-nghe.json"),
        ("/feeds/topics/cu", "/feeds/topics/khoa-hoc-cong-nghe"),
        (
            "/feeds/topics/cu/archive/2026-10.rss",
            "/feeds/topics/khoa-hoc-cong-nghe/archive/2026-10.rss",
        ),
        ("/topics/cu?lang=en", "/topics/khoa-hoc-cong-nghe?lang=en"),
        ("/feeds/sections/mau/xua.rss", "/feeds/all.rss"),
        ("/sections/mau/xua", "/"),
    ] {
        let answer = world.server.get(old).await;
        answer.assert_status(StatusCode::MOVED_PERMANENTLY);
        let location = answer.headers()[header::LOCATION].to_str().unwrap();
        assert_eq!(location, format!("{}{new}", site::PUBLIC_URL));
    }
    world.text("/feeds/topics/khoa-hoc-cong-nghe.rss").await;
}

#[tokio::test]
async fn a_feed_moves_to_one_that_exists_and_from_one_that_does_not() {
    for (from, to, why) in [
        ("topics/cu", "topics/khong-co", "which is no feed"),
        (
            "topics/y-te-suc-khoe",
            "topics/khoa-hoc-cong-nghe",
            "is a feed still",
        ),
    ] {
        let loa = Loa::new("sqlite:loa.db");
        let file = loa.folder().join("loa.toml");
        std::fs::write(
            &file,
            format!("[[feeds.moved]]\nfrom = \"{from}\"\nto = \"{to}\"\n"),
        )
        .unwrap();
        let ended = loa.run(&["check", "--config", file.to_str().unwrap()]).await;
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(
            ended.stderr.contains(from) && ended.stderr.contains(why),
            "{ended:?}"
        );
    }
}
