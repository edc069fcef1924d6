#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::choices::{DnsType, LoadBalancerType};
use super::*;
use kopsform_diagnostics::Report;

fn choices(name: &str) -> Choices {
    Choices { name: Some(name.to_owned()), region: Some("eu-west-1".to_owned()), ..Choices::default() }
}

fn list(items: &[&str]) -> Vec<String> {
    items.iter().map(|item| (*item).to_owned()).collect()
}

/// The flags that a report is about.
fn flags(report: &Report) -> Vec<&str> {
    report.findings.iter().map(|finding| finding.path.as_str()).collect()
}

fn text(files: &Files, name: &str) -> String {
    String::from_utf8(files[name].clone()).unwrap()
}

#[test]
fn everything_that_is_missing_is_named_at_once() {
    assert_eq!(flags(&Choices::default().complete().unwrap_err()), ["--name", "--region"]);
    let existing = Choices { vpc: Some("vpc-0123456789abcdef0".to_owned()), ..choices("a.example.com") };
    assert_eq!(flags(&existing.complete().unwrap_err()), ["--subnets", "--utility-subnets"]);
}

#[test]
fn contradictions_are_refused() {
    let base = || choices("a.example.com");
    let cases = [
        (Choices { zones: list(&["us-east-1a"]), ..base() }, "--zones"),
        (Choices { zones: list(&["eu-west-1a", "eu-west-1a"]), ..base() }, "--zones"),
        (Choices { control_plane_zones: list(&["eu-west-1a", "eu-west-1b"]), ..base() }, "--control-plane-zones"),
        (Choices { control_plane_zones: list(&["eu-west-1d"]), ..base() }, "--control-plane-zones"),
        (Choices { network_cidr: Some("10.0.0.0/24".to_owned()), ..base() }, "--network-cidr"),
        (Choices { subnets: list(&["subnet-0123456789abcdef0"]), ..base() }, "--subnets"),
        (Choices { dns: Some(DnsType::Private), ..choices("a.k8s.local") }, "--dns"),
        (Choices { shared_profile: Some("shared".to_owned()), ..base() }, "--shared-profile"),
        (Choices { node_size: Some("m6g.large".to_owned()), ..base() }, "--node-size"),
        (Choices { kubernetes_version: Some("1.14.0".to_owned()), ..base() }, "--kubernetes-version"),
        (Choices { state_bucket: Some("Bucket".to_owned()), ..base() }, "--state-bucket"),
        (Choices { admin_access: list(&["10.0.0.0"]), ..base() }, "--admin-access"),
        (Choices { ssh_key: Some("ssh-rsa".to_owned()), ..base() }, "--ssh-public-key"),
    ];
    for (choices, flag) in cases {
        let report = choices.clone().complete().expect_err(flag);
        assert_eq!(flags(&report), [flag], "{report}");
    }
}

#[test]
fn defaults_follow_from_name_and_region() {
    let answers = choices("k1.dev.example.com").complete().unwrap();
    assert_eq!(answers.zones, ["eu-west-1a", "eu-west-1b", "eu-west-1c"]);
    assert_eq!(answers.control_plane_zones, answers.zones);
    assert_eq!(answers.state_bucket, "k1-dev-example-com-kops-state");
    assert!(answers.image.contains("-amd64-"), "{}", answers.image);
    let two = Choices { zones: list(&["eu-west-1a", "eu-west-1b"]), region: None, ..choices("a.example.com") };
    let two = two.complete().unwrap();
    assert_eq!((two.region.as_str(), two.control_plane_zones), ("eu-west-1", list(&["eu-west-1a"])));
    let sizes = Some("m6g.large".to_owned());
    let arm = Choices { node_size: sizes.clone(), control_plane_size: sizes, ..choices("a.example.com") };
    assert!(arm.complete().unwrap().image.contains("-arm64-"));
    let long = format!("{}.example.com", "a".repeat(60));
    assert!(choices(&long).complete().unwrap().state_bucket.len() <= 63);
}

