//! `nodeupconfig.yaml`: what nodeup does on the instances of a group.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::Serialize;
use serde_json::{Value, json};

use super::files::{ARCHITECTURES, Architecture, Download, Files, installs_cni_plugins};
use super::{NodeupError, internal, warm_pool_images};
use crate::Context;
use crate::assets::AssetLocations;
use crate::control_plane;
use kopsform_env::{self as env, Environment};
use kopsform_pki::Keyset;
use kopsform_spec::names;
use kopsform_spec::v1alpha2::{
    Cluster, ContainerdConfig, EgressProxy, FileAsset, GVisorConfig, GossipConfig, Hook, HookPlace, InstanceGroup,
    InstanceGroupRole, Networking, NvidiaGpuConfig, VolumeMount,
};
use kopsform_spec::versions::{self, KubernetesVersion};

/// What an instance of a group does to become a node. Field names are nodeup's.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct NodeupConfig {
    /// Files to download, by architecture: `hash@location,location`.
    pub assets: BTreeMap<&'static str, Vec<String>>,
    /// Images to load from files, by architecture.
    #[serde(rename = "images", skip_serializing_if = "BTreeMap::is_empty")]
    pub images: BTreeMap<&'static str, Vec<ImageFile>>,
    /// The cluster.
    pub cluster_name: String,
    /// Names and addresses of the API's load balancer, for its certificate.
    #[serde(rename = "ApiserverAdditionalIPs", skip_serializing_if = "Vec::is_empty")]
    pub apiserver_additional_ips: Vec<String>,
    /// The version to install.
    pub kubernetes_version: String,
    /// Packages of the operating system to install.
    #[serde(rename = "packages", skip_serializing_if = "Vec::is_empty")]
    pub packages: Vec<String>,
    /// Where keys and secrets are, for instances that read them themselves.
    #[serde(rename = "configStore", skip_serializing_if = "Option::is_none")]
    pub config_store: Option<ConfigStore>,
    /// The etcd clusters the instance has a part of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub etcd_cluster_names: Vec<String>,
    /// Addresses of the pods that run etcd.
    #[serde(rename = "etcdManifests", skip_serializing_if = "Vec::is_empty")]
    pub etcd_manifests: Vec<String>,
    /// The address of the pod that applies addons.
    #[serde(rename = "channelsManifest", skip_serializing_if = "String::is_empty")]
    pub channels_manifest: String,
    /// Certificates to trust, by keyset.
    #[serde(rename = "CAs")]
    pub certificate_authorities: BTreeMap<String, String>,
    /// The generation that signs, by keyset.
    #[serde(rename = "KeypairIDs")]
    pub keypair_ids: BTreeMap<String, String>,
    /// The first instance type of the group, for network plugins that count addresses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_machine_type: Option<String>,
    /// Whether a lifecycle hook waits for the instance.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub enable_lifecycle_hook: bool,
    /// Static pods of the control plane.
    #[serde(rename = "staticManifests", skip_serializing_if = "Vec::is_empty")]
    pub static_manifests: Vec<StaticManifest>,
    /// kubelet's configuration.
    pub kubelet_config: Value,
    /// kube-proxy's configuration; null where it does not run.
    pub kube_proxy: Option<Value>,
    /// The network plugin and ranges.
    pub networking: Value,
    /// Whether common CNI plugins are installed.
    #[serde(rename = "InstallCNIAssets", skip_serializing_if = "std::ops::Not::not")]
    pub install_cni_assets: bool,
    /// Whether Cilium has an etcd cluster of its own.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub use_cilium_etcd: bool,
    /// Whether the network plugin is built on kubenet.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub uses_kubenet: bool,
    /// Whether nodeup leaves NTP alone.
    #[serde(rename = "NTPUnmanaged", skip_serializing_if = "std::ops::Not::not")]
    pub ntp_unmanaged: bool,
    /// Ports for services of type NodePort.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub service_node_port_range: String,
    /// Kernel parameters, with comments that say where they come from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sysctl_parameters: Vec<String>,
    /// Whether the operating system updates itself: `automatic`, `external`.
    pub update_policy: String,
    /// Devices to format and mount.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub volume_mounts: Vec<VolumeMount>,
    /// Files to write.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub file_assets: Vec<FileAsset>,
    /// Hooks of the group, then of the cluster; null instead of an empty list.
    pub hooks: [Option<Vec<Value>>; 2],
    /// containerd's configuration.
    #[serde(rename = "containerdConfig", skip_serializing_if = "Option::is_none")]
    pub containerd_config: Option<ContainerdConfig>,
    /// What only instances with an API server need.
    #[serde(rename = "APIServerConfig", skip_serializing_if = "Option::is_none")]
    pub api_server_config: Option<ApiServerConfig>,
    /// What only the control plane needs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub control_plane_config: Option<ControlPlaneConfig>,
    /// How gossip finds its peers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gossip_config: Option<GossipConfig>,
    /// The hosted zone.
    #[serde(rename = "DNSZone", skip_serializing_if = "String::is_empty")]
    pub dns_zone: String,
    /// GPU drivers.
    #[serde(rename = "NvidiaGPU", skip_serializing_if = "Option::is_none")]
    pub nvidia_gpu: Option<NvidiaGpuConfig>,
    /// The sandboxed runtime.
    #[serde(rename = "GVisor", skip_serializing_if = "Option::is_none")]
    pub gvisor: Option<GVisorConfig>,
    /// Settings of AWS' cloud controller manager, for instances that write its configuration.
    #[serde(flatten)]
    pub cloud: CloudSettings,
    /// Settings of Google Cloud's cloud controller manager; all instances have them.
    #[serde(flatten)]
    pub gce: GceSettings,
    /// Images that instances of a warm pool pull before they sleep.
    #[serde(rename = "warmPoolImages", skip_serializing_if = "Vec::is_empty")]
    pub warm_pool_images: Vec<String>,
    /// Whether the cluster uses gossip instead of DNS.
    #[serde(rename = "usesLegacyGossip")]
    pub uses_legacy_gossip: bool,
    /// Whether the cluster has no DNS records.
    #[serde(rename = "usesNoneDNS")]
    pub uses_none_dns: bool,
    /// The discovery service.
    #[serde(rename = "discoveryServiceWithUniverse", skip_serializing_if = "Option::is_none")]
    pub discovery_service: Option<DiscoveryService>,
}

