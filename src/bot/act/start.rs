//! `/start`, `/trogiup`, and what is no command.

use crate::{
    bot::{
        Desk, Trouble,
        command::{Command, TABLE},
        consent::resumed_wording,
        press::Press,
        reply::{Answer, Reply},
        talk::Talk,
    },
    domain::{bot_link, text::escape_html},
};

impl Desk {
    /// `/start`: a greeting; the wish that a link carries; or everything again for who had ended it.
    pub(in crate::bot) async fn start(&self, talk: &Talk, wish: &str) -> Result<Answer, Trouble> {
        let ended = talk.person.as_ref().filter(|person| person.ended_at.is_some());
        if let Some(person) = ended.filter(|_| wish.is_empty()) {
            let (language, wording) = (person.language, resumed_wording(person.language));
            let now = self.clock.now();
            let watches = self
                .store
                .resume_chat(person.id, (language, &wording), now)
                .await?;
            if !watches.is_empty() {
                tracing::info!(subscriber.id = person.id, "A subscriber who had ended is back");
                return self.welcome_back(talk, person.id).await;
            }
        }
        if !wish.is_empty() {
            return self.linked(talk, wish).await;
        }
        let portal = escape_html(&self.about.portal_name);
        let hello = match (talk.live().is_some(), talk.language) {
            (true, crate::domain::subscription::Language::Vi) => {
                format!("Loa đang gửi tin của {portal} vào đây.")
            }
            (true, crate::domain::subscription::Language::En) => format!("Loa sends news of {portal} here."),
            (false, crate::domain::subscription::Language::Vi) => format!(
                "Xin chào! Loa báo cho bạn tin mới của {portal}, theo chủ đề, chuyên mục hay cụm từ bạn chọn. Chưa chọn gì thì Loa chưa gửi gì."
            ),
            (false, crate::domain::subscription::Language::En) => format!(
                "Hello! Loa tells you the news of {portal}, by the topics, sections or phrases that you choose. Nothing is sent before you choose."
            ),
        };
        let html = format!("{hello}\n\n{}\n\n{}", commands(talk), self.whereabouts(talk));
        let buttons = [
            (talk.t("Chọn chủ đề", "Choose topics"), Press::Topics(0)),
            (talk.t("Tin mới nhất", "Latest news"), Press::Older(0)),
        ];
        Ok(Reply::text(html).row(buttons).into())
    }

    async fn welcome_back(&self, talk: &Talk, subscriber: i64) -> Result<Answer, Trouble> {
        let followed = self.store.followed_rows(subscriber).await?;
        let shown = followed.iter().take(20).map(|(_, one)| {
            format!(
                "• {}",
                self.watch_html(talk.language, &one.watch, one.title.as_deref())
            )
        });
        let html = format!(
            "{}\n{}\n\n{}",
            talk.t(
                "Chào mừng trở lại! Loa lại gửi vào đây:",
                "Welcome back! Loa sends here again:"
            ),
            shown.collect::<Vec<_>>().join("\n"),
            talk.t(
                "Muốn đổi: /danhsach, /tansuat. Muốn thôi: /tamdung hoặc /xoadulieu.",
                "To change it: /list, /frequency. To stop: /pause or /erase.",
            )
        );
        Ok(Reply::text(html).into())
    }

    /// What a link from the web wishes for.
    async fn linked(&self, talk: &Talk, wish: &str) -> Result<Answer, Trouble> {
        let offered = self.store.offered().await?;
        let found = offered
            .into_iter()
            .find(|(known, _)| bot_link::parameter(&known.watch).as_deref() == Some(wish));
        if let Some((known, title)) = found {
            return self.want(talk, known.watch, title.as_deref()).await;
        }
        let words = talk.t(
            "Liên kết này dẫn tới một mục không còn nữa. Hãy chọn mục khác:",
            "This link leads to something that is no more. Please choose something else:",
        );
        let choose = talk.t("Chọn chủ đề", "Choose topics");
        Ok(Reply::text(words).row([(choose, Press::Topics(0))]).into())
    }

