//! The sample portal as Loa's poller meets it, over HTTP.

use axum::http::{StatusCode, header};
use axum_test::TestServer;
use chrono::{DateTime, Utc};
use loa::demo::portal::{self, SamplePortal};
use scraper::{Html, Selector};

/// 08:05 in Việt Nam.
fn morning() -> DateTime<Utc> {
    "2026-11-23T01:05:00Z".parse().unwrap()
}

fn serve() -> (SamplePortal, TestServer) {
    let portal = SamplePortal::new(morning());
    let server = TestServer::new(portal.router());
    (portal, server)
}

/// `(title, address)` of a list page's own list.
fn listed(page: &str) -> Vec<(String, String)> {
    let html = Html::parse_document(page);
    html.select(&Selector::parse("ul.list a").unwrap())
        .map(|a| (a.text().collect(), a.attr("href").unwrap().to_owned()))
        .collect()
}

fn text_of(page: &str) -> String {
    let html = Html::parse_document(page);
    let text: String = html
        .select(&Selector::parse("div.page").unwrap())
        .next()
        .unwrap()
        .text()
        .collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn a_list_shows_a_sections_articles_newest_first() {
    let (_, server) = serve();
    let page = server.get("/khoa-hoc-cong-nghe").await.text();
    let listed = listed(&page);
    assert_eq!(listed.len(), 3);
    assert!(listed[0].0.starts_with("Nghiệm thu đề tài"));
    assert!(page.contains("Ngày đăng: 23-11-2026"));
    assert!(page.contains("TIN NỔI BẬT"));
    let ids: Vec<i64> = listed
        .iter()
        .map(|(_, href)| href.rsplit('/').next().unwrap().parse().unwrap())
        .collect();
    assert!(ids.is_sorted_by(|a, b| a > b));
    assert_eq!(ids[0], morning().timestamp_millis() - 3 * 3_600_000);
}

#[tokio::test]
async fn long_titles_are_cut_in_lists_and_whole_on_the_article() {
    let (_, server) = serve();
    let listed = listed(&server.get("/tin-tuc-su-kien").await.text());
    let (title, address) = &listed[0];
    assert!(title.ends_with("..."), "{title}");
    let article = server.get(address).await.text();
    assert!(article.contains("phản ánh của người dân được trả lời trong 48 giờ</div>"));
}

#[tokio::test]
async fn an_articles_texts_stand_in_the_order_of_3cms() {
    let (_, server) = serve();
    let (_, address) = listed(&server.get("/khoa-hoc-cong-nghe").await.text()).remove(0);
    let text = text_of(&server.get(&address).await.text());
    let marks = [
        "Trang Nhất KHOA HỌC - CÔNG NGHỆ",
        "Nghiệm thu đề tài tuyển chọn giống lúa chịu mặn cho vùng ven biển",
        "5:5, Thứ Hai, 23-11-2026",
        "Xem với cỡ chữ : A- A A+",
        "(Cổng TTĐT) Sáng nay",
        "Thành viên hội đồng thăm ruộng lúa",
        "Nguyễn Thu Hà",
        "Các tin khác",
        "Khai trương sàn giao dịch công nghệ và thiết bị trực tuyến (22/11/2026)",
        "Chi tiết bài viết tạm thời không có.",
    ];
    let mut from = 0;
    for mark in marks {
        let at = text[from..]
            .find(mark)
            .unwrap_or_else(|| panic!("{mark:?} is not in its place: {text}"));
        from += at + mark.len();
    }
}

#[tokio::test]
async fn publishing_puts_one_more_article_on_top() {
    let (portal, server) = serve();
    let before = listed(&server.get("/khoa-hoc-cong-nghe").await.text());
    assert_eq!(portal.waiting(), 4);
    let title = portal.publish_next(morning()).unwrap();
    let after = listed(&server.get("/khoa-hoc-cong-nghe").await.text());
    assert_eq!(after[0].0, title);
    assert_eq!(after[1..], before[..]);
    while portal.publish_next(morning()).is_some() {}
    assert_eq!(portal.waiting(), 0);
    let news = server.get("/tin-tuc-su-kien").await.text();
    let mut ids: Vec<_> = listed(&news).into_iter().map(|(_, href)| href).collect();
    ids.dedup();
    assert_eq!(ids.len(), 5, "published in one instant, and still told apart");
}

#[tokio::test]
async fn an_unchanged_page_answers_304_although_its_counters_move() {
    let (portal, server) = serve();
    let first = server.get("/khoa-hoc-cong-nghe").await;
    let etag = first.header(header::ETAG);
    assert_ne!(
        first.text(),
        server.get("/khoa-hoc-cong-nghe").await.text(),
        "the counters moved"
    );
    let again = server
        .get("/khoa-hoc-cong-nghe")
        .add_header(header::IF_NONE_MATCH, etag.clone())
        .await;
    again.assert_status(StatusCode::NOT_MODIFIED);
    assert!(again.as_bytes().is_empty());
    portal.publish_next(morning()).unwrap();
    let changed = server
        .get("/khoa-hoc-cong-nghe")
        .add_header(header::IF_NONE_MATCH, etag)
        .await;
    changed.assert_status_ok();
}

#[tokio::test]
async fn an_unknown_article_answers_200_and_says_so() {
    let (_, server) = serve();
    let page = server.get("/chi-tiet-tin/-/view-article/1/1/1").await;
    page.assert_status_ok();
    assert_eq!(text_of(&page.text()), "Chi tiết bài viết tạm thời không có.");
    server.get("/khong-co").await.assert_status_not_found();
    server
        .get("/robots.txt")
        .await
        .assert_text_contains("User-agent: *");
}

#[tokio::test]
async fn pictures_are_drawn_and_every_article_shows_its_own() {
    let (portal, server) = serve();
    while portal.publish_next(morning()).is_some() {}
    let mut pictures = 0;
    for section in ["khoa-hoc-cong-nghe", "tin-tuc-su-kien", "nong-nghiep-nong-thon"] {
        for (_, address) in listed(&server.get(&format!("/{section}")).await.text()) {
            let page = server.get(&address).await.text();
            let html = Html::parse_document(&page);
            for image in html.select(&Selector::parse(".body img").unwrap()) {
                let drawn = server.get(image.attr("src").unwrap()).await;
                drawn.assert_header("content-type", "image/svg+xml");
                assert!(drawn.text().starts_with("<svg "));
                pictures += 1;
            }
        }
    }
    assert_eq!(pictures, 9);
}

#[test]
fn the_portals_file_is_toml_with_six_field_schedules() {
    let file: toml::Table = portal::toml("http://127.0.0.1:9/").parse().unwrap();
    assert_eq!(file["base_url"].as_str(), Some("http://127.0.0.1:9"));
    assert_eq!(file["authority"].as_str(), Some("loa.example"));
    let sections = file["section"].as_array().unwrap();
    assert_eq!(sections.len(), 3);
    for section in sections {
        assert_eq!(section["schedule"].as_str().unwrap().split(' ').count(), 6);
        assert!(section["topics"].is_array());
    }
}
