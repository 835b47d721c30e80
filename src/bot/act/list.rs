//! `/danhsach` and `/botheodoi`, and the button under news: what is followed, and no more.

use super::choose::{PAGE, turning};
use crate::{
    bot::{
        Desk, Trouble,
        press::Press,
        reply::{Answer, Reply},
        talk::Talk,
    },
    domain::{
        text::{escape_html, fold, normalise},
        watch::Watch,
    },
    store::{Follow, Followed},
};

use super::follow::too_many;

impl Desk {
    /// A page of what is followed, with a button each to stop it.
    pub(in crate::bot) async fn list(&self, talk: &Talk, page: usize) -> Result<Answer, Trouble> {
        let followed = match talk.live() {
            Some(person) => self.store.followed_rows(person.id).await?,
            None => Vec::new(),
        };
        if followed.is_empty() {
            return Ok(nothing_followed(talk));
        }
        let pages = followed.len().div_ceil(PAGE);
        let page = page.min(pages - 1);
        let mut lines = vec![format!(
            "<b>{} ({})</b>",
            talk.t("Đang theo dõi", "Followed"),
            followed.len()
        )];
        if let Some(until) = self.paused_until(talk) {
            lines.push(until);
        }
        let mut buttons = Vec::new();
        for (id, one) in followed.iter().skip(page * PAGE).take(PAGE) {
            let name = self.watch_name(talk.language, &one.watch, one.title.as_deref());
            let often = one.frequency.choice(talk.language).to_lowercase();
            lines.push(format!("• {} – {often}", escape_html(&name)));
            buttons.push((format!("✖ {name}"), Press::Drop { watch: *id, page }));
        }
        // Anybody in a group may read the list; a button that only refuses would be a tease.
        let mut reply = Reply::text(lines.join("\n"));
        for button in buttons {
            reply = reply.row([button]);
        }
        Ok(turning(reply, page, pages, Press::List).into())
    }

    /// Stops something on that page.
    pub(in crate::bot) async fn drop_watch(
        &self,
        talk: &Talk,
        watch: i64,
        page: usize,
    ) -> Result<Answer, Trouble> {
        let Some((one, _)) = self.once_followed(talk, watch).await? else {
            return self.list(talk, page).await;
        };
        if let Some(person) = talk.live() {
            self.store
                .unfollow(person.id, &one.watch, self.clock.now())
                .await?;
        }
        let words = self.stopped(talk, &one);
        Ok(self.list(talk, page).await?.saying(words))
    }

    /// `/botheodoi CỤM TỪ`; without words, the list.
    pub(in crate::bot) async fn unfollow(&self, talk: &Talk, words: &str) -> Result<Answer, Trouble> {
        let Some(person) = talk.live().filter(|_| !words.is_empty()) else {
            return self.list(talk, 0).await;
        };
        let followed = self.store.followed_rows(person.id).await?;
        let plain = |text: &str| fold(&normalise(&text.replace(['"', '“', '”'], "")));
        let sought = plain(words);
        let is_it = |one: &Followed| match &one.watch {
            Watch::Phrase(phrase) => plain(phrase) == sought,
            watch => {
                plain(&self.watch_name(talk.language, watch, one.title.as_deref())) == sought
                    || watch.value() == words
            }
        };
        let Some((id, one)) = followed.iter().find(|(_, one)| is_it(one)) else {
            let html = format!(
                "{} “{}”. {}",
                talk.t("Chưa theo dõi", "Not followed:"),
                escape_html(words),
                talk.t(
                    "Hãy bấm nút bên cạnh mục cần bỏ: /danhsach",
                    "Please press the button of what to drop: /list"
                )
            );
            return Ok(Reply::text(html).into());
        };
        self.store
            .unfollow(person.id, &one.watch, self.clock.now())
            .await?;
        let again = talk.t("↩ Theo dõi lại", "↩ Follow again");
        let html = escape_html(&self.stopped(talk, one));
        Ok(Reply::text(html).row([(again, Press::Undo(*id))]).into())
    }

    /// The button under news.
    pub(in crate::bot) async fn stop(&self, talk: &Talk, watch: i64) -> Result<Answer, Trouble> {
        let Some((one, _)) = self.once_followed(talk, watch).await? else {
            let words = talk.t("Mục này không còn được theo dõi.", "This is no longer followed.");
            return Ok(Answer::toast(words));
        };
        if let Some(person) = &talk.person {
            self.store
                .unfollow(person.id, &one.watch, self.clock.now())
                .await?;
        }
        let words = self.stopped(talk, &one);
        let again = talk.t("↩ Theo dõi lại", "↩ Follow again");
        let reply = Reply::text(escape_html(&words)).row([(again, Press::Undo(watch))]);
        // The news itself stays as it is: whoever stops a topic may want to read on.
        Ok(Answer {
            is_new: true,
            ..Answer::from(reply).saying(words)
        })
    }

    /// The button under the answer to that.
    pub(in crate::bot) async fn undo(&self, talk: &Talk, watch: i64) -> Result<Answer, Trouble> {
        let known = self.once_followed(talk, watch).await?;
        let (Some((one, _)), Some(person)) = (known, talk.live()) else {
            let words = talk.t("Hãy chọn lại bằng /chude.", "Please choose again with /topics.");
            return Ok(Answer::alert(words));
        };
        let now = self.clock.now();
        if self
            .store
            .follow(person.id, &one.watch, one.frequency, now)
            .await?
            == Follow::TooMany
        {
            return Ok(Answer::alert(too_many(talk)));
        }
        let name = self.watch_html(talk.language, &one.watch, one.title.as_deref());
        let often = one.frequency.choice(talk.language).to_lowercase();
        let html = format!(
            "{} <b>{name}</b> ({often})",
            talk.t("Lại theo dõi:", "Followed again:")
        );
        Ok(Reply::text(html).into())
    }

    /// What somebody follows or followed, by the watch's row.
    async fn once_followed(&self, talk: &Talk, watch: i64) -> Result<Option<(Followed, bool)>, Trouble> {
        let Some(person) = &talk.person else {
            return Ok(None);
        };
        let rows = self.store.ever_followed(person.id).await?;
        let found = rows.into_iter().find(|(id, ..)| *id == watch);
        Ok(found.map(|(_, one, is_live)| (one, is_live)))
    }

    fn stopped(&self, talk: &Talk, one: &Followed) -> String {
        let name = self.watch_name(talk.language, &one.watch, one.title.as_deref());
        format!("{} {name}", talk.t("Đã thôi theo dõi:", "No longer followed:"))
    }
}

/// What is said where there is nothing to change.
pub(super) fn nothing_followed(talk: &Talk) -> Answer {
    let words = talk.t(
        "Chưa theo dõi mục nào. Chọn chủ đề, hoặc theo dõi một cụm từ, ví dụ: /theodoi bão số",
        "Nothing is followed yet. Choose topics, or follow a phrase, for example: /follow bão số",
    );
    let choose = talk.t("Chọn chủ đề", "Choose topics");
    Reply::text(words).row([(choose, Press::Topics(0))]).into()
}
