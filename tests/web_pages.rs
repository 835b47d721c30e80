//! Pages over HTTP: which there are, what they show of the store, and the headers that browsers and caches need.

use axum::http::{HeaderMap, Method, StatusCode, header};
use axum_test::{TestResponse, TestServer};
use chrono::TimeDelta;
use loa::{clock::Clock, domain::token::Tokens, store::Recorded, web};

use crate::common::{
    databases::{TestDb, for_each_db},
    records::{page, prepare, record, record_page, start},
    site, sql,
};

for_each_db!(
    every_page_speaks_both_languages_and_sets_its_headers,
    a_list_leads_to_older_articles_and_repeats_none,
    an_article_shows_why_it_has_its_topics_and_leads_to_its_source,
    a_withdrawn_article_is_gone,
    what_does_not_exist_is_not_found_in_both_languages,
    a_request_that_makes_no_sense_is_told_so,
    pages_are_read_and_not_written,
    health_and_readiness_are_told_apart,
);

struct World {
    db: TestDb,
    section: i64,
    server: TestServer,
}

async fn world(db: TestDb) -> World {
    let section = prepare(&db.store, start()).await;
    let state = site::state(&db.store, &Clock::manual(start()), &Tokens::new("test"));
    World {
        server: TestServer::new(web::router(state)),
        db,
        section,
    }
}

async fn article(world: &World, n: i64) -> i64 {
    match record(&world.db.store, world.section, n, &["khoa-hoc-cong-nghe"], None).await {
        Recorded::New(id) | Recorded::Changed(id) | Recorded::Same(id) => id,
        Recorded::Removed => panic!("it was removed"),
    }
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> String {
    let values: Vec<_> = headers
        .get_all(name)
        .iter()
        .map(|v| v.to_str().unwrap().to_owned())
        .collect();
    values.join(", ")
}

fn assert_headers(answer: &TestResponse, language: &str) {
    let headers = answer.headers();
    assert_eq!(text(headers, header::CONTENT_TYPE), "text/html; charset=utf-8");
    assert_eq!(text(headers, header::CONTENT_LANGUAGE), language);
    assert_eq!(text(headers, header::X_CONTENT_TYPE_OPTIONS), "nosniff");
    let policy = text(headers, header::CONTENT_SECURITY_POLICY);
    assert!(
        policy.starts_with("default-src 'none'; style-src 'self';"),
        "{policy}"
    );
    assert!(
        !policy.contains("unsafe") && !policy.contains("script"),
        "{policy}"
    );
    assert!(text(headers, header::VARY).contains("Accept-Language"));
    assert!(headers.contains_key(header::REFERRER_POLICY));
    assert!(!headers.contains_key(header::SET_COOKIE));
}

async fn every_page_speaks_both_languages_and_sets_its_headers(db: TestDb) {
    let world = world(db).await;
    let id = article(&world, 1).await;
    let article = format!("/articles/{id}");
    for (address, vietnamese, english) in [
        ("/", "Tin mới", "News"),
        (article.as_str(), "Vì sao", "Why"),
        ("/topics", "Chủ đề", "Topics"),
        (
            "/topics/khoa-hoc-cong-nghe",
            "Khoa học và công nghệ",
            "Science and technology",
        ),
        (
            "/sections/mau/khoa-hoc",
            "Chuyên mục của Cổng",
            "Section of the portal",
        ),
        ("/feeds", "Nguồn cấp tin", "Feeds"),
    ] {
        for (language, words) in [("vi", vietnamese), ("en", english)] {
            let by_header = world
                .server
                .get(address)
                .add_header(header::ACCEPT_LANGUAGE, language)
                .await;
            let by_address = world.server.get(&format!("{address}?lang={language}")).await;
            for answer in [by_header, by_address] {
                answer.assert_status_ok();
                assert_headers(&answer, language);
                let html = answer.text();
                assert!(html.contains(&format!("<html lang=\"{language}\">")), "{address}");
                assert!(html.contains(words), "{address} in {language} lacks {words:?}");
                assert!(
                    html.contains("type=\"application/rss+xml\""),
                    "{address} announces a feed"
                );
                assert!(!html.contains("<script"), "{address}");
            }
        }
        let by_default = world.server.get(address).await;
        assert_headers(&by_default, "vi");
    }
}

async fn a_list_leads_to_older_articles_and_repeats_none(db: TestDb) {
    let world = world(db).await;
    for n in 1..=45 {
        let moment = start() + TimeDelta::days(1);
        record_page(
            &world.db.store,
            world.section,
            &page(n),
            &["khoa-hoc-cong-nghe"],
            None,
            moment,
        )
        .await;
    }
    for list in ["/", "/topics/khoa-hoc-cong-nghe", "/sections/mau/khoa-hoc"] {
        let (mut address, mut shown, mut pages) = (list.to_owned(), Vec::new(), 0);
        loop {
            let html = world.server.get(&address).await.text();
            pages += 1;
            shown.extend(titles(&html));
            let Some(older) = older(&html) else {
                break;
            };
            address = older;
            assert!(pages < 9, "{list} goes round in circles");
        }
        let expected: Vec<i64> = (1..=45).rev().collect();
        assert_eq!((pages, shown), (3, expected), "{list}");
    }
}

/// Where a page's link to older articles leads.
fn older(html: &str) -> Option<String> {
    let html = scraper::Html::parse_document(html);
    let links = scraper::Selector::parse("main a[href*='?before=']").unwrap();
    html.select(&links).next()?.attr("href").map(str::to_owned)
}

/// The numbers of the articles that a page links to, in its order.
fn titles(html: &str) -> Vec<i64> {
    let html = scraper::Html::parse_document(html);
    let links = scraper::Selector::parse("main a[href^='/articles/']").unwrap();
    let mut numbers: Vec<i64> = html
        .select(&links)
        .filter_map(|a| {
            a.text()
                .collect::<String>()
                .rsplit(' ')
                .next()?
                .trim()
                .parse()
                .ok()
        })
        .collect();
    numbers.dedup();
    numbers
}

async fn an_article_shows_why_it_has_its_topics_and_leads_to_its_source(db: TestDb) {
    let world = world(db).await;
    let id = article(&world, 1).await;
    let html = world.server.get(&format!("/articles/{id}")).await.text();
    for part in [
        "Tỉnh công bố đề tài khoa học số 1",
        "Nguyễn Thị Mẫu",
        "Cổng TTĐT",
        "href=\"http://portal.example/chi-tiet-tin/-/view-article/1/7/1\"",
        "href=\"/topics/khoa-hoc-cong-nghe\"",
        "href=\"https://loa.example/feeds/topics/khoa-hoc-cong-nghe.atom\"",
        "<link rel=\"canonical\" href=\"https://loa.example/articles/",
    ] {
        assert!(html.contains(part), "{part}");
    }
    let hostile = {
        let mut page = page(2);
        page.title = "<script>alert(1)</script> & \"khoa học\"".to_owned();
        page.url = "javascript:alert(1)".to_owned();
        page
    };
    let recorded = record_page(&world.db.store, world.section, &hostile, &[], None, start()).await;
    let Recorded::New(id) = recorded else {
        panic!("new")
    };
    for address in [
        format!("/articles/{id}"),
        "/".to_owned(),
        "/feeds/all.rss".to_owned(),
    ] {
        let html = world.server.get(&address).await.text();
        assert!(
            !html.contains("<script") && !html.contains("href=\"javascript:"),
            "{address}"
        );
    }
}

async fn a_withdrawn_article_is_gone(db: TestDb) {
    let world = world(db).await;
    let id = article(&world, 1).await;
    world
        .server
        .get(&format!("/articles/{id}"))
        .await
        .assert_status_ok();
    sql::execute(&world.db.url, "UPDATE articles SET withdrawn_at = first_seen_at").await;
    world
        .server
        .get(&format!("/articles/{id}"))
        .await
        .assert_status(StatusCode::GONE);
    assert!(!world.server.get("/").await.text().contains("số 1"));
    assert!(!world.server.get("/feeds/all.rss").await.text().contains("số 1"));
}

async fn what_does_not_exist_is_not_found_in_both_languages(db: TestDb) {
    let world = world(db).await;
    for address in [
        "/nothing",
        "/articles/999",
        "/articles/x",
        "/articles/99999999999999999999",
        "/topics/none",
        "/sections/mau/none",
        "/sections/none/khoa-hoc",
        "/admin",
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
            assert_headers(&answer, language);
            assert!(answer.text().contains(words), "{address}");
        }
    }
}

