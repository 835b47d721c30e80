//! What an address asks for behind its `?`. Unknown names are ignored, and of a name that stands twice the first counts:
//! readers and trackers add their own, and none of it is a reason to refuse a page.

use std::convert::Infallible;

use axum::{extract::FromRequestParts, http::request::Parts};

use super::error::WebError;
use crate::domain::query::Query;

/// The parameters of a request.
#[derive(Debug, Clone, Default)]
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// A parameter's value.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Without what a form left empty, which asks for nothing.
    #[must_use]
    pub(super) fn filled(self) -> Self {
        let is_filled = |(_, value): &(String, String)| !value.trim().is_empty();
        Self(self.0.into_iter().filter(is_filled).collect())
    }

    /// The values of a parameter that may stand several times.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let of = self.0.iter().filter(move |(known, _)| known == name);
        of.map(|(_, value)| value.as_str())
    }

    /// The search that `q` holds.
    pub(super) fn query(&self) -> Result<Query, WebError> {
        let typed = self.get("q").unwrap_or_default();
        let query = typed.parse();
        query.map_err(|e| WebError::Query(typed.to_owned(), e))
    }
}

impl<S: Sync> FromRequestParts<S> for Parameters {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let query = parts.uri.query().unwrap_or_default();
        Ok(Self(
            url::form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
        ))
    }
}
