//! The network plugin, Karpenter and feature gates.

use std::collections::BTreeMap;

use super::{Choices, DesignError};
use crate::cloud::Cloud;
use crate::v1alpha2::{
    AmazonVpcNetworking, CalicoNetworking, CiliumNetworking, Cluster, CniNetworking, FlannelNetworking, GceNetworking,
    KarpenterConfig, KindnetNetworking, KopeioNetworking, KubenetNetworking, KuberouterNetworking, Networking,
};

/// The values of `--networking`.
const NETWORKING: [&str; 17] = [
    "kubenet",
    "external",
    "cni",
    "kopeio",
    "kopeio-vxlan",
    "flannel",
    "flannel-vxlan",
    "flannel-udp",
    "calico",
    "kube-router",
    "amazonvpc",
    "amazon-vpc-routed-eni",
    "cilium",
    "cilium-etcd",
    "cilium-eni",
    "kindnet",
    "gce",
];

pub(super) fn design(choices: &Choices, cluster: &mut Cluster) -> Result<(), DesignError> {
    let (networking, kube_proxy) = networking(&choices.networking, choices.cloud)?;
    cluster.spec.networking = Some(networking);
    if !kube_proxy {
        cluster.spec.kube_proxy.get_or_insert_default().enabled = Some(false);
    }
    if choices.karpenter {
        if choices.discovery_store.is_empty() {
            return Err(DesignError::Conflict("karpenter requires --discovery-store".to_owned()));
        }
        cluster.spec.karpenter = Some(KarpenterConfig { enabled: true, ..KarpenterConfig::default() });
    }
    set_feature_gates(choices, cluster);
    Ok(())
}

/// The configuration of the plugin, and whether kube-proxy runs too.
fn networking(mode: &str, cloud: Cloud) -> Result<(Networking, bool), DesignError> {
    let unsupported =
        || DesignError::Conflict(format!("networking mode {mode:?} is not supported on {}", cloud.title()));
    if cloud == Cloud::Gce && matches!(mode, "amazonvpc" | "amazon-vpc-routed-eni" | "cilium-eni") {
        return Err(unsupported());
    }
    let mut networking = Networking::default();
    let flannel = |backend: &str| FlannelNetworking { backend: backend.to_owned(), ..FlannelNetworking::default() };
    let mut kube_proxy = true;
    match mode {
        "kubenet" => networking.kubenet = Some(KubenetNetworking::default()),
        "cni" => networking.cni = Some(CniNetworking::default()),
        "kopeio" | "kopeio-vxlan" => networking.kopeio = Some(KopeioNetworking::default()),
        "flannel" | "flannel-vxlan" => networking.flannel = Some(flannel("vxlan")),
        "flannel-udp" => networking.flannel = Some(flannel("udp")),
        "calico" => networking.calico = Some(CalicoNetworking::default()),
        "kube-router" => {
            networking.kuberouter = Some(KuberouterNetworking::default());
            kube_proxy = false;
        }
        "amazonvpc" | "amazon-vpc-routed-eni" => networking.amazonvpc = Some(AmazonVpcNetworking::default()),
        "" | "cilium" | "cilium-etcd" | "cilium-eni" => {
            let mut cilium = CiliumNetworking { enable_node_port: true, ..CiliumNetworking::default() };
            match mode {
                "cilium-etcd" => cilium.etcd_managed = true,
                "cilium-eni" => cilium.ipam = "eni".to_owned(),
                _ => {}
            }
            networking.cilium = Some(cilium);
            kube_proxy = false;
        }
        "kindnet" => networking.kindnet = Some(KindnetNetworking::default()),
        "gce" if cloud == Cloud::Gce => networking.gce = Some(GceNetworking {}),
        "external" | "gce" => return Err(unsupported()),
        _ => {
            return Err(DesignError::Unknown {
                what: "unknown networking mode",
                value: mode.to_owned(),
                known: &NETWORKING,
            });
        }
    }
    Ok((networking, kube_proxy))
}

/// Gates are the same in every component of Kubernetes.
fn set_feature_gates(choices: &Choices, cluster: &mut Cluster) {
    if choices.feature_gates.is_empty() {
        return;
    }
    let gates: BTreeMap<String, String> = choices
        .feature_gates
        .iter()
        .map(|gate| match gate.strip_prefix('-') {
            Some(name) => (name.to_owned(), "false".to_owned()),
            None => (gate.trim_start_matches('+').to_owned(), "true".to_owned()),
        })
        .collect();
    let spec = &mut cluster.spec;
    spec.kubelet.get_or_insert_default().feature_gates.extend(gates.clone());
    spec.kube_api_server.get_or_insert_default().feature_gates.extend(gates.clone());
    spec.kube_controller_manager.get_or_insert_default().feature_gates.extend(gates.clone());
    spec.kube_proxy.get_or_insert_default().feature_gates.extend(gates.clone());
    spec.kube_scheduler.get_or_insert_default().feature_gates.extend(gates);
}
