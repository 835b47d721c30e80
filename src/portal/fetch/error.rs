//! What can go wrong when a page is fetched, and the way out of each.

use std::time::Duration;

/// Why a page could not be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// No answer, or not all of it, in time.
    #[error("{url} did not answer within {seconds} s; it is asked again at the next round")]
    Timeout {
        /// The address.
        url: String,
        /// The time-out.
        seconds: u64,
    },
    /// No connection: name, network or TLS.
    #[error("cannot connect to {url}: {why}{}", certificate_advice(why))]
    Connect {
        /// The address.
        url: String,
        /// What the connection said.
        why: String,
    },
    /// A status that is neither success nor one of the others here.
    #[error("{url} answered with status {code}{}", wait_text(*retry_after))]
    Status {
        /// The address.
        url: String,
        /// HTTP status.
        code: u16,
        /// How long the portal asks to be left alone.
        retry_after: Option<Duration>,
    },
    /// An earlier answer asked to wait, and the time has not passed: nothing was sent.
    #[error("{host} asked to be left alone for another {} s; nothing was sent", wait.as_secs().max(1))]
    AskedToWait {
        /// The host.
        host: String,
        /// The time left.
        wait: Duration,
    },
    /// Status 410: taken away for good.
    #[error("{url} is gone for good (410); take the section out of the portal's file if it is a list")]
    Gone {
        /// The address.
        url: String,
    },
    /// Status 404.
    #[error("{url} does not exist (404); if it is a list, correct the section's path in the portal's file")]
    NotFound {
        /// The address.
        url: String,
    },
    /// More bytes than a page may have.
    #[error(
        "{url} sends more than {limit_bytes} bytes; raise polling.max_body_bytes if the page is really that large"
    )]
    TooLarge {
        /// The address.
        url: String,
        /// The cap that was passed.
        limit_bytes: usize,
    },
    /// Not a page.
    #[error("{url} is {found:?}, not HTML; check the address")]
    WrongType {
        /// The address.
        url: String,
        /// Its content type.
        found: String,
    },
    /// The answer ended early or does not decompress.
    #[error("{url} broke off or is damaged: {why}; it is asked again at the next round")]
    Broken {
        /// The address.
        url: String,
        /// What was wrong.
        why: String,
    },
    /// Status 304 to a request that named no known version.
    #[error("{url} answered 304 to a request without validators")]
    NotModifiedUnasked {
        /// The address.
        url: String,
    },
    /// Redirects that come back to where they were.
    #[error("{url} redirects in a circle; open it in a browser and correct the address")]
    RedirectLoop {
        /// The address.
        url: String,
    },
    /// More redirects than are followed.
    #[error("{url} redirects more than {limit} times; open it in a browser and correct the address")]
    TooManyRedirects {
        /// The address.
        url: String,
        /// How many are followed.
        limit: usize,
    },
    /// A redirect to another site, or from https to http.
    #[error(
        "{url} redirects to {to}, which is not followed; if the portal moved, change base_url in its file"
    )]
    RedirectElsewhere {
        /// The address.
        url: String,
        /// Where it leads.
        to: String,
    },
    /// An address inside a private network.
    #[error(
        "{url} leads to {address}, a private address; set polling.allow_private_addresses if that is meant"
    )]
    BlockedAddress {
        /// The address that was asked.
        url: String,
        /// The address of the machine behind it.
        address: String,
    },
    /// The portal's robots.txt forbids it.
    #[error("the portal's robots.txt forbids {url}; ask the portal, or take the section out of its file")]
    Robots {
        /// The address.
        url: String,
    },
    /// robots.txt itself fails: until it answers, nothing may be asked (RFC 9309, 2.3.1.4).
    #[error("robots.txt could not be read, so that nothing else is asked: {0}")]
    RobotsUnavailable(Box<FetchError>),
    /// The client could not be made, or the address is none.
    #[error("{0}")]
    Setup(String),
}

/// What to do about a certificate that is not trusted; the client tells it apart by its words alone.
fn certificate_advice(why: &str) -> &'static str {
    if why.contains("not valid for name") {
        "; the certificate is another host's: correct base_url in the portal's file"
    } else if why.contains("certificate") {
        "; if the portal's chain is incomplete, set extra_ca_file in its file"
    } else {
        "; check the address and the network"
    }
}

fn wait_text(retry_after: Option<Duration>) -> String {
    retry_after.map_or_else(
        || "; it is asked again at the next round".to_owned(),
        |wait| format!(" and asks to wait {} s", wait.as_secs()),
    )
}

impl FetchError {
    /// How long the portal asks to be left alone, where it does.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            Self::AskedToWait { wait, .. } => Some(*wait),
            Self::RobotsUnavailable(why) => why.retry_after(),
            _ => None,
        }
    }

    /// One word for tables and metrics.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Timeout { .. } => "timeout",
            Self::Connect { .. } => "connect",
            Self::Status { .. } => "status",
            Self::AskedToWait { .. } => "waiting",
            Self::Gone { .. } => "gone",
            Self::NotFound { .. } => "not-found",
            Self::TooLarge { .. } => "too-large",
            Self::WrongType { .. } => "wrong-type",
            Self::Broken { .. } | Self::NotModifiedUnasked { .. } => "broken",
            Self::RedirectLoop { .. } | Self::TooManyRedirects { .. } | Self::RedirectElsewhere { .. } => {
                "redirect"
            }
            Self::BlockedAddress { .. } => "blocked",
            Self::Robots { .. } | Self::RobotsUnavailable(_) => "robots",
            Self::Setup(_) => "setup",
        }
    }
}
