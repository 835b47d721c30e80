//! Bytes into text: the charset that the header names, else a byte order mark, else a `meta` tag, else detection.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::Encoding;

/// How far into a page a `meta charset` is looked for (bytes; HTML standard, 13.2.3.2).
const META_WITHIN: usize = 1024;

/// Decodes a page; `content_type` is the header, or empty. Bytes that the charset does not know become U+FFFD.
pub fn decode(bytes: &[u8], content_type: &str) -> String {
    let encoding = label_after(content_type, "charset=")
        .or_else(|| Encoding::for_bom(bytes).map(|(encoding, _)| encoding))
        .or_else(|| in_meta(bytes))
        .unwrap_or_else(|| detected(bytes));
    let (text, _) = encoding.decode_with_bom_removal(bytes);
    text.into_owned()
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

/// A `meta` tag can only be read where the page is ASCII-compatible, so UTF-16 in it is wrong.
fn in_meta(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(META_WITHIN)]);
    let at = head.to_ascii_lowercase().find("<meta")?;
    label_after(head.get(at..)?, "charset=").map(Encoding::output_encoding)
}

fn detected(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    detector.guess(Some(b"vn"), Utf8Detection::Allow)
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn header_then_mark_then_meta_then_detection() {
        // windows-1258 writes tone marks as characters of their own.
        let windows = b"Qua\xd2ng Tri\xf2";
        assert_eq!(
            decode(windows, "text/html; charset=windows-1258"),
            "Qua\u{309}ng Tri\u{323}"
        );
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
