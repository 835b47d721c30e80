//! Portals that nobody has written a profile for: articles and lists of several families, and pages that are neither.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use loa::domain::article::{Extracted, Precision};
use loa::portal::extract::{self, ArticlePage, ExtractError, ListPage};
use loa::portal::report::{self, Reading};
use loa::portal::{Portal, Profile};
use url::Url;

const WORDPRESS: &str = include_str!("fixtures/portal/generic/wordpress-article.html");
const WORDPRESS_LIST: &str = include_str!("fixtures/portal/generic/wordpress-list.html");
const WORDPRESS_URL: &str =
    "https://congan.vidu.gov.vn/2026/03/05/ra-mat-to-cong-nghe-so-cong-dong-tai-muoi-hai-thon/";
const NUKEVIET: &str = include_str!("fixtures/portal/generic/nukeviet-article.html");
const NUKEVIET_URL: &str =
    "https://xavidu.gov.vn/vi/news/tin-hoat-dong/xa-vi-du-to-chuc-ngay-hoi-doc-sach-1087.html";
const VCCORP: &str = include_str!("fixtures/portal/generic/vccorp-article.html");
const VCCORP_URL: &str =
    "https://bao.example/nghien-cuu-giong-lua-chiu-man-cho-vung-ven-bien-102260518140512345.htm";
const SHAREPOINT: &str = include_str!("fixtures/portal/generic/sharepoint-article.html");
const SHAREPOINT_LIST: &str = include_str!("fixtures/portal/generic/sharepoint-list.html");
const SHAREPOINT_URL: &str = "https://so.vidu.gov.vn/Pages/ChiTietTin.aspx?ItemID=318";

fn now() -> DateTime<Utc> {
    "2026-11-23T08:00:00Z".parse().expect("a date")
}

fn url(text: &str) -> Url {
    Url::parse(text).expect("an address")
}

fn generic() -> Profile {
    Profile::builtin("generic").expect("compiled in")
}

fn article(html: &str, address: &str) -> Extracted {
    match extract::article(html, &url(address), &generic(), now()) {
        Ok(ArticlePage::Article(found)) => *found,
        other => panic!("{address}: {other:?}"),
    }
}

fn list(html: &str, address: &str) -> ListPage {
    extract::list(html, &url(address), &generic(), now()).expect("a list")
}

fn keys(list: &ListPage) -> Vec<&str> {
    list.items.iter().map(|item| item.key.as_str()).collect()
}

fn tried(html: &str, address: &str) -> Reading {
    report::read_new(html, &url(address), now()).expect("a page that can be read")
}

/// The article's fields as one text, rules included.
fn told(found: &Extracted) -> String {
    let published = found
        .published
        .map(|p| format!("{} {}", p.at.to_rfc3339(), p.precision.as_str()));
    let rule = |field: &str| found.rules.get(field).map_or("", String::as_str).to_owned();
    let rules = ["title", "published", "lead", "author", "section", "body"];
    let mut out = vec![format!("{} | {} | {published:?}", found.key, found.title)];
    out.extend(rules.iter().map(|field| format!("{field}: {}", rule(field))));
    out.push(format!(
        "{:?} | {:?} | {:?}",
        found.lead, found.author, found.section
    ));
    out.push(found.body_text.clone());
    let pictures = found.images.iter();
    out.extend(pictures.map(|image| format!("picture {} {:?}", image.src, image.caption)));
    let files = found.attachments.iter();
    out.extend(files.map(|file| format!("file {} {:?}", file.url, file.media_type)));
    out.push(format!("{:?}", found.warnings));
    out.join("\n")
}

