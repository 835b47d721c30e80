//! Golden pages, written for these tests in the shape of each family: page in, reading out.

use chrono::{DateTime, Utc};
use loa::domain::article::Extracted;
use loa::portal::extract::{self, ArticlePage, ExtractError, Page};
use loa::portal::report::{self, Reading};
use loa::portal::{Portal, Profile};
use serde_json::Value;
use url::Url;

fn now() -> DateTime<Utc> {
    "2026-11-23T08:00:00Z".parse().expect("a date")
}

fn url(text: &str) -> Url {
    Url::parse(text).expect("an address")
}

fn profile(name: &str) -> Profile {
    Profile::builtin(name).expect("compiled in")
}

fn portal(id: &str) -> Portal {
    Portal::from_toml(Portal::builtin(id).expect("compiled in")).expect("a portal's file")
}

fn read(html: &str, address: &str, portal_id: &str) -> Reading {
    report::read(html, &url(address), &[portal(portal_id)], now()).expect("a page that can be read")
}

fn article(html: &str, address: &str, name: &str) -> Extracted {
    match extract::article(html, &url(address), &profile(name), now()) {
        Ok(ArticlePage::Article(found)) => *found,
        other => panic!("{other:?}"),
    }
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).expect("JSON")
}

const HANOI: &str = include_str!("fixtures/portal/liferay62-article.html");
const HANOI_LIST: &str = include_str!("fixtures/portal/liferay62-list.html");
const CMS: &str = include_str!("fixtures/portal/3cms-article.html");
const CMS_LIST: &str = include_str!("fixtures/portal/3cms-list.html");
const NEWS: &str = include_str!("fixtures/portal/quangtri-tin-tuc-article.html");
const EVIL: &str = include_str!("fixtures/portal/evil-article.html");
const CMS_ADDRESS: &str =
    "https://trieuco.quangtri.gov.vn/vi/chi-tiet-tin/-/view-article/1/5/1714700000000?x=1";

