//! Who a private link belongs to.

use axum::{http::StatusCode, response::Response};

use super::private;
use crate::{
    domain::token,
    store::Person,
    web::{
        error::{Reader, WebError},
        pages,
        state::WebState,
    },
};

/// The subscriber whose private page a token opens; none for a token that is not ours, was made void or whose owner erased
/// everything.
pub(super) async fn owner(state: &WebState, token: &str) -> Result<Option<Person>, WebError> {
    let Some(id) = token::row_id(token) else {
        return Ok(None);
    };
    let person = state.store.person(id).await?;
    Ok(person.filter(|person| state.tokens.opens(token, person.id, person.link_number)))
}

/// The answer to a private link that opens nothing.
pub(super) fn nobody(reader: &Reader) -> Response {
    private(reader.page(
        StatusCode::NOT_FOUND,
        pages::no_such_link(&reader.site, reader.lang),
    ))
}
