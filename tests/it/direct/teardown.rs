//! `delete cluster` after a direct update: the account is as it was before the cluster.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};

use super::interrupted::{assert_same, cluster as with_network_load_balancer};
use super::{CLUSTER, NAME, store, update};
use crate::support::simulated_aws::SimulatedAws;
use crate::support::{stderr, stdout, succeed};

/// The queue of the node termination handler, which rules of EventBridge fill.
const HANDLER: &str = "  nodeTerminationHandler: {enabled: true, enableSQSTerminationDraining: true}\n";
const BASTION: &str = r#"---
apiVersion: kops.k8s.io/v1alpha2
kind: InstanceGroup
metadata: {name: bastions, labels: {kops.k8s.io/cluster: direct.example.com}}
spec: {role: Bastion, image: "{image}", machineType: t3.medium, minSize: 1, maxSize: 1, subnets: [utility-a]}
"#;

/// Applies and deletes; returns the account before, with the cluster, and after.
fn applied_and_deleted(aws: &SimulatedAws, home: &Path, spec: &str) -> [Value; 3] {
    let before = aws.account();
    store(aws, home, spec);
    succeed(&mut update(aws, home, &["--yes"]));
    let with_cluster = aws.account();
    let mut delete = aws.kopsform(home);
    let output =
        delete.args(["delete", "cluster", NAME, "--yes", "--wait", "60s", "--interval", "1s"]).output().unwrap();
    assert!(output.status.success(), "{}{}", stdout(&output), stderr(&output));
    [before, with_cluster, aws.account()]
}

/// Asserts that nothing of a cluster is left that had something of some kinds.
fn leaves_nothing(spec: &str, kinds: &[&str]) {
    let Some(aws) = SimulatedAws::start() else { return };
    let directory = tempfile::tempdir().unwrap();
    let [before, with_cluster, after] = applied_and_deleted(&aws, directory.path(), spec);
    for kind in kinds {
        assert_ne!(with_cluster[kind], before[kind], "the cluster has none of the {kind}");
    }
    assert_same(&after, &before, "after the deletion");
}

fn in_private_subnets(api: &str) -> String {
    let subnets = "type: Private, cidr: 10.30.0.0/22}\n  - {name: utility-a, zone: us-east-1a, type: Utility, cidr: 10.30.4.0/22}";
    CLUSTER
        .replace("  api: {dns: {}}\n", &format!("  api: {api}\n"))
        .replace("type: Public, cidr: 10.30.0.0/22}", subnets)
}

#[test]
fn a_cluster_with_a_queue_and_rules_leaves_nothing() {
    let spec = CLUSTER.replace("  api: {dns: {}}\n", &format!("  api: {{dns: {{}}}}\n{HANDLER}"));
    leaves_nothing(&spec, &["vpcs", "volumes", "groups", "queues", "event rules", "records", "objects"]);
}

#[test]
fn a_cluster_in_private_subnets_leaves_nothing() {
    let kinds = ["NAT gateways", "addresses", "load balancers", "target groups", "queues", "event rules"];
    leaves_nothing(&with_network_load_balancer(), &kinds);
}

#[test]
fn a_cluster_with_a_classic_load_balancer_and_bastions_leaves_nothing() {
    let spec = in_private_subnets("{loadBalancer: {type: Public, class: Classic}}") + BASTION;
    leaves_nothing(&spec, &["NAT gateways", "classic load balancers", "load balancers", "profiles", "records"]);
}

#[test]
fn a_cluster_with_ipv6_leaves_nothing() {
    let spec = in_private_subnets("{loadBalancer: {type: Public, class: Network}}")
        .replace("  nonMasqueradeCIDR: 100.64.0.0/10\n", "  nonMasqueradeCIDR: ::/0\n")
        .replace("type: Private, cidr: 10.30.0.0/22}", "type: Private, ipv6CIDR: /64#1}")
        .replace(
            "cidr: 10.30.4.0/22}",
            "cidr: 10.30.4.0/22, ipv6CIDR: /64#2}\n  - {name: dual, zone: us-east-1a, type: DualStack, cidr: 10.30.8.0/22, ipv6CIDR: /64#3}",
        )
        .replace("minSize: 1, maxSize: 1, subnets: [a]}", "minSize: 1, maxSize: 1, subnets: [dual]}");
    leaves_nothing(&spec, &["vpcs", "egress-only gateways", "load balancers", "records"]);
}

