//! Commands that change a store, as users and Makefiles run them.

use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;

use super::specs::{NAME, cluster, group, whole};
use crate::support::{kopsform, stderr, stdout};

/// A store of files with the program.
struct Fixture {
    home: tempfile::TempDir,
}

impl Fixture {
    fn new() -> Self {
        Self { home: tempfile::tempdir().unwrap() }
    }

    /// One with a stored cluster.
    fn with(text: &str) -> Self {
        let fixture = Self::new();
        let file = fixture.file("specs.yml", text);
        fixture.done(&["replace", "--force", "--offline", "-f", &file]);
        fixture
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn file(&self, name: &str, content: &str) -> String {
        std::fs::write(self.path(name), content).unwrap();
        self.path(name).display().to_string()
    }

    fn run_with(&self, variables: &[(&str, &str)], args: &[&str]) -> Output {
        let mut command = kopsform(self.home.path());
        command.env("KOPS_STATE_STORE", format!("file://{}", self.path("state").display())).args(args);
        command.env("TMPDIR", self.home.path()).envs(variables.iter().copied());
        command.output().unwrap()
    }

    /// Runs a command that must succeed, and gives its output.
    #[track_caller]
    fn done(&self, args: &[&str]) -> String {
        let output = self.run_with(&[], args);
        assert!(output.status.success(), "{args:?}: {}{}", stdout(&output), stderr(&output));
        stdout(&output)
    }

    /// Runs a command that must exit with a code, and returns its stderr.
    #[track_caller]
    fn ends(&self, code: i32, args: &[&str]) -> String {
        let output = self.run_with(&[], args);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {}{}", stdout(&output), stderr(&output));
        stderr(&output)
    }

    fn stored(&self, key: &str) -> Option<Value> {
        let text = std::fs::read_to_string(self.path("state").join(NAME).join(key)).ok()?;
        Some(kopsform_yaml::from_str(key, &text).unwrap())
    }
}

#[test]
fn create_stores_what_is_not_there_yet() {
    let fixture = Fixture::new();
    let addon = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: extra\n  namespace: kube-system\n";
    let file = fixture.file("specs.yml", &[whole(1, 1), addon.to_owned()].join("---\n"));
    let said = fixture.done(&["create", "--offline", "-f", &file]);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(
        lines[..4],
        ["", &format!("Created cluster/{NAME}"), "Created instancegroup/master", "Created instancegroup/nodes-000"]
    );
    assert!(said.contains(&format!("kopsform update cluster --name {NAME} --target terraform")), "{said}");
    assert_eq!(fixture.stored("clusteraddons/default").unwrap()["kind"], "ConfigMap");
    let again = fixture.ends(1, &["create", "--offline", "-f", &file]);
    assert!(again.contains(&format!("cluster {NAME:?} already exists")), "{again}");
    let more = fixture.file("more.yml", &group("nodes-000", "Node", 1));
    let again = fixture.ends(1, &["create", "--offline", "-f", &more]);
    assert!(again.contains("instanceGroup \"nodes-000\" already exists"), "{again}");
    assert!(fixture.ends(1, &["create"]).contains("-f"));
}

#[test]
fn a_dry_run_shows_changes_and_stores_none() {
    let fixture = Fixture::with(&whole(1, 1));
    let before = fixture.stored("instancegroup/nodes-000");
    let file = fixture.file("new.yml", &whole(1, 5));
    let output = fixture.run_with(&[], &["replace", "--dry-run", "--offline", "-f", &file]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stdout(&output).contains("-  maxSize: 1\n+  maxSize: 5\n"), "{}", stdout(&output));
    let output = fixture.run_with(&[], &["replace", "--dry-run", "-o", "json", "--offline", "-f", &file]);
    let shown: Value = serde_json::from_str(&stdout(&output)).unwrap();
    let objects = shown["objects"].as_array().unwrap();
    let changed: Vec<_> = objects.iter().filter(|object| object["action"] == "update").collect();
    let names: Vec<_> = changed.iter().map(|object| object["name"].as_str().unwrap()).collect();
    // A change of a group raises the generation of the cluster, as in kops.
    assert_eq!(names, [NAME, "nodes-000"]);
    assert_eq!(fixture.stored("instancegroup/nodes-000"), before);
    fixture.done(&["replace", "--offline", "-f", &file]);
    fixture.done(&["replace", "--dry-run", "--offline", "-f", &file]);
}

#[test]
fn fields_are_set_and_cleared_by_name() {
    let fixture = Fixture::with(&whole(1, 1));
    fixture.done(&["edit", "ig", "--name", NAME, "nodes-000", "--set", "spec.maxSize=7,spec.minSize=2"]);
    let stored = fixture.stored("instancegroup/nodes-000").unwrap();
    assert_eq!((&stored["spec"]["maxSize"], &stored["spec"]["minSize"]), (&7.into(), &2.into()));
    fixture.done(&["edit", "cluster", NAME, "--offline", "--set", "cluster.spec.kubernetesVersion=1.35.6"]);
    assert_eq!(fixture.stored("config").unwrap()["spec"]["kubernetesVersion"], "1.35.6");
    let before = fixture.stored("instancegroup/nodes-000");
    let wrong = fixture.ends(1, &["edit", "ig", "--name", NAME, "nodes-000", "--set", "spec.maxSize=1,spec.minSize=2"]);
    assert!(wrong.contains("validation failed"), "{wrong}");
    let wrong = fixture.ends(1, &["edit", "ig", "--name", NAME, "nodes-000", "--set", "spec.maxSizes=1"]);
    assert!(wrong.contains("field spec.maxSizes not found in InstanceGroup"), "{wrong}");
    assert_eq!(fixture.stored("instancegroup/nodes-000"), before);
}

#[test]
fn an_edit_warns_about_what_it_brings_in() {
    let fixture = Fixture::with(&whole(1, 1));
    let edit = |fields: &[&str]| {
        let output = fixture.run_with(&[], &[&["edit", "cluster", NAME, "--offline"], fields].concat());
        assert!(output.status.success(), "{}", stderr(&output));
        stderr(&output)
    };
    let warned = edit(&["--set", "spec.kubelet.anonymousAuth=true"]);
    assert!(warned.contains("warning: ") && warned.contains("anonymousAuth"), "{warned}");
    // What was there before is not repeated.
    let silent = edit(&["--set", "spec.kubernetesVersion=1.35.6"]);
    assert!(!silent.contains("anonymousAuth"), "{silent}");
}

#[test]
fn an_editor_changes_an_object_and_keeps_a_text_that_is_wrong() {
    let fixture = Fixture::with(&whole(1, 1));
    let edit = |editor: &str| fixture.run_with(&[("EDITOR", editor)], &["edit", "ig", "--name", NAME, "nodes-000"]);
    let output = edit("sed -i 's/maxSize: 1/maxSize: 3/'");
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(fixture.stored("instancegroup/nodes-000").unwrap()["spec"]["maxSize"], 3);
    assert_eq!(stdout(&edit("true")), "Edit cancelled: no changes made.\n");
    assert_eq!(stdout(&edit("truncate -s 0")), "Edit cancelled: saved file was empty.\n");
    // The same error twice means that the user gave up.
    let output = edit("sed -i 's/maxSize:/maxSizes:/'");
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("Edit cancelled: no valid changes were saved."), "{}", stderr(&output));
    let kept = stdout(&output);
    let kept = kept.strip_prefix("A copy of your changes has been stored to \"").unwrap().trim_end_matches("\"\n");
    let text = std::fs::read_to_string(kept).unwrap();
    assert!(text.contains("maxSizes: 3") && text.contains("# ") && text.contains("did you mean maxSize?"), "{text}");
    assert_eq!(fixture.stored("instancegroup/nodes-000").unwrap()["spec"]["maxSize"], 3);
    let output = edit("false");
    assert!(stderr(&output).contains("error launching editor"), "{}", stderr(&output));
    let output = edit("rm");
    assert!(stderr(&output).contains("is gone"), "{}", stderr(&output));
    // A program that changes the file each time, and never corrects it.
    let output = edit("printf 'x: [\\n' >>");
    assert!(stderr(&output).contains("Edit cancelled: no valid changes were saved."), "{}", stderr(&output));
}

