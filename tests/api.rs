//! The JSON API: what a program that shows or mirrors the articles relies on.

use axum::http::{Method, StatusCode, header};
use axum_test::{TestResponse, TestServer};
use chrono::TimeDelta;
use loa::{
    clock::Clock,
    domain::token::Tokens,
    feed::Content,
    store::{Recorded, Seen},
    web,
};
use serde_json::{Value, json};

use crate::common::{
    databases::{TestDb, for_each_db},
    records::{page, prepare, record_page, start},
    site, sql,
};

for_each_db!(
    articles_are_listed_newest_first_and_filters_combine,
    a_search_is_told_the_best_first_where_asked_and_paged_so,
    days_narrow_a_list,
    paging_loses_and_doubles_nothing_while_articles_arrive,
    a_mirror_hears_of_edits_withdrawals_and_removals,
    a_mirror_that_reads_in_small_parts_ends_with_the_same,
    one_article_is_told_gone_or_unknown,
    what_makes_no_sense_is_a_problem_that_names_its_parameter,
    a_client_that_has_it_all_gets_304_without_a_body,
    topics_and_sections_are_listed,
    full_texts_only_where_the_operator_gives_them_out,
    everything_under_the_api_answers_in_json,
);

struct World {
    db: TestDb,
    section: i64,
    clock: Clock,
    server: TestServer,
}

/// Articles 1 to 6, the even ones about health.
async fn world(db: TestDb) -> World {
    let section = prepare(&db.store, start()).await;
    let clock = Clock::manual(start() + TimeDelta::days(1));
    let state = site::state(&db.store, &clock, &Tokens::new("test"));
    let world = World {
        server: TestServer::new(web::router(state)),
        db,
        section,
        clock,
    };
    for n in 1..=6 {
        record(&world, n, &format!("Đề tài khoa học số {n}")).await;
    }
    world
}

async fn record(world: &World, n: i64, title: &str) -> i64 {
    let topics: &[&str] = if n % 2 == 0 { &["y-te-suc-khoe"] } else { &[] };
    let mut page = page(n);
    title.clone_into(&mut page.title);
    world.clock.advance(TimeDelta::minutes(1));
    let recorded = record_page(
        &world.db.store,
        world.section,
        &page,
        topics,
        None,
        world.clock.now(),
    )
    .await;
    match recorded {
        Recorded::New(id) | Recorded::Changed(id) | Recorded::Same(id) => id,
        Recorded::Removed => panic!("it is not stored"),
    }
}

async fn get(world: &World, address: &str) -> Value {
    let answer = world.server.get(address).await;
    assert_eq!(
        answer.status_code(),
        StatusCode::OK,
        "{address}: {}",
        answer.text()
    );
    answer.assert_header(header::CONTENT_TYPE, "application/json");
    answer.json()
}

/// The titles' numbers, or `-` and the id of what is gone.
fn told(part: &Value) -> Vec<String> {
    let entries = part["articles"].as_array().unwrap();
    let name = |entry: &Value| match entry["title"].as_str() {
        Some(title) => title.rsplit(' ').next().unwrap().to_owned(),
        None => format!("-{}", entry["id"]),
    };
    entries.iter().map(name).collect()
}

