//! `/articles/{id}/topics`: where a reader says that an article's topics are wrong.

use askama::Template;

use super::layout::Page;
use crate::{
    domain::{article::Article, topic::Label},
    web::{lang::Lang, site::Site},
};

#[derive(Template)]
#[template(path = "vote.html")]
struct View<'a> {
    page: Page<'a>,
    article: &'a Article,
    /// The topics that it has not.
    others: Vec<&'a Label>,
    /// Whether an answer said nothing.
    is_empty: bool,
}

/// The form. `is_empty`: an answer came that said nothing.
pub fn vote(site: &Site, lang: Lang, article: &Article, is_empty: bool) -> String {
    let path = format!("/articles/{}/topics", article.id);
    let has = |label: &&Label| article.topics.iter().any(|topic| topic.slug == label.slug);
    super::render(&View {
        page: Page::new(site, lang, lang.t("Sai chủ đề?", "Wrong topic?"), path).private(),
        others: site.topics.iter().filter(|label| !has(label)).collect(),
        article,
        is_empty,
    })
}

/// What follows an answer.
pub fn thanks(site: &Site, lang: Lang, article: i64) -> String {
    let title = lang.t("Cảm ơn bạn", "Thank you");
    let page = Page::new(site, lang, title, format!("/articles/{article}/topics/sent")).private();
    super::notice::told(
        page,
        &[lang.t(
            "Góp ý của bạn đã được ghi nhận, không kèm thông tin nào về bạn. Người phụ trách sẽ xem; chủ đề của bài chưa thay đổi ngay.",
            "What you said was counted, with nothing about you. Staff will look at it; the article's topics do not change at once.",
        )],
        &[
            (&format!("/articles/{article}"), lang.t("Về bài viết", "Back to the article")),
            ("/", lang.t("Xem tin mới", "See the news")),
        ],
    )
}
