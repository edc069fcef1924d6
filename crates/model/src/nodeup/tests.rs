//! The configuration of instances of a small cluster, by role and option.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::sync::OnceLock;

use base64::Engine as _;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::*;
use crate::defaults::{complete, populate_group};
use crate::facts::{Facts, LoadBalancerFact};
use crate::{PreviousFiles, required_keysets};
use kopsform_diagnostics::Explain as _;
use kopsform_env::features::Features;
use kopsform_env::{self as env, Environment};
use kopsform_pki::{Keyset, Keysets, SystemKeySource};

const RELEASE: &str = "https://artifacts.k8s.io/binaries/kops/1.36.2";

/// Everything a context borrows from.
struct Fixture {
    cluster: Value,
    groups: Vec<Value>,
    facts: Facts,
    environment: Environment,
    keysets: Keysets,
    secrets: BTreeMap<String, Vec<u8>>,
    worker_version: Option<&'static str>,
}

/// One key does for all keysets: making one takes a while.
fn keyset(name: &str) -> Keyset {
    static ONE: OnceLock<Keyset> = OnceLock::new();
    let make = || Keyset::create("any", &SystemKeySource::from_environment(&Environment::default()).unwrap()).unwrap();
    Keyset { name: name.to_owned(), ..ONE.get_or_init(make).clone() }
}

impl Default for Fixture {
    fn default() -> Self {
        let mut facts = Facts::default();
        for file in ["linux/amd64/nodeup", "linux/arm64/nodeup", "linux/amd64/protokube", "linux/arm64/protokube"] {
            facts.assets.insert(format!("{RELEASE}/{file}"), "ab".repeat(32));
        }
        let cluster = json!({
            "configBase": "s3://state/a.example.com", "cloudProvider": "aws", "dnsZone": "Z1",
            "kubernetesVersion": "1.36.0", "networking": {"cni": {}}, "api": {"dns": {}},
            "subnets": [{"name": "a", "zone": "us-east-1a", "type": "Public", "cidr": "172.20.0.0/20"}],
            "etcdClusters": [
                {"name": "main", "etcdMembers": [{"name": "a", "instanceGroup": "master"}]},
                {"name": "events", "etcdMembers": [{"name": "a", "instanceGroup": "master"}]},
            ],
        });
        let group = |name: &str, role: &str| {
            json!({"metadata": {"name": name}, "spec": {
                "role": role, "image": "i", "machineType": "t3.large,t3a.large", "subnets": ["a"],
            }})
        };
        Self {
            cluster,
            groups: vec![group("master", "Master"), group("nodes", "Node")],
            facts,
            environment: Environment::default(),
            keysets: Keysets::new(),
            secrets: BTreeMap::new(),
            worker_version: None,
        }
    }
}

impl Fixture {
    fn with(change: Value) -> Self {
        let mut fixture = Self::default();
        fixture.set(change);
        fixture
    }

    fn set(&mut self, change: Value) {
        for (name, value) in change.as_object().unwrap() {
            self.cluster[name] = value.clone();
        }
    }

    /// Changes the worker group.
    fn nodes(mut self, change: Value) -> Self {
        for (name, value) in change.as_object().unwrap() {
            self.groups[1]["spec"][name] = value.clone();
        }
        self
    }

