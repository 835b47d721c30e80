//! `loa serve`.

use anyhow::Context as _;
use axum::Router;
use clap::Args;
use tokio::net::TcpListener;
use tracing::info;

use super::{Elsewhere, Failure};
use crate::{
    app::{self, App, Plan, Role},
    config::Config,
};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Runs only these parts, when several machines share one database.
    #[arg(long, value_delimiter = ',', value_name = "ROLES")]
    only: Vec<Role>,
    #[command(flatten)]
    elsewhere: Elsewhere,
}

pub(super) async fn run(config: Config, arguments: Arguments) -> Result<(), Failure> {
    let roles = if arguments.only.is_empty() {
        vec![Role::Poll, Role::Send, Role::Bot, Role::Web]
    } else {
        arguments.only
    };
    let app = App::build(config, &arguments.elsewhere.portal_urls).await?;
    if roles.contains(&Role::Poll) {
        let prepared = app.fetcher.prepare(&app.portals);
        prepared.map_err(|e| Failure::Usage(e.to_string()))?;
    }
    let listener = if roles.contains(&Role::Web) {
        Some(listen(&app.config.web.listen).await?)
    } else {
        None
    };
    app::stop_on_signal(app.stop())?;
    let dispatches = if roles.contains(&Role::Send) {
        app.dispatches()?
    } else {
        Vec::new()
    };
    app::serve(
        &app,
        Plan {
            roles,
            dispatches,
            listener,
            links_to_bot: true,
            pages: Router::new(),
        },
    )
    .await?;
    info!("Stopped");
    Ok(())
}

/// Binds, and prints the address: with port 0 the system has chosen one.
pub(super) async fn listen(address: &str) -> Result<TcpListener, Failure> {
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address} (web.listen); is another program using it?"))?;
    let local = listener.local_addr().context("reading the address listened on")?;
    println!("Listening on http://{local}");
    Ok(listener)
}
