//! The same store gives the same bytes: again, in another directory and time zone, and with another order of the file.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::support::{kopsform, root, succeed};

const CLUSTER: &str = "k1.devstg.aws.example.com";

/// Flags of a target, and a file that it writes.
type Target = (&'static [&'static str], &'static str);

const TARGETS: [Target; 3] = [
    (&["--target", "terraform"], "kubernetes.tf"),
    (&["--target", "cloudformation"], "kubernetes.template.yaml"),
    (&["--target", "cloudformation", "--layout", "split"], "groups.template.yaml"),
];

/// A copy of the example project, with its specs in one file, each with a creation timestamp.
struct Project {
    directory: tempfile::TempDir,
}

impl Project {
    /// `order` arranges the documents of the file.
    fn new(order: impl Fn(&mut Vec<String>)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let example = root().join("tests/project");
        for file in ["cluster.yml", "outputs.json", "kopsform.lock", "id_rsa.pub"] {
            fs::copy(example.join(file), directory.path().join(file)).unwrap();
        }
        let project = Self { directory };
        project.run(&[
            "toolbox",
            "template",
            "--template",
            "cluster.yml",
            "--values",
            "outputs.json",
            "--out",
            "all.yml",
        ]);
        let text = fs::read_to_string(project.path().join("all.yml")).unwrap();
        let mut documents: Vec<String> = text
            .split("\n---\n")
            .map(|document| document.trim_start_matches("---\n").trim().to_owned())
            .filter(|document| !document.is_empty())
            .map(|document| {
                document.replacen("metadata:\n", "metadata:\n  creationTimestamp: \"2026-01-02T03:04:05Z\"\n", 1)
            })
            .collect();
        assert!(documents.len() > 2, "the example has several groups");
        order(&mut documents);
        fs::write(project.path().join("all.yml"), documents.join("\n---\n") + "\n").unwrap();
        project
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn run(&self, arguments: &[&str]) {
        self.run_with(arguments, &[]);
    }

    fn run_with(&self, arguments: &[&str], environment: &[(&str, &str)]) {
        let mut command = kopsform(self.path());
        command
            .current_dir(self.path())
            .env("KOPS_STATE_STORE", format!("file://{}", self.path().join("state").display()))
            .env("KOPS_CLUSTER_NAME", CLUSTER)
            .env("KOPSFORM_LOCK", self.path().join("kopsform.lock"))
            .envs(environment.iter().copied());
        succeed(command.args(arguments));
    }

    fn store(&self) {
        self.run(&["replace", "-f", "all.yml", "--force"]);
        self.run(&["create", "sshpublickey", "-i", "id_rsa.pub"]);
    }

    /// Every file of an update, by its path.
    fn update(&self, target: &Target, out: &str, environment: &[(&str, &str)]) -> BTreeMap<String, String> {
        let (arguments, file) = target;
        self.run_with(&[&["update", "cluster", "--out", out, "--offline"], *arguments].concat(), environment);
        let mut files = BTreeMap::new();
        collect(&self.path().join(out), "", &mut files);
        assert!(files.contains_key(*file));
        files
    }
}

fn collect(directory: &Path, prefix: &str, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(directory).unwrap().map(Result::unwrap) {
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            collect(&entry.path(), &format!("{name}/"), files);
        } else {
            files.insert(name, fs::read_to_string(entry.path()).unwrap());
        }
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() { copy(&entry.path(), &target) } else { _ = fs::copy(entry.path(), target).unwrap() }
    }
}

#[track_caller]
fn assert_same(a: &BTreeMap<String, String>, b: &BTreeMap<String, String>) {
    assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>());
    for (name, text) in a {
        assert!(*text == b[name], "{name} differs");
    }
}

#[test]
fn the_same_store_gives_the_same_bytes_everywhere() {
    let project = Project::new(|_| ());
    project.store();
    let abroad = [("TZ", "Pacific/Auckland"), ("LC_ALL", "de_DE.UTF-8"), ("COLUMNS", "20")];
    // Makes the keys.
    project.update(&TARGETS[0], "keys", &[]);
    let shuffled = Project::new(|documents| documents.reverse());
    shuffled.store();
    for part in ["pki", "secrets"] {
        let of = |project: &Project| project.path().join("state").join(CLUSTER).join(part);
        copy(&of(&project), &of(&shuffled));
    }
    let store = |project: &Project| format!("file://{}", project.path().join("state").display());
    for (number, target) in TARGETS.iter().enumerate() {
        let first = project.update(target, &format!("first{number}"), &[("TZ", "UTC")]);
        assert_same(&first, &project.update(target, &format!("second{number}"), &abroad));
        let there = shuffled.update(target, &format!("third{number}"), &[]);
        let here: BTreeMap<String, String> =
            there.into_iter().map(|(name, text)| (name, text.replace(&store(&shuffled), &store(&project)))).collect();
        // Hashes of the address of the store are in the manifest.
        let files = |all: &BTreeMap<String, String>| {
            all.clone().into_iter().filter(|(name, _)| !name.starts_with(".kopsform-cl")).collect()
        };
        assert_same(&files(&first), &files(&here));
    }
}
