//! `create cluster`, `upgrade cluster` and `get assets` without network.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::{kopsform, stderr, stdout, succeed};

const CLUSTER: &str = "c.example.com";

/// A home with a state store and recorded facts of two zones.
struct Home {
    dir: tempfile::TempDir,
}

impl Home {
    fn new() -> Self {
        let home = Self { dir: tempfile::tempdir().unwrap() };
        std::fs::create_dir(home.path().join("state")).unwrap();
        let machine = |architecture: &str| {
            format!(r#"{{"architectures": ["{architecture}"], "vcpus": 2, "memoryMib": 4096, "gpus": 0}}"#)
        };
        let image = |architecture: &str, kind: &str| {
            format!(
                r#""099720109477/ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-{architecture}-server-20260218":
                {{"id": "ami-0{architecture}", "architecture": "{kind}", "rootDeviceName": "/dev/sda1"}}"#
            )
        };
        let kops_file = |path: &str| {
            format!(r#""https://artifacts.k8s.io/binaries/kops/1.36.2/linux/{path}": "{}""#, "0".repeat(64))
        };
        let files = ["amd64/nodeup", "amd64/protokube", "arm64/nodeup", "arm64/protokube"].map(kops_file).join(", ");
        let lock = format!(
            r#"{{"version": 1, "account": {{"id": "123456789012", "partition": "aws"}},
                "assets": {{{files}}},
                "buckets": {{"state": {{"region": "us-east-1", "public": false}}}},
                "images": {{{amd_image}, {arm_image}}},
                "zones": {{"us-east-1": ["us-east-1a", "us-east-1b"]}},
                "instanceTypes": {{"t3.medium": {x86}, "t3.micro": {x86}, "m6g.large": {arm}}}}}"#,
            x86 = machine("x86_64"),
            arm = machine("arm64"),
            amd_image = image("amd64", "x86_64"),
            arm_image = image("arm64", "arm64"),
        );
        std::fs::write(home.path().join("lock.json"), lock).unwrap();
        home
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn command(&self, words: &str) -> Command {
        let mut command = kopsform(self.path());
        command
            .args(words.split_whitespace())
            .env("KOPS_STATE_STORE", format!("file://{}", self.path().join("state").display()))
            .env("KOPSFORM_LOCK", self.path().join("lock.json"))
            .current_dir(self.path());
        command
    }

    fn run(&self, words: &str) -> Output {
        succeed(&mut self.command(words))
    }

    /// Runs `create cluster` for specs that files of other programs can be written for: instances read an S3 bucket.
    fn create(&self, flags: &str) -> Output {
        let create = format!("create cluster {CLUSTER} --zones us-east-1a --config-base s3://state {flags}");
        self.command(&create).env("KOPS_FEATURE_FLAGS", "EnableSeparateConfigBase").output().unwrap()
    }

    /// Runs a command that must fail; returns its error.
    fn refused(&self, words: &str) -> String {
        let output = self.command(words).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{words}: {}", stderr(&output));
        stderr(&output)
    }

    fn stored(&self) -> Vec<PathBuf> {
        let mut directories = vec![self.path().join("state")];
        let mut files = Vec::new();
        while let Some(directory) = directories.pop() {
            for entry in std::fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { directories.push(path) } else { files.push(path) }
            }
        }
        files
    }
}

#[test]
fn a_new_cluster_is_valid() {
    let home = Home::new();
    let flags = "create cluster c.example.com --zones us-east-1a,us-east-1b --topology private --bastion \
                 --node-size m6g.large --offline --dry-run -o yaml";
    let specs = stdout(&home.run(flags));
    assert!(home.stored().is_empty(), "a dry run stores nothing");
    assert_eq!(specs.matches("\nkind: InstanceGroup\n").count(), 4, "{specs}");
    assert!(specs.contains("ubuntu-noble-24.04-arm64"), "workers get the image of their architecture");
    assert!(specs.contains("machineType: t3.micro"), "bastions are small");
    let file = home.path().join("cluster.yaml");
    std::fs::write(&file, &specs).unwrap();
    home.run("validate spec -f cluster.yaml");
    let json = stdout(&home.run(&flags.replace("-o yaml", "-o json")));
    let objects: Vec<serde_json::Value> = serde_json::from_str(&format!("[{json}]")).unwrap();
    assert_eq!(objects.len(), 5);
}

