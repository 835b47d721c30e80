//! Articles and feeds for the tests of the formats.

use chrono::{DateTime, Utc};
use loa::{
    domain::{
        article::{Article, Attachment, Image, Precision, Published},
        topic::{Assigned, Label},
    },
    feed::{Content, Feed, Format, Item, Origin, Paging},
};

/// A moment.
pub fn at(rfc3339: &str) -> DateTime<Utc> {
    rfc3339.parse().unwrap()
}

/// An article with a picture, two files and a topic.
pub fn article() -> Article {
    Article {
        id: 7,
        portal: "quangtri".to_owned(),
        key: "12345".to_owned(),
        url: "https://www.quangtri.gov.vn/tin tức/12345?a=1|2&b=3".to_owned(),
        title: "UBND tỉnh làm việc với sở Khoa học & Công nghệ".to_owned(),
        lead: Some("Sáng 29/11, lãnh đạo tỉnh <làm việc>\nvới sở.".to_owned()),
        source: Some("Cổng TTĐT".to_owned()),
        author: Some("Phạm Mỹ Hạnh".to_owned()),
        published: Some(Published {
            at: at("2023-11-30T00:51:00Z"),
            precision: Precision::Minute,
        }),
        body_html: "<p>Sáng ngày 29/11/2023 &amp; hôm sau.</p>".to_owned(),
        body_text: "Sáng ngày 29/11/2023 & hôm sau.".to_owned(),
        images: vec![Image {
            src: "https://www.quangtri.gov.vn/ảnh.jpg?a=1&b=2".to_owned(),
            alt: "Buổi làm việc".to_owned(),
            caption: None,
        }],
        attachments: vec![
            Attachment {
                url: "https://www.quangtri.gov.vn/quyết định.pdf".to_owned(),
                media_type: Some("application/pdf".to_owned()),
                size_bytes: Some(1024),
            },
            Attachment {
                url: "https://www.quangtri.gov.vn/b[1].bin".to_owned(),
                media_type: None,
                size_bytes: None,
            },
        ],
        first_seen_at: at("2023-11-30T01:00:00Z"),
        updated_at: at("2023-11-30T03:00:00Z"),
        topics: vec![Assigned {
            slug: "khoa-hoc-cong-nghe".to_owned(),
            score: 12.0,
            evidence: vec![],
        }],
        sections: vec![],
    }
}

/// An article of which the portal tells the least.
pub fn bare_article() -> Article {
    Article {
        id: 8,
        key: "a/b c".to_owned(),
        url: "https://www.quangtri.gov.vn/2".to_owned(),
        title: "Tin vắn".to_owned(),
        lead: None,
        source: None,
        author: None,
        published: None,
        images: vec![],
        attachments: vec![],
        updated_at: at("2023-11-30T01:00:00Z"),
        topics: vec![],
        ..article()
    }
}

/// The item of an article in a feed with full texts.
pub fn full(article: &Article) -> Item {
    item(article, Content::Full)
}

/// The item of an article in a feed that carries this much.
pub fn item(article: &Article, content: Content) -> Item {
    let labels = [Label {
        slug: "khoa-hoc-cong-nghe".to_owned(),
        vi: "Khoa học và công nghệ".to_owned(),
        en: "Science and technology".to_owned(),
    }];
    let origin = Origin {
        authority: "quangtri.gov.vn",
        year: 2026,
        labels: &labels,
    };
    Item::from_article(article, &origin, content)
}

/// A feed of the given items at the address of the format.
pub fn feed(format: Format, items: Vec<Item>) -> Feed {
    Feed {
        id: "tag:quangtri.gov.vn,2026:feed/all".to_owned(),
        title: "Tất cả tin & bài".to_owned(),
        description: "Mọi bài viết <mới> của cổng".to_owned(),
        language: "vi".to_owned(),
        self_url: format!("https://loa.example/feeds/all.{}?limit=2", format.extension()),
        html_url: "https://loa.example/".to_owned(),
        authority: "Cổng TTĐT tỉnh Quảng Trị".to_owned(),
        icon_url: None,
        hub_url: None,
        created: at("2023-01-01T00:00:00Z"),
        is_ended: false,
        ttl_minutes: 15,
        paging: Paging::default(),
        items,
    }
}
