//! The pods that run etcd: one for each member of each etcd cluster.

use serde::Serialize;
use serde_json::{Value, json};

use super::pod::{critical, host_path, variable, variables};
use super::{file, system_environment};
use crate::assets::{AssetLocations, image_tag};
use crate::defaults::{ETCD_RELEASES, has_image_volumes};
use crate::nodeup::NodeupError;
use crate::{Context, ManagedFile};
use kopsform_env::features::Feature;
use kopsform_spec::names::gce;
use kopsform_spec::v1alpha2::{Cluster, EtcdCluster};
use kopsform_spec::versions::KubernetesVersion;

const IMAGE: &str = "registry.k8s.io/etcd-manager/etcd-manager-slim:v3.0.20260707";
const COPY_IMAGE: &str = "registry.k8s.io/kops/kops-utils-cp";
const LOG_LEVEL: i32 = 6;

/// The ports of an etcd cluster's members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EtcdPorts {
    /// Clients.
    pub client: u16,
    /// Other members.
    pub peer: u16,
    /// etcd-manager among itself.
    pub grpc: u16,
    /// Clients of a member that must not serve yet.
    pub quarantine: u16,
}

impl EtcdPorts {
    /// The ports of the etcd cluster of a name; `None` for names kops does not know.
    pub fn of(name: &str) -> Option<Self> {
        Some(match name {
            "main" => Self { client: 4001, peer: 2380, grpc: 3996, quarantine: 3994 },
            "events" => Self { client: 4002, peer: 2381, grpc: 3997, quarantine: 3995 },
            "cilium" => Self { client: 4003, peer: 2382, grpc: 3991, quarantine: 3992 },
            "leases" => Self { client: 4004, peer: 2383, grpc: 4006, quarantine: 4005 },
            _ => return None,
        })
    }
}

/// The value of the label `k8s-app` on the pods of an etcd cluster.
pub fn etcd_client_label(name: &str) -> String {
    format!("etcd-manager-{name}")
}

/// The key of a member's pod below the cluster's directory.
pub fn etcd_manifest_key(etcd: &str, group: &str) -> String {
    format!("manifests/etcd/{etcd}-{group}.yaml")
}

/// The size and version of the cluster that etcd-manager expects, in its field order.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ClusterSpec<'a> {
    member_count: usize,
    etcd_version: &'a str,
}

/// The pods of all members and the description of each etcd cluster.
pub(super) fn managed_files(context: &Context<'_>) -> Result<Vec<ManagedFile>, NodeupError> {
    let mut files = Vec::new();
    for etcd in &context.cluster.spec.etcd_clusters {
        let pod = Manager::new(context, etcd)?.pod();
        let content = kopsform_yaml::to_string(&pod);
        for group in etcd.etcd_members.iter().filter_map(|member| member.instance_group.as_deref()) {
            let name = format!("manifests-etcdmanager-{}-{group}", etcd.name);
            files.push(file(context, &name, &etcd_manifest_key(&etcd.name, group), content.clone()));
        }
        let spec = ClusterSpec { member_count: etcd.etcd_members.len(), etcd_version: &etcd.version };
        files.push(ManagedFile {
            name: format!("etcd-cluster-spec-{}", etcd.name).into(),
            base: backup_store(etcd).trim_end_matches('/').to_owned(),
            key: "control/etcd-cluster-spec".to_owned(),
            content: serde_json::to_string_pretty(&spec)?,
            ..ManagedFile::default()
        });
    }
    Ok(files)
}

fn backup_store(etcd: &EtcdCluster) -> &str {
    etcd.backups.as_ref().map(|backups| backups.backup_store.as_str()).unwrap_or_default()
}

/// The releases etcd-manager may have to run: the newest patch of each minor, and every patch with the one that runs it.
fn releases() -> impl Iterator<Item = (String, String)> {
    ETCD_RELEASES.into_iter().flat_map(|(major, minor, newest)| {
        (0..=newest).map(move |patch| (format!("{major}.{minor}.{patch}"), format!("{major}.{minor}.{newest}")))
    })
}

