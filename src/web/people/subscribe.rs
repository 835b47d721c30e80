//! `/subscribe`: the form, and what becomes of an answer to it.

use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use tracing::info;

use super::{
    choice::{self, Choice, Offers},
    client::Client,
    door::{Turned, fresh_ticket},
    fields::Fields,
    see_other, wait_for,
};
use crate::{
    domain::{subscription::Frequency, watch::Watch},
    store::NewSignup,
    web::{
        error::{Reader, WebError},
        pages::{self, Field, Offer, Problem, SignupForm, WORDING},
        parameters::Parameters,
        state::WebState,
    },
};

/// What was filled in so far.
#[derive(Default)]
struct Filled {
    watches: Vec<Watch>,
    /// A phrase to try, as it was typed.
    typed_phrase: String,
    frequency: Option<Frequency>,
    address: String,
    has_consented: bool,
    problems: Vec<Problem>,
}

/// The form. What the address names is chosen in it: `topic=SLUG`, `section=PORTAL/SLUG`, `q=PHRASE`, `watch=all`.
pub(super) async fn show(State(state): State<WebState>, asked: Parameters, reader: Reader) -> Response {
    let named =
        |name: &'static str, kind: &'static str| asked.all(name).map(move |value| format!("{kind}{value}"));
    let texts: Vec<String> = named("topic", "topic:")
        .chain(named("section", "section:"))
        .chain(named("watch", ""))
        .collect();
    let filled = Filled {
        watches: choice::watches(&state, texts.iter().map(String::as_str)),
        typed_phrase: asked.get("q").unwrap_or_default().chars().take(200).collect(),
        ..Filled::default()
    };
    answer(&state, &reader, filled, StatusCode::OK).await
}

/// An answer to the form. Whoever sends it is told the same whether or not the address is known here: it may not be theirs.
pub(super) async fn take(
    State(state): State<WebState>,
    client: Client,
    reader: Reader,
    fields: Fields,
) -> Response {
    if !state.site.takes_signups {
        let page = pages::subscribe(&reader.site, reader.lang, "/subscribe", None);
        return reader.page(StatusCode::SERVICE_UNAVAILABLE, page);
    }
    let now = state.clock.now();
    if let Err(turned) = state.door.count(client, now) {
        return turned_away(&reader, turned);
    }
    let sent_page = reader.lang.href("/subscribe/sent");
    if !fields.get("ghi_chu").is_empty() {
        // Nobody sees that field: a program filled it in, and learns nothing.
        return see_other(&sent_page);
    }
    let mut filled = Filled {
        watches: choice::watches(&state, fields.all("watch")),
        frequency: fields.get("frequency").parse().ok(),
        address: fields.get("address").chars().take(254).collect(),
        has_consented: fields.get("consent") == WORDING,
        ..Filled::default()
    };
    let answers = (filled.frequency, fields.get("address"), filled.has_consented);
    let choice = match choice::complete(reader.lang, &filled.watches, answers) {
        Ok(choice) => choice,
        Err(problems) => {
            filled.problems = problems;
            return answer(&state, &reader, filled, StatusCode::UNPROCESSABLE_ENTITY).await;
        }
    };
    match too_common(&state, &reader, &choice.watches).await {
        Err(e) => return reader.failure(&e),
        Ok(Some(problem)) => {
            filled.problems.push((Field::Watches, problem));
            return answer(&state, &reader, filled, StatusCode::UNPROCESSABLE_ENTITY).await;
        }
        Ok(None) => {}
    }
    let given = (fields.get("ticket"), fields.get("work"), fields.get("answer"));
    match state.door.admit(client, given, &state.tokens, now) {
        Ok(()) => {}
        Err(turned @ Turned::TooMany(_)) => return turned_away(&reader, turned),
        Err(turned) => {
            filled.problems.push((Field::Check, unproven(&reader, turned)));
            return answer(&state, &reader, filled, StatusCode::UNPROCESSABLE_ENTITY).await;
        }
    }
    match note(&state, &reader, &choice).await {
        Ok(()) => see_other(&sent_page),
        Err(e) => reader.failure(&e),
    }
}

async fn note(state: &WebState, reader: &Reader, choice: &Choice) -> Result<(), WebError> {
    let language = reader.lang.language;
    let signup = NewSignup {
        address: &choice.address,
        address_hash: &state.tokens.address_hash(choice.address.as_str()),
        watches: &choice.watches,
        frequency: choice.frequency,
        language,
        wording: &format!("{WORDING}/{language}"),
    };
    if state.store.sign_up(&signup, state.clock.now()).await? {
        info!("Somebody signed up and is asked to confirm");
        state.door.letters.notify_one();
    } else {
        info!("Somebody signed up whose address is not written to now");
    }
    Ok(())
}

