//! `sync` on the command line: sources of outputs, skipped steps, messages.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use crate::support::{copy, kopsform, root, stderr, stdout, succeed};

/// A copy of a golden case.
struct Project(tempfile::TempDir);

impl Project {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        for part in ["templates", "leverage-gossip"] {
            copy(&root().join("golden").join(part), &directory.path().join(part));
        }
        fs::copy(root().join("golden/id_rsa.pub"), directory.path().join("id_rsa.pub")).unwrap();
        Self(directory)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join("leverage-gossip").join(name)
    }

    fn change(&self, from: &str, to: &str) {
        let text = fs::read_to_string(self.path("kopsform.yaml")).unwrap();
        assert!(text.contains(from), "{text}");
        fs::write(self.path("kopsform.yaml"), text.replace(from, to)).unwrap();
    }

    /// `sync --offline` in the project's directory, without the Terraform step: that makes keys, which takes long.
    fn sync(&self, arguments: &[&str]) -> Command {
        let mut command = kopsform(self.0.path());
        command.current_dir(self.path(".")).args(["sync", "--offline", "--skip", "terraform"]).args(arguments);
        command
    }

    fn output(&self, arguments: &[&str]) -> Output {
        self.sync(arguments).output().unwrap()
    }
}

/// The outcome of a step as it is printed.
fn outcome(said: &str, step: &str) -> String {
    let line =
        said.lines().find(|line| line.starts_with(&format!("{step} "))).unwrap_or_else(|| panic!("no {step}: {said}"));
    line.split_whitespace().nth(1).unwrap().to_owned()
}

#[test]
fn each_step_reports_its_outcome() {
    let project = Project::new();
    project.change("store: state", "store: state\nrendered: rendered.yml");
    let first = stdout(&succeed(&mut project.sync(&[])));
    let outcomes = |said: &str| -> Vec<String> {
        ["outputs", "validate", "template", "store", "ssh-key", "lock", "terraform"].map(|s| outcome(said, s)).to_vec()
    };
    assert_eq!(outcomes(&first), ["done", "done", "changed", "changed", "changed", "skipped", "skipped"]);
    assert!(first.contains("Cluster/demo01-kops.devstg.k8s.local, InstanceGroup/master-us-east-1a"), "{first}");
    let second = stdout(&succeed(&mut project.sync(&[])));
    assert_eq!(outcomes(&second), ["done", "done", "unchanged", "unchanged", "unchanged", "skipped", "skipped"]);
    assert!(second.ends_with("\nNo changes\n"), "{second}");

    let json = succeed(&mut project.sync(&["-o", "json"]));
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["changed"], false);
    assert_eq!(
        json["steps"][2],
        serde_json::json!({"step": "template", "outcome": "unchanged", "detail": "rendered.yml"})
    );
}

#[test]
fn outputs_come_from_a_command_too() {
    let project = Project::new();
    project.change("file: outputs.json", "command: [./print, outputs.json]");
    fs::write(project.path("print"), "#!/bin/sh\necho 'reading' >&2\ncat \"$1\"\n").unwrap();
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(project.path("print"), fs::Permissions::from_mode(0o755)).unwrap();
    let output = succeed(&mut project.sync(&[]));
    assert!(stdout(&output).contains("`./print outputs.json`: 30 outputs") || stdout(&output).contains(" outputs"));
    assert!(stderr(&output).contains("reading"));
}

#[test]
fn outputs_come_from_terraform_itself() {
    if crate::support::tool("terraform").is_none() {
        return crate::support::skip("terraform is not installed");
    }
    let project = Project::new();
    // A state as Terraform writes it, with the outputs of the file.
    let outputs: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(project.path("outputs.json")).unwrap()).unwrap();
    let outputs: serde_json::Map<_, _> = outputs
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, output)| (name.clone(), serde_json::json!({"value": output["value"], "type": output["type"]})))
        .collect();
    let state = serde_json::json!({
        "version": 4, "terraform_version": "1.5.0", "serial": 1, "lineage": "00000000-0000-0000-0000-000000000000",
        "outputs": outputs, "resources": [],
    });
    fs::create_dir(project.path("1-prerequisites")).unwrap();
    fs::write(project.path("1-prerequisites/terraform.tfstate"), state.to_string()).unwrap();
    project.change("file: outputs.json", "terraform: 1-prerequisites");
    let said = stdout(&succeed(&mut project.sync(&[])));
    assert!(said.contains("`terraform -chdir=1-prerequisites output -json`: "), "{said}");
    assert!(said.contains("Cluster/demo01-kops.devstg.k8s.local"), "{said}");
}

