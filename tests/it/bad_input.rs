//! Invalid input of all kinds: a clear error with its location, exit code 1, nothing written, no panic.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use crate::support::{files, kopsform, stderr};

const SPEC: &str = "\
apiVersion: kops.k8s.io/v1alpha2
kind: Cluster
metadata:
  name: bad.example.com
spec:
  cloudProvider: aws
  configBase: s3://state/bad.example.com
  kubernetesVersion: 1.34.1
  networkCIDR: 172.20.0.0/16
  nonMasqueradeCIDR: 100.64.0.0/10
  networking:
    cni: {}
  topology:
    dns:
      type: Public
  kubernetesApiAccess: [0.0.0.0/0]
  sshAccess: [0.0.0.0/0]
  iam:
    allowContainerRegistry: true
  etcdClusters:
  - name: main
    etcdMembers: [{name: a, instanceGroup: control-plane}]
  - name: events
    etcdMembers: [{name: a, instanceGroup: control-plane}]
  subnets:
  - {name: us-east-1a, type: Public, zone: us-east-1a, cidr: 172.20.32.0/19}
---
apiVersion: kops.k8s.io/v1alpha2
kind: InstanceGroup
metadata:
  name: control-plane
  labels:
    kops.k8s.io/cluster: bad.example.com
spec:
  role: Master
  image: ami-0123456789abcdef0
  machineType: t3.medium
  minSize: 1
  maxSize: 1
  subnets: [us-east-1a]
---
apiVersion: kops.k8s.io/v1alpha2
kind: InstanceGroup
metadata:
  name: nodes
  labels:
    kops.k8s.io/cluster: bad.example.com
spec:
  role: Node
  image: ami-0123456789abcdef0
  machineType: t3.medium
  minSize: 1
  maxSize: 2
  subnets: [us-east-1a]
";

struct Project(tempfile::TempDir);

impl Project {
    /// A project with one template.
    fn of(template: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("cluster.yml"), template).unwrap();
        fs::write(directory.path().join("outputs.json"), "{\"name\": {\"sensitive\": false, \"value\": \"x\"}}")
            .unwrap();
        let project = Self(directory);
        project.settings(
            "outputs: {file: outputs.json}\ntemplates: [cluster.yml]\nstore: state\nrendered: rendered.yml\n",
        );
        project
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn settings(&self, text: &str) {
        fs::write(self.path("kopsform.yaml"), text).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Output {
        kopsform(self.0.path()).current_dir(self.0.path()).args(arguments).output().unwrap()
    }

    /// Runs a command that must fail; returns its error.
    #[track_caller]
    fn refused_by(&self, arguments: &[&str]) -> String {
        let before = files(self.0.path());
        let output = self.run(arguments);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(!said.contains("panicked"), "{said}");
        assert!(said.len() < 20_000, "the message has {} bytes", said.len());
        assert_eq!(files(self.0.path()), before, "{arguments:?} wrote something");
        said
    }

    #[track_caller]
    fn refused(&self) -> String {
        self.refused_by(&["sync", "--offline"])
    }

    /// Every command that reads specs reports the same error for the template.
    #[track_caller]
    fn refused_as_spec(&self, part: &str) {
        for arguments in [
            &["replace", "--force", "--state", "./state", "-f", "cluster.yml"][..],
            &["validate", "spec", "-f", "cluster.yml"],
        ] {
            let before = files(self.0.path());
            let output = self.run(arguments);
            assert_eq!(output.status.code(), Some(1), "{arguments:?}");
            let said = stderr(&output) + &String::from_utf8_lossy(&output.stdout);
            assert!(said.contains(part), "{arguments:?}: {part:?} is not in\n{said}");
            assert_eq!(files(self.0.path()), before, "{arguments:?} wrote something");
        }
    }
}

#[track_caller]
fn holds(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in\n{text}");
    }
}

