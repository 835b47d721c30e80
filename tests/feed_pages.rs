//! The page of each feed: what it holds, its addresses to copy, readers, archives; without a script.

use axum::http::StatusCode;
use axum_test::TestServer;
use chrono::TimeDelta;
use loa::{clock::Clock, domain::token::Tokens, feed::Content, web};
use scraper::{Html, Selector};

use crate::common::{
    databases::{TestDb, for_each_db},
    records::{page, prepare, record_page, start},
    site,
};

for_each_db!(
    every_feed_has_a_page_whose_links_all_lead_somewhere,
    a_page_says_how_much_of_an_article_there_is,
);

const PAGES: [&str; 3] = [
    "/feeds/all",
    "/feeds/topics/khoa-hoc-cong-nghe",
    "/feeds/sections/mau/khoa-hoc",
];

async fn server(db: &TestDb, content: Content) -> TestServer {
    let section = prepare(&db.store, start()).await;
    for (n, months_ago) in [(1, 0), (2, 0), (3, 1), (4, 2), (5, 2), (6, 14)] {
        let mut page = page(n);
        page.published.as_mut().unwrap().at -= TimeDelta::days(30 * months_ago);
        record_page(&db.store, section, &page, &["khoa-hoc-cong-nghe"], None, start()).await;
    }
    let clock = Clock::manual(start() + TimeDelta::hours(1));
    let mut state = site::state(&db.store, &clock, &Tokens::new("test"));
    state.content = content;
    TestServer::new(web::router(state))
}

fn attributes(html: &Html, selector: &str, attribute: &str) -> Vec<String> {
    let selector = Selector::parse(selector).unwrap();
    html.select(&selector)
        .map(|element| element.attr(attribute).unwrap_or_default().to_owned())
        .collect()
}

async fn every_feed_has_a_page_whose_links_all_lead_somewhere(db: TestDb) {
    let server = server(&db, Content::Excerpt).await;
    let overview = server.get("/feeds").await.text();
    let overview = attributes(&Html::parse_document(&overview), "main h2 a, main h3 a", "href");
    for path in PAGES {
        assert!(overview.contains(&path.to_owned()), "{overview:?}");
        let text = server.get(path).await.text();
        let html = Html::parse_document(&text);
        let public = |extension| format!("{}{path}.{extension}", site::PUBLIC_URL);
        let addresses = ["atom", "rss", "json"].map(public);
        assert_eq!(attributes(&html, "input[readonly]", "value"), addresses);
        let announced = attributes(&html, "link[rel=alternate][type]", "href");
        assert_eq!(announced[..3], addresses, "its own feed first: {announced:?}");
        let alternates = announced.len();
        assert_eq!(alternates, if path == "/feeds/all" { 3 } else { 6 });
        assert!(text.contains("Bốn tuần qua có 2 bài mới"), "{text}");
        for name in ["Feedly", "Inoreader", "NewsBlur", "The Old Reader", "Feedbin"] {
            assert!(text.contains(&format!("noreferrer\">{name}</a>")), "{name}");
        }
        let encoded = addresses[1]
            .replace(':', "%3A")
            .replace('/', "%2F")
            .replace('-', "%2D")
            .replace('.', "%2E");
        assert!(
            text.contains(&format!("https://feedbin.com/?subscribe={encoded}")),
            "{text}"
        );
        let inside: Vec<_> = attributes(&html, "main a", "href")
            .into_iter()
            .filter(|href| href.starts_with('/'))
            .collect();
        let archives = inside.iter().filter(|href| href.contains("/archive/")).count();
        assert_eq!(archives, 3 * 2, "three months in two formats: {inside:?}");
        for href in &inside {
            server.get(href).await.assert_status_ok();
        }
        let english = server.get(&format!("{path}?lang=en")).await.text();
        assert!(
            english.contains("New in the last four weeks: 2 articles."),
            "{english}"
        );
    }
    for missing in [
        "/feeds/topics/khong-co",
        "/feeds/sections/mau/khong-co",
        "/feeds/khong-co",
        "/feeds/topics",
    ] {
        server.get(missing).await.assert_status(StatusCode::NOT_FOUND);
    }
}

async fn a_page_says_how_much_of_an_article_there_is(db: TestDb) {
    let server = server(&db, Content::Full).await;
    let text = server.get("/feeds/all").await.text();
    assert!(
        text.contains("toàn văn") && text.contains("?content=excerpt"),
        "{text}"
    );
}
