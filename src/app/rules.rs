//! The topic rules: read at the start, and again when their file or what was learned changes.

use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use tracing::{error, info};

use super::{App, load_taxonomy, settings::topics_source};
use crate::{
    config::{Config, ConfigError},
    domain::{
        classify::{Classifier, Taxonomy},
        learned::Model,
    },
    jobs::{
        Step,
        rules::{InForce, Rules},
    },
    portal::Portal,
    store::Store,
};

/// What the rules in force were made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    text: String,
    learned: i64,
}

/// The rules of the settings with what was learned.
pub(super) async fn in_force(
    config: &Config,
    taxonomy: &Taxonomy,
    portals: &[Portal],
    store: &Store,
) -> Result<(InForce, Seen)> {
    let classifier = Classifier::new(taxonomy).map_err(|e| ConfigError(format!("topics: {e}")))?;
    let seen = Seen {
        text: topics_source(config)?.1,
        learned: store
            .learned_version()
            .await
            .context("reading what was learned")?,
    };
    let model = store.learned().await.context("reading what was learned")?;
    let model = match model.as_deref().map(Model::from_bytes).transpose() {
        Ok(model) => model,
        Err(e) => {
            error!("The learned vote on topics is off: the one in the database is {e}");
            None
        }
    };
    let mut hash = blake3::Hasher::new();
    hash.update(seen.text.as_bytes());
    hash.update(&seen.learned.to_le_bytes());
    for portal in portals {
        for section in portal.sections.iter().filter(|s| !s.topics.is_empty()) {
            let vote = format!("\n{}/{} {}", portal.id, section.slug, section.topics.join(" "));
            hash.update(vote.as_bytes());
        }
    }
    let in_force = InForce {
        classifier: Arc::new(classifier.with_learned(model)),
        hash: hash.finalize().to_hex().to_string(),
    };
    Ok((in_force, seen))
}

/// Looks whether the rules are to be read again.
pub(super) struct Reloading<'a> {
    app: &'a App,
    seen: Seen,
    /// The last text that could not be used, so that it is complained of once.
    refused: Option<String>,
}

impl<'a> Reloading<'a> {
    pub(super) fn new(app: &'a App) -> Self {
        Self {
            app,
            seen: app.rules_seen.clone(),
            refused: None,
        }
    }

    /// Puts other rules in force where there are others. A file that cannot be used changes nothing and is logged once.
    pub(super) async fn look(&mut self) -> Result<Step> {
        let app = self.app;
        let learned = app
            .store
            .learned_version()
            .await
            .context("reading what was learned")?;
        let text = topics_source(&app.config).map(|(_, text)| text);
        let text = text.unwrap_or_else(|e| e.to_string());
        if (text == self.seen.text || self.refused.as_ref() == Some(&text)) && learned == self.seen.learned {
            return Ok(Step::Idle);
        }
        match self.read().await {
            Ok((in_force, seen)) => {
                app.rules.replace(in_force);
                self.seen = seen;
                self.refused = None;
                info!("The topic rules were read again and are in force");
                Ok(Step::Worked(1))
            }
            Err(e) => {
                error!("The topic rules stay as they were: {e:#}");
                self.refused = Some(text);
                self.seen.learned = learned;
                Ok(Step::Idle)
            }
        }
    }

    async fn read(&self) -> Result<(InForce, Seen)> {
        let app = self.app;
        let taxonomy = load_taxonomy(&app.config)?;
        if taxonomy.labels() != app.taxonomy.labels() {
            bail!(
                "{}: topics were added, removed, renamed or put in another order, which pages and feeds show; restart Loa",
                topics_source(&app.config)?.0
            );
        }
        in_force(&app.config, &taxonomy, &app.portals, &app.store).await
    }
}

impl App {
    /// The topic rules in force.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }
}
