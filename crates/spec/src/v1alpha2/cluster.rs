//! The cluster: where it lives, which Kubernetes it runs and what is installed with it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::access::Api;
use super::addons::{
    CertManagerConfig, ClusterAutoscalerConfig, KarpenterConfig, LoadBalancerController, MetricsServerConfig,
    NodeProblemDetectorConfig, NodeTerminationHandler, PodIdentityWebhook, SnapshotControllerConfig,
};
use super::authentication::{Authentication, Authorization};
use super::cloud::{CloudConfiguration, CloudControllerManagerConfig};
use super::containerd::ContainerdConfig;
use super::dns::{ExternalDnsConfig, KubeDnsConfig};
use super::etcd::EtcdCluster;
use super::iam::{Iam, ServiceAccountIssuerDiscoveryConfig};
use super::kube_api_server::KubeApiServerConfig;
use super::kube_controller_manager::KubeControllerManagerConfig;
use super::kube_proxy::KubeProxyConfig;
use super::kube_scheduler::KubeSchedulerConfig;
use super::kubelet::KubeletConfig;
use super::networking::Networking;
use super::node::{Assets, FileAsset, Hook, RollingUpdate, WarmPool};
use super::topology::{Subnet, Topology};
use crate::meta::{ObjectMeta, is_default};

/// A Kubernetes cluster.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Cluster {
    /// The version of the API, `kops.k8s.io/v1alpha2`.
    pub api_version: String,
    /// The kind of the object.
    pub kind: String,
    /// Name, labels, annotations and bookkeeping of the object.
    pub metadata: ObjectMeta,
    /// What the cluster should be.
    pub spec: ClusterSpec,
}

