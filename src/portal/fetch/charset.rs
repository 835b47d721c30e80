//! Bytes into text: the charset that the header names, else a byte order mark, else the page's own words (an XML
//! declaration, a `meta` tag), else detection; and from the Vietnamese font encodings into Unicode, whatever was named.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252, WINDOWS_1258};
use unicode_normalization::UnicodeNormalization;

use super::legacy;

/// How far into a page its own word for its charset is looked for (bytes; HTML standard, 13.2.3.2).
const META_WITHIN: usize = 1024;
/// A page that is called UTF-8 is another charset's from so many invalid places on, if they are more than its valid
/// characters beyond ASCII: a few broken characters are a cut text's.
const MOST_INVALID: usize = 4;

/// Decodes a page; `content_type` is the header, or empty. Whatever is named, bytes that are plainly UTF-8 are read so, and
/// bytes that plainly are not are not. Bytes that the charset does not know become U+FFFD. Text in
/// windows-1258, which writes tones as characters of their own, comes back composed (NFC).
pub fn decode(bytes: &[u8], content_type: &str) -> String {
    let named = label_after(content_type, "charset=")
        .or_else(|| Encoding::for_bom(bytes).map(|(encoding, _)| encoding))
        .or_else(|| in_page(bytes))
        .unwrap_or_else(|| detected(bytes, Utf8Detection::Allow));
    let (text, has_errors) = named.decode_with_bom_removal(bytes);
    if named == UTF_8 && !(has_errors && is_something_else(&text)) {
        return legacy::to_unicode(&text).into_owned();
    }
    let encoding = if named == UTF_8 {
        let own = in_page(bytes).filter(|encoding| *encoding != UTF_8);
        own.unwrap_or_else(|| detected(bytes, Utf8Detection::Deny))
    } else {
        named
    };
    // Text beyond ASCII in a charset of one byte a letter is never valid UTF-8 by chance.
    if encoding.is_single_byte()
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        return legacy::to_unicode(text.trim_start_matches('\u{feff}')).into_owned();
    }
    // The fonts' encodings hide behind any charset of one byte a letter; their tables hang on windows-1252.
    if encoding.is_single_byte() {
        let (latin, _) = WINDOWS_1252.decode_without_bom_handling(bytes);
        if let std::borrow::Cow::Owned(text) = legacy::to_unicode(&latin) {
            return text;
        }
    }
    let (text, _) = encoding.decode_with_bom_removal(bytes);
    if encoding == WINDOWS_1258 {
        text.nfc().collect()
    } else {
        text.into_owned()
    }
}

/// Whether a text that was read as UTF-8 shows that it is not.
fn is_something_else(text: &str) -> bool {
    let invalid = text.chars().filter(|c| *c == char::REPLACEMENT_CHARACTER).count();
    let valid = text.chars().filter(|c| !c.is_ascii()).count() - invalid;
    invalid >= MOST_INVALID && invalid > valid
}

fn label_after(text: &str, mark: &str) -> Option<&'static Encoding> {
    let at = text.to_ascii_lowercase().find(mark)? + mark.len();
    let rest = text.get(at..)?.trim_start().trim_start_matches(['"', '\'']);
    let label: String = rest
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || "-_:.".contains(*c))
        .collect();
    Encoding::for_label(label.as_bytes())
}

/// The charset that an XML declaration or a `meta` tag names. Either can only be read where the page is ASCII-compatible,
/// so UTF-16 in it is wrong.
fn in_page(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(META_WITHIN)]);
    let declaration = head
        .trim_start()
        .strip_prefix("<?xml")
        .and_then(|rest| rest.split_once("?>"))
        .and_then(|(declaration, _)| label_after(declaration, "encoding="));
    declaration
        .or_else(|| in_meta(&head))
        .map(Encoding::output_encoding)
}

/// The first `meta` tag that names one, as `charset=` of its own or within `content`. Comments do not count.
fn in_meta(head: &str) -> Option<&'static Encoding> {
    let mut rest = head;
    while let Some(at) = rest.find('<') {
        rest = &rest[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = &comment[comment.find("-->")?..];
            continue;
        }
        let end = rest.find('>').unwrap_or(rest.len());
        let tag = &rest[..end];
        if tag
            .get(..5)
            .is_some_and(|name| name.eq_ignore_ascii_case("<meta"))
            && let Some(encoding) = label_after(tag, "charset=")
        {
            return Some(encoding);
        }
        rest = &rest[1..];
    }
    None
}

fn detected(bytes: &[u8], utf8: Utf8Detection) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    detector.guess(Some(b"vn"), utf8)
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn header_then_mark_then_meta_then_detection() {
        // windows-1258 writes tone marks as characters of their own.
        let windows = b"Qua\xd2ng Tri\xf2";
        assert_eq!(decode(windows, "text/html; charset=windows-1258"), "Quảng Trị");
        assert_eq!(decode("\u{feff}Quảng Trị".as_bytes(), "text/html"), "Quảng Trị");
        assert_eq!(
            decode("Quảng Trị".as_bytes(), "text/html; charset=\"UTF-8\""),
            "Quảng Trị"
        );
        assert_eq!(
            decode("Quảng Trị là một tỉnh".as_bytes(), ""),
            "Quảng Trị là một tỉnh"
        );
        let page = [b"<html><head><meta charset='windows-1252'>caf\xe9" as &[u8]].concat();
        assert!(decode(&page, "text/html").ends_with("café"));
    }
}
