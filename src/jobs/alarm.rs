//! Alarms: tells the operator by e-mail which sections broke and which are read well again. All that is due goes into one
//! mail. A relay that is down postpones it; a mail that may have left is sent again as the same mail, never as another one.

use anyhow::{Context as _, Result};
use chrono::{DateTime, TimeDelta, Utc};
use futures::future::join_all;
use tracing::{error, info, warn};

use super::{Step, dispatch::Origin};
use crate::{
    domain::{
        breakage::{Turn, retry_at},
        subscription::Address,
    },
    notify::{
        SendError,
        email::Mailer,
        message::{self, Addressing, AlarmItem, Alarms, Mail, Sender},
    },
    portal::Portal,
    store::{Alarm, AlarmMail, MailState, Store},
};

/// An address that keeps refusing for now, while others were told, is waited for no longer.
const GIVE_UP_AFTER: TimeDelta = TimeDelta::days(1);

/// Who is told, and how.
#[derive(Clone)]
pub struct Operators {
    /// The relay.
    pub mailer: Mailer,
    /// The `From` field.
    pub from: Sender,
    /// One at least.
    pub addresses: Vec<Address>,
    /// The portals in force: where a section's list page is.
    pub portals: std::sync::Arc<[Portal]>,
    /// How Loa names itself to portals.
    pub user_agent: String,
    /// Where mails come from.
    pub origin: Origin,
}

/// How a mail fared with one address.
enum Fared {
    /// It is settled: taken, or given up.
    Settled,
    /// To be tried again; the relay's own wish stands with it.
    Waits(String, Option<TimeDelta>),
    /// Not taken for good, so far as this address is concerned.
    Refused(String),
}

/// Sends one mail with all alarms that are due. Where there is nobody to tell, alarms are logged, kept for a day, and removed.
pub async fn alarm(store: &Store, operators: Option<&Operators>, now: DateTime<Utc>) -> Result<Step> {
    let Some(operators) = operators else {
        return for_nobody(store, now).await;
    };
    let claimed = store
        .claim_alarms(random_number()?, now)
        .await
        .context("claiming alarms")?;
    let Some(mail) = claimed else {
        return Ok(Step::Idle);
    };
    let open = operators.addresses.iter().enumerate().filter(|(_, address)| {
        let state = state_of(&mail, address);
        state.is_none_or(|state| state == MailState::Unsure)
    });
    let claimed = &mail;
    let sent = join_all(open.map(|(at, address)| async move {
        let sent = operators.send(claimed, address).await;
        (at, address, sent)
    }))
    .await;
    let mut fared = Vec::new();
    for (at, address, outcome) in sent {
        let outcome = settle(store, &mail, address, outcome).await?;
        fared.push((at, address, outcome));
    }
    let is_anyone_told = mail.states.iter().any(|(_, state)| *state == MailState::Told)
        || fared
            .iter()
            .any(|(_, _, outcome)| matches!(outcome, Fared::Settled));
    let is_old = mail
        .alarms
        .iter()
        .all(|alarm| now - alarm.created_at >= GIVE_UP_AFTER);
    let mut waits: Option<TimeDelta> = None;
    for (at, address, outcome) in fared {
        let nth = format!("operator {} of {}", at + 1, operators.addresses.len());
        let (why, wished, is_final) = match outcome {
            Fared::Settled => continue,
            Fared::Waits(why, wished) => (why, wished, is_anyone_told && is_old),
            Fared::Refused(why) => (why, None, is_anyone_told),
        };
        if is_final {
            store
                .note_alarm_mail(&mail, address.as_str(), MailState::GivenUp)
                .await
                .context("giving an operator up")?;
            error!(
                "An alarm mail does not reach {nth}, and is given up for them: {why}; check alerts.operator"
            );
        } else {
            warn!("An alarm mail does not reach {nth} yet: {why}");
            waits = waits.max(Some(wished.unwrap_or_default()));
        }
    }
    if let Some(wished) = waits {
        let next = retry_at(mail.attempts, now, Some(wished));
        store
            .alarms_postponed(&mail, next)
            .await
            .context("postponing alarms")?;
        warn!(attempts = mail.attempts, %next, "{} alarms wait", mail.alarms.len());
    } else {
        store
            .alarms_sent(&mail, now)
            .await
            .context("marking alarms as told")?;
        info!(
            alarms = mail.alarms.len(),
            "Told the operator of {} alarms",
            mail.alarms.len()
        );
    }
    Ok(Step::Worked(mail.alarms.len()))
}

