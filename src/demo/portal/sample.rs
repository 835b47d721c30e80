//! The sample articles: files of a few header lines, a blank line, and one paragraph a line. A line `!name caption` is a
//! picture with its caption.

/// A section of the sample portal.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Section {
    pub slug: &'static str,
    pub title: &'static str,
    /// The breadcrumb's form.
    pub upper: &'static str,
    /// 3CMS's category number.
    pub category: &'static str,
    /// The topic that the section vouches for.
    pub topic: Option<&'static str>,
}

pub(super) static SECTIONS: [Section; 3] = [
    Section {
        slug: "khoa-hoc-cong-nghe",
        title: "Khoa học - Công nghệ",
        upper: "KHOA HỌC - CÔNG NGHỆ",
        category: "13729062791001",
        topic: Some("khoa-hoc-cong-nghe"),
    },
    Section {
        slug: "tin-tuc-su-kien",
        title: "Tin tức - Sự kiện",
        upper: "TIN TỨC - SỰ KIỆN",
        category: "13729062791002",
        topic: None,
    },
    Section {
        slug: "nong-nghiep-nong-thon",
        title: "Nông nghiệp - Nông thôn",
        upper: "NÔNG NGHIỆP - NÔNG THÔN",
        category: "13729062791003",
        topic: Some("nong-nghiep-nong-thon"),
    },
];

/// One article's text.
#[derive(Debug, Clone)]
pub(super) struct Sample {
    pub title: String,
    pub section: &'static Section,
    pub author: String,
    /// Its age when the demo starts; `None` waits to be published.
    pub hours_old: Option<i64>,
    pub blocks: Vec<Block>,
}

/// A piece of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Block {
    Paragraph(String),
    Picture { name: String, caption: String },
}

macro_rules! files {
    ($($name:literal),+ $(,)?) => { [$(include_str!(concat!("articles/", $name, ".txt"))),+] };
}

/// The last four wait, in the order in which they are to appear.
const FILES: [&str; 13] = files![
    "giong-lua-chiu-man",
    "trung-tam-dieu-hanh",
    "vu-dong-xuan",
    "ung-pho-mua-lon",
    "san-giao-dich-cong-nghe",
    "ngay-hoi-stem",
    "san-pham-ocop",
    "so-huu-tri-tue",
    "dich-vu-cong-truc-tuyen",
    "tro-ly-ao",
    "ap-thap",
    "hoi-thi-sang-tao",
    "ho-tieu-huu-co",
];

/// Every sample article.
pub(super) fn all() -> impl Iterator<Item = Sample> {
    FILES.iter().filter_map(|file| parse(file))
}

/// `None` for a file that is not in the form; a test counts them.
fn parse(file: &str) -> Option<Sample> {
    let (head, body) = file.split_once("\n\n")?;
    let field = |name: &str| {
        head.lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    };
    let slug = field("section")?;
    Some(Sample {
        title: field("title")?.to_owned(),
        section: SECTIONS.iter().find(|section| section.slug == slug)?,
        author: field("author")?.to_owned(),
        hours_old: field("hours").and_then(|hours| hours.parse().ok()),
        blocks: body.lines().map(block).collect(),
    })
}

fn block(line: &str) -> Block {
    match line.strip_prefix('!').and_then(|rest| rest.split_once(' ')) {
        Some((name, caption)) => Block::Picture {
            name: name.to_owned(),
            caption: caption.to_owned(),
        },
        None => Block::Paragraph(line.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_an_article_and_the_waiting_ones_come_last() {
        let ages: Vec<_> = all().map(|sample| sample.hours_old.is_some()).collect();
        assert_eq!(ages.len(), FILES.len());
        assert_eq!(ages.iter().filter(|published| **published).count(), 9);
        assert!(ages.is_sorted_by(|a, b| a >= b));
    }
}
