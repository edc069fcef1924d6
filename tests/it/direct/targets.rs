//! How a cluster comes to be run directly: it is created that way, or its target is switched on purpose.

use std::path::Path;
use std::process::{Command, Stdio};

use super::{CLUSTER, NAME, shown, store, update};
use crate::support::simulated_aws::SimulatedAws;
use crate::support::{stderr, stdout, succeed};

const NEW: &str = "new.k8s.local";

fn create(aws: &SimulatedAws, home: &Path, more: &[&str]) -> Command {
    let mut command = aws.kopsform(home);
    command.args(["create", "cluster", NEW, "--zones", "us-east-1a", "--kubernetes-version", "1.36.0"]);
    command.args(["--image", &aws.fill("{image}")]).args(more);
    command
}

/// `update cluster` without a target.
fn update_by_default(aws: &SimulatedAws, home: &Path, more: &[&str]) -> Command {
    let mut command = aws.kopsform(home);
    command.args(["update", "cluster", "--name", NAME]).args(more);
    command
}

fn networks(aws: &SimulatedAws) -> usize {
    aws.account()["vpcs"].as_array().unwrap().len()
}

#[test]
fn a_new_cluster_is_previewed_when_it_is_stored_and_created_with_yes() {
    let Some(aws) = SimulatedAws::start() else { return };
    let directory = tempfile::tempdir().unwrap();
    let home = directory.path();
    let networks_before = networks(&aws);

    let created = stdout(&succeed(&mut create(&aws, home, &[])));
    for line in ["Previewing changes that will be made:\n", "  VPC/new.k8s.local\n", "  Keypair/kubernetes-ca\n"] {
        assert!(created.contains(line), "{line} is missing: {created}");
    }
    let (preview, steps) = created.split_once("Must specify --yes to apply changes\n").unwrap();
    assert!(!preview.contains("Will modify"), "{preview}");
    assert!(steps.contains("Finally create it with: kopsform update cluster --name new.k8s.local --yes"), "{steps}");
    assert_eq!(networks(&aws), networks_before, "a preview creates nothing");
    let later = shown(aws.kopsform(home).args(["update", "cluster", NEW]));
    assert!(later.ends_with("Must specify --yes to apply changes\n"), "{later}");
    assert!(created.contains(&later), "the specs are stored as previewed: {later}");
    assert!(!home.join("kubeconfig").exists(), "nothing is written for kubectl before there is a cluster");

    let again = create(&aws, home, &["--yes"]).output().unwrap();
    assert!(!again.status.success() && stderr(&again).contains("already exists"), "{}", stderr(&again));
    assert_eq!(networks(&aws), networks_before, "nothing is created for a cluster that is stored already");
}

#[test]
fn a_cluster_is_created_at_once() {
    let Some(aws) = SimulatedAws::start() else { return };
    let directory = tempfile::tempdir().unwrap();
    let home = directory.path();
    let networks_before = networks(&aws);

    let created = stdout(&succeed(&mut create(&aws, home, &["--yes"])));
    assert!(created.contains("Applied ") && created.contains("The instances are starting"), "{created}");
    assert_eq!(networks(&aws), networks_before + 1);
    let kubeconfig = std::fs::read_to_string(home.join("kubeconfig")).unwrap();
    assert!(kubeconfig.contains("current-context: new.k8s.local"), "{kubeconfig}");
    assert!(kubeconfig.contains("client-certificate-data: "), "an admin certificate is part of it");
    assert_eq!(shown(aws.kopsform(home).args(["update", "cluster", NEW])), "No changes need to be applied\n");
}

