//! What a request says that the reader has already: `If-None-Match` and `If-Modified-Since` (RFC 9110, 13.1).

use std::borrow::Cow;

use axum::http::{HeaderMap, HeaderValue, header};

use crate::feed::conditional::Validators;

/// Whether the reader has the document of these validators, so that 304 is the answer.
pub(super) fn is_known(request: &HeaderMap, validators: &Validators) -> bool {
    validators.is_not_modified(tags(request).as_deref(), since(request))
}

/// As [`is_known`], by the tag alone: for documents whose date does not move with every change.
pub(super) fn is_known_by_tag(request: &HeaderMap, validators: &Validators) -> bool {
    validators.is_not_modified(tags(request).as_deref(), None)
}

/// Several header lines are one list. What is not text holds no tag of ours, but it is there: the date does not count then.
fn tags(request: &HeaderMap) -> Option<Cow<'_, str>> {
    let text = |value: &HeaderValue| value.to_str().unwrap_or_default().to_owned();
    let mut lines = request.get_all(header::IF_NONE_MATCH).iter();
    match (lines.next(), lines.next()) {
        (None, _) => None,
        // The usual case costs no copy.
        (Some(only), None) => Some(Cow::Borrowed(only.to_str().unwrap_or_default())),
        (Some(first), Some(second)) => {
            let all = [first, second].into_iter().chain(lines).map(text);
            Some(Cow::Owned(all.collect::<Vec<_>>().join(", ")))
        }
    }
}

fn since(request: &HeaderMap) -> Option<&str> {
    request.get(header::IF_MODIFIED_SINCE)?.to_str().ok()
}
