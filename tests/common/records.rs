//! Articles as tests need them: a builder with everything set, changed by a closure.

use chrono::{DateTime, TimeDelta, Utc};
use loa::{
    domain::{
        article::{Extracted, Precision, Published},
        subscription::{Address, Channel, Frequency},
        token::Tokens,
        topic::{Assigned, Label},
        watch::Watch,
    },
    store::{FanoutId, Import, NewArticle, Recorded, Store},
};

/// A Tuesday, 15:00 in the portal's zone.
pub fn start() -> DateTime<Utc> {
    "2026-11-24T08:00:00Z".parse().unwrap()
}

/// The article number `n` of the sample section.
pub fn page(n: i64) -> Extracted {
    Extracted {
        key: format!("{}", 1_764_000_000_000 + n),
        url: format!("http://portal.example/chi-tiet-tin/-/view-article/1/7/{n}"),
        title: format!("Tỉnh công bố đề tài khoa học số {n}"),
        lead: Some("Sáng nay, Sở Khoa học và Công nghệ công bố kết quả nghiên cứu.".to_owned()),
        source: Some("Cổng TTĐT".to_owned()),
        author: Some("Nguyễn Thị Mẫu".to_owned()),
        published: Some(Published {
            at: start() + TimeDelta::minutes(n),
            precision: Precision::Minute,
        }),
        section: Some("KHOA HỌC - CÔNG NGHỆ".to_owned()),
        body_html: format!("<p>Đoạn văn của bài {n}.</p>"),
        body_text: format!("Đoạn văn của bài {n}."),
        images: Vec::new(),
        attachments: Vec::new(),
        rules: std::collections::BTreeMap::new(),
        warnings: Vec::new(),
    }
}

/// Topics, one portal's section, and the watches on them.
pub async fn prepare(store: &Store, now: DateTime<Utc>) -> i64 {
    let label = |slug: &str, vi: &str| Label {
        slug: slug.to_owned(),
        vi: vi.to_owned(),
        en: slug.to_owned(),
    };
    store
        .sync_sections(&[("mau", "khoa-hoc", "Khoa học")], now)
        .await
        .unwrap();
    let labels = [
        label("khoa-hoc-cong-nghe", "Khoa học và công nghệ"),
        label("y-te-suc-khoe", "Y tế, sức khỏe"),
    ];
    store.sync_topics(&labels, now).await.unwrap();
    store.sections().await.unwrap()[0].id
}

/// Records article `n` with the given topics, announced by `round` or silently.
pub async fn record(
    store: &Store,
    section: i64,
    n: i64,
    topics: &[&str],
    round: Option<FanoutId>,
) -> Recorded {
    record_page(store, section, &page(n), topics, round, start()).await
}

/// Records a page.
pub async fn record_page(
    store: &Store,
    section: i64,
    page: &Extracted,
    topics: &[&str],
    round: Option<FanoutId>,
    now: DateTime<Utc>,
) -> Recorded {
    let topics: Vec<Assigned> = topics
        .iter()
        .map(|slug| Assigned {
            slug: (*slug).to_owned(),
            score: 9.0,
            evidence: Vec::new(),
        })
        .collect();
    let watches: Vec<i64> = store
        .watches()
        .await
        .unwrap()
        .into_iter()
        .filter(|known| match &known.watch {
            Watch::All | Watch::Section { .. } => true,
            Watch::Topic(slug) => topics.iter().any(|topic| topic.slug == *slug),
            Watch::Phrase(phrase) => page.body_text.contains(phrase.as_str()),
        })
        .map(|known| known.id)
        .collect();
    let article = NewArticle {
        portal: "mau",
        page,
        content_hash: &loa::domain::article::content_hash(page),
        topics: &topics,
        watches: &watches,
        section: (section, &page.title),
        announce: round,
        validators: (None, None),
        next_look_at: None,
        edited_look_at: None,
        now,
    };
    store.record(&article).await.unwrap()
}

/// Adds a subscription with a recorded basis.
pub async fn subscribe(store: &Store, address: &str, watch: &str, frequency: Frequency) {
    let channel = if address.contains('@') && !address.starts_with('@') {
        Channel::Email
    } else {
        Channel::Telegram
    };
    let import = Import {
        address: Address::parse(channel, address).unwrap(),
        watch: watch.parse().unwrap(),
        frequency,
    };
    store
        .import(&import, "test", &Tokens::new("test"), start())
        .await
        .unwrap();
}
