//! The canonical form `relaxed` of a mail (RFC 6376, 3.4.2 and 3.4.4): what relays may do to white space does not show in it.

/// A header field as it stands in the mail, without its last line end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field<'a> {
    name: &'a [u8],
    value: &'a [u8],
}

/// Header and body, without the empty line between them.
pub(super) fn split(mail: &[u8]) -> (&[u8], &[u8]) {
    let end = mail.windows(4).position(|four| four == b"\r\n\r\n");
    end.map_or((mail, &[]), |end| (&mail[..end], &mail[end + 4..]))
}

/// The fields of a header, in their order. A line that begins with white space goes on with the field before it.
pub(super) fn fields(head: &[u8]) -> Vec<Field<'_>> {
    let mut fields = Vec::new();
    let mut rest = head;
    while !rest.is_empty() {
        let end = end_of_field(rest);
        let field = &rest[..end];
        rest = rest.get(end + 2..).unwrap_or_default();
        if let Some(colon) = field.iter().position(|b| *b == b':') {
            fields.push(Field {
                name: field[..colon].trim_ascii(),
                value: &field[colon + 1..],
            });
        }
    }
    fields
}

/// Where the first field ends: at a line end that no white space follows.
fn end_of_field(text: &[u8]) -> usize {
    let mut from = 0;
    while let Some(at) = text[from..].windows(2).position(|two| two == b"\r\n") {
        let end = from + at;
        if !text.get(end + 2).is_some_and(|next| is_blank(*next)) {
            return end;
        }
        from = end + 2;
    }
    text.len()
}

impl Field<'_> {
    /// Whether it has that name, in whatever case.
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }

    /// Appends the relaxed form: name in small letters, value unfolded and with single spaces, CRLF.
    pub(super) fn relaxed(&self, out: &mut Vec<u8>) {
        out.extend(self.name.iter().map(u8::to_ascii_lowercase));
        out.push(b':');
        let start = out.len();
        // An unfolded value: its line ends are gone, the white space after them stays.
        squeeze(self.value.iter().filter(|b| !matches!(b, b'\r' | b'\n')), out);
        if out.get(start) == Some(&b' ') {
            out.remove(start);
        }
        out.extend_from_slice(b"\r\n");
    }
}

/// The relaxed form of a body. One of empty lines alone is empty.
pub(super) fn body(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 2);
    let mut empty_lines = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.windows(2).position(|two| two == b"\r\n");
        let line = &rest[..end.unwrap_or(rest.len())];
        rest = end.map_or(&[][..], |end| &rest[end + 2..]);
        let before = out.len();
        // Lines that are empty count only where another one follows.
        for _ in 0..empty_lines {
            out.extend_from_slice(b"\r\n");
        }
        let start = out.len();
        squeeze(line.iter(), &mut out);
        if out.len() == start {
            out.truncate(before);
            empty_lines += 1;
        } else {
            out.extend_from_slice(b"\r\n");
            empty_lines = 0;
        }
    }
    out
}

/// Appends bytes with every run of white space as one space, and none at the end.
fn squeeze<'a>(bytes: impl Iterator<Item = &'a u8>, out: &mut Vec<u8>) {
    let mut is_pending = false;
    for byte in bytes {
        if is_blank(*byte) {
            is_pending = true;
        } else {
            if is_pending {
                out.push(b' ');
                is_pending = false;
            }
            out.push(*byte);
        }
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(text: &str) -> String {
        let mut out = Vec::new();
        for field in fields(text.as_bytes()) {
            field.relaxed(&mut out);
        }
        String::from_utf8(out).unwrap()
    }

    fn relaxed_body(text: &str) -> String {
        String::from_utf8(body(text.as_bytes())).unwrap()
    }

    /// RFC 6376, 3.4.5.
    #[test]
    fn the_examples_of_the_standard_come_out() {
        let mail = "A: X\r\nB : Y\t\r\n\tZ  \r\n\r\n C \r\nD \t E\r\n\r\n\r\n";
        let (head, text) = split(mail.as_bytes());
        assert_eq!(header(std::str::from_utf8(head).unwrap()), "a:X\r\nb:Y Z\r\n");
        assert_eq!(body(text), b" C\r\nD E\r\n");
    }

    #[test]
    fn what_relays_may_do_to_white_space_does_not_show() {
        assert_eq!(
            header("SUBJECT:tin   mới"),
            header("Subject:\r\n tin\r\n\t mới \t")
        );
        assert_eq!(header("X:"), "x:\r\n");
        assert_eq!(header("X:a:b\r\nY: c"), "x:a:b\r\ny:c\r\n");
        assert_ne!(header("X: ab"), header("X: a b"));
        assert_eq!(relaxed_body(""), "");
        assert_eq!(relaxed_body("\r\n \t\r\n\r\n"), "");
        assert_eq!(relaxed_body("a"), "a\r\n");
        assert_eq!(relaxed_body("a\r\n\r\n\r\nb \r\n\r\n"), "a\r\n\r\n\r\nb\r\n");
        assert_ne!(
            relaxed_body(" a\r\n"),
            relaxed_body("a\r\n"),
            "a first space is text"
        );
    }

    /// A body with a line of one dot and a lone CR is cut at CRLF alone.
    #[test]
    fn lines_end_at_crlf_alone() {
        assert_eq!(relaxed_body("a\r b\r\n.\r\n"), "a\r b\r\n.\r\n");
        let (head, rest) = split(b"A: b\r\n\r\n\r\nc");
        assert_eq!((head, rest), (&b"A: b"[..], &b"\r\nc"[..]));
        assert_eq!(split(b"A: b\r\n"), (&b"A: b\r\n"[..], &b""[..]));
    }
}
