//! Searches over HTTP: the page and the feeds of what people type.

use axum::http::{StatusCode, header};
use axum_test::TestServer;
use chrono::TimeDelta;
use loa::{
    clock::Clock,
    domain::token::Tokens,
    web::{self, WebState},
};
use serde_json::Value;

use crate::common::{
    databases::{TestDb, for_each_db},
    records::{page, prepare, record_page, start},
    site,
};

for_each_db!(
    a_search_feed_holds_what_the_search_finds,
    all_ways_to_type_a_search_are_one_feed,
    a_search_feed_changes_with_what_it_finds_alone,
    what_is_no_search_is_refused_and_says_why,
    a_search_page_shows_what_is_found_and_leads_to_its_feed,
    a_search_page_is_narrowed_by_topic_section_and_days,
    where_nothing_is_found_only_what_finds_something_is_suggested,
);

struct World {
    db: TestDb,
    section: i64,
    clock: Clock,
    state: WebState,
    server: TestServer,
}

const TITLES: [&str; 4] = [
    "Khoa học và công nghệ",
    "Khai giảng khóa học mới",
    "Nghiên cứu khoa học ở Huế",
    "Tin lũ lụt",
];

async fn world(db: TestDb) -> World {
    let section = prepare(&db.store, start()).await;
    let clock = Clock::manual(start() + TimeDelta::days(1));
    let state = site::state(&db.store, &clock, &Tokens::new("test"));
    let world = World {
        server: TestServer::new(web::router(state.clone())),
        state,
        db,
        section,
        clock,
    };
    for (n, title) in (1..).zip(TITLES) {
        record(&world, n, title).await;
    }
    world
}

async fn record(world: &World, n: i64, title: &str) {
    let mut page = page(n);
    title.clone_into(&mut page.title);
    page.lead = None;
    record_page(
        &world.db.store,
        world.section,
        &page,
        &[],
        None,
        world.clock.now(),
    )
    .await;
}

/// What the service does about once a second.
async fn notice(world: &World) {
    assert!(world.state.feeds.notice(&world.db.store).await.unwrap() > 0);
}

async fn titles(world: &World, address: &str) -> Vec<String> {
    let answer = world.server.get(address).await;
    answer.assert_status_ok();
    let feed: Value = answer.json();
    let items = feed["items"].as_array().unwrap();
    items
        .iter()
        .map(|i| i["title"].as_str().unwrap().to_owned())
        .collect()
}

async fn a_search_feed_holds_what_the_search_finds(db: TestDb) {
    let world = world(db).await;
    assert_eq!(
        titles(&world, "/feeds/search.json?q=khoa+h%E1%BB%8Dc").await,
        ["Nghiên cứu khoa học ở Huế", "Khoa học và công nghệ"]
    );
    assert_eq!(
        titles(&world, "/feeds/search.json?limit=2&q=khoa%20hoc").await,
        ["Nghiên cứu khoa học ở Huế", "Khai giảng khóa học mới"]
    );
    assert!(
        titles(&world, "/feeds/search.json?q=kh%C3%B4ngc%C3%B3")
            .await
            .is_empty()
    );
    let atom = world
        .server
        .get("/feeds/search.atom?q=khoa+h%E1%BB%8Dc")
        .await
        .text();
    for part in [
        "<title>“khoa học” – Cổng mẫu</title>",
        "<id>tag:portal.example,2026:loa/feeds/search?q=khoa+h%E1%BB%8Dc</id>",
        "href=\"https://loa.example/feeds/search.atom?q=khoa+h%E1%BB%8Dc\" rel=\"self\"",
        "href=\"https://loa.example/search?q=khoa+h%E1%BB%8Dc\"",
    ] {
        assert!(atom.contains(part), "{part} in {atom}");
    }
}

async fn all_ways_to_type_a_search_are_one_feed(db: TestDb) {
    let world = world(db).await;
    let first = world.server.get("/feeds/search.rss?q=khoa+h%E1%BB%8Dc").await;
    first.assert_status_ok();
    for other in [
        "q=Khoa%20%20h%E1%BB%8Dc",
        "utm_source=x&q=+KHOA+H%E1%BB%8CC&q=other",
        "q=khoa%2C+ho%CC%A3c%21",
    ] {
        let answer = world.server.get(&format!("/feeds/search.rss?{other}")).await;
        assert_eq!(answer.header(header::ETAG), first.header(header::ETAG), "{other}");
        assert_eq!(answer.text(), first.text());
    }
    let phrase = world
        .server
        .get("/feeds/search.rss?q=%22khoa+h%E1%BB%8Dc%22")
        .await;
    assert!(phrase.text().contains("<title>“khoa học” – Cổng mẫu</title>"));
    assert_ne!(phrase.header(header::ETAG), first.header(header::ETAG));
}

