//! The pages as a browser, a screen reader and a feed reader see them.

use chrono::{DateTime, Utc};
use loa::{
    domain::{
        query::{Query, QueryError, Relaxed},
        subscription::Language,
    },
    web::{
        assets,
        lang::Lang,
        pages::{
            self, Asked, ContentMode, ErrorKind, FeedKind, FeedView, Found, Link, Order, Outcome, Paging,
            Part, Receipt, Search, Suggestion,
        },
        site::Site,
    },
};
use scraper::{Html, Selector};

use crate::page_samples::{counts, en, news, rich, sections, site, vi};

/// Every page, in one language, under a name.
fn every_page(lang: Lang) -> Vec<(&'static str, String)> {
    let site = site();
    let receipt = Receipt {
        address: "l…@example.vn".into(),
        subscriptions: vec!["Khoa học và công nghệ (hằng ngày)".into()],
    };
    let ask = Link::Ask {
        token: "abc-_1",
        receipt: &receipt,
    };
    let paging = Paging {
        before: None,
        older: Some(4),
    };
    vec![
        ("home", pages::home(&site, lang, &news(), paging)),
        ("empty", pages::home(&site, lang, &[], Paging::default())),
        (
            "article",
            pages::article(&site, lang, &rich(), ContentMode::Excerpt),
        ),
        (
            "article-full",
            pages::article(&site, lang, &rich(), ContentMode::Full),
        ),
        ("topics", pages::topics(&site, lang, &counts())),
        (
            "topic",
            pages::topic(&site, lang, &site.topics[0], &news()[..1], paging),
        ),
        (
            "section",
            pages::section(&site, lang, &sections()[1], &news()[2..3], paging),
        ),
        ("feeds", pages::feeds(&site, lang, &sections())),
        ("search", search_page(&site, lang, &news(), best(1, true))),
        (
            "search-newest",
            search_page(&site, lang, &news(), Part::Newest(paging)),
        ),
        ("search-nothing", search_page(&site, lang, &[], best(1, false))),
        (
            "search-blank",
            pages::search(&site, lang, outcome(&Asked::default(), Outcome::Blank)),
        ),
        (
            "search-refused",
            refused(&site, lang, "-khoa", &QueryError::OnlyExcluded),
        ),
        ("vote", pages::vote(&site, lang, &rich(), false)),
        ("vote-empty", pages::vote(&site, lang, &rich(), true)),
        ("vote-thanks", pages::thanks(&site, lang, 7)),
        ("feed", feed_page(&site, lang, None)),
        (
            "feed-ended",
            feed_page(&site, lang, Some(news()[0].first_seen_at)),
        ),
        ("ended", pages::error(&site, lang, ErrorKind::Ended)),
        ("removed", pages::error(&site, lang, ErrorKind::Removed)),
        ("not-found", pages::error(&site, lang, ErrorKind::NotFound)),
        ("gone", pages::error(&site, lang, ErrorKind::Gone)),
        ("bad-request", pages::error(&site, lang, ErrorKind::BadRequest)),
        ("internal", pages::error(&site, lang, ErrorKind::Internal)),
        ("unavailable", pages::error(&site, lang, ErrorKind::Unavailable)),
        ("unsubscribe", pages::unsubscribe(&site, lang, ask)),
        (
            "unsubscribed",
            pages::unsubscribe(&site, lang, Link::Done(&receipt)),
        ),
        ("bad-token", pages::unsubscribe(&site, lang, Link::Unknown)),
        ("confirm", pages::confirm(&site, lang, ask, None)),
        (
            "confirmed",
            pages::confirm(&site, lang, Link::Done(&receipt), Some("/manage/abc")),
        ),
    ]
}

fn best(page: usize, goes_on: bool) -> Part {
    Part::Best {
        page,
        ranked: 27,
        has_more: false,
        goes_on,
    }
}

