//! `loa subscribers import`: officials added by their office, with the legal basis on record.

mod plan;
mod read;

use std::{
    collections::{HashMap, HashSet},
    path::PathBuf,
};

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use clap::Args;

use super::super::Failure;
use crate::{
    app::App,
    config::Config,
    domain::{
        subscription::{AddressError, Channel},
        time,
        watch::Watch,
    },
    store::{Imported, Official},
};
use plan::Plan;
use read::Row;

#[derive(Debug, Args)]
pub(in crate::commands) struct Arguments {
    /// The file. channel: email, telegram or webhook; watch: all, topic:SLUG, section:PORTAL/SLUG or phrase:TEXT; frequency:
    /// instant, daily or weekly. Further columns, each may be left out or empty: office (a name: its members are sent one
    /// shared digest), language (vi or en), `digest_at` (HH:MM), days (all, weekdays, or such as mon/wed or 1-5), zone (such
    /// as `Asia/Ho_Chi_Minh`), `weekly_day` (mon to sun).
    file: PathBuf,
    /// Why these people may be written to (the office's decision, the consent): recorded with each of them.
    #[arg(long, value_name = "TEXT")]
    basis: String,
    /// Sends no letter to those who are new, which would tell them who added them, why, and the way out.
    #[arg(long)]
    no_welcome: bool,
}

pub(super) async fn run(config: Config, arguments: Arguments) -> Result<(), Failure> {
    let basis = arguments.basis.trim();
    if basis.is_empty() {
        return Err(Failure::Usage(
            "--basis is empty; say why these people may be written to".to_owned(),
        ));
    }
    let bytes = std::fs::read(&arguments.file)
        .map_err(|e| Failure::Usage(format!("{}: cannot be read ({e})", arguments.file.display())))?;
    let lines = read::lines(&bytes, &arguments.file.display().to_string())?;
    let app = App::build(config, &[]).await?;
    let now = app.clock.now();
    let mut tally = Tally::default();
    let (plan, rows) = planned(&app, lines, &mut tally).await?;
    let orders = plan.orders();
    let offices = app.store.order_for_offices(&orders, now).await;
    let offices = offices.context("storing what offices order")?;
    let names = orders.iter().map(|order| order.name.as_str());
    let offices: HashMap<&str, i64> = names.zip(offices).collect();
    let officials: Vec<(u64, Official)> = rows
        .into_iter()
        .map(|(line, row)| {
            let (said, schedules, office) = plan.person(&row);
            let official = Official {
                office: office.and_then(|name| offices.get(name).copied()),
                language: said.language,
                schedules,
                import: row.import,
            };
            (line, official)
        })
        .collect();
    for chunk in officials.chunks(ROWS_AT_ONCE) {
        import(&app, chunk, (basis, !arguments.no_welcome, now), &mut tally).await?;
    }
    app.store.close().await;
    let Tally {
        added,
        kept,
        wrong,
        welcomes,
    } = tally;
    println!("{added} added, {kept} already there, {wrong} not taken; {welcomes} letters of welcome queued");
    if wrong > 0 { Err(Failure::Reported) } else { Ok(()) }
}

/// Rows in one transaction: a file of thousands takes seconds, and a running service hardly waits.
const ROWS_AT_ONCE: usize = 500;

/// What became of the lines.
#[derive(Default)]
struct Tally {
    added: usize,
    kept: usize,
    wrong: usize,
    welcomes: u64,
}

impl Tally {
    fn refuse(&mut self, line: u64, why: &str) {
        self.wrong += 1;
        eprintln!("line {line}: {why}");
    }
}

/// What all lines that are right say together, and these lines; the others are reported.
async fn planned(
    app: &App,
    lines: read::Lines,
    tally: &mut Tally,
) -> Result<(Plan, Vec<(u64, Row)>), Failure> {
    let (store, calls_http) = (&app.store, app.config.webhooks.allow_private_addresses);
    let mut plan = Plan::default();
    let mut rows = Vec::new();
    let mut known: HashSet<Watch> = HashSet::new();
    for (line, row) in lines {
        let row = match row {
            Ok(row) => row,
            Err(why) => {
                tally.refuse(line, &why);
                continue;
            }
        };
        let address = &row.import.address;
        if address.channel() == Channel::Webhook && !calls_http && !address.as_str().starts_with("https:") {
            tally.refuse(line, &AddressError::Webhook.to_string());
            continue;
        }
        let watch = &row.import.watch;
        if !known.contains(watch) {
            let exists = store.watch_exists(watch).await;
            if !exists.context("looking a watch up")? {
                let why = format!("{watch} does not exist; see the addresses under /feeds");
                tally.refuse(line, &why);
                continue;
            }
            known.insert(watch.clone());
        }
        match plan.add(&row, line) {
            Ok(()) => rows.push((line, row)),
            Err(why) => tally.refuse(line, &why),
        }
    }
    Ok((plan, rows))
}

/// Takes lines in one transaction, and reports whose word stands against it.
async fn import(
    app: &App,
    officials: &[(u64, Official)],
    (basis, welcome, now): (&str, bool, DateTime<Utc>),
    tally: &mut Tally,
) -> Result<(), Failure> {
    let rows: Vec<Official> = officials.iter().map(|(_, official)| official.clone()).collect();
    let done = app
        .store
        .import_all(&rows, basis, welcome, app.tokens(), now)
        .await
        .context("storing subscriptions")?;
    tally.welcomes += done.welcomes;
    for ((line, _), done) in officials.iter().zip(done.rows) {
        match done {
            Imported::Added => tally.added += 1,
            Imported::Kept => tally.kept += 1,
            Imported::Refused(at) => {
                let date = time::date(at);
                tally.refuse(
                    *line,
                    &format!("not added: this person stopped all messages on {date}"),
                );
            }
        }
    }
    Ok(())
}
