//! `loa subscribers lift`: writes to somebody again whose mails came back.

use anyhow::Context as _;
use clap::Args;

use super::{super::Failure, show::address};
use crate::{
    app::App,
    config::Config,
    domain::bounce::Reason,
    store::{Lifted, Lifter},
};

#[derive(Debug, Args)]
pub(in crate::commands) struct Arguments {
    /// An e-mail address; - reads it from standard input, where no list of processes shows it.
    address: String,
    /// Also where the person complained: only at their own word. What had ended stays ended; they sign up again.
    #[arg(long)]
    complaint: bool,
}

pub(super) async fn run(config: Config, arguments: Arguments) -> Result<(), Failure> {
    let address = address(&arguments.address)?;
    let app = App::build(config, &[]).await?;
    let hash = app.tokens().address_hash(address.as_str());
    let by = Lifter::Operator {
        also_complaint: arguments.complaint,
    };
    let lifted = app.store.lift(&address, &hash, by, app.clock.now()).await;
    app.store.close().await;
    match lifted.context("lifting a suppression")? {
        Lifted::Done(Reason::Bounce) => println!("{address} is written to again from the next message on."),
        Lifted::Done(Reason::Complaint) => {
            println!("{address} may sign up again; what they followed stays ended.");
        }
        Lifted::NotSuppressed => println!("{address} is not suppressed; nothing changed."),
        Lifted::Complaint => {
            return Err(Failure::Work(anyhow::anyhow!(
                "{address} complained about a mail; where the person themselves asks for mails again, add --complaint"
            )));
        }
    }
    Ok(())
}
