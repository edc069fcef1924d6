//! The workflow of `examples/leverage` against a simulated AWS: Terraform creates the network and the state store, `sync` writes
//! the cluster's Terraform from the outputs, Terraform applies that, and a plan has no changes.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::simulated_aws::SimulatedAws;
use crate::support::terraform::{Terraform, assert_nothing_to_do};
use crate::support::{copy, kopsform, root, skip, stderr, stdout, succeed};

/// A cluster without Route 53: the simulator makes a zone of a VPC public, and then refuses to associate it.
const CLUSTER: &str = "demo01.k8s.local";
const BUCKET: &str = "kopsform-example-state";

/// Provider settings for the simulator.
const PROVIDER: &str = r#"
  region                      = "us-east-1"
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true
}
"#;

/// A copy of `examples/leverage` with a simulated AWS.
struct Project {
    directory: tempfile::TempDir,
    aws: SimulatedAws,
    terraform: Terraform,
}

impl Project {
    fn start() -> Option<Self> {
        let terraform = Terraform::find()?;
        let aws = SimulatedAws::start()?;
        let directory = tempfile::tempdir().unwrap();
        let example = root().join("examples/leverage");
        copy(&example.join("1-prerequisites"), &directory.path().join("1-prerequisites"));
        for file in ["cluster.yml", "id_rsa.pub"] {
            fs::copy(example.join(file), directory.path().join(file)).unwrap();
        }
        let project = Self { directory, aws, terraform };
        project.write("1-prerequisites/provider.tf", &format!("provider \"aws\" {{{PROVIDER}"));
        project.write(
            "kopsform.yaml",
            &format!(
                "outputs: {{terraform: 1-prerequisites}}\ntemplates: [cluster.yml]\nstore: s3://{BUCKET}\n\
                 sshKey: id_rsa.pub\nlock: kopsform.lock\nterraform: {{out: 2-kops, providerBlocks: none}}\n"
            ),
        );
        // Hashes of downloads would come from the internet, so they are recorded. Everything else is looked up.
        let lock = fs::read_to_string(example.join("kopsform.lock")).unwrap();
        let lock: Value = serde_json::from_str(&lock).unwrap();
        project.write("kopsform.lock", &serde_json::json!({"version": 1, "assets": lock["assets"]}).to_string());
        let config = format!("provider \"aws\" {{{PROVIDER}\nprovider \"aws\" {{\n  alias = \"files\"{PROVIDER}");
        fs::create_dir(project.path("2-kops")).unwrap();
        project.write("2-kops/config.tf", &config);
        Some(project)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    fn terraform(&self, directory: &str, arguments: &[&str]) -> Command {
        let mut command = self.terraform.command(&self.path(directory), arguments);
        self.aws.connect(&mut command);
        // Each configuration has its own state and plugins.
        command.env_remove("TF_DATA_DIR").env("TF_IN_AUTOMATION", "1");
        command
    }

    /// Returns false, after [`skip`], if the AWS provider is not available.
    fn init(&self, directory: &str) -> bool {
        let output = self.terraform(directory, &["init", "-input=false", "-no-color"]).output().unwrap();
        let said = stderr(&output);
        if !output.status.success() && said.contains("Failed to query available provider packages") {
            skip("terraform finds no AWS provider");
            return false;
        }
        assert!(output.status.success(), "{said}");
        true
    }

    fn kopsform(&self, arguments: &[&str]) -> Command {
        let mut command = kopsform(self.directory.path());
        self.aws.connect(&mut command);
        // The program runs `terraform output`, which must use the test's providers.
        let settings = self.terraform.command(Path::new("."), &[]);
        for (name, value) in settings.get_envs().filter(|(name, _)| *name != "TF_DATA_DIR") {
            if let Some(value) = value.filter(|_| name.to_string_lossy().starts_with("TF_")) {
                command.env(name, value);
            }
        }
        command.current_dir(self.directory.path()).args(arguments);
        command
    }
}

#[test]
fn from_prerequisites_to_a_cluster_and_back() {
    let Some(project) = Project::start() else { return };
    if !project.init("1-prerequisites") {
        return;
    }
    let variables = [format!("-var=image={}", project.aws.fill("{image}")), format!("-var=cluster_name={CLUSTER}")];
    let apply = ["apply", "-auto-approve", "-input=false", "-no-color", &variables[0], &variables[1]];
    succeed(&mut project.terraform("1-prerequisites", &apply));

    let said = stdout(&succeed(&mut project.kopsform(&["sync"])));
    assert!(said.contains("kubernetes.tf: 2-kops/kubernetes.tf"), "{said}");
    let again = stdout(&succeed(&mut project.kopsform(&["sync", "--no-create-keys"])));
    assert!(again.ends_with("\nNo changes\n"), "{again}");
    let offline = stdout(&succeed(&mut project.kopsform(&["sync", "--offline", "--no-create-keys"])));
    assert!(offline.ends_with("\nNo changes\n"), "{offline}");

    assert!(project.init("2-kops"));
    succeed(&mut project.terraform("2-kops", &["apply", "-auto-approve", "-input=false", "-no-color"]));
    assert_nothing_to_do(|arguments| project.terraform("2-kops", arguments));

    check_what_is_stored(&project);
    succeed(&mut project.terraform("2-kops", &["destroy", "-auto-approve", "-input=false", "-no-color"]));
    let state: Value =
        serde_json::from_str(&fs::read_to_string(project.path("2-kops/terraform.tfstate")).unwrap()).unwrap();
    assert_eq!(state["resources"], serde_json::json!([]));
}

/// `get` reads the cluster back, and Terraform has uploaded what nodes read.
fn check_what_is_stored(project: &Project) {
    let store = format!("s3://{BUCKET}");
    let get = ["get", "all", "--state", &store, "--name", CLUSTER, "-o", "json"];
    let output = succeed(&mut project.kopsform(&get));
    let objects: Value = serde_json::from_slice(&output.stdout).unwrap();
    let names: BTreeSet<&str> =
        objects.as_array().unwrap().iter().map(|object| object["metadata"]["name"].as_str().unwrap()).collect();
    let zones = ["us-east-1a", "us-east-1b", "us-east-1c"].map(|zone| format!("control-plane-{zone}"));
    let wanted: BTreeSet<&str> = zones.iter().map(String::as_str).chain([CLUSTER, "nodes"]).collect();
    assert_eq!(names, wanted);
    let applied = stdout(&succeed(&mut project.terraform("2-kops", &["state", "list"])));
    assert!(applied.lines().count() > 50, "{applied}");
    for object in ["aws_s3_object.cluster-completed-spec", "aws_s3_object.nodeupconfig-nodes"] {
        assert!(applied.contains(object), "{applied}");
    }
}
