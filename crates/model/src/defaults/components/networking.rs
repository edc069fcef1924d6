//! Network plugins.

use super::{ComponentContext, fill, fill_number, fill_quantity};
use crate::defaults::DefaultsError;
use kopsform_spec::v1alpha2::{CalicoNetworking, Cluster, KindnetMasquerade};

const CILIUM_VERSION: &str = "v1.18.6";
const KINDNET_VERSION: &str = "v1.0.0";

pub(super) fn calico(cluster: &mut Cluster, _: &ComponentContext<'_>) -> Result<(), DefaultsError> {
    let ipv6 = cluster.is_ipv6_only();
    if let Some(calico) = cluster.spec.networking.as_mut().and_then(|n| n.calico.as_mut()) {
        calico.encapsulation_mode = CalicoNetworking::default_encapsulation(ipv6).to_owned();
    }
    Ok(())
}

pub(super) fn cilium(cluster: &mut Cluster, _: &ComponentContext<'_>) -> Result<(), DefaultsError> {
    let ipv6 = cluster.is_ipv6_only();
    let Some(cilium) = cluster.spec.networking.as_mut().and_then(|n| n.cilium.as_mut()) else { return Ok(()) };
    fill(&mut cilium.version, CILIUM_VERSION);
    cilium.enable_endpoint_health_checking.get_or_insert(true);
    cilium.enable_host_firewall.get_or_insert(false);
    fill(&mut cilium.identity_allocation_mode, "crd");
    fill(&mut cilium.identity_change_grace_period, "5s");
    fill_number(&mut cilium.bpf_ct_global_any_max, 262_144);
    fill_number(&mut cilium.bpf_ct_global_tcp_max, 524_288);
    fill(&mut cilium.bpf_lb_algorithm, "random");
    fill(&mut cilium.bpf_lb_maglev_table_size, "16381");
    fill_number(&mut cilium.bpf_nat_global_max, 524_288);
    fill_number(&mut cilium.bpf_neigh_global_max, 524_288);
    fill_number(&mut cilium.bpf_policy_map_max, 16_384);
    fill_number(&mut cilium.bpf_lb_map_max, 65_536);
    fill(&mut cilium.cluster_name, "default");
    fill(&mut cilium.monitor_aggregation, "medium");
    fill(&mut cilium.sidecar_istio_proxy_image, "cilium/istio_proxy");
    fill(&mut cilium.to_fqdns_dns_reject_response_code, "refused");
    fill_number(&mut cilium.agent_prometheus_port, 9090);
    fill(&mut cilium.ipam, "kubernetes");
    cilium.disable_masquerade.get_or_insert(ipv6);
    let from_vpc = cilium.ipam == "eni";
    fill(&mut cilium.tunnel, if from_vpc || ipv6 { "disabled" } else { "vxlan" });
    cilium.enable_remote_node_identity.get_or_insert(true);
    cilium.enable_unreachable_routes.get_or_insert(false);
    cilium.enable_bpf_masquerade.get_or_insert(from_vpc);
    cilium.enable_l7_proxy.get_or_insert(true);
    cilium.enable_local_redirect_policy.get_or_insert(false);
    cilium.disable_cnp_status_updates.get_or_insert(true);
    fill_quantity(&mut cilium.cpu_request, "25m");
    fill_quantity(&mut cilium.memory_request, "128Mi");
    if cilium.enable_encryption {
        fill(&mut cilium.encryption_type, "ipsec");
    }
    cilium.cni_exclusive.get_or_insert(true);

    // A block without `enabled` enables the feature.
    let hubble_written = cilium.hubble.is_some();
    cilium.hubble.get_or_insert_default().enabled.get_or_insert(hubble_written);
    let ingress_written = cilium.ingress.is_some();
    cilium.ingress.get_or_insert_default().enabled.get_or_insert(ingress_written);
    let gateway_written = cilium.gateway_api.is_some();
    cilium.gateway_api.get_or_insert_default().enabled.get_or_insert(gateway_written);
    Ok(())
}

pub(super) fn kindnet(cluster: &mut Cluster, _: &ComponentContext<'_>) -> Result<(), DefaultsError> {
    let ipv6 = cluster.is_ipv6_only();
    let spec = &mut cluster.spec;
    let own = [&spec.network_cidr, &spec.pod_cidr, &spec.service_cluster_ip_range];
    let own: Vec<String> = own.into_iter().filter(|cidr| !cidr.is_empty()).cloned().collect();
    let Some(kindnet) = spec.networking.as_mut().and_then(|n| n.kindnet.as_mut()) else { return Ok(()) };
    fill(&mut kindnet.version, KINDNET_VERSION);
    kindnet.masquerade.get_or_insert_with(|| KindnetMasquerade {
        enabled: Some(!ipv6),
        non_masquerade_cidrs: if ipv6 { Vec::new() } else { own },
    });
    kindnet.fast_path_threshold.get_or_insert(0);
    kindnet.log_level.get_or_insert(2);
    Ok(())
}
