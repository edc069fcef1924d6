//! The Cilium network, unless objects that the user stored replace it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::addon_context::{AddonContext, amount_or};
use super::finish::text;
use super::plan::{Addon, AddonsError, Plan, RollingUpdate, Selector, templates};
use kopsform_spec::v1alpha2::{CiliumGatewayApi, CiliumIngress, CiliumNetworking};
use kopsform_yaml as yaml;

pub(super) const ADDON: Addon = Addon { directory: "cilium", plan };

const NAME: &str = "networking.cilium.io";

/// Settings of the agent's config map by key.
type Settings = BTreeMap<&'static str, String>;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Values<'a> {
    images: BTreeMap<&'static str, String>,
    health: Health,
    /// Whether identities are kept in an etcd cluster of Cilium's own.
    etcd: bool,
    /// The content of the secret with IPsec keys.
    ipsec_keys: Option<Value>,
    encryption: Option<Encryption<'a>>,
    identity_allocation_mode: &'a str,
    identity_change_grace_period: &'a str,
    disable_endpoint_crd: bool,
    debug: bool,
    monitor_aggregation: &'a str,
    cluster_name: &'a str,
    cluster_id: u8,
    prometheus: Option<Prometheus<'a>>,
    envoy_config: bool,
    ingress: Option<Ingress>,
    gateway_api: Option<GatewayApi>,
    hubble: Option<Hubble<'a>>,
    masquerade: bool,
    bpf_masquerade: bool,
    auto_direct_node_routes: bool,
    tunnel: &'a str,
    chaining_mode: &'a str,
    ipam: &'a str,
    /// Whether pods have addresses of network interfaces.
    eni: bool,
    node_port: bool,
    socket_load_balancing: bool,
    socket_load_balancing_host_only: bool,
    preallocate_bpf_maps: bool,
    l7_proxy: bool,
    local_redirect_policy: bool,
    service_topology: bool,
    endpoint_health_checking: bool,
    host_firewall: bool,
    cni_exclusive: bool,
    dns_reject_response_code: &'a str,
    agent_annotations: &'a BTreeMap<String, String>,
    operator_annotations: &'a BTreeMap<String, String>,
    cpu_request: String,
    memory_request: String,
}

/// Where health is asked for.
#[derive(Serialize)]
struct Health {
    host: &'static str,
}

#[derive(Serialize)]
struct Encryption<'a> {
    r#type: &'a str,
    /// Whether traffic between nodes is encrypted as well as that between pods.
    nodes: bool,
}

#[derive(Serialize)]
struct Prometheus<'a> {
    port: i64,
    metrics: &'a [String],
}

#[derive(Serialize)]
struct Ingress {
    settings: Settings,
    /// The service of the load balancer that ingresses share.
    service: String,
}

#[derive(Serialize)]
struct GatewayApi {
    settings: Settings,
}

#[derive(Serialize)]
struct Hubble<'a> {
    metrics: &'a [String],
}

fn plan(scene: &AddonContext<'_>) -> Result<Option<Plan>, AddonsError> {
    let Some(cilium) = scene.networking().and_then(|n| n.cilium.as_ref()) else { return Ok(None) };
    if scene.has_own(NAME) {
        return Ok(None);
    }
    let ingress = cilium.ingress.as_ref().filter(|ingress| ingress.enabled == Some(true));
    let gateway_api = cilium.gateway_api.as_ref().filter(|gateway| gateway.enabled == Some(true));
    let hubble = cilium.hubble.as_ref().filter(|hubble| hubble.enabled == Some(true));

    let mut files = templates!("cilium": "config", "rbac", "agent", "operator");
    if ingress.is_some() || gateway_api.is_some() {
        files.extend(templates!("cilium": "envoy"));
    }
    if let Some(ingress) = ingress {
        files.extend(templates!("cilium": "ingress"));
        if matches!(ingress.default_load_balancer_mode.as_str(), "" | "shared") {
            files.extend(templates!("cilium": "ingress-shared"));
        }
    }
    if gateway_api.is_some() {
        files.extend(templates!("cilium": "gateway"));
    }
    if hubble.is_some() {
        files.extend(templates!("cilium": "hubble"));
    }
    let values = Values {
        envoy_config: ingress.is_some() || gateway_api.is_some(),
        ingress: ingress.map(ingress_values),
        gateway_api: gateway_api.map(gateway_values),
        hubble: hubble.map(|hubble| Hubble { metrics: &hubble.metrics }),
        ..values(scene, cilium)
    };
    let content = scene.templates("cilium", files, values)?;
    let plan = Plan { file: "k8s-1.16-v1.15", ..Plan::new(NAME, "k8s-1.16", content) }
        .selector(Selector::Networking)
        .rolling_update(RollingUpdate::All)
        .needs_pki(hubble.is_some())
        .edit(add_extra_settings);
    Ok(Some(plan))
}

