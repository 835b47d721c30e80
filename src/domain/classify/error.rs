//! What can be wrong with a topics file.

use crate::domain::text;

/// Why a topics file is refused. Each names the topic and the phrase to look at.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TaxonomyError {
    /// Not TOML, a key is unknown or missing, or a value has the wrong type; the text holds line and column.
    #[error("topics: {0}")]
    Toml(String),
    /// A form of the file that this Loa does not know.
    #[error("topics: version is {0}, and this Loa reads version 1")]
    Version(u32),
    /// An engine setting outside what the engine can do.
    #[error("topics: engine.{key} is {value}; expected {expected}")]
    Engine {
        /// The key under `[engine]`.
        key: &'static str,
        /// What stands there.
        value: String,
        /// What may stand there.
        expected: &'static str,
    },
    /// There is no topic at all.
    #[error("topics: there is no [[topic]]")]
    Empty,
    /// A slug that would not survive in an address.
    #[error("topics: slug {0:?} must be lower-case ASCII letters, digits and single hyphens")]
    Slug(String),
    /// Two topics of one slug.
    #[error("topics: topic {0} stands twice")]
    DuplicateTopic(String),
    /// A topic without a name in one of the languages.
    #[error("topics: topic {0} has an empty name (vi, en)")]
    Unnamed(String),
    /// A topic that nothing could ever give.
    #[error("topics: topic {0} has no phrases")]
    NoPhrases(String),
    /// A phrase without a letter or digit.
    #[error("topics: topic {topic}: {phrase:?} holds no letter or digit")]
    EmptyPhrase {
        /// The topic's slug.
        topic: String,
        /// The phrase as the file writes it.
        phrase: String,
    },
    /// A phrase that counts for nothing, backwards, or without end.
    #[error("topics: topic {topic}: weight of {phrase:?} is {weight}; expected more than 0, at most 10")]
    Weight {
        /// The topic's slug.
        topic: String,
        /// The phrase as the file writes it.
        phrase: String,
        /// Its weight.
        weight: f64,
    },
    /// A threshold that every article or none would reach.
    #[error("topics: topic {topic}: threshold is {threshold}; expected more than 0, at most 100")]
    Threshold {
        /// The topic's slug.
        topic: String,
        /// The threshold.
        threshold: f64,
    },
    /// One phrase twice in one list of a topic, or both a phrase and a mask of it.
    #[error("topics: topic {topic}: {phrase:?} stands twice, or is both a phrase and a mask or a negative")]
    Contradiction {
        /// The topic's slug.
        topic: String,
        /// The phrase, normalised.
        phrase: String,
    },
    /// More phrases than one automaton can hold (billions of characters).
    #[error("topics: too many phrases for one automaton: {0}")]
    TooLarge(String),
}

impl TaxonomyError {
    /// The line of the file to look at, counted from 1. Errors of TOML itself name theirs.
    pub fn line(&self, toml: &str) -> Option<usize> {
        let (topic, word) = match self {
            Self::Slug(slug) | Self::DuplicateTopic(slug) | Self::Unnamed(slug) | Self::NoPhrases(slug) => {
                (slug, None)
            }
            Self::Threshold { topic, .. } => (topic, Some("threshold".to_owned())),
            Self::EmptyPhrase { topic, phrase }
            | Self::Weight { topic, phrase, .. }
            | Self::Contradiction { topic, phrase } => (topic, Some(format!("\"{phrase}\""))),
            _ => return None,
        };
        let mut is_here = false;
        let mut found = None;
        for (number, line) in (1..).zip(toml.lines()) {
            if line.trim_start().starts_with("slug") {
                is_here = line.contains(&format!("\"{topic}\""));
            }
            let is_it = match &word {
                None => line.trim_start().starts_with("slug"),
                Some(word) => line.contains(word.as_str()) || text::normalise(line).contains(word.as_str()),
            };
            if is_here && is_it {
                // The last one: what stands twice is wrong the second time.
                found = Some(number);
            }
        }
        found
    }
}
