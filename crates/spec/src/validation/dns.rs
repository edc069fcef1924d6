//! DNS in the cluster, and the DNS records of the cluster.

use std::net::IpAddr;

use super::checker::Checker;
use super::facts::ClusterFacts;
use crate::names::is_in_zone;
use crate::v1alpha2::{Cluster, KubeDnsConfig, KubeletConfig};
use kopsform_diagnostics::Rule;
use kopsform_env::features::Feature;

pub(super) fn check(cx: &mut Checker<'_>, cluster: &Cluster, facts: &ClusterFacts) {
    let spec = &cluster.spec;
    let none = KubeDnsConfig::default();
    let dns = spec.kube_dns.as_ref().unwrap_or(&none);
    cluster_dns(cx, cluster, dns, facts);
    for (domain, servers) in &dns.stub_domains {
        let path = format!("spec.kubeDNS.stubDomains[{domain:?}]");
        if servers.is_empty() {
            cx.error(
                Rule::MissingField,
                &path,
                (format!("no servers for {domain}"), "add an address, or remove the domain"),
            );
        }
        for (i, server) in servers.iter().enumerate().filter(|(_, s)| s.parse::<IpAddr>().is_err()) {
            cx.error(Rule::BadAddress, format_args!("{path}[{i}]"), format!("{server:?} is not an IP address"));
        }
    }
    if let Some(external_dns) = &spec.external_dns
        && external_dns.provider == "external-dns"
        && !cluster.publishes_dns_records()
    {
        let message = "external-dns needs records in a DNS zone, and this cluster has none";
        cx.error(
            Rule::Conflict,
            "spec.externalDns.provider",
            (message, "remove it, or write spec.topology.dns.type: Public"),
        );
    }
    names(cx, cluster);
    let bastion = spec.topology.as_ref().and_then(|topology| topology.bastion.as_ref());
    if cluster.uses_no_hosted_zone() && bastion.is_some_and(|bastion| !bastion.bastion_public_name.is_empty()) {
        let message = "the cluster has no DNS zone for the name of the bastions";
        cx.warning(Rule::NoEffect, "spec.topology.bastion.bastionPublicName", (message, "remove it"));
    }
    if cluster.uses_no_hosted_zone() && !spec.dns_zone.is_empty() {
        let message = "the cluster has no DNS records, so the zone is not used";
        cx.warning(Rule::NoEffect, "spec.dnsZone", (message, "remove it"));
    }
}

/// Names get records in the hosted zone, so they must be part of it. Route 53 refuses others, which kops does not check.
fn names(cx: &mut Checker<'_>, cluster: &Cluster) {
    if cluster.uses_no_hosted_zone() {
        return;
    }
    let (name, zone) = (cluster.metadata.name.as_str(), cluster.spec.dns_zone.trim_end_matches('.'));
    let public_name = cluster.spec.master_public_name.as_str();
    let bastion = cluster.spec.topology.as_ref().and_then(|topology| topology.bastion.as_ref());
    let bastion = bastion.map_or("", |bastion| bastion.bastion_public_name.as_str());
    let names = [("spec.masterPublicName", public_name), ("spec.topology.bastion.bastionPublicName", bastion)];
    // An id has no dots; facts say which domain it is.
    if zone.contains('.') {
        if !name.is_empty() && !is_in_zone(name, zone) {
            let message = format!("the records of {name} can't be in the zone {zone}");
            let hint = "write the zone of the cluster's name, or remove it";
            cx.strict(Rule::OutsideZone, "spec.dnsZone", (message, hint));
        }
        for (path, host) in names.into_iter().filter(|(_, host)| !host.is_empty() && !is_in_zone(host, zone)) {
            let message = format!("the record {host} can't be in the zone {zone}");
            cx.strict(Rule::OutsideZone, path, (message, format!("write a name such as api.{zone}")));
        }
    } else if zone.is_empty() && !name.is_empty() {
        // The zone is the longest one that the cluster's name is part of.
        for (path, host) in names.into_iter().filter(|(_, host)| !host.is_empty()) {
            let common = name.rsplit('.').zip(host.rsplit('.')).take_while(|(a, b)| a.eq_ignore_ascii_case(b)).count();
            if common < 2 {
                let message = format!("the record {host} can't be in a zone of {name}");
                cx.strict(Rule::OutsideZone, path, (message, format!("write a name such as api.{name}")));
            }
        }
    }
}

