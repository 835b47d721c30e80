//! `loa topics`: what whoever keeps the rules asks of them.

use std::path::Path;

use loa::store::{Says, Store};
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

/// A store with one article of science, without topics, and Loa on it.
async fn with_an_article() -> (tempfile::TempDir, Store, Loa) {
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", dir.path().join("loa.db").display());
    let store = Store::open(&url).await.unwrap();
    store.migrate().await.unwrap();
    let section = prepare(&store, start()).await;
    record(&store, section, 1, &[], None).await;
    let loa = Loa::new(&url);
    write(loa.folder(), "rules.toml", RULES);
    // Port 9 of this machine: nobody answers, and no section vouches for anything.
    let portal = "id = \"mau\"\nname = \"Cổng mẫu\"\nbase_url = \"http://127.0.0.1:9\"\nauthority = \"portal.example\"\n\
        year = 2026\nprofile = \"3cms\"\n[[section]]\nslug = \"khoa-hoc\"\ntitle = \"Khoa học\"\npath = \"/khoa-hoc\"\n\
        schedule = \"0 */15 * * * *\"\n";
    write(loa.folder(), "mau.toml", portal);
    let portal = loa.folder().join("mau.toml").display().to_string();
    let loa = loa.with("PORTALS", portal);
    let file = loa.folder().join("rules.toml").display().to_string();
    (dir, store, loa.with("TOPICS_FILE", file))
}