fn values<'a>(scene: &AddonContext<'a>, cilium: &'a CiliumNetworking) -> Values<'a> {
    let registry = if cilium.registry.is_empty() { "quay.io" } else { &cilium.registry };
    let image = |name: &str| format!("{registry}/cilium/{name}:{}", cilium.version);
    let ipv6 = scene.values.ipv6;
    Values {
        images: [("agent", image("cilium")), ("operator", image("operator")), ("hubbleRelay", image("hubble-relay"))]
            .into(),
        health: Health { host: if ipv6 { "::1" } else { "127.0.0.1" } },
        etcd: cilium.etcd_managed,
        ipsec_keys: ipsec_keys(scene),
        encryption: cilium
            .enable_encryption
            .then_some(Encryption { r#type: &cilium.encryption_type, nodes: cilium.node_encryption }),
        identity_allocation_mode: &cilium.identity_allocation_mode,
        identity_change_grace_period: &cilium.identity_change_grace_period,
        disable_endpoint_crd: cilium.disable_endpoint_crd,
        debug: cilium.debug,
        monitor_aggregation: &cilium.monitor_aggregation,
        cluster_name: &cilium.cluster_name,
        cluster_id: cilium.cluster_id,
        prometheus: cilium
            .enable_prometheus_metrics
            .then_some(Prometheus { port: cilium.agent_prometheus_port, metrics: &cilium.metrics }),
        envoy_config: false,
        ingress: None,
        gateway_api: None,
        hubble: None,
        masquerade: cilium.disable_masquerade != Some(true),
        bpf_masquerade: cilium.enable_bpf_masquerade == Some(true) && !ipv6,
        auto_direct_node_routes: cilium.auto_direct_node_routes,
        tunnel: &cilium.tunnel,
        chaining_mode: &cilium.chaining_mode,
        ipam: &cilium.ipam,
        eni: cilium.ipam == "eni",
        node_port: cilium.enable_node_port,
        socket_load_balancing: cilium.bpf_lb_sock,
        socket_load_balancing_host_only: cilium.bpf_lb_sock_host_ns_only,
        preallocate_bpf_maps: cilium.preallocate_bpf_maps,
        l7_proxy: cilium.enable_l7_proxy != Some(false),
        local_redirect_policy: cilium.enable_local_redirect_policy == Some(true),
        service_topology: cilium.enable_service_topology,
        endpoint_health_checking: cilium.enable_endpoint_health_checking != Some(false),
        host_firewall: cilium.enable_host_firewall == Some(true),
        cni_exclusive: cilium.cni_exclusive != Some(false),
        dns_reject_response_code: &cilium.to_fqdns_dns_reject_response_code,
        agent_annotations: &cilium.agent_pod_annotations,
        operator_annotations: &cilium.operator_pod_annotations,
        cpu_request: amount_or(cilium.cpu_request.as_ref(), "25m"),
        memory_request: amount_or(cilium.memory_request.as_ref(), "128Mi"),
    }
}

/// The stored secret is YAML, `keys: "3 rfc4106(gcm(aes)) …"`, which becomes the Kubernetes secret's content.
fn ipsec_keys(scene: &AddonContext<'_>) -> Option<Value> {
    let stored = scene.context.secrets.get("ciliumpassword").filter(|bytes| !bytes.is_empty())?;
    let parsed = yaml::parse("ciliumpassword", &String::from_utf8_lossy(stored));
    parsed.documents.first().map(|document| document.root.to_json())
}

fn settings<const N: usize>(settings: [(&'static str, Option<String>); N]) -> Settings {
    settings.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
}

fn ingress_values(ingress: &CiliumIngress) -> Ingress {
    let switch = |value: Option<bool>| value.map(|on| on.to_string());
    let text = |value: &str| (!value.is_empty()).then(|| value.to_owned());
    Ingress {
        settings: settings([
            ("enforce-ingress-https", switch(ingress.enforce_https)),
            ("enable-ingress-secrets-sync", switch(ingress.enable_secrets_sync)),
            ("ingress-lb-annotation-prefixes", text(&ingress.load_balancer_annotation_prefixes)),
            ("ingress-default-lb-mode", text(&ingress.default_load_balancer_mode)),
            ("ingress-shared-lb-service-name", text(&ingress.shared_load_balancer_service_name)),
        ]),
        service: ingress.shared_load_balancer_service_name.clone(),
    }
}

fn gateway_values(gateway: &CiliumGatewayApi) -> GatewayApi {
    let secrets = gateway.enable_secrets_sync.map(|on| on.to_string());
    GatewayApi { settings: settings([("enable-gateway-api-secrets-sync", secrets)]) }
}

/// Settings kops has no option for, `extraConfig`, go over all others.
fn add_extra_settings(scene: &AddonContext<'_>, objects: &mut [Value]) {
    let Some(cilium) = scene.networking().and_then(|n| n.cilium.as_ref()) else { return };
    let is_config =
        |object: &&mut Value| text(object, "/kind") == "ConfigMap" && text(object, "/metadata/name") == "cilium-config";
    let config = objects.iter_mut().find(is_config).and_then(|object| object.get_mut("data"));
    if let Some(data) = config.and_then(Value::as_object_mut) {
        data.extend(cilium.extra_config.iter().map(|(key, value)| (key.clone(), Value::from(value.as_str()))));
    }
}
