//! `loa subscribers show`: how a person stands, what they follow, what did not arrive, and what came back. `suppressed`: everyone that nothing is
//! sent to. Addresses are masked: what is printed ends in tickets and mails.

use anyhow::Context as _;

use super::{super::Failure, Whom};
use crate::{
    app::App,
    config::Config,
    domain::{
        bounce::SCORE_LIMIT,
        subscription::{Address, Channel},
        time,
    },
    store::{BounceRow, Standing, Suppression, points},
};

/// Deliveries that did not arrive, or may not have, that are shown: the last ones.
const TROUBLES: i64 = 10;

pub(super) async fn run(config: Config, whom: Whom) -> Result<(), Failure> {
    let address = whom.parse()?;
    let app = App::build(config, &[]).await?;
    let shown = show(&app, &address).await;
    app.store.close().await;
    if shown? { Ok(()) } else { Err(Failure::Reported) }
}

/// `false` where nothing is known of the address.
async fn show(app: &App, address: &Address) -> anyhow::Result<bool> {
    let (store, now) = (&app.store, app.clock.now());
    let hash = app.tokens().address_hash(address.as_str());
    let standing = store.standing(address).await.context("reading a subscriber")?;
    let suppression = store
        .suppression_of(&hash)
        .await
        .context("reading suppressions")?;
    let bounces = store.bounces_of(&hash).await.context("reading bounces")?;
    if standing.is_none() && suppression.is_none() && bounces.is_empty() {
        println!("Nothing is known of {address}.");
        return Ok(false);
    }
    match &standing {
        None => println!("{address}: not a subscriber, or erased"),
        Some(standing) => {
            tell(address, standing, now);
            let followed = store
                .followed(standing.id)
                .await
                .context("reading subscriptions")?;
            for followed in &followed {
                let title = followed.title.as_deref().map(|title| format!(" ({title})"));
                println!(
                    "  follows     {}{}, {}",
                    followed.watch,
                    title.unwrap_or_default(),
                    followed.frequency
                );
            }
            if followed.is_empty() {
                println!("  follows     nothing");
            }
            let troubles = store.troubles_of(standing.id, TROUBLES).await;
            for (id, state, at, reason) in troubles.context("reading deliveries")? {
                println!("  {}  delivery {id} is {state}: {reason}", time::moment(at));
            }
        }
    }
    if address.channel() != Channel::Email {
        return Ok(true);
    }
    tell_suppression(suppression, points(&bounces, now));
    bounces.iter().for_each(tell_bounce);
    Ok(true)
}

fn tell(address: &Address, standing: &Standing, now: chrono::DateTime<chrono::Utc>) {
    println!("Subscriber {}: {address} ({})", standing.id, standing.language);
    println!(
        "  since       {}, basis: {}",
        time::moment(standing.created_at),
        standing.basis
    );
    match standing.confirmed_at {
        Some(at) => println!("  confirmed   {}", time::moment(at)),
        None => println!("  confirmed   not yet: nothing but a confirmation is sent"),
    }
    if let Some(until) = standing.paused_until.filter(|until| *until > now) {
        println!("  paused      until {}, by their own wish", time::moment(until));
    }
    if let Some((at, reason)) = &standing.ended {
        println!("  ended       {}: {reason}", time::moment(*at));
    }
}

fn tell_suppression(suppression: Option<Suppression>, points: usize) {
    match suppression {
        Some(Suppression { at, reason }) => println!(
            "  suppressed  since {} for a {}: nothing is sent; loa subscribers lift ends it",
            time::moment(at),
            reason.as_str()
        ),
        None => println!("  suppressed  no; {points} of {SCORE_LIMIT} points"),
    }
}

fn tell_bounce(row: &BounceRow) {
    let status = row.status.as_deref().unwrap_or("-");
    let delivery = row.delivery_id.map(|id| format!(", delivery {id}"));
    println!(
        "  {}  {} {status} ({}{}): {}",
        time::moment(row.at),
        row.kind,
        row.source,
        delivery.unwrap_or_default(),
        row.detail
    );
}

/// `loa subscribers suppressed`.
pub(super) async fn suppressed(config: Config) -> Result<(), Failure> {
    let app = App::build(config, &[]).await?;
    let people = app
        .store
        .suppressed_people()
        .await
        .context("reading subscribers")?;
    let counts = app
        .store
        .suppression_counts()
        .await
        .context("reading suppressions")?;
    app.store.close().await;
    for person in &people {
        println!(
            "{:>9}  {}  {:<9}  {}",
            person.id,
            time::moment(person.at),
            person.reason.as_str(),
            person.address
        );
    }
    let all: i64 = counts.iter().map(|(_, count)| count).sum();
    let rows = people.len();
    println!("{rows} subscribers are suppressed; {all} addresses, erased people's included");
    Ok(())
}
