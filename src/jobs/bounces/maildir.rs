//! A Maildir that a mail server delivers to and only Loa reads: what is in `new/` is taken, and moved to `cur/` as seen.
//! What another program put into `cur/` is that program's.

use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use chrono::TimeDelta;
use tokio::{fs, io::AsyncReadExt as _};
use tracing::{debug, error};

use super::Returns;
use crate::{jobs::Step, notify::email::bounce::MOST_BYTES, store::StoreError};

/// Mails of one step.
const BATCH: usize = 100;

/// How long a mail that was taken is kept: long enough to look into what somebody asks about. It holds addresses.
pub const KEPT_FOR: TimeDelta = TimeDelta::days(30);

/// How the name of a mail ends that Loa has taken.
const TAKEN: &str = ":2,S";

impl Returns {
    /// Takes what lies in the Maildir, a bounded number, and throws away what was taken long ago. While the database is away,
    /// everything stays where it is; so does a mail that cannot be opened or kept now, and the others are taken before that
    /// is an error.
    pub async fn step(&self, maildir: &Path) -> Result<Step> {
        let (new, cur) = (maildir.join("new"), maildir.join("cur"));
        let mails = files(&new)
            .await
            .with_context(|| format!("bounces.maildir: {} cannot be read", new.display()))?;
        let (mut done, mut trouble) = (0, None);
        for mail in &mails {
            if done == BATCH {
                break;
            }
            let bytes = match beginning(mail).await {
                Ok(bytes) => bytes,
                // Another process was faster.
                Err(e) if e.kind() == ErrorKind::NotFound => continue,
                Err(e) => {
                    trouble =
                        Some(anyhow::Error::new(e).context("bounces.maildir: a mail in new/ cannot be read"));
                    continue;
                }
            };
            match self.take(bytes).await {
                Ok(taken) => debug!("A mail in the Maildir: {taken}"),
                Err(e) => match e.chain().find_map(|cause| cause.downcast_ref::<StoreError>()) {
                    Some(StoreError::Unreadable { .. }) => {
                        error!("A mail that came back is put aside, nothing followed from it: {e:#}");
                    }
                    Some(cause) if !cause.is_away() => {
                        trouble = Some(e);
                        continue;
                    }
                    _ => return Err(e),
                },
            }
            match moved(mail, &cur).await {
                Ok(()) => done += 1,
                Err(e) => trouble = Some(e),
            }
        }
        if let Some(trouble) = trouble {
            // What could be done is done; said once a round, and tried again at the next.
            return Err(trouble);
        }
        if done == 0 {
            self.forget(&cur).await;
        }
        Ok(Step::worked(done))
    }

    /// Trouble here is no reason to stop reading.
    async fn forget(&self, cur: &Path) {
        let Ok(mails) = files(cur).await else { return };
        let now = self.clock.now();
        for mail in mails
            .iter()
            .filter(|mail| mail.to_string_lossy().ends_with(TAKEN))
        {
            let Ok(written) = fs::metadata(mail).await.and_then(|m| m.modified()) else {
                continue;
            };
            if now - chrono::DateTime::<chrono::Utc>::from(written) > KEPT_FOR
                && let Err(e) = fs::remove_file(mail).await
            {
                error!(
                    "bounces.maildir: a mail of long ago cannot be removed: {}",
                    e.kind()
                );
                return;
            }
        }
    }
}

/// Whether a Maildir can be used: what is wrong, in words for the operator.
pub async fn check(maildir: &Path) -> Result<(), String> {
    for name in ["new", "cur"] {
        let folder = maildir.join(name);
        files(&folder)
            .await
            .map_err(|e| format!("{} cannot be read ({})", folder.display(), e.kind()))?;
        let probe = folder.join(".loa-probe");
        let written = async {
            fs::write(&probe, b"").await?;
            fs::remove_file(&probe).await
        };
        written
            .await
            .map_err(|e| format!("{} cannot be written to ({})", folder.display(), e.kind()))?;
    }
    Ok(())
}

/// The ordinary files of a folder by name, which begins with the moment of delivery; hidden ones are none.
async fn files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut entries = fs::read_dir(folder).await?;
    let mut found = Vec::new();
    while let Some(entry) = entries.next_entry().await? {
        let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
        // Not of what a link leads to: the folder is written to by others.
        if !is_hidden && entry.file_type().await?.is_file() {
            found.push(entry.path());
        }
    }
    found.sort_unstable();
    Ok(found)
}

async fn beginning(mail: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = fs::File::open(mail).await?;
    file.take(MOST_BYTES as u64).read_to_end(&mut bytes).await?;
    Ok(bytes)
}

async fn moved(mail: &Path, cur: &Path) -> Result<()> {
    let name = mail.file_name().unwrap_or_default().to_string_lossy();
    let name = name.split(":2,").next().unwrap_or_default();
    match fs::rename(mail, cur.join(format!("{name}{TAKEN}"))).await {
        Err(e) if e.kind() == ErrorKind::NotFound && !mail.exists() => Ok(()),
        moved => moved.context("bounces.maildir: a mail that was read cannot be moved to cur/"),
    }
}
