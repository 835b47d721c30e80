//! Measures extraction against the gold fields of real pages kept beside the project. Skipped where they are missing.

use std::collections::HashMap;
use std::path::PathBuf;

use chrono::{DateTime, TimeZone, Utc};
use loa::domain::article::{Extracted, Precision};
use loa::portal::extract::{ArticlePage, article, list};
use loa::portal::{Portal, Profile};
use serde::Deserialize;
use url::Url;

#[derive(Deserialize)]
pub(crate) struct Gold {
    pub(crate) title: String,
    pub(crate) path: String,
    pub(crate) published: DateTime<chrono::FixedOffset>,
    pub(crate) precision: String,
    pub(crate) lead: String,
    pub(crate) author: String,
    pub(crate) body: String,
    images: usize,
    attachments: usize,
}

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 1, 0, 0, 0)
        .single()
        .expect("a date")
}

/// The corpus, or a note that there is none.
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared");
    if !root.exists() {
        println!("skipped: no ../shared");
        return None;
    }
    Some(root.join(path))
}

/// F1 of two texts as bags of words.
pub(crate) fn token_f1(found: &str, gold: &str) -> f64 {
    let mut left: HashMap<&str, i32> = HashMap::new();
    for word in gold.split_whitespace() {
        *left.entry(word).or_default() += 1;
    }
    let mut common = 0;
    for word in found.split_whitespace() {
        if let Some(n) = left.get_mut(word).filter(|n| **n > 0) {
            *n -= 1;
            common += 1;
        }
    }
    let words = |text: &str| u32::try_from(text.split_whitespace().count()).expect("a page's words");
    match words(found) + words(gold) {
        0 => 1.0,
        all => 2.0 * f64::from(common) / f64::from(all),
    }
}

pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / f64::from(u32::try_from(values.len()).expect("a corpus's size"))
}

#[test]
fn real_articles_come_out_as_their_own_theme_marks_them() {
    let Some(corpus) = shared("corpus/hanoi") else {
        return;
    };
    let gold: HashMap<String, Gold> =
        serde_json::from_str(&std::fs::read_to_string(corpus.join("gold.json")).unwrap()).unwrap();
    let profile = Profile::builtin("liferay62").unwrap();
    let mut columns: [Vec<f64>; 8] = Default::default();
    for (key, gold) in &gold {
        let html = std::fs::read_to_string(corpus.join(format!("article/{key}.html"))).unwrap();
        let url = Url::parse("https://sotttt.hanoi.gov.vn")
            .unwrap()
            .join(&gold.path)
            .unwrap();
        let found = match article(&html, &url, &profile, now()) {
            Ok(ArticlePage::Article(found)) => found,
            other => panic!("{key}: {other:?}"),
        };
        assert_eq!(found.key, *key);
        let scores = compare(&found, gold);
        if std::env::args().any(|a| a == "--nocapture") && (scores[4] < 0.97 || scores[5] < 1.0) {
            println!("{key} {scores:?}");
        }
        for (column, score) in columns.iter_mut().zip(scores) {
            column.push(score);
        }
    }
    let [title, time, lead, author, body, pictures, files, raw] = columns.map(|column| mean(&column));
    println!(
        "{} articles: title {title:.4} time {time:.4} lead {lead:.4} author {author:.4} body F1 {body:.4} \
         (against a body with the author's line {raw:.4}) pictures {pictures:.4} files {files:.4}",
        gold.len()
    );
    assert!(title >= 1.0 && time >= 1.0, "titles and times are exact");
    assert!(lead >= 0.98 && author >= 0.98, "leads and authors");
    assert!(body >= 0.99 && raw >= 0.98, "bodies");
}

fn compare(found: &Extracted, gold: &Gold) -> [f64; 8] {
    let exact = |yes: bool| f64::from(u8::from(yes));
    let time = found.published.is_some_and(|p| {
        p.at == gold.published && (p.precision == Precision::Day) == (gold.precision == "day")
    });
    // The gold body ends with the author's line, which is a field of its own here.
    let body = gold
        .body
        .trim_end()
        .strip_suffix(gold.author.as_str())
        .unwrap_or(&gold.body);
    [
        exact(found.title == gold.title),
        exact(time),
        exact(found.lead.as_deref().unwrap_or_default() == gold.lead),
        exact(found.author.as_deref().unwrap_or_default() == gold.author),
        token_f1(&found.body_text, body),
        exact(found.images.len() == gold.images),
        exact(found.attachments.len() == gold.attachments),
        token_f1(&found.body_text, &gold.body),
    ]
}

#[test]
fn real_list_pages_give_all_their_items_and_the_way_on() {
    let Some(corpus) = shared("corpus/hanoi") else {
        return;
    };
    let portal = Portal::from_toml(Portal::builtin("sotttt-hanoi").unwrap()).unwrap();
    let mut keys = std::collections::HashSet::new();
    for page in 1..=25 {
        let html = std::fs::read_to_string(corpus.join(format!("list/{page:03}.html"))).unwrap();
        let url = portal
            .base_url
            .join(&format!("/vi/cong-nghe-thong-tin?_101_cur={page}"))
            .unwrap();
        let list = list(&html, &url, &portal.profiles[0], now()).unwrap();
        let expected = if page == 25 { 3 } else { 10 };
        assert_eq!(list.items.len(), expected, "page {page}");
        assert_eq!(list.next.is_some(), page < 25, "page {page}: {:?}", list.next);
        for item in list.items {
            assert!(item.published.is_some(), "page {page}: {}", item.key);
            assert!(!item.title.is_empty(), "page {page}: {}", item.key);
            keys.insert(item.key);
        }
    }
    assert!(keys.len() >= 242, "{}", keys.len());
}
