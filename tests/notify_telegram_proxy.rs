//! The Bot API behind a proxy: plain HTTP and SOCKS5, each a few lines of its standard.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use loa::{
    domain::subscription::{Address, Channel},
    notify::{
        Secret, SendError,
        message::Post,
        telegram::{Telegram, TelegramSettings},
    },
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional},
    net::{TcpListener, TcpStream},
};

use crate::common::stand_ins::StandIn;

/// A proxy on loopback, and how many connections it passed on.
async fn proxy(is_socks: bool, to: SocketAddr) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, passed) = (listener.local_addr().unwrap(), Arc::<AtomicUsize>::default());
    let count = Arc::clone(&passed);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let count = Arc::clone(&count);
            tokio::spawn(async move {
                if is_socks {
                    greet(&mut client).await;
                }
                // A request to an HTTP proxy names the whole address; the stand-in reads its path.
                let mut server = TcpStream::connect(to).await.unwrap();
                count.fetch_add(1, Ordering::Relaxed);
                let _ = copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    (address, passed)
}

/// RFC 1928: no authentication, CONNECT to a name.
async fn greet(client: &mut TcpStream) {
    let mut hello = [0; 2];
    client.read_exact(&mut hello).await.unwrap();
    let mut methods = vec![0; usize::from(hello[1])];
    client.read_exact(&mut methods).await.unwrap();
    client.write_all(&[5, 0]).await.unwrap();
    let mut request = [0; 5];
    client.read_exact(&mut request).await.unwrap();
    assert_eq!(
        request[..4],
        [5, 1, 0, 3],
        "the proxy resolves the name: here it may be blocked"
    );
    let mut name = vec![0; usize::from(request[4]) + 2];
    client.read_exact(&mut name).await.unwrap();
    assert_eq!(name[..name.len() - 2], *b"bot-api.example");
    client.write_all(&[5, 0, 0, 1, 127, 0, 0, 1, 0, 0]).await.unwrap();
}

fn telegram(proxy: &str) -> Telegram {
    let mut settings = TelegramSettings::new(Secret::new("123456:TEST"));
    settings.api_url = Some("http://bot-api.example".to_owned());
    settings.proxy = Some(Secret::new(proxy));
    Telegram::new(&settings).unwrap()
}

fn post() -> Post {
    Post {
        html: "tin".to_owned(),
        buttons: Vec::new(),
        silent: false,
        preview: false,
    }
}

#[tokio::test]
async fn posts_go_through_http_and_socks5_proxies() {
    let Some(stand_in) = StandIn::unlimited_bot_api() else {
        return;
    };
    let there: SocketAddr = stand_in.url().trim_start_matches("http://").parse().unwrap();
    let to = Address::parse(Channel::Telegram, "42").unwrap();
    for (scheme, is_socks) in [("http", false), ("socks5h", true)] {
        let (address, passed) = proxy(is_socks, there).await;
        let bot = telegram(&format!("{scheme}://{address}"));
        bot.send(&to, &post()).await.unwrap();
        assert_eq!(bot.me().await.unwrap(), "@loa_test_bot");
        assert!(passed.load(Ordering::Relaxed) > 0, "{scheme}");
    }
    assert_eq!(stand_in.lines("sent").len(), 2);
}

#[tokio::test]
async fn a_proxy_that_is_away_means_that_nothing_was_sent() {
    let closed = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let to = Address::parse(Channel::Telegram, "42").unwrap();
    for scheme in ["http", "socks5h"] {
        let sent = telegram(&format!("{scheme}://{closed}")).send(&to, &post()).await;
        assert!(
            matches!(sent, Err(SendError::Unreachable(_))),
            "{scheme}: {sent:?}"
        );
    }
}

#[tokio::test]
async fn paid_broadcast_is_asked_for_where_it_is_wished() {
    let Some(stand_in) = StandIn::unlimited_bot_api() else {
        return;
    };
    let mut settings = TelegramSettings::new(Secret::new("123456:TEST"));
    settings.api_url = Some(stand_in.url());
    settings.pays_for_broadcast = true;
    let bot = Telegram::new(&settings).unwrap();
    // The stand-in refuses fields that the Bot API does not have.
    let to = Address::parse(Channel::Telegram, "42").unwrap();
    bot.send(&to, &post()).await.unwrap();
}
