//! Calico.

use super::checker::Checker;
use super::facts::ClusterFacts;
use super::requirements::needs_no_kube_proxy;
use crate::v1alpha2::{CalicoNetworking, Cluster};
use kopsform_diagnostics::Rule;

pub(super) fn check(cx: &mut Checker<'_>, cluster: &Cluster, calico: &CalicoNetworking, facts: &ClusterFacts) {
    let path = |field: &str| format!("spec.networking.calico.{field}");
    if facts.ipv6 && !matches!(calico.aws_src_dst_check.as_str(), "" | "DoNothing") {
        let message = format!("awsSrcDstCheck {} does not work with IPv6", calico.aws_src_dst_check);
        cx.error(Rule::NoIpv6, path("awsSrcDstCheck"), (message, "write DoNothing"));
    }
    if calico.bpf_enabled {
        needs_no_kube_proxy(cx, cluster, "Calico in BPF mode");
    }
    let mode = calico.encapsulation_mode.as_str();
    if facts.ipv6 && !matches!(mode, "" | "none") {
        let message = format!("encapsulationMode {mode} does not work with IPv6");
        cx.error(Rule::NoIpv6, path("encapsulationMode"), (message, "write none"));
    } else if !facts.ipv6 && mode == "none" {
        let message = "encapsulationMode none works with IPv6 only";
        cx.error(Rule::NeedsIpv6, path("encapsulationMode"), (message, "write ipip or vxlan"));
    }
    let mode = if mode.is_empty() { CalicoNetworking::default_encapsulation(facts.ipv6) } else { mode };
    for (field, value, wanted) in [("ipipMode", &calico.ipip_mode, "ipip"), ("vxlanMode", &calico.vxlan_mode, "vxlan")]
    {
        if !matches!(value.as_str(), "" | "Never") && mode != wanted {
            let message = format!("{field} {value} conflicts with encapsulationMode {mode}");
            let never = format!("write {field}: Never");
            let hint = if facts.ipv6 { never } else { format!("write encapsulationMode: {wanted}, or {field}: Never") };
            cx.error(Rule::Conflict, path(field), (message, hint));
        }
    }
    if calico.wireguard_enabled == Some(true) && facts.ipv6 {
        cx.error(Rule::NoIpv6, path("wireguardEnabled"), ("WireGuard does not work with IPv6", "remove it"));
    }
}
