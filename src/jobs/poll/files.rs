//! The files of an article: how large they are, asked of the portal once.

use anyhow::{Context as _, Result};
use tracing::debug;
use url::Url;

use super::{Poller, Round, Target};
use crate::domain::article::{Attachment, Extracted};

/// Files of one article that the portal is asked about; each costs it a request.
const MOST_FILES: usize = 5;

impl Poller {
    /// Learns the sizes of an article's files: those that are known already, and then by asking. A file that nobody tells the
    /// size of is still a file.
    pub(super) async fn learn_files(
        &self,
        target: &Target<'_>,
        round: &Round,
        article: &mut Extracted,
    ) -> Result<()> {
        if article.attachments.is_empty() {
            return Ok(());
        }
        let known = self.store.attachments(&target.portal.id, &article.key).await;
        let known = known.context("reading the files of a known article")?;
        let mut unknown = Vec::new();
        for file in &mut article.attachments {
            match known.iter().find(|same| same.url == file.url) {
                Some(same) => *file = same.clone(),
                None => unknown.push(file),
            }
        }
        for file in unknown.into_iter().take(MOST_FILES) {
            if self.stop.is_cancelled() || !self.ask_about(target, round, file).await? {
                break;
            }
        }
        Ok(())
    }

    /// Gives whether the next file may be asked about.
    async fn ask_about(&self, target: &Target<'_>, round: &Round, file: &mut Attachment) -> Result<bool> {
        let Ok(url) = Url::parse(&file.url) else {
            return Ok(true);
        };
        let Ok(now) = self.keep_alive(target, round).await? else {
            return Ok(false);
        };
        let facts = self.fetcher.file_facts(target.portal, &url, now).await;
        self.count_fetch(target, facts.as_ref().map(|_| "file"));
        self.heed(target, facts.as_ref().err()).await?;
        match facts {
            Ok(Some(facts)) => {
                file.size_bytes = facts.size_bytes;
                file.media_type = file.media_type.take().or(facts.media_type);
                Ok(true)
            }
            Ok(None) => Ok(true),
            Err(error) => {
                debug!("The size of a file is not known: {error}");
                Ok(error.retry_after().is_none())
            }
        }
    }
}
