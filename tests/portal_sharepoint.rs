//! SharePoint portals, by pages written for these tests: by what class names are made of, and by the order of texts.

use chrono::{DateTime, Utc};
use loa::domain::article::Extracted;
use loa::portal::Profile;
use loa::portal::extract::{self, ArticlePage};
use url::Url;

fn now() -> DateTime<Utc> {
    "2026-05-23T08:00:00+07:00".parse().expect("a date")
}

fn profile() -> Profile {
    Profile::builtin("sharepoint").expect("compiled in")
}

fn article(html: &str, address: &str) -> Extracted {
    let url = Url::parse(address).expect("an address");
    match extract::article(html, &url, &profile(), now()) {
        Ok(ArticlePage::Article(found)) => *found,
        other => panic!("{other:?}"),
    }
}

/// The fields, a line each.
fn shown(found: &Extracted) -> String {
    let published = found.published.map(|p| p.at.to_rfc3339()).unwrap_or_default();
    format!(
        "{} {}\n{}\n{published}\nsection {:?}\nsource {:?}\nlead {:?}\nauthor {:?}\n{}\nimages {:?}\nfiles {:?}\n{:?}",
        found.key,
        found.url,
        found.title,
        found.section,
        found.source,
        found.lead,
        found.author,
        found.body_text,
        found
            .images
            .iter()
            .map(|i| (&i.src, &i.caption))
            .collect::<Vec<_>>(),
        found.attachments.iter().map(|a| &a.url).collect::<Vec<_>>(),
        found.warnings,
    )
}

#[test]
fn no_generated_id_is_selected() {
    let text = include_str!("../config/portals/profiles/sharepoint.toml");
    assert!(!text.contains("ctl00") && !text.contains("[id") && !text.contains("\"#"));
    assert!(!profile().proven);
}

#[test]
fn a_list_gives_each_number_once_with_the_address_that_holds_it() {
    let url = Url::parse("https://so.example/tin-tuc/Pages/default.aspx").unwrap();
    let list = extract::list(
        include_str!("fixtures/portal/sharepoint-list.html"),
        &url,
        &profile(),
        now(),
    )
    .unwrap();
    let items: Vec<_> = list
        .items
        .iter()
        .map(|i| (i.key.as_str(), i.url.as_str(), i.title.as_str()))
        .collect();
    insta::assert_debug_snapshot!(items, @r#"
    [
        (
            "2051",
            "https://so.example/tin-tuc/Pages/chitiettin.aspx?IDNews=2051",
            "Kiểm tra công tác phòng cháy rừng mùa khô tại ba huyện miền núi",
        ),
        (
            "2050",
            "https://so.example/tin-tuc/Pages/ChiTietTin.aspx?IDNews=2050",
            "Tập huấn nuôi tôm nước lợ",
        ),
    ]
    "#);
    assert!(list.items.iter().all(|i| i.published.is_some()));
    assert_eq!(
        list.next.unwrap().as_str(),
        "https://so.example/tin-tuc/Pages/default.aspx?page=2"
    );
}

#[test]
fn an_article_is_read_by_the_words_in_its_class_names() {
    let found = article(
        include_str!("fixtures/portal/sharepoint-article.html"),
        "https://so.example/tin-tuc/Pages/chitiettin.aspx?CateID=4&idnews=2051",
    );
    insta::assert_snapshot!(shown(&found), @r#"
    2051 https://so.example/tin-tuc/Pages/chitiettin.aspx?IDNews=2051
    Kiểm tra công tác phòng cháy rừng mùa khô tại ba huyện miền núi
    2026-05-12T01:15:00+00:00
    section Some("Tin hoạt động")
    source Some("Cổng TTĐT")
    lead Some("Đoàn công tác của Sở kiểm tra các trạm bảo vệ rừng.")
    author Some("Lê Thị Bình")
    Ngày 12/5, đoàn kiểm tra năm trạm bảo vệ rừng.
    Cán bộ trạm tuần tra
    Văn bản: Công văn 12.
    images [("https://so.example/PublishingImages/rung.jpg", Some("Cán bộ trạm tuần tra"))]
    files ["https://so.example/VanBan/Cong%20van%2012.pdf"]
    ["profile sharepoint has not been tried on real pages yet: compare every field with the page"]
    "#);
}

#[test]
fn an_article_without_telling_names_is_read_by_the_order_of_its_texts() {
    let found = article(
        include_str!("fixtures/portal/sharepoint-order.html"),
        "https://so.example/Pages/ChiTietTinTuc.aspx?nid=41",
    );
    insta::assert_snapshot!(shown(&found), @r#"
    41 https://so.example/Pages/ChiTietTinTuc.aspx?nid=41
    Hội thảo ứng dụng viễn thám trong quản lý đất lúa
    2026-05-22T07:05:00+00:00
    section Some("Khoa học")
    source None
    lead None
    author Some("Trần Văn Minh")
    Chiều 22/5, hội thảo có 60 đại biểu của các viện, trường tham dự.
    Các tham luận nêu cách đọc ảnh vệ tinh từng vụ lúa.
    images []
    files []
    ["profile sharepoint has not been tried on real pages yet: compare every field with the page"]
    "#);
}
