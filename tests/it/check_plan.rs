//! `check plan` on the command line. `apply::terraform` has plans of Terraform itself.

use std::io::Write as _;
use std::process::{Output, Stdio};

use serde_json::{Value, json};

use crate::support::{kopsform, stderr, stdout};

/// A plan as Terraform 1.11 writes it, with one resource.
fn plan(actions: &[&str]) -> Value {
    let volume = json!({
        "id": "vol-1", "encrypted": false,
        "tags": {"KubernetesCluster": "a.example.com", "Name": "a.etcd-main.a.example.com", "k8s.io/etcd/main": "a/a"},
    });
    json!({
        "format_version": "1.2", "terraform_version": "1.11.4", "applyable": true, "complete": true, "errored": false,
        "planned_values": {"root_module": {}}, "prior_state": {"format_version": "1.0"}, "configuration": {},
        "resource_changes": [{
            "address": "module.cluster[\"a\"].aws_ebs_volume.etcd", "module_address": "module.cluster[\"a\"]",
            "mode": "managed", "type": "aws_ebs_volume", "name": "etcd",
            "provider_name": "registry.opentofu.org/hashicorp/aws",
            "change": {"actions": actions, "before": volume, "after": volume, "after_unknown": {}, "before_sensitive": {},
                "after_sensitive": {}, "replace_paths": [["encrypted"]]},
            "action_reason": "replace_because_cannot_update",
        }],
    })
}

/// Checks a plan that is read from standard input.
fn check(text: &str, arguments: &[&str]) -> Output {
    let home = tempfile::tempdir().unwrap();
    let mut command = kopsform(home.path());
    command.args(["check", "plan", "-"]).args(arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn the_exit_code_says_whether_something_was_found() {
    let replaced = plan(&["delete", "create"]).to_string();
    let output = check(&replaced, &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stdout(&output).starts_with("error: etcd volume a.etcd-main.a.example.com would be replaced: "),
        "{}",
        stdout(&output)
    );
    assert!(stdout(&output).contains("\n  -/+ module.cluster[\"a\"].aws_ebs_volume.etcd\n"), "{}", stdout(&output));
    assert!(stderr(&output).ends_with("standard input: 1 finding, in 1 resource\n"), "{}", stderr(&output));
    assert_eq!(check(&plan(&["update"]).to_string(), &[]).status.code(), Some(0));
    assert_eq!(check(&replaced, &["--allow", "api,etcd"]).status.code(), Some(0));
    assert_eq!(check(&replaced, &["--allow", "api"]).status.code(), Some(2));
    let unknown = check(&replaced, &["--allow", "volumes"]);
    assert_eq!(unknown.status.code(), Some(1), "{}", stderr(&unknown));
}

#[test]
fn programs_get_every_finding() {
    let replaced = plan(&["create", "delete"]).to_string();
    let json: Value = serde_json::from_slice(&check(&replaced, &["-o", "json"]).stdout).unwrap();
    assert_eq!(json["findings"][0]["effects"], json!(["create-then-destroy"]));
    assert_eq!(json["findings"][0]["cluster"], "a.example.com");
    let github = stdout(&check(&replaced, &["-o", "github"]));
    assert!(github.starts_with("::error title=protected%3A etcd::etcd volume "), "{github}");
    assert_eq!(github.lines().count(), 1, "{github}");
}

#[test]
fn what_cannot_be_checked_is_an_error_with_a_hint() {
    for text in ["", "{}", "[1]", "{\"format_version\": \"2.0\", \"resource_changes\": []}", "PK\u{3}\u{4}"] {
        let output = check(text, &[]);
        assert_eq!(output.status.code(), Some(1), "{text}: {}", stderr(&output));
        assert!(stderr(&output).contains("error: cannot check standard input: "), "{}", stderr(&output));
        assert!(stderr(&output).contains("hint: "), "{}", stderr(&output));
    }
    let home = tempfile::tempdir().unwrap();
    let missing = kopsform(home.path()).args(["check", "plan", "missing.json"]).output().unwrap();
    assert_eq!(missing.status.code(), Some(1));
    assert!(stderr(&missing).contains("cannot read the plan missing.json: "), "{}", stderr(&missing));
}