fn newest_releases() -> impl Iterator<Item = String> {
    ETCD_RELEASES.into_iter().map(|(major, minor, newest)| format!("{major}.{minor}.{newest}"))
}

fn dashed(version: &str) -> String {
    version.replace('.', "-")
}

struct Manager<'a> {
    context: &'a Context<'a>,
    cluster: &'a Cluster,
    etcd: &'a EtcdCluster,
    ports: EtcdPorts,
    locations: AssetLocations<'a>,
    image_volumes: bool,
}

impl<'a> Manager<'a> {
    fn new(context: &'a Context<'a>, etcd: &'a EtcdCluster) -> Result<Self, NodeupError> {
        let cluster = context.cluster;
        let unsupported = |what: &str| {
            Err(NodeupError::Invalid(format!("etcd cluster {:?}: etcd-manager does not support {what}", etcd.name)))
        };
        let Some(ports) = EtcdPorts::of(&etcd.name) else { return unsupported("clusters of this name") };
        if etcd.leader_election_timeout.is_some() {
            return unsupported("leaderElectionTimeout");
        }
        if etcd.heartbeat_interval.is_some() {
            return unsupported("heartbeatInterval");
        }
        let version = KubernetesVersion::parse(&cluster.spec.kubernetes_version)?;
        let containerd = cluster.spec.containerd.as_ref().and_then(|containerd| containerd.version.as_deref());
        Ok(Self {
            context,
            cluster,
            etcd,
            ports,
            locations: AssetLocations::new(cluster, context.facts, context.features, context.environment),
            image_volumes: has_image_volumes(&version, containerd),
        })
    }

    fn pod(&self) -> Value {
        let name = etcd_client_label(&self.etcd.name);
        let mut metadata = json!({"name": name, "namespace": "kube-system", "labels": {"k8s-app": name}});
        if self.has_api_server_groups() {
            metadata["annotations"] = json!({"dns.alpha.kubernetes.io/internal": self.client_host()});
        }
        let mut spec = json!({
            "hostNetwork": true,
            "hostPID": true, // volumes are mounted from inside the container
            "priorityClassName": "system-cluster-critical",
            "tolerations": critical(),
            "containers": [self.container()],
            "volumes": self.volumes(),
        });
        if !self.image_volumes {
            spec["initContainers"] = Value::Array(self.init_containers());
        }
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": {}})
    }

    fn has_api_server_groups(&self) -> bool {
        self.context.features.enabled(Feature::ApiServerNodes)
    }

    fn container(&self) -> Value {
        let manager = self.etcd.manager.clone().unwrap_or_default();
        let image = if manager.image.is_empty() { IMAGE } else { &manager.image };
        let amount = |written: &Option<kopsform_spec::meta::Quantity>, default: &str| {
            written.as_ref().map_or_else(|| default.to_owned(), ToString::to_string)
        };
        json!({
            "name": "etcd-manager",
            "image": self.locations.image(image),
            "command": ["/go-runner"],
            "args": self.arguments(),
            "env": self.variables(),
            "resources": {"requests": {
                "cpu": amount(&self.etcd.cpu_request, "200m"),
                "memory": amount(&self.etcd.memory_request, "100Mi"),
            }},
            "securityContext": {"privileged": true}, // it mounts volumes
            "volumeMounts": self.mounts(),
        })
    }

    /// The name of the cluster to etcd-manager; also that of its log file.
    fn cluster_name(&self) -> String {
        if self.etcd.name == "main" { "etcd".to_owned() } else { format!("etcd-{}", self.etcd.name) }
    }

