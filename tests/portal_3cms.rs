//! The old provincial shape with unknown class names, as the replica beside the project renders it. Skipped without it.

use std::collections::BTreeMap;
use std::process::Command;

use chrono::{DateTime, TimeZone, Utc};
use loa::domain::article::Extracted;
use loa::portal::Profile;
use loa::portal::extract::{ArticlePage, article, list};
use serde::Deserialize;
use url::Url;

use crate::portal_corpus::{mean, shared, token_f1};

const RENDER: &str = r#"
import sys, json, argparse
sys.path.insert(0, sys.argv[1] + "/portal-replica")
sys.dont_write_bytecode = True
import replica
seed, every = int(sys.argv[2]), int(sys.argv[3])
a = argparse.Namespace(corpus=sys.argv[1] + "/corpus/hanoi", shape="3cms", published=None, seed=seed, no_validators=False, noise=False)
p = replica.Portal(a)
pages = []
for i, x in enumerate(p.items):
    if i % every == 0 or "seed" in x:
        body = "\n".join(x["seed"]) if "seed" in x else (("(Cổng TTĐT) " + (x["lead"] + " " if x["lead"] else "") + x["body"]))
        pages.append({"key": x["key"], "title": x["title"], "published": x["published"], "author": x["author"], "body": body, "html": p.article_page(x["key"])})
key = p.items[0]["key"]
p.withdrawn.add(key)
json.dump({"pages": pages, "list": p.list_page(1), "next_list": p.list_page(2), "withdrawn": p.article_page(key)}, sys.stdout)
"#;

#[derive(Deserialize)]
struct Rendered {
    pages: Vec<PageOf>,
    list: String,
    next_list: String,
    withdrawn: String,
}

#[derive(Deserialize)]
struct PageOf {
    key: String,
    title: String,
    published: DateTime<chrono::FixedOffset>,
    author: String,
    body: String,
    html: String,
}

fn render(seed: u32, every: u32) -> Option<Rendered> {
    let root = shared("")?;
    let root = root
        .to_str()
        .expect("a path in UTF-8")
        .trim_end_matches('/')
        .to_owned();
    let output = Command::new("python3")
        .args(["-c", RENDER, &root, &seed.to_string(), &every.to_string()])
        .output();
    let Ok(output) = output else {
        println!("skipped: no python3");
        return None;
    };
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Some(serde_json::from_slice(&output.stdout).expect("what RENDER prints"))
}

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 24, 12, 0, 0)
        .single()
        .expect("a date")
}

fn url_of(key: &str) -> Url {
    let base = "https://www.quangtri.gov.vn/chi-tiet-tin/-/view-article/1/13729062791727/";
    Url::parse(&format!("{base}{key}")).expect("an address")
}

fn read(html: &str, key: &str) -> Extracted {
    match article(
        html,
        &url_of(key),
        &Profile::builtin("3cms").expect("compiled in"),
        now(),
    ) {
        Ok(ArticlePage::Article(found)) => *found,
        other => panic!("{key}: {other:?}"),
    }
}

const FURNITURE: &[&str] = &[
    "Các tin khác",
    "Thống kê",
    "truy cập",
    "Bản quyền",
    "Xem với cỡ chữ",
    "A-",
    "tạm thời không có",
    "Trang Nhất",
];

