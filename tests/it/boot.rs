//! The boot script as an instance runs it: checked by shellcheck, run in a temporary directory against local servers.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

use kopsform_env::Environment;
use kopsform_env::features::Features;
use kopsform_model::defaults::{DefaultsContext, complete, populate_group};
use kopsform_model::facts::Facts;
use kopsform_model::nodeup;
use kopsform_model::{Context, required_keysets};
use kopsform_pki::{Keyset, Keysets, SystemKeySource};
use kopsform_spec::v1alpha2::{Cluster, InstanceGroup};
use sha2::{Digest as _, Sha256};

use crate::support::{skip, succeed, tool};

const CLUSTER: &str = "
metadata: {name: a.example.com}
spec:
  configBase: s3://state/a.example.com
  cloudProvider: aws
  dnsZone: Z1
  kubernetesVersion: 1.36.0
  networking: {cni: {}}
  api: {dns: {}}
  subnets: [{name: a, zone: us-east-1a, type: Public, cidr: 172.20.0.0/20}]
  etcdClusters:
  - {name: main, etcdMembers: [{name: a, instanceGroup: master}]}
  - {name: events, etcdMembers: [{name: a, instanceGroup: master}]}
";
const GROUPS: [&str; 2] = [
    "{metadata: {name: master}, spec: {role: Master, image: ami-1, machineType: t3.medium, subnets: [a]}}",
    "{metadata: {name: nodes}, spec: {role: Node, image: ami-1, machineType: t3.medium, subnets: [a]}}",
];
const DOWNLOADS: [&str; 4] =
    ["linux/amd64/nodeup", "linux/arm64/nodeup", "linux/amd64/protokube", "linux/arm64/protokube"];

/// The user data of each group, by the group's name, after a change of the specs.
fn user_data(
    environment: &Environment,
    nodeup_hash: &str,
    change: impl Fn(&mut Cluster, &mut [InstanceGroup]),
) -> BTreeMap<String, String> {
    let mut cluster: Cluster = kopsform_yaml::from_str("cluster", CLUSTER).unwrap();
    let mut groups: Vec<InstanceGroup> =
        GROUPS.iter().map(|text| kopsform_yaml::from_str("group", text).unwrap()).collect();
    change(&mut cluster, &mut groups);
    let features = Features::default();
    let mut facts = Facts::default();
    for file in DOWNLOADS {
        let url = format!("https://artifacts.k8s.io/binaries/kops/1.36.2/{file}");
        facts.assets.insert(url, nodeup_hash.to_owned());
    }
    let context =
        DefaultsContext { facts: &facts, features: &features, environment, channel: None, worker_version: None };
    let completed = complete(&cluster, &groups, &context).unwrap();
    let groups: Vec<InstanceGroup> =
        groups.iter().map(|group| populate_group(&completed, group, &context).unwrap()).collect();
    let source = SystemKeySource::from_environment(&Environment::default()).unwrap();
    let keysets: Keysets = required_keysets(&completed)
        .into_iter()
        .map(|name| (name.clone(), Keyset::create(&name, &source).unwrap()))
        .collect();
    let context = Context {
        stored: &cluster,
        cluster: &completed,
        groups: &groups,
        all_groups: &groups,
        facts: &facts,
        keysets: &keysets,
        secrets: &BTreeMap::new(),
        ssh_keys: &BTreeMap::new(),
        additional_objects: &[],
        environment,
        features: &features,
        worker_version: None,
        previous: None,
    };
    let text = |group: &InstanceGroup| nodeup::user_data(&context, group).unwrap().unwrap();
    groups.iter().map(|group| (group.metadata.name.clone(), text(group))).collect()
}

/// A web server that knows a few paths and remembers what it was asked for.
struct Server {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(files: BTreeMap<&'static str, Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { continue };
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                let request = lines.next().and_then(Result::ok).unwrap_or_default();
                while lines.next().and_then(Result::ok).is_some_and(|line| !line.is_empty()) {}
                let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
                let answer = match files.get(path.as_str()) {
                    Some(body) => [
                        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len())
                            .as_bytes(),
                        body,
                    ]
                    .concat(),
                    None => b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec(),
                };
                seen.lock().unwrap().push(path);
                _ = stream.write_all(&answer);
            }
        });
        Self { address, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// Replaces nodeup: records how it was started.
const FAKE_NODEUP: &str = "#!/bin/bash\nprintf '%s\\n' \"$PWD\" \"$@\" > \"$RECORD\"\n";

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The script with nodeup at other URLs.
fn with_places(script: &str, places: &str) -> String {
    let place = |line: &str| match line.split_once('=') {
        Some((name, _)) if name.starts_with("NODEUP_URL_") => format!("{name}={places}"),
        _ => line.to_owned(),
    };
    script.lines().map(place).collect::<Vec<_>>().join("\n") + "\n"
}

/// Runs a boot script as the machine would, with its directory and the tools that change the machine replaced.
fn boot(script: &str, directory: &Path) -> std::process::Output {
    let tools = directory.join("tools");
    std::fs::create_dir_all(&tools).unwrap();
    for name in ["sysctl", "systemd-machine-id-setup", "systemctl"] {
        let path = tools.join(name);
        std::fs::write(&path, "#!/bin/bash\nexit 0\n").unwrap();
        succeed(Command::new("chmod").arg("+x").arg(path));
    }
    let file = directory.join("user-data.sh");
    std::fs::write(&file, script).unwrap();
    let path = format!("{}:{}", tools.display(), std::env::var("PATH").unwrap());
    let mut command = Command::new("bash");
    for proxy in ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"] {
        command.env_remove(proxy);
    }
    succeed(
        command
            .arg(&file)
            .env("PATH", path)
            .env("BOOT_FOLDER", directory.join("kops"))
            .env("BOOT_RETRY_SECONDS", "0")
            .env("RECORD", directory.join("record")),
    )
}

