//! The whole loop of a team against the AWS simulator, with real Terraform and its real AWS provider:
//! prerequisites → outputs → template → state store → `kubernetes.tf` → plan → apply → no change → read back.

use std::path::Path;
use std::process::Command;

use crate::support::{Moto, clean, kopsform, root, skip, stderr, stdout, succeed, tool};

/// How Terraform reaches the simulator; beside the person's own files, as an override.
const PROVIDER: &str = r#"
provider "aws" {
  region                      = "us-east-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
  s3_use_path_style           = true
}
"#;

/// An image that the simulator has from the start.
const IMAGE: &str = "ami-12c6146b";

/// The configuration file that lets Terraform find its providers in a local mirror, where there is one.
pub fn terraform_configuration(folder: &Path) -> Option<std::path::PathBuf> {
    if let Some(set) = std::env::var_os("TF_CLI_CONFIG_FILE").map(std::path::PathBuf::from).filter(|p| p.exists()) {
        return Some(set);
    }
    let mirror = ["/opt/tf-plugins", "/usr/share/terraform/plugins", "/usr/local/share/terraform/plugins"]
        .into_iter()
        .find(|path| Path::new(path).join("registry.terraform.io/hashicorp/aws").is_dir())?;
    let file = folder.join("terraformrc");
    let text = format!("provider_installation {{\n  filesystem_mirror {{\n    path = \"{mirror}\"\n  }}\n}}\n");
    std::fs::write(&file, text).unwrap();
    Some(file)
}

/// A `terraform` in a folder, pointed at the simulator.
pub fn terraform(home: &Path, folder: &Path, moto: Option<&Moto>) -> Command {
    let mut command = Command::new("terraform");
    clean(&mut command, home);
    command.current_dir(folder).env("TF_IN_AUTOMATION", "1");
    if let Some(file) = terraform_configuration(home) {
        command.env("TF_CLI_CONFIG_FILE", file);
    }
    if let Some(moto) = moto {
        moto.point(&mut command);
    }
    command
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// What the simulator makes up, also for kops' output: a tag specification of a resource type that was not asked for, a
/// new version of the template by it, and a lifecycle hook's target and role. Nothing else may differ.
fn is_made_up(change: &serde_json::Value) -> bool {
    let kind = change["type"].as_str().unwrap_or_default();
    let (before, after) = (&change["change"]["before"], &change["change"]["after"]);
    let mut keys: Vec<&String> = before.as_object().into_iter().chain(after.as_object()).flat_map(|o| o.keys()).collect();
    keys.sort();
    keys.dedup();
    let differing: Vec<&str> = keys.into_iter().filter(|k| before[k.as_str()] != after[k.as_str()]).map(String::as_str).collect();
    match kind {
        "aws_launch_template" => differing.iter().all(|k| match *k {
            "tag_specifications" => {
                let without = |v: &serde_json::Value| {
                    let all = v["tag_specifications"].as_array().cloned().unwrap_or_default();
                    all.into_iter().filter(|t| t["resource_type"] != "launch-template").collect::<Vec<_>>()
                };
                without(before) == without(after)
            }
            "latest_version" | "default_version" => true,
            _ => false,
        }),
        "aws_autoscaling_group" => differing.iter().all(|k| matches!(*k, "launch_template" | "mixed_instances_policy")),
        "aws_autoscaling_lifecycle_hook" => differing.iter().all(|k| matches!(*k, "notification_target_arn" | "role_arn")),
        _ => false,
    }
}

/// The changes a second plan would make, beyond what the simulator makes up.
pub fn unexpected_changes(home: &Path, folder: &Path, moto: &Moto) -> Vec<String> {
    succeed(terraform(home, folder, Some(moto)).args(["plan", "-input=false", "-no-color", "-out=again.plan"]));
    let shown = succeed(terraform(home, folder, Some(moto)).args(["show", "-json", "again.plan"]));
    let plan: serde_json::Value = serde_json::from_slice(&shown.stdout).unwrap();
    plan["resource_changes"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|change| change["change"]["actions"] != serde_json::json!(["no-op"]))
        .filter(|change| change["mode"] == "managed" && !is_made_up(change))
        .map(|change| format!("{} {}: {}", change["change"]["actions"], change["address"], change["change"]))
        .collect()
}

#[test]
fn from_prerequisites_to_a_plan_without_changes() {
    if tool("terraform").is_none() {
        return skip("terraform is not installed");
    }
    let Some(moto) = Moto::start() else { return };
    let scratch = tempfile::tempdir().unwrap();
    let home = scratch.path();
    let project = home.join("leverage");
    copy(&root().join("examples/leverage"), &project);

    let prerequisites = project.join("1-prerequisites");
    std::fs::write(prerequisites.join("simulator_override.tf"), PROVIDER).unwrap();
    succeed(terraform(home, &prerequisites, None).args(["init", "-input=false", "-no-color"]));
    let image = format!("image={IMAGE}");
    succeed(terraform(home, &prerequisites, Some(&moto)).args(["apply", "-auto-approve", "-input=false", "-no-color", "-var", &image]));

    let sync = || {
        let mut command = kopsform(home);
        moto.point(&mut command);
        command.current_dir(&project).args(["sync", "--project", ".", "--config-file", "kopsform.aws.yaml"]);
        command
    };
    let first = succeed(&mut sync());
    let second = succeed(&mut sync());
    assert!(stderr(&second).contains("unchanged") || stdout(&second).contains("unchanged"), "{}{}", stdout(&second), stderr(&second));
    drop(first);

    let out = project.join("2-cluster");
    std::fs::write(out.join("simulator_override.tf"), PROVIDER).unwrap();
    succeed(terraform(home, &out, None).args(["init", "-input=false", "-no-color"]));
    succeed(terraform(home, &out, None).args(["fmt", "-check", "kubernetes.tf"]));
    succeed(terraform(home, &out, Some(&moto)).args(["apply", "-auto-approve", "-input=false", "-no-color"]));
    assert_eq!(unexpected_changes(home, &out, &moto), Vec::<String>::new());

    let mut get = kopsform(home);
    moto.point(&mut get);
    let read = succeed(get.args(["get", "all", "-o", "json", "--state", "s3://kopsform-example-state", "--name", "k1.devstg.aws.example.com"]));
    let objects: serde_json::Value = serde_json::from_slice(&read.stdout).unwrap();
    assert_eq!(objects[0]["metadata"]["name"], "k1.devstg.aws.example.com");
    assert_eq!(objects.as_array().unwrap().len(), 5, "a cluster and four instance groups");
}