/// What a cluster should be.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct ClusterSpec {
    /// The channel of recommended versions and images: a name below kops' own channels, or the address of a file.
    #[schemars(extend("x-default" = "stable", "examples" = ["stable"]))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub channel: String,
    /// Manifests of addons that the control plane applies and keeps up to date, besides kops' own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub addons: Vec<AddonManifest>,
    /// The address of this cluster in the state store. Default: the state store and the cluster's name.
    #[schemars(extend("format" = "vfs", "examples" = ["s3://state-bucket/demo.example.com"], "x-gce" = {"format": "gce-store"}))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub config_base: String,
    /// The cloud the cluster runs on: `aws` or `gce`.
    #[schemars(extend("enum" = ["aws", "azure", "digitalocean", "gce", "hetzner", "linode", "openstack", "scaleway"], "examples" = ["aws"]))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cloud_provider: String,
    /// How nodes of a `.k8s.local` cluster find each other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gossip_config: Option<GossipConfig>,
    /// Accepted and ignored: containerd is the only container runtime.
    #[schemars(extend("enum" = ["containerd", "docker"], "deprecated" = true, "x-instead" = "remove it: containerd is always used since Kubernetes 1.24", "x-since" = "kops 1.18"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub container_runtime: String,
    /// The version of Kubernetes, without `v`; 1.31 to 1.36 are supported. Default: what the channel recommends.
    #[schemars(extend("format" = "kubernetes-version", "examples" = ["1.34.1"]))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kubernetes_version: String,
    /// The subnets of the cluster, in the order load balancers list them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub subnets: Vec<Subnet>,
    /// The project of the cluster.
    #[schemars(extend("format" = "gce-project", "x-lenient" = true, "examples" = ["example-project"], "x-only" = "gce"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub project: String,
    /// The DNS name of the API server for users and for nodes outside of the VPC. Default: `api.` and the
    /// cluster's name.
    #[schemars(extend("format" = "dns-name", "examples" = ["api.demo.example.com"]))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub master_public_name: String,
    /// Accepted and ignored: the internal name is always `api.internal.` and the cluster's name.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.26", "x-instead" = "remove it: the name is fixed"))]
    #[serde(skip_serializing)]
    pub master_internal_name: String,
    /// The IPv4 network of the VPC; that of the existing VPC where `networkID` names one.
    #[schemars(extend("format" = "cidr", "x-default" = "172.20.0.0/16", "examples" = ["10.20.0.0/16"], "x-only" = "aws", "x-refused" = true))]
    #[serde(rename = "networkCIDR", skip_serializing_if = "String::is_empty")]
    pub network_cidr: String,
    /// Further IPv4 networks of the VPC.
    #[schemars(extend("format" = "cidr", "examples" = [["10.21.0.0/16"]], "x-only" = "aws", "x-refused" = true))]
    #[serde(rename = "additionalNetworkCIDRs", skip_serializing_if = "Vec::is_empty")]
    pub additional_network_cidrs: Vec<String>,
    /// The id of an existing VPC to use; a new one is made where it is empty.
    #[schemars(extend("format" = "vpc-id", "examples" = ["vpc-0123456789abcdef0"], "x-gce" = {"format": "gce-network", "x-lenient": true, "description": "the name of an existing network, `PROJECT/NAME` for a shared VPC"}))]
    #[serde(rename = "networkID", skip_serializing_if = "String::is_empty")]
    pub network_id: String,
    /// Who sees the DNS records, and the bastion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topology: Option<Topology>,
    /// The address of secrets. Default: `secrets` below `configBase`.
    #[schemars(extend("format" = "vfs", "x-gce" = {"format": "gce-store"}))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub secret_store: String,
    /// The address of keysets. Default: `pki` below `configBase`.
    #[schemars(extend("format" = "vfs", "x-gce" = {"format": "gce-store"}))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub key_store: String,
    /// Accepted and ignored: `configBase` says where the cluster is stored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.28", "x-instead" = "use configBase"))]
    #[serde(skip_serializing)]
    pub config_store: String,
    /// The Route 53 zone for DNS records, by id or name. Default: the zone with the longest match of the cluster's
    /// name.
    #[schemars(extend("examples" = ["Z0123456789ABCDEFGHIJ"], "x-gce" = {"description": "a managed zone of Cloud DNS, by name, id or DNS name"}))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub dns_zone: String,
    /// How dns-controller joins the gossip of a `.k8s.local` cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns_controller_gossip_config: Option<DnsControllerGossipConfig>,
    /// Further names and addresses in the API server's certificate.
    #[schemars(extend("format" = "host", "examples" = [["kube.example.com"]]))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub additional_sans: Vec<String>,
    /// The domain of services inside the cluster.
    #[schemars(extend("format" = "dns-name", "x-lenient" = true, "x-default" = "cluster.local"))]
    #[serde(rename = "clusterDNSDomain", skip_serializing_if = "String::is_empty")]
    pub cluster_dns_domain: String,
    /// The network of service addresses. Default: `100.64.0.0/13`, or `fd00:5e4f:ce::/108` with IPv6.
    #[schemars(extend("format" = "cidr", "examples" = ["100.64.0.0/13"]))]
    #[serde(rename = "serviceClusterIPRange", skip_serializing_if = "String::is_empty")]
    pub service_cluster_ip_range: String,
    /// The network of pod addresses. Default: the upper half of `nonMasqueradeCIDR`.
    #[schemars(extend("format" = "cidr", "examples" = ["100.96.0.0/11"]))]
    #[serde(rename = "podCIDR", skip_serializing_if = "String::is_empty")]
    pub pod_cidr: String,
    /// The network of pods and services, outside of the VPC's; `::/0` makes an IPv6 cluster.
    #[schemars(extend("format" = "cidr", "x-default" = "100.64.0.0/10"))]
    #[serde(rename = "nonMasqueradeCIDR", skip_serializing_if = "String::is_empty")]
    pub non_masquerade_cidr: String,
    /// Networks and prefix lists that may open SSH to instances.
    #[schemars(extend("format" = "cidr-or-prefix-list", "examples" = [["10.0.0.0/8", "pl-63a5400a"]], "x-gce" = {"format": "gce-access"}))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ssh_access: Vec<String>,
    /// Networks and prefix lists that may reach node ports.
    #[schemars(extend("format" = "cidr-or-prefix-list", "examples" = [["10.0.0.0/8"]], "x-gce" = {"format": "gce-access"}))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub node_port_access: Vec<String>,
    /// The HTTP proxy for everything that leaves the cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub egress_proxy: Option<EgressProxy>,
    /// The name of an EC2 key pair that exists already; an empty name leaves instances without a key.
    #[schemars(extend("examples" = ["ops"], "x-only" = "aws"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ssh_key_name: Option<String>,
    /// Networks and prefix lists that may reach the API server.
    #[schemars(extend("format" = "cidr-or-prefix-list", "examples" = [["10.0.0.0/8"]], "x-gce" = {"format": "gce-access"}))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kubernetes_api_access: Vec<String>,
    /// Whether pods of the control plane are kept from debugging handlers and hairpin traffic.
    #[schemars(extend("x-default" = false))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub isolate_masters: Option<bool>,
    /// Whether instances install security updates of their distribution on their own.
    #[schemars(extend("enum" = ["automatic", "external"], "x-default" = "automatic"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update_policy: Option<String>,
    /// Managed IAM policies to attach to the role of a kind of instance: `master`, `node`, `bastion`, `apiserver`.
    #[schemars(extend("x-since" = "kops 1.18", "examples" = [{"node": ["arn:aws:iam::123456789012:policy/logs"]}], "x-only" = "aws"))]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub external_policies: BTreeMap<String, Vec<String>>,
    /// IAM statements as JSON to add to the policy of a kind of instance: `master`, `node`, `bastion`, `apiserver`.
    #[schemars(extend("examples" = [{"node": "[]"}], "x-only" = "aws"))]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub additional_policies: BTreeMap<String, String>,
    /// Files to write on instances.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub file_assets: Vec<FileAsset>,
    /// The etcd clusters; `main` and `events` are needed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub etcd_clusters: Vec<EtcdCluster>,
    /// Refused: Docker as container runtime went with Kubernetes 1.24.
    #[serde(skip_serializing)]
    pub docker: Option<serde_json::Value>,
    /// Settings of containerd on all instances.
    #[schemars(extend("x-since" = "kops 1.18"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub containerd: Option<ContainerdConfig>,
    /// Settings of CoreDNS.
    #[serde(rename = "kubeDNS", skip_serializing_if = "Option::is_none")]
    pub kube_dns: Option<KubeDnsConfig>,
    /// Flags of kube-apiserver.
    #[serde(rename = "kubeAPIServer", skip_serializing_if = "Option::is_none")]
    pub kube_api_server: Option<KubeApiServerConfig>,
    /// Flags of kube-controller-manager.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kube_controller_manager: Option<KubeControllerManagerConfig>,
    /// Flags of the cloud controller manager.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cloud_controller_manager: Option<CloudControllerManagerConfig>,
    /// Flags of kube-scheduler.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kube_scheduler: Option<KubeSchedulerConfig>,
    /// Flags of kube-proxy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kube_proxy: Option<KubeProxyConfig>,
    /// Settings of the kubelet on all instances.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kubelet: Option<KubeletConfig>,
    /// Settings of the kubelet on the control plane, on top of `kubelet`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub master_kubelet: Option<KubeletConfig>,
    /// Settings of the integration with the cloud.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cloud_config: Option<CloudConfiguration>,
    /// What keeps DNS records of nodes, services and ingresses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_dns: Option<ExternalDnsConfig>,
    /// Whether the clock of instances is kept by kops.
    #[schemars(extend("x-since" = "kops 1.20"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ntp: Option<NtpConfig>,
    /// Packages of the distribution to install on all instances.
    #[schemars(extend("examples" = [["nfs-common"]], "x-since" = "kops 1.29"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub packages: Vec<String>,
    /// The AWS node termination handler, which drains nodes before AWS takes them.
    #[schemars(extend("x-since" = "kops 1.19", "x-only" = "aws", "x-refused" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_termination_handler: Option<NodeTerminationHandler>,
    /// The node problem detector, which reports problems of nodes to Kubernetes.
    #[schemars(extend("x-since" = "kops 1.22"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_problem_detector: Option<NodeProblemDetectorConfig>,
    /// The metrics server, which `kubectl top` and autoscalers ask.
    #[schemars(extend("x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics_server: Option<MetricsServerConfig>,
    /// cert-manager, which several addons need for their webhooks.
    #[schemars(extend("x-since" = "kops 1.20"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cert_manager: Option<CertManagerConfig>,
    /// The AWS load balancer controller.
    #[schemars(extend("x-since" = "kops 1.20", "x-only" = "aws", "x-refused" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aws_load_balancer_controller: Option<LoadBalancerController>,
    /// The network of pods; exactly one option is chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub networking: Option<Networking>,
    /// How the API server is reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api: Option<Api>,
    /// Who may log in to the API server, besides certificates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authentication: Option<Authentication>,
    /// How requests to the API server are authorized. Default: RBAC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization: Option<Authorization>,
    /// Refused: nodes have been authorized by kops-controller since Kubernetes 1.19.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_authorization: Option<serde_json::Value>,
    /// Tags on every AWS resource of the cluster; on Google Cloud, labels of its instances.
    #[schemars(extend("examples" = [{"team": "platform"}]))]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub cloud_labels: BTreeMap<String, String>,
    /// Systemd units to run on instances.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hooks: Vec<Hook>,
    /// Where images and files come from, instead of the internet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assets: Option<Assets>,
    /// How instances and service accounts get their permissions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iam: Option<Iam>,
    /// Whether the API server encrypts secrets in etcd, with the secret `encryptionconfig`.
    #[schemars(extend("x-default" = false))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encryption_config: Option<bool>,
    /// Whether existing subnets are left without the tags that load balancers look for.
    #[schemars(extend("x-default" = false, "x-only" = "aws"))]
    #[serde(rename = "DisableSubnetTags", skip_serializing_if = "Option::is_none")]
    pub disable_subnet_tags: Option<bool>,
    /// Settings of the output, such as Terraform's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// Whether pods of the control plane see the certificate authorities of their host.
    #[schemars(extend("x-default" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_host_certificates: Option<bool>,
    /// Kernel settings of all instances, each `name=value`.
    #[schemars(extend("format" = "sysctl", "examples" = [["net.ipv4.ip_forward=1"]]))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sysctl_parameters: Vec<String>,
    /// How instances are replaced; groups may say otherwise.
    #[schemars(extend("x-since" = "kops 1.18"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rolling_update: Option<RollingUpdate>,
    /// The cluster autoscaler.
    #[schemars(extend("x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster_autoscaler: Option<ClusterAutoscalerConfig>,
    /// Stopped instances kept ready in all groups of nodes.
    #[schemars(extend("x-since" = "kops 1.21", "x-only" = "aws", "x-refused" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warm_pool: Option<WarmPool>,
    /// Where the keys of service accounts are published, for IAM roles and others to check them.
    #[schemars(extend("x-since" = "kops 1.21"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_account_issuer_discovery: Option<ServiceAccountIssuerDiscoveryConfig>,
    /// The CSI snapshot controller.
    #[schemars(extend("x-since" = "kops 1.21"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snapshot_controller: Option<SnapshotControllerConfig>,
    /// Karpenter, which starts and stops nodes by what pods ask for.
    #[schemars(extend("x-since" = "kops 1.24"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub karpenter: Option<KarpenterConfig>,
    /// The EKS pod identity webhook, which hands roles to pods by their service account.
    #[schemars(extend("x-since" = "kops 1.23", "x-only" = "aws", "x-refused" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pod_identity_webhook: Option<PodIdentityWebhook>,
}

