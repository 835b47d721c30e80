//! Whatever a portal writes, a post stays within Telegram's limits and a mail can be built.

use chrono::NaiveDate;
use loa::{
    domain::{article::Article, watch::Watch},
    notify::message::{self, MAX_ENTITIES, MAX_UNITS, Occasion},
};
use proptest::prelude::*;

use crate::{
    common::articles::{article, labels, topic},
    notify_message::{content, mail, post},
};

/// An own reading of Telegram's HTML, apart from the code under test: the plain text and the number of entities, or why
/// Telegram would refuse it.
fn parsed(html: &str) -> Result<(String, usize), String> {
    let (mut plain, mut open, mut entities) = (String::new(), Vec::new(), 0);
    let mut rest = html;
    while let Some(c) = rest.chars().next() {
        match c {
            '<' => {
                let end = rest.find('>').ok_or("a tag without an end")?;
                let tag = &rest[1..end];
                match tag.strip_prefix('/') {
                    Some(name) if open.pop() == Some(name) => {}
                    Some(name) => return Err(format!("</{name}> closes nothing")),
                    None => {
                        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
                        let href = attributes
                            .strip_prefix("href=\"")
                            .and_then(|a| a.strip_suffix('"'));
                        match (name, href) {
                            ("b" | "i", None) if attributes.is_empty() => {}
                            ("a", Some(href)) if !href.contains(['"', '<']) => {}
                            _ => return Err(format!("<{tag}>")),
                        }
                        open.push(name);
                        entities += 1;
                    }
                }
                rest = &rest[end + 1..];
            }
            '&' => {
                let end = rest.find(';').ok_or("a lone &")?;
                plain.push(match &rest[..=end] {
                    "&lt;" => '<',
                    "&gt;" => '>',
                    "&amp;" => '&',
                    "&quot;" => '"',
                    other => return Err(other.to_owned()),
                });
                rest = &rest[end + 1..];
            }
            '>' | '"' => return Err(format!("a bare {c}")),
            _ => {
                plain.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    if open.is_empty() {
        Ok((plain, entities))
    } else {
        Err(format!("{open:?} not closed"))
    }
}

fn any_text() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "<b>",
        "</a>",
        "&amp;",
        "&",
        "\"",
        "<",
        ">",
        "👩‍👩‍👧",
        "📢",
        "Quảng Trị ",
        "đ",
        "\n",
        "\u{0}",
        "\u{202e}",
        "e\u{301}",
        " ",
    ]);
    prop_oneof![
        prop::collection::vec(pieces, 0..120).prop_map(|p| p.concat()),
        ".{0,300}",
        "[a-z<&📢]{0,1500}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_post_is_within_the_limits_and_well_formed(
        texts in prop::collection::vec((any_text(), any_text(), any_text(), any_text()), 0..32),
        is_digest in any::<bool>(),
        all in any::<bool>(),
    ) {
        let articles: Vec<Article> = (1..).zip(texts).map(|(n, (title, lead, source, phrase))| {
            let mut article = article(n, &title);
            article.lead = Some(lead);
            article.url = format!("https://portal.example.vn/{source}");
            article.source = Some(source);
            article.topics = vec![topic(&phrase, &phrase, 1.0), topic("y-te", &phrase, 0.5)];
            article
        }).collect();
        let labels = labels();
        let watches = if all { vec![Watch::All] } else { vec![Watch::Topic("y-te".to_owned())] };
        let mut content = content(&articles, &labels, &watches);
        if is_digest {
            content.occasion = Occasion::Daily(NaiveDate::from_ymd_opt(2026, 11, 24).unwrap());
        }
        let post = post(&content, "42");
        let (plain, entities) = parsed(&post.html).map_err(TestCaseError::fail)?;
        let units = plain.encode_utf16().count();
        prop_assert!(units <= MAX_UNITS && !plain.trim().is_empty());
        prop_assert!(entities <= MAX_ENTITIES);
        let measured = message::measure(&post.html);
        prop_assert_eq!((measured.units, measured.entities), (units, entities));

        let mail = mail(&content);
        prop_assert!(!mail.subject.chars().any(char::is_control));
        prop_assert!(loa::notify::email::encode(&mail).is_ok());
    }
}
