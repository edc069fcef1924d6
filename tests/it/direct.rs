//! Target direct in a simulated AWS: a preview reads, `--yes` makes it so, and nothing is left to do afterwards.

mod interrupted;
mod targets;
mod teardown;
mod wording;

use std::path::Path;
use std::process::Command;

use crate::support::simulated_aws::SimulatedAws;
use crate::support::{stdout, succeed};

const NAME: &str = "direct.example.com";

/// A cluster with a network of its own, whose API is reached by the addresses of its instances.
const CLUSTER: &str = r#"apiVersion: kops.k8s.io/v1alpha2
kind: Cluster
metadata: {name: direct.example.com}
spec:
  channel: none
  cloudProvider: aws
  configBase: s3://state/direct.example.com
  etcdClusters:
  - {name: main, etcdMembers: [{name: a, instanceGroup: control-plane-a, encryptedVolume: true}]}
  - {name: events, etcdMembers: [{name: a, instanceGroup: control-plane-a, encryptedVolume: true}]}
  iam: {allowContainerRegistry: true, legacy: false}
  kubelet: {anonymousAuth: false}
  kubernetesApiAccess: [0.0.0.0/0]
  kubernetesVersion: 1.36.0
  networkCIDR: 10.30.0.0/16
  nonMasqueradeCIDR: 100.64.0.0/10
  sshAccess: [10.0.0.0/8]
  networking: {cilium: {}}
  topology: {dns: {type: Public}}
  api: {dns: {}}
  subnets:
  - {name: a, zone: us-east-1a, type: Public, cidr: 10.30.0.0/22}
---
apiVersion: kops.k8s.io/v1alpha2
kind: InstanceGroup
metadata: {name: control-plane-a, labels: {kops.k8s.io/cluster: direct.example.com}}
spec: {role: Master, image: "{image}", machineType: t3.medium, minSize: 1, maxSize: 1, subnets: [a]}
---
apiVersion: kops.k8s.io/v1alpha2
kind: InstanceGroup
metadata: {name: nodes, labels: {kops.k8s.io/cluster: direct.example.com}}
spec: {role: Node, image: "{image}", machineType: t3.medium, minSize: 1, maxSize: 3, subnets: [a]}
"#;

/// Stores a cluster with keysets at hand.
fn store(aws: &SimulatedAws, home: &Path, spec: &str) {
    aws.give_keys(NAME);
    replace(aws, home, spec);
}

fn replace(aws: &SimulatedAws, home: &Path, spec: &str) {
    let file = home.join("cluster.yaml");
    std::fs::write(&file, aws.fill(spec)).unwrap();
    succeed(aws.kopsform(home).args(["replace", "--force", "-f"]).arg(&file));
}

fn update(aws: &SimulatedAws, home: &Path, more: &[&str]) -> Command {
    let mut command = aws.kopsform(home);
    command.args(["update", "cluster", "--name", NAME, "--target", "direct"]).args(more);
    command
}

fn shown(command: &mut Command) -> String {
    stdout(&succeed(command))
}

