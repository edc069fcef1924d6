//! `diff` on the command line, and what holds for every two sets of files.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use kopsform::ops::diff::{Compared, compare};
use kopsform_terraform::changes::Action;
use proptest::prelude::*;
use serde_json::Value;

use crate::support::{copy, files, give_keys, kopsform, root, skip, stderr, stdout, succeed, tool};

const CASE: &str = "leverage-gossip";

/// A copy of a golden case in a Git repository.
struct Project(tempfile::TempDir);

impl Project {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        for part in ["templates", CASE] {
            copy(&root().join("golden").join(part), &directory.path().join(part));
        }
        fs::copy(root().join("golden/id_rsa.pub"), directory.path().join("id_rsa.pub")).unwrap();
        Self(directory)
    }

    /// With the specs and the keysets of the goldens stored.
    fn stored() -> Self {
        let project = Self::new();
        succeed(&mut project.kopsform(&["sync", "--offline", "--skip", "terraform"]));
        give_keys(&project.path("state"), "demo01-kops.devstg.k8s.local");
        project
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(CASE).join(name)
    }

    fn kopsform(&self, arguments: &[&str]) -> Command {
        let mut command = kopsform(self.0.path());
        command.current_dir(self.path(".")).args(arguments);
        command
    }

    fn diff(&self, arguments: &[&str]) -> Output {
        self.kopsform(&[&["diff", "--offline"], arguments].concat()).output().unwrap()
    }

    fn git(&self, arguments: &[&str]) {
        let mut git = Command::new("git");
        git.args(["-c", "user.email=a@example.com", "-c", "user.name=a"]).args(arguments).current_dir(self.0.path());
        succeed(&mut git);
    }

    fn commit(&self) {
        fs::write(self.0.path().join(".gitignore"), "state/\nout/\n").unwrap();
        self.git(&["init", "-q"]);
        self.git(&["add", "-A"]);
        self.git(&["commit", "-qm", "before"]);
    }

    fn change(&self, from: &str, to: &str) {
        let path = self.0.path().join("templates/leverage.yml");
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{text}");
        fs::write(path, text.replace(from, to)).unwrap();
    }
}

#[track_caller]
fn assert_code(output: &Output, code: i32) {
    assert_eq!(output.status.code(), Some(code), "{}{}", stdout(output), stderr(output));
}

#[test]
fn a_diff_reads_as_a_review_and_writes_nothing() {
    let project = Project::stored();
    assert_code(&project.diff(&[]), 0);
    assert!(stdout(&project.diff(&[])).contains("no differences"));

    project.change("encryptedVolume: true", "encryptedVolume: false");
    let worker = "  machineType: {{ .kops_worker_machine_type.value }}";
    project.change(worker, &format!("{worker}\n  rootVolumeSize: 77\n  kubelet: {{maxPods: 60}}"));
    let before = files(project.0.path());
    let output = project.diff(&[]);
    assert_code(&output, 2);
    let said = stdout(&output);
    for line in [
        "demo01-kops.devstg.k8s.local: 0 to add, 4 to change, 2 to replace, 0 to destroy",
        "  -/+ aws_ebs_volume.a-etcd-main-demo01-kops-devstg-k8s-local\n        encrypted: true → false (forces replacement)\n",
        "    ~ aws_launch_template.nodes-demo01-kops-devstg-k8s-local\n        block_device_mappings.ebs.volume_size: 128 → 77\n",
        "launch_template.version: known after apply, as aws_launch_template.nodes-demo01-kops-devstg-k8s-local changes\n",
        "    ~ igconfig/node/nodes/nodeupconfig.yaml\n",
        "\nRolling update: nodes: block_device_mappings.ebs.volume_size: 128 → 77; kubelet flag: maxPods ",
    ] {
        assert!(said.contains(line), "{line:?} is not in\n{said}");
    }
    assert!(!said.contains("Rolling update: master"), "{said}");
    assert_eq!(files(project.0.path()), before);
    let json: Value = serde_json::from_slice(&project.diff(&["-o", "json"]).stdout).unwrap();
    assert_eq!(json["rollingUpdates"][0]["group"], "nodes");
    assert_eq!(json["rollingUpdates"][0]["by"], "rolling-update");
    let volume = &json["resources"].as_array().unwrap().iter().find(|r| r["type"] == "aws_ebs_volume").unwrap();
    assert_eq!((&volume["action"], &volume["arguments"][0]["replaces"]), (&"replace".into(), &true.into()));
}

