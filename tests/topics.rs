//! Topics: the rules that Loa ships, judged on texts of the portal, and the engine on rules made for the case.

use std::{collections::BTreeSet, fs, path::PathBuf};

use loa::domain::{
    classify::{Classifier, Considered, Taxonomy, TaxonomyError, Verdict},
    evaluation::Evaluation,
    topic::{Assigned, Place},
};
use serde::Deserialize;

const SHIPPED: &str = include_str!("../config/topics.toml");
const SCIENCE: &str = "khoa-hoc-cong-nghe";

fn classifier(toml: &str) -> Classifier {
    Classifier::new(&Taxonomy::parse(toml).unwrap()).unwrap()
}

fn slugs(given: &[Assigned]) -> Vec<&str> {
    given.iter().map(|topic| topic.slug.as_str()).collect()
}

/// A file that is kept beside the repository, not in it.
fn shared(path: &str) -> Option<String> {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../shared")
        .join(path);
    let text = fs::read_to_string(file).ok();
    if text.is_none() {
        println!("skipped: no ../shared/{path}");
    }
    text
}

#[derive(Deserialize)]
struct Labelled {
    title: String,
    lead: String,
    #[serde(default)]
    body: String,
    topics: BTreeSet<String>,
}

#[test]
fn the_shipped_rules_keep_their_marks_on_the_portals_leads() {
    let Some(lines) = shared("topics/leads.jsonl") else {
        return;
    };
    let classifier = classifier(SHIPPED);
    let mut evaluation = Evaluation::default();
    for line in lines.lines() {
        let lead: Labelled = serde_json::from_str(line).unwrap();
        let given = classifier.classify(&lead.title, Some(&lead.lead), "", &[]);
        let explained = classifier.explain(&lead.title, Some(&lead.lead), "", &[]);
        let is_given = |topic: &&Considered| topic.verdict == Verdict::Given;
        let explained: Vec<&str> = explained
            .iter()
            .filter(is_given)
            .map(|t| t.slug.as_str())
            .collect();
        assert_eq!(
            explained,
            slugs(&given),
            "explained as it was decided: {}",
            lead.title
        );
        let given: BTreeSet<String> = given.into_iter().map(|topic| topic.slug).collect();
        if given != lead.topics {
            println!("{given:?} instead of {:?}: {}", lead.topics, lead.title);
        }
        evaluation.add(&given, &lead.topics);
    }
    let science = evaluation.topics().find(|(slug, _)| *slug == SCIENCE).unwrap().1;
    let all = evaluation.micro();
    println!("science: {science:?}; all topics: micro-F1 {:?}", all.f1());
    assert!(science.precision().unwrap() >= 0.95 && science.recall().unwrap() >= 0.90);
    assert!(all.f1().unwrap() >= 0.90);
}

/// Judges the shipped rules on labelled articles of this repository.
fn judged(lines: &str) -> Evaluation {
    let classifier = classifier(SHIPPED);
    let mut evaluation = Evaluation::default();
    for line in lines.lines() {
        let article: Labelled = serde_json::from_str(line).unwrap();
        let given = classifier.classify(&article.title, Some(&article.lead), &article.body, &[]);
        let given: BTreeSet<String> = given.into_iter().map(|topic| topic.slug).collect();
        if given != article.topics {
            println!("{given:?} instead of {:?}: {}", article.topics, article.title);
        }
        evaluation.add(&given, &article.topics);
    }
    evaluation
}

#[test]
fn the_shipped_rules_find_each_topic_in_sample_articles() {
    let evaluation = judged(include_str!("fixtures/topics/articles.jsonl"));
    let micro = evaluation.micro().f1().unwrap();
    assert!(micro >= 0.95, "micro-F1 {micro}");
    for (slug, tally) in evaluation.topics() {
        assert!(tally.f1().unwrap() >= 0.85, "{slug}: {tally:?}");
    }
}

#[test]
fn a_title_and_a_lead_are_enough() {
    let evaluation = judged(include_str!("fixtures/topics/leads.jsonl"));
    let micro = evaluation.micro().f1().unwrap();
    assert!(micro >= 0.90, "micro-F1 {micro}");
}

#[test]
fn articles_that_name_science_and_are_not_about_it_raise_no_science_alert() {
    let evaluation = judged(include_str!("fixtures/topics/not-science.jsonl"));
    let science = evaluation.topics().find(|(slug, _)| *slug == SCIENCE);
    let wrong = science.map_or(0, |(_, tally)| tally.wrong);
    assert!(
        wrong * 20 <= evaluation.articles(),
        "{wrong} of {}",
        evaluation.articles()
    );
}

#[test]
fn the_meeting_with_the_science_department_is_about_science() {
    let Some(article) = shared("seed/article.txt") else {
        return;
    };
    let (title, body) = article.split_once('\n').unwrap();
    let given = classifier(SHIPPED).classify(title, None, body, &[]);
    println!("{given:#?}");
    assert_eq!(given[0].slug, SCIENCE);
    assert!(
        given[0].evidence.len() >= 5 && given.len() <= 3,
        "{:?}",
        slugs(&given)
    );
}

