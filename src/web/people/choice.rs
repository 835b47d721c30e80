//! What somebody chose on the form, and what is wrong with it.

use crate::{
    domain::{
        subscription::{Address, Channel, Frequency},
        watch::Watch,
        wish::Wish,
    },
    store::Volumes,
    web::{
        error::WebError,
        lang::Lang,
        pages::{self, Field, Offer, Problem},
        state::WebState,
    },
};

/// Phrases on one form.
const MOST_PHRASES: usize = 5;

/// A complete answer to the form.
#[derive(Debug)]
pub(super) struct Choice {
    pub(super) address: Address,
    pub(super) watches: Vec<Watch>,
    pub(super) frequency: Frequency,
}

/// What can be followed here, with how much there is of it.
pub(super) struct Offers {
    pub(super) volumes: Volumes,
    pub(super) everything: Vec<Offer>,
    pub(super) topics: Vec<Offer>,
    pub(super) sections: Vec<Offer>,
}

impl Offers {
    /// Everything, each topic and each section. What is among `chosen` is ticked.
    pub(super) async fn load(state: &WebState, lang: Lang, chosen: &[Watch]) -> Result<Self, WebError> {
        let volumes = state.store.volumes(state.clock.now()).await?;
        let offer = |watch: Watch, title: Option<&str>, articles: i64| Offer {
            name: pages::watch_name(&state.site, lang, &watch, title),
            volume: pages::volume(lang, articles, volumes.days),
            is_ticked: chosen.contains(&watch),
            watch,
        };
        let of_topic = |slug: &str| {
            volumes
                .topics
                .iter()
                .find(|(of, _)| of == slug)
                .map_or(0, |t| t.1)
        };
        let topics = state
            .site
            .topics
            .iter()
            .map(|label| offer(Watch::Topic(label.slug.clone()), None, of_topic(&label.slug)))
            .collect();
        let of_section = |portal: &str, slug: &str| {
            let mut counts = volumes.sections.iter();
            counts
                .find(|(p, s, _)| p == portal && s == slug)
                .map_or(0, |section| section.2)
        };
        let sections = state.portals.iter().flat_map(|portal| {
            portal.sections.iter().map(|section| {
                let watch = Watch::Section {
                    portal: portal.id.clone(),
                    slug: section.slug.clone(),
                };
                let articles = of_section(&portal.id, &section.slug);
                offer(watch, Some(&section.title), articles)
            })
        });
        let sections = sections.collect();
        let everything = vec![offer(Watch::All, None, volumes.all)];
        Ok(Self {
            volumes,
            everything,
            topics,
            sections,
        })
    }
}

/// Whether something can be followed here: a phrase, everything, or a topic or section that the settings name.
pub(super) fn is_offered(state: &WebState, watch: &Watch) -> bool {
    match watch {
        Watch::All | Watch::Phrase(_) => true,
        Watch::Topic(slug) => state.site.topics.iter().any(|label| label.slug == *slug),
        Watch::Section { portal, slug } => state
            .portal(portal)
            .is_some_and(|found| found.section(slug).is_some()),
    }
}

/// The watches that texts name, each once; what is none, or is not to be had here, is left out, and so are phrases beyond the
/// first few.
pub(super) fn watches<'a>(state: &WebState, texts: impl Iterator<Item = &'a str>) -> Vec<Watch> {
    let (mut watches, mut phrases) = (Vec::new(), 0);
    for watch in texts.filter_map(|text| text.parse::<Watch>().ok()) {
        let is_phrase = matches!(watch, Watch::Phrase(_));
        if watches.contains(&watch) || !is_offered(state, &watch) || (is_phrase && phrases == MOST_PHRASES) {
            continue;
        }
        phrases += usize::from(is_phrase);
        watches.push(watch);
    }
    watches
}

/// A phrase as it can be followed, with how much there is of it; or why it cannot be.
pub(super) async fn phrase(
    state: &WebState,
    lang: Lang,
    typed: &str,
    volumes: &Volumes,
) -> Result<Result<Offer, String>, WebError> {
    let wish = match Wish::parse(typed) {
        Ok(wish) => wish,
        Err(e) => return Ok(Err(e.words(lang.language))),
    };
    let place = state.searches.place().ok_or(WebError::Unavailable)?;
    let turn = place.turn().await;
    let articles = state.store.count_found(&wish.query, volumes.since).await?;
    drop(turn);
    if let Err(e) = wish.judge(articles, volumes.all, volumes.days) {
        return Ok(Err(e.words(lang.language)));
    }
    let watch = wish.watch;
    Ok(Ok(Offer {
        name: pages::watch_name(&state.site, lang, &watch, None),
        volume: pages::volume(lang, articles, volumes.days),
        is_ticked: true,
        watch,
    }))
}

/// What the form needs to say of a choice: the choice, or what is wrong with it.
pub(super) fn complete(
    lang: Lang,
    watches: &[Watch],
    (frequency, address, has_consented): (Option<Frequency>, &str, bool),
) -> Result<Choice, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut wrong = |field, vi: &str, en: &str| problems.push((field, lang.t(vi, en).to_owned()));
    if watches.is_empty() {
        wrong(
            Field::Watches,
            "Hãy chọn ít nhất một mục để theo dõi.",
            "Please choose at least one thing to follow.",
        );
    }
    if frequency.is_none() {
        wrong(
            Field::Frequency,
            "Hãy chọn bao lâu nhận tin một lần.",
            "Please choose how often to hear of it.",
        );
    }
    let address = Address::parse(Channel::Email, address).ok();
    // A mail server inside of one office may do with `lan@office`; nobody can be reached so from the web.
    let address = address.filter(|a| {
        a.as_str()
            .rsplit('@')
            .next()
            .is_some_and(|host| host.contains('.'))
    });
    if address.is_none() {
        wrong(
            Field::Address,
            "Hãy nhập một địa chỉ thư điện tử, chẳng hạn lan@example.vn.",
            "Please enter an e-mail address such as lan@example.vn.",
        );
    }
    if !has_consented {
        wrong(
            Field::Consent,
            "Cần sự đồng ý của bạn: hãy đánh dấu ô này.",
            "Your consent is needed: please tick this box.",
        );
    }
    match (address, frequency) {
        (Some(address), Some(frequency)) if problems.is_empty() => Ok(Choice {
            address,
            watches: watches.to_vec(),
            frequency,
        }),
        _ => Err(problems),
    }
}
