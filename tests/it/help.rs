//! Completion scripts, manual pages, the version and schemas.

use crate::support::{files, kopsform, stdout, succeed};

#[test]
fn every_shell_completes_the_commands() {
    let home = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let script = stdout(&succeed(kopsform(home.path()).args(["completion", shell])));
        for word in ["kopsform", "sync", "toolbox", "offline"] {
            assert!(script.contains(word), "{shell}: no {word}");
        }
    }
    assert_eq!(kopsform(home.path()).args(["completion", "csh"]).output().unwrap().status.code(), Some(1));
}

#[test]
fn every_command_has_a_manual_page() {
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().join("pages");
    succeed(kopsform(home.path()).args(["man", "--out"]).arg(&directory));
    let pages = files(&directory);
    for page in ["kopsform.1", "kopsform-sync.1", "kopsform-toolbox-template.1", "kopsform-update-cluster.1"] {
        let text = pages.get(page).unwrap_or_else(|| panic!("no {page} among {:?}", pages.keys()));
        assert!(String::from_utf8_lossy(text).contains(".SH SYNOPSIS"), "{page}");
    }
}

#[test]
fn the_version_is_that_of_kops() {
    let home = tempfile::tempdir().unwrap();
    assert_eq!(stdout(&succeed(kopsform(home.path()).args(["version", "--short"]))), "1.36.2\n");
    let text = stdout(&succeed(kopsform(home.path()).args(["version"])));
    assert_eq!(text, format!("Client version: 1.36.2 (git-v1.36.2)\nkopsform {}\n", env!("CARGO_PKG_VERSION")));
    let flag = stdout(&succeed(kopsform(home.path()).arg("--version")));
    assert_eq!(flag, format!("kopsform {} (kops 1.36.2)\n", env!("CARGO_PKG_VERSION")));
    let json = succeed(kopsform(home.path()).args(["version", "-o", "json"])).stdout;
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json, serde_json::json!({"kops": "1.36.2", "kopsform": env!("CARGO_PKG_VERSION")}));
}

#[test]
fn the_schema_of_projects_accepts_the_examples() {
    let home = tempfile::tempdir().unwrap();
    let schema = succeed(kopsform(home.path()).args(["schema", "project"]));
    let schema: serde_json::Value = serde_json::from_slice(&schema.stdout).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let mut checked = 0;
    for directory in ["examples", "golden"] {
        for (name, content) in files(&crate::support::root().join(directory)) {
            if name.ends_with("kopsform.yaml") {
                let project: serde_json::Value =
                    kopsform_yaml::from_str(&name, &String::from_utf8(content).unwrap()).unwrap();
                assert!(validator.is_valid(&project), "{directory}/{name}");
                checked += 1;
            }
        }
    }
    assert!(checked >= 10, "{checked}");
    assert!(!validator.is_valid(&serde_json::json!({"templates": ["a"], "shhKey": "x"})));
}
