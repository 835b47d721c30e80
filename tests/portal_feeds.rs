//! A portal's own feed as a section's list.

use chrono::{DateTime, Utc};
use loa::domain::article::Precision;
use loa::portal::extract::{self, ArticlePage, ExtractError, ListPage, Page};
use loa::portal::fetch::{FetchError, FetchSettings, Fetcher, decode};
use loa::portal::{Portal, Profile, report};
use url::Url;

fn now() -> DateTime<Utc> {
    "2026-11-23T08:00:00Z".parse().expect("a date")
}

fn portal(profiles: &str) -> Portal {
    let text = format!(
        "id = \"xa\"\nname = \"Xã\"\nbase_url = \"https://xa.example\"\nauthority = \"xa.example\"\nyear = 2026\n\
         profile = {profiles}\n[[section]]\nslug = \"tin\"\ntitle = \"Tin\"\npath = \"/rss/tin.rss\"\n\
         schedule = \"0 0 * * * *\"\n"
    );
    Portal::from_toml(&text).expect("a portal's file")
}

fn address() -> Url {
    Url::parse("https://xa.example/rss/tin.rss").expect("an address")
}

fn read_with(profiles: &str, feed: &str) -> Result<ListPage, ExtractError> {
    let portal = portal(profiles);
    extract::with_first(&portal.sections[0].profiles, &address(), |profile| {
        extract::list(feed, &address(), profile, now())
    })
    .map(|(_, list)| list)
}

