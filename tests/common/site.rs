//! The web server's state over a test's store: the sample section of `records`, and fixed words about the site.

use std::{sync::Arc, time::Duration};

use loa::{
    clock::Clock,
    domain::{
        identity::PortalIdentity,
        schedule::{Days, Usual},
        token::Tokens,
        topic::Label,
    },
    feed::Content,
    measure::Measures,
    portal::Portal,
    store::Store,
    web::{Door, FeedCache, Searches, WebState, site::Site},
};

/// Where the site says that it is.
pub const PUBLIC_URL: &str = "https://loa.example";

/// The portal that `records::prepare` describes.
pub const PORTAL: &str = "id = \"mau\"\nname = \"Cổng mẫu\"\nbase_url = \"http://portal.example/\"\nauthority = \"portal.example\"\n\
     year = 2026\nprofile = \"3cms\"\n[[section]]\nslug = \"khoa-hoc\"\ntitle = \"Khoa học\"\n\
     path = \"/khoa-hoc\"\nschedule = \"0 */15 * * * *\"\n";

/// The same, read.
pub fn portal() -> Portal {
    Portal::from_toml(PORTAL).unwrap()
}

/// What its articles are known by.
pub fn identity() -> PortalIdentity {
    PortalIdentity {
        id: "mau".to_owned(),
        name: "Cổng mẫu".to_owned(),
        authority: "portal.example".to_owned(),
        year: 2026,
    }
}

/// The topics that `records::prepare` makes.
pub fn labels() -> Vec<Label> {
    [
        (
            "khoa-hoc-cong-nghe",
            "Khoa học và công nghệ",
            "Science and technology",
        ),
        ("y-te-suc-khoe", "Y tế, sức khỏe", "Health"),
    ]
    .map(|(slug, vi, en)| Label {
        slug: slug.to_owned(),
        vi: vi.to_owned(),
        en: en.to_owned(),
    })
    .to_vec()
}

/// What the web server shares, as the composition root would make it.
pub fn state(store: &Store, clock: &Clock, tokens: &Tokens) -> WebState {
    let site = Site {
        name: "Loa".to_owned(),
        public_url: PUBLIC_URL.to_owned(),
        portal_name: "Cổng mẫu".to_owned(),
        portal_url: "http://portal.example/".to_owned(),
        topics: labels(),
        ..Site::default()
    };
    WebState {
        store: store.clone(),
        clock: clock.clone(),
        site: Arc::new(site),
        measures: Measures::default(),
        portals: vec![portal()].into(),
        identities: vec![identity()].into(),
        feed_tags: Some("tag:portal.example,2026:loa".to_owned()),
        tokens: tokens.clone(),
        door: Door::new(0, (1000, 1000), Vec::new().into()),
        hook: None,
        usual_digest: Usual {
            at: "07:00:00".parse().unwrap(),
            days: Days::ALL,
        },
        content: Content::Excerpt,
        feed_items: 50,
        feeds: FeedCache::new(32 << 20, Duration::from_mins(1)),
        searches: Searches::default(),
        poll_minutes: 15,
        hub_url: None,
        retired_for: chrono::TimeDelta::days(90),
        moved: Arc::default(),
        sealing: Arc::new(tokio::sync::Semaphore::new(1)),
        created: clock.now(),
        settings_changed: chrono::DateTime::UNIX_EPOCH,
    }
}