async fn a_request_that_makes_no_sense_is_told_so(db: TestDb) {
    let world = world(db).await;
    for address in [
        "/?before=x",
        "/topics/khoa-hoc-cong-nghe?before=1e3",
        "/?before=99999999999999999999",
    ] {
        let answer = world.server.get(address).await;
        answer.assert_status(StatusCode::BAD_REQUEST);
        assert_headers(&answer, "vi");
    }
    for address in [
        "/?before=999",
        "/?before=-1",
        "/?utm_source=a&utm_source=b",
        "/?lang=xx&x=%ff",
    ] {
        world.server.get(address).await.assert_status_ok();
    }
}

async fn pages_are_read_and_not_written(db: TestDb) {
    let world = world(db).await;
    for address in ["/", "/topics", "/feeds", "/articles/1"] {
        let answer = world.server.post(address).await;
        answer.assert_status(StatusCode::METHOD_NOT_ALLOWED);
    }
    let head = world.server.method(Method::HEAD, "/").await;
    head.assert_status_ok();
    assert!(head.as_bytes().is_empty());
    assert_headers(&head, "vi");
}

async fn health_and_readiness_are_told_apart(db: TestDb) {
    let world = world(db).await;
    world.server.get("/healthz").await.assert_text("alive\n");
    world.server.get("/readyz").await.assert_text("ready\n");
    sql::execute(&world.db.url, "DELETE FROM _sqlx_migrations").await;
    world
        .server
        .get("/readyz")
        .await
        .assert_status(StatusCode::SERVICE_UNAVAILABLE);
    world.db.store.close().await;
    world
        .server
        .get("/readyz")
        .await
        .assert_status(StatusCode::SERVICE_UNAVAILABLE);
    world.server.get("/healthz").await.assert_status_ok();
    let page = world.server.get("/").await;
    page.assert_status(StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.text().contains("Tin mới không bị mất"));
    assert!(
        !page.text().to_lowercase().contains("sql"),
        "nothing of the cause"
    );
}