async fn a_search_feed_changes_with_what_it_finds_alone(db: TestDb) {
    let world = world(db).await;
    let address = "/feeds/search.atom?q=khoa+h%E1%BB%8Dc";
    let tag = async || world.server.get(address).await.header(header::ETAG);
    let first = tag().await;
    record(&world, 5, "Không liên quan").await;
    notice(&world).await;
    assert_eq!(tag().await, first);
    record(&world, 6, "Ngày hội khoa học").await;
    notice(&world).await;
    let second = tag().await;
    assert_ne!(second, first);
    record(&world, 6, "Ngày hội toán học").await;
    notice(&world).await;
    assert_eq!(tag().await, first, "an edit took it out of the search");
}

async fn what_is_no_search_is_refused_and_says_why(db: TestDb) {
    let world = world(db).await;
    let long = format!("q={}", "a".repeat(300));
    for (query, vietnamese, english) in [
        ("", "chưa có gì để tìm", "nothing to look for"),
        ("q=", "chưa có gì để tìm", "nothing to look for"),
        ("q=%22%22+%21", "chưa có gì để tìm", "nothing to look for"),
        ("q=-khoa", "loại trừ", "what to leave out"),
        (long.as_str(), "tối đa", "at most"),
    ] {
        for (language, words) in [("vi", vietnamese), ("en", english)] {
            for path in ["/feeds/search.rss", "/feeds/search.json", "/search"] {
                if path == "/search" && (query.is_empty() || query == "q=") {
                    continue;
                }
                let answer = world.server.get(&format!("{path}?{query}&lang={language}")).await;
                assert_eq!(answer.status_code(), StatusCode::BAD_REQUEST, "{path}?{query}");
                let html = answer.text();
                assert!(html.contains(words), "{path}?{query} in {language} lacks {words}");
                assert!(html.contains("<code>q</code>"), "{path} names the parameter");
            }
        }
    }
    world
        .server
        .get("/feeds/search.csv?q=a")
        .await
        .assert_status_not_found();
}

async fn a_search_page_shows_what_is_found_and_leads_to_its_feed(db: TestDb) {
    let world = world(db).await;
    let blank = world.server.get("/search").await;
    blank.assert_status_ok();
    assert!(blank.text().contains("Từ cần tìm"));
    let found = world.server.get("/search?q=khoa+h%E1%BB%8Dc").await;
    found.assert_status_ok();
    let html = found.text();
    let places = [
        "Nghiên cứu <mark>khoa học</mark> ở Huế",
        "<mark>Khoa học</mark> và công nghệ",
    ]
    .map(|title| html.find(title));
    assert!(
        places[0].is_some() && places[0] < places[1],
        "of two alike, the newest"
    );
    assert!(!html.contains("Khai giảng") && html.contains("/feeds/search.rss?q=khoa+h%E1%BB%8Dc"));
    let nothing = world.server.get("/search?q=b%C3%A3o&lang=en").await.text();
    assert!(
        nothing.contains("Nothing was found")
            && nothing.contains("https://loa.example/feeds/search.rss?q=b%C3%A3o")
    );
    for n in 10..35 {
        record(&world, n, "Bài khoa học dài kỳ").await;
    }
    let series = "/search?q=%22b%C3%A0i+khoa+h%E1%BB%8Dc%22";
    let pages = async |more: &str| world.server.get(&format!("{series}{more}")).await.text();
    for (first, next) in [("", "page="), ("&order=newest", "before=")] {
        let first = pages(first).await;
        assert_eq!(first.matches("<article").count(), 20);
        let start = first.find(next).unwrap() + next.len();
        let place: String = first[start..].chars().take_while(char::is_ascii_digit).collect();
        let second = pages(&format!("&{next}{place}")).await;
        assert_eq!(second.matches("<article").count(), 5, "{next}");
        let past = pages(&format!("&{next}{}", if next == "page=" { 3 } else { 1 })).await;
        assert!(past.contains("Không còn bài nào nữa"), "{next}");
    }
    for wrong in ["&page=0", "&page=201", "&page=x", "&before=x"] {
        let answer = world.server.get(&format!("{series}{wrong}")).await;
        assert_eq!(answer.status_code(), StatusCode::BAD_REQUEST, "{wrong}");
    }
    let home = world.server.get("/").await.text();
    assert!(home.contains("action=\"/search\""), "every page has the field");
}

