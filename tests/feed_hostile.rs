//! Every character that a portal may write, in every place of a feed: real pages, hostile strings, many articles at once.

use std::collections::BTreeSet;

use chrono::{TimeDelta, TimeZone, Utc};
use loa::{
    domain::article::{Article, Attachment, Image, Precision, Published},
    feed::{Content, Feed, Format, Item, Paging},
    portal::{
        Profile,
        extract::{ArticlePage, article as read_article},
    },
};
use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use url::Url;

use crate::{
    feed_readers::{FEEDPARSER, RUBY, Read, by_feed_rs, rows, run},
    feed_samples::{article, at, feed, item},
    portal_corpus::shared,
};

/// Lets every reader at hand read a feed in every format: they have to agree with one another on everything, and with the
/// feed on ids, times and their order.
fn every_reader_agrees(items: &[Item]) {
    for format in Format::ALL {
        let feed: Feed = feed(format, items.to_vec());
        let document = feed.write(format);
        let by_rust = by_feed_rs(&document, format);
        let told: Vec<_> = by_rust
            .iter()
            .map(|(id, _, _, at, _)| (id.clone(), *at))
            .collect();
        let meant: Vec<_> = items
            .iter()
            .map(|item| (item.id.clone(), item.published.timestamp()))
            .collect();
        assert_eq!(told, meant, "{format:?}");
        if format == Format::Json {
            continue;
        }
        run("xmllint", &["--noout", "--huge", "-"], &document);
        nothing_to_warn_of(&feed, format);
        let same = |reader: &str, json: Option<String>| {
            let Some(json) = json else { return };
            for (found, expected) in rows(&json).iter().zip(&by_rust) {
                assert_eq!(tidy(found), tidy(expected), "{reader}, {format:?}");
            }
            assert_eq!(rows(&json).len(), by_rust.len(), "{reader}, {format:?}");
        };
        same("ruby", run("ruby", &["-e", RUBY], &document));
        let media_type = format.content_type();
        same(
            "feedparser",
            run("python3", &["-c", FEEDPARSER, media_type], &document),
        );
    }
}

/// The rules of the W3C's validator, where there is an html5lib to judge HTML by.
fn nothing_to_warn_of(feed: &Feed, format: Format) {
    if run(
        "python3",
        &[
            "-c",
            "import sys\ntry: import html5lib\nexcept ImportError: sys.exit(77)",
        ],
        b"",
    )
    .is_none()
    {
        return;
    }
    let document = feed.write(format);
    let mut file = tempfile::NamedTempFile::new().unwrap();
    std::io::Write::write_all(&mut file, &document).unwrap();
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/readers/validator");
    let path = file.path().to_str().unwrap();
    run(
        "python3",
        &[program, format.extension(), path, &feed.self_url],
        b"",
    );
}

#[test]
fn an_archive_document_is_valid() {
    for format in [Format::Rss, Format::Atom] {
        let of = |month: &str| {
            format!(
                "https://loa.example/feeds/all/archive/{month}.{}",
                format.extension()
            )
        };
        let mut archive = feed(format, vec![item(&article(), Content::Full)]);
        archive.self_url = of("2023-11");
        archive.hub_url = Some("https://hub.example/".to_owned());
        archive.icon_url = Some("https://loa.example/loa.png".to_owned());
        archive.paging = Paging {
            is_archive: true,
            current: Some(format!("https://loa.example/feeds/all.{}", format.extension())),
            prev_archive: Some(of("2023-10")),
            next_archive: Some(of("2023-12")),
        };
        nothing_to_warn_of(&archive, format);
    }
}

/// White space around and inside a title is each reader's own affair.
fn tidy(row: &Read) -> Read {
    let words: Vec<&str> = row.1.split_whitespace().collect();
    (row.0.clone(), words.join(" "), row.2.clone(), row.3, row.4)
}

