//! `migrate cloudformation` for a cluster that target direct made in a simulated AWS.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::simulated_aws::SimulatedAws;
use crate::support::{root, stderr, stdout, succeed};

const NAME: &str = "import.example.com";

/// A network with private subnets, a load balancer, a queue, and an SSH key: a resource of nearly every kind.
const CLUSTER: &str = r#"apiVersion: kops.k8s.io/v1alpha2
kind: Cluster
metadata: {name: import.example.com}
spec:
  channel: none
  cloudProvider: aws
  configBase: s3://state/import.example.com
  etcdClusters:
  - {name: main, etcdMembers: [{name: a, instanceGroup: control-plane-a, encryptedVolume: true}]}
  - {name: events, etcdMembers: [{name: a, instanceGroup: control-plane-a, encryptedVolume: true}]}
  iam: {allowContainerRegistry: true, legacy: false}
  kubelet: {anonymousAuth: false}
  kubernetesApiAccess: [0.0.0.0/0]
  kubernetesVersion: 1.36.0
  networkCIDR: 10.30.0.0/16
  nodeTerminationHandler: {enabled: true, enableSQSTerminationDraining: true}
  nonMasqueradeCIDR: 100.64.0.0/10
  sshAccess: [10.0.0.0/8]
  networking: {cilium: {}}
  topology: {dns: {type: Public}}
  api: {loadBalancer: {type: Public, class: Network}}
  subnets:
  - {name: a, zone: us-east-1a, type: Private, cidr: 10.30.32.0/19}
  - {name: utility-a, zone: us-east-1a, type: Utility, cidr: 10.30.0.0/22}
---
apiVersion: kops.k8s.io/v1alpha2
kind: InstanceGroup
metadata: {name: control-plane-a, labels: {kops.k8s.io/cluster: import.example.com}}
spec: {role: Master, image: "{image}", machineType: t3.medium, minSize: 1, maxSize: 1, subnets: [a]}
---
apiVersion: kops.k8s.io/v1alpha2
kind: InstanceGroup
metadata: {name: nodes, labels: {kops.k8s.io/cluster: import.example.com}}
spec: {role: Node, image: "{image}", machineType: t3.medium, minSize: 1, maxSize: 3, subnets: [a], warmPool: {minSize: 0}}
"#;

fn kopsform(aws: &SimulatedAws, home: &Path, words: &str) -> Command {
    let mut command = aws.kopsform(home);
    command.env("KOPS_CLUSTER_NAME", NAME).args(words.split(' '));
    command
}

/// A running cluster.
fn cluster(home: &Path) -> Option<SimulatedAws> {
    let aws = SimulatedAws::start()?;
    aws.give_keys(NAME);
    std::fs::write(home.join("cluster.yaml"), aws.fill(CLUSTER)).unwrap();
    std::fs::copy(root().join("tests/project/id_rsa.pub"), home.join("id.pub")).unwrap();
    succeed(&mut kopsform(&aws, home, "replace --force -f cluster.yaml"));
    succeed(&mut kopsform(&aws, home, "create sshpublickey -i id.pub"));
    succeed(&mut kopsform(&aws, home, "update cluster --target direct --yes"));
    Some(aws)
}

/// The resources of the templates in a directory: logical id and type.
fn resources(file: &Path) -> BTreeSet<(String, String)> {
    let text = std::fs::read_to_string(file).unwrap();
    let template: Value = kopsform_yaml::from_str("template", &text).unwrap();
    let of = |(id, resource): (&String, &Value)| (id.clone(), resource["Type"].as_str().unwrap().to_owned());
    template["Resources"].as_object().unwrap().iter().map(of).collect()
}

/// Types that CloudFormation does not import.
const NOT_IMPORTED: [&str; 6] = [
    "AWS::AutoScaling::WarmPool",
    "AWS::EC2::SecurityGroupIngress",
    "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::VPCCidrBlock",
    "AWS::Route53::RecordSet",
    "AWS::SQS::QueuePolicy",
];

