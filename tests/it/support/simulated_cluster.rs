//! A simulated cluster: auto scaling groups in moto, and a Kubernetes API that asks for client certificates.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::Command;

use serde::Deserialize;
use serde_json::{Value, json};

use super::simulations::Simulation;
use super::{kopsform, succeed};

/// The cluster's name.
pub const CLUSTER: &str = "sim.example.com";

/// What was asked and done so far.
#[derive(Debug, Deserialize)]
pub struct Seen {
    /// How often each AWS call was made.
    pub calls: BTreeMap<String, usize>,
    /// Changes in order: AWS calls with their instances, patches of nodes, evictions.
    pub changes: Vec<String>,
    /// The subjects of the client certificates.
    pub subjects: Vec<String>,
    /// The instances of each auto scaling group.
    pub members: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
struct Addresses {
    aws: String,
    kube: String,
}

/// A running simulation with a state store in a scratch directory.
pub struct SimulatedCluster {
    home: tempfile::TempDir,
    simulation: Simulation,
    addresses: Addresses,
}

/// A group of instances: `{"name": …, "role": …, "size": …}` and what `simulated_cluster.py` knows besides.
pub fn group(name: &str, role: &str, size: usize, more: Value) -> Value {
    let mut group = json!({ "name": name, "role": role, "size": size });
    if let (Value::Object(group), Value::Object(more)) = (&mut group, more) {
        group.extend(more);
    }
    group
}

impl SimulatedCluster {
    /// `None` where there is no simulation: [`Simulation::start`].
    ///
    /// Each group has a spec in the state store, unless it says `"unexpected": true`.
    pub fn start(groups: &[Value]) -> Option<Self> {
        let mut simulation = Simulation::start("simulated_cluster")?;
        let home = tempfile::tempdir().unwrap();
        write_specs(&home.path().join("store"), groups);
        let keyset = ["create", "keypair", "kubernetes-ca", "--primary", "--name", CLUSTER];
        succeed(kopsform(home.path()).args(keyset).env("KOPS_STATE_STORE", store_url(&home)));
        let keyset = home.path().join("store").join(CLUSTER).join("pki/private/kubernetes-ca/keyset.yaml");
        let spec = json!({ "cluster": CLUSTER, "keyset": keyset, "groups": groups, "pods": true });
        let addresses = simulation.ask(&spec.to_string());
        Some(Self { home, simulation, addresses })
    }

    /// The program, with the cluster named and its APIs within reach.
    pub fn kopsform(&self, arguments: &[&str]) -> Command {
        let mut command = kopsform(self.home.path());
        command
            .args(arguments)
            .args(["--name", CLUSTER])
            .env("KOPS_STATE_STORE", store_url(&self.home))
            .env("AWS_ENDPOINT_URL", &self.addresses.aws)
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_REGION", "us-east-1")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("USER", "tester");
        command
    }

    /// The same for a command that asks the Kubernetes API.
    pub fn with_kubernetes(&self, arguments: &[&str]) -> Command {
        let mut command = self.kopsform(arguments);
        command.args(["--api-server", &self.addresses.kube]);
        command
    }

    /// The address of the Kubernetes API.
    pub fn kube(&self) -> &str {
        &self.addresses.kube
    }

    /// The home directory of the commands.
    pub fn home(&self) -> &std::path::Path {
        self.home.path()
    }

    /// What was asked and done so far.
    pub fn seen(&mut self) -> Seen {
        self.simulation.ask("state")
    }

    /// Moves the state store to a bucket of the simulated AWS, whose URL is returned: nodes could not read a directory.
    pub fn move_store_to_bucket(&self) -> &'static str {
        self.put("/state", b"");
        let store = self.home.path().join("store");
        for (name, content) in crate::support::files(&store) {
            self.put(&format!("/state/{name}"), &content);
        }
        "s3://state"
    }

    /// Sends a file to the simulated S3.
    fn put(&self, path: &str, content: &[u8]) {
        let address = self.addresses.aws.trim_start_matches("http://");
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        let head = format!("PUT {path} HTTP/1.0\r\nHost: {address}\r\nContent-Length: {}\r\n\r\n", content.len());
        stream.write_all(&[head.as_bytes(), content].concat()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.contains(" 200 "), "{path}: {answer}");
    }

    /// A file in the home directory.
    pub fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.home.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    fn target(&self) -> std::path::PathBuf {
        self.home.path().join("store/.kopsform").join(CLUSTER).join("target")
    }

    /// Records that the cluster is run with Terraform, as `update cluster --target terraform` does.
    pub fn record_terraform(&self) {
        std::fs::create_dir_all(self.target().parent().unwrap()).unwrap();
        std::fs::write(self.target(), "terraform\n").unwrap();
    }

    /// Records that it is not.
    pub fn forget_target(&self) {
        std::fs::remove_file(self.target()).unwrap();
    }

    /// Whether the state store has the spec of a group.
    pub fn has_spec(&self, group: &str) -> bool {
        self.home.path().join("store").join(CLUSTER).join("instancegroup").join(group).exists()
    }
}

fn store_url(home: &tempfile::TempDir) -> String {
    format!("file://{}", home.path().join("store").display())
}

fn write_specs(store: &std::path::Path, groups: &[Value]) {
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
                "cloudProvider": "aws", "configBase": format!("file://{}/{CLUSTER}", store.display()),
                "kubernetesVersion": "1.36.0", "topology": { "dns": { "type": "None" } },
                "subnets": [{ "name": "us-east-1a", "zone": "us-east-1a", "type": "Private" }],
            },
        }),
    );
    for group in groups.iter().filter(|group| group["unexpected"] != true) {
        let name = group["name"].as_str().unwrap();
        let role = match group["role"].as_str().unwrap() {
            "ControlPlane" => "Master",
            role => role,
        };
        let mut spec = json!({
            "role": role, "machineType": "t3.medium", "minSize": group["size"], "maxSize": group["size"],
            "subnets": ["us-east-1a"],
        });
        if group["karpenter"] == true {
            spec["manager"] = "Karpenter".into();
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