/// Every article of the corpus as it is stored, newest first.
fn corpus() -> Option<Vec<Article>> {
    let folder = shared("corpus/hanoi/article")?;
    let profile = Profile::builtin("liferay62").unwrap();
    let now = Utc.with_ymd_and_hms(2026, 11, 1, 0, 0, 0).unwrap();
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    let articles = files.iter().zip(1..).map(|(file, id)| {
        let key = file.file_stem().unwrap().to_str().unwrap();
        let url = format!("https://sotttt.hanoi.gov.vn/vi/cong-nghe-thong-tin/-/view_content/{key}-tin");
        let html = std::fs::read_to_string(file).unwrap();
        match read_article(&html, &Url::parse(&url).unwrap(), &profile, now) {
            Ok(ArticlePage::Article(page)) => Article {
                id,
                portal: "sotttt-hanoi".to_owned(),
                key: page.key,
                url: page.url,
                title: page.title,
                lead: page.lead,
                source: page.source,
                author: page.author,
                published: page.published,
                body_html: page.body_html,
                body_text: page.body_text,
                images: page.images,
                attachments: page.attachments,
                first_seen_at: now,
                updated_at: now,
                ..article()
            },
            other => panic!("{key}: {other:?}"),
        }
    });
    let mut articles: Vec<Article> = articles.collect();
    articles.sort_by_key(|article| std::cmp::Reverse((article.shown_at(), article.id)));
    assert_eq!(articles.len(), 242);
    Some(articles)
}

#[test]
fn readers_agree_on_every_article_of_the_corpus() {
    let Some(articles) = corpus() else { return };
    for content in [Content::Full, Content::Excerpt] {
        let items: Vec<Item> = articles.iter().map(|article| item(article, content)).collect();
        let moments: BTreeSet<_> = items.iter().map(|item| item.updated).collect();
        assert_eq!(moments.len(), items.len(), "two entries of one moment");
        assert!(items.is_sorted_by(|a, b| a.updated > b.updated));
        every_reader_agrees(&items);
    }
}

#[test]
fn five_hundred_articles_of_one_minute_stand_in_order() {
    let items: Vec<Item> = (0..500)
        .rev()
        .map(|id| {
            let key = id.to_string();
            item(
                &Article {
                    id,
                    key,
                    updated_at: at("2023-11-30T01:00:00Z"),
                    ..article()
                },
                Content::Full,
            )
        })
        .collect();
    assert!(items.is_sorted_by(|a, b| a.updated > b.updated));
    every_reader_agrees(&items);
    // Sorted by what a reader is told, whichever format it reads, they stand as they were written.
    for format in [Format::Atom, Format::Json] {
        let document = feed(format, items.clone()).write(format);
        let mut read = feed_rs::parser::parse(&document[..]).unwrap().entries;
        read.sort_by_key(|entry| std::cmp::Reverse(entry.updated));
        assert!(read.iter().zip(&items).all(|(entry, item)| entry.id == item.id));
    }
}

/// What broke a feed or a reader somewhere.
const HOSTILE: [&str; 34] = [
    "\u{0}",
    "\u{1}",
    "\u{8}",
    "\u{B}",
    "\u{C}",
    "\u{1F}",
    "\u{7F}",
    "\u{85}",
    "\u{9F}",
    "\u{FDD0}",
    "\u{FFFD}",
    "\u{FFFE}",
    "\u{FFFF}",
    "\u{1FFFF}",
    "\u{10FFFF}",
    "\\ud800",
    "&#xD800;",
    "&#0;",
    "]]>",
    "<![CDATA[",
    "<script>alert(1)</script>",
    "</title></item>",
    "<!--",
    "<?xml?>",
    "&",
    "&amp;",
    "&nbsp;",
    "\"'",
    "\u{202E}txt\u{202C}",
    "\u{2066}",
    "e\u{302}\u{301}",
    "🙂\u{FE0F}👨\u{200D}👩",
    "\r\n\t",
    "\u{FEFF}",
];

fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        proptest::sample::select(&HOSTILE[..]).prop_map(str::to_owned),
        "[a-zđếọ ]{0,6}",
        any::<char>().prop_map(String::from),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn address() -> impl Strategy<Value = String> {
    let beginning = proptest::sample::select(&[
        "https://x.vn/",
        "http://Quảng-Trị.vn/",
        "https://x.vn:8443/tin tức/",
        "/tin/",
        "../",
        "javascript:alert(1)//",
        "data:text/html,",
        "//x.vn/",
        "",
    ]);
    // feedparser undoes entities in addresses: to it, `&nbsp;` in one is `&nbsp`.
    (beginning, hostile()).prop_map(|(beginning, rest)| format!("{beginning}{}", rest.replace(';', "")))
}

prop_compose! {
    fn hostile_article()(
        texts in proptest::collection::vec(hostile(), 7),
        url in address(),
        image in address(),
        file in address(),
        size in proptest::option::of(0..3_u64),
        days in -30_000..60_000_i64,
    ) -> Article {
        let [title, lead, author, source, body, media_type, key]: [String; 7] = texts.try_into().unwrap();
        Article {
            title,
            lead: Some(lead).filter(|lead| lead.len() % 3 > 0),
            author: Some(author),
            source: Some(source),
            // The store holds sanitised HTML alone; what is hostile in a text arrives escaped.
            body_html: format!("<p>{}</p>", loa::domain::text::escape_html(&body)),
            body_text: body,
            key,
            url,
            published: Some(Published {
                at: at("2023-11-30T00:51:00Z") + TimeDelta::days(days),
                precision: Precision::Day,
            }),
            images: vec![Image { src: image, alt: String::new(), caption: None }],
            attachments: vec![Attachment { url: file, media_type: Some(media_type), size_bytes: size }],
            ..article()
        }
    }
}

/// What no document may hold, in whatever format.
fn is_forbidden(c: char) -> bool {
    let is_noncharacter = matches!(c, '\u{FDD0}'..='\u{FDEF}') || u32::from(c) & 0xFFFE == 0xFFFE;
    (c.is_control() && !matches!(c, '\t' | '\n' | '\r')) || is_noncharacter || c == '\u{FFFD}'
}

proptest! {
    #[test]
    fn a_hostile_article_is_an_entry_like_any_other(article in hostile_article()) {
        for format in Format::ALL {
            let document = feed(format, vec![item(&article, Content::Full)]).write(format);
            let text = String::from_utf8(document.clone()).unwrap();
            prop_assert!(!text.contains(is_forbidden), "{format:?}: {text:?}");
            let read = feed_rs::parser::parse(&document[..]);
            prop_assert!(read.is_ok(), "{format:?}: {read:?}\n{text}");
            let entry = &read.unwrap().entries[0];
            prop_assert_eq!(&entry.id, &article.tag("quangtri.gov.vn", 2026));
            prop_assert!(!entry.title.as_ref().unwrap().content.trim().is_empty());
            let published = entry.published.unwrap();
            prop_assert!(published >= at("1990-01-01T00:00:00Z") && published <= article.first_seen_at);
            for link in &entry.links {
                prop_assert!(link.href.starts_with("http"), "{format:?}: {}", link.href);
                let is_encoded = link.href.bytes().all(|byte| byte.is_ascii_graphic());
                prop_assert!(is_encoded, "{format:?}: {}", link.href);
            }
        }
    }
}

#[test]
fn a_hundred_hostile_articles_break_no_reader() {
    let mut runner = TestRunner::deterministic();
    let articles = (0..100).map(|id| {
        let article = hostile_article().new_tree(&mut runner).unwrap().current();
        // Readers compare links; an entry that has none is each reader's own affair.
        let url = if article.url.starts_with("http") {
            article.url.clone()
        } else {
            format!("https://x.vn/{id}")
        };
        Article {
            id,
            key: format!("{id}{}", article.key),
            url,
            ..article
        }
    });
    let items: Vec<Item> = articles.map(|article| item(&article, Content::Full)).collect();
    every_reader_agrees(&items);
}

#[test]
fn a_title_of_100_kilobytes_is_a_title() {
    let long = Article {
        title: "Bão <b> & \u{1}".repeat(9_000),
        ..article()
    };
    assert!(long.title.len() > 100_000);
    every_reader_agrees(&[item(&long, Content::Full)]);
}
