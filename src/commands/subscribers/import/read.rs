//! From a CSV file to rows whose every word is understood.

use chrono::NaiveTime;
use chrono_tz::Tz;

use crate::{
    commands::Failure,
    domain::{
        schedule::{self, Days},
        subscription::{Address, Channel, Frequency, Language},
        watch::Watch,
    },
    store::Import,
};

/// The columns that every file has, in this order.
const HEADER: [&str; 4] = ["channel", "address", "watch", "frequency"];

/// Those that may follow, in any order.
const FURTHER: [&str; 6] = ["office", "language", "digest_at", "days", "zone", "weekly_day"];

/// A line of the file.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// Whom, what, how often.
    pub import: Import,
    /// The office that they belong to.
    pub office: Option<String>,
    /// What the line says of language and times; empty fields say nothing.
    pub said: Said,
}

/// What a line says of the language and the times of digests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Said {
    pub language: Option<Language>,
    pub digest_at: Option<NaiveTime>,
    pub days: Option<Days>,
    pub zone: Option<Tz>,
    pub weekly_day: Option<chrono::Weekday>,
}

/// The lines with their numbers: a row, or why it cannot be one.
pub(super) type Lines = Vec<(u64, Result<Row, String>)>;

/// The lines of the file. A spreadsheet's byte order mark is passed over.
pub(super) fn lines(bytes: &[u8], name: &str) -> Result<Lines, Failure> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(bytes);
    let header = reader
        .headers()
        .map_err(|e| Failure::Usage(format!("{name}: {e}")))?
        .clone();
    let further = further(&header).map_err(|why| Failure::Usage(format!("{name}: line 1: {why}")))?;
    let mut lines = Vec::new();
    let mut record = csv::StringRecord::new();
    loop {
        let line = reader.position().line();
        match reader.read_record(&mut record) {
            Ok(false) => return Ok(lines),
            Ok(true) => {
                let line = record.position().map_or(line, csv::Position::line);
                let row = if record.len() == header.len() {
                    parse(&record, &further)
                } else {
                    let columns: Vec<&str> = header.iter().collect();
                    Err(format!("{} fields; expected {}", record.len(), columns.join(",")))
                };
                lines.push((line, row));
            }
            Err(e) => lines.push((line, Err(e.to_string()))),
        }
    }
}

/// The further columns, in the file's order.
fn further(header: &csv::StringRecord) -> Result<Vec<&'static str>, String> {
    let found: Vec<&str> = header.iter().collect();
    if found.get(..HEADER.len()) != Some(&HEADER[..]) {
        return Err(format!(
            "expected the header {}, found {}",
            HEADER.join(","),
            found.join(",")
        ));
    }
    let mut further: Vec<&'static str> = Vec::new();
    for column in &found[HEADER.len()..] {
        let Some(known) = FURTHER.iter().find(|known| *known == column) else {
            return Err(format!(
                "column {column:?} is none of those that may follow {}: {}",
                HEADER.join(","),
                FURTHER.join(", ")
            ));
        };
        if further.contains(known) {
            return Err(format!("column {column} stands there twice"));
        }
        further.push(known);
    }
    Ok(further)
}

fn parse(record: &csv::StringRecord, further: &[&'static str]) -> Result<Row, String> {
    let field = |n: usize| record.get(n).unwrap_or_default();
    let channel: Channel = field(0).parse().map_err(|e| format!("{e}"))?;
    let mut row = Row {
        import: Import {
            address: Address::parse(channel, field(1)).map_err(|e| e.to_string())?,
            watch: field(2).parse::<Watch>().map_err(|e| e.to_string())?,
            frequency: field(3).parse::<Frequency>().map_err(|e| e.to_string())?,
        },
        office: None,
        said: Said::default(),
    };
    for (column, text) in further.iter().zip(record.iter().skip(HEADER.len())) {
        if text.is_empty() {
            continue;
        }
        let said = &mut row.said;
        let wrong = |what: &str| format!("{column} {text:?} is {what}");
        match *column {
            "office" => row.office = Some(office(text).ok_or_else(|| wrong("longer than 200 characters"))?),
            "language" => said.language = Some(text.parse().map_err(|e| format!("{e}"))?),
            "digest_at" => {
                let at = schedule::time_of_day(text);
                said.digest_at = Some(at.ok_or_else(|| wrong("not a time of day such as 07:00"))?);
            }
            "days" => said.days = Some(text.parse::<Days>().map_err(|e| e.to_string())?),
            "zone" => {
                let zone = text
                    .parse()
                    .map_err(|_| wrong("no zone such as Asia/Ho_Chi_Minh or Europe/Berlin"))?;
                said.zone = Some(zone);
            }
            _ => {
                let day = schedule::weekday(text);
                said.weekly_day = Some(day.ok_or_else(|| {
                    wrong("none of: mon, tue, wed, thu, fri, sat, sun, or 1 to 7 (1 is Monday)")
                })?);
            }
        }
    }
    Ok(row)
}

/// One line of text, as the digest's heading can hold it.
fn office(text: &str) -> Option<String> {
    let name = crate::domain::text::one_line(text);
    (name.chars().count() <= 200).then_some(name)
}