fn read(feed: &str) -> ListPage {
    read_with(r#"["feed", "vccorp"]"#, feed).expect("a feed")
}

/// Each item on a line: key, address, title, date.
fn shown(list: &ListPage) -> String {
    let line = |item: &extract::ListItem| {
        let date = item.published.map_or_else(
            || "-".to_owned(),
            |p| {
                format!(
                    "{}{}",
                    p.at.format("%Y-%m-%d %H:%M"),
                    if p.precision == Precision::Day { " day" } else { "" }
                )
            },
        );
        let cut = if item.title_is_cut { " (cut)" } else { "" };
        format!("{} | {} | {}{cut} | {date}\n", item.key, item.url, item.title)
    };
    let lines: String = list.items.iter().map(line).collect();
    let warnings: Vec<_> = list.warnings.iter().map(|w| format!("! {w}\n")).collect();
    lines + &warnings.concat()
}

const RSS: &str = "\u{feff}\n<?xml version=\"1.0\" encoding=\"windows-1258\"?>
<!-- Cổng --><rss version=\"2.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:atom=\"http://www.w3.org/2005/Atom\"
 xmlns:la=\"urn:la\"><channel><title>Tin</title><link>/</link><la:gi>x</la:gi>
<atom:link rel=\"self\" href=\"/rss/tin.rss\"/><atom:link rel=\"next\" href=\"/rss/tin.rss?page=2\"/>
<item><title><![CDATA[ <b>Xã</b> ra quân &amp; làm\n thủy lợi&hellip; ]]></title>
<link>/xa-ra-quan-102260512083012345.htm?utm_source=rss</link><pubDate>Tue, 12 May 2026 08:30:12 +0700</pubDate></item>
<item><title>Hội nghị &nbsp; tổng kết A & B \u{b}năm&#1; 2025 ldquo;sốrdquo;</title><link>http://www.xa.example/hoi-nghi-102260511083012345.htm</link>
<guid isPermaLink=\"false\">abc-2</guid><dc:date>2026-05-11T00:00:00+07:00</dc:date></item>
<item><title>Đến hẹn</title><link><![CDATA[https://xa.example/den-hen-102261224083012345.htm]]></link><pubDate>24/12/2026 08:30</pubDate></item>
<item><title>Báo khác</title><link>https://bao.example/tin-102260511083012999.htm</link></item>
<item><title>Lại ra quân</title><link>https://xa.example/khac-102260512083012345.htm</link></item>
</channel></rss>";

#[test]
fn an_rss_feed_gives_the_list_with_the_keys_of_the_pages() {
    let list = read(RSS);
    insta::assert_snapshot!(shown(&list), @r#"
    102260512083012345 | https://xa.example/xa-ra-quan-102260512083012345.htm | Xã ra quân & làm thủy lợi… (cut) | 2026-05-12 01:30
    102260511083012345 | https://xa.example/hoi-nghi-102260511083012345.htm | Hội nghị tổng kết A & B năm 2025 “số” | 2026-05-10 17:00 day
    102261224083012345 | https://xa.example/den-hen-102261224083012345.htm | Đến hẹn | -
    ! item 102261224083012345: the date "2026-12-24T01:30:00+00:00" lies in the future and was not used
    ! https://xa.example/khac-102260512083012345.htm carries the key 102260512083012345 of another entry and was left out
    ! 1 entries lead to other sites, such as https://bao.example/tin-102260511083012999.htm
    "#);
    assert_eq!(
        list.next.unwrap().as_str(),
        "https://xa.example/rss/tin.rss?page=2"
    );
    let page = "<a href='/xa-ra-quan-102260512083012345.htm'>Xã ra quân</a>";
    let from_page = read_with(r#"["feed", "vccorp"]"#, page).unwrap();
    assert_eq!(
        from_page.items[0].key, list.items[0].key,
        "a list page gives the same key"
    );
    assert_eq!(from_page.items[0].url, list.items[0].url);
}

#[test]
fn atom_and_json_feeds_are_lists_too() {
    let atom = "<feed xmlns='http://www.w3.org/2005/Atom' xml:base='https://xa.example/tin/'><title>Tin</title><id>x</id>
        <updated>2026-05-12T00:00:00Z</updated><entry><id>tag:xa.example,2026:77</id><title type='html'>Lễ &amp;lt;i&amp;gt; hội...</title>
        <link rel='edit' href='/sua/77'/><link rel='alternate' href='le-hoi'/><updated>2026-05-12T01:30:00Z</updated></entry></feed>";
    insta::assert_snapshot!(shown(&read(atom)), @r#"le-hoi | https://xa.example/tin/le-hoi | Lễ <i> hội... (cut) | 2026-05-12 01:30"#);
    let json = r#"{"version": "https://jsonfeed.org/version/1.1", "title": "Tin", "items": [
        {"id": "https://xa.example/tin/2026/05/12/giai-chay-123456", "url": "/tin/2026/05/12/giai-chay-123456", "title": "Giải <chạy",
         "date_published": "2026-05-12T08:30:00+07:00"},
        {"id": "", "url": "https://xa.example/tin/2026/05/12/hop-bao-20260512.html?fbclid=x", "title": "Họp báo"},
        {"id": "", "url": "https://xa.example/xem.php?ma=5", "title": "Mã 5"}]}"#;
    insta::assert_snapshot!(shown(&read(json)), @r#"
    123456 | https://xa.example/tin/2026/05/12/giai-chay-123456 | Giải <chạy | 2026-05-12 01:30
    hop-bao-20260512 | https://xa.example/tin/2026/05/12/hop-bao-20260512.html | Họp báo | -
    xem?ma=5 | https://xa.example/xem.php?ma=5 | Mã 5 | -
    "#);
}

#[test]
fn what_is_no_feed_says_what_it_is() {
    let error = |text: &str| read_with("\"feed\"", text).unwrap_err();
    let not_a_feed = |text: &str| {
        let error = error(text);
        assert!(matches!(error, ExtractError::NotAFeed { .. }), "{error:?}");
        error.to_string()
    };
    assert!(
        not_a_feed("<!DOCTYPE html><html><body><a href='/a-1.htm'>A</a></body></html>").contains("HTML page")
    );
    assert!(not_a_feed("").contains("empty"));
    assert!(not_a_feed("<sitemapindex><sitemap/></sitemapindex>").contains("<sitemapindex>"));
    assert!(not_a_feed("{\"items\": []}").contains("neither"));
    assert!(not_a_feed("<rss version='2.0'><channel><item><title>A</title>").contains("XML"));
    let elsewhere =
        "<rss><channel><item><title>A</title><link>https://bao.example/a</link></item></channel></rss>";
    assert!(not_a_feed(elsewhere).contains("https://bao.example/a"));
    let empty = "<rss version='2.0'><channel><title>Tin</title></channel></rss>";
    assert!(matches!(error(empty), ExtractError::EmptyList { .. }));
    let notice = "<html><head><title>Bảo trì</title></head><body>Hệ thống đang bảo trì</body></html>";
    assert!(matches!(error(notice), ExtractError::Maintenance { .. }));
}

#[test]
fn a_feeds_profile_reads_no_article() {
    let html = "<h1 class='detail-title'>Xã ra quân</h1><div class='detail-content'><p>Sáng 12/5, xã ra quân.</p></div>";
    let url = Url::parse("https://xa.example/xa-ra-quan-102260512083012345.htm").unwrap();
    let with = |profiles: &str, html: &str| {
        let portal = portal(profiles);
        extract::with_first(&portal.sections[0].profiles, &url, |p| {
            extract::article(html, &url, p, now())
        })
        .map(|(profile, page)| (profile.name.clone(), page))
    };
    let (profile, page) = with(r#"["feed", "vccorp"]"#, html).unwrap();
    assert_eq!(profile, "vccorp");
    assert!(matches!(page, ArticlePage::Article(found) if found.key == "102260512083012345"));
    let feed = Profile::builtin("feed").unwrap();
    let alone = extract::article(html, &url, &feed, now());
    assert!(matches!(alone, Err(ExtractError::ListsOnly { .. })), "{alone:?}");
    let other = with(r#"["feed", "vccorp"]"#, "<p>Một trang khác</p>").unwrap_err();
    assert!(
        matches!(other, ExtractError::LayoutNotRecognised { .. }),
        "{other:?}"
    );
}

/// Feed and list page of one section: an address with a number, one with a name, and one that is marked by its query.
const ENTRIES: [&str; 3] = [
    "/tin-tuc/xa-ra-quan-lam-thuy-loi-123456.html",
    "/tin-tuc/hoi-nghi-tong-ket-nam-hoc-moi/",
    "/xem.aspx?IDNews=4711&CateID=3",
];

#[test]
fn a_feed_beside_generic_or_alone_gives_the_keys_that_generic_gives() {
    let item = |(n, path): (usize, &str)| {
        let link = path.replace('&', "&amp;");
        format!(
            "<item><title>Xã tổ chức hội nghị lần {n}</title><link>http://www.xa.example{link}</link><guid isPermaLink=\"false\">{n}</guid></item>"
        )
    };
    let items: String = ENTRIES.into_iter().enumerate().map(item).collect();
    let feed = format!("<rss version=\"2.0\"><channel>{items}</channel></rss>");
    let known = |list: &ListPage| {
        let known = list.items.iter().map(|i| (i.key.clone(), i.url.to_string()));
        known.collect::<Vec<_>>()
    };
    let by_feed = known(&read_with(r#"["feed", "generic"]"#, &feed).unwrap());
    let keys: Vec<&str> = by_feed.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["123456", "hoi-nghi-tong-ket-nam-hoc-moi", "4711"]);
    assert_eq!(known(&read_with("\"feed\"", &feed).unwrap()), by_feed);
    for (entry, known_by_feed) in ENTRIES.iter().zip(&by_feed) {
        let page = format!(
            "<ul><li><a href=\"{}\">Xã tổ chức hội nghị lần này</a> (12/05/2026)</li></ul>",
            entry.replace('&', "&amp;")
        );
        let by_page = known(&read_with(r#"["feed", "generic"]"#, &page).unwrap());
        assert_eq!(by_page, std::slice::from_ref(known_by_feed), "{entry}");
    }
}

#[test]
fn a_section_that_is_a_feed_alone_has_its_articles_read_by_generic_and_its_list_by_nothing_else() {
    let html = "<html><head><title>Xã ra quân làm thủy lợi</title></head><body><h1>Xã ra quân làm thủy lợi</h1>\
        <div>12/05/2026 08:30</div><div class='noi-dung'><p>Sáng 12/5, hơn ba trăm người dân của mười hai thôn ra quân nạo vét \
        kênh mương, khơi thông dòng chảy trước mùa mưa bão năm nay.</p></div></body></html>";
    let url = Url::parse("https://xa.example/tin-tuc/xa-ra-quan-lam-thuy-loi-123456.html").unwrap();
    let portal = portal("\"feed\"");
    let (profile, page) = extract::with_first(&portal.sections[0].profiles, &url, |p| {
        extract::article(html, &url, p, now())
    })
    .unwrap();
    assert_eq!(profile.name, "generic");
    assert!(
        matches!(page, ArticlePage::Article(found) if found.key == "123456" && found.body_text.starts_with("Sáng 12/5"))
    );
    let tried = report::read(html, &url, std::slice::from_ref(&portal), now()).unwrap();
    assert_eq!(tried.profile, "generic");
    assert!(tried.article().is_some());
    // A portal that answers with its home page has lost its feed: no list may be made of that.
    let home = "<ul><li><a href=/tin/mot-bai-viet-hay-100001.html>Một bài viết hay và dài</a> (12/05/2026)</li>\
        <li><a href=/tin/hai-bai-viet-hay-100002.html>Hai bài viết hay và dài</a> (11/05/2026)</li></ul>";
    let error = read_with("\"feed\"", home).unwrap_err();
    assert!(matches!(error, ExtractError::NotAFeed { .. }), "{error:?}");
    let tried = report::read(home, &address(), &[portal], now());
    assert!(
        matches!(tried, Err(ExtractError::LayoutNotRecognised { .. })),
        "{tried:?}"
    );
}

#[test]
fn a_wrong_label_in_the_declaration_does_not_matter() {
    let feed = "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><rss version=\"2.0\"><channel><item><title>Đồng Hới</title>\
        <link>/dong-hoi-12345</link></item></channel></rss>";
    let text = decode(feed.as_bytes(), "application/rss+xml");
    assert_eq!(read(&text).items[0].title, "Đồng Hới");
}

#[test]
fn a_page_that_names_its_feeds_is_heard() {
    let html = "<head><link rel='alternate' type='application/rss+xml' href='/rss/tin.rss'><link rel='stylesheet' href='a.css'>
        <link rel='alternate' hreflang='en' href='/en'><link rel='Alternate home' type='application/atom+xml; charset=utf-8' href='/atom'>
        <link rel='alternate' type='application/rss+xml' href='/rss/tin.rss'></head><body>
        <a href='/xa-ra-quan-102260512083012345.htm'>Xã ra quân</a></body>";
    let portals = [portal(r#"["feed", "vccorp"]"#)];
    let url = Url::parse("https://xa.example/tin.htm").unwrap();
    let reading = report::read(html, &url, &portals, now()).unwrap();
    let feeds = ["https://xa.example/rss/tin.rss", "https://xa.example/atom"];
    assert_eq!(reading.json()["feeds"], serde_json::json!(feeds));
    for feed in feeds {
        assert!(
            reading.text().contains(&format!("its feed: {feed}\n")),
            "{}",
            reading.text()
        );
    }
    let reading = report::read(RSS, &address(), &portals, now()).unwrap();
    assert!(matches!(reading.page, Page::List(_)));
    assert_eq!(reading.profile, "feed");
}

#[tokio::test]
async fn xml_is_welcome_where_a_section_is_a_feed_alone() {
    use axum::{Router, http::header::CONTENT_TYPE, routing::get};
    let answer = || async {
        (
            [(CONTENT_TYPE, "application/rss+xml; charset=utf-8")],
            "<rss version='2.0'/>",
        )
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    let server =
        tokio::spawn(
            async move { axum::serve(listener, Router::new().route("/rss/tin.rss", get(answer))).await },
        );
    // Several tests may come first; only one installs it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let fetcher = Fetcher::new(FetchSettings {
        allow_private_addresses: true,
        min_interval: std::time::Duration::ZERO,
        ..FetchSettings::default()
    });
    let get = async |profiles: &str| {
        let portal = portal(profiles).with_base_url(base.clone());
        let url = portal.section_url(&portal.sections[0]);
        fetcher.get_page(&portal, &url, now()).await
    };
    assert_eq!(
        get(r#"["feed", "vccorp"]"#).await.unwrap().html,
        "<rss version='2.0'/>"
    );
    assert!(matches!(
        get("\"vccorp\"").await,
        Err(FetchError::WrongType { .. })
    ));
    server.abort();
}
