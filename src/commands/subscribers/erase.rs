//! `loa subscribers erase`: everything about one person goes, at once.

use anyhow::Context as _;

use super::{super::Failure, Whom};
use crate::{app::App, config::Config};

pub(super) async fn run(config: Config, whom: Whom) -> Result<(), Failure> {
    let app = App::build(config, &[]).await?;
    let subscriber = whom.find(&app.store).await?;
    app.store.erase(subscriber).await.context("erasing")?;
    app.store.close().await;
    println!("Erased everything about subscriber {subscriber}. Old backups still hold it.");
    Ok(())
}
