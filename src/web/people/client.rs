//! Who asks, as far as limits need to know: an address, which is kept in memory for an hour and nowhere else.

use std::{
    collections::VecDeque,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, request::Parts},
};
use chrono::{DateTime, TimeDelta, Utc};
use ipnet::IpNet;

use crate::web::state::WebState;

/// A client: an IPv4 address, or the 64 bits of an IPv6 network that belong to one household or office.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::web) struct Client(IpAddr);

impl Client {
    /// From the connection's other end, and from what a trusted proxy says of whom it asks for.
    fn new(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> Self {
        let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(&address));
        let mut client = peer.to_canonical();
        if is_trusted(client) {
            // Each proxy adds its own client at the end: what stands before the first that nobody vouches for may be made up.
            let named: Vec<&str> = headers
                .get_all("x-forwarded-for")
                .iter()
                .filter_map(|value| value.to_str().ok())
                .flat_map(|value| value.split(','))
                .collect();
            for name in named.into_iter().rev() {
                let Some(address) = address(name) else { break };
                client = address;
                if !is_trusted(address) {
                    break;
                }
            }
        }
        Self(network(client))
    }
}

/// `203.0.113.7`, `203.0.113.7:4711`, `2001:db8::1`, `[2001:db8::1]:4711`.
fn address(name: &str) -> Option<IpAddr> {
    let name = name.trim();
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    let with_port = || name.parse::<SocketAddr>().ok().map(|socket| socket.ip());
    bare.parse()
        .ok()
        .or_else(with_port)
        .map(|ip: IpAddr| ip.to_canonical())
}

fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

impl FromRequestParts<WebState> for Client {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Self::Rejection> {
        // A server that does not say who asks takes everybody for one client, which is limited all the same.
        let peer = ConnectInfo::<SocketAddr>::from_request_parts(parts, state)
            .await
            .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(peer)| peer.ip());
        Ok(Self::new(peer, &parts.headers, &state.door.trusted_proxies))
    }
}

/// What is counted.
const WINDOW: TimeDelta = TimeDelta::hours(1);

/// Clients that are remembered: with more of them at once, the least active are forgotten, and may try again.
const CLIENTS: u64 = 100_000;

/// Counts what each client did within the last hour.
#[derive(Clone)]
pub(super) struct Limiter(moka::sync::Cache<Client, Arc<Mutex<VecDeque<DateTime<Utc>>>>>);

impl Limiter {
    pub(super) fn new() -> Self {
        let cache = moka::sync::Cache::builder()
            .max_capacity(CLIENTS)
            .time_to_idle(Duration::from_hours(1));
        Self(cache.build())
    }

    /// Counts one more, or says how long to wait where `most` were counted.
    pub(super) fn count(&self, client: Client, most: u32, now: DateTime<Utc>) -> Result<(), TimeDelta> {
        let entry = self.0.get_with(client, Arc::default);
        let mut moments = entry.lock().unwrap_or_else(PoisonError::into_inner);
        while moments.front().is_some_and(|at| *at + WINDOW <= now) {
            moments.pop_front();
        }
        if moments.len() >= usize::try_from(most).unwrap_or(usize::MAX) {
            return Err(moments.front().map_or(WINDOW, |at| *at + WINDOW - now));
        }
        moments.push_back(now);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        let trusted: Vec<IpNet> = ["127.0.0.0/8", "::1/128", "10.0.0.0/8"]
            .map(|network| network.parse().unwrap())
            .into();
        Client::new(peer.parse().unwrap(), &headers, &trusted)
            .0
            .to_string()
    }

    #[test]
    fn only_a_trusted_proxy_is_believed_and_only_about_its_own_client() {
        assert_eq!(client("203.0.113.7", &["198.51.100.1"]), "203.0.113.7");
        assert_eq!(client("127.0.0.1", &[]), "127.0.0.1");
        assert_eq!(client("127.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(client("::ffff:127.0.0.1", &["198.51.100.1:4711"]), "198.51.100.1");
        assert_eq!(
            client("127.0.0.1", &["9.9.9.9, 198.51.100.1, 10.1.2.3"]),
            "198.51.100.1",
            "what the reader wrote in front is not believed"
        );
        assert_eq!(client("127.0.0.1", &["9.9.9.9", "198.51.100.1"]), "198.51.100.1");
        assert_eq!(client("127.0.0.1", &["198.51.100.1, unknown"]), "127.0.0.1");
    }

    #[test]
    fn an_ipv6_network_is_one_client() {
        assert_eq!(client("2001:db8:1:2:3:4:5:6", &[]), "2001:db8:1:2::");
        assert_eq!(client("::1", &["[2001:db8:1:2::9]:443"]), "2001:db8:1:2::");
        assert_eq!(client("::ffff:203.0.113.7", &[]), "203.0.113.7");
    }

    #[test]
    fn a_limit_holds_for_an_hour_and_for_one_client() {
        let limiter = Limiter::new();
        let [one, other] = ["203.0.113.7", "203.0.113.8"].map(|ip| Client(ip.parse().unwrap()));
        let now = DateTime::UNIX_EPOCH;
        assert_eq!(limiter.count(one, 2, now), Ok(()));
        assert_eq!(limiter.count(one, 2, now + TimeDelta::minutes(10)), Ok(()));
        assert_eq!(
            limiter.count(one, 2, now + TimeDelta::minutes(20)),
            Err(TimeDelta::minutes(40))
        );
        assert_eq!(limiter.count(other, 2, now + TimeDelta::minutes(20)), Ok(()));
        assert_eq!(limiter.count(one, 2, now + TimeDelta::minutes(60)), Ok(()));
    }
}
