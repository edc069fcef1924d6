//! kube-dns, the former cluster DNS.

use std::collections::BTreeMap;

use serde::Serialize;

use super::addon_context::AddonContext;
use super::plan::{Addon, AddonsError, Plan, templates};
use super::versions;

pub(super) const ADDON: Addon = Addon { directory: "kube-dns", plan };

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Values<'a> {
    domain: &'a str,
    #[serde(rename = "serverIP")]
    server_ip: &'a str,
    cache_max_size: i64,
    cache_max_concurrent: i64,
    autoscaler_image: String,
    upstream_nameservers: &'a [String],
    stub_domains: &'a BTreeMap<String, Vec<String>>,
}

fn plan(scene: &AddonContext<'_>) -> Result<Option<Plan>, AddonsError> {
    let Some(dns) = scene.cluster.spec.kube_dns.as_ref().filter(|dns| dns.provider == "KubeDNS") else {
        return Ok(None);
    };
    let own_image = Some(dns.cpa_image.clone()).filter(|image| !image.is_empty());
    let values = Values {
        domain: &dns.domain,
        server_ip: &dns.server_ip,
        cache_max_size: dns.cache_max_size,
        cache_max_concurrent: dns.cache_max_concurrent,
        autoscaler_image: own_image.unwrap_or_else(|| versions::KUBE_DNS_AUTOSCALER.image(scene.minor)),
        upstream_nameservers: &dns.upstream_nameservers,
        stub_domains: &dns.stub_domains,
    };
    let content = scene.templates("kube-dns", templates!("kube-dns": "kube-dns", "autoscaler"), values)?;
    Ok(Some(Plan::new("kube-dns.addons.k8s.io", "k8s-1.12", content)))
}
