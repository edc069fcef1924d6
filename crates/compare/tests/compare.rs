//! The three entry points on small configurations.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use kopsform_compare::{
    BlockChange, Configuration, Files, Severity, compare, compare_configurations, equivalent, equivalent_within, lines,
};

const MAIN: &str = r#"
locals {
  cluster_name = "a.example.com"
}
resource "aws_security_group_rule" "https-api" {
  from_port         = 443
  protocol          = "tcp"
  security_group_id = aws_security_group.api.id
  to_port           = 443
  type              = "ingress"
}
resource "aws_iam_role_policy" "masters-a-example-com" {
  name   = "masters.a.example.com"
  policy = file("${path.module}/data/policy")
}
resource "aws_s3_object" "nodeupconfig-nodes" {
  content = file("${path.module}/data/config")
  key     = "a.example.com/igconfig/node/nodes/nodeupconfig.yaml"
}
resource "aws_s3_object" "coredns" {
  content = file("${path.module}/data/coredns")
  key     = "a.example.com/addons/coredns.yaml"
}
"#;
const POLICY: &str = r#"{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": "ec2:DescribeVolumes", "Resource": "*"},
  {"Effect": "Allow", "Action": ["ec2:CreateVolume"], "Resource": ["*"]},
  {"Effect": "Allow", "Action": ["ec2:AttachVolume", "ec2:DetachVolume"], "Resource": ["arn:x", "arn:y"]}
]}"#;
const CONFIG: &str = "ClusterName: a.example.com\nKubeletConfig:\n  maxPods: 110\nKubernetesVersion: 1.34.1\n";
const COREDNS: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: coredns, namespace: kube-system}
spec:
  replicas: 2
  template:
    spec:
      containers:
      - name: coredns
        image: registry.k8s.io/coredns:1
        args: [-conf, /etc/Corefile, --v=2]
        env:
        - {name: A, value: x}
        - {name: B, value: y}
      - name: sidecar
        image: registry.k8s.io/sidecar:1
---
apiVersion: v1
kind: Service
metadata: {name: dns, namespace: kube-system}
spec: {ports: [{name: dns, port: 53}]}
";

fn files(changes: &[(&str, &str)]) -> Files {
    let mut files: BTreeMap<&str, &str> = BTreeMap::from([
        ("main.tf", MAIN),
        ("data/policy", POLICY),
        ("data/config", CONFIG),
        ("data/coredns", COREDNS),
    ]);
    files.extend(changes.iter().copied());
    files.into_iter().map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).collect()
}

fn summaries(old: &Files, new: &Files) -> Vec<String> {
    compare(old, new).iter().map(ToString::to_string).collect()
}

#[test]
fn a_port_a_statement_a_flag_and_an_image_are_four_lines() {
    let new = files(&[
        ("main.tf", &MAIN.replace("from_port         = 443", "from_port         = 6443")),
        ("data/policy", &POLICY.replace("\"ec2:AttachVolume\", ", "")),
        ("data/config", &CONFIG.replace("110", "100")),
        ("data/coredns", &COREDNS.replace("coredns:1", "coredns:2")),
    ]);
    assert_eq!(
        summaries(&files(&[]), &new),
        [
            "policy of role masters: statement 3 no longer allows ec2:AttachVolume",
            "image of kube-system/coredns: registry.k8s.io/coredns:1 → registry.k8s.io/coredns:2",
            "kubelet flag of nodes: maxPods 110 → 100",
            "security group rule https-api: from_port 443 → 6443",
        ]
    );
}

#[test]
fn the_machine_form_has_address_path_and_values() {
    let new = files(&[("data/coredns", &COREDNS.replace("--v=2", "--v=4"))]);
    let found = serde_json::to_value(compare(&files(&[]), &new)).unwrap();
    let expected = serde_json::json!([{
        "severity": "meaning",
        "file": "data/coredns",
        "resource": "aws_s3_object.coredns",
        "object": "Deployment kube-system/coredns",
        "path": "content.spec.template.spec.containers[coredns].args[--v]",
        "old": "2",
        "new": "4",
        "summary": "argument of kube-system/coredns: --v 2 → 4",
    }]);
    assert_eq!(found, expected);
}

