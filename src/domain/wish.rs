//! A wish to follow a phrase: as people type it, and how much there is of it. The form and the bot judge alike.

use super::{
    query::{Query, QueryError},
    subscription::Language,
    text,
    watch::Watch,
};

/// Articles of four weeks below which no phrase is too common: a handful proves nothing.
const FEW: i64 = 20;

/// A phrase that can be followed, as far as its letters go.
#[derive(Debug, Clone, PartialEq)]
pub struct Wish {
    /// Without what people put around a phrase.
    pub phrase: String,
    /// What is followed.
    pub watch: Watch,
    /// What finds the articles that hold it.
    pub query: Query,
}

/// Why a phrase cannot be followed.
#[derive(Debug, Clone, PartialEq)]
pub enum WishError {
    /// Outside of 2 to 80 characters.
    Length,
    /// Nothing can be looked for.
    Query(QueryError),
    /// In more than half of all articles.
    TooCommon {
        /// The phrase.
        phrase: String,
        /// Articles that hold it…
        articles: i64,
        /// …within so many days.
        days: i64,
    },
}

impl Wish {
    /// Reads what was typed.
    pub fn parse(typed: &str) -> Result<Self, WishError> {
        // What people put around a phrase is no part of it.
        let phrase = text::one_line(&typed.replace(['"', '“', '”'], " "));
        let watch = format!("phrase:{phrase}")
            .parse::<Watch>()
            .map_err(|_| WishError::Length)?;
        let query = format!("\"{phrase}\"").parse().map_err(WishError::Query)?;
        Ok(Self { phrase, watch, query })
    }

    /// Judges by the articles of the last `days`: how many hold the phrase, of how many.
    pub fn judge(&self, articles: i64, all: i64, days: i64) -> Result<(), WishError> {
        if all >= FEW && articles > all / 2 {
            return Err(WishError::TooCommon {
                phrase: self.phrase.clone(),
                articles,
                days,
            });
        }
        Ok(())
    }
}

impl WishError {
    /// The sentence that says so to whoever typed it.
    pub fn words(&self, language: Language) -> String {
        match (self, language) {
            (Self::Length, Language::Vi) => "Cụm từ cần có từ 2 đến 80 ký tự.".to_owned(),
            (Self::Length, Language::En) => "A phrase needs 2 to 80 characters.".to_owned(),
            (Self::Query(e), Language::Vi) => format!("Cụm từ {}.", e.vietnamese()),
            (Self::Query(e), Language::En) => format!("The phrase {e}."),
            (
                Self::TooCommon {
                    phrase,
                    articles,
                    days,
                },
                language,
            ) => {
                let volume = volume(language, *articles, *days);
                match language {
                    Language::Vi => format!(
                        "“{phrase}” có trong hầu hết các tin ({volume}): hãy chọn “Mọi tin mới”, hoặc một cụm từ riêng hơn."
                    ),
                    Language::En => format!(
                        "“{phrase}” is in most articles ({volume}): choose “All news”, or a phrase that is rarer."
                    ),
                }
            }
        }
    }
}

/// `khoảng 4 tin mỗi tuần`: of so many articles within so many days, at least 7.
pub fn volume(language: Language, articles: i64, days: i64) -> String {
    let (articles, days) = (articles.max(0), days.max(7));
    let rounded = |of: i64| (articles * of + days / 2) / days;
    let (weekly, monthly) = (rounded(7), rounded(30).max(1));
    match (language, articles, weekly) {
        (Language::Vi, 0, _) => "gần đây chưa có tin nào".to_owned(),
        (Language::En, 0, _) => "nothing lately".to_owned(),
        (Language::Vi, _, 0) => format!("khoảng {monthly} tin mỗi tháng"),
        (Language::En, _, 0) => format!("about {} a month", items(monthly)),
        (Language::Vi, ..) => format!("khoảng {weekly} tin mỗi tuần"),
        (Language::En, ..) => format!("about {} a week", items(weekly)),
    }
}

fn items(count: i64) -> String {
    if count == 1 {
        "1 article".to_owned()
    } else {
        format!("{count} articles")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_volume_is_told_by_week_and_a_small_one_by_month() {
        for (articles, days, vietnamese, english) in [
            (0, 28, "gần đây chưa có tin nào", "nothing lately"),
            (1, 28, "khoảng 1 tin mỗi tháng", "about 1 article a month"),
            (2, 28, "khoảng 1 tin mỗi tuần", "about 1 article a week"),
            (16, 28, "khoảng 4 tin mỗi tuần", "about 4 articles a week"),
            (9, 7, "khoảng 9 tin mỗi tuần", "about 9 articles a week"),
        ] {
            assert_eq!(volume(Language::Vi, articles, days), vietnamese);
            assert_eq!(volume(Language::En, articles, days), english);
        }
    }

    #[test]
    fn what_most_articles_hold_is_refused_and_quotation_marks_are_no_part_of_a_phrase() {
        let wish = Wish::parse(" “bão  số” ").unwrap();
        assert_eq!(wish.watch, Watch::Phrase("bão số".to_owned()));
        assert_eq!(wish.judge(19, 19, 28), Ok(()), "a handful proves nothing");
        assert_eq!(wish.judge(20, 40, 28), Ok(()));
        let refused = wish.judge(21, 40, 28).unwrap_err().words(Language::Vi);
        assert!(
            refused.starts_with("“bão số” có trong hầu hết các tin (khoảng 5 tin mỗi tuần)"),
            "{refused}"
        );
        assert_eq!(Wish::parse("a"), Err(WishError::Length));
        assert!(matches!(Wish::parse("!!"), Err(WishError::Query(_))));
    }
}
