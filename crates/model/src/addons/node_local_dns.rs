//! A cache of the cluster DNS on every node.

use std::collections::BTreeMap;

use serde::Serialize;

use super::addon_context::{AddonContext, amount};
use super::coredns;
use super::plan::{Addon, AddonsError, Plan, RollingUpdate, templates};
use super::versions;

pub(super) const ADDON: Addon = Addon { directory: "node-local-dns", plan };

/// The port of the cache's health check.
const HEALTH_PORT: u16 = 3989;
/// The cache replaces this by the address of the cluster DNS.
const CLUSTER_DNS: &str = "__PILLAR__CLUSTER__DNS__";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Values<'a> {
    domain: &'a str,
    image: String,
    #[serde(rename = "localIP")]
    local_ip: &'a str,
    cpu_request: Option<String>,
    memory_request: Option<String>,
    pod_annotations: &'a BTreeMap<String, String>,
    external_corefile: &'a str,
    additional_config: &'a str,
    forward_to_kube_dns: bool,
    /// Zones other than the cluster's that the cluster DNS answers for.
    forwarded_zones: Vec<&'static str>,
    cluster_dns: &'a str,
    health_address: String,
    health_port: u16,
}

fn plan(scene: &AddonContext<'_>) -> Result<Option<Plan>, AddonsError> {
    let Some(dns) = coredns::settings(scene.cluster) else { return Ok(None) };
    let Some(local) = dns.node_local_dns.as_ref().filter(|local| local.enabled == Some(true)) else { return Ok(None) };
    let forward = local.forward_to_kube_dns == Some(true);
    let uses_ipvs = scene.cluster.spec.kube_proxy.as_ref().is_some_and(|proxy| proxy.proxy_mode == "ipvs");
    let values = Values {
        domain: &dns.domain,
        image: local.image.clone().unwrap_or_else(|| versions::NODE_LOCAL_DNS.image(scene.minor)),
        local_ip: &local.local_ip,
        cpu_request: amount(local.cpu_request.as_ref()),
        memory_request: amount(local.memory_request.as_ref()),
        pod_annotations: &local.pod_annotations,
        external_corefile: &local.external_core_file,
        additional_config: &local.additional_config,
        forward_to_kube_dns: forward,
        forwarded_zones: if forward { vec!["."] } else { vec!["in-addr.arpa", "ip6.arpa"] },
        cluster_dns: if uses_ipvs { &dns.server_ip } else { CLUSTER_DNS },
        health_address: match local.local_ip.as_str() {
            ipv6 if ipv6.contains(':') => format!("[{ipv6}]:{HEALTH_PORT}"),
            ipv4 => format!("{ipv4}:{HEALTH_PORT}"),
        },
        health_port: HEALTH_PORT,
    };
    let content =
        scene.templates("node-local-dns", templates!("node-local-dns": "node-local-dns", "corefile"), values)?;
    Ok(Some(Plan::new("nodelocaldns.addons.k8s.io", "k8s-1.12", content).rolling_update(RollingUpdate::All)))
}
