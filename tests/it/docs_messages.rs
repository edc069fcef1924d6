//! Messages that the documentation quotes are messages of the program.

use crate::support::{files, kopsform, root, stderr};

/// The string literals of the program's sources, without tests: what they print, with `…` for what they insert.
fn literals() -> Vec<String> {
    let mut found = Vec::new();
    for top in ["crates", "src"] {
        for (path, content) in files(&root().join(top)) {
            if !path.ends_with(".rs") || path.ends_with("tests.rs") || path.contains("/tests/") {
                continue;
            }
            let source = String::from_utf8(content).unwrap();
            let code = source.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
            found.extend(strings(code));
        }
    }
    assert!(found.len() > 5_000, "only {} strings", found.len());
    found
}

/// The string literals in Rust code.
fn strings(code: &str) -> Vec<String> {
    let literal = regex::Regex::new(r#"(?s)//[^\n]*|'(?:\\.|[^'\\\n])'|"((?:\\.|[^"\\])*)""#).unwrap();
    let continued = regex::Regex::new(r"\\\n\s*").unwrap();
    let inserted = regex::Regex::new(r"\{[^{}]*\}").unwrap();
    let text = |quoted: &str| {
        let joined = continued.replace_all(quoted, "");
        inserted.replace_all(&joined, "…").replace("\\\"", "\"").replace("\\n", "\n")
    };
    literal.captures_iter(code).filter_map(|c| c.get(1)).map(|quoted| text(quoted.as_str())).collect()
}

/// Whether a program that has the string may print the message: its fixed parts occur in order.
fn prints(literal: &str, message: &str) -> bool {
    let mut rest = literal;
    message.split('…').map(str::trim).filter(|part| !part.is_empty()).all(|part| {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
        true
    })
}

/// The messages of a page with their lines: headings of code, and quotations.
fn quoted(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let heading = line.strip_prefix("### `").and_then(|rest| rest.strip_suffix('`'));
        if let Some(message) = heading.or_else(|| line.strip_prefix("> ")) {
            found.push((number + 1, message.to_owned()));
        }
    }
    found
}

#[test]
fn quoted_messages_are_those_of_the_program() {
    let literals = literals();
    let (mut count, mut wrong) = (0, Vec::new());
    for page in ["troubleshooting.md", "deleting.md", "install.md"] {
        let text = std::fs::read_to_string(root().join("docs").join(page)).unwrap();
        for (line, message) in quoted(&text) {
            count += 1;
            let fixed: usize = message.split('…').map(|part| part.trim().chars().count()).sum();
            if message.starts_with("cannot …") {
                // A message of fixed parts that are too short to search for: its definition.
                let definition = "cannot {action} {url}: {reason}";
                let source = std::fs::read_to_string(root().join("crates/state/src/store.rs")).unwrap();
                if !source.contains(definition) {
                    wrong.push(format!("docs/{page}:{line}: {message}"));
                }
            } else if fixed < 10 || !literals.iter().any(|literal| prints(literal, &message)) {
                wrong.push(format!("docs/{page}:{line}: {message}"));
            }
        }
    }
    assert!(wrong.is_empty(), "no string of the program is\n{}", wrong.join("\n"));
    assert!(count > 35, "only {count} messages: has the form of the page changed?");
}

#[test]
fn messages_are_found_by_their_fixed_parts() {
    let code = "// \"comment\"\n#[error(\"the lock on {cluster} has \\\n    the id {found:?}\")] '\"' let x = \"a \\\"b\\\"\";";
    let literals = strings(code);
    assert_eq!(literals, ["the lock on … has the id …", "a \"b\""]);
    assert!(prints(&literals[0], "the lock on … has the id …"));
    assert!(!prints(&literals[0], "has the id … the lock on"));
    assert!(!prints(&literals[0], "the lock on … had the id"));
}

/// A spec as kops 1.14 made them.
const OLD: &str = "\
apiVersion: kops/v1alpha2
kind: Cluster
metadata: {name: k1.example.com}
spec:
  api: {loadBalancer: {type: Public}}
  cloudProvider: aws
  configBase: s3://state/k1.example.com
  docker: {version: 18.09.9}
  etcdClusters:
  - {name: main, version: 3.3.10, provider: Legacy, etcdMembers: [{name: a, instanceGroup: master}]}
  - {name: events, version: 3.3.10, etcdMembers: [{name: a, instanceGroup: master}]}
  iam: {legacy: true}
  kubelet: {featureGates: {CSIMigration: \"true\"}}
  kubeAPIServer: {enableAdmissionPlugins: [PodSecurityPolicy]}
  kubernetesVersion: 1.14.10
  networkCIDR: 172.20.0.0/16
  networking: {weave: {}}
  subnets: [{name: a, zone: us-east-1a, type: Private, cidr: 172.20.32.0/19}]
  topology: {masters: private, nodes: private}
---
apiVersion: kops/v1alpha2
kind: InstanceGroup
metadata: {name: master, labels: {kops.k8s.io/cluster: k1.example.com}}
spec: {role: Master, image: kope.io/k8s-1.14, machineType: m3.medium, minSize: 1, maxSize: 1, subnets: [a]}
";

/// What the page for old versions lists is what `validate spec` reports about such specs.
#[test]
fn findings_of_old_specs_are_as_documented() {
    let home = tempfile::tempdir().unwrap();
    let mut reported = String::new();
    for (version, network) in [("1.14.10", "weave"), ("1.31.5", "canal"), ("1.34.2", "weave"), ("1.37.0", "weave")] {
        let spec = OLD.replace("1.14.10", version).replace("weave", network);
        std::fs::write(home.path().join("cluster.yaml"), spec).unwrap();
        let output = kopsform(home.path()).current_dir(&home).args(["validate", "spec", "-f", "cluster.yaml"]).output();
        let output = output.unwrap();
        assert_eq!(output.status.code(), Some(1), "{version}");
        reported += &String::from_utf8_lossy(&output.stdout);
        reported += &stderr(&output);
    }
    let page = std::fs::read_to_string(root().join("docs/old-versions.md")).unwrap();
    let (mut column, mut count) = (None, 0);
    for line in page.lines() {
        let cells: Vec<&str> = line.split('|').collect();
        match cells.iter().position(|cell| cell.trim() == "`validate spec` reports") {
            Some(found) => column = Some(found),
            None if cells.len() < 3 => column = None,
            None => {
                let Some(cell) = column.and_then(|column| cells.get(column)) else { continue };
                for message in cell.split('`').skip(1).step_by(2) {
                    assert!(reported.contains(message), "no old spec is reported with {message:?}:\n{reported}");
                    count += 1;
                }
            }
        }
    }
    assert!(count > 10, "only {count} messages: has the form of the tables changed?");
}
