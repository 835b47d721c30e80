//! `loa demo`: the whole service on loopback with nothing to set up. The portal, the Bot API and the mailbox are the
//! demo's own; everything between them is the real thing.

use std::{net::SocketAddr, path::Path, time::Duration};

use anyhow::Context as _;
use axum::Router;
use clap::Args;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing::info;

use super::{Failure, default_logging, serve::listen};
use crate::{
    app::{self, App, Plan, Role},
    clock::Clock,
    config::{Config, Layers},
    demo::{
        page,
        portal::{self, SamplePortal},
        telegram::TelegramStandIn,
    },
    domain::subscription::{Address, Channel, Frequency},
    jobs::dispatch::Transport,
    notify::{email::Mailer, message::Sender},
    store::Import,
    web::site::Site,
};

/// The pause between two articles that the sample portal publishes.
const PUBLISH_EVERY: Duration = Duration::from_secs(20);

/// Who is told in the demo.
const SUBSCRIBERS: [(Channel, &str, &str, Frequency); 3] = [
    (
        Channel::Email,
        "lan@example.vn",
        "topic:khoa-hoc-cong-nghe",
        Frequency::Instant,
    ),
    (Channel::Email, "van-phong@example.vn", "all", Frequency::Instant),
    (Channel::Telegram, "700100200", "all", Frequency::Instant),
];

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Where to serve.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDR")]
    listen: String,
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    default_logging()?;
    let folder = tempfile::Builder::new()
        .prefix("loa-demo-")
        .tempdir()
        .context("making a temporary folder")?;
    let mails = folder.path().join("mails");
    std::fs::create_dir(&mails).context("making the mail folder")?;
    let listener = listen(&arguments.listen).await?;
    let public_url = format!("http://{}", listener.local_addr().context("reading the address")?);
    let stop = CancellationToken::new();
    let clock = Clock::default();

    let sample = SamplePortal::new(clock.now());
    let portal_url = start(sample.router(), &stop).await?;
    let telegram = TelegramStandIn::new(|| Clock::System.now());
    let bot_api = start(telegram.router(), &stop).await?;

    let config = settings(&folder, &public_url, &portal_url, &bot_api)?;
    let app = App::build(config, &[]).await?;
    subscribe(&app).await?;
    let mut dispatches = app.dispatches()?;
    let from = Sender::parse("Loa <loa@example.vn>").context("the demo's sender")?;
    let mailer = Mailer::Files(mails.clone());
    dispatches.push(app.dispatch(Transport::Email {
        mailer,
        letters_from: from.clone(),
        from,
        connections: 1,
    }));

    let pages = page::router(page::Demo {
        site: Site {
            takes_signups: true,
            ..(*app.web_state().site).clone()
        },
        portal: sample.clone(),
        portal_url: portal_url.clone(),
        mail_folder: mails.clone(),
        telegram,
        clock: || Clock::System.now(),
    });
    app::stop_on_signal(app.stop())?;
    // The first poll is silent. What the portal publishes after it is news, and is not left to wait for the next tick.
    app.poller().step().await.context("reading the sample portal")?;
    if let Some(title) = sample.publish_next(clock.now()) {
        info!("The sample portal publishes: {title}");
    }
    let again = app.poller().poll_named(None, None).await;
    again.context("reading the sample portal again")?;
    tokio::spawn(publish(sample, clock, app.stop().clone()));
    introduce(&public_url, &portal_url, &mails);
    let roles = vec![Role::Poll, Role::Send, Role::Web];
    let served = app::serve(
        &app,
        Plan {
            roles,
            dispatches,
            listener: Some(listener),
            links_to_bot: false,
            pages,
        },
    )
    .await;
    stop.cancel();
    println!("Stopped. The demo's files are removed.");
    Ok(served?)
}

fn introduce(public_url: &str, portal_url: &str, mails: &Path) {
    println!(
        "\nThe demo is running. Open in a browser:\n\
         \x20 {public_url}/            the articles, as citizens see them\n\
         \x20 {public_url}/subscribe   sign up, with any address: no mail leaves this machine\n\
         \x20 {public_url}/demo        mails and Telegram messages as they arrive\n\
         \x20 {public_url}/feeds       every feed\n\
         \x20 {public_url}/feeds/all.rss   .atom   .json\n\
         \x20 {portal_url}/   the sample portal that is being polled\n\
         Mails are written to {}\n\
         Ctrl-C ends it and removes everything.\n",
        mails.display()
    );
}

/// The demo's settings: the defaults, a fresh database in the folder, and its own portal and Bot API.
fn settings(folder: &TempDir, public_url: &str, portal_url: &str, bot_api: &str) -> Result<Config, Failure> {
    let portal_file = folder.path().join("mau.toml");
    std::fs::write(&portal_file, portal::toml(portal_url)).context("writing the sample portal's file")?;
    let database = format!("sqlite:{}", folder.path().join("loa.db").display());
    let portal_file = portal_file.display().to_string();
    let mut layers = Layers::read(None, &std::collections::BTreeMap::new())?;
    for (key, value) in [
        ("public_url", public_url),
        ("portals", &portal_file),
        ("database.url", &database),
        ("web.owner", "Bản trình diễn của Loa"),
        ("web.contact", "loa@example.vn"),
        ("polling.allow_private_addresses", "true"),
        ("polling.min_interval_ms", "0"),
        ("telegram.token", "700:DEMO"),
        ("telegram.api_url", bot_api),
    ] {
        layers.set_text(key, value, "demo")?;
    }
    Ok(Config::from_layers(&layers)?)
}

async fn subscribe(app: &App) -> anyhow::Result<()> {
    for (channel, address, watch, frequency) in SUBSCRIBERS {
        let import = Import {
            address: Address::parse(channel, address)?,
            watch: watch.parse()?,
            frequency,
        };
        app.store
            .import(&import, "demo", app.tokens(), app.clock.now())
            .await?;
    }
    Ok(())
}

/// Publishes the articles that wait, one every so often.
async fn publish(sample: SamplePortal, clock: Clock, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(PUBLISH_EVERY) => {}
        }
        match sample.publish_next(clock.now()) {
            Some(title) => info!("The sample portal publishes: {title}"),
            None => return,
        }
    }
}

/// Serves a part of the demo on a free port until `stop`; its address.
async fn start(router: Router, stop: &CancellationToken) -> anyhow::Result<String> {
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0)))
        .await
        .context("listening on loopback")?;
    let address = listener.local_addr().context("reading the address")?;
    let ended = stop.clone();
    tokio::spawn(async move {
        let served =
            axum::serve(listener, router).with_graceful_shutdown(async move { ended.cancelled().await });
        if let Err(e) = served.await {
            tracing::error!("A part of the demo ended: {e}");
        }
    });
    Ok(format!("http://{address}"))
}
