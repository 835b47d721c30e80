//! `/moinhat` and `/timkiem`: articles to read here.

use crate::{
    bot::{
        Desk, Trouble,
        press::Press,
        reply::{Answer, Reply},
        talk::Talk,
    },
    domain::{
        article::Article,
        query::Query,
        subscription::Language,
        text::{escape_html, excerpt},
        time,
        watch::Watch,
    },
    store::Page,
};

/// Articles in one message.
const SHOWN: usize = 5;

impl Desk {
    /// The newest articles, or those older than one.
    pub(in crate::bot) async fn latest(&self, talk: &Talk, before: Option<i64>) -> Result<Answer, Trouble> {
        let page = Page {
            before,
            limit: i64::try_from(SHOWN + 1).unwrap_or(i64::MAX),
        };
        let mut articles = self.store.list(&Watch::All, page).await?;
        let has_older = articles.len() > SHOWN;
        articles.truncate(SHOWN);
        if articles.is_empty() {
            return Ok(Reply::text(talk.t("Chưa có tin nào.", "There is no news yet.")).into());
        }
        let heading = if before.is_none() {
            talk.t("Tin mới nhất", "Latest news")
        } else {
            talk.t("Tin cũ hơn", "Older news")
        };
        let mut reply = Reply::text(format!("<b>{heading}</b>\n\n{}", told(talk, &articles)));
        let mut row = Vec::new();
        if before.is_some() {
            row.push((talk.t("◀ Mới nhất", "◀ Latest"), Press::Older(0)));
        }
        if let Some(last) = articles.last().filter(|_| has_older) {
            row.push((talk.t("Cũ hơn ▶", "Older ▶"), Press::Older(last.id)));
        }
        if !row.is_empty() {
            reply = reply.row(row);
        }
        Ok(reply.into())
    }

    /// `/timkiem TỪ`.
    pub(in crate::bot) async fn search(&self, talk: &Talk, words: &str) -> Result<Answer, Trouble> {
        let example = talk.t(
            "Ví dụ: <code>/timkiem cảng Mỹ Thủy</code>, <code>/timkiem \"bão số\"</code>",
            "For example: <code>/search cảng Mỹ Thủy</code>, <code>/search \"bão số\"</code>",
        );
        if words.is_empty() {
            let say = talk.t(
                "Hãy viết điều cần tìm sau lệnh.",
                "Please put what you look for behind the command.",
            );
            return Ok(Reply::text(format!("{say}\n{example}")).into());
        }
        let query: Query = match words.parse() {
            Ok(query) => query,
            Err(e) => {
                let e: crate::domain::query::QueryError = e;
                let why = match talk.language {
                    Language::Vi => format!("Lời tìm {}.", e.vietnamese()),
                    Language::En => format!("The search {e}."),
                };
                return Ok(Reply::text(format!("{}\n{example}", escape_html(&why))).into());
            }
        };
        let page = Page {
            before: None,
            limit: i64::try_from(SHOWN).unwrap_or(i64::MAX),
        };
        let turn = self.searches.acquire().await;
        let articles = self.store.search(&query, page).await?;
        drop(turn);
        let sought = escape_html(words);
        if articles.is_empty() {
            let html = format!(
                "{} “{sought}”.\n{}",
                talk.t("Chưa có tin nào khớp với", "No news matches"),
                talk.t(
                    "Muốn được báo khi có: /theodoi",
                    "To be told once there is some: /follow"
                )
            );
            return Ok(Reply::text(html).into());
        }
        let html = format!(
            "<b>{} “{sought}”</b>\n\n{}",
            talk.t("Tìm", "Search"),
            told(talk, &articles)
        );
        let address: String = url::form_urlencoded::byte_serialize(words.as_bytes()).collect();
        let address = format!("{}/search?q={address}", self.about.public_url);
        let all = talk.t("Xem tất cả trên trang web", "See all on the web");
        Ok(Reply::text(html).link(all, address).into())
    }
}

/// Titles with links, sources and moments.
fn told(talk: &Talk, articles: &[Article]) -> String {
    let one = |article: &Article| {
        let title = escape_html(&excerpt(&article.title, 200));
        let when = article.published.map(|published| match talk.language {
            Language::Vi => time::vietnamese(published),
            Language::En => time::english(published),
        });
        let meta: Vec<String> = [article.source.clone(), when].into_iter().flatten().collect();
        let meta = escape_html(&meta.join(" · "));
        format!(
            "<a href=\"{}\">{title}</a>\n<i>{meta}</i>",
            escape_html(&article.url)
        )
    };
    articles.iter().map(one).collect::<Vec<_>>().join("\n\n")
}
