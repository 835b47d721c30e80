//! The rules and what was learned beside them.

use super::{Classifier, Parts};
use crate::domain::{
    learned::{Example, Features, Model, Vote, features},
    topic::Assigned,
};

impl Classifier {
    /// What the model in force says.
    pub(super) fn votes(&self, parts: &Parts) -> Vec<Vote> {
        self.learned
            .as_ref()
            .map(|model| votes(model, parts))
            .unwrap_or_default()
    }

    /// These rules without what was learned.
    #[must_use]
    pub fn rules_alone(&self) -> Self {
        Self {
            learned: None,
            ..self.clone()
        }
    }

    /// What an article is to a model.
    pub fn features(example: &Example) -> Features {
        let parts = parts(example);
        let (title, lead, body) = (&parts.title, parts.lead.as_deref(), &parts.body);
        features(title, lead.unwrap_or_default(), body)
    }

    /// What a model says of an article.
    pub fn votes_of(model: &Model, example: &Example) -> Vec<Vote> {
        votes(model, &parts(example))
    }

    /// The topics of an article with these votes and no others.
    pub fn with_votes(&self, example: &Example, votes: &[Vote]) -> Vec<Assigned> {
        self.decide(&self.find(&parts(example)).counted, &[], votes)
    }
}

fn parts(example: &Example) -> Parts {
    Parts::new(&example.title, example.lead.as_deref(), &example.body)
}

fn votes(model: &Model, parts: &Parts) -> Vec<Vote> {
    let lead = parts.lead.as_deref().unwrap_or_default();
    model.votes(&parts.title, lead, &parts.body)
}
