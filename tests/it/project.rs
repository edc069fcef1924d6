//! The project in the working directory or above it gives every command its defaults.

use std::path::Path;
use std::process::{Command, Output};

use crate::support::{copy, kopsform, root, stderr, stdout, succeed};

const CLUSTER: &str = "k1.devstg.aws.example.com";

/// A copy of the example with a stored cluster, and a directory below it.
fn project() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    copy(&root().join("examples/leverage"), home.path());
    std::fs::create_dir_all(home.path().join("below/far")).unwrap();
    std::fs::write(home.path().join("name.tpl"), "{{ .clusterName }}").unwrap();
    succeed(&mut run(home.path(), ".", "sync --offline --skip terraform"));
    home
}

/// A command in a directory of a project.
fn run(home: &Path, directory: &str, words: &str) -> Command {
    let mut command = kopsform(home);
    command.current_dir(home.join(directory)).args(words.split_whitespace());
    command
}

#[track_caller]
fn refused(output: &Output, part: &str) {
    assert_eq!(output.status.code(), Some(1), "{}", stderr(output));
    assert!(stderr(output).contains(part), "{part:?} is missing: {}", stderr(output));
}

#[test]
fn store_cluster_and_lock_are_those_of_the_project() {
    let home = project();
    for directory in [".", "below", "below/far"] {
        let groups = stdout(&succeed(&mut run(home.path(), directory, "get ig")));
        assert!(groups.contains("control-plane-us-east-1a"), "{groups}");
        assert!(stdout(&succeed(&mut run(home.path(), directory, "get clusters"))).contains(CLUSTER));
        let up = match directory {
            "." => "",
            "below" => "../",
            _ => "../../",
        };
        let replace = format!("replace -f {up}cluster.rendered.yml --dry-run --offline");
        succeed(&mut run(home.path(), directory, &replace));
        // The lock file has all that the update needs.
        succeed(&mut run(home.path(), directory, "update cluster --target terraform --offline --out terraform"));
        assert!(home.path().join(directory).join("terraform/kubernetes.tf").is_file());
        succeed(&mut run(home.path(), directory, "sync --offline --skip terraform"));
        let rendered = succeed(
            run(home.path(), directory, &format!("toolbox template --template {up}name.tpl --channel none"))
                .env("X", ""),
        )
        .stdout;
        assert_eq!(String::from_utf8_lossy(&rendered), CLUSTER);
    }
    assert!(!home.path().join("below/state").exists(), "the store is next to the project's file");
}

#[test]
fn what_is_given_takes_precedence_over_the_project() {
    let home = project();
    let empty = home.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    let empty = format!("file://{}", empty.display());
    refused(&run(home.path(), ".", &format!("get ig --state {empty}")).output().unwrap(), CLUSTER);
    refused(&run(home.path(), ".", "get ig").env("KOPS_STATE_STORE", &empty).output().unwrap(), CLUSTER);
    refused(&run(home.path(), ".", "get ig --name other.example.com").output().unwrap(), "other.example.com");
    refused(&run(home.path(), ".", "get all other.example.com").output().unwrap(), "other.example.com");
    // A lock file that is named must exist.
    for command in
        ["update cluster --target terraform --offline --lock nope.lock", "get assets --offline --lock nope.lock"]
    {
        let output = run(home.path(), ".", command).output().unwrap();
        refused(&output, "cannot read the lock file nope.lock");
        assert!(stderr(&output).contains("hint: correct the path"), "{}", stderr(&output));
    }
    let output = run(home.path(), ".", "get assets --offline").env("KOPSFORM_LOCK", "nope.lock").output().unwrap();
    refused(&output, "cannot read the lock file nope.lock");
    // Neither store nor cluster of the configuration file or of kubectl counts.
    std::fs::write(home.path().join(".kops.yaml"), format!("KOPS_STATE_STORE: {empty}\n")).unwrap();
    let kubeconfig = "current-context: a\ncontexts: [{name: a, context: {cluster: b}}]\n";
    std::fs::write(home.path().join("kubeconfig"), kubeconfig).unwrap();
    let groups = succeed(&mut run(home.path(), "below", "get ig"));
    assert!(!stderr(&groups).contains("kubectl context"), "{}", stderr(&groups));
}