#[test]
fn every_kind_of_project_renders() {
    let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAbLm2BS4WeXlKEmpSDaqWqpB2s6nD0kSnbWmZvXcYkD test";
    let variants = [
        choices("a.k8s.local"),
        choices("a.example.com"),
        Choices { dns: Some(DnsType::Public), ssh_key: Some(key.to_owned()), ..choices("a.example.com") },
        Choices {
            zones: list(&["eu-west-1a"]),
            vpc: Some("vpc-0123456789abcdef0".to_owned()),
            subnets: list(&["subnet-0123456789abcdef0"]),
            utility_subnets: list(&["subnet-0123456789abcdef1"]),
            dns_zone: Some("Z0123456789".to_owned()),
            api_load_balancer: Some(LoadBalancerType::Public),
            ..choices("a.example.com")
        },
    ];
    for choices in variants {
        let answers = choices.complete().unwrap();
        let files = scaffold::files(&answers).unwrap();
        assert_eq!(files.contains_key("1-prerequisites/dns.tf"), !answers.name.ends_with(".k8s.local"));
        assert_eq!(files.contains_key("1-prerequisites/ssh-key.pub"), answers.ssh_key.is_some());
        for name in files.keys().filter(|name| !name.ends_with("cluster-template.yml")) {
            let text = text(&files, name);
            assert!(!text.contains("<no value>") && !text.contains("{{"), "{name}: {text}");
            assert!(text.ends_with('\n') && !text.ends_with("\n\n") && !text.starts_with('\n'), "{name}: {text:?}");
            assert!(!text.lines().any(|line| line.ends_with(' ')), "{name} has spaces at the end of a line");
        }
    }
}

#[test]
fn the_preview_has_every_output() {
    let files = scaffold::files(&choices("a.example.com").complete().unwrap()).unwrap();
    let outputs: serde_json::Value = serde_json::from_slice(&files["2-kops/preview/outputs.json"]).unwrap();
    let mut previewed: Vec<&str> = outputs.as_object().unwrap().keys().map(String::as_str).collect();
    let declared = text(&files, "1-prerequisites/outputs.tf");
    let mut declared: Vec<&str> =
        declared.lines().filter_map(|line| line.strip_prefix("output \"")?.strip_suffix("\" {")).collect();
    previewed.sort_unstable();
    declared.sort_unstable();
    assert_eq!(previewed, declared);
}

#[test]
fn a_directory_is_written_once_and_then_unchanged() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("new/demo");
    let answers = choices("a.example.com").complete().unwrap();
    let first = plan(&dir, &answers).unwrap();
    assert!(first.states.iter().all(|(_, state)| *state == FileState::New));
    assert!(!dir.exists(), "a plan writes nothing");
    first.apply().unwrap();
    let second = plan(&dir, &answers).unwrap();
    assert!(second.states.iter().all(|(_, state)| *state == FileState::Unchanged));
    // A file that is gone is written again, and a repository may be there.
    fs::remove_file(dir.join("2-kops/Makefile")).unwrap();
    create_directories(&dir.join(".git")).unwrap();
    fs::write(dir.join(".git/config"), "").unwrap();
    plan(&dir, &answers).unwrap().apply().unwrap();
    assert!(dir.join("2-kops/Makefile").is_file());
}

#[test]
fn files_of_others_are_named_and_left_alone() {
    let home = tempfile::tempdir().unwrap();
    let answers = choices("a.example.com").complete().unwrap();
    plan(home.path(), &answers).unwrap().apply().unwrap();
    fs::write(home.path().join("2-kops/config.tf"), "# mine\n").unwrap();
    fs::write(home.path().join("notes.txt"), "mine\n").unwrap();
    let error = plan(home.path(), &answers).unwrap_err().to_string();
    assert!(error.ends_with("it has 2-kops/config.tf (with another content), notes.txt"), "{error}");
    assert_eq!(fs::read_to_string(home.path().join("2-kops/config.tf")).unwrap(), "# mine\n");
    assert!(matches!(plan(&home.path().join("notes.txt"), &answers), Err(InitError::NotADirectory(_))));
    for number in 0..100 {
        fs::write(home.path().join(format!("{number}.txt")), "").unwrap();
    }
    assert!(plan(home.path(), &answers).unwrap_err().to_string().ends_with(" and more"));
}
