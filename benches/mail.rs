//! What one mail costs before it is signed and sent: its text and HTML, and its bytes.
//!
//! `cargo bench --bench mail`. The articles are the demo's; an alert is of one article (8 kB as it travels), a digest of forty.

use std::{hint::black_box, sync::LazyLock};

use chrono::{DateTime, NaiveDate, Utc};
use criterion::{Criterion, criterion_group, criterion_main};
use loa::{
    domain::{
        article::{Article, Precision, Published},
        classify::{Classifier, Taxonomy},
        subscription::{Address, Channel, Language},
        topic::Label,
        watch::Watch,
    },
    notify::{
        email::encode,
        message::{self, Addressing, Content, Ground, Links, Mail, Occasion, Operator, Sender},
    },
};

const NEWS: [&str; 4] = [
    include_str!("../src/demo/portal/articles/giong-lua-chiu-man.txt"),
    include_str!("../src/demo/portal/articles/ap-thap.txt"),
    include_str!("../src/demo/portal/articles/dich-vu-cong-truc-tuyen.txt"),
    include_str!("../src/demo/portal/articles/ho-tieu-huu-co.txt"),
];

static TAXONOMY: LazyLock<Taxonomy> =
    LazyLock::new(|| Taxonomy::parse(include_str!("../config/topics.toml")).expect("the compiled-in topics"));
static OPERATOR: LazyLock<Operator> =
    LazyLock::new(|| Operator::new("Văn phòng UBND tỉnh", "45 Hùng Vương, Đông Hà", "0233 000 000"));

fn moment() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_420_800, 0).expect("a moment of 2026")
}

fn articles(count: usize) -> Vec<Article> {
    let classifier = Classifier::new(&TAXONOMY).expect("the compiled-in topics");
    let of = |(file, id): (&&str, i64)| {
        let (head, body) = file.split_once("\n\n").expect("a sample has a head");
        let title = head.lines().next().unwrap_or_default().replace("title: ", "");
        let lead = body.lines().next().unwrap_or_default().to_owned();
        Article {
            id,
            portal: "quangtri".to_owned(),
            key: id.to_string(),
            url: format!("https://quangtri.gov.vn/chi-tiet-tin/-/view-article/1/1372906279{id}/{id}"),
            topics: classifier.classify(&title, Some(&lead), body, &[]),
            title,
            lead: Some(lead),
            source: Some("Cổng TTĐT".to_owned()),
            author: None,
            published: Some(Published {
                at: moment(),
                precision: Precision::Minute,
            }),
            body_html: String::new(),
            body_text: body.to_owned(),
            images: Vec::new(),
            attachments: Vec::new(),
            first_seen_at: moment(),
            updated_at: moment(),
            sections: vec![("tin-tuc".to_owned(), "Tin tức".to_owned())],
        }
    };
    NEWS.iter().cycle().zip(1..).take(count).map(of).collect()
}

fn content<'a>(
    occasion: Occasion,
    articles: &'a [Article],
    labels: &'a [Label],
    watches: &'a [Watch],
) -> Content<'a> {
    Content {
        occasion,
        articles,
        labels,
        watches,
        language: Language::Vi,
        links: Links {
            public_url: "https://loa.example.vn",
            unsubscribe_url: "https://loa.example.vn/unsubscribe/AAAAAAAAAAwVxR0cDqk2mP8sLz1vN7bYtA",
            manage_url: "https://loa.example.vn/manage/AAAAAAAAAAwVxR0cDqk2mP8sLz1vN7bYtA",
        },
        portal_name: "Cổng thông tin điện tử tỉnh Quảng Trị",
        authority: "quangtri.gov.vn",
        operator: &OPERATOR,
        ground: Ground::SignUp,
        office: None,
    }
}

fn mails(c: &mut Criterion) {
    let from = Sender::parse("Loa <loa@example.vn>").expect("a sender");
    let to = Address::parse(Channel::Email, "lan@example.vn").expect("an address");
    let addressing = Addressing {
        message_id: "<loa.delivery.7.t1@loa.example.vn>",
        from: &from,
        to: &to,
        mark: None,
        at: moment(),
    };
    let topics: Vec<Watch> = TAXONOMY
        .labels()
        .iter()
        .take(6)
        .map(|label| Watch::Topic(label.slug.clone()))
        .collect();
    let phrases = vec![
        Watch::Phrase("mưa lũ".to_owned()),
        Watch::Phrase("giống lúa".to_owned()),
    ];
    let day = NaiveDate::from_ymd_opt(2026, 11, 24).expect("a date");
    let (one, forty) = (articles(1), articles(40));
    let samples = [
        (
            "alert",
            content(Occasion::Alert, &one, TAXONOMY.labels(), &topics),
        ),
        (
            "alert of phrases",
            content(Occasion::Alert, &one, TAXONOMY.labels(), &phrases),
        ),
        (
            "digest of 40",
            content(Occasion::Daily(day), &forty, TAXONOMY.labels(), &topics),
        ),
    ];
    for (name, content) in samples {
        let mail: Mail = message::mail(&content, &addressing);
        let bytes = encode(&mail).map_or(0, |bytes| bytes.len());
        println!(
            "{name}: {} bytes of text, {} of HTML, {bytes} as they travel",
            mail.text.len(),
            mail.html.len()
        );
        let mut group = c.benchmark_group(name);
        group.bench_function("text and HTML", |b| {
            b.iter(|| message::mail(black_box(&content), &addressing));
        });
        group.bench_function("bytes", |b| b.iter(|| encode(black_box(&mail))));
        group.finish();
    }
}

criterion_group!(benches, mails);
criterion_main!(benches);
