//! What a POST to the private page changes: one wish at a time.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;
use tracing::info;

use super::{
    choice,
    client::Client,
    fields::Fields,
    manage::{Shown, page},
    person::{nobody, owner},
    private, see_other,
    times::set_times,
    wait_for,
};
use crate::{
    domain::{subscription::Frequency, watch::Watch},
    store::{Follow, Person},
    web::{
        error::{Reader, WebError},
        pages::{Notice, Wrong},
        state::WebState,
    },
};

/// The longest pause that somebody may wish for: later than that, they have forgotten.
const LONGEST_PAUSE: TimeDelta = TimeDelta::days(366);

/// What became of a wish: something to tell, or something wrong with it.
pub(super) enum Done {
    /// It is done, or cannot be; at this page.
    Told(Notice),
    /// The same, and the page has another address.
    Moved(Notice, String),
    /// Everything about the person is gone.
    Erased,
    /// It makes no sense as it was sent.
    Wrong(Wrong, &'static str, &'static str),
    /// The same, with words that hold what was sent.
    WrongPhrase(String),
}

/// One change. The browser is sent back to the page, so that a reload repeats nothing.
pub(super) async fn change(
    State(state): State<WebState>,
    Path(token): Path<String>,
    client: Client,
    reader: Reader,
    fields: Fields,
) -> Response {
    if let Err(wait) = state.door.count_change(client, state.clock.now()) {
        return private(wait_for(&reader, wait));
    }
    let person = match owner(&state, &token).await {
        Ok(Some(person)) => person,
        Ok(None) => return nobody(&reader),
        Err(e) => return private(reader.failure(&e)),
    };
    let spoken = reader.clone().speaking(person.language);
    // The choice of a language in the address is carried on; the subscriber's own needs no mention.
    let back = |token: &str, notice: Notice| {
        let path = format!("/manage/{token}?done={}", notice.as_str());
        see_other(&format!("{}#notice", reader.lang.href(&path)))
    };
    let (wrong, words) = match act(&state, &spoken, &person, &fields).await {
        Ok(Done::Told(notice)) => return back(&token, notice),
        Ok(Done::Moved(notice, token)) => return back(&token, notice),
        Ok(Done::Erased) => return see_other(&spoken.lang.href("/manage?done=erased")),
        Ok(Done::Wrong(wrong, vi, en)) => (wrong, spoken.lang.t(vi, en).to_owned()),
        Ok(Done::WrongPhrase(words)) => (Wrong::Phrase, words),
        Err(e) => return private(spoken.failure(&e)),
    };
    let shown = Shown {
        notice: None,
        typed_phrase: fields.get("phrase").chars().take(80).collect(),
        wrongs: vec![(wrong, words)],
    };
    match page(&state, &spoken, &token, &person, shown).await {
        Ok(page) => private(spoken.page(StatusCode::UNPROCESSABLE_ENTITY, page)),
        Err(e) => private(spoken.failure(&e)),
    }
}

async fn act(state: &WebState, reader: &Reader, person: &Person, fields: &Fields) -> Result<Done, WebError> {
    let (store, id, now) = (&state.store, person.id, state.clock.now());
    // Who ended everything signs up again, so that their consent is on record.
    let is_ended = person.ended_at.is_some();
    Ok(match fields.get("action") {
        "send-link" => {
            let is_owed = store.owe_link(id, now).await?;
            state.door.letters.notify_one();
            Done::Told(if is_owed { Notice::Sent } else { Notice::SentBefore })
        }
        "new-link" => match store.renew_link(id, now).await? {
            Some(number) => {
                info!(subscriber.id = id, "A subscriber made a new private link");
                state.door.letters.notify_one();
                Done::Moved(Notice::NewLink, state.tokens.manage(id, number))
            }
            None => Done::Told(Notice::NoNewLink),
        },
        "erase" if fields.get("really") == "yes" => {
            store.erase(id).await?;
            info!(
                subscriber.id = id,
                "A subscriber erased everything about themselves"
            );
            Done::Erased
        }
        _ if is_ended => return Err(WebError::Invalid),
        "add" => return add(state, reader, person, fields).await,
        "frequency" => {
            let (watch, frequency) = (followed(state, id, fields).await?, pace(fields)?);
            store.follow(id, &watch, frequency, now).await?;
            Done::Told(Notice::Frequency)
        }
        "remove" => {
            let watch = fields.get("watch").parse().map_err(|_| WebError::Invalid)?;
            store.unfollow(id, &watch, now).await?;
            Done::Told(Notice::Removed)
        }
        "schedule" => return set_times(state, id, fields).await,
        "pause" => match end_of_pause(fields.get("until"), now) {
            Some(until) => {
                store.pause(id, Some(until)).await?;
                Done::Told(Notice::Paused)
            }
            None => Done::Wrong(
                Wrong::Until,
                "Hãy chọn một ngày từ ngày mai đến một năm sau.",
                "Please choose a day from tomorrow on, within a year.",
            ),
        },
        "resume" => {
            store.pause(id, None).await?;
            Done::Told(Notice::Resumed)
        }
        "language" => {
            let language = fields.get("language").parse().map_err(|_| WebError::Invalid)?;
            store.speak(id, language).await?;
            Done::Told(Notice::Language)
        }
        _ => return Err(WebError::Invalid),
    })
}

