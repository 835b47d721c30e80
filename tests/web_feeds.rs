//! Feeds over HTTP: what readers, caches and browsers rely on.

use std::{collections::BTreeMap, io::Read as _};

use axum::{
    ServiceExt as _,
    http::{HeaderMap, Method, StatusCode, header},
};
use axum_test::{TestResponse, TestServer};
use chrono::{DateTime, TimeDelta, Utc};
use flate2::read::GzDecoder;
use loa::{
    app::App,
    clock::Clock,
    config::{Config, Layers},
    domain::token::Tokens,
    feed::Content,
    web::{self, Front, WebState},
};

use crate::common::{
    databases::{TestDb, for_each_db},
    records::{page, prepare, record, record_page, start},
    site,
};

for_each_db!(
    every_feed_answers_in_every_format_with_its_headers,
    one_identity_stands_in_all_formats_and_stays_for_an_edit,
    a_feed_changes_with_a_material_edit_and_not_before,
    a_reader_that_has_it_all_gets_304_without_a_body,
    two_changes_in_one_second_are_told_apart_by_date_too,
    other_settings_and_another_month_are_changes_by_date_too,
    what_the_settings_put_into_feeds_is_dated_once,
    a_browser_may_ask_from_a_page_of_another_site,
    a_limit_and_a_content_can_be_asked_for_and_unknown_parameters_do_nothing,
    the_operator_decides_about_full_texts,
    a_feed_that_does_not_exist_says_so_in_both_languages,
    a_feed_is_read_and_never_written,
    a_compressed_feed_keeps_its_weak_tag,
);

const FEEDS: [&str; 3] = [
    "/feeds/all",
    "/feeds/topics/khoa-hoc-cong-nghe",
    "/feeds/sections/mau/khoa-hoc",
];
const FORMATS: [(&str, &str); 3] = [
    ("rss", "application/rss+xml; charset=utf-8"),
    ("atom", "application/atom+xml; charset=utf-8"),
    ("json", "application/feed+json; charset=utf-8"),
];

struct World {
    db: TestDb,
    section: i64,
    state: WebState,
    clock: Clock,
    server: TestServer,
}

/// Three articles, the odd ones about science.
async fn world(db: TestDb) -> World {
    let section = prepare(&db.store, start()).await;
    for n in 1..=3 {
        let topics: &[&str] = if n % 2 == 1 { &["khoa-hoc-cong-nghe"] } else { &[] };
        record(&db.store, section, n, topics, None).await;
    }
    // Long enough ago that the second of the last change is over.
    let clock = Clock::manual(start() + TimeDelta::minutes(1));
    let state = site::state(&db.store, &clock, &Tokens::new("test"));
    World {
        server: served(&state),
        db,
        section,
        state,
        clock,
    }
}

/// As the service answers: what is kept first.
fn served(state: &WebState) -> TestServer {
    let front = Front::new(state, web::router(state.clone()));
    TestServer::new(front.into_make_service())
}

/// What the service does several times a second.
async fn notice(world: &World) -> usize {
    world.state.feeds.notice(&world.db.store).await.unwrap()
}

