//! The networks of the cluster, and the network plugin.

use super::checker::Checker;
use super::facts::{ClusterFacts, overlap};
use super::requirements::needs_no_kube_proxy;
use super::{calico, cilium};
use crate::formats::Format;
use crate::v1alpha2::{Cluster, Networking};
use kopsform_diagnostics::Rule;

pub(super) fn check(cx: &mut Checker<'_>, cluster: &Cluster, facts: &ClusterFacts) {
    ranges(cx, cluster, facts);
    plugin(cx, cluster, facts);
    if let Some(egress_proxy) = &cluster.spec.egress_proxy {
        if egress_proxy.http_proxy.host.is_empty() {
            let path = "spec.egressProxy.httpProxy.host";
            if !cx.holds_value(path) {
                cx.strict(
                    Rule::MissingField,
                    path,
                    ("the proxy has no host", "write host: NAME, or remove egressProxy"),
                );
            }
        }
        if egress_proxy.http_proxy.port == 0 {
            let path = "spec.egressProxy.httpProxy.port";
            if !cx.holds_value(path) {
                cx.warning(Rule::MissingField, path, ("the proxy has no port", "the default port is 80"));
            }
        }
    }
}

fn ranges(cx: &mut Checker<'_>, cluster: &Cluster, facts: &ClusterFacts) {
    let spec = &cluster.spec;
    let networking = spec.networking.clone().unwrap_or_default();
    if facts.ipv6 && spec.non_masquerade_cidr != "::/0" {
        let message = format!("an IPv6 cluster has nonMasqueradeCIDR ::/0, not {}", spec.non_masquerade_cidr);
        cx.error(Rule::BadRange, "spec.nonMasqueradeCIDR", (message, "write ::/0"));
    }
    // With these plugins, pods have addresses of the VPC.
    let pods_in_vpc = networking.amazonvpc.is_some() || networking.cilium.as_ref().is_some_and(|c| c.ipam == "eni");
    if let (Some(outer), false) = (&facts.non_masquerade, pods_in_vpc) {
        if let Some(network) = facts.network.filter(|network| overlap(outer, network)) {
            let message = format!("nonMasqueradeCIDR {outer} overlaps networkCIDR {network}");
            let path = if spec.non_masquerade_cidr.is_empty() { "spec.networkCIDR" } else { "spec.nonMasqueradeCIDR" };
            cx.error(Rule::Overlap, path, (message, "choose a network outside of the VPC for pods and services"));
        }
        for (i, network) in facts.further_networks.iter().filter(|(_, network)| overlap(outer, network)) {
            let message = format!("nonMasqueradeCIDR {outer} overlaps {network}");
            cx.error(Rule::Overlap, format_args!("spec.additionalNetworkCIDRs[{i}]"), message);
        }
    }
    for (i, network) in &facts.further_networks {
        if facts.network.is_some_and(|first| overlap(&first, network)) {
            let message = format!("{network} overlaps networkCIDR");
            cx.strict(Rule::Overlap, format_args!("spec.additionalNetworkCIDRs[{i}]"), message);
        }
    }
    if let (Some(outer), Some(pods)) = (&facts.non_masquerade, &facts.pods)
        && !outer.contains(pods)
    {
        let message = format!("podCIDR {pods} is outside of nonMasqueradeCIDR {outer}");
        let path = if spec.pod_cidr.is_empty() { "spec.nonMasqueradeCIDR" } else { "spec.podCIDR" };
        cx.error(Rule::BadRange, path, message);
    }
    if let Some(manager) = &spec.kube_controller_manager
        && let (Some(outer), Some(cluster_cidr)) =
            (&facts.non_masquerade, crate::formats::parse_cidr(&manager.cluster_cidr))
        && !outer.contains(&cluster_cidr)
    {
        let message = format!("clusterCIDR {cluster_cidr} is outside of nonMasqueradeCIDR {outer}");
        cx.error(Rule::BadRange, "spec.kubeControllerManager.clusterCIDR", message);
    }
    if let Some(services) = facts.services {
        if services.addr().is_ipv6() != facts.ipv6 {
            let message = format!("serviceClusterIPRange {services} is not of the IP family of nonMasqueradeCIDR");
            cx.strict(Rule::BadRange, "spec.serviceClusterIPRange", message);
        }
        for network in facts.networks().filter(|network| overlap(&services, network)) {
            let message = format!("serviceClusterIPRange {services} overlaps the VPC's network {network}");
            cx.strict(Rule::Overlap, "spec.serviceClusterIPRange", message);
        }
    }
}

