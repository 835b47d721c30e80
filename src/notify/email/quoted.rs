//! Quoted-printable (RFC 2045, 6.7): lines of at most 76 ASCII characters that every server passes on as they are, so that a
//! signature holds. Half of the cost of a mail's bytes would be a library's, which goes through characters one by one.

/// Characters of a line, with the `=` that continues it.
const LINE: usize = 76;

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// The text, encoded. Line ends of all kinds become CRLF: a lone CR or LF on the wire is how one mail is smuggled inside
/// another.
pub(super) fn quoted(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() * 2);
    for line in lines(text) {
        quote_line(line.as_bytes(), &mut out);
    }
    out
}

/// The lines, without their ends; what stands after the last end is one too, if there is something.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let Some(at) = rest.find(['\r', '\n']) else {
            return Some(std::mem::take(&mut rest));
        };
        let (line, end) = rest.split_at(at);
        rest = end.strip_prefix("\r\n").unwrap_or(&end[1..]);
        Some(line)
    })
}

fn quote_line(line: &[u8], out: &mut Vec<u8>) {
    let mut column = 0;
    let mut rest = line;
    while let [byte, after @ ..] = rest {
        let is_last = after.is_empty();
        // White space at the end of a line is what servers cut off.
        let is_plain =
            matches!(byte, b'!'..=b'<' | b'>'..=b'~') || (matches!(byte, b' ' | b'\t') && !is_last);
        let width = if is_plain { 1 } else { 3 };
        // The last character may take the place of the `=`.
        if column + width > LINE - usize::from(!is_last) {
            out.extend_from_slice(b"=\r\n");
            column = 0;
        }
        if is_plain {
            out.push(*byte);
        } else {
            out.extend_from_slice(&[b'=', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
        }
        column += width;
        rest = after;
    }
    out.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> String {
        String::from_utf8(quoted(text)).unwrap()
    }

    #[test]
    fn what_is_not_plain_is_quoted() {
        assert_eq!(of("a=b \t~ đ"), "a=3Db \t~ =C4=91\r\n");
        assert_eq!(of("-- \ncuối\t"), "--=20\r\ncu=E1=BB=91i=09\r\n");
        assert_eq!(of("\0\u{7f}"), "=00=7F\r\n");
        assert_eq!(of(""), "");
    }

    #[test]
    fn every_end_of_a_line_is_crlf() {
        assert_eq!(
            of("a\nb\r\nc\rd\n\n\r\r\ne"),
            "a\r\nb\r\nc\r\nd\r\n\r\n\r\n\r\ne\r\n"
        );
    }

    #[test]
    fn lines_have_76_characters_at_most() {
        let a = "a".repeat(76);
        assert_eq!(of(&a), format!("{a}\r\n"));
        assert_eq!(of(&format!("{a}b")), format!("{}=\r\nab\r\n", &a[1..]));
        let text = of(&"ế".repeat(60));
        assert!(text.lines().all(|line| line.len() <= 76), "{text}");
        assert_eq!(text.replace("=\r\n", "").trim_end(), "=E1=BA=BF".repeat(60));
    }
}
