//! A simulated cluster on Google Cloud, see `simulated_google_cluster.py`; gone when the test ends.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde::Deserialize;
use serde_json::{Value, json};

use super::simulated_google::PROJECT;
use super::{kopsform, root, skip};

/// The cluster's name.
pub const CLUSTER: &str = "sim.example.com";

/// What was done so far.
#[derive(Debug, Deserialize)]
pub struct Seen {
    /// Changes in order, of both APIs.
    pub changes: Vec<String>,
    /// What broke the rules of an update.
    pub broken: Vec<String>,
    /// What is not as an update leaves it that did everything.
    pub untidy: Vec<String>,
    /// The names of the instances of each group.
    pub members: BTreeMap<String, Vec<String>>,
    /// The paths of groups and templates.
    pub resources: Vec<String>,
    /// The requests to Google Cloud, as `METHOD /path?query`.
    pub requests: Vec<String>,
}

impl Seen {
    /// The names of the instances that were recreated, in order.
    pub fn recreated(&self) -> Vec<&str> {
        self.changes.iter().filter_map(|change| change.strip_prefix("recreate ")).collect()
    }

    /// Asserts that no rule was broken.
    #[track_caller]
    pub fn keeps_the_rules(&self) -> &Self {
        assert!(self.broken.is_empty(), "{:#?}\n{:#?}", self.broken, self.changes);
        self
    }

    /// Asserts that no rule was broken and that nothing is left to do.
    #[track_caller]
    pub fn is_done(&self) -> &Self {
        self.keeps_the_rules();
        assert!(self.untidy.is_empty(), "{:#?}\n{:#?}", self.untidy, self.changes);
        self
    }
}

#[derive(Deserialize)]
struct Addresses {
    google: String,
    kube: String,
}

/// A running simulation with a state store in a scratch directory.
pub struct SimulatedGoogleCluster {
    home: tempfile::TempDir,
    server: Child,
    answers: BufReader<ChildStdout>,
    addresses: Addresses,
}

/// A group in zone a: `{"name": …, "role": …, "size": …}` and what `simulated_google_cluster.py` knows besides.
pub fn group(name: &str, role: &str, size: usize, more: Value) -> Value {
    let mut group = json!({ "name": name, "role": role, "size": size, "zones": ["us-test1-a"] });
    if let (Value::Object(group), Value::Object(more)) = (&mut group, more) {
        group.extend(more);
    }
    group
}

impl SimulatedGoogleCluster {
    /// `None`, after [`skip`], where `KOPSFORM_TEST_PYTHON` names no Python. `more` has what the simulation knows besides groups.
    pub fn start(groups: &[Value], more: Value) -> Option<Self> {
        let Some(python) = std::env::var_os("KOPSFORM_TEST_PYTHON") else {
            skip("KOPSFORM_TEST_PYTHON is not set to a Python with the packages of tests/requirements.txt");
            return None;
        };
        let home = tempfile::tempdir().unwrap();
        write_specs(&home.path().join("store"), groups);
        let mut server = Command::new(python)
            .arg(root().join("tests/it/support/simulated_google_cluster.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut spec = json!({ "cluster": CLUSTER, "groups": groups });
        if let (Value::Object(spec), Value::Object(more)) = (&mut spec, more) {
            spec.extend(more);
        }
        writeln!(server.stdin.as_mut().unwrap(), "{spec}").unwrap();
        let mut answers = BufReader::new(server.stdout.take().unwrap());
        let addresses: Addresses = serde_json::from_str(&line(&mut answers)).unwrap();
        let kubeconfig = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": CLUSTER,
            "clusters": [{ "name": CLUSTER, "cluster": { "server": addresses.kube } }],
            "users": [{ "name": CLUSTER, "user": {} }],
            "contexts": [{ "name": CLUSTER, "context": { "cluster": CLUSTER, "user": CLUSTER } }],
        });
        std::fs::write(home.path().join("kubeconfig"), kubeconfig.to_string()).unwrap();
        Some(Self { home, server, answers, addresses })
    }

    /// The program, with the cluster named and its cloud within reach.
    pub fn kopsform(&self, arguments: &[&str]) -> Command {
        let mut command = kopsform(self.home.path());
        command
            .args(arguments)
            .args(["--name", CLUSTER])
            .env("KOPS_STATE_STORE", format!("file://{}", self.home.path().join("store").display()))
            .env("CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE", &self.addresses.google)
            .env("STORAGE_EMULATOR_HOST", &self.addresses.google)
            .env_remove("GOOGLE_APPLICATION_CREDENTIALS")
            .env("USER", "tester");
        command
    }

    /// The same for a command that asks the Kubernetes API.
    pub fn with_kubernetes(&self, arguments: &[&str]) -> Command {
        let mut command = self.kopsform(arguments);
        command.arg("--use-kubeconfig");
        command
    }

    /// Runs a command that is killed at its call after `skip` others that match, before it is carried out or `after`; whether it
    /// was killed.
    pub fn killed(&mut self, command: &mut Command, at: &str, skip: usize, after: bool) -> bool {
        use std::os::unix::process::ExitStatusExt as _;
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let fault = json!({ "pid": child.id(), "match": at, "skip": skip, "after": after });
        writeln!(self.server.stdin.as_mut().unwrap(), "{fault}").unwrap();
        child.wait().unwrap().signal().is_some()
    }

    /// The home directory of the commands.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// What was done so far.
    pub fn seen(&mut self) -> Seen {
        writeln!(self.server.stdin.as_mut().unwrap(), "state").unwrap();
        serde_json::from_str(&line(&mut self.answers)).unwrap()
    }
}

impl Drop for SimulatedGoogleCluster {
    fn drop(&mut self) {
        drop(self.server.stdin.take()); // it ends with its input
        _ = self.server.wait();
    }
}

#[track_caller]
fn line(answers: &mut BufReader<ChildStdout>) -> String {
    let mut line = String::new();
    answers.read_line(&mut line).unwrap();
    assert!(!line.is_empty(), "the simulation has ended");
    line
}

fn write_specs(store: &Path, groups: &[Value]) {
    let write = |key: &str, object: Value| {
        let path: PathBuf = store.join(CLUSTER).join(key);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, object.to_string()).unwrap();
    };
    write(
        "config",
        json!({
            "apiVersion": "kops.k8s.io/v1alpha2", "kind": "Cluster", "metadata": { "name": CLUSTER },
            "spec": {
                "cloudProvider": "gce", "project": PROJECT, "configBase": format!("file://{}/{CLUSTER}", store.display()),
                "kubernetesVersion": "1.36.0", "topology": { "dns": { "type": "None" } },
                "api": { "loadBalancer": { "type": "Public" } },
                "subnets": [{ "name": "us-test1", "region": "us-test1", "type": "Public" }],
            },
        }),
    );
    for group in groups {
        let name = group["name"].as_str().unwrap();
        let role = match group["role"].as_str().unwrap() {
            "ControlPlane" => "Master",
            role => role,
        };
        let mut spec = json!({
            "role": role, "machineType": "e2-medium", "minSize": group["size"], "maxSize": group["size"],
            "subnets": ["us-test1"], "zones": group["zones"],
        });
        if let (Value::Object(spec), Value::Object(more)) = (&mut spec, group["spec"].clone()) {
            spec.extend(more);
        }
        let labels = json!({ "kops.k8s.io/cluster": CLUSTER });
        write(
            &format!("instancegroup/{name}"),
            json!({
                "apiVersion": "kops.k8s.io/v1alpha2", "kind": "InstanceGroup",
                "metadata": { "name": name, "labels": labels }, "spec": spec,
            }),
        );
    }
}
