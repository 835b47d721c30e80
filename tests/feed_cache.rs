//! Feeds are made once a change, kept, and served as they were while nothing newer can be had.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
};
use chrono::TimeDelta;
use loa::{
    clock::Clock,
    domain::token::Tokens,
    jobs::reindex::reindex,
    store::{Recorded, Seen, Store},
    web::{self, FeedCache, Front, WebState},
};
use tokio::task::JoinSet;

use crate::common::{
    cluster::Cluster,
    databases::{TestDb, for_each_db},
    process::{Loa, until},
    records::{page, prepare, record, record_page, start},
    site,
    sql::execute,
    stand_ins::get,
};

for_each_db!(
    a_hit_touches_no_database,
    a_feed_changes_as_soon_as_a_change_is_noticed,
    many_who_ask_at_once_have_one_builder,
    who_does_not_wait_gets_what_there_was_and_the_next_one_the_new,
    what_is_asked_for_is_made_anew_before_anybody_asks,
    what_nobody_asks_for_is_left_until_somebody_does,
    a_search_that_was_asked_for_too_early_is_made_anew_when_all_is_indexed,
    searches_wait_for_each_other_and_for_nobody_else,
    a_statement_that_fails_takes_no_other_feed_away,
    a_database_that_is_away_takes_no_feed_away_and_is_left_alone,
    the_cache_stays_within_its_cap,
    a_change_by_another_process_is_noticed,
    another_database_in_the_place_of_the_first_is_noticed,
);

const ALL: &str = "/feeds/all.json";
const SEARCH: &str = "/feeds/search.json?q=khoa";
const TOPIC: &str = "/feeds/topics/khoa-hoc-cong-nghe.json";

struct World {
    db: TestDb,
    section: i64,
    clock: Clock,
    state: WebState,
    app: Router,
}

/// As the service answers: what is kept first.
fn app(state: &WebState) -> Router {
    Router::new().fallback_service(Front::new(state, web::router(state.clone())))
}

/// Two articles; requests wait for `patience`, and documents take `max_bytes`.
async fn world_with(db: TestDb, patience: Duration, max_bytes: u64) -> World {
    let section = prepare(&db.store, start()).await;
    for n in 1..=2 {
        record(&db.store, section, n, &[], None).await;
    }
    let clock = Clock::manual(start() + TimeDelta::minutes(1));
    let mut state = site::state(&db.store, &clock, &Tokens::new("test"));
    state.feeds = FeedCache::new(max_bytes, patience);
    World {
        app: app(&state),
        db,
        section,
        clock,
        state,
    }
}

async fn world(db: TestDb) -> World {
    world_with(db, Duration::from_mins(1), 32 << 20).await
}

struct Answer {
    status: StatusCode,
    headers: header::HeaderMap,
    body: String,
}