fn outcome<'a>(asked: &'a Asked, outcome: Outcome<'a>) -> Search<'a> {
    Search {
        asked,
        sections: &[],
        outcome,
    }
}

fn refused(site: &Site, lang: Lang, typed: &str, e: &QueryError) -> String {
    let (vi, en) = (e.vietnamese(), e.to_string());
    let refused = Outcome::Refused("q", (&vi, &en));
    pages::search(site, lang, outcome(&Asked::words(typed), refused))
}

/// A search with filters, and with suggestions where nothing is found.
fn search_page(site: &Site, lang: Lang, articles: &[loa::domain::article::Article], part: Part) -> String {
    let query: Query = "\"khoa học\" -bão".parse().unwrap();
    let asked = Asked {
        topic: site.topics[0].slug.clone(),
        section: sections()[0].name(),
        from: "2026-11-01".to_owned(),
        order: match part {
            Part::Best { .. } => Order::Relevance,
            Part::Newest(_) => Order::Newest,
        },
        ..Asked::words("\"khoa học\" -bão")
    };
    let suggestion = |change: Option<Relaxed>, typed: &str, articles| Suggestion {
        keeps_filters: change.is_some(),
        change,
        query: typed.parse().unwrap(),
        articles,
    };
    let suggestions = [
        suggestion(None, "\"khoa học\" -bão", 1),
        suggestion(Some(Relaxed::Diacritics), "\"khoa hoc\" -bão", 101),
        suggestion(Some(Relaxed::Quotes), "khoa học -bão", 12),
        suggestion(Some(Relaxed::Without("khoa".to_owned())), "học -bão", 12),
        suggestion(
            Some(Relaxed::Instead("khao".to_owned(), "khoa".to_owned())),
            "khoa hoc",
            12,
        ),
    ];
    let found = Found {
        query: &query,
        articles,
        part,
        suggestions: if articles.is_empty() { &suggestions } else { &[] },
    };
    let search = Search {
        asked: &asked,
        sections: &sections(),
        outcome: Outcome::Found(found),
    };
    pages::search(site, lang, search)
}

fn feed_page(site: &Site, lang: Lang, ended_at: Option<DateTime<Utc>>) -> String {
    let months = ["2026-10", "2026-09", "2025-12"].map(|month| (month.parse().unwrap(), 31));
    let view = FeedView {
        path: "/feeds/topics/khoa-hoc-cong-nghe",
        html_path: "/topics/khoa-hoc-cong-nghe",
        names: ("Khoa học và công nghệ", "Science and technology"),
        kind: FeedKind::Topic,
        newest: &news(),
        in_four_weeks: 12,
        archives: &months,
        content: ContentMode::Excerpt,
        poll_minutes: 10,
        ended_at,
    };
    pages::feed(site, lang, &view)
}

fn select<'a>(html: &'a Html, selector: &str) -> Vec<scraper::ElementRef<'a>> {
    let selector = Selector::parse(selector).unwrap();
    html.select(&selector).collect()
}

#[test]
fn every_page_has_what_a_screen_reader_needs() {
    for lang in [vi(), en()] {
        for (name, page) in every_page(lang) {
            let html = Html::parse_document(&page);
            assert_eq!(
                select(&html, &format!("html[lang={}]", lang.code())).len(),
                1,
                "{name}"
            );
            for once in [
                "h1",
                "main#main",
                "header.masthead",
                "footer",
                "a.skip[href='#main']",
                "title",
            ] {
                assert_eq!(select(&html, once).len(), 1, "{name}: {once}");
            }
            assert!(!select(&html, "nav[aria-label]").is_empty(), "{name}");
            for image in select(&html, "img") {
                assert!(image.attr("alt").is_some(), "{name}: a picture without alt");
            }
        }
    }
}