async fn a_search_page_is_narrowed_by_topic_section_and_days(db: TestDb) {
    let world = world(db).await;
    for (n, topics) in [(8, &["y-te-suc-khoe"] as &[&str]), (9, &[])] {
        let mut page = page(n);
        page.title = format!("Khoa học số {n}");
        page.published = page.published.map(|mut published| {
            published.at = start() - TimeDelta::days(n);
            published
        });
        record_page(
            &world.db.store,
            world.section,
            &page,
            topics,
            None,
            world.clock.now(),
        )
        .await;
    }
    let titles = async |more: &str| {
        let html = world
            .server
            .get(&format!("/search?q=khoa+h%E1%BB%8Dc+s%E1%BB%91{more}"))
            .await
            .text();
        let shown = |n: i64| html.contains(&format!("<mark>Khoa học số</mark> {n}"));
        [8, 9].map(shown)
    };
    assert_eq!(
        titles("&topic=&section=&from=&to=&order=").await,
        [true, true],
        "an empty form asks nothing"
    );
    assert_eq!(titles("&topic=y-te-suc-khoe").await, [true, false]);
    assert_eq!(titles("&section=mau/khoa-hoc&to=2026-11-15").await, [false, true]);
    assert_eq!(
        titles("&from=2026-11-16&to=2026-11-16").await,
        [true, false],
        "days of the portal's zone"
    );
    let html = world
        .server
        .get("/search?q=khoa+h%E1%BB%8Dc+s%E1%BB%91&topic=y-te-suc-khoe&from=2026-11-16&order=newest")
        .await
        .text();
    for kept in [
        "<option value=\"y-te-suc-khoe\" selected>",
        "type=\"date\" value=\"2026-11-16\"",
        "<option value=\"newest\" selected>",
        "<details class=\"filters\" open>",
    ] {
        assert!(html.contains(kept), "{kept}");
    }
    for (wrong, name) in [
        ("topic=khong-co", "topic"),
        ("section=mau", "section"),
        ("from=24/11/2026", "from"),
        ("to=2026-02-30", "to"),
        ("from=2026-11-02&to=2026-11-01", "to"),
    ] {
        let answer = world.server.get(&format!("/search?q=a&{wrong}")).await;
        assert_eq!(answer.status_code(), StatusCode::BAD_REQUEST, "{wrong}");
        assert!(answer.text().contains(&format!("<code>{name}</code>")), "{wrong}");
    }
}

async fn where_nothing_is_found_only_what_finds_something_is_suggested(db: TestDb) {
    let world = world(db).await;
    let suggested = async |address: &str| {
        let html = world.server.get(address).await.text();
        let mut parts = html.split("<ul class=\"suggestions\"").skip(1);
        let list = parts
            .next()
            .unwrap_or_default()
            .split("</ul>")
            .next()
            .unwrap()
            .to_owned();
        let texts = list.split("<li>").skip(1).map(|item| {
            let words = item.split('>').nth(1).unwrap();
            words.split('<').next().unwrap().to_owned()
        });
        texts.collect::<Vec<_>>()
    };
    // A slip of the finger, in words with diacritics.
    assert_eq!(
        suggested("/search?q=khao+h%E1%BB%8Dc+hu%E1%BA%BF").await,
        [
            "Có phải “khoa”? Tìm “khoa hoc hue” (1 bài)",
            "Bỏ “khao”: “học huế” (1 bài)"
        ]
    );
    // Wrong diacritics; a phrase that stands nowhere.
    assert_eq!(
        suggested("/search?q=h%E1%BB%8Dc+hu%E1%BA%BF+ngh%E1%BB%8B").await,
        ["Bỏ “nghị”: “học huế” (1 bài)"]
    );
    assert_eq!(
        suggested("/search?q=kh%C3%B2a+h%E1%BB%8Dc").await,
        ["Không tính dấu: “khoa hoc” (3 bài)", "Bỏ “khòa”: “học” (3 bài)"]
    );
    assert_eq!(
        suggested("/search?q=%22hu%E1%BA%BF+khoa%22").await,
        ["Không cần liền nhau: “huế khoa” (1 bài)"]
    );
    assert_eq!(
        suggested("/search?q=h%E1%BB%8Dc+-khoa+-kh%C3%B3a").await,
        ["Không loại trừ từ nào: “học” (3 bài)"]
    );
    assert_eq!(
        suggested("/search?q=l%C5%A9&topic=y-te-suc-khoe").await,
        ["Tìm “lũ” không kèm bộ lọc (1 bài)"]
    );
    assert_eq!(
        suggested("/search?q=khao+h%E1%BB%8Dc+hu%E1%BA%BF&topic=y-te-suc-khoe").await[0],
        "Có phải “khoa”? Tìm “khoa hoc hue” không kèm bộ lọc (1 bài)"
    );
    assert_eq!(suggested("/search?q=khonghe").await, Vec::<String>::new());
}
