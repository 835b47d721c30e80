//! Watches: what someone can ask to hear about. Feeds and subscriptions both hang on them.

use std::{fmt, str::FromStr};

use crate::domain::{article::Extracted, text, topic::Assigned};

/// A topic, a section, a phrase, or everything.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Watch {
    /// Every article.
    All,
    /// Articles of a topic, by its slug.
    Topic(String),
    /// Articles of a portal's section.
    Section {
        /// Portal id.
        portal: String,
        /// Section slug.
        slug: String,
    },
    /// Articles whose text holds a phrase (2 to 80 characters, NFC, one space between words).
    Phrase(String),
}

/// Why a text is not a watch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WatchError {
    /// Neither `all` nor one of the prefixed forms.
    #[error("watch {0:?} is none of: all, topic:SLUG, section:PORTAL/SLUG, phrase:TEXT")]
    Form(String),
    /// Outside 2 to 80 characters.
    #[error("a phrase has 2 to 80 characters; this one has {0}")]
    PhraseLength(usize),
}

impl Watch {
    /// The kind as the store and the metrics name it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Topic(_) => "topic",
            Self::Section { .. } => "section",
            Self::Phrase(_) => "phrase",
        }
    }

    /// The part after the kind: empty for everything, `portal/slug` for a section.
    pub fn value(&self) -> String {
        match self {
            Self::All => String::new(),
            Self::Topic(slug) => slug.clone(),
            Self::Section { portal, slug } => format!("{portal}/{slug}"),
            Self::Phrase(phrase) => phrase.clone(),
        }
    }

    /// Where its feed is, without extension: `/feeds/topics/y-te`. None for phrases, whose feeds are searches.
    pub fn feed_path(&self) -> Option<String> {
        match self {
            Self::All => Some("/feeds/all".to_owned()),
            Self::Topic(slug) => Some(format!("/feeds/topics/{slug}")),
            Self::Section { portal, slug } => Some(format!("/feeds/sections/{portal}/{slug}")),
            Self::Phrase(_) => None,
        }
    }

    /// A phrase as it is looked for, and whether in folded text: one typed without diacritics matches text without them.
    pub fn phrase_form(phrase: &str) -> (String, bool) {
        let needle = text::normalise(phrase);
        let is_folded = text::fold(&needle) == needle;
        (needle, is_folded)
    }

    /// Whether a phrase stands in `haystack`: a phrase typed with diacritics matches exactly (but for case and tone
    /// placement), one typed without them matches folded text. Only whole syllables count.
    pub fn phrase_matches(phrase: &str, normalised: &str, folded: &str) -> bool {
        let (needle, is_folded) = Self::phrase_form(phrase);
        text::contains_syllables(if is_folded { folded } else { normalised }, &needle)
    }
}

/// What matters of an article for the question which watches it matches.
#[derive(Debug, Clone)]
pub struct Watchable<'a> {
    pub(super) portal: &'a str,
    pub(super) section: &'a str,
    pub(super) topics: &'a [Assigned],
    pub(super) normalised: String,
    pub(super) folded: String,
}

impl<'a> Watchable<'a> {
    /// From an article's page, the section it was found in and its topics.
    pub fn new(portal: &'a str, section: &'a str, page: &Extracted, topics: &'a [Assigned]) -> Self {
        let lead = page.lead.as_deref().unwrap_or_default();
        let normalised = text::normalise(&format!("{}\n{lead}\n{}", page.title, page.body_text));
        let folded = text::fold(&normalised);
        Self {
            portal,
            section,
            topics,
            normalised,
            folded,
        }
    }
}

impl FromStr for Watch {
    type Err = WatchError;

    fn from_str(s: &str) -> Result<Self, WatchError> {
        let s = s.trim();
        let form = || WatchError::Form(s.to_owned());
        if s == "all" {
            return Ok(Self::All);
        }
        let (kind, value) = s.split_once(':').ok_or_else(form)?;
        let value = value.trim();
        match kind {
            "topic" if !value.is_empty() => Ok(Self::Topic(value.to_owned())),
            "section" => {
                let (portal, slug) = value.split_once('/').ok_or_else(form)?;
                if portal.is_empty() || slug.is_empty() {
                    return Err(form());
                }
                Ok(Self::Section {
                    portal: portal.to_owned(),
                    slug: slug.to_owned(),
                })
            }
            "phrase" => {
                let phrase = text::one_line(value);
                match phrase.chars().count() {
                    2..=80 => Ok(Self::Phrase(phrase)),
                    n => Err(WatchError::PhraseLength(n)),
                }
            }
            _ => Err(form()),
        }
    }
}

impl fmt::Display for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            other => write!(f, "{}:{}", other.kind(), other.value()),
        }
    }
}
