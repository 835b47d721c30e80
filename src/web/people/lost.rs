//! `/manage`: the private link sent again to who lost it.

use axum::{extract::State, http::StatusCode, response::Response};

use super::{client::Client, fields::Fields, see_other, wait_for};
use crate::{
    domain::subscription::{Address, Channel},
    web::{
        error::{Reader, WebError},
        pages,
        parameters::Parameters,
        state::WebState,
    },
};

/// `/manage`: for who lost the link, and after everything was erased.
pub(super) async fn lost(asked: Parameters, reader: Reader) -> Response {
    let page = if asked.get("done") == Some("erased") {
        pages::erased(&reader.site, reader.lang)
    } else {
        pages::lost(&reader.site, reader.lang, "", None)
    };
    reader.answer(Ok(page))
}

/// Sends the link to whoever has an address; the answer is the same where nobody has it.
pub(super) async fn send_to(
    State(state): State<WebState>,
    client: Client,
    reader: Reader,
    fields: Fields,
) -> Response {
    let (lang, now) = (reader.lang, state.clock.now());
    if let Err(wait) = state.door.count_link(client, now) {
        return wait_for(&reader, wait);
    }
    let sent_page = lang.href("/manage/sent");
    if !fields.get("ghi_chu").is_empty() {
        return see_other(&sent_page);
    }
    let typed = fields.get("address");
    let Ok(address) = Address::parse(Channel::Email, typed) else {
        let words = lang.t(
            "Hãy nhập một địa chỉ thư điện tử, chẳng hạn lan@example.vn.",
            "Please enter an e-mail address such as lan@example.vn.",
        );
        let typed: String = typed.chars().take(254).collect();
        let page = pages::lost(&reader.site, lang, &typed, Some(words));
        return reader.page(StatusCode::UNPROCESSABLE_ENTITY, page);
    };
    let owed = async {
        // Nobody has row 0: the same is done for an address that is not known.
        let subscriber = state.store.person_at(&address).await?.unwrap_or(0);
        state.store.owe_link(subscriber, now).await
    };
    match owed.await {
        Ok(_) => {
            state.door.letters.notify_one();
            see_other(&sent_page)
        }
        Err(e) => reader.failure(&WebError::from(e)),
    }
}

/// The answer to who asked for their link.
pub(super) async fn sent(reader: Reader) -> Response {
    reader.answer(Ok(pages::mailed(&reader.site, reader.lang, "/manage/sent")))
}
