//! Telegram's limits on a text, and how to count against them.

/// UTF-16 units of a message after its entities are parsed (Bot API, `sendMessage.text`).
pub const MAX_UNITS: usize = 4096;
/// Entities that Telegram keeps in one message; it silently drops the rest.
pub const MAX_ENTITIES: usize = 100;

/// The size of a text in Telegram's HTML.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Measure {
    /// UTF-16 units after parsing.
    pub units: usize,
    /// Tags, each of which becomes an entity.
    pub entities: usize,
}

impl Measure {
    /// Whether the Bot API takes it.
    pub fn fits(self) -> bool {
        self.units <= MAX_UNITS && self.entities <= MAX_ENTITIES
    }
}

/// Counts a text made by [`text::escape_html`](crate::domain::text::escape_html) and tags: markup is free, an escaped character is one unit.
pub fn measure(html: &str) -> Measure {
    let mut size = Measure::default();
    let mut rest = html;
    while let Some(c) = rest.chars().next() {
        let past = |end: char| rest.find(end).map_or(rest.len(), |at| at + 1);
        let skip = match c {
            '<' => {
                size.entities += usize::from(!rest.starts_with("</"));
                past('>')
            }
            '&' => {
                size.units += 1;
                past(';')
            }
            _ => {
                size.units += c.len_utf16();
                c.len_utf8()
            }
        };
        rest = &rest[skip..];
    }
    size
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text::escape_html;

    #[test]
    fn markup_is_free_and_an_emoji_is_two_units() {
        let html = format!("<b>{}</b> 📢", escape_html("a<\"&>b"));
        assert_eq!(
            measure(&html),
            Measure {
                units: 9,
                entities: 1
            }
        );
    }
}
