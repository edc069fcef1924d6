//! The Calico network.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::addon_context::{AddonContext, amount_or};
use super::environment;
use super::plan::{Addon, AddonsError, Plan, Selector, templates};
use super::versions;
use kopsform_spec::v1alpha2::CalicoNetworking;

pub(super) const ADDON: Addon = Addon { directory: "calico", plan };

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Values<'a> {
    images: BTreeMap<&'static str, String>,
    /// What routes between nodes: `bird` where packets are wrapped in IP.
    backend: &'a str,
    /// Which BIRD the health checks look at, if any.
    bird: Option<&'static str>,
    mtu: i32,
    allow_ip_forwarding: bool,
    typha: Option<Typha>,
    bpf: Bpf<'a>,
    pools: Pools<'a>,
    metrics: Metrics,
    ipv4_auto_detection: &'a str,
    ipv6_auto_detection: &'a str,
    src_dst_check: &'a str,
    chain_insert_mode: &'a str,
    iptables_backend: &'a str,
    nftables_mode: &'a str,
    log_severity: &'a str,
    wireguard: bool,
    proxy: Vec<Value>,
    cpu_request: String,
}

/// What stands between many nodes and the API server.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Typha {
    replicas: i32,
    metrics: bool,
    metrics_port: i32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Bpf<'a> {
    enabled: bool,
    external_service_mode: &'a str,
    kube_proxy_iptables_cleanup: bool,
    log_level: &'a str,
}

/// The pool of pod addresses, and when packets are wrapped.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Pools<'a> {
    cidr: &'a str,
    ipip: &'a str,
    vxlan: &'a str,
    vxlan6: &'a str,
}

#[derive(Serialize)]
struct Metrics {
    enabled: bool,
    port: i32,
    go: bool,
    process: bool,
}

/// The value of the spec, or the addon's default if that is empty.
fn or<'a>(own: &'a str, default: &'a str) -> &'a str {
    if own.is_empty() { default } else { own }
}

fn port(own: i32, default: i32) -> i32 {
    if own == 0 { default } else { own }
}

fn plan(scene: &AddonContext<'_>) -> Result<Option<Plan>, AddonsError> {
    let Some(calico) = scene.networking().and_then(|n| n.calico.as_ref()) else { return Ok(None) };
    let ipv6 = scene.values.ipv6;
    let uses_bird = calico.encapsulation_mode == "ipip";
    let typha = (calico.typha_replicas != 0).then(|| Typha {
        replicas: calico.typha_replicas,
        metrics: calico.typha_prometheus_metrics_enabled,
        metrics_port: port(calico.typha_prometheus_metrics_port, 9093),
    });
    let mut files = templates!("calico": "crds", "rbac", "config", "node", "kube-controllers");
    if typha.is_some() {
        files.extend(templates!("calico": "typha"));
    }
    let values = Values {
        images: images(scene, calico),
        backend: if uses_bird { "bird" } else { &calico.encapsulation_mode },
        bird: uses_bird.then_some(if ipv6 { "bird6" } else { "bird" }),
        mtu: calico.mtu.unwrap_or_default(),
        allow_ip_forwarding: calico.allow_ip_forwarding,
        typha,
        bpf: Bpf {
            enabled: calico.bpf_enabled,
            external_service_mode: or(&calico.bpf_external_service_mode, "Tunnel"),
            kube_proxy_iptables_cleanup: calico.bpf_kube_proxy_iptables_cleanup_enabled,
            log_level: or(&calico.bpf_log_level, "Off"),
        },
        pools: pools(scene, calico),
        metrics: Metrics {
            enabled: calico.prometheus_metrics_enabled,
            port: port(calico.prometheus_metrics_port, 9091),
            go: calico.prometheus_go_metrics_enabled,
            process: calico.prometheus_process_metrics_enabled,
        },
        ipv4_auto_detection: or(&calico.ipv4_auto_detection_method, if ipv6 { "none" } else { "first-found" }),
        ipv6_auto_detection: or(&calico.ipv6_auto_detection_method, if ipv6 { "first-found" } else { "none" }),
        // With IPv6 every address of a node is its own, and other clouds than AWS have no such check: there is nothing to change.
        src_dst_check: if ipv6 || scene.on_gce() { "DoNothing" } else { or(&calico.aws_src_dst_check, "Disable") },
        chain_insert_mode: or(&calico.chain_insert_mode, "insert"),
        iptables_backend: or(&calico.iptables_backend, "Auto"),
        nftables_mode: &calico.nftables_mode,
        log_severity: or(&calico.log_severity_screen, "info"),
        wireguard: calico.wireguard_enabled == Some(true),
        proxy: environment::list(&[], &environment::proxy(scene)),
        cpu_request: amount_or(calico.cpu_request.as_ref(), "250m"),
    };
    let content = scene.templates("calico", files, values)?;
    Ok(Some(Plan::new("networking.projectcalico.org", "k8s-1.25", content).selector(Selector::Networking).prune()))
}

/// Calico's images; the spec can set registry and version.
fn images(scene: &AddonContext<'_>, calico: &CalicoNetworking) -> BTreeMap<&'static str, String> {
    let registry = or(&calico.registry, "docker.io");
    let version = or(&calico.version, versions::CALICO.version(scene.minor));
    [("cni", "cni"), ("node", "node"), ("kubeControllers", "kube-controllers"), ("typha", "typha")]
        .map(|(name, repository)| (name, format!("{registry}/calico/{repository}:{version}")))
        .into()
}

fn pools<'a>(scene: &AddonContext<'a>, calico: &'a CalicoNetworking) -> Pools<'a> {
    let mode = |encapsulation: &str, own: &'a str, default: &'a str| {
        if calico.encapsulation_mode == encapsulation { or(own, default) } else { "Never" }
    };
    let manager = scene.cluster.spec.kube_controller_manager.as_ref();
    Pools {
        cidr: manager.map_or("", |manager| &manager.cluster_cidr),
        ipip: mode("ipip", &calico.ipip_mode, "CrossSubnet"),
        vxlan: mode("vxlan", &calico.vxlan_mode, "CrossSubnet"),
        vxlan6: mode("vxlan", &calico.vxlan_mode, "Never"),
    }
}