/// A custom addon.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct AddonManifest {
    /// The channel file or manifest to apply, in the state store or on the web.
    #[schemars(extend("examples" = ["s3://state-bucket/addons/mine.yaml"]))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub manifest: String,
}

/// Settings of the output.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Target {
    /// Settings of Terraform output.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terraform: Option<TerraformTarget>,
}

/// Arguments for the provider blocks of Terraform output.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct TerraformTarget {
    /// Further arguments of the `aws` provider, each a string.
    #[schemars(extend("examples" = [{"profile": "ops"}]))]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub provider_extra_config: BTreeMap<String, String>,
    /// Further arguments of the provider that writes files to the state store; given, it gets an alias of its own.
    #[schemars(extend("x-since" = "kops 1.22", "examples" = [{"profile": "ops"}]))]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub files_provider_extra_config: BTreeMap<String, String>,
}

/// How nodes of a `.k8s.local` cluster find each other.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct GossipConfig {
    /// The gossip protocol.
    #[schemars(extend("enum" = ["mesh", "memberlist"], "x-lenient" = true, "x-default" = "mesh"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<String>,
    /// The address and port to listen on.
    #[schemars(extend("format" = "listen-address", "x-default" = "0.0.0.0:3999"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<String>,
    /// The shared secret of the gossip.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// A second protocol to speak, for moving from one to the other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secondary: Option<GossipConfigSecondary>,
}