async fn ask(app: &Router, address: &str, known: Option<&str>) -> Answer {
    let mut request = Request::get(address);
    if let Some(tag) = known {
        request = request.header(header::IF_NONE_MATCH, tag);
    }
    let mut app = app.clone();
    let answer = tower_service::Service::call(&mut app, request.body(Body::empty()).unwrap()).await;
    let (head, body) = answer.unwrap().into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    Answer {
        status: head.status,
        headers: head.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

/// The feed's text; it must be there.
async fn read(app: &Router, address: &str) -> String {
    let answer = ask(app, address, None).await;
    assert_eq!(answer.status, StatusCode::OK, "{address}");
    answer.body
}

/// How many documents were made, as the metrics tell it.
fn made(state: &WebState, outcome: &str) -> u64 {
    let name = format!("loa_feed_rebuilds_total{{outcome=\"{outcome}\"}} ");
    let text = state.measures.render();
    let line = text.lines().find_map(|line| line.strip_prefix(&name));
    line.map_or(0, |count| count.parse().unwrap())
}

async fn edit(world: &World, title: &str, topics: &[&str]) -> Recorded {
    let mut edited = page(2);
    title.clone_into(&mut edited.title);
    record_page(
        &world.db.store,
        world.section,
        &edited,
        topics,
        None,
        world.clock.now(),
    )
    .await
}

async fn notice(state: &WebState) -> usize {
    state.feeds.notice(&state.store).await.unwrap()
}

async fn a_hit_touches_no_database(db: TestDb) {
    let world = world(db).await;
    let addresses = [ALL, "/feeds/all.rss?limit=1", TOPIC, "/feeds.opml"];
    let mut before = Vec::new();
    for address in addresses {
        before.push(ask(&world.app, address, None).await);
    }
    world.db.store.close().await;
    for (address, first) in addresses.into_iter().zip(before) {
        assert_eq!(read(&world.app, address).await, first.body);
        let tag = first.headers[header::ETAG].to_str().unwrap();
        let known = ask(&world.app, address, Some(tag)).await;
        assert_eq!((known.status, known.body.len()), (StatusCode::NOT_MODIFIED, 0));
        // The same through the routes, for an address that is not the canonical one.
        let odd = format!("{address}{}x=1", if address.contains('?') { '&' } else { '?' });
        assert_eq!(read(&world.app, &odd).await, first.body);
    }
    // Answers before the routes are counted like any other.
    let metrics = world.state.measures.render();
    for series in [
        r#"loa_http_requests_total{route="/feeds/{file}",method="GET",status="200"} 6"#,
        r#"loa_http_requests_total{route="/feeds/{file}",method="GET",status="304"} 2"#,
        r#"loa_http_requests_total{route="/feeds/topics/{file}",method="GET",status="304"} 1"#,
    ] {
        assert!(metrics.contains(series), "{series} in {metrics}");
    }
}

async fn a_feed_changes_as_soon_as_a_change_is_noticed(db: TestDb) {
    let world = world(db).await;
    let (all, topic) = (read(&world.app, ALL).await, read(&world.app, TOPIC).await);
    assert!(
        notice(&world.state).await > 0,
        "the first look sees all that ever changed"
    );
    assert_eq!(notice(&world.state).await, 0);
    let Recorded::Changed(id) = edit(&world, "Tiêu đề mới", &["khoa-hoc-cong-nghe"]).await else {
        panic!("an edit");
    };
    assert_eq!(read(&world.app, ALL).await, all, "not noticed yet");
    notice(&world.state).await;
    assert!(read(&world.app, ALL).await.contains("Tiêu đề mới"));
    let with_topic = read(&world.app, TOPIC).await;
    assert_ne!(with_topic, topic);
    assert!(
        with_topic.contains("Tiêu đề mới"),
        "an article that came to the topic late"
    );
    let withdrawn = world
        .db
        .store
        .note_look(id, Seen::Withdrawn, None, world.clock.now());
    withdrawn.await.unwrap();
    notice(&world.state).await;
    for address in [ALL, TOPIC] {
        assert!(
            !read(&world.app, address).await.contains("Tiêu đề mới"),
            "{address}"
        );
    }
    // What another section's article changes is no matter of this feed's.
    let count = made(&world.state, "changed");
    record(&world.db.store, world.section, 3, &["y-te-suc-khoe"], None).await;
    notice(&world.state).await;
    read(&world.app, TOPIC).await;
    assert_eq!(made(&world.state, "changed"), count);
}

async fn many_who_ask_at_once_have_one_builder(db: TestDb) {
    let world = world(db).await;
    let crowd = async || {
        let mut crowd = JoinSet::new();
        for _ in 0..200 {
            let app = world.app.clone();
            crowd.spawn(async move { read(&app, ALL).await });
        }
        let mut bodies = crowd.join_all().await;
        bodies.dedup();
        assert_eq!(bodies.len(), 1);
        bodies.remove(0)
    };
    crowd().await;
    assert_eq!(made(&world.state, "changed"), 1);
    notice(&world.state).await;
    edit(&world, "Tiêu đề mới", &[]).await;
    notice(&world.state).await;
    assert!(crowd().await.contains("Tiêu đề mới"));
    assert_eq!(made(&world.state, "changed"), 2);
}

async fn who_does_not_wait_gets_what_there_was_and_the_next_one_the_new(db: TestDb) {
    let world = world_with(db, Duration::ZERO, 32 << 20).await;
    let before = read(&world.app, ALL).await;
    notice(&world.state).await;
    edit(&world, "Tiêu đề mới", &[]).await;
    notice(&world.state).await;
    assert_eq!(read(&world.app, ALL).await, before);
    until("the new one is there", async || {
        read(&world.app, ALL).await != before
    })
    .await;
    assert_eq!(made(&world.state, "changed"), 2);
}

async fn what_is_asked_for_is_made_anew_before_anybody_asks(db: TestDb) {
    // Nobody waits for anything here.
    let world = world_with(db, Duration::ZERO, 32 << 20).await;
    read(&world.app, ALL).await;
    read(&world.app, TOPIC).await;
    read(&world.app, SEARCH).await;
    notice(&world.state).await;
    // Twice, and nobody asks in between.
    for title in ["Tiêu đề mới", "Lại mới"] {
        edit(&world, title, &["khoa-hoc-cong-nghe"]).await;
        notice(&world.state).await;
        world.state.feeds.refresh(&world.state).await;
    }
    assert_eq!(made(&world.state, "changed"), 7, "each twice, but for the search");
    world.db.store.close().await;
    for address in [ALL, TOPIC] {
        assert!(read(&world.app, address).await.contains("Lại mới"), "{address}");
    }
}

async fn what_nobody_asks_for_is_left_until_somebody_does(db: TestDb) {
    let world = world(db).await;
    let before = read(&world.app, ALL).await;
    let change = async |title: &str| {
        world.clock.advance(TimeDelta::hours(3));
        edit(&world, title, &[]).await;
        notice(&world.state).await;
        world.state.feeds.refresh(&world.state).await;
        made(&world.state, "changed")
    };
    change("Lần không").await;
    assert_eq!(change("Lần một").await, 2, "asked for once, made anew once");
    let after = read(&world.app, ALL).await;
    assert!(after != before && after.contains("Lần một"));
    assert_eq!(change("Lần hai").await, 4, "asked for since");
}

async fn a_search_that_was_asked_for_too_early_is_made_anew_when_all_is_indexed(db: TestDb) {
    let world = world(db).await;
    for sql in [
        "UPDATE articles SET search_version = 0",
        "DELETE FROM article_search",
    ] {
        execute(&world.db.url, sql).await;
    }
    let early = read(&world.app, SEARCH).await;
    assert!(!early.contains("số 2"));
    notice(&world.state).await;
    assert_eq!(read(&world.app, SEARCH).await, early);
    reindex(&world.db.store, world.clock.now()).await.unwrap();
    notice(&world.state).await;
    assert!(read(&world.app, SEARCH).await.contains("số 2"));
}

async fn searches_wait_for_each_other_and_for_nobody_else(db: TestDb) {
    let world = world(db).await;
    let searches = &world.state.searches;
    let mut turns = Vec::new();
    for _ in 0..2 {
        turns.push(searches.place().unwrap().turn().await);
    }
    let app = world.app.clone();
    let waiting = tokio::spawn(async move { read(&app, SEARCH).await });
    // The others that may wait; the one above has a place or none is left for it.
    let mut places = Vec::new();
    until("the search has its place", async || {
        places.clear();
        places.extend(std::iter::from_fn(|| searches.place()));
        places.len() == 63
    })
    .await;
    for address in [
        "/feeds/search.rss?q=de+tai",
        "/search?q=khoa",
        "/api/v1/articles?q=khoa",
    ] {
        let answer = ask(&world.app, address, None).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{address}");
        assert!(!answer.headers.contains_key(header::RETRY_AFTER), "{address}");
    }
    for address in [ALL, TOPIC, "/api/v1/articles"] {
        assert_eq!(
            ask(&world.app, address, None).await.status,
            StatusCode::OK,
            "{address}"
        );
    }
    assert!(!waiting.is_finished());
    drop((turns, places));
    assert!(waiting.await.unwrap().contains("items"));
    read(&world.app, "/search?q=khoa").await;
}

async fn a_statement_that_fails_takes_no_other_feed_away(db: TestDb) {
    let world = world(db).await;
    execute(&world.db.url, "DROP TABLE article_search").await;
    let failed = ask(&world.app, SEARCH, None).await;
    assert_eq!(failed.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(made(&world.state, "failed"), 1);
    read(&world.app, TOPIC).await;
}

async fn a_database_that_is_away_takes_no_feed_away_and_is_left_alone(db: TestDb) {
    let world = world(db).await;
    let before = read(&world.app, ALL).await;
    notice(&world.state).await;
    edit(&world, "Tiêu đề mới", &[]).await;
    notice(&world.state).await;
    world.db.store.close().await;
    for _ in 0..20 {
        assert_eq!(read(&world.app, ALL).await, before, "the last good one");
    }
    assert_eq!(made(&world.state, "failed"), 1, "one attempt a second");
    world.clock.advance(TimeDelta::seconds(1));
    assert_eq!(read(&world.app, ALL).await, before);
    assert_eq!(made(&world.state, "failed"), 2);
    world.clock.advance(TimeDelta::seconds(1));
    // A reader would leave the whole host alone for a Retry-After, and with it the feeds that can be had.
    let cold = ask(&world.app, TOPIC, None).await;
    assert_eq!(cold.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!cold.headers.contains_key(header::RETRY_AFTER));
    world.state.feeds.look(&world.state).await;
    assert_eq!(read(&world.app, ALL).await, before);
}

async fn the_cache_stays_within_its_cap(db: TestDb) {
    const CAP: u64 = 200_000;
    let world = world_with(db, Duration::ZERO, CAP).await;
    let mut bodies = Vec::new();
    for limit in 1..=100 {
        bodies.push(read(&world.app, &format!("{ALL}?limit={limit}")).await);
        assert!(world.state.feeds.size_bytes() <= CAP);
    }
    assert!(world.state.feeds.size_bytes() > CAP / 2);
    assert_eq!(made(&world.state, "changed"), 100);
    for (limit, body) in (1..=100).zip(bodies) {
        assert_eq!(read(&world.app, &format!("{ALL}?limit={limit}")).await, body);
    }
    assert!(
        made(&world.state, "changed") > 150,
        "most were thrown out and made again"
    );
}

async fn a_change_by_another_process_is_noticed(db: TestDb) {
    let world = world(db).await;
    let mut other = site::state(
        &Store::open(&world.db.url).await.unwrap(),
        &world.clock,
        &Tokens::new("test"),
    );
    other.feeds = FeedCache::new(32 << 20, Duration::from_mins(1));
    let other_app = app(&other);
    for state in [&world.state, &other] {
        notice(state).await;
    }
    assert_eq!(read(&world.app, ALL).await, read(&other_app, ALL).await);
    edit(&world, "Tiêu đề mới", &[]).await;
    assert!(!read(&other_app, ALL).await.contains("Tiêu đề mới"));
    for state in [&world.state, &other] {
        assert_eq!(notice(state).await, 2);
    }
    let (ours, theirs) = (ask(&world.app, ALL, None).await, ask(&other_app, ALL, None).await);
    assert!(theirs.body.contains("Tiêu đề mới"));
    for name in [header::ETAG, header::LAST_MODIFIED] {
        assert_eq!(ours.headers[&name], theirs.headers[&name], "whichever is asked");
    }
    other.store.close().await;
}

async fn another_database_in_the_place_of_the_first_is_noticed(db: TestDb) {
    let world = world(db).await;
    edit(&world, "Tiêu đề mới", &[]).await;
    assert!(read(&world.app, ALL).await.contains("Tiêu đề mới"));
    notice(&world.state).await;
    // A backup of before the edit.
    for sql in [
        "UPDATE articles SET title = 'Bản sao lưu'",
        "UPDATE watches SET change = 1 WHERE change > 0",
        "UPDATE change_clock SET value = 1",
    ] {
        execute(&world.db.url, sql).await;
    }
    notice(&world.state).await;
    let restored = read(&world.app, ALL).await;
    assert!(restored.contains("Bản sao lưu") && !restored.contains("Tiêu đề mới"));
    // From here on as ever.
    let count = made(&world.state, "changed");
    read(&world.app, ALL).await;
    assert_eq!(
        (notice(&world.state).await, made(&world.state, "changed")),
        (0, count)
    );
    edit(&world, "Lại mới", &[]).await;
    notice(&world.state).await;
    assert!(read(&world.app, ALL).await.contains("Lại mới"));
}

/// The real service on a real server that goes away and comes back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_service_serves_feeds_without_its_database_and_goes_on_with_it() {
    let Some(mut cluster) = Cluster::start() else {
        return;
    };
    let store = Store::open(&cluster.url).await.unwrap();
    store.migrate().await.unwrap();
    let loa = Loa::new(&cluster.url);
    let portal = loa.folder().join("mau.toml");
    std::fs::write(&portal, site::PORTAL).unwrap();
    let loa = loa.with("PORTALS", portal.display().to_string());
    let mut service = loa.start(&["serve", "--only", "web"]);
    let address = Arc::new(service.address().await);
    let fetch = async || {
        let url = format!("{address}{ALL}");
        let answer = tokio::task::spawn_blocking(move || get(&url)).await.unwrap();
        assert_eq!(answer.0, 200, "{}", answer.1);
        answer.1
    };
    let section = prepare(&store, start()).await;
    record(&store, section, 1, &[], None).await;
    let empty = fetch().await;
    cluster.stop();
    assert_eq!(fetch().await, empty);
    service.line_with("Cannot see whether feeds changed").await;
    assert_eq!(fetch().await, empty);
    cluster.resume();
    service
        .line_with("It can be seen again whether feeds changed")
        .await;
    record(&store, section, 2, &[], None).await;
    until("the article is there", async || fetch().await != empty).await;
    service.terminate().await;
    let (code, said) = service.end().await;
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(said.matches("Cannot see whether").count(), 1, "{said}");
}
