//! What a delivery tells: read from the store at the time of sending, so that an article withdrawn or a watch given up
//! since is not told. The alerts of a batch are read together.

use std::{collections::HashMap, sync::Arc};

use anyhow::Result;
use chrono::TimeDelta;

use super::{Dispatch, ready::GoneArticles};
use crate::{
    domain::{
        article::Article,
        subscription::{Channel, Frequency},
        watch::Watch,
    },
    notify::message::{Content, Ground, Links, Occasion},
    store::{Claimed, DigestRun, EditedPost, Store, ToldArticle, WITHDRAWN},
};

/// What the alerts of a batch tell, by delivery.
#[derive(Default)]
pub(super) struct Told(HashMap<i64, Arc<Message>>);

/// What one subscriber is told.
pub(super) struct Message {
    occasion: Occasion,
    articles: Arc<[Article]>,
    pub(super) watches: Vec<Watch>,
    office: Option<String>,
    /// How the articles stood, for what has to follow them.
    pub(super) standing: Vec<ToldArticle>,
}

impl Told {
    /// What the alerts among these deliveries tell: a few queries for each round, however many they are. One that has nothing
    /// left to tell is left out, as everything that is no alert.
    pub(super) async fn read(store: &Store, claimed: &[Claimed]) -> Result<Self> {
        let mut of_round: HashMap<i64, Vec<&Claimed>> = HashMap::new();
        for delivery in claimed.iter().filter(|d| d.hold.is_none()) {
            if let Some(round) = delivery.fanout_id {
                of_round.entry(round).or_default().push(delivery);
            }
        }
        let mut told = HashMap::new();
        for (round, deliveries) in of_round {
            let people: Vec<i64> = deliveries.iter().map(|d| d.subscriber_id).collect();
            let mut ids_of = store.articles_of_alerts(round, &people).await?;
            let mut watches_of = store.watches_of_all(&people, Frequency::Instant).await?;
            let mut known: HashMap<Vec<i64>, Read> = HashMap::new();
            for delivery in deliveries {
                let Some(mut ids) = ids_of.remove(&delivery.subscriber_id) else {
                    continue;
                };
                ids.sort_unstable();
                let (articles, standing) = if let Some(known) = known.get(&ids) {
                    known.clone()
                } else {
                    let read = read(store, &ids, delivery).await?;
                    known.insert(ids, read.clone());
                    read
                };
                if articles.is_empty() {
                    continue;
                }
                let message = Message {
                    occasion: Occasion::Alert,
                    articles,
                    watches: watches_of.remove(&delivery.subscriber_id).unwrap_or_default(),
                    office: None,
                    standing,
                };
                told.insert(delivery.id, Arc::new(message));
            }
        }
        Ok(Self(told))
    }

    /// What a delivery tells, if it was read.
    pub(super) fn take(&mut self, delivery: &Claimed) -> Option<Arc<Message>> {
        self.0.remove(&delivery.id)
    }
}

/// What one delivery tells, or `None` when nothing is left of it.
pub(super) async fn message(store: &Store, delivery: &Claimed) -> Result<Option<Arc<Message>>> {
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
        (
            occasion_of(&run),
            store.articles_of_digest(&run, after, subscriber).await?,
            store.watches_of_digest(&run, after, subscriber).await?,
        )
    } else {
        return Ok(None);
    };
    ids.sort_unstable();
    let (articles, standing) = read(store, &ids, delivery).await?;
    if articles.is_empty() {
        return Ok(None);
    }
    Ok(Some(Arc::new(Message {
        occasion,
        articles,
        watches,
        office,
        standing,
    })))
}

type Read = (Arc<[Article]>, Vec<ToldArticle>);

/// Articles, and how they stood before they were read; the latter for posts alone, which follow them.
async fn read(store: &Store, ids: &[i64], delivery: &Claimed) -> Result<Read> {
    let standing = match delivery.address.channel() {
        Channel::Telegram => store.standing_of_articles(ids).await?,
        Channel::Email | Channel::Webhook => Vec::new(),
    };
    Ok((store.articles(ids).await?.into(), standing))
}

/// What a post that is to be edited tells now: the articles that are left of it, and those that are not.
pub(super) async fn again(
    store: &Store,
    subscriber: i64,
    edited: &EditedPost,
) -> Result<(Message, GoneArticles)> {
    let (occasion, frequency) = match &edited.digest_run {
        Some(run) => (occasion_of(run), run.frequency),
        None => (Occasion::Alert, Frequency::Instant),
    };
    let standing = store.standing_of_articles(&edited.articles).await?;
    let articles: Arc<[Article]> = store.articles(&edited.articles).await?.into();
    let is_left = |id: &i64| articles.iter().any(|article| article.id == *id);
    let gone: Vec<i64> = edited
        .articles
        .iter()
        .copied()
        .filter(|id| !is_left(id))
        .collect();
    let titles = store.titles(&gone).await?;
    let message = Message {
        occasion,
        articles,
        watches: store.watches_of(subscriber, frequency).await?,
        office: None,
        standing: standing
            .into_iter()
            .filter(|(id, _)| !gone.contains(id))
            .collect(),
    };
    let gone = GoneArticles {
        titles: gone
            .iter()
            .map(|id| titles.get(id).cloned().unwrap_or_default())
            .collect(),
        standing: gone.iter().map(|id| (*id, WITHDRAWN.to_owned())).collect(),
    };
    Ok((message, gone))
}

fn occasion_of(run: &DigestRun) -> Occasion {
    match run.frequency {
        Frequency::Weekly => Occasion::Weekly(run.date - TimeDelta::days(7), run.date - TimeDelta::days(1)),
        Frequency::Daily | Frequency::Instant => Occasion::Daily(run.date),
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