#[test]
fn order_and_formatting_are_bytes_only() {
    let documents: Vec<&str> = COREDNS.split("---\n").collect();
    let sides: Vec<&str> = documents[0].split("      - name: sidecar\n").collect();
    let containers = sides[0].replace(
        "      containers:\n",
        "      containers:\n      - image: registry.k8s.io/sidecar:1\n        name: sidecar\n",
    );
    let args = containers.replace("[-conf, /etc/Corefile, --v=2]", "[--v=2, -conf, /etc/Corefile]");
    let new = files(&[
        ("data/coredns", &format!("{}---\n{args}", documents[1])),
        ("data/config", &CONFIG.replace(" 110", "   0110").replace("0110", "110 # pods")),
        (
            "data/policy",
            &POLICY
                .replace("[\"ec2:CreateVolume\"]", "\"ec2:CreateVolume\"")
                .replace("\"arn:x\", \"arn:y\"", "\"arn:y\",\"arn:x\""),
        ),
    ]);
    let found = compare(&files(&[]), &new);
    assert_eq!(found.len(), 3, "{found:#?}");
    assert!(found.iter().all(|finding| finding.severity == Severity::Bytes), "{found:#?}");
    for file in ["data/coredns", "data/config", "data/policy"] {
        assert!(equivalent(file, &files(&[])[file], &new[file]), "{file}");
    }
}

#[test]
fn blocks_may_be_in_any_file_and_files_have_any_name() {
    let split: Vec<&str> = MAIN.split("resource \"aws_iam").collect();
    let moved = format!("resource \"aws_iam{}", split[1]).replace("data/policy", "data/renamed");
    let mut new = files(&[("main.tf", split[0]), ("iam.tf", &moved)]);
    let policy = new.remove("data/policy").unwrap();
    new.insert("data/renamed".into(), policy);
    let found = compare(&files(&[]), &new);
    assert!(!found.is_empty() && found.iter().all(|finding| finding.severity == Severity::Bytes), "{found:#?}");
}

#[test]
fn a_policy_in_the_configuration_equals_one_in_a_file() {
    let inline = MAIN.replace(
        "file(\"${path.module}/data/policy\")",
        "jsonencode({
    Version = \"2012-10-17\"
    Statement = [
      { Effect = \"Allow\", Action = \"ec2:DescribeVolumes\", Resource = \"*\" },
      { Effect = \"Allow\", Action = \"ec2:CreateVolume\", Resource = \"*\" },
      { Effect = \"Allow\", Action = [\"ec2:DetachVolume\", \"ec2:AttachVolume\"], Resource = [\"arn:x\", \"arn:y\"] },
    ]
  })",
    );
    let mut new = files(&[("main.tf", &inline)]);
    new.remove("data/policy");
    let found = compare(&files(&[]), &new);
    assert!(found.iter().all(|finding| finding.severity == Severity::Bytes), "{found:#?}");
}

#[test]
fn hashes_follow_their_files() {
    use base64::Engine as _;
    use sha2::Digest as _;
    let hash = |text: &str| base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(text));
    let script = |config: &str| {
        format!(
            "#!/bin/bash\nNODEUP_URL_AMD64=https://x\nexport AWS_REGION=r\ncat > conf/kube_env.yaml << 'E'\nNodeupConfigHash: {}\nE\nrun\n",
            hash(config)
        )
    };
    let main = format!(
        "{MAIN}\nresource \"aws_launch_template\" \"nodes\" {{\n  name = \"nodes.a.example.com\"\n  user_data = filebase64(\"${{path.module}}/data/user\")\n}}\n"
    );
    let config = CONFIG.replace("110", "100");
    let old = files(&[("main.tf", &main), ("data/user", &script(CONFIG))]);
    let new = files(&[("main.tf", &main), ("data/user", &script(&config)), ("data/config", &config)]);
    assert_eq!(summaries(&old, &new), ["kubelet flag of nodes: maxPods 110 → 100"]);
    assert!(equivalent_within("data/user", &old, &new));
    assert!(!equivalent("data/user", &old["data/user"], &new["data/user"]));
    let wrong = files(&[("main.tf", &main), ("data/user", &script("x"))]);
    assert_eq!(compare(&old, &wrong).len(), 1);
}

