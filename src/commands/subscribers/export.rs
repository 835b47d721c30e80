//! `loa subscribers export`: everything that is held about one person, for who asks on paper or by telephone.

use anyhow::Context as _;

use super::{super::Failure, Whom};
use crate::{app::App, config::Config};

pub(super) async fn run(config: Config, whom: Whom) -> Result<(), Failure> {
    let app = App::build(config, &[]).await?;
    let subscriber = whom.find(&app.store).await?;
    let held = app
        .store
        .held(subscriber)
        .await
        .context("reading what is held")?
        .context("it was erased this moment")?;
    app.store.close().await;
    println!("{}", held.to_json());
    Ok(())
}