/// Flags of new clusters: each of them that changes a spec, alone or with what it needs.
const DESIGNS: [&str; 24] = [
    "",
    "--zones us-east-1a,us-east-1b --control-plane-count 3 --node-count 5 --topology private --bastion",
    "--networking calico --kubernetes-version 1.33.4",
    "--networking cilium-eni",
    "--networking cilium-etcd",
    "--networking amazonvpc --kubernetes-feature-gates ImageVolume",
    "--networking flannel --node-tenancy dedicated --associate-public-ip=false --authorization AlwaysAllow",
    "--networking cni --disable-subnet-tags",
    "--networking kubenet",
    "--networking kube-router",
    "--networking kindnet --dns none --api-loadbalancer-type public --api-loadbalancer-class network",
    "--dns private",
    "--dns private --topology private --api-loadbalancer-type internal --api-loadbalancer-class classic",
    "--cloud-labels Team=x,Env=dev --ssh-access 10.0.0.0/8 --admin-access 10.1.0.0/16,10.2.0.0/16",
    "--node-volume-size 100 --control-plane-volume-size 50 --encrypt-etcd-storage=false",
    "--node-volume-type gp3 --control-plane-volume-type gp3 --etcd-storage-type gp3",
    "--etcd-clusters main",
    "--network-cidr 10.8.0.0/16,10.9.0.0/16",
    "--ipv6",
    "--instance-manager karpenter --discovery-store s3://demo-discovery/c.example.com",
    "--node-size m6g.large --control-plane-size t3.medium --control-plane-tenancy default",
    "--node-security-groups sg-0123456789abcdef0 --control-plane-security-groups sg-0123456789abcdef1",
    "--api-public-name api.example.com --api-loadbalancer-class network --api-loadbalancer-type public \
     --api-ssl-certificate arn:aws:acm:us-east-1:123456789012:certificate/0123",
    "--set spec.kubelet.maxPods=200 --unset spec.sshAccess",
];

#[test]
fn what_create_edit_and_upgrade_write_is_valid() {
    let home = Home::new();
    let validate = |name: &str, specs: &str| {
        std::fs::write(home.path().join("specs.yaml"), specs).unwrap();
        let output = home.command("validate spec -f specs.yaml").output().unwrap();
        assert!(output.status.success(), "{name}\n{}{specs}", stdout(&output));
    };
    // Private DNS and a published issuer need facts.
    let lock = home.path().join("lock.json");
    let mut facts: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&lock).unwrap()).unwrap();
    facts["hostedZones"] = serde_json::json!({ "Z1": { "name": "example.com", "private": true } });
    facts["buckets"] = serde_json::json!({ "demo-discovery": { "region": "us-east-1", "public": true } });
    std::fs::write(&lock, facts.to_string()).unwrap();
    for flags in DESIGNS {
        let zones = if flags.contains("--zones") { "" } else { "--zones us-east-1a" };
        let create = format!("create cluster c.example.com {zones} {flags} --offline --dry-run -o yaml");
        validate(flags, &stdout(&home.run(&create)));
    }
    home.run("create cluster c.example.com --zones us-east-1a --kubernetes-version 1.33.0 --offline");
    home.run("create ig --name c.example.com --subnet us-east-1a --offline extra --edit=false");
    for name in ["a/b", "Bad", "a_b"] {
        let error =
            home.refused(&format!("create ig --name c.example.com --subnet us-east-1a --offline {name} --edit=false"));
        assert!(error.contains(&format!("the name {name:?} of the group")), "{error}");
    }
    for dry_run in ["", "--dry-run -o yaml"] {
        let wanted = "create ig --name c.example.com --subnet eu-west-9z --offline other --edit=false";
        let error = home.refused(format!("{wanted} {dry_run}").trim_end());
        assert!(error.contains("the cluster has no subnet eu-west-9z"), "{error}");
    }
    home.run("edit cluster c.example.com --set spec.kubeAPIServer.auditLogPath=- --offline");
    home.run("edit ig extra --name c.example.com --set spec.maxSize=4");
    let stored = |home: &Home| stdout(&home.run("get all c.example.com -o yaml"));
    validate("edited", &stored(&home));
    for release in ["1.34.", "1.35."] {
        home.run("upgrade cluster c.example.com --offline --yes");
        let specs = stored(&home);
        assert!(specs.contains(&format!("kubernetesVersion: {release}")), "{specs}");
        validate("upgraded", &specs);
    }
}

#[test]
fn a_list_with_a_space_is_explained() {
    let home = Home::new();
    let error = home.refused("create cluster --name c.example.com --zones us-east-1a, us-east-1b --offline");
    assert!(error.contains("write the list without spaces: --zones us-east-1a,us-east-1b"), "{error}");
}