/// An image that is loaded from a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImageFile {
    /// Its SHA-256 in hex.
    pub hash: String,
    /// Where it is.
    pub sources: Vec<String>,
}

/// Where keys and secrets are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConfigStore {
    /// The address of keysets.
    pub keypairs: String,
    /// The address of secrets.
    pub secrets: String,
}

/// A static pod of the control plane.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StaticManifest {
    /// Its name.
    pub key: String,
    /// Its path below the address of the cluster.
    pub path: String,
}

/// What only instances with an API server need.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ApiServerConfig {
    /// The cluster's DNS domain.
    #[serde(rename = "ClusterDNSDomain")]
    pub cluster_dns_domain: String,
    /// kube-apiserver's configuration.
    #[serde(rename = "KubeAPIServer")]
    pub kube_api_server: Value,
    /// How the API is reached.
    #[serde(rename = "API")]
    pub api: Value,
    /// The authentication configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authentication: Option<Value>,
    /// The hash of the secret with encryption keys, so that a change of it is noticed.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub encryption_config_secret_hash: String,
    /// Public keys of service account tokens, PEM.
    pub service_account_public_keys: String,
}

/// What only the control plane needs.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ControlPlaneConfig {
    /// The configuration of the controller manager.
    pub kube_controller_manager: Value,
    /// The scheduler's configuration.
    pub kube_scheduler: Value,
}

/// Settings of the cloud controller manager.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CloudSettings {
    /// Whether load balancers of services get no security groups of their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disable_security_group_ingress: Option<bool>,
    /// The security group of load balancers of services.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elb_security_group: Option<String>,
    /// Whether network load balancers of services get security groups.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nlb_security_group_mode: Option<String>,
    /// Which kinds of addresses nodes report.
    #[serde(rename = "nodeIPFamilies", skip_serializing_if = "Vec::is_empty")]
    pub node_ip_families: Vec<String>,
}

/// Settings of the cloud configuration on Google Cloud. Nothing on AWS.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GceSettings {
    /// Whether the cluster has nodes in several zones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub multizone: Option<bool>,
    /// The network tag of nodes, to which firewall rules of services apply.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_tags: Option<String>,
    /// What the names of all nodes begin with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_instance_prefix: Option<String>,
}

