//! A mail server on loopback that records what it takes and fails when told to.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::Semaphore,
};

/// Where a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    Connect,
    Hello,
    Mail,
    Rcpt,
    Data,
    /// After 354, before the text is read.
    Text,
    /// After the final dot.
    Dot,
}

/// What happens there, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The connection is closed without an answer (at the dot: after the mail was taken).
    Drop,
    /// No answer, connection kept (at the dot: after the mail was taken).
    Hang,
    /// At the dot: the mail is taken, and answered when [`Sink::release`] is called.
    Hold,
    /// This line instead of the usual one; a mail answered with anything but 250 is not taken.
    Say(&'static str),
    /// The usual answer twice: the client is one reply behind from here on.
    Twice,
}

/// A mail that was taken.
#[derive(Debug, Clone)]
pub struct Taken {
    pub from: String,
    pub to: String,
    pub message_id: String,
    pub data: String,
}

/// The server; it ends with the test's runtime.
#[derive(Clone)]
pub struct Sink {
    pub address: SocketAddr,
    state: Arc<Mutex<State>>,
    held: Arc<Semaphore>,
}

#[derive(Default)]
struct State {
    faults: VecDeque<(At, Fault)>,
    taken: Vec<Taken>,
    released: usize,
    connections: usize,
    drops_texts: bool,
}

impl Sink {
    /// Listens on a free port.
    pub async fn start() -> Self {
        Self::start_at("127.0.0.1:0".parse().unwrap()).await
    }

    /// Listens on that address.
    pub async fn start_at(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let sink = Self {
            address: listener.local_addr().unwrap(),
            state: Arc::default(),
            held: Arc::new(Semaphore::new(0)),
        };
        let accepting = sink.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                accepting.state.lock().unwrap().connections += 1;
                let sink = accepting.clone();
                tokio::spawn(async move { sink.serve(stream).await });
            }
        });
        sink
    }

    /// The next time that a client comes to `at`.
    pub fn fault(&self, at: At, fault: Fault) {
        self.state.lock().unwrap().faults.push_back((at, fault));
    }

    /// Lets go of one answer that is held by [`Fault::Hold`].
    pub fn release(&self) {
        self.held.add_permits(1);
    }

    /// Keeps no texts: for tests with more mails than fit into memory twice.
    pub fn drop_texts(&self) {
        self.state.lock().unwrap().drops_texts = true;
    }

    /// How many mails were taken so far.
    pub fn taken_count(&self) -> usize {
        self.state.lock().unwrap().taken.len()
    }

    /// How many answers that were held have been given.
    pub fn released_count(&self) -> usize {
        self.state.lock().unwrap().released
    }

    /// Whether every fault has struck.
    pub fn is_struck(&self) -> bool {
        self.state.lock().unwrap().faults.is_empty()
    }

    /// Mails taken so far.
    pub fn taken(&self) -> Vec<Taken> {
        self.state.lock().unwrap().taken.clone()
    }

    /// Connections accepted so far.
    pub fn connections(&self) -> usize {
        self.state.lock().unwrap().connections
    }

    fn struck(&self, at: At) -> Option<Fault> {
        let faults = &mut self.state.lock().unwrap().faults;
        let found = faults.iter().position(|(there, _)| *there == at)?;
        faults.remove(found).map(|(_, fault)| fault)
    }

    /// `None` ends the connection, as a closed socket does.
    async fn serve(&self, stream: TcpStream) -> Option<()> {
        stream.set_nodelay(true).ok()?;
        let (read, mut write) = stream.into_split();
        let mut read = BufReader::new(read);
        let mut mail = Taken {
            from: String::new(),
            to: String::new(),
            message_id: String::new(),
            data: String::new(),
        };
        self.answer(At::Connect, "220 sink ESMTP", &mut write).await?;
        loop {
            let line = line(&mut read).await?;
            let (at, usual) = match line.split(' ').next()?.to_ascii_uppercase().as_str() {
                "EHLO" | "HELO" => (At::Hello, "250-sink\r\n250 8BITMIME"),
                "MAIL" => (At::Mail, "250 2.1.0 Ok"),
                "RCPT" => (At::Rcpt, "250 2.1.5 Ok"),
                "DATA" => (At::Data, "354 go ahead"),
                "QUIT" => {
                    let _ = write.write_all(b"221 bye\r\n").await;
                    return None;
                }
                _ => (At::Hello, "250 Ok"),
            };
            match at {
                At::Mail => mail.from = between(&line),
                At::Rcpt => mail.to = between(&line),
                _ => {}
            }
            let said = self.answer(at, usual, &mut write).await?;
            if at == At::Data && said.starts_with("354") {
                self.text(&mut mail, &mut read, &mut write).await?;
            }
        }
    }

    async fn text(
        &self,
        mail: &mut Taken,
        read: &mut BufReader<OwnedReadHalf>,
        write: &mut OwnedWriteHalf,
    ) -> Option<()> {
        if self.struck(At::Text) == Some(Fault::Drop) {
            return None;
        }
        mail.data.clear();
        loop {
            let line = line(read).await?;
            if line == "." {
                break;
            }
            mail.data.push_str(line.strip_prefix('.').unwrap_or(&line));
            mail.data.push_str("\r\n");
        }
        let id = mail.data.lines().find_map(|l| l.strip_prefix("Message-ID: "));
        let id = id.unwrap_or_default().to_owned();
        mail.message_id = id;
        let fault = self.struck(At::Dot);
        let is_taken = !matches!(fault, Some(Fault::Say(line)) if !line.starts_with("250"));
        if is_taken {
            let mut state = self.state.lock().unwrap();
            if state.drops_texts {
                mail.data.clear();
            }
            state.taken.push(mail.clone());
        }
        let is_held = fault == Some(Fault::Hold);
        if is_held {
            self.held.acquire().await.ok()?.forget();
        }
        let fault = fault.filter(|_| !is_held);
        apply(fault, "250 2.0.0 Ok: queued", write).await?;
        self.state.lock().unwrap().released += usize::from(is_held);
        Some(())
    }

    async fn answer(&self, at: At, usual: &'static str, write: &mut OwnedWriteHalf) -> Option<&'static str> {
        apply(self.struck(at), usual, write).await
    }
}

async fn apply(
    fault: Option<Fault>,
    usual: &'static str,
    write: &mut OwnedWriteHalf,
) -> Option<&'static str> {
    let (said, times) = match fault {
        None => (usual, 1),
        Some(Fault::Say(line)) => (line, 1),
        Some(Fault::Twice) => (usual, 2),
        Some(Fault::Drop) => return None,
        Some(Fault::Hang | Fault::Hold) => std::future::pending().await,
    };
    let lines = format!("{said}\r\n").repeat(times);
    write.write_all(lines.as_bytes()).await.ok()?;
    Some(said)
}

async fn line(read: &mut BufReader<OwnedReadHalf>) -> Option<String> {
    let mut bytes = Vec::new();
    read.read_until(b'\n', &mut bytes).await.ok()?;
    let line = String::from_utf8(bytes).ok()?;
    line.strip_suffix("\r\n").map(str::to_owned)
}

fn between(line: &str) -> String {
    let inner = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inner.map_or_else(String::new, |(address, _)| address.to_owned())
}