async fn for_nobody(store: &Store, now: DateTime<Utc>) -> Result<Step> {
    let alarms = store.alarms_for_nobody(now).await.context("reading alarms")?;
    for alarm in &alarms {
        let (portal, section, cause) = (&alarm.portal, &alarm.slug, alarm.cause);
        match alarm.turn {
            Turn::Degraded => warn!(
                %portal, %section, %cause,
                "{portal}/{section} is in trouble: {}; nobody is told: set alerts.operator", alarm.why
            ),
            Turn::Recovered => info!(%portal, %section, "{portal}/{section} works again"),
        }
    }
    Ok(Step::worked(alarms.len()))
}

/// Notes what is sure about one address.
async fn settle(
    store: &Store,
    mail: &AlarmMail,
    address: &Address,
    outcome: Result<(), SendError>,
) -> Result<Fared> {
    let note = |state| store.note_alarm_mail(mail, address.as_str(), state);
    let noting = "noting how an alarm mail fared";
    Ok(match outcome {
        Ok(()) => {
            note(MailState::Told).await.context(noting)?;
            Fared::Settled
        }
        // The relay lost its answer twice: it takes mails and does not say so, and would be sent this one for ever.
        Err(SendError::Unknown(why)) if state_of(mail, address) == Some(MailState::Unsure) => {
            note(MailState::Told).await.context(noting)?;
            warn!(
                "Whether an alarm mail arrived is unknown for the second time, and it is left at that: {why}"
            );
            Fared::Settled
        }
        Err(SendError::Unknown(why)) => {
            note(MailState::Unsure).await.context(noting)?;
            Fared::Waits(why, None)
        }
        Err(SendError::Unreachable(why)) => Fared::Waits(why, None),
        Err(SendError::Later(why, wished)) => {
            Fared::Waits(why, wished.and_then(|wait| TimeDelta::from_std(wait).ok()))
        }
        Err(
            SendError::Gone(why) | SendError::NotTaken(why) | SendError::Moved(why) | SendError::Refused(why),
        ) => Fared::Refused(why),
    })
}

fn state_of(mail: &AlarmMail, address: &Address) -> Option<MailState> {
    let mut states = mail.states.iter();
    states
        .find(|(of, _)| of == address.as_str())
        .map(|(_, state)| *state)
}

impl Operators {
    async fn send(&self, mail: &AlarmMail, to: &Address) -> Result<(), SendError> {
        self.mailer.prepare(&self.mail(mail, to)).await?.finish().await
    }

    fn mail(&self, mail: &AlarmMail, to: &Address) -> Mail {
        let urls: Vec<Option<String>> = mail.alarms.iter().map(|alarm| self.list_url(alarm)).collect();
        let items: Vec<AlarmItem<'_>> = mail
            .alarms
            .iter()
            .zip(&urls)
            .map(|(alarm, url)| AlarmItem {
                portal: &alarm.portal,
                slug: &alarm.slug,
                title: &alarm.title,
                turn: alarm.turn,
                cause: alarm.cause,
                why: &alarm.why,
                since: alarm.broken_at,
                until: alarm.created_at,
                next_look: alarm.next_poll_at,
                url: url.as_deref(),
                moved_to: alarm.moved_to.as_deref(),
            })
            .collect();
        let alarms = Alarms {
            items: &items,
            user_agent: &self.user_agent,
            public_url: &self.origin.public_url,
        };
        let id = message::alarm_message_id(mail.id, &self.origin.instance, &self.origin.authority);
        let newest = mail.alarms.iter().map(|alarm| alarm.created_at).max();
        let addressing = Addressing {
            mark: None,
            message_id: &id,
            from: &self.from,
            to,
            at: newest.unwrap_or_default(),
        };
        message::alarm(&alarms, &addressing)
    }

    fn list_url(&self, alarm: &Alarm) -> Option<String> {
        let portal = self.portals.iter().find(|portal| portal.id == alarm.portal)?;
        let section = portal.section(&alarm.slug)?;
        Some(portal.section_url(section).to_string())
    }
}

/// Not negative: it stands in a Message-ID.
fn random_number() -> Result<i64> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|e| anyhow::anyhow!("no randomness from the system: {e}"))?;
    Ok(i64::from_le_bytes(bytes) & i64::MAX)
}