#[test]
fn a_new_cluster_is_stored_once() {
    let home = Home::new();
    let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHNy6kg1i8yaEJIZCKJeUbA58k64+4XqhuNvJykGFr2Z me@example.com\n";
    std::fs::write(home.path().join("key.pub"), key).unwrap();
    let create = "create cluster --name c.example.com --zones us-east-1a --offline --ssh-public-key ~/key.pub";
    let created = stdout(&home.run(create));
    assert!(created.contains("edit ig --name=c.example.com nodes-us-east-1a"), "{created}");
    assert!(created.contains("kopsform update cluster --name c.example.com --target terraform"), "{created}");
    let listed = stdout(&home.run(&format!("get all {CLUSTER} -o yaml")));
    assert!(listed.contains("kubernetesVersion: 1.35.5"), "{listed}");
    assert!(stdout(&home.run(&format!("get sshpublickeys {CLUSTER}"))).contains(':'));
    let again = home.refused(create);
    assert!(again.contains("already exists") && again.contains("hint: "), "{again}");
    assert!(
        home.refused(&format!("create cluster {CLUSTER} --zones us-east-1a --name other --offline"))
            .contains("via flag")
    );
}

#[test]
fn a_new_cluster_is_written_for_cloudformation() {
    let home = Home::new();
    let create = |flags: &str| home.create(&format!("--offline --target cloudformation {flags}"));
    let error = stderr(&create("--yes"));
    assert!(error.contains("--yes writes what templates cannot contain") && home.stored().is_empty(), "{error}");

    std::fs::create_dir(home.path().join("theirs")).unwrap();
    std::fs::write(home.path().join("theirs/kubernetes.template.yaml"), "").unwrap();
    let error = stderr(&create("--out theirs"));
    assert!(error.contains("hint: move them, or write to another directory\n"), "{error}");
    assert!(home.stored().is_empty(), "{:?}", home.stored());

    let output = create("");
    let created = stdout(&output);
    assert!(home.path().join("out/cloudformation/kubernetes.template.yaml").is_file(), "{}", stderr(&output));
    let update = format!("update cluster {CLUSTER} --target cloudformation --out out/cloudformation");
    let step = format!("run `kopsform {update} --yes` to write it, before the stack is deployed:");
    assert!(created.contains(&step), "{created}");
    assert!(created.contains("   cd out/cloudformation\n   aws cloudformation "), "{created}");
    assert!(!created.contains("Finally create it with"), "{created}");
    assert_eq!(stdout(&home.run(&format!("{update} --offline --check"))), "");
}

#[test]
fn out_is_for_targets_that_write_files() {
    let home = Home::new();
    let error = |flags: &str| home.refused(&format!("create cluster {CLUSTER} --zones us-east-1a --out x {flags}"));
    let needed = "--out needs --target terraform or cloudformation: the";
    assert!(error("").contains(&format!("{needed} default target is direct")));
    assert!(error("--target direct").contains(&format!("{needed} target is direct")));
}

#[test]
fn hints_name_only_flags_that_create_cluster_has() {
    let home = Home::new();
    std::fs::write(home.path().join("kubernetes.tf"), "# theirs").unwrap();
    let error = stderr(&home.create("--offline --target terraform --out ."));
    assert!(error.contains("hint: move them, or write to another directory\n"), "{error}");
    assert!(home.stored().is_empty(), "{:?}", home.stored());
    assert!(home.create("--offline").status.success());
    let error = home.refused(&format!("update cluster {CLUSTER} --offline --target terraform --out ."));
    assert!(error.contains("or in another layout; --force overwrites them"), "{error}");
}

#[test]
fn a_secret_is_created_once_the_specs_are_stored() {
    let home = Home::new();
    let encrypted =
        "--offline --set spec.networking.cilium.enableEncryption=true,spec.networking.cilium.encryptionType=ipsec";
    let error = stderr(&home.create(&format!("{encrypted} --target terraform")));
    for line in [
        "error: could not find ciliumpassword secret\n",
        "hint: nothing was stored; run the command with --target direct and without --yes, which only stores the specs\n",
        "hint: then run `kopsform create secret ciliumpassword c.example.com -f FILE` and `kopsform update cluster \
         c.example.com --target terraform`\n",
    ] {
        assert!(error.contains(line), "{line} is missing: {error}");
    }
    assert!(home.create(&format!("{encrypted} --target direct")).status.success());
    std::fs::write(home.path().join("keys"), "keys: 3+ rfc4106(gcm(aes)) 0123 128\n").unwrap();
    home.run(&format!("create secret ciliumpassword {CLUSTER} -f keys"));
    home.run(&format!("update cluster {CLUSTER} --target terraform --offline"));
}

