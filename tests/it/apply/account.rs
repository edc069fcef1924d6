//! What `kopsform init leverage` writes, from an empty account to a cluster and back, by the targets of its Makefiles.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::support::simulated_aws::SimulatedAws;
use crate::support::terraform::{GARBAGE_COLLECTION, REATTACH, Terraform, assert_nothing_to_do};
use crate::support::{BINARY, clean, copy, kopsform, root, skip, stderr, stdout, succeed, tool};

const CLUSTER: &str = "k1.dev.example.com";
const BUCKET: &str = "k1-dev-example-com-kops-state";
/// Laid over the provider blocks: buckets of the simulator are in the path.
const PROVIDER: &str = "provider \"aws\" {\n  s3_use_path_style = true\n}\n";
const FILES_PROVIDER: &str = "provider \"aws\" {\n  alias             = \"files\"\n  s3_use_path_style = true\n}\n";
/// Nothing is slept: replacements are ready at once.
const FAST: &str = "--node-interval=0s --control-plane-interval=0s --post-drain-delay=0s --validate-count=1";

/// A directory of a user with a simulated account.
struct User {
    home: tempfile::TempDir,
    aws: SimulatedAws,
    terraform: Terraform,
}

impl User {
    /// `None`, after [`skip`], where a tool is missing.
    fn new() -> Option<Self> {
        if tool("make").is_none() {
            skip("make is not installed");
            return None;
        }
        let (terraform, aws) = (Terraform::find()?, SimulatedAws::start_account()?);
        Some(Self { home: tempfile::tempdir().unwrap(), aws, terraform })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// Lets a command reach the account, with Terraform's settings and no terminal.
    fn prepare(&self, command: &mut Command, directory: &str) {
        clean(command, self.home.path());
        let settings = self.terraform.command(self.home.path(), &[]);
        // The provider blocks of the prerequisites differ, so Terraform starts a provider for each of them.
        let is_shared = |name: &OsStr| name != "TF_DATA_DIR" && (name != REATTACH || directory == "2-kops");
        for (name, value) in settings.get_envs().filter(|(name, _)| is_shared(name)) {
            let is_terraforms = name.to_string_lossy().starts_with("TF_") || name == GARBAGE_COLLECTION.0;
            if let Some(value) = value.filter(|_| is_terraforms) {
                command.env(name, value);
            }
        }
        self.aws.connect(command);
        // The provider waits for many resources, but few at once.
        command.env("TF_CLI_ARGS_apply", "-parallelism=40").env("TF_CLI_ARGS_destroy", "-parallelism=40");
        command.env("TF_IN_AUTOMATION", "1").env("CHECKPOINT_DISABLE", "1").env("USER", "tester");
    }

    /// A target of the Makefile in a directory of the project.
    fn make(&self, directory: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new("make");
        self.prepare(&mut command, directory);
        let flags = "-auto-approve -input=false -no-color";
        command.current_dir(self.path("demo").join(directory)).args(arguments).arg(format!("KOPS={BINARY}"));
        command.arg(format!("APPLY_FLAGS={flags}")).arg(format!("DESTROY_FLAGS={flags}"));
        command
    }

    fn run(&self, directory: &str, arguments: &[&str]) -> Output {
        succeed(&mut self.make(directory, arguments))
    }

    fn terraform(&self, directory: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new("terraform");
        self.prepare(&mut command, directory);
        command.current_dir(self.path("demo").join(directory)).args(arguments);
        command
    }

    /// Starts a project, whose providers reach the simulator.
    fn init(&self, flags: &str) {
        let mut command = kopsform(self.home.path());
        command.current_dir(self.home.path()).args(["init", "leverage", "demo", "--name", CLUSTER]);
        command.args(self.aws.fill(flags).split_whitespace());
        succeed(&mut command);
        fs::write(self.path("demo/1-prerequisites/simulated_override.tf"), PROVIDER).unwrap();
        fs::write(self.path("demo/2-kops/simulated_override.tf"), format!("{PROVIDER}{FILES_PROVIDER}")).unwrap();
    }

    /// Whether Terraform finds the AWS provider; the directory is initialized then.
    fn has_provider(&self) -> bool {
        let output = self.terraform("1-prerequisites", &["init", "-input=false", "-no-color"]).output().unwrap();
        if !output.status.success() && stderr(&output).contains("Failed to query available provider packages") {
            skip("terraform finds no AWS provider");
            return false;
        }
        assert!(output.status.success(), "{}", stderr(&output));
        true
    }
}

impl User {
    /// A layer of prerequisites that has only outputs: those of a golden case, in the simulated network.
    fn write_outputs(&self, name: &str) {
        let golden = root().join("golden/leverage-gossip/outputs.json");
        let outputs: Value = serde_json::from_str(&fs::read_to_string(golden).unwrap()).unwrap();
        let mut values: serde_json::Map<String, Value> = outputs
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, output)| (name.clone(), json!({ "value": output["value"] })))
            .collect();
        let subnets = |kind: &str| json!({ "us-east-1a": self.aws.fill(&format!("{{{kind}-a}}")) });
        let own = [
            ("cluster_name", json!(name)),
            ("availability_zones", json!(["us-east-1a"])),
            ("cluster_master_azs", json!(["us-east-1a"])),
            ("kops_s3_bucket", json!("state")),
            ("kops_ami_id", json!(self.aws.fill("{image}"))),
            ("vpc_id", json!(self.aws.fill("{vpc}"))),
            ("private_subnet_ids", subnets("private")),
            ("public_subnet_ids", subnets("public")),
            ("nat_gateway_ids", json!({ "us-east-1a": "External" })),
            ("irsa_enabled", json!(false)),
            ("ssh_pub_key_path", json!("id.pub")),
        ];
        for (output, value) in own {
            assert!(values.insert(output.to_owned(), json!({ "value": value })).is_some(), "{output} is not an output");
        }
        let directory = self.path("demo/1-prerequisites");
        fs::create_dir_all(&directory).unwrap();
        fs::write(directory.join("outputs.tf.json"), json!({ "output": values }).to_string()).unwrap();
        succeed(&mut self.terraform("1-prerequisites", &["init", "-input=false", "-no-color"]));
        succeed(&mut self.terraform("1-prerequisites", &["apply", "-auto-approve", "-input=false", "-no-color"]));
    }
}

