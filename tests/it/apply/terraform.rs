//! What Terraform makes of whole clusters in a simulated AWS: it applies them, and has nothing to do afterwards.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::support::simulated_aws::SimulatedAws;
use crate::support::succeed;
use crate::support::terraform::{Terraform, assert_nothing_to_do};

/// The common part of all clusters here.
const GROUPS: &str = r#"
---
apiVersion: kops.k8s.io/v1alpha2
kind: InstanceGroup
metadata:
  name: control-plane-a
  labels: {kops.k8s.io/cluster: "{name}"}
spec: {role: Master, image: "{image}", machineType: t3.medium, minSize: 1, maxSize: 1, subnets: [a]}
---
apiVersion: kops.k8s.io/v1alpha2
kind: InstanceGroup
metadata:
  name: nodes
  labels: {kops.k8s.io/cluster: "{name}"}
spec: {role: Node, image: "{image}", machineType: t3.medium, minSize: 1, maxSize: 3, subnets: [a, b]NODES}
"#;

const CLUSTER: &str = r#"apiVersion: kops.k8s.io/v1alpha2
kind: Cluster
metadata: {name: "{name}"}
spec:
  channel: none
  cloudProvider: aws
  configBase: "s3://state/{name}"
  etcdClusters:
  - {name: main, etcdMembers: [{name: a, instanceGroup: control-plane-a, encryptedVolume: true}]}
  - {name: events, etcdMembers: [{name: a, instanceGroup: control-plane-a, encryptedVolume: true}]}
  iam: {allowContainerRegistry: true, legacy: false}
  kubelet: {anonymousAuth: false}
  kubernetesApiAccess: [0.0.0.0/0]
  kubernetesVersion: 1.36.0
  networkCIDR: 10.20.0.0/16
  nonMasqueradeCIDR: 100.64.0.0/10
  sshAccess: [10.0.0.0/8]
"#;

/// A cluster in public subnets whose API is reached by the addresses of its instances.
const PUBLIC: &str = r#"
  networkID: "{vpc}"
  networking: {cilium: {}}
  topology: {dns: {type: Public}}
  api: {dns: {}}
  subnets:
  - {name: a, zone: us-east-1a, type: Public, cidr: 10.20.0.0/22, id: "{public-a}"}
  - {name: b, zone: us-east-1b, type: Public, cidr: 10.20.4.0/22, id: "{public-b}"}
"#;

/// A cluster in private subnets behind a network load balancer, found by gossip.
const PRIVATE: &str = r#"
  networkID: "{vpc}"
  networking: {calico: {}}
  topology: {dns: {type: Public}}
  api: {loadBalancer: {type: Public, class: Network}}
  subnets:
  - {name: a, zone: us-east-1a, type: Private, cidr: 10.20.64.0/22, id: "{private-a}", egress: External}
  - {name: b, zone: us-east-1b, type: Private, cidr: 10.20.80.0/22, id: "{private-b}", egress: External}
  - {name: utility-a, zone: us-east-1a, type: Utility, cidr: 10.20.0.0/22, id: "{public-a}"}
  - {name: utility-b, zone: us-east-1b, type: Utility, cidr: 10.20.4.0/22, id: "{public-b}"}
"#;

/// A cluster without DNS whose workers are bought as Spot instances of several types and sleep in a warm pool.
pub const NO_DNS: &str = r#"
  networkID: "{vpc}"
  networking: {flannel: {backend: vxlan}}
  topology: {dns: {type: None}}
  api: {loadBalancer: {type: Internal, class: Network}}
  cloudLabels: {team: platform}
  additionalPolicies: {node: '[{"Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": ["*"]}]'}
  subnets:
  - {name: a, zone: us-east-1a, type: Private, cidr: 10.20.64.0/22, id: "{private-a}", egress: External}
  - {name: b, zone: us-east-1b, type: Private, cidr: 10.20.80.0/22, id: "{private-b}", egress: External}
"#;

const MIXED: &str = ", mixedInstancesPolicy: {instances: [t3.medium, t3a.medium], onDemandBase: 1}, maxPrice: \"0.1\"";

/// A public key whose private key was discarded.
pub const PUBLIC_KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAbLm2BS4WeXlKEmpSDaqWqpB2s6nD0kSnbWmZvXcYkD test";

/// Laid over the provider blocks of the output: buckets of the simulator are in the path.
const PROVIDERS: &str = r#"provider "aws" {
  s3_use_path_style = true
}
provider "aws" {
  alias             = "files"
  s3_use_path_style = true
}
"#;

