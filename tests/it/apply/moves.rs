//! What becomes of the state of an applied cluster when its files change: another layout, a module, a renamed group, and the
//! output of kops itself.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use super::terraform::{NO_DNS, PUBLIC_KEY, spec};
use crate::support::simulated_aws::SimulatedAws;
use crate::support::terraform::Terraform;
use crate::support::{BINARY, conformance_suite, files, root, skip, stderr, succeed, tool};

const NAME: &str = "moves.example.com";

/// Provider blocks of a user, for a simulator that has buckets in the path.
const CONFIG: &str = r#"provider "aws" {
  region            = "us-east-1"
  s3_use_path_style = true
}

provider "aws" {
  alias             = "files"
  region            = "us-east-1"
  s3_use_path_style = true
}
"#;

/// An applied cluster in the simulated AWS.
struct Applied {
    aws: SimulatedAws,
    terraform: Terraform,
    home: tempfile::TempDir,
}

/// What a plan does to resources.
#[derive(Debug, Default)]
struct Plan {
    /// Addresses of resources that are created, destroyed or both.
    replaced: Vec<String>,
    /// The number of resources whose state moves.
    moved: usize,
}

impl Applied {
    /// `None`, after [`skip`], where a tool is missing.
    fn new() -> Option<Self> {
        let (aws, terraform) = (SimulatedAws::start()?, Terraform::find()?);
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join("out")).unwrap();
        fs::write(home.path().join("out/config.tf"), CONFIG).unwrap();
        fs::write(home.path().join("key.pub"), PUBLIC_KEY).unwrap();
        let applied = Self { aws, terraform, home };
        applied.aws.give_keys(NAME);
        applied.store(&spec(NO_DNS, ""), &[]);
        let key = ["create", "sshpublickey", "--name", NAME, "-i", "key.pub"];
        succeed(applied.aws.kopsform(applied.home.path()).args(key));
        succeed(&mut applied.update("single", &[]));
        if !applied.terraform.initializes(&applied.path("out")) {
            return None;
        }
        applied.terraform.keep_provider(|command| applied.aws.connect(command));
        applied.apply("out");
        Some(applied)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn store(&self, spec: &str, flags: &[&str]) {
        let file = self.path("cluster.yaml");
        fs::write(&file, self.aws.fill(spec).replace("{name}", NAME)).unwrap();
        succeed(self.aws.kopsform(self.home.path()).args(["replace", "--force", "-f"]).arg(&file).args(flags));
    }

    fn update(&self, layout: &str, flags: &[&str]) -> Command {
        let mut command = self.aws.kopsform(self.home.path());
        let arguments = [
            "update",
            "cluster",
            "--name",
            NAME,
            "--target=terraform",
            "--out",
            "out",
            "--provider-blocks",
            "none",
            "--layout",
            layout,
        ];
        command.args(arguments).args(flags);
        command
    }

    fn terraform(&self, directory: &str, arguments: &[&str]) -> Output {
        let mut command = self.terraform.command(&self.path(directory), arguments);
        self.aws.connect(&mut command);
        succeed(&mut command)
    }

    fn apply(&self, directory: &str) {
        self.terraform(directory, &["apply", "-auto-approve", "-input=false", "-no-color"]);
    }

    /// Plans an initialized directory.
    fn planned(&self, directory: &str) -> Plan {
        self.terraform.assert_formatted(&self.path(directory));
        self.terraform(directory, &["plan", "-input=false", "-no-color", "-out=saved.plan"]);
        let shown = self.terraform(directory, &["show", "-json", "saved.plan"]);
        let shown: Value = serde_json::from_slice(&shown.stdout).unwrap();
        let mut plan = Plan::default();
        for change in shown["resource_changes"].as_array().unwrap() {
            let actions = change["change"]["actions"].as_array().unwrap();
            if actions.iter().any(|action| action == "create" || action == "delete") {
                plan.replaced.push(change["address"].as_str().unwrap().to_owned());
            }
            plan.moved += usize::from(change.get("previous_address").is_some());
        }
        plan
    }

    /// Writes a layout over what is applied, asserts that the plan keeps all resources, and applies it. Returns how many moved.
    fn assert_kept(&self, layout: &str, flags: &[&str]) -> usize {
        succeed(&mut self.update(layout, flags));
        let plan = self.planned("out");
        assert_eq!(plan.replaced, Vec::<String>::new(), "{layout}");
        self.terraform("out", &["apply", "-input=false", "-no-color", "saved.plan"]);
        plan.moved
    }

    /// The number of resources whose addresses differ between two manifests.
    fn changed_addresses(before: &Value, after: &Value) -> usize {
        let before = before["addresses"].as_object().unwrap();
        before.iter().filter(|(id, address)| after["addresses"][id.as_str()] != **address).count()
    }

    fn manifest(&self) -> Value {
        serde_json::from_slice(&fs::read(self.path("out/.kopsform-manifest.json")).unwrap()).unwrap()
    }
}

