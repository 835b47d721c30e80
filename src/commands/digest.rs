//! `loa digest preview`: a digest as it would be sent, without sending it.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use clap::{Args, Subcommand};

use super::Failure;
use crate::{
    app::App,
    config::{Config, ConfigError},
    domain::{
        article::Article,
        subscription::{Address, Channel, Frequency, Language},
        text, time,
        watch::Watch,
    },
    notify::{
        email::encode,
        message::{Addressing, Content, Ground, Links, Mail, Occasion, Sender, mail},
    },
    store::{Filter, Place},
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Makes the digest of a day or a week from the articles in the database, prints its text, and sends nothing.
    Preview(Arguments),
}

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// daily or weekly.
    #[arg(long, default_value_t = Frequency::Daily)]
    frequency: Frequency,
    /// What the digest is about: all, topic:SLUG, section:PORTAL/SLUG or phrase:TEXT. Repeatable; all if there is none.
    #[arg(long = "watch", value_name = "WATCH")]
    watches: Vec<Watch>,
    /// The day on which it would be sent (YYYY-MM-DD): it tells the day or the week before, to the time of the setting
    /// `alerts.digest_at`. Today if left out.
    #[arg(long, value_name = "DATE")]
    date: Option<NaiveDate>,
    /// vi or en.
    #[arg(long, default_value_t = Language::Vi)]
    language: Language,
    /// Writes digest.html, digest.txt and digest.eml (the whole mail) into this folder, which is made if it is not there.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(super) async fn run(config: Config, command: Command) -> Result<(), Failure> {
    let Command::Preview(arguments) = command;
    if arguments.frequency == Frequency::Instant {
        return Err(Failure::Usage(
            "--frequency instant has no digest; say daily or weekly".to_owned(),
        ));
    }
    let app = App::build(config, &[]).await?;
    let made = preview(&app, &arguments).await;
    app.store.close().await;
    let Some(made) = made? else { return Ok(()) };
    println!("{}\n\n{}", made.subject, made.text);
    if let Some(folder) = &arguments.out {
        write(folder, &made)?;
        println!(
            "Written: digest.html, digest.txt and digest.eml in {}",
            folder.display()
        );
    }
    Ok(())
}

/// The mail, or `None` after saying that there is nothing to tell.
async fn preview(app: &App, arguments: &Arguments) -> Result<Option<Mail>, Failure> {
    for watch in &arguments.watches {
        let exists = app.store.watch_exists(watch).await;
        if !exists.context("looking a watch up")? {
            return Err(Failure::Usage(format!(
                "{watch} does not exist; see the addresses under /feeds"
            )));
        }
    }
    let all = [Watch::All];
    let watches = if arguments.watches.is_empty() {
        &all[..]
    } else {
        &arguments.watches[..]
    };
    let now = app.clock.now();
    let date = arguments.date.unwrap_or_else(|| time::local_date(now));
    let (days, occasion) = match arguments.frequency {
        Frequency::Weekly => (
            7,
            Occasion::Weekly(date - TimeDelta::days(7), date - TimeDelta::days(1)),
        ),
        Frequency::Daily | Frequency::Instant => (1, Occasion::Daily(date)),
    };
    let at = app
        .config
        .alerts
        .digest_at
        .signed_duration_since(chrono::NaiveTime::MIN);
    let end = time::start_of(date) + at;
    let begin = end - TimeDelta::days(days);
    let mut articles = articles(app, begin, end).await?;
    articles.retain(|article| watches.iter().any(|watch| matches(article, watch)));
    if articles.is_empty() {
        println!(
            "Nothing to tell: no article from {} to {}; nobody would be sent this digest.",
            time::moment(begin),
            time::moment(end)
        );
        return Ok(None);
    }
    let origin = app.origin();
    let from = match app.config.smtp.from.as_str() {
        "" => format!("Loa <loa@{}>", origin.authority),
        set => set.to_owned(),
    };
    let from = Sender::parse(&from).map_err(|e| ConfigError(format!("smtp.from is not usable: {e}")))?;
    let to = Address::parse(Channel::Email, "xem-truoc@example.vn").map_err(|e| anyhow!(e))?;
    let content = Content {
        occasion,
        articles: &articles,
        labels: app.taxonomy.labels(),
        watches,
        language: arguments.language,
        links: Links {
            public_url: &origin.public_url,
            // Nobody's: a preview that is passed on must not end anybody's subscription.
            unsubscribe_url: &format!("{}/unsubscribe/xem-truoc", origin.public_url),
            manage_url: &format!("{}/manage/xem-truoc", origin.public_url),
        },
        portal_name: &origin.portal_name,
        authority: &origin.authority,
        operator: &origin.operator,
        office: None,
        ground: Ground::Office,
    };
    let addressing = Addressing {
        message_id: &format!("<loa.preview.{date}@{}>", origin.authority),
        from: &from,
        to: &to,
        mark: None,
        at: now,
    };
    Ok(Some(mail(&content, &addressing)))
}

/// The articles whose place in lists lies between two moments, the newest first.
async fn articles(app: &App, begin: DateTime<Utc>, end: DateTime<Utc>) -> Result<Vec<Article>, Failure> {
    const PAGE: i64 = 100;
    let mut found = Vec::new();
    let mut after = Some(Place {
        listed_at: end,
        id: 0,
    });
    while let Some(place) = after {
        let page = app.store.find(&Filter::default(), Some(place), PAGE).await;
        let page = page.context("reading articles")?;
        let is_past = page.next.is_none_or(|next| next.listed_at < begin);
        found.extend(page.articles.into_iter().filter(|a| a.shown_at() >= begin));
        after = page.next.filter(|_| !is_past);
    }
    Ok(found)
}

fn matches(article: &Article, watch: &Watch) -> bool {
    match watch {
        Watch::All => true,
        Watch::Topic(slug) => article.topics.iter().any(|topic| topic.slug == *slug),
        Watch::Section { portal, slug } => {
            article.portal == *portal && article.sections.iter().any(|(known, _)| known == slug)
        }
        Watch::Phrase(phrase) => {
            let lead = article.lead.as_deref().unwrap_or_default();
            let words = text::normalise(&format!("{}\n{lead}\n{}", article.title, article.body_text));
            Watch::phrase_matches(phrase, &words, &text::fold(&words))
        }
    }
}

fn write(folder: &Path, mail: &Mail) -> Result<(), Failure> {
    let eml = encode(mail).map_err(|e| anyhow!("the mail cannot be encoded: {e}"))?;
    let wrong = |e| Failure::Usage(format!("{}: cannot be written to ({e})", folder.display()));
    std::fs::create_dir_all(folder).map_err(wrong)?;
    for (name, bytes) in [
        ("digest.html", mail.html.as_bytes()),
        ("digest.txt", mail.text.as_bytes()),
        ("digest.eml", &eml),
    ] {
        std::fs::write(folder.join(name), bytes).map_err(wrong)?;
    }
    Ok(())
}