fn pace(fields: &Fields) -> Result<Frequency, WebError> {
    fields.get("frequency").parse().map_err(|_| WebError::Invalid)
}

/// The watch that a form names, if it is followed now.
async fn followed(state: &WebState, subscriber: i64, fields: &Fields) -> Result<Watch, WebError> {
    let watch: Watch = fields.get("watch").parse().map_err(|_| WebError::Invalid)?;
    let followed = state.store.followed(subscriber).await?;
    let is_followed = followed.iter().any(|one| one.watch == watch);
    is_followed.then_some(watch).ok_or(WebError::Invalid)
}

async fn add(state: &WebState, reader: &Reader, person: &Person, fields: &Fields) -> Result<Done, WebError> {
    let now = state.clock.now();
    let (chosen, typed, frequency) = (fields.get("watch"), fields.get("phrase"), pace(fields)?);
    let mut watches = choice::watches(state, std::iter::once(chosen));
    // A phrase comes through its own field, where it is looked at.
    watches.retain(|watch| !matches!(watch, Watch::Phrase(_)));
    if !typed.is_empty() {
        let volumes = state.store.volumes(now).await?;
        match choice::phrase(state, reader.lang, typed, &volumes).await? {
            Ok(offer) => watches.push(offer.watch),
            Err(words) => return Ok(Done::WrongPhrase(words)),
        }
    }
    if watches.is_empty() {
        return Ok(Done::Wrong(
            Wrong::Watch,
            "Hãy chọn một mục, hoặc nhập một cụm từ.",
            "Please choose something, or enter a phrase.",
        ));
    }
    for watch in watches {
        if state.store.follow(person.id, &watch, frequency, now).await? == Follow::TooMany {
            return Ok(Done::Wrong(
                Wrong::Watch,
                "Bạn đã theo dõi nhiều nhất có thể; hãy bỏ bớt trước.",
                "You follow as much as one person may; please unfollow something first.",
            ));
        }
    }
    Ok(Done::Told(Notice::Added))
}

/// The beginning of that day in the portal's zone, if it is ahead and not too far.
fn end_of_pause(text: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let day: NaiveDate = text.parse().ok()?;
    let until = day
        .and_hms_opt(0, 0, 0)?
        .and_local_timezone(Ho_Chi_Minh)
        .earliest()?;
    let until = until.to_utc();
    (until > now && until - now <= LONGEST_PAUSE).then_some(until)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_ends_at_midnight_here_and_within_a_year() {
        let now: DateTime<Utc> = "2026-11-24T18:30:00Z".parse().unwrap();
        let until = |text| end_of_pause(text, now).map(|at| at.to_rfc3339());
        // It is the 25th already.
        assert_eq!(until("2026-11-25"), None);
        assert_eq!(until("2026-11-26").as_deref(), Some("2026-11-25T17:00:00+00:00"));
        assert!(until("2027-11-26").is_some());
        assert_eq!(until("2027-11-27"), None);
        assert_eq!((until(""), until("26/11/2026")), (None, None));
    }
}