/// The discovery service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DiscoveryService {
    /// Its address.
    pub url: String,
}

/// Images of the node software, loaded from files when it is not a released one.
const CONTROL_PLANE_IMAGES: [&str; 5] =
    ["kops-utils-cp", "kops-controller", "kops-channels", "dns-controller", "kube-apiserver-healthcheck"];
const API_SERVER_IMAGES: [&str; 1] = ["kube-apiserver-healthcheck"];

/// The images of the node software that instances of a role load from files.
pub(super) fn sideloaded_images(environment: &Environment, role: InstanceGroupRole) -> &'static [&'static str] {
    match role {
        _ if environment.get(env::KOPS_BASE_URL).is_none() => &[],
        InstanceGroupRole::ControlPlane => &CONTROL_PLANE_IMAGES,
        InstanceGroupRole::ApiServer => &API_SERVER_IMAGES,
        InstanceGroupRole::Node | InstanceGroupRole::Bastion => &[],
    }
}

/// Whether nodeup configures kubenet's plugin: also where pods get their addresses from an alias range of Google Cloud.
fn is_built_on_kubenet(networking: &Networking) -> bool {
    networking.kubenet.is_some() || networking.kopeio.is_some() || networking.gce.is_some()
}

/// Builds the configuration of one group's instances.
pub(super) struct Builder<'a> {
    context: &'a Context<'a>,
    group: &'a InstanceGroup,
    files: Files<'a>,
    locations: AssetLocations<'a>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(context: &'a Context<'a>, group: &'a InstanceGroup) -> Self {
        let locations = AssetLocations::new(context.cluster, context.facts, context.features, context.environment);
        let files = Files::new(context.cluster, context.facts, context.environment, locations);
        Self { context, group, files, locations }
    }

    fn cluster(&self) -> &'a Cluster {
        self.context.cluster
    }

    fn role(&self) -> InstanceGroupRole {
        self.group.role()
    }

    /// Whether kops-controller hands out the configuration, instead of the state store.
    pub(super) fn uses_config_server(&self) -> bool {
        let has_server = !self.cluster().is_gossip() || self.cluster().uses_load_balancer_for_kops_controller();
        has_server && !self.group.has_api_server()
    }

    /// The files of the node software.
    pub(super) fn files(&self) -> &Files<'a> {
        &self.files
    }

    /// The configuration. Certificates that the boot configuration carries are still in it.
    pub(super) fn build(&self) -> Result<NodeupConfig, NodeupError> {
        let cluster = self.cluster();
        let spec = &cluster.spec;
        let group = &self.group.spec;
        let version = self.kubernetes_version()?;
        let mut config = NodeupConfig {
            assets: self.assets(&version)?,
            images: self.images()?,
            cluster_name: cluster.metadata.name.clone(),
            kubernetes_version: version.to_string(),
            packages: spec.packages.iter().chain(&group.packages).cloned().collect(),
            default_machine_type: self.default_machine_type(),
            enable_lifecycle_hook: self.group.has_warm_pool_hook(cluster),
            kubelet_config: internal::kubelet(&group.kubelet.clone().unwrap_or_default())?,
            kube_proxy: self.kube_proxy()?,
            networking: self.networking()?,
            install_cni_assets: installs_cni_plugins(cluster),
            use_cilium_etcd: self.uses_cilium_etcd(),
            uses_kubenet: spec.networking.as_ref().is_some_and(is_built_on_kubenet),
            ntp_unmanaged: spec.ntp.as_ref().is_some_and(|ntp| ntp.managed == Some(false)),
            service_node_port_range: spec
                .kube_api_server
                .as_ref()
                .map(|api_server| api_server.service_node_port_range.clone())
                .unwrap_or_default(),
            sysctl_parameters: self.sysctl_parameters(),
            update_policy: self.update_policy(),
            volume_mounts: group.volume_mounts.clone(),
            file_assets: self.file_assets()?,
            hooks: [self.hooks(&group.hooks, HookPlace::InstanceGroup)?, self.hooks(&spec.hooks, HookPlace::Cluster)?],
            containerd_config: self.containerd()?,
            nvidia_gpu: self.nvidia_gpu()?,
            gvisor: self.gvisor(),
            gce: self.gce_settings(),
            warm_pool_images: warm_pool_images::images(self.context, self.group, &self.locations)?,
            uses_legacy_gossip: cluster.is_gossip(),
            uses_none_dns: self.context.uses_no_dns(),
            discovery_service: spec
                .service_account_issuer_discovery
                .as_ref()
                .and_then(|discovery| discovery.discovery_service.as_ref())
                .map(|service| DiscoveryService { url: service.url.clone() }),
            ..NodeupConfig::default()
        };
        if cluster.is_gossip() {
            config.gossip_config.clone_from(&spec.gossip_config);
        }
        if self.group.is_control_plane() || cluster.is_gossip() {
            config.dns_zone.clone_from(&spec.dns_zone);
        }
        if !self.uses_config_server() {
            config.config_store =
                Some(ConfigStore { keypairs: spec.key_store.clone(), secrets: spec.secret_store.clone() });
        }
        self.add_keys(&mut config)?;
        self.add_api_server(&mut config)?;
        self.add_control_plane(&mut config)?;
        Ok(config)
    }

    /// Workers may have to stay behind the control plane during an upgrade.
    fn kubernetes_version(&self) -> Result<KubernetesVersion, NodeupError> {
        let own = self.cluster().spec.kubernetes_version.as_str();
        let held_back = self.context.worker_version.filter(|_| !self.group.has_api_server());
        Ok(KubernetesVersion::parse(held_back.unwrap_or(own))?)
    }

    fn assets(&self, version: &KubernetesVersion) -> Result<BTreeMap<&'static str, Vec<String>>, NodeupError> {
        let protokube = self.runs_protokube();
        let of = |architecture: Architecture| {
            let mut files = self.files.kubernetes(version, architecture)?;
            if protokube {
                files.push(self.files.protokube(architecture)?);
            }
            Ok((architecture.name(), files.iter().map(Download::compact).collect()))
        };
        ARCHITECTURES.into_iter().map(of).collect()
    }

    /// protokube runs on control planes, and on nodes that gossip because they have no DNS.
    fn runs_protokube(&self) -> bool {
        match self.role() {
            InstanceGroupRole::ControlPlane => true,
            InstanceGroupRole::Bastion => false,
            _ => self.cluster().is_gossip() && self.api_server_ips().is_empty(),
        }
    }

    fn images(&self) -> Result<BTreeMap<&'static str, Vec<ImageFile>>, NodeupError> {
        let mut kubernetes: Vec<&str> = Vec::new();
        if versions::is_address(&self.cluster().spec.kubernetes_version) {
            kubernetes.push("kube-proxy");
            match self.role() {
                InstanceGroupRole::ControlPlane => {
                    kubernetes.extend(["kube-apiserver", "kube-controller-manager", "kube-scheduler"]);
                }
                InstanceGroupRole::ApiServer => kubernetes.push("kube-apiserver"),
                InstanceGroupRole::Node | InstanceGroupRole::Bastion => {}
            }
        }
        let mut images = BTreeMap::new();
        for architecture in ARCHITECTURES {
            let mut files = Vec::new();
            for name in &kubernetes {
                files.push(self.files.kubernetes_image(name, architecture)?);
            }
            for name in sideloaded_images(self.context.environment, self.role()) {
                files.push(self.files.kops_image(name, architecture)?);
            }
            if !files.is_empty() {
                let file = |file: Download| ImageFile { hash: file.hash, sources: vec![file.locations[0].clone()] };
                images.insert(architecture.name(), files.into_iter().map(file).collect());
            }
        }
        Ok(images)
    }

    fn default_machine_type(&self) -> Option<String> {
        let networking = self.cluster().spec.networking.as_ref()?;
        let from_vpc = networking.amazonvpc.is_some() || networking.cilium.as_ref().is_some_and(|c| c.ipam == "eni");
        let first = || self.group.spec.machine_type.split(',').next().unwrap_or_default().to_owned();
        from_vpc.then(first)
    }

    fn kube_proxy(&self) -> Result<Option<Value>, NodeupError> {
        let config = self.cluster().spec.kube_proxy.clone().unwrap_or_default();
        let isolated = self.group.is_control_plane() && self.cluster().spec.isolate_masters == Some(true);
        if config.enabled == Some(false) || isolated {
            return Ok(None);
        }
        Ok(Some(internal::kube_proxy(&config)?))
    }

    /// The ranges, and the name of the plugin with the few options nodeup needs.
    fn networking(&self) -> Result<Value, NodeupError> {
        let spec = &self.cluster().spec;
        let mut value = json!({
            "nonMasqueradeCIDR": spec.non_masquerade_cidr,
            "serviceClusterIPRange": spec.service_cluster_ip_range,
        });
        let Some(fields) = value.as_object_mut() else { return Ok(value) };
        fields.retain(|_, range| range != "");
        let mut add = |name: &str, options: Value| _ = fields.insert(name.to_owned(), options);
        if let Some(networking) = &spec.networking {
            if networking.amazonvpc.is_some() {
                add("amazonVPC", json!({}));
            }
            if let Some(calico) = &networking.calico {
                let wireguard = calico.wireguard_enabled.map(|enabled| json!({"wireguardEnabled": enabled}));
                add("calico", wireguard.unwrap_or_else(|| json!({})));
            }
            if let Some(cilium) = &networking.cilium {
                add("cilium", if cilium.ipam == "eni" { json!({"ipam": "eni"}) } else { json!({}) });
            }
            if networking.cni.as_ref().is_some_and(|cni| cni.uses_secondary_ip) {
                add("cni", json!({"usesSecondaryIP": true}));
            }
            if networking.flannel.is_some() {
                add("flannel", json!({}));
            }
            if networking.kuberouter.is_some() {
                add("kubeRouter", json!({}));
            }
            if networking.kindnet.is_some() {
                add("kindnet", json!({}));
            }
        }
        let proxy: Option<&EgressProxy> = spec.egress_proxy.as_ref();
        if let Some(proxy) = proxy.filter(|_| self.group.has_api_server() || self.cluster().is_gossip()) {
            add("egressProxy", serde_json::to_value(proxy)?);
        }
        Ok(value)
    }

    fn gce_settings(&self) -> GceSettings {
        let config = self.cluster().spec.cloud_config.as_ref().filter(|_| self.cluster().is_on_gce());
        config.map_or_else(GceSettings::default, |config| GceSettings {
            multizone: config.multizone,
            node_tags: config.node_tags.clone(),
            node_instance_prefix: config.node_instance_prefix.clone(),
        })
    }

    fn uses_cilium_etcd(&self) -> bool {
        let spec = &self.cluster().spec;
        let uses_cilium = spec.networking.as_ref().is_some_and(|n| n.cilium.is_some());
        uses_cilium && spec.etcd_clusters.iter().any(|etcd| etcd.name == "cilium")
    }

    fn sysctl_parameters(&self) -> Vec<String> {
        let sources = [
            ("instance group", &self.group.spec.sysctl_parameters),
            ("cluster", &self.cluster().spec.sysctl_parameters),
        ];
        let mut lines = Vec::new();
        for (source, parameters) in sources.into_iter().filter(|(_, parameters)| !parameters.is_empty()) {
            lines.push(format!("# Custom sysctl parameters from {source} spec"));
            lines.push(String::new());
            lines.extend(parameters.iter().cloned());
        }
        lines
    }

    fn update_policy(&self) -> String {
        let written = self.group.spec.update_policy.as_ref().or(self.cluster().spec.update_policy.as_ref());
        written.cloned().unwrap_or_else(|| "automatic".to_owned())
    }

    /// Files of the group, then of the cluster, then those that come with control-plane components.
    fn file_assets(&self) -> Result<Vec<FileAsset>, NodeupError> {
        let written = self.group.spec.file_assets.iter().chain(&self.cluster().spec.file_assets);
        let concerned =
            |asset: &&FileAsset| asset.roles.is_empty() || asset.roles.iter().any(|role| role.means(self.role()));
        let mut assets: Vec<FileAsset> = written.filter(concerned).map(internal::file_asset).collect();
        if self.group.has_api_server() {
            assets.push(FileAsset {
                path: control_plane::SCHEDULER_CONFIG_PATH.to_owned(),
                content: control_plane::scheduler_config(self.context).map_err(NodeupError::Invalid)?,
                ..FileAsset::default()
            });
        }
        Ok(assets)
    }

    fn hooks(&self, hooks: &[Hook], place: HookPlace) -> Result<Option<Vec<Value>>, NodeupError> {
        let concerned = |hook: &&Hook| hook.roles.is_empty() || hook.roles.contains(&self.role());
        let own: Vec<Value> =
            hooks.iter().filter(concerned).map(|hook| internal::hook(hook, place)).collect::<Result<_, _>>()?;
        Ok((!own.is_empty()).then_some(own))
    }

    fn containerd(&self) -> Result<Option<ContainerdConfig>, NodeupError> {
        let mut config = match (&self.cluster().spec.containerd, &self.group.spec.containerd) {
            (None, None) => return Ok(None),
            (Some(config), None) | (None, Some(config)) => config.clone(),
            (Some(cluster), Some(group)) => crate::defaults::overlay(cluster, group)?,
        };
        if self.gvisor().is_none() {
            config.gvisor = None;
        }
        Ok(Some(config))
    }

    fn nvidia_gpu(&self) -> Result<Option<NvidiaGpuConfig>, NodeupError> {
        let of = |containerd: &Option<ContainerdConfig>| containerd.as_ref().and_then(|c| c.nvidia_gpu.clone());
        let mut config = match (of(&self.cluster().spec.containerd), of(&self.group.spec.containerd)) {
            (None, None) => return Ok(None),
            (Some(config), None) | (None, Some(config)) => config,
            (Some(cluster), Some(group)) => crate::defaults::overlay(&cluster, &group)?,
        };
        if config.package.is_empty() {
            config.package = crate::defaults::NVIDIA_DRIVER.to_owned();
        }
        Ok(Some(config))
    }

    /// Only workers run sandboxes.
    fn gvisor(&self) -> Option<GVisorConfig> {
        let containerd = self.group.spec.containerd.as_ref().filter(|_| self.role() == InstanceGroupRole::Node)?;
        let mut config = containerd.gvisor.clone().filter(|gvisor| gvisor.enabled == Some(true))?;
        if config.platform.is_empty() {
            config.platform = crate::defaults::GVISOR_PLATFORM.to_owned();
        }
        Some(config)
    }

    /// The certificates to trust and the keys to sign with.
    fn add_keys(&self, config: &mut NodeupConfig) -> Result<(), NodeupError> {
        if self.role() == InstanceGroupRole::Bastion {
            return Ok(());
        }
        let spec = &self.cluster().spec;
        let mut trusted = vec!["kubernetes-ca".to_owned()];
        let has_cilium_etcd = spec.etcd_clusters.iter().any(|etcd| etcd.name == "cilium");
        if has_cilium_etcd {
            trusted.push("etcd-clients-ca-cilium".to_owned());
        }
        if self.group.is_control_plane() {
            for etcd in &spec.etcd_clusters {
                let name = &etcd.name;
                trusted.push(format!("etcd-manager-ca-{name}"));
                trusted.push(format!("etcd-peers-ca-{name}"));
                trusted.push(crate::etcd_clients_ca(name));
            }
            if config.discovery_service.as_ref().is_some_and(|service| !service.url.is_empty()) {
                config.keypair_ids.insert("discovery-ca".to_owned(), self.keyset("discovery-ca")?.primary_id.clone());
            }
        }
        if self.group.has_api_server() {
            trusted.push("apiserver-aggregator-ca".to_owned());
            trusted.push("etcd-clients-ca".to_owned());
            let service_account = self.keyset("service-account")?;
            config.keypair_ids.insert("service-account".to_owned(), service_account.primary_id.clone());
        }
        for name in trusted {
            let keyset = self.keyset(&name)?;
            config.keypair_ids.insert(name.clone(), keyset.primary_id.clone());
            config.certificate_authorities.insert(name, keyset.trusted_certificates());
        }
        Ok(())
    }

    fn keyset(&self, name: &str) -> Result<&'a Keyset, NodeupError> {
        self.context.keysets.get(name).ok_or_else(|| NodeupError::NoKeyset(name.to_owned()))
    }

    fn add_api_server(&self, config: &mut NodeupConfig) -> Result<(), NodeupError> {
        if !self.group.has_api_server() {
            return Ok(());
        }
        let spec = &self.cluster().spec;
        let cloud = spec.cloud_config.clone().unwrap_or_default();
        config.cloud = CloudSettings {
            disable_security_group_ingress: cloud.disable_security_group_ingress,
            elb_security_group: cloud.elb_security_group,
            nlb_security_group_mode: cloud.nlb_security_group_mode,
            node_ip_families: cloud.node_ip_families,
        };
        config.apiserver_additional_ips = self.load_balancer_names();
        for manifest in control_plane::static_manifests() {
            config.static_manifests.push(manifest);
        }
        let keys = self.keyset("service-account")?;
        let public_keys = keys
            .trusted_public_keys()
            .map_err(|error| NodeupError::BadKeyset { name: keys.name.clone(), reason: error.to_string() })?;
        config.api_server_config = Some(ApiServerConfig {
            cluster_dns_domain: spec.cluster_dns_domain.clone(),
            kube_api_server: internal::api_server(&spec.kube_api_server.clone().unwrap_or_default())?,
            api: self.api(),
            authentication: internal::authentication(self.cluster())?,
            encryption_config_secret_hash: control_plane::encryption_config_hash(self.context),
            service_account_public_keys: public_keys,
        });
        Ok(())
    }

    /// The settings of API access that concern the certificate and the traffic of the API server.
    fn api(&self) -> Value {
        let spec = &self.cluster().spec;
        let mut api = serde_json::Map::new();
        if !spec.master_public_name.is_empty() {
            api.insert("publicName".to_owned(), json!(spec.master_public_name));
        }
        if !spec.additional_sans.is_empty() {
            api.insert("additionalSANs".to_owned(), json!(spec.additional_sans));
        }
        if spec.api.as_ref().is_some_and(|api| api.dns.is_some()) {
            api.insert("dns".to_owned(), json!({}));
        }
        if self.cluster().api_load_balancer().is_some_and(|balancer| balancer.use_for_internal_api) {
            api.insert("loadBalancer".to_owned(), json!({"useForInternalAPI": true}));
        }
        Value::Object(api)
    }

    fn add_control_plane(&self, config: &mut NodeupConfig) -> Result<(), NodeupError> {
        if !self.group.is_control_plane() {
            return Ok(());
        }
        let spec = &self.cluster().spec;
        let base = spec.config_base.trim_end_matches('/');
        config.control_plane_config = Some(ControlPlaneConfig {
            kube_controller_manager: internal::controller_manager(
                &spec.kube_controller_manager.clone().unwrap_or_default(),
            )?,
            kube_scheduler: serde_json::to_value(control_plane::scheduler_flags(self.cluster()))?,
        });
        for etcd in &spec.etcd_clusters {
            config.etcd_cluster_names.push(etcd.name.clone());
            let name = &self.group.metadata.name;
            for _ in etcd.etcd_members.iter().filter(|member| member.instance_group.as_ref() == Some(name)) {
                let key = control_plane::etcd_manifest_key(&etcd.name, name);
                config.etcd_manifests.push(format!("{base}/{key}"));
            }
        }
        config.channels_manifest = format!("{base}/{}", control_plane::CHANNELS_MANIFEST_KEY);
        Ok(())
    }

    /// Name and addresses of the API's load balancer, if it exists already.
    fn load_balancer_names(&self) -> Vec<String> {
        if self.cluster().api_load_balancer().is_none() {
            return Vec::new();
        }
        if self.cluster().is_on_gce() {
            return crate::gce::known_addresses(self.context);
        }
        let name = names::load_balancer_name(self.context.name(), "api");
        let Some(fact) = self.context.facts.load_balancers.get(&name) else { return Vec::new() };
        let mut found: Vec<String> = Some(fact.dns_name.clone()).filter(|name| !name.is_empty()).into_iter().collect();
        if self.cluster().uses_load_balancer_for_kops_controller() {
            found.extend(fact.addresses.iter().cloned());
        }
        found.sort();
        found
    }

    /// Addresses of the API inside the network, for instances that cannot look its name up.
    pub(super) fn api_server_ips(&self) -> Vec<String> {
        if !self.cluster().uses_load_balancer_for_kops_controller() || self.group.has_api_server() {
            return Vec::new();
        }
        let spec = &self.cluster().spec;
        let of_network = spec.additional_network_cidrs.iter().chain([&spec.network_cidr]);
        // Networks of Google Cloud have no range of their own.
        let of_subnets = spec.subnets.iter().map(|subnet| &subnet.cidr).filter(|_| self.cluster().is_on_gce());
        let networks: Vec<ipnet::IpNet> = of_network.chain(of_subnets).filter_map(|cidr| cidr.parse().ok()).collect();
        let inside = |address: &IpAddr| address.is_ipv6() || networks.iter().any(|network| network.contains(address));
        let names = self.load_balancer_names();
        names.into_iter().filter(|name| name.parse().is_ok_and(|address: IpAddr| inside(&address))).collect()
    }
}