#[test]
fn the_same_change_of_several_things_is_one_line() {
    let main = MAIN
        .replace("nodeupconfig-nodes", "nodeupconfig-nodes-a")
        .replace("data/config", "data/a")
        .replace("/nodes/", "/nodes-a/");
    let extra = "resource \"aws_s3_object\" \"b\" {\n  content = file(\"${path.module}/data/b\")\n  key = \"x/igconfig/node/nodes-b/nodeupconfig.yaml\"\n}\n";
    let main = format!("{main}{extra}");
    let set = |config: &str| {
        let mut set = files(&[("main.tf", &main), ("data/a", config), ("data/b", config)]);
        set.remove("data/config");
        set
    };
    let found = compare(&set(CONFIG), &set(&CONFIG.replace("110", "100")));
    assert_eq!(found.len(), 2);
    let lines: Vec<String> = lines(&found).into_iter().map(|line| line.text).collect();
    assert_eq!(lines, ["kubelet flag of nodes-a and nodes-b: maxPods 110 → 100"]);
}

#[test]
fn configurations_are_compared_by_address_and_argument() {
    let new = MAIN.replace("from_port         = 443", "from_port         = 6443").replace("\"coredns\" {", "\"dns\" {");
    let read = |files: &Files| Configuration::parse(files).unwrap();
    let new = files(&[("main.tf", &new), ("data/policy", &format!("{POLICY}\n"))]);
    let found = compare_configurations(&read(&files(&[])), &read(&new));
    let kinds: Vec<(&str, String)> = found
        .iter()
        .map(|(address, change)| {
            let what = match change {
                BlockChange::Added { .. } => "added".to_owned(),
                BlockChange::Removed { .. } => "removed".to_owned(),
                BlockChange::Changed { attributes } => {
                    attributes.iter().map(|a| format!("{} {:?}", a.path, a.severity)).collect::<String>()
                }
            };
            (address.as_str(), what)
        })
        .collect();
    assert_eq!(
        kinds,
        [
            ("aws_iam_role_policy.masters-a-example-com", "policy Bytes".to_owned()),
            ("aws_s3_object.coredns", "removed".to_owned()),
            ("aws_s3_object.dns", "added".to_owned()),
            ("aws_security_group_rule.https-api", "from_port Meaning".to_owned()),
        ]
    );
}

#[test]
fn the_terraform_block_does_not_make_a_file_another_one() {
    let old = format!("terraform {{\n  required_version = \">= 0.15\"\n}}\n{MAIN}");
    let new = format!("terraform {{\n  required_version = \">= 1.0\"\n}}\n{MAIN}");
    assert!(equivalent("main.tf", old.as_bytes(), new.as_bytes()));
    assert_eq!(compare(&files(&[("main.tf", &old)]), &files(&[("main.tf", &new)])).len(), 1);
}

#[test]
fn a_statement_that_denies_reads_so() {
    let deny = POLICY.replacen("Allow", "Deny", 3);
    let new = deny.replace("\"ec2:AttachVolume\", ", "");
    let found = summaries(&files(&[("data/policy", &deny)]), &files(&[("data/policy", &new)]));
    assert_eq!(found, ["policy of role masters: statement 3 no longer denies ec2:AttachVolume"]);
}

