//! Links that open a chat with the bot with a wish in them: `https://t.me/BOT?start=topic_y-te`.

use std::sync::{Arc, OnceLock};

use super::watch::Watch;

/// What a link may carry at most (Bot API, "Deep linking": 1 to 64 of `A-Z`, `a-z`, `0-9`, `_` and `-`).
const MAX_PARAMETER: usize = 64;

/// The bot's name without `@`, once Telegram told it. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct BotName(Arc<OnceLock<String>>);

impl BotName {
    /// The name, if it is known by now.
    pub fn get(&self) -> Option<&str> {
        self.0.get().map(String::as_str)
    }

    /// Learns the name. It stays what it was first: a bot that is renamed needs a restart.
    pub fn learn(&self, name: &str) {
        let _known = self.0.set(name.trim_start_matches('@').to_owned());
    }

    /// The link that opens a chat with the bot, where the name is known and the wish fits into a link.
    pub fn link(&self, watch: Option<&Watch>) -> Option<String> {
        let name = self.get()?;
        match watch {
            None => Some(format!("https://t.me/{name}")),
            Some(watch) => Some(format!("https://t.me/{name}?start={}", parameter(watch)?)),
        }
    }
}

/// What stands for a watch in a link; none for phrases, and for names that are too long or hold other characters.
pub fn parameter(watch: &Watch) -> Option<String> {
    let text = match watch {
        Watch::All => "all".to_owned(),
        Watch::Topic(slug) => format!("topic_{slug}"),
        Watch::Section { portal, slug } => format!("section_{portal}_{slug}"),
        Watch::Phrase(_) => return None,
    };
    let is_fine = text
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    (is_fine && text.len() <= MAX_PARAMETER).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_holds_what_telegram_lets_it_hold() {
        let name = BotName::default();
        assert_eq!(name.link(None), None, "nobody knows the name yet");
        name.learn("@loa_bot");
        name.learn("other");
        let link = |watch: &str| name.link(Some(&watch.parse().unwrap()));
        assert_eq!(name.link(None).as_deref(), Some("https://t.me/loa_bot"));
        assert_eq!(
            link("topic:khoa-hoc-cong-nghe").as_deref(),
            Some("https://t.me/loa_bot?start=topic_khoa-hoc-cong-nghe")
        );
        assert_eq!(
            link("section:quangtri/tin-tuc").as_deref(),
            Some("https://t.me/loa_bot?start=section_quangtri_tin-tuc")
        );
        assert_eq!(link("all").as_deref(), Some("https://t.me/loa_bot?start=all"));
        assert_eq!(link("phrase:bão số"), None);
        assert_eq!(link("topic:khoa.hoc"), None);
        assert_eq!(link(&format!("topic:{}", "a".repeat(59))), None);
        assert!(link(&format!("topic:{}", "a".repeat(58))).is_some());
    }
}
