//! A `WebSub` hub is told of what changed, once a burst, however often it or Loa is away.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    extract::State,
    http::{Method, StatusCode, header},
    routing::post,
};
use axum_test::TestServer;
use chrono::{DateTime, TimeDelta, Utc};
use loa::{
    clock::Clock,
    domain::token::Tokens,
    feed::Format,
    jobs::{
        Step,
        ping::{Publisher, ping},
    },
    notify::hub::Hub,
    web,
};
use tokio::net::TcpListener;

use crate::common::{
    databases::{TestDb, for_each_db},
    records::{page, prepare, record, record_page, start},
    site::{self, PUBLIC_URL},
};

for_each_db!(
    a_hub_is_told_of_each_feed_in_every_format_once_a_burst,
    what_was_there_before_the_hub_is_not_told,
    feeds_that_are_retired_are_not_told,
    a_hub_that_is_away_hears_of_each_feed_once_when_it_is_back,
    two_processes_tell_it_once,
    a_feed_that_never_is_quiet_is_told_all_the_same_and_once_more_at_the_end,
    feeds_name_the_hub_where_it_is_told_of_them,
);

/// A hub on loopback: what it was told, and what it answers.
#[derive(Clone, Default)]
struct TestHub(Arc<Mutex<(Vec<Vec<String>>, StatusCode)>>);