#[test]
fn no_page_needs_a_script_or_an_inline_style() {
    for (name, page) in every_page(vi()) {
        let html = Html::parse_document(&page);
        assert!(
            select(&html, "script, style, [style], iframe").is_empty(),
            "{name}"
        );
        let handlers = select(&html, "*")
            .iter()
            .flat_map(|e| {
                e.value()
                    .attrs()
                    .map(|(name, _)| name.to_owned())
                    .collect::<Vec<_>>()
            })
            .filter(|name| name.starts_with("on"))
            .count();
        assert_eq!(handlers, 0, "{name}");
    }
}

#[test]
fn headings_never_skip_a_level() {
    for (name, page) in every_page(vi()) {
        let html = Html::parse_document(&page);
        let mut last = 0;
        for heading in select(&html, "h1, h2, h3, h4") {
            let level: u8 = heading.value().name()[1..].parse().unwrap();
            assert!(level <= last + 1, "{name}: h{level} after h{last}");
            last = level;
        }
    }
}

#[test]
fn what_a_portal_writes_is_shown_as_text() {
    let mut evil = rich();
    evil.title = "<script>alert(1)</script> & \"quotes\"".into();
    evil.author = Some("<b>x</b>".into());
    evil.url = "javascript:alert(1)".into();
    evil.attachments[0].url = "javascript:alert(2)".into();
    evil.topics[0].slug = "\"><script>".into();
    let page = pages::article(&site(), vi(), &evil, ContentMode::Excerpt);
    let html = Html::parse_document(&page);
    assert!(select(&html, "script").is_empty());
    assert!(!page.contains("javascript:"));
    assert_eq!(select(&html, "h1")[0].text().collect::<String>(), evil.title);
    let list = pages::home(&site(), vi(), &[evil], Paging::default());
    assert!(select(&Html::parse_document(&list), "script").is_empty());
}