/// The items of an inventory that are not in another one.
fn additions(before: &Value, after: &Value) -> Vec<String> {
    let lines = |value: &Value| -> Vec<String> {
        let text = serde_json::to_string_pretty(value).unwrap();
        text.lines().map(|line| line.trim_end_matches(',').to_owned()).collect()
    };
    let before = lines(before);
    lines(after).into_iter().filter(|line| !before.contains(line)).collect()
}

#[test]
fn every_target_works_from_an_empty_account_to_a_cluster_and_back() {
    let Some(mut user) = User::new() else { return };
    let before: Value = user.aws.ask("inventory");
    fs::write(user.path("key.pub"), super::terraform::PUBLIC_KEY).unwrap();
    user.init("--zones us-east-1a,us-east-1b --image {image} --ssh-public-key key.pub --shared-vpc {vpc}");
    if !user.has_provider() {
        return;
    }

    // The prerequisites.
    let early = user.make("2-kops", &["plan"]).output().unwrap();
    assert!(stderr(&early).contains("run make cluster-update first"), "{}", stderr(&early));
    user.run("1-prerequisites", &["plan"]);
    user.run("1-prerequisites", &["apply"]);
    assert_nothing_to_do(|arguments| user.terraform("1-prerequisites", arguments));

    // The cluster.
    user.run("2-kops", &["cluster-template"]);
    let rendered = fs::read_to_string(user.path("demo/2-kops/cluster.yml")).unwrap();
    assert!(rendered.contains(&format!("configBase: s3://{BUCKET}/{CLUSTER}")), "{rendered}");
    assert!(!user.path("demo/2-kops/kubernetes.tf").exists(), "the template alone is rendered");
    user.run("2-kops", &["cluster-update"]);
    user.terraform.keep_provider(|command| user.aws.connect(command));
    user.run("2-kops", &["plan"]);
    user.run("2-kops", &["apply"]);
    assert_nothing_to_do(|arguments| user.terraform("2-kops", arguments));
    let got = stdout(&user.run("2-kops", &["cluster-get"]));
    assert!(got.contains(CLUSTER) && got.contains("control-plane-us-east-1a") && got.contains("nodes"), "{got}");

    // Access to it.
    let groups =
        json!([{"name": "control-plane-us-east-1a", "role": "ControlPlane"}, {"name": "nodes", "role": "Node"}]);
    let start = format!("kubernetes {}", json!({"name": CLUSTER, "bucket": BUCKET, "groups": groups}));
    let api = user.aws.ask::<String>(&start);
    let api = format!("API_SERVER={api}");
    user.run("2-kops", &["kops-kubeconfig"]);
    let kubeconfig = fs::read_to_string(user.path("kubeconfig")).unwrap();
    assert!(kubeconfig.contains(&format!("current-context: {CLUSTER}")), "{kubeconfig}");
    let validated = stdout(&user.run("2-kops", &["cluster-validate", &api]));
    assert!(validated.contains(&format!("Your cluster {CLUSTER} is ready")), "{validated}");

    // Now that the load balancer exists, its name goes into the certificate of the API: update, apply and roll again.
    let roll = format!("ROLL_FLAGS={FAST}");
    let needed = || stdout(&user.run("2-kops", &["cluster-rolling-update", &api, &roll]));
    assert!(needed().contains("No rolling-update required"), "{}", needed());
    user.run("2-kops", &["cluster-update"]);
    user.run("2-kops", &["apply"]);
    assert!(needed().contains("NeedsUpdate"), "{}", needed());
    user.run("2-kops", &["cluster-rolling-update-yes", &api, &roll]);
    assert!(needed().contains("No rolling-update required"), "{}", needed());
    let again = stdout(&user.run("2-kops", &["cluster-update"]));
    assert!(again.contains("\nNo changes\n"), "{again}");
    let mut offline = Command::new(BINARY);
    user.prepare(&mut offline, "2-kops");
    offline.current_dir(user.path("demo/2-kops")).args(["sync", "--offline", "--check"]);
    // The lock file has everything that was looked up, and nothing would be written.
    succeed(&mut offline);

    // Everything is part of the inventory, so that nothing is left unnoticed.
    let during: Value = user.aws.ask("inventory");
    let services: Vec<String> = user.aws.ask("services");
    let expected = ["autoscaling", "ec2", "elasticloadbalancing", "events", "iam", "route53", "s3", "sqs", "sts"];
    assert_eq!(services, expected);
    for (service, kinds) in during.as_object().unwrap() {
        assert!(!additions(&before[service], kinds).is_empty(), "nothing of {service} was made: {kinds}");
    }

    // And back.
    let refused = user.make("1-prerequisites", &["destroy"]).output().unwrap();
    assert!(stderr(&refused).contains("The state store still has a cluster"), "{}", stderr(&refused));
    user.run("2-kops", &["destroy"]);
    let left = stdout(&user.run("2-kops", &["cluster-destroy"]));
    assert!(left.contains("Must specify --yes"), "{left}");
    user.run("2-kops", &["cluster-destroy-yes"]);
    user.run("1-prerequisites", &["destroy"]);
    let after: Value = user.aws.ask("inventory");
    assert_eq!(additions(&before, &after), Vec::<String>::new());
    assert_eq!(additions(&after, &before), Vec::<String>::new(), "what was there before is there still");
}