#[test]
fn the_seed_article_comes_out_whole_whatever_the_mark_up() {
    for seed in 1..=40 {
        let Some(rendered) = render(seed, 60) else { return };
        let page = rendered.pages.iter().find(|p| p.key == "1701305474022").unwrap();
        let found = read(&page.html, &page.key);
        assert_eq!(
            found.title, "UBND tỉnh Quảng Trị làm việc với sở Khoa học và Công nghệ",
            "seed {seed}"
        );
        assert_eq!(found.published.unwrap().at, page.published, "seed {seed}");
        assert_eq!(found.source.as_deref(), Some("Cổng TTĐT"), "seed {seed}");
        assert_eq!(found.author.as_deref(), Some("Phạm Mỹ Hạnh"), "seed {seed}");
        assert_eq!(
            found.section.as_deref(),
            Some("KHOA HỌC - CÔNG NGHỆ"),
            "seed {seed}"
        );
        let expected: Vec<String> = page.body.lines().map(loa::domain::text::one_line).collect();
        let expected = expected.join("\n").replacen("(Cổng TTĐT) ", "", 1);
        assert_eq!(found.body_text, expected, "seed {seed}");
        let captions: BTreeMap<_, _> = found
            .images
            .iter()
            .map(|i| (i.src.rsplit('=').next().unwrap(), i.caption.as_deref().unwrap()))
            .collect();
        insta::allow_duplicates! {
            insta::assert_debug_snapshot!(captions, @r#"
            {
                "anh_1.jpg": "Chủ tịch UBND tỉnh Võ Văn Hưng phát biểu kết luận buổi làm việc",
                "anh_4.jpg": "Giám đốc sở Khoa học và Công nghệ Trần Ngọc Lân báo cáo tại buổi làm việc",
                "anh_8.jpg": "Lãnh đạo các ngành phát biểu ý kiến tại buổi làm việc",
            }
            "#);
        }
        for text in FURNITURE {
            assert!(!found.body_html.contains(text), "seed {seed}: {text} in the body");
        }
        assert!(
            !found.body_html.contains("Phạm Mỹ Hạnh") && !found.body_html.contains("style"),
            "seed {seed}"
        );
        assert_eq!(found.warnings, Vec::<String>::new(), "seed {seed}");
    }
}

#[test]
fn all_articles_come_out_in_the_old_shape() {
    let mut f1 = Vec::new();
    for (seed, every) in [(1, 1), (2, 4), (3, 4), (4, 4), (5, 4), (7, 4), (12, 4)] {
        let Some(rendered) = render(seed, every) else {
            return;
        };
        for page in rendered.pages {
            let found = read(&page.html, &page.key);
            assert_eq!(found.title, page.title, "seed {seed} {}", page.key);
            assert_eq!(
                found.published.unwrap().at,
                page.published,
                "seed {seed} {}",
                page.key
            );
            assert_eq!(
                found.author.as_deref(),
                Some(page.author.as_str()),
                "seed {seed} {}",
                page.key
            );
            f1.push(token_f1(&format!("(Cổng TTĐT) {}", found.body_text), &page.body));
        }
        let withdrawn = article(
            &rendered.withdrawn,
            &url_of("1"),
            &Profile::builtin("3cms").unwrap(),
            now(),
        );
        assert_eq!(withdrawn, Ok(ArticlePage::NotThere), "seed {seed}");
    }
    let mean = mean(&f1);
    println!("{} pages in the old shape: body F1 {mean:.4}", f1.len());
    assert!(mean > 0.99);
}

#[test]
fn lists_of_the_old_shape_give_their_items_and_the_next_page() {
    let Some(rendered) = render(1, 60) else { return };
    let url = Url::parse("https://www.quangtri.gov.vn/khoa-hoc-cong-nghe").unwrap();
    let profile = Profile::builtin("3cms").unwrap();
    let page = list(&rendered.list, &url, &profile, now()).unwrap();
    assert_eq!(page.items.len(), 10);
    assert_eq!(page.items[0].key, "1701305474022");
    assert!(page.items[0].published.is_some());
    assert!(page.items.iter().any(|i| i.title_is_cut));
    let next = page.next.unwrap();
    assert_eq!(
        next.as_str(),
        "https://www.quangtri.gov.vn/khoa-hoc-cong-nghe?page=2"
    );
    let second = list(&rendered.next_list, &next, &profile, now()).unwrap();
    assert_eq!(second.items.len(), 10);
    assert_eq!(second.next.unwrap().query(), Some("page=3"));
}

#[test]
fn the_shape_is_read_without_its_profile_too() {
    let generic = Profile::builtin("generic").expect("compiled in");
    let mut bodies = Vec::new();
    for seed in 1..=20 {
        let Some(rendered) = render(seed, 40) else { return };
        for page in &rendered.pages {
            let found = match article(&page.html, &url_of(&page.key), &generic, now()) {
                Ok(ArticlePage::Article(found)) => found,
                other => panic!("seed {seed} {}: {other:?}", page.key),
            };
            assert_eq!(
                found.title,
                loa::domain::text::one_line(&page.title),
                "seed {seed}"
            );
            assert_eq!(
                found.published.unwrap().at,
                page.published,
                "seed {seed} {}",
                page.key
            );
            let own = loa::domain::text::one_line(&page.body);
            for text in FURNITURE.iter().filter(|text| !own.contains(**text)) {
                assert!(
                    !found.body_html.contains(text),
                    "seed {seed} {}: {text}",
                    page.key
                );
            }
            bodies.push(token_f1(
                &found.body_text,
                &page.body.replacen("(Cổng TTĐT) ", "", 1),
            ));
        }
        let address = Url::parse("https://www.quangtri.gov.vn/khoa-hoc-cong-nghe").expect("an address");
        let known = Profile::builtin("3cms").expect("compiled in");
        let keys = |profile: &Profile| {
            let list = list(&rendered.list, &address, profile, now()).expect("a list");
            let keys: Vec<String> = list.items.into_iter().map(|item| item.key).collect();
            (keys, list.next)
        };
        assert_eq!(keys(&generic), keys(&known), "seed {seed}");
        let withdrawn = article(&rendered.withdrawn, &url_of("1701305474022"), &generic, now());
        assert_eq!(withdrawn, Ok(ArticlePage::NotThere), "seed {seed}");
    }
    let body = mean(&bodies);
    println!("{} pages: body F1 {body:.4}", bodies.len());
    assert!(body >= 0.98, "{body}");
}
