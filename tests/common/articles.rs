//! Articles to make messages from.

use chrono::{DateTime, TimeZone, Utc};
use loa::domain::{
    article::{Article, Precision, Published},
    topic::{Assigned, Evidence, Label, Place},
};

/// 24 November 2026, 08:00 in Viet Nam.
pub fn morning() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 24, 1, 0, 0).unwrap()
}

/// The topics that the articles below have.
pub fn labels() -> Vec<Label> {
    [
        (
            "khoa-hoc-cong-nghe",
            "Khoa học và công nghệ",
            "Science and technology",
        ),
        ("y-te", "Y tế", "Health"),
    ]
    .map(|(slug, vi, en)| Label {
        slug: slug.to_owned(),
        vi: vi.to_owned(),
        en: en.to_owned(),
    })
    .to_vec()
}

/// A topic with one phrase in the title.
pub fn topic(slug: &str, phrase: &str, score: f64) -> Assigned {
    let evidence = Evidence {
        phrase: phrase.to_owned(),
        place: Place::Title,
        count: 1,
    };
    Assigned {
        slug: slug.to_owned(),
        score,
        evidence: vec![evidence],
    }
}

/// An article of the section "Tin tức" without a topic.
pub fn article(id: i64, title: &str) -> Article {
    Article {
        id,
        portal: "quangtri".to_owned(),
        key: id.to_string(),
        url: format!("https://portal.example.vn/tin/{id}?a=1&b=2"),
        title: title.to_owned(),
        lead: Some(
            "Sáng 24/11, UBND tỉnh nghiệm thu đề tài \"Giống lúa chịu mặn\" & công bố kết quả.".to_owned(),
        ),
        source: Some("Cổng TTĐT".to_owned()),
        author: None,
        published: Some(Published {
            at: morning(),
            precision: Precision::Minute,
        }),
        body_html: String::new(),
        body_text: "Mưa lũ làm ngập nhiều tuyến đường.".to_owned(),
        images: vec![],
        attachments: vec![],
        first_seen_at: morning(),
        updated_at: morning(),
        topics: vec![],
        sections: vec![("tin-tuc".to_owned(), "Tin tức".to_owned())],
    }
}
