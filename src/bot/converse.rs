//! From what somebody said or pressed to an answer: whom it is about, whether they may, who sees to it.

use super::{
    Desk, Trouble, act,
    command::{self, Command, Typed},
    press::{Press, Wished},
    reply::{Answer, Reply, Sent},
    rights::NotYours,
    talk::Talk,
};
use crate::domain::{
    bot_update::{Incoming, What},
    subscription::{Address, Channel},
};

impl Desk {
    /// Whether something is for this bot: a group's commands may be another's.
    pub(super) fn concerns(&self, incoming: &Incoming) -> bool {
        let What::Said { text, .. } = &incoming.what else {
            return true;
        };
        let Some(typed) = command::read(text) else {
            return true;
        };
        let is_named = match (&typed.bot, self.name.get()) {
            (Some(named), Some(own)) => named.eq_ignore_ascii_case(own),
            _ => true,
        };
        // Nobody asked us, where several bots listen and the command is none of ours.
        let is_private = incoming.chat.kind == crate::domain::bot_update::ChatKind::Private;
        is_named && (is_private || typed.command.is_some() || typed.bot.is_some())
    }

    /// Answers one update.
    pub(super) async fn converse(&self, incoming: &Incoming) -> Result<Sent, Trouble> {
        let chat = incoming.chat;
        match &incoming.what {
            What::Said { text, .. } => {
                let talk = self.talk(chat, &incoming.who).await?;
                let (talk, answer) = self.hear_out(talk, text).await?;
                let Some(reply) = answer.reply else {
                    return Ok(Sent::Settled);
                };
                self.deliver(&talk, None, &reply).await
            }
            What::Pressed { query, message, data } => {
                let talk = self.talk(chat, &incoming.who).await?;
                let (talk, answer) = self.obey(talk, data).await?;
                if let Sent::Paused(pause) = self.acknowledge(query, answer.toast.as_ref()).await {
                    return Ok(Sent::Paused(pause));
                }
                let Some(reply) = answer.reply else {
                    return Ok(Sent::Settled);
                };
                let place = message.filter(|_| !answer.is_new);
                self.deliver(&talk, place, &reply).await
            }
            What::Standing {
                before, now, channel, ..
            } => {
                let change = (*before, *now);
                self.standing(chat, &incoming.who, change, channel.as_deref())
                    .await
            }
            What::MovedTo(_) => Ok(Sent::Settled),
        }
    }

    /// Sends an answer to where the talk takes place; after it, where it has moved.
    async fn deliver(&self, talk: &Talk, place: Option<i32>, reply: &Reply) -> Result<Sent, Trouble> {
        let person = talk.person.as_ref().filter(|_| talk.is_for_channel);
        let channel = person.map(|person| person.id);
        let sent = match place {
            Some(message) => self.change(talk, message, reply, channel).await,
            None => self.say(talk.chat, reply, channel).await,
        };
        let Sent::Moved(id) = sent else {
            return Ok(sent);
        };
        self.move_chat(talk.chat.id, id).await?;
        let chat = crate::domain::bot_update::Chat { id, ..talk.chat };
        Ok(self.say(chat, reply, channel).await)
    }

    async fn hear_out(&self, talk: Talk, text: &str) -> Result<(Talk, Answer), Trouble> {
        let Some(typed) = command::read(text) else {
            let answer = act::not_a_command(&talk, text);
            return Ok((talk, answer));
        };
        let Some(command) = typed.command else {
            let answer = act::unknown_command(&talk);
            return Ok((talk, answer));
        };
        let (talk, words) = match self.for_whom(talk, command, &typed).await? {
            Ok(found) => found,
            Err(refused) => return Ok(*refused),
        };
        let changes = match command {
            Command::List | Command::Latest | Command::Search | Command::Help => false,
            Command::Start => !words.is_empty() || talk.live().is_none(),
            _ => true,
        };
        if changes && !self.may_change(talk.chat, &talk.who).await? {
            let answer = if command == Command::Start {
                self.help(&talk)
            } else {
                Reply::text(administrators_only(&talk)).into()
            };
            return Ok((talk, answer));
        }
        let answer = match command {
            Command::Start => self.start(&talk, &words).await?,
            Command::Topics => self.topics(&talk, 0).await?,
            Command::Follow => self.follow_phrase(&talk, &words).await?,
            Command::Unfollow => self.unfollow(&talk, &words).await?,
            Command::List => self.list(&talk, 0).await?,
            Command::Latest => self.latest(&talk, None).await?,
            Command::Search => self.search(&talk, &words).await?,
            Command::Frequency => self.frequency(&talk, &words).await?,
            Command::Pause => self.pause_for(&talk, &words).await?,
            Command::Language => self.language(&talk, &words).await?,
            Command::Erase => act::ask_to_erase(&talk),
            Command::Help => self.help(&talk),
        };
        Ok((talk, answer))
    }