    /// Does something with the context of the finished fixture.
    fn build<T>(&self, work: impl Fn(&Context<'_>) -> T) -> T {
        let name = self.cluster.get("name").and_then(Value::as_str).unwrap_or("a.example.com");
        let cluster: Cluster =
            serde_json::from_value(json!({"metadata": {"name": name}, "spec": self.cluster})).unwrap();
        let groups: Vec<InstanceGroup> = serde_json::from_value(json!(self.groups)).unwrap();
        let features = Features::default();
        let defaults = DefaultsContext {
            facts: &self.facts,
            features: &features,
            environment: &self.environment,
            channel: None,
            worker_version: self.worker_version,
        };
        let completed = complete(&cluster, &groups, &defaults).unwrap();
        let groups: Vec<InstanceGroup> =
            groups.iter().map(|group| populate_group(&completed, group, &defaults).unwrap()).collect();
        let mut keysets = self.keysets.clone();
        if keysets.is_empty() {
            keysets = required_keysets(&completed).into_iter().map(|name| (name.clone(), keyset(&name))).collect();
        }
        work(&Context {
            stored: &cluster,
            cluster: &completed,
            groups: &groups,
            all_groups: &groups,
            facts: &self.facts,
            keysets: &keysets,
            secrets: &self.secrets,
            ssh_keys: &BTreeMap::new(),
            additional_objects: &[],
            environment: &self.environment,
            features: &features,
            worker_version: self.worker_version,
            previous: None,
        })
    }

    fn try_config(&self, group: &str) -> Result<Value, NodeupError> {
        self.build(|context| {
            let files = managed_files(context)?;
            let file = files.iter().find(|file| file.name == format!("nodeupconfig-{group}")).unwrap();
            Ok(kopsform_yaml::from_str("nodeupconfig", &file.content).unwrap())
        })
    }

    fn config(&self, group: &str) -> Value {
        self.try_config(group).unwrap()
    }

    fn script(&self, group: usize) -> String {
        self.build(|context| user_data(context, &context.groups[group])).unwrap().unwrap()
    }

    /// The boot configuration in a script.
    fn boot_config(&self, group: usize) -> Value {
        let script = self.script(group);
        let text = script.split("<< 'KUBE_ENV'\n").nth(1).unwrap().split("\nKUBE_ENV\n").next().unwrap();
        kopsform_yaml::from_str("kube_env.yaml", text).unwrap()
    }
}

fn names(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn the_hash_in_the_script_is_that_of_the_configuration() {
    let fixture = Fixture::default();
    for (number, group) in ["master", "nodes"].into_iter().enumerate() {
        let content = fixture.build(|context| {
            managed_files(context).unwrap().into_iter().find(|f| f.name == format!("nodeupconfig-{group}")).unwrap()
        });
        let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(content.content));
        assert_eq!(fixture.boot_config(number)["NodeupConfigHash"], hash);
        let role = if group == "master" { "control-plane" } else { "node" };
        assert_eq!(content.key, format!("igconfig/{role}/{group}/nodeupconfig.yaml"));
    }
}

#[test]
fn an_earlier_configuration_that_means_the_same_is_kept_with_its_hash() {
    fn ends_alike(_: &str, earlier: &str, new: &str) -> bool {
        earlier.trim_start_matches("# kops\n") == new
    }
    let fixture = Fixture::default();
    let config = |context: &Context<'_>, group: &str| {
        managed_files(context).unwrap().into_iter().find(|f| f.name == format!("nodeupconfig-{group}")).unwrap().content
    };
    let new = fixture.build(|context| config(context, "nodes"));
    let hash = |text: &str| base64::engine::general_purpose::STANDARD.encode(Sha256::digest(text));
    for (earlier, kept) in [(format!("# kops\n{new}"), true), (format!("{new}changed: true\n"), false)] {
        let contents = BTreeMap::from([("nodeupconfig-nodes".to_owned(), earlier.clone())]);
        let previous = PreviousFiles { contents, is_equivalent: ends_alike };
        fixture.build(|context| {
            let context = Context { previous: Some(&previous), ..*context };
            assert_eq!(config(&context, "nodes"), if kept { earlier.as_str() } else { new.as_str() });
            let script = user_data(&context, &context.groups[1]).unwrap().unwrap();
            assert_eq!(script.contains(&hash(&earlier)), kept);
        });
    }
}

#[test]
fn control_planes_read_the_store_and_workers_ask_kops_controller() {
    let fixture = Fixture::default();
    let master = fixture.boot_config(0);
    assert_eq!(master["ConfigBase"], "s3://state/a.example.com");
    assert_eq!(master["InstanceGroupRole"], "ControlPlane");
    assert!(master.get("ConfigServer").is_none());
    let node = fixture.boot_config(1);
    assert_eq!(node["ConfigServer"]["servers"], json!(["https://kops-controller.internal.a.example.com:3988/"]));
    assert!(node["ConfigServer"]["CACertificates"].as_str().unwrap().contains("BEGIN CERTIFICATE"));
    assert!(node.get("ConfigBase").is_none());

    let (master, node) = (fixture.config("master"), fixture.config("nodes"));
    assert_eq!(master["configStore"]["keypairs"], "s3://state/a.example.com/pki");
    assert!(node.get("configStore").is_none());
    assert_eq!(names(&node["CAs"]), [""; 0], "the one authority travels with the boot script");
    assert_eq!(names(&node["KeypairIDs"]), ["kubernetes-ca"]);
    assert_eq!(
        names(&master["KeypairIDs"]),
        [
            "apiserver-aggregator-ca",
            "etcd-clients-ca",
            "etcd-manager-ca-events",
            "etcd-manager-ca-main",
            "etcd-peers-ca-events",
            "etcd-peers-ca-main",
            "kubernetes-ca",
            "service-account",
        ]
    );
    assert!(master["CAs"].get("service-account").is_none(), "it has only its public keys");
}

