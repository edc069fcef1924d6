//! Who may read the files that a project's run writes.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::support::{copy, kopsform, root, succeed};

/// The smallest example with a rendered spec, and an output that the spec uses.
fn project(sensitive: bool) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    copy(&root().join("examples/minimal"), home.path());
    let outputs = format!(r#"{{"owner": {{"sensitive": {sensitive}, "type": "string", "value": "team-of-jane"}}}}"#);
    fs::write(home.path().join("outputs.json"), outputs).unwrap();
    change(
        home.path(),
        "kopsform.yaml",
        "templates:",
        "outputs: {file: outputs.json}\nrendered: rendered.yml\ntemplates:",
    );
    change(
        home.path(),
        "cluster.yml",
        "  channel: stable",
        "  channel: stable\n  cloudLabels: {owner: '{{ .owner.value }}'}",
    );
    home
}

fn change(home: &Path, name: &str, from: &str, to: &str) {
    let text = fs::read_to_string(home.join(name)).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(home.join(name), text.replace(from, to)).unwrap();
}

fn sync(home: &Path) {
    succeed(kopsform(home).current_dir(home).args(["sync", "--offline"]));
}

fn mode(home: &Path, name: &str) -> u32 {
    fs::metadata(home.join(name)).unwrap().permissions().mode() & 0o777
}

fn set_mode(home: &Path, name: &str, mode: u32) {
    fs::set_permissions(home.join(name), Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_file_that_is_replaced_keeps_its_mode() {
    let home = project(false);
    let home = home.path();
    fs::write(home.join("rendered.yml"), "").unwrap();
    set_mode(home, "rendered.yml", 0o600);
    sync(home);
    assert_eq!(mode(home, "rendered.yml"), 0o600);
    // What is new can be read by whom the umask lets.
    assert_eq!(mode(home, "out/kubernetes.tf") & 0o600, 0o600);
    for (name, kept) in [("out/kubernetes.tf", 0o600), ("rendered.yml", 0o640)] {
        set_mode(home, name, kept);
    }
    change(home, "cluster.yml", "maxSize: 3", "maxSize: 4");
    sync(home);
    assert!(fs::read_to_string(home.join("out/kubernetes.tf")).unwrap().contains("max_size"));
    for (name, kept) in [("out/kubernetes.tf", 0o600), ("rendered.yml", 0o640)] {
        assert_eq!(mode(home, name), kept, "{name}");
    }
}

#[test]
fn a_rendered_spec_with_sensitive_outputs_is_for_its_owner() {
    let home = project(true);
    fs::write(home.path().join("rendered.yml"), "").unwrap();
    set_mode(home.path(), "rendered.yml", 0o644);
    sync(home.path());
    assert!(fs::read_to_string(home.path().join("rendered.yml")).unwrap().contains("team-of-jane"));
    assert_eq!(mode(home.path(), "rendered.yml"), 0o600);
}

#[test]
fn private_files_are_for_their_owner_under_any_umask() {
    let home = project(false);
    let sync = "umask 000 && exec \"$0\" sync --offline";
    let mut command = std::process::Command::new("sh");
    crate::support::clean(&mut command, home.path());
    succeed(command.current_dir(home.path()).args(["-c", sync, crate::support::BINARY]));
    let cluster = home.path().join("state/minimal.k8s.local");
    assert_eq!(mode(&cluster, "pki/private/kubernetes-ca/keyset.yaml"), 0o600);
    assert_eq!(mode(&cluster, "secrets/kube"), 0o600);
    assert_eq!(mode(&cluster, "config"), 0o644);
}