/// The fields of the chosen plugins.
fn chosen(networking: &Networking) -> Vec<&'static str> {
    [
        ("amazonvpc", networking.amazonvpc.is_some()),
        ("calico", networking.calico.is_some()),
        ("canal", networking.canal.is_some()),
        ("cilium", networking.cilium.is_some()),
        ("classic", networking.classic.is_some()),
        ("cni", networking.cni.is_some()),
        ("external", networking.external.is_some()),
        ("flannel", networking.flannel.is_some()),
        ("gce", networking.gce.is_some()),
        ("kindnet", networking.kindnet.is_some()),
        ("kopeio", networking.kopeio.is_some()),
        ("kubenet", networking.kubenet.is_some()),
        ("kuberouter", networking.kuberouter.is_some()),
        ("lyftvpc", networking.lyftvpc.is_some()),
        ("romana", networking.romana.is_some()),
        ("weave", networking.weave.is_some()),
    ]
    .into_iter()
    .filter_map(|(name, given)| given.then_some(name))
    .collect()
}

fn plugin(cx: &mut Checker<'_>, cluster: &Cluster, facts: &ClusterFacts) {
    let Some(networking) = &cluster.spec.networking else {
        let hint = "choose one, such as `networking: {cilium: {}}`";
        if !cx.holds_value("spec.networking") {
            cx.strict(Rule::MissingField, "spec.networking", ("no network plugin is chosen", hint));
        }
        return;
    };
    let chosen = chosen(networking);
    if chosen.len() > 1 {
        for name in &chosen {
            let message = format!("only one network plugin is possible, these are {}", chosen.join(", "));
            cx.error(Rule::SeveralPlugins, format_args!("spec.networking.{name}"), (message, "keep one of them"));
        }
    }
    for name in &chosen {
        let on_gce = cluster.is_on_gce();
        let gone = match *name {
            "classic" => "classic networking was removed in Kubernetes 1.4",
            "external" => "the network plugin external was removed in Kubernetes 1.26",
            "weave" => "Weave is no longer supported",
            "canal" => "Canal was removed in Kubernetes 1.28",
            "romana" => "Romana was removed in kops 1.19",
            "lyftvpc" => "LyftVPC is no longer supported",
            "gce" if !on_gce => "the network plugin gce does not work on AWS",
            "amazonvpc" if on_gce => "the network plugin amazonvpc does not work on Google Cloud",
            _ => continue,
        };
        let hint = if *name == "external" { "use cni" } else { "use cilium, calico or another plugin" };
        cx.error(Rule::RemovedPlugin, format_args!("spec.networking.{name}"), (gone, hint));
    }
    for name in chosen.iter().filter(|_| facts.ipv6) {
        if matches!(*name, "kubenet" | "kopeio" | "kuberouter" | "amazonvpc" | "flannel" | "gce") {
            let hint = "use cilium or calico, or an IPv4 nonMasqueradeCIDR";
            cx.error(
                Rule::NoIpv6,
                format_args!("spec.networking.{name}"),
                (format!("{name} does not work with IPv6"), hint),
            );
        }
    }
    if networking.kuberouter.is_some() {
        needs_no_kube_proxy(cx, cluster, "kube-router");
    }
    if networking.flannel.is_some() && !cx.holds_value("spec.networking.flannel.backend") {
        let message = "the default backend of flannel is udp, which is slow";
        cx.warning(
            Rule::SurprisingDefault,
            "spec.networking.flannel",
            (message, "write backend: vxlan, as new clusters have it"),
        );
    }
    if let Some(calico) = &networking.calico {
        calico::check(cx, cluster, calico, facts);
    }
    if let Some(cilium) = &networking.cilium {
        cilium::check(cx, cluster, cilium, facts);
    }
    if let Some(kindnet) = &networking.kindnet
        && let Some(masquerade) = &kindnet.masquerade
    {
        for (i, cidr) in masquerade.non_masquerade_cidrs.iter().enumerate() {
            if let Some(Err(error)) = Format::named("cidr-or-empty").map(|f| f.check(cidr)) {
                let path = format!("spec.networking.kindnet.masquerade.nonMasqueradeCIDRs[{i}]");
                cx.error(Rule::BadCidr, path, error.message);
            }
        }
    }
}
