//! The lines of a text part.

/// Characters of a line: 78 is what RFC 5322 (2.1.1) wishes for, and an answer puts "> " before each.
const COLUMNS: usize = 76;

/// The text with its long lines broken at spaces. What continues a line stands under its beginning, also under that of an
/// item of a list (`* `). A line that ends with an address stays whole: a broken one leads nowhere.
pub(super) fn wrapped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 32);
    for line in text.lines() {
        // Bytes are never fewer than characters: most lines are known to be short without counting.
        if line.len() <= COLUMNS || line.chars().count() <= COLUMNS || ends_with_an_address(line) {
            out.push_str(line);
        } else {
            break_line(line, &mut out);
        }
        out.push('\n');
    }
    out
}

fn ends_with_an_address(line: &str) -> bool {
    line.rsplit(' ').next().is_some_and(|word| word.contains("://"))
}

fn break_line(line: &str, out: &mut String) {
    let words = line.trim_start();
    let own = line.len() - words.len();
    let indent = own + if words.starts_with("* ") { 2 } else { 0 };
    out.push_str(&line[..own]);
    let mut column = own;
    for (n, word) in words.split(' ').enumerate() {
        let width = word.chars().count();
        if n > 0 && column + 1 + width > COLUMNS {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', indent));
            column = indent;
        } else if n > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += width;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_goes_on_under_its_beginning() {
        let words = "Sở Khoa học và Công nghệ ".repeat(5);
        let text = format!("* {}\n  {}\n-- \n", words.trim(), words.trim());
        assert_eq!(
            wrapped(&text),
            "* Sở Khoa học và Công nghệ Sở Khoa học và Công nghệ Sở Khoa học và Công nghệ\n  \
             Sở Khoa học và Công nghệ Sở Khoa học và Công nghệ\n  \
             Sở Khoa học và Công nghệ Sở Khoa học và Công nghệ Sở Khoa học và Công nghệ\n  \
             Sở Khoa học và Công nghệ Sở Khoa học và Công nghệ\n-- \n"
        );
    }

    #[test]
    fn addresses_and_long_words_stay_whole() {
        let link = format!("  Đọc tin: https://portal.example.vn/{}\n", "a".repeat(90));
        assert_eq!(wrapped(&link), link);
        let word = "dài".repeat(60);
        assert_eq!(
            wrapped(&format!("* từ {word} hết\n")),
            format!("* từ\n  {word}\n  hết\n")
        );
    }
}
