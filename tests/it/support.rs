//! What the integration tests share: the binary, files and external tools.

pub mod provider;
#[cfg(feature = "aws")]
pub mod simulated_aws;
#[cfg(all(feature = "aws", feature = "kube"))]
pub mod simulated_cluster;
#[cfg(feature = "gce")]
pub mod simulated_google;
#[cfg(all(unix, feature = "gce", feature = "kube"))]
pub mod simulated_google_cluster;
#[cfg(feature = "aws")]
pub mod simulations;
pub mod terraform;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The program under test.
pub const BINARY: &str = env!("CARGO_BIN_EXE_kopsform");

/// The root of the package.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The program with a clean environment, without the AWS or kops settings of the user who runs the tests.
pub fn kopsform(home: &Path) -> Command {
    let mut command = Command::new(BINARY);
    clean(&mut command, home);
    command
}

/// Removes AWS, kops and S3 settings from a command's environment.
pub fn clean(command: &mut Command, home: &Path) {
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if ["AWS_", "KOPS_", "S3_", "KOPSFORM_", "KUBE", "TF_", "XDG_", "CI"]
            .iter()
            .any(|prefix| name.starts_with(prefix))
        {
            command.env_remove(name);
        }
    }
    command.env("HOME", home).env("KUBECONFIG", home.join("kubeconfig")).stdin(Stdio::null());
}

/// Runs a command and returns its output; a failure shows all of it.
#[track_caller]
pub fn succeed(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// At which of `total` requests a test kills a command: `some` of them, spread evenly; with `KOPSFORM_TEST_EVERY_POINT=1` all, with
/// another number every such one. With `12:5`, every 12th from the 5th on: such tests mostly wait, so runs for parts of the requests
/// can run at once.
#[cfg(feature = "aws")]
pub fn points(total: usize, some: usize) -> Vec<usize> {
    match std::env::var("KOPSFORM_TEST_EVERY_POINT") {
        Ok(every) => {
            let (step, first) = every.split_once(':').unwrap_or((&every, "1"));
            (first.parse().unwrap_or(1)..=total).step_by(step.parse().unwrap_or(1)).collect()
        }
        Err(_) => (0..some).map(|n| total * (2 * n + 1) / (2 * some)).collect(),
    }
}

/// Reports that a test is skipped because a tool is missing; fails instead if all tools are required.
#[track_caller]
pub fn skip(reason: &str) {
    assert!(
        std::env::var_os("KOPSFORM_TEST_REQUIRE_TOOLS").is_none(),
        "{reason}, and KOPSFORM_TEST_REQUIRE_TOOLS forbids to skip"
    );
    eprintln!("skipped: {reason}");
}

/// The conformance suite with what kops produced: the one that is named, or the one next to the clone; `None`, and a message,
/// without either.
pub fn conformance_suite() -> Option<PathBuf> {
    let given = std::env::var_os("KOPSFORM_CONFORMANCE").map(PathBuf::from);
    let is_given = given.is_some();
    let suite = given.unwrap_or_else(|| root().join("../shared/conformance"));
    if suite.join("cases").is_dir() {
        return Some(suite);
    }
    assert!(!is_given, "KOPSFORM_CONFORMANCE is not the conformance suite: {}", suite.display());
    eprintln!("skipped: the conformance suite is not next to this clone");
    None
}

/// A tool on PATH.
pub fn tool(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|directory| directory.join(name)).find(|file| file.is_file())
}

/// All files below a directory: relative path with slashes → content.
pub fn files(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    fn collect(root: &Path, directory: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
        for entry in fs::read_dir(directory).into_iter().flatten().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                collect(root, &path, found);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    collect(directory, directory, &mut found);
    found
}

/// Writes files below a directory.
pub fn write(files: &BTreeMap<String, Vec<u8>>, directory: &Path) {
    for (name, content) in files {
        let path = directory.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
}

/// Copies a directory and everything below it.
pub fn copy(from: &Path, to: &Path) {
    write(&files(from), to);
}

/// A copy of the smallest example: a project whose cluster, `minimal.k8s.local`, is not stored.
pub fn minimal_project() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    copy(&root().join("examples/minimal"), directory.path());
    for made in ["state", "out"] {
        _ = fs::remove_dir_all(directory.path().join(made));
    }
    directory
}

/// Puts the key pairs of the goldens where those of a cluster will be looked for in a store: making eight pairs takes longer than
/// everything else that a command does.
pub fn give_keys(store: &Path, cluster: &str) {
    for (key, content) in keysets(cluster) {
        let path = store.join(key);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
}

/// Keys in a state store, and the keysets of `golden/keysets` that belong there.
pub fn keysets(cluster: &str) -> impl Iterator<Item = (String, String)> {
    let at = move |name: &str| {
        name.strip_suffix(".yaml").map(|keyset| format!("{cluster}/pki/private/{keyset}/keyset.yaml"))
    };
    let content = |content| String::from_utf8(content).unwrap();
    files(&root().join("golden/keysets"))
        .into_iter()
        .filter_map(move |(name, bytes)| Some((at(&name)?, content(bytes))))
}

/// The same after `sync`: the state store has the cluster, its groups, keysets and secrets.
pub fn stored_minimal_project() -> tempfile::TempDir {
    let directory = minimal_project();
    give_keys(&directory.path().join("state"), "minimal.k8s.local");
    succeed(kopsform(directory.path()).current_dir(directory.path()).args(["sync", "--offline"]));
    directory
}