#[test]
fn hints_do_not_name_what_was_tried_already() {
    let home = Home::new();
    let dry = "create cluster c.example.com --zones us-east-1a --dry-run -o yaml --offline";
    let error = home.refused(&format!("{dry} --kubernetes-version 1.99.0"));
    assert!(error.contains("hint: correct the flags, or set the fields with --set"), "{error}");
    let error = home.refused(&format!("{dry} --node-size foo"));
    assert!(!error.contains("without --offline") && error.contains("hint: "), "{error}");
}

#[test]
fn a_configuration_file_may_be_empty_and_has_strings() {
    let home = Home::new();
    home.run("create cluster c.example.com --zones us-east-1a --offline");
    let get = |config: &str| {
        std::fs::write(home.path().join(".kops.yaml"), config).unwrap();
        home.command("get clusters").env_remove("KOPS_STATE_STORE").output().unwrap()
    };
    let state = home.path().join("state");
    assert!(stdout(&get(&format!("kops_state_store: file://{}\n", state.display()))).contains(CLUSTER));
    for config in ["", "# nothing\n", "other: [1]\n"] {
        assert!(!stderr(&get(config)).contains("config"), "{config:?}: {}", stderr(&get(config)));
    }
    let said = stderr(&get("other: 1\nKOPS_STATE_STORE: [a]\n"));
    assert!(said.contains(".kops.yaml:2:1: KOPS_STATE_STORE must be a string; it is ignored"), "{said}");
    // Another store is named, and so is a file that does not exist.
    let output = home.command("get clusters --config missing.yaml").output().unwrap();
    assert!(stderr(&output).contains("error reading config missing.yaml: "), "{}", stderr(&output));
}

#[test]
fn what_cannot_be_made_is_refused_before_anything_is_stored() {
    let home = Home::new();
    let with = |flags: &str| home.refused(&format!("create cluster {CLUSTER} --offline {flags}"));
    assert!(with("").contains("use --zones"));
    assert!(with("--zones us-east-1a --yes").contains("--target terraform"));
    assert!(with("--zones us-east-1").contains("\"us-east-1\" is not a zone such as us-east-1a"));
    assert!(with("--zones us-east-1a,eu-west-1a").contains("the zones are in eu-west-1 and us-east-1"));
    assert!(with("--zones us-east-1q").contains("zones of us-east-1 are us-east-1a"));
    assert!(with("--zones us-east-1a --networking clium").contains("did you mean cilium?"));
    assert!(with("--zones us-east-1a --kubernetes-version latest").contains("such as 1.36.0"));
    assert!(with("--zones us-east-1a --set spec.kubelet.maxPosd=1").contains("maxPods"));
    assert!(with("--zones us-east-1a --node-size z9.huge").contains("z9.huge"));
    assert!(with("--zones us-east-1a,us-east-1b --control-plane-count 2").contains("odd number"));
    assert!(with("--zones us-east-1a --channel alpha").contains("--offline"));
    assert!(with("--zones us-east-1a --dry-run").contains("-o yaml"));
    assert!(home.stored().is_empty(), "{:?}", home.stored());
}

#[test]
fn an_upgrade_is_shown_and_then_stored() {
    let home = Home::new();
    home.run("create cluster c.example.com --zones us-east-1a --kubernetes-version 1.33.0 --offline");
    let shown = stdout(&home.run("upgrade cluster c.example.com --offline"));
    assert!(shown.contains("KubernetesVersion\t1.33.0"), "{shown}");
    assert!(shown.ends_with("Must specify --yes to perform upgrade\n"), "{shown}");
    let version = |home: &Home| {
        let specs = stdout(&home.run("get cluster c.example.com -o yaml"));
        specs.lines().find(|line| line.contains("kubernetesVersion")).unwrap().trim().to_owned()
    };
    assert_eq!(version(&home), "kubernetesVersion: 1.33.0");
    home.run("upgrade cluster c.example.com --offline --yes");
    let upgraded = version(&home);
    assert!(upgraded.starts_with("kubernetesVersion: 1.34."), "one minor release: {upgraded}");
    while stdout(&home.run("upgrade cluster c.example.com --offline --yes")).contains("ITEM") {}
    let done = home.run("upgrade cluster c.example.com --offline");
    assert_eq!((stdout(&done), stderr(&done)), (String::new(), "\nNo upgrade required\n".to_owned()));
}