#[test]
fn a_version_of_kubernetes_rolls_every_group_for_one_reason() {
    let project = Project::stored();
    project.change("kubernetesVersion: {{ .cluster_version.value }}", "kubernetesVersion: 1.34.8");
    let output = project.diff(&[]);
    assert_code(&output, 2);
    let said = stdout(&output);
    for group in ["master-us-east-1a", "nodes"] {
        let line = format!("\nRolling update: {group}: node configuration: KubernetesVersion 1.34.1 → 1.34.8");
        assert!(said.contains(&line), "{line:?} is not in\n{said}");
    }
    assert!(!said.contains("known after apply (forces replacement)"), "{said}");
}

#[test]
fn a_cluster_that_is_not_stored_is_added_as_a_whole() {
    let project = Project::new();
    let before = files(project.0.path());
    let output = project.diff(&[]);
    assert_code(&output, 2);
    assert!(stdout(&output).contains(" 0 to change, 0 to replace, 0 to destroy"), "{}", stdout(&output));
    assert!(!stdout(&output).contains("Rolling update"), "{}", stdout(&output));
    assert_eq!(files(project.0.path()), before, "not even keys are stored");
}

#[test]
fn a_branch_is_compared_with_its_base_without_network() {
    if tool("git").is_none() {
        return skip("git is not installed");
    }
    let project = Project::new();
    project.commit();
    // A template that moves, and a change.
    fs::rename(project.0.path().join("templates/leverage.yml"), project.path("cluster.yml")).unwrap();
    let path = project.path("kopsform.yaml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("../templates/leverage.yml", "cluster.yml")).unwrap();
    assert_code(&project.diff(&["--from", "HEAD"]), 0);
    let text = fs::read_to_string(project.path("cluster.yml")).unwrap();
    fs::write(project.path("cluster.yml"), text.replace("sshAccess:", "sshAccess: [10.0.0.0/8] #")).unwrap();
    let before = files(project.0.path());

    let mut arguments = vec!["-rn".to_owned(), crate::support::BINARY.to_owned()];
    arguments.extend(["diff", "--offline", "--from", "HEAD"].map(str::to_owned));
    let Some(unshare) = tool("unshare") else { return skip("unshare is not installed") };
    if !Command::new(&unshare).args(["-rn", "true"]).status().is_ok_and(|status| status.success()) {
        return skip("this system does not allow `unshare -rn`");
    }
    let mut alone = Command::new(unshare);
    crate::support::clean(&mut alone, project.0.path());
    let output = alone.args(arguments).current_dir(project.path(".")).output().unwrap();
    assert_code(&output, 2);
    let said = stdout(&output);
    assert!(said.contains("--- HEAD:leverage-gossip/kopsform.yaml\n+++ kopsform.yaml\n"), "{said}");
    assert!(said.contains("    + aws_security_group_rule."), "{said}");
    let same = |(name, _): &(&String, &Vec<u8>)| !name.starts_with(".git/");
    let after = files(project.0.path());
    assert!(after.iter().filter(same).eq(before.iter().filter(same)));
    let status = Command::new("git").args(["status", "--short"]).current_dir(project.0.path()).output().unwrap();
    assert!(stdout(&status).contains("leverage-gossip/cluster.yml"), "the work tree is as it was: {}", stdout(&status));
}

#[test]
fn revisions_are_compared_without_the_state_store() {
    if tool("git").is_none() {
        return skip("git is not installed");
    }
    let project = Project::new();
    // A store that cannot be reached.
    let path = project.path("kopsform.yaml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("store: state", "store: s3://unreachable.example.com/state")).unwrap();
    project.commit();
    assert_code(&project.diff(&["--from", "HEAD", "--no-store"]), 0);
    project.change("encryptedVolume: true", "encryptedVolume: false");
    let output = project.diff(&["--from", "HEAD", "--no-store"]);
    assert_code(&output, 2);
    assert!(stdout(&output).contains("encrypted: true → false (forces replacement)"), "{}", stdout(&output));
    let alone = project.diff(&["--no-store"]);
    assert_code(&alone, 1);
    assert!(stderr(&alone).contains("--from"), "{}", stderr(&alone));
}

#[test]
fn sensitive_outputs_are_not_shown() {
    let project = Project::stored();
    let path = project.path("outputs.json");
    let mut outputs: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    outputs["secret_label"] = serde_json::json!({"sensitive": true, "type": "string", "value": "hunter2-secret"});
    fs::write(&path, outputs.to_string()).unwrap();
    project.change("    Provisioner: kops", "    Provisioner: kops\n    Room: {{ .secret_label.value }}");
    for format in ["text", "json"] {
        let output = project.diff(&["-o", format]);
        assert_code(&output, 2);
        let said = stdout(&output) + &stderr(&output);
        assert!(said.contains("Room"), "{said}");
        assert!(!said.contains("hunter2"), "{said}");
        assert!(said.contains("(sensitive)"), "{said}");
    }
}

#[test]
fn errors_say_what_git_said() {
    if tool("git").is_none() {
        return skip("git is not installed");
    }
    let project = Project::new();
    let without = project.diff(&["--from", "HEAD"]);
    assert_code(&without, 1);
    assert!(stderr(&without).contains("not a git repository"), "{}", stderr(&without));
    project.commit();
    let unknown = project.diff(&["--from", "no-such-branch"]);
    assert_code(&unknown, 1);
    assert!(stderr(&unknown).contains("\"no-such-branch\" is not a commit"), "{}", stderr(&unknown));
    for dangerous in ["--from=--output=x", "--from="] {
        assert_code(&project.diff(&[dangerous]), 1);
    }
    // A revision without the project.
    project.git(&["rm", "-q", "--cached", "leverage-gossip/kopsform.yaml"]);
    project.git(&["commit", "-qm", "without"]);
    let gone = project.diff(&["--from", "HEAD"]);
    assert_code(&gone, 1);
    assert!(stderr(&gone).contains("kopsform.yaml"), "{}", stderr(&gone));
    // An error in a template of the revision names it there.
    project.git(&["add", "-A"]);
    let template = project.0.path().join("templates/leverage.yml");
    let text = fs::read_to_string(&template).unwrap();
    fs::write(&template, text.replace("{{ .cluster_version.value }}", "{{ .no_such_value.value }}")).unwrap();
    project.git(&["commit", "-qam", "broken"]);
    fs::write(&template, text).unwrap();
    let broken = project.diff(&["--from", "HEAD"]);
    assert_code(&broken, 1);
    assert!(stderr(&broken).contains("HEAD:templates/leverage.yml:"), "{}", stderr(&broken));
}

#[test]
fn an_output_directory_is_compared_by_resource_whatever_others_put_there() {
    let project = Project::stored();
    succeed(&mut project.kopsform(&["sync", "--offline"]));
    let out = project.path("out");
    fs::write(out.join("mine.tf"), "resource \"aws_vpc\" \"mine\" {\n  cidr_block = \"10.0.0.0/8\"\n}\n").unwrap();
    assert_code(&project.diff(&["--against", "out"]), 0);
    // Formatting and order mean nothing.
    let path = out.join("kubernetes.tf");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("  max_size ", "  max_size      ")).unwrap();
    assert_code(&project.diff(&["--against", "out"]), 0);
    let line = text.lines().find(|line| line.trim_start().starts_with("max_size ")).unwrap();
    let (name, size) = line.split_once("= ").unwrap();
    fs::write(&path, text.replacen(line, &format!("{name}= 99"), 1)).unwrap();
    let output = project.diff(&["--against", "out"]);
    assert_code(&output, 2);
    assert!(stdout(&output).contains(&format!("max_size: 99 → {size}")), "{}", stdout(&output));
    fs::write(&path, "resource {{\n").unwrap();
    let output = project.diff(&["--against", "out"]);
    assert_code(&output, 1);
    assert!(stderr(&output).contains("kubernetes.tf"), "{}", stderr(&output));
    let empty = project.path("empty");
    fs::create_dir(&empty).unwrap();
    assert_code(&project.diff(&["--against", "empty"]), 1);
    assert_code(&project.diff(&["--against", "missing"]), 1);
}

#[test]
fn directories_of_other_layouts_are_compared_by_resource() {
    for layout in ["split", "module"] {
        let project = Project::stored();
        let path = project.path("kopsform.yaml");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace("  out: out", &format!("  out: out\n  layout: {layout}"))).unwrap();
        fs::remove_dir_all(project.path("out")).unwrap();
        succeed(&mut project.kopsform(&["sync", "--offline"]));
        let output = project.diff(&["--against", "out"]);
        assert_code(&output, 0);
        project.change("encryptedVolume: true", "encryptedVolume: false");
        project
            .change("kubernetesApiAccess: [{{ .shared_vpc_cidr_block.value }}]", "kubernetesApiAccess: [10.9.0.0/16]");
        let output = project.diff(&["--against", "out", "-o", "json"]);
        assert_code(&output, 2);
        let json: Value = serde_json::from_slice(&output.stdout).unwrap();
        let of = |kind: &str, action: &str| {
            let resources = json["resources"].as_array().unwrap().iter();
            resources.filter(|resource| resource["type"] == kind && resource["action"] == action).count()
        };
        assert_eq!(of("aws_ebs_volume", "replace"), 2, "{layout}: {json:#}");
        let rules = "aws_security_group_rule";
        assert!(of(rules, "create") + of(rules, "replace") >= 2, "{layout}: {json:#}");
    }
}