#[test]
fn a_wordpress_article_is_read_by_its_json_ld_and_headings() {
    insta::assert_snapshot!(told(&article(WORDPRESS, WORDPRESS_URL)), @r#"
    ra-mat-to-cong-nghe-so-cong-dong-tai-muoi-hai-thon | Ra mắt tổ công nghệ số cộng đồng tại mười hai thôn | Some("2026-03-05T02:41:07+00:00 minute")
    title: JSON-LD headline, the metadata's title, <title>, address, h1, class
    published: JSON-LD datePublished
    lead: 
    author: 
    section: JSON-LD articleSection
    body: most of the prose behind the title: div.entry-content
    None | None | Some("Tin địa phương")
    Sáng 5/3, lực lượng công an xã phối hợp với Đoàn thanh niên ra mắt tổ công nghệ số cộng đồng tại mười hai thôn trên địa bàn, mỗi tổ có năm thành viên là người trẻ am hiểu về điện thoại thông minh.
    Các thành viên nhận quyết định thành lập tổ
    Các tổ đến từng nhà hướng dẫn người dân cài đặt ứng dụng định danh điện tử, nộp hồ sơ dịch vụ công trực tuyến và nhận biết các thủ đoạn lừa đảo qua mạng.
    Hỗ trợ người cao tuổi trước tiên
    Trong tháng đầu, các tổ ưu tiên hỗ trợ người cao tuổi, người khuyết tật và hộ ở xa trung tâm xã. Kế hoạch chi tiết ở Kế hoạch số 12 (PDF).
    picture https://congan.vidu.gov.vn/wp-content/uploads/2026/03/ra-mat.jpg Some("Các thành viên nhận quyết định thành lập tổ")
    file https://congan.vidu.gov.vn/wp-content/uploads/2026/03/ke-hoach-12.pdf Some("application/pdf")
    []
    "#);
}

#[test]
fn a_nukeviet_article_is_read_by_its_microdata() {
    insta::assert_snapshot!(told(&article(NUKEVIET, NUKEVIET_URL)), @r#"
    1087 | Xã Ví Dụ tổ chức ngày hội đọc sách | Some("2026-04-21T02:15:00+00:00 minute")
    title: og:title, the metadata's title, <title>, address, h1, itemprop headline, class, above the date
    published: itemprop datePublished
    lead: class or property of a lead
    author: line "Tác giả"
    section: breadcrumb
    body: most of the prose behind the title: div#news-bodyhtml
    Some("Hưởng ứng Ngày Sách và Văn hóa đọc Việt Nam, sáng 21/4, xã tổ chức ngày hội đọc sách cho học sinh ba trường trên địa bàn.") | Some("Trần Thị Mai") | Some("Tin hoạt động")
    Hơn năm trăm học sinh mang theo sách của mình để đổi lấy sách khác tại các gian trưng bày do giáo viên và phụ huynh dựng lên trong sân trường.
    Học sinh đổi sách trong sân trường. Ảnh: Văn phòng xã
    Thư viện xã tặng mỗi lớp một tủ sách nhỏ, gồm ba mươi đầu sách về lịch sử địa phương, khoa học thường thức và kỹ năng sống.
    Theo kế hoạch, ngày hội được tổ chức mỗi năm hai lần, vào tháng tư và tháng mười.
    picture https://xavidu.gov.vn/uploads/news/2026_04/ngay-hoi.jpg Some("Học sinh đổi sách trong sân trường. Ảnh: Văn phòng xã")
    []
    "#);
}

#[test]
fn a_vccorp_article_is_read_by_its_json_ld_and_its_related_box_is_left_out() {
    insta::assert_snapshot!(told(&article(VCCORP, VCCORP_URL)), @r#"
    102260518140512345 | Nghiên cứu giống lúa chịu mặn cho vùng ven biển | Some("2026-05-18T07:05:00+00:00 minute")
    title: JSON-LD headline, the metadata's title, <title>, address, h1, class, above the date
    published: JSON-LD datePublished
    lead: class or property of a lead
    author: class or property of an author
    section: 
    body: most of the prose behind the title: div.afcbc-body
    Some("Sau sáu năm, nhóm nghiên cứu đã chọn được ba dòng lúa chịu mặn, cho năng suất ổn định trên đất nhiễm mặn ven biển.") | Some("Hoàng Nam") | None
    Ruộng thử nghiệm ở vùng ven biển. Ảnh: Hoàng Nam
    Nhóm nghiên cứu gồm các nhà khoa học của ba viện đã lai tạo giống lúa địa phương với dòng chịu mặn, rồi chọn lọc qua mười hai vụ liên tiếp.
    Ở nồng độ muối bốn phần nghìn, ba dòng lúa mới vẫn cho năng suất trên năm tấn một héc-ta, trong khi giống đối chứng gần như mất trắng.
    Bộ Khoa học và Công nghệ dự kiến nghiệm thu đề tài trong quý ba, sau đó chuyển giao giống cho các hợp tác xã.
    picture https://anh.example/lua.jpg Some("Ruộng thử nghiệm ở vùng ven biển. Ảnh: Hoàng Nam")
    []
    "#);
}

#[test]
fn an_article_in_layout_tables_is_read_by_where_its_parts_stand() {
    insta::assert_snapshot!(told(&article(SHAREPOINT, SHAREPOINT_URL)), @r#"
    318 | Kết quả kiểm tra đo lường chất lượng xăng dầu quý II | Some("2026-07-14T08:18:29+00:00 minute")
    title: class, above the date
    published: date line beside the title
    lead: 
    author: 
    section: 
    body: most of the prose behind the title: div#ctl00_m_g_1a_body
    None | None | None
    Từ ngày 01 đến ngày 30 tháng 6, đoàn kiểm tra liên ngành đã kiểm tra bốn mươi sáu cửa hàng kinh doanh xăng dầu trên địa bàn tỉnh.
    Kết quả, bốn mươi lăm cửa hàng có phương tiện đo đạt yêu cầu; một cửa hàng bị lập biên bản vì cột đo quá hạn kiểm định.
    Huyện Số cửa hàng
    Cam Ví 21
    Hải Dụ 25
    Danh sách chi tiết xem tại tệp đính kèm.
    file https://so.vidu.gov.vn/vanban/Lists/danhsach.xlsx Some("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    ["the title was found by its place and look alone: compare it with the page"]
    "#);
}

#[test]
fn lists_give_their_articles_and_no_menu_and_no_sidebar() {
    let wordpress = list(WORDPRESS_LIST, "https://congan.vidu.gov.vn/tin-dia-phuong/");
    assert_eq!(
        keys(&wordpress),
        [
            "ra-mat-to-cong-nghe-so-cong-dong-tai-muoi-hai-thon",
            "bai-truoc-do-ve-an-toan-giao-thong",
            "tuyen-truyen-phong-chong-lua-dao",
        ]
    );
    assert_eq!(
        wordpress.items[0].title,
        "Ra mắt tổ công nghệ số cộng đồng tại mười hai thôn"
    );
    assert!(wordpress.items.iter().all(|item| item.published.is_some()));
    assert_eq!(
        wordpress.next,
        Some(url("https://congan.vidu.gov.vn/tin-dia-phuong/page/2/"))
    );

    let sharepoint = list(
        SHAREPOINT_LIST,
        "https://so.vidu.gov.vn/Pages/tintuc.aspx?CateID=4",
    );
    assert_eq!(keys(&sharepoint), ["318", "317", "316"]);
    assert_eq!(
        sharepoint.items[0].url,
        url("https://so.vidu.gov.vn/Pages/ChiTietTin.aspx?ItemID=318&CateID=4")
    );
    assert!(sharepoint.items.iter().all(|item| item.published.is_some()));
    assert_eq!(
        sharepoint.next,
        Some(url("https://so.vidu.gov.vn/Pages/tintuc.aspx?CateID=4&Page=2"))
    );
}

#[test]
fn a_key_is_the_number_that_outlives_the_title_and_else_the_slug() {
    let key = |address: &str| article(WORDPRESS, address).key;
    for (address, expected) in [
        ("https://x.example/tin-tuc/ten-bai-viet-dai-123456.html", "123456"),
        ("https://x.example/tin-tuc/ten-moi-cua-bai-123456.html", "123456"),
        ("https://x.example/vi/-/view_content/4418033-ten-bai", "4418033"),
        (
            "https://x.example/ten-bai-102260518140512345.htm",
            "102260518140512345",
        ),
        ("https://x.example/node/51234", "51234"),
        ("https://x.example/xem.aspx?IDNews=77&CateID=3", "77"),
        ("https://x.example/?p=4711", "4711"),
        // A year, and the number of a decree, are parts of a title.
        ("https://x.example/ke-hoach-nam-2026.html", "ke-hoach-nam-2026"),
        ("https://x.example/quyet-dinh-so-1234/", "quyet-dinh-so-1234"),
        ("https://x.example/2026/03/05/ten-bai/", "ten-bai"),
        // A date is shared by all articles of a day, and a page that shows any article is told by its query.
        ("https://x.example/hop-bao-20260512.html", "hop-bao-20260512"),
        (
            "https://x.example/20260512/hop-bao-thuong-ky.html",
            "hop-bao-thuong-ky",
        ),
        ("https://x.example/xem.php?ma=a5&utm_source=x", "xem?ma=a5"),
        ("https://x.example/ten-bai-viet-dai?cate=3", "ten-bai-viet-dai"),
    ] {
        assert_eq!(key(address), expected, "{address}");
    }
}

#[test]
fn a_page_that_is_no_article_is_not_made_one() {
    let shell = |title: &str, inner: &str| {
        format!(
            "<html><head><title>{title}</title></head><body><header><div>Thứ hai, 23/11/2026</div><nav><a href='/'>Trang chủ</a>\
             <a href='/tin-tuc'>Tin tức</a></nav></header><main>{inner}</main><footer>© Bản quyền thuộc Sở Ví Dụ. Địa chỉ: số 1 \
             đường Trần Phú, thành phố Ví Dụ. Điện thoại: 000 000. Thư điện tử: so@vidu.example.</footer></body></html>"
        )
    };
    let contact = shell(
        "Liên hệ - Sở Ví Dụ",
        "<h1>Liên hệ</h1><p>Mọi ý kiến xin gửi về Văn phòng Sở Ví Dụ, số 1 đường Trần Phú, hoặc gọi số điện thoại dưới đây \
         trong giờ hành chính, từ thứ hai đến thứ sáu hằng tuần.</p>",
    );
    let about = shell(
        "Giới thiệu chung - Sở Ví Dụ",
        "<h1>Chức năng và nhiệm vụ của Sở</h1><p>Sở là cơ quan chuyên môn, tham mưu quản lý nhà nước về khoa học và công nghệ.</p>",
    );
    let lost = shell(
        "Không tìm thấy trang - Sở Ví Dụ",
        "<h1>Không tìm thấy trang</h1><p>Trang mà bạn tìm không có.</p><ul><li><a href='/tin/bai-so-mot-hai-ba-10001.html'>Hội \
         nghị tổng kết công tác của ngành</a> (20/11/2026)</li></ul>",
    );
    for (html, address) in [
        (contact.as_str(), "https://so.vidu.gov.vn/lien-he.html"),
        (&about, "https://so.vidu.gov.vn/gioi-thieu-chung.html"),
        (&lost, "https://so.vidu.gov.vn/tin/bai-da-mat-10002.html"),
        (WORDPRESS_LIST, "https://congan.vidu.gov.vn/tin-dia-phuong/"),
        (
            SHAREPOINT_LIST,
            "https://so.vidu.gov.vn/Pages/tintuc.aspx?CateID=4",
        ),
    ] {
        let read = extract::article(html, &url(address), &generic(), now());
        assert!(
            matches!(read, Err(ExtractError::LayoutNotRecognised { .. })),
            "{address}: {read:?}"
        );
    }
    let challenge =
        "<html><head><title>Just a moment...</title></head><body><p>Checking your browser</p></body></html>";
    let read = extract::article(challenge, &url(VCCORP_URL), &generic(), now());
    assert!(matches!(read, Err(ExtractError::Challenge { .. })), "{read:?}");
    let gone = shell(
        "Chi tiết tin - Sở Ví Dụ",
        "<div>Chi tiết bài viết tạm thời không có.</div>",
    );
    let read = extract::article(&gone, &url(NUKEVIET_URL), &generic(), now());
    assert_eq!(read, Ok(ArticlePage::NotThere));
}

#[test]
fn a_date_that_metadata_and_page_tell_differently_is_a_warning() {
    let odd = VCCORP.replace(">18/05/2026 14:05<", ">19/05/2026 14:05<");
    let found = article(&odd, VCCORP_URL);
    assert!(
        found.warnings.iter().any(|w| w.contains("2026-05-19")),
        "{:?}",
        found.warnings
    );
    // Midnight in metadata is a date without a time: the page knows better.
    let midnight = VCCORP.replace("2026-05-18T14:05:00+07:00", "2026-05-18T00:00:00+07:00");
    let published = article(&midnight, VCCORP_URL).published.unwrap();
    assert_eq!(
        (published.at, published.precision),
        ("2026-05-18T07:05:00Z".parse().unwrap(), Precision::Minute)
    );
}

#[test]
fn a_page_that_a_script_draws_is_read_from_its_json_ld_as_plain_text() {
    let html = r#"<html><head><title>Cổng</title><script type="application/ld+json">{"@type":"NewsArticle","headline":"Nghiệm thu đề tài về nấm",
        "datePublished":"2026-05-18T14:05:00+07:00","articleBody":"Hội đồng <b>đã</b> họp.\nĐề tài đạt loại khá."}</script></head><body><div id="root"></div></body></html>"#;
    let found = article(html, "https://x.example/nghiem-thu-de-tai-ve-nam-12345.html");
    assert_eq!(found.title, "Nghiệm thu đề tài về nấm");
    assert_eq!(
        found.body_html,
        "<p>Hội đồng &lt;b&gt;đã&lt;/b&gt; họp.</p><p>Đề tài đạt loại khá.</p>"
    );
    assert!(found.warnings.iter().any(|w| w.contains("JSON-LD")));
}

#[test]
fn a_portal_without_a_profile_gets_the_generic_one_and_it_stands_last_where_others_are_named() {
    let file = |profile: &str| {
        format!(
            "id = \"xa\"\nname = \"Xã\"\nbase_url = \"https://xa.example/\"\nauthority = \"xa.example\"\nyear = 2026\n{profile}\n\
             [[section]]\nslug = \"tin\"\ntitle = \"Tin\"\npath = \"/tin\"\nschedule = \"0 */15 * * * *\"\n"
        )
    };
    let names = |text: &str| {
        let portal = Portal::from_toml(text).unwrap();
        let profiles = &portal.sections[0].profiles;
        profiles.iter().map(|p| p.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(&file("")), ["generic"]);
    assert_eq!(
        names(&file("profile = [\"3cms\", \"generic\"]")),
        ["3cms", "generic"]
    );
}

#[test]
fn trying_a_new_portals_list_prints_a_file_that_a_poll_can_use() {
    let reading = tried(
        WORDPRESS_LIST,
        "https://congan.vidu.gov.vn/tin-dia-phuong/?page=1&utm_source=x",
    );
    let file = reading.starter.clone().expect("a portal's file");
    insta::assert_snapshot!(file, @r#"
    id = "congan-vidu"
    name = "Công an tỉnh Ví Dụ"
    base_url = "https://congan.vidu.gov.vn/"
    authority = "congan.vidu.gov.vn"
    year = 2026
    profile = "generic"

    [[section]]
    slug = "tin-dia-phuong"
    title = "Tin địa phương"
    path = "/tin-dia-phuong/"
    schedule = "0 */15 * * * *"
    "#);
    let portal = Portal::from_toml(&file).unwrap();
    assert_eq!(
        portal.section_url(&portal.sections[0]),
        url("https://congan.vidu.gov.vn/tin-dia-phuong/")
    );
    let text = reading.text();
    assert!(
        text.starts_with("List, at an address of no configured portal"),
        "{text}"
    );
    for line in file.lines() {
        assert!(text.lines().any(|l| l == line), "{line} in {text}");
    }
    assert!(text.contains("LOA__PORTALS=congan-vidu.toml loa check"), "{text}");
    assert_eq!(reading.json()["starter"], file.as_str());
    assert_eq!(reading.json()["kind"], "list");

    // A profile that has seen no real page is not relied upon alone; a section's first page is the list's.
    let other = tried(
        SHAREPOINT_LIST,
        "https://so.vidu.gov.vn/Pages/tintuc.aspx?CateID=4&Page=3",
    );
    let portal = Portal::from_toml(&other.starter.unwrap()).unwrap();
    let names: Vec<&str> = portal.profiles.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["sharepoint", "generic"]);
    assert_eq!(portal.name, "Trang thông tin điện tử Sở Ví Dụ");
    assert_eq!(portal.sections[0].title, "Tin tức");
    assert_eq!(portal.sections[0].path, "/Pages/tintuc.aspx?CateID=4");
}

#[test]
fn trying_a_new_portals_article_says_which_profile_fitted() {
    for (html, address, profile) in [
        (NUKEVIET, NUKEVIET_URL, "nukeviet4"),
        (VCCORP, VCCORP_URL, "vccorp"),
        (WORDPRESS, WORDPRESS_URL, "generic"),
    ] {
        let reading = tried(html, address);
        assert_eq!(reading.profile, profile);
        assert!(reading.is_new && reading.starter.is_none());
        assert_eq!(reading.json()["kind"], "article");
        assert_eq!(reading.json()["is_new_portal"], true);
    }
    let file = tried(WORDPRESS, WORDPRESS_URL).text();
    assert!(file.contains("ke-hoach-12.pdf (application/pdf)"), "{file}");
}

#[test]
fn trying_an_article_shows_the_pages_words_and_names_what_a_poll_will_mend() {
    let broken = NUKEVIET
        .replace("Xã Ví Dụ tổ chức", "Xã TTamp;TT tổ chức")
        .replace("Hơn năm trăm", "ldquo;Hơn năm trămrdquo;");
    let reading = tried(&broken, NUKEVIET_URL);
    let found = reading.article().unwrap();
    assert_eq!(found.title, "Xã TTamp;TT tổ chức ngày hội đọc sách");
    assert!(found.body_text.starts_with("ldquo;Hơn năm trămrdquo; học sinh"));
    let warning = found.warnings.iter().find(|w| w.contains("lost their ampersand"));
    assert!(warning.unwrap().starts_with("title, body: "), "{warning:?}");
    assert!(reading.text().contains("mended when the article is stored"));
    let whole = tried(NUKEVIET, NUKEVIET_URL);
    assert!(!whole.text().contains("ampersand"));
}

#[test]
fn a_hostile_page_is_no_article_and_is_refused_in_time() {
    let many = |piece: &str, count: usize| piece.repeat(count);
    for html in [
        format!("<title>{}</title>", many("Một - ", 5_000)),
        many("<div class='share related'><p>12/03/2026</p>", 1_000),
        many(
            "<a href='/tin/bai-viet-hay-12345.html'>Một bài viết hay và dài</a>",
            4_000,
        ),
        many(
            "<p class='sapo author title content'>Ngày 12/03/2026 có một đoạn văn ở đây, dài vừa phải.</p>",
            2_000,
        ),
        format!(
            "<script type='application/ld+json'>{}</script>",
            many("[", 20_000)
        ),
    ] {
        let address = url("https://x.example/tin/bai-viet-hay-12346.html");
        let read = extract::article(&html, &address, &generic(), now());
        assert!(read.is_err(), "{read:?}");
        let items = extract::list(&html, &address, &generic(), now()).map(|list| list.items.len());
        assert!(items.is_err() || items == Ok(1), "{items:?}");
    }
}

mod corpus {
    use super::*;
    use crate::portal_corpus::{Gold, mean, shared, token_f1};

    #[test]
    fn real_articles_are_read_without_a_profile() {
        let Some(corpus) = shared("corpus/hanoi") else {
            return;
        };
        let text = std::fs::read_to_string(corpus.join("gold.json")).unwrap();
        let gold: HashMap<String, Gold> = serde_json::from_str(&text).unwrap();
        let (mut titles, mut dates, mut leads, mut bodies) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (key, gold) in &gold {
            let html = std::fs::read_to_string(corpus.join(format!("article/{key}.html"))).unwrap();
            let address = url("https://sotttt.hanoi.gov.vn").join(&gold.path).unwrap();
            let found = article(&html, address.as_str());
            assert_eq!(found.key, *key);
            let is_same_date = found
                .published
                .is_some_and(|p| p.at == gold.published && p.precision.as_str() == gold.precision);
            titles.push(f64::from(u8::from(found.title == gold.title)));
            dates.push(f64::from(u8::from(is_same_date)));
            let lead = found.lead.as_deref().unwrap_or_default();
            leads.push(f64::from(u8::from(lead == gold.lead)));
            let body = gold
                .body
                .trim_end()
                .strip_suffix(gold.author.as_str())
                .unwrap_or(&gold.body);
            let score = token_f1(&found.body_text, body).max(token_f1(&found.body_text, &gold.body));
            assert!(score >= 0.9, "{key}: {score}");
            bodies.push(score);
        }
        let (title, date, body) = (mean(&titles), mean(&dates), mean(&bodies));
        let lead = mean(&leads);
        println!(
            "{} articles: title {title:.4} date {date:.4} lead {lead:.4} body F1 {body:.4}",
            gold.len()
        );
        assert!(title >= 0.95 && date >= 0.95, "title {title} date {date}");
        // Four leads say `&amp;hellip;` and the like in the gold, one is marked as a lead within the body.
        assert!(lead >= 0.975, "{lead}");
        assert!(body >= 0.98, "{body}");
    }

    #[test]
    fn real_lists_give_their_items_without_a_profile() {
        let Some(corpus) = shared("corpus/hanoi") else {
            return;
        };
        let known = Profile::builtin("liferay62").unwrap();
        for page in 1..=25 {
            let html = std::fs::read_to_string(corpus.join(format!("list/{page:03}.html"))).unwrap();
            let address = format!("https://sotttt.hanoi.gov.vn/vi/cong-nghe-thong-tin?_101_cur={page}");
            let expected = extract::list(&html, &url(&address), &known, now()).unwrap();
            assert_eq!(list(&html, &address), expected, "page {page}");
            assert_eq!(
                expected.items.len(),
                if page == 25 { 3 } else { 10 },
                "page {page}"
            );
            assert_eq!(expected.next.is_some(), page < 25, "page {page}");
            let read = extract::article(&html, &url(&address), &generic(), now());
            assert!(read.is_err(), "page {page} is no article: {read:?}");
        }
    }
}