#[test]
fn an_editor_leaves_strings_with_comments_as_they_are() {
    let parts = "\n  additionalUserData:\n  - name: setup.sh\n    type: text/x-shellscript\n    content: |\n      #!/bin/sh\n      # A comment of the script.\n      true\n";
    let fixture = Fixture::with(&whole(1, 1).replacen("\n  role: Node\n", &format!("\n  role: Node{parts}"), 1));
    let edit = |editor: &str| fixture.run_with(&[("EDITOR", editor)], &["edit", "ig", "--name", NAME, "nodes-000"]);
    let script = "#!/bin/sh\n# A comment of the script.\ntrue\n";
    let content =
        || fixture.stored("instancegroup/nodes-000").unwrap()["spec"]["additionalUserData"][0]["content"].clone();
    assert_eq!(content(), script);
    for unchanged in ["true", "sed -i '$a # done'", "sed -i '/^spec:/i # groups'"] {
        assert_eq!(stdout(&edit(unchanged)), "Edit cancelled: no changes made.\n", "{unchanged}");
        assert_eq!(content(), script, "{unchanged}");
    }
    let output = edit("sed -i 's/maxSize: 1/maxSize: 3/; 1i # mine'");
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(content(), script);
    assert_eq!(stdout(&edit("sed -i '/^[^#]/d; /^$/d'")), "Edit cancelled: saved file was empty.\n");
}

