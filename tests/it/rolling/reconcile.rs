//! `reconcile cluster`: the control plane is updated and replaced before any worker is.

use std::process::Command;

use serde_json::json;

use crate::support::simulated_aws::lock_of_node_software;
use crate::support::simulated_cluster::{CLUSTER, SimulatedCluster, group};
use crate::support::{stderr, stdout, succeed};

/// The specs of the simulated groups, whose instances are of a type.
fn specs(machine_type: &str) -> String {
    let member = "{name: a, instanceGroup: control-plane-a, encryptedVolume: true}";
    let mut text = format!(
        "apiVersion: kops.k8s.io/v1alpha2
kind: Cluster
metadata: {{name: {CLUSTER}}}
spec:
  channel: none
  cloudProvider: aws
  configBase: s3://state/{CLUSTER}
  etcdClusters:
  - {{name: main, etcdMembers: [{member}]}}
  - {{name: events, etcdMembers: [{member}]}}
  iam: {{allowContainerRegistry: true, legacy: false}}
  kubelet: {{anonymousAuth: false}}
  kubernetesApiAccess: [0.0.0.0/0]
  kubernetesVersion: 1.36.0
  networkCIDR: 10.30.0.0/16
  nonMasqueradeCIDR: 100.64.0.0/10
  sshAccess: [10.0.0.0/8]
  networking: {{cilium: {{}}}}
  topology: {{dns: {{type: None}}}}
  api: {{loadBalancer: {{type: Public, class: Network}}}}
  subnets:
  - {{name: us-east-1a, zone: us-east-1a, type: Public, cidr: 10.30.0.0/22}}
"
    );
    for (name, role) in [("control-plane-a", "Master"), ("nodes", "Node")] {
        text.push_str(&format!(
            "---
apiVersion: kops.k8s.io/v1alpha2
kind: InstanceGroup
metadata: {{name: {name}, labels: {{kops.k8s.io/cluster: {CLUSTER}}}}}
spec: {{role: {role}, image: ami-12c6146b, machineType: {machine_type}, minSize: 1, maxSize: 1, subnets: [us-east-1a]}}
"
        ));
    }
    text
}

#[test]
fn the_control_plane_is_replaced_before_workers_are_updated() {
    let groups = [group("control-plane-a", "ControlPlane", 1, json!({})), group("nodes", "Node", 1, json!({}))];
    let Some(mut cluster) = SimulatedCluster::start(&groups) else { return };
    let store = cluster.move_store_to_bucket();
    let lock = cluster.file("lock.json", &lock_of_node_software());
    let in_bucket = |mut command: Command| {
        command.env("KOPS_STATE_STORE", store).env("KOPSFORM_LOCK", &lock);
        command
    };
    let replace = |cluster: &SimulatedCluster, machine_type| {
        let file = cluster.file("specs.yaml", &specs(machine_type)).display().to_string();
        succeed(&mut in_bucket(cluster.kopsform(&["replace", "--force", "-f", &file])));
    };
    replace(&cluster, "t3.medium");
    succeed(&mut in_bucket(cluster.kopsform(&["update", "cluster", "--yes", "--create-kube-config=false"])));

    replace(&cluster, "t3.large");
    let done_before = cluster.seen().changes.len();
    let preview = succeed(&mut in_bucket(cluster.with_kubernetes(&["reconcile", "cluster"])));
    assert!(stdout(&preview).contains("InstanceType        \tt3.medium -> t3.large"), "{}", stdout(&preview));
    let steps_of = |changes: &[String]| -> Vec<String> {
        let is_step = |change: &&String| {
            ["CreateLaunchTemplateVersion", "TerminateInstances"].iter().any(|step| change.starts_with(step))
        };
        changes[done_before..].iter().filter(is_step).cloned().collect()
    };
    assert_eq!(steps_of(&cluster.seen().changes), Vec::<String>::new(), "a preview changes nothing");

    let members = cluster.seen().members;
    let reconciled = succeed(&mut in_bucket(cluster.with_kubernetes(&["reconcile", "cluster", "--yes"])));
    let seen = cluster.seen();
    let control_plane = format!("TerminateInstances {}", members[&format!("control-plane-a.masters.{CLUSTER}")][0]);
    let worker = format!("TerminateInstances {}", members[&format!("nodes.{CLUSTER}")][0]);
    let version = "CreateLaunchTemplateVersion".to_owned();
    let steps = steps_of(&seen.changes);
    assert_eq!(steps, [version.clone(), control_plane, version, worker], "{}", stderr(&reconciled));

    let again = succeed(&mut in_bucket(cluster.with_kubernetes(&["reconcile", "cluster", "--yes"])));
    assert_eq!(stdout(&again).matches("No rolling-update required.").count(), 2, "{}", stdout(&again));
}

#[test]
fn a_cluster_of_terraform_is_not_reconciled() {
    let Some(cluster) = SimulatedCluster::start(&[group("control-plane-a", "ControlPlane", 1, json!({}))]) else {
        return;
    };
    cluster.record_terraform();
    let refused = cluster.with_kubernetes(&["reconcile", "cluster", "--yes"]).output().unwrap();
    assert!(stderr(&refused).contains("is run with Terraform"), "{}", stderr(&refused));
    assert!(stderr(&refused).contains("kopsform upgrade plan"), "{}", stderr(&refused));
}
