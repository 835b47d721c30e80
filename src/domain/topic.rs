//! Topics: the subjects that articles are about, and the evidence for it.

use serde::{Deserialize, Serialize};

/// A topic's name in both languages, as pages, feeds and messages show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// Stable term, such as `khoa-hoc-cong-nghe`.
    pub slug: String,
    /// Vietnamese name.
    pub vi: String,
    /// English name.
    pub en: String,
}

/// Where in an article a phrase stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// In the title.
    Title,
    /// In the lead.
    Lead,
    /// In the body.
    Body,
    /// The portal's own section vouches for the topic.
    Section,
    /// The learned second vote: words as in articles that are known to have the topic.
    Learned,
    /// Staff put the article there.
    Staff,
}

/// One phrase that speaks for a topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The phrase as the rules write it, one or two syllables of the learned vote, or the topic's slug.
    pub phrase: String,
    /// Where it stood.
    pub place: Place,
    /// How often.
    pub count: u32,
}

/// A topic given to an article, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Assigned {
    /// The topic.
    pub slug: String,
    /// The rule engine's score, with the votes of sections, of what was learned and of staff.
    pub score: f64,
    /// What it rests on, heaviest first.
    pub evidence: Vec<Evidence>,
}
