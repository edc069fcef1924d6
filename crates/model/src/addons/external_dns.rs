//! external-dns: writes records of services and ingresses in dns-controller's stead.

use serde::Serialize;

use super::addon_context::AddonContext;
use super::plan::{Addon, AddonsError, Plan, templates};

pub(super) const ADDON: Addon = Addon { directory: "external-dns", plan };

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Values<'a> {
    watch_ingress: bool,
    watch_namespace: &'a str,
    dns_zone: &'a str,
}

fn plan(scene: &AddonContext<'_>) -> Result<Option<Plan>, AddonsError> {
    let spec = &scene.cluster.spec;
    let Some(dns) = spec.external_dns.as_ref().filter(|dns| dns.provider == "external-dns") else { return Ok(None) };
    if scene.context.uses_no_dns() {
        return Ok(None);
    }
    let values = Values {
        watch_ingress: dns.watch_ingress != Some(false),
        watch_namespace: &dns.watch_namespace,
        dns_zone: &spec.dns_zone,
    };
    let content = scene.templates("external-dns", templates!("external-dns": "external-dns"), values)?;
    Ok(Some(Plan::new("external-dns.addons.k8s.io", "k8s-1.19", content)))
}
