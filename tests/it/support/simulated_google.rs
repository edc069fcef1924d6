//! A simulated Google Cloud, see `simulated_google.py`; gone when the test ends.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use super::{keysets, kopsform, root, skip};

/// The project of clusters.
pub const PROJECT: &str = "example-project";
/// The region of clusters; its zones end in `-a`, `-b` and `-c`.
pub const REGION: &str = "us-test1";
/// The bucket of the state store. There is also one called `backups`.
pub const BUCKET: &str = "state";

/// A running simulator.
pub struct SimulatedGoogle {
    server: Child,
    endpoint: String,
}

impl SimulatedGoogle {
    /// `None`, after [`skip`], where `KOPSFORM_TEST_PYTHON` names no Python.
    pub fn start() -> Option<Self> {
        let Some(python) = std::env::var_os("KOPSFORM_TEST_PYTHON") else {
            skip("KOPSFORM_TEST_PYTHON is not set to a Python with the packages of tests/requirements.txt");
            return None;
        };
        let mut server = Command::new(python)
            .arg(root().join("tests/it/support/simulated_google.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let content: Value = serde_json::from_str(&line).unwrap();
        Some(Self { server, endpoint: content["endpoint"].as_str().unwrap().to_owned() })
    }

    /// Items on a page of a list, and how many requests an operation takes; 0 means no limit, or at once.
    pub fn set_pace(&self, page: u32, slow: u32) {
        self.control("POST", &json!({ "page": page, "slow": slow }));
    }

    /// Adds resources that exist: a collection such as `projects/p/global/networks`, and what the request would have sent.
    pub fn add(&self, resources: &[(String, Value)]) {
        self.control("POST", &json!({ "add": resources }));
    }

    /// Stores the keysets that every cluster has, which saves the CPU time of new ones. See [`give_keys`](super::give_keys).
    pub fn give_keys(&self, cluster: &str) {
        let object = |(key, text)| ("objects".to_owned(), json!({ "bucket": BUCKET, "name": key, "content": text }));
        self.add(&keysets(cluster).map(object).collect::<Vec<_>>());
    }

    /// Changes fields of a resource that exists.
    pub fn set_fields(&self, path: &str, fields: &Value) {
        self.control("POST", &json!({ "set": [path, fields] }));
    }

    /// Sets the IAM policy of the project.
    pub fn set_project_policy(&self, policy: &Value) {
        self.control("POST", &json!({ "project": PROJECT, "policy": policy }));
    }

    /// Sets the IAM policy of a bucket.
    pub fn set_bucket_policy(&self, bucket: &str, policy: &Value) {
        self.control("POST", &json!({ "bucket": bucket, "policy": policy }));
    }

    /// Remembers everything that exists.
    pub fn save(&self) {
        self.control("POST", &json!({ "save": true }));
    }

    /// Everything is as it was at [`SimulatedGoogle::save`].
    pub fn restore(&self) {
        self.control("POST", &json!({ "restore": true }));
    }

    /// Kills a process at its `at`-th request from now on: before it is carried out, or `after`.
    pub fn kill(&self, process: u32, at: usize, after: bool) {
        self.control("POST", &json!({ "kill": process, "at": at, "after": after }));
    }

    /// Kills a process once its `at`-th request from now on that changes something was carried out, so that its answer is lost.
    pub fn kill_after_write(&self, process: u32, at: usize) {
        self.control("POST", &json!({ "kill": process, "at": at, "after": true, "writes": true }));
    }

    /// Counts requests from now on.
    pub fn count(&self) {
        self.control("POST", &json!({ "reset": true }));
    }

    /// The requests since [`SimulatedGoogle::count`] or [`SimulatedGoogle::kill`], as `METHOD /path?query`.
    pub fn requests(&self) -> Vec<String> {
        serde_json::from_value(self.control("GET", &Value::Null)["log"].take()).unwrap()
    }

    /// Everything that exists, without ids and fingerprints.
    pub fn world(&self) -> Value {
        self.control("GET", &Value::Null)["world"].take()
    }

    fn control(&self, method: &str, body: &Value) -> Value {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let host = self.endpoint.trim_start_matches("http://");
        let mut stream = TcpStream::connect(host).unwrap();
        let head = format!(
            "{method} /test HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        write!(stream, "{head}{body}").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, content) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(" 200 "), "{answer}");
        serde_json::from_str(content).unwrap()
    }

    /// The address, such as `http://127.0.0.1:1234`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Lets a command talk to the simulator. It asks for no credentials.
    pub fn connect(&self, command: &mut Command) {
        for variable in ["COMPUTE", "DNS", "IAM", "CLOUDRESOURCEMANAGER", "STORAGE"] {
            command.env(format!("CLOUDSDK_API_ENDPOINT_OVERRIDES_{variable}"), format!("{}/", self.endpoint()));
        }
        command.env("STORAGE_EMULATOR_HOST", &self.endpoint).env("CLOUDSDK_CORE_PROJECT", PROJECT);
        command.env_remove("GOOGLE_APPLICATION_CREDENTIALS");
    }

    /// The program in the simulator, with a state store and the hashes of the node software in a lock file.
    pub fn kopsform(&self, home: &Path) -> Command {
        let mut command = kopsform(home);
        self.connect(&mut command);
        command.env("KOPS_STATE_STORE", format!("gs://{BUCKET}")).current_dir(home);
        command
    }
}

impl Drop for SimulatedGoogle {
    fn drop(&mut self) {
        drop(self.server.stdin.take()); // it ends with its input
        _ = self.server.wait();
    }
}