#[test]
fn rotated_keysets_are_trusted_until_they_are_distrusted() {
    let mut fixture = Fixture::default();
    let mut keysets: Keysets = fixture.build(|context| context.keysets.clone());
    let authority = keysets.get_mut("kubernetes-ca").unwrap();
    let mut second = authority.items[0].clone();
    second.id = "2".to_owned();
    let mut third = second.clone();
    third.id = "3".to_owned();
    third.distrusted = Some("2026-01-01T00:00:00Z".to_owned());
    authority.items.extend([second, third]);
    authority.primary_id = "2".to_owned();
    fixture.keysets = keysets;
    let master = fixture.config("master");
    assert_eq!(master["KeypairIDs"]["kubernetes-ca"], "2");
    assert_eq!(master["CAs"]["kubernetes-ca"].as_str().unwrap().matches("BEGIN CERTIFICATE").count(), 2);
}

#[test]
fn every_file_has_a_hash_and_the_version_decides_which() {
    let files = |version: &str| {
        Fixture::with(json!({ "kubernetesVersion": version })).config("nodes")["Assets"]["amd64"].clone()
    };
    for (version, cni, containerd) in [("1.31.0", "v1.5.1", "1.7.32"), ("1.36.0", "v1.6.2", "2.2.4")] {
        let files = files(version);
        let files: Vec<&str> = files.as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert!(files[0].ends_with(&format!("@https://dl.k8s.io/release/v{version}/bin/linux/amd64/kubelet")));
        assert!(files[3].ends_with(&format!("cni-plugins-linux-amd64-{cni}.tgz")));
        assert!(files[4].ends_with(&format!("containerd-{containerd}-linux-amd64.tar.gz")));
        assert!(files.iter().all(|file| file.split('@').next().unwrap().len() == 64));
    }
}

#[test]
fn a_version_without_a_known_hash_is_named_with_a_hint() {
    let fixture = Fixture::with(json!({"kubernetesVersion": "1.36.77"}));
    let error = fixture.try_config("nodes").unwrap_err();
    let url = "https://dl.k8s.io/release/v1.36.77/bin/linux/amd64/kubelet";
    assert_eq!(error.to_string(), format!("the SHA-256 of {url} is not known"));
    assert!(error.hints()[0].contains("kopsform lock"));

    let wanted = fixture.build(|context| {
        let defaults = DefaultsContext {
            facts: context.facts,
            features: context.features,
            environment: context.environment,
            channel: None,
            worker_version: None,
        };
        assets_without_hash(context.cluster, context.groups, &defaults).unwrap()
    });
    assert_eq!(wanted.len(), 4, "kubelet and kubectl of both architectures: {wanted:?}");

    let mut known = fixture;
    for url in wanted {
        known.facts.assets.insert(url, "cd".repeat(32));
    }
    assert!(known.config("nodes")["Assets"]["amd64"][0].as_str().unwrap().starts_with("cdcd"));
    known.facts.assets.insert(url.to_owned(), "not a hash".to_owned());
    assert!(matches!(known.try_config("nodes"), Err(NodeupError::BadHash { .. })));
}