#[test]
fn feeds_are_announced_most_specific_first() {
    let announced = |page: &str| {
        let html = Html::parse_document(page);
        select(&html, "link[rel=alternate][type='application/atom+xml']")
            .iter()
            .map(|link| link.attr("href").unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let site = site();
    let topic = pages::topic(&site, vi(), &site.topics[0], &[], Paging::default());
    assert_eq!(
        announced(&topic),
        [
            "https://loa.example/feeds/topics/khoa-hoc-cong-nghe.atom",
            "https://loa.example/feeds/all.atom"
        ]
    );
    let section = pages::section(&site, vi(), &sections()[0], &[], Paging::default());
    assert_eq!(
        announced(&section),
        [
            "https://loa.example/feeds/sections/quangtri/khoa-hoc-cong-nghe.atom",
            "https://loa.example/feeds/all.atom"
        ]
    );
    for (name, page) in every_page(vi()) {
        let all = "https://loa.example/feeds/all";
        for extension in ["rss", "atom", "json"] {
            assert!(page.contains(&format!("{all}.{extension}")), "{name}");
        }
        assert_eq!(announced(&page).last().unwrap(), &format!("{all}.atom"), "{name}");
    }
}

#[test]
fn an_excerpt_leaves_the_rest_to_the_portal() {
    let article = rich();
    let excerpt = pages::article(&site(), vi(), &article, ContentMode::Excerpt);
    assert!(excerpt.contains("Đọc toàn văn trên Cổng"));
    assert_eq!(
        excerpt.matches("Sáng 23/11, Sở Khoa học").count(),
        2,
        "the lead and the description"
    );
    assert!(excerpt.contains("<figcaption>Đại biểu thăm"));
    assert!(!excerpt.contains("Ảnh không dẫn được"));
    let full = pages::article(&site(), vi(), &article, ContentMode::Full);
    assert!(full.contains("<p>Dự kiến trong năm 2027"));
    assert!(
        !full.contains("<figcaption>"),
        "the body holds its pictures itself"
    );
}

#[test]
fn an_article_says_why_it_has_its_topics() {
    let page = pages::article(&site(), en(), &rich(), ContentMode::Excerpt);
    let html = Html::parse_document(&page);
    let text = |e: &scraper::ElementRef<'_>| {
        e.text()
            .collect::<String>()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    let reasons: Vec<_> = select(&html, ".reasons > *").iter().map(text).collect();
    insta::assert_snapshot!(reasons.join("\n"), @r"
    Science and technology
    nghiệm thu đề tài in the title
    khoa học và công nghệ in the lead, 2 times
    chuyển giao công nghệ in the text
    the portal's own section: Khoa học - Công nghệ
    Agriculture and rural development
    giống lúa in the title, 3 times
    đông xuân in the text
    ");
}

#[test]
fn older_articles_are_one_link_away() {
    let paging = Paging {
        before: Some(9),
        older: Some(4),
    };
    let page = pages::home(&site(), en(), &news(), paging);
    let html = Html::parse_document(&page);
    let links: Vec<_> = select(&html, ".paging a")
        .iter()
        .map(|a| a.attr("href").unwrap())
        .collect();
    assert_eq!(links, ["/?lang=en", "/?before=4&lang=en"]);
    assert_eq!(
        select(&html, ".switch")[0].attr("href"),
        Some("/?before=9&lang=vi")
    );
    let days: Vec<_> = select(&html, "h2")
        .iter()
        .map(|h| h.text().collect::<String>())
        .collect();
    assert_eq!(days, ["Monday, 23/11/2026", "Sunday, 22/11/2026"]);
}

#[test]
fn a_link_in_a_mail_changes_nothing_before_the_button() {
    let pages = every_page(vi());
    let page = |name| &pages.iter().find(|(n, _)| *n == name).unwrap().1;
    let html = Html::parse_document(page("unsubscribe"));
    let form = select(&html, "form[method=post]")[0];
    assert_eq!(form.attr("action"), Some("/unsubscribe/abc%2D%5F1"));
    for done in ["unsubscribed", "bad-token", "confirmed"] {
        assert!(
            select(&Html::parse_document(page(done)), "form[method=post]").is_empty(),
            "{done}"
        );
    }
    assert!(page("unsubscribe").contains("noindex"));
}

#[test]
fn the_language_of_vietnamese_text_on_an_english_page_is_marked() {
    let page = pages::home(&site(), en(), &news(), Paging::default());
    let html = Html::parse_document(&page);
    assert_eq!(select(&html, "h3[lang=vi]").len(), news().len());
    assert_eq!(Lang::default().language, Language::Vi);
}

#[test]
fn the_stylesheet_is_served_for_ever_under_a_name_of_its_content() {
    let server = axum_test::TestServer::new(assets::router::<()>());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let css = server.get(assets::stylesheet_path()).await;
        css.assert_status_ok();
        css.assert_header("cache-control", "public, max-age=31536000, immutable");
        css.assert_header("content-type", "text/css; charset=utf-8");
        let icon = server.get(assets::icon_path()).await;
        icon.assert_header("content-type", "image/svg+xml");
        server
            .get("/assets/loa.000000000000.css")
            .await
            .assert_status_not_found();
    });
}

/// Leaves every page where a browser can open it: `target/tmp/pages/*.html`.
#[test]
fn pages_can_be_looked_at() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages");
    std::fs::create_dir_all(folder.join("assets")).unwrap();
    let css = include_str!("../src/web/assets/loa.css");
    std::fs::write(folder.join(&assets::stylesheet_path()[1..]), css).unwrap();
    for lang in [vi(), en()] {
        for (name, page) in every_page(lang) {
            let page = page.replace("\"/assets/", "\"assets/");
            std::fs::write(folder.join(format!("{name}.{}.html", lang.code())), page).unwrap();
        }
    }
}

