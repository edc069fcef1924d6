//! `kopsform init`: what it writes is Terraform without findings, and Terraform of the cluster follows from it without network.

use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use crate::support::terraform::Terraform;
use crate::support::{files, give_keys, kopsform, root, stderr, stdout, succeed};

/// The flags of `examples/leverage`. Set `UPDATE_GOLDEN=1` to write the example again.
const EXAMPLE: &str = "--name k1.devstg.aws.example.com --region us-east-1 --environment devstg --kubernetes-version 1.34.8 \
                       --shared-vpc vpc-0a1b2c3d4e5f60718 --shared-vpc-cidr 172.18.0.0/20 --shared-profile example-shared-devops \
                       --profile example-devstg-devops --backend example-terraform-state --ssh-public-key ssh-key.pub";

/// Flags of every kind of project.
const VARIANTS: [&str; 8] = [
    EXAMPLE,
    "--name a.k8s.local --region eu-west-1",
    "--name a.example.com --region eu-west-1 --dns public --api-loadbalancer-type public --admin-access 192.0.2.0/24",
    "--name a.example.com --region eu-west-1 --dns-zone Z0123456789ABC",
    "--name a.example.com --region eu-west-1 --dns public --dns-zone Z0123456789ABC",
    "--name a.example.com --zones eu-west-1a --shared-vpc vpc-0a1b2c3d4e5f60718",
    "--name a.k8s.local --zones eu-west-1a,eu-west-1b --vpc vpc-0a1b2c3d4e5f60718 --subnets subnet-0a1,subnet-0b1 \
     --utility-subnets subnet-0a2,subnet-0b2",
    "--name a.example.com --zones eu-west-1a,eu-west-1b,eu-west-1c --control-plane-zones eu-west-1b --node-size m6g.large \
     --control-plane-size t4g.medium --network-cidr 10.4.0.0/20",
];

fn command(home: &Path, words: &str) -> Command {
    let mut command = kopsform(home);
    command.current_dir(home).args(words.split_whitespace());
    command
}

/// A home with the SSH key of the example.
fn home() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    std::fs::copy(root().join("golden/id_rsa.pub"), home.path().join("ssh-key.pub")).unwrap();
    home
}

#[track_caller]
fn refused(output: &Output, parts: &[&str]) {
    assert_eq!(output.status.code(), Some(1), "{}", stdout(output));
    for part in parts {
        assert!(stderr(output).contains(part), "{part:?} is missing: {}", stderr(output));
    }
}

#[test]
fn the_example_is_what_init_writes() {
    let home = home();
    succeed(&mut command(home.path(), &format!("init leverage demo {EXAMPLE}")));
    let written = files(&home.path().join("demo"));
    let example = root().join("examples/leverage");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        crate::support::write(&written, &example);
    }
    for (name, content) in &written {
        let existing = std::fs::read(example.join(name)).unwrap_or_default();
        let (existing, content) = (String::from_utf8_lossy(&existing), String::from_utf8_lossy(content));
        assert_eq!(existing, content, "examples/leverage/{name}: write it again with UPDATE_GOLDEN=1");
    }
}

#[test]
fn from_nothing_to_kubernetes_tf_takes_two_commands_and_no_network() {
    let home = home();
    let began = Instant::now();
    succeed(&mut command(home.path(), "init demo --name demo.k8s.local --region eu-west-1"));
    let said = stdout(&succeed(&mut command(home.path(), "sync --offline --project demo/2-kops/preview")));
    let took = began.elapsed();
    assert!(said.ends_with("\nkubernetes.tf: demo/2-kops/preview/out/kubernetes.tf\n"), "{said}");
    // A release build takes a fraction of a second. This one is not optimized, and tests share the machine.
    assert!(took < Duration::from_secs(60), "{took:?}");
    assert!(said.contains("validate   done"), "{said}");
    let specs = std::fs::read_to_string(home.path().join("demo/2-kops/preview/cluster.yml")).unwrap();
    assert!(specs.contains("name: demo.k8s.local") && specs.contains("zone: eu-west-1c"), "{specs}");
}

