//! Which language a page speaks: Vietnamese first, English for those who ask.

use crate::domain::subscription::Language;

/// The language of one page view, and whether the reader chose it in the address.
///
/// A choice in the address (`?lang=en`) is carried on in the page's links, so that no cookie is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lang {
    /// The language spoken.
    pub language: Language,
    is_chosen: bool,
}

impl Lang {
    /// From `?lang=` where it names a known language, or else from `Accept-Language` (RFC 9110, 12.5.4), or else
    /// Vietnamese. Only an explicit wish for English that outweighs Vietnamese gives English.
    pub fn negotiate(query: Option<&str>, accept_language: Option<&str>) -> Self {
        if let Some(language) = query.and_then(|q| q.trim().parse().ok()) {
            return Self {
                language,
                is_chosen: true,
            };
        }
        let header = accept_language.unwrap_or_default();
        let wants_english = weight(header, "en") > weight(header, "vi");
        Self {
            language: if wants_english { Language::En } else { Language::Vi },
            is_chosen: false,
        }
    }

    /// Another language, unless this one was chosen in the address.
    #[must_use]
    pub fn or(self, language: Language) -> Self {
        if self.is_chosen {
            self
        } else {
            Self { language, ..self }
        }
    }

    /// The text in this language; the Vietnamese text is written first everywhere.
    pub fn t<'a>(&self, vi: &'a str, en: &'a str) -> &'a str {
        match self.language {
            Language::Vi => vi,
            Language::En => en,
        }
    }

    /// The `lang` attribute.
    pub fn code(&self) -> &'static str {
        self.language.as_str()
    }

    /// The other language, which the page's switch leads to.
    pub fn other(&self) -> Language {
        match self.language {
            Language::Vi => Language::En,
            Language::En => Language::Vi,
        }
    }

    /// The language, where it was chosen in the address: forms have to carry it on.
    pub fn chosen(&self) -> Option<Language> {
        self.is_chosen.then_some(self.language)
    }

    /// An address on this site that keeps the reader's choice.
    pub fn href(&self, path: &str) -> String {
        if self.is_chosen {
            with_language(path, self.language)
        } else {
            path.to_owned()
        }
    }
}

/// An address with an explicit language.
pub fn with_language(path: &str, language: Language) -> String {
    let joint = if path.contains('?') { '&' } else { '?' };
    format!("{path}{joint}lang={language}")
}

/// The weight in thousandths that the header gives to a language (`en` covers `en-GB`); 0 where it is not named.
fn weight(header: &str, language: &str) -> u16 {
    header
        .split(',')
        .filter_map(|range| {
            let mut parts = range.split(';');
            let tag = parts.next()?.trim();
            let primary = tag.split('-').next()?;
            if !primary.eq_ignore_ascii_case(language) {
                return None;
            }
            let q = parts.find_map(|p| p.trim().strip_prefix("q=")?.parse::<f32>().ok());
            Some(thousandths(q.unwrap_or(1.0)))
        })
        .max()
        .unwrap_or(0)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to 0..=1 just before"
)]
fn thousandths(q: f32) -> u16 {
    (q.clamp(0.0, 1.0) * 1000.0).round() as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vietnamese_unless_english_is_asked_for() {
        let language = |query, header| Lang::negotiate(query, header).language;
        assert_eq!(language(None, None), Language::Vi);
        assert_eq!(language(None, Some("*")), Language::Vi);
        assert_eq!(language(None, Some("fr-FR,fr;q=0.9")), Language::Vi);
        assert_eq!(language(None, Some("en-US,en;q=0.9,vi;q=0.8")), Language::En);
        assert_eq!(language(None, Some("vi-VN, en;q=0.9")), Language::Vi);
        assert_eq!(language(None, Some("en, vi")), Language::Vi);
        assert_eq!(language(None, Some("en;q=0")), Language::Vi);
        assert_eq!(language(Some("en"), Some("vi")), Language::En);
        assert_eq!(language(Some("xx"), Some("en")), Language::En);
    }

    #[test]
    fn only_a_choice_in_the_address_is_carried_on() {
        assert_eq!(Lang::negotiate(None, Some("en")).href("/topics"), "/topics");
        assert_eq!(
            Lang::negotiate(Some("en"), None).href("/topics"),
            "/topics?lang=en"
        );
        assert_eq!(
            Lang::negotiate(Some("vi"), None).href("/?before=9"),
            "/?before=9&lang=vi"
        );
    }
}
