//! Commands: their names in both languages, and reading them.

use crate::domain::{subscription::Language, text};

/// What somebody may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Begin, or begin again.
    Start,
    /// What can be followed, with a button each.
    Topics,
    /// Follow a phrase.
    Follow,
    /// Follow something no more.
    Unfollow,
    /// What is followed.
    List,
    /// The newest articles.
    Latest,
    /// Look for words.
    Search,
    /// How often, when, how loud.
    Frequency,
    /// A pause.
    Pause,
    /// Vietnamese or English.
    Language,
    /// Erase everything.
    Erase,
    /// What the bot can do.
    Help,
}

/// A command with its names and what it does, in Vietnamese and in English.
pub(super) struct Entry {
    pub command: Command,
    names: [&'static str; 2],
    about: [&'static str; 2],
}

impl Entry {
    /// The name in a language, without the slash.
    pub fn name(&self, language: Language) -> &'static str {
        self.names[usize::from(language == Language::En)]
    }

    /// What it does, in a few words.
    pub fn about(&self, language: Language) -> &'static str {
        self.about[usize::from(language == Language::En)]
    }
}

const fn entry(command: Command, names: [&'static str; 2], about: [&'static str; 2]) -> Entry {
    Entry {
        command,
        names,
        about,
    }
}

/// Every command, in the order of the bot's menu.
pub(super) const TABLE: [Entry; 12] = [
    entry(
        Command::Topics,
        ["chude", "topics"],
        ["Chọn chủ đề để theo dõi", "Choose topics to follow"],
    ),
    entry(
        Command::Follow,
        ["theodoi", "follow"],
        ["Theo dõi một cụm từ", "Follow a phrase"],
    ),
    entry(
        Command::Unfollow,
        ["botheodoi", "unfollow"],
        ["Bỏ theo dõi", "Follow something no more"],
    ),
    entry(
        Command::List,
        ["danhsach", "list"],
        ["Những mục bạn đang theo dõi", "What you follow"],
    ),
    entry(
        Command::Latest,
        ["moinhat", "latest"],
        ["Tin mới nhất", "The latest news"],
    ),
    entry(
        Command::Search,
        ["timkiem", "search"],
        ["Tìm tin theo từ", "Search the news"],
    ),
    entry(
        Command::Frequency,
        ["tansuat", "frequency"],
        [
            "Gửi ngay hay gộp bản tin, giờ gửi, giờ yên lặng",
            "At once or as a digest, when, quiet hours",
        ],
    ),
    entry(
        Command::Pause,
        ["tamdung", "pause"],
        ["Tạm dừng nhận tin", "Pause for some days"],
    ),
    entry(
        Command::Language,
        ["ngonngu", "language"],
        ["Tiếng Việt hoặc tiếng Anh", "Vietnamese or English"],
    ),
    entry(
        Command::Erase,
        ["xoadulieu", "erase"],
        ["Xóa mọi dữ liệu của bạn", "Erase everything about you"],
    ),
    entry(Command::Help, ["trogiup", "help"], ["Trợ giúp", "Help"]),
    entry(Command::Start, ["batdau", "start"], ["Bắt đầu", "Begin"]),
];

/// A message that begins with `/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Typed {
    /// Which command; none that is unknown.
    pub command: Option<Command>,
    /// The bot that it names (`/cmd@bot`).
    pub bot: Option<String>,
    /// What stands behind it, on one line.
    pub words: String,
}

/// Reads a command; none where the text does not begin with `/`.
pub(super) fn read(message: &str) -> Option<Typed> {
    let rest = message.trim().strip_prefix('/')?;
    let (word, words) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let (word, bot) = word
        .split_once('@')
        .map_or((word, None), |(word, bot)| (word, Some(bot.to_owned())));
    // People type the diacritics that Telegram does not let a command's name have.
    let word = text::fold(&text::normalise(word));
    let found = TABLE.iter().find(|entry| entry.names.contains(&word.as_str()));
    Some(Typed {
        command: found.map(|entry| entry.command),
        bot,
        words: text::one_line(words),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_read_with_its_bot_and_its_words() {
        let typed = read(" /TheoDoi@Loa_bot  bão   số ").unwrap();
        assert_eq!(typed.command, Some(Command::Follow));
        assert_eq!(
            (typed.bot.as_deref(), typed.words.as_str()),
            (Some("Loa_bot"), "bão số")
        );
        assert_eq!(read("/chủđề").unwrap().command, Some(Command::Topics));
        assert_eq!(read("/đi").unwrap().command, None);
        assert_eq!(read("chủ đề"), None);
    }

    #[test]
    fn telegram_takes_the_names_and_descriptions() {
        for entry in &TABLE {
            for language in [Language::Vi, Language::En] {
                let (name, about) = (entry.name(language), entry.about(language));
                assert!(
                    name.len() <= 32 && name.bytes().all(|b| b.is_ascii_lowercase()),
                    "{name}"
                );
                assert!((1..=256).contains(&about.chars().count()), "{about}");
                assert_eq!(read(&format!("/{name}")).unwrap().command, Some(entry.command));
            }
        }
    }
}
