//! Cilium.

use super::checker::Checker;
use super::facts::ClusterFacts;
use super::requirements::{needs_cert_manager, needs_no_kube_proxy};
use crate::v1alpha2::{CiliumNetworking, Cluster};
use kopsform_diagnostics::Rule;

/// The minor release whose configuration is written.
const MINOR: u64 = 18;

pub(super) fn check(cx: &mut Checker<'_>, cluster: &Cluster, cilium: &CiliumNetworking, facts: &ClusterFacts) {
    let path = |field: &str| format!("spec.networking.cilium.{field}");
    version(cx, &cilium.version);
    if cilium.hubble.as_ref().is_some_and(|h| h.enabled != Some(false)) && !facts.cert_manager {
        let field = if cx.holds(&path("hubble.enabled")) { "hubble.enabled" } else { "hubble" };
        cx.error(Rule::NeedsCertManager, path(field), needs_cert_manager("Hubble"));
    }
    if cilium.enable_node_port {
        needs_no_kube_proxy(cx, cluster, "Cilium with enableNodePort");
    }
    if cilium.identity_allocation_mode == "kvstore" && !cilium.etcd_managed {
        let message = "identityAllocationMode kvstore needs etcdManaged";
        cx.error(Rule::NeedsEtcd, path("identityAllocationMode"), (message, "write etcdManaged: true, or crd"));
    }
    if cilium.bpf_lb_sock_host_ns_only && !cilium.bpf_lb_sock {
        cx.error(Rule::NeedsField, path("bpfLBSockHostNSOnly"), ("this needs bpfLBSock", "write bpfLBSock: true"));
    }
    if cilium.enable_encryption && facts.ipv6 {
        cx.error(Rule::NoIpv6, path("enableEncryption"), ("encryption does not work with IPv6", "remove it"));
    }
    if !cilium.encryption_type.is_empty() && !cilium.enable_encryption {
        let message = "encryptionType is set, but encryption is not enabled";
        cx.error(Rule::NeedsField, path("encryptionType"), (message, "write enableEncryption: true"));
    }
    if cilium.node_encryption && !(cilium.enable_encryption && cilium.encryption_type == "wireguard") {
        let message = "only WireGuard encrypts traffic between nodes";
        cx.strict(
            Rule::NeedsField,
            path("nodeEncryption"),
            (message, "write enableEncryption: true and encryptionType: wireguard"),
        );
    }
    // IPTablesRulesNoinstall is inverted: true means that no rules are installed.
    if cilium.enable_l7_proxy != Some(false) && cilium.iptables_rules_noinstall == Some(true) {
        let message = "the L7 proxy needs iptables rules";
        let field = if cilium.enable_l7_proxy.is_some() { "enableL7Proxy" } else { "IPTablesRulesNoinstall" };
        cx.error(
            Rule::Conflict,
            path(field),
            (message, "remove IPTablesRulesNoinstall, or write enableL7Proxy: false"),
        );
    }
    if cilium.ipam == "eni" && facts.ipv6 {
        let message = "IPAM mode eni does not work with IPv6";
        cx.error(Rule::NoIpv6, path("ipam"), (message, "write kubernetes, or an IPv4 nonMasqueradeCIDR"));
    }
    if cilium.etcd_managed && !cluster.spec.etcd_clusters.iter().any(|c| c.name == "cilium") {
        let hint = "add one named cilium, with the members of main";
        cx.error(
            Rule::MissingEtcdCluster,
            "spec.etcdClusters",
            ("Cilium with etcdManaged needs an etcd cluster of its own", hint),
        );
    }
}

fn version(cx: &mut Checker<'_>, text: &str) {
    const PATH: &str = "spec.networking.cilium.version";
    if text.is_empty() {
        return;
    }
    let Some(bare) = text.strip_prefix('v') else {
        return cx.error(
            Rule::BadVersion,
            PATH,
            (format!("the version {text} of Cilium has no leading v"), format!("did you mean v{text}?")),
        );
    };
    match semver::Version::parse(bare) {
        Ok(version) if version.minor == MINOR => {}
        Ok(_) => {
            let message = format!("Cilium {text} is not supported, only 1.{MINOR}");
            cx.error(Rule::UnsupportedVersion, PATH, (message, "remove the field to use the version that kops ships"));
        }
        Err(_) => cx.error(Rule::BadVersion, PATH, format!("{text:?} is not a version of Cilium such as v1.{MINOR}.6")),
    }
}
