//! From a claimed delivery to what is handed over: a post, an edit of one, or a hook; nothing where it is over.

use std::sync::Arc;

use anyhow::{Context as _, Result};

use super::{
    Dispatch, Transport,
    content::{self, Message},
};
use crate::{
    domain::delivery::Kind,
    notify::{
        message::{self, Post, Posting},
        webhook::{self, Hook},
    },
    store::{Claimed, Hold, Outcome, ToldArticle},
};

/// What is handed over.
pub(super) enum Ready {
    /// A message of a post.
    Post {
        post: Post,
        /// Its place in the post.
        part: i64,
        /// Whether another one follows.
        has_more: bool,
        /// What the post tells.
        articles: Vec<ToldArticle>,
    },
    /// What a post is to say now: a message each.
    Edit {
        messages: Vec<i64>,
        posts: Vec<Post>,
        articles: Vec<ToldArticle>,
    },
    /// A hook.
    Hook(Hook),
}

impl Dispatch {
    /// What a delivery hands over. `message` is what it tells, where that was read already. `None` where it is over, and
    /// marked.
    pub(super) async fn make_ready(
        &self,
        delivery: &Claimed,
        message: Option<Arc<Message>>,
    ) -> Result<Option<Ready>> {
        if let Some(why) = self.is_over(delivery) {
            self.store.mark(delivery, &why, self.clock.now()).await?;
            return Ok(None);
        }
        if let Some(parts) = &delivery.parts {
            return Self::next_part(delivery, parts).map(Some);
        }
        if delivery.kind == Kind::Edit {
            return self.edit(delivery).await;
        }
        let message = match message {
            Some(message) => Some(message),
            None => content::message(&self.store, delivery).await?,
        };
        let Some(message) = message else {
            let nothing = Outcome::Cancelled("nothing left to tell: unsubscribed or withdrawn meanwhile");
            self.store.mark(delivery, &nothing, self.clock.now()).await?;
            return Ok(None);
        };
        if matches!(self.transport, Transport::Webhook { .. }) {
            return Ok(Some(Ready::Hook(self.hook(delivery, &message))));
        }
        let mut posts = self.posts(delivery, &message, &[]).await?;
        let has_more = posts.len() > 1;
        if has_more {
            let parts = serde_json::to_string(&posts).context("writing the parts of a post down")?;
            if !self.store.write_parts(delivery, &parts).await? {
                return Ok(None);
            }
        }
        Ok(Some(Ready::Post {
            post: posts.swap_remove(0),
            part: 0,
            has_more,
            articles: message.standing.clone(),
        }))
    }

    /// Why nothing of a delivery is sent, if so.
    fn is_over(&self, delivery: &Claimed) -> Option<Outcome<'static>> {
        match delivery.hold {
            Some(Hold::Paused) => return Some(Outcome::Cancelled("the subscriber wished for a pause")),
            Some(Hold::Suppressed) => return Some(Outcome::Cancelled("the address is suppressed")),
            None => {}
        }
        if delivery.kind.is_letter() {
            return Some(Outcome::Cancelled("letters are mails"));
        }
        let is_stale = self.clock.now() - delivery.created_at > self.instant_max_age;
        // One that is half sent, or that may have arrived, would be told twice.
        let is_new = delivery.parts_done == 0 && !delivery.was_unknown;
        (delivery.kind == Kind::Alert && is_stale && is_new).then_some(Outcome::Folded)
    }

    /// The next message of a post that was begun.
    fn next_part(delivery: &Claimed, parts: &str) -> Result<Ready> {
        let mut posts: Vec<Post> = serde_json::from_str(parts).context("reading the parts of a post")?;
        let place = usize::try_from(delivery.parts_done).unwrap_or(usize::MAX);
        anyhow::ensure!(place < posts.len(), "more parts were sent than there are");
        Ok(Ready::Post {
            has_more: place + 1 < posts.len(),
            post: posts.swap_remove(place),
            part: delivery.parts_done,
            articles: Vec::new(),
        })
    }

    async fn edit(&self, delivery: &Claimed) -> Result<Option<Ready>> {
        let Some(edited) = self.store.edited_post(delivery).await? else {
            let nothing = Outcome::Cancelled("none of the messages is known");
            self.store.mark(delivery, &nothing, self.clock.now()).await?;
            return Ok(None);
        };
        let (message, gone) = content::again(&self.store, delivery.subscriber_id, &edited).await?;
        let mut posts = self.posts(delivery, &message, &gone.titles).await?;
        let count = edited.messages.len();
        // Messages cannot be added in the middle of a chat: what there is no room for is read on the page.
        posts.truncate(count);
        while posts.len() < count {
            posts.push(message::emptied(delivery.language));
        }
        let mut articles = message.standing.clone();
        articles.extend(gone.standing);
        Ok(Some(Ready::Edit {
            messages: edited.messages,
            posts,
            articles,
        }))
    }

    fn hook(&self, delivery: &Claimed, message: &Message) -> Hook {
        let content = message.content(self, delivery, ("", ""));
        Hook {
            id: format!("loa.{}.{}", self.origin.instance, delivery.id),
            at: self.clock.now(),
            body: message::hook(&content),
            secret: webhook::secret_text(&self.tokens.webhook_key(delivery.subscriber_id)),
        }
    }

    async fn posts(&self, delivery: &Claimed, message: &Message, withdrawn: &[String]) -> Result<Vec<Post>> {
        let Transport::Telegram { how, .. } = &self.transport else {
            return Ok(Vec::new());
        };
        let unsubscribe = self.tokens.unsubscribe(delivery.subscriber_id);
        let unsubscribe_url = format!("{}/unsubscribe/{unsubscribe}", self.origin.public_url);
        let manage_url = self.manage_url(delivery);
        let watch_ids = self.store.watch_ids(&message.watches).await?;
        let posting = Posting {
            to: &delivery.address,
            is_silent: delivery.quiet.is_some_and(|hours| hours.cover(self.clock.now())),
            preview: delivery.preview,
            is_whole: how.is_whole,
            watch_ids: &watch_ids,
            withdrawn,
        };
        let content = message.content(self, delivery, (&unsubscribe_url, &manage_url));
        Ok(message::posts(&content, &posting))
    }
}

/// What became of articles that a post told.
pub(super) struct GoneArticles {
    pub titles: Vec<String>,
    pub standing: Vec<ToldArticle>,
}
