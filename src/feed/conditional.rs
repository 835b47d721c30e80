//! HTTP validators of a feed document, and when a reader's copy is still good (RFC 9110, section 13).
//!
//! The entity tag is weak, and a hash of the bytes before compression: one tag stands for the identity, gzip and br
//! forms, which a strong tag may not.

use std::time::SystemTime;

use chrono::{DateTime, Utc};

/// What a reader may send back to ask whether its copy is still good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Validators {
    etag: String,
    last_modified: DateTime<Utc>,
}

impl Validators {
    /// The validators of a document: of its bytes before compression, and of the last real change
    /// ([`super::Feed::changed_at`]).
    pub fn of(bytes: &[u8], changed_at: DateTime<Utc>) -> Self {
        // 128 bits name a document as well as 256, in half of the header.
        let hash = blake3::hash(bytes).to_hex();
        Self::known(format!("W/\"{}\"", &hash[..32]), changed_at)
    }

    /// Those of a document that was made before.
    pub fn known(etag: String, changed_at: DateTime<Utc>) -> Self {
        let whole_second = DateTime::from_timestamp(changed_at.timestamp().max(0), 0);
        Self {
            etag,
            last_modified: whole_second.unwrap_or(DateTime::UNIX_EPOCH),
        }
    }

    /// The value of `ETag`: `W/"…"`.
    pub fn etag(&self) -> &str {
        &self.etag
    }

    /// The value of `Last-Modified`, an HTTP date.
    pub fn last_modified(&self) -> String {
        httpdate::fmt_http_date(SystemTime::from(self.last_modified))
    }

    /// Whether the answer is 304, by the values of the request's headers (several `If-None-Match` lines joined with a
    /// comma). Where `If-None-Match` stands, `If-Modified-Since` does not count; a date that cannot be read does not
    /// count either.
    pub fn is_not_modified(&self, if_none_match: Option<&str>, if_modified_since: Option<&str>) -> bool {
        if let Some(tags) = if_none_match {
            return tags.trim() == "*" || entity_tags(tags).any(|tag| tag == opaque(&self.etag));
        }
        if_modified_since
            .and_then(|date| httpdate::parse_http_date(date.trim()).ok())
            .is_some_and(|date| DateTime::<Utc>::from(date) >= self.last_modified)
    }
}

/// The part that weak comparison looks at: the quoted text, without `W/`.
fn opaque(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

/// The quoted parts of a list of entity tags, quotes included. A comma may stand inside a tag, so that the list is read
/// by its quotes; what stands outside of them (`W/`, commas, rubbish) is passed over.
fn entity_tags(list: &str) -> impl Iterator<Item = &str> {
    let mut rest = list;
    std::iter::from_fn(move || {
        let open = rest.find('"')?;
        let close = open + 1 + rest[open + 1..].find('"')?;
        let tag = &rest[open..=close];
        rest = &rest[close + 1..];
        Some(tag)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHANGED: i64 = 1_701_305_460; // Thu, 30 Nov 2023 00:51:00 GMT

    fn validators() -> Validators {
        let changed_at = DateTime::from_timestamp_millis(CHANGED * 1000 + 789).unwrap();
        Validators::of(b"feed", changed_at)
    }

    #[test]
    fn the_tag_is_weak_and_of_the_bytes_alone() {
        let tag = validators().etag;
        assert!(
            tag.starts_with("W/\"") && tag.ends_with('"') && tag.len() == 36,
            "{tag}"
        );
        assert_eq!(Validators::of(b"feed", DateTime::UNIX_EPOCH).etag, tag);
        assert_ne!(Validators::of(b"feed2", DateTime::UNIX_EPOCH).etag, tag);
        assert_eq!(validators().last_modified(), "Thu, 30 Nov 2023 00:51:00 GMT");
    }

    #[test]
    fn a_reader_is_told_to_keep_its_copy_by_tag_first_and_date_second() {
        let weak = validators().etag;
        let strong = weak.trim_start_matches("W/").to_owned();
        let list = format!("\"a,b\", W/\"c\" ,{weak}");
        let (same, later, earlier) = (
            "Thu, 30 Nov 2023 00:51:00 GMT",
            "Fri, 01 Dec 2023 00:00:00 GMT",
            "Thu, 30 Nov 2023 00:50:59 GMT",
        );
        let unquoted = strong.trim_matches('"');
        for (if_none_match, if_modified_since, expected) in [
            (None, None, false),
            (Some(weak.as_str()), None, true),
            (Some(&strong), None, true),
            (Some(&list), None, true),
            (Some(" * "), None, true),
            (Some("W/\"other\""), None, false),
            (Some(unquoted), None, false),
            (Some("\"unclosed"), None, false),
            (Some(""), Some(later), false),
            (Some("\"other\""), Some(later), false),
            (Some(&weak), Some(earlier), true),
            (None, Some(same), true),
            (None, Some(later), true),
            (None, Some("Thursday, 30-Nov-23 00:51:00 GMT"), true),
            (None, Some(earlier), false),
            (None, Some("yesterday"), false),
        ] {
            assert_eq!(
                validators().is_not_modified(if_none_match, if_modified_since),
                expected,
                "{if_none_match:?} {if_modified_since:?}"
            );
        }
    }
}