#[test]
fn the_spec_itself_is_right() {
    let project = Project::of(SPEC);
    let output = project.run(&["sync", "--offline", "--skip", "terraform"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(project.path("state/bad.example.com/config").is_file());
}

#[test]
fn a_key_that_the_outputs_lack() {
    let project = Project::of(&SPEC.replace("name: bad.example.com", "name: {{ .nmae.value }}"));
    holds(
        &project.refused(),
        &["cluster.yml:4:12: .nmae: there is no key \"nmae\"", "name: {{ .nmae.value }}", "did you mean name?"],
    );
}

#[test]
fn an_action_that_never_ends() {
    let project = Project::of(&SPEC.replace("cloudProvider: aws", "cloudProvider: aws\n  {{ if .name }}"));
    holds(&project.refused(), &["cluster.yml:7:3: `{{ if }}` is never closed"]);
    let project = Project::of(&SPEC.replace("cloudProvider: aws", "cloudProvider: {{ .name.value"));
    holds(&project.refused(), &["cluster.yml:7:13: expected `:=`"]);
    let project = Project::of("name: {{ .name.value");
    holds(&project.refused(), &["cluster.yml:1:7: this action is never closed"]);
}

#[test]
fn a_field_of_another_name_is_reported_and_ignored() {
    let project = Project::of(&SPEC.replace("sshAccess:", "sshAcces:"));
    let output = project.run(&["sync", "--offline", "--skip", "terraform"]);
    holds(
        &stderr(&output),
        &["cluster.yml:17:3: Cluster/bad.example.com: spec.sshAcces: unknown field", "did you mean sshAccess?"],
    );
    project.refused_as_spec_strictly("cluster.yml:17:3: Cluster/bad.example.com: spec.sshAcces: unknown field");
}

impl Project {
    /// The commands that take no unknown field.
    #[track_caller]
    fn refused_as_spec_strictly(&self, part: &str) {
        let output = self.run(&["validate", "spec", "-f", "cluster.yml"]);
        assert_eq!(output.status.code(), Some(1));
        holds(&String::from_utf8_lossy(&output.stdout), &[part]);
        holds(
            &self.refused_by(&["replace", "--force", "--strict", "--state", "./state", "-f", "cluster.yml"]),
            &[part],
        );
    }
}

#[test]
fn a_network_that_is_none() {
    let project = Project::of(&SPEC.replace("172.20.0.0/16", "172.20.0.0/33"));
    holds(&project.refused(), &["cluster.yml:9:16: Cluster/bad.example.com: spec.networkCIDR: ", "172.20.0.0/33"]);
    project.refused_as_spec("cluster.yml:9:16: Cluster/bad.example.com: spec.networkCIDR: ");
}

#[test]
fn two_groups_of_one_name() {
    let project = Project::of(&SPEC.replace("name: nodes", "name: control-plane"));
    holds(
        &project.refused(),
        &["cluster.yml:45:9: InstanceGroup/control-plane: metadata.name: there are two InstanceGroups"],
    );
    project.refused_as_spec("cluster.yml:45:9: InstanceGroup/control-plane: metadata.name: ");
}

#[test]
fn a_store_that_cannot_be_read() {
    let project = Project::of(SPEC);
    fs::write(project.path("state"), "a file, not a directory").unwrap();
    holds(&project.refused(), &["state"]);
    let project = Project::of(SPEC);
    fs::create_dir_all(project.path("state/bad.example.com")).unwrap();
    fs::write(project.path("state/bad.example.com/config"), "kind: [").unwrap();
    holds(&project.refused(), &["bad.example.com/config"]);
    project.settings("templates: [cluster.yml]\nstore: swift://bucket\n");
    holds(&project.refused(), &["swift://bucket", "hint: a state store is s3://bucket"]);
    project.settings("templates: [cluster.yml]\n");
    holds(&project.refused(), &["no state store is given", "hint:"]);
}

#[test]
fn files_with_nothing_in_them() {
    let project = Project::of("");
    holds(&project.refused(), &["the file has no object"]);
    project.refused_as_spec("cluster.yml:1:1: the file has no object");
    let project = Project::of("{{/* nothing */}}");
    holds(&project.refused(), &["the file has no object"]);
    project.settings("");
    holds(&project.refused(), &["kopsform.yaml:1:1: the file is empty"]);
    fs::remove_file(project.path("kopsform.yaml")).unwrap();
    holds(&project.refused(), &["cannot read the project kopsform.yaml", "hint:"]);
}

#[test]
fn a_hundred_megabytes() {
    let project = Project::of(&format!("{SPEC}{}", "# a line of a comment that says nothing\n".repeat(2_700_000)));
    assert!(fs::metadata(project.path("cluster.yml")).unwrap().len() > 100_000_000);
    holds(&project.refused(), &["cluster.yml", "16 MiB"]);
    project.refused_as_spec("larger than 16 MiB");
    let project = Project::of(SPEC);
    fs::write(project.path("kopsform.yaml"), "# nothing\n".repeat(10_500_000)).unwrap();
    holds(&project.refused(), &["kopsform.yaml:", "larger than 16 MiB"]);
}

#[test]
fn a_text_that_unfolds_without_end() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for i in 1..12 {
        bomb += &format!("a{i}: &a{i} [{}]\n", vec![format!("*a{}", i - 1); 10].join(", "));
    }
    let project = Project::of(&bomb);
    holds(&project.refused(), &["cluster.yml:5:9: more than 1000000 values"]);
    project.refused_as_spec("cluster.yml:5:9: more than 1000000 values");
    let project = Project::of(SPEC);
    fs::write(project.path("values.yaml"), &bomb).unwrap();
    project.settings("templates: [cluster.yml]\nvalues: [values.yaml]\nstore: state\n");
    holds(&project.refused(), &["values.yaml:5:9: more than 1000000 values"]);
    project.settings(&bomb);
    holds(&project.refused(), &["kopsform.yaml:5:9: more than 1000000 values"]);
}

#[test]
fn outputs_that_cannot_be_had() {
    let project = Project::of(SPEC);
    let refused = |outputs: &str| {
        project.settings(&format!("outputs: {outputs}\ntemplates: [cluster.yml]\nstore: state\n"));
        project.refused()
    };
    holds(&refused("{file: none.json}"), &["cannot read the outputs none.json"]);
    holds(&refused("{command: [./no-such-program]}"), &["cannot run `./no-such-program`", "hint: install"]);
    holds(&refused("{command: [sh, -c, 'exit 3']}"), &["`sh -c exit 3`", "exit status: 3"]);
    let said = refused("{command: [sh, -c, 'echo \"{broken: hunter2\"']}");
    holds(&said, &["hint: the format is that of"]);
    assert!(!said.contains("{broken: hunter2\n"), "{said}");
    fs::write(project.path("binary"), [0xff, 0xfe, 0x00]).unwrap();
    holds(&refused("{file: binary}"), &["are not UTF-8"]);
    holds(&refused("{}"), &["kopsform.yaml:1:1: outputs: expected one of file, terraform and command"]);
}

#[test]
fn sensitive_outputs_are_in_no_message() {
    let secret = "tr0ub4dor&3";
    let outputs = format!("{{\"password\": {{\"sensitive\": true, \"type\": \"string\", \"value\": {secret:?}}}}}");
    for (template, part) in [
        (SPEC.replace("172.20.0.0/16", "{{ .password.value }}"), "cluster.yml:9:"),
        (SPEC.replace("role: Node", "role: {{ .password.value }}"), "cluster.yml:49:"),
        (SPEC.replace("role: Node", "role: \"{{ .password.value }}"), "cluster.yml:"),
        (SPEC.replace("role: Node", "role: Node\n  {{ .password.value }}: x"), "cluster.yml:50:"),
        (SPEC.replace("role: Node", "role: {{ fail .password.value }}"), "cluster.yml:49:"),
        (SPEC.replace("role: Node", "role: {{ index .password.value 99 }}"), "cluster.yml:49:"),
        (SPEC.replace("name: bad.example.com", "name: {{ .password.value }}"), "cluster.yml:"),
    ] {
        let project = Project::of(&template);
        fs::write(project.path("outputs.json"), &outputs).unwrap();
        let output = project.run(&["sync", "--offline", "--skip", "terraform"]);
        let said = stderr(&output) + &String::from_utf8_lossy(&output.stdout);
        assert!(!said.contains("tr0ub4dor"), "{said}");
        holds(&said, &[part]);
    }
}

#[test]
fn what_templates_make_of_sensitive_outputs_is_in_no_message() {
    let outputs = r#"{
        "password": {"sensitive": true, "type": "string", "value": "tr0ub4dorSecret"},
        "database": {"sensitive": true, "type": "object", "value": {"hostname": "internal7", "portnumber": 5432}},
        "network": {"sensitive": false, "type": "string", "value": "public"}
    }"#;
    // What may not be shown, also in the forms that the actions below produce.
    let secrets = [
        "tr0ub4dor",
        "TR0UB4DOR",
        "dHIwdWI0ZG9y",
        "7472307562",
        "internal7",
        "INTERNAL7",
        "hostname",
        "portnumber",
        "5432",
        "5433",
    ];
    let network = |action: &str| SPEC.replace("172.20.0.0/16", action);
    for (template, part) in [
        (network("{{ .password.value | b64enc }}"), "cluster.yml:9:"),
        (network("{{ .password.value | upper }}"), "cluster.yml:9:"),
        (network("{{ .password.value | trunc 9 }}"), "cluster.yml:9:"),
        (network("{{ printf \"%x\" .password.value }}"), "cluster.yml:9:"),
        (network("{{ $x := .password.value | upper }}{{ $x }}"), "cluster.yml:9:"),
        (network("{{ if eq .password.value \"tr0ub4dorSecret\" }}TR0UB4DOR{{ end }}"), "cluster.yml:9:"),
        (network("{{ .database.value.hostname | upper }}"), "cluster.yml:9:"),
        (network("{{ .database.value.portnumber }}"), "cluster.yml:9:"),
        (network("{{ .database.value.hostnam }}"), "cluster.yml:9:"),
        (network("{{ fail (.password.value | upper) }}"), "cluster.yml:9:"),
        (SPEC.replace("role: Node", "role: Node\n  {{ .password.value | lower | b64enc }}: x"), "cluster.yml:50:"),
    ] {
        let project = Project::of(&template);
        fs::write(project.path("outputs.json"), outputs).unwrap();
        let output = project.run(&["sync", "--offline", "--skip", "terraform"]);
        let said = stderr(&output) + &String::from_utf8_lossy(&output.stdout);
        // The template's own line may be shown: the user wrote it.
        let shown = |line: &&str| !line.contains("{{");
        let said_otherwise: String = said.lines().filter(shown).collect::<Vec<_>>().join("\n");
        for secret in secrets {
            assert!(!said_otherwise.contains(secret), "{secret} is in\n{said}");
        }
        holds(&said, &[part]);
    }
    // Other values are still shown.
    let project = Project::of(&network("{{ .network.value | upper }}"));
    fs::write(project.path("outputs.json"), outputs).unwrap();
    holds(&stderr(&project.run(&["sync", "--offline", "--skip", "terraform"])), &["cluster.yml:9:", "\"PUBLIC\""]);
}