#[test]
fn the_lock_file_of_the_working_directory_is_found_without_a_project() {
    let home = project();
    let state = format!("file://{}/state", home.path().display());
    let elsewhere = tempfile::tempdir().unwrap();
    let update = ["update", "cluster", CLUSTER, "--target", "terraform", "--offline", "--out", "o2", "--state", &state];
    let run = || {
        let mut command = kopsform(elsewhere.path());
        command.current_dir(elsewhere.path()).args(update).output().unwrap()
    };
    refused(&run(), "not recorded in the lock file");
    std::fs::copy(home.path().join("kopsform.lock"), elsewhere.path().join("kopsform.lock")).unwrap();
    let output = run();
    assert!(output.status.success(), "{}", stderr(&output));
}

#[test]
fn a_broken_project_is_not_passed_over() {
    let home = project();
    std::fs::write(home.path().join("kopsform.yaml"), "store: state\nclutser: x\n").unwrap();
    let output = run(home.path(), "below", "get ig").output().unwrap();
    refused(&output, "../kopsform.yaml:2:1: clutser: unknown field");
    assert!(stderr(&output).contains("did you mean cluster?"), "{}", stderr(&output));
    // What is given needs no project.
    let state = format!("get all {CLUSTER} --state file://{}/state", home.path().display());
    succeed(&mut run(home.path(), "below", &state));
    for state in ["s3://", "s3:/b", "gs:", "~", "~/state"] {
        std::fs::write(home.path().join("kopsform.yaml"), format!("store: \"{state}\"\ncluster: {CLUSTER}\n")).unwrap();
        refused(&run(home.path(), "below", "get ig").output().unwrap(), &format!("state store {state:?}"));
    }
}

#[test]
fn commands_that_create_or_delete_a_cluster_say_which_one() {
    let home = project();
    let output = run(home.path(), "below", "delete cluster --unregister").output().unwrap();
    assert!(
        stderr(&output).contains(&format!("Using cluster from ../kopsform.yaml: {CLUSTER}")),
        "{}",
        stderr(&output)
    );
    assert!(stdout(&output).contains("Must specify --yes"), "{}", stdout(&output));
}

#[test]
fn ssh_keys_are_created_in_every_form_of_kops() {
    let home = project();
    succeed(&mut run(home.path(), ".", "delete sshpublickey"));
    for words in [
        "create secret -i id_rsa.pub sshpublickey admin",
        "create secret --name k1.devstg.aws.example.com -i id_rsa.pub sshpublickey admin",
        "create secret sshpublickey admin --name k1.devstg.aws.example.com -i id_rsa.pub",
        "create secret sshpublickey k1.devstg.aws.example.com -i id_rsa.pub",
        "create secret sshpublickey admin k1.devstg.aws.example.com -i id_rsa.pub",
        "create sshpublickey --pubkey id_rsa.pub",
    ] {
        succeed(&mut run(home.path(), ".", words));
        let keys = stdout(&succeed(&mut run(home.path(), ".", "get sshpublickeys")));
        assert_eq!(keys.lines().count(), 2, "{words}: {keys}");
        succeed(&mut run(home.path(), ".", "delete secret sshpublickey admin"));
    }
    refused(&run(home.path(), ".", "create secret sshpublickey other -i id_rsa.pub").output().unwrap(), "other");
}

#[test]
fn the_last_of_several_values_counts_wherever_it_stands() {
    let home = project();
    let state = format!("file://{}/state", home.path().display());
    let words =
        format!("--state file:///nowhere get --state file:///nowhere/else -o json clusters --state {state} -o table");
    assert!(stdout(&succeed(&mut run(home.path(), ".", &words))).contains(CLUSTER));
    assert_eq!(stdout(&succeed(&mut run(home.path(), ".", "version --short --short"))), "1.36.2\n");
}