    /// In a private chat, `/danhsach @kenh` is about that channel.
    async fn for_whom(
        &self,
        talk: Talk,
        command: Command,
        typed: &Typed,
    ) -> Result<Result<(Talk, String), Box<(Talk, Answer)>>, Trouble> {
        use Command as C;
        let is_personal = matches!(command, C::Start | C::Latest | C::Search | C::Help);
        let (first, rest) = typed.words.split_once(' ').unwrap_or((&typed.words, ""));
        if talk.is_group() || is_personal || !first.starts_with('@') {
            return Ok(Ok((talk, typed.words.clone())));
        }
        let Ok(address) = Address::parse(Channel::Telegram, &first.to_lowercase()) else {
            let words = talk
                .t(
                    "Tên kênh chưa đúng. Ví dụ: /chude @ten_kenh",
                    "That is no channel's name. For example: /topics @channel_name",
                )
                .to_owned();
            return Ok(Err(Box::new((talk, Reply::text(words).into()))));
        };
        match self.about_channel(talk.clone(), address).await? {
            Ok(talk) => Ok(Ok((talk, rest.to_owned()))),
            Err(not_yours) => {
                let words = refusal(&talk, not_yours).to_owned();
                Ok(Err(Box::new((talk, Reply::text(words).into()))))
            }
        }
    }

    async fn obey(&self, talk: Talk, data: &str) -> Result<(Talk, Answer), Trouble> {
        let Ok(Wished { press, channel }) = data.parse() else {
            let words = talk
                .t(
                    "Nút này không còn dùng được. Hãy gõ /trogiup.",
                    "This button is no longer in use. Please write /help.",
                )
                .to_owned();
            return Ok((talk, Answer::alert(words)));
        };
        let talk = match channel {
            None => talk,
            Some(id) => match self.by_row(talk, id).await? {
                Ok(talk) => talk,
                Err(refused) => return Ok(*refused),
            },
        };
        let is_reading = matches!(press, Press::Older(_) | Press::List(_));
        if !is_reading && !self.may_change(talk.chat, &talk.who).await? {
            let words = administrators_only(&talk).to_owned();
            return Ok((talk, Answer::alert(words)));
        }
        let answer = match press {
            Press::Stop(watch) => self.stop(&talk, watch).await?,
            Press::Undo(watch) => self.undo(&talk, watch).await?,
            Press::Topics(page) => self.topics(&talk, page).await?,
            Press::Turn { watch, on, page } => self.turn(&talk, watch, on, page).await?,
            Press::Agree(signup, frequency) => self.agree(&talk, signup, frequency).await?,
            Press::Decline => act::decline(&talk),
            Press::List(page) => self.list(&talk, page).await?,
            Press::Drop { watch, page } => self.drop_watch(&talk, watch, page).await?,
            Press::Pace(frequency) => self.set_frequency(&talk, frequency).await?,
            Press::DigestAt(at) => self.set_digest_time(&talk, at).await?,
            Press::DigestDay(day) => self.set_digest_day(&talk, day).await?,
            Press::Quiet(hours) => self.set_quiet(&talk, hours).await?,
            Press::Preview(on) => self.set_preview(&talk, on).await?,
            Press::Pause(days) => self.pause(&talk, days).await?,
            Press::Speak(language) => self.speak(&talk, language).await?,
            Press::Erase(really) => self.erase(&talk, really).await?,
            Press::Older(article) => self.latest(&talk, (article > 0).then_some(article)).await?,
        };
        Ok((talk, answer))
    }

    /// The talk about the channel of a row, for who runs it now.
    async fn by_row(&self, talk: Talk, id: i64) -> Result<Result<Talk, Box<(Talk, Answer)>>, Trouble> {
        let person = self.store.person(id).await?;
        let address = person.map(|person| person.address);
        let Some(address) = address.filter(|address| address.as_str().starts_with('@')) else {
            let words = talk
                .t(
                    "Loa không còn biết kênh này.",
                    "Loa no longer knows this channel.",
                )
                .to_owned();
            return Ok(Err(Box::new((talk, Answer::alert(words)))));
        };
        match self.about_channel(talk.clone(), address).await? {
            Ok(talk) => Ok(Ok(talk)),
            Err(not_yours) => {
                let words = refusal(&talk, not_yours).to_owned();
                Ok(Err(Box::new((talk, Answer::alert(words)))))
            }
        }
    }
}

fn administrators_only(talk: &Talk) -> &'static str {
    match talk.language {
        crate::domain::subscription::Language::Vi => "Chỉ quản trị viên mới thay đổi được.",
        crate::domain::subscription::Language::En => "Only administrators may change this.",
    }
}

fn refusal(talk: &Talk, not_yours: NotYours) -> &str {
    match not_yours {
        NotYours::NotAdministrator => talk.t(
            "Loa không thấy bạn là quản trị viên của kênh này. Hãy kiểm tra tên kênh, và thêm Loa vào kênh làm quản trị viên có quyền đăng bài.",
            "Loa does not see that you are an administrator of this channel. Check its name, and add Loa to it as an administrator who may post.",
        ),
        NotYours::BotMayNotPost => talk.t(
            "Hãy thêm Loa vào kênh làm quản trị viên có quyền đăng bài, rồi thử lại.",
            "Please add Loa to the channel as an administrator who may post, then try again.",
        ),
    }
}
