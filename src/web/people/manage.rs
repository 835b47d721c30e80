//! `/manage/{token}`: one private page with everything about one subscription.

use axum::{
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday};
use chrono_tz::{Asia::Ho_Chi_Minh, Tz};
use tracing::info;

use super::{
    choice::{self, Offers},
    client::Client,
    fields::Fields,
    person::{nobody, owner},
    private, see_other,
};
use crate::{
    domain::{
        schedule::{self, Days, Schedule, time_of_day},
        subscription::{Address, Channel, Frequency},
        watch::Watch,
    },
    store::{Follow, Person},
    web::{
        error::{Reader, WebError},
        pages::{self, Following, Manage, Notice, Times, Wrong, Wrongs},
        parameters::Parameters,
        state::WebState,
    },
};

/// The longest pause that somebody may wish for: later than that, they have forgotten.
const LONGEST_PAUSE: TimeDelta = TimeDelta::days(366);

/// What became of a wish: something to tell, or something wrong with it.
enum Done {
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

async fn set_times(state: &WebState, subscriber: i64, fields: &Fields) -> Result<Done, WebError> {
    let wrong = |vi, en| Ok(Done::Wrong(Wrong::Schedule, vi, en));
    let Some(at) = time_of_day(fields.get("at")) else {
        return wrong(
            "Hãy nhập giờ, chẳng hạn 07:00.",
            "Please enter a time such as 07:00.",
        );
    };
    let days: Vec<&str> = fields.all("days").collect();
    let Ok(days) = days.join("/").parse::<Days>() else {
        return wrong(
            "Hãy chọn ít nhất một ngày cho bản tin hằng ngày.",
            "Please choose at least one day for the daily digest.",
        );
    };
    let Some(weekly) = schedule::weekday(fields.get("weekly")) else {
        return Err(WebError::Invalid);
    };
    let Ok(zone) = fields.get("zone").parse::<Tz>() else {
        return wrong(
            "Loa không biết múi giờ này; hãy chọn trong danh sách, chẳng hạn Asia/Ho_Chi_Minh.",
            "Loa does not know this time zone; please choose one of the list, such as Asia/Ho_Chi_Minh.",
        );
    };
    let (daily_now, weekly_now) = schedules(state, subscriber).await?;
    let usual = state.usual_digest;
    // Who leaves a value as the service has it goes on with the service's, also when the settings change.
    let time = |own: Option<NaiveTime>| (own.is_some() || at != usual.at).then_some(at);
    let days = (daily_now.days().is_some() || days != usual.days).then_some(days);
    let wished = [
        Schedule::daily(time(daily_now.at()), days, zone),
        Schedule::weekly(time(weekly_now.at()), weekly, zone),
    ];
    for schedule in wished {
        state
            .store
            .set_schedule(subscriber, &schedule, state.clock.now())
            .await?;
    }
    Ok(Done::Told(Notice::Schedule))
}

/// The schedules of the daily and the weekly digest.
async fn schedules(state: &WebState, subscriber: i64) -> Result<(Schedule, Schedule), WebError> {
    let of = async |frequency| {
        let schedule = state.store.schedule_of(subscriber, frequency).await?;
        Ok::<_, WebError>(schedule.unwrap_or_else(|| Schedule::usual(frequency)))
    };
    Ok((of(Frequency::Daily).await?, of(Frequency::Weekly).await?))
}

/// What the page shows of the moment beside what is stored.
#[derive(Default)]
struct Shown {
    notice: Option<Notice>,
    typed_phrase: String,
    wrongs: Wrongs,
}

async fn page(
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

/// The answer to a client that did too much of something.
fn wait_for(reader: &Reader, wait: TimeDelta) -> Response {
    let mut response = reader.failure(&WebError::TooMany);
    let wait = HeaderValue::from(wait.num_seconds().max(1));
    response.headers_mut().insert(header::RETRY_AFTER, wait);
    response
}

/// The answer to who asked for their link.
pub(super) async fn sent(reader: Reader) -> Response {
    reader.answer(Ok(pages::mailed(&reader.site, reader.lang, "/manage/sent")))
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
