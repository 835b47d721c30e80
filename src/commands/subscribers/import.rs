//! `loa subscribers import`: officials added by their office, with the legal basis on record.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;

use super::super::Failure;
use crate::{
    app::App,
    config::Config,
    domain::{
        subscription::{Address, Channel, Frequency},
        time,
        watch::Watch,
    },
    store::{Import, Imported, Store},
};

#[derive(Debug, Args)]
pub(in crate::commands) struct Arguments {
    /// The file. channel: email or telegram; watch: all, topic:SLUG, section:PORTAL/SLUG or phrase:TEXT; frequency:
    /// instant, daily or weekly.
    file: PathBuf,
    /// Why these people may be written to (the office's decision, the consent): recorded with each of them.
    #[arg(long, value_name = "TEXT")]
    basis: String,
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
    let rows = rows(&bytes, &arguments.file.display().to_string())?;
    let app = App::build(config, &[]).await?;
    let mut tally = Tally::default();
    for chunk in rows.chunks(ROWS_AT_ONCE) {
        import(&app, chunk, basis, &mut tally).await?;
    }
    let Tally { added, kept, wrong } = tally;
    app.store.close().await;
    println!("{added} added, {kept} already there, {wrong} not taken");
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
}

impl Tally {
    fn refuse(&mut self, line: u64, why: &str) {
        self.wrong += 1;
        eprintln!("line {line}: {why}");
    }
}

/// A row as text, or why the line cannot be read.
type Row = Result<[String; 4], String>;

const HEADER: [&str; 4] = ["channel", "address", "watch", "frequency"];

/// The lines of the file with their numbers. A spreadsheet's byte order mark is passed over.
fn rows(bytes: &[u8], name: &str) -> Result<Vec<(u64, Row)>, Failure> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(bytes);
    let header = reader
        .headers()
        .map_err(|e| Failure::Usage(format!("{name}: {e}")))?;
    if header.iter().ne(HEADER) {
        let found: Vec<&str> = header.iter().collect();
        return Err(Failure::Usage(format!(
            "{name}: line 1: expected the header {}, found {}",
            HEADER.join(","),
            found.join(",")
        )));
    }
    let mut rows = Vec::new();
    let mut record = csv::StringRecord::new();
    loop {
        let line = reader.position().line();
        match reader.read_record(&mut record) {
            Ok(false) => return Ok(rows),
            Ok(true) => {
                let line = record.position().map_or(line, csv::Position::line);
                let fields: Vec<String> = record.iter().map(str::to_owned).collect();
                let row = <[String; 4]>::try_from(fields)
                    .map_err(|fields| format!("{} fields; expected {}", fields.len(), HEADER.join(",")));
                rows.push((line, row));
            }
            Err(e) => rows.push((line, Err(e.to_string()))),
        }
    }
}

/// Takes the lines that are right, in one transaction, and reports the others.
async fn import(app: &App, rows: &[(u64, Row)], basis: &str, tally: &mut Tally) -> Result<(), Failure> {
    let (mut lines, mut imports) = (Vec::new(), Vec::new());
    for (line, row) in rows {
        match row.clone().and_then(|row| parse(&row)) {
            Ok(import) if exists(&app.store, &import.watch).await? => {
                lines.push(line);
                imports.push(import);
            }
            Ok(import) => {
                tally.refuse(
                    *line,
                    &format!("{} does not exist; see the addresses under /feeds", import.watch),
                );
            }
            Err(why) => tally.refuse(*line, &why),
        }
    }
    let done = app
        .store
        .import_all(&imports, basis, app.tokens(), app.clock.now())
        .await
        .context("storing subscriptions")?;
    for (line, done) in lines.into_iter().zip(done) {
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

fn parse([channel, address, watch, frequency]: &[String; 4]) -> Result<Import, String> {
    let channel: Channel = channel.parse().map_err(|e| format!("{e}"))?;
    Ok(Import {
        address: Address::parse(channel, address).map_err(|e| e.to_string())?,
        watch: watch.parse::<Watch>().map_err(|e| e.to_string())?,
        frequency: frequency.parse::<Frequency>().map_err(|e| e.to_string())?,
    })
}

async fn exists(store: &Store, watch: &Watch) -> Result<bool, Failure> {
    Ok(store.watch_exists(watch).await.context("looking a watch up")?)
}
