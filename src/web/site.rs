//! What every page says about the service itself.

use crate::domain::{bot_link::BotName, topic::Label};
use crate::web::lang::Lang;

/// The service, its operator and its portal, as the layout shows them. Made once from the settings.
#[derive(Debug, Clone, Default)]
pub struct Site {
    /// The service's name, such as `Loa`.
    pub name: String,
    /// The address that others reach it by, without a slash at the end.
    pub public_url: String,
    /// The portal's full name, such as `Cổng thông tin điện tử tỉnh Quảng Trị`.
    pub portal_name: String,
    /// The portal's address, which the footer links to as the source.
    pub portal_url: String,
    /// Who runs the service; empty where the settings name nobody.
    pub owner: String,
    /// The owner's postal address; may be empty.
    pub address: String,
    /// Where to write to: an e-mail address or an address on the web; may be empty.
    pub contact: String,
    /// Whether people can sign up for alerts by e-mail.
    pub takes_signups: bool,
    /// Every topic, in the order of the topics file.
    pub topics: Vec<Label>,
    /// The Telegram bot, once its name is known.
    pub bot: BotName,
}

impl Site {
    /// The absolute form of an address on this site.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.public_url.trim_end_matches('/'))
    }

    /// A topic's name; its slug where the topics file no longer knows it.
    pub fn topic_name<'a>(&'a self, lang: Lang, slug: &'a str) -> &'a str {
        self.topics
            .iter()
            .find(|label| label.slug == slug)
            .map_or(slug, |label| lang.t(&label.vi, &label.en))
    }

    /// The contact as a link: `mailto:` for an e-mail address, itself for an address on the web.
    pub fn contact_href(&self) -> Option<String> {
        if is_web_address(&self.contact) {
            Some(self.contact.clone())
        } else if self.contact.contains('@') {
            Some(format!("mailto:{}", self.contact))
        } else {
            None
        }
    }
}

/// Whether a link may go there. Addresses come from other people's pages: `javascript:` and the like become plain text.
pub fn is_web_address(url: &str) -> bool {
    let scheme = url.split_once("://").map(|(scheme, _)| scheme);
    scheme.is_some_and(|s| s.eq_ignore_ascii_case("https") || s.eq_ignore_ascii_case("http"))
}
