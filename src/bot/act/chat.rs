//! The chat itself: a pause, the language, and the end of everything.

use chrono::TimeDelta;
use tracing::info;

use super::list::nothing_followed;
use crate::{
    bot::{
        Desk, Trouble,
        press::Press,
        reply::{Answer, Reply},
        talk::Talk,
    },
    domain::{
        subscription::Language,
        text::{fold, normalise},
        time,
    },
};

/// Days that have a button.
const PAUSES: [u16; 4] = [1, 3, 7, 30];

/// The longest pause: later than that, they have forgotten.
const LONGEST: u16 = 366;

impl Desk {
    /// `/tamdung`, alone or with a number of days.
    pub(in crate::bot) async fn pause_for(&self, talk: &Talk, words: &str) -> Result<Answer, Trouble> {
        if talk.live().is_none() {
            return Ok(nothing_followed(talk));
        }
        if words.is_empty() {
            return Ok(self.offer_pause(talk));
        }
        let plain = fold(&normalise(words));
        if ["tiep", "tiep tuc", "resume", "off"].contains(&plain.as_str()) {
            return self.pause(talk, 0).await;
        }
        let number = plain.split(' ').next().unwrap_or_default();
        let days = number.parse::<u16>().ok();
        if let Some(days) = days.filter(|days| (1..=LONGEST).contains(days)) {
            return self.pause(talk, days).await;
        }
        let words = talk.t(
            "Hãy viết số ngày từ 1 đến 366, ví dụ: <code>/tamdung 7</code>. Nhận lại ngay: <code>/tamdung tiếp</code>",
            "Please write a number of days from 1 to 366, for example: <code>/pause 7</code>. To go on: <code>/pause resume</code>",
        );
        Ok(Reply::text(words).into())
    }

    fn offer_pause(&self, talk: &Talk) -> Answer {
        let mut html = talk
            .t(
                "Tạm dừng bao lâu? Tin đến trong lúc tạm dừng sẽ không được gửi bù; hãy đọc trên trang web hoặc /moinhat.",
                "Pause for how long? What comes meanwhile is not sent afterwards; it can be read on the web or with /latest.",
            )
            .to_owned();
        let paused = self.paused_until(talk);
        if let Some(until) = &paused {
            html = format!("{until}\n\n{html}");
        }
        let days = |days: u16| match (talk.language, days) {
            (Language::Vi, days) => format!("{days} ngày"),
            (Language::En, 1) => "1 day".to_owned(),
            (Language::En, days) => format!("{days} days"),
        };
        let mut reply = Reply::text(html).row(PAUSES.map(|count| (days(count), Press::Pause(count))));
        if paused.is_some() {
            reply = reply.row([(talk.t("Nhận lại ngay", "Go on now"), Press::Pause(0))]);
        }
        reply.into()
    }

    /// Sends nothing for so many days, or goes on.
    pub(in crate::bot) async fn pause(&self, talk: &Talk, days: u16) -> Result<Answer, Trouble> {
        let Some(person) = talk.live() else {
            return Ok(nothing_followed(talk));
        };
        let until = (days > 0).then(|| self.clock.now() + TimeDelta::days(i64::from(days)));
        self.store.pause(person.id, until).await?;
        let Some(until) = until else {
            return Ok(Reply::text(talk.t("Loa lại gửi tin như trước.", "Loa sends news again.")).into());
        };
        let html = format!(
            "{} {}.",
            talk.t("Loa tạm dừng đến", "Loa pauses until"),
            time::moment(until)
        );
        let resume = talk.t("Nhận lại ngay", "Go on now");
        Ok(Reply::text(html).row([(resume, Press::Pause(0))]).into())
    }

    /// Word of a pause under way.
    pub(super) fn paused_until(&self, talk: &Talk) -> Option<String> {
        let until = talk
            .live()?
            .paused_until
            .filter(|until| *until > self.clock.now())?;
        let words = talk.t("Đang tạm dừng đến", "Paused until");
        Some(format!("{words} {}.", time::moment(until)))
    }

    /// `/ngonngu`, alone or with `vi` or `en`.
    pub(in crate::bot) async fn language(&self, talk: &Talk, words: &str) -> Result<Answer, Trouble> {
        let language = match fold(&normalise(words)).as_str() {
            "vi" | "viet" | "tieng viet" | "vietnamese" => Some(Language::Vi),
            "en" | "anh" | "tieng anh" | "english" => Some(Language::En),
            _ => None,
        };
        if let Some(language) = language {
            return self.speak(talk, language).await;
        }
        let mut html = "Loa trả lời bằng tiếng nào?\nWhich language shall Loa speak?".to_owned();
        if !words.is_empty() {
            html.push_str("\n\n<code>/ngonngu vi</code>, <code>/language en</code>");
        }
        let buttons = [
            ("Tiếng Việt", Press::Speak(Language::Vi)),
            ("English", Press::Speak(Language::En)),
        ];
        Ok(Reply::text(html).row(buttons).into())
    }

    /// Speaks another language from now on.
    pub(in crate::bot) async fn speak(&self, talk: &Talk, language: Language) -> Result<Answer, Trouble> {
        let now = self.clock.now();
        let subscriber = match &talk.person {
            Some(person) => person.id,
            None => self.store.meet_chat(&talk.address, language, now).await?,
        };
        self.store.speak(subscriber, language).await?;
        let words = match language {
            Language::Vi => "Vâng, từ nay Loa dùng tiếng Việt.",
            Language::En => "Very well, Loa speaks English from now on.",
        };
        Ok(Reply::text(words).into())
    }

    /// Erases, or not.
    pub(in crate::bot) async fn erase(&self, talk: &Talk, really: bool) -> Result<Answer, Trouble> {
        if !really {
            return Ok(Reply::text(talk.t(
                "Vâng, mọi thứ vẫn như cũ.",
                "Very well, everything stays as it is.",
            ))
            .into());
        }
        let Some(person) = &talk.person else {
            return Ok(Reply::text(nothing_kept(talk)).into());
        };
        self.store.erase(person.id).await?;
        info!(
            subscriber.id = person.id,
            "A subscriber erased everything about themselves"
        );
        let words = talk.t(
            "Đã xóa. Loa không còn lưu gì về cuộc trò chuyện này. Muốn bắt đầu lại: /start",
            "Erased. Loa keeps nothing about this chat any more. To begin again: /start",
        );
        Ok(Reply::text(words).into())
    }
}

/// `/xoadulieu`: asks first.
pub(in crate::bot) fn ask_to_erase(talk: &Talk) -> Answer {
    if talk.person.is_none() {
        return Reply::text(nothing_kept(talk)).into();
    }
    let html = talk.t(
        "Xóa mọi điều Loa lưu về cuộc trò chuyện này: các mục theo dõi, cài đặt và lịch sử gửi tin? Không thể hoàn tác, và Loa sẽ thôi gửi tin vào đây.",
        "Erase everything that Loa keeps about this chat: what is followed, the settings and what was sent? This cannot be undone, and nothing more is sent here.",
    );
    let html = if talk.is_for_channel {
        format!("{}\n\n{html}", talk.address.as_str())
    } else {
        html.to_owned()
    };
    let buttons = [
        (talk.t("Xóa tất cả", "Erase everything"), Press::Erase(true)),
        (talk.t("Giữ lại", "Keep it"), Press::Erase(false)),
    ];
    Reply::text(html).row(buttons).into()
}

fn nothing_kept(talk: &Talk) -> &'static str {
    match talk.language {
        Language::Vi => "Loa không lưu gì về cuộc trò chuyện này.",
        Language::En => "Loa keeps nothing about this chat.",
    }
}