async fn articles_are_listed_newest_first_and_filters_combine(db: TestDb) {
    let world = world(db).await;
    for (query, expected) in [
        ("", "6 5 4 3 2 1"),
        ("?limit=2&utm_source=x", "6 5"),
        ("?topic=y-te-suc-khoe", "6 4 2"),
        ("?section=mau/khoa-hoc&limit=4", "6 5 4 3"),
        ("?q=de+tai+-4+-5", "6 3 2 1"),
        ("?q=%22s%E1%BB%91+3%22", "3"),
        ("?q=khoa&topic=y-te-suc-khoe&section=mau/khoa-hoc&limit=2", "6 4"),
        ("?topic=khoa-hoc-cong-nghe", ""),
    ] {
        let list = get(&world, &format!("/api/v1/articles{query}")).await;
        assert_eq!(told(&list).join(" "), expected, "{query}");
        assert_eq!(list["has_more"], json!(list["next"].is_string()), "{query}");
    }
    let first = &get(&world, "/api/v1/articles?limit=1").await["articles"][0];
    assert_eq!(first["tag"], "tag:portal.example,2026:mau/article/1764000000006");
    assert_eq!(first["published"], "2026-11-24T15:06:00+07:00");
    assert_eq!(first["precision"], "minute");
    assert_eq!(first["topics"][0], json!({"slug": "y-te-suc-khoe", "score": 9.0}));
    assert_eq!(
        first["sections"][0],
        json!({"slug": "khoa-hoc", "title": "Khoa học"})
    );
    assert_eq!(first["withdrawn"], false);
    assert!(first.get("body_html").is_none());
}

async fn paging_loses_and_doubles_nothing_while_articles_arrive(db: TestDb) {
    let world = world(db).await;
    let mut seen = Vec::new();
    let mut address = "/api/v1/articles?limit=2".to_owned();
    for n in 7.. {
        let part = get(&world, &address).await;
        seen.extend(told(&part));
        // One more arrives, and the one that the cursor stands on goes.
        record(&world, n, &format!("Tin số {n}")).await;
        let last = part["articles"][1]["id"].as_i64().unwrap();
        sql::execute(&world.db.url, &format!("DELETE FROM articles WHERE id = {last}")).await;
        let Some(next) = part["next"].as_str() else {
            break;
        };
        address = format!("/api/v1/articles?limit=2&cursor={next}");
    }
    assert_eq!(seen.join(" "), "6 5 4 3 2 1");
}

async fn a_mirror_hears_of_edits_withdrawals_and_removals(db: TestDb) {
    let world = world(db).await;
    let all = get(&world, "/api/v1/articles?since=2026-01-01T00:00:00Z").await;
    assert_eq!(told(&all).join(" "), "1 2 3 4 5 6", "the oldest change first");
    assert_eq!(all["has_more"], false);
    let follow = async |part: &Value| {
        let cursor = part["next"].as_str().unwrap();
        get(&world, &format!("/api/v1/articles?cursor={cursor}")).await
    };
    let nothing = follow(&all).await;
    assert_eq!((told(&nothing).len(), &nothing["next"]), (0, &all["next"]));
    let edited = record(&world, 3, "Đề tài sửa số 3b").await;
    let gone = all["articles"][0]["id"].as_i64().unwrap();
    let now = world.clock.now();
    world
        .db
        .store
        .note_look(gone, Seen::Withdrawn, None, now)
        .await
        .unwrap();
    let changes = follow(&all).await;
    assert_eq!(told(&changes), ["3b".to_owned(), format!("-{gone}")]);
    assert_eq!(changes["articles"][0]["id"], edited);
    assert_eq!(changes["articles"][1], json!({"id": gone, "withdrawn": true}));
    record(&world, 1, "Đề tài khoa học số 1").await;
    sql::execute(
        &world.db.url,
        &format!("DELETE FROM articles WHERE id = {edited}"),
    )
    .await;
    let back = follow(&changes).await;
    assert_eq!(told(&back).join(" "), "1", "brought back");
    // From the beginning: what was removed is told as gone, once.
    let whole = get(&world, "/api/v1/articles?since=2026-11-24T00:00:00%2B07:00").await;
    assert_eq!(told(&whole).join(" "), format!("2 4 5 6 -{edited} 1"));
    let later = (world.clock.now() - TimeDelta::seconds(30)).to_rfc3339();
    let late = get(&world, &format!("/api/v1/articles?since={later}")).await;
    assert_eq!(
        told(&late).join(" "),
        "1",
        "a plus that was not encoded is understood"
    );
    let health = get(
        &world,
        "/api/v1/articles?since=2026-01-01T00:00:00Z&topic=y-te-suc-khoe&q=de+tai",
    )
    .await;
    assert_eq!(told(&health).join(" "), format!("2 4 6 -{edited}"));
}

