//! What handlers share.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Semaphore;

use super::{feeds::FeedCache, hook::Hook, people::Door, searches::Searches, site::Site};
use crate::{
    clock::Clock,
    domain::{identity::PortalIdentity, schedule::Usual, token::Tokens},
    feed::Content,
    measure::Measures,
    portal::Portal,
    store::Store,
};

/// Everything that a request may need. Cheap to clone.
#[derive(Clone)]
pub struct WebState {
    /// Articles and subscribers.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// What pages say about the service, topic names included.
    pub site: Arc<Site>,
    /// What this process counts.
    pub measures: Measures,
    /// The portals in force.
    pub portals: Arc<[Portal]>,
    /// Those and all that there were before.
    pub identities: Arc<[PortalIdentity]>,
    /// What the identity of every feed begins with, such as `tag:quangtri.gov.vn,2026:loa`: that of the first portal
    /// when this Loa was set up, whichever is first now. None without a portal.
    pub feed_tags: Option<String>,
    /// Private links.
    pub tokens: Tokens,
    /// What stands before the forms that have mails sent.
    pub door: Door,
    /// What Telegram's webhook is checked by; none where the bot does not hear that way.
    pub hook: Option<Hook>,
    /// When digests come for who wished for nothing else.
    pub usual_digest: Usual,
    /// How much of an article feeds and pages may show.
    pub content: Content,
    /// Articles in a feed, unless the reader asks for another number.
    pub feed_items: i64,
    /// The `WebSub` hub that feeds name, if there is one.
    pub hub_url: Option<String>,
    /// Archive documents are written one at a time.
    pub sealing: Arc<Semaphore>,
    /// How long what was retired is still shown, with word of its end.
    pub retired_for: TimeDelta,
    /// Feeds that moved, by their names: `topics/old`, `topics/new`.
    pub moved: Arc<[(String, String)]>,
    /// The feeds that were made.
    pub feeds: FeedCache,
    /// Who searches, and who waits for it.
    pub searches: Searches,
    /// How often sections are polled (minutes): feeds are worth asking for as often.
    pub poll_minutes: u32,
    /// When this Loa was set up: the last change of a feed that has no article yet.
    pub created: DateTime<Utc>,
    /// When what the settings put into feeds last changed: documents differ from then on that no article changed.
    pub settings_changed: DateTime<Utc>,
}

impl WebState {
    /// The portal with this id.
    pub fn portal(&self, id: &str) -> Option<&Portal> {
        self.portals.iter().find(|portal| portal.id == id)
    }

    /// What the articles of a portal are known by, also of one that is no longer in force.
    pub fn identity(&self, portal: &str) -> Option<&PortalIdentity> {
        self.identities.iter().find(|known| known.id == portal)
    }
}
