//! kops-controller: signs node certificates, hands out node configurations and labels nodes.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};

use super::addon_context::AddonContext;
use super::environment;
use super::plan::{Addon, AddonsError, Plan, RollingUpdate, templates};
use kopsform_env as env;
use kopsform_env::features::Feature;
use kopsform_spec::v1alpha2::InstanceGroup;

pub(super) const ADDON: Addon = Addon { directory: "kops-controller", plan };

/// Where kops-controller listens.
const PORT: u16 = 3988;
/// How far the clock of a node on Google Cloud may be off, as its identity token is only valid for a while.
const MAX_TIME_SKEW_SECONDS: u32 = 300;
/// Where it finds certificate authorities on its node.
const PKI: &str = "/etc/kubernetes/kops-controller/pki";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Values {
    config: String,
    env: Vec<Value>,
    use_host_certificates: bool,
    discovery_services: Vec<DiscoveryService>,
}

/// A service without an address of its own, from which gossip learns where something runs.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DiscoveryService {
    name: String,
    internal_name: String,
    port: u16,
    selector: BTreeMap<&'static str, String>,
}

fn plan(scene: &AddonContext<'_>) -> Result<Option<Plan>, AddonsError> {
    let values = Values {
        config: config(scene).to_string(),
        env: variables(scene),
        // As in kops, the mount is there as soon as the option is set, even to false.
        use_host_certificates: scene.cluster.spec.use_host_certificates.is_some(),
        discovery_services: discovery_services(scene),
    };
    let files = templates!("kops-controller": "kops-controller", "config", "rbac", "discovery");
    let content = scene.templates("kops-controller", files, values)?;
    let plan = Plan::new("kops-controller.addons.k8s.io", "k8s-1.16", content);
    Ok(Some(plan.rolling_update(RollingUpdate::ControlPlane)))
}

fn variables(scene: &AddonContext<'_>) -> Vec<Value> {
    let mut variables = environment::state_store(scene);
    for name in [env::KOPS_RUN_TOO_NEW_VERSION, env::KOPS_BASE_URL] {
        if let Some(value) = scene.context.environment.get(name) {
            variables.insert(name.to_owned(), value.to_owned());
        }
    }
    environment::list(&[("KUBERNETES_SERVICE_HOST", "127.0.0.1")], &variables)
}

/// The roles by which kops-controller recognises nodes.
fn node_roles(scene: &AddonContext<'_>) -> BTreeSet<String> {
    use kopsform_spec::v1alpha2::InstanceGroupRole::{ApiServer, Node};
    let roles = |group: &InstanceGroup| match group.own_instance_profile() {
        Some(profile) => scene.context.facts.instance_profiles.get(profile).cloned().unwrap_or_default(),
        None => vec![scene.context.iam_name(group.role()).into()],
    };
    scene.context.all_groups.iter().filter(|group| matches!(group.role(), Node | ApiServer)).flat_map(roles).collect()
}

/// How kops-controller verifies that a node is one of the cluster's.
fn provider(scene: &AddonContext<'_>) -> Value {
    if scene.on_gce() {
        return json!({ "gce": {
            "projectID": scene.values.project,
            "region": scene.values.region,
            "clusterName": scene.values.name,
            "MaxTimeSkew": MAX_TIME_SKEW_SECONDS,
        } });
    }
    json!({ "aws": { "nodesRoles": node_roles(scene), "Region": scene.values.region } })
}

fn config(scene: &AddonContext<'_>) -> Value {
    let spec = &scene.cluster.spec;
    let mut certificates = vec!["kubelet", "kubelet-server"];
    let mut authorities = vec!["kubernetes-ca"];
    let networking = scene.networking();
    if networking.is_some_and(|n| n.cilium.is_some()) && spec.etcd_clusters.iter().any(|etcd| etcd.name == "cilium") {
        certificates.push("etcd-client-cilium");
        authorities.push("etcd-clients-ca-cilium");
    }
    if spec.kube_proxy.as_ref().is_none_or(|proxy| proxy.enabled != Some(false)) {
        certificates.push("kube-proxy");
    }
    if networking.is_some_and(|n| n.kuberouter.is_some()) {
        certificates.push("kube-router");
    }
    let mut config = json!({
        "clusterName": scene.values.name,
        "cloud": scene.cloud.name(),
        "configBase": spec.config_base,
        "secretStore": spec.secret_store,
        "server": {
            "Listen": format!(":{PORT}"),
            "provider": provider(scene),
            "serverKeyPath": format!("{PKI}/kops-controller.key"),
            "serverCertificatePath": format!("{PKI}/kops-controller.crt"),
            "caBasePath": PKI,
            "signingCAs": authorities,
            "certNames": certificates,
        },
    });
    if scene.context.features.enabled(Feature::CacheNodeidentityInfo) {
        config["cacheNodeidentityInfo"] = true.into();
    }
    if scene.context.features.enabled(Feature::ClusterApi) {
        config["capi"] = json!({ "enabled": true });
    }
    if scene.values.ipv6 {
        config["enableCloudIPAM"] = true.into();
    }
    if scene.values.gossip {
        config["discovery"] = json!({ "enabled": true });
    }
    config
}

fn discovery_services(scene: &AddonContext<'_>) -> Vec<DiscoveryService> {
    if !scene.values.gossip {
        return Vec::new();
    }
    let service = |name: &str, internal_name: String, port, app: String| DiscoveryService {
        name: format!("{name}-internal"),
        internal_name,
        port,
        selector: BTreeMap::from([("k8s-app", app)]),
    };
    let mut services = vec![
        service("api", "api".to_owned(), 443, "kops-controller".to_owned()),
        service("kops-controller", "kops-controller".to_owned(), PORT, "kops-controller".to_owned()),
    ];
    if scene.context.features.enabled(Feature::ApiServerNodes) {
        services.extend(scene.cluster.spec.etcd_clusters.iter().map(|etcd| {
            let port = match etcd.name.as_str() {
                "events" => 4002,
                "cilium" => 4003,
                "leases" => 4004,
                _ => 4001,
            };
            service(
                &format!("etcd-{}", etcd.name),
                format!("{}.etcd", etcd.name),
                port,
                format!("etcd-manager-{}", etcd.name),
            )
        }));
    }
    services
}