#[test]
fn everything_that_can_be_imported_is_named_by_the_identifiers_of_the_account() {
    let directory = tempfile::tempdir().unwrap();
    let home = directory.path();
    let Some(aws) = cluster(home) else { return };
    let account = aws.account();
    let output = succeed(&mut kopsform(&aws, home, "migrate cloudformation --out import -o json"));
    assert_eq!(aws.account(), account, "nothing is changed");
    let report: Value = serde_json::from_str(&stdout(&output)).unwrap();

    // Each resource of the whole template is imported, or named as one that is not.
    succeed(&mut kopsform(&aws, home, "update cluster --target cloudformation --out whole"));
    let all = resources(&home.join("whole/kubernetes.template.yaml"));
    let imported = resources(&home.join("import/import.yaml"));
    let left_out: BTreeSet<&str> =
        report["notImported"].as_array().unwrap().iter().map(|item| item["resource"].as_str().unwrap()).collect();
    assert!(imported.is_subset(&all), "{:?}", imported.difference(&all));
    for (id, kind) in &all {
        let is_imported = imported.contains(&(id.clone(), kind.clone()));
        assert_ne!(is_imported, NOT_IMPORTED.contains(&kind.as_str()), "{id} {kind}");
        assert_ne!(is_imported, left_out.contains(id.as_str()), "{id} {kind}");
    }
    assert_eq!(left_out.len() + imported.len(), all.len(), "{left_out:?}");

    // The identifiers are those of the account.
    let file = home.join("import/resources-to-import.json");
    let identifiers: Vec<Value> = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let text = |identifier: &Value, field: &str| identifier[field].as_str().unwrap().to_owned();
    let named: BTreeSet<(String, String)> =
        identifiers.iter().map(|i| (text(i, "LogicalResourceId"), text(i, "ResourceType"))).collect();
    assert_eq!(named, imported);
    assert_eq!((report["imported"].as_u64().unwrap() as usize, identifiers.len()), (imported.len(), imported.len()));
    let python = std::env::var_os("KOPSFORM_TEST_PYTHON").unwrap();
    let mut check = Command::new(python);
    check.arg(root().join("tests/it/support/imported_identifiers.py"));
    let output = succeed(check.arg(format!("http://{}", aws.address())).arg(&file));
    assert_eq!(stdout(&output), "");
}

#[test]
fn what_does_not_exist_is_left_out_and_a_cluster_that_does_not_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let home = directory.path();
    let Some(aws) = SimulatedAws::start() else { return };
    std::fs::write(home.join("cluster.yaml"), aws.fill(CLUSTER)).unwrap();
    std::fs::copy(root().join("tests/project/id_rsa.pub"), home.join("id.pub")).unwrap();
    succeed(&mut kopsform(&aws, home, "replace --force -f cluster.yaml"));
    succeed(&mut kopsform(&aws, home, "create sshpublickey -i id.pub"));
    let output = kopsform(&aws, home, "migrate cloudformation --out import").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("no resource of import.example.com was found in AWS"), "{}", stderr(&output));
    assert!(!home.join("import").exists(), "nothing is written");

    succeed(&mut kopsform(&aws, home, "update cluster --target direct --phase network --yes"));
    let output = succeed(&mut kopsform(&aws, home, "migrate cloudformation --out import -o json"));
    let imported = resources(&home.join("import/import.yaml"));
    assert!(imported.iter().any(|(_, kind)| kind == "AWS::EC2::VPC"), "{imported:?}");
    assert!(!imported.iter().any(|(_, kind)| kind == "AWS::EC2::LaunchTemplate"), "{imported:?}");
    let report: Value = serde_json::from_str(&stdout(&output)).unwrap();
    let missing = report["notImported"].as_array().unwrap();
    let of = |id: &str| missing.iter().find(|item| item["resource"] == id).unwrap()["reason"].as_str().unwrap();
    assert_eq!(of("LaunchTemplateNodes"), "it was not found in AWS");
}
