//! One exchange: where, in which language, and whose subscriptions it is about.

use crate::{
    domain::{
        bot_update::{Chat, ChatKind, Who},
        subscription::{Address, Channel, Language},
    },
    store::Person,
};

use super::{Desk, Trouble, rights::NotYours};

/// One exchange.
#[derive(Debug, Clone)]
pub(super) struct Talk {
    /// Where it takes place.
    pub chat: Chat,
    /// Who speaks.
    pub who: Who,
    /// The language of the answer.
    pub language: Language,
    /// Whose subscriptions it is about: those of the chat, or of a channel.
    pub address: Address,
    /// Their row, where there is one.
    pub person: Option<Person>,
    /// Whether it is about a channel.
    pub is_for_channel: bool,
}

impl Talk {
    /// The text in the language of the answer; the Vietnamese text is written first everywhere.
    pub fn t<'a>(&self, vi: &'a str, en: &'a str) -> &'a str {
        match self.language {
            Language::Vi => vi,
            Language::En => en,
        }
    }

    /// The row of whoever agreed to be written to, and still does.
    pub fn live(&self) -> Option<&Person> {
        let person = self.person.as_ref()?;
        (person.confirmed_at.is_some() && person.ended_at.is_none()).then_some(person)
    }

    /// Whether it takes place among several people.
    pub fn is_group(&self) -> bool {
        self.chat.kind != ChatKind::Private
    }
}

impl Desk {
    /// A talk about the chat itself.
    pub(super) async fn talk(&self, chat: Chat, who: &Who) -> Result<Talk, Trouble> {
        let address = Address::parse(Channel::Telegram, &chat.address()).map_err(|_| Trouble::Address)?;
        let person = self.person(&address).await?;
        let own = if who.speaks_english {
            Language::En
        } else {
            Language::Vi
        };
        Ok(Talk {
            chat,
            who: who.clone(),
            language: person.as_ref().map_or(own, |person| person.language),
            address,
            person,
            is_for_channel: false,
        })
    }

    /// The same talk, about a channel that the speaker runs.
    pub(super) async fn about_channel(
        &self,
        talk: Talk,
        address: Address,
    ) -> Result<Result<Talk, NotYours>, Trouble> {
        if let Err(not_yours) = self.runs_channel(&address, &talk.who).await? {
            return Ok(Err(not_yours));
        }
        let now = self.clock.now();
        // Buttons name the channel by its row.
        let id = match self.store.person_at(&address).await? {
            Some(id) => id,
            None => self.store.meet_chat(&address, talk.language, now).await?,
        };
        let person = self.store.person(id).await?;
        Ok(Ok(Talk {
            address,
            person,
            is_for_channel: true,
            ..talk
        }))
    }

    /// The row of an address.
    async fn person(&self, address: &Address) -> Result<Option<Person>, Trouble> {
        match self.store.person_at(address).await? {
            Some(id) => Ok(self.store.person(id).await?),
            None => Ok(None),
        }
    }
}
