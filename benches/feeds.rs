//! How long it takes to write a feed of 50 full articles in each format, and to compress it.
//!
//! `cargo bench --bench feeds`. Articles are read from real pages of a sibling folder `../shared` where it is present, else
//! made up; figures of the two are not to be compared.

use std::{fs, hint::black_box, io::Write as _, path::Path, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use loa::{
    domain::{
        article::{Article, Attachment, Extracted, Image, Precision, Published},
        topic::{Assigned, Label},
    },
    feed::{Content, Feed, Format, Item, Origin, Paging},
    portal::{
        Profile,
        extract::{self, ArticlePage},
    },
};
use url::Url;

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/corpus/hanoi/article");
/// What a subscription document holds by default.
const ITEMS: i64 = 50;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_420_800, 0).expect("a moment of 2026")
}

/// The corpus's articles, as many as a feed holds.
fn real() -> Option<Vec<Extracted>> {
    let profile = Profile::builtin("liferay62").expect("a built-in profile");
    let mut files: Vec<_> = fs::read_dir(Path::new(CORPUS))
        .ok()?
        .map(|file| file.expect("a readable folder").path())
        .collect();
    files.sort();
    let pages = files.iter().rev().map(|file| {
        let key = file.file_stem().expect("a name").to_string_lossy();
        let url = format!("https://sotttt.hanoi.gov.vn/vi/cong-nghe-thong-tin/-/view_content/{key}-tin");
        let html = fs::read_to_string(file).expect("a readable page");
        match extract::article(&html, &Url::parse(&url).expect("an address"), &profile, now()) {
            Ok(ArticlePage::Article(page)) => *page,
            other => panic!("{key}: {other:?}"),
        }
    });
    Some(pages.take(usize::try_from(ITEMS).expect("a few")).collect())
}

/// An article of the usual length.
fn made_up(key: i64) -> Extracted {
    let paragraph = "Sáng nay, Sở Khoa học và Công nghệ tổ chức hội nghị nghiệm thu đề tài “Giống lúa chịu mặn” & công bố \
                     kết quả; nhiều nhà khoa học trong tỉnh và đại diện các hợp tác xã đến dự. ";
    let text = paragraph.repeat(18);
    Extracted {
        key: key.to_string(),
        url: format!("https://portal.example.vn/tin tức/{key}?a=1&b=2"),
        title: format!("Hội nghị nghiệm thu đề tài giống lúa chịu mặn lần thứ {key}"),
        lead: Some(paragraph.to_owned()),
        source: Some("Cổng TTĐT".to_owned()),
        author: Some("Phạm Mỹ Hạnh".to_owned()),
        published: Some(Published {
            at: now() - TimeDelta::hours(key),
            precision: Precision::Minute,
        }),
        section: None,
        body_html: format!("<p>{}</p>", text.replace('&', "&amp;")),
        body_text: text,
        images: vec![Image {
            src: format!("https://portal.example.vn/ảnh/{key}.jpg"),
            alt: String::new(),
            caption: None,
        }],
        attachments: vec![Attachment {
            url: format!("https://portal.example.vn/quyết định {key}.pdf"),
            media_type: Some("application/pdf".to_owned()),
            size_bytes: Some(120_000),
        }],
        rules: std::collections::BTreeMap::new(),
        warnings: vec![],
    }
}

fn stored(id: i64, page: Extracted) -> Article {
    Article {
        id,
        portal: "quangtri".to_owned(),
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
        first_seen_at: now(),
        updated_at: now(),
        topics: vec![Assigned {
            slug: "khoa-hoc-cong-nghe".to_owned(),
            score: 10.0,
            evidence: vec![],
        }],
        sections: vec![],
    }
}

fn articles() -> Vec<Article> {
    let pages = real().unwrap_or_else(|| (0..ITEMS).map(made_up).collect());
    pages
        .into_iter()
        .zip(1..)
        .map(|(page, id)| stored(id, page))
        .collect()
}

/// The feed of the articles, from what the store gives: making the items is part of writing it.
fn feed(articles: &[Article], format: Format) -> Feed {
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
    Feed {
        id: "tag:quangtri.gov.vn,2026:loa/feeds/all".to_owned(),
        title: "Cổng thông tin điện tử tỉnh Quảng Trị".to_owned(),
        description: "Tất cả tin mới".to_owned(),
        language: "vi".to_owned(),
        self_url: format!("https://loa.example/feeds/all.{}", format.extension()),
        html_url: "https://loa.example/".to_owned(),
        authority: "Cổng thông tin điện tử tỉnh Quảng Trị".to_owned(),
        icon_url: None,
        hub_url: None,
        created: now(),
        is_ended: false,
        ttl_minutes: 10,
        paging: Paging::default(),
        items: articles
            .iter()
            .map(|article| Item::from_article(article, &origin, Content::Full))
            .collect(),
    }
}

fn gzip(document: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    encoder.write_all(document).expect("memory takes what is written");
    encoder.finish().expect("memory takes what is written")
}

fn br(document: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    let mut encoder = brotli::CompressorWriter::new(&mut body, 8 << 10, 5, 22);
    encoder.write_all(document).expect("memory takes what is written");
    drop(encoder);
    body
}

fn rendering(criterion: &mut Criterion) {
    let articles = articles();
    let mut group = criterion.benchmark_group("feed");
    for format in Format::ALL {
        let document = feed(&articles, format).write(format);
        group.throughput(Throughput::Bytes(document.len() as u64));
        let name = format.extension();
        group.bench_function(format!("{name}/write"), |bencher| {
            bencher.iter(|| feed(black_box(&articles), format).write(format));
        });
        group.bench_function(format!("{name}/gzip"), |bencher| {
            bencher.iter(|| gzip(black_box(&document)));
        });
        group.bench_function(format!("{name}/br"), |bencher| {
            bencher.iter(|| br(black_box(&document)));
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(30).measurement_time(Duration::from_secs(3));
    targets = rendering
}
criterion_main!(benches);