async fn a_mirror_that_reads_in_small_parts_ends_with_the_same(db: TestDb) {
    let world = world(db).await;
    let mut mirror = std::collections::BTreeMap::new();
    let mut address = "/api/v1/articles?limit=2&since=2026-01-01T00:00:00Z".to_owned();
    for round in 0.. {
        let part = get(&world, &address).await;
        for entry in part["articles"].as_array().unwrap() {
            let id = entry["id"].as_i64().unwrap();
            if entry["withdrawn"] == json!(true) {
                mirror.remove(&id);
            } else {
                mirror.insert(id, entry["title"].as_str().unwrap().to_owned());
            }
        }
        match round {
            0 => drop(record(&world, 2, "Sửa sau khi đã đọc").await),
            1 => drop(record(&world, 6, "Sửa trước khi đọc").await),
            2 => drop(record(&world, 9, "Mới").await),
            _ if part["has_more"] == json!(false) => break,
            _ => {}
        }
        address = format!(
            "/api/v1/articles?limit=2&cursor={}",
            part["next"].as_str().unwrap()
        );
    }
    let list = get(&world, "/api/v1/articles?limit=100").await;
    let there: std::collections::BTreeMap<_, _> = (list["articles"].as_array().unwrap().iter())
        .map(|a| (a["id"].as_i64().unwrap(), a["title"].as_str().unwrap().to_owned()))
        .collect();
    assert_eq!(mirror, there);
    assert_eq!(mirror.len(), 7);
}