#[test]
fn steps_are_skipped() {
    let project = Project::new();
    let output = project.output(&["--skip", "template"]);
    assert!(stderr(&output).contains("the project does not keep the rendered spec"), "{}", stderr(&output));
    project.change("store: state", "store: state\nrendered: rendered.yml");
    let said = stdout(&succeed(&mut project.sync(&["--skip", "store,ssh-key,lock"])));
    assert!(!project.path("state").exists(), "{said}");
    assert_eq!(outcome(&said, "store"), "skipped");

    let text = fs::read_to_string(project.path("rendered.yml")).unwrap();
    fs::write(project.path("rendered.yml"), text.replace("maxSize: 5", "maxSize: 6")).unwrap();
    let said = stdout(&succeed(&mut project.sync(&["--skip", "outputs,template"])));
    assert_eq!((outcome(&said, "outputs"), outcome(&said, "template")), ("skipped".to_owned(), "skipped".to_owned()));
    let stored = project.path("state/demo01-kops.devstg.k8s.local/instancegroup/nodes");
    assert!(fs::read_to_string(stored).unwrap().contains("maxSize: 6"));
    let unknown = project.output(&["--skip", "plan"]);
    assert_eq!(unknown.status.code(), Some(1));
}

#[test]
fn a_requested_store_takes_precedence_over_the_projects() {
    let project = Project::new();
    let elsewhere = project.path("elsewhere");
    let output = succeed(project.sync(&[]).env("KOPS_STATE_STORE", &elsewhere));
    assert!(elsewhere.join("demo01-kops.devstg.k8s.local/config").is_file());
    assert!(!project.path("state").exists());
    assert!(stderr(&output).contains("instead of file://"), "{}", stderr(&output));
}

#[test]
fn another_ssh_key_is_refused() {
    let project = Project::new();
    succeed(&mut project.sync(&[]));
    let other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl other\n";
    fs::write(project.0.path().join("id_rsa.pub"), other).unwrap();
    let output = project.output(&[]);
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("a cluster has only one"), "{said}");
    assert!(said.contains("kopsform delete sshpublickey demo01-kops.devstg.k8s.local"), "{said}");
}

#[test]
fn removed_groups_are_pruned_if_the_project_says_so() {
    let project = Project::new();
    project.change("store: state", "store: state\nrendered: rendered.yml");
    succeed(&mut project.sync(&[]));
    let text = fs::read_to_string(project.path("rendered.yml")).unwrap();
    let (kept, _) = text.rsplit_once("\n---\n").unwrap();
    fs::write(project.path("rendered.yml"), format!("{kept}\n")).unwrap();
    // Without AWS it is not known whether the group has instances.
    project.change("store: state", "store: state\nprune: true");
    let output = project.output(&["--skip", "template"]);
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(project.path("state/demo01-kops.devstg.k8s.local/instancegroup/nodes").is_file());
}

/// Everything below the project that a sync writes.
fn written(project: &Project) -> std::collections::BTreeMap<String, Vec<u8>> {
    let mut files = crate::support::files(&project.path("."));
    files.retain(|name, _| {
        ["state/", "out/", "rendered.yml", "kopsform.lock"].iter().any(|start| name.starts_with(start))
    });
    files
}

#[test]
fn nothing_is_written_before_the_terraform_step_is_known_to_succeed() {
    let project = Project::new();
    project.change("store: state", "store: state\nrendered: rendered.yml");
    let template = project.0.path().join("templates/cluster.yml");
    let template = if template.exists() { template } else { find_template(&project) };
    let original = fs::read_to_string(&template).unwrap();
    let sync = |project: &Project| {
        let mut command = kopsform(project.0.path());
        command.current_dir(project.path(".")).args(["sync", "--offline"]).output().unwrap()
    };
    let before = written(&project);
    let version = original.lines().find(|line| line.trim_start().starts_with("kubernetesVersion:")).unwrap();
    // A version whose files have no recorded hashes, and one in another form.
    for other in ["1.34.99", "1.34"] {
        let indent = &version[..version.len() - version.trim_start().len()];
        fs::write(&template, original.replace(version, &format!("{indent}kubernetesVersion: \"{other}\""))).unwrap();
        let output = sync(&project);
        assert_eq!(output.status.code(), Some(1), "{other}: {}", stdout(&output));
        assert_eq!(written(&project), before, "{other}: {}", stderr(&output));
    }
    // An output directory with files of others.
    fs::write(&template, &original).unwrap();
    let out = project.path("out");
    fs::create_dir_all(&out).unwrap();
    fs::write(out.join("kubernetes.tf"), "# mine\n").unwrap();
    let before = written(&project);
    let output = sync(&project);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("refusing to overwrite files in out"), "{}", stderr(&output));
    assert_eq!(written(&project), before);
}

/// The template of the cluster.
fn find_template(project: &Project) -> PathBuf {
    let files = crate::support::files(project.0.path());
    let is_template = |(name, content): &(&String, &Vec<u8>)| {
        name.ends_with(".yml")
            && String::from_utf8_lossy(content).contains("kubernetesVersion:")
            && !name.contains("out/")
    };
    project.0.path().join(files.iter().find(is_template).unwrap().0)
}
