//! `validate spec` on the command line, and the same checks in the commands that write.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::support::{kopsform, root, skip, stderr, stdout, tool};

fn base() -> String {
    fs::read_to_string(root().join("tests/corpus/base.yaml")).unwrap()
}

/// A directory with a file, and a state store next to it.
struct Desk(tempfile::TempDir);

impl Desk {
    fn with(text: &str) -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        desk.write(text);
        desk
    }

    fn write(&self, text: &str) {
        fs::write(self.0.path().join("a b.yaml"), text).unwrap();
    }

    fn run(&self, args: &[&str]) -> Output {
        let mut command = kopsform(self.0.path());
        command.current_dir(self.0.path()).env("KOPS_STATE_STORE", format!("file://{}/state", self.0.path().display()));
        command.args(args).output().unwrap()
    }

    fn validate(&self, args: &[&str]) -> Output {
        self.run(&[&["validate", "spec", "-f", "a b.yaml"], args].concat())
    }

    /// The objects of the cluster in the state store.
    fn stored(&self) -> usize {
        fn count(directory: &Path) -> usize {
            let entries = fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path());
            entries.map(|path| if path.is_dir() { count(&path) } else { 1 }).sum()
        }
        count(&self.0.path().join("state/demo.example.org"))
    }
}

/// A spec with an error, a warning, and characters that every form must escape.
fn broken() -> String {
    base().replace("  networkCIDR: 10.40.0.0/16\n", "  networkCIDR: \"<10.40> & 'x', 100%: y\"\n")
        + "---\napiVersion: kops.k8s.io/v1alpha2\nkind: InstanceGroup\nmetadata: {name: old, labels: {kops.k8s.io/cluster: demo.example.org}}\nspec: {role: Node, rootVolumeDeleteOnTermination: true}\n"
}

#[test]
fn the_exit_code_tells_whether_there_is_an_error() {
    let clean = Desk::with(&base()).validate(&[]);
    assert_eq!((clean.status.code(), stdout(&clean).as_str()), (Some(0), ""));
    assert_eq!(stderr(&clean), "1 file: 0 errors, 0 warnings\n");
    let warned = Desk::with(&base().replace("    anonymousAuth: false\n", "    anonymousAuth: true\n"));
    assert_eq!(warned.validate(&[]).status.code(), Some(0), "a warning is no error");
    assert_eq!(warned.validate(&["--strict"]).status.code(), Some(1), "with --strict it is");
    let wrong = Desk::with(&broken()).validate(&[]);
    assert_eq!(wrong.status.code(), Some(1));
    assert!(stdout(&wrong).starts_with("error: a b.yaml:"), "{}", stdout(&wrong));
    assert!(stdout(&wrong).contains(": spec.networkCIDR: "), "{}", stdout(&wrong));
}