#[test]
fn every_kind_of_project_is_formatted_and_valid_terraform() {
    let home = home();
    for (number, flags) in VARIANTS.iter().enumerate() {
        succeed(&mut command(home.path(), &format!("init leverage {number} {flags}")));
        let name = flags.split_whitespace().nth(1).unwrap();
        give_keys(&home.path().join(format!("{number}/2-kops/preview/state")), name);
        // What the template renders is valid for each of them.
        succeed(&mut command(home.path(), &format!("sync --offline --project {number}/2-kops/preview")));
    }
    let Some(terraform) = Terraform::find() else { return };
    terraform.assert_formatted(home.path());
    terraform.keep_provider(|_| {});
    let layers = |number| ["1-prerequisites", "2-kops/preview/out"].map(|layer| format!("{number}/{layer}"));
    terraform.validates_each(home.path(), (0..VARIANTS.len()).flat_map(layers));
}

#[test]
fn a_dry_run_lists_files_and_writes_none() {
    let home = home();
    let flags = "init demo --name a.k8s.local --region eu-west-1 --dry-run";
    let listed = stdout(&succeed(&mut command(home.path(), flags)));
    assert!(listed.contains("new        demo/2-kops/Makefile\n"), "{listed}");
    assert!(!home.path().join("demo").exists());
    let json = stdout(&succeed(&mut command(home.path(), &format!("{flags} -o json"))));
    let listed: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&listed["written"], listed["unchanged"].as_array().unwrap().len()), (&false.into(), 0));
    assert!(listed["new"].as_array().unwrap().contains(&"1-prerequisites/locals.tf".into()), "{listed}");
}

#[test]
fn what_is_missing_or_wrong_is_named_by_its_flag() {
    let home = home();
    let run = |words: &str| command(home.path(), words).output().unwrap();
    refused(&run("init leverage demo"), &["--name: the name of the cluster is required", "--region: "]);
    let wrong = "init demo --name a.example.com --region eu-west-1 --zones us-east-1a --control-plane-zones a,b";
    refused(&run(wrong), &["--zones: us-east-1a is not a zone of eu-west-1", "--control-plane-zones: 2 is an even"]);
    refused(&run("init minimal demo --name a.k8s.local --region eu-west-1"), &["\"minimal\" is not a workflow"]);
    refused(&run("init leverage"), &["the new directory is missing"]);
    let valid = "init demo --name a.k8s.local --region eu-west-1";
    refused(&run(&format!("{valid} --state s3://bucket/prefix")), &["--state: \"s3://bucket/prefix\" is not a bucket"]);
    refused(&run(&format!("{valid} --ssh-public-key nope.pub")), &["cannot read the SSH public key nope.pub"]);
    std::fs::write(home.path().join("id"), "-----BEGIN OPENSSH PRIVATE KEY-----\n").unwrap();
    refused(&run(&format!("{valid} --ssh-public-key id")), &["id is a private key"]);
    assert!(!home.path().join("demo").exists(), "nothing was written");
}

#[test]
fn a_second_run_changes_nothing_and_edited_files_are_refused() {
    let home = home();
    let run = |words: &str| command(home.path(), words).output().unwrap();
    let flags = "init demo --name a.k8s.local --region eu-west-1";
    assert!(run(flags).status.success());
    let before = files(&home.path().join("demo"));
    let again = run(flags);
    assert!(again.status.success() && !stdout(&again).contains("new  "), "{}", stdout(&again));
    let other = run("init demo --name b.k8s.local --region eu-west-1");
    refused(
        &other,
        &["demo is not empty", "2-kops/kopsform.yaml (with another content)", "hint: choose a new directory"],
    );
    assert_eq!(files(&home.path().join("demo")), before);
}

#[test]
fn make_help_describes_every_target() {
    if crate::support::tool("make").is_none() {
        return crate::support::skip("make is not installed");
    }
    let home = home();
    succeed(&mut command(home.path(), "init demo --name a.k8s.local --region eu-west-1"));
    for directory in ["1-prerequisites", "2-kops"] {
        let directory = home.path().join("demo").join(directory);
        let help = stdout(&succeed(Command::new("make").arg("-C").arg(&directory).arg("--no-print-directory")));
        let makefile = std::fs::read_to_string(directory.join("Makefile")).unwrap();
        let phony = makefile.split(".PHONY:").nth(1).unwrap().split("\n\n").next().unwrap();
        for target in phony.split_whitespace().filter(|word| *word != "\\") {
            let described = help.lines().any(|line| line.trim_start().starts_with(&format!("{target} ")));
            assert!(described, "{target} is missing: {help}");
        }
        if makefile.contains("cluster-update") {
            assert!(help.contains("twice"), "a new cluster needs update, apply and roll twice: {help}");
        }
    }
}