#[test]
fn answers_that_are_lost_hide_nothing_that_is_left() {
    let Some(aws) = SimulatedAws::start() else { return };
    let directory = tempfile::tempdir().unwrap();
    let before = aws.account();
    let spec = in_private_subnets("{loadBalancer: {type: Public, class: Network}}")
        .replace("  api: {", &format!("{HANDLER}  api: {{"));
    store(&aws, directory.path(), &spec);
    succeed(&mut update(&aws, directory.path(), &["--yes"]));
    // Not RemoveRoleFromInstanceProfile: moto fails where AWS has a code for a role that was removed.
    aws.lose_answers("Delete(Role|RolePolicy|InstanceProfile|AutoScalingGroup|LaunchTemplate|Rule)|DetachInternetGateway|RemoveTargets");
    let mut delete = aws.kopsform(directory.path());
    succeed(delete.args(["delete", "cluster", NAME, "--yes", "--wait", "60s", "--interval", "1s"]));
    aws.count();
    assert_same(&aws.account(), &before, "after the deletion");
}

#[test]
fn nobody_changes_a_cluster_while_it_is_deleted() {
    let Some(aws) = SimulatedAws::start() else { return };
    let directory = tempfile::tempdir().unwrap();
    store(&aws, directory.path(), CLUSTER);
    succeed(&mut update(&aws, directory.path(), &["--yes"]));
    let lock = aws.kopsform(directory.path()).args(["state", "lock", NAME]).output().unwrap();
    let id = stdout(&lock);
    let delete = ["delete", "cluster", NAME, "--yes", "--wait", "60s", "--interval", "1s"];
    let refused = aws.kopsform(directory.path()).args(delete).output().unwrap();
    assert!(stderr(&refused).contains("is locked by"), "{}", stderr(&refused));
    succeed(aws.kopsform(directory.path()).args(["state", "unlock", NAME, "--id", id.trim()]));

    // The deletion waits for instances to end.
    let mut deleting = aws.kopsform(directory.path());
    let mut deleting = deleting.args(delete).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(deleting.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line.ends_with("\tok")));
    let locked = aws.kopsform(directory.path()).args(["state", "show", NAME]).output().unwrap();
    assert!(stdout(&locked).contains("delete cluster"), "{}{}", stdout(&locked), stderr(&locked));
    assert!(lines.any(|line| line.starts_with("Deleted cluster")));
    assert!(deleting.wait().unwrap().success());
    assert_eq!(aws.account()["objects"], json!([]), "neither state nor lock is left");
}

#[test]
fn a_cluster_in_a_shared_network_leaves_only_tags_that_others_may_use() {
    let Some(aws) = SimulatedAws::start() else { return };
    let directory = tempfile::tempdir().unwrap();
    let issuer = "  iam: {allowContainerRegistry: true, legacy: false, useServiceAccountExternalPermissions: true}\n  \
                  serviceAccountIssuerDiscovery: {enableAWSOIDCProvider: true, discoveryStore: s3://state/issuer}\n";
    let spec = CLUSTER
        .replace("  networkCIDR: 10.30.0.0/16\n", "  networkID: {vpc}\n  networkCIDR: 10.20.0.0/16\n")
        .replace("type: Public, cidr: 10.30.0.0/22}", "type: Public, cidr: 10.20.0.0/22, id: {public-a}}")
        .replace("  iam: {allowContainerRegistry: true, legacy: false}\n", issuer);
    let [before, with_cluster, mut after] = applied_and_deleted(&aws, directory.path(), &spec);
    for kind in ["subnets", "OIDC providers", "roles"] {
        assert_ne!(with_cluster[kind], before[kind], "the cluster has none of the {kind}");
    }
    let tags_of = |account: &Value| -> Vec<Value> {
        let subnets = account["subnets"].as_array().unwrap().iter().map(|subnet| subnet["Tags"].clone());
        subnets.filter(|tags| !tags.as_object().unwrap().is_empty()).collect()
    };
    let left = json!({"SubnetType": "Public", "kubernetes.io/role/elb": "1", "kubernetes.io/role/internal-elb": "1"});
    assert_eq!(tags_of(&after), std::slice::from_ref(&left));
    let subnets = after["subnets"].as_array_mut().unwrap();
    subnets.iter_mut().filter(|subnet| subnet["Tags"] == left).for_each(|subnet| subnet["Tags"] = json!({}));
    assert_same(&after, &before, "after the deletion");
}
