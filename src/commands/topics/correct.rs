//! `loa topics correct`: staff say what an article is about. It counts at once, tells nobody, and holds after every change
//! of the rules.

use anyhow::Context as _;
use clap::Args;

use super::{super::Failure, print};
use crate::{
    app::App,
    config::Config,
    domain::topic::Assigned,
    jobs::rules::{reclassified, topics_of},
};

#[derive(Debug, Args)]
pub(in crate::commands) struct Arguments {
    /// The article's number, as in the address of its page.
    id: i64,
    /// +SLUG: the article is about the topic; -SLUG: it is not; =SLUG: as the rules say. At least one.
    #[arg(required = true, allow_hyphen_values = true, value_name = "+SLUG|-SLUG|=SLUG")]
    topics: Vec<String>,
}

pub(super) async fn run(config: Config, arguments: &Arguments) -> Result<(), Failure> {
    let said: Vec<(&str, Option<bool>)> = arguments
        .topics
        .iter()
        .map(|word| read(word))
        .collect::<Result<_, _>>()?;
    let app = App::build(config, &[]).await?;
    let corrected = correct(&app, arguments.id, &said).await;
    app.store.close().await;
    let topics = corrected?;
    let slugs: Vec<&str> = topics.iter().map(|topic| topic.slug.as_str()).collect();
    print(&format!(
        "Article {} has the topics: {}\n",
        arguments.id,
        if slugs.is_empty() {
            "none".to_owned()
        } else {
            slugs.join(", ")
        }
    ))
}

fn read(word: &str) -> Result<(&str, Option<bool>), Failure> {
    let says = |sign| match sign {
        '+' => Some(Some(true)),
        '-' => Some(Some(false)),
        '=' => Some(None),
        _ => None,
    };
    let sign = word.chars().next().and_then(says);
    sign.map(|says| (&word[1..], says)).ok_or_else(|| {
        Failure::Usage(format!(
            "{word}: expected +SLUG (the article is about it), -SLUG (it is not) or =SLUG (as the rules say)"
        ))
    })
}

async fn correct(app: &App, id: i64, said: &[(&str, Option<bool>)]) -> Result<Vec<Assigned>, Failure> {
    if let Some((slug, _)) = said.iter().find(|(slug, _)| app.taxonomy.label(slug).is_none()) {
        let slugs: Vec<&str> = app.taxonomy.labels().iter().map(|l| l.slug.as_str()).collect();
        return Err(Failure::Usage(format!(
            "{slug} is no topic of the rules; those are {}",
            slugs.join(", ")
        )));
    }
    let missing = || {
        Failure::Usage(format!(
            "there is no article {id}; the number stands in the address of the article's page"
        ))
    };
    app.store
        .article(id)
        .await
        .context("reading the article")?
        .ok_or_else(missing)?;
    let now = app.clock.now();
    for (slug, is_about) in said {
        let noted = app.store.correct(id, slug, *is_about, now).await;
        noted.context("noting a correction")?;
    }
    // Read after the corrections were written, so that whoever classifies meanwhile and this agree.
    let article = app.store.article(id).await.context("reading the article")?;
    let articles = [article.ok_or_else(missing)?];
    let classifier = app.rules().current().classifier;
    let mut topics = topics_of(&app.store, &app.portals, &classifier, &articles).await?;
    let topics = topics.pop().unwrap_or_default();
    let change = reclassified(&articles[0], topics.clone());
    app.store
        .reclassify(&change, now)
        .await
        .context("giving the article its topics")?;
    Ok(topics)
}
