//! CoreDNS, the cluster DNS, and what scales it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::addon_context::{AddonContext, amount};
use super::plan::{Addon, AddonsError, Plan, templates};
use super::versions;
use kopsform_spec::v1alpha2::{Affinity, Cluster, KubeDnsConfig, Toleration};

pub(super) const ADDON: Addon = Addon { directory: "coredns", plan };

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Values<'a> {
    domain: &'a str,
    #[serde(rename = "serverIP")]
    server_ip: &'a str,
    image: String,
    autoscaler_image: String,
    memory_limit: Option<String>,
    cpu_request: Option<String>,
    memory_request: Option<String>,
    pod_annotations: &'a BTreeMap<String, String>,
    tolerations: Vec<Toleration>,
    affinity: Option<&'a Affinity>,
    external_corefile: &'a str,
    /// Where questions go that the cluster cannot answer.
    upstream: String,
    /// Whether names of the cluster are in the node's hosts file, because no DNS has them.
    uses_hosts_file: bool,
    hosts_domain: &'a str,
}

/// The settings of the cluster DNS where it is CoreDNS, which is the default.
pub(super) fn settings(cluster: &Cluster) -> Option<&KubeDnsConfig> {
    cluster.spec.kube_dns.as_ref().filter(|dns| matches!(dns.provider.as_str(), "" | "CoreDNS"))
}

fn plan(scene: &AddonContext<'_>) -> Result<Option<Plan>, AddonsError> {
    let Some(dns) = settings(scene.cluster) else { return Ok(None) };
    let image = |own: &str, component: versions::Component| match own {
        "" => component.image(scene.minor),
        own => own.to_owned(),
    };
    let upstream = match dns.upstream_nameservers.as_slice() {
        [] => "/etc/resolv.conf".to_owned(),
        servers => servers.join(" "),
    };
    let tolerations = match dns.tolerations.as_slice() {
        [] => {
            let (key, operator) = ("CriticalAddonsOnly".to_owned(), "Exists".to_owned());
            vec![Toleration { key, operator, ..Toleration::default() }]
        }
        own => own.to_vec(),
    };
    let values = Values {
        domain: &dns.domain,
        server_ip: &dns.server_ip,
        image: image(&dns.core_dns_image, versions::COREDNS),
        autoscaler_image: image(&dns.cpa_image, versions::COREDNS_AUTOSCALER),
        memory_limit: amount(dns.memory_limit.as_ref()),
        cpu_request: amount(dns.cpu_request.as_ref()),
        memory_request: amount(dns.memory_request.as_ref()),
        pod_annotations: &dns.pod_annotations,
        tolerations,
        affinity: dns.affinity.as_ref(),
        external_corefile: &dns.external_core_file,
        upstream,
        uses_hosts_file: !scene.context.publishes_dns(),
        hosts_domain: if scene.values.gossip { "k8s.local" } else { &scene.values.name },
    };
    let content = scene.templates("coredns", templates!("coredns": "coredns", "corefile", "autoscaler"), values)?;
    Ok(Some(Plan::new("coredns.addons.k8s.io", "k8s-1.12", content)))
}