#[test]
fn existing_networks_and_zones_are_used_and_left_as_they_were() {
    let Some(mut user) = User::new() else { return };
    let before: Value = user.aws.ask("inventory");
    user.init(
        "--zones us-east-1a,us-east-1b --image {image} --vpc {vpc} --subnets {private-a},{private-b} \
         --utility-subnets {public-a},{public-b}",
    );
    if !user.has_provider() {
        return;
    }
    user.run("1-prerequisites", &["apply"]);
    assert_nothing_to_do(|arguments| user.terraform("1-prerequisites", arguments));
    let tagged: Value = user.aws.ask("inventory");
    let added = additions(&before["ec2"], &tagged["ec2"]);
    let tags = added.iter().filter(|line| line.contains(" kubernetes.io/")).count();
    assert_eq!(tags, 8, "four subnets have two tags more: {added:?}");
    user.run("2-kops", &["cluster-update"]);
    let rendered = fs::read_to_string(user.path("demo/2-kops/cluster.yml")).unwrap();
    assert!(rendered.contains("egress: External"), "the simulator's subnets have no NAT gateway: {rendered}");
    user.run("2-kops", &["cluster-destroy-yes"]);
    user.run("1-prerequisites", &["destroy"]);
    assert_eq!(user.aws.ask::<Value>("inventory"), before);
}