/// Writes a cluster to the store and its Terraform to the directory `out`.
fn update(aws: &SimulatedAws, home: &Path, name: &str, spec: &str) {
    let file = home.join("cluster.yaml");
    aws.give_keys(name);
    fs::write(&file, aws.fill(spec).replace("{name}", name)).unwrap();
    succeed(aws.kopsform(home).args(["replace", "--force", "-f"]).arg(&file));
    fs::write(home.join("key.pub"), PUBLIC_KEY).unwrap();
    succeed(aws.kopsform(home).args(["create", "sshpublickey", "--name", name, "-i", "key.pub"]));
    succeed(aws.kopsform(home).args(["update", "cluster", "--name", name, "--target", "terraform", "--out", "out"]));
}

/// Applies the configuration in a directory, and asserts that nothing is left to do. Returns false where Terraform has no
/// provider.
fn assert_applies(aws: &SimulatedAws, terraform: &Terraform, out: &Path) -> bool {
    fs::write(out.join("simulated_override.tf"), PROVIDERS).unwrap();
    terraform.assert_formatted(out);
    if !terraform.initializes(out) {
        return false;
    }
    terraform.keep_provider(|command| aws.connect(command));
    let command = |arguments: &[&str]| {
        let mut command = terraform.command(out, arguments);
        aws.connect(&mut command);
        command
    };
    succeed(&mut command(&["apply", "-auto-approve", "-input=false", "-no-color"]));
    assert_nothing_to_do(command);
    true
}

/// A cluster with a control plane of one and workers, which may have further fields.
pub fn spec(cluster: &str, nodes: &str) -> String {
    format!("{CLUSTER}{cluster}{}", GROUPS.replace("NODES", nodes))
}

/// Returns the simulated AWS with the cluster in it, the directory of the run, and Terraform; `None` where a tool is missing.
fn assert_applied_for_good(name: &str, spec: &str) -> Option<(SimulatedAws, tempfile::TempDir, Terraform)> {
    let (aws, terraform) = (SimulatedAws::start()?, Terraform::find()?);
    let home = tempfile::tempdir().unwrap();
    update(&aws, home.path(), name, spec);
    assert_applies(&aws, &terraform, &home.path().join("out")).then_some((aws, home, terraform))
}

#[test]
fn a_public_cluster_is_applied_for_good() {
    _ = assert_applied_for_good("public.example.com", &spec(PUBLIC, ""));
}

#[test]
fn a_private_cluster_behind_a_load_balancer_is_applied_for_good() {
    let Some((aws, home, _)) = assert_applied_for_good("private.k8s.local", &spec(PRIVATE, "")) else { return };
    // Now that the load balancer exists, its name goes into the API's certificate.
    let config = "data/aws_s3_object_nodeupconfig-control-plane-a_content";
    let names = |out: &str| fs::read_to_string(home.path().join(out).join(config)).unwrap();
    assert!(!names("out").contains("ApiserverAdditionalIPs"));
    let arguments = ["update", "cluster", "--name", "private.k8s.local", "--target", "terraform", "--out", "again"];
    succeed(aws.kopsform(home.path()).args(arguments));
    assert!(names("again").contains("ApiserverAdditionalIPs"), "{}", names("again"));
}

#[test]
fn a_new_cluster_with_a_network_of_its_own_is_applied_for_good() {
    let (Some(aws), Some(terraform)) = (SimulatedAws::start(), Terraform::find()) else { return };
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("key.pub"), PUBLIC_KEY).unwrap();
    let command = "create cluster --name new.example.com --zones us-east-1a,us-east-1b --topology private --bastion \
                   --networking cilium --ipv6 --kubernetes-version 1.34.1 --ssh-public-key key.pub --target terraform --out out";
    let mut create = aws.kopsform(home.path());
    succeed(create.args(command.split_whitespace()).args(["--image", &aws.fill("{image}")]));
    assert_applies(&aws, &terraform, &home.path().join("out"));
}

#[test]
fn a_cluster_without_dns_is_applied_for_good() {
    _ = assert_applied_for_good("none.example.com", &spec(NO_DNS, MIXED));
}

