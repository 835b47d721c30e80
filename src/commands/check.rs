//! `loa check`: the settings and everything that they name, a line each: ok, off, or what to do; and what polls have
//! found so far.

mod breakage;
mod dkim;

use anyhow::Context as _;
use clap::Args;

use super::{Elsewhere, Failure};
use crate::{
    app::{App, BuildError},
    config::Config,
    notify::SendError,
    portal::{
        Portal, Section, extract,
        fetch::{FetchError, Fetched, Validators},
    },
};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    elsewhere: Elsewhere,
}

/// Prints lines and remembers whether one was bad.
#[derive(Default)]
struct Report {
    failed: bool,
}

impl Report {
    fn line(&mut self, what: &str, result: Result<String, String>) {
        match result {
            Ok(text) => println!("ok    {what}: {text}"),
            Err(text) => {
                self.failed = true;
                println!("FAIL  {what}: {text}");
            }
        }
    }

    /// Something to do that stops nothing.
    fn note(what: &str, text: &str) {
        println!("note  {what}: {text}");
    }

    fn off(what: &str, how: &str) {
        println!("off   {what}: {how}");
    }
}

pub(super) async fn run(config: Config, arguments: Arguments) -> Result<(), Failure> {
    let mut report = Report::default();
    report.line("settings", Ok("every key is known and fits".to_owned()));
    let app = match App::build(config, &arguments.elsewhere.portal_urls).await {
        Ok(app) => app,
        Err(BuildError::Open(e)) => {
            report.line("database", Err(e.to_string()));
            return Err(Failure::Reported);
        }
        Err(e) => return Err(e.into()),
    };
    report.line("database", Ok(format!("{}, schema up to date", app.store.kind())));
    check_mail(&app, &mut report).await;
    check_bounces(&app, &mut report).await;
    dkim::check(&app, &mut report);
    check_telegram(&app, &mut report).await;
    check_hub(&app, &mut report).await;
    for portal in app.portals.iter() {
        check_portal(&app, portal, &mut report).await;
    }
    breakage::check(&app, &mut report)
        .await
        .context("reading how the sections stand")?;
    app.store.close().await;
    if report.failed {
        Err(Failure::Reported)
    } else {
        Ok(())
    }
}

async fn check_mail(app: &App, report: &mut Report) {
    match app.mailer() {
        Ok(None) => Report::off("mail", "set smtp.host and smtp.from to switch it on"),
        Ok(Some(mailer)) => report.line(
            "mail",
            mailer
                .check()
                .await
                .map_err(|e| advice(&e, "smtp.host, smtp.port and smtp.tls")),
        ),
        Err(e) => report.line("mail", Err(format!("{e:#}"))),
    }
}

async fn check_bounces(app: &App, report: &mut Report) {
    let maildir = &app.config.bounces.maildir;
    match app.trouble_with_bounces().await {
        None if app.config.smtp.host.is_empty() => {}
        None if maildir.is_empty() => report.line(
            "bounces",
            Ok("expected from the mail server, which pipes them to loa bounce".to_owned()),
        ),
        None => report.line("bounces", Ok(format!("read from {maildir}"))),
        Some(why) if app.config.smtp.bounces.is_empty() => Report::note("bounces", &why),
        Some(why) => report.line("bounces", Err(why)),
    }
}

async fn check_telegram(app: &App, report: &mut Report) {
    match app.telegram() {
        Ok(None) => Report::off("telegram", "set telegram.token (from @BotFather) to switch it on"),
        Ok(Some(bot)) => {
            let me = bot
                .me()
                .await
                .map(|name| format!("the bot is @{}", name.trim_start_matches('@')));
            report.line(
                "telegram",
                me.map_err(|e| advice(&e, "telegram.token, telegram.api_url and telegram.proxy")),
            );
        }
        Err(e) => report.line("telegram", Err(format!("{e:#}"))),
    }
}

async fn check_hub(app: &App, report: &mut Report) {
    match app.publisher() {
        Ok(None) => Report::off("hub", "set feeds.hub_url to have readers told at once (WebSub)"),
        Ok(Some(publisher)) => {
            let host = publisher.hub.host();
            let found = publisher.hub.check().await;
            let found = found.map(|status| format!("{host} answers ({status})"));
            report.line("hub", found.map_err(|e| advice(&e, "feeds.hub_url")));
        }
        Err(e) => report.line("hub", Err(format!("{e:#}"))),
    }
}

fn advice(e: &SendError, keys: &str) -> String {
    format!("{e}; check {keys}")
}

/// Every list page: reachable, allowed by robots.txt, TLS chain in order, and readable. A list that only the portal's
/// other shape has is no failure.
async fn check_portal(app: &App, portal: &Portal, report: &mut Report) {
    if portal.accept_invalid_certs {
        report.line(
            &portal.id,
            Err(
                "accept_invalid_certs is set: anyone on the way can forge its pages; use extra_ca_file"
                    .to_owned(),
            ),
        );
    }
    let mut missing = Vec::new();
    let mut answered = false;
    for section in &portal.sections {
        let what = format!("{}/{}", portal.id, section.slug);
        let url = portal.section_url(section);
        match app
            .fetcher
            .get(portal, &url, &Validators::default(), app.clock.now())
            .await
        {
            Err(FetchError::NotFound { .. }) => missing.push((what, url)),
            Err(e) => report.line(&what, Err(e.to_string())),
            Ok(Fetched::NotModified { .. }) => report.line(&what, Ok("unchanged".to_owned())),
            Ok(Fetched::Page(page)) => {
                answered = true;
                report.line(&what, readable(app, section, &page.html, &page.final_url));
            }
        }
    }
    for (what, url) in missing {
        if answered {
            Report::off(&what, "not there; the portal answers in its other shape");
        } else {
            report.line(
                &what,
                Err(format!("{url} does not exist (404); correct the section's path")),
            );
        }
    }
}

fn readable(app: &App, section: &Section, html: &str, url: &url::Url) -> Result<String, String> {
    let now = app.clock.now();
    extract::with_first(&section.profiles, url, |profile| {
        extract::list(html, url, profile, now)
    })
    .map(|(profile, page)| {
        format!(
            "{} articles, read with profile {}",
            page.items.len(),
            profile.name
        )
    })
    .map_err(|e| e.to_string())
}
