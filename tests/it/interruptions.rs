//! Every write of `sync`, `update cluster` and `replace` fails once: the process is killed there, the device fails or is full.
//!
//! Whatever happens, each file is old or new as a whole, the output directory is old or new as a whole or refused by Terraform, a
//! failure is never reported as success, and the same command run again does the rest.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::{copy, files, give_keys, kopsform, root, stderr, succeed};

type Files = BTreeMap<String, Vec<u8>>;

/// Makes one write of a process fail, in builds with debug assertions.
const FAULT: &str = "KOPSFORM_TEST_FAULT";
/// The file that Terraform refuses.
const MARKER: &str = "kopsform_unfinished.tf";
/// Writes the Terraform of the project's cluster.
const UPDATE: [&str; 11] = [
    "update",
    "cluster",
    "minimal.k8s.local",
    "--target=terraform",
    "--offline",
    "--lock",
    "kopsform.lock",
    "--out",
    "out",
    "--state",
    "./state",
];

/// A project that was synced before, and a change of its spec.
struct Project {
    directory: tempfile::TempDir,
    command: Vec<String>,
}

impl Project {
    /// A copy of the example, synced, with another Kubernetes version in its template.
    fn changed() -> Self {
        let directory = tempfile::tempdir().unwrap();
        copy(&root().join("examples/minimal"), directory.path());
        for made in ["state", "out"] {
            let _ = fs::remove_dir_all(directory.path().join(made));
        }
        let settings = directory.path().join("kopsform.yaml");
        let text = fs::read_to_string(&settings).unwrap();
        if !text.contains("rendered:") {
            fs::write(&settings, format!("{text}\nrendered: rendered.yml\n")).unwrap();
        }
        let project = Self { directory, command: ["sync", "--offline"].map(str::to_owned).to_vec() };
        give_keys(&project.path("state"), "minimal.k8s.local");
        succeed(&mut project.run());
        let template = project.path("cluster.yml");
        let text = fs::read_to_string(&template).unwrap();
        assert!(text.contains("kubernetesVersion: 1.34.1"));
        fs::write(&template, text.replace("kubernetesVersion: 1.34.1", "kubernetesVersion: 1.34.2")).unwrap();
        project
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The same project with another command.
    fn with(mut self, command: &[&str]) -> Self {
        self.command = command.iter().map(|&word| word.to_owned()).collect();
        self
    }

    /// A place for the same files.
    fn another(&self) -> Self {
        Self { directory: tempfile::tempdir().unwrap(), command: self.command.clone() }
    }

    fn run(&self) -> Command {
        let mut command = kopsform(self.directory.path());
        command.current_dir(self.directory.path()).args(&self.command);
        command
    }

    fn files(&self) -> Files {
        files(self.directory.path())
    }

    fn reset(&self, wanted: &Files) {
        for entry in fs::read_dir(self.directory.path()).unwrap().map(Result::unwrap) {
            match entry.path().is_dir() {
                true => fs::remove_dir_all(entry.path()).unwrap(),
                false => fs::remove_file(entry.path()).unwrap(),
            }
        }
        crate::support::write(wanted, self.directory.path());
    }
}

/// What is neither content nor a lock of a process.
fn is_work(name: &str) -> bool {
    let is_temporary = name.starts_with(".kopsform-");
    is_temporary || name.contains(".kopsform-staging") || name.starts_with("state/.kopsform/") || name.ends_with(MARKER)
}

/// The files below the output directory.
fn output(files: &Files) -> Files {
    let inside = |(name, content): (&String, &Vec<u8>)| {
        (name.starts_with("out/") && !is_work(name)).then(|| (name.clone(), content.clone()))
    };
    files.iter().filter_map(inside).collect()
}

/// Contents without the times at which objects were stored, which no two runs share.
fn meaning(files: &Files) -> Files {
    files
        .iter()
        .filter(|(name, _)| !is_work(name))
        .map(|(name, content)| {
            let text = String::from_utf8_lossy(content);
            let lines =
                text.lines().filter(|line| !line.contains("creationTimestamp:") && !line.contains("generation:"));
            (name.clone(), lines.collect::<Vec<_>>().join("\n").into_bytes())
        })
        .collect()
}

fn assert_whole(found: &Files, old: &Files, new: &Files, what: &str) {
    let (found, old, new) = (meaning(found), meaning(old), meaning(new));
    for (name, content) in &found {
        assert!(
            old.get(name) == Some(content) || new.get(name) == Some(content),
            "{what}: {name} is neither old nor new"
        );
    }
    for name in old.keys().filter(|name| new.contains_key(*name)) {
        assert!(found.contains_key(name), "{what}: {name} is gone");
    }
}

/// Lets each write fail once, in each way, and returns how many writes there were.
fn every_write_fails(project: &Project) -> usize {
    let old = project.files();
    succeed(&mut project.run());
    let new = project.files();
    assert_ne!(meaning(&old), meaning(&new), "the command changes nothing");
    let writes = count_writes(project, &old);
    std::thread::scope(|scope| {
        for kind in ["kill", "eio", "enospc"] {
            let (old, new) = (&old, &new);
            let project = project.another();
            scope.spawn(move || (1..=writes).for_each(|step| fail_at(&project, kind, step, old, new)));
        }
    });
    writes
}

/// How many writes a run has: it is killed at the last one, and not at a later one.
fn count_writes(project: &Project, old: &Files) -> usize {
    let is_killed = |step: usize| {
        project.reset(old);
        project.run().env(FAULT, format!("kill:{step}")).output().unwrap().status.code().is_none()
    };
    let (mut killed, mut past) = (0, 1);
    while is_killed(past) {
        (killed, past) = (past, past * 2);
    }
    while past - killed > 1 {
        let step = (killed + past) / 2;
        if is_killed(step) {
            killed = step;
        } else {
            past = step;
        }
    }
    killed
}

fn fail_at(project: &Project, kind: &str, step: usize, old: &Files, new: &Files) {
    project.reset(old);
    let what = format!("{}: {kind} at write {step}", project.command.join(" "));
    let run = project.run().env(FAULT, format!("{kind}:{step}")).output().unwrap();
    let found = project.files();
    assert_whole(&found, old, new, &what);
    assert_consistent(&found, old, new, kind, &run, &what);
    succeed(&mut project.run());
    let healed = project.files();
    assert_eq!(meaning(&healed), meaning(new), "{what}");
    assert!(
        !healed.keys().any(|name| name.contains("staging") || name.ends_with(MARKER)),
        "{what}: {:?}",
        healed.keys()
    );
}

fn assert_consistent(found: &Files, old: &Files, new: &Files, kind: &str, run: &Output, what: &str) {
    let is_whole = output(found) == output(old) || output(found) == output(new);
    let is_marked = found.contains_key(&format!("out/{MARKER}"));
    match kind {
        "kill" => assert!(is_whole || is_marked, "{what}: the output directory is neither old, new nor refused"),
        _ => {
            assert!(is_whole && !is_marked, "{what}: the output directory is neither old nor new");
            let done = meaning(found) == meaning(new);
            assert_eq!(run.status.success(), done, "{what}: {:?}\n{}", run.status, stderr(run));
            assert!(done || stderr(run).contains("error: "), "{what}: {}", stderr(run));
        }
    }
    assert!(!stderr(run).contains("panicked"), "{what}: {}", stderr(run));
}

#[test]
fn sync_is_whole_after_a_failure_of_any_write() {
    let project = Project::changed();
    let writes = every_write_fails(&project);
    // The rendered file, the lock and an object of the store, and the files of the output with their journal.
    assert!(writes > 30, "{writes}");
}

#[test]
fn an_update_is_whole_after_a_failure_of_any_write() {
    let project = Project::changed();
    succeed(project.run().args(["--skip", "terraform"]));
    assert!(every_write_fails(&project.with(&UPDATE)) > 15);
}

#[test]
fn a_replacement_is_whole_after_a_failure_of_any_write() {
    let project = Project::changed();
    succeed(project.run().args(["--skip", "store,ssh-key,lock,terraform"]));
    let command =
        ["replace", "--force", "--offline", "--lock", "kopsform.lock", "-f", "rendered.yml", "--state", "./state"];
    let writes = every_write_fails(&project.with(&command));
    assert!(writes > 5, "{writes}");
}

#[test]
fn new_keys_are_whole_after_a_failure_of_any_write() {
    let mut kept = 0;
    let project = Project::changed();
    // The first update of a cluster makes its keys: a few of its many writes stand for all.
    fs::remove_dir_all(project.path("state/minimal.k8s.local/pki/private")).unwrap();
    let old = project.files();
    let project = project.with(&UPDATE);
    for (kind, step) in [("kill", 5), ("enospc", 9), ("kill", 14), ("eio", 20), ("kill", 27)] {
        project.reset(&old);
        let run = project.run().env(FAULT, format!("{kind}:{step}")).output().unwrap();
        assert!(!run.status.success(), "{kind} at write {step} was not reached");
        let keysets = |files: &Files| -> Files {
            files.iter().filter(|(name, _)| name.contains("/private/")).map(|(n, c)| (n.clone(), c.clone())).collect()
        };
        let made = keysets(&project.files());
        succeed(&mut project.run());
        let after = keysets(&project.files());
        for (name, content) in &made {
            assert_eq!(after.get(name), Some(content), "{name}: a keyset that was stored is kept");
        }
        assert!(after.len() >= 7, "{:?}", after.keys());
        kept += made.len();
    }
    assert!(kept > 0, "some keysets were stored before the failure");
}

#[test]
fn terraform_refuses_an_interrupted_directory() {
    if crate::support::tool("terraform").is_none() {
        return crate::support::skip("terraform is not installed");
    }
    let directory = tempfile::tempdir().unwrap();
    // The marker as the product writes it, taken from an interrupted run.
    let project = Project::changed();
    let old = project.files();
    let marker = (1..)
        .find_map(|step| {
            project.reset(&old);
            let run = project.run().env(FAULT, format!("kill:{step}")).output().unwrap();
            assert!(run.status.code().is_none(), "no run was interrupted while files were replaced");
            fs::read(project.path("out").join(MARKER)).ok()
        })
        .unwrap();
    fs::write(directory.path().join(MARKER), marker).unwrap();
    let refused = validate(directory.path());
    assert!(!refused.status.success(), "{}", stderr(&refused));
    fs::remove_file(directory.path().join(MARKER)).unwrap();
    assert!(validate(directory.path()).status.success());
}

fn validate(directory: &Path) -> Output {
    Command::new("terraform").arg("validate").current_dir(directory).output().unwrap()
}