#[test]
fn mentions_in_passing_raise_no_science_alert() {
    let classifier = classifier(SHIPPED);
    for (title, body) in [
        (
            "Ban hành quy chế quản lý phương tiện đo",
            "Căn cứ Luật Khoa học và Công nghệ ngày 18 tháng 6 năm 2013; căn cứ Luật Khoa học, Công nghệ và Đổi mới \
             sáng tạo ngày 27/6/2025; theo đề nghị của Giám đốc Sở Xây dựng, UBND tỉnh quyết định.",
        ),
        (
            "Hội nghị tổng kết công tác xây dựng nông thôn mới",
            "Tham dự có lãnh đạo các sở: Nông nghiệp và Môi trường, Khoa học và Công nghệ, Tài chính. Giám đốc Sở Khoa \
             học và Công nghệ và đại diện Sở Tài chính cùng dự.",
        ),
        (
            "Khai giảng khóa học tiếng Anh hè",
            "Khoá học kéo dài ba tháng, học viên được cấp bằng.",
        ),
        (
            "Phát hiện loài cây mới ở Bắc Hướng Hóa",
            "Cây có tên khoa học là Camellia quangtriensis, được tìm thấy trên núi Voi Mẹp.",
        ),
        (
            "Chiếu phim khoa học viễn tưởng miễn phí",
            "Bộ phim khoa học viễn tưởng được khán giả yêu thích.",
        ),
    ] {
        let given = classifier.classify(title, None, body, &[]);
        assert!(!slugs(&given).contains(&SCIENCE), "{title}: {given:#?}");
    }
}

#[test]
fn what_stands_in_an_aside_counts_for_no_topic_and_is_told() {
    let rules = format!(
        "{SMALL}\n[asides]\ngrounds = [\"căn cứ luật\"]\nattendance = [\"cùng dự\"]\nnames = [\"y tế\", \"khoa học\", \"tài chính\"]\n"
    );
    let classifier = classifier(&rules);
    let lead = "Cùng dự có Hội khoa học. Căn cứ Luật khoa học; các sở y tế, khoa học, tài chính";
    assert!(classifier.classify("Tin", Some(lead), "", &[]).is_empty());
    let considered = classifier.explain("Tin", Some(lead), "", &[]);
    assert_eq!(considered[0].masked[0].phrase, "khoa học");
    assert_eq!(considered[0].masked[0].count, 3);
}

#[test]
fn a_body_alone_gives_the_topic_that_fills_it_and_no_other() {
    let capped = SMALL.replace("neg_cap", "body_cap = 4.0\nneg_cap");
    let classifier = classifier(&capped);
    let far = "x ".repeat(300);
    let filled = format!("{far}{}", "khoa học; ".repeat(30));
    let given = classifier.classify("Tin", Some("Tin"), &filled, &[]);
    assert_eq!(slugs(&given), ["a"]);
    assert!(given[0].score <= 8.0, "{given:?}");
    let both = format!("{filled}{}", "phim khoa học; ".repeat(30));
    let given = classifier.classify("Tin", Some("Tin"), &both, &[]);
    assert_eq!(slugs(&given), ["b"], "its threshold is lower");
}

const SMALL: &str = r#"
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
slug = "a"
vi = "A"
en = "A"
phrases = [["khoa học", 2.0], ["khoa học và công nghệ", 3]]
negative = [["bệnh viện", 3.0]]
mask = ["phim khoa học"]
[[topic]]
slug = "b"
vi = "B"
en = "B"
threshold = 2.0
phrases = [["công nghệ", 2.0], ["phim khoa học", 2.0]]
"#;

/// What one text scores on the small rules, as `slug score`.
fn scores(title: &str, lead: Option<&str>, body: &str, vouched: &[&str]) -> Vec<String> {
    let vouched: Vec<String> = vouched.iter().map(ToString::to_string).collect();
    classifier(SMALL)
        .classify(title, lead, body, &vouched)
        .iter()
        .map(|given| format!("{} {:.2}", given.slug, given.score))
        .collect()
}

#[test]
fn weights_count_by_place_and_slowly_by_number() {
    assert_eq!(scores("Khoa học", None, "", &[]), ["a 6.00"]);
    // Title 6, lead 2 × 1.5 × (1 + ln 2); the second sentence is the body's.
    assert_eq!(
        scores("Khoa học", Some("khoa học, Khoa Học"), "", &[]),
        ["a 11.08"]
    );
    assert_eq!(
        scores("Khoa học", Some("khoa học"), "khoa học. Khoa học.", &[]),
        ["a 11.00"]
    );
    assert_eq!(
        scores("Khoa học", Some("khoa học"), "(Cổng TTĐT) Khoa học. Hết.", &[]),
        ["a 9.00"],
        "a lead that the body repeats counts once"
    );
    let late = format!("{}khoa học", "từ ".repeat(200));
    assert_eq!(scores("Khoa học", None, &late, &[]), ["a 8.00"]);
}

