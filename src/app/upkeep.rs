//! From settings to what keeps the feeds: how long articles stay, and which hub hears of them.

use anyhow::Context as _;
use chrono::TimeDelta;

use super::App;
use crate::{feed::Format, jobs::ping::Publisher, notify::hub::Hub};

impl App {
    /// The hub that is told of changes, if one is set.
    pub fn publisher(&self) -> anyhow::Result<Option<Publisher>> {
        let hub = self.config.feeds.hub_url.clone();
        let hub = hub.map(|url| Hub::new(url, &self.config.polling.user_agent));
        let hub = hub.transpose().context("feeds.hub_url")?;
        Ok(hub.map(|hub| Publisher {
            hub,
            public_url: self.config.public_url.clone(),
            extensions: Format::ALL.map(Format::extension).to_vec(),
        }))
    }

    /// How long articles are kept; `None` for ever.
    pub fn keep(&self) -> Option<TimeDelta> {
        let days = self.config.retention.keep_days;
        (days > 0).then(|| TimeDelta::days(days))
    }
}
