//! Pages that nobody has written a profile for and that are easily misread: clocks, deadlines and other articles' dates;
//! notices, forms and lists that look like articles.

use chrono::{DateTime, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;
use loa::domain::article::Extracted;
use loa::portal::Profile;
use loa::portal::extract::{self, ArticlePage, ExtractError, ListPage};
use url::Url;

const TITLE: &str = "Đánh giá kết quả một năm vận hành chính quyền địa phương hai cấp";
const ADDRESS: &str = "https://vidu.gov.vn/tin-tuc/danh-gia-ket-qua-mot-nam-van-hanh-30999.html";
const PROSE: &str = "<p>Chiều nay, Thường trực Ủy ban nhân dân tỉnh tổ chức hội nghị trực tuyến đánh giá kết quả triển khai mô hình chính quyền địa phương hai cấp sau hơn một năm vận hành.</p>
<p>Báo cáo tại hội nghị, Giám đốc Sở Nội vụ cho biết toàn bộ đơn vị hành chính cấp xã đã kiện toàn tổ chức bộ máy, bố trí đủ cán bộ chuyên trách và đưa trung tâm phục vụ hành chính công vào hoạt động ổn định.</p>
<p>Trong mười tháng, toàn tỉnh tiếp nhận hơn bốn trăm nghìn hồ sơ thủ tục hành chính, trong đó hồ sơ nộp trực tuyến toàn trình chiếm phần lớn, nhất là ở các phường trung tâm.</p>";
const OTHERS: &[&str] = &[
    "Khai mạc kỳ họp thứ bảy Hội đồng nhân dân tỉnh",
    "Triển khai chiến dịch trồng một triệu cây xanh",
    "Công bố quy hoạch khu công nghiệp phía tây",
    "Tập huấn nghiệp vụ chuyển đổi số cho cán bộ xã",
    "Kiểm tra công tác phòng chống cháy rừng mùa khô",
];

fn now() -> DateTime<Utc> {
    "2026-11-24T00:30:00Z".parse().expect("a date")
}

fn url(text: &str) -> Url {
    Url::parse(text).expect("an address")
}

fn generic() -> Profile {
    Profile::builtin("generic").expect("compiled in")
}

fn page(body: &str) -> String {
    format!("<!DOCTYPE html><html><head><title>{TITLE}</title></head><body>{body}</body></html>")
}

fn read(html: &str) -> Result<ArticlePage, ExtractError> {
    extract::article(html, &url(ADDRESS), &generic(), now())
}

fn article(html: &str) -> Extracted {
    match read(html) {
        Ok(ArticlePage::Article(found)) => *found,
        other => panic!("{html}: {other:?}"),
    }
}

fn day(found: &Extracted) -> Option<String> {
    let published = found.published?;
    let local = published.at.with_timezone(&Ho_Chi_Minh);
    Some(local.format("%Y-%m-%d").to_string())
}

fn list(html: &str) -> ListPage {
    let address = url("https://vidu.gov.vn/tin-tuc");
    extract::list(html, &address, &generic(), now()).expect("a list")
}

fn href(at: usize) -> String {
    format!("/tin-tuc/tin-so-muc-{}.html", 30400 + at)
}

#[test]
fn the_sites_clock_right_above_the_title_is_no_date_of_publication() {
    for clock in ["Thứ Ba, 24/11/2026 07:25:11", "Thứ Ba, 24/11/2026"] {
        let html = page(&format!(
            "<div class=hd>{clock}</div><div class=c><h1>{TITLE}</h1><div>{PROSE}</div></div>"
        ));
        assert_eq!(day(&article(&html)), None, "{clock}");
        let html = page(&format!(
            "<div><ul class=menu><li><a href=/>Trang chủ</a></li></ul><div>{clock}</div><h1>{TITLE}</h1>{PROSE}</div>"
        ));
        assert_eq!(day(&article(&html)), None, "{clock} below a menu");
    }
    let own = page(&format!(
        "<div class=c><p>24/11/2026</p><h1>{TITLE}</h1><div>{PROSE}</div></div>"
    ));
    assert_eq!(
        day(&article(&own)).as_deref(),
        Some("2026-11-24"),
        "in the article's own box"
    );
    let yesterday = page(&format!(
        "<div>23/11/2026</div><div><h1>{TITLE}</h1>{PROSE}</div>"
    ));
    assert_eq!(
        day(&article(&yesterday)).as_deref(),
        Some("2026-11-23"),
        "no clock is a day late"
    );
}

#[test]
fn the_time_of_an_event_stays_in_the_text_and_dates_nothing() {
    let event = "<p>Thời gian: 8 giờ 00 ngày 02/11/2026</p><p>Địa điểm: Hội trường UBND tỉnh</p>";
    let undated = article(&page(&format!("<h1>{TITLE}</h1><div>{event}{PROSE}</div>")));
    assert_eq!(day(&undated), None);
    assert!(
        undated.body_text.contains("ngày 02/11/2026"),
        "{}",
        undated.body_text
    );
    let dated = article(&page(&format!(
        "<div><p>20/11/2026</p><h1>{TITLE}</h1><div>{event}{PROSE}</div></div>"
    )));
    assert_eq!(day(&dated).as_deref(), Some("2026-11-20"));
    assert!(dated.body_text.contains("ngày 02/11/2026"), "{}", dated.body_text);
    let label = article(&page(&format!(
        "<h1>{TITLE}</h1><p>Thời gian đăng: 02/11/2026</p><div>{PROSE}</div>"
    )));
    assert_eq!(day(&label).as_deref(), Some("2026-11-02"));
}

#[test]
fn the_day_of_publication_is_preferred_to_that_of_the_last_change() {
    for first in ["Cập nhật", "Cập nhật lần cuối"] {
        let html = page(&format!(
            "<h1>{TITLE}</h1><div>{first}: 22/11/2026 09:00</div><div>Ngày đăng: 20/11/2026 15:30</div>{PROSE}"
        ));
        assert_eq!(day(&article(&html)).as_deref(), Some("2026-11-20"), "{first}");
    }
    let alone = page(&format!(
        "<h1>{TITLE}</h1><div>Cập nhật: 22/11/2026 09:00</div>{PROSE}"
    ));
    assert_eq!(day(&article(&alone)).as_deref(), Some("2026-11-22"));
}

#[test]
fn another_articles_date_is_not_taken_and_one_behind_the_text_is_found() {
    let others = format!(
        "<h4>Tin khác</h4><ul><li><a href=\"{}\">{}</a><div>18/11/2026</div></li></ul>",
        href(1),
        OTHERS[0]
    );
    let html = page(&format!("<div><h1>{TITLE}</h1>{PROSE}{others}</div>"));
    assert_eq!(day(&article(&html)), None);
    let behind = page(&format!(
        "<div><h1>{TITLE}</h1><div>{PROSE}{PROSE}{PROSE}</div><p>Ngày đăng: 20/11/2026</p>{others}</div>"
    ));
    let found = article(&behind);
    assert_eq!(day(&found).as_deref(), Some("2026-11-20"));
    assert!(!found.body_text.contains("Ngày đăng"), "{}", found.body_text);
}

#[test]
fn a_notice_that_a_page_is_gone_is_no_article() {
    for title in [
        "Trang bạn yêu cầu không tồn tại",
        "Bài viết này không còn nữa",
        "Rất tiếc, không có trang này",
    ] {
        let html = page(&format!(
            "<div><h1>{title}</h1><div>20/11/2026</div><p>Trang bạn đang tìm kiếm có thể đã bị xóa, đổi tên hoặc tạm thời không truy cập được. Vui lòng quay lại trang chủ hoặc tìm kiếm.</p></div>"
        ))
        .replace(&format!("<title>{TITLE}"), "<title>Cổng thông tin");
        assert!(
            matches!(read(&html), Ok(ArticlePage::NotThere)),
            "{title}: {:?}",
            read(&html)
        );
    }
    let headline = "Xử lý dứt điểm các dự án không còn nữa nhu cầu sử dụng đất";
    let html = page(&format!("<h1>{headline}</h1><div>20/11/2026</div>{PROSE}"));
    assert_eq!(article(&html).title, headline, "above a text it is a headline");
}

#[test]
fn a_form_that_asks_for_a_password_is_no_article() {
    let form = "<form><label>Mật khẩu</label><input type=password></form>";
    let login = "<h1>Đăng nhập hệ thống</h1><div>20/11/2026</div>";
    let help = "<p>Nếu quên mật khẩu, vui lòng liên hệ bộ phận quản trị hệ thống để được hỗ trợ cấp lại tài khoản.</p>";
    let html = page(&format!("{login}{form}{help}"));
    assert!(
        matches!(read(&html), Err(ExtractError::Login { .. })),
        "{:?}",
        read(&html)
    );
    let beside = page(&format!(
        "<aside>{form}</aside><h1>{TITLE}</h1><div>20/11/2026</div>{PROSE}{form}"
    ));
    assert_eq!(
        article(&beside).title,
        TITLE,
        "a text of some length is an article beside a form too"
    );
}

#[test]
fn a_category_with_excerpts_is_a_list_whatever_its_json_ld_says() {
    let excerpts: Vec<String> = OTHERS
        .iter()
        .enumerate()
        .map(|(at, title)| {
            let excerpt = "Sau một năm vận hành, mô hình cơ bản ổn định, thủ tục hành chính được giải quyết nhanh hơn và gần dân hơn, được người dân và doanh nghiệp đánh giá cao.";
            format!("<div><h3><a href=\"{}\">{title}</a></h3><p>{excerpt}</p></div>", href(at))
        })
        .collect();
    let excerpts = excerpts.concat();
    let told =
        r#"<script type="application/ld+json">{"@type":"Article","headline":"Tin tức - Sự kiện"}</script>"#;
    for json in ["", told] {
        let html = page(&format!("{json}<h1>Tin tức - Sự kiện</h1><div>{excerpts}</div>"));
        assert!(
            matches!(read(&html), Err(ExtractError::LayoutNotRecognised { .. })),
            "{json}: {:?}",
            read(&html)
        );
        assert_eq!(list(&html).items.len(), OTHERS.len(), "{json}");
    }
}

#[test]
fn a_list_dates_items_beside_any_link_and_goes_on_to_no_item() {
    let items: Vec<String> = OTHERS
        .iter()
        .enumerate()
        .map(|(at, title)| {
            let href = href(at);
            format!(
                "<div class=r><div><a href=\"{href}\"><img src=a.jpg></a></div><div><a href=\"{href}\">{title}</a><div>1{at}/11/2026 | 12 lượt xem</div><a href=\"{href}\">Xem tiếp</a></div></div>"
            )
        })
        .collect();
    let items = items.concat();
    let found = list(&page(&items));
    assert_eq!(found.items.len(), OTHERS.len());
    assert!(
        found.items.iter().all(|item| item.published.is_some()),
        "{:?}",
        found.items
    );
    assert_eq!(found.next, None);
    for second in ["2", "sau ›"] {
        let html = page(&format!("{items}<div><a href=\"?page=1\">{second}</a></div>"));
        let next = list(&html).next.map(|url| url.to_string());
        assert_eq!(
            next.as_deref(),
            Some("https://vidu.gov.vn/tin-tuc?page=1"),
            "{second}"
        );
    }
}

#[test]
fn a_profile_that_finds_no_key_leaves_the_page_to_one_that_does() {
    let html = page(&format!(
        "<h1 itemprop=headline>{TITLE}</h1><div itemprop=datePublished>20/11/2026</div><div id=news-bodyhtml>{PROSE}</div>"
    ));
    let profiles: Vec<Profile> = ["nukeviet4", "generic"]
        .iter()
        .map(|name| Profile::builtin(name).expect("compiled in"))
        .collect();
    let address = url("https://vidu.gov.vn/vi/tin-tuc-su-kien/danh-gia-ket-qua-mot-nam-87.html");
    let found = extract::any(&html, &address, &profiles, now()).expect("an article");
    assert_eq!(found.profile, "generic");
}
