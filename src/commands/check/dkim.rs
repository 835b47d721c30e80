//! What signs mails, and what the DNS has to publish for it.

use super::Report;
use crate::{
    app::{App, settings},
    notify::message::Sender,
};

/// A line a key with the record to publish; and notes where a signature would not count.
pub(super) fn check(app: &App, report: &mut Report) {
    let signer = match settings::signer(&app.config) {
        Ok(Some(signer)) => signer,
        Ok(None) => {
            Report::off(
                "dkim",
                "set smtp.dkim.domain, smtp.dkim.selector and smtp.dkim.key_file to sign mails; or let the relay sign them",
            );
            return;
        }
        Err(e) => {
            report.line("dkim", Err(e.to_string()));
            return;
        }
    };
    for record in signer.records() {
        let line = format!("{}; the DNS has to say: {}", record.key, record.zone_line());
        report.line("dkim", Ok(line));
    }
    let smtp = &app.config.smtp;
    if let Ok(from) = Sender::parse(&smtp.from)
        && let Some((_, host)) = from.address().rsplit_once('@')
        && !is_aligned(host, signer.domain())
    {
        let what = format!(
            "smtp.from is an address at {host}, but mails are signed for {}: DMARC takes no account of that signature; make both the same",
            signer.domain()
        );
        Report::note("dkim", &what);
    }
    for (key, file) in [
        ("smtp.dkim.key_file", &smtp.dkim.key_file),
        ("smtp.dkim.ed25519_key_file", &smtp.dkim.ed25519_key_file),
    ] {
        if is_open_to_all(file) {
            let what = format!("everyone on this machine may read {key}: chmod o-r {file}");
            Report::note("dkim", &what);
        }
    }
}

/// DMARC's relaxed alignment, for domains of which one stands below the other.
fn is_aligned(sender: &str, signed: &str) -> bool {
    let is_below = |name: &str, above: &str| {
        name.strip_suffix(above)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    is_below(sender, signed) || is_below(signed, sender)
}

/// Whether a file that is named may be read by any user.
fn is_open_to_all(file: &str) -> bool {
    use std::os::unix::fs::PermissionsExt as _;

    const READ_BY_OTHERS: u32 = 0o004;
    // One that is not named or is not there was told of before.
    std::fs::metadata(file).is_ok_and(|of| of.permissions().mode() & READ_BY_OTHERS != 0)
}
