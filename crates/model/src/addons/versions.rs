//! Versions and images of everything the addons run. Version updates change this table only.
//!
//! A component whose version the spec can set (`spec.….version`, `spec.….image`) has its default here. Versions per
//! Kubernetes release are those of kops 1.36.2. `docs/addons.md` shows this table and is tested against it.

use std::collections::BTreeMap;

use kopsform_spec::v1alpha2::Cluster;

/// The newest Kubernetes minor release the table knows, and the oldest.
pub const KUBERNETES_MINORS: std::ops::RangeInclusive<u32> = 31..=36;

/// Which version goes with which Kubernetes minor release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Release {
    /// That of the node software, which `KOPS_BASE_URL` may choose.
    Kops,
    /// One version for all.
    Always(&'static str),
    /// From a minor release on, oldest first; older Kubernetes gets the first.
    Since(&'static [(u32, &'static str)]),
}

impl Release {
    /// The version for a Kubernetes minor release.
    pub fn for_minor(self, minor: u32) -> &'static str {
        match self {
            Self::Kops => kopsform_spec::KOPS_VERSION,
            Self::Always(version) => version,
            Self::Since(steps) => {
                let reached = steps.iter().rev().find(|(since, _)| *since <= minor);
                reached.or_else(|| steps.first()).map_or("", |(_, version)| version)
            }
        }
    }
}

/// A program with an image of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Component {
    /// The addon it belongs to: a directory under `templates/addons/`.
    pub addon: &'static str,
    /// What the addon's templates call it: `.images.<name>`.
    pub name: &'static str,
    /// Registry and repository.
    pub repository: &'static str,
    /// The image's tag.
    pub release: Release,
}

impl Component {
    const fn always(addon: &'static str, name: &'static str, repository: &'static str, tag: &'static str) -> Self {
        Self { addon, name, repository, release: Release::Always(tag) }
    }

    const fn of_kops(addon: &'static str, name: &'static str, repository: &'static str) -> Self {
        Self { addon, name, repository, release: Release::Kops }
    }

    /// The image for a Kubernetes minor release.
    pub fn image(&self, minor: u32) -> String {
        format!("{}:{}", self.repository, self.release.for_minor(minor))
    }

    /// The version for a Kubernetes minor release.
    pub fn version(&self, minor: u32) -> &'static str {
        self.release.for_minor(minor)
    }
}