fn key(n: i64) -> String {
    format!("tag:portal.example,2026:mau/article/{}", 1_764_000_000_000 + n)
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> String {
    let values: Vec<_> = headers
        .get_all(name)
        .iter()
        .map(|v| v.to_str().unwrap().to_owned())
        .collect();
    values.join(", ")
}

/// What 200 and 304 share.
fn assert_headers(answer: &TestResponse) {
    let headers = answer.headers();
    let etag = text(headers, header::ETAG);
    assert!(etag.starts_with("W/\"") && etag.ends_with('"'), "{etag}");
    assert_eq!(text(headers, header::CACHE_CONTROL), "public, max-age=900");
    assert_eq!(text(headers, header::ACCESS_CONTROL_ALLOW_ORIGIN), "*");
    assert_eq!(text(headers, header::VARY).to_lowercase(), "accept-encoding");
    assert!(text(headers, header::LAST_MODIFIED).ends_with(" GMT"));
    assert!(!headers.contains_key(header::SET_COOKIE));
}

async fn every_feed_answers_in_every_format_with_its_headers(db: TestDb) {
    let world = world(db).await;
    for feed in FEEDS {
        for (extension, media_type) in FORMATS {
            let address = format!("{feed}.{extension}");
            let answer = world.server.get(&address).await;
            answer.assert_status_ok();
            answer.assert_header(header::CONTENT_TYPE, media_type);
            assert_headers(&answer);
            assert!(answer.text().contains(&key(1)), "{address}");
            assert_eq!(
                answer.text().contains(&key(2)),
                !feed.contains("topics"),
                "{address}"
            );
            assert!(
                answer.text().contains(&format!("{}{address}", site::PUBLIC_URL)),
                "it names itself"
            );
        }
    }
    let opml = world.server.get("/feeds.opml").await;
    opml.assert_status_ok();
    assert!(text(opml.headers(), header::CONTENT_TYPE).starts_with("text/x-opml"));
    assert_headers(&opml);
    for feed in FEEDS {
        let address = format!("xmlUrl=\"{}{feed}.rss\"", site::PUBLIC_URL);
        assert!(opml.text().contains(&address), "{address}");
    }
}

/// The identities in the order of the feed, by simple means that know no format.
fn identities(document: &str) -> Vec<String> {
    document
        .match_indices("tag:portal.example,2026:mau/article/")
        .map(|(at, _)| {
            document[at..]
                .chars()
                .take_while(|c| !"<\"".contains(*c))
                .collect()
        })
        .collect()
}

async fn one_identity_stands_in_all_formats_and_stays_for_an_edit(db: TestDb) {
    let world = world(db).await;
    let in_all = async || {
        let mut all = Vec::new();
        for (extension, _) in FORMATS {
            all.push(identities(
                &world.server.get(&format!("/feeds/all.{extension}")).await.text(),
            ));
        }
        assert!(all.iter().all(|one| *one == all[0]), "{all:?}");
        all.remove(0)
    };
    let before = in_all().await;
    assert_eq!(before, [key(3), key(2), key(1)]);
    notice(&world).await;
    edit(&world, "Tiêu đề mới").await;
    assert_eq!(
        in_all().await,
        before,
        "an edit moves nothing and makes nothing new"
    );
    let rss = world.server.get("/feeds/all.rss").await.text();
    assert!(rss.contains("Tiêu đề mới"));
    assert!(rss.contains("isPermaLink=\"false\""));
}

async fn edit(world: &World, title: &str) {
    let mut edited = page(2);
    title.clone_into(&mut edited.title);
    world.clock.advance(TimeDelta::hours(1));
    record_page(
        &world.db.store,
        world.section,
        &edited,
        &[],
        None,
        world.clock.now(),
    )
    .await;
    world.clock.advance(TimeDelta::minutes(1));
    assert_eq!(notice(world).await, 2, "everything and the section");
}

async fn a_feed_changes_with_a_material_edit_and_not_before(db: TestDb) {
    let world = world(db).await;
    assert!(
        notice(&world).await > 0,
        "the first look sees all that ever changed"
    );
    for (extension, _) in FORMATS {
        let address = format!("/feeds/all.{extension}");
        let validators = async || {
            let answer = world.server.get(&address).await;
            let headers = answer.headers();
            (text(headers, header::ETAG), text(headers, header::LAST_MODIFIED))
        };
        let first = validators().await;
        assert_eq!(first.1, "Tue, 24 Nov 2026 08:00:00 GMT");
        world.clock.advance(TimeDelta::minutes(5));
        record_page(
            &world.db.store,
            world.section,
            &page(3),
            &[],
            None,
            world.clock.now(),
        )
        .await;
        assert_eq!(notice(&world).await, 0);
        assert_eq!(validators().await, first, "seen again, and the same");
        world.clock.advance(TimeDelta::minutes(-5));
    }
    let before = world.server.get("/feeds/all.atom").await;
    edit(&world, "Tiêu đề mới").await;
    let after = world.server.get("/feeds/all.atom").await;
    assert_ne!(before.header(header::ETAG), after.header(header::ETAG));
    after.assert_header(header::LAST_MODIFIED, "Tue, 24 Nov 2026 09:01:00 GMT");
}

async fn a_reader_that_has_it_all_gets_304_without_a_body(db: TestDb) {
    let world = world(db).await;
    let address = "/feeds/all.rss";
    let first = world.server.get(address).await;
    let weak = first.header(header::ETAG).to_str().unwrap().to_owned();
    let strong = weak.trim_start_matches("W/").to_owned();
    let changed = text(first.headers(), header::LAST_MODIFIED);
    let list = format!("\"old\", {weak}");
    let tight = format!("\"a,b\",{strong},W/\"c\"");
    let unquoted = strong.trim_matches('"').to_owned();
    let (none, since) = (header::IF_NONE_MATCH, header::IF_MODIFIED_SINCE);
    let long_ago = "Tue, 24 Nov 2020 08:00:00 GMT";
    let table = [
        (vec![], 200),
        (vec![(&none, weak.as_str())], 304),
        (vec![(&none, &strong)], 304),
        (vec![(&none, &list)], 304),
        (vec![(&none, &tight)], 304),
        (vec![(&none, "\"old\""), (&none, &weak)], 304),
        (vec![(&none, "*")], 304),
        (vec![(&none, "\"old\"")], 200),
        (vec![(&none, &unquoted)], 200),
        (vec![(&none, "")], 200),
        (vec![(&since, &changed)], 304),
        (vec![(&since, "Tuesday, 24-Nov-26 08:00:00 GMT")], 304),
        (vec![(&since, "Tue, 24 Nov 2026 07:59:59 GMT")], 200),
        (vec![(&since, "yesterday")], 200),
        // The tag wins over the date, whichever says what.
        (vec![(&none, "\"old\""), (&since, &changed)], 200),
        (vec![(&none, &weak), (&since, long_ago)], 304),
    ];
    // Kept from now on: the same through the routes and before them.
    let routes = TestServer::new(web::router(world.state.clone()));
    for server in [&world.server, &routes] {
        for method in [Method::GET, Method::HEAD] {
            for (conditions, status) in &table {
                for encoding in ["identity", "gzip", "br"] {
                    let mut request = server.method(method.clone(), address);
                    for (name, value) in conditions {
                        request = request.add_header((*name).clone(), *value);
                    }
                    let answer = request.add_header(header::ACCEPT_ENCODING, encoding).await;
                    let what = format!("{method} {conditions:?} {encoding}");
                    assert_eq!(answer.status_code().as_u16(), *status, "{what}");
                    assert_headers(&answer);
                    assert_eq!(answer.header(header::ETAG).to_str().unwrap(), weak, "{what}");
                    assert_eq!(text(answer.headers(), header::LAST_MODIFIED), changed);
                    let is_whole = *status == 200 && method == Method::GET;
                    assert_eq!(!answer.as_bytes().is_empty(), is_whole, "{what}");
                    assert_eq!(
                        answer.headers().contains_key(header::CONTENT_TYPE),
                        *status == 200
                    );
                    let has_encoding = answer.headers().contains_key(header::CONTENT_ENCODING);
                    assert_eq!(has_encoding, *status == 200 && encoding != "identity", "{what}");
                }
            }
        }
    }
}

/// What a reader that knows only dates has of a change must not hide a second change of the same second.
async fn two_changes_in_one_second_are_told_apart_by_date_too(db: TestDb) {
    let world = world(db).await;
    notice(&world).await;
    let change = async |title: &str, at: &str| {
        let mut edited = page(2);
        title.clone_into(&mut edited.title);
        let at: DateTime<Utc> = at.parse().unwrap();
        let (store, now) = (&world.db.store, world.clock.now());
        world.clock.advance(at - now);
        record_page(store, world.section, &edited, &[], None, at).await;
        notice(&world).await;
    };
    let get = async |since: &str| {
        let request = world.server.get("/feeds/all.rss");
        request.add_header(header::IF_MODIFIED_SINCE, since).await
    };
    change("Lần một", "2026-11-24T09:00:10.200Z").await;
    let first = get("Tue, 24 Nov 2026 08:00:00 GMT").await;
    assert!(first.text().contains("Lần một"));
    let told = text(first.headers(), header::LAST_MODIFIED);
    assert_eq!(told, "Tue, 24 Nov 2026 09:00:09 GMT");
    change("Lần hai", "2026-11-24T09:00:10.800Z").await;
    let second = get(&told).await;
    second.assert_status_ok();
    assert!(second.text().contains("Lần hai"));
    world.clock.advance(TimeDelta::seconds(3));
    let told = text(get(&told).await.headers(), header::LAST_MODIFIED);
    assert_eq!(told, "Tue, 24 Nov 2026 09:00:10 GMT");
    get(&told).await.assert_status(StatusCode::NOT_MODIFIED);
}

/// A reader that knows only dates hears of a new name, though no article changed; of a restart it hears nothing.
async fn other_settings_and_another_month_are_changes_by_date_too(db: TestDb) {
    let world = world(db).await;
    let addresses = ["/feeds/all.rss", "/feeds.opml", "/api/v1/articles/1"];
    let asked = async |server: &TestServer, address: &str, since: &str| {
        let request = server.get(address);
        request.add_header(header::IF_MODIFIED_SINCE, since).await
    };
    let restarted = served(&site::state(&world.db.store, &world.clock, &Tokens::new("test")));
    world.clock.advance(TimeDelta::days(1));
    let mut renamed = site::state(&world.db.store, &world.clock, &Tokens::new("test"));
    renamed.settings_changed = world.clock.now();
    let mut words = (*renamed.site).clone();
    "Cổng khác".clone_into(&mut words.portal_name);
    "https://khac.example".clone_into(&mut words.public_url);
    renamed.site = words.into();
    let renamed = served(&renamed);
    world.clock.advance(TimeDelta::minutes(1));
    for address in addresses {
        let first = world.server.get(address).await;
        let told = text(first.headers(), header::LAST_MODIFIED);
        let again = asked(&restarted, address, &told).await;
        again.assert_status(StatusCode::NOT_MODIFIED);
        assert_eq!(
            again.header(header::ETAG),
            first.header(header::ETAG),
            "{address}"
        );
        let other = asked(&renamed, address, &told).await;
        other.assert_status_ok();
        assert_ne!(
            other.header(header::ETAG),
            first.header(header::ETAG),
            "{address}"
        );
        assert_eq!(
            text(other.headers(), header::LAST_MODIFIED),
            "Wed, 25 Nov 2026 08:01:00 GMT"
        );
    }
    let told = text(
        world.server.get("/feeds/all.rss").await.headers(),
        header::LAST_MODIFIED,
    );
    world.clock.advance(TimeDelta::days(6));
    let next_month = asked(&restarted, "/feeds/all.rss", &told).await;
    next_month.assert_status_ok();
    assert!(next_month.text().contains("archive/2026-11.rss"));
    assert_eq!(
        text(next_month.headers(), header::LAST_MODIFIED),
        "Mon, 30 Nov 2026 17:00:00 GMT"
    );
}

async fn a_limit_and_a_content_can_be_asked_for_and_unknown_parameters_do_nothing(db: TestDb) {
    let world = world(db).await;
    let get = async |query: &str| world.server.get(&format!("/feeds/all.json{query}")).await;
    let whole = get("").await;
    for (query, count) in [
        ("?limit=1", 1),
        ("?limit=100", 3),
        ("?limit=2&limit=9", 2),
        ("?content=excerpt", 3),
    ] {
        let answer = get(query).await;
        answer.assert_status_ok();
        assert_eq!(identities(&answer.text()).len(), count, "{query}");
    }
    for query in ["?utm_source=x", "?", "?a&a&b=%ff", "?lang=en"] {
        let answer = get(query).await;
        answer.assert_status_ok();
        assert_eq!(answer.header(header::ETAG), whole.header(header::ETAG), "{query}");
    }
    // One document, however it is asked for; it names itself by what means something.
    let size = world.state.feeds.size_bytes();
    for query in [
        "?limit=2&content=excerpt",
        "?content=excerpt&x=1&limit=02",
        "?%6cimit=2&content=excerpt",
    ] {
        let said: serde_json::Value = serde_json::from_str(&get(query).await.text()).unwrap();
        let own = format!("{}/feeds/all.json?limit=2&content=excerpt", site::PUBLIC_URL);
        assert_eq!(said["feed_url"], own, "{query}");
        let grown = world.state.feeds.size_bytes();
        get("?limit=2&content=excerpt&utm_source=y")
            .await
            .assert_status_ok();
        assert_eq!(world.state.feeds.size_bytes(), grown, "{query}");
        assert!(grown > size);
    }
    for query in ["?limit=0", "?limit=101", "?limit=x", "?limit=-1", "?content=all"] {
        assert_eq!(get(query).await.status_code(), StatusCode::BAD_REQUEST, "{query}");
    }
}

async fn the_operator_decides_about_full_texts(db: TestDb) {
    let world = world(db).await;
    let holds_body = |answer: &TestResponse| answer.text().contains("<p>Đoạn văn của bài 1.</p>");
    let asked = world.server.get("/feeds/all.json?content=full").await;
    asked.assert_status_ok();
    assert!(!holds_body(&asked), "excerpts are all that the operator allows");
    let mut state = site::state(&world.db.store, &world.clock, &Tokens::new("test"));
    state.content = Content::Full;
    let generous = served(&state);
    assert!(holds_body(&generous.get("/feeds/all.json").await));
    assert!(holds_body(&generous.get("/feeds/all.json?content=full").await));
    assert!(!holds_body(
        &generous.get("/feeds/all.json?content=excerpt").await
    ));
}

async fn a_feed_that_does_not_exist_says_so_in_both_languages(db: TestDb) {
    let world = world(db).await;
    for address in [
        "/feeds/all.xml",
        "/feeds/other.rss",
        "/feeds/topics/none.rss",
        "/feeds/topics/khoa-hoc-cong-nghe.csv",
        "/feeds/sections/mau/none.atom",
        "/feeds/sections/none/khoa-hoc.atom",
    ] {
        for (language, words) in [
            ("vi", "Không tìm thấy trang này"),
            ("en", "This page was not found"),
        ] {
            let answer = world
                .server
                .get(address)
                .add_header(header::ACCEPT_LANGUAGE, language)
                .await;
            answer.assert_status_not_found();
            answer.assert_header(header::CONTENT_LANGUAGE, language);
            assert!(answer.text().contains(words), "{address} {language}");
            assert!(
                text(answer.headers(), header::VARY).contains("Accept-Language"),
                "{address}"
            );
        }
    }
}

async fn a_feed_is_read_and_never_written(db: TestDb) {
    let world = world(db).await;
    for feed in FEEDS {
        let address = format!("{feed}.rss");
        let head = world.server.method(Method::HEAD, &address).await;
        let get = world.server.get(&address).await;
        head.assert_status_ok();
        assert!(head.as_bytes().is_empty());
        for name in [
            header::ETAG,
            header::LAST_MODIFIED,
            header::CONTENT_TYPE,
            header::CONTENT_LENGTH,
            header::VARY,
        ] {
            assert_eq!(head.header(&name), get.header(&name));
        }
        for method in [Method::POST, Method::PUT, Method::DELETE] {
            let answer = world.server.method(method, &address).await;
            answer.assert_status(StatusCode::METHOD_NOT_ALLOWED);
            assert_eq!(text(answer.headers(), header::ALLOW), "GET,HEAD,OPTIONS");
            assert_eq!(text(answer.headers(), header::ACCESS_CONTROL_ALLOW_ORIGIN), "*");
        }
    }
}

async fn a_browser_may_ask_from_a_page_of_another_site(db: TestDb) {
    let world = world(db).await;
    for address in [
        "/feeds/all.json",
        "/feeds.opml",
        "/feeds/topics/khoa-hoc-cong-nghe.rss",
    ] {
        let asked = world.server.method(Method::OPTIONS, address);
        let asked = asked
            .add_header(header::ORIGIN, "https://reader.example")
            .add_header(header::ACCESS_CONTROL_REQUEST_METHOD, "GET")
            .add_header(header::ACCESS_CONTROL_REQUEST_HEADERS, "if-none-match");
        let answer = asked.await;
        answer.assert_status(StatusCode::NO_CONTENT);
        assert_eq!(text(answer.headers(), header::ACCESS_CONTROL_ALLOW_ORIGIN), "*");
        assert_eq!(text(answer.headers(), header::ACCESS_CONTROL_ALLOW_HEADERS), "*");
        let feed = world.server.get(address).await;
        assert!(text(feed.headers(), header::ACCESS_CONTROL_EXPOSE_HEADERS).contains("ETag"));
    }
    let missing = world.server.get("/feeds/topics/none.rss").await;
    assert_eq!(text(missing.headers(), header::ACCESS_CONTROL_ALLOW_ORIGIN), "*");
}

async fn a_compressed_feed_keeps_its_weak_tag(db: TestDb) {
    let world = world(db).await;
    let routes = TestServer::new(web::router(world.state.clone()));
    for server in [&world.server, &routes] {
        let plain = server.get("/feeds/all.rss").await;
        for (accepted, used) in [
            ("gzip", "gzip"),
            ("gzip, deflate, br, zstd", "br"),
            ("br;q=0.5, gzip;q=0.8", "gzip"),
            ("gzip;q=0, *", "br"),
            ("identity;q=0", "gzip"),
            ("deflate", ""),
            ("gzip;q=0, br;q=0", ""),
            ("", ""),
        ] {
            let packed = server
                .get("/feeds/all.rss")
                .add_header(header::ACCEPT_ENCODING, accepted)
                .await;
            packed.assert_status_ok();
            assert_eq!(
                text(packed.headers(), header::CONTENT_ENCODING),
                used,
                "{accepted}"
            );
            assert_headers(&packed);
            assert_eq!(packed.header(header::ETAG), plain.header(header::ETAG));
            let length = text(packed.headers(), header::CONTENT_LENGTH);
            assert_eq!(length, packed.as_bytes().len().to_string(), "{accepted}");
            let mut unpacked = Vec::new();
            match used {
                "gzip" => GzDecoder::new(packed.as_bytes().as_ref()).read_to_end(&mut unpacked),
                "br" => {
                    brotli::Decompressor::new(packed.as_bytes().as_ref(), 4096).read_to_end(&mut unpacked)
                }
                _ => packed.as_bytes().as_ref().read_to_end(&mut unpacked),
            }
            .unwrap();
            assert_eq!(unpacked, plain.as_bytes().as_ref(), "{accepted}");
        }
    }
}

/// The same settings are no change, whoever starts how often.
async fn what_the_settings_put_into_feeds_is_dated_once(db: TestDb) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let started = async |settings: &[(&str, &str)]| {
        let mut layers = Layers::read(None, &BTreeMap::new()).unwrap();
        layers.set_text("database.url", &db.url, "test").unwrap();
        for (key, value) in settings {
            layers.set_text(key, value, "test").unwrap();
        }
        let app = App::build(Config::from_layers(&layers).unwrap(), &[])
            .await
            .unwrap();
        app.web_state().settings_changed
    };
    let first = started(&[]).await;
    assert_eq!(started(&[]).await, first);
    assert_eq!(
        started(&[("web.contact", "a@b.example")]).await,
        first,
        "no matter of feeds"
    );
    let hub = [("feeds.hub_url", "https://hub.example/")];
    let with_hub = started(&hub).await;
    assert!(with_hub > first);
    assert_eq!(started(&hub).await, with_hub);
    assert!(started(&[]).await > with_hub, "and back");
}
