//! `--keep-equivalent` and moves of state, offline: which files stay, and what depends on them.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use crate::support::{copy, give_keys, kopsform, root, stderr, stdout, succeed};

const CLUSTER: &str = "k1.devstg.aws.binbash-demo.com.ar";

/// A golden case whose output is written.
struct Project(tempfile::TempDir);

impl Project {
    fn synced() -> Self {
        let directory = tempfile::tempdir().unwrap();
        for part in ["templates", "leverage-dns"] {
            copy(&root().join("golden").join(part), &directory.path().join(part));
        }
        fs::copy(root().join("golden/id_rsa.pub"), directory.path().join("id_rsa.pub")).unwrap();
        let project = Self(directory);
        give_keys(&project.path("state"), CLUSTER);
        succeed(&mut project.sync(&[]));
        project
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join("leverage-dns").join(name)
    }

    fn sync(&self, flags: &[&str]) -> Command {
        let mut command = kopsform(self.0.path());
        command.current_dir(self.path(".")).args(["sync", "--offline"]).args(flags);
        command
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path("out").join(name)).unwrap()
    }

    fn edit(&self, name: &str, change: impl Fn(&str) -> String) -> String {
        let changed = change(&self.read(name));
        fs::write(self.path("out").join(name), &changed).unwrap();
        changed
    }
}

#[test]
fn what_means_the_same_stays_and_hashes_follow_it() {
    let project = Project::synced();
    let commented = |text: &str| format!("# Edited by hand.\n{text}");
    let config = project.edit("data/aws_s3_object_nodeupconfig-nodes_content", commented);
    let addon = format!("data/aws_s3_object_{CLUSTER}-addons-limit-range.addons.k8s.io_content");
    let manifest = project.edit(&addon, commented);
    let policy = format!("data/aws_iam_role_policy_nodes.{CLUSTER}_policy");
    let compact = project.edit(&policy, |text| text.split_whitespace().collect::<Vec<_>>().join(" "));
    let tf = project.edit("kubernetes.tf", commented);

    let refused = project.sync(&[]).output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(stderr(&refused).contains("edited since kopsform wrote them"), "{}", stderr(&refused));

    // What follows from the kept files is new, and that is not an edit.
    succeed(&mut project.sync(&["--keep-equivalent"]));
    assert_eq!(project.read("data/aws_s3_object_nodeupconfig-nodes_content"), config);
    assert_eq!(project.read(&addon), manifest);
    assert_eq!((project.read(&policy), project.read("kubernetes.tf")), (compact, tf));
    let script = project.read(&format!("data/aws_launch_template_nodes.{CLUSTER}_user_data"));
    assert!(script.contains(&STANDARD.encode(Sha256::digest(&config))), "{script}");
    let channel = project.read(&format!("data/aws_s3_object_{CLUSTER}-addons-bootstrap_content"));
    let hash: String = Sha256::digest(&manifest).iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(channel.contains(&hash), "{channel}");

    // They are ours now, and the setting of the project keeps them.
    let settings = fs::read_to_string(project.path("kopsform.yaml")).unwrap();
    fs::write(project.path("kopsform.yaml"), settings.replace("terraform:\n", "terraform:\n  keepEquivalent: true\n"))
        .unwrap();
    let again = stdout(&succeed(&mut project.sync(&[])));
    assert!(again.ends_with("\nNo changes\n"), "{again}");
    project.edit(&addon, |text| text.replace("100m", "101m"));
    assert_eq!(project.sync(&[]).output().unwrap().status.code(), Some(1), "another meaning is an edit");
}

#[test]
fn another_layout_writes_moves_and_a_store_is_not_needed_for_those_of_a_recorded_one() {
    let project = Project::synced();
    let settings = fs::read_to_string(project.path("kopsform.yaml")).unwrap();
    let with = |more: &str| {
        fs::write(project.path("kopsform.yaml"), settings.replace("terraform:\n", &format!("terraform:\n{more}")))
            .unwrap()
    };
    let exists = |name: &str| project.path("out").join(name).exists();
    // A layout that the directory does not record comes from the cluster in the state store.
    let mut migrate = kopsform(project.0.path());
    let arguments = ["migrate", "terraform", "out", "--to", "module", "-o", "script", "--offline", "--name", CLUSTER];
    let script = stdout(&succeed(migrate.current_dir(project.path(".")).args(arguments)));
    assert!(script.matches("\nmove 'aws_").count() > 60, "{script}");
    assert_eq!(script.matches("\nmove '").count(), script.matches("\nmove 'aws_").count());
    with("  layout: module\n");
    let output = succeed(&mut project.sync(&[]));
    assert!(stderr(&output).contains("resources have new addresses: moved.tf"), "{}", stderr(&output));
    let moves = project.read("moved.tf").matches("moved {").count();
    assert!(moves > 60 && !exists("kubernetes.tf"), "{moves}");
    let unchanged = stdout(&succeed(&mut project.sync(&[])));
    assert!(unchanged.ends_with("\nNo changes\n"), "{unchanged}");

    // What the directory records needs no state store.
    let migrate = |flags: &[&str]| {
        let mut migrate = kopsform(project.0.path());
        migrate.current_dir(project.0.path()).args(["migrate", "terraform", "leverage-dns/out", "--from", "single"]);
        migrate.args(flags).output().unwrap()
    };
    assert_eq!(stdout(&migrate(&[])).matches("moved {").count(), moves);
    let refused = stderr(&migrate(&["--module", "module.cluster"]));
    assert!(refused.contains("leverage-dns/out has moves of its own"), "{refused}");

    with("  layout: module\n  moves: script\n");
    succeed(&mut project.sync(&[]));
    assert!(exists("moved.sh") && !exists("moved.tf"));
    succeed(&mut project.sync(&["--moves", "none"]));
    assert!(!exists("moved.sh") && !exists("moved.tf"));
    let manifest: serde_json::Value = serde_json::from_str(&project.read(".kopsform-manifest.json")).unwrap();
    let called = migrate(&["--module", "module.cluster"]);
    let resources = manifest["addresses"].as_object().unwrap().len();
    assert_eq!(stdout(&called).matches("\n  to   = module.cluster.aws_").count(), resources, "{}", stderr(&called));
}
