//! `loa try`: reads one page and shows each field with the rule that found it. Stores nothing; what a new portal's owner
//! works with.

use std::{
    io::{ErrorKind, Write},
    path::Path,
};

use clap::Args;
use url::Url;

use super::{Elsewhere, Failure};
use crate::{
    app,
    clock::Clock,
    config::Config,
    domain::classify::Classifier,
    portal::{Portal, address::is_same_site, extract, fetch, report},
};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The page: an address, or a saved file.
    #[arg(value_name = "URL_OR_FILE")]
    page: String,
    /// The portal whose profiles read it; found by the address otherwise. An address of no portal is read with all
    /// profiles that are compiled in.
    #[arg(long, value_name = "ID")]
    portal: Option<String>,
    /// The address that a saved page came from.
    #[arg(long, value_name = "URL")]
    url: Option<Url>,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    elsewhere: Elsewhere,
}

pub(super) async fn run(config: Config, arguments: Arguments) -> Result<(), Failure> {
    let mut names = config.portals.clone();
    let builtin = Portal::builtin_ids().map(str::to_owned);
    names.extend(builtin.filter(|id| !config.portals.contains(id)));
    let mut portals = app::load_portals(&names, &arguments.elsewhere.portal_urls)?;
    if let Some(id) = &arguments.portal {
        let known: Vec<String> = portals.iter().map(|p| p.id.clone()).collect();
        portals.retain(|portal| portal.id == *id);
        if portals.is_empty() {
            return Err(Failure::Usage(format!(
                "--portal {id}: no such portal; known are {}",
                known.join(", ")
            )));
        }
    }
    let now = Clock::default().now();
    let (html, url) = match Url::parse(&arguments.page) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => fetch_page(&config, &portals, &url).await?,
        _ => read_file(&portals, &arguments)?,
    };
    let is_known = arguments.portal.is_some() || portals.iter().any(|p| is_same_site(&url, &p.base_url));
    let reading = if is_known {
        report::read(&html, &url, &portals, now)
    } else {
        report::read_new(&html, &url, now)
    };
    let mut reading = reading.map_err(|e| Failure::Work(e.into()))?;
    if let Some(article) = reading.article() {
        let taxonomy = app::load_taxonomy(&config)?;
        let classifier = Classifier::new(&taxonomy).map_err(|e| Failure::Usage(format!("topics: {e}")))?;
        // Topics as a poll gives them: it classifies what it stores.
        let mut stored = article.clone();
        extract::mend(&mut stored);
        reading.topics = classifier.classify(&stored.title, stored.lead.as_deref(), &stored.body_text, &[]);
    }
    let text = if arguments.json {
        format!("{}\n", reading.json())
    } else {
        reading.text()
    };
    // `loa try … | head` closes the pipe before all is written.
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::Work(error.into())),
        _ => Ok(()),
    }
}

/// Fetches with the TLS settings and the manners of the portal that the address belongs to; an address elsewhere is
/// fetched as if the first portal stood there.
async fn fetch_page(config: &Config, portals: &[Portal], url: &Url) -> Result<(String, Url), Failure> {
    let own = portals.iter().find(|portal| is_same_site(url, &portal.base_url));
    let portal = match (own, portals.first()) {
        (Some(portal), _) => portal.clone(),
        (None, Some(first)) => first.clone().with_base_url(url.clone()),
        (None, None) => return Err(Failure::Usage("no portal is configured".to_owned())),
    };
    let page = app::build_fetcher(config)
        .get_page(&portal, url, Clock::default().now())
        .await;
    let page = page.map_err(|e| Failure::Work(e.into()))?;
    Ok((page.html, page.final_url))
}

fn read_file(portals: &[Portal], arguments: &Arguments) -> Result<(String, Url), Failure> {
    let bytes = std::fs::read(Path::new(&arguments.page)).map_err(|e| {
        Failure::Usage(format!(
            "{}: neither an http(s) address nor a readable file ({e})",
            arguments.page
        ))
    })?;
    let url = arguments
        .url
        .clone()
        .or_else(|| portals.first().map(|p| p.base_url.clone()));
    let url = url.ok_or_else(|| Failure::Usage("no portal is configured; give --url".to_owned()))?;
    Ok((fetch::decode(&bytes, ""), url))
}
