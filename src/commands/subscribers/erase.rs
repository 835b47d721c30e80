//! `loa subscribers erase`: everything about one person goes, at once.

use anyhow::Context as _;

use super::{super::Failure, Whom, find};
use crate::{app::App, config::Config};

pub(super) async fn run(config: Config, whom: Whom) -> Result<(), Failure> {
    let address = whom.parse()?;
    let app = App::build(config, &[]).await?;
    let subscriber = find(&app.store, &address).await?;
    app.store.erase(subscriber).await.context("erasing")?;
    // An office may have written the same address in capitals, beside the person's own sign-up.
    while let Some(other) = app
        .store
        .person_at(&address)
        .await
        .context("looking the address up")?
    {
        app.store.erase(other).await.context("erasing")?;
    }
    app.store.close().await;
    println!("Erased everything about subscriber {subscriber}. Old backups still hold it.");
    Ok(())
}
