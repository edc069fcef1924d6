//! A cluster whose files and boot scripts another program wrote, such as kops, with its own wording.

use std::path::Path;
use std::process::Command;

use super::{CLUSTER, NAME, shown, store, update};
use crate::support::simulated_aws::SimulatedAws;
use crate::support::{root, stdout, succeed};

/// Lets another program have written all of the cluster, or one file.
fn rewrite(aws: &SimulatedAws, more: &[&str]) -> usize {
    let mut command = Command::new(std::env::var_os("KOPSFORM_TEST_PYTHON").unwrap());
    command.arg(root().join("tests/it/support/other_wording.py"));
    let output = succeed(command.arg(format!("http://{}", aws.address())).arg(NAME).args(more));
    stdout(&output).trim().parse().unwrap()
}

fn apply(aws: &SimulatedAws, home: &Path, spec: &str) {
    store(aws, home, spec);
    succeed(&mut update(aws, home, &["--yes"]));
}

#[test]
fn what_means_the_same_is_no_change() {
    let Some(aws) = SimulatedAws::start() else { return };
    let directory = tempfile::tempdir().unwrap();
    let home = directory.path();
    apply(&aws, home, CLUSTER);
    assert!(rewrite(&aws, &[]) > 10);
    assert_eq!(shown(&mut update(&aws, home, &[])), "No changes need to be applied\n");

    // A real change of one group leaves the others alone.
    let (others, nodes) = CLUSTER.rsplit_once("---\n").unwrap();
    let labeled = nodes.replace("spec: {role: Node,", "spec: {role: Node, nodeLabels: {team: a},");
    store(&aws, home, &format!("{others}---\n{labeled}"));
    let preview = shown(&mut update(&aws, home, &[]));
    let tasks: Vec<&str> = preview.lines().filter(|line| line.starts_with("  ") && !line.starts_with("  \t")).collect();
    let expected = [
        "  AutoscalingGroup/nodes.direct.example.com",
        "  LaunchTemplate/nodes.direct.example.com",
        "  ManagedFile/cluster-completed.spec",
        "  ManagedFile/nodeupconfig-nodes",
    ];
    assert!(tasks.iter().all(|task| expected.contains(task)), "{preview}");
    assert!(tasks.contains(&"  LaunchTemplate/nodes.direct.example.com"), "{preview}");
    succeed(&mut update(&aws, home, &["--yes"]));
    assert_eq!(shown(&mut update(&aws, home, &[])), "No changes need to be applied\n");
}

/// The hash of a manifest is in the list of addons: what reads it would not apply the manifest otherwise.
#[test]
fn a_file_that_no_longer_fits_its_hash_is_written_again() {
    let Some(aws) = SimulatedAws::start() else { return };
    let directory = tempfile::tempdir().unwrap();
    let home = directory.path();
    apply(&aws, home, CLUSTER);
    let manifest = format!("{NAME}/addons/coredns.addons.k8s.io/k8s-1.12.yaml");
    rewrite(&aws, &["--file", &manifest]);
    let preview = shown(&mut update(&aws, home, &[]));
    let tasks: Vec<&str> = preview.lines().filter(|line| line.starts_with("  ") && !line.starts_with("  \t")).collect();
    assert_eq!(tasks, [format!("  AddonManifest/{NAME}-addons-coredns.addons.k8s.io-k8s-1.12")], "{preview}");
    succeed(&mut update(&aws, home, &["--yes"]));
    assert_eq!(shown(&mut update(&aws, home, &[])), "No changes need to be applied\n");
}