#[test]
fn packages_of_ones_own_replace_releases() {
    let own = json!({"containerd": {
        "version": "2.2.4", "packages": {
            "urlAmd64": "https://own/c.tgz", "hashAmd64": "ef".repeat(32),
            "urlArm64": "https://own/a.tgz", "hashArm64": "01".repeat(32),
        },
        "runc": {"version": "1.3.5"}, "installCriCtl": true, "installNerdCtl": true,
    }});
    let files = Fixture::with(own).config("nodes")["Assets"].clone();
    assert_eq!(files["amd64"][4], format!("{}@https://own/c.tgz", "ef".repeat(32)));
    assert_eq!(files["arm64"][4], format!("{}@https://own/a.tgz", "01".repeat(32)));
    assert!(files["amd64"][6].as_str().unwrap().contains("nerdctl"));
    assert!(files["amd64"][7].as_str().unwrap().contains("crictl"));
    let none = Fixture::with(json!({"containerd": {"skipInstall": true}})).config("nodes")["Assets"].clone();
    assert_eq!(none["amd64"].as_array().unwrap().len(), 4);
}

#[test]
fn a_repository_mirrors_every_file() {
    let fixture = Fixture::with(json!({"assets": {"fileRepository": "https://files.example.com/k"}}));
    let files = fixture.config("master")["Assets"]["arm64"].clone();
    let places: Vec<&str> = files.as_array().unwrap().iter().filter_map(|f| f.as_str()?.split('@').nth(1)).collect();
    assert!(places.iter().all(|place| place.starts_with("https://files.example.com/k/")), "{places:?}");
    assert!(
        fixture
            .script(1)
            .contains("NODEUP_URL_AMD64=https://files.example.com/k/binaries/kops/1.36.2/linux/amd64/nodeup\n")
    );
}

#[test]
fn workers_that_must_wait_get_the_older_version() {
    let fixture = Fixture { worker_version: Some("1.35.1"), ..Fixture::default() };
    assert_eq!(fixture.config("nodes")["KubernetesVersion"], "1.35.1");
    assert!(fixture.config("nodes")["Assets"]["amd64"][0].as_str().unwrap().contains("/v1.35.1/"));
    assert_eq!(fixture.config("master")["KubernetesVersion"], "1.36.0");
}

#[test]
fn hooks_and_files_reach_the_roles_they_are_for() {
    let fixture = Fixture::with(json!({
        "hooks": [
            {"name": "all", "manifest": "m"}, {"name": "masters", "manifest": "m", "roles": ["Master"]},
            {"name": "off", "manifest": "m", "disabled": true},
        ],
        "fileAssets": [{"name": "f", "path": "/f", "content": "c", "roles": ["Node"]}],
    }))
    .nodes(json!({"hooks": [{"name": "own", "manifest": "m"}]}));
    let hooks = |config: &Value, level: usize| -> Vec<String> {
        let level = config["Hooks"][level].as_array().cloned().unwrap_or_default();
        level.iter().map(|hook| hook["name"].as_str().unwrap().to_owned()).collect()
    };
    let (master, node) = (fixture.config("master"), fixture.config("nodes"));
    assert_eq!(hooks(&node, 0), ["own"]);
    assert_eq!(hooks(&node, 1), ["all", "off"]);
    assert_eq!(hooks(&master, 1), ["all", "masters", "off"]);
    assert_eq!(master["Hooks"][0], Value::Null);
    assert_eq!(node["Hooks"][1][1]["enabled"], false);
    assert_eq!(node["FileAssets"], json!([{"name": "f", "path": "/f", "content": "c"}]));
    assert_eq!(master["FileAssets"][0]["path"], "/var/lib/kube-scheduler/config.yaml");
}

#[test]
fn options_of_the_group_come_before_those_of_the_cluster() {
    let fixture = Fixture::with(json!({
        "sysctlParameters": ["c=1"], "packages": ["c"], "updatePolicy": "external",
        "containerd": {"version": "2.2.4", "runc": {"version": "1.3.5"}, "registryMirrors": {"docker.io": ["https://m"]}},
    }))
    .nodes(json!({"sysctlParameters": ["g=1"], "packages": ["g"], "containerd": {"logLevel": "debug"}}));
    let config = fixture.config("nodes");
    assert_eq!(
        config["SysctlParameters"],
        json!([
            "# Custom sysctl parameters from instance group spec",
            "",
            "g=1",
            "# Custom sysctl parameters from cluster spec",
            "",
            "c=1",
        ])
    );
    assert_eq!(config["packages"], json!(["c", "g"]));
    assert_eq!(config["UpdatePolicy"], "external");
    assert_eq!(config["containerdConfig"]["logLevel"], "debug");
    assert_eq!(config["containerdConfig"]["version"], "2.2.4");
}

