//! A proxy between the program and a server, which counts requests and can make them fail.
//!
//! It lets one write through at a time, as a server does for which a write with a condition is one step.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What happens to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is passed on.
    Pass,
    /// It is passed on after a while.
    PassAfter(Duration),
    /// It is answered with an error and not passed on.
    Refuse(u16),
    /// It gets this answer and is not passed on.
    Answer(&'static str),
    /// It is not passed on, and the connection ends.
    Lose,
    /// It is passed on, and the answer is cut off in the middle.
    CutOff,
}

/// A request as the proxy saw it.
#[derive(Debug, Clone)]
pub struct Request {
    /// `GET`, `PUT`.
    pub method: String,
    /// The path with its query.
    pub path: String,
    /// The header, in lower case.
    pub head: String,
}

impl Request {
    /// Whether it changes something.
    pub fn is_write(&self) -> bool {
        matches!(self.method.as_str(), "PUT" | "DELETE" | "POST")
    }
}

/// Decides about a request by itself and its number, from 0.
pub type Judge = dyn Fn(&Request, usize) -> Fate + Send + Sync;

/// A running proxy.
pub struct Proxy {
    /// Host and port.
    pub address: String,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    requests: Mutex<Vec<Request>>,
    writing: Mutex<()>,
    in_flight: AtomicUsize,
    most_in_flight: AtomicUsize,
}

impl Proxy {
    /// Starts a proxy before a server.
    pub fn start(server: &str, judge: impl Fn(&Request, usize) -> Fate + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (seen, server) = (Arc::new(Seen::default()), server.to_owned());
        let judge: Arc<Judge> = Arc::new(judge);
        let shared = seen.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().filter_map(Result::ok) {
                let (seen, judge, server) = (shared.clone(), judge.clone(), server.clone());
                std::thread::spawn(move || serve(stream, &server, &seen, &*judge));
            }
        });
        Self { address, seen }
    }

    /// A proxy that passes everything on.
    pub fn passing(server: &str) -> Self {
        Self::start(server, |_, _| Fate::Pass)
    }

    /// The requests so far, but not those about the encryption of a bucket, which are sent once a bucket.
    pub fn requests(&self) -> Vec<Request> {
        let requests = self.seen.requests.lock().unwrap();
        requests.iter().filter(|request| !request.path.contains("?encryption")).cloned().collect()
    }

    /// Forgets the requests so far.
    pub fn forget(&self) {
        self.seen.requests.lock().unwrap().clear();
        self.seen.most_in_flight.store(0, Ordering::SeqCst);
    }

    /// Waits until no request has been under way for a while.
    pub async fn settle(&self) {
        const QUIET: u32 = 40;
        let mut quiet = 0;
        while quiet < QUIET {
            tokio::time::sleep(Duration::from_millis(10)).await;
            quiet = if self.seen.in_flight.load(Ordering::SeqCst) == 0 { quiet + 1 } else { 0 };
        }
    }

    /// How many requests were under way at once.
    pub fn most_in_flight(&self) -> usize {
        self.seen.most_in_flight.load(Ordering::SeqCst)
    }
}

fn serve(mut client: TcpStream, server: &str, seen: &Seen, judge: &Judge) {
    let Some((head, body)) = read_request(&mut client) else { return };
    let mut words = head.split_whitespace();
    let request = Request {
        method: words.next().unwrap_or_default().to_owned(),
        path: words.next().unwrap_or_default().to_owned(),
        head: head.to_ascii_lowercase(),
    };
    let number = {
        let mut requests = seen.requests.lock().unwrap();
        requests.push(request.clone());
        requests.len() - 1
    };
    let now = seen.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
    seen.most_in_flight.fetch_max(now, Ordering::SeqCst);
    let fate = judge(&request, number);
    if let Fate::PassAfter(pause) = fate {
        std::thread::sleep(pause);
    }
    let answer = match fate {
        Fate::Refuse(status) => {
            format!("HTTP/1.1 {status} Failed\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").into_bytes()
        }
        Fate::Answer(answer) => answer.as_bytes().to_vec(),
        Fate::Lose => Vec::new(),
        Fate::Pass | Fate::PassAfter(_) | Fate::CutOff => {
            let _one_at_a_time = request.is_write().then(|| seen.writing.lock().unwrap());
            let mut answer = pass_on(server, &head, &body);
            if fate == Fate::CutOff {
                answer.truncate(answer.len() / 2);
            }
            answer
        }
    };
    let _ = client.write_all(&answer);
    let _ = client.shutdown(Shutdown::Both);
    seen.in_flight.fetch_sub(1, Ordering::SeqCst);
}

/// The head and the body of a request; none when the connection ends before.
fn read_request(client: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 16 * 1024];
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        match client.read(&mut buffer) {
            Ok(0) | Err(_) => return None,
            Ok(read) => bytes.extend_from_slice(&buffer[..read]),
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut body = bytes[end..].to_vec();
    let field = |name: &str| {
        let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with(&format!("{name}:")))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    if field("expect").is_some() {
        client.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").ok()?;
    }
    let length: usize = field("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    while body.len() < length {
        match client.read(&mut buffer) {
            Ok(0) | Err(_) => return None,
            Ok(read) => body.extend_from_slice(&buffer[..read]),
        }
    }
    Some((head, body))
}

/// Sends a request to the server and gives the whole answer.
fn pass_on(server: &str, head: &str, body: &[u8]) -> Vec<u8> {
    let lines = head.trim_end().lines().filter(|line| {
        let line = line.to_ascii_lowercase();
        !line.starts_with("connection:") && !line.starts_with("expect:")
    });
    let mut text: String = lines.map(|line| format!("{line}\r\n")).collect();
    text.push_str("Connection: close\r\n\r\n");
    let mut answer = Vec::new();
    let Ok(mut stream) = TcpStream::connect(server) else { return answer };
    let sent = stream.write_all(text.as_bytes()).and_then(|()| stream.write_all(body));
    if sent.is_ok() {
        let _ = stream.read_to_end(&mut answer);
    }
    answer
}
