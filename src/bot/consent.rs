//! The words that a chat agrees to before it is sent any news, and their version.

use crate::domain::subscription::Language;

/// The version of [`consent`]'s words: recorded with each sign-up. Another wording is another version; a test holds both
/// together.
const WORDING: &str = "telegram-2026-12";

/// The same for whoever agreed once, had ended it, by a block for example, and wrote `/start`.
const RESUMED: &str = "telegram-start-2026-12";

/// What a sign-up keeps of the words: their version and language.
pub(super) fn wording(language: Language) -> String {
    format!("{WORDING}/{language}")
}

/// The same for `/start` of whoever had ended it.
pub(super) fn resumed_wording(language: Language) -> String {
    format!("{RESUMED}/{language}")
}

/// The words that are agreed to by pressing one of the buttons below them.
pub(super) fn consent(operator: &str, language: Language) -> String {
    match language {
        Language::Vi => {
            let operator = if operator.is_empty() {
                "đơn vị vận hành Loa"
            } else {
                operator
            };
            format!(
                "Khi bấm một trong các nút gửi tin dưới đây, bạn đồng ý để {operator} lưu mã của cuộc trò chuyện này cùng các lựa chọn \
                 của bạn, chỉ để gửi vào đây những tin đã chọn. Bạn có thể xem, thay đổi, tạm dừng hoặc xóa tất cả bất cứ lúc nào: \
                 /danhsach, /tansuat, /tamdung, /xoadulieu."
            )
        }
        Language::En => {
            let operator = if operator.is_empty() {
                "the operator of Loa"
            } else {
                operator
            };
            format!(
                "By pressing one of the buttons below you agree that {operator} keeps the id of this chat and what you chose, only to \
                 send the chosen news here. You can see, change, pause or erase all of it at any time: /list, /frequency, /pause, /erase."
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_words_are_another_version() {
        let words = [Language::Vi, Language::En]
            .map(|language| consent("", language))
            .concat();
        let hash = blake3::hash(words.as_bytes()).to_hex();
        assert_eq!(
            (WORDING, &hash[..8]),
            ("telegram-2026-12", "4bcc9ef3"),
            "whoever agreed agreed to the words of their version: give other words another one"
        );
    }
}