#[test]
fn control_characters_are_shown_as_escapes() {
    let project = Project::of(&SPEC.replace("role: Node", "role: \"\\e[31mNode\\u202e\""));
    let said = project.refused();
    assert!(!said.contains('\u{1b}') && !said.contains('\u{202e}'), "{said:?}");
    holds(&said, &["[31mNode"]);
    for arguments in [
        vec!["get", "clusters", "--state", "file:///nowhere/\u{1b}[31m"],
        vec!["\u{1b}[31mget"],
        vec!["validate", "spec", "-f", "\u{1b}]0;title\u{7}"],
    ] {
        let output = project.run(&arguments);
        assert!(!output.status.success());
        let said = stderr(&output) + &String::from_utf8_lossy(&output.stdout);
        assert!(!said.contains(['\u{1b}', '\u{7}']), "{said:?}");
    }
}

#[test]
fn nothing_is_read_without_a_limit() {
    let project = Project::of(SPEC);
    // Elsewhere, since what is in the project is compared afterwards.
    let elsewhere = tempfile::tempdir().unwrap();
    let huge = elsewhere.path().join("huge");
    fs::File::create(&huge).unwrap().set_len(3 << 30).unwrap();
    let huge = huge.to_str().unwrap();
    for arguments in [
        vec!["validate", "spec", "-f", huge],
        vec!["validate", "spec", "-f", "/dev/zero"],
        vec!["toolbox", "template", "--template", huge],
        vec!["toolbox", "template", "--template", "cluster.yml", "--values", huge],
    ] {
        let output = project.run(&arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        holds(&stderr(&output), &["larger than 16 MiB"]);
    }
    project.settings(&format!("templates: [cluster.yml]\nstore: state\noutputs: {{file: {huge:?}}}\n"));
    holds(&project.refused(), &["huge", "larger than 16 MiB"]);
    project.settings("templates: [cluster.yml]\nstore: state\noutputs: {command: [\"yes\"]}\n");
    holds(&project.refused(), &["`yes` prints more than 16 MiB"]);
    let many = format!("{{\"a\": {{\"value\": [{}0]}}}}", "0,".repeat(2_000_000));
    fs::write(project.path("many.json"), many).unwrap();
    project.settings("templates: [cluster.yml]\nstore: state\noutputs: {file: many.json}\n");
    holds(&project.refused(), &["more than 1000000 values"]);
}

#[test]
fn a_store_in_which_nothing_can_be_read_is_not_empty() {
    let project = Project::of(SPEC);
    let config = project.path("state/broken.example.com/config");
    fs::create_dir_all(config.parent().unwrap()).unwrap();
    fs::write(&config, "spec: [").unwrap();
    let output = project.run(&["get", "clusters", "--state", "./state"]);
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    holds(&said, &["broken.example.com", "cannot be loaded", "none of the 1 clusters found can be read"]);
    assert!(!said.contains("no clusters found"), "{said}");
}

#[test]
fn ssh_keys_that_are_none() {
    let project = Project::of(SPEC);
    project.settings("templates: [cluster.yml]\nstore: state\nsshKey: key\n");
    holds(&project.refused(), &["key", "No such file"]);
    fs::write(project.path("key"), "-----BEGIN OPENSSH PRIVATE KEY-----\n").unwrap();
    holds(&project.refused(), &["it is a private key"]);
}

#[test]
fn a_lock_file_that_is_none() {
    let project = Project::of(SPEC);
    project.settings("templates: [cluster.yml]\nstore: state\nlock: kopsform.lock\n");
    holds(&project.refused(), &["kopsform.lock"]);
    fs::write(project.path("kopsform.lock"), "{\n oops").unwrap();
    holds(&project.refused(), &["kopsform.lock:2:2: not a lock file"]);
}

#[test]
fn the_wrong_cluster() {
    let project = Project::of(SPEC);
    let said = project.refused_by(&["sync", "--offline", "--name", "other.example.com"]);
    holds(&said, &["the templates render the cluster bad.example.com, not other.example.com"]);
    let project = Project::of(&SPEC.replace("kind: InstanceGroup", "kind: SSHCredential"));
    let _ = project.refused();
    assert!(!Path::new(&project.path("state")).exists());
}