    /// `/trogiup`.
    pub(in crate::bot) fn help(&self, talk: &Talk) -> Answer {
        let mut parts = vec![commands(talk)];
        parts.push(
            if talk.is_group() {
                talk.t(
                    "Trong nhóm, chỉ quản trị viên mới thay đổi được các mục theo dõi.",
                    "In a group, only administrators may change what is followed.",
                )
            } else {
                talk.t(
                    "Là quản trị viên của một kênh? Thêm Loa vào kênh, rồi gõ tên kênh sau lệnh, ví dụ: /chude @ten_kenh",
                    "Do you run a channel? Add Loa to it, then put its name behind a command, for example: /topics @channel_name",
                )
            }
            .to_owned(),
        );
        parts.push(
            talk.t(
                "Loa chỉ lưu mã của cuộc trò chuyện này, ngôn ngữ và những gì bạn chọn; xóa tất cả: /xoadulieu.",
                "Loa keeps the id of this chat, the language and what you choose, nothing else; erase it all: /erase.",
            )
            .to_owned(),
        );
        let about = &self.about;
        if !about.operator.is_empty() || !about.contact.is_empty() {
            let of = [about.operator.as_str(), about.contact.as_str()];
            let of: Vec<_> = of
                .into_iter()
                .filter(|part| !part.is_empty())
                .map(escape_html)
                .collect();
            parts.push(format!(
                "{} {}",
                talk.t("Đơn vị vận hành:", "Run by:"),
                of.join(", ")
            ));
        }
        parts.push(self.whereabouts(talk));
        Reply::text(parts.join("\n\n")).into()
    }

    /// The chat's id, which an office needs to add it, and where the news can be read.
    fn whereabouts(&self, talk: &Talk) -> String {
        format!(
            "{} {}\n{} <code>{}</code>",
            talk.t("Đọc tin trên trang web:", "Read the news on the web:"),
            escape_html(&self.about.public_url),
            talk.t("Mã của cuộc trò chuyện này:", "The id of this chat:"),
            talk.chat.address()
        )
    }
}

fn commands(talk: &Talk) -> String {
    let listed = TABLE.iter().filter(|entry| entry.command != Command::Start);
    let lines =
        listed.map(|entry| format!("/{} – {}", entry.name(talk.language), entry.about(talk.language)));
    lines.collect::<Vec<_>>().join("\n")
}

/// A text without a command: in a private chat it may be what they look for.
pub(in crate::bot) fn not_a_command(talk: &Talk, text: &str) -> Answer {
    let typed: String = crate::domain::text::one_line(text).chars().take(80).collect();
    let typed = if typed.is_empty() {
        talk.t("bão số", "storm").to_owned()
    } else {
        typed
    };
    let typed = escape_html(&typed);
    let html = match talk.language {
        crate::domain::subscription::Language::Vi => format!(
            "Loa chỉ hiểu các lệnh.\nTìm tin: <code>/timkiem {typed}</code>\nTheo dõi: <code>/theodoi {typed}</code>\nTất cả các lệnh: /trogiup"
        ),
        crate::domain::subscription::Language::En => format!(
            "Loa understands commands alone.\nTo search: <code>/search {typed}</code>\nTo follow: <code>/follow {typed}</code>\nAll commands: /help"
        ),
    };
    Reply::text(html).into()
}

/// A command that does not exist.
pub(in crate::bot) fn unknown_command(talk: &Talk) -> Answer {
    let words = talk.t(
        "Loa không có lệnh này. Ví dụ: /chude để chọn chủ đề, /theodoi bão số để theo dõi một cụm từ.",
        "Loa has no such command. For example: /topics to choose topics, /follow storm to follow a phrase.",
    );
    Reply::text(format!("{words}\n\n{}", commands(talk))).into()
}