#[test]
fn a_group_is_made_with_its_defaults_and_edited_before_it_is_stored() {
    let home = Home::new();
    home.run("create cluster c.example.com --zones us-east-1a --offline");
    let make = "create ig --name c.example.com --subnet us-east-1a --offline";
    let shown = stdout(&home.run(&format!("{make} spot --dry-run -o yaml")));
    for line in ["machineType: t3.medium", "maxSize: 2", "role: Node", "kops.k8s.io/instancegroup: spot"] {
        assert!(shown.contains(line), "{line}: {shown}");
    }
    home.run(&format!("{make} bastions --role bastion --edit=false"));
    assert!(home.refused(&format!("{make} bastions --edit=false")).contains("already exists"));
    assert!(home.refused(&format!("{make} x --role worker --edit=false")).contains("roles are control-plane"));

    let edit = |script: &str| home.command(&format!("{make} edited")).env("EDITOR", script).output().unwrap();
    let bad = edit("sed -i 's/role: Node/role: Worker/'");
    assert_eq!(bad.status.code(), Some(1));
    let said = stderr(&bad);
    let kept = said.split("the edited file is ").nth(1).unwrap().lines().next().unwrap().to_owned();
    assert!(std::fs::read_to_string(&kept).unwrap().contains("role: Worker"), "{said}");
    std::fs::remove_file(kept).unwrap();
    let good = edit("sed -i 's/maxSize: 2/maxSize: 5/'");
    assert!(good.status.success(), "{}", stderr(&good));
    let groups = stdout(&home.run("get ig --name c.example.com"));
    assert!(groups.lines().any(|line| line.starts_with("edited") && line.contains("\t5\t")), "{groups}");
    assert!(groups.lines().any(|line| line.starts_with("bastions") && line.contains("t3.micro")), "{groups}");
}

#[test]
fn assets_have_the_place_they_are_published_at_and_that_of_their_mirror() {
    let home = Home::new();
    home.run(
        "create cluster c.example.com --zones us-east-1a --offline --set spec.assets.containerRegistry=reg.example.com/k8s \
         --set spec.assets.fileRepository=https://files.example.com/kops",
    );
    let assets: serde_json::Value =
        serde_json::from_str(&stdout(&home.run("get assets c.example.com --offline -o json"))).unwrap();
    let find = |list: &str, start: &str| {
        let all = assets[list].as_array().unwrap();
        all.iter()
            .find(|asset| asset["canonical"].as_str().unwrap().starts_with(start))
            .unwrap_or_else(|| panic!("{all:#?}"))
    };
    for (canonical, download) in [
        ("registry.k8s.io/kube-apiserver:", "reg.example.com/k8s/kube-apiserver:"),
        ("registry.k8s.io/etcd-manager/etcd-manager", "reg.example.com/k8s/etcd-manager-"),
        ("registry.k8s.io/pause:", "reg.example.com/k8s/pause:"),
        ("registry.k8s.io/coredns/coredns:", "reg.example.com/k8s/coredns-coredns:"),
        ("quay.io/cilium/cilium:", "reg.example.com/k8s/quay.io-cilium-cilium:"),
        ("registry.k8s.io/kops/kops-controller:", "reg.example.com/k8s/kops-kops-controller:"),
    ] {
        assert!(find("images", canonical)["download"].as_str().unwrap().starts_with(download), "{canonical}");
    }
    let kubelet = find("files", "https://dl.k8s.io/release/v1.35.5/bin/linux/arm64/kubelet");
    let mirror = "https://files.example.com/kops/release/v1.35.5/bin/linux/arm64/kubelet";
    assert_eq!(kubelet["download"], mirror);
    assert_eq!(kubelet["sha"].as_str().unwrap().len(), 64);
    assert!(stdout(&home.run("get assets c.example.com --offline")).starts_with("\nCANONICAL"));
    assert!(home.refused("get assets c.example.com --copy").contains("-o json"));
    assert!(!home.stored().iter().any(|file| file.ends_with("keyset.yaml")), "no key is made for a list");
}

#[test]
fn unsupported_commands_have_hints() {
    let home = Home::new();
    for words in [
        "toolbox dump --name c.example.com -o yaml",
        "toolbox instance-selector nodes --vcpus-min 4",
        "toolbox addons list",
        "update cluster c.example.com --target dryrun",
    ] {
        let said = home.refused(words);
        assert!(said.contains("hint: "), "{words}: {said}");
        assert!(!said.contains("Usage"), "{words}: {said}");
    }
}

#[test]
fn unknown_feature_flags_are_reported() {
    let home = Home::new();
    let output = succeed(home.command("version --short").env("KOPS_FEATURE_FLAGS", "+ImageDigets"));
    assert_eq!(stdout(&output), "1.36.2\n");
    assert!(stderr(&output).contains("did you mean ImageDigest?"), "{}", stderr(&output));
}
