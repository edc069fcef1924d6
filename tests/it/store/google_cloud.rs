//! Commands on a cluster on Google Cloud, with its state in Cloud Storage: what they write, and what they say of its errors.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use super::proxy::{Fate, Proxy, Request};
use super::servers::{Server, cloud_storage};
use super::specs::in_depth;
use crate::support::{files, kopsform, root, stderr, succeed};

const CLUSTER: &str = "addons.example.com";

/// The cluster of the goldens of addons, its facts, and a directory for its output.
struct Setup {
    home: tempfile::TempDir,
    server: Server,
    proxy: Proxy,
}

impl Setup {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let goldens = root().join("golden/addons");
        let read = |name: &str| std::fs::read_to_string(goldens.join(name)).unwrap();
        std::fs::write(home.path().join("cluster.yml"), read("base-gce.yaml").replace("example-state", "state"))
            .unwrap();
        let mut facts: Value = serde_json::from_str(&read("kopsform.lock")).unwrap();
        facts["gce"]["buckets"] = json!({ "example-project": { "state": {} } });
        std::fs::write(home.path().join("kopsform.lock"), facts.to_string()).unwrap();
        let server = cloud_storage();
        let proxy = Proxy::passing(&server.address);
        Self { home, server, proxy }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// A command that is offline except for the store.
    fn command(&self, args: &[String]) -> Command {
        let mut command = kopsform(self.home.path());
        command.envs(self.server.settings(&self.proxy.address)).env("KOPS_STATE_STORE", &self.server.bucket);
        command.env("KOPS_CLUSTER_NAME", CLUSTER).env("KOPSFORM_LOCK", self.path("kopsform.lock"));
        command.current_dir(self.home.path()).args(args);
        command
    }

    fn writes(&self) -> Vec<Request> {
        self.proxy.requests().into_iter().filter(Request::is_write).collect()
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The commands up to Terraform.
fn commands(setup: &Setup) -> [Vec<String>; 3] {
    let key = root().join("golden/id_rsa.pub");
    let (specs, out) = (setup.path("cluster.yml"), setup.path("out"));
    [
        vec!["replace", "-f", text(&specs), "--force", "--offline"],
        vec!["create", "sshpublickey", "-i", text(&key)],
        vec!["update", "cluster", "--target", "terraform", "--offline", "--out", text(&out)],
    ]
    .map(|args| args.into_iter().map(str::to_owned).collect())
}

/// With managed files in Terraform's configuration, and with those that the update writes itself.
#[test]
fn commands_that_change_nothing_write_nothing() {
    for features in ["", "-TerraformManagedFiles"] {
        let setup = Setup::new();
        let commands = commands(&setup);
        let run = |args: &[String]| succeed(setup.command(args).env("KOPS_FEATURE_FLAGS", features));
        for args in &commands {
            run(args);
        }
        assert!(setup.writes().len() > 10, "{:?}", setup.writes());
        let terraform = std::fs::read_to_string(setup.path("out/kubernetes.tf")).unwrap();
        assert_eq!(terraform.contains("google_storage_bucket_object"), features.is_empty());
        for args in &commands {
            setup.proxy.forget();
            run(args);
            assert!(setup.writes().is_empty(), "{features} {args:?}: {:?}", setup.writes());
        }
    }
}

/// With any store, files are written as a whole or not at all. Here, no lock may be left in the bucket.
#[test]
fn an_update_that_is_killed_is_completed_by_the_next_one() {
    let setup = Setup::new();
    let commands = commands(&setup);
    for args in &commands {
        succeed(&mut setup.command(args));
    }
    let out = setup.path("out");
    let whole = files(&out);
    let update = &commands[2];
    let mut kills = 0;
    for step in (1..).step_by(7) {
        std::fs::remove_dir_all(&out).unwrap();
        let killed = setup.command(update).env("KOPSFORM_TEST_FAULT", format!("kill:{step}")).output().unwrap();
        if killed.status.code().is_some() {
            break;
        }
        kills += 1;
        succeed(&mut setup.command(update));
        assert!(files(&out) == whole, "killed at write {step}");
    }
    assert!(kills > 2, "{kills} runs were killed");
    in_depth(async move || {
        let state = setup.server.state_store(&setup.server.address);
        let left = state.store().list(".kopsform/").await.unwrap();
        // The target of the update stays recorded.
        assert!(left.iter().all(|key| key.ends_with("/target")), "a lock is left: {left:?}");
    });
}

/// The stderr of a command when all requests get an answer.
fn stderr_for(status: u16, reason: &str, message: &str) -> String {
    let body = json!({ "error": { "code": status, "message": message, "errors": [{ "reason": reason }] } });
    let answer = format!("HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{body}");
    let answer: &'static str = answer.leak();
    let proxy = Proxy::start("127.0.0.1:9", move |_, _| Fate::Answer(answer));
    stderr_at(&proxy.address)
}

fn stderr_at(address: &str) -> String {
    let home = tempfile::tempdir().unwrap();
    let mut command = kopsform(home.path());
    command.env("STORAGE_EMULATOR_HOST", format!("http://{address}"));
    command.args(["get", "cluster", CLUSTER, "--state", "gs://the-bucket"]);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    stderr(&output)
}

#[test]
fn errors_have_the_message_of_cloud_storage_and_a_hint() {
    let object = "gs://the-bucket/addons.example.com/config";
    for (status, reason, message, parts) in [
        (403, "forbidden", "x does not have storage.objects.get access", &["roles/storage.objectAdmin"][..]),
        (404, "notFound", "The specified bucket does not exist.", &["must exist"]),
        (401, "required", "Invalid Credentials", &["hint: "]),
        (400, "invalid", "Bad request", &["(HTTP 400)"]),
    ] {
        let said = stderr_for(status, reason, message);
        for part in [object, message].iter().chain(parts) {
            assert!(said.contains(part), "{status}: {part:?} is missing: {said}");
        }
        assert!(!said.contains("AWS") && !said.contains("S3"), "{said}");
    }
}

#[test]
fn a_missing_server_is_reported_with_its_address() {
    // No one listens at the port for discarded packets.
    let said = stderr_at("127.0.0.1:9");
    assert!(said.contains("http://127.0.0.1:9") && said.to_lowercase().contains("refused"), "{said}");
}
