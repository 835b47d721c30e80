//! Fields as mails, delivery reports and feedback reports have them: `Name: value`, folded over lines.

/// Fields in their order, names in lower case, values on one line.
#[derive(Default)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Those at the beginning of a text, to the first empty line.
    pub(super) fn of(text: &str) -> Self {
        let mut fields: Vec<(String, String)> = Vec::new();
        for line in text.lines().skip_while(|line| line.trim().is_empty()) {
            if line.trim().is_empty() {
                break;
            }
            if line.starts_with([' ', '\t']) {
                if let Some((_, value)) = fields.last_mut() {
                    value.push(' ');
                    value.push_str(line.trim());
                }
            } else if let Some((name, value)) = line.split_once(':') {
                fields.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
            }
        }
        Self(fields)
    }

    /// The first of a name (in lower case).
    pub(super) fn first(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(n, _)| n == name);
        found.map(|(_, value)| value.as_str())
    }

    /// All of a name (in lower case).
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.first(name).is_some()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What a typed value says (`rfc822; lan@example.vn`, `smtp; 550 …`): the type in lower case, and the rest.
pub(super) fn typed(value: &str) -> Option<(String, &str)> {
    let (kind, rest) = value.split_once(';')?;
    Some((kind.trim().to_ascii_lowercase(), rest.trim()))
}

/// Undoes xtext (RFC 3461, 4: `+2B`) and the form of addresses in UTF-8 (RFC 6533, 3: `\x{1EBF}`). What is neither stays.
pub(super) fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let escape = match c {
            '+' => rest.get(1..3).map(|digits| (digits, 3)),
            '\\' => rest
                .strip_prefix("\\x{")
                .and_then(|r| r.split_once('}'))
                .map(|(digits, _)| (digits, digits.len() + 4)),
            _ => None,
        };
        let decoded = escape.and_then(|(digits, length)| {
            let is_hex = (1..=6).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_hexdigit());
            let code = is_hex.then(|| u32::from_str_radix(digits, 16).ok())??;
            Some((char::from_u32(code)?, length))
        });
        let (decoded, length) = decoded.unwrap_or((c, c.len_utf8()));
        out.push(decoded);
        rest = &rest[length..];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_unfolded_and_escapes_undone() {
        let fields = Fields::of("\r\nA: 1\r\n  2\r\nnoise\r\nb : 3\r\nA:4\r\n\r\nC: 5\r\n");
        assert_eq!(fields.all("a").collect::<Vec<_>>(), ["1 2", "4"]);
        assert_eq!((fields.first("b"), fields.has("c")), (Some("3"), false));
        assert_eq!(unescaped("lan+2Btin@x.vn"), "lan+tin@x.vn");
        assert_eq!(unescaped("nguy\\x{1EC5}n@x.vn"), "nguyễn@x.vn");
        for same in ["lan+tin@x.vn", "a+", "\\x{", "\\x{110000}@", "+ễ2", "\\x{}"] {
            assert_eq!(unescaped(same), same);
        }
    }
}
