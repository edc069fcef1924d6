//! The rules of ARCHITECTURE.md that no crate boundary and no lint enforces.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::root;

/// The crates of the workspace that each crate may use, as ARCHITECTURE.md lists them.
const MAY_USE: &[(&str, &[&str])] = &[
    ("diagnostics", &[]),
    ("duration", &[]),
    ("env", &["diagnostics"]),
    ("files", &[]),
    ("yaml", &["diagnostics"]),
    ("compare", &["yaml"]),
    ("template", &["diagnostics", "duration", "yaml"]),
    ("spec", &["diagnostics", "duration", "env", "yaml"]),
    ("pki", &["diagnostics", "env", "spec"]),
    ("kubeconfig", &["diagnostics", "env", "files", "yaml"]),
    ("state", &["compare", "diagnostics", "env", "files", "pki", "spec", "yaml"]),
    ("model", &["diagnostics", "env", "files", "pki", "spec", "template", "yaml"]),
    ("terraform", &["diagnostics", "files", "model", "spec"]),
    ("cloudformation", &["diagnostics", "files", "model", "spec", "yaml"]),
    ("rolling", &["diagnostics", "env", "spec", "state"]),
    ("direct", &["compare", "diagnostics", "model", "rolling", "spec"]),
    ("kube", &["diagnostics", "env", "files", "rolling", "yaml"]),
    ("download", &["diagnostics", "model"]),
    ("aws", &["diagnostics", "direct", "env", "files", "model", "rolling", "spec", "state"]),
    ("gce", &["diagnostics", "direct", "env", "files", "model", "rolling", "spec", "state"]),
];

/// Crates whose closure of dependencies holds neither a cloud's SDK nor a Kubernetes client.
const WITHOUT_CLOUD: [&str; 13] = [
    "diagnostics",
    "duration",
    "env",
    "yaml",
    "compare",
    "template",
    "spec",
    "pki",
    "state",
    "model",
    "terraform",
    "cloudformation",
    "direct",
];

/// Packages that talk to a cloud or to Kubernetes. `aws-lc-rs` is not among them: it is a library of cryptography.
fn is_cloud(package: &str) -> bool {
    ["aws-sdk-", "aws-config", "aws-smithy-", "aws-runtime", "k8s-openapi", "reqwest", "hyper"]
        .iter()
        .any(|prefix| package.starts_with(prefix))
        || package == "kube"
        || package.starts_with("kube-")
}

/// Package → packages it depends on, from Cargo.lock: development dependencies are among them.
fn lock() -> BTreeMap<String, BTreeSet<String>> {
    let text = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let mut packages: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut current = String::new();
    let mut in_dependencies = false;
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("name = ") {
            current = name.trim_matches('"').to_owned();
            packages.entry(current.clone()).or_default();
        } else if line == "dependencies = [" {
            in_dependencies = true;
        } else if line == "]" {
            in_dependencies = false;
        } else if in_dependencies {
            let name = line.trim().trim_matches(['"', ',']).split(' ').next().unwrap().to_owned();
            packages.entry(current.clone()).or_default().insert(name);
        }
    }
    packages
}

#[test]
fn dependencies_have_one_direction() {
    let lock = lock();
    let members: BTreeSet<&str> = lock.keys().filter_map(|name| name.strip_prefix("kopsform-")).collect();
    assert_eq!(
        members,
        MAY_USE.iter().map(|(name, _)| *name).collect(),
        "list every crate in MAY_USE and ARCHITECTURE.md"
    );
    for (name, allowed) in MAY_USE {
        let used = lock[&format!("kopsform-{name}")].iter().filter_map(|d| d.strip_prefix("kopsform-"));
        for used in used {
            assert!(allowed.contains(&used), "crate {name} must not depend on crate {used}");
        }
    }
}

#[test]
fn pure_crates_reach_no_cloud() {
    let lock = lock();
    for name in WITHOUT_CLOUD {
        let mut open = vec![format!("kopsform-{name}")];
        let mut seen = BTreeSet::new();
        while let Some(package) = open.pop() {
            assert!(!is_cloud(&package), "crate {name} depends on {package}");
            for dependency in lock.get(&package).into_iter().flatten() {
                if seen.insert(dependency.clone()) {
                    open.push(dependency.clone());
                }
            }
        }
        assert!(seen.len() > 2 || name == "diagnostics", "{name}: {seen:?}");
    }
}

/// Every Rust file below a directory, without tests.
fn sources(below: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(below).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") && path.file_name().is_some_and(|n| n != "tests.rs") {
            found.push(path);
        }
    }
    found
}

/// Lines of code before the tests of a file that hold one of the given pieces of text.
fn uses(below: &str, forbidden: &[&str], except: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for path in sources(&root().join(below)) {
        let shown = path.strip_prefix(root()).unwrap().display().to_string();
        if except.contains(&shown.as_str()) {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for (i, line) in text.split("#[cfg(test)]").next().unwrap().lines().enumerate() {
            if !line.trim_start().starts_with("//") && forbidden.iter().any(|piece| line.contains(piece)) {
                found.push(format!("{shown}:{}: {}", i + 1, line.trim()));
            }
        }
    }
    found
}

#[test]
fn pure_crates_take_clock_randomness_and_environment_as_arguments() {
    let forbidden = [
        "SystemTime::now",
        "Instant::now",
        "Timestamp::now",
        "Zoned::now",
        "std::env::",
        "env::var",
        "getrandom::",
        "std::net::Tcp",
        "std::process::",
        "tokio::net",
        "tokio::fs",
        "std::fs",
        "fs::write",
        "fs::read",
    ];
    let mut found = Vec::new();
    for below in [
        "crates/compare/src",
        "crates/diagnostics/src",
        "crates/yaml/src",
        "crates/spec/src",
        "crates/model/src",
        "crates/rolling/src/plan",
    ] {
        found.extend(uses(below, &forbidden, &[]));
    }
    // Templates draw random numbers and read the clock through their context only.
    found.extend(uses("crates/template/src", &forbidden, &[]));
    // The Terraform target is pure except for the file that writes its output.
    found.extend(uses("crates/targets/terraform/src", &forbidden, &["crates/targets/terraform/src/write.rs"]));
    let writer = "crates/targets/cloudformation/src/write.rs";
    found.extend(uses("crates/targets/cloudformation/src", &forbidden, &[writer]));
    found.extend(uses("crates/targets/direct/src", &forbidden, &[]));
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn operations_know_nothing_of_the_command_line() {
    let found = uses("src/ops", &["clap::", "use clap"], &[]);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// clippy denies `print!`; this also finds the streams themselves.
#[test]
fn only_the_user_interface_prints() {
    let streams =
        ["stdout().lock", "stderr().lock", "(io::stdout", "(std::io::stdout", "(std::io::stderr", "println!("];
    let found = uses("src", &streams, &["src/cli/ui.rs"]);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// A command that ends the process skips what comes after it, such as releasing a lock. The second signal does that on
/// purpose, and so does a panic in releases.
#[test]
fn only_main_ends_the_process() {
    let found = uses("src", &["process::exit("], &["src/cli/panic.rs", "src/cli/signals.rs"]);
    assert!(found.is_empty(), "{}", found.join("\n"));
}
