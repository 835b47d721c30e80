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
struct Gold {
    title: String,
    path: String,
    published: DateTime<chrono::FixedOffset>,
    precision: String,
    lead: String,
    author: String,
    body: String,
    images: usize,
    attachments: usize,
}

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 1, 0, 0, 0).unwrap()
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
    let (found, gold) = (found.split_whitespace().count(), gold.split_whitespace().count());
    if found + gold == 0 {
        1.0
    } else {
        2.0 * f64::from(common) / (found + gold) as f64
    }
}

#[test]
fn real_articles_come_out_as_their_own_theme_marks_them() {
    let Some(corpus) = shared("corpus/hanoi") else {
        return;
    };
    let gold: HashMap<String, Gold> =
        serde_json::from_str(&std::fs::read_to_string(corpus.join("gold.json")).unwrap()).unwrap();
    let profile = Profile::builtin("liferay62").unwrap();
    let mut sums = [0.0_f64; 7];
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
        if std::env::args().any(|a| a == "--nocapture")
            && (scores[4] < 0.97 || scores[..4].iter().any(|s| *s < 1.0))
        {
            println!(
                "{key} {scores:?} lead {:?} / {:?}",
                found.lead.as_deref(),
                gold.lead
            );
        }
        for (sum, score) in sums.iter_mut().zip(scores) {
            *sum += score;
        }
    }
    let mean = sums.map(|sum| sum / gold.len() as f64);
    println!(
        "{} articles: title {:.4} time {:.4} lead {:.4} author {:.4} body F1 {:.4} pictures {:.4} files {:.4}",
        gold.len(),
        mean[0],
        mean[1],
        mean[2],
        mean[3],
        mean[4],
        mean[5],
        mean[6]
    );
    assert!(
        mean[0] == 1.0 && mean[1] == 1.0,
        "titles and times are exact: {mean:?}"
    );
    assert!(mean[2] >= 0.98 && mean[3] >= 0.98, "leads and authors: {mean:?}");
    assert!(mean[4] >= 0.99, "bodies: {mean:?}");
}

fn compare(found: &Extracted, gold: &Gold) -> [f64; 7] {
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
