//! `--check`: what `sync` and `update cluster` would write, without writing.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{files, kopsform, minimal_project, stderr, stdout, succeed};

const CLUSTER: &str = "minimal.k8s.local";

fn command(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = kopsform(directory);
    command.current_dir(directory).args(arguments);
    command
}

fn update(directory: &Path, more: &[&str]) -> Command {
    let terraform = ["update", "cluster", CLUSTER, "--target=terraform"];
    let arguments = [&terraform[..], &["--offline", "--lock=kopsform.lock", "--out=out"]].concat();
    let mut command = command(directory, &arguments);
    command.args(more).env("KOPS_STATE_STORE", format!("file://{}", directory.join("state").display()));
    command
}

/// The lines that `--check` prints and its exit code. Nothing in the directory changes.
#[track_caller]
fn checked(mut command: Command, directory: &Path) -> (Vec<String>, Option<i32>) {
    let before = everything(directory);
    let output = command.output().unwrap();
    assert_eq!(everything(directory), before, "something was written");
    assert!(output.status.code() != Some(1), "{}", stderr(&output));
    let shown = format!("file://{}/", directory.display());
    let lines = stdout(&output).lines().map(|line| line.replace(&shown, "")).collect();
    (lines, output.status.code())
}

/// All files with their content, and the directories.
fn everything(directory: &Path) -> (BTreeMap<String, Vec<u8>>, bool, bool) {
    (files(directory), directory.join("out").exists(), directory.join("state").exists())
}

#[test]
fn sync_lists_what_it_would_write_and_then_nothing() {
    let project = minimal_project();
    let path = project.path();
    let sync = |more: &[&str]| command(path, &[&["sync", "--offline"], more].concat());
    let (first, code) = checked(sync(&["--check"]), path);
    assert_eq!(code, Some(2));
    for line in [
        "new      state/minimal.k8s.local/config",
        "new      state/minimal.k8s.local/instancegroup/nodes",
        "new      state/minimal.k8s.local/pki/private/kubernetes-ca/keyset.yaml",
        "new      out/kubernetes.tf",
    ] {
        assert!(first.iter().any(|found| found == line || found.replace("./", "") == line), "no {line} in {first:#?}");
    }
    succeed(&mut sync(&[]));
    let (second, code) = checked(sync(&["--check"]), path);
    let steps = |line: &String| ["outputs ", "validate "].iter().any(|step| line.starts_with(step));
    assert!(code == Some(0) && second.iter().all(steps), "{second:?}");
    let json: serde_json::Value =
        serde_json::from_slice(&sync(&["--check", "-o=json"]).output().unwrap().stdout).unwrap();
    assert_eq!(json, serde_json::json!({ "differences": [] }));

    let spec = fs::read_to_string(path.join("cluster.yml")).unwrap();
    fs::write(path.join("cluster.yml"), spec.replace("maxSize: 3", "maxSize: 4")).unwrap();
    let json: serde_json::Value =
        serde_json::from_slice(&sync(&["--check", "-o=json"]).output().unwrap().stdout).unwrap();
    let changed: Vec<&str> =
        json["differences"].as_array().unwrap().iter().map(|found| found["location"].as_str().unwrap()).collect();
    assert!(changed.iter().any(|location| location.ends_with("minimal.k8s.local/instancegroup/nodes")), "{json}");
    assert!(changed.iter().any(|location| location.ends_with("out/kubernetes.tf")), "{json}");
    assert!(!changed.iter().any(|location| location.contains("pki/")), "{json}");
}

#[test]
fn update_lists_files_keys_and_the_kubeconfig() {
    let project = minimal_project();
    let path = project.path();
    succeed(&mut command(path, &["sync", "--offline", "--skip=terraform"]));
    let (first, code) = checked(update(path, &["--check"]), path);
    assert_eq!(code, Some(2));
    assert!(
        first.contains(&"new      state/minimal.k8s.local/pki/private/service-account/keyset.yaml".to_owned()),
        "{first:#?}"
    );
    assert!(first.contains(&"new      out/.kopsform-manifest.json".to_owned()), "{first:#?}");
    let (with_kubeconfig, _) = checked(update(path, &["--check", "--create-kube-config"]), path);
    assert!(with_kubeconfig.iter().any(|line| line.ends_with("/kubeconfig")), "{with_kubeconfig:#?}");

    succeed(&mut update(path, &["--create-kube-config"]));
    let none = (Vec::new(), Some(0));
    assert_eq!(checked(update(path, &["--check"]), path), none);
    assert_eq!(checked(update(path, &["--check", "--create-kube-config"]), path), none);
    // A new certificate would be written each time.
    let (admin, code) = checked(update(path, &["--check", "--create-kube-config", "--admin"]), path);
    assert!(code == Some(2) && admin.len() == 1 && admin[0].starts_with("changed "), "{admin:?}");

    fs::write(path.join("out/kubernetes.tf"), "# edited\n").unwrap();
    fs::write(path.join("out/network.tf"), "# of the team\n").unwrap();
    let expected = (vec!["changed  out/kubernetes.tf".to_owned()], Some(2));
    assert_eq!(checked(update(path, &["--check"]), path), expected);
    let (split, code) = checked(update(path, &["--check", "--layout=split"]), path);
    assert_eq!(code, Some(2));
    for line in ["removed  out/kubernetes.tf", "changed  out/network.tf", "new      out/iam.tf"] {
        assert!(split.contains(&line.to_owned()), "no {line} in {split:#?}");
    }
}