#[tokio::test]
async fn a_difference_is_shown_and_nothing_is_changed() {
    let (_dir, store, loa) = with_an_article().await;
    write(loa.folder(), "other.toml", &RULES.replace("bệnh viện", "đề tài"));
    let ended = loa.run(&["topics", "diff", "--rules", "other.toml"]).await;
    insta::assert_snapshot!(ended.stdout, @"
    1 of 1 articles would have other topics

    khoa-hoc: 1 more, 0 fewer
      + 1 Tỉnh công bố đề tài khoa học số 1 (12.0: “đề tài khoa học”, “khoa học”)

    y-te: 1 more, 0 fewer
      + 1 Tỉnh công bố đề tài khoa học số 1 (9.0: “đề tài”)
    ");
    let ended = loa.run(&["topics", "diff", "--json"]).await;
    let json: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!((&json["articles"], &json["changed"]), (&1.into(), &1.into()));
    assert_eq!(json["topics"]["khoa-hoc"]["gained"][0]["id"], 1);
    assert!(json["topics"].get("y-te").is_none());
    assert!(store.article(1).await.unwrap().unwrap().topics.is_empty());
    let ended = loa.run(&["topics", "diff", "--rules", "mat.toml"]).await;
    assert_eq!(ended.code, Some(2));
    assert!(
        ended.stderr.contains("--rules: mat.toml cannot be read"),
        "{}",
        ended.stderr
    );
}

#[tokio::test]
async fn staff_correct_an_article_at_once() {
    let (_dir, store, loa) = with_an_article().await;
    let ended = loa.run(&["topics", "correct", "1", "+y-te", "-khoa-hoc"]).await;
    assert_eq!(
        ended.stdout, "Article 1 has the topics: y-te\n",
        "{}",
        ended.stderr
    );
    let article = store.article(1).await.unwrap().unwrap();
    assert_eq!(article.topics.len(), 1);
    let ended = loa.run(&["topics", "explain", "1"]).await;
    assert!(
        ended
            .stdout
            .contains("y-te: staff say that the article is about it"),
        "{}",
        ended.stdout
    );
    let ended = loa.run(&["topics", "correct", "1", "=y-te", "=khoa-hoc"]).await;
    assert_eq!(ended.stdout, "Article 1 has the topics: khoa-hoc\n");
    for (asked, word) in [
        (["1", "y-te"], "y-te: expected +SLUG"),
        (
            ["1", "+the-thao"],
            "the-thao is no topic of the rules; those are khoa-hoc, y-te",
        ),
        (["9", "+y-te"], "there is no article 9"),
    ] {
        let ended = loa.run(&[&["topics", "correct"], &asked[..]].concat()).await;
        assert_eq!(ended.code, Some(2), "{asked:?}");
        assert!(ended.stderr.contains(word), "{asked:?}: {}", ended.stderr);
    }
}

#[tokio::test]
async fn the_learned_vote_is_used_only_where_it_wins() {
    let (_dir, store, loa) = with_an_article().await;
    let line = |n: usize, words: &str, lead: &str, topics: &[&str]| {
        let title = format!("Tin {n} {words}");
        serde_json::json!({ "title": title, "lead": lead, "topics": topics }).to_string()
    };
    // Science: the rules see a phrase in the lead that is not enough alone. Health: the rules are right already.
    let lines: Vec<String> = (0..30)
        .flat_map(|n| {
            [
                line(n, "kính thiên văn", "khoa học", &["khoa-hoc"]),
                line(n, "bệnh viện", "Mổ tim", &["y-te"]),
                line(n, "bóng đá", "khoa học", &[]),
            ]
        })
        .collect();
    write(loa.folder(), "mau.jsonl", &lines.join("\n"));
    let ended = loa
        .run(&["topics", "train", "--labelled", "mau.jsonl", "--dry-run"])
        .await;
    let verdict = |slug: &str| {
        let mut lines = ended.stdout.lines();
        let line = lines.find(|line| line.starts_with(&format!("{slug} ")));
        line.unwrap_or_else(|| panic!("{ended:?}")).to_owned()
    };
    assert!(verdict("khoa-hoc").ends_with("  used"), "{ended:?}");
    assert!(
        verdict("y-te").ends_with("refused: no better than the rules"),
        "{ended:?}"
    );
    assert_eq!(store.learned().await.unwrap(), None);
    let ended = loa
        .run(&["topics", "train", "--labelled", "mau.jsonl", "--json"])
        .await;
    let json: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(json["topics"]["khoa-hoc"]["used"], true);
    assert_eq!(json["topics"]["y-te"]["used"], false);
    assert!(store.learned().await.unwrap().is_some());
    let ended = loa.run(&["topics", "train"]).await;
    assert!(
        ended.stdout.contains("the learned vote is off"),
        "{}",
        ended.stdout
    );
    assert_eq!(
        store.learned().await.unwrap(),
        None,
        "nothing to learn from any more"
    );
}

#[tokio::test]
async fn a_running_loa_takes_up_other_rules_and_keeps_the_old_ones_where_the_file_is_broken() {
    let (_dir, store, loa) = with_an_article().await;
    let mut running = loa.start(&["serve", "--only", "poll"]);
    running.line_with("All articles have their topics").await;
    let slugs = async || -> Vec<String> {
        let article = store.article(1).await.unwrap().unwrap();
        article.topics.into_iter().map(|topic| topic.slug).collect()
    };
    assert_eq!(slugs().await, ["khoa-hoc"]);
    let broken = RULES.replace("[\"khoa học\", 2.0]", "[\"khoa học\", 0.0]");
    write(loa.folder(), "rules.toml", &broken);
    let line = running.line_with("stay as they were").await;
    assert!(line.contains("rules.toml: line 15: "), "{line}");
    write(loa.folder(), "rules.toml", &RULES.replace("bệnh viện", "đề tài"));
    let hang_up = std::process::Command::new("kill")
        .args(["-HUP", &running.id().to_string()])
        .status();
    assert!(hang_up.unwrap().success());
    running.line_with("were read again").await;
    running.line_with("All articles have their topics").await;
    let mut now = slugs().await;
    now.sort();
    assert_eq!(now, ["khoa-hoc", "y-te"]);
    assert!(running.is_up());
}

#[tokio::test]
async fn staff_see_what_readers_say_until_they_are_done() {
    let (_dir, store, loa) = with_an_article().await;
    let vote = async |topic: &str, says: Says| {
        store.vote(1, &[(topic.to_owned(), says)], start()).await.unwrap();
    };
    let ended = loa.run(&["topics", "votes"]).await;
    assert_eq!(ended.stdout, "no reader said anything of topics\n");
    vote("khoa-hoc", Says::Should).await;
    vote("khoa-hoc", Says::Should).await;
    vote("y-te", Says::ShouldNot).await;
    let ended = loa.run(&["topics", "votes"]).await;
    insta::assert_snapshot!(ended.stdout, @"
    2 × article 1 should have khoa-hoc; last 2026-11-24
        Tỉnh công bố đề tài khoa học số 1
    1 × article 1 should not have y-te (as it is now); last 2026-11-24
        Tỉnh công bố đề tài khoa học số 1
    ");
    let ended = loa.run(&["topics", "votes", "--limit", "1", "--json"]).await;
    let json: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(json.as_array().unwrap().len(), 1);
    assert_eq!(
        (&json[0]["votes"], &json[0]["says"]),
        (&2.into(), &"should".into())
    );
    let ended = loa.run(&["topics", "votes", "--done", "1"]).await;
    assert_eq!(ended.stdout, "forgot 3 votes on article 1\n");
    let ended = loa.run(&["topics", "votes", "--done", "1"]).await;
    assert_eq!(ended.code, Some(2));
    assert!(
        ended.stderr.contains("nobody said anything of article 1"),
        "{}",
        ended.stderr
    );
}
