//! `loa topics`: what whoever keeps the rules asks of them.

use std::path::Path;

use loa::store::Store;
use serde_json::Value;

use crate::common::{
    process::Loa,
    records::{prepare, record, start},
};

const RULES: &str = r#"
version = 1
[engine]
title_mult = 3.0
lead_mult = 1.5
tf = "1+ln"
neg_cap = 0.5
threshold = 6.0
relative = 0.25
boundary = "syllable"
[[topic]]
slug = "khoa-hoc"
vi = "Khoa học"
en = "Science"
phrases = [["đề tài khoa học", 3.0], ["khoa học", 2.0]]
negative = [["tên khoa học", 2.0]]
mask = ["phim khoa học"]
[[topic]]
slug = "y-te"
vi = "Y tế"
en = "Health"
phrases = [["bệnh viện", 3.0]]
"#;

fn rules() -> Loa {
    let loa = Loa::new("sqlite:loa.db");
    std::fs::write(loa.folder().join("rules.toml"), RULES).unwrap();
    let file = loa.folder().join("rules.toml").display().to_string();
    loa.with("TOPICS_FILE", file)
}

fn write(folder: &Path, file: &str, text: &str) {
    let file = folder.join(file);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, text).unwrap();
}

#[tokio::test]
async fn an_explanation_says_what_counted_and_what_was_passed_over() {
    let loa = rules();
    let text = "Nghiệm thu đề tài khoa học\n\nTên khoa học của cây\n\nChiếu phim khoa học ở bệnh viện";
    write(loa.folder(), "bai.txt", text);
    let ended = loa.run(&["topics", "explain", "bai.txt"]).await;
    insta::assert_snapshot!(ended.stdout, @"
    Nghiệm thu đề tài khoa học

    khoa-hoc (Khoa học): given; score 6.00, needs 6.00
      + “đề tài khoa học” title ×1
      - “tên khoa học” lead ×1
      masked “phim khoa học” body ×1

    y-te (Y tế): not given: below its threshold; score 3.00, needs 6.00
      + “bệnh viện” body ×1
    ");
    let ended = loa.run(&["topics", "explain", "bai.txt", "--json"]).await;
    let json: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(json["topics"][0]["verdict"], "given");
    assert_eq!(json["topics"][0]["evidence"][0]["phrase"], "đề tài khoa học");
    assert_eq!(json["topics"][1]["verdict"], "below-threshold");
}

#[tokio::test]
async fn a_stored_article_is_explained_by_its_number() {
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", dir.path().join("loa.db").display());
    let store = Store::open(&url).await.unwrap();
    store.migrate().await.unwrap();
    let section = prepare(&store, start()).await;
    record(&store, section, 1, &[], None).await;
    let loa = Loa::new(&url);
    let ended = loa.run(&["topics", "explain", "1"]).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stdout.contains("số 1"), "{}", ended.stdout);
    let ended = loa.run(&["topics", "explain", "99"]).await;
    assert_eq!(ended.code, Some(2));
    assert!(
        ended.stderr.contains("there is no article 99"),
        "{}",
        ended.stderr
    );
}

#[tokio::test]
async fn labelled_articles_are_counted_alike_from_folders_and_from_lines() {
    let loa = rules();
    let science = "Khoa học\n\nKhoa học\n\nThân bài";
    let both = "Đề tài khoa học của bệnh viện\n\nBệnh viện\n\nThân bài";
    write(loa.folder(), "mau/khoa-hoc/1.txt", science);
    write(loa.folder(), "mau/khoa-hoc/2.txt", both);
    write(loa.folder(), "mau/y-te/2.txt", both);
    write(loa.folder(), "mau/y-te/3.txt", "Sức khỏe\n\nThể dục\n\nThân bài");
    write(loa.folder(), "mau/none/4.txt", science);
    write(loa.folder(), "mau/none/ghi-chu.md", "not an article");
    let of_folders = loa.run(&["topics", "eval", "mau", "--json"]).await;
    let json: Value = serde_json::from_str(&of_folders.stdout).unwrap_or_else(|_| panic!("{of_folders:?}"));
    assert_eq!(json["articles"], 4);
    assert_eq!(json["topics"]["khoa-hoc"]["right"], 2);
    assert_eq!(json["topics"]["khoa-hoc"]["wrong"], 1);
    assert_eq!(json["topics"]["y-te"]["recall"], 0.5);
    assert_eq!(json["micro"]["f1"], 0.75);
    let line = |lead: &str, title: &str, topics: &[&str]| {
        serde_json::json!({ "title": title, "lead": lead, "topics": topics }).to_string()
    };
    let lines = [
        line("Khoa học", "Khoa học", &["khoa-hoc"]),
        line(
            "Bệnh viện",
            "Đề tài khoa học của bệnh viện",
            &["khoa-hoc", "y-te"],
        ),
        line("Thể dục", "Sức khỏe", &["y-te"]),
        line("Khoa học", "Khoa học", &[]),
    ];
    write(loa.folder(), "mau.jsonl", &lines.join("\n"));
    let of_lines = loa.run(&["topics", "eval", "mau.jsonl", "--json"]).await;
    assert_eq!(of_lines.stdout, of_folders.stdout);
    let table = loa.run(&["topics", "eval", "mau"]).await.stdout;
    assert!(
        table.contains("all decisions (micro)") && table.contains("0.750"),
        "{table}"
    );
}

#[tokio::test]
async fn what_cannot_be_judged_is_named_with_the_way_out() {
    let loa = rules();
    write(loa.folder(), "mau/the-thao/1.txt", "Bóng đá");
    write(loa.folder(), "trong/khoa-hoc/1.txt", " \n");
    write(loa.folder(), "mau.jsonl", "{\"title\": \"a\"}");
    std::fs::create_dir(loa.folder().join("khong")).unwrap();
    for (asked, word) in [
        (
            &["eval", "mau"][..],
            "the-thao is no topic of the rules; those are khoa-hoc, y-te",
        ),
        (
            &["eval", "trong"],
            "is empty; expected title, blank line, lead, blank line, body",
        ),
        (
            &["eval", "mau.jsonl"],
            "mau.jsonl: line 1: missing field `topics`",
        ),
        (&["eval", "khong"], "holds no labelled article"),
        (&["eval", "mat"], "neither a folder nor a readable file"),
        (&["explain", "mat.txt"], "mat.txt: cannot be read"),
    ] {
        let ended = loa.run(&[&["topics"], asked].concat()).await;
        assert_eq!(ended.code, Some(2), "{asked:?}");
        assert!(ended.stderr.contains(word), "{asked:?}: {}", ended.stderr);
    }
}