#[test]
fn network_plugins_are_passed_by_name() {
    let networking = |plugin: Value| Fixture::with(json!({ "networking": plugin })).config("nodes");
    let vpc = networking(json!({"amazonvpc": {}}));
    assert_eq!(vpc["Networking"]["amazonVPC"], json!({}));
    assert_eq!(vpc["DefaultMachineType"], "t3.large");
    assert!(vpc.get("InstallCNIAssets").is_none());
    assert_eq!(networking(json!({"cilium": {"ipam": "eni"}}))["Networking"]["cilium"], json!({"ipam": "eni"}));
    let calico = networking(json!({"calico": {"wireguardEnabled": true}}));
    assert_eq!(calico["Networking"]["calico"], json!({"wireguardEnabled": true}));
    let kubenet = networking(json!({"kubenet": {}}));
    assert_eq!((&kubenet["UsesKubenet"], &kubenet["InstallCNIAssets"]), (&json!(true), &json!(true)));
}

#[test]
fn clusters_without_names_use_addresses_once_there_are_any() {
    let none = json!({
        "topology": {"dns": {"type": "None"}}, "api": {"loadBalancer": {"class": "Network", "type": "Public"}},
    });
    let mut fixture = Fixture::with(none);
    assert!(fixture.boot_config(1).get("APIServerIPs").is_none());
    let balancer = LoadBalancerFact {
        dns_name: "api.elb.amazonaws.com".to_owned(),
        addresses: vec!["172.20.1.9".to_owned(), "10.9.9.9".to_owned(), "172.20.1.4".to_owned()],
    };
    fixture.facts.load_balancers.insert(kopsform_spec::names::load_balancer_name("a.example.com", "api"), balancer);
    let boot = fixture.boot_config(1);
    assert_eq!(boot["APIServerIPs"], json!(["172.20.1.4", "172.20.1.9"]), "only addresses of the network");
    assert_eq!(boot["ConfigServer"]["servers"][0], "https://172.20.1.4:3988/");
    assert_eq!(boot["ConfigServer"]["tlsServerName"], "kops-controller.internal.a.example.com");
    let additional = fixture.config("master")["ApiserverAdditionalIPs"].clone();
    assert_eq!(additional, json!(["10.9.9.9", "172.20.1.4", "172.20.1.9", "api.elb.amazonaws.com"]));
}

#[test]
fn the_name_of_a_new_load_balancer_alone_replaces_no_control_plane_that_has_dns() {
    let content = |fixture: &Fixture, previous: Option<&PreviousFiles>| {
        fixture.build(|context| {
            let context = Context { previous, ..*context };
            managed_files(&context).unwrap().into_iter().find(|f| f.name == "nodeupconfig-master").unwrap().content
        })
    };
    for (dns, kept) in [("Public", true), ("None", false)] {
        let mut fixture = Fixture::with(json!({
            "topology": {"dns": {"type": dns}}, "api": {"loadBalancer": {"class": "Network", "type": "Public"}},
        }));
        let first = content(&fixture, None);
        let balancer = LoadBalancerFact { dns_name: "api.elb.amazonaws.com".to_owned(), addresses: Vec::new() };
        let name = kopsform_spec::names::load_balancer_name("a.example.com", "api");
        fixture.facts.load_balancers.insert(name, balancer);
        let contents = BTreeMap::from([("nodeupconfig-master".to_owned(), first.clone())]);
        let previous = PreviousFiles { contents, is_equivalent: |_, earlier, new| earlier == new };
        assert_eq!(content(&fixture, Some(&previous)) == first, kept, "{dns}");
        assert_ne!(content(&fixture, None), first);
    }
}