#[test]
fn definitions_with_an_open_schema_equal_detailed_ones() {
    let definition = |rest: &str, schema: &str| {
        format!(
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{name: a.b}}\nspec:\n  group: b\n{rest}  \
             versions:\n  - name: v1\n    schema: {{openAPIV3Schema: {schema}}}\n"
        )
    };
    let open = definition("", "{type: object, x-kubernetes-preserve-unknown-fields: true}");
    let detailed = definition("  preserveUnknownFields: false\n", "{type: object, properties: {spec: {type: string}}}");
    let other = definition("", "{type: object, properties: {spec: {type: integer}}}");
    assert!(equivalent("a", open.as_bytes(), detailed.as_bytes()));
    assert!(!equivalent("a", detailed.as_bytes(), other.as_bytes()));
    assert!(!equivalent("a", open.as_bytes(), open.replace("group: b", "group: c").as_bytes()));
}

#[test]
fn what_definitions_have_for_readers_does_not_count() {
    let definition = |annotations: &str, version: &str| {
        format!(
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{name: a.b{annotations}}}\nspec:\n  \
             versions:\n  - name: v1beta1\n    deprecated: true\n{version}"
        )
    };
    let plain = definition("", "");
    let made = definition(", annotations: {controller-gen.kubebuilder.io/version: v0.19.0}", "    subresources: {}\n");
    let explained = definition("", "    deprecationWarning: use v1\n    additionalPrinterColumns: [{name: Age}]\n");
    let with_status = definition("", "    subresources: {status: {}}\n");
    assert!(equivalent("a", plain.as_bytes(), made.as_bytes()));
    assert!(equivalent("a", plain.as_bytes(), explained.as_bytes()));
    assert!(!equivalent("a", plain.as_bytes(), with_status.as_bytes()));
    assert!(!equivalent("a", plain.as_bytes(), plain.replace("deprecated: true", "deprecated: false").as_bytes()));
}

#[test]
fn scripts_of_another_program_are_compared_by_their_contract() {
    let script = |functions: &str, region: &str| {
        format!(
            "#!/bin/bash\nNODEUP_URL_AMD64=https://x\nexport AWS_REGION={region}\n{functions}cat > conf/kube_env.yaml << 'E'\nA: 1\nE\n"
        )
    };
    let own = script("get() {\n  curl x\n}\n", "r");
    let kops = script("download-or-bust() {\n  wget x\n}\n", "r");
    assert!(equivalent("data/u", own.as_bytes(), kops.as_bytes()));
    assert!(!equivalent("data/u", own.as_bytes(), script("download-or-bust() {\n}\n", "q").as_bytes()));
    // The same program, edited.
    assert!(!equivalent("data/u", own.as_bytes(), own.replace("curl x", "curl y").as_bytes()));
    assert!(equivalent("data/u", own.as_bytes(), own.replace("get() {", "# Gets it.\nget() {").as_bytes()));
}

#[test]
fn a_secret_of_a_configuration_is_not_shown() {
    let block =
        |value: &str| files(&[("s.tf", &format!("resource \"a\" \"b\" {{\n  client_secret = \"{value}\"\n}}\n"))]);
    let read = |files: &Files| Configuration::parse(files).unwrap();
    for (old, new) in [("hunter2", "hunter3"), ("", "hunter2")] {
        let (a, b) = (block(old), block(new));
        let changes = compare_configurations(&read(&a), &read(&b));
        assert_eq!(changes.len(), 1);
        assert!(!format!("{changes:?}{:?}", compare(&a, &b)).contains("hunter"), "{changes:?}");
    }
    assert!(
        !format!("{:?}", compare_configurations(&Configuration::default(), &read(&block("hunter2"))))
            .contains("hunter")
    );
}

#[test]
fn files_that_cannot_be_read_are_compared_as_text() {
    let found = summaries(&files(&[("main.tf", "resource {{{")]), &files(&[("main.tf", "resource {{{ }")]));
    assert_eq!(found, ["file main.tf: line 1 resource {{{ → resource {{{ }"]);
    assert!(!equivalent("main.tf", b"resource {{{", b"resource {{{ }"));
}
