//! The bot was let in somewhere, or thrown out.

use super::{
    Desk, Trouble,
    reply::{Reply, Sent},
};
use crate::domain::{
    bot_update::{Chat, ChatKind, Who},
    subscription::{Address, Channel},
};

/// Why a subscription ended that nobody could be asked about.
const THROWN_OUT: &str = "Telegram: the bot was blocked or removed";

impl Desk {
    /// What a change of the bot's own membership means: whoever blocks it is sent nothing more, and a group that lets it in is
    /// told how to use it.
    pub(super) async fn standing(
        &self,
        chat: Chat,
        who: &Who,
        (before, now): (bool, bool),
        channel: Option<&str>,
    ) -> Result<Sent, Trouble> {
        if !now {
            self.end_chat(chat.id, THROWN_OUT).await?;
            let named = channel.map(|name| Address::parse(Channel::Telegram, &format!("@{name}")));
            if let Some(Ok(address)) = named
                && let Some(id) = self.store.person_at(&address).await?
            {
                self.end_row(id, THROWN_OUT).await?;
            }
            return Ok(Sent::Settled);
        }
        // Whoever takes back a block in a private chat presses a button that says /start; a channel's readers are no party.
        if before || chat.kind != ChatKind::Group {
            return Ok(Sent::Settled);
        }
        let talk = self.talk(chat, who).await?;
        let has_ended = talk
            .person
            .as_ref()
            .is_some_and(|person| person.ended_at.is_some());
        let mut html = talk
            .t(
                "Xin chào cả nhà! Loa gửi tin mới của Cổng vào nhóm. Quản trị viên chọn chủ đề bằng /chude; ai cũng xem được /moinhat, /timkiem và /trogiup. Loa chỉ đọc các lệnh, không đọc chuyện trò của nhóm.",
                "Hello everybody! Loa sends the portal's news to this group. Administrators choose topics with /topics; anybody may use /latest, /search and /help. Loa reads commands alone, not what the group talks about.",
            )
            .to_owned();
        if has_ended {
            html.push_str(talk.t(
                "\n\nTrước đây nhóm có theo dõi tin: quản trị viên gõ /start để nhận lại.",
                "\n\nThis group followed news before: an administrator may write /start to have it back.",
            ));
        }
        Ok(self.say(chat, &Reply::text(html), None).await)
    }
}