#[test]
fn encryption_keys_leave_a_trace_in_the_configuration() {
    let mut fixture = Fixture::with(json!({"encryptionConfig": true}));
    fixture.secrets.insert("encryptionconfig".to_owned(), b"kind: EncryptionConfiguration".to_vec());
    let hash = |fixture: &Fixture| fixture.config("master")["APIServerConfig"]["EncryptionConfigSecretHash"].clone();
    let before = hash(&fixture);
    assert_eq!(before.as_str().unwrap().len(), 44);
    fixture.secrets.insert("encryptionconfig".to_owned(), b"another".to_vec());
    assert_ne!(hash(&fixture), before);
}

#[test]
fn development_builds_bring_their_images_along() {
    let base = "http://localhost:8000/kops/1.37.0-dev";
    let mut fixture = Fixture { environment: Environment::of([(env::KOPS_BASE_URL, base)]), ..Fixture::default() };
    for architecture in ["amd64", "arm64"] {
        for file in ["nodeup", "protokube"] {
            fixture.facts.assets.insert(format!("{base}/linux/{architecture}/{file}"), "ab".repeat(32));
        }
        for image in
            ["kops-utils-cp", "kops-controller", "kops-channels", "dns-controller", "kube-apiserver-healthcheck"]
        {
            fixture.facts.assets.insert(format!("{base}/images/{image}-{architecture}.tar.gz"), "cd".repeat(32));
        }
    }
    let images = fixture.config("master")["images"]["arm64"].clone();
    assert_eq!(images.as_array().unwrap().len(), 5);
    assert_eq!(images[0]["sources"], json!([format!("{base}/images/kops-utils-cp-arm64.tar.gz")]));
    assert!(fixture.config("nodes").get("images").is_none());
}

#[test]
fn only_control_planes_get_the_address_of_an_s3_compatible_store() {
    let environment = Environment::of([(env::S3_ENDPOINT, "http://minio:9000"), (env::S3_ACCESS_KEY_ID, "me")]);
    let fixture = Fixture { environment, ..Fixture::default() };
    let master = fixture.script(0);
    assert!(master.contains("\nexport S3_ENDPOINT=http://minio:9000\n"));
    assert!(master.contains("\nexport S3_REGION=''\n"));
    let node = fixture.script(1);
    assert!(!node.contains("S3_"));
    assert!(node.contains("\nexport AWS_REGION=us-east-1\n"));
}

#[test]
fn bastions_do_nothing_unless_configured() {
    let mut fixture = Fixture::default();
    fixture.groups.push(json!({"metadata": {"name": "bastions"}, "spec": {
        "role": "Bastion", "image": "i", "machineType": "t3.micro", "subnets": ["a"],
    }}));
    let files = |fixture: &Fixture| fixture.build(|context| managed_files(context).unwrap().len());
    assert_eq!(fixture.build(|context| user_data(context, &context.groups[2]).unwrap()), None);
    assert_eq!(files(&fixture), 2);
    fixture.groups[2]["spec"]["additionalUserData"] =
        json!([{"name": "own.sh", "type": "text/x-shellscript", "content": "echo hello"}]);
    let text = fixture.script(2);
    assert!(text.contains("echo hello") && !text.contains("nodeup.sh"));
    assert_eq!(files(&fixture), 3);
}

#[test]
fn karpenter_gets_the_script_as_a_file() {
    let fixture = Fixture::default().nodes(json!({"manager": "Karpenter"}));
    let keys: Vec<String> =
        fixture.build(|context| managed_files(context).unwrap().into_iter().map(|file| file.key).collect());
    assert!(keys.contains(&"igconfig/node/nodes/nodeupscript.sh".to_owned()), "{keys:?}");
}

#[test]
fn user_data_that_is_too_long_is_refused_before_anything_is_written() {
    let fixture = Fixture::default().nodes(
        json!({"additionalUserData": [{"name": "own", "type": "text/cloud-config", "content": "x".repeat(17_000)}]}),
    );
    let error = fixture.build(|context| user_data(context, &context.groups[1])).unwrap_err();
    assert!(matches!(error, NodeupError::UserDataTooLong { compressed: false, .. }), "{error}");
}

#[test]
fn a_missing_keyset_is_named() {
    let mut fixture = Fixture::default();
    fixture.keysets.insert("kubernetes-ca".to_owned(), keyset("kubernetes-ca"));
    let error = fixture.try_config("master").unwrap_err();
    assert_eq!(error.to_string(), "keyset service-account is missing from the state store");
}

mod gce;
