//! `loa poll`: one round now.

use std::time::Duration;

use chrono::TimeDelta;
use chrono_tz::Asia::Ho_Chi_Minh;
use clap::Args;

use super::{Elsewhere, Failure};
use crate::{
    app::App,
    config::Config,
    domain::subscription::Channel,
    jobs::{
        Step,
        alarm::alarm,
        fanout::fanout,
        poll::{Poller, SectionReport, Status},
    },
};

/// How long to wait for a host in all, and at least each time.
const LONGEST_WAIT: TimeDelta = TimeDelta::seconds(90);
const SHORTEST_WAIT: Duration = Duration::from_millis(200);

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Polls only this portal.
    #[arg(long, value_name = "ID")]
    portal: Option<String>,
    /// Polls only this section.
    #[arg(long, value_name = "SLUG")]
    section: Option<String>,
    /// Leaves the alerts that the round owes to a running `loa serve`.
    #[arg(long)]
    no_send: bool,
    #[command(flatten)]
    elsewhere: Elsewhere,
}

pub(super) async fn run(mut config: Config, arguments: Arguments) -> Result<(), Failure> {
    if let Some(portal) = &arguments.portal {
        // A compiled-in portal may be polled by name without being in the settings.
        if crate::portal::Portal::builtin(portal).is_some() && !config.portals.contains(portal) {
            config.portals.push(portal.clone());
        }
    }
    let app = App::build(config, &arguments.elsewhere.portal_urls).await?;
    let poller = app.poller();
    let mut reports = poller
        .poll_named(arguments.portal.as_deref(), arguments.section.as_deref())
        .await?;
    wait_out(&app, &poller, &mut reports).await?;
    if reports.is_empty() {
        let known: Vec<String> = app
            .portals
            .iter()
            .flat_map(|p| p.sections.iter().map(move |s| format!("{}/{}", p.id, s.slug)))
            .collect();
        return Err(Failure::Usage(format!(
            "no such section; known are {}",
            known.join(", ")
        )));
    }
    print_table(&reports);
    if !arguments.no_send {
        send(&app).await?;
    }
    app.store.close().await;
    if reports.iter().any(SectionReport::is_failure) {
        Err(Failure::Reported)
    } else {
        Ok(())
    }
}

/// Sections whose host is asked by another process are polled once that is over.
async fn wait_out(app: &App, poller: &Poller, reports: &mut [SectionReport]) -> Result<(), Failure> {
    let deadline = app.clock.now() + LONGEST_WAIT;
    for report in reports {
        while let Status::Busy(why, until) = &report.status
            && *until < deadline
        {
            eprintln!("{}/{}: {why}; waiting for it", report.portal, report.section);
            let wait = (*until - app.clock.now()).to_std().unwrap_or_default();
            tokio::time::sleep(wait.max(SHORTEST_WAIT)).await;
            let again = poller
                .poll_named(Some(&report.portal), Some(&report.section))
                .await?;
            match again.into_iter().next() {
                Some(again) => *report = again,
                None => break,
            }
        }
    }
    Ok(())
}

fn print_table(reports: &[SectionReport]) {
    let name = |report: &SectionReport| format!("{}/{}", report.portal, report.section);
    let width = reports
        .iter()
        .map(|r| name(r).len())
        .max()
        .unwrap_or(0)
        .max("section".len());
    println!(
        "{:width$}  {:<9}  {:>5}  {:>4}  {:>7}  {:>6}  {:>6}",
        "section", "status", "found", "new", "changed", "failed", "ms"
    );
    for report in reports {
        let status = match report.status {
            Status::Read => "ok",
            Status::NotModified => "unchanged",
            Status::Absent => "absent",
            Status::Failed(_) => "failed",
            Status::Waiting(..) | Status::Busy(..) => "waiting",
        };
        println!(
            "{:width$}  {status:<9}  {:>5}  {:>4}  {:>7}  {:>6}  {:>6}",
            name(report),
            report.found,
            report.new,
            report.changed,
            report.failed.len(),
            report.elapsed.as_millis()
        );
    }
    for report in reports.iter().filter(|report| report.withdrawn > 0) {
        println!("{}: {} withdrawn by the portal", name(report), report.withdrawn);
    }
    for report in reports {
        let list = match &report.status {
            Status::Failed(why) => Some(why.clone()),
            Status::Waiting(why, until) | Status::Busy(why, until) => Some(format!(
                "{why}; to be polled at {}",
                until.with_timezone(&Ho_Chi_Minh).format("%H:%M:%S")
            )),
            _ => None,
        };
        for why in list.iter().chain(&report.failed) {
            eprintln!("{}: {why}", name(report));
        }
    }
}

/// Fans out and sends what is due now; what must wait is left to `loa serve`.
async fn send(app: &App) -> Result<(), Failure> {
    while fanout(&app.store, app.clock.now()).await? != Step::Idle {}
    let operators = app.operators()?;
    while alarm(&app.store, operators.as_ref(), app.clock.now()).await? != Step::Idle {}
    for dispatch in app.dispatches()? {
        while dispatch.step().await? != Step::Idle {}
    }
    let counts = app.store.delivery_counts().await.map_err(anyhow::Error::from)?;
    for channel in [Channel::Email, Channel::Telegram] {
        let of = |wanted: &str| {
            counts
                .iter()
                .find(|(c, state, _)| c == channel.as_str() && state == wanted)
                .map_or(0, |row| row.2)
        };
        let (sent, waiting) = (of("sent"), of("queued") + of("sending"));
        if sent + waiting > 0 {
            println!("{channel}: {sent} sent so far, {waiting} waiting");
        }
    }
    Ok(())
}