/// The actions of a plan on managed resources that change, by address. The directory, or one that it is a copy of, was applied.
fn planned(aws: &SimulatedAws, terraform: &Terraform, out: &Path) -> (serde_json::Value, BTreeMap<String, String>) {
    let run = |arguments: &[&str]| {
        let mut command = terraform.command(out, arguments);
        aws.connect(&mut command);
        succeed(&mut command)
    };
    run(&["plan", "-input=false", "-no-color", "-out", "plan.bin"]);
    let plan: serde_json::Value = serde_json::from_slice(&run(&["show", "-json", "plan.bin"]).stdout).unwrap();
    let changes = plan["resource_changes"].as_array().unwrap().iter().filter(|change| change["mode"] == "managed");
    let actions = changes.map(|change| {
        let action = match change["change"]["actions"].to_string().as_str() {
            r#"["no-op"]"# => "none",
            r#"["create"]"# => "create",
            r#"["update"]"# => "update",
            r#"["delete"]"# => "destroy",
            r#"["delete","create"]"# => "replace",
            r#"["create","delete"]"# => "create-then-destroy",
            other => panic!("{other}"),
        };
        (change["address"].as_str().unwrap().to_owned(), action.to_owned())
    });
    let actions = actions.filter(|(_, action)| action != "none").collect();
    (plan, actions)
}

#[test]
fn a_diff_predicts_what_terraform_plans_and_the_check_finds_what_rebuilds_the_cluster() {
    let name = "private.k8s.local";
    let spec = spec(PRIVATE, "");
    let Some((aws, home, terraform)) = assert_applied_for_good(name, &spec) else { return };
    let (home, out) = (home.path(), home.path().join("out"));
    crate::support::copy(&out, &home.join("applied"));
    let check = |plan: &serde_json::Value| {
        fs::write(home.join("plan.json"), plan.to_string()).unwrap();
        let output = aws.kopsform(home).args(["check", "plan", "plan.json", "-o", "json"]).output().unwrap();
        let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let findings = found["findings"].as_array().unwrap().iter();
        let kinds: Vec<String> = findings.map(|finding| finding["object"].as_str().unwrap().to_owned()).collect();
        (output.status.code(), kinds)
    };
    let changes: [(&str, &str, &[&str]); 4] = [
        // Only the load balancer exists now, whose name instances get.
        ("", "", &[]),
        ("encryptedVolume: true", "encryptedVolume: false", &["etcd volume", "etcd volume"]),
        (
            "loadBalancer: {type: Public",
            "loadBalancer: {type: Internal",
            &["API load balancer", "API listener", "API listener"],
        ),
        ("machineType: t3.medium, minSize: 1, maxSize: 1", "machineType: t3.large, minSize: 1, maxSize: 1", &[]),
    ];
    for (from, to, expected) in changes {
        update(&aws, home, name, &spec.replace(from, to));
        let arguments = ["diff", "--name", name, "--stored", "--against", "applied", "-o", "json"];
        let output = aws.kopsform(home).args(arguments).output().unwrap();
        let diff: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let resources = ["resources", "files"].iter().flat_map(|part| diff[part].as_array().unwrap());
        let predicted: BTreeMap<String, String> = resources
            .map(|resource| {
                let text = |field: &str| resource[field].as_str().unwrap().to_owned();
                (text("address"), text("action"))
            })
            .collect();
        let (plan, actions) = planned(&aws, &terraform, &out);
        assert_eq!(predicted, actions, "{to}");
        let (code, found) = check(&plan);
        assert_eq!(
            (code, found.iter().map(String::as_str).collect::<Vec<_>>().as_slice()),
            (Some(if expected.is_empty() { 0 } else { 2 }), expected),
            "{to}"
        );
    }

    // At other addresses without moves, everything is destroyed.
    let elsewhere = home.join("elsewhere");
    crate::support::copy(&home.join("applied"), &elsewhere);
    let configuration = fs::read_to_string(elsewhere.join("kubernetes.tf")).unwrap();
    fs::write(elsewhere.join("kubernetes.tf"), configuration.replace("-private-k8s-local", "-renamed")).unwrap();
    fs::copy(out.join("terraform.tfstate"), elsewhere.join("terraform.tfstate")).unwrap();
    let (plan, _) = planned(&aws, &terraform, &elsewhere);
    let (code, found) = check(&plan);
    assert_eq!(code, Some(2));
    for object in ["etcd volume", "API load balancer", "API listener", "API target group", "control plane"] {
        assert!(found.iter().any(|found| found == object), "{object} is not in {found:?}");
    }
}

/// `upgrade plan` as JSON. The Kubernetes API does not exist.
fn stages(aws: &SimulatedAws, home: &Path, more: &[&str]) -> serde_json::Value {
    let mut command = aws.kopsform(home);
    command.args([
        "upgrade",
        "plan",
        "staged.example.com",
        "--out",
        "out",
        "--api-server",
        "https://127.0.0.1:1",
        "-o",
        "json",
    ]);
    serde_json::from_slice(&succeed(command.args(more)).stdout).unwrap()
}

