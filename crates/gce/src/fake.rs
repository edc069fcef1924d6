//! A small Cloud Storage on this machine, for tests: objects with generations, conditions and pages.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use kopsform_env::{self as env, Environment};

/// What the server is like.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    /// Whether it leaves out the generation of what it sends, as emulators do.
    pub(crate) without_generations: bool,
    /// How many requests it carries out and then fails, as if the answer was lost.
    pub(crate) lost_answers: u32,
    /// The status with which it refuses everything.
    pub(crate) refuses: Option<u16>,
    /// The bucket's access control list; none where roles alone decide.
    pub(crate) acl: Option<Value>,
    /// Keys on a page of a list.
    pub(crate) page: usize,
}

#[derive(Default)]
struct State {
    settings: Settings,
    /// Key → generation, metadata and content.
    objects: BTreeMap<String, (u64, Value, Vec<u8>)>,
    generation: u64,
    requests: Vec<String>,
}

/// The server. Its threads end with the test.
#[derive(Clone)]
pub(crate) struct FakeStorage {
    address: String,
    state: Arc<Mutex<State>>,
}

impl FakeStorage {
    pub(crate) fn start(settings: Settings) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let fake = Self { address, state: Arc::new(Mutex::new(State { settings, ..State::default() })) };
        let server = fake.clone();
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let server = server.clone();
                std::thread::spawn(move || server.serve(connection));
            }
        });
        fake
    }

    /// The environment of a program that uses it.
    pub(crate) fn environment(&self) -> Environment {
        Environment::of([
            (env::STORAGE_EMULATOR_HOST, self.address.as_str()),
            (env::CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE, self.address.as_str()),
            (env::CLOUDSDK_CORE_PROJECT, "example-project"),
        ])
    }

    /// The requests so far, as `METHOD path`.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.state().requests.clone()
    }

    /// The metadata that an object was written with.
    pub(crate) fn metadata(&self, key: &str) -> Value {
        self.state().objects.get(key).map(|(_, metadata, _)| metadata.clone()).unwrap_or_default()
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self, connection: TcpStream) {
        let mut reader = BufReader::new(connection.try_clone().unwrap());
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let mut words = line.split_whitespace();
        let (method, target) =
            (words.next().unwrap_or_default().to_owned(), words.next().unwrap_or_default().to_owned());
        let mut length = 0;
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).unwrap();
            let header = header.trim().to_ascii_lowercase();
            if header.is_empty() {
                break;
            }
            if let Some(value) = header.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let (status, generation, content) = self.answer(&method, &target, &body);
        let generation =
            generation.map(|generation| format!("x-goog-generation: {generation}\r\n")).unwrap_or_default();
        let head = format!(
            "HTTP/1.1 {status} X\r\nConnection: close\r\n{generation}Content-Length: {}\r\n\r\n",
            content.len()
        );
        let mut connection = connection;
        let _ = connection.write_all(head.as_bytes()).and_then(|()| connection.write_all(&content));
    }

    /// Status, generation and content of an answer.
    fn answer(&self, method: &str, target: &str, body: &[u8]) -> (u16, Option<u64>, Vec<u8>) {
        let mut state = self.state();
        state.requests.push(format!("{method} {target}"));
        if let Some(status) = state.settings.refuses {
            return (status, None, error("forbidden", "no access"));
        }
        let answer = state.carry_out(method, target, body);
        let changes = method != "GET" && answer.0 < 300;
        if changes && state.settings.lost_answers > 0 {
            state.settings.lost_answers -= 1;
            return (503, None, Vec::new());
        }
        answer
    }
}

fn error(reason: &str, message: &str) -> Vec<u8> {
    json!({ "error": { "message": message, "errors": [{ "reason": reason }] } }).to_string().into_bytes()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next().unwrap(), rest.next().unwrap()];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}

impl State {
    fn carry_out(&mut self, method: &str, target: &str, body: &[u8]) -> (u16, Option<u64>, Vec<u8>) {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let query: BTreeMap<&str, String> = pairs.map(|(name, value)| (name, decoded(value))).collect();
        let wanted = query.get("ifGenerationMatch").map(|value| value.parse::<u64>().unwrap());
        let json = |value: Value| (200, None, value.to_string().into_bytes());
        if path.starts_with("/upload/") {
            let text = String::from_utf8_lossy(body).into_owned();
            let boundary = text.lines().next().unwrap().to_owned();
            let parts: Vec<&str> = text.split(&boundary).collect();
            let part = |i: usize| parts[i].split_once("\r\n\r\n").unwrap().1.strip_suffix("\r\n").unwrap().to_owned();
            let metadata: Value = serde_json::from_str(&part(1)).unwrap();
            let key = metadata["name"].as_str().unwrap().to_owned();
            if wanted.is_some_and(|wanted| wanted != self.objects.get(&key).map_or(0, |object| object.0)) {
                return (412, None, error("conditionNotMet", "the condition does not hold"));
            }
            self.generation += 1;
            self.objects.insert(key, (self.generation, metadata, part(2).into_bytes()));
            return json(json!({ "generation": self.generation.to_string() }));
        }
        if path == "/compute/v1/projects/example-project" {
            return json(json!({ "defaultServiceAccount": "1-compute@developer.gserviceaccount.com" }));
        }
        let key = match path.strip_prefix("/storage/v1/b/state").unwrap() {
            "" => {
                let uniform = self.settings.acl.is_none();
                return json(json!({
                    "iamConfiguration": { "uniformBucketLevelAccess": { "enabled": uniform } },
                    "defaultObjectAcl": self.settings.acl,
                }));
            }
            "/o" => {
                let prefix = query.get("prefix").cloned().unwrap_or_default();
                let after = query.get("pageToken").cloned().unwrap_or_default();
                let page = if self.settings.page == 0 { 1000 } else { self.settings.page };
                let fits = |key: &&String| key.starts_with(&prefix) && **key > after;
                let keys: Vec<&String> = self.objects.keys().filter(fits).take(page).collect();
                let items: Vec<Value> = keys.iter().map(|key| json!({ "name": key })).collect();
                let next = if keys.len() == page { keys.last().map(|key| (*key).clone()) } else { None };
                return json(json!({ "items": items, "nextPageToken": next }));
            }
            rest => decoded(rest.strip_prefix("/o/").unwrap()),
        };
        let Some((generation, metadata, content)) = self.objects.get(&key) else {
            return (404, None, error("notFound", "No such object"));
        };
        if wanted.is_some_and(|wanted| wanted != *generation) {
            return (412, None, error("conditionNotMet", "the condition does not hold"));
        }
        match method {
            "DELETE" => {
                self.objects.remove(&key);
                (204, None, Vec::new())
            }
            _ if query.contains_key("alt") => {
                (200, Some(*generation).filter(|_| !self.settings.without_generations), content.clone())
            }
            _ => json(json!({ "generation": generation.to_string(), "md5Hash": metadata["md5Hash"] })),
        }
    }
}