macro_rules! components {
    ($($(#[$doc:meta])* $constant:ident = $component:expr;)*) => {
        $($(#[$doc])* pub const $constant: Component = $component;)*

        /// Every component, grouped by addon.
        pub const COMPONENTS: &[Component] = &[$($constant),*];
    };
}

components! {
    /// Signs node certificates and labels nodes; of this kops release.
    KOPS_CONTROLLER = Component::of_kops("kops-controller", "kopsController", "registry.k8s.io/kops/kops-controller");
    /// Writes DNS records of the API and of services; of this kops release.
    DNS_CONTROLLER = Component::of_kops("dns-controller", "dnsController", "registry.k8s.io/kops/dns-controller");
    /// Writes DNS records of services and ingresses.
    EXTERNAL_DNS = Component::always("external-dns", "externalDns", "registry.k8s.io/external-dns/external-dns", "v0.14.1");
    /// Cluster DNS.
    COREDNS = Component::always("coredns", "coredns", "registry.k8s.io/coredns/coredns", "v1.14.2");
    /// Scales cluster DNS with the number of nodes.
    COREDNS_AUTOSCALER = Component::always("coredns", "autoscaler", "registry.k8s.io/cpa/cluster-proportional-autoscaler", "v1.9.0");
    /// The former cluster DNS.
    KUBE_DNS = Component::always("kube-dns", "kubeDns", "registry.k8s.io/k8s-dns-kube-dns", "1.15.13");
    /// The cache in front of it.
    KUBE_DNS_MASQ = Component::always("kube-dns", "dnsmasq", "registry.k8s.io/k8s-dns-dnsmasq-nanny", "1.15.13");
    /// Its health checks.
    KUBE_DNS_SIDECAR = Component::always("kube-dns", "sidecar", "registry.k8s.io/k8s-dns-sidecar", "1.15.13");
    /// Scales the former cluster DNS.
    KUBE_DNS_AUTOSCALER = Component::always("kube-dns", "autoscaler", "registry.k8s.io/cpa/cluster-proportional-autoscaler", "v1.8.8");
    /// A DNS cache on every node.
    NODE_LOCAL_DNS = Component::always("node-local-dns", "nodeCache", "registry.k8s.io/dns/k8s-dns-node-cache", "1.26.0");
    /// Resizes auto scaling groups.
    CLUSTER_AUTOSCALER = Component {
        addon: "cluster-autoscaler",
        name: "autoscaler",
        repository: "registry.k8s.io/autoscaling/cluster-autoscaler",
        release: Release::Since(&[
            (31, "v1.31.5"), (32, "v1.32.7"), (33, "v1.33.5"), (34, "v1.34.4"), (35, "v1.35.1"), (36, "v1.36.0"),
        ]),
    };
    /// Serves the resource metrics API.
    METRICS_SERVER = Component::always("metrics-server", "metricsServer", "registry.k8s.io/metrics-server/metrics-server", "v0.8.0");
    /// Issues certificates.
    CERT_MANAGER = Component::always("cert-manager", "controller", "quay.io/jetstack/cert-manager-controller", "v1.19.5");
    /// Puts certificate authorities into webhooks.
    CERT_MANAGER_CAINJECTOR = Component::always("cert-manager", "cainjector", "quay.io/jetstack/cert-manager-cainjector", "v1.19.5");
    /// Checks certificate requests.
    CERT_MANAGER_WEBHOOK = Component::always("cert-manager", "webhook", "quay.io/jetstack/cert-manager-webhook", "v1.19.5");
    /// Answers HTTP challenges.
    CERT_MANAGER_ACME_SOLVER = Component::always("cert-manager", "acmeSolver", "quay.io/jetstack/cert-manager-acmesolver", "v1.19.5");
    /// Drains nodes that AWS takes away.
    NODE_TERMINATION_HANDLER = Component::always("node-termination-handler", "handler", "public.ecr.aws/aws-ec2/aws-node-termination-handler", "v1.25.5");
    /// Reports broken nodes.
    NODE_PROBLEM_DETECTOR = Component::always("node-problem-detector", "detector", "registry.k8s.io/node-problem-detector/node-problem-detector", "v0.8.18");
    /// Offers GPUs to pods.
    NVIDIA_DEVICE_PLUGIN = Component::always("nvidia", "devicePlugin", "nvcr.io/nvidia/k8s-device-plugin", "v0.17.3");
    /// Measures GPUs.
    NVIDIA_DCGM_EXPORTER = Component::always("nvidia", "dcgmExporter", "nvcr.io/nvidia/k8s/dcgm-exporter", "2.4.6-2.6.10-ubuntu20.04");
    /// Makes load balancers of services and ingresses.
    LOAD_BALANCER_CONTROLLER = Component::always("aws-load-balancer-controller", "controller", "public.ecr.aws/eks/aws-load-balancer-controller", "v3.3.0");
    /// Injects the AWS roles of service accounts into pods.
    POD_IDENTITY_WEBHOOK = Component::always("pod-identity-webhook", "webhook", "amazon/amazon-eks-pod-identity-webhook", "v0.5.7");
    /// The kopeio network.
    KOPEIO = Component::always("kopeio", "agent", "kopeio/networking-agent", "1.0.20181028");
    /// The flannel network.
    FLANNEL = Component::always("flannel", "flannel", "ghcr.io/flannel-io/flannel", "v0.27.4");
    /// Its CNI plugin.
    FLANNEL_PLUGIN = Component::always("flannel", "plugin", "ghcr.io/flannel-io/flannel-cni-plugin", "v1.8.0-flannel1");
    /// The Calico network; repositories are below `<registry>/calico/`.
    CALICO = Component::always("calico", "node", "docker.io/calico/node", "v3.31.3");
    /// The kube-router network.
    KUBE_ROUTER = Component::always("kube-router", "kubeRouter", "docker.io/cloudnativelabs/kube-router", "v2.10.0");
    /// The Amazon VPC network.
    AMAZON_VPC_CNI = Component::always("amazon-vpc", "cni", "602401143452.dkr.ecr.us-west-2.amazonaws.com/amazon-k8s-cni", "v1.21.2");
    /// Its preparation of nodes.
    AMAZON_VPC_CNI_INIT = Component::always("amazon-vpc", "init", "602401143452.dkr.ecr.us-west-2.amazonaws.com/amazon-k8s-cni-init", "v1.21.2");
    /// Its network policies.
    AMAZON_VPC_POLICY_AGENT = Component::always("amazon-vpc", "policyAgent", "602401143452.dkr.ecr.us-west-2.amazonaws.com/amazon/aws-network-policy-agent", "v1.3.2");
    /// The kindnet network.
    KINDNET = Component::always("kindnet", "kindnet", "registry.k8s.io/networking/kindnet", "v1.0.0");
    /// The Cilium network; repositories are below `<registry>/cilium/`.
    CILIUM = Component::always("cilium", "cilium", "quay.io/cilium/cilium", "v1.18.6");
    /// Authenticates users by their AWS identity.
    AWS_IAM_AUTHENTICATOR = Component::always("authentication-aws", "authenticator", "public.ecr.aws/eks-distro/kubernetes-sigs/aws-iam-authenticator", "v0.6.20-eks-1-30-7");
    /// kopeio's log-in.
    KOPEIO_AUTH = Component::always("authentication-kopeio", "authApi", "kopeio/auth-api", "1.0.20171125");
    /// Knows the nodes and makes load balancers of services.
    AWS_CLOUD_CONTROLLER = Component::always("aws-cloud-controller", "controller", "registry.k8s.io/provider-aws/cloud-controller-manager", "v1.36.1");
    /// Knows the nodes and makes load balancers of services, on Google Cloud.
    GCP_CLOUD_CONTROLLER = Component::always("gcp-cloud-controller", "controller", "registry.k8s.io/cloud-provider-gcp/cloud-controller-manager", "v35.0.0");
    /// Makes and attaches persistent disks.
    PD_CSI_DRIVER = Component::always("gcp-pd-csi-driver", "driver", "registry.k8s.io/cloud-provider-gcp/gcp-compute-persistent-disk-csi-driver", "v1.22.1");
    /// Creates persistent disks for claims.
    PD_CSI_PROVISIONER = Component::always("gcp-pd-csi-driver", "provisioner", "registry.k8s.io/sig-storage/csi-provisioner", "v6.0.0");
    /// Attaches persistent disks to nodes.
    PD_CSI_ATTACHER = Component::always("gcp-pd-csi-driver", "attacher", "registry.k8s.io/sig-storage/csi-attacher", "v4.8.1");
    /// Expands persistent disks.
    PD_CSI_RESIZER = Component::always("gcp-pd-csi-driver", "resizer", "registry.k8s.io/sig-storage/csi-resizer", "v2.0.0");
    /// Creates snapshots of persistent disks.
    PD_CSI_SNAPSHOTTER = Component::always("gcp-pd-csi-driver", "snapshotter", "registry.k8s.io/sig-storage/csi-snapshotter", "v8.2.1");
    /// Registers the driver of persistent disks with the kubelet.
    PD_CSI_REGISTRAR = Component::always("gcp-pd-csi-driver", "registrar", "registry.k8s.io/sig-storage/csi-node-driver-registrar", "v2.13.0");
    /// Makes and attaches volumes.
    EBS_CSI_DRIVER = Component::always("aws-ebs-csi-driver", "driver", "registry.k8s.io/provider-aws/aws-ebs-csi-driver", "v1.58.0");
    /// Creates volumes for claims.
    EBS_CSI_PROVISIONER = Component::always("aws-ebs-csi-driver", "provisioner", "registry.k8s.io/sig-storage/csi-provisioner", "v6.2.0");
    /// Attaches volumes to nodes.
    EBS_CSI_ATTACHER = Component::always("aws-ebs-csi-driver", "attacher", "registry.k8s.io/sig-storage/csi-attacher", "v4.11.0");
    /// Creates snapshots.
    EBS_CSI_SNAPSHOTTER = Component::always("aws-ebs-csi-driver", "snapshotter", "registry.k8s.io/sig-storage/csi-snapshotter", "v8.5.0");
    /// Expands volumes.
    EBS_CSI_RESIZER = Component::always("aws-ebs-csi-driver", "resizer", "registry.k8s.io/sig-storage/csi-resizer", "v2.1.0");
    /// Registers the driver with the kubelet.
    EBS_CSI_REGISTRAR = Component::always("aws-ebs-csi-driver", "registrar", "registry.k8s.io/sig-storage/csi-node-driver-registrar", "v2.16.0");
    /// Watches the driver.
    EBS_CSI_LIVENESS_PROBE = Component::always("aws-ebs-csi-driver", "livenessProbe", "registry.k8s.io/sig-storage/livenessprobe", "v2.18.0");
    /// Takes snapshots of volumes.
    SNAPSHOT_CONTROLLER = Component::always("snapshot-controller", "controller", "registry.k8s.io/sig-storage/snapshot-controller", "v6.0.1");
    /// Checks requests for snapshots.
    SNAPSHOT_VALIDATION_WEBHOOK = Component::always("snapshot-controller", "validationWebhook", "registry.k8s.io/sig-storage/snapshot-validation-webhook", "v6.0.1");
    /// Starts and stops instances.
    KARPENTER = Component::always("karpenter", "controller", "public.ecr.aws/karpenter/controller", "1.13.0");
}

/// The images of an addon's components by the names its templates use; `kops` is the tag of those that come with kops.
pub fn images(addon: &str, minor: u32, kops: &str) -> BTreeMap<&'static str, String> {
    let image = |component: &Component| match component.release {
        Release::Kops => format!("{}:{kops}", component.repository),
        _ => component.image(minor),
    };
    COMPONENTS.iter().filter(|c| c.addon == addon).map(|c| (c.name, image(c))).collect()
}

/// The minor release of a cluster's Kubernetes version; 0 if the text is no version, which validation refuses.
pub fn kubernetes_minor(cluster: &Cluster) -> u32 {
    let version = cluster.spec.kubernetes_version.trim_start_matches('v');
    version.split('.').nth(1).and_then(|minor| minor.parse().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_follow_kubernetes() {
        let release = Release::Since(&[(31, "a"), (34, "b")]);
        assert_eq!([30, 31, 33, 34, 99].map(|minor| release.for_minor(minor)), ["a", "a", "a", "b", "b"]);
    }

    #[test]
    fn names_are_unique_within_an_addon() {
        for component in COMPONENTS {
            let same = COMPONENTS.iter().filter(|c| (c.addon, c.name) == (component.addon, component.name));
            assert_eq!(same.count(), 1, "{component:?}");
        }
    }

    #[test]
    fn every_supported_kubernetes_has_its_own_autoscaler() {
        for minor in KUBERNETES_MINORS {
            assert!(CLUSTER_AUTOSCALER.version(minor).starts_with(&format!("v1.{minor}.")));
        }
    }
}
