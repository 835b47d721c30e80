//! Log lines on standard error: a sentence and its fields.

use std::io::{IsTerminal as _, stderr};

use tracing_subscriber::EnvFilter;

use super::Failure;
use crate::config::LogFormat;

/// What says nothing to an operator: the clockwork's own lines, and the HTML parser's remarks about misplaced tags, which it
/// warns of by the hundred where a page is laid out in tables. A directive of the operator's for one of them still wins.
const QUIET: &str = "tokio_cron_scheduler=warn,html5ever=error,markup5ever=error";

/// Starts logging; `level` is a filter as in `RUST_LOG`.
pub(super) fn start(format: LogFormat, level: &str) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(format!("{QUIET},{level}")).map_err(|e| {
        Failure::Usage(format!(
            "log.level is {level:?}: {e}; expected info, or loa=debug,info"
        ))
    })?;
    let base = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr)
        .with_target(false);
    let started = match format {
        LogFormat::Text => base.with_ansi(stderr().is_terminal()).try_init(),
        LogFormat::Json => base.json().try_init(),
    };
    started.map_err(|e| Failure::Work(anyhow::anyhow!("cannot start logging: {e}")))
}