impl TestHub {
    async fn start() -> (Self, Publisher) {
        let hub = Self::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/?token=secret", listener.local_addr().unwrap());
        let router = Router::new().route("/", post(answer)).with_state(hub.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let _ = rustls::crypto::ring::default_provider().install_default();
        let publisher = Publisher {
            hub: Hub::new(url.parse().unwrap(), "Loa").unwrap(),
            public_url: PUBLIC_URL.to_owned(),
            extensions: Format::ALL.map(Format::extension).to_vec(),
        };
        (hub, publisher)
    }

    /// The addresses of each ping since the last call.
    fn heard(&self) -> Vec<Vec<String>> {
        std::mem::take(&mut self.0.lock().unwrap().0)
    }

    fn answers(&self, status: StatusCode) {
        self.0.lock().unwrap().1 = status;
    }
}

async fn answer(State(hub): State<TestHub>, body: String) -> StatusCode {
    let pairs: Vec<_> = url::form_urlencoded::parse(body.as_bytes())
        .into_owned()
        .collect();
    assert_eq!(pairs[0], ("hub.mode".to_owned(), "publish".to_owned()));
    let urls = pairs[1..].iter().map(|(name, url)| {
        assert_eq!(name, "hub.url");
        url.clone()
    });
    let mut state = hub.0.lock().unwrap();
    state.0.push(urls.collect());
    state.1
}

/// Pings until nothing is due.
async fn all(db: &TestDb, publisher: &Publisher, now: DateTime<Utc>) {
    while ping(&db.store, publisher, now).await.unwrap() != Step::Idle {}
}

fn feeds(heard: &[Vec<String>]) -> Vec<&str> {
    let mut feeds: Vec<&str> = heard
        .iter()
        .map(|urls| {
            let stem = urls[0].trim_end_matches(".rss").strip_prefix(PUBLIC_URL).unwrap();
            let formats = ["rss", "atom", "json"].map(|format| format!("{PUBLIC_URL}{stem}.{format}"));
            assert_eq!(*urls, formats);
            stem
        })
        .collect();
    feeds.sort_unstable();
    feeds
}

fn after(seconds: i64) -> DateTime<Utc> {
    start() + TimeDelta::seconds(seconds)
}

const ALL_AND_SECTION: [&str; 2] = ["/feeds/all", "/feeds/sections/mau/khoa-hoc"];

async fn a_hub_is_told_of_each_feed_in_every_format_once_a_burst(db: TestDb) {
    let (hub, publisher) = TestHub::start().await;
    let section = prepare(&db.store, start()).await;
    all(&db, &publisher, start()).await;
    for n in 1..=3 {
        record(&db.store, section, n, &["khoa-hoc-cong-nghe"], None).await;
    }
    all(&db, &publisher, after(2)).await;
    assert_eq!(hub.heard(), Vec::<Vec<String>>::new(), "more may come");
    all(&db, &publisher, after(4)).await;
    let heard = hub.heard();
    let three = [
        "/feeds/all",
        "/feeds/sections/mau/khoa-hoc",
        "/feeds/topics/khoa-hoc-cong-nghe",
    ];
    assert_eq!(feeds(&heard), three);
    all(&db, &publisher, after(600)).await;
    assert_eq!(hub.heard().len(), 0);
    let mut edited = page(2);
    edited.title.push_str(" (sửa)");
    record_page(&db.store, section, &edited, &[], None, after(700)).await;
    all(&db, &publisher, after(710)).await;
    assert_eq!(feeds(&hub.heard()), three, "also the topic that it left");
}

async fn what_was_there_before_the_hub_is_not_told(db: TestDb) {
    let (hub, publisher) = TestHub::start().await;
    let section = prepare(&db.store, start()).await;
    record(&db.store, section, 1, &["khoa-hoc-cong-nghe"], None).await;
    all(&db, &publisher, after(60)).await;
    assert_eq!(hub.heard().len(), 0);
    // A section that comes later is told from its first article on, also when that came before the next look.
    let sections = [("mau", "khoa-hoc", "Khoa học"), ("mau", "tin-moi", "Tin mới")];
    db.store.add_sections(&sections, after(70)).await.unwrap();
    db.store.sync_topics(&[], after(70)).await.unwrap();
    let rows = db.store.sections().await.unwrap();
    let new = rows.iter().find(|row| row.slug == "tin-moi").unwrap().id;
    let relisted = loa::store::Relisted {
        article: 1,
        section: (new, "Tỉnh công bố"),
        topics: &[],
        announce: None,
        now: after(71),
    };
    db.store.relist(&relisted).await.unwrap();
    all(&db, &publisher, after(80)).await;
    assert!(feeds(&hub.heard()).contains(&"/feeds/sections/mau/tin-moi"));
}

async fn feeds_that_are_retired_are_not_told(db: TestDb) {
    let (hub, publisher) = TestHub::start().await;
    let section = prepare(&db.store, start()).await;
    record(&db.store, section, 1, &["khoa-hoc-cong-nghe"], None).await;
    all(&db, &publisher, after(60)).await;
    db.store.sync_sections(&[], after(70)).await.unwrap();
    db.store.sync_topics(&[], after(70)).await.unwrap();
    let mut edited = page(1);
    edited.title.push_str(" (sửa)");
    record_page(
        &db.store,
        section,
        &edited,
        &["khoa-hoc-cong-nghe"],
        None,
        after(71),
    )
    .await;
    all(&db, &publisher, after(80)).await;
    assert_eq!(feeds(&hub.heard()), ["/feeds/all"]);
}

async fn a_hub_that_is_away_hears_of_each_feed_once_when_it_is_back(db: TestDb) {
    let (hub, publisher) = TestHub::start().await;
    let section = prepare(&db.store, start()).await;
    all(&db, &publisher, start()).await;
    hub.answers(StatusCode::SERVICE_UNAVAILABLE);
    for hour in 0..24 {
        let mut news = page(hour);
        news.published = None;
        record_page(&db.store, section, &news, &[], None, after(hour * 3600)).await;
        all(&db, &publisher, after(hour * 3600 + 10)).await;
        all(&db, &publisher, after(hour * 3600 + 20)).await;
    }
    let tries = hub.heard().len();
    assert!(
        (2..=30).contains(&tries),
        "{tries}: tried again, and not without end"
    );
    hub.answers(StatusCode::ACCEPTED);
    all(&db, &publisher, after(25 * 3600)).await;
    assert_eq!(feeds(&hub.heard()), ALL_AND_SECTION);
    all(&db, &publisher, after(30 * 3600)).await;
    assert_eq!(hub.heard().len(), 0);
    let errors =
        crate::common::sql::count(&db.url, "SELECT COUNT(*) FROM pings WHERE last_error IS NOT NULL").await;
    assert_eq!(errors, 0);
}

async fn two_processes_tell_it_once(db: TestDb) {
    let (hub, publisher) = TestHub::start().await;
    let section = prepare(&db.store, start()).await;
    all(&db, &publisher, start()).await;
    record(&db.store, section, 1, &[], None).await;
    let other = loa::store::Store::open(&db.url).await.unwrap();
    let now = after(10);
    let (one, two) = tokio::join!(ping(&db.store, &publisher, now), ping(&other, &publisher, now));
    assert!(one.is_ok() && two.is_ok());
    assert_eq!(feeds(&hub.heard()), ALL_AND_SECTION);
    // One that died after its claim has told nobody: its lease passes.
    record(&db.store, section, 2, &[], None).await;
    let claimed = other.claim_pings(7, 9, after(20)).await.unwrap();
    assert_eq!(claimed.len(), 2);
    all(&db, &publisher, after(30)).await;
    assert_eq!(hub.heard().len(), 0);
    all(&db, &publisher, after(20 + 121)).await;
    assert_eq!(feeds(&hub.heard()), ALL_AND_SECTION);
    other.ping_told(&claimed[0], after(200)).await.unwrap();
    record(&db.store, section, 3, &[], None).await;
    all(&db, &publisher, after(300)).await;
    assert_eq!(
        feeds(&hub.heard()),
        ALL_AND_SECTION,
        "a late word of the dead one counts for nothing"
    );
}

async fn a_feed_that_never_is_quiet_is_told_all_the_same_and_once_more_at_the_end(db: TestDb) {
    let (hub, publisher) = TestHub::start().await;
    let section = prepare(&db.store, start()).await;
    all(&db, &publisher, start()).await;
    for second in 1..=100 {
        let mut news = page(second);
        news.published = None;
        record_page(&db.store, section, &news, &[], None, after(second)).await;
        all(&db, &publisher, after(second)).await;
    }
    assert_eq!(feeds(&hub.heard()), ALL_AND_SECTION, "after a minute");
    all(&db, &publisher, after(110)).await;
    assert_eq!(feeds(&hub.heard()), ALL_AND_SECTION);
    all(&db, &publisher, after(900)).await;
    assert_eq!(hub.heard().len(), 0);
}

async fn feeds_name_the_hub_where_it_is_told_of_them(db: TestDb) {
    const HUB: &str = "https://hub.example/";
    let section = prepare(&db.store, start()).await;
    record(&db.store, section, 1, &["khoa-hoc-cong-nghe"], None).await;
    let (hub, publisher) = TestHub::start().await;
    all(&db, &publisher, start()).await;
    record(&db.store, section, 2, &["khoa-hoc-cong-nghe"], None).await;
    all(&db, &publisher, after(10)).await;
    let clock = Clock::manual(after(20));
    let mut state = site::state(&db.store, &clock, &Tokens::new("test"));
    state.hub_url = Some(HUB.to_owned());
    let server = TestServer::new(web::router(state));
    let pinged = hub.heard().concat();
    assert_eq!(pinged.len(), 9);
    for url in &pinged {
        let path = url.strip_prefix(PUBLIC_URL).unwrap();
        for method in [Method::GET, Method::HEAD] {
            let answer = server.method(method.clone(), path).await;
            answer.assert_status_ok();
            let link = answer.headers()[header::LINK].to_str().unwrap();
            let hub = format!("<{HUB}>; rel=\"hub\", <{url}>; rel=\"self\"");
            assert!(link.starts_with(&hub), "{link}");
            let in_document = if path.ends_with("json") {
                "\"hubs\""
            } else {
                "rel=\"hub\""
            };
            assert!(
                method == Method::HEAD || answer.text().contains(in_document),
                "{path}"
            );
        }
        let other = server.get(&format!("{path}?limit=5")).await;
        let link = other.headers()[header::LINK].to_str().unwrap();
        assert!(
            !link.contains("hub") && !other.text().contains(HUB),
            "the hub hears nothing of it"
        );
    }
}
