//! Addresses as feeds may hold them: RFC 3986, every other character percent-encoded.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use url::{Position, Url};

/// What the WHATWG rules of `url` leave in a path, query or fragment, and RFC 3986 does not allow there.
const NOT_IN_A_URI: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// The address, percent-encoded; `None` where it is not an absolute http(s) address, which no feed should link to.
pub(super) fn web(address: &str) -> Option<String> {
    let url = Url::parse(address.trim()).ok()?;
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    let origin = &url[..Position::BeforePath];
    let rest = utf8_percent_encode(&url[Position::BeforePath..], NOT_IN_A_URI);
    Some(format!("{origin}{rest}"))
}

/// The address for a place that must hold one: what [`web`] refuses stands there percent-encoded as it is.
pub(super) fn web_or_as_is(address: &str) -> String {
    web(address).unwrap_or_else(|| utf8_percent_encode(address, NOT_IN_A_URI).to_string())
}

/// The media type alone, without parameters; `None` where it is not one (RFC 6838, 4.2), as portals write anything there.
pub(super) fn media_type(written: Option<&str>) -> Option<&str> {
    let alone = written?.split(';').next()?.trim();
    let is_name = |name: &str| {
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || "!#$&-^_.+".contains(c);
        name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(is_allowed)
    };
    let (kind, subtype) = alone.split_once('/')?;
    (is_name(kind) && is_name(subtype)).then_some(alone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_absolute_and_encoded_once() {
        for (given, written) in [
            (
                "https://qt.vn/tin tức?a=b c|d",
                "https://qt.vn/tin%20t%E1%BB%A9c?a=b%20c%7Cd",
            ),
            ("https://qt.vn/a%20b[1].pdf#x", "https://qt.vn/a%20b%5B1%5D.pdf#x"),
            ("http://[::1]:8080/a", "http://[::1]:8080/a"),
            (" https://Quảng.vn/ ", "https://xn--qung-hr5a.vn/"),
        ] {
            assert_eq!(web(given).as_deref(), Some(written));
        }
        for refused in ["/tin", "javascript:alert(1)", "data:text/html,x", ""] {
            assert_eq!(web(refused), None);
        }
    }

    #[test]
    fn a_media_type_is_one_or_nothing() {
        assert_eq!(media_type(Some("text/html; charset=utf-8")), Some("text/html"));
        let office = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
        assert_eq!(media_type(Some(office)), Some(office));
        for wrong in [
            None,
            Some("pdf"),
            Some("a b/c"),
            Some("/"),
            Some("a/"),
            Some("a/b/c"),
            Some(""),
        ] {
            assert_eq!(media_type(wrong), None, "{wrong:?}");
        }
    }
}