#[test]
fn a_search_leads_to_its_feed_and_back_to_its_form() {
    let query: Query = "khoa học -bão".parse().unwrap();
    let asked = Asked::words("khoa học -bão");
    let found = Outcome::Found(Found {
        query: &query,
        articles: &news(),
        part: best(2, true),
        suggestions: &[],
    });
    let page = pages::search(&site(), en(), outcome(&asked, found));
    let html = Html::parse_document(&page);
    let href = |selector: &str| select(&html, selector)[0].attr("href").unwrap().to_owned();
    let encoded = "q=khoa+h%E1%BB%8Dc+-b%C3%A3o";
    assert_eq!(
        href("link[rel=alternate][type='application/rss+xml']"),
        format!("https://loa.example/feeds/search.rss?{encoded}")
    );
    assert_eq!(href(".formats a"), format!("/feeds/search.atom?{encoded}"));
    assert_eq!(href("a[rel=next]"), format!("/search?{encoded}&page=3&lang=en"));
    assert_eq!(
        href(".paging a"),
        format!("/search?{encoded}&lang=en"),
        "the first page"
    );
    assert!(page.contains("noindex"));
    let field = select(&html, "form[role=search] input[name=q]");
    assert_eq!(field.len(), 1, "one field: the page's own");
    assert_eq!(field[0].attr("value"), Some("khoa học -bão"));
    let kept = select(&html, "form input[name=lang]");
    assert_eq!(
        kept[0].attr("value"),
        Some("en"),
        "the choice of language is carried on"
    );
    let evil = refused(&site(), vi(), "\"><script>", &QueryError::Empty);
    assert!(select(&Html::parse_document(&evil), "script").is_empty());
}

#[test]
fn hits_are_marked_and_nothing_of_a_text_becomes_markup() {
    let mut article = news().remove(0);
    article.title = "<b>Khoa học</b> & \"khoa học\" </mark>".to_owned();
    article.lead = None;
    article.body_text = "Mở đầu <script>alert(1)</script> của khoa  học.".to_owned();
    let page = search_page(&site(), vi(), &[article], best(1, false));
    assert!(
        page.contains("&#60;b&#62;<mark>Khoa học</mark>&#60;/b&#62; &#38; &#34;<mark>khoa học</mark>&#34; &#60;/mark&#62;</a>"),
        "{page}"
    );
    let html = Html::parse_document(&page);
    let marks = select(&html, ".teaser mark");
    assert_eq!(marks.len(), 1);
    assert_eq!(marks[0].text().collect::<String>(), "khoa học");
    assert!(select(&html, "script").is_empty());
    let teaser: String = select(&html, ".teaser")[0].text().collect();
    assert_eq!(
        teaser, "Mở đầu <script>alert(1)</script> của khoa học.",
        "no space is added around a hit"
    );
}

#[test]
fn where_nothing_is_found_other_searches_are_suggested_with_what_they_find() {
    let page = search_page(&site(), vi(), &[], best(1, false));
    let html = Html::parse_document(&page);
    let ways: Vec<(String, &str)> = select(&html, ".suggestions a")
        .into_iter()
        .map(|a| (a.text().collect(), a.attr("href").unwrap()))
        .collect();
    let words: Vec<&str> = ways.iter().map(|(words, _)| words.as_str()).collect();
    assert_eq!(
        words,
        [
            "Tìm “khoa học” -bão không kèm bộ lọc (1 bài)",
            "Không tính dấu: “khoa hoc” -bão (hơn 100 bài)",
            "Không cần liền nhau: “khoa học -bão” (12 bài)",
            "Bỏ “khoa”: “học -bão” (12 bài)",
            "Có phải “khoa”? Tìm “khoa hoc” (12 bài)",
        ]
    );
    assert_eq!(ways[0].1, "/search?q=%22khoa+h%E1%BB%8Dc%22+-b%C3%A3o");
    assert!(
        ways[1].1.contains("&topic=") && ways[1].1.contains("&from=2026-11-01"),
        "keeps the filters"
    );
}
