//! What can go wrong with an article's page, and what follows from it.

use crate::{
    domain::breakage::Cause,
    portal::{extract::ExtractError, fetch::FetchError},
    store::StoreError,
};

/// Why an article's page was not recorded.
#[derive(Debug, thiserror::Error)]
pub(super) enum PageError {
    /// It could not be had.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// It could not be read.
    #[error(transparent)]
    Read(#[from] ExtractError),
    /// The portal says, with status 200, that there is no such article.
    #[error("{0} is listed but not there yet; it is looked at again")]
    NotThere(String),
    /// What the list links to is no address.
    #[error("{0} is not an address")]
    Address(String),
    /// The round was closed meanwhile.
    #[error(transparent)]
    Round(StoreError),
}

impl PageError {
    /// Nothing was asked, so that nothing is known of the page.
    pub(super) fn is_unasked(&self) -> bool {
        matches!(self, Self::Fetch(FetchError::AskedToWait { .. }))
    }

    /// The host would rather not be asked more now: it asks to wait, or shows something else than its pages.
    pub(super) fn ends_asking(&self) -> bool {
        match self {
            Self::Fetch(FetchError::Status { code: 429, .. }) => true,
            Self::Fetch(error) => error.retry_after().is_some(),
            Self::Read(_) => self.cause().is_some_and(|cause| cause != Cause::Layout),
            _ => false,
        }
    }

    /// The host or the way to it fails, not this page.
    pub(super) fn is_outer(&self) -> bool {
        match self {
            Self::Fetch(
                FetchError::Timeout { .. } | FetchError::Connect { .. } | FetchError::Broken { .. },
            ) => true,
            Self::Fetch(FetchError::Status { code, .. }) => {
                *code >= 500 || matches!(code, 403 | 408 | 425 | 429)
            }
            _ => false,
        }
    }

    /// Whether the page counts as one of which nothing is found, after so many attempts before: once for each page, and what
    /// often passes (an article that is listed early, a time-out) at the second attempt.
    pub(super) fn counts_against_yield(&self, attempts: i64) -> bool {
        match self {
            Self::Round(_) => false,
            _ if self.is_gone() || self.is_unasked() => false,
            _ if self.is_missing() || self.is_outer() => attempts == 1,
            _ => attempts == 0,
        }
    }

    /// What the page says about its section.
    pub(super) fn cause(&self) -> Option<Cause> {
        match self {
            Self::Read(error) => super::health::cause_of_reading(error),
            _ => None,
        }
    }

    /// The portal says that there is no such article: not found, or not there.
    pub(super) fn is_missing(&self) -> bool {
        matches!(self, Self::NotThere(_) | Self::Fetch(FetchError::NotFound { .. }))
    }

    /// Status 410: taken away for good.
    pub(super) fn is_gone(&self) -> bool {
        matches!(self, Self::Fetch(FetchError::Gone { .. }))
    }
}