/// The project with templates as its target.
fn with_templates() -> Project {
    let project = Project::stored();
    let path = project.path("kopsform.yaml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{text}target: cloudformation\ncloudformation:\n  out: out/one\n")).unwrap();
    project
}

#[test]
fn templates_are_compared_by_resource() {
    let project = with_templates();
    assert_code(&project.diff(&[]), 0);
    project.change("encryptedVolume: true", "encryptedVolume: true\n      volumeSize: 30");
    let worker = "  machineType: {{ .kops_worker_machine_type.value }}";
    project.change(worker, &format!("{worker}\n  rootVolumeSize: 77\n  kubelet: {{maxPods: 60}}"));
    let before = files(project.0.path());
    let output = project.diff(&[]);
    assert_code(&output, 2);
    let said = stdout(&output);
    for line in [
        "    ~ AutoScalingGroupNodes\n        LaunchTemplate.Version: known after apply, as LaunchTemplateNodes changes\n",
        "    ~ LaunchTemplateNodes\n        LaunchTemplateData.BlockDeviceMappings.Ebs.VolumeSize: 128 → 77\n",
        "Size: 20 → 30\n",
        "    ~ igconfig/node/nodes/nodeupconfig.yaml\n",
        "\nRolling update: nodes: LaunchTemplateData.BlockDeviceMappings.Ebs.VolumeSize: 128 → 77; kubelet flag: maxPods ",
    ] {
        assert!(said.contains(line), "{line:?} is not in\n{said}");
    }
    assert!(!said.contains("Rolling update: master"), "{said}");
    assert_eq!(files(project.0.path()), before, "nothing is written");
    let json: Value = serde_json::from_slice(&project.diff(&["-o", "json"]).stdout).unwrap();
    let group = json["resources"].as_array().unwrap().iter().find(|r| r["address"] == "LaunchTemplateNodes").unwrap();
    assert_eq!((&group["type"], &group["action"]), (&"AWS::EC2::LaunchTemplate".into(), &"update".into()));
}