/// The DNS server of pods: the address of the service, or of the cache on each node.
fn cluster_dns(cx: &mut Checker<'_>, cluster: &Cluster, dns: &KubeDnsConfig, facts: &ClusterFacts) {
    let spec = &cluster.spec;
    let default = facts.default_dns_address();
    let server: Option<IpAddr> = match dns.server_ip.as_str() {
        "" if cx.holds_value("spec.kubeDNS.serverIP") => return,
        "" => default,
        text => text.parse().ok(),
    };
    if let (Some(server), Some(services), false) = (server, facts.services, dns.server_ip.is_empty())
        && !services.contains(&server)
    {
        let message = format!("{server} is outside of serviceClusterIPRange {services}");
        let hint = default.map(|d| format!("such as {d}")).unwrap_or_default();
        cx.error(Rule::OutsideNetwork, "spec.kubeDNS.serverIP", (message, hint));
    }
    let cache = dns.node_local_dns.as_ref().filter(|cache| cache.enabled == Some(true));
    if cache.is_some() && !matches!(dns.provider.as_str(), "" | "CoreDNS") {
        let message = format!("the cache on nodes does not work with {}", dns.provider);
        cx.error(Rule::Conflict, "spec.kubeDNS.provider", (message, "write CoreDNS"));
    }
    let default_cache = if facts.ipv6 { "fd00:90de:d95::1" } else { "169.254.20.10" };
    let given = dns.node_local_dns.as_ref().map_or("", |cache| cache.local_ip.as_str());
    let local = if given.is_empty() && cache.is_some() { default_cache } else { given };
    let local: Option<IpAddr> = local.parse().ok();
    let only_local = cache.is_some()
        && (spec.kube_proxy.as_ref().is_some_and(|p| p.proxy_mode == "ipvs")
            || spec.networking.as_ref().is_some_and(|n| n.cilium.is_some()));
    let chosen = |kubelet: Option<&KubeletConfig>| match kubelet.map_or("", |k| k.cluster_dns.as_str()) {
        "" if cache.is_some() => local,
        "" => default,
        text => text.parse().ok(),
    };
    as_written(cx, cluster, dns, only_local);
    // The control plane uses spec.kubelet where spec.masterKubelet has no address.
    let own = spec.master_kubelet.as_ref().filter(|kubelet| !kubelet.cluster_dns.is_empty());
    for (path, kubelet) in
        [("kubelet", spec.kubelet.as_ref())].into_iter().chain(own.map(|own| ("masterKubelet", Some(own))))
    {
        let Some(address) = chosen(kubelet) else { continue };
        let written = format!("spec.{path}.clusterDNS");
        let written = if cx.holds(&written) { written } else { "spec.kubeDNS.serverIP".to_owned() };
        if only_local && Some(address) != local {
            let message = format!("pods ask {address}, but with this network only the cache on nodes answers");
            cx.error(Rule::DnsMismatch, &written, (message, "remove clusterDNS"));
        } else if Some(address) != server
            && Some(address) != local
            && !cx.features.enabled(Feature::ExperimentalClusterDns)
        {
            let server = server.map(|s| s.to_string()).unwrap_or_default();
            let message = format!("pods would ask {address}, but DNS is served at {server}");
            cx.error(
                Rule::DnsMismatch,
                &written,
                (message, "write the same address in kubeDNS.serverIP and kubelet.clusterDNS, or neither"),
            );
        }
    }
}

/// kops also checks the addresses before it fills in defaults, if kubeDNS.serverIP is written: kubelet settings without an
/// address are then refused.
fn as_written(cx: &mut Checker<'_>, cluster: &Cluster, dns: &KubeDnsConfig, only_local: bool) {
    let Some(cache) = &dns.node_local_dns else { return };
    if dns.server_ip.is_empty() {
        return;
    }
    let kubelets = [("kubelet", &cluster.spec.kubelet), ("masterKubelet", &cluster.spec.master_kubelet)];
    for (field, kubelet) in kubelets.into_iter().filter_map(|(field, kubelet)| Some((field, kubelet.as_ref()?))) {
        let chosen = kubelet.cluster_dns.as_str();
        if chosen == cache.local_ip {
            continue;
        }
        if only_local && !chosen.is_empty() {
            let message = format!("pods ask {chosen}, and kubeDNS.nodeLocalDNS.localIP does not say so");
            let note = (message, format!("write localIP: {chosen}, or remove clusterDNS and kubeDNS.serverIP"));
            cx.error(Rule::DnsMismatch, format_args!("spec.{field}.clusterDNS"), note);
        } else if chosen.is_empty() && !cx.features.enabled(Feature::ExperimentalClusterDns) {
            let message = format!("{field} does not say which DNS server pods ask, while kubeDNS.serverIP is written");
            let note = (message, "write clusterDNS, or remove kubeDNS.serverIP");
            cx.error(Rule::DnsMismatch, format_args!("spec.{field}"), note);
        }
    }
}

impl Cluster {
    fn uses_no_hosted_zone(&self) -> bool {
        !self.publishes_dns_records()
    }
}
