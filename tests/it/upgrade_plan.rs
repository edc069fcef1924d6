//! `upgrade plan` without a network: targets and commands in every layout.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::support::{copy, kopsform, root, stderr, stdout, succeed};

const CLUSTER: &str = "minimal.k8s.local";

/// A project that was written once, in a layout.
fn project(layout: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    copy(&root().join("examples/minimal"), directory.path());
    for made in ["out", "state"] {
        _ = fs::remove_dir_all(directory.path().join(made));
    }
    succeed(kopsform(directory.path()).current_dir(directory.path()).args(["sync", "--offline", "--skip=terraform"]));
    let out = format!("out {layout}");
    let update = ["update", "cluster", CLUSTER, "--target=terraform", "--offline", "--lock=kopsform.lock"];
    let update = [&update[..], &["--layout", layout, "--out", &out]].concat();
    succeed(command(directory.path()).args(update));
    directory
}

fn command(directory: &Path) -> std::process::Command {
    let mut command = kopsform(directory);
    let state = format!("file://{}", directory.join("state").display());
    command.current_dir(directory).env("KOPS_STATE_STORE", state);
    command
}

fn plan(directory: &Path, layout: &str, more: &[&str]) -> std::process::Output {
    let out = format!("out {layout}");
    let arguments =
        ["upgrade", "plan", CLUSTER, "--offline", "--lock=kopsform.lock", "--layout", layout, "--out", &out];
    command(directory).args(arguments).args(more).output().unwrap()
}

fn json(output: &std::process::Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", stderr(output)))
}

/// The addresses of all resources in the files of a directory.
fn declared(directory: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.extension().is_none_or(|extension| extension != "tf") {
            continue;
        }
        for line in fs::read_to_string(&entry).unwrap().lines() {
            let words: Vec<&str> = line.split('"').collect();
            if let ["resource ", kind, " ", name, ..] = words.as_slice() {
                found.insert(format!("{kind}.{name}"));
            }
        }
    }
    found
}

/// The block that an address is in: without the key of an instance.
fn block(address: &str) -> &str {
    address.split('[').next().unwrap()
}

#[test]
fn the_first_stage_names_the_control_plane_in_every_layout() {
    for layout in ["single", "split", "module"] {
        let project = project(layout);
        let module: &[&str] = if layout == "module" { &["--module-address=module.c"] } else { &[] };
        let found = json(&plan(project.path(), layout, &[&["-o=json"], module].concat()));
        assert_eq!(found["stages"][0]["state"], "unknown", "nothing was applied: {found}");
        let targets: Vec<&str> =
            found["stages"][0]["targets"].as_array().unwrap().iter().map(|target| target.as_str().unwrap()).collect();
        let prefix = if layout == "module" { "module.c." } else { "" };
        let declared = declared(&project.path().join(format!("out {layout}")));
        for target in &targets {
            let address = target.strip_prefix(prefix).unwrap_or_else(|| panic!("{layout}: {target}"));
            assert!(declared.contains(block(address)), "{layout}: {address} is not in the files");
        }
        let of = |kind: &str| -> Vec<&&str> { targets.iter().filter(|target| target.contains(kind)).collect() };
        for kind in ["aws_launch_template.", "aws_autoscaling_group."] {
            let found = of(kind);
            assert!(found.len() == 1 && found[0].contains("control-plane"), "{layout}: {found:?}");
        }
        assert!(!targets.iter().any(|target| target.contains("nodeupconfig-nodes")), "{layout}: {targets:?}");
        for needed in ["nodeupconfig-control-plane", "cluster-completed", "aws_ebs_volume."] {
            assert!(targets.iter().any(|target| target.contains(needed)), "{layout}: no {needed} in {targets:?}");
        }
        let commands = &found["stages"][0]["commands"];
        assert!(commands[0].as_str().unwrap().contains(&format!("--out 'out {layout}'")), "{commands}");
        let apply = commands[1].as_str().unwrap();
        assert!(targets.iter().all(|target| apply.contains(target)), "{apply}");
    }
}

#[test]
fn a_stage_is_ready_when_those_before_it_are_done() {
    let project = project("single");
    let ready = |stage: &str| plan(project.path(), "single", &["--ready", stage]);
    assert_eq!(ready("control-plane").status.code(), Some(0));
    let output = ready("workers");
    assert_eq!(output.status.code(), Some(2));
    assert!(stdout(&output).is_empty(), "{}", stdout(&output));
    assert!(stderr(&output).contains("the stage control-plane is not done (unknown)"), "{}", stderr(&output));

    let text = stdout(&plan(project.path(), "single", &[]));
    assert!(text.starts_with("Stages of the upgrade of minimal.k8s.local to Kubernetes 1.34.1\n"), "{text}");
    let order = ["1. control-plane ", "2. roll-control-plane ", "3. workers ", "4. roll-workers "];
    let at: Vec<usize> =
        order.iter().map(|line| text.find(line).unwrap_or_else(|| panic!("no {line}: {text}"))).collect();
    assert!(at.is_sorted(), "{text}");
    assert!(text.contains(
        "kopsform rolling-update cluster minimal.k8s.local --yes --instance-group-roles control-plane,apiserver"
    ));
}

#[test]
fn the_address_of_a_module_and_a_cluster_that_was_created_are_needed() {
    let project = project("module");
    let output = plan(project.path(), "module", &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("--module-address"), "{}", stderr(&output));
    fs::remove_dir_all(project.path().join("state").join(CLUSTER).join("pki")).unwrap();
    let output = plan(project.path(), "single", &[]);
    assert!(stderr(&output).contains("cluster minimal.k8s.local was not created yet"), "{}", stderr(&output));
}
