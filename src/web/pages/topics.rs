//! `/topics`: every topic, with how much there is of it.

use askama::Template;

use super::layout::{Nav, Page};
use crate::{
    domain::topic::Label,
    web::{lang::Lang, site::Site},
};

/// How many articles a topic has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicCount {
    /// The topic.
    pub slug: String,
    /// Its articles, as stored.
    pub articles: i64,
}

#[derive(Template)]
#[template(path = "topics.html")]
struct View<'a> {
    page: Page<'a>,
    topics: Vec<(&'a Label, i64)>,
}

/// Every topic of the topics file, in its order; one that `counts` does not name has no article yet.
pub fn topics(site: &Site, lang: Lang, counts: &[TopicCount]) -> String {
    let count = |slug: &str| counts.iter().find(|c| c.slug == slug).map_or(0, |c| c.articles);
    let mut page = Page::new(site, lang, lang.t("Chủ đề", "Topics"), "/topics").at(Nav::Topics);
    lang.t("Tin của Cổng, xếp theo chủ đề", "The portal's news by topic")
        .clone_into(&mut page.description);
    super::render(&View {
        page,
        topics: site
            .topics
            .iter()
            .map(|label| (label, count(&label.slug)))
            .collect(),
    })
}