#[test]
fn state_follows_through_every_layout_and_into_a_module() {
    let Some(cluster) = Applied::new() else { return };
    let mut total = 0;
    for layout in ["split", "module", "single"] {
        let before = cluster.manifest();
        let moved = cluster.assert_kept(layout, &[]);
        assert_eq!(moved, Applied::changed_addresses(&before, &cluster.manifest()), "{layout}");
        total += moved;
    }
    assert!(total > 60, "{total} resources moved");

    // A state that skipped runs: module and back again, without applying anything in between.
    for layout in ["module", "split", "module"] {
        succeed(&mut cluster.update(layout, &[]));
    }
    assert!(cluster.assert_kept("module", &[]) > 30);

    // From a root module into one that it calls: the moves are in the calling module.
    fs::create_dir(cluster.path("caller")).unwrap();
    fs::copy(cluster.path("out/terraform.tfstate"), cluster.path("caller/terraform.tfstate")).unwrap();
    let call = "\nmodule \"cluster\" {\n  source = \"../out\"\n  providers = {\n    aws       = aws\n    aws.files = aws.files\n  }\n}\n";
    fs::write(cluster.path("caller/main.tf"), format!("{CONFIG}{call}")).unwrap();
    fs::remove_file(cluster.path("out/config.tf")).unwrap();
    let migrate = || {
        let mut migrate = cluster.aws.kopsform(cluster.home.path());
        migrate.args(["migrate", "terraform", "out", "--module", "module.cluster", "--out", "caller/moved.tf"]);
        migrate
    };
    let refused = migrate().output().unwrap();
    assert!(stderr(&refused).contains("out has moves of its own"), "{}", stderr(&refused));
    succeed(&mut cluster.update("module", &["--provider-blocks", "required", "--moves", "none"]));
    succeed(&mut migrate());
    assert!(cluster.terraform.initializes(&cluster.path("caller")));
    let plan = cluster.planned("caller");
    assert_eq!((plan.replaced, plan.moved), (vec![], cluster.manifest()["addresses"].as_object().unwrap().len()));
}

#[test]
fn a_script_moves_the_state_without_moved_blocks() {
    let Some(cluster) = Applied::new() else { return };
    succeed(&mut cluster.update("module", &["--moves", "script"]));
    assert!(!cluster.path("out/moved.tf").exists());
    let terraform = cluster.terraform.command(&cluster.path("out"), &[]);
    let run = || {
        let mut script = Command::new("sh");
        script.arg("moved.sh").current_dir(cluster.path("out")).env("TERRAFORM", terraform.get_program());
        for (name, value) in terraform.get_envs() {
            match value {
                Some(value) => script.env(name, value),
                None => script.env_remove(name),
            };
        }
        succeed(&mut script)
    };
    assert!(!run().stdout.is_empty());
    assert_eq!(String::from_utf8(run().stdout).unwrap(), "", "a second run has nothing to do");
    assert_eq!(cluster.planned("out").replaced, Vec::<String>::new());
}

#[test]
fn a_renamed_group_is_refused_and_the_rest_is_kept() {
    let Some(cluster) = Applied::new() else { return };
    let renamed = spec(NO_DNS, "").replace("name: nodes", "name: workers");
    cluster.store(&renamed, &["--prune", "--force-prune"]);
    let before = files(&cluster.path("out"));
    let refused = cluster.update("module", &[]).output().unwrap();
    let text = stderr(&refused);
    assert_eq!(refused.status.code(), Some(1), "{text}");
    assert!(
        text.contains("AutoscalingGroup/nodes.moves.example.com by AutoscalingGroup/workers.moves.example.com"),
        "{text}"
    );
    assert!(text.contains("hint: --allow-replace"), "{text}");
    assert_eq!(files(&cluster.path("out")), before);
    succeed(&mut cluster.update("module", &["--allow-replace"]));
    let plan = cluster.planned("out");
    assert!(!plan.replaced.is_empty());
    for address in &plan.replaced {
        assert!(address.contains("nodes") || address.contains("workers"), "{address} is not part of the group");
    }
    assert!(plan.moved > 30, "{plan:?}");
}

/// What kops 1.36.2 wrote is applied; then kopsform writes the same directory.
fn assert_adopted(case: &str) {
    let (Some(suite), Some(terraform)) = (conformance_suite(), Terraform::find()) else { return };
    let Some(python) = std::env::var_os("KOPSFORM_TEST_PYTHON") else { return skip("KOPSFORM_TEST_PYTHON is not set") };
    if tool("unshare").is_none() {
        return skip("unshare is not installed");
    }
    let home = tempfile::tempdir().unwrap();
    let settings = terraform.command(Path::new("."), &[]);
    let config =
        settings.get_envs().find(|(name, _)| *name == "TF_CLI_CONFIG_FILE").and_then(|(_, value)| value).unwrap();
    let mut command = Command::new(python);
    crate::support::clean(&mut command, home.path());
    command
        .arg(root().join("tests/terraform_cases.py"))
        .arg(suite)
        .args(["--bin", BINARY, "--adopt", case])
        .env("TF_CLI_CONFIG_FILE", config);
    succeed(&mut command);
}

#[test]
fn a_cluster_of_kops_in_an_existing_network_is_adopted_without_changes() {
    assert_adopted("leverage-dns");
}

#[test]
fn a_cluster_of_kops_with_a_network_of_its_own_is_adopted_without_changes() {
    assert_adopted("minimal-1.36");
}

#[test]
fn a_cluster_of_kops_with_karpenter_is_adopted_without_changes() {
    assert_adopted("karpenter");
}

#[test]
fn a_cluster_of_kops_with_ipv6_is_adopted_without_changes() {
    assert_adopted("minimal-ipv6");
}