    /// Where clients find the members.
    fn client_host(&self) -> String {
        let cluster = &self.cluster.metadata.name;
        if self.has_api_server_groups() {
            format!("{}.etcd.internal.{cluster}", self.etcd.name)
        } else if self.etcd.name == "cilium" {
            format!("api.internal.{cluster}")
        } else {
            "__name__".to_owned() // each member puts its own name here
        }
    }

    fn arguments(&self) -> Vec<String> {
        let name = &self.etcd.name;
        let cluster = &self.cluster.metadata.name;
        let manager = self.etcd.manager.clone().unwrap_or_default();
        let insecure = name == "events" && self.context.features.enabled(Feature::EtcdEventsHttp);
        let scheme = if insecure { "http" } else { "https" };
        let EtcdPorts { client, peer, grpc, quarantine } = self.ports;

        let mut flags = vec![
            format!("--backup-store={}", backup_store(self.etcd)),
            format!("--client-urls={scheme}://{}:{client}", self.client_host()),
            format!("--cluster-name={}", self.cluster_name()),
            "--containerized=true".to_owned(),
            format!("--dns-suffix=.internal.{cluster}"),
            format!("--grpc-port={grpc}"),
            format!("--peer-urls={scheme}://__name__:{peer}"),
            format!("--quarantine-client-urls={scheme}://__name__:{quarantine}"),
        ];
        flags.extend(self.volume_flags());
        flags.push(format!("--v={}", manager.log_level.unwrap_or(LOG_LEVEL)));
        flags.extend(insecure.then(|| "--etcd-insecure=true".to_owned()));
        flags.extend(manager.backup_interval.map(|interval| format!("--backup-interval={interval}")));
        flags.extend(manager.discovery_poll_interval.map(|interval| format!("--discovery-poll-interval={interval}")));
        flags.sort();

        let runner = ["--log-file=/var/log/etcd.log", "--also-stdout", "/ko-app/etcd-manager"];
        runner.into_iter().map(str::to_owned).chain(flags).collect()
    }

    /// By which tags or labels etcd-manager finds the volumes of the members.
    fn volume_flags(&self) -> Vec<String> {
        let name = &self.etcd.name;
        let cluster = &self.cluster.metadata.name;
        if self.cluster.is_on_gce() {
            return vec![
                format!("--volume-name-tag={}", gce::etcd_label(name)),
                "--volume-provider=gce".to_owned(),
                format!("--volume-tag={}={}", gce::CLUSTER_LABEL, gce::safe_cluster_name(cluster)),
                format!("--volume-tag={}", gce::etcd_label(name)),
                format!("--volume-tag={}={}", gce::role_label(gce::Role::Master), gce::Role::Master.name()),
            ];
        }
        vec![
            format!("--volume-name-tag=k8s.io/etcd/{name}"),
            "--volume-provider=aws".to_owned(),
            format!("--volume-tag=k8s.io/etcd/{name}"),
            "--volume-tag=k8s.io/role/control-plane=1".to_owned(),
            format!("--volume-tag=kubernetes.io/cluster/{cluster}=owned"),
        ]
    }

    fn variables(&self) -> Vec<Value> {
        let manager = self.etcd.manager.clone().unwrap_or_default();
        let mut list = variables(system_environment(self.cluster, self.context.environment));
        if let Some(days) = manager.backup_retention_days {
            list.push(variable("ETCD_MANAGER_DAILY_BACKUPS_RETENTION", &format!("{days}d")));
        }
        if !manager.listen_metrics_urls.is_empty() {
            list.push(variable("ETCD_LISTEN_METRICS_URLS", &manager.listen_metrics_urls.join(",")));
        }
        if !manager.listen_client_http_urls.is_empty() {
            list.push(variable("ETCD_LISTEN_CLIENT_HTTP_URLS", &manager.listen_client_http_urls.join(",")));
        }
        list.extend(manager.env.iter().map(|own| variable(&own.name, &own.value)));
        list
    }