#[test]
fn longer_phrases_take_the_words_of_shorter_ones_within_their_topic_only() {
    assert_eq!(
        scores("Khoa học và công nghệ", None, "", &[]),
        ["a 9.00", "b 6.00"]
    );
    assert_eq!(scores("Phim khoa học", None, "", &[]), ["b 6.00"]);
}

#[test]
fn a_longer_phrase_that_breaks_a_syllable_hides_nothing() {
    assert_eq!(scores("Khoa học và công nghệx", None, "", &[]), ["a 6.00"]);
    assert_eq!(scores("xphim khoa học", None, "", &[]), ["a 6.00"]);
    assert!(scores("khoa họcx", None, "", &[]).is_empty());
}

#[test]
fn negatives_take_away_half_at_most() {
    let title = "Khoa học ở bệnh viện, khoa học và công nghệ";
    // 6 + 9 − 7.5, since the negative (9) is capped.
    assert_eq!(scores(title, None, "", &[]), ["a 7.50", "b 6.00"]);
}

#[test]
fn a_topic_far_behind_the_best_is_not_given() {
    let title = "khoa học và công nghệ, khoa học";
    let lead = "khoa học và công nghệ; khoa học; khoa học";
    assert_eq!(scores(title, Some(lead), "phim khoa học", &["a"]).len(), 2);
    assert_eq!(
        scores("Khoa học", Some("khoa học"), "phim khoa học", &[]),
        ["a 9.00"]
    );
}

#[test]
fn a_section_votes_with_the_threshold_and_says_so() {
    assert_eq!(scores("Tin vắn", None, "", &["a", "unknown"]), ["a 6.00"]);
    let given = classifier(SMALL).classify("Tin", None, "", &["a".to_owned(), "a".to_owned()]);
    assert_eq!(given[0].evidence[0].place, Place::Section);
}

#[test]
fn evidence_names_phrase_place_and_count_heaviest_first() {
    let given = classifier(SMALL).classify(
        "Khoa học",
        Some("khoa học khoa học"),
        "khoa học và công nghệ",
        &[],
    );
    insta::assert_snapshot!(serde_json::to_string(&given).unwrap(), @r#"[{"slug":"a","score":14.079441541679836,"evidence":[{"phrase":"khoa học","place":"title","count":1},{"phrase":"khoa học","place":"lead","count":2},{"phrase":"khoa học và công nghệ","place":"body","count":1}]}]"#);
}

#[test]
fn texts_in_other_unicode_forms_and_tone_placements_match() {
    use unicode_normalization::UnicodeNormalization;
    let rules = SMALL.replace("\"khoa học\"", "\"sức khoẻ\"");
    let title: String = "SỨC KHỎE".nfd().collect();
    assert_eq!(slugs(&classifier(&rules).classify(&title, None, "", &[])), ["a"]);
}

#[test]
fn a_wrong_topics_file_is_refused_by_name() {
    let refused = |from: &str, to: &str| {
        let toml = SMALL.replacen(from, to, 1);
        assert_ne!(toml, SMALL);
        Taxonomy::parse(&toml).unwrap_err().to_string()
    };
    assert_eq!(
        refused("[\"khoa học\", 2.0]", "[\"khoa học\", 0.0]"),
        r#"topics: topic a: weight of "khoa học" is 0; expected more than 0, at most 10"#
    );
    assert_eq!(
        refused("[\"phim khoa học\"]", "[\"khoa học\"]"),
        r#"topics: topic a: "khoa học" stands twice, or is both a phrase and a mask or a negative"#
    );
    assert_eq!(
        refused("\"khoa học và công nghệ\"", "\"Khoa  học\""),
        r#"topics: topic a: "khoa học" stands twice, or is both a phrase and a mask or a negative"#
    );
    assert_eq!(
        refused("[\"phim khoa học\"]", "[\" - \"]"),
        r#"topics: topic a: " - " holds no letter or digit"#
    );
    assert_eq!(
        refused("slug = \"b\"", "slug = \"a\""),
        "topics: topic a stands twice"
    );
    assert!(refused("slug = \"b\"", "slug = \"B\"").starts_with("topics: slug \"B\" must be"));
    assert_eq!(
        refused("1+ln", "log"),
        r#"topics: engine.tf is "log"; expected "1+ln""#
    );
    assert!(refused("mask =", "masks =").contains("unknown field `masks`"));
    assert_eq!(
        refused("version = 1", "version = 2"),
        "topics: version is 2, and this Loa reads version 1"
    );
    let no_topics = SMALL.split("[[topic]]").next().unwrap();
    assert_eq!(Taxonomy::parse(no_topics), Err(TaxonomyError::Empty));
}
