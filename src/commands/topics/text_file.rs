//! Articles as text files: title, blank line, lead, blank line, body.

use std::path::Path;

use super::super::Failure;

/// What such a file says.
pub(super) struct TextFile {
    pub title: String,
    /// None where the file has a title and one text: the beginning of the body then stands in for it.
    pub lead: Option<String>,
    pub body: String,
}

pub(super) fn read(path: &Path) -> Result<TextFile, Failure> {
    let bytes = std::fs::read(path)
        .map_err(|e| Failure::Usage(format!("{}: cannot be read ({e})", path.display())))?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Failure::Usage(format!("{}: is not UTF-8 text", path.display())))?;
    parse(&text).ok_or_else(|| {
        Failure::Usage(format!(
            "{}: is empty; expected title, blank line, lead, blank line, body",
            path.display()
        ))
    })
}

fn parse(text: &str) -> Option<TextFile> {
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let mut parts = text.trim().splitn(3, "\n\n").map(str::trim);
    let title = parts.next().filter(|title| !title.is_empty())?.to_owned();
    Some(match (parts.next(), parts.next()) {
        (Some(lead), Some(body)) => TextFile {
            title,
            lead: Some(lead.to_owned()),
            body: body.to_owned(),
        },
        (body, _) => TextFile {
            title,
            lead: None,
            body: body.unwrap_or_default().to_owned(),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_title_lead_and_body() {
        let file = parse("\u{feff}Tiêu đề\r\n\r\nTóm tắt\r\n\r\nMột\r\n\r\nHai\r\n").unwrap();
        assert_eq!(
            (file.title.as_str(), file.lead.as_deref(), file.body.as_str()),
            ("Tiêu đề", Some("Tóm tắt"), "Một\n\nHai")
        );
        let file = parse("Tiêu đề\n\nThân bài").unwrap();
        assert_eq!((file.lead, file.body.as_str()), (None, "Thân bài"));
        assert!(parse(" \n ").is_none());
    }
}
