//! A wish to follow something: agreed to first, with words that are on record, by whoever was sent nothing yet.

use crate::{
    bot::{
        Desk, Trouble,
        consent::{consent, wording},
        press::Press,
        reply::{Answer, Reply},
        talk::Talk,
    },
    domain::{
        subscription::{Frequency, Language},
        text::escape_html,
        watch::Watch,
        wish::{self, Wish},
    },
    store::{Confirmed, Follow, Volumes},
};

impl Desk {
    /// Follows something offered, or asks for consent first.
    pub(in crate::bot) async fn want(
        &self,
        talk: &Talk,
        watch: Watch,
        title: Option<&str>,
    ) -> Result<Answer, Trouble> {
        let volumes = self.store.volumes(self.clock.now()).await?;
        let articles = count(&volumes, &watch);
        let volume = wish::volume(talk.language, articles, volumes.days);
        self.follow_or_ask(talk, &watch, title, &volume).await
    }

    async fn follow_or_ask(
        &self,
        talk: &Talk,
        watch: &Watch,
        title: Option<&str>,
        volume: &str,
    ) -> Result<Answer, Trouble> {
        let name = self.watch_html(talk.language, watch, title);
        let Some(frequency) = self.follow_now(talk, watch).await? else {
            return self.ask(talk, watch, &name, volume).await;
        };
        let Ok(frequency) = frequency else {
            return Ok(Reply::text(too_many(talk)).into());
        };
        let often = frequency.choice(talk.language);
        let html = format!(
            "{} <b>{name}</b>\n{often}, {volume}.\n\n{}",
            talk.t("Đã theo dõi:", "Now followed:"),
            talk.t(
                "Xem tất cả: /danhsach. Đổi nhịp gửi: /tansuat.",
                "See all: /list. How often: /frequency."
            )
        );
        Ok(Reply::text(html).into())
    }

    /// Follows something for who agreed before, as often as the rest; none where nobody did, an error where it is too much.
    pub(super) async fn follow_now(
        &self,
        talk: &Talk,
        watch: &Watch,
    ) -> Result<Option<Result<Frequency, ()>>, Trouble> {
        let Some(person) = talk.live() else {
            return Ok(None);
        };
        let before = self.store.ever_followed(person.id).await?;
        let same = before
            .iter()
            .find(|(_, one, is_live)| *is_live && one.watch == *watch);
        let frequency = same
            .or_else(|| before.iter().rev().find(|one| one.2))
            .or(before.last())
            .map_or(Frequency::Instant, |(_, one, _)| one.frequency);
        let done = self
            .store
            .follow(person.id, watch, frequency, self.clock.now())
            .await?;
        Ok(Some(match done {
            Follow::Done => Ok(frequency),
            Follow::TooMany => Err(()),
        }))
    }

    /// Asks whether news about something may be sent here; nothing is before.
    pub(super) async fn ask(
        &self,
        talk: &Talk,
        watch: &Watch,
        name: &str,
        volume: &str,
    ) -> Result<Answer, Trouble> {
        let (language, now) = (talk.language, self.clock.now());
        let subscriber = self.store.meet_chat(&talk.address, language, now).await?;
        let words = (language, wording(language));
        let signup = self
            .store
            .ask_chat(subscriber, std::slice::from_ref(watch), (words.0, &words.1), now)
            .await?;
        let html = format!(
            "{} <b>{name}</b> ({volume})\n\n{}\n\n{}",
            talk.t("Theo dõi", "Follow"),
            escape_html(&consent(&self.about.operator, language)),
            talk.t("Bạn muốn nhận tin thế nào?", "How would you like to be told?")
        );
        let mut reply = Reply::text(html);
        for frequency in [Frequency::Instant, Frequency::Daily, Frequency::Weekly] {
            reply = reply.row([(frequency.choice(language), Press::Agree(signup, frequency))]);
        }
        let no = talk.t("Không, cảm ơn", "No, thank you");
        Ok(reply.row([(no, Press::Decline)]).into())
    }