#[test]
fn directories_of_templates_are_compared_by_resource_in_one_stack_and_in_several() {
    let project = with_templates();
    succeed(&mut project.kopsform(&["sync", "--offline"]));
    let split = ["update", "cluster", "demo01-kops.devstg.k8s.local", "--offline", "--target", "cloudformation"];
    succeed(project.kopsform(&split).args(["--layout", "split", "--out", "out/several"]));
    for out in ["out/one", "out/several"] {
        assert_code(&project.diff(&["--against", out]), 0);
    }
    project.change("kubernetesApiAccess: [{{ .shared_vpc_cidr_block.value }}]", "kubernetesApiAccess: [10.9.0.0/16]");
    let resources = |out: &str| {
        let output = project.diff(&["--against", out, "-o", "json"]);
        assert_code(&output, 2);
        let json: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(json["settings"], serde_json::json!([]), "{out}");
        json["resources"].clone()
    };
    let one = resources("out/one");
    assert!(one.as_array().unwrap().iter().any(|r| r["type"] == "AWS::EC2::SecurityGroupIngress"), "{one:#}");
    assert_eq!(resources("out/several"), one);
    fs::write(project.path("out/one/kubernetes.template.yaml"), "a: [\n").unwrap();
    let output = project.diff(&["--against", "out/one"]);
    assert_code(&output, 1);
    assert!(stderr(&output).contains("kubernetes.template.yaml:"), "{}", stderr(&output));
}

#[test]
fn files_and_lock_files_are_compared_with_what_is_stored() {
    let project = Project::stored();
    let stored = project.path("state/demo01-kops.devstg.k8s.local/instancegroup/nodes");
    let text = fs::read_to_string(stored).unwrap();
    let group = project.path("nodes.yaml");
    fs::write(&group, text.replace("maxSize: ", "maxSize: 1")).unwrap();
    let output = project.diff(&["-f", "nodes.yaml"]);
    assert_code(&output, 2);
    assert!(stdout(&output).contains("max_size: "), "{}", stdout(&output));
    assert!(!stdout(&output).contains("Rolling update"), "a size needs none: {}", stdout(&output));

    let nothing = project.diff(&["--stored", "--name", "demo01-kops.devstg.k8s.local"]);
    assert_code(&nothing, 1);
    assert!(stderr(&nothing).contains("compared with themselves"), "{}", stderr(&nothing));
    let lock = fs::read_to_string(project.path("kopsform.lock")).unwrap();
    let mut facts: Value = serde_json::from_str(&lock).unwrap();
    for image in facts["images"].as_object_mut().unwrap().values_mut() {
        image["id"] = "ami-0fedcba9876543210".into();
    }
    fs::write(project.path("new.lock"), facts.to_string()).unwrap();
    let output = project.diff(&["demo01-kops.devstg.k8s.local", "--stored", "--lock", "new.lock"]);
    assert_code(&output, 2);
    let said = stdout(&output);
    assert!(said.contains("→ ami-0fedcba9876543210"), "{said}");
    assert!(said.contains("Rolling update: master-us-east-1a: image_id: "), "{said}");
    assert!(said.contains("Rolling update: nodes: image_id: "), "{said}");
}