#[test]
fn a_liferay_article_is_read_by_its_classes() {
    let reading = read(
        HANOI,
        "https://sotttt.hanoi.gov.vn/a/b/c/tin.html",
        "sotttt-hanoi",
    );
    insta::assert_snapshot!(pretty(&reading.json()), @r#"
    {
      "attachments": [
        {
          "size": null,
          "type": "application/pdf",
          "url": "https://sotttt.hanoi.gov.vn/documents/10/tai-lieu.PDF/0a1b?version=1.0"
        }
      ],
      "author": "Ban biên tập",
      "body_html": "<p>Lớp học diễn ra trong hai ngày – tại hội trường xã.</p>\n<p><img src=\"https://sotttt.hanoi.gov.vn/documents/10/lop-hoc.jpg?t=1\" alt=\"\"></p>\n<p><em>Quang cảnh lớp học. Ảnh: Minh An</em></p>\n<p>Nội dung gồm ba phần:</p>\n<ul><li>Cài đặt</li><li>Ký văn bản</li><li>Xử lý lỗi</li></ul>\n<table><tbody><tr><td>Xã</td><td>Số người</td></tr><tr><td>Hải An</td><td>32</td></tr></tbody></table>\n<p>Tài liệu xem <a href=\"https://sotttt.hanoi.gov.vn/documents/10/tai-lieu.PDF/0a1b?version=1.0\" rel=\"noopener noreferrer\">tại đây</a>, ở đây.</p>\n<p><strong>Minh An</strong></p>",
      "body_text": "Lớp học diễn ra trong hai ngày – tại hội trường xã.\nQuang cảnh lớp học. Ảnh: Minh An\nNội dung gồm ba phần:\nCài đặt\nKý văn bản\nXử lý lỗi\nXã Số người\nHải An 32\nTài liệu xem tại đây, ở đây.\nMinh An",
      "images": [
        {
          "alt": "",
          "caption": "Quang cảnh lớp học. Ảnh: Minh An",
          "src": "https://sotttt.hanoi.gov.vn/documents/10/lop-hoc.jpg?t=1"
        }
      ],
      "is_new_portal": false,
      "key": "4200001",
      "kind": "article",
      "lead": "Sáng 5/3, hơn 60 cán bộ dự lớp tập huấn chữ ký số.",
      "portal": "sotttt-hanoi",
      "precision": "day",
      "profile": "liferay62",
      "published": "2024-03-05T00:00:00+07:00",
      "rules": {
        "author": ".view-content-author",
        "body": ".asset-full-content .journal-content-article",
        "key": "canonical link",
        "lead": ".asset-full-content p.sapo",
        "published": ".assetPublishDate",
        "section": ".dd_chuyenmuc .tintuc",
        "title": ".asset-full-content-title"
      },
      "section": "Công nghệ thông tin",
      "source": null,
      "title": "Tập huấn chữ ký số cho cán bộ xã…",
      "topics": [],
      "url": "https://sotttt.hanoi.gov.vn/vi/cong-nghe-thong-tin/-/view_content/4200001-tap-huan-chu-ky-so",
      "warnings": []
    }
    "#);
}

#[test]
fn a_liferay_list_gives_items_dates_and_the_next_page() {
    let reading = read(
        HANOI_LIST,
        "https://sotttt.hanoi.gov.vn/vi/cong-nghe-thong-tin?_101_cur=2",
        "sotttt-hanoi",
    );
    insta::assert_snapshot!(reading.text(), @r#"
    List, read with profile liferay62 of portal sotttt-hanoi
        1. Tập huấn chữ ký số cho cán bộ xã… (Thứ Ba, 05/03/2024)
           4200001 https://sotttt.hanoi.gov.vn/vi/cong-nghe-thong-tin/-/view_content/4200001-tap-huan-chu-ky-so
        2. Hội nghị tổng kết công tác năm 2023 của Sở (15:25, Thứ Năm, 29/02/2024)
           4200000 https://sotttt.hanoi.gov.vn/vi/cong-nghe-thong-tin/-/view_content/4200000-hoi-nghi
      next page: https://sotttt.hanoi.gov.vn/vi/cong-nghe-thong-tin?p_p_id=101&_101_cur=3
    "#);
}

#[test]
fn an_old_provincial_article_is_read_by_the_order_of_its_texts() {
    let reading = read(CMS, CMS_ADDRESS, "quangtri");
    insta::assert_snapshot!(pretty(&reading.json()), @r#"
    {
      "attachments": [
        {
          "size": null,
          "type": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
          "url": "https://trieuco.quangtri.gov.vn/documents/ke-hoach.docx"
        }
      ],
      "author": "BBT",
      "body_html": "<p>Sáng ngày 3/5, xã tổ chức ra quân làm thủy lợi nội đồng, nạo vét kênh mương phục vụ vụ hè thu.</p>\n<p><img src=\"https://trieuco.quangtri.gov.vn/o/3cmsnew-portlet/ViewImage?imagename=kenh.jpg\" alt=\"Kênh\"><br><i>Bà con nạo vét kênh N1</i></p>\n<p>Các tin khác nhau về lịch tưới đã được xã thống nhất với các hợp tác xã.</p>\n<p>Kế hoạch: <a href=\"https://trieuco.quangtri.gov.vn/documents/ke-hoach.docx\" rel=\"noopener noreferrer\">tải về</a>.</p>",
      "body_text": "Sáng ngày 3/5, xã tổ chức ra quân làm thủy lợi nội đồng, nạo vét kênh mương phục vụ vụ hè thu.\nBà con nạo vét kênh N1\nCác tin khác nhau về lịch tưới đã được xã thống nhất với các hợp tác xã.\nKế hoạch: tải về.",
      "images": [
        {
          "alt": "Kênh",
          "caption": "Bà con nạo vét kênh N1",
          "src": "https://trieuco.quangtri.gov.vn/o/3cmsnew-portlet/ViewImage?imagename=kenh.jpg"
        }
      ],
      "is_new_portal": false,
      "key": "1714700000000",
      "kind": "article",
      "lead": null,
      "portal": "quangtri",
      "precision": "day",
      "profile": "3cms",
      "published": "2024-05-03T00:00:00+07:00",
      "rules": {
        "author": "order: last line of the body",
        "body": "order: after the start line, up to \"Các tin khác\"",
        "key": "address",
        "published": "order: date line beside the title",
        "section": "order: breadcrumb",
        "source": "brackets that open the body",
        "title": "order: longest line between breadcrumb and body"
      },
      "section": "NÔNG NGHIỆP",
      "source": "Cổng TTĐT",
      "title": "Xã ra quân làm thủy lợi nội đồng",
      "topics": [],
      "url": "https://trieuco.quangtri.gov.vn/vi/chi-tiet-tin/-/view-article/1/5/1714700000000",
      "warnings": []
    }
    "#);
}

#[test]
fn an_old_provincial_list_shows_each_article_once() {
    let reading = read(
        CMS_LIST,
        "https://trieuco.quangtri.gov.vn/nong-nghiep",
        "quangtri",
    );
    insta::assert_snapshot!(reading.text(), @r#"
    List, read with profile 3cms of portal quangtri
        1. Xã ra quân làm thủy lợi nội đồng (Thứ Sáu, 03/05/2024)
           1714700000000 https://trieuco.quangtri.gov.vn/vi/chi-tiet-tin/-/view-article/1/9/1714700000000
        2. Tin cũ (Thứ Bảy, 13/04/2024)
           1713000000000 https://trieuco.quangtri.gov.vn/chi-tiet-tin/-/view-article/1/5/1713000000000
      next page: https://trieuco.quangtri.gov.vn/nong-nghiep?page=2
    "#);
}

#[test]
fn a_new_provincial_article_is_read_and_doubted_aloud() {
    let reading = read(
        NEWS,
        "https://www.quangtri.gov.vn/tin-tuc/khai-mac-hoi-cho",
        "quangtri",
    );
    insta::assert_snapshot!(reading.text(), @r#"
    Article, read with profile quangtri-tin-tuc of portal quangtri
      address    https://www.quangtri.gov.vn/tin-tuc/khai-mac-hoi-cho
      key        khai-mac-hoi-cho   [address]
      title      Khai mạc hội chợ công nghệ và thiết bị tỉnh Quảng Trị   [main h1]
      published  08:30, Chủ Nhật, 14/06/2026   [order: date line beside the title]
      section    Tin tức   [order: breadcrumb]
      source     -
      author     -
      lead       -
      body       4 paragraphs, 192 characters   [order: after title and date, up to "Tin liên quan"]
      picture    https://www.quangtri.gov.vn/media/hoi-cho.webp (Khách tham quan gian hàng)
      warning: profile quangtri-tin-tuc has not been tried on real pages yet: compare every field with the page

    Sáng 14/6, hội chợ công nghệ và thiết bị được khai mạc tại Đồng Hới.
    Hội chợ có 120 gian hàng của các viện, trường và doanh nghiệp.
    Khách tham quan gian hàng
    Hội chợ kéo dài đến hết ngày 17/6.
    "#);
}

#[test]
fn nothing_that_runs_leaves_a_page() {
    let found = article(
        EVIL,
        "https://sotttt.hanoi.gov.vn/vi/x/-/view_content/1-x",
        "liferay62",
    );
    insta::assert_snapshot!(found.body_html, @r#"
    <p><img src="https://sotttt.hanoi.gov.vn/vi/x/-/view_content/x" alt=""> liên kếthai</p>
    <p>&lt;script&gt;alert(1)&lt;/script&gt; &lt;img src=x onerror=alert(1)&gt; nội dung ]]&gt; �</p>
    "#);
}

#[test]
fn the_counter_and_the_clock_change_nothing() {
    let before = article(CMS, CMS_ADDRESS, "3cms");
    let later = CMS
        .replace("Lượt xem: 17", "Lượt xem: 99")
        .replace("06/05/2024", "07/05/2024")
        .replace("1.878.001", "2");
    assert_eq!(article(&later, CMS_ADDRESS, "3cms"), before);
}

#[test]
fn the_key_dates_an_old_provincial_article_that_shows_no_date() {
    let found = article(
        &CMS.replace("Ngày đăng: 03-05-2024 Lượt xem: 17", ""),
        CMS_ADDRESS,
        "3cms",
    );
    assert_eq!(found.title, "Xã ra quân làm thủy lợi nội đồng");
    assert_eq!(
        found.published.unwrap().at.to_rfc3339(),
        "2024-05-03T01:33:20+00:00"
    );
    assert_eq!(found.rules["published"], "key (Unix milliseconds)");
}

#[test]
fn an_empty_article_page_is_not_there() {
    let html = "<body><div>Trang Nhất</div><div>Chi tiết bài viết tạm thời không có.</div><div>Bản quyền thuộc Cổng</div></body>";
    let page = extract::article(html, &url(CMS_ADDRESS), &profile("3cms"), now());
    assert_eq!(page, Ok(ArticlePage::NotThere));
    assert_eq!(read(html, CMS_ADDRESS, "quangtri").page, Page::NotThere);
}

#[test]
fn breakages_are_told_apart() {
    let list = |html: &str| {
        extract::list(html, &url("https://x.example/tin-tuc"), &profile("3cms"), now()).unwrap_err()
    };
    let challenge = "<html><head><title>Just a moment...</title></head><body><script>document.cookie='D1N=1'</script></body></html>";
    assert!(matches!(list(challenge), ExtractError::Challenge { .. }));
    let cookie = "<html><body><script>document.cookie='D1N=1';location.reload()</script></body></html>";
    assert!(matches!(list(cookie), ExtractError::Challenge { .. }));
    let maintenance = "<html><head><title>Bảo trì</title></head><body>Hệ thống đang bảo trì</body></html>";
    assert!(matches!(list(maintenance), ExtractError::Maintenance { .. }));
    assert!(matches!(
        list("<form><input type=password></form>"),
        ExtractError::Login { .. }
    ));
    assert!(matches!(
        list("<p>Chưa có tin.</p>"),
        ExtractError::EmptyList { .. }
    ));
    let portals = [portal("quangtri"), portal("sotttt-hanoi")];
    let other = report::read(
        "<h2>Xin chào</h2><p>Một trang khác.</p>",
        &url("https://x.example/"),
        &portals,
        now(),
    );
    assert!(
        matches!(other, Err(ExtractError::LayoutNotRecognised { .. })),
        "{other:?}"
    );
    assert!(
        other
            .unwrap_err()
            .to_string()
            .starts_with("layout not recognised")
    );
}

#[test]
fn an_article_without_a_key_can_be_tried_but_not_kept() {
    let reading = read(CMS, "https://trieuco.quangtri.gov.vn/", "quangtri");
    assert_eq!(reading.article().unwrap().key, "");
    assert!(
        reading
            .article()
            .unwrap()
            .warnings
            .iter()
            .any(|w| w.contains("--url"))
    );
    let kept = extract::article(
        CMS,
        &url("https://trieuco.quangtri.gov.vn/"),
        &profile("3cms"),
        now(),
    );
    assert!(matches!(kept, Err(ExtractError::NoKey { .. })));
}

#[test]
fn a_deeply_nested_page_is_refused_before_it_is_parsed() {
    let deep = |depth: usize| {
        let html = format!("{}{HANOI}", "<div>".repeat(depth));
        extract::article(
            &html,
            &url("https://sotttt.hanoi.gov.vn/vi/x/-/view_content/1-x"),
            &profile("liferay62"),
            now(),
        )
    };
    assert!(matches!(
        deep(1_000_000),
        Err(ExtractError::LayoutNotRecognised { .. })
    ));
    let within = deep(900);
    assert!(!matches!(within, Err(ExtractError::NoKey { .. })), "{within:?}");
}
