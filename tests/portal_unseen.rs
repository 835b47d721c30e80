//! Pages of portals that were never seen, by what they have in common: the generic profile must not lose their articles.

use chrono::{DateTime, Utc};
use loa::domain::article::Extracted;
use loa::portal::Profile;
use loa::portal::extract::{self, ArticlePage};
use url::Url;

const TITLE: &str = "Đánh giá kết quả một năm vận hành chính quyền địa phương hai cấp";
const ADDRESS: &str = "https://xa.example/tin-tuc/danh-gia-ket-qua-mot-nam-van-hanh-chinh-quyen-30412.html";
const FIRST: &str = "Chiều 20/11, Ủy ban nhân dân tỉnh tổ chức hội nghị trực tuyến đánh giá kết quả triển khai mô hình \
    chính quyền địa phương hai cấp sau hơn một năm vận hành.";
const LAST: &str = "Hội nghị cũng thống nhất lộ trình tập huấn kỹ năng số cho toàn bộ công chức cấp xã trong quý I năm \
    sau, trước khi số hóa toàn bộ hồ sơ đất đai.";

fn now() -> DateTime<Utc> {
    "2026-11-23T08:00:00Z".parse().expect("a date")
}

fn read(html: &str, address: &str) -> Extracted {
    let url = Url::parse(address).expect("an address");
    let generic = Profile::builtin("generic").expect("compiled in");
    match extract::article(html, &url, &generic, now()) {
        Ok(ArticlePage::Article(found)) => *found,
        other => panic!("{address}: {other:?}"),
    }
}

/// A page with a heading and the inside of its body.
fn page(head: &str, heading: &str, body: &str) -> String {
    format!(
        "<html><head>{head}</head><body><div class=menu><a href='/'>Trang chủ</a></div><div class=detail>{heading}\
         <div class=meta>20/11/2026 08:30</div><div class=noidung>{body}</div></div>\
         <div class=footer>Cơ quan chủ quản: Ủy ban nhân dân xã</div></body></html>"
    )
}

#[test]
fn every_article_has_a_key_of_its_own_whatever_page_shows_it() {
    let html = page(
        "",
        &format!("<h1>{TITLE}</h1>"),
        &format!("<p>{FIRST}</p><p>{LAST}</p>"),
    );
    for (address, key) in [
        (
            "https://x.example/chi-tiet-tin?/danh-gia-ket-qua/53842117",
            "53842117",
        ),
        (
            "https://x.example/viewer.aspx?macm=1&mabb=312456",
            "viewer?macm=1&mabb=312456",
        ),
        (
            "https://x.example/NewsDetail.aspx?tabid=33&ma=1204",
            "NewsDetail?tabid=33&ma=1204",
        ),
        (
            "https://x.example/chi-tiet-tin-tuc?url=danh-gia",
            "chi-tiet-tin-tuc?url=danh-gia",
        ),
        (
            "https://x.example/index.php?option=com_content&view=article&id=142:danh-gia&catid=8&Itemid=101",
            "142",
        ),
        (
            "https://x.example/index.php?option=com_content&id=142&Itemid=101",
            "142",
        ),
        (
            "https://x.example/chi-tiet?p_p_id=a&_a_urlTitle=danh-gia-ket-qua",
            "danh-gia-ket-qua",
        ),
        (
            "https://x.example/tin-tuc/20261120/danh-gia-ket-qua",
            "danh-gia-ket-qua",
        ),
        (
            "https://x.example/trien-khai-cong-van-so-11234",
            "trien-khai-cong-van-so-11234",
        ),
        (
            "https://x.example/trien-khai-cong-van-so-1123.html",
            "trien-khai-cong-van-so-1123",
        ),
        ("https://x.example/Pages/tin.aspx?ItemID=9712", "9712"),
    ] {
        assert_eq!(read(&html, address).key, key, "{address}");
    }
}

#[test]
fn a_related_box_in_the_middle_does_not_end_the_body() {
    let inset = "<div class=related><p>Tin liên quan</p><a href='/tin-tuc/khai-mac-ky-hop-thu-bay-30001.html'>Khai mạc \
                 kỳ họp thứ bảy Hội đồng nhân dân tỉnh</a></div>";
    let body = format!("<p>{FIRST}</p>{inset}<p>{LAST}</p>");
    let found = read(&page("", &format!("<h1>{TITLE}</h1>"), &body), ADDRESS);
    assert_eq!(found.body_text, format!("{FIRST}\n{LAST}"));
}

#[test]
fn a_related_box_under_the_text_still_ends_it() {
    let body = format!(
        "<p>{FIRST}</p><p>{LAST}</p><div class=related><p>Tin liên quan</p><p>{FIRST} Một bài khác.</p></div>"
    );
    let found = read(&page("", &format!("<h1>{TITLE}</h1>"), &body), ADDRESS);
    assert_eq!(found.body_text, format!("{FIRST}\n{LAST}"));
}

#[test]
fn a_heading_broken_over_lines_is_one_title() {
    let broken = format!("<h1>{}</h1>", TITLE.replace(" vận hành", "<br>vận hành"));
    let body = format!("<p>{FIRST}</p><p>{LAST}</p>");
    let told = format!("<meta property=og:title content='{TITLE}'>");
    for head in ["", told.as_str()] {
        let found = read(&page(head, &broken, &body), ADDRESS);
        assert_eq!(found.title, TITLE, "{head}");
        assert_eq!(found.body_text, format!("{FIRST}\n{LAST}"), "{head}");
    }
}

#[test]
fn a_heading_that_leads_home_is_the_site_not_the_article() {
    let site = "Cổng thông tin điện tử Ủy ban nhân dân xã Ví Dụ";
    let heading = format!("<h1><a href='/'>{site}</a></h1><div class=tieude>{TITLE}</div>");
    let body = format!("<p>{FIRST}</p><p>{LAST}</p>");
    let html = page(&format!("<title>{site}</title>"), &heading, &body);
    assert_eq!(read(&html, ADDRESS).title, TITLE);
}

#[test]
fn the_heading_of_other_articles_signs_no_text() {
    for heading in [
        "Các tin đã đăng",
        "Tin cùng loại",
        "Tin tức khác",
        "Văn bản liên quan",
    ] {
        let body = format!(
            "<p>{FIRST}</p><p>{LAST}</p><p><b>{heading}</b></p><ul><li><a href='/tin-tuc/khai-mac-ky-hop-30001.html'>Khai \
             mạc kỳ họp thứ bảy Hội đồng nhân dân tỉnh</a></li></ul>"
        );
        let found = read(&page("", &format!("<h1>{TITLE}</h1>"), &body), ADDRESS);
        assert_eq!(found.author, None, "{heading}");
        assert_eq!(found.body_text, format!("{FIRST}\n{LAST}"), "{heading}");
    }
}

#[test]
fn a_picture_s_description_is_no_lead() {
    let figure = "<figure><img src='/a.jpg'><figcaption itemprop=description>Quang cảnh hội nghị trực tuyến tại trụ sở \
                  Ủy ban nhân dân tỉnh</figcaption></figure>";
    let body = format!("<p>{FIRST}</p>{figure}<p>{LAST}</p>");
    let found = read(&page("", &format!("<h1>{TITLE}</h1>"), &body), ADDRESS);
    assert_eq!(found.lead, None);
    assert!(
        found.images.iter().any(|image| {
            let caption = image.caption.as_deref().unwrap_or_default();
            caption.starts_with("Quang cảnh")
        }),
        "{:?}",
        found.images
    );
}
