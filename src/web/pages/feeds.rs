//! `/feeds`: every feed with its addresses, and how to subscribe to one.

use askama::Template;

use super::{
    layout::{FeedLink, Nav, Page},
    list::Section,
};
use crate::{
    domain::subscription::Language,
    web::{lang::Lang, site::Site},
};

#[derive(Template)]
#[template(path = "feeds.html")]
struct View<'a> {
    page: Page<'a>,
    everything: Row,
    groups: [Group; 2],
}

struct Group {
    id: &'static str,
    heading: &'static str,
    holds: &'static str,
    rows: Vec<Row>,
}

/// One feed.
struct Row {
    name: String,
    is_vietnamese: bool,
    feed: FeedLink,
}

/// Every feed: all articles, one per topic, one per section.
pub fn feeds(site: &Site, lang: Lang, sections: &[Section]) -> String {
    let mut page = Page::new(site, lang, lang.t("Nguồn cấp tin", "Feeds"), "/feeds").at(Nav::Feeds);
    lang.t(
        "Mọi nguồn cấp RSS, Atom và JSON Feed của Loa",
        "Every RSS, Atom and JSON feed of Loa",
    )
    .clone_into(&mut page.description);
    super::render(&View {
        everything: Row {
            name: lang.t("Tất cả tin", "All articles").to_owned(),
            is_vietnamese: false,
            feed: FeedLink::all(site, lang),
        },
        groups: groups(site, lang, sections),
        page,
    })
}

fn groups(site: &Site, lang: Lang, sections: &[Section]) -> [Group; 2] {
    let topic = |label: &crate::domain::topic::Label| {
        let name = lang.t(&label.vi, &label.en);
        Row {
            name: name.to_owned(),
            is_vietnamese: lang.language == Language::Vi,
            feed: FeedLink::topic(site, name, &label.slug),
        }
    };
    let section = |s: &Section| Row {
        name: s.title.clone(),
        is_vietnamese: true,
        feed: FeedLink::section(site, &s.portal, &s.slug, &s.title),
    };
    [
        Group {
            id: "by-topic",
            heading: lang.t("Theo chủ đề", "By topic"),
            holds: lang.t(
                "Những bài mà Loa xếp vào chủ đề, từ mọi chuyên mục.",
                "The articles that Loa gave the topic, from every section.",
            ),
            rows: site.topics.iter().map(topic).collect(),
        },
        Group {
            id: "by-section",
            heading: lang.t("Theo chuyên mục của Cổng", "By section of the portal"),
            holds: lang.t(
                "Những bài mà chính Cổng đăng trong chuyên mục.",
                "The articles that the portal itself put in the section.",
            ),
            rows: sections.iter().map(section).collect(),
        },
    ]
}