/// The workflow as repositories have it: kops' commands in scripts, and awk to cut provider blocks out of `kubernetes.tf`.
#[test]
fn a_makefile_for_kops_works_unchanged_with_a_link_named_kops() {
    const NAME: &str = "demo.dev.k8s.local";
    let Some(mut user) = User::new() else { return };
    if tool("jq").is_none() {
        return skip("jq is not installed");
    }
    let kops = user.path("demo/2-kops");
    copy(&root().join("tests/it/apply/makefile"), &kops);
    for script in ["cluster-template.sh", "cluster-update.sh"] {
        fs::set_permissions(kops.join(script), fs::Permissions::from_mode(0o755)).unwrap();
    }
    fs::copy(root().join("golden/templates/leverage.yml"), kops.join("cluster-template.yml")).unwrap();
    fs::write(kops.join("id.pub"), super::terraform::PUBLIC_KEY).unwrap();
    fs::write(kops.join("config.tf"), format!("{PROVIDER}{FILES_PROVIDER}")).unwrap();
    user.write_outputs(NAME);
    let bin = user.path("bin");
    fs::create_dir(&bin).unwrap();
    std::os::unix::fs::symlink(BINARY, bin.join("kops")).unwrap();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(std::iter::once(bin).chain(std::env::split_paths(&path))).unwrap();
    let make = |arguments: &[&str]| {
        let mut command = Command::new("make");
        user.prepare(&mut command, "2-kops");
        command.current_dir(user.path("demo/2-kops")).args(arguments).env("PATH", &path);
        command
    };
    let run = |arguments: &[&str]| succeed(&mut make(arguments));
    run(&["cluster-template"]);
    run(&["cluster-update"]);
    let written = fs::read_to_string(kops.join("kubernetes.tf")).unwrap();
    assert!(!written.contains("\nprovider ") && !written.contains("\nterraform {"), "{written}");
    assert!(written.contains("resource \"aws_launch_template\""), "{written}");
    if !user.terraform.initializes(&kops) {
        return;
    }
    user.terraform.keep_provider(|command| user.aws.connect(command));
    run(&["plan"]);
    run(&["apply"]);
    // The second time, kopsform finds its own file as awk has left it.
    run(&["cluster-update"]);
    let got = stdout(&run(&["cluster-get"]));
    assert!(got.contains(NAME) && got.contains("nodes"), "{got}");
    run(&["kops-kubeconfig"]);
    assert!(kops.join(NAME).is_file(), "the kubeconfig has the name of the cluster");

    let groups = json!([{"name": "master-us-east-1a", "role": "ControlPlane"}, {"name": "nodes", "role": "Node"}]);
    let start = format!("kubernetes {}", json!({"name": NAME, "bucket": "state", "groups": groups}));
    let api = format!("KOPS_FLAGS=--api-server={}", user.aws.ask::<String>(&start));
    let make = |arguments: &[&str]| {
        let mut command = Command::new("make");
        user.prepare(&mut command, "2-kops");
        command.current_dir(&kops).args(arguments).arg(&api).env("PATH", &path);
        command
    };
    let run = |arguments: &[&str]| succeed(&mut make(arguments));
    assert!(stdout(&run(&["cluster-validate"])).contains("is ready"));
    for target in ["cluster-rolling-update", "cluster-rolling-update-yes"] {
        let rolled = stdout(&run(&[target]));
        assert!(rolled.contains("No rolling-update required"), "{rolled}");
    }
    run(&["destroy"]);
    run(&["cluster-destroy"]);
    run(&["cluster-destroy-yes"]);
    let gone = make(&["cluster-get"]).output().unwrap();
    assert!(!gone.status.success() && stderr(&gone).contains(NAME), "{}", stderr(&gone));
}