/// What is wrong with a phrase that nearly every article holds. They were refused when they were tried; this form may not have
/// been ours.
async fn too_common(
    state: &WebState,
    reader: &Reader,
    watches: &[Watch],
) -> Result<Option<String>, WebError> {
    if !watches.iter().any(|watch| matches!(watch, Watch::Phrase(_))) {
        return Ok(None);
    }
    let volumes = state.store.volumes(state.clock.now()).await?;
    for watch in watches {
        let Watch::Phrase(phrase) = watch else { continue };
        if let Err(problem) = choice::phrase(state, reader.lang, phrase, &volumes).await? {
            return Ok(Some(problem));
        }
    }
    Ok(None)
}

fn unproven(reader: &Reader, turned: Turned) -> String {
    let words = if turned == Turned::Stale {
        (
            "Biểu mẫu đã được gửi rồi hoặc mở quá lâu. Mọi điều bạn chọn vẫn còn: xin bấm gửi lần nữa.",
            "The form was sent before, or open for too long. All that you chose is still here: please send it once more.",
        )
    } else {
        (
            "Câu trả lời chưa đúng: xin trả lời câu hỏi này bằng số hoặc bằng chữ.",
            "That is not the answer: please answer this question in digits or in words.",
        )
    };
    reader.lang.t(words.0, words.1).to_owned()
}

fn turned_away(reader: &Reader, turned: Turned) -> Response {
    match turned {
        Turned::TooMany(wait) => wait_for(reader, wait),
        _ => reader.failure(&WebError::TooMany),
    }
}

/// The page with the form.
async fn answer(state: &WebState, reader: &Reader, filled: Filled, status: StatusCode) -> Response {
    if !state.site.takes_signups {
        let page = pages::subscribe(&reader.site, reader.lang, "/subscribe", None);
        return reader.page(status, page);
    }
    let (form, path) = match form(state, reader, filled).await {
        Ok(form) => form,
        Err(e) => return reader.failure(&e),
    };
    let page = pages::subscribe(&reader.site, reader.lang, &path, Some(&form));
    let mut response = reader.page(status, page);
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(pages::SIGNUP_SECURITY_POLICY),
    );
    // Each view has a ticket of its own.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The form as it is shown, and its address with what is chosen in it.
async fn form(state: &WebState, reader: &Reader, filled: Filled) -> Result<(SignupForm, String), WebError> {
    let lang = reader.lang;
    let offers = Offers::load(state, lang, &filled.watches).await?;
    let mut form = SignupForm {
        frequency: filled.frequency,
        address: filled.address,
        has_consented: filled.has_consented,
        problems: filled.problems,
        difficulty: state.door.difficulty,
        ..SignupForm::default()
    };
    let stood = filled.watches.iter().filter_map(|watch| match watch {
        Watch::Phrase(phrase) => Some(phrase.as_str()),
        _ => None,
    });
    let tried = Some(filled.typed_phrase.as_str()).filter(|typed| !typed.is_empty());
    for phrase in stood.chain(tried) {
        match choice::phrase(state, lang, phrase, &offers.volumes).await? {
            Ok(offer) => add(&mut form.phrases, offer),
            Err(problem) => {
                phrase.clone_into(&mut form.typed_phrase);
                if form.problem(Field::Phrase).is_none() {
                    form.problems.push((Field::Phrase, problem));
                }
            }
        }
    }
    (form.everything, form.topics, form.sections) = (offers.everything, offers.topics, offers.sections);
    if let Some((text, ticket)) = fresh_ticket(state) {
        form.question = ticket.question(lang);
        form.ticket = text;
        form.puzzle = ticket.proof;
    }
    let path = address(&form);
    Ok((form, path))
}

fn add(offers: &mut Vec<Offer>, offer: Offer) {
    if offers.iter().all(|known| known.watch != offer.watch) {
        offers.push(offer);
    }
}

/// The form's own address with what is chosen, for the switch of languages.
fn address(form: &SignupForm) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for offer in form.ticked() {
        query.append_pair("watch", &offer.watch.to_string());
    }
    match query.finish() {
        chosen if chosen.is_empty() => "/subscribe".to_owned(),
        chosen => format!("/subscribe?{chosen}"),
    }
}

/// What follows an answer to the form.
pub(super) async fn sent(reader: Reader) -> Response {
    reader.answer(Ok(pages::sent(&reader.site, reader.lang)))
}