async fn a_search_is_told_the_best_first_where_asked_and_paged_so(db: TestDb) {
    let world = world(db).await;
    let mut page = page(0);
    page.title = "Tin cũ".to_owned();
    page.lead = None;
    page.body_text = "Bàn về đề tài khoa học.".to_owned();
    page.published = None;
    let later = world.clock.now() + TimeDelta::days(1);
    record_page(&world.db.store, world.section, &page, &[], None, later).await;
    let address = "/api/v1/articles?q=de+tai+khoa+hoc&limit=4";
    let newest = get(&world, address).await;
    assert_eq!(newest["articles"][0]["title"], "Tin cũ");
    let mut titles = Vec::new();
    let mut next = String::new();
    loop {
        let part = get(&world, &format!("{address}&order=relevance{next}")).await;
        let articles = part["articles"].as_array().unwrap();
        titles.extend(articles.iter().map(|a| a["title"].as_str().unwrap().to_owned()));
        assert_eq!(part["has_more"], part["next"].is_string());
        match part["next"].as_str() {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(titles.len(), 7);
    assert_eq!(titles[0], "Đề tài khoa học số 6", "the title says it");
    assert_eq!(titles[6], "Tin cũ", "newer, but in its text alone");
}

async fn days_narrow_a_list(db: TestDb) {
    let world = world(db).await;
    let count = async |query: &str| {
        let list = get(&world, &format!("/api/v1/articles?{query}")).await;
        list["articles"].as_array().unwrap().len()
    };
    assert_eq!(count("from=2026-11-24&to=2026-11-24").await, 6);
    assert_eq!(count("from=2026-11-25").await, 0);
    assert_eq!(count("to=2026-11-23").await, 0);
    assert_eq!(count("to=2026-11-24&q=khoa&since=2026-01-01T00:00:00Z").await, 6);
}

async fn one_article_is_told_gone_or_unknown(db: TestDb) {
    let world = world(db).await;
    let listed = &get(&world, "/api/v1/articles?limit=1").await["articles"][0];
    let id = listed["id"].as_i64().unwrap();
    let address = format!("/api/v1/articles/{id}");
    assert_eq!(&get(&world, &address).await, listed);
    let now = world.clock.now();
    world
        .db
        .store
        .note_look(id, Seen::Withdrawn, None, now)
        .await
        .unwrap();
    for (address, status, words) in [
        (address.as_str(), 410, "taken away"),
        ("/api/v1/articles/999999", 404, "no such article"),
        ("/api/v1/articles/x", 404, "no such article"),
    ] {
        let answer = world.server.get(address).await;
        let problem = problem(&answer, status);
        assert!(problem["detail"].as_str().unwrap().contains(words), "{address}");
    }
}

fn problem(answer: &TestResponse, status: u16) -> Value {
    assert_eq!(answer.status_code().as_u16(), status, "{}", answer.text());
    answer.assert_header(header::CONTENT_TYPE, "application/problem+json");
    answer.assert_header(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    let problem: Value = serde_json::from_slice(answer.as_bytes()).unwrap();
    assert_eq!(problem["status"], status);
    assert_eq!(problem["type"], "about:blank");
    assert_ne!(problem["detail"], problem["detail_vi"]);
    problem
}

async fn what_makes_no_sense_is_a_problem_that_names_its_parameter(db: TestDb) {
    let world = world(db).await;
    let newest = get(&world, "/api/v1/articles?limit=1").await;
    let of_list = format!(
        "since=2026-01-01T00:00:00Z&cursor={}",
        newest["next"].as_str().unwrap()
    );
    let of_other_order = format!(
        "order=relevance&q=khoa&cursor={}",
        newest["next"].as_str().unwrap()
    );
    for (query, parameter) in [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=many", "limit"),
        ("topic=none", "topic"),
        ("section=mau", "section"),
        ("section=mau/none", "section"),
        ("section=none/khoa-hoc", "section"),
        ("q=", "q"),
        ("q=-khoa", "q"),
        ("since=yesterday", "since"),
        ("since=2026-11-24", "since"),
        ("cursor=x", "cursor"),
        ("cursor=bi4xLng", "cursor"),
        // A change that this database never saw: "c.999999.1".
        ("cursor=Yy45OTk5OTkuMQ", "cursor"),
        // A year that PostgreSQL does not know: "n.-8000000000000000000.1".
        ("cursor=bi4tODAwMDAwMDAwMDAwMDAwMDAwMC4x", "cursor"),
        (of_list.as_str(), "cursor"),
        ("from=24-11-2026", "from"),
        ("to=", "to"),
        ("from=2026-11-24&to=2026-11-23", "to"),
        ("order=best", "order"),
        ("order=relevance", "order"),
        ("order=relevance&q=khoa&since=2026-01-01T00:00:00Z", "order"),
        (of_other_order.as_str(), "cursor"),
    ] {
        let answer = world.server.get(&format!("/api/v1/articles?{query}")).await;
        let problem = problem(&answer, 400);
        assert_eq!(problem["parameter"], parameter, "{query}");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.starts_with(&format!("{parameter} ")), "{detail}");
    }
}

async fn a_client_that_has_it_all_gets_304_without_a_body(db: TestDb) {
    let world = world(db).await;
    let id = record(&world, 6, "Đề tài khoa học số 6").await;
    world.clock.advance(TimeDelta::hours(1));
    let article = format!("/api/v1/articles/{id}");
    for address in [
        article.as_str(),
        "/api/v1/articles?q=khoa",
        "/api/v1/articles?since=2026-01-01T00:00:00Z",
        "/api/v1/topics",
        "/api/v1/sections",
        "/api/openapi.json",
    ] {
        let first = world.server.get(address).await;
        let weak = first.header(header::ETAG).to_str().unwrap().to_owned();
        assert!(weak.starts_with("W/\""));
        assert_eq!(
            first.maybe_header(header::LAST_MODIFIED).is_some(),
            address == article
        );
        let strong = weak.trim_start_matches("W/").to_owned();
        let list = format!("\"old\", {weak}");
        for (tags, status) in [
            (&*weak, 304),
            (&strong, 304),
            (&list, 304),
            ("*", 304),
            ("\"old\"", 200),
        ] {
            for method in [Method::GET, Method::HEAD] {
                let request = world.server.method(method.clone(), address);
                let answer = request.add_header(header::IF_NONE_MATCH, tags).await;
                assert_eq!(answer.status_code().as_u16(), status, "{method} {address} {tags}");
                assert_eq!(answer.header(header::ETAG).to_str().unwrap(), weak);
                answer.assert_header(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
                answer.assert_header(header::CACHE_CONTROL, "public, max-age=60");
                answer.assert_header(header::VARY, "accept-encoding");
                assert_eq!(
                    answer.as_bytes().is_empty(),
                    status == 304 || method == Method::HEAD
                );
            }
        }
    }
    // A date alone is enough for one article, and says nothing of a list.
    let since = world.server.get(&article).await.header(header::LAST_MODIFIED);
    for (address, status) in [(article.as_str(), 304), ("/api/v1/articles", 200)] {
        let request = world
            .server
            .get(address)
            .add_header(header::IF_MODIFIED_SINCE, since.clone());
        assert_eq!(request.await.status_code().as_u16(), status, "{address}");
    }
    record(&world, 6, "Đề tài khác số 6").await;
    let request = world
        .server
        .get(&article)
        .add_header(header::IF_MODIFIED_SINCE, since);
    assert_eq!(request.await.status_code(), StatusCode::OK);
    assert!(
        world
            .server
            .get(&article)
            .await
            .maybe_header(header::LAST_MODIFIED)
            .is_none(),
        "too fresh to tell"
    );
}

async fn topics_and_sections_are_listed(db: TestDb) {
    let world = world(db).await;
    let topics = get(&world, "/api/v1/topics").await;
    assert_eq!(
        topics["topics"][1],
        json!({"slug": "y-te-suc-khoe", "vi": "Y tế, sức khỏe", "en": "y-te-suc-khoe", "articles": 3,
               "feed": "https://loa.example/feeds/topics/y-te-suc-khoe.atom"})
    );
    let sections = get(&world, "/api/v1/sections").await;
    assert_eq!(
        sections["sections"],
        json!([{"portal": "mau", "portal_name": "Cổng mẫu", "slug": "khoa-hoc", "title": "Khoa học",
                "feed": "https://loa.example/feeds/sections/mau/khoa-hoc.atom"}])
    );
}

async fn full_texts_only_where_the_operator_gives_them_out(db: TestDb) {
    let world = world(db).await;
    let mut state = site::state(&world.db.store, &world.clock, &Tokens::new("test"));
    state.content = Content::Full;
    let generous = TestServer::new(web::router(state));
    let list: Value = generous.get("/api/v1/articles?limit=1").await.json();
    assert_eq!(list["articles"][0]["body_html"], "<p>Đoạn văn của bài 6.</p>");
}

async fn everything_under_the_api_answers_in_json(db: TestDb) {
    let world = world(db).await;
    for address in ["/api/v1/none", "/api/v2/articles", "/api/v1/articles/%ff"] {
        let answer = world.server.get(address).await;
        problem(&answer, 404);
        answer.assert_header(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
        let preflight = world.server.method(Method::OPTIONS, address).await;
        preflight.assert_status(StatusCode::NO_CONTENT);
    }
    for address in ["/api/v1/articles", "/api/v1/articles/1", "/api/openapi.json"] {
        for method in [Method::POST, Method::PUT, Method::DELETE] {
            let answer = world.server.method(method, address).await;
            problem(&answer, 405);
            assert!(
                answer
                    .header(header::ALLOW)
                    .to_str()
                    .unwrap()
                    .contains("GET,HEAD")
            );
        }
    }
    let preflight = world.server.method(Method::OPTIONS, "/api/v1/articles").await;
    preflight.assert_status(StatusCode::NO_CONTENT);
    let api = get(&world, "/api/openapi.json").await;
    let paths: Vec<_> = api["paths"].as_object().unwrap().keys().collect();
    assert_eq!(
        paths,
        [
            "/api/v1/articles",
            "/api/v1/articles/{id}",
            "/api/v1/sections",
            "/api/v1/topics"
        ]
    );
    assert_eq!(api["servers"][0]["url"], site::PUBLIC_URL);
}