/// A second gossip protocol.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct GossipConfigSecondary {
    /// The gossip protocol.
    #[schemars(extend("enum" = ["mesh", "memberlist"], "x-lenient" = true, "x-default" = "memberlist", "x-since" = "kops 1.20"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<String>,
    /// The address and port to listen on.
    #[schemars(extend("format" = "listen-address", "x-default" = "0.0.0.0:4000", "x-since" = "kops 1.20"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<String>,
    /// The shared secret of the gossip.
    #[schemars(extend("x-since" = "kops 1.20"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// How dns-controller joins the gossip.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct DnsControllerGossipConfig {
    /// The gossip protocol.
    #[schemars(extend("enum" = ["mesh", "memberlist"], "x-lenient" = true, "x-default" = "mesh"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<String>,
    /// The address and port to listen on.
    #[schemars(extend("format" = "listen-address", "x-default" = "0.0.0.0:3998"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<String>,
    /// The shared secret of the gossip.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// A second protocol to speak.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secondary: Option<DnsControllerGossipConfigSecondary>,
    /// The first peer to ask.
    #[schemars(extend("format" = "listen-address", "x-default" = "127.0.0.1:3999"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<String>,
}

/// A second gossip protocol of dns-controller.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct DnsControllerGossipConfigSecondary {
    /// The gossip protocol.
    #[schemars(extend("enum" = ["mesh", "memberlist"], "x-lenient" = true, "x-default" = "memberlist", "x-since" = "kops 1.20"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<String>,
    /// The address and port to listen on.
    #[schemars(extend("format" = "listen-address", "x-default" = "0.0.0.0:3993", "x-since" = "kops 1.20"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<String>,
    /// The shared secret of the gossip.
    #[schemars(extend("x-since" = "kops 1.20"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// The first peer to ask.
    #[schemars(extend("format" = "listen-address", "x-default" = "127.0.0.1:4000", "x-since" = "kops 1.20"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<String>,
}

/// The clock of instances.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct NtpConfig {
    /// Whether kops sets up time synchronization; otherwise the image does.
    #[schemars(extend("x-default" = true, "x-since" = "kops 1.20"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub managed: Option<bool>,
}

/// The HTTP proxy for traffic that leaves the cluster.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct EgressProxy {
    /// The proxy.
    pub http_proxy: HttpProxy,
    /// Names and networks to reach without the proxy, separated by commas; those of the cluster are added.
    #[schemars(extend("examples" = ["internal.example.com"]))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub excludes: String,
}

/// An HTTP proxy.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct HttpProxy {
    /// Its name or address, without `http://`.
    #[schemars(extend("format" = "host", "examples" = ["proxy.example.com"]))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub host: String,
    /// Its port.
    #[schemars(extend("minimum" = 0, "maximum" = 65535, "x-lenient" = true, "examples" = [3128]))]
    #[serde(skip_serializing_if = "is_default")]
    pub port: i64,
}