/// Configurations with a few resources and data files.
fn any_files() -> impl Strategy<Value = BTreeMap<String, Vec<u8>>> {
    let value = prop::sample::select(vec![
        "\"a\"",
        "\"b\"",
        "1",
        "true",
        "[\"a\", \"b\"]",
        "[\"b\"]",
        "aws_vpc.a.id",
        "aws_launch_template.a.latest_version",
        "file(\"${path.module}/data/x\")",
    ]);
    let name = prop::sample::select(vec![
        "name",
        "cidr_block",
        "vpc_id",
        "encrypted",
        "security_groups",
        "user_data",
        "key",
        "content",
    ]);
    let arguments = prop::collection::btree_map(name, value, 0..5);
    let label = prop::sample::select(vec![
        ("aws_vpc", "a"),
        ("aws_subnet", "a"),
        ("aws_launch_template", "a"),
        ("aws_autoscaling_group", "a"),
        ("aws_s3_object", "a"),
        ("aws_s3_object", "b"),
        ("aws_lb", "a"),
    ]);
    let blocks = prop::collection::btree_map(label, arguments, 0..5);
    let data = prop::sample::select(vec!["a: 1\nb: [1, 2]\n", "a: 2\n", "text", "{\"Statement\": []}"]);
    (blocks, data).prop_map(|(blocks, data)| {
        let mut text = String::new();
        for ((kind, name), mut arguments) in blocks {
            if kind == "aws_s3_object" {
                // As those of a cluster: the key is what an object is known by, and there always is a content.
                arguments.insert("key", "\"a\"");
                arguments.entry("content").or_insert("\"a\"");
            }
            let lines: String = arguments.into_iter().map(|(name, value)| format!("  {name} = {value}\n")).collect();
            text.push_str(&format!("resource \"{kind}\" \"{name}\" {{\n{lines}}}\n"));
        }
        BTreeMap::from([
            ("kubernetes.tf".to_owned(), text.into_bytes()),
            ("data/x".to_owned(), data.as_bytes().to_vec()),
        ])
    })
}

/// What differs, without what depends on the direction: which changes replace a resource, and what follows from that.
fn differences(compared: &Compared, mirrored: bool) -> Vec<String> {
    let whole = |action: Action| match action {
        Action::Create | Action::Destroy => (action == Action::Create) != mirrored,
        _ => false,
    };
    let resources = compared.resources.iter().map(|r| (r.address.clone(), r.action, &r.arguments));
    let files = compared.files.iter().map(|f| (f.address.clone().unwrap_or_default(), f.action, &f.arguments));
    let mut found = Vec::new();
    for (address, action, arguments) in resources.chain(files) {
        if matches!(action, Action::Create | Action::Destroy) {
            found.push(format!("{address} {}", whole(action)));
        }
        for argument in arguments.iter().filter(|argument| argument.change.because_of.is_none()) {
            let (old, new) = (&argument.change.old, &argument.change.new);
            let (old, new) = if mirrored { (new, old) } else { (old, new) };
            found.push(format!("{address} {} {old:?} {new:?}", argument.change.path));
        }
    }
    found.sort();
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_differs_from_itself(files in any_files()) {
        prop_assert_eq!(compare(&files, &files).unwrap(), Compared::default());
    }

    #[test]
    fn a_diff_mirrors(old in any_files(), new in any_files()) {
        let there = compare(&old, &new).unwrap();
        let back = compare(&new, &old).unwrap();
        prop_assert_eq!(differences(&there, false), differences(&back, true));
        prop_assert_eq!(there.is_empty(), back.is_empty());
    }
}

#[test]
fn goldens_do_not_differ_from_themselves() {
    for case in ["leverage-gossip", "leverage-dns", "leverage-karpenter", "own-ipv6", "own-bastion"] {
        let files = files(Path::new(&root().join("golden").join(case).join("out")));
        assert!(compare(&files, &files).unwrap().is_empty(), "{case}");
    }
}
