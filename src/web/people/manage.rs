//! `/manage/{token}`: one private page with everything about one subscription; its changes are in [`super::change`].

use axum::{
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use chrono::Weekday;
use chrono_tz::Asia::Ho_Chi_Minh;

use super::{
    choice::Offers,
    person::{nobody, owner},
    private,
    times::schedules,
};
use crate::{
    domain::watch::Watch,
    store::Person,
    web::{
        error::{Reader, WebError},
        pages::{self, Following, Manage, Notice, Times, Wrongs},
        parameters::Parameters,
        state::WebState,
    },
};

pub(super) async fn show(
    State(state): State<WebState>,
    Path(token): Path<String>,
    asked: Parameters,
    reader: Reader,
) -> Response {
    let person = match owner(&state, &token).await {
        Ok(Some(person)) => person,
        Ok(None) => return nobody(&reader),
        Err(e) => return private(reader.failure(&e)),
    };
    let reader = reader.speaking(person.language);
    let notice = asked.get("done").and_then(Notice::parse);
    let shown = Shown {
        notice,
        ..Shown::default()
    };
    match page(&state, &reader, &token, &person, shown).await {
        Ok(page) => private(reader.answer(Ok(page))),
        Err(e) => private(reader.failure(&e)),
    }
}

/// What the page shows of the moment beside what is stored.
#[derive(Default)]
pub(super) struct Shown {
    pub(super) notice: Option<Notice>,
    pub(super) typed_phrase: String,
    pub(super) wrongs: Wrongs,
}

/// The page as it stands now.
pub(super) async fn page(
    state: &WebState,
    reader: &Reader,
    token: &str,
    person: &Person,
    shown: Shown,
) -> Result<String, WebError> {
    let (lang, now) = (reader.lang, state.clock.now());
    let followed: Vec<Following> = state
        .store
        .followed(person.id)
        .await?
        .into_iter()
        .map(|one| Following {
            name: pages::watch_name(&reader.site, lang, &one.watch, one.title.as_deref()),
            watch: one.watch,
            frequency: one.frequency,
        })
        .collect();
    let offers = Offers::load(state, lang, &[]).await?;
    let offers = [offers.everything, offers.topics, offers.sections].concat();
    let is_new = |watch: &Watch| followed.iter().all(|one| one.watch != *watch);
    let (daily, weekly) = schedules(state, person.id).await?;
    let usual = state.usual_digest;
    let times = Times {
        at: daily.at().unwrap_or(usual.at).format("%H:%M").to_string(),
        days: daily.days().unwrap_or(usual.days).iter().collect(),
        weekly: weekly
            .days()
            .and_then(|days| days.iter().next())
            .unwrap_or(Weekday::Mon),
        zone: daily.zone().name().to_owned(),
    };
    let about = Manage {
        token,
        address: person.address.as_str(),
        offers: offers.into_iter().filter(|offer| is_new(&offer.watch)).collect(),
        followed,
        typed_phrase: shown.typed_phrase,
        times,
        paused_until: person.paused_until.filter(|until| *until > now),
        today: now.with_timezone(&Ho_Chi_Minh).date_naive(),
        is_ended: person.ended_at.is_some(),
        is_suppressed: person.suppressed_at.is_some(),
        language: person.language,
        notice: shown.notice,
        wrongs: shown.wrongs,
    };
    Ok(pages::manage(&reader.site, lang, &about))
}

/// The second, explicit step before everything is erased.
pub(super) async fn ask_to_erase(
    State(state): State<WebState>,
    Path(token): Path<String>,
    reader: Reader,
) -> Response {
    match owner(&state, &token).await {
        Ok(Some(person)) => {
            let reader = reader.speaking(person.language);
            let page = pages::ask_to_erase(&reader.site, reader.lang, &token, person.address.as_str());
            private(reader.answer(Ok(page)))
        }
        Ok(None) => nobody(&reader),
        Err(e) => private(reader.failure(&e)),
    }
}

/// Everything that is held about the address, as a file.
pub(super) async fn export(
    State(state): State<WebState>,
    Path(token): Path<String>,
    reader: Reader,
) -> Response {
    let held = async {
        let Some(person) = owner(&state, &token).await? else {
            return Ok(None);
        };
        Ok::<_, WebError>(state.store.held(person.id).await?)
    };
    let held = match held.await {
        Ok(Some(held)) => held,
        Ok(None) => return nobody(&reader),
        Err(e) => return private(reader.failure(&e)),
    };
    let name = HeaderValue::from_static("attachment; filename=\"loa.json\"");
    let mut response = private(held.to_json().into_response());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CONTENT_DISPOSITION, name);
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}