    fn mounts(&self) -> Vec<Value> {
        let mount = |path: &str, name: &str| json!({"mountPath": path, "name": name});
        let mut mounts = vec![
            mount("/rootfs", "rootfs"),
            mount("/run", "run"),
            mount("/etc/kubernetes/pki/etcd-manager", "pki"),
            mount("/opt", "opt"),
        ];
        if self.image_volumes {
            for (version, runs) in releases() {
                mounts.push(mount(&format!("/opt/etcd-v{version}"), &format!("etcd-v{}", dashed(&runs))));
            }
        }
        mounts.push(mount("/var/log/etcd.log", "varlogetcd"));
        if self.uses_host_certificates() {
            mounts.push(json!({"mountPath": "/etc/ssl/certs", "name": "etc-ssl-certs", "readOnly": true}));
        }
        mounts
    }

    fn volumes(&self) -> Vec<Value> {
        let keys = format!("/etc/kubernetes/pki/{}", etcd_client_label(&self.etcd.name));
        let mut volumes = vec![
            host_path("rootfs", "/", "Directory"),
            host_path("run", "/run", "DirectoryOrCreate"),
            host_path("pki", &keys, "DirectoryOrCreate"),
            json!({"name": "opt", "emptyDir": {}}),
        ];
        if self.image_volumes {
            for version in newest_releases() {
                let image = self.locations.image(&etcd_image(&version));
                volumes.push(json!({
                    "name": format!("etcd-v{}", dashed(&version)),
                    "image": {"reference": image, "pullPolicy": "IfNotPresent"},
                }));
            }
        }
        volumes.push(host_path("varlogetcd", &format!("/var/log/{}.log", self.cluster_name()), "FileOrCreate"));
        if self.uses_host_certificates() {
            volumes.push(host_path("etc-ssl-certs", "/etc/ssl/certs", "DirectoryOrCreate"));
        }
        volumes
    }

    fn uses_host_certificates(&self) -> bool {
        self.cluster.spec.use_host_certificates == Some(true)
    }

    /// Where images cannot be mounted, containers that ran before have put etcd's binaries in place.
    fn init_containers(&self) -> Vec<Value> {
        let copier = self.locations.image(&format!("{COPY_IMAGE}:{}", image_tag(self.context.environment)));
        let container = |name: String, image: &str, command: &str, arguments: Vec<String>| {
            json!({
                "name": name, "image": image, "command": [command], "args": arguments, "resources": {},
                "volumeMounts": [{"mountPath": "/opt", "name": "opt"}],
            })
        };
        let installed = "/opt/kops-utils/kops-utils-cp";
        let own = "/ko-app/kops-utils-cp";
        let arguments = vec!["--target-dir=/opt/kops-utils/".to_owned(), format!("--src={own}")];
        let mut containers = vec![container("kops-utils-cp".to_owned(), &copier, own, arguments)];
        for version in newest_releases() {
            let image = self.locations.image(&etcd_image(&version));
            let arguments = vec![
                format!("--target-dir=/opt/etcd-v{version}"),
                "--src=/usr/local/bin/etcd".to_owned(),
                "--src=/usr/local/bin/etcdctl".to_owned(),
            ];
            containers.push(container(format!("init-etcd-{}", dashed(&version)), &image, installed, arguments));
        }
        for newest in newest_releases() {
            let older = releases().filter(|(version, runs)| *runs == newest && *version != newest);
            let mut directories: Vec<String> =
                older.map(|(version, _)| format!("--target-dir=/opt/etcd-v{version}")).collect();
            directories.sort();
            let mut arguments = vec!["--symlink".to_owned()];
            arguments.extend(directories);
            arguments.extend(["etcd", "etcdctl"].map(|binary| format!("--src=/opt/etcd-v{newest}/{binary}")));
            let name = format!("init-etcd-symlinks-{}", dashed(&newest));
            containers.push(container(name, &copier, installed, arguments));
        }
        containers
    }
}

fn etcd_image(version: &str) -> String {
    format!("registry.k8s.io/etcd:v{version}")
}
