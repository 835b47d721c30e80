//! From settings to parts.

use std::sync::Arc;

use anyhow::Context as _;
use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;

use super::{
    PortalUrl, load_portals,
    portals::remember,
    rules::{Seen, in_force},
    settings::{self, build_fetcher, check_moves, check_topics, load_taxonomy},
    shown,
};
use crate::{
    clock::Clock,
    config::{self, Config, ConfigError},
    domain::{bot_link::BotName, classify::Taxonomy, identity::PortalIdentity, token::Tokens},
    jobs::{
        alarm::Operators,
        dispatch::{self, Dispatch, Origin, Pace, PostSettings, Transport},
        follow::FollowFor,
        poll::{KnownWatches, Limits, Poller},
        rules::Rules,
    },
    measure::Measures,
    notify::{
        email::Mailer,
        message::{Operator, Sender},
        telegram::Telegram,
    },
    portal::{Portal, fetch::Fetcher},
    store::{OpenError, Store},
};

/// The secret that private links, marks and hashes are made with.
pub(super) const LINK_KEY: &str = "private links";

/// Why the parts cannot be put together.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A setting is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The database cannot be used.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Something else failed.
    #[error(transparent)]
    Other(#[from] anyhow::Error),
}

/// Everything that the commands run on.
#[derive(Clone)]
pub struct App {
    /// The settings in force.
    pub config: Arc<Config>,
    /// The database, schema up to date.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// The portals in force.
    pub portals: Arc<[Portal]>,
    pub(super) identities: Arc<[PortalIdentity]>,
    pub(super) feed_tags: Option<String>,
    /// The polite client.
    pub fetcher: Arc<Fetcher>,
    /// The topic rules.
    pub taxonomy: Arc<Taxonomy>,
    /// What this process counts.
    pub measures: Measures,
    pub(super) rules: Rules,
    pub(super) rules_seen: Seen,
    watches: KnownWatches,
    pub(super) tokens: Tokens,
    pub(super) bot_name: BotName,
    pub(super) created: DateTime<Utc>,
    pub(super) settings_changed: DateTime<Utc>,
    pub(super) stop: CancellationToken,
}

impl App {
    /// Opens the database, brings its schema up to date, and makes sections, topics and watches agree with the settings.
    pub async fn build(config: Config, elsewhere: &[PortalUrl]) -> Result<Self, BuildError> {
        let portals: Arc<[Portal]> = load_portals(&config.portals, elsewhere)?.into();
        let taxonomy = load_taxonomy(&config)?;
        check_topics(&portals, &taxonomy)?;
        check_moves(&config.feeds.moved, &portals, &taxonomy)?;
        let fetcher = build_fetcher(&config);
        let clock = Clock::default();
        let store = Store::open(&config.database.url).await?;
        store.migrate().await?;
        let now = clock.now();
        store
            .add_sections(&sections_of(&portals), now)
            .await
            .context("bringing sections up to date")?;
        store
            .sync_topics(taxonomy.labels(), now)
            .await
            .context("bringing topics up to date")?;
        let (rules, rules_seen) = in_force(&config, &taxonomy, &portals, &store)
            .await
            .map_err(|e| match e.downcast::<ConfigError>() {
                Ok(e) => BuildError::Config(e),
                Err(e) => BuildError::Other(e),
            })?;
        let (identities, feed_tags) = remember(&store, &portals).await?;
        let key = store
            .secret(LINK_KEY, &fresh_key()?)
            .await
            .context("reading the link key")?;
        let created = store
            .secret("created", &now.to_rfc3339())
            .await
            .context("reading the set-up date")?;
        let shown = shown::state_of(&config, &portals, taxonomy.labels(), (&identities, &feed_tags));
        let settings_changed = store
            .settled_since("feed settings", &shown, now)
            .await
            .context("comparing the settings with those of before")?;
        Ok(Self {
            config: Arc::new(config),
            store,
            clock,
            portals,
            identities: identities.into(),
            feed_tags,
            fetcher: Arc::new(fetcher),
            taxonomy: Arc::new(taxonomy),
            measures: Measures::default(),
            rules: Rules::new(rules),
            rules_seen,
            watches: KnownWatches::default(),
            tokens: Tokens::new(&key),
            bot_name: BotName::default(),
            created: created.parse().unwrap_or(now),
            settings_changed,
            stop: CancellationToken::new(),
        })
    }

    /// Retires the sections that the settings no longer name, and sees to those whose address was changed. For a service that polls: a command that was started with
    /// other settings must not stop it.
    pub async fn retire_other_sections(&self) -> anyhow::Result<()> {
        let now = self.clock.now();
        self.store
            .sync_sections(&sections_of(&self.portals), now)
            .await
            .context("retiring sections")?;
        let addresses: Vec<(&str, &str, String)> = self
            .portals
            .iter()
            .flat_map(|p| {
                p.sections
                    .iter()
                    .map(move |s| (p.id.as_str(), s.slug.as_str(), p.section_url(s).into()))
            })
            .collect();
        self.store
            .sync_addresses(&addresses, now)
            .await
            .context("comparing the lists' addresses")
    }

    /// Cancelled when the process is to end.
    pub fn stop(&self) -> &CancellationToken {
        &self.stop
    }

