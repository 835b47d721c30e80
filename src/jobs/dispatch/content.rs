//! What a delivery tells: read from the store at the time of sending, so that an article withdrawn or a watch given up
//! since is not told. One batch reads each set of articles once.

use std::{collections::HashMap, sync::Arc};

use anyhow::Result;
use chrono::TimeDelta;
use tokio::sync::Mutex;

use super::Dispatch;
use crate::{
    domain::{article::Article, subscription::Frequency, watch::Watch},
    notify::message::{Content, Ground, Links, Occasion},
    store::{Claimed, Store},
};

/// The articles that this batch has read, by their ids.
#[derive(Default)]
pub(super) struct Told {
    articles: Mutex<HashMap<Vec<i64>, Arc<[Article]>>>,
}

/// What one subscriber is told.
pub(super) struct Message {
    occasion: Occasion,
    articles: Arc<[Article]>,
    watches: Vec<Watch>,
    office: Option<String>,
}

impl Told {
    /// What a delivery tells, or `None` when nothing is left of it.
    pub(super) async fn message(&self, store: &Store, delivery: &Claimed) -> Result<Option<Message>> {
        let subscriber = delivery.subscriber_id;
        let mut office = None;
        let (occasion, mut ids, watches) = if let Some(round) = delivery.fanout_id {
            (
                Occasion::Alert,
                store.articles_of_alert(round, subscriber).await?,
                store.watches_of(subscriber, Frequency::Instant).await?,
            )
        } else if let Some(run) = delivery.digest_run_id {
            let Some(run) = store.digest_run(run).await? else {
                return Ok(None);
            };
            office = store.shared_digest_of(subscriber, run.frequency).await?;
            let after = delivery.digest_after.unwrap_or(run.after);
            let occasion = match run.frequency {
                Frequency::Weekly => {
                    Occasion::Weekly(run.date - TimeDelta::days(7), run.date - TimeDelta::days(1))
                }
                Frequency::Daily | Frequency::Instant => Occasion::Daily(run.date),
            };
            (
                occasion,
                store.articles_of_digest(&run, after, subscriber).await?,
                store.watches_of_digest(&run, after, subscriber).await?,
            )
        } else {
            return Ok(None);
        };
        ids.sort_unstable();
        let articles = self.articles(store, ids).await?;
        if articles.is_empty() {
            return Ok(None);
        }
        Ok(Some(Message {
            occasion,
            articles,
            watches,
            office,
        }))
    }

    async fn articles(&self, store: &Store, ids: Vec<i64>) -> Result<Arc<[Article]>> {
        let mut known = self.articles.lock().await;
        if let Some(articles) = known.get(&ids) {
            return Ok(Arc::clone(articles));
        }
        let articles: Arc<[Article]> = store.articles(&ids).await?.into();
        known.insert(ids, Arc::clone(&articles));
        Ok(articles)
    }
}

impl Message {
    pub(super) fn content<'a>(
        &'a self,
        dispatch: &'a Dispatch,
        delivery: &Claimed,
        (unsubscribe_url, manage_url): (&'a str, &'a str),
    ) -> Content<'a> {
        Content {
            occasion: self.occasion,
            articles: &self.articles,
            labels: &dispatch.labels,
            watches: &self.watches,
            language: delivery.language,
            links: Links {
                public_url: &dispatch.origin.public_url,
                unsubscribe_url,
                manage_url,
            },
            portal_name: &dispatch.origin.portal_name,
            authority: &dispatch.origin.authority,
            operator: &dispatch.origin.operator,
            ground: if delivery.signed_up {
                Ground::SignUp
            } else {
                Ground::Office
            },
            office: self.office.as_deref(),
        }
    }
}