    /// They agreed, and said how often.
    pub(in crate::bot) async fn agree(
        &self,
        talk: &Talk,
        signup: i64,
        frequency: Frequency,
    ) -> Result<Answer, Trouble> {
        let now = self.clock.now();
        let agreed = match &talk.person {
            Some(person) => self.store.agree_chat(person.id, signup, frequency, now).await?,
            None => Confirmed::TooLate,
        };
        let (subscriber, is_now) = match agreed {
            Confirmed::Now(id) => (id, true),
            Confirmed::Before(id, _) => (id, false),
            Confirmed::TooLate => {
                let words = talk.t(
                    "Lời mời này đã hết hạn. Hãy chọn lại: /chude",
                    "This offer has expired. Please choose again: /topics",
                );
                return Ok(Reply::text(words).into());
            }
        };
        if is_now {
            tracing::info!(
                subscriber.id = subscriber,
                "Somebody agreed to be told by Telegram"
            );
        }
        let followed = self.store.followed_rows(subscriber).await?;
        let names = followed.iter().rev().take(5).map(|(_, one)| {
            format!(
                "• {} ({})",
                self.watch_html(talk.language, &one.watch, one.title.as_deref()),
                one.frequency.choice(talk.language).to_lowercase()
            )
        });
        let html = format!(
            "{}\n{}\n\n{}",
            talk.t("Đã ghi nhận. Loa sẽ gửi vào đây:", "Noted. Loa will send here:"),
            names.collect::<Vec<_>>().join("\n"),
            talk.t(
                "Giờ gửi và giờ yên lặng: /tansuat. Tất cả các lệnh: /trogiup",
                "When, and quiet hours: /frequency. All commands: /help",
            )
        );
        let html = if talk.is_for_channel {
            html.replace(talk.t("vào đây", "here"), &escape_html(talk.address.as_str()))
        } else {
            html
        };
        let more = talk.t("Chọn thêm", "Choose more");
        Ok(Reply::text(html).row([(more, Press::Topics(0))]).into())
    }

    /// `/theodoi CỤM TỪ`.
    pub(in crate::bot) async fn follow_phrase(&self, talk: &Talk, words: &str) -> Result<Answer, Trouble> {
        if words.is_empty() {
            let example = talk.t(
                "Hãy viết cụm từ sau lệnh, ví dụ:\n<code>/theodoi bão số</code>\n<code>/theodoi cảng Mỹ Thủy</code>",
                "Please put a phrase behind the command, for example:\n<code>/follow bão số</code>",
            );
            return Ok(Reply::text(example).into());
        }
        let refused = |e: &wish::WishError| {
            let example = talk.t("Ví dụ: /theodoi bão số", "For example: /follow bão số");
            let html = format!("{}\n{example}", escape_html(&e.words(talk.language)));
            Reply::text(html).row([(talk.t("Chọn chủ đề", "Choose topics"), Press::Topics(0))])
        };
        let wish = match Wish::parse(words) {
            Ok(wish) => wish,
            Err(e) => return Ok(refused(&e).into()),
        };
        let volumes = self.store.volumes(self.clock.now()).await?;
        let turn = self.searches.acquire().await;
        let articles = self.store.count_found(&wish.query, volumes.since).await?;
        drop(turn);
        if let Err(e) = wish.judge(articles, volumes.all, volumes.days) {
            return Ok(refused(&e).into());
        }
        let volume = wish::volume(talk.language, articles, volumes.days);
        self.follow_or_ask(talk, &wish.watch, None, &volume).await
    }
}

/// They did not.
pub(in crate::bot) fn decline(talk: &Talk) -> Answer {
    let words = talk.t(
        "Vâng, Loa không gửi gì. Đọc tin bất cứ lúc nào: /moinhat",
        "Very well, nothing is sent. The news is there at any time: /latest",
    );
    Reply::text(words).into()
}

/// Articles of the last weeks of something offered.
pub(super) fn count(volumes: &Volumes, watch: &Watch) -> i64 {
    let found = match watch {
        Watch::All => Some(volumes.all),
        Watch::Topic(slug) => {
            let mut topics = volumes.topics.iter();
            topics.find(|(of, _)| of == slug).map(|topic| topic.1)
        }
        Watch::Section { portal, slug } => {
            let mut sections = volumes.sections.iter();
            sections
                .find(|(p, s, _)| p == portal && s == slug)
                .map(|section| section.2)
        }
        Watch::Phrase(_) => None,
    };
    found.unwrap_or(0)
}

/// What is said where nothing more can be followed.
pub(super) fn too_many(talk: &Talk) -> &'static str {
    match talk.language {
        Language::Vi => "Đã theo dõi nhiều nhất có thể; hãy bỏ bớt trước: /danhsach",
        Language::En => "No more can be followed; please drop something first: /list",
    }
}
