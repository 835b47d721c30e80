//! Texts that lines begin with: what ends a body, what never belongs to one.

/// How many characters of a line are compared; marks are shorter.
const LONGEST_MARK: usize = 48;

/// The beginning of a line in lower case, as [`Marks::open`] wants it.
pub(super) fn head(text: &str) -> String {
    let from = text.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '©' && c != '(');
    from.chars()
        .take(LONGEST_MARK)
        .flat_map(char::to_lowercase)
        .collect()
}

/// Phrases that open a line.
pub(super) struct Marks(Vec<String>);

impl Marks {
    pub(super) fn new<T: AsRef<str>>(texts: &[T]) -> Self {
        Self(texts.iter().map(|text| head(text.as_ref())).collect())
    }

    /// The mark that opens the line. A mark is a phrase of its own: what follows it is a sign, a number or a capital
    /// letter; `Các tin khác nhau về…` is prose.
    pub(super) fn open(&self, head: &str, text: &str) -> Option<&str> {
        let opens = |mark: &&String| {
            head.starts_with(mark.as_str()) && {
                let ends_in_sign = mark.ends_with(|c: char| !c.is_alphanumeric());
                let next = text
                    .chars()
                    .skip_while(|c| !c.is_alphanumeric() && *c != '©' && *c != '(')
                    .skip(mark.chars().count());
                let mut next = next.skip_while(|c| c.is_whitespace());
                ends_in_sign || next.next().is_none_or(|c| !c.is_lowercase())
            }
        };
        self.0.iter().find(opens).map(String::as_str)
    }
}
