//! `/chude`: what can be followed, page by page, with a button each.

use super::follow::{count, too_many};
use crate::{
    bot::{
        Desk, Trouble,
        press::Press,
        reply::{Answer, Reply},
        talk::Talk,
    },
    domain::{text::escape_html, wish},
};

/// Buttons on one page: what a phone shows without scrolling.
pub(super) const PAGE: usize = 8;

impl Desk {
    /// A page of everything, the topics and the sections.
    pub(in crate::bot) async fn topics(&self, talk: &Talk, page: usize) -> Result<Answer, Trouble> {
        let offered = self.store.offered().await?;
        let followed = match talk.live() {
            Some(person) => self.store.followed_rows(person.id).await?,
            None => Vec::new(),
        };
        let pages = offered.len().div_ceil(PAGE).max(1);
        let page = page.min(pages - 1);
        let whose = if talk.is_for_channel {
            format!(" ({})", escape_html(talk.address.as_str()))
        } else {
            String::new()
        };
        let html = format!(
            "<b>{}{whose}</b>\n{}",
            talk.t("Chọn mục để theo dõi", "Choose what to follow"),
            talk.t(
                "Bấm để theo dõi hoặc thôi; ✅ là đang theo dõi. Theo dõi một cụm từ riêng: /theodoi",
                "Press to follow or to stop; ✅ is followed. To follow a phrase of your own: /follow",
            )
        );
        let mut reply = Reply::text(html);
        for (known, title) in offered.iter().skip(page * PAGE).take(PAGE) {
            let is_followed = followed.iter().any(|(id, _)| *id == known.id);
            let name = self.watch_name(talk.language, &known.watch, title.as_deref());
            let press = Press::Turn {
                watch: known.id,
                on: !is_followed,
                page,
            };
            let mark = if is_followed { "✅ " } else { "" };
            reply = reply.row([(format!("{mark}{name}"), press)]);
        }
        Ok(turning(reply, page, pages, Press::Topics).into())
    }

    /// Follows something on that page, or no more.
    pub(in crate::bot) async fn turn(
        &self,
        talk: &Talk,
        watch: i64,
        on: bool,
        page: usize,
    ) -> Result<Answer, Trouble> {
        let offered = self.store.offered().await?;
        let Some((known, title)) = offered.into_iter().find(|(known, _)| known.id == watch) else {
            let words = talk.t("Mục này không còn nữa.", "This is no more.");
            return Ok(self.topics(talk, page).await?.saying(words));
        };
        let name = self.watch_name(talk.language, &known.watch, title.as_deref());
        if !on {
            if let Some(person) = talk.live() {
                self.store
                    .unfollow(person.id, &known.watch, self.clock.now())
                    .await?;
            }
            let words = format!("{} {name}", talk.t("Đã thôi theo dõi:", "No longer followed:"));
            return Ok(self.topics(talk, page).await?.saying(words));
        }
        match self.follow_now(talk, &known.watch).await? {
            None => self.want(talk, known.watch, title.as_deref()).await,
            Some(Err(())) => Ok(Answer::alert(too_many(talk))),
            Some(Ok(_)) => {
                let volumes = self.store.volumes(self.clock.now()).await?;
                let volume = wish::volume(talk.language, count(&volumes, &known.watch), volumes.days);
                let words = format!("{} {name} ({volume})", talk.t("Đã theo dõi:", "Followed:"));
                Ok(self.topics(talk, page).await?.saying(words))
            }
        }
    }
}

/// With buttons to the other pages, where there are any.
pub(super) fn turning(reply: Reply, page: usize, pages: usize, to: impl Fn(usize) -> Press) -> Reply {
    if pages < 2 {
        return reply;
    }
    let last = pages - 1;
    let before = if page == 0 { last } else { page - 1 };
    let after = if page == last { 0 } else { page + 1 };
    let place = format!("{}/{pages}", page + 1);
    reply.row([
        ("◀".to_owned(), to(before)),
        (place, to(page)),
        ("▶".to_owned(), to(after)),
    ])
}
