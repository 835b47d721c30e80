//! From settings to what requests share.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use tokio::sync::Semaphore;

use super::{App, schedule::shortest_gap_minutes};
use crate::{
    config,
    domain::schedule::{Days, Usual},
    feed,
    web::{Door, FeedCache, Hook, Searches, WebState, site::Site},
};

/// How long a request waits for a feed to be made anew before it takes the old one: nobody notices, and the usual feed is
/// made in less.
const FEED_PATIENCE: Duration = Duration::from_millis(25);

impl App {
    /// What requests share.
    pub fn web_state(&self) -> WebState {
        let web = &self.config.web;
        let site = Site {
            name: "Loa".to_owned(),
            public_url: self.config.public_url.clone(),
            portal_name: self.portal_name(),
            portal_url: self
                .portals
                .first()
                .map(|p| p.base_url.to_string())
                .unwrap_or_default(),
            owner: web.owner.clone(),
            address: web.address.clone(),
            contact: web.contact.clone(),
            takes_signups: self.config.signup.enabled && !self.config.smtp.host.is_empty(),
            topics: self.taxonomy.labels().to_vec(),
            bot: self.bot_name.clone(),
        };
        WebState {
            store: self.store.clone(),
            clock: self.clock.clone(),
            site: Arc::new(site),
            measures: self.measures.clone(),
            portals: Arc::clone(&self.portals),
            identities: Arc::clone(&self.identities),
            feed_tags: self.feed_tags.clone(),
            tokens: self.tokens.clone(),
            door: self.door(),
            hook: self.hook(),
            usual_digest: Usual {
                at: self.config.alerts.digest_at,
                days: Days::ALL,
            },
            content: match self.config.feeds.content {
                config::Content::Excerpt => feed::Content::Excerpt,
                config::Content::Full => feed::Content::Full,
            },
            feed_items: self.config.feeds.items,
            feeds: FeedCache::new(self.config.feeds.cache_mb * (1 << 20), FEED_PATIENCE),
            searches: Searches::default(),
            poll_minutes: shortest_gap_minutes(&self.portals),
            retired_for: TimeDelta::days(self.config.feeds.retired_days),
            moved: self
                .config
                .feeds
                .moved
                .iter()
                .map(|moved| (moved.from.clone(), moved.to.clone()))
                .collect(),
            hub_url: self.config.feeds.hub_url.as_ref().map(ToString::to_string),
            sealing: Arc::new(Semaphore::new(1)),
            created: self.created,
            settings_changed: self.settings_changed,
        }
    }

    /// What Telegram's webhook is checked by, where the bot hears that way.
    fn hook(&self) -> Option<Hook> {
        let telegram = &self.config.telegram;
        let is_on = telegram.token.is_set() && telegram.mode == config::Mode::Webhook;
        is_on.then(|| Hook::new(&self.webhook_secret()))
    }

    fn door(&self) -> Door {
        let signup = &self.config.signup;
        Door::new(
            signup.difficulty,
            (signup.per_hour, signup.per_hour_without_script),
            self.config.web.trusted_proxies.as_slice().into(),
        )
    }
}