#[test]
fn what_is_applied_is_as_desired_and_only_changes_are_made_later() {
    let Some(aws) = SimulatedAws::start() else { return };
    let directory = tempfile::tempdir().unwrap();
    let home = directory.path();
    store(&aws, home, CLUSTER);

    let preview = shown(&mut update(&aws, home, &[]));
    assert!(
        preview.contains("Will create resources:\n") && preview.contains("  VPC/direct.example.com\n"),
        "{preview}"
    );
    assert!(preview.ends_with("Must specify --yes to apply changes\n"), "{preview}");
    assert_eq!(shown(&mut update(&aws, home, &[])), preview, "a preview changes nothing");

    succeed(&mut update(&aws, home, &["--yes"]));
    assert_eq!(shown(&mut update(&aws, home, &[])), "No changes need to be applied\n");
    let without_kubeconfig = ["--yes", "--create-kube-config=false"];
    assert_eq!(shown(&mut update(&aws, home, &without_kubeconfig)), "No changes need to be applied\n");

    // Only what differs is changed.
    store(&aws, home, &CLUSTER.replace("maxSize: 3", "maxSize: 4"));
    let preview = shown(&mut update(&aws, home, &[]));
    assert!(
        preview.contains("  AutoscalingGroup/nodes.direct.example.com\n  \tMaxSize             \t3 -> 4\n"),
        "{preview}"
    );
    assert!(!preview.contains("Will create"), "{preview}");
    let json = shown(&mut update(&aws, home, &["-o", "json"]));
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let group = json["modify"].as_array().unwrap().iter().find(|change| change["kind"] == "AutoscalingGroup").unwrap();
    assert_eq!(group["fields"]["MaxSize"], serde_json::json!({"from": 3, "to": 4}));
    succeed(&mut update(&aws, home, &["--yes"]));
    assert_eq!(shown(&mut update(&aws, home, &[])), "No changes need to be applied\n");

    // What AWS cannot change is refused before anything is.
    store(&aws, home, &CLUSTER.replace("10.30.0.0/22", "10.30.4.0/22"));
    let refused = update(&aws, home, &["--yes"]).output().unwrap();
    assert!(!refused.status.success());
    let error = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(error.contains("Subnet/a.direct.example.com: CIDR cannot be changed"), "{error}");
    store(&aws, home, &CLUSTER.replace("maxSize: 3", "maxSize: 4"));
    // The generation in the completed spec counts the two changes; nothing else is left of them.
    let preview = shown(&mut update(&aws, home, &[]));
    let tasks: Vec<&str> = preview.lines().filter(|line| line.starts_with("  ") && !line.starts_with("  \t")).collect();
    assert_eq!(tasks, ["  ManagedFile/cluster-completed.spec"], "{preview}");
}

/// The key is part of a manifest, which previews show where it changes.
#[test]
fn previews_show_no_secrets() {
    let Some(aws) = SimulatedAws::start() else { return };
    let directory = tempfile::tempdir().unwrap();
    let home = directory.path();
    let set_key = |key: &str| {
        std::fs::write(home.join("key"), format!("keys: 3 rfc4106(gcm(aes)) {key} 128\n")).unwrap();
        let mut create = aws.kopsform(home);
        create.args(["create", "secret", "ciliumpassword", "--force", "--name", NAME, "-f"]).arg(home.join("key"));
        succeed(&mut create);
    };
    let encrypted = "networking: {cilium: {enableEncryption: true, encryptionType: ipsec}}";
    store(&aws, home, &CLUSTER.replace("networking: {cilium: {}}", encrypted));
    set_key("0123456789abcdef");
    let documents = |format: &[&str]| shown(&mut update(&aws, home, format));
    let (text, json) = (documents(&[]), documents(&["-o", "json"]));
    assert!(json.contains("(secret)"), "{json}");
    succeed(&mut update(&aws, home, &["--yes"]));
    set_key("fedcba9876543210");
    let (changed, changed_json) = (documents(&[]), documents(&["-o", "json"]));
    assert!(changed.contains("+ ") && changed.contains("(another secret)"), "{changed}");
    for shown in [text, json, changed, changed_json] {
        assert!(!shown.contains("0123456789abcdef") && !shown.contains("fedcba9876543210"), "{shown}");
    }
}

/// Answers of AWS have pages, and those of launch templates are the shortest ones.
#[test]
fn all_of_many_groups_are_found_again() {
    let Some(aws) = SimulatedAws::start() else { return };
    let directory = tempfile::tempdir().unwrap();
    let home = directory.path();
    let (_, nodes) = CLUSTER.rsplit_once("---\n").unwrap();
    let more = (1..20).map(|n| format!("---\n{}", nodes.replace("name: nodes", &format!("name: nodes-{n}"))));
    store(&aws, home, &format!("{CLUSTER}{}", more.collect::<String>()));
    succeed(&mut update(&aws, home, &["--yes"]));
    assert_eq!(shown(&mut update(&aws, home, &[])), "No changes need to be applied\n");
}
