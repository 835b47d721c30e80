//! The e-mails of the demo: a folder of `.eml` files (RFC 5322), read back as a person's mail program would.

use std::{fs, io, path::Path};

use chrono::{DateTime, Utc};
use mail_parser::{Address, MessageParser};

/// Mails shown; a demo that runs for days must not load them all.
const SHOWN: usize = 50;

/// One e-mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Its file's name in the folder.
    pub file: String,
    /// Sender, `Name <address>`.
    pub from: String,
    /// Recipients.
    pub to: String,
    /// Subject, decoded (RFC 2047).
    pub subject: String,
    /// `Date`.
    pub date: Option<DateTime<Utc>>,
    /// The plain text part.
    pub text: Option<String>,
    /// The HTML part.
    pub html: Option<String>,
}

/// The mails of a folder, newest first. A folder that does not exist yet holds none; a file that is no mail is left out.
pub fn read(folder: &Path) -> io::Result<Vec<Mail>> {
    let entries = match fs::read_dir(folder) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if is_mail_file(&name) {
            files.push((entry.metadata()?.modified()?, name));
        }
    }
    files.sort_by(|a, b| b.cmp(a));
    files.truncate(SHOWN);
    let mut mails = Vec::new();
    for (_, name) in files {
        let bytes = fs::read(folder.join(&name))?;
        mails.extend(parse(name, &bytes));
    }
    Ok(mails)
}

/// A mail's bytes as they would have gone out, for a name that [`read`] gave; `None` for any other.
pub fn raw(folder: &Path, file: &str) -> Option<Vec<u8>> {
    if !is_mail_file(file) {
        return None;
    }
    fs::read(folder.join(file)).ok()
}

/// A plain name that ends in `.eml`: nothing that leads out of the folder.
fn is_mail_file(name: &str) -> bool {
    Path::new(name)
        .extension()
        .is_some_and(|extension| extension == "eml")
        && !name.starts_with('.')
        && !name.contains(['/', '\\', ':', '\0'])
}

fn parse(file: String, bytes: &[u8]) -> Option<Mail> {
    let message = MessageParser::default().parse(bytes)?;
    let has = |html: bool| {
        message.parts.iter().any(|part| {
            if html {
                part.is_text_html()
            } else {
                part.is_text() && !part.is_text_html()
            }
        })
    };
    Some(Mail {
        file,
        from: people(message.from()),
        to: people(message.to()),
        subject: message.subject().unwrap_or_default().to_owned(),
        date: message
            .date()
            .and_then(|d| DateTime::from_timestamp(d.to_timestamp(), 0)),
        text: has(false).then(|| message.body_text(0)).flatten().map(Into::into),
        html: has(true).then(|| message.body_html(0)).flatten().map(Into::into),
    })
}

fn people(address: Option<&Address<'_>>) -> String {
    let Some(address) = address else {
        return String::new();
    };
    let person = |a: &mail_parser::Addr<'_>| match (a.name(), a.address()) {
        (Some(name), Some(address)) => format!("{name} <{address}>"),
        (_, address) => address.unwrap_or_default().to_owned(),
    };
    address.iter().map(person).collect::<Vec<_>>().join(", ")
}