#[test]
fn nobody_writes_while_someone_holds_the_lock() {
    let fixture = Fixture::with(&whole(1, 1));
    let id = fixture.done(&["state", "lock", NAME]);
    let id = id.trim();
    let file = fixture.file("new.yml", &whole(1, 5));
    let before = fixture.stored("instancegroup/nodes-000");
    let refused = fixture.ends(1, &["replace", "--offline", "-f", &file]);
    assert!(refused.contains("is locked by") && refused.contains(&format!("--id {id}")), "{refused}");
    assert_eq!(fixture.stored("instancegroup/nodes-000"), before);
    assert!(fixture.done(&["state", "show", NAME]).starts_with(id));
    let output = fixture.run_with(&[("KOPSFORM_LOCK_ID", id)], &["replace", "--offline", "-f", &file]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(fixture.ends(1, &["state", "unlock", NAME, "--id", "other"]).contains("has the id"));
    fixture.done(&["state", "unlock", NAME, "--id", id]);
    assert_eq!(fixture.done(&["state", "show", NAME]), "not locked\n");
}

#[test]
fn a_deletion_that_was_interrupted_at_its_end_is_completed() {
    let fixture = Fixture::with(&whole(1, 1));
    let delete = ["delete", "cluster", NAME, "--unregister", "--yes"];
    fixture.done(&delete);
    let own = fixture.path("state/.kopsform").join(NAME);
    let left = || own.read_dir().map(|entries| entries.count()).unwrap_or_default();
    assert_eq!(left(), 0);
    // The lock of a process that has ended, and a journal.
    let lock = |more: &str| {
        let text =
            r#"{"id": "a", "owner": "o", "host": "h", "pid": 1, "operation": "o", "since": "2020-01-01T00:00:00Z""#;
        std::fs::create_dir_all(&own).unwrap();
        std::fs::write(own.join("lock"), format!("{text}{more}}}")).unwrap();
    };
    std::fs::create_dir_all(own.join("rolling-update")).unwrap();
    lock(r#", "until": "2020-01-01T00:05:00Z""#);
    std::fs::write(own.join("rolling-update/nodes.json"), "{}").unwrap();
    // Without --yes nothing is deleted, and the cluster does not exist.
    assert!(fixture.ends(1, &["delete", "cluster", NAME]).contains("not found"));
    assert!(own.join("lock").exists());
    assert!(fixture.done(&delete).contains("Deleted cluster"));
    assert!(!own.join("lock").exists() && !own.join("rolling-update/nodes.json").exists());
    assert!(fixture.ends(1, &delete).contains("not found"));
    // Another process that creates the cluster right now holds the lock.
    lock("");
    assert!(fixture.ends(1, &delete).contains("not found"));
    assert!(own.join("lock").exists());
}

#[test]
fn a_group_is_deleted_from_the_store() {
    let fixture = Fixture::with(&whole(2, 1));
    let said = fixture.done(&["delete", "ig", "--name", NAME, "nodes-000", "--yes", "--store-only"]);
    assert_eq!(said, "InstanceGroup \"nodes-000\" found for deletion\n\nDeleted InstanceGroup: \"nodes-000\"\n");
    assert!(fixture.stored("instancegroup/nodes-000").is_none());
    let refused = fixture.ends(1, &["delete", "ig", "--name", NAME, "master", "--yes", "--store-only"]);
    assert!(refused.contains("cannot delete the only control plane instance group"), "{refused}");
    // Without an answer nothing is deleted.
    fixture.ends(1, &["delete", "ig", "--name", NAME, "nodes-001", "--store-only"]);
    assert!(fixture.stored("instancegroup/nodes-001").is_some());
    let file = fixture.file("groups.yml", &group("nodes-001", "Node", 1));
    let record = fixture.path("state").join(".kopsform").join(NAME);
    std::fs::create_dir_all(&record).unwrap();
    std::fs::write(record.join("target"), "terraform\n").unwrap();
    let said = fixture.done(&["delete", "-f", &file]);
    assert!(said.contains("Must specify --yes to delete instancegroup"), "{said}");
    assert!(fixture.stored("instancegroup/nodes-001").is_some());
}

#[test]
fn a_cluster_is_forgotten_whole_or_not_at_all() {
    let fixture = Fixture::with(&whole(1, 1));
    let said = fixture.done(&["delete", "cluster", NAME, "--unregister"]);
    assert_eq!(said, "\nMust specify --yes to unregister the cluster\n");
    let stranger = fixture.path("state").join(NAME).join("notes.txt");
    std::fs::write(&stranger, "mine").unwrap();
    let refused = fixture.ends(1, &["delete", "cluster", NAME, "--unregister", "--yes"]);
    assert!(refused.contains("refusing to delete: unknown file found:") && refused.contains("notes.txt"), "{refused}");
    assert!(fixture.stored("config").is_some() && fixture.stored("instancegroup/nodes-000").is_some());
    std::fs::remove_file(stranger).unwrap();
    fixture.done(&["create", "keypair", "kubernetes-ca", "--primary", "--name", NAME]);
    fixture.done(&["export", "kubeconfig", NAME, "--auth-plugin"]);
    let said = fixture.done(&["delete", "cluster", NAME, "--unregister", "--yes"]);
    assert_eq!(said, format!("Deleted kubectl config for {NAME}\n\nDeleted cluster: {NAME:?}\n"));
    assert!(!fixture.path("state").join(NAME).exists());
    // The current context of kubectl does not name a cluster that is to be deleted.
    assert!(fixture.ends(1, &["delete", "cluster", "--unregister", "--yes"]).contains("--name is required"));
}

fn kubeconfig(path: &Path) -> Value {
    kopsform_yaml::from_str("kubeconfig", &std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn kubectl_is_configured_for_the_cluster() {
    let fixture = Fixture::with(&cluster(""));
    assert!(fixture.ends(1, &["export", "kubeconfig", NAME]).contains("cannot find keyset kubernetes-ca"));
    fixture.done(&["create", "keypair", "kubernetes-ca", "--primary", "--name", NAME]);
    let said = fixture.done(&["export", "kubeconfig", NAME, "--admin=2h"]);
    assert_eq!(said, format!("kopsform has set your kubectl context to {NAME}\n"));
    let config = kubeconfig(&fixture.path("kubeconfig"));
    assert_eq!(config["current-context"], NAME);
    let entry = &config["clusters"][0]["cluster"];
    assert_eq!(entry["server"], format!("https://api.{NAME}"));
    assert_eq!(entry["tls-server-name"], format!("api.internal.{NAME}"));
    assert!(config["users"][0]["user"]["client-key-data"].is_string());
    // The context keeps its user, so there is no warning.
    for more in ["--internal", "--admin=0"] {
        assert!(!fixture.ends(0, &["export", "kubeconfig", NAME, more]).contains("has no user"), "{more}");
    }
    let expired = fixture.ends(1, &["export", "kubeconfig", NAME, "--admin=-1h"]);
    assert!(expired.contains("a certificate cannot have a negative lifetime"), "{expired}");
    let new = fixture.path("new");
    let said = fixture.ends(0, &["export", "kubeconfig", NAME, "--kubeconfig", new.to_str().unwrap()]);
    assert!(said.contains("has no user; use --admin, --user or --auth-plugin"), "{said}");
    fixture.done(&["export", "kubeconfig", NAME]);

    let other = fixture.path("other");
    let other_name = other.to_str().unwrap();
    fixture.done(&["export", "kubecfg", NAME, "--internal", "--auth-plugin", "--kubeconfig", other_name]);
    let config = kubeconfig(&other);
    assert_eq!(config["clusters"][0]["cluster"]["server"], format!("https://api.internal.{NAME}"));
    let exec = &config["users"][0]["user"]["exec"];
    assert_eq!(exec["command"], "kopsform");
    let args: Vec<&str> = exec["args"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!(args[..3], ["helpers", "kubectl-auth", &format!("--cluster={NAME}")]);
    let answer = fixture.done(&args);
    let credential: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(credential["apiVersion"], "client.authentication.k8s.io/v1beta1");
    assert!(credential["status"]["clientCertificateData"].as_str().unwrap().contains("BEGIN CERTIFICATE"));
    // It is kept until it expires.
    assert_eq!(fixture.done(&args), answer);

    assert!(fixture.ends(1, &["export", "kubeconfig", NAME, "--user", "joe"]).contains("could not find user \"joe\""));
    let both = fixture.ends(1, &["export", "kubeconfig", NAME, "--user", "joe", "--admin"]);
    assert!(both.contains("cannot use both --admin and --user"), "{both}");
    let all = fixture.ends(1, &["export", "kubeconfig", NAME, "--all"]);
    assert!(all.contains("cannot use both --all flag and positional arguments"), "{all}");
    fixture.done(&["export", "kubeconfig", "--all"]);
}

/// The names of the instance groups in the store.
fn groups(fixture: &Fixture) -> Vec<String> {
    let directory = fixture.path(&format!("state/{NAME}/instancegroup"));
    let mut names: Vec<String> =
        std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn pruning_needs_more_than_the_flag_that_creates() {
    let fixture = Fixture::with(&whole(2, 1));
    let all = groups(&fixture);
    assert_eq!(all, ["master", "nodes-000", "nodes-001"]);
    // Without instances to be counted, nothing is known about them.
    let fewer = fixture.file("fewer.yml", &whole(1, 1));
    let said = fixture.ends(1, &["replace", "--force", "--prune", "--offline", "-f", &fewer]);
    assert!(said.contains("nodes-001") && said.contains("--force-prune"), "{said}");
    assert_eq!(groups(&fixture), all);
    // The control plane stays, whatever flags say.
    let none = fixture.file("none.yml", &cluster(""));
    for flags in [vec![], vec!["--force-prune"]] {
        let mut args = vec!["replace", "--force", "--prune", "--offline", "-f", &none];
        args.extend(flags);
        let said = fixture.ends(1, &args);
        assert!(said.contains("master") && said.contains("no control plane"), "{said}");
        assert_eq!(groups(&fixture), all);
    }
    let said = fixture.ends(0, &["replace", "--prune", "--force-prune", "--offline", "-f", &fewer]);
    assert!(said.contains(&format!("deleted InstanceGroup/nodes-001 of {NAME}")), "{said}");
    assert_eq!(groups(&fixture), ["master", "nodes-000"]);
    let said = fixture.ends(1, &["replace", "--force-prune", "--offline", "-f", &fewer]);
    assert!(said.contains("--prune"), "{said}");
}
