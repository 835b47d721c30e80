//! What stands in each format, as bytes.

use std::collections::BTreeSet;

use loa::domain::article::Article;
use loa::feed::{Content, Format, Item, Outline, OutlineGroup, Paging, opml};

use crate::feed_samples::{article, at, bare_article, feed, full, item};

/// The sample in a format, a line for each element or key.
fn written(format: Format) -> String {
    let items = vec![full(&article()), item(&bare_article(), Content::Excerpt)];
    let text = String::from_utf8(feed(format, items).write(format)).unwrap();
    let text = text.replace('\u{2060}', "{joiner}");
    match format {
        Format::Json => {
            serde_json::to_string_pretty(&serde_json::from_str::<serde_json::Value>(&text).unwrap()).unwrap()
        }
        Format::Rss | Format::Atom => text.replace("><", ">\n<"),
    }
}

#[test]
fn a_feed_in_rss() {
    insta::assert_snapshot!(written(Format::Rss), @r#"
    <?xml version="1.0" encoding="utf-8"?>
    <rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/">
    <channel>
    <title>Tất cả tin &amp; bài</title>
    <link>https://loa.example/</link>
    <description>Mọi bài viết &lt;{joiner}mới&gt; của cổng</description>
    <language>vi</language>
    <lastBuildDate>Thu, 30 Nov 2023 10:00:00 +0700</lastBuildDate>
    <generator>Loa 0.1.0</generator>
    <docs>https://www.rssboard.org/rss-specification</docs>
    <ttl>15</ttl>
    <atom:link href="https://loa.example/feeds/all.rss?limit=2" rel="self" type="application/rss+xml"/>
    <atom:link href="https://loa.example/" rel="alternate" type="text/html"/>
    <item>
    <title>UBND tỉnh làm việc với sở Khoa học &amp; Công nghệ</title>
    <link>https://www.quangtri.gov.vn/tin%20t%E1%BB%A9c/12345?a=1%7C2&amp;b=3</link>
    <description>
    <![CDATA[Sáng 29/11, lãnh đạo tỉnh &lt;làm việc&gt; với sở.]]>
    </description>
    <category domain="khoa-hoc-cong-nghe">Khoa học và công nghệ</category>
    <enclosure url="https://www.quangtri.gov.vn/quy%E1%BA%BFt%20%C4%91%E1%BB%8Bnh.pdf" length="1024" type="application/pdf"/>
    <guid isPermaLink="false">tag:quangtri.gov.vn,2026:quangtri/article/12345</guid>
    <pubDate>Thu, 30 Nov 2023 07:51:00 +0700</pubDate>
    <content:encoded>
    <![CDATA[<p>Sáng ngày 29/11/2023 &amp; hôm sau.</p>]]>
    </content:encoded>
    <atom:updated>2023-11-30T10:00:00.000007+07:00</atom:updated>
    <media:content fileSize="1024" medium="document" type="application/pdf" url="https://www.quangtri.gov.vn/quy%E1%BA%BFt%20%C4%91%E1%BB%8Bnh.pdf">
    </media:content>
    <media:content medium="document" url="https://www.quangtri.gov.vn/b%5B1%5D.bin">
    </media:content>
    <media:thumbnail url="https://www.quangtri.gov.vn/%E1%BA%A3nh.jpg?a=1&amp;b=2">
    </media:thumbnail>
    <dc:creator>Phạm Mỹ Hạnh</dc:creator>
    <dc:source>Cổng TTĐT</dc:source>
    </item>
    <item>
    <title>Tin vắn</title>
    <link>https://www.quangtri.gov.vn/2</link>
    <description>
    <![CDATA[Sáng ngày 29/11/2023 &amp; hôm sau.]]>
    </description>
    <guid isPermaLink="false">tag:quangtri.gov.vn,2026:quangtri/article/a%2Fb%20c</guid>
    <pubDate>Thu, 30 Nov 2023 08:00:00 +0700</pubDate>
    <atom:updated>2023-11-30T08:00:00.000008+07:00</atom:updated>
    </item>
    </channel>
    </rss>
    "#);
}

#[test]
fn a_feed_in_atom() {
    insta::assert_snapshot!(written(Format::Atom), @r#"
    <?xml version="1.0" encoding="utf-8"?>
    <feed xmlns="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/" xml:lang="vi">
    <title>Tất cả tin &amp; bài</title>
    <id>tag:quangtri.gov.vn,2026:feed/all</id>
    <updated>2023-11-30T10:00:00.000007+07:00</updated>
    <author>
    <name>Cổng TTĐT tỉnh Quảng Trị</name>
    </author>
    <generator version="0.1.0">Loa</generator>
    <link href="https://loa.example/feeds/all.atom?limit=2" rel="self" type="application/atom+xml"/>
    <link href="https://loa.example/" rel="alternate" type="text/html"/>
    <subtitle>Mọi bài viết &lt;{joiner}mới&gt; của cổng</subtitle>
    <entry>
    <title>UBND tỉnh làm việc với sở Khoa học &amp; Công nghệ</title>
    <id>tag:quangtri.gov.vn,2026:quangtri/article/12345</id>
    <updated>2023-11-30T10:00:00.000007+07:00</updated>
    <author>
    <name>Phạm Mỹ Hạnh</name>
    </author>
    <category term="khoa-hoc-cong-nghe" label="Khoa học và công nghệ"/>
    <link href="https://www.quangtri.gov.vn/tin%20t%E1%BB%A9c/12345?a=1%7C2&amp;b=3" rel="alternate" type="text/html"/>
    <link href="https://www.quangtri.gov.vn/quy%E1%BA%BFt%20%C4%91%E1%BB%8Bnh.pdf" rel="enclosure" type="application/pdf" length="1024"/>
    <link href="https://www.quangtri.gov.vn/b%5B1%5D.bin" rel="enclosure"/>
    <published>2023-11-30T07:51:00+07:00</published>
    <summary>Sáng 29/11, lãnh đạo tỉnh &lt;{joiner}làm việc&gt; với sở.</summary>
    <content type="html">&lt;p&gt;Sáng ngày 29/11/2023 &amp;amp; hôm sau.&lt;/p&gt;</content>
    <dc:source>Cổng TTĐT</dc:source>
    <media:thumbnail url="https://www.quangtri.gov.vn/%E1%BA%A3nh.jpg?a=1&amp;b=2">
    </media:thumbnail>
    </entry>
    <entry>
    <title>Tin vắn</title>
    <id>tag:quangtri.gov.vn,2026:quangtri/article/a%2Fb%20c</id>
    <updated>2023-11-30T08:00:00.000008+07:00</updated>
    <link href="https://www.quangtri.gov.vn/2" rel="alternate" type="text/html"/>
    <published>2023-11-30T08:00:00+07:00</published>
    <summary>Sáng ngày 29/11/2023 &amp; hôm sau.</summary>
    </entry>
    </feed>
    "#);
}

#[test]
fn a_feed_in_json() {
    insta::assert_snapshot!(written(Format::Json), @r#"
    {
      "authors": [
        {
          "name": "Cổng TTĐT tỉnh Quảng Trị"
        }
      ],
      "description": "Mọi bài viết <{joiner}mới> của cổng",
      "feed_url": "https://loa.example/feeds/all.json?limit=2",
      "home_page_url": "https://loa.example/",
      "items": [
        {
          "_loa": {
            "source": "Cổng TTĐT",
            "topics": [
              "khoa-hoc-cong-nghe"
            ]
          },
          "attachments": [
            {
              "mime_type": "application/pdf",
              "size_in_bytes": 1024,
              "url": "https://www.quangtri.gov.vn/quy%E1%BA%BFt%20%C4%91%E1%BB%8Bnh.pdf"
            },
            {
              "mime_type": "application/octet-stream",
              "url": "https://www.quangtri.gov.vn/b%5B1%5D.bin"
            }
          ],
          "authors": [
            {
              "name": "Phạm Mỹ Hạnh"
            }
          ],
          "content_html": "<p>Sáng ngày 29/11/2023 &amp; hôm sau.</p>",
          "date_modified": "2023-11-30T10:00:00.000007+07:00",
          "date_published": "2023-11-30T07:51:00+07:00",
          "id": "tag:quangtri.gov.vn,2026:quangtri/article/12345",
          "image": "https://www.quangtri.gov.vn/%E1%BA%A3nh.jpg?a=1&b=2",
          "summary": "Sáng 29/11, lãnh đạo tỉnh <{joiner}làm việc> với sở.",
          "tags": [
            "Khoa học và công nghệ"
          ],
          "title": "UBND tỉnh làm việc với sở Khoa học & Công nghệ",
          "url": "https://www.quangtri.gov.vn/tin%20t%E1%BB%A9c/12345?a=1%7C2&b=3"
        },
        {
          "content_text": "Sáng ngày 29/11/2023 & hôm sau.",
          "date_modified": "2023-11-30T08:00:00.000008+07:00",
          "date_published": "2023-11-30T08:00:00+07:00",
          "id": "tag:quangtri.gov.vn,2026:quangtri/article/a%2Fb%20c",
          "summary": "Sáng ngày 29/11/2023 & hôm sau.",
          "title": "Tin vắn",
          "url": "https://www.quangtri.gov.vn/2"
        }
      ],
      "language": "vi",
      "title": "Tất cả tin & bài",
      "version": "https://jsonfeed.org/version/1.1"
    }
    "#);
}

#[test]
fn a_list_of_feeds_in_opml() {
    let group = |title: &str, feeds| OutlineGroup {
        title: title.to_owned(),
        feeds,
    };
    let science = Outline {
        title: "Khoa học & công nghệ".to_owned(),
        feed_url: "https://loa.example/feeds/search.rss?q=bão&limit=5".to_owned(),
        html_url: "https://loa.example/topics/khoa-hoc-cong-nghe".to_owned(),
    };
    let bytes = opml(
        "Loa",
        &[group("Chủ đề \u{1}", vec![science]), group("Trống", vec![])],
    );
    insta::assert_snapshot!(String::from_utf8(bytes).unwrap(), @r#"
    <?xml version="1.0" encoding="utf-8"?>
    <opml version="2.0">
      <head>
        <title>Loa</title>
      </head>
      <body>
        <outline text="Chủ đề ">
          <outline type="rss" text="Khoa học &amp; công nghệ" title="Khoa học &amp; công nghệ" xmlUrl="https://loa.example/feeds/search.rss?q=b%C3%A3o&amp;limit=5" htmlUrl="https://loa.example/topics/khoa-hoc-cong-nghe"/>
        </outline>
      </body>
    </opml>
    "#);
}

#[test]
fn the_feed_changed_when_its_newest_item_did() {
    let items = vec![full(&bare_article()), full(&article())];
    assert_eq!(
        feed(Format::Rss, items).changed_at(),
        at("2023-11-30T03:00:00.000007Z")
    );
    assert_eq!(feed(Format::Rss, vec![]).changed_at(), at("2023-01-01T00:00:00Z"));
}

#[test]
fn an_article_without_a_date_is_not_changed_before_it_is_published() {
    let mut undated = bare_article();
    undated.published = None;
    undated.first_seen_at = at("2023-11-30T01:00:00.784859Z");
    undated.updated_at = undated.first_seen_at;
    let item = item(&undated, Content::Excerpt);
    assert_eq!(item.published, at("2023-11-30T01:00:00Z"));
    assert!(item.updated >= item.published);
}

#[test]
fn an_edit_moves_nothing_but_updated() {
    let before = full(&article());
    let mut edited = article();
    edited.title.push_str(" (sửa)");
    edited.updated_at = at("2023-12-24T00:00:00Z");
    let after = full(&edited);
    assert_eq!((&after.id, after.published), (&before.id, before.published));
    assert!(after.updated > before.updated);
}

#[test]
fn an_article_that_was_never_edited_was_last_changed_when_it_was_published() {
    let mut unedited = article();
    unedited.updated_at = unedited.first_seen_at;
    let item = full(&unedited);
    assert_eq!(item.updated.timestamp(), item.published.timestamp());
}

#[test]
fn articles_of_one_moment_stay_in_order_by_what_is_shorter_than_a_second() {
    let one_moment: Vec<Item> = (999_990..1_000_000)
        .map(|id| full(&Article { id, ..article() }))
        .collect();
    assert!(one_moment.is_sorted_by(|a, b| a.updated < b.updated));
    assert!(
        one_moment
            .iter()
            .all(|item| item.published == one_moment[0].published)
    );
    // Two edits that a round recorded at one moment are apart as well.
    let seconds: BTreeSet<i64> = one_moment.iter().map(|item| item.updated.timestamp()).collect();
    assert_eq!(seconds.len(), 1);
}

#[test]
fn no_article_is_of_the_year_1970_or_of_the_future() {
    for wrong in ["1970-01-01T00:00:00Z", "2199-01-01T00:00:00Z"] {
        let mut article = article();
        article.published.as_mut().unwrap().at = at(wrong);
        assert_eq!(full(&article).published, article.first_seen_at);
    }
}

#[test]
fn an_entry_always_says_something() {
    let silent = Article {
        title: "\u{FFFE} \u{1}".to_owned(),
        lead: Some(" \u{FFFD}".to_owned()),
        body_text: String::new(),
        body_html: " ".to_owned(),
        author: Some(" ".to_owned()),
        source: Some("\u{0}".to_owned()),
        ..article()
    };
    let item = full(&silent);
    assert_eq!(
        (&*item.title, &*item.excerpt),
        ("Không có tiêu đề", "Không có tiêu đề")
    );
    assert_eq!((item.content_html, item.author, item.source), (None, None, None));
}

#[test]
fn a_retired_feed_says_so_in_an_entry_that_stays_the_same() {
    let retired = || {
        let id = "tag:quangtri.gov.vn,2026:loa/feeds/all";
        Item::retired(
            id,
            "Tin <b>",
            "https://loa.example/feeds",
            at("2026-11-24T01:00:00Z"),
        )
    };
    assert_eq!(retired(), retired());
    assert_eq!(retired().id, "tag:quangtri.gov.vn,2026:loa/feeds/all/retired");
    for format in Format::ALL {
        let document = feed(format, vec![retired()]).write(format);
        let read = feed_rs::parser::parse(&document[..]).unwrap();
        assert!(
            read.entries[0]
                .title
                .as_ref()
                .unwrap()
                .content
                .contains("đã ngừng")
        );
    }
}

#[test]
fn an_archive_document_says_so_and_links_to_its_neighbours() {
    let mut archive = feed(Format::Atom, vec![full(&article())]);
    archive.paging = Paging {
        is_archive: true,
        current: Some("https://loa.example/feeds/all.atom".to_owned()),
        prev_archive: Some("https://loa.example/feeds/all/archive/2023-10.atom".to_owned()),
        next_archive: None,
    };
    archive.hub_url = Some("https://hub.example/".to_owned());
    for format in [Format::Rss, Format::Atom] {
        let text = String::from_utf8(archive.write(format)).unwrap();
        assert!(text.contains("<fh:archive") && text.contains("http://purl.org/syndication/history/1.0"));
        for rel in ["current", "prev-archive", "hub", "self"] {
            assert!(text.contains(&format!("rel=\"{rel}\"")), "{rel} in {format:?}");
        }
        assert!(!text.contains("next-archive"));
    }
}

#[test]
fn each_format_has_its_extension_and_type() {
    for format in Format::ALL {
        assert_eq!(Format::from_extension(format.extension()), Some(format));
        let charset = format!("{}; charset=utf-8", format.media_type());
        assert_eq!(format.content_type(), charset);
    }
    assert_eq!(Format::from_extension("xml"), None);
}
