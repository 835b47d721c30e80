//! `loa backfill`: the older articles of a section, stored silently.

mod progress;

use std::time::Duration;

use chrono::NaiveDate;
use clap::{ArgGroup, Args};

use super::{Elsewhere, Failure};
use crate::{
    app::{self, App},
    clock::Clock,
    config::Config,
    domain::time,
    jobs::poll::backfill::{Backfill, End, Step, Tally, Until},
    portal::Portal,
};
use progress::Progress;

/// Reasons that are printed; many pages that fail mostly fail alike.
const REASONS: usize = 5;

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("until").required(true).args(["pages", "since"])))]
pub(super) struct Arguments {
    /// The section: SLUG, or PORTAL/SLUG where several portals have one of that name.
    #[arg(long, value_name = "SECTION")]
    section: String,
    /// The section's portal.
    #[arg(long, value_name = "ID")]
    portal: Option<String>,
    /// Reads so many list pages, counted from the first one and over all runs: after --pages 10, --pages 15 reads five.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pages: Option<u32>,
    /// Reads back to this day, for example 2024-01-31; the last list page may bring some older articles.
    #[arg(long, value_name = "YYYY-MM-DD")]
    since: Option<NaiveDate>,
    /// Begins again at the first list page; articles that are stored are not read again.
    #[arg(long)]
    restart: bool,
    #[command(flatten)]
    elsewhere: Elsewhere,
}

impl Arguments {
    fn until(&self) -> Result<Until, Failure> {
        let today = time::local_date(Clock::default().now());
        match (self.pages, self.since) {
            (Some(pages), _) => Ok(Until::Pages(i64::from(pages))),
            (None, Some(day)) if day <= today => Ok(Until::Since(time::start_of(day))),
            (None, Some(day)) => Err(Failure::Usage(format!("--since {day} is in the future"))),
            (None, None) => Err(Failure::Usage("give --pages or --since".to_owned())),
        }
    }
}

pub(super) async fn run(mut config: Config, arguments: Arguments) -> Result<(), Failure> {
    let until = arguments.until()?;
    let elsewhere = &arguments.elsewhere.portal_urls;
    let (portal, slug) = split(arguments.portal.as_deref(), &arguments.section)?;
    if let Some(portal) = portal
        && Portal::builtin(portal).is_some()
        && !config.portals.iter().any(|known| known == portal)
    {
        // A compiled-in portal may be named without being in the settings.
        config.portals.push(portal.to_owned());
    }
    let (portal, slug) = resolve(&app::load_portals(&config.portals, elsewhere)?, portal, slug)?;
    let app = App::build(config, elsewhere).await?;
    app::stop_on_signal(app.stop())?;
    let poller = app.poller();
    let mut walk = poller.backfill(&portal, &slug, until, arguments.restart).await?;
    let progress = Progress::start(until, walk.pages_read());
    let ended = walk_to_end(&app, &mut walk, &progress).await;
    progress.clear();
    let ended = ended?;
    let result = summarise(&format!("{portal}/{slug}"), &walk, ended.as_ref(), &app);
    app.store.close().await;
    result
}

/// `SLUG` or `PORTAL/SLUG`, with or without `--portal`.
fn split<'a>(portal: Option<&'a str>, section: &'a str) -> Result<(Option<&'a str>, &'a str), Failure> {
    match (portal, section.split_once('/')) {
        (Some(portal), Some((other, _))) if portal != other => Err(Failure::Usage(format!(
            "--portal {portal} and --section {section} name two portals"
        ))),
        (_, Some((portal, slug))) => Ok((Some(portal), slug)),
        (portal, None) => Ok((portal, section)),
    }
}

/// The one section that is meant: portal id and slug.
fn resolve(portals: &[Portal], portal: Option<&str>, slug: &str) -> Result<(String, String), Failure> {
    let all = || {
        let sections = |portal: &Portal| {
            let slugs = portal.sections.iter().map(|section| section.slug.clone());
            let id = portal.id.clone();
            slugs.map(move |slug| (id.clone(), slug)).collect::<Vec<_>>()
        };
        portals.iter().flat_map(sections)
    };
    let named = |sections: Vec<(String, String)>| {
        let names: Vec<String> = sections.iter().map(|(id, slug)| format!("{id}/{slug}")).collect();
        names.join(", ")
    };
    let mut found: Vec<_> = all()
        .filter(|(id, known)| known == slug && portal.is_none_or(|wanted| wanted == id))
        .collect();
    match (found.pop(), found.is_empty()) {
        (Some(section), true) => Ok(section),
        (Some(last), false) => {
            found.push(last);
            Err(Failure::Usage(format!(
                "--section {slug} is ambiguous; say which of {}",
                named(found)
            )))
        }
        (None, _) => Err(Failure::Usage(format!(
            "--section {slug}: no such section; known are {}",
            named(all().collect())
        ))),
    }
}