    /// The polling step.
    pub fn poller(&self) -> Poller {
        Poller {
            store: self.store.clone(),
            clock: self.clock.clone(),
            portals: Arc::clone(&self.portals),
            fetcher: Arc::clone(&self.fetcher),
            rules: self.rules.clone(),
            watches: self.watches.clone(),
            measures: self.measures.clone(),
            limits: Limits {
                max_articles: self.config.polling.max_articles,
                max_list_pages: self.config.polling.max_list_pages,
                max_looks: self.config.polling.max_looks,
            },
            stop: self.stop.clone(),
        }
    }

    /// Private links, marks of bounces, hashes of addresses.
    pub fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    /// The relay, if one is set.
    pub fn mailer(&self) -> anyhow::Result<Option<Mailer>> {
        settings::mailer(&self.config)
    }

    /// The bot, if a token is set.
    pub fn telegram(&self) -> anyhow::Result<Option<Telegram>> {
        settings::telegram(&self.config)
    }

    /// The dispatch steps of the channels that are on.
    pub fn dispatches(&self) -> anyhow::Result<Vec<Dispatch>> {
        let mail = self.mailer()?.map(|mailer| {
            let smtp = &self.config.smtp;
            let from = Sender::parse(&smtp.from).context("smtp.from")?;
            let letters_from = match smtp.letters_from.as_str() {
                "" => from.clone(),
                other => Sender::parse(other).context("smtp.letters_from")?,
            };
            anyhow::Ok(Transport::Email {
                connections: mailer.connections().unwrap_or(self.config.smtp.connections),
                mailer,
                from,
                letters_from,
            })
        });
        let telegram = self.telegram()?.map(|bot| self.posting(bot));
        let hooks = Transport::Webhook {
            hooks: settings::webhooks(&self.config)?,
        };
        let transports = mail.transpose()?.into_iter().chain(telegram).chain([hooks]);
        Ok(transports.map(|transport| self.dispatch(transport)).collect())
    }

    /// The way out over a bot.
    pub fn posting(&self, bot: Telegram) -> Transport {
        let telegram = &self.config.telegram;
        Transport::Telegram {
            bot,
            pace: Pace::of_telegram(telegram.per_second),
            how: PostSettings {
                is_whole: telegram.content == config::Content::Full,
                follows: telegram.edit_alerts_days > 0 || telegram.edit_posts_days > 0,
            },
        }
    }

    /// How long posts follow their articles.
    pub fn follow_for(&self) -> FollowFor {
        let days = |days: u32| TimeDelta::days(i64::from(days));
        FollowFor {
            shared: days(self.config.telegram.edit_posts_days),
            private: days(self.config.telegram.edit_alerts_days),
        }
    }

    /// Whom the alarm step tells, if mail and an operator are set.
    pub fn operators(&self) -> anyhow::Result<Option<Operators>> {
        let addresses = self.config.alerts.operator.clone();
        let mailer = self.mailer()?.filter(|_| !addresses.is_empty());
        let operators = mailer.map(|mailer| {
            anyhow::Ok(Operators {
                mailer,
                from: Sender::parse(&self.config.smtp.from).context("smtp.from")?,
                addresses,
                portals: Arc::clone(&self.portals),
                user_agent: self.config.polling.user_agent.clone(),
                origin: self.origin(),
            })
        });
        operators.transpose()
    }

    /// The dispatch step over a transport.
    pub fn dispatch(&self, transport: Transport) -> Dispatch {
        Dispatch {
            store: self.store.clone(),
            clock: self.clock.clone(),
            transport,
            labels: self.taxonomy.labels().into(),
            origin: Arc::new(self.origin()),
            tokens: self.tokens.clone(),
            instant_max_age: TimeDelta::from_std(self.config.alerts.instant_max_age)
                .unwrap_or(TimeDelta::MAX),
            limits: dispatch::Limits {
                mails_per_day: i64::from(self.config.alerts.mails_per_day),
                per_person_per_day: i64::from(self.config.alerts.per_person_per_day),
            },
            stop: self.stop.clone(),
        }
    }

    pub(super) fn portal_name(&self) -> String {
        self.portals
            .first()
            .map(|portal| portal.name.clone())
            .unwrap_or_default()
    }

    /// What messages say about where they come from.
    pub fn origin(&self) -> Origin {
        let web = &self.config.web;
        Origin {
            public_url: self.config.public_url.clone(),
            portal_name: self.portal_name(),
            authority: settings::authority(&self.config),
            operator: Operator::new(&web.owner, &web.address, &web.contact),
            instance: format!("{:x}", self.created.timestamp()),
        }
    }
}

/// The sections of all portals: portal id, slug and title each.
fn sections_of(portals: &[Portal]) -> Vec<(&str, &str, &str)> {
    let sections = portals
        .iter()
        .flat_map(|p| p.sections.iter().map(move |s| (p, s)));
    sections
        .map(|(p, s)| (p.id.as_str(), s.slug.as_str(), s.title.as_str()))
        .collect()
}

/// 256 bits, as text.
fn fresh_key() -> anyhow::Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|e| anyhow::anyhow!("no randomness from the system: {e}"))?;
    Ok(STANDARD_NO_PAD.encode(bytes))
}