#[test]
fn a_creation_that_is_stopped_is_continued_by_an_update() {
    let Some(aws) = SimulatedAws::start() else { return };
    let directory = tempfile::tempdir().unwrap();
    let home = directory.path();
    aws.count();
    let child = create(&aws, home, &["--yes"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let process = child.id().to_string();
    while aws.writes() < 20 {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert!(Command::new("kill").args(["-INT", &process]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    let error = stderr(&output);
    assert_eq!(output.status.code(), Some(3), "{error}");
    let hint = "hint: the specs are stored; run `kopsform update cluster new.k8s.local --yes --admin`: it continues";
    assert!(error.contains(hint) && !error.contains("run the command again"), "{error}");
    succeed(aws.kopsform(home).args(["update", "cluster", NEW, "--yes", "--admin"]));
    assert_eq!(shown(aws.kopsform(home).args(["update", "cluster", NEW])), "No changes need to be applied\n");
}

#[test]
fn a_new_cluster_whose_kubeconfig_cannot_be_written_needs_no_rolling_update() {
    let Some(aws) = SimulatedAws::start() else { return };
    let directory = tempfile::tempdir().unwrap();
    let home = directory.path();
    std::fs::create_dir(home.join("kubeconfig")).unwrap();
    let created = succeed(&mut create(&aws, home, &["--yes"]));
    assert!(stderr(&created).contains("the kubeconfig was not written"), "{}", stderr(&created));
    assert!(stdout(&created).contains("The instances are starting"), "{}", stdout(&created));
}

#[test]
fn a_new_cluster_is_written_for_cloudformation_with_what_templates_cannot_contain() {
    let Some(aws) = SimulatedAws::start() else { return };
    let directory = tempfile::tempdir().unwrap();
    let home = directory.path();
    let networks_before = networks(&aws);
    let created = succeed(&mut create(&aws, home, &["--yes", "--target", "cloudformation"]));
    assert!(!stdout(&created).contains("before the stack is deployed:"), "{}", stdout(&created));
    assert!(home.join("out/cloudformation/kubernetes.template.yaml").is_file());
    assert_eq!(networks(&aws), networks_before, "CloudFormation creates the network");
    let error = stderr(&aws.kopsform(home).args(["update", "cluster", NEW, "--yes"]).output().unwrap());
    assert!(error.contains("is run with CloudFormation"), "{error}");
}

#[test]
fn nothing_is_stored_for_a_cluster_that_cannot_be_created() {
    let Some(aws) = SimulatedAws::start() else { return };
    let directory = tempfile::tempdir().unwrap();
    let home = directory.path();
    aws.count();
    // The secret of this encryption is the user's to create, for which the cluster must be stored.
    let encrypted = ["--set", "spec.networking.cilium.enableEncryption=true", "--set"];
    let encrypted = [&encrypted[..], &["spec.networking.cilium.encryptionType=ipsec"]].concat();
    let refused = create(&aws, home, &[&encrypted[..], &["--yes"]].concat()).output().unwrap();
    assert!(!refused.status.success());
    assert!(stderr(&refused).contains("could not find ciliumpassword secret"), "{}", stderr(&refused));
    assert!(
        stderr(&refused).contains("hint: nothing was stored; run the command without --yes"),
        "{}",
        stderr(&refused)
    );
    let steps = "then run `kopsform create secret ciliumpassword new.k8s.local -f FILE` and `kopsform update cluster \
                 new.k8s.local --yes --admin`";
    assert!(stderr(&refused).contains(steps), "{}", stderr(&refused));
    assert_eq!(aws.writes(), 0);

    let stored = succeed(&mut create(&aws, home, &encrypted));
    let warning = "the specs are stored, but there is no preview: could not find ciliumpassword secret";
    assert!(stderr(&stored).contains(warning), "{}", stderr(&stored));
    assert!(stdout(&stored).contains("Finally create it with: "), "{}", stdout(&stored));
}

#[test]
fn a_cluster_that_terraform_runs_is_changed_directly_only_on_request() {
    let Some(aws) = SimulatedAws::start() else { return };
    let directory = tempfile::tempdir().unwrap();
    let home = directory.path();
    store(&aws, home, CLUSTER);
    succeed(&mut update_by_default(&aws, home, &["--target", "terraform", "--out", "cluster"]));

    aws.count();
    for flags in [&[][..], &["--yes"], &["-o", "json"]] {
        let refused = update_by_default(&aws, home, flags).output().unwrap();
        let error = stderr(&refused);
        assert_eq!((refused.status.code(), stdout(&refused).as_str()), (Some(1), ""), "{flags:?}: {error}");
        let record = "is run with Terraform, as s3://state/.kopsform/direct.example.com/target shows";
        assert!(error.contains(&format!("error: {NAME} {record}")), "{flags:?}: {error}");
        assert!(error.contains("hint: add --target terraform, or `target: terraform` to kopsform.yaml"), "{error}");
        assert!(error.contains("hint: with --target direct, kopsform changes the cloud itself"), "{error}");
    }
    let refused = aws.kopsform(home).args(["reconcile", "cluster", NAME, "--yes"]).output().unwrap();
    assert!(!refused.status.success() && stderr(&refused).contains("Terraform"), "{}", stderr(&refused));
    assert_eq!(aws.writes(), 0);

    // A preview that names the target leaves the record alone; an update that names it replaces it.
    shown(&mut update(&aws, home, &[]));
    assert!(!update_by_default(&aws, home, &[]).output().unwrap().status.success());
    succeed(&mut update(&aws, home, &["--yes"]));
    assert_eq!(shown(&mut update_by_default(&aws, home, &[])), "No changes need to be applied\n");
}

#[test]
fn a_cluster_that_cloudformation_runs_is_left_to_it() {
    let Some(aws) = SimulatedAws::start() else { return };
    let directory = tempfile::tempdir().unwrap();
    let home = directory.path();
    store(&aws, home, CLUSTER);
    succeed(&mut update_by_default(&aws, home, &["--target", "cloudformation"]));

    aws.count();
    let error = stderr(&update_by_default(&aws, home, &["--yes"]).output().unwrap());
    let record = "is run with CloudFormation, as out/cloudformation/kubernetes.template.yaml shows";
    assert!(error.contains(&format!("error: {NAME} {record}")), "{error}");
    assert!(error.contains("hint: add --target cloudformation"), "{error}");
    assert_eq!(aws.writes(), 0);

    let mut delete = aws.kopsform(home);
    delete.args(["delete", "instancegroup", "nodes", "--name", NAME, "--yes"]);
    let deleted = succeed(&mut delete);
    assert!(stderr(&deleted).contains("`kopsform update cluster --target cloudformation`"), "{}", stderr(&deleted));
}

#[test]
fn terraform_files_of_kops_and_flags_for_terraform_need_the_target_to_be_named() {
    let Some(aws) = SimulatedAws::start() else { return };
    let directory = tempfile::tempdir().unwrap();
    let home = directory.path();
    store(&aws, home, CLUSTER);
    let error = stderr(&update_by_default(&aws, home, &["--out", "."]).output().unwrap());
    assert!(error.contains("--out needs --target terraform: the default target is direct"), "{error}");

    // kops records nothing: its files are what shows.
    std::fs::create_dir_all(home.join("out/terraform")).unwrap();
    std::fs::write(home.join("out/terraform/kubernetes.tf"), "").unwrap();
    let error = stderr(&update_by_default(&aws, home, &["--yes"]).output().unwrap());
    assert!(error.contains("is run with Terraform, as out/terraform/kubernetes.tf shows"), "{error}");

    std::fs::write(home.join("kopsform.yaml"), "target: direct\n").unwrap();
    let preview = shown(&mut update_by_default(&aws, home, &[]));
    assert!(preview.ends_with("Must specify --yes to apply changes\n"), "the project decides: {preview}");
}
