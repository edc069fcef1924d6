//! A simulated AWS: moto, with a VPC, subnets, hosted zones and a bucket in it, gone when the test ends.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use serde::Deserialize;
use serde_json::{Value, json};

use super::simulations::Simulation;
use super::{keysets, kopsform};

/// The bucket of the state store.
pub const BUCKET: &str = "state";

/// What the simulator says is in it.
#[derive(Debug, Deserialize)]
struct Content {
    endpoint: String,
    image: String,
    vpc: String,
    subnets: BTreeMap<String, String>,
}

/// A running simulator.
pub struct SimulatedAws {
    simulation: Simulation,
    content: Content,
}

impl SimulatedAws {
    /// `None` where there is no simulation: [`Simulation::start`].
    pub fn start() -> Option<Self> {
        Self::start_simulation("simulated_aws")
    }

    /// The same, with the Kubernetes API of a cluster and an inventory of the account: [`SimulatedAws::ask`].
    pub fn start_account() -> Option<Self> {
        Self::start_simulation("simulated_account")
    }

    fn start_simulation(name: &str) -> Option<Self> {
        let mut simulation = Simulation::start(name)?;
        let content = simulation.answer();
        Some(Self { simulation, content })
    }

    /// Sends a line of input to the simulation, which answers with a line of JSON.
    #[track_caller]
    pub fn ask<T: serde::de::DeserializeOwned>(&mut self, line: &str) -> T {
        self.simulation.ask(line)
    }

    /// A spec with `{vpc}`, `{image}` and names of subnets such as `{public-a}` filled in.
    pub fn fill(&self, text: &str) -> String {
        let text = text.replace("{vpc}", &self.content.vpc).replace("{image}", &self.content.image);
        self.content.subnets.iter().fold(text, |text, (name, id)| text.replace(&format!("{{{name}}}"), id))
    }

    /// Stores the keysets that every cluster has, which saves the CPU time of new ones. See [`give_keys`](super::give_keys).
    pub fn give_keys(&self, cluster: &str) {
        let objects: BTreeMap<String, String> = keysets(cluster).collect();
        self.control("POST", &json!({ "objects": objects }));
    }

    /// Kills a process once it has sent that many requests that write.
    pub fn kill_after(&self, process: u32, writes: usize) {
        self.control("POST", &json!({ "kill": process, "after": writes }));
    }

    /// Lets that part of all requests fail: some are not carried out, and some are although the answer is an error.
    pub fn fail(&self, percent: u32, seed: u32) {
        self.control("POST", &json!({ "fail": percent, "seed": seed }));
    }

    /// Loses the first answer to each request of some actions, which a regular expression names: it is carried out, and the answer
    /// is an error.
    pub fn lose_answers(&self, actions: &str) {
        self.control("POST", &json!({ "lose": actions }));
    }

    /// Ends failures, and counts requests that write from now on.
    pub fn count(&self) {
        self.control("POST", &json!({}));
    }

    /// How many requests that write were carried out.
    pub fn writes(&self) -> usize {
        self.control("GET", &Value::Null)["writes"].as_u64().unwrap().try_into().unwrap()
    }

    /// What is in the account, without IDs and times.
    pub fn account(&self) -> Value {
        self.control("GET", &Value::Null)["account"].take()
    }

    /// Asks the simulator itself.
    fn control(&self, method: &str, body: &Value) -> Value {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let mut stream = TcpStream::connect(self.address()).unwrap();
        let host = self.address();
        write!(stream, "{method} /test HTTP/1.0\r\nHost: {host}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, content) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(" 200 "), "{answer}");
        serde_json::from_str(content).unwrap()
    }

    /// Host and port.
    pub fn address(&self) -> &str {
        self.content.endpoint.trim_start_matches("http://")
    }

    /// Lets a command talk to the simulator.
    pub fn connect(&self, command: &mut Command) {
        command
            .env("AWS_ENDPOINT_URL", &self.content.endpoint)
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_REGION", "us-east-1")
            .env("AWS_EC2_METADATA_DISABLED", "true");
    }

    /// The program in the simulator, with a state store and the hashes of the node software in a lock file.
    pub fn kopsform(&self, home: &Path) -> Command {
        let lock = home.join("kopsform.lock");
        if !lock.exists() {
            std::fs::write(&lock, lock_of_node_software()).unwrap();
        }
        let mut command = kopsform(home);
        self.connect(&mut command);
        command.env("KOPS_STATE_STORE", format!("s3://{BUCKET}")).env("KOPSFORM_LOCK", lock).current_dir(home);
        command
    }
}

/// Hashes of the files that no network is needed for in a test: nothing downloads them.
pub fn lock_of_node_software() -> String {
    let address = |file: &str| format!("https://artifacts.k8s.io/binaries/kops/{}/{file}", kopsform_spec::KOPS_VERSION);
    let files = ["linux/amd64/nodeup", "linux/arm64/nodeup", "linux/amd64/protokube", "linux/arm64/protokube"];
    let assets: BTreeMap<String, String> = files.into_iter().map(|file| (address(file), "0".repeat(64))).collect();
    serde_json::json!({"version": 1, "assets": assets}).to_string()
}
