//! Moto as S3 and the rest of AWS, in a process of its own; one for all tests.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use kopsform_env::Environment;
use kopsform_state::StateStore;

use crate::support::skip;

/// Serves until its standard input ends, as it does when the tests do.
const SERVER: &str = "
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address='127.0.0.1', port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
";

/// A running server.
pub struct Moto {
    /// Host and port.
    pub address: String,
    _process: Child,
}

/// The server, started once; `None`, and a message, where Python with moto is not available.
pub fn moto() -> Option<&'static Moto> {
    static MOTO: OnceLock<Option<Moto>> = OnceLock::new();
    let moto = MOTO.get_or_init(start).as_ref();
    if moto.is_none() {
        skip("no moto: set KOPSFORM_TEST_PYTHON to a Python that has it");
    }
    moto
}

fn start() -> Option<Moto> {
    let python = std::env::var_os("KOPSFORM_TEST_PYTHON")?;
    let mut process = Command::new(python)
        .args(["-c", SERVER])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut port = String::new();
    BufReader::new(process.stdout.take()?).read_line(&mut port).ok()?;
    let port: u16 = port.trim().parse().ok()?;
    Some(Moto { address: format!("127.0.0.1:{port}"), _process: process })
}

impl Moto {
    /// A new bucket of its own.
    pub fn bucket(&self) -> String {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let bucket = format!("state-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::SeqCst));
        let answer = request(&self.address, "PUT", &format!("/{bucket}"), "");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        bucket
    }
}

/// The settings with which a server at an address is S3.
pub fn settings(address: &str) -> [(&'static str, String); 4] {
    [
        ("S3_ENDPOINT", format!("http://{address}")),
        ("S3_REGION", "us-east-1".to_owned()),
        ("S3_ACCESS_KEY_ID", "test".to_owned()),
        ("S3_SECRET_ACCESS_KEY", "test".to_owned()),
    ]
}

/// A bucket's state store, reached at an address.
pub fn state_store(address: &str, bucket: &str) -> StateStore {
    let settings = settings(address);
    let environment = Environment::of([0, 1, 2, 3].map(|i| (settings[i].0, settings[i].1.as_str())));
    kopsform::ops::support::stores::open_state(&format!("s3://{bucket}"), &environment).unwrap()
}

/// A request without a signature, and the whole answer.
pub fn request(address: &str, method: &str, path: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