fn states(plan: &serde_json::Value) -> Vec<&str> {
    plan["stages"].as_array().unwrap().iter().map(|stage| stage["state"].as_str().unwrap()).collect()
}

/// The launch templates that Terraform's state has, with their user data.
fn launch_templates(out: &Path) -> std::collections::BTreeMap<String, String> {
    let state: serde_json::Value = serde_json::from_slice(&fs::read(out.join("terraform.tfstate")).unwrap()).unwrap();
    let resources = state["resources"].as_array().unwrap();
    let templates = resources.iter().filter(|found| found["type"] == "aws_launch_template");
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    templates
        .map(|found| &found["instances"][0]["attributes"])
        .map(|found| (text(&found["name"]), text(&found["user_data"])))
        .collect()
}

#[test]
fn an_upgrade_goes_through_its_stages() {
    let spec = spec(PUBLIC, "").replace("kubernetesVersion: 1.36.0", "kubernetesVersion: 1.34.1");
    let Some((aws, home, terraform)) = assert_applied_for_good("staged.example.com", &spec) else { return };
    let home = home.path();
    let out = home.join("out");
    assert_eq!(states(&stages(&aws, home, &[])), ["done"; 4]);

    let file = home.join("cluster.yaml");
    let newer = fs::read_to_string(&file).unwrap().replace("kubernetesVersion: 1.34.1", "kubernetesVersion: 1.35.0");
    fs::write(&file, newer).unwrap();
    succeed(aws.kopsform(home).args(["replace", "-f"]).arg(&file));
    succeed(aws.kopsform(home).args(["update", "cluster", "staged.example.com", "--target=terraform", "--out=out"]));
    let plan = stages(&aws, home, &[]);
    assert_eq!(states(&plan), ["next", "waiting", "waiting", "waiting"]);
    let ready = |stage: &str| {
        let mut command = aws.kopsform(home);
        command.args([
            "upgrade",
            "plan",
            "staged.example.com",
            "--out=out",
            "--api-server=https://127.0.0.1:1",
            "--ready",
            stage,
        ]);
        command.output().unwrap().status.code()
    };
    assert_eq!((ready("control-plane"), ready("roll-control-plane")), (Some(0), Some(2)));

    // Exactly the targets of the first stage change nothing that workers are started from.
    let before = launch_templates(&out);
    let targets = plan["stages"][0]["targets"].as_array().unwrap();
    let targets = targets.iter().map(|target| format!("-target={}", target.as_str().unwrap()));
    let mut apply = terraform.command(&out, &["apply", "-auto-approve", "-input=false", "-no-color"]);
    aws.connect(&mut apply);
    succeed(apply.args(targets));
    let after = launch_templates(&out);
    assert_ne!(
        before["control-plane-a.masters.staged.example.com"],
        after["control-plane-a.masters.staged.example.com"]
    );
    assert_eq!(before["nodes.staged.example.com"], after["nodes.staged.example.com"]);

    // The instance of the control plane was started from the version before.
    assert_eq!(states(&stages(&aws, home, &[])), ["done", "next", "waiting", "waiting"]);
    assert_eq!((ready("roll-control-plane"), ready("workers")), (Some(0), Some(2)));
    let roll = |roles: &str| {
        let mut command = aws.kopsform(home);
        command.args([
            "rolling-update",
            "cluster",
            "staged.example.com",
            "--yes",
            "--cloudonly",
            "--post-drain-delay=0s",
        ]);
        succeed(command.args(["--control-plane-interval=0s", "--node-interval=0s", "--instance-group-roles", roles]));
    };
    roll("control-plane");
    let plan = stages(&aws, home, &[]);
    assert_eq!(states(&plan), ["done", "done", "next", "waiting"]);
    let why = plan["stages"][2]["evidence"].to_string();
    assert!(why.contains("the launch template of nodes has another user data"), "{why}");
    // Without AWS, Terraform's state says the same of launch templates, and instances are unknown.
    succeed(aws.kopsform(home).args(["lock", "staged.example.com"]));
    assert_eq!(states(&stages(&aws, home, &["--offline"])), ["done", "unknown", "waiting", "waiting"]);

    let mut apply = terraform.command(&out, &["apply", "-auto-approve", "-input=false", "-no-color"]);
    aws.connect(&mut apply);
    succeed(&mut apply);
    assert_eq!(states(&stages(&aws, home, &[])), ["done", "done", "done", "next"]);
    roll("node");
    assert_eq!(states(&stages(&aws, home, &[])), ["done"; 4]);
    assert_eq!(ready("roll-workers"), Some(0));
}