#[test]
fn scripts_of_every_kind_pass_shellcheck() {
    let proxy = |cluster: &mut Cluster, _: &mut [InstanceGroup]| {
        let proxy = "{httpProxy: {host: proxy.example.com, port: 3128}, excludes: 'a b,c'}";
        cluster.spec.egress_proxy = Some(kopsform_yaml::from_str("proxy", proxy).unwrap());
    };
    let compressed = |_: &mut Cluster, groups: &mut [InstanceGroup]| {
        groups.iter_mut().for_each(|group| group.spec.compress_user_data = Some(true));
    };
    let own_store = Environment::of([("S3_ENDPOINT", "http://minio:9000"), ("S3_SECRET_ACCESS_KEY", "it's a secret")]);
    let hash = "0".repeat(64);
    let scripts = [
        user_data(&Environment::default(), &hash, |_, _| {}),
        user_data(&Environment::default(), &hash, proxy),
        user_data(&Environment::default(), &hash, compressed),
        user_data(&own_store, &hash, |_, _| {}),
    ];
    assert!(scripts[1]["nodes"].contains("http://proxy.example.com:3128"));
    assert!(scripts[3]["master"].contains("export S3_ENDPOINT=http://minio:9000"));
    let directory = tempfile::tempdir().unwrap();
    for (number, script) in scripts.iter().flat_map(BTreeMap::values).enumerate() {
        let file = directory.path().join(format!("{number}.sh"));
        std::fs::write(&file, script).unwrap();
        succeed(Command::new("bash").arg("-n").arg(&file));
        match tool("shellcheck") {
            Some(shellcheck) => _ = succeed(Command::new(shellcheck).arg(&file)),
            None => skip("shellcheck is not installed"),
        }
    }
}

#[test]
fn a_bad_download_is_tried_elsewhere_and_nodeup_is_started_once() {
    if tool("curl").is_none() && tool("wget").is_none() {
        skip("neither curl nor wget is installed");
        return;
    }
    let good = FAKE_NODEUP.as_bytes().to_vec();
    let hash = sha256(&good);
    let server = Server::start([("/changed/nodeup", b"#!/bin/bash\nexit 1\n".to_vec()), ("/good/nodeup", good)].into());
    let scripts = user_data(&Environment::default(), &hash, |_, _| {});
    let place = |name: &str| format!("{}/{name}/nodeup", server.address);
    let script = with_places(&scripts["nodes"], &[place("absent"), place("changed"), place("good")].join(","));

    let directory = tempfile::tempdir().unwrap();
    let output = boot(&script, directory.path());
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("/changed/nodeup does not have the hash"), "{said}");
    assert_eq!(server.asked().first().unwrap(), "/absent/nodeup");
    assert_eq!(server.asked().last().unwrap(), "/good/nodeup");

    let kops = directory.path().join("kops");
    let started = std::fs::read_to_string(directory.path().join("record")).unwrap();
    let bin = kops.join("bin").canonicalize().unwrap();
    let conf = format!("--conf={}", kops.join("conf/kube_env.yaml").display());
    assert_eq!(
        started.lines().collect::<Vec<_>>(),
        [bin.to_str().unwrap(), "--install-systemd-unit", conf.as_str(), "--v=8"]
    );

    let asked = server.asked().len();
    boot(&script, directory.path());
    assert_eq!(server.asked().len(), asked, "an intact file is not fetched again");
}

#[test]
fn the_boot_configuration_arrives_however_it_is_packed() {
    let good = FAKE_NODEUP.as_bytes().to_vec();
    let hash = sha256(&good);
    let server = Server::start([("/nodeup", good)].into());
    let configuration = |compress: bool| -> serde_json::Value {
        let scripts = user_data(&Environment::default(), &hash, |_, groups| {
            groups.iter_mut().for_each(|group| group.spec.compress_user_data = Some(compress));
        });
        let directory = tempfile::tempdir().unwrap();
        boot(&with_places(&scripts["nodes"], &format!("{}/nodeup", server.address)), directory.path());
        let mut text = String::new();
        let path = directory.path().join("kops/conf/kube_env.yaml");
        std::fs::File::open(path).unwrap().read_to_string(&mut text).unwrap();
        kopsform_yaml::from_str("kube_env.yaml", &text).unwrap()
    };
    for compress in [false, true] {
        let config = configuration(compress);
        assert_eq!(config["InstanceGroupName"], "nodes");
        assert_eq!(config["InstanceGroupRole"], "Node");
        assert_eq!(config["ConfigServer"]["servers"][0], "https://kops-controller.internal.a.example.com:3988/");
        let authority = config["ConfigServer"]["CACertificates"].as_str().unwrap();
        assert!(authority.starts_with("-----BEGIN CERTIFICATE-----\n"), "{authority}");
    }
}