/// `None` where the process was told to end.
async fn walk_to_end(
    app: &App,
    walk: &mut Backfill<'_>,
    progress: &Progress,
) -> Result<Option<End>, Failure> {
    loop {
        match walk.step().await? {
            Step::Listed | Step::Article(_) => progress.show(walk),
            Step::Finished(line) => progress.page(&line, walk),
            Step::Pause { wait, why } => {
                progress.say(&format!("{why}; going on in {} s", wait.as_secs()));
                tokio::select! {
                    () = app.stop().cancelled() => {}
                    () = tokio::time::sleep(wait) => {}
                }
            }
            Step::Stopped => return Ok(None),
            Step::Ended(end) => return Ok(Some(end)),
        }
    }
}

/// Prints what was done; how the command ends.
fn summarise(name: &str, walk: &Backfill<'_>, end: Option<&End>, app: &App) -> Result<(), Failure> {
    let tally = walk.tally();
    println!("{name}: {}", counts(tally));
    for why in tally.failed.values().take(REASONS) {
        eprintln!("{why}");
    }
    if tally.failed.len() > REASONS {
        eprintln!("and {} more", tally.failed.len() - REASONS);
    }
    if tally.left > 0 {
        println!(
            "{} at the list's beginning may be news; the next poll stores and announces them.",
            tally.left
        );
    }
    if !tally.failed.is_empty() {
        println!("Pages that failed are asked for again by the service, and when this command runs again.");
    }
    let pages = walk.pages_read();
    match end {
        Some(End::List) => {
            println!("The end of the list, page {pages}, is reached; --restart walks it again.");
        }
        Some(End::Pages) => {
            println!(
                "As many list pages are read as were asked for; with more, the walk goes on from there."
            );
        }
        Some(End::Since) => println!("What follows is older than was asked for."),
        Some(End::Failed { why, wait }) => {
            let when = wait.map_or_else(String::new, |wait| format!(" after {}", at(app, wait)));
            eprintln!("loa: {why}\nThe same command goes on behind list page {pages}; run it again{when}.");
        }
        None => eprintln!("Stopped. The same command goes on behind list page {pages}."),
    }
    let is_done = matches!(end, Some(End::List | End::Pages | End::Since));
    if is_done && tally.failed.is_empty() {
        Ok(())
    } else {
        Err(Failure::Reported)
    }
}

fn counts(tally: &Tally) -> String {
    let changed = match tally.changed {
        0 => String::new(),
        n => format!(" ({n} of them edited)"),
    };
    format!(
        "{} list pages read, {} articles stored, {} already known{changed}, {} failed",
        tally.list_pages,
        tally.stored,
        tally.known,
        tally.failed.len()
    )
}

/// The moment after a wait, on the operator's clock.
fn at(app: &App, wait: Duration) -> String {
    let now = app.clock.now();
    let then = chrono::TimeDelta::from_std(wait)
        .ok()
        .and_then(|wait| now.checked_add_signed(wait));
    then.map_or_else(|| "a long time".to_owned(), time::moment)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn portals() -> Vec<Portal> {
        let of = |id: &str, slugs: &[&str]| {
            let mut file = format!(
                "id = \"{id}\"\nname = \"x\"\nbase_url = \"https://{id}.example\"\nauthority = \"{id}.example\"\n\
                 year = 2026\nprofile = \"3cms\"\n"
            );
            for slug in slugs {
                let lines = "path = \"/\"\ntitle = \"x\"\nschedule = \"0 0 7 * * *\"";
                file += &["[[section]]\nslug = \"", slug, "\"\n", lines, "\n"].concat();
            }
            Portal::from_toml(&file).unwrap()
        };
        vec![of("a", &["tin", "y-te"]), of("b", &["tin"])]
    }

    #[test]
    fn a_section_is_found_by_its_slug_where_that_is_unique_and_by_both_names() {
        let find = |portal, section| {
            let (portal, slug) = split(portal, section)?;
            resolve(&portals(), portal, slug)
        };
        let is = |portal, section, expected: &str| match find(portal, section) {
            Ok((id, slug)) => assert_eq!(format!("{id}/{slug}"), expected),
            Err(Failure::Usage(why)) => assert_eq!(why, expected),
            Err(other) => panic!("{other:?}"),
        };
        is(None, "y-te", "a/y-te");
        is(None, "b/tin", "b/tin");
        is(Some("a"), "tin", "a/tin");
        is(Some("a"), "a/tin", "a/tin");
        is(
            None,
            "tin",
            "--section tin is ambiguous; say which of a/tin, b/tin",
        );
        is(
            None,
            "la",
            "--section la: no such section; known are a/tin, a/y-te, b/tin",
        );
        is(
            Some("a"),
            "b/tin",
            "--portal a and --section b/tin name two portals",
        );
    }
}