#[test]
fn the_forms_for_programs_are_what_those_programs_read() {
    let desk = Desk::with(&broken());
    let text = |form: &str| {
        let output = desk.validate(&["-o", form]);
        assert_eq!(output.status.code(), Some(1), "{form}");
        assert_eq!(stderr(&output), "", "{form}");
        stdout(&output)
    };

    let value: Value = serde_json::from_str(&text("json")).unwrap();
    assert_eq!((&value["errors"], &value["warnings"]), (&json!(1), &json!(1)), "{value}");

    let sarif: Value = serde_json::from_str(&text("sarif")).unwrap();
    // The parts of SARIF 2.1.0 that its schema and code scanning ask for.
    let text_of = json!({ "type": "object", "required": ["text"], "properties": { "text": { "type": "string", "minLength": 1 } } });
    let shape = json!({
        "type": "object", "required": ["$schema", "version", "runs"],
        "properties": {
            "version": { "const": "2.1.0" },
            "runs": { "type": "array", "minItems": 1, "items": {
                "type": "object", "required": ["tool", "results"], "additionalProperties": false,
                "properties": {
                    "columnKind": { "enum": ["utf16CodeUnits", "unicodeCodePoints"] },
                    "tool": { "required": ["driver"], "properties": { "driver": { "required": ["name", "rules"], "properties": {
                        "rules": { "type": "array", "uniqueItems": true, "items": { "required": ["id"] } },
                    } } } },
                    "results": { "type": "array", "items": {
                        "required": ["ruleId", "ruleIndex", "level", "message", "locations"],
                        "properties": {
                            "level": { "enum": ["none", "note", "warning", "error"] },
                            "message": text_of,
                            "locations": { "minItems": 1, "items": { "required": ["physicalLocation"], "properties": {
                                "physicalLocation": { "required": ["artifactLocation", "region"], "properties": {
                                    "artifactLocation": { "properties": { "uri": { "type": "string", "pattern": "^[^ #<>\"]+$" } } },
                                    "region": { "properties": {
                                        "startLine": { "type": "integer", "minimum": 1 },
                                        "startColumn": { "type": "integer", "minimum": 1 },
                                    } },
                                } },
                            } } },
                        },
                    } },
                },
            } },
        },
    });
    let objections: Vec<String> = jsonschema::validator_for(&shape)
        .unwrap()
        .iter_errors(&sarif)
        .map(|e| format!("{}: {e}", e.instance_path()))
        .collect();
    assert_eq!(objections, Vec::<String>::new());
    for result in sarif["runs"][0]["results"].as_array().unwrap() {
        let rule = &sarif["runs"][0]["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().unwrap() as usize];
        assert_eq!(rule["id"], result["ruleId"]);
    }

    let github = text("github");
    assert_eq!(github.lines().count(), 2, "one command a line: {github}");
    for line in github.lines() {
        let (properties, message) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
        let (command, properties) = properties.split_once(' ').unwrap();
        assert!(matches!(command, "error" | "warning"), "{line}");
        assert!(properties.starts_with("file=a b.yaml,line="), "{line}");
        assert!(!message.is_empty() && !message.replace("%25", "").replace("%0A", "").contains('%'), "{line}");
    }

    let junit = text("junit");
    assert!(junit.contains("<testsuites name=\"validate spec\" tests=\"2\" skipped=\"0\" failures=\"1\""), "{junit}");
    assert!(junit.contains("&lt;10.40&gt; &amp; "), "{junit}");
    let Some(python) = tool("python3") else { return skip("no python3 to read XML with") };
    let file = desk.0.path().join("junit.xml");
    fs::write(&file, &junit).unwrap();
    let script =
        "import sys, xml.etree.ElementTree as E\nprint([c.tag for c in E.parse(sys.argv[1]).iter('testcase')])";
    let read = Command::new(python).args(["-c", script]).arg(&file).output().unwrap();
    assert_eq!(stdout(&read), "['testcase', 'testcase']\n", "{}", stderr(&read));
}

#[test]
fn what_kops_lets_through_is_a_warning_and_with_strict_an_error() {
    let desk = Desk::with(&base().replace("  sshAccess:", "  sshAcces:"));
    let strict = desk.run(&["replace", "--force", "--strict", "-f", "a b.yaml"]);
    assert_eq!(strict.status.code(), Some(1), "{}", stderr(&strict));
    assert_eq!(desk.stored(), 0);
    let lenient = desk.run(&["replace", "--force", "-f", "a b.yaml"]);
    assert_eq!(lenient.status.code(), Some(0), "{}", stderr(&lenient));
    assert!(stderr(&lenient).contains("warning: a b.yaml:"), "{}", stderr(&lenient));
    assert!(stderr(&lenient).contains("spec.sshAcces: unknown field"), "{}", stderr(&lenient));
    assert_eq!(desk.stored(), 3, "the cluster and its groups");
}

#[test]
fn update_tells_what_is_wrong_with_what_is_stored_before_it_makes_anything() {
    let desk = Desk::with(&base());
    assert!(desk.run(&["replace", "--force", "-f", "a b.yaml"]).status.success());
    let group = desk.0.path().join("state/demo.example.org/instancegroup/workers");
    let text = fs::read_to_string(&group).unwrap().replace("- private-a", "- private-z");
    fs::write(&group, text + "  maxPrice: cheap\n").unwrap();
    let output =
        desk.run(&["update", "cluster", "demo.example.org", "--target", "terraform", "--out", "out", "--offline"]);
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    assert!(said.contains("/instancegroup/workers:"), "the location in the store: {said}");
    assert!(said.contains("spec.subnets[0]: the cluster has no subnet private-z"), "{said}");
    assert!(!desk.0.path().join("out").exists(), "nothing is written");
    assert_eq!(desk.stored(), 3, "no keys are made");
}

#[test]
fn replace_writes_nothing_of_a_file_with_an_error_and_reports_all_of_them() {
    let desk =
        Desk::with(&base().replace("subnets: [private-a]", "subnets: [privat-a]").replace("maxSize: 4", "maxSize: 1"));
    let output = desk.run(&["replace", "--force", "-f", "a b.yaml"]);
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    assert_eq!(said.matches("did you mean private-a?").count(), 2, "{said}");
    assert!(said.contains("spec.maxSize: maxSize 1 is less than minSize 2"), "{said}");
    assert_eq!(desk.stored(), 0, "nothing is stored");
}

#[test]
fn what_is_stored_holds_back_a_change_that_loses_data() {
    let desk = Desk::with(&base());
    assert!(desk.run(&["replace", "--force", "-f", "a b.yaml"]).status.success());
    // A newer kops may have added a field: that is not an error here.
    let config = desk.0.path().join("state/demo.example.org/config");
    let newer = fs::read_to_string(&config).unwrap() + "  fromTheFuture: true\n";
    fs::write(&config, newer).unwrap();
    desk.write(&base().replace("  - name: events\n    etcdMembers:\n    - {name: a, instanceGroup: control-a}\n", ""));
    let output = desk.run(&["replace", "-f", "a b.yaml"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("the etcd cluster events can't be removed"), "{}", stderr(&output));
    assert!(!stderr(&output).contains("fromTheFuture"), "{}", stderr(&output));
    // A group without its cluster is checked against the stored cluster.
    desk.write(&base().split("---\n").nth(2).unwrap().replace("private-a", "private-b"));
    let output = desk.run(&["replace", "-f", "a b.yaml"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("the cluster has no subnet private-b"), "{}", stderr(&output));
}

#[test]
fn a_rule_is_switched_off_by_its_name() {
    let gate = "  kubeAPIServer: {featureGates: {TTLAfterFinished: \"true\"}}\n";
    let desk = Desk::with(&base().replace("  networking:\n", &format!("{gate}  networking:\n")));
    let refused = desk.validate(&[]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        stdout(&refused).contains("has no feature gate TTLAfterFinished since Kubernetes 1.25"),
        "{}",
        stdout(&refused)
    );
    assert_eq!(desk.validate(&["--allow", "old-version", "--allow", "unknown-feature-gate"]).status.code(), Some(0));

    let unknown = desk.validate(&["--allow", "unknown-featur-gate"]);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(stderr(&unknown).contains("hint: did you mean unknown-feature-gate?"), "{}", stderr(&unknown));
    let never = desk.validate(&["--allow", "wrong-type"]);
    assert!(stderr(&never).contains("the rule wrong-type can't be allowed"), "{}", stderr(&never));

    // Where kops accepts it, commands that store warn; `--allow` leaves the warning out.
    let warned = desk.run(&["replace", "--force", "-f", "a b.yaml"]);
    assert!(stderr(&warned).contains("TTLAfterFinished"), "{}", stderr(&warned));
    let silent = desk.run(&["replace", "--force", "-f", "a b.yaml", "--allow", "unknown-feature-gate"]);
    assert_eq!((silent.status.code(), stderr(&silent).as_str()), (Some(0), ""));
    let strict = ["replace", "--force", "--strict", "-f", "a b.yaml", "--allow", "unknown-feature-gate"];
    assert_eq!(desk.run(&strict).status.code(), Some(0));
    let update = ["update", "cluster", "demo.example.org", "--target", "terraform", "--out", "out", "--offline"];
    let with = desk.run(&[&update[..], &["--allow", "unknown-feature-gate"]].concat());
    assert!(!stderr(&with).contains("TTLAfterFinished"), "{}", stderr(&with));

    // So does the project's file in the working directory.
    let project = "templates: [a.yml]\nvalidate: {allow: [unknown-feature-gate]}\n";
    fs::write(desk.0.path().join("kopsform.yaml"), project).unwrap();
    assert_eq!(desk.validate(&[]).status.code(), Some(0));
}

#[test]
fn what_kops_refuses_is_never_allowed() {
    let plugin = "  kubeAPIServer: {appendAdmissionPlugins: [PodSecurityPolicy]}\n";
    let desk = Desk::with(&base().replace("  networking:\n", &format!("{plugin}  networking:\n")));
    let output = desk.validate(&["--allow", "unknown-admission-plugin"]);
    assert_eq!(output.status.code(), Some(1), "{}", stdout(&output));
    let replaced = desk.run(&["replace", "--force", "-f", "a b.yaml", "--allow", "unknown-admission-plugin"]);
    assert_eq!(replaced.status.code(), Some(1), "{}", stderr(&replaced));
    assert_eq!(desk.stored(), 0);
}

#[test]
fn a_lost_separator_stops_every_command() {
    let text = base().replacen("---\n", "", 1);
    let line = text.lines().position(|line| line == "kind: InstanceGroup").unwrap();
    let desk = Desk::with(&text);
    let output = desk.validate(&[]);
    assert_eq!(stdout(&output).matches("error: ").count(), 1, "{}", stdout(&output));
    assert!(
        stdout(&output).contains(&format!("hint: a line `---` is missing before line {line}")),
        "{}",
        stdout(&output)
    );
    let replaced = desk.run(&["replace", "--force", "-f", "a b.yaml"]);
    assert_eq!(replaced.status.code(), Some(1));
    assert!(stderr(&replaced).contains("two objects in one document"), "{}", stderr(&replaced));
    assert_eq!(desk.stored(), 0);
}

#[test]
fn findings_name_the_object_where_a_file_has_several() {
    let several = Desk::with(&base().replace("maxSize: 4", "maxSiez: 4")).validate(&[]);
    assert!(stdout(&several).contains(": InstanceGroup/workers: spec.maxSiez: unknown field"), "{}", stdout(&several));
    let one = base().split("---\n").next().unwrap().replace("sshAccess", "sshAcces");
    let alone = Desk::with(&one).validate(&[]);
    assert!(stdout(&alone).contains(": spec.sshAcces: unknown field"), "{}", stdout(&alone));
    assert!(!stdout(&alone).contains("Cluster/demo.example.org"), "{}", stdout(&alone));
}

#[test]
fn specs_of_another_cloud_have_one_finding() {
    let text = base()
        .replace("cloudProvider: aws", "cloudProvider: openstack")
        .replace("m6i.large", "n1-standard-1")
        .replace("s3://demo-state", "gs://demo-state");
    let output = Desk::with(&text).validate(&[]);
    assert_eq!(stdout(&output).matches("error: ").count(), 1, "{}", stdout(&output));
    assert!(stdout(&output).contains("openstack is not supported, only aws and gce are"), "{}", stdout(&output));
    assert!(!stdout(&output).contains("write cloudProvider: aws"), "{}", stdout(&output));
}

#[test]
fn recorded_facts_are_checked_with_file_and_line() {
    let subnets = "  - {name: private-a, id: subnet-1, type: Private, zone: eu-central-1a, cidr: 10.40.32.0/19}\n  \
                   - {name: utility-a, id: subnet-2, type: Utility, zone: eu-central-1a}\n";
    let (before, rest) = base().split_once("  subnets:\n").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let after = rest.split_once("  topology:\n").unwrap().1.to_owned();
    let desk = Desk::with(&format!("{before}  networkID: vpc-1\n  subnets:\n{subnets}  topology:\n{after}"));
    let lock = json!({
        "version": 1,
        "vpcs": { "vpc-1": { "cidr": "10.40.0.0/16" } },
        "subnets": {
            "subnet-1": { "vpc": "vpc-2", "zone": "eu-central-1a", "cidr": "10.40.32.0/19" },
            "subnet-2": { "vpc": "vpc-1", "zone": "eu-central-1b", "cidr": "10.40.0.0/22" },
        },
    });
    fs::write(desk.0.path().join("facts.json"), lock.to_string()).unwrap();
    assert_eq!(desk.validate(&[]).status.code(), Some(0), "facts are not needed");
    let expect = [
        "spec.subnets[0].id: subnet-1 is in vpc-2, not in vpc-1",
        "spec.subnets[1].zone: subnet-2 has the zone eu-central-1b, not eu-central-1a",
    ];
    let output = desk.validate(&["--lock", "facts.json"]);
    assert_eq!(output.status.code(), Some(1));
    let replaced = desk.run(&["replace", "--force", "-f", "a b.yaml", "--lock", "facts.json", "--offline"]);
    assert_eq!(replaced.status.code(), Some(1), "{}", stderr(&replaced));
    for text in [stdout(&output), stderr(&replaced)] {
        for part in expect {
            let line = text.lines().find(|line| line.contains(part)).unwrap_or_else(|| panic!("{part}: {text}"));
            assert!(line.contains("a b.yaml:"), "{line}");
        }
    }
    assert_eq!(desk.stored(), 0);
}
